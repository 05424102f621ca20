// SPDX-License-Identifier: GPL-2.0
/* The settings file: every key arrives, and what is wrong is refused with place, value and remedy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "settings.h"
#include "unit/files.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct fixture {
	struct files files;
	struct settings settings;
	char error[512];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	files_begin(&f->files);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	settings_free(&f->settings);
	files_end(&f->files);
	free(f);
	return 0;
}

static int load_bytes(struct fixture *f, const void *bytes, size_t n)
{
	files_write(&f->files, "x.yaml", bytes, n);
	settings_free(&f->settings);
	f->error[0] = '\0';
	return settings_load(&f->settings, f->files.path, true, f->error, sizeof(f->error));
}

static const struct settings *accept(struct fixture *f, const char *text)
{
	if (load_bytes(f, text, strlen(text)))
		fail_msg("refused: %s\n%s", f->error, text);
	return &f->settings;
}

/* The complaint is this line behind the file's name: ":2: what". */
static void refuse(struct fixture *f, const char *text, const char *complaint)
{
	size_t name;

	assert_int_equal(load_bytes(f, text, strlen(text)), -EINVAL);
	name = strlen(f->files.path);
	assert_memory_equal(f->error, f->files.path, name);
	assert_string_equal(f->error + name, complaint);
	assert_null(f->settings.listen); /* nothing is left in it */
}

static void assert_defaults(const struct settings *s)
{
	assert_int_equal(s->interfaces_count, 0);
	assert_int_equal(s->sites_count, 0);
	assert_int_equal(s->ranges_count, 1);
	assert_int_equal(s->nat64_count, 1);
	assert_string_equal(s->nat64[0], "64:ff9b::/96");
	assert_string_equal(s->watch_role, "inside");
	assert_string_equal(s->listen, "127.0.0.1:10477");
	assert_string_equal(s->socket, "/run/xreach/xreach.sock");
	assert_null(s->event_log);
	assert_memory_equal(&s->waits, &waits_default, sizeof(waits_default));
	assert_int_equal(s->attempts_max, 131072);
	assert_int_equal(s->flows_max, 131072);
	assert_false(s->no_socket_hooks);
	assert_false(s->force);
}

static void every_key_arrives(void **state)
{
	const struct settings *s = accept(*state, "interfaces:\n"
						  "  - name: eth0\n"
						  "    role: inside\n"
						  "  - name: eth1.100\n"
						  "    role: outside\n"
						  "  - name: ppp0\n"
						  "watch_role: outside\n"
						  "sites:\n"
						  "  - name: lahore\n"
						  "    prefixes: [100.72.0.0/16, '2001:db8::/32']\n"
						  "  - {name: karachi_2-b, prefixes: [10.0.0.0/20]}\n"
						  "ranges: [a.ranges, /b]\n"
						  "nat64: [64:ff9b::/96, 2001:db8:64::/48]\n"
						  "listen: '[::1]:9999'\n"
						  "event_log: /var/log/xreach.jsonl\n"
						  "socket: /run/x.sock\n"
						  "waits:\n"
						  "  syn_live: 1500ms\n"
						  "  syn: 30\n"
						  "  payload: 11s\n"
						  "  post_ack: 2m\n"
						  "  frozen: 16\n"
						  "  idle: 5m\n"
						  "attempts: 4096\n"
						  "flows: 1024\n"
						  "socket_hooks: no\n");

	assert_int_equal(s->interfaces_count, 3);
	assert_string_equal(s->interfaces[0].name, "eth0");
	assert_string_equal(s->interfaces[0].role, "inside");
	assert_string_equal(s->interfaces[1].name, "eth1.100");
	assert_string_equal(s->interfaces[1].role, "outside");
	assert_string_equal(s->interfaces[2].name, "ppp0");
	assert_null(s->interfaces[2].role);
	assert_string_equal(s->watch_role, "outside");
	assert_int_equal(s->sites_count, 2);
	assert_string_equal(s->sites[0].name, "lahore");
	assert_int_equal(s->sites[0].prefixes_count, 2);
	assert_string_equal(s->sites[0].prefixes[0], "100.72.0.0/16");
	assert_string_equal(s->sites[0].prefixes[1], "2001:db8::/32");
	assert_string_equal(s->sites[1].name, "karachi_2-b");
	assert_string_equal(s->sites[1].prefixes[0], "10.0.0.0/20");
	assert_int_equal(s->ranges_count, 2);
	assert_string_equal(s->ranges[0], "a.ranges");
	assert_string_equal(s->ranges[1], "/b");
	assert_int_equal(s->nat64_count, 2);
	assert_string_equal(s->nat64[1], "2001:db8:64::/48");
	assert_string_equal(s->listen, "[::1]:9999");
	assert_string_equal(s->event_log, "/var/log/xreach.jsonl");
	assert_string_equal(s->socket, "/run/x.sock");
	assert_int_equal(s->waits.syn_live_ms, 1500);
	assert_int_equal(s->waits.syn_final_ms, 30000);
	assert_int_equal(s->waits.payload_ms, 11000);
	assert_int_equal(s->waits.post_ack_ms, 120000);
	assert_int_equal(s->waits.frozen_ms, 16000);
	assert_int_equal(s->waits.idle_ms, 300000);
	assert_int_equal(s->waits.linger_ms, waits_default.linger_ms);
	assert_int_equal(s->waits.fin_ms, waits_default.fin_ms);
	assert_int_equal(s->attempts_max, 4096);
	assert_int_equal(s->flows_max, 1024);
	assert_true(s->no_socket_hooks);
}

