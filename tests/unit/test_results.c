// SPDX-License-Identifier: GPL-2.0
/* What a replay prints: order of first packet, as soon as that is known, late SYNs, the ledger of the contract, and the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "version.h"
#include "show/results.h"
#include "unit/made_list.h"

#define HELD 64 /* and more go to disk */

struct fixture {
	struct results results;
	struct board *board;
	struct list list;
	char *text;
	size_t size;
	FILE *to;
};

static __s64 wall(void *arg, __u64 ns)
{
	(void)arg;
	return (__s64)(ns / 1000000000);
}

static int set_up_as(void **state, bool json)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct board_setup setup = {
		.ranges = &f->list.ranges, .wall = wall, .finding = results_add, .arg = &f->results
	};

	list_begin(&f->list, "1");
	list_group(&f->list, "x", ROLE_TARGET, 1);
	list_prefix(&f->list, 0, "104.244.40.0/21", CLASS_OWN);
	list_group(&f->list, "google", ROLE_CONTROL, 1);
	list_prefix(&f->list, 1, "64.233.160.0/19", CLASS_OWN);
	f->board = board_new(&setup);
	f->to = open_memstream(&f->text, &f->size);
	*state = f;
	return f->board && f->to &&
			       !results_open(&f->results,
					     &(struct results_setup){
						     .to = f->to, .json = json, .dns = json, .held = HELD })
		       ? 0
		       : -1;
}

static int set_up(void **state)
{
	return set_up_as(state, true);
}

static int set_up_for_people(void **state)
{
	return set_up_as(state, false);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	fclose(f->to);
	free(f->text);
	results_free(&f->results);
	board_free(f->board);
	free(f);
	return 0;
}

/* An attempt without an answer whose first packet came at this time. */
static struct wire_record record(__u64 key, __u64 first_ns, unsigned int syns)
{
	return (struct wire_record){
		.kind = RECORD_FINAL,
		.now_ns = first_ns + 83000000000ull,
		.flow = { .key = key,
			  .first_ns = first_ns,
			  .syns = (__u8)syns,
			  .state = STATE_SYN_OPTIONS,
			  .seen = SEEN_SYN | SEEN_UP },
	};
}

static void add(struct fixture *f, __u64 key, __u64 first_ns, unsigned int syns)
{
	const struct wire_record r = record(key, first_ns, syns);

	board_record(f->board, &r);
}

static const char *printed(struct fixture *f)
{
	fflush(f->to);
	return f->text;
}

/* "3 1 2 ": the syns of the lines printed since the last time, which tell the flows apart. */
static void assert_printed(struct fixture *f, const char *expected)
{
	char order[256] = "", *line, *next;

	printed(f);
	f->text[ftell(f->to)] = '\0';
	for (line = f->text; *line; line = next + 1) {
		json_t *json;

		next = strchr(line, '\n');
		assert_non_null(next);
		json = json_loadb(line, (size_t)(next - line), 0, NULL);
		assert_non_null(json);
		snprintf(order + strlen(order), sizeof(order) - strlen(order), "%lld ",
			 json_integer_value(json_object_get(json, "syns")));
		json_decref(json);
	}
	rewind(f->to);
	assert_string_equal(order, expected);
}

/* All that is left of this capture. */
static void assert_order(struct fixture *f, const char *expected)
{
	results_next_capture(&f->results, f->board);
	assert_printed(f, expected);
}

static void flows_are_printed_in_order_of_their_first_packet(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 30000000000, 3);
	add(f, 2, 10000000000, 1);
	add(f, 3, 10000000001, 2);
	add(f, 4, ~0ull, 4);
	assert_order(f, "1 2 3 4 ");
}

static void a_flow_is_printed_once_no_earlier_one_can_follow(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 30000000000, 3);
	add(f, 2, 10000000000, 1);
	results_print_json(&f->results, f->board, 10000000000);
	assert_printed(f, "");
	results_print_json(&f->results, f->board, 25000000000);
	assert_printed(f, "1 ");
	add(f, 3, 26000000000, 2);
	results_print_json(&f->results, f->board, 30000000001);
	assert_printed(f, "2 3 ");
	assert_order(f, "");
}

static void captures_come_one_after_another_whatever_their_times(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 30000000000, 1);
	add(f, 2, 20000000000, 2);
	assert_order(f, "2 1 ");
	add(f, 3, 10000000000, 3);
	add(f, 4, 25000000000, 4);
	results_print_json(&f->results, f->board, 25000000000);
	assert_printed(f, "3 ");
	assert_order(f, "4 ");
}

static void all_are_printed_however_many(void **state)
{
	struct fixture *f = *state;
	unsigned int lines = 0;

	for (unsigned int i = 0; i < 5000; i++)
		add(f, i, 5000000000 - i, 1);
	results_next_capture(&f->results, f->board);
	for (const char *at = printed(f); (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 5000);
	assert_int_equal(f->results.n, 5000);
	assert_int_equal(f->results.err, 0);
}

static void late_syns_change_the_syns_of_their_own_flow_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct wire_record late = record(7, 10000000000, 9);

	add(f, 7, 10000000000, 3);
	add(f, 7, 20000000000, 4); /* the same key again, later */
	add(f, 8, 10000000000, 5);
	late.kind = RECORD_LATE_SYNS;
	results_late_syns(&f->results, &late);
	late.flow.key = 99; /* of a flow that is not here */
	late.flow.syns = 1;
	results_late_syns(&f->results, &late);
	assert_order(f, "9 5 4 ");
	late.flow.key = 7; /* nor of another capture */
	results_late_syns(&f->results, &late);
	assert_order(f, "");
}

