// SPDX-License-Identifier: GPL-2.0
/* DNS on the board: from the kernel's messages to counts, evidence, advice, and a line of JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dns_message.h"
#include "unit/board_scene.h"

#define MS  1000000ull
#define T0  (SCENE_START_US * 1000ull)
#define NOW (WALL + 60)

struct told {
	struct fixture f;
	struct range_name names[3];
	struct dns_case last;
	__s64 second;
	unsigned int cases;
	__u64 key;
};

static void on_case(void *arg, const struct dns_case *c, __s64 second)
{
	struct told *t = arg;

	t->last = *c;
	t->second = second;
	t->cases++;
}

/* list_prefix() keeps the text alone; here it is looked up. */
static void address(struct told *t, size_t i, const char *prefix, bool v6)
{
	struct range_prefix *p = &t->f.list.prefixes[i];
	struct setting_prefix parsed;

	assert_int_equal(settings_prefix(prefix, &parsed), 0);
	memcpy(p->addr, parsed.addr, 16);
	p->plen = parsed.plen;
	p->v6 = v6;
}

static int set_up_dns(void **state)
{
	struct told *t = calloc(1, sizeof(*t));
	struct wire_config nat64 = { .nat64_n = 1, .nat64[0] = { .addr = { 0, 0x64, 0xff, 0x9b }, .plen = 96 } };
	static char *prefixes[] = { (char *)"203.0.112.0/20", (char *)"2001:db8::/40" }, lahore[] = "lahore";
	const struct setting_site site = { .name = lahore, .prefixes = prefixes, .prefixes_count = 2 };
	struct board_setup setup = {
		.sites = &site,
		.sites_count = 1,
		.ranges = &t->f.list.ranges,
		.nat64 = &nat64,
		.wall = wall,
		.dns = on_case,
		.arg = t,
	};

	list_begin(&t->f.list, "1");
	list_group(&t->f.list, "google", ROLE_CONTROL, 1);
	list_prefix(&t->f.list, P_CTRL, "64.233.160.0/19", CLASS_OWN);
	address(t, 0, "64.233.160.0/19", false);
	list_group(&t->f.list, "x", ROLE_TARGET, 1);
	list_prefix(&t->f.list, P_X, "104.244.40.0/21", CLASS_OWN);
	address(t, 1, "104.244.40.0/21", false);
	list_prefix(&t->f.list, P_CDN, "151.101.0.0/16", CLASS_SHARED);
	address(t, 2, "151.101.0.0/16", false);
	t->names[0] = (struct range_name){ .name = "google.com", .group = 0 };
	t->names[1] = (struct range_name){ .name = "x.com", .group = 1 };
	t->names[2] = (struct range_name){ .name = "exact.net", .exact = true, .group = 1 };
	t->f.list.ranges.names = t->names;
	t->f.list.ranges.n_names = 3;
	t->f.board = board_new(&setup);
	*state = t;
	return t->f.board ? 0 : -1;
}

static void hand(struct told *t, bool response, __u64 at_ms, const struct dns_text *d)
{
	struct wire_dns m = { .key = t->key, .now_ns = T0 + at_ms * MS, .response = response, .ttl = 60 };

	m.len = (__u16)d->n;
	memcpy(m.data, d->bytes, d->n);
	board_dns(t->f.board, &m);
}

/* A question at this time, and its answer 20 ms later; "" for NXDOMAIN. */
static void resolve(struct told *t, __u64 at_ms, const char *name, const char *address_text)
{
	struct dns_text d;

	t->key++;
	dns_begin(&d, 7, DNS_QUERY, name, DNS_TYPE_A);
	hand(t, false, at_ms, &d);
	dns_begin(&d, 7, *address_text ? DNS_ANSWER : DNS_NO_NAME, name, DNS_TYPE_A);
	if (*address_text)
		dns_add_address(&d, address_text);
	hand(t, true, at_ms + 20, &d);
}

static void due(struct told *t, __u64 at_ms)
{
	board_dns_due(t->f.board, T0 + at_ms * MS);
}

static __u64 count(struct told *t, unsigned int slot, enum dns_verdict verdict)
{
	return board_dns_count(t->f.board, slot, verdict);
}

static void an_answer_counts_under_the_group_of_its_name(void **state)
{
	struct told *t = *state;
	char text[128];

	resolve(t, 0, "api.x.com", "104.244.42.1");
	resolve(t, 0, "www.google.com", "64.233.161.5");
	assert_int_equal(t->cases, 0);
	due(t, 5000);
	assert_int_equal(t->cases, 0);
	due(t, 5100);
	assert_int_equal(t->cases, 2);
	assert_int_equal(count(t, 1, DNS_OK), 1);
	assert_int_equal(count(t, 0, DNS_OK), 1);
	assert_true(board_dns_text(t->f.board, 1, text, sizeof(text)));
	assert_string_equal(text, "1 ok");
	assert_string_equal(board_dns_advice(t->f.board, 1, NOW), "");
	assert_false(board_dns_text(t->f.board, 2, text, sizeof(text)));
}