static void a_file_that_says_nothing_leaves_the_defaults(void **state)
{
	static const char *const texts[] = {
		"", "\n\n", "# nothing\n\n# here\n", "---\n", "--- # x\n...\n", "{}\n"
	};

	for (size_t i = 0; i < N(texts); i++)
		assert_defaults(accept(*state, texts[i]));
}

static void a_key_without_a_value_leaves_its_default(void **state)
{
	assert_defaults(accept(*state,
			       "interfaces:\nwatch_role:\nsites:\n#  - name: a\nranges:\nnat64:\nlisten:\n"
			       "event_log:\nsocket:\nwaits:\n#  syn: 3\nattempts:\nflows:\nsocket_hooks:\n"));
	assert_defaults(accept(*state, "interfaces: []\nsites: []\nranges: []\nnat64: []\nwaits: {}\nlisten: ~\n"
				       "socket: null\n"));
}

static void an_empty_text_turns_the_endpoint_and_the_log_off(void **state)
{
	const struct settings *s = accept(*state, "listen: \"\"\nevent_log: \"\"\n");

	assert_string_equal(s->listen, "");
	assert_null(s->event_log);
	assert_string_equal(accept(*state, "listen: ''\n")->listen, "");
}

static void socket_hooks_takes_the_usual_words(void **state)
{
	static const char *const yes[] = { "true", "yes", "on", "True", "YES" };
	static const char *const no[] = { "false", "no", "off", "False", "OFF" };
	char text[64];

	for (size_t i = 0; i < N(yes); i++) {
		snprintf(text, sizeof(text), "socket_hooks: %s\n", yes[i]);
		assert_false(accept(*state, text)->no_socket_hooks);
		snprintf(text, sizeof(text), "socket_hooks: %s\n", no[i]);
		assert_true(accept(*state, text)->no_socket_hooks);
	}
	refuse(*state, "flows: 100\nsocket_hooks: maybe\n",
	       ":2: socket_hooks: 'maybe' is neither true nor false; write one of them");
}

static void a_missing_file_is_an_error_only_if_it_was_asked_for(void **state)
{
	struct fixture *f = *state;
	const char *path = files_path(&f->files, "none.yaml");

	assert_int_equal(settings_load(&f->settings, path, false, f->error, sizeof(f->error)), 0);
	assert_defaults(&f->settings);
	settings_free(&f->settings);
	assert_int_equal(settings_load(&f->settings, path, true, f->error, sizeof(f->error)), -ENOENT);
	assert_memory_equal(f->error, path, strlen(path));
	assert_string_equal(f->error + strlen(path), ": No such file or directory; name a readable file with -c");
	assert_null(f->settings.listen);
}

