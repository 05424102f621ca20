// SPDX-License-Identifier: GPL-2.0
/* The values of the settings: sites that cannot point at people, and everything else within its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/settings_scene.h"

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
	refuse(*state, "sites:\n- {name: all, prefixes: [10.0.0.0/8]}\n",
	       ":2: sites: 'all' stands for the whole network; give this site another name");
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

static void a_state_dir_is_an_absolute_path_or_none(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(accept(f, "state_dir: ''\n")->state_dir, "");
	assert_string_equal(accept(f, "state_dir: /x\n")->state_dir, "/x");
	refuse(f, "state_dir: var/lib\n",
	       ":1: state_dir: 'var/lib' is no absolute path of at most 3839 bytes; write /var/lib/xreach, or \"\" for none");
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

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_site_finer_than_20_or_40_bits_is_refused_because_it_points_at_people),
		T(nested_sites_are_accepted_and_equal_ones_refused),
		T(a_site_has_a_name_of_its_own_and_at_least_one_prefix),
		T(a_prefix_is_whole_or_refused_with_what_it_should_be),
		T(sites_are_bounded_by_what_the_kernel_holds),
		T(an_interface_has_a_possible_name_once),
		T(roles_are_inside_and_outside_and_one_is_watched),
		T(a_listen_address_is_numeric_with_a_port),
		T(a_listen_address_comes_apart_into_host_and_port),
		T(a_state_dir_is_an_absolute_path_or_none),
		T(a_socket_path_fits_into_its_address),
		T(waiting_times_keep_their_bounds),
		T(waiting_times_fit_together),
		T(table_sizes_keep_their_bounds),
		T(a_nat64_prefix_has_one_of_the_six_lengths),
		T(a_ranges_file_without_a_name_is_refused),
		T(a_prefix_is_told_apart_from_one_with_bits_below_its_length),
		T(a_site_named_again_on_the_command_line_gets_another_prefix),
	};

	return cmocka_run_group_tests_name("settings_values", tests, NULL, NULL);
}