static void late_syns_find_their_flow_on_the_disk_too(void **state)
{
	struct fixture *f = *state;
	struct wire_record late = record(2, 2000000000, 9);

	for (unsigned int i = 1; i <= HELD + 1; i++) /* one more than is held */
		add(f, i, i * 1000000000ull, 5);
	late.kind = RECORD_LATE_SYNS;
	results_late_syns(&f->results, &late);
	results_print_json(&f->results, f->board, 4000000000);
	assert_printed(f, "5 9 5 ");
}

static void questions_are_printed_in_order_however_many(void **state)
{
	static const struct name_rule rule = { .name = "x.com" };
	struct dns_case c = { .verdict = DNS_OK, .rule = &rule, .answers = 1, .asked = true };
	struct fixture *f = *state;
	const char *at;

	for (unsigned int i = 3 * HELD; i-- > 0;) { /* the last first; how long each took tells them apart */
		c.first_ns = 10000000000 + i;
		c.after_us = i * 1000;
		results_add_dns(&f->results, &c, 10);
	}
	results_next_capture(&f->results, f->board);
	c.first_ns = 0; /* another capture, of an earlier time */
	c.after_us = 3 * HELD * 1000;
	results_add_dns(&f->results, &c, 10);
	results_print_dns(&f->results, f->board);
	at = printed(f);
	for (unsigned int i = 0; i <= 3 * HELD; i++) {
		char ms[32];

		snprintf(ms, sizeof(ms), "\"ms\":%u.0,", i);
		at = strstr(at, "{\"dns\":");
		assert_non_null(at);
		at = strstr(at, "\"ms\":");
		assert_int_equal(strncmp(at, ms, strlen(ms)), 0);
	}
	assert_null(strstr(at, "{\"dns\":"));
	assert_int_equal(f->results.err, 0);
}

static struct watch_totals some_totals(void)
{
	struct watch_totals t = { .packets = 1000 };

	for (unsigned int i = 0; i < COUNTERS; i++)
		t.n[i] = 100 + i;
	return t;
}

static void the_last_line_is_the_ledger_of_the_contract(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = some_totals();
	char expected[1024];

	add(f, 1, 10000000000, 3);
	board_totals(f->board, &t, 100);
	results_print_ledger(&f->results, f->board, "1 2026-11-01 0123");
	snprintf(
		expected, sizeof(expected),
		"{\"summary\":{\"packets\":1000,\"watched\":%u,\"unparsed\":{\"short\":%u,\"ethertype\":%u,\"depth\":%u,"
		"\"header\":%u,\"fragment\":%u,\"tunnel\":%u,\"extension\":%u,\"transport\":%u,\"quote\":%u},"
		"\"midstream\":%u,\"opened\":%u,\"judged\":1,\"forgotten\":0,\"lost\":{\"full\":%u,\"nomem\":%u,"
		"\"busy\":%u,\"race\":%u,\"recycled\":%u,\"key_retired\":%u},\"ranges\":\"1 2026-11-01 0123\","
		"\"version\":\"" XREACH_VERSION "\"}}\n",
		100 + COUNT_WATCHED, 100 + COUNT_UNPARSED_SHORT, 100 + COUNT_UNPARSED_ETHERTYPE,
		100 + COUNT_UNPARSED_DEPTH, 100 + COUNT_UNPARSED_HEADER, 100 + COUNT_UNPARSED_FRAGMENT,
		100 + COUNT_UNPARSED_TUNNEL, 100 + COUNT_UNPARSED_EXTENSION, 100 + COUNT_UNPARSED_TRANSPORT,
		100 + COUNT_UNPARSED_QUOTE, 100 + COUNT_MIDSTREAM, 100 + COUNT_OPENED, 100 + COUNT_LOST_FULL,
		100 + COUNT_LOST_NOMEM, 100 + COUNT_LOST_BUSY, 100 + COUNT_LOST_RACE, 100 + COUNT_LOST_RECYCLED,
		100 + COUNT_LOST_KEY_RETIRED);
	assert_string_equal(printed(f), expected);
}

static void a_list_whose_name_is_no_text_does_not_cost_the_ledger(void **state)
{
	struct fixture *f = *state;

	results_print_ledger(&f->results, f->board, "v\xff 2026");
	assert_non_null(strstr(printed(f), "\"ranges\":\"v? 2026\""));
}