static void a_directory_and_a_path_through_a_file_are_refused(void **state)
{
	struct fixture *f = *state;
	char path[256];

	assert_int_equal(settings_load(&f->settings, f->files.directory, false, f->error, sizeof(f->error)),
			 -EISDIR);
	assert_non_null(strstr(f->error, "Is a directory"));
	files_write(&f->files, "x.yaml", "", 0);
	snprintf(path, sizeof(path), "%s/y", f->files.path);
	assert_int_equal(settings_load(&f->settings, path, false, f->error, sizeof(f->error)), -ENOTDIR);
}

static void a_file_longer_than_a_mebibyte_is_refused_and_one_of_it_is_read(void **state)
{
	size_t n = 1024 * 1024;
	char *text = malloc(n + 1);
	struct fixture *f = *state;

	memset(text, '#', n + 1);
	assert_int_equal(load_bytes(f, text, n), 0);
	assert_int_equal(load_bytes(f, text, n + 1), -EFBIG);
	assert_non_null(strstr(f->error, ": longer than 1048576 bytes, so no settings file; name another with -c"));
	free(text);
}

static void binary_junk_is_refused_whatever_it_is(void **state)
{
	struct fixture *f = *state;
	unsigned char junk[300];
	unsigned int seed = 1;

	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof(junk); i++) {
			seed = seed * 1103515245 + 12345;
			junk[i] = (unsigned char)(seed >> 16);
		}
		junk[0] = 0x7f; /* a control character first: nothing of this is YAML */
		assert_int_equal(load_bytes(f, junk, sizeof(junk)), -EINVAL);
		assert_null(f->settings.listen);
		for (const char *p = f->error; *p; p++)
			assert_true((unsigned char)*p >= 0x20);
	}
}

static void what_is_no_yaml_is_refused_with_line_and_column(void **state)
{
	refuse(*state, "flows: 100\n\tlisten: x\n",
	       ":2: no YAML at column 1: found a tab character that violates indentation; check indentation and quotes");
	refuse(*state, "flows: 100\na: b: c\n",
	       ":2: no YAML at column 5: mapping values are not allowed in this context; check indentation and "
	       "quotes");
}

static void a_list_or_a_word_is_no_settings_file(void **state)
{
	refuse(*state, "- a\n", ": the file: is no set of keys with values; write 'key: value'");
	refuse(*state, "hello\n", ": the file: is no set of keys with values; write 'key: value'");
}

static void a_second_document_is_refused_not_ignored(void **state)
{
	refuse(*state, "flows: 100\n---\nflows: 200\n",
	       ":2: a second document begins here; put all into one, without '---'");
}

static void aliases_are_refused(void **state)
{
	refuse(*state, "listen: &a 127.0.0.1:1\nsocket: *a\n",
	       ":2: anchors and aliases (&, *) are not understood; write the value out");
}

static void an_unknown_key_is_refused_with_the_one_that_was_meant(void **state)
{
	refuse(*state, "listen: 127.0.0.1:80\nsite: []\n", ":2: unknown key 'site'; did you mean sites?");
	refuse(*state, "waits:\n  syn: 3\n  payloat: 3\n", ":3: unknown key 'payloat'; did you mean payload?");
	refuse(*state, "interfaces:\n  - name: eth0\n    rolle: inside\n",
	       ":3: unknown key 'rolle'; did you mean role?");
	refuse(*state, "name: x\n", ":1: unknown key 'name' in this place; see xreach(8) for the keys");
	refuse(*state, "bandwidth: 3\n", ":1: unknown key 'bandwidth' in this place; see xreach(8) for the keys");
}

static void a_key_given_twice_is_refused(void **state)
{
	refuse(*state, "flows: 100\nflows: 200\n", ":1: flows is given twice; leave one out");
}

