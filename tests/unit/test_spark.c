// SPDX-License-Identifier: GPL-2.0
/* Sparklines: every step is shown by a bar, the worst of each speaks, and nothing looks like something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "show/clean.h"
#include "show/spark.h"

static void a_line_is_as_wide_as_fits_with_steps_shared_out_evenly(void **state)
{
	(void)state;
	assert_int_equal(spark_width(60, 100), 60);
	assert_int_equal(spark_width(60, 60), 60);
	assert_int_equal(spark_width(60, 59), 30);
	assert_int_equal(spark_width(60, 29), 20);
	assert_int_equal(spark_width(60, 11), 10);
	assert_int_equal(spark_width(60, 1), 1);
	assert_int_equal(spark_width(60, 0), 0);
	assert_int_equal(spark_width(0, 10), 0);
	for (size_t room = 1; room < 70; room++)
		assert_int_equal(60 % spark_width(60, room), 0);
}

static void a_bar_stands_for_the_worst_of_its_steps(void **state)
{
	static const signed char steps[] = { -1, 3, 0, -1, -1, -1, 100, 7, 127 };

	(void)state;
	assert_int_equal(spark_value(steps, 9, 9, 0), -1);
	assert_int_equal(spark_value(steps, 9, 3, 0), 3);
	assert_int_equal(spark_value(steps, 9, 3, 1), -1);
	assert_int_equal(spark_value(steps, 9, 3, 2), 100);
	assert_int_equal(spark_value(steps, 9, 1, 0), 100);
	assert_int_equal(spark_value(steps, 9, 0, 0), -1);
	assert_int_equal(spark_value(steps, 9, 3, 7), -1);
}

static void bars_rise_with_the_percentage_and_little_is_more_than_nothing(void **state)
{
	(void)state;
	assert_int_equal(spark_char(-1, true), L' ');
	assert_int_equal(spark_char(0, true), 0x2581);
	assert_int_equal(spark_char(1, true), 0x2582);
	assert_int_equal(spark_char(86, true), 0x2587);
	assert_int_equal(spark_char(87, true), 0x2588); /* seven bars share the hundred */
	assert_int_equal(spark_char(100, true), 0x2588);
	assert_int_equal(spark_char(101, true), 0x2588);
	assert_int_equal(spark_char(-1, false), L' ');
	assert_int_equal(spark_char(0, false), L'_');
	assert_int_equal(spark_char(1, false), L'.');
	assert_int_equal(spark_char(100, false), L'#');
	for (int percent = 1; percent <= 100; percent++)
		assert_true(spark_char(percent, true) >= spark_char(percent - 1, true));
}

static void all_eight_bars_are_used_and_no_other(void **state)
{
	unsigned int seen = 0;

	(void)state;
	for (int percent = 0; percent <= 100; percent++)
		seen |= 1u << (spark_char(percent, true) - 0x2581);
	assert_int_equal(seen, 0xff);
}

static void a_line_of_text_has_one_character_a_bar(void **state)
{
	static const signed char steps[] = { -1, 0, 50, 100 };
	char text[64];

	(void)state;
	spark_text(steps, 4, 4, false, text, sizeof(text));
	assert_string_equal(text, " _=#");
	spark_text(steps, 4, 4, true, text, sizeof(text));
	assert_string_equal(text, " \xe2\x96\x81\xe2\x96\x85\xe2\x96\x88");
	spark_text(steps, 4, 0, true, text, sizeof(text));
	assert_string_equal(text, "");
}

static void a_line_ends_where_its_room_ends_and_stays_text(void **state)
{
	static const signed char steps[] = { 0, 50, -1, 100 };
	char text[16];

	(void)state;
	for (size_t size = 0; size < sizeof(text); size++) {
		memset(text, '!', sizeof(text));
		spark_text(steps, 4, 4, true, text, size);
		if (size) {
			assert_true(strlen(text) < size);
			assert_true(clean_is(text));
		}
		for (size_t i = size; i < sizeof(text); i++)
			assert_int_equal(text[i], '!');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_as_wide_as_fits_with_steps_shared_out_evenly),
		cmocka_unit_test(a_bar_stands_for_the_worst_of_its_steps),
		cmocka_unit_test(bars_rise_with_the_percentage_and_little_is_more_than_nothing),
		cmocka_unit_test(all_eight_bars_are_used_and_no_other),
		cmocka_unit_test(a_line_of_text_has_one_character_a_bar),
		cmocka_unit_test(a_line_ends_where_its_room_ends_and_stays_text),
	};

	return cmocka_run_group_tests_name("spark", tests, NULL, NULL);
}
