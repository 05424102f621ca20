// SPDX-License-Identifier: GPL-2.0
/* What a replay prints: order of first packet, late SYNs, the ledger of the contract, and the table. */
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

static int set_up(void **state)
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
	return f->board && f->to ? 0 : -1;
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

/* "3 1 2 ": the syns of the lines printed, which tell the flows apart. */
static void assert_order(struct fixture *f, const char *expected)
{
	char order[256] = "", *line, *next;

	results_sort(&f->results);
	rewind(f->to);
	results_print_json(&f->results, f->board, f->to);
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
	assert_string_equal(order, expected);
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

static void captures_come_one_after_another_whatever_their_times(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 30000000000, 1);
	add(f, 2, 20000000000, 2);
	f->results.file++;
	add(f, 3, 10000000000, 3);
	add(f, 4, 25000000000, 4);
	assert_order(f, "2 1 3 4 ");
}

static void all_are_kept_however_many(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 5000; i++)
		add(f, i, 5000000000 - i, i % 255);
	assert_int_equal(f->results.n, 5000);
	results_sort(&f->results);
	for (unsigned int i = 1; i < 5000; i++)
		assert_true(f->results.at[i - 1].first_ns < f->results.at[i].first_ns);
	assert_false(f->results.no_memory);
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
	assert_order(f, "9 5 4 ");
	late.flow.key = 99; /* of a flow that is not here */
	late.flow.syns = 1;
	results_late_syns(&f->results, &late);
	f->results.file++; /* nor of another capture */
	late.flow.key = 7;
	results_late_syns(&f->results, &late);
	assert_order(f, "9 5 4 ");
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
	results_print_ledger(f->board, "1 2026-11-01 0123", f->to);
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

	results_print_ledger(f->board, "v\xff 2026", f->to);
	assert_non_null(strstr(printed(f), "\"ranges\":\"v? 2026\""));
}

static void a_capture_without_any_attempt_says_so_and_what_to_do(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .packets = 12 };

	board_totals(f->board, &t, 100);
	results_print_table(&f->results, f->board, f->to);
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
	results_print_table(&f->results, f->board, f->to);
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
	results_print_table(&f->results, f->board, f->to);
	assert_non_null(
		strstr(printed(f), "\nGROUP                WHERE\nx                    mechanism: address\n"));
}

static void books_that_do_not_balance_are_called_an_error(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .n = { [COUNT_OPENED] = 2, [COUNT_HANDED] = 1, [COUNT_LOST_FULL] = 0 } };

	add(f, 1, 10000000000, 3);
	board_totals(f->board, &t, 100);
	results_print_table(&f->results, f->board, f->to);
	assert_non_null(strstr(printed(f), "lost 0   THEY DO NOT BALANCE: an error of xreach\n"));
}

static void losses_are_told_by_their_reasons(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .n = { [COUNT_OPENED] = 5, [COUNT_LOST_FULL] = 3, [COUNT_LOST_RACE] = 2 } };

	board_totals(f->board, &t, 100);
	results_print_table(&f->results, f->board, f->to);
	assert_non_null(strstr(printed(f), "\nlost: 3 full, 2 race\n"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(flows_are_printed_in_order_of_their_first_packet),
		T(captures_come_one_after_another_whatever_their_times),
		T(all_are_kept_however_many),
		T(late_syns_change_the_syns_of_their_own_flow_and_nothing_else),
		T(the_last_line_is_the_ledger_of_the_contract),
		T(a_list_whose_name_is_no_text_does_not_cost_the_ledger),
		T(a_capture_without_any_attempt_says_so_and_what_to_do),
		T(the_table_has_groups_then_verdicts_by_number_then_the_books),
		T(what_a_block_goes_by_is_told_after_the_verdicts),
		T(books_that_do_not_balance_are_called_an_error),
		T(losses_are_told_by_their_reasons),
	};

	return cmocka_run_group_tests_name("results", tests, NULL, NULL);
}