static void a_value_of_the_wrong_shape_is_refused_with_the_right_one(void **state)
{
	refuse(*state, "ranges: a.ranges\n", ":1: ranges: is one value, but a list is wanted; write [one, two]");
	refuse(*state, "listen: [a]\n",
	       ":1: listen: one value is wanted; if it begins with a bracket, put it in quotes");
	refuse(*state, "waits: 3\n", ":1: waits: is no set of keys with values; write 'key: value'");
	refuse(*state, "interfaces: [eth0]\n",
	       ":1: interfaces: is no set of keys with values; write '- name: eth0'");
	refuse(*state, "sites: [lahore]\n",
	       ":1: sites: is no set of keys with values; write '- name: lahore' and its prefixes");
	refuse(*state, "sites:\n  - prefixes: [10.0.0.0/8]\n", ":2: an entry without name; give it one");
}

static void a_site_finer_than_20_or_40_bits_is_refused_because_it_points_at_people(void **state)
{
	refuse(*state, "sites:\n  - name: a\n    prefixes:\n    - 10.0.0.0/16\n    - 10.1.0.0/21\n",
	       ":5: sites: a: '10.1.0.0/21' would point at people: a site is /20 or wider; join it with its "
	       "neighbours");
	refuse(*state, "sites: [{name: a, prefixes: ['2001:db8::/41']}]\n",
	       ":1: sites: a: '2001:db8::/41' would point at people: a site is /40 or wider; join it with its "
	       "neighbours");
	refuse(*state, "sites: [{name: a, prefixes: [10.0.0.1]}]\n",
	       ":1: sites: a: '10.0.0.1' would point at people: a site is /20 or wider; join it with its "
	       "neighbours");
	/* not through the IPv6 form of an IPv4 address either */
	refuse(*state, "sites: [{name: a, prefixes: ['::ffff:10.0.0.0/116']}]\n",
	       ":1: sites: a: '::ffff:10.0.0.0/116' would point at people: a site is /40 or wider; join it with its "
	       "neighbours");
	accept(*state, "sites: [{name: a, prefixes: [10.0.0.0/20, '2001:db8::/40']}]\n");
}

static void nested_sites_are_accepted_and_equal_ones_refused(void **state)
{
	accept(*state, "sites:\n- {name: a, prefixes: [10.0.0.0/8]}\n- {name: b, prefixes: [10.0.0.0/16]}\n");
	refuse(*state,
	       "sites:\n- {name: a, prefixes: [10.0.0.0/8]}\n- {name: b, prefixes: [11.0.0.0/8, 10.0.0.0/8]}\n",
	       ":3: sites: b: '10.0.0.0/8' is in site a already; leave one out");
	refuse(*state, "sites:\n- {name: a, prefixes: ['2001:DB8::/32', '2001:db8:0::/32']}\n",
	       ":2: sites: a: '2001:db8:0::/32' is in site a already; leave one out");
}

static void a_site_has_a_name_of_its_own_and_at_least_one_prefix(void **state)
{
	refuse(*state, "sites:\n- {name: a, prefixes: [10.0.0.0/8]}\n- {name: a, prefixes: [11.0.0.0/8]}\n",
	       ":3: sites: 'a' is given twice; put its prefixes into one");
	refuse(*state, "sites:\n- {name: a}\n", ":2: sites: a: has no prefix; give it at least one");
	refuse(*state, "sites:\n- {name: La hore, prefixes: [10.0.0.0/8]}\n",
	       ":2: sites: 'La hore' cannot be a site's name; use a-z, 0-9, _ and -, at most 31 of them");
	refuse(*state, "sites:\n- {name: aaaaaaaaaabbbbbbbbbbccccccccccdd, prefixes: [10.0.0.0/8]}\n",
	       ":2: sites: 'aaaaaaaaaabbbbbbbbbbccccccccccdd' cannot be a site's name; use a-z, 0-9, _ and -, at "
	       "most 31 of them");
	accept(*state, "sites:\n- {name: aaaaaaaaaabbbbbbbbbbccccccccccd, prefixes: [10.0.0.0/8]}\n");
}

