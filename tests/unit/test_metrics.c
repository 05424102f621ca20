// SPDX-License-Identifier: GPL-2.0
/* The page of metrics, of a board filled by hand: what is there, where values land, and that nothing goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/board.h"
#include "show/metrics.h"

#define NOW_S	   1700000000
#define START_NS   5000000000000ull
#define COARSE(ms) ((__u32)((START_NS / 1000 + (ms)*1000ull) >> 10))

enum { X = 0, GOOGLE = 1, X_PREFIX = 7, GOOGLE_PREFIX = 8 };

static __s64 wall(void *arg, __u64 ns)
{
	(void)arg;
	return NOW_S + (__s64)((ns - START_NS) / 1000000000);
}

static char odd_name[] = "la\"ho\\re\n";
static struct setting_site sites[] = { { .name = odd_name } };

static void add_prefix(struct ranges *r, __u32 id, __u8 group, const char *text)
{
	struct range_prefix *p = &r->prefixes[r->n_prefixes++];

	*p = (struct range_prefix){ .id = id, .group = group, .class = CLASS_OWN, .plen = 20 };
	snprintf(p->text, sizeof(p->text), "%s", text);
}

static struct ranges *make_ranges(const char *version)
{
	struct ranges *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->prefixes = calloc(20000, sizeof(*r->prefixes));
	assert_non_null(r->prefixes);
	snprintf(r->version, sizeof(r->version), "%s", version);
	strcpy(r->date, "2026-11-01");
	strcpy(r->hash, "0123456789abcdef");
	r->groups[X] = (struct range_group){ "x", ROLE_TARGET, 1 };
	r->groups[GOOGLE] = (struct range_group){ "google", ROLE_CONTROL, 0.25 };
	r->n_groups = 2;
	add_prefix(r, X_PREFIX, X, "104.244.40.0/20");
	add_prefix(r, GOOGLE_PREFIX, GOOGLE, "64.233.160.0/20");
	return r;
}

static void free_ranges(struct ranges *r)
{
	free(r->prefixes);
	free(r);
}

static struct board *make_board(void)
{
	struct ranges *r = make_ranges("first");
	const struct board_setup setup = {
		.ranges = r, .sites = sites, .sites_count = 1, .since = NOW_S, .wall = wall
	};
	struct board *b = board_new(&setup);

	assert_non_null(b);
	free_ranges(r);
	return b;
}

/* An attempt that nobody answered. */
static struct wire_record unanswered(__u8 group, __u32 prefix)
{
	struct wire_record r = { .kind = RECORD_FINAL, .now_c = COARSE(40000) };

	r.now_ns = START_NS + 40000000000ull;
	r.flow.key = 1;
	r.flow.first_ns = START_NS;
	r.flow.first_c = COARSE(0);
	r.flow.last_up_c = COARSE(3000);
	r.flow.last_syn_us = 3000000;
	r.flow.state = STATE_DONE | STATE_SYN_OPTIONS | (__u32)group << STATE_GROUP_SHIFT;
	r.flow.seen = SEEN_SYN | SEEN_UP;
	r.flow.syns = 3;
	r.flow.prefix = prefix;
	r.flow.site = 1;
	r.flow.server[10] = r.flow.server[11] = 0xff;
	return r;
}

/* One that went well, over QUIC and IPv6. */
static struct wire_record answered(__u8 group, __u32 prefix)
{
	struct wire_record r = unanswered(group, prefix);

	r.flow.state |= STATE_QUIC | STATE_V6;
	r.flow.seen |= SEEN_DOWN | SEEN_SYNACK | SEEN_HANDSHAKE | SEEN_UP_DATA | SEEN_DOWN_DATA;
	r.flow.last_down_c = COARSE(3100);
	r.flow.site = 0;
	return r;
}

static char *page_of(const struct board *b, bool openmetrics)
{
	const struct metrics_source source = {
		.board = b,
		.now = NOW_S,
		.reloads = { .ok = 2, .failed = 3, .last_ok = true, .last_ok_s = NOW_S },
		.events = { .lines = 11, .lost = 12, .errors = 13 },
		.control_clients = 4,
		.http = { .ok = 21, .failed = 22 },
	};
	size_t length = 0;
	char *page = metrics_page(&source, openmetrics, &length);

	assert_non_null(page);
	assert_int_equal(strlen(page), length);
	return page;
}

