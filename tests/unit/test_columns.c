// SPDX-License-Identifier: GPL-2.0
/* The tables of the live view: what fits a width, in which order rows come, what a filter lets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "show/columns.h"
#include "show/spark.h"
#include "unit/view_scene.h"

static struct view_scene scene;

static int set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	scene_init(&scene, 5);
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

static int column_of(const struct table *table, const struct layout *layout, const char *title)
{
	for (size_t i = 0; i < layout->n; i++)
		if (!strcmp(table->columns[layout->at[i].column].title, title))
			return (int)i;
	return -1;
}

static void columns_never_overlap_nor_leave_the_width(void **state)
{
	struct layout layout;

	(void)state;
	for (enum table_id id = 0; id < TABLES; id++) {
		for (int width = 0; width < 250; width++) {
			int end = 0;

			table_layout(&tables[id], &scene.view, 0, width, &layout);
			for (size_t i = 0; i < layout.n; i++) {
				assert_int_equal(layout.at[i].col, end ? end + 1 : 0);
				assert_true(layout.at[i].width > 0);
				end = layout.at[i].col + layout.at[i].width;
			}
			assert_true(end <= width);
		}
	}
}

static void server_and_outcome_stay_longest(void **state)
{
	const struct table *table = &tables[TABLE_FLOWS];
	struct layout layout;

	(void)state;
	table_layout(table, &scene.view, 0, 40, &layout);
	assert_int_not_equal(column_of(table, &layout, "SERVER:PORT"), -1);
	assert_int_not_equal(column_of(table, &layout, "OUTCOME"), -1);
	assert_int_equal(column_of(table, &layout, "PREFIX"), -1);
	table_layout(table, &scene.view, 0, 10, &layout);
	assert_true(layout.n <= 1);
}

static void sparkline_takes_only_what_the_others_leave(void **state)
{
	const struct table *table = &tables[TABLE_GROUPS];
	struct layout layout;
	int spark;

	(void)state;
	table_layout(table, &scene.view, COLUMNS_MAX, 80, &layout);
	assert_int_not_equal(column_of(table, &layout, "STATE"), -1);
	assert_int_not_equal(column_of(table, &layout, "SAMPLE"), -1);
	spark = column_of(table, &layout, "LAST 5 MIN");
	assert_int_not_equal(spark, -1);
	assert_true(layout.at[spark].width >= 15);
	table_layout(table, &scene.view, COLUMNS_MAX, 200, &layout);
	assert_int_equal(layout.at[column_of(table, &layout, "LAST 5 MIN")].width, VIEW_SPARK);
	assert_int_equal(layout.n,
			 table->n_columns - 5); /* no incident is on, no client counted, DNS said nothing */
	strcpy(scene.view.groups[0].dns, "12 ok, 3 bogon");
	table_layout(table, &scene.view, COLUMNS_MAX, 200, &layout);
	assert_int_equal(layout.n, table->n_columns - 4);
	scene.view.groups[0].dns[0] = '\0';
}

static void a_column_that_is_empty_in_all_rows_goes(void **state)
{
	const struct table *table = &tables[TABLE_FLOWS];
	struct layout layout;

	(void)state;
	table_layout(table, &scene.view, 0, 250, &layout);
	assert_int_equal(column_of(table, &layout, "DROPPED"), -1);
	scene.flows[3].dropped_here = true;
	table_layout(table, &scene.view, 0, 250, &layout);
	assert_int_not_equal(column_of(table, &layout, "DROPPED"), -1);
}

static void equal_rows_keep_their_order_both_ways(void **state)
{
	size_t rows[VIEW_FLOWS], n;

	(void)state;
	n = table_select(&tables[TABLE_FLOWS], &scene.view, 6, true, "", rows); /* all in one stage */
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rows[i], i);
	table_select(&tables[TABLE_FLOWS], &scene.view, 6, false, "", rows);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rows[i], i);
}

static void flows_of_one_minute_turn_round_with_the_time(void **state)
{
	size_t rows[VIEW_FLOWS];

	(void)state;
	table_select(&tables[TABLE_FLOWS], &scene.view, 0, true, "", rows);
	assert_int_equal(scene.flows[rows[0]].id, 5);
	table_select(&tables[TABLE_FLOWS], &scene.view, 0, false, "", rows);
	assert_int_equal(scene.flows[rows[0]].id, 1);
}