static void a_prefix_is_whole_or_refused_with_what_it_should_be(void **state)
{
	refuse(*state, "sites:\n- name: a\n  prefixes: [100.72.3.0/16]\n",
	       ":3: sites: a: '100.72.3.0/16' has bits set below its length; write 100.72.0.0/16");
	refuse(*state, "sites:\n- name: a\n  prefixes: ['2001:db8:1::/32']\n",
	       ":3: sites: a: '2001:db8:1::/32' has bits set below its length; write 2001:db8::/32");
	refuse(*state, "sites:\n- name: a\n  prefixes: [lahore]\n",
	       ":3: sites: a: 'lahore' is no prefix; write it as 100.72.0.0/16 or 2001:db8::/32");
	refuse(*state, "sites:\n- name: a\n  prefixes: [10.0.0.0/33]\n",
	       ":3: sites: a: '10.0.0.0/33' is no prefix; write it as 100.72.0.0/16 or 2001:db8::/32");
}

/* `n` sites of `each` prefixes; the text is to be freed. */
static char *many_sites(unsigned int n, unsigned int each)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs("sites:\n", f);
	for (unsigned int i = 0; i < n; i++) {
		fprintf(f, "- name: s%u\n  prefixes: [", i);
		for (unsigned int j = 0; j < each; j++) {
			unsigned int at = i * each + j;

			fprintf(f, "%s%u.%u.%u.0/20", j ? ", " : "", at >> 12, at >> 4 & 255, (at & 15) << 4);
		}
		fputs("]\n", f);
	}
	fclose(f);
	return text;
}

static void sites_are_bounded_by_what_the_kernel_holds(void **state)
{
	struct fixture *f = *state;
	char *text = many_sites(255, 4);

	assert_int_equal(accept(f, text)->sites_count, 255);
	free(text);
	text = many_sites(256, 1);
	refuse(f, text, ":2: sites: 256 are too many; at most 255, so join some");
	free(text);
	text = many_sites(1, 1024);
	accept(f, text);
	free(text);
	text = many_sites(1, 1025);
	refuse(f, text, ":3: sites: s0: '0.64.0.0/20' is one prefix too many (1024 of a family); join some");
	free(text);
}

static void an_interface_has_a_possible_name_once(void **state)
{
	accept(*state, "interfaces: [{name: abcdefghijklmno}]\n");
	refuse(*state, "interfaces:\n- name: abcdefghijklmnop\n",
	       ":2: interfaces: 'abcdefghijklmnop' cannot be an interface's name; see ip link");
	refuse(*state, "interfaces:\n- name: a/b\n",
	       ":2: interfaces: 'a/b' cannot be an interface's name; see ip link");
	refuse(*state, "interfaces:\n- name: ..\n",
	       ":2: interfaces: '..' cannot be an interface's name; see ip link");
	refuse(*state, "interfaces:\n- name: \"\"\n",
	       ":2: interfaces: '' cannot be an interface's name; see ip link");
	refuse(*state, "interfaces:\n- name: eth0\n- name: eth0\n",
	       ":3: interfaces: 'eth0' is given twice; leave one out");
}

static void roles_are_inside_and_outside_and_one_is_watched(void **state)
{
	refuse(*state, "interfaces:\n- name: eth0\n  role: lan\n",
	       ":3: interfaces: eth0: 'lan' is no role; write inside or outside (of your NAT)");
	refuse(*state, "watch_role: both\n", ":1: watch_role: 'both' is no role; write inside or outside");
	refuse(*state, "interfaces:\n- {name: eth0, role: outside}\n",
	       ":2: interfaces: none is 'inside', the role to watch; change a role or watch_role");
	accept(*state, "interfaces:\n- {name: eth0, role: outside}\nwatch_role: outside\n");
	accept(*state, "interfaces:\n- {name: eth0, role: outside}\n- name: eth1\n");
}