static void the_ranges_of_another_group_are_outside(void **state)
{
	struct told *t = *state;

	resolve(t, 0, "x.com", "64.233.161.5");
	resolve(t, 0, "x.com", "151.101.1.1"); /* shared is inside */
	resolve(t, 0, "x.com", "64:ff9b::68f4:2a01");
	board_next_capture(t->f.board);
	assert_int_equal(count(t, 1, DNS_OUTSIDE), 1);
	assert_int_equal(count(t, 1, DNS_OK), 2);
}

static void a_name_that_a_hash_let_pass_is_not_counted(void **state)
{
	struct told *t = *state;

	resolve(t, 0, "example.com", "10.10.34.34");
	resolve(t, 0, "a.exact.net", "10.10.34.34");
	board_next_capture(t->f.board);
	assert_int_equal(t->cases, 0);
}

static void what_cannot_be_read_is_not_counted(void **state)
{
	struct told *t = *state;
	struct wire_dns m = { .len = sizeof(m.data) + 1, .response = 1 };
	struct dns_text d;

	board_dns(t->f.board, &m);
	m.len = 5;
	board_dns(t->f.board, &m);
	dns_begin(&d, 7, DNS_QUERY, "x.com", DNS_TYPE_A);
	hand(t, true, 0, &d); /* its header says otherwise */
	board_next_capture(t->f.board);
	assert_int_equal(t->cases, 0);
}

static void addresses_that_lead_elsewhere_are_kept_the_latest_first(void **state)
{
	struct view_astray rows[DNS_ASTRAY];
	struct told *t = *state;
	char text[VIEW_ASTRAY_TEXT];

	resolve(t, 0, "x.com", "10.10.34.34");
	resolve(t, 100, "x.com", "");
	resolve(t, 200, "api.x.com", "10.10.34.34");
	board_next_capture(t->f.board);
	assert_int_equal(board_dns_astray(t->f.board, 1, NOW, rows), 2);
	assert_string_equal(rows[0].address, "10.10.34.34");
	assert_string_equal(rows[0].verdict, "bogon");
	assert_string_equal(rows[0].rule, "x.com");
	assert_string_equal(rows[0].group, "x");
	assert_int_equal(rows[0].times, 2);
	assert_int_equal(rows[0].hops, 4);
	assert_true(rows[0].after_ms == 20 && rows[0].apart_ms == -1);
	assert_int_equal(rows[0].minute % 60, 0);
	assert_string_equal(rows[1].verdict, "nxdomain");
	assert_string_equal(rows[1].address, "");
	view_astray_text(&rows[0], text, sizeof(text));
	assert_string_equal(text,
			    "bogon: 10.10.34.34 for x.com, from 4 hops away, 20.0 ms after the question; 2 times");
	assert_int_equal(board_dns_astray(t->f.board, 0, NOW, rows), 0);
}

static void only_so_many_addresses_are_kept(void **state)
{
	struct view_astray rows[DNS_ASTRAY];
	struct told *t = *state;
	char text[32];

	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "10.10.34.%d", i);
		resolve(t, 0, "x.com", text);
	}
	board_next_capture(t->f.board);
	assert_int_equal(board_dns_astray(t->f.board, 1, NOW, rows), DNS_ASTRAY);
	assert_string_equal(rows[0].address, "10.10.34.39");
	assert_string_equal(rows[DNS_ASTRAY - 1].address, "10.10.34.24");
	assert_int_equal(count(t, 1, DNS_BOGON), 40);
}

static void outside_the_ranges_means_an_old_list_only_where_people_get_through(void **state)
{
	struct told *t = *state;
	struct scene s;

	resolve(t, 0, "x.com", "1.2.3.4");
	board_next_capture(t->f.board);
	assert_non_null(strstr(board_dns_advice(t->f.board, 1, NOW), "either your ranges are out of date, or"));
	for (__u64 i = 0; i < 30; i++) {
		good(&s, i + 1);
		hand_over(&t->f, &s, RECORD_FINAL);
	}
	assert_non_null(strstr(board_dns_advice(t->f.board, 1, NOW), "people get through: your ranges are out of"));
	/* half of them fail: it may be poison after all */
	for (__u64 i = 0; i < 30; i++) {
		unanswered(&s, 100 + i);
		hand_over(&t->f, &s, RECORD_FINAL);
	}
	assert_non_null(strstr(board_dns_advice(t->f.board, 1, NOW), "either your ranges are out of date, or"));
	resolve(t, 0, "x.com", "127.0.0.1");
	board_next_capture(t->f.board);
	assert_non_null(strstr(board_dns_advice(t->f.board, 1, NOW), "false answers"));
}