/* The value of a series by its exact text, as written; the test fails where there is none. */
static const char *series(const char *page, const char *name)
{
	static char value[64];
	const char *at = page;

	while ((at = strstr(at, name))) {
		if ((at == page || at[-1] == '\n') && at[strlen(name)] == ' ') {
			snprintf(value, sizeof(value), "%.*s", (int)strcspn(at + strlen(name) + 1, "\n"),
				 at + strlen(name) + 1);
			return value;
		}
		at++;
	}
	fail_msg("no series %s", name);
	return "";
}

static size_t count_lines(const char *page, const char *beginning)
{
	size_t n = 0;

	for (const char *at = page; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		n += !strncmp(at, beginning, strlen(beginning));
	return n;
}

#define FLOWS_X_SYN_0 \
	"xreach_flows_total{group=\"x\",family=\"ipv4\",transport=\"tcp\",stage=\"post_syn\",outcome=\"timeout\"," \
	"signature=\"SYN->0\"}"
#define FLOWS_X_QUIC_OK \
	"xreach_flows_total{group=\"x\",family=\"ipv6\",transport=\"quic\",stage=\"later\",outcome=\"ok\"," \
	"signature=\"none\"}"

/* ---- what is there ----------------------------------------------------------------------------------------- */
static void answerers_and_mechanisms_are_shown(void **state)
{
	struct board *b = make_board();
	struct wire_record r;
	char *page = page_of(b, false);

	(void)state;
	assert_string_equal(series(page, "xreach_mechanism{group=\"x\",mechanism=\"sni\"}"), "0");
	assert_string_equal(series(page, "xreach_mechanism{group=\"google\",mechanism=\"family\"}"), "0");
	assert_string_equal(series(page, "xreach_goodput_bytes_per_second{group=\"x\",quantile=\"0.5\"}"), "NaN");
	assert_string_equal(series(page, "xreach_handshake_seconds{group=\"google\",quantile=\"0.9\"}"), "NaN");
	assert_int_equal(count_lines(page, "xreach_answerer_hops{"), 0); /* only while seen */
	free(page);
	for (int i = 0; i < 20; i++) {
		r = unanswered(X, X_PREFIX);
		if (i == 0) { /* one of them reset by somebody near */
			r.flow.seen |= SEEN_DOWN | SEEN_DOWN_RST;
			r.flow.rst.at_us = 3007000;
			r.flow.rst.tcp_flags = 0x14;
			r.flow.rst.n_ack = 1;
			r.flow.rst.ttl = r.flow.first_rst_ttl = 58;
			r.has_evidence = 1;
			r.evidence.n_down = 1;
			r.evidence.down[0] = (struct wire_rst){
				.at_us = 3007000, .answered_us = 3000000, .answered_kind = SENT_SYN, .ttl = 58
			};
		}
		board_record(b, &r);
	}
	page = page_of(b, true);
	assert_string_equal(series(page, "xreach_mechanism{group=\"x\",mechanism=\"address\"}"), "1");
	assert_string_equal(series(page, "xreach_mechanism{group=\"x\",mechanism=\"sni\"}"), "0");
	assert_non_null(strstr(page, "# TYPE xreach_answerer_hops summary\n"));
	assert_string_equal(series(page,
				   "xreach_answerer_hops{group=\"x\",signature=\"SYN->RST+ACK\",quantile=\"0.5\"}"),
			    "6");
	assert_true(
		fabs(strtod(series(page,
				   "xreach_answerer_seconds{group=\"x\",signature=\"SYN->RST+ACK\",quantile=\"0.9\"}"),
			    NULL) -
		     0.007) < 0.001);
	assert_int_equal(count_lines(page, "xreach_answerer_hops{"), 3);
	assert_int_equal(count_lines(page, "xreach_server_hops{"), 0);
	free(page);
	board_free(b);
}

static void every_series_is_there_before_anything_was_seen(void **state)
{
	struct board *b = make_board();
	char *page = page_of(b, false);

	(void)state;
	assert_string_equal(series(page, FLOWS_X_SYN_0), "0");
	assert_string_equal(series(page, FLOWS_X_QUIC_OK), "0");
	assert_string_equal(series(page, "xreach_attempts_opened_total{group=\"x\"}"), "0");
	assert_string_equal(series(page, "xreach_attempts_opened_total{group=\"google\"}"), "0");
	assert_string_equal(series(page, "xreach_judged_total{group=\"google\",class=\"failure\"}"), "0");
	assert_string_equal(
		series(page, "xreach_prefix_flows_total{group=\"x\",prefix=\"104.244.40.0/20\",class=\"success\"}"),
		"0");
	assert_string_equal(series(page, "xreach_group_info{group=\"google\",role=\"control\"}"), "1");
	assert_string_equal(series(page, "xreach_sample_ratio{group=\"google\"}"), "0.25");
	assert_string_equal(series(page, "xreach_failing_ratio{group=\"x\"}"), "NaN");
	assert_string_equal(series(page, "xreach_group_resets_total{group=\"x\",direction=\"down\"}"), "0");
	assert_string_equal(series(page, "xreach_books_opened_total"), "0");
	assert_string_equal(series(page, "xreach_books_balanced"), "1");
#define IS_THERE(name, label) series(page, "xreach_books_lost_total{reason=\"" label "\"}");
	WIRE_LOST(IS_THERE)
#undef IS_THERE
#define IS_THERE(name, label) series(page, "xreach_unparsed_total{reason=\"" label "\"}");
	WIRE_UNPARSED(IS_THERE)
#undef IS_THERE
	assert_string_equal(
		series(page, "xreach_ranges_info{version=\"first\",date=\"2026-11-01\",hash=\"0123456789abcdef\"}"),
		"1");
	free(page);
	board_free(b);
}

static void what_can_be_found_has_one_series_for_each_group(void **state)
{
	struct board *b = make_board();
	char *page = page_of(b, false);
	size_t tcp, quic;

	(void)state;
	tcp = count_lines(page, "xreach_flows_total{group=\"x\",family=\"ipv4\",transport=\"tcp\"");
	quic = count_lines(page, "xreach_flows_total{group=\"x\",family=\"ipv4\",transport=\"quic\"");
	assert_in_range(tcp, 20, n_verdict_combos);
	assert_in_range(quic, 4, tcp - 1);
	assert_int_equal(count_lines(page, "xreach_flows_total{"), 2 * 2 * (tcp + quic)); /* groups, families */
	assert_null(strstr(page, "transport=\"quic\",stage=\"post_syn\""));
	assert_null(strstr(page, "transport=\"tcp\",stage=\"post_psh\",outcome=\"timeout\",signature=\"QUIC->0\""));
	free(page);
	board_free(b);
}

/* ---- values -------------------------------------------------------------------------------------------------- */
static void findings_land_in_their_series(void **state)
{
	struct board *b = make_board();
	struct wire_record r = unanswered(X, X_PREFIX);
	char *page;

	(void)state;
	board_record(b, &r);
	r.flow.key = 2;
	board_record(b, &r);
	r = answered(X, X_PREFIX);
	r.flow.key = 3;
	board_record(b, &r);
	r = answered(GOOGLE, GOOGLE_PREFIX);
	r.flow.key = 4;
	board_record(b, &r);
	page = page_of(b, false);
	assert_string_equal(series(page, FLOWS_X_SYN_0), "2");
	assert_string_equal(series(page, FLOWS_X_QUIC_OK), "1");
	assert_string_equal(series(page, "xreach_judged_total{group=\"x\",class=\"failure\"}"), "2");
	assert_string_equal(series(page, "xreach_judged_total{group=\"x\",class=\"success\"}"), "1");
	assert_string_equal(series(page, "xreach_judged_total{group=\"google\",class=\"success\"}"), "1");
	assert_string_equal(
		series(page, "xreach_prefix_flows_total{group=\"x\",prefix=\"104.244.40.0/20\",class=\"failure\"}"),
		"2");
	assert_string_equal(series(page, "xreach_site_flows_total{group=\"x\",site=\"\",class=\"success\"}"), "1");
	assert_string_equal(series(page, "xreach_failing_ratio{group=\"google\"}"), "0");
	free(page);
	board_free(b);
}

static void totals_of_the_kernel_land_in_their_series(void **state)
{
	struct watch_hook hooks[] = { { .name = "tc/ingress", .where = "eth0", .attached = true },
				      { .name = "kfree_skb", .where = "tracepoint" } };
	struct board *b = make_board();
	struct watch_totals t = { .packets = 1000, .sweeps = 5, .sweep_ns = 2500000000ull };
	char *page;

	(void)state;
	t.n[COUNT_OPENED] = 9;
	t.n[COUNT_LOST_FULL] = 4;
	t.n[COUNT_UNPARSED_DEPTH] = 6;
	t.n[COUNT_MIDSTREAM] = 3;
	t.groups[GOOGLE].n[GROUP_OPENED] = 7;
	t.groups[GOOGLE].n[GROUP_RST_UP] = 2;
	t.groups[GOOGLE].n[GROUP_RST_DOWN] = 8;
	t.tables[1].used = 70;
	t.tables[1].room = 700;
	board_totals(b, &t, NOW_S);
	assert_int_equal(board_hooks(b, hooks, 2), 0);
	page = page_of(b, false);
	assert_string_equal(series(page, "xreach_books_opened_total"), "9");
	assert_string_equal(series(page, "xreach_books_open"), "5");
	assert_string_equal(series(page, "xreach_books_lost_total{reason=\"full\"}"), "4");
	assert_string_equal(series(page, "xreach_unparsed_total{reason=\"depth\"}"), "6");
	assert_string_equal(series(page, "xreach_midstream_total"), "3");
	assert_string_equal(series(page, "xreach_attempts_opened_total{group=\"google\"}"), "7");
	assert_string_equal(series(page, "xreach_group_resets_total{group=\"google\",direction=\"up\"}"), "2");
	assert_string_equal(series(page, "xreach_group_resets_total{group=\"google\",direction=\"down\"}"), "8");
	assert_string_equal(series(page, "xreach_table_entries{table=\"flows\"}"), "70");
	assert_string_equal(series(page, "xreach_table_room{table=\"flows\"}"), "700");
	assert_string_equal(series(page, "xreach_interface_packets_total"), "1000");
	assert_string_equal(series(page, "xreach_sweep_seconds_total"), "2.5");
	assert_string_equal(series(page, "xreach_hook_attached{hook=\"tc/ingress\",where=\"eth0\"}"), "1");
	assert_string_equal(series(page, "xreach_hook_attached{hook=\"kfree_skb\",where=\"tracepoint\"}"), "0");
	free(page);
	board_free(b);
}

static void numbers_of_the_daemon_land_in_their_series(void **state)
{
	struct board *b = make_board();
	char *page = page_of(b, false);

	(void)state;
	assert_string_equal(series(page, "xreach_reloads_total{result=\"ok\"}"), "2");
	assert_string_equal(series(page, "xreach_reloads_total{result=\"failed\"}"), "3");
	assert_string_equal(series(page, "xreach_event_log_lines_total"), "11");
	assert_string_equal(series(page, "xreach_event_log_lost_total"), "12");
	assert_string_equal(series(page, "xreach_event_log_errors_total"), "13");
	assert_string_equal(series(page, "xreach_control_clients"), "4");
	assert_string_equal(series(page, "xreach_http_requests_total{code=\"200\"}"), "21");
	assert_string_equal(series(page, "xreach_http_requests_total{code=\"500\"}"), "22");
	assert_true(atof(series(page, "process_resident_memory_bytes")) > 100000);
	free(page);
	board_free(b);
}

/* ---- form ---------------------------------------------------------------------------------------------------- */
static void openmetrics_ends_with_eof_and_names_families_without_total(void **state)
{
	struct board *b = make_board();
	char *open = page_of(b, true), *plain = page_of(b, false);

	(void)state;
	assert_string_equal(open + strlen(open) - strlen("\n# EOF\n"), "\n# EOF\n");
	assert_null(strstr(plain, "# EOF"));
	assert_non_null(strstr(open, "# TYPE xreach_flows counter\n"));
	assert_non_null(strstr(open, "# TYPE xreach_build info\n"));
	assert_non_null(strstr(plain, "# TYPE xreach_flows_total counter\n"));
	assert_non_null(strstr(plain, "# TYPE xreach_build_info gauge\n"));
	free(open);
	free(plain);
	board_free(b);
}

static void label_with_quotes_and_line_breaks_is_escaped(void **state)
{
	struct board *b = make_board();
	char *page = page_of(b, false);

	(void)state;
	/* the board makes control characters harmless, the page escapes the rest */
	assert_int_equal(count_lines(page, "xreach_site_flows_total{group=\"x\",site=\"la\\\"ho\\\\re"), 3);
	free(page);
	board_free(b);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void no_series_is_there_twice(void **state)
{
	struct board *b = make_board();
	char *page = page_of(b, false), *lines[4096], *rest = page;
	size_t n = 0;

	(void)state;
	for (char *line = strsep(&rest, "\n"); line && *line; line = strsep(&rest, "\n")) {
		char *end = strrchr(line, ' ');

		if (*line == '#')
			continue;
		assert_non_null(end);
		*end = '\0';
		assert_true(n < 4096);
		lines[n++] = line;
	}
	qsort(lines, n, sizeof(*lines), compare_texts);
	for (size_t i = 1; i < n; i++)
		assert_string_not_equal(lines[i - 1], lines[i]);
	free(page);
	board_free(b);
}

/* ---- bounds --------------------------------------------------------------------------------------------------- */
static void more_flows_make_no_more_series(void **state)
{
	struct board *b = make_board();
	char *before = page_of(b, false), *after;

	(void)state;
	for (__u64 i = 0; i < 3000; i++) {
		struct wire_record r = i % 2 ? unanswered(X, X_PREFIX) : answered(GOOGLE, GOOGLE_PREFIX);

		r.flow.key = i + 100;
		r.flow.server[15] = (__u8)i;
		r.flow.client = (__u16)i;
		board_record(b, &r);
	}
	after = page_of(b, false);
	assert_int_equal(count_lines(after, ""), count_lines(before, ""));
	assert_string_equal(series(after, FLOWS_X_SYN_0), "1500");
	free(before);
	free(after);
	board_free(b);
}

static void long_list_gives_series_to_the_target_first_and_says_what_is_left_out(void **state)
{
	struct ranges *r = make_ranges("long");
	struct board *b = make_board();
	char text[32], *page;

	(void)state;
	for (unsigned int i = 0; i < METRICS_PREFIXES + 10; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 256, i % 256);
		add_prefix(r, 1000 + i, GOOGLE, text);
	}
	add_prefix(r, 9000, X, "199.16.156.0/22");
	assert_int_equal(board_ranges(b, r), 0);
	page = page_of(b, false);
	assert_int_equal(count_lines(page, "xreach_prefix_flows_total{"), METRICS_PREFIXES * 3);
	series(page, "xreach_prefix_flows_total{group=\"x\",prefix=\"199.16.156.0/22\",class=\"failure\"}");
	assert_string_equal(series(page, "xreach_prefixes"),
			    "4109"); /* 3 of make_ranges and here, 4,106 of the loop */
	assert_string_equal(series(page, "xreach_prefixes_without_series"), "13");
	free(page);
	free_ranges(r);
	board_free(b);
}

/* ---- reload ------------------------------------------------------------------------------------------------- */
static void counters_stay_with_their_group_over_a_reload(void **state)
{
	struct board *b = make_board();
	struct wire_record r = unanswered(X, X_PREFIX);
	struct ranges *second = make_ranges("second");
	struct watch_totals t = { .packets = 50 };
	char *page;

	(void)state;
	board_record(b, &r);
	t.groups[X].n[GROUP_OPENED] = 5;
	t.groups[GOOGLE].n[GROUP_OPENED] = 7;
	board_totals(b, &t, NOW_S);

	/* the other way round, as the kernel numbers them from now on */
	second->groups[0] = (struct range_group){ "google", ROLE_CONTROL, 0.5 };
	second->groups[1] = (struct range_group){ "x", ROLE_TARGET, 1 };
	second->prefixes[0].group = 1;
	second->prefixes[1].group = 0;
	assert_int_equal(board_ranges(b, second), 0);
	t.groups[0].n[GROUP_OPENED] += 10; /* google's */
	t.groups[1].n[GROUP_OPENED] += 20; /* x's */
	board_totals(b, &t, NOW_S + 1);
	page = page_of(b, false);
	assert_string_equal(series(page, "xreach_attempts_opened_total{group=\"x\"}"), "25");
	assert_string_equal(series(page, "xreach_attempts_opened_total{group=\"google\"}"), "17");
	assert_string_equal(series(page, FLOWS_X_SYN_0), "1");
	assert_string_equal(
		series(page, "xreach_prefix_flows_total{group=\"x\",prefix=\"104.244.40.0/20\",class=\"failure\"}"),
		"1");
	assert_string_equal(
		series(page,
		       "xreach_ranges_info{version=\"second\",date=\"2026-11-01\",hash=\"0123456789abcdef\"}"),
		"1");
	assert_null(strstr(page, "version=\"first\""));
	free(page);
	free_ranges(second);
	board_free(b);
}

static void group_that_left_the_list_keeps_its_counters(void **state)
{
	struct board *b = make_board();
	struct wire_record r = answered(GOOGLE, GOOGLE_PREFIX);
	struct ranges *second = make_ranges("second");
	char *page;

	(void)state;
	board_record(b, &r);
	second->n_groups = 1;
	second->n_prefixes = 1;
	assert_int_equal(board_ranges(b, second), 0);
	page = page_of(b, false);
	assert_string_equal(series(page, "xreach_judged_total{group=\"google\",class=\"success\"}"), "1");
	free(page);
	free_ranges(second);
	board_free(b);
}

static void prefix_that_leaves_and_comes_back_counts_on(void **state)
{
	static const char name[] =
		"xreach_prefix_flows_total{group=\"google\",prefix=\"64.233.160.0/20\",class=\"success\"}";
	struct board *b = make_board();
	struct wire_record r = answered(GOOGLE, GOOGLE_PREFIX);
	struct ranges *without = make_ranges("without"), *with = make_ranges("with");
	char *page;

	(void)state;
	board_record(b, &r);
	without->n_prefixes = 1;
	for (__u32 id = 20; id < 22; id++) { /* twice, under a new id each time */
		assert_int_equal(board_ranges(b, without), 0);
		page = page_of(b, false);
		assert_null(strstr(page, name));
		free(page);
		with->prefixes[1].id = id;
		assert_int_equal(board_ranges(b, with), 0);
		r = answered(GOOGLE, id);
		board_record(b, &r);
	}
	page = page_of(b, false);
	assert_string_equal(series(page, name), "3");
	free(page);
	/* as when a list could not be put in force, so that the same ids are back; then under a new one again */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(board_ranges(b, without), 0);
		if (i == 2)
			with->prefixes[1].id = 30;
		assert_int_equal(board_ranges(b, with), 0);
	}
	page = page_of(b, false);
	assert_string_equal(series(page, name), "3");
	free(page);
	free_ranges(without);
	free_ranges(with);
	board_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answerers_and_mechanisms_are_shown),
		cmocka_unit_test(every_series_is_there_before_anything_was_seen),
		cmocka_unit_test(what_can_be_found_has_one_series_for_each_group),
		cmocka_unit_test(findings_land_in_their_series),
		cmocka_unit_test(totals_of_the_kernel_land_in_their_series),
		cmocka_unit_test(numbers_of_the_daemon_land_in_their_series),
		cmocka_unit_test(openmetrics_ends_with_eof_and_names_families_without_total),
		cmocka_unit_test(label_with_quotes_and_line_breaks_is_escaped),
		cmocka_unit_test(no_series_is_there_twice),
		cmocka_unit_test(more_flows_make_no_more_series),
		cmocka_unit_test(long_list_gives_series_to_the_target_first_and_says_what_is_left_out),
		cmocka_unit_test(counters_stay_with_their_group_over_a_reload),
		cmocka_unit_test(group_that_left_the_list_keeps_its_counters),
		cmocka_unit_test(prefix_that_leaves_and_comes_back_counts_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
