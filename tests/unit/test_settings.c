// SPDX-License-Identifier: GPL-2.0
/* The settings file: every key arrives, and what is no such file is refused with place and remedy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/settings_scene.h"

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
	assert_string_equal(s->state_dir, "/var/lib/xreach");
	assert_null(s->event_log);
	assert_memory_equal(&s->waits, &waits_default, sizeof(waits_default));
	assert_int_equal(s->attempts_max, 131072);
	assert_int_equal(s->flows_max, 131072);
	assert_false(s->no_socket_hooks);
	assert_false(s->no_dns);
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
						  "state_dir: /srv/state\n"
						  "waits:\n"
						  "  syn_live: 1500ms\n"
						  "  syn: 30\n"
						  "  payload: 11s\n"
						  "  post_ack: 2m\n"
						  "  frozen: 16\n"
						  "  idle: 5m\n"
						  "attempts: 4096\n"
						  "flows: 1024\n"
						  "socket_hooks: no\ndns: off\n");

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
	assert_string_equal(s->state_dir, "/srv/state");
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
	assert_true(s->no_dns);
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
	assert_defaults(accept(
		*state,
		"interfaces:\nwatch_role:\nsites:\n#  - name: a\nranges:\nnat64:\nlisten:\n"
		"event_log:\nsocket:\nstate_dir:\nwaits:\n#  syn: 3\nattempts:\nflows:\nsocket_hooks:\ndns:\n"));
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
	refuse(*state, "dns: 53\n", ":1: dns: '53' is neither true nor false; write one of them");
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

static void a_value_with_control_characters_stays_one_harmless_line(void **state)
{
	refuse(*state, "listen: \"a\\nb\\e[2J\"\n",
	       ":1: listen: 'a?b?[2J' is no address with a port; write 127.0.0.1:10477, \"[::1]:10477\", or \"\" for "
	       "none");
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
			    "  state dir    /var/lib/xreach\n"
			    "  waits        syn_live 3s, syn 30s, payload 10s, post_ack 1m, frozen 15s, idle 90s\n"
			    "  tables       attempts 131072, flows 64\n"
			    "  socket hooks no\n"
			    "  dns          yes\n");
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
		T(a_value_with_control_characters_stays_one_harmless_line),
		T(what_is_in_force_is_shown_whole),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