static void a_capture_without_any_attempt_says_so_and_what_to_do(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .packets = 12 };

	board_totals(f->board, &t, 100);
	results_print_table(&f->results, f->board);
	assert_non_null(strstr(printed(f), "12 packets, 0 to and from watched addresses"));
	assert_non_null(strstr(f->text, "No attempt to reach a watched address is in here."));
	assert_non_null(strstr(f->text, "--ranges names another list."));
	assert_non_null(strstr(f->text, "\nbooks: opened 0 = judged 0 + forgotten 0 + lost 0\n"));
	assert_null(strstr(f->text, "GROUP"));
}

static void the_table_has_groups_then_verdicts_by_number_then_the_books(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .packets = 12 };
	struct wire_record control = record(50, 10000000000, 3);

	for (unsigned int i = 0; i < 3; i++)
		add(f, i, 10000000000, 3);
	control.flow.prefix = 1;
	board_record(f->board, &control);
	t.n[COUNT_OPENED] = 4;
	t.n[COUNT_HANDED] = 4;
	t.n[COUNT_UNPARSED_DEPTH] = 2;
	board_totals(f->board, &t, 100);
	results_print_table(&f->results, f->board);
	printed(f);
	assert_non_null(strstr(f->text, "x                            3         0         3         0  100 %\n"));
	assert_non_null(strstr(f->text, "google                       1         0         1         0  100 %\n"));
	assert_non_null(strstr(f->text, "x                            3  post_syn  timeout       SYN->0"));
	assert_non_null(strstr(f->text, "\nnot parsed: 2 depth\n"));
	assert_non_null(strstr(f->text, "\nbooks: opened 4 = judged 4 + forgotten 0 + lost 0\n"));
	assert_null(strstr(f->text, "BALANCE"));
	assert_null(strstr(f->text, "WHERE")); /* too few to tell */
}

static void what_a_block_goes_by_is_told_after_the_verdicts(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 20; i++)
		add(f, i, 10000000000, 3);
	results_print_table(&f->results, f->board);
	assert_non_null(
		strstr(printed(f), "\nGROUP                WHERE\nx                    mechanism: address\n"));
}

static void books_that_do_not_balance_are_called_an_error(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .n = { [COUNT_OPENED] = 2, [COUNT_HANDED] = 1, [COUNT_LOST_FULL] = 0 } };

	add(f, 1, 10000000000, 3);
	board_totals(f->board, &t, 100);
	results_print_table(&f->results, f->board);
	assert_non_null(strstr(printed(f), "lost 0   THEY DO NOT BALANCE: an error of xreach\n"));
}

static void seconds_of_which_nothing_is_said_are_told(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .packets = 1000 };

	for (unsigned int second = 0; second < 30; second++) { /* from the tenth on one of ten is in a tunnel */
		t.packets += 100;
		t.n[COUNT_UNPARSED_TUNNEL] += second < 10 ? 0 : 10;
		board_totals(f->board, &t, 1000 + second);
		results_second(&f->results, f->board);
	}
	results_print_table(&f->results, f->board);
	assert_non_null(
		strstr(printed(f),
		       "\nFor 18 s nothing is said of incidents: over the ten minutes before, more than 2 % was "
		       "lost or not understood\n"));
}

static void losses_are_told_by_their_reasons(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .n = { [COUNT_OPENED] = 5, [COUNT_LOST_FULL] = 3, [COUNT_LOST_RACE] = 2 } };

	board_totals(f->board, &t, 100);
	results_print_table(&f->results, f->board);
	assert_non_null(strstr(printed(f), "\nlost: 3 full, 2 race\n"));
}

static void the_example_of_a_kind_is_its_first_and_has_its_late_syns(void **state)
{
	struct fixture *f = *state;
	struct wire_record late = record(2, 10000000000, 6);

	add(f, 1, 30000000000, 3);
	add(f, 2, 10000000000, 4);
	add(f, 3, 20000000000, 5);
	late.kind = RECORD_LATE_SYNS;
	results_late_syns(&f->results, &late);
	results_print_table(&f->results, f->board);
	assert_non_null(strstr(printed(f), "For example:\n  x: no answer to 6 SYNs"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define P(name) cmocka_unit_test_setup_teardown(name, set_up_for_people, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(flows_are_printed_in_order_of_their_first_packet),
		T(a_flow_is_printed_once_no_earlier_one_can_follow),
		T(captures_come_one_after_another_whatever_their_times),
		T(all_are_printed_however_many),
		T(late_syns_change_the_syns_of_their_own_flow_and_nothing_else),
		T(late_syns_find_their_flow_on_the_disk_too),
		P(the_example_of_a_kind_is_its_first_and_has_its_late_syns),
		T(questions_are_printed_in_order_however_many),
		T(the_last_line_is_the_ledger_of_the_contract),
		T(a_list_whose_name_is_no_text_does_not_cost_the_ledger),
		P(a_capture_without_any_attempt_says_so_and_what_to_do),
		P(the_table_has_groups_then_verdicts_by_number_then_the_books),
		P(what_a_block_goes_by_is_told_after_the_verdicts),
		P(books_that_do_not_balance_are_called_an_error),
		P(seconds_of_which_nothing_is_said_are_told),
		P(losses_are_told_by_their_reasons),
	};

	return cmocka_run_group_tests_name("results", tests, NULL, NULL);
}