static void numbers_sort_as_numbers(void **state)
{
	size_t rows[3];

	(void)state;
	table_select(&tables[TABLE_PREFIXES], &scene.view, 5, true, "", rows); /* attempts */
	assert_int_equal(scene.prefixes[rows[0]].attempts, 900);
	assert_int_equal(scene.prefixes[rows[1]].attempts, 400);
	table_select(&tables[TABLE_PREFIXES], &scene.view, 0, false, "", rows); /* prefix */
	assert_string_equal(scene.prefixes[rows[0]].prefix, "9.0.0.0/8");
}

static void filter_looks_into_every_cell(void **state)
{
	const struct table *table = &tables[TABLE_FLOWS];
	static const char *const yes[] = { "",	       " ",	  "LAHORE",	 "rst+ack", "40.2", "2/3",
					   "post_psh", "x reset", "nothing|tcp", "|",	    "12:00" };
	static const char *const no[] = { "karachi", "reset quic", "nothing|nobody", "13:00" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!table_matches(table, &scene.flows[0], yes[i]))
			fail_msg("'%s' keeps the flow out", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (table_matches(table, &scene.flows[0], no[i]))
			fail_msg("'%s' lets the flow through", no[i]);
}

static void shares_are_never_rounded_to_all_or_nothing(void **state)
{
	static const struct {
		double share;
		const char *text;
	} cases[] = { { -1, "-" },	 { 0, "0%" },	{ 0.001, "<1%" }, { 0.5, "50%" },
		      { 0.999, ">99%" }, { 1, "100%" }, { 2, "100%" } };
	char text[8];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		share_text(cases[i].share, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void counts_fit_seven_characters(void **state)
{
	unsigned long long n = 1;
	char text[32];

	(void)state;
	for (int i = 0; i < 20; i++, n *= 10) {
		count_text(n - 1, text, sizeof(text));
		assert_true(strlen(text) <= 7);
	}
	count_text(9999999, text, sizeof(text));
	assert_string_equal(text, "9999999");
	count_text(10000000, text, sizeof(text));
	assert_string_equal(text, "10000k");
}

static void sparkline_shows_the_worst_of_what_it_joins(void **state)
{
	signed char steps[VIEW_SPARK];

	(void)state;
	memset(steps, -1, sizeof(steps));
	steps[7] = 80;
	steps[8] = 3;
	assert_int_equal(spark_width(VIEW_SPARK, 25), 20);
	assert_int_equal(spark_value(steps, VIEW_SPARK, 20, 2), 80);
	assert_int_equal(spark_value(steps, VIEW_SPARK, 20, 3), -1);
	assert_int_not_equal(spark_char(1, true), spark_char(0, true)); /* a little is not nothing */
	assert_int_equal(spark_char(-1, true), L' ');
}

static void rows_keep_their_id_in_the_next_view(void **state)
{
	unsigned long long before = table_row_id(TABLE_FLOWS, &scene.view, 0);

	(void)state;
	scene_add_flow(&scene, 6, "199.59.148.1");
	assert_int_equal(table_row_id(TABLE_FLOWS, &scene.view, 1), before);
	for (enum table_id id = 0; id < TABLES; id++)
		for (size_t i = 0; i < table_rows(&tables[id], &scene.view); i++)
			for (size_t j = 0; j < i; j++)
				assert_true(table_row_id(id, &scene.view, i) != table_row_id(id, &scene.view, j));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(columns_never_overlap_nor_leave_the_width),
		TEST(server_and_outcome_stay_longest),
		TEST(sparkline_takes_only_what_the_others_leave),
		TEST(a_column_that_is_empty_in_all_rows_goes),
		TEST(equal_rows_keep_their_order_both_ways),
		TEST(flows_of_one_minute_turn_round_with_the_time),
		TEST(numbers_sort_as_numbers),
		TEST(filter_looks_into_every_cell),
		TEST(shares_are_never_rounded_to_all_or_nothing),
		TEST(counts_fit_seven_characters),
		TEST(sparkline_shows_the_worst_of_what_it_joins),
		TEST(rows_keep_their_id_in_the_next_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