static void a_listen_address_is_numeric_with_a_port(void **state)
{
	static const char *const bad[] = { "127.0.0.1",	  "localhost:80", "127.0.0.1:0", "127.0.0.1:65536",
					   "::1:80",	  "[::1]",	  "[::1:80",	 "[127.0.0.1]:80",
					   "1.2.3.4:+80", ":80",	  "[]:80",	 "[::1]x:80",
					   "*:80",	  "10477",	  "1.2.3:80" };
	char text[128], complaint[256];

	for (size_t i = 0; i < N(bad); i++) {
		snprintf(text, sizeof(text), "listen: '%s'\n", bad[i]);
		snprintf(complaint, sizeof(complaint),
			 ":1: listen: '%s' is no address with a port; write 127.0.0.1:10477, \"[::1]:10477\", or "
			 "\"\" for none",
			 bad[i]);
		refuse(*state, text, complaint);
	}
	accept(*state, "listen: 0.0.0.0:65535\n");
	accept(*state, "listen: '[::]:1'\n");
}

static void a_listen_address_comes_apart_into_host_and_port(void **state)
{
	unsigned short port = 0;
	char host[64], small[4];

	(void)state;
	assert_int_equal(settings_listen("127.0.0.1:10477", host, sizeof(host), &port), 0);
	assert_string_equal(host, "127.0.0.1");
	assert_int_equal(port, 10477);
	assert_int_equal(settings_listen("[2001:db8::1]:80", host, sizeof(host), &port), 0);
	assert_string_equal(host, "2001:db8::1");
	assert_int_equal(port, 80);
	assert_int_equal(settings_listen("127.0.0.1:80", small, sizeof(small), &port), -EINVAL);
}

static void a_socket_path_fits_into_its_address(void **state)
{
	char text[256], path[128];

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[107] = '\0';
	snprintf(text, sizeof(text), "socket: %s\n", path);
	assert_string_equal(accept(*state, text)->socket, path);
	path[107] = 'a';
	path[108] = '\0';
	snprintf(text, sizeof(text), "socket: %s\n", path);
	assert_int_equal(load_bytes(*state, text, strlen(text)), -EINVAL);
	assert_non_null(
		strstr(((struct fixture *)*state)->error, "cannot be a socket's path; from 1 to 107 bytes"));
}

static void waiting_times_keep_their_bounds(void **state)
{
	static const char *const keys[] = { "syn_live", "syn", "payload", "post_ack", "frozen", "idle" };
	char text[64], complaint[160];

	for (size_t i = 0; i < N(keys); i++) {
		snprintf(text, sizeof(text), "waits:\n  %s: 99ms\n", keys[i]);
		snprintf(complaint, sizeof(complaint),
			 ":2: waits: %s: '99ms' is not a time from 100ms to 60m (seconds, or with ms, s, m)",
			 keys[i]);
		refuse(*state, text, complaint);
		snprintf(text, sizeof(text), "waits:\n  %s: 3600001ms\n", keys[i]);
		snprintf(complaint, sizeof(complaint),
			 ":2: waits: %s: '3600001ms' is not a time from 100ms to 60m (seconds, or with ms, s, m)",
			 keys[i]);
		refuse(*state, text, complaint);
	}
	accept(*state, "waits: {syn_live: 100ms, syn: 100ms, payload: 100ms, post_ack: 100ms, frozen: 100ms, idle: "
		       "60m}\n");
}

static void waiting_times_fit_together(void **state)
{
	refuse(*state, "waits:\n  syn: 2\n",
	       ":2: waits: syn_live: 3000 ms is longer than syn (2000 ms); make it shorter");
	refuse(*state, "waits:\n  syn: 2\n  syn_live: 2001ms\n",
	       ":3: waits: syn_live: 2001 ms is longer than syn (2000 ms); make it shorter");
	accept(*state, "waits: {syn: 2, syn_live: 2}\n");
	refuse(*state, "waits:\n  idle: 20\n  frozen: 20\n",
	       ":3: waits: frozen: 20000 ms is not shorter than idle (20000 ms), which closes a flow; make it "
	       "shorter");
	accept(*state, "waits: {idle: 20, frozen: 19}\n");
}