static void a_new_list_judges_by_its_own_ranges_and_keeps_the_counts(void **state)
{
	struct told *t = *state;
	struct list next = t->f.list;

	resolve(t, 0, "x.com", "104.244.42.1");
	board_next_capture(t->f.board);
	next.ranges.prefixes = next.prefixes;
	next.ranges.n_prefixes = 1; /* the control's alone */
	assert_int_equal(board_ranges(t->f.board, &next.ranges), 0);
	resolve(t, 0, "x.com", "104.244.42.1");
	board_next_capture(t->f.board);
	assert_int_equal(count(t, 1, DNS_OK), 1);
	assert_int_equal(count(t, 1, DNS_OUTSIDE), 1);
	assert_int_equal(board_ranges(t->f.board, &t->f.list.ranges), 0);
}

static void a_line_of_json_tells_a_case_to_the_minute(void **state)
{
	struct told *t = *state;
	struct dns_text d;
	char *json;

	resolve(t, 0, "x.com", "10.10.34.34");
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	dns_add_address(&d, "104.244.42.1");
	hand(t, true, 95, &d);
	board_next_capture(t->f.board);
	assert_int_equal(t->cases, 1);
	json = board_dns_json(t->f.board, &t->last, t->second);
	assert_string_equal(json, "{\"dns\":{\"group\":\"x\",\"rule\":\"x.com\",\"verdict\":\"conflict\","
				  "\"addresses\":[\"10.10.34.34\"],\"answers\":2,\"ms\":20.0,\"apart_ms\":75.0,"
				  "\"hops\":4,\"first\":\"2023-11-14T22:13:00Z\"}}");
	free(json);
}

static void the_view_has_it_all(void **state)
{
	struct told *t = *state;
	const struct view *v;

	resolve(t, 0, "x.com", "10.10.34.34");
	resolve(t, 0, "google.com", "127.0.0.1");
	board_next_capture(t->f.board);
	v = view(&t->f, NOW);
	assert_int_equal(v->n_astray, 2);
	assert_string_equal(v->astray[0].group, "google");
	assert_string_equal(v->astray[1].group, "x");
	assert_string_equal(v->astray[1].advice, "somebody gives false answers for these names");
	assert_string_equal(v->groups[1].dns, "1 bogon");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up_dns, tear_down)

/* A router at home that answers with itself: what is told is the network of the site, or of all who are behind a CGNAT. */
static void an_address_of_a_client_is_told_as_its_network(void **state)
{
	struct told *t = *state;
	struct view_astray told[DNS_ASTRAY];
	char *line;

	resolve(t, 0, "x.com", "203.0.113.77");
	resolve(t, 100, "x.com", "100.72.9.9");
	resolve(t, 200, "x.com", "10.10.34.34"); /* a censor's, and no client of ours */
	board_dns_due(t->f.board, T0 + 60000 * MS);
	assert_int_equal(t->cases, 3);
	assert_int_equal(board_dns_astray(t->f.board, 1, NOW, told), 3);
	assert_string_equal(told[2].address, "203.0.112.0/20");
	assert_string_equal(told[1].address, "100.64.0.0/10");
	assert_string_equal(told[0].address, "10.10.34.34");
	{
		struct dns_text d;

		t->key++; /* four of the same house, and one that a DNS64 made of another */
		dns_begin(&d, 7, DNS_QUERY, "x.com", DNS_TYPE_AAAA);
		hand(t, false, 65000, &d);
		dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_AAAA);
		dns_add_address(&d, "64:ff9b::cb00:714d");
		dns_add_address(&d, "64:ff9b::cb00:714e");
		dns_add_address(&d, "::ffff:203.0.113.7");
		dns_add_address(&d, "2001:db8:0:7::1");
		hand(t, true, 65020, &d);
		board_dns_due(t->f.board, T0 + 69000 * MS + 6000 * MS);
		line = board_dns_json(t->f.board, &t->last, t->second);
		assert_non_null(strstr(line, "\"addresses\":[\"203.0.112.0/20\",\"2001:db8::/40\"]"));
		free(line);
	}
	resolve(t, 90000, "x.com", "203.0.113.77");
	board_dns_due(t->f.board, T0 + 130000 * MS);
	line = board_dns_json(t->f.board, &t->last, t->second);
	assert_non_null(strstr(line, "\"addresses\":[\"203.0.112.0/20\"]"));
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_answer_counts_under_the_group_of_its_name),
		T(an_address_of_a_client_is_told_as_its_network),
		T(the_ranges_of_another_group_are_outside),
		T(a_name_that_a_hash_let_pass_is_not_counted),
		T(what_cannot_be_read_is_not_counted),
		T(addresses_that_lead_elsewhere_are_kept_the_latest_first),
		T(only_so_many_addresses_are_kept),
		T(outside_the_ranges_means_an_old_list_only_where_people_get_through),
		T(a_new_list_judges_by_its_own_ranges_and_keeps_the_counts),
		T(a_line_of_json_tells_a_case_to_the_minute),
		T(the_view_has_it_all),
	};

	return cmocka_run_group_tests_name("board_dns", tests, NULL, NULL);
}