static void table_sizes_keep_their_bounds(void **state)
{
	static const char *const keys[] = { "attempts", "flows" };
	static const char *const bad[] = { "15", "4194305", "-1", "0x100", "1e3", "many" };
	char text[64], complaint[160];

	for (size_t i = 0; i < N(keys); i++) {
		for (size_t j = 0; j < N(bad); j++) {
			snprintf(text, sizeof(text), "%s: %s\n", keys[i], bad[j]);
			snprintf(complaint, sizeof(complaint), ":1: %s: '%s' is not a number from 16 to 4194304",
				 keys[i], bad[j]);
			refuse(*state, text, complaint);
		}
	}
	assert_int_equal(accept(*state, "attempts: 16\nflows: 4194304\n")->flows_max, 4194304);
}

static void a_nat64_prefix_has_one_of_the_six_lengths(void **state)
{
	char text[64], complaint[160];

	for (unsigned int length = 0; length <= 128; length++) {
		bool right = length == 32 || length == 40 || length == 48 || length == 56 || length == 64 ||
			     length == 96;

		snprintf(text, sizeof(text), "nat64:\n- ::/96\n- '::/%u'\n", length);
		snprintf(
			complaint, sizeof(complaint),
			":3: nat64: '::/%u' is no NAT64 prefix; RFC 6052 has IPv6 of length 32, 40, 48, 56, 64 or 96",
			length);
		if (right)
			accept(*state, text);
		else
			refuse(*state, text, complaint);
	}
	refuse(*state, "nat64: [10.0.0.0/32]\n",
	       ":1: nat64: '10.0.0.0/32' is no NAT64 prefix; RFC 6052 has IPv6 of length 32, 40, 48, 56, 64 or 96");
	refuse(*state, "nat64: ['2001:db8:0:0:100::/96']\n", /* bits 64 to 71 */
	       ":1: nat64: '2001:db8:0:0:100::/96' is no NAT64 prefix; RFC 6052 has IPv6 of length 32, 40, 48, 56, "
	       "64 or 96");
	refuse(*state, "nat64: ['1::/96', '2::/96', '3::/96', '4::/96', '5::/96']\n",
	       ":1: nat64: 5 prefixes are too many; at most 4");
}

static void a_ranges_file_without_a_name_is_refused(void **state)
{
	refuse(*state, "ranges:\n- a\n- ''\n", ":3: ranges: '' is no file; name one, or leave ranges out");
}

static void a_value_with_control_characters_stays_one_harmless_line(void **state)
{
	refuse(*state, "listen: \"a\\nb\\e[2J\"\n",
	       ":1: listen: 'a?b?[2J' is no address with a port; write 127.0.0.1:10477, \"[::1]:10477\", or \"\" for "
	       "none");
}

static void a_prefix_is_told_apart_from_one_with_bits_below_its_length(void **state)
{
	static const unsigned char v4[16] = { [10] = 0xff, 0xff, 100, 72 };
	static const unsigned char v6[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	struct setting_prefix p;

	(void)state;
	assert_int_equal(settings_prefix("100.72.0.0/16", &p), 0);
	assert_false(p.v6);
	assert_int_equal(p.plen, 16);
	assert_memory_equal(p.addr, v4, 16);
	assert_int_equal(settings_prefix("100.72.255.1/16", &p), -ERANGE);
	assert_memory_equal(p.addr, v4, 16);
	assert_int_equal(settings_prefix("2001:db8::/32", &p), 0);
	assert_true(p.v6);
	assert_memory_equal(p.addr, v6, 16);
	assert_int_equal(settings_prefix("2001:db8::1", &p), 0);
	assert_int_equal(p.plen, 128);
	assert_int_equal(settings_prefix("0.0.0.0/0", &p), 0);
	assert_int_equal(settings_prefix("10.0.0.0/", &p), -EINVAL);
	assert_int_equal(settings_prefix("10.0.0.0/8/9", &p), -EINVAL);
	assert_int_equal(settings_prefix("10.0.0/8", &p), -EINVAL);
	assert_int_equal(settings_prefix("", &p), -EINVAL);
	assert_int_equal(settings_prefix("10.0.0.0 /8", &p), -EINVAL);
	assert_int_equal(settings_prefix("1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc/8", &p),
			 -EINVAL);
}

static void a_site_named_again_on_the_command_line_gets_another_prefix(void **state)
{
	struct fixture *f = *state;
	struct settings *s = &f->settings;

	accept(f, "");
	assert_int_equal(settings_add_site(s, "a", "10.0.0.0/8"), 0);
	assert_int_equal(settings_add_site(s, "b", "11.0.0.0/8"), 0);
	assert_int_equal(settings_add_site(s, "a", "2001:db8::/32"), 0);
	assert_int_equal(s->sites_count, 2);
	assert_int_equal(s->sites[0].prefixes_count, 2);
	assert_int_equal(settings_check(s, NULL, f->error, sizeof(f->error)), 0);
	settings_clear_sites(s);
	assert_int_equal(s->sites_count, 0);
}

static void what_is_in_force_is_shown_whole(void **state)
{
	struct fixture *f = *state;
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	accept(f,
	       "interfaces: [{name: eth0}, {name: eth1, role: outside}]\nsites: [{name: a, prefixes: [10.0.0.0/8]}]\n"
	       "ranges: [/a, /b]\nlisten: ''\nwaits: {syn: 30}\nsocket_hooks: no\nflows: 64\n");
	settings_print(&f->settings, to);
	fclose(to);
	assert_string_equal(text,
			    "  interfaces   eth0 (inside), eth1 (outside); watched: inside\n"
			    "  sites        a (1)\n"
			    "  ranges       /a, /b\n"
			    "  nat64        64:ff9b::/96\n"
			    "  listen       none\n"
			    "  event log    none\n"
			    "  socket       /run/xreach/xreach.sock\n"
			    "  waits        syn_live 3s, syn 30s, payload 10s, post_ack 1m, frozen 15s, idle 90s\n"
			    "  tables       attempts 131072, flows 64\n"
			    "  socket hooks no\n");
	free(text);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_key_arrives),
		T(a_file_that_says_nothing_leaves_the_defaults),
		T(a_key_without_a_value_leaves_its_default),
		T(an_empty_text_turns_the_endpoint_and_the_log_off),
		T(socket_hooks_takes_the_usual_words),
		T(a_missing_file_is_an_error_only_if_it_was_asked_for),
		T(a_directory_and_a_path_through_a_file_are_refused),
		T(a_file_longer_than_a_mebibyte_is_refused_and_one_of_it_is_read),
		T(binary_junk_is_refused_whatever_it_is),
		T(what_is_no_yaml_is_refused_with_line_and_column),
		T(a_list_or_a_word_is_no_settings_file),
		T(a_second_document_is_refused_not_ignored),
		T(aliases_are_refused),
		T(an_unknown_key_is_refused_with_the_one_that_was_meant),
		T(a_key_given_twice_is_refused),
		T(a_value_of_the_wrong_shape_is_refused_with_the_right_one),
		T(a_site_finer_than_20_or_40_bits_is_refused_because_it_points_at_people),
		T(nested_sites_are_accepted_and_equal_ones_refused),
		T(a_site_has_a_name_of_its_own_and_at_least_one_prefix),
		T(a_prefix_is_whole_or_refused_with_what_it_should_be),
		T(sites_are_bounded_by_what_the_kernel_holds),
		T(an_interface_has_a_possible_name_once),
		T(roles_are_inside_and_outside_and_one_is_watched),
		T(a_listen_address_is_numeric_with_a_port),
		T(a_listen_address_comes_apart_into_host_and_port),
		T(a_socket_path_fits_into_its_address),
		T(waiting_times_keep_their_bounds),
		T(waiting_times_fit_together),
		T(table_sizes_keep_their_bounds),
		T(a_nat64_prefix_has_one_of_the_six_lengths),
		T(a_ranges_file_without_a_name_is_refused),
		T(a_value_with_control_characters_stays_one_harmless_line),
		T(a_prefix_is_told_apart_from_one_with_bits_below_its_length),
		T(a_site_named_again_on_the_command_line_gets_another_prefix),
		T(what_is_in_force_is_shown_whole),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
