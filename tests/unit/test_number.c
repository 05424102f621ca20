// SPDX-License-Identifier: GPL-2.0
/* Numbers and times that people write: what is read, what is refused, and with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "number.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void plain_numbers_are_read_up_to_their_bounds(void **state)
{
	static const struct {
		const char *text;
		__u64 low, high, value;
	} rows[] = {
		{ "16", 16, 99, 16 },
		{ "99", 16, 99, 99 },
		{ "0", 0, 0, 0 },
		{ "007", 0, 9, 7 },
		{ "18446744073709551615", 0, ~0ull, ~0ull },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		char error[128] = "";
		__u64 value = 12345;

		assert_int_equal(number_parse("n", rows[i].text, rows[i].low, rows[i].high, &value, error,
					      sizeof(error)),
				 0);
		assert_true(value == rows[i].value);
		assert_string_equal(error, "");
	}
}

static void what_is_no_number_within_bounds_is_refused_and_leaves_the_value_alone(void **state)
{
	static const char *const texts[] = { "",
					     " 20",
					     "20 ",
					     "15",
					     "100",
					     "-20",
					     "+20",
					     "0x14",
					     "2e1",
					     "20.0",
					     "x",
					     "18446744073709551616",
					     "99999999999999999999999999" };

	(void)state;
	for (size_t i = 0; i < N(texts); i++) {
		char error[128] = "";
		__u64 value = 12345;

		assert_int_equal(number_parse("--flows", texts[i], 16, 99, &value, error, sizeof(error)), -EINVAL);
		assert_true(value == 12345);
		assert_non_null(strstr(error, texts[i]));
	}
}

static void the_complaint_names_option_value_and_bounds(void **state)
{
	char error[128];
	__u64 value;

	(void)state;
	number_parse("--flows", "many", 16, 99, &value, error, sizeof(error));
	assert_string_equal(error, "--flows: 'many' is not a number from 16 to 99");
}

static void a_long_value_is_cut_and_never_written_beyond_the_end(void **state)
{
	char text[300], error[40];
	__u64 value;

	(void)state;
	memset(text, '9', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memset(error, '#', sizeof(error));
	number_parse("n", text, 1, 2, &value, error, sizeof(error));
	assert_int_equal(strlen(error), sizeof(error) - 1);
}

static void times_are_seconds_unless_a_unit_follows(void **state)
{
	static const struct {
		const char *text;
		__u32 ms;
	} rows[] = {
		{ "3", 3000 },	   { "3s", 3000 },     { "3 s", 3000 },	   { "500ms", 500 },
		{ "2m", 120000 },  { "2min", 120000 }, { "0.5", 500 },	   { "1.5m", 90000 },
		{ "0.25s", 250 },  { "0.0015m", 60 },  { "1.001s", 1001 }, { "1.0019", 1001 },
		{ "100", 100000 }, { "0.05m", 3000 },  { "60m", 3600000 }, { "3600000ms", 3600000 },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		char error[128];
		__u32 ms = 0;

		assert_int_equal(number_parse_ms("t", rows[i].text, 50, 3600000, &ms, error, sizeof(error)), 0);
		assert_int_equal(ms, rows[i].ms);
	}
}

static void no_time_is_read_beyond_its_bounds_or_from_other_words(void **state)
{
	static const char *const texts[] = { "",
					     "s",
					     "0",
					     "99ms",
					     "61m",
					     "3601",
					     "1h",
					     "3 sec",
					     "-3",
					     "3.",
					     ".5",
					     "1,5",
					     "3.s",
					     " 3",
					     "3s ",
					     "3ss",
					     "0.0000001",
					     "4294967296ms",
					     "4294967297s",
					     "18446744073709551616s",
					     "71582788.3m",
					     "307445734561826m" /* 8384 ms modulo 2^64 */ };

	(void)state;
	for (size_t i = 0; i < N(texts); i++) {
		char error[128] = "";
		__u32 ms = 777;

		assert_int_equal(number_parse_ms("t", texts[i], 100, 3600000, &ms, error, sizeof(error)), -EINVAL);
		assert_int_equal(ms, 777);
		assert_non_null(strstr(error, texts[i]));
	}
}

static void the_complaint_about_a_time_names_its_bounds_with_units(void **state)
{
	char error[128];
	__u32 ms;

	(void)state;
	number_parse_ms("--wait-syn", "1h", 100, 3600000, &ms, error, sizeof(error));
	assert_string_equal(error, "--wait-syn: '1h' is not a time from 100ms to 60m (seconds, or with ms, s, m)");
}

static void a_time_is_told_as_short_as_it_is_exact_and_reads_back_the_same(void **state)
{
	static const struct {
		__u32 ms;
		const char *text;
	} rows[] = { { 0, "0s" },      { 1, "1ms" },	   { 999, "999ms" },
		     { 1000, "1s" },   { 1500, "1500ms" }, { 60000, "1m" },
		     { 90000, "90s" }, { 3600000, "60m" }, { 4294967295u, "4294967295ms" } };

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		char text[16], error[128];
		__u32 ms = 0;

		assert_string_equal(number_ms_text(rows[i].ms, text, sizeof(text)), rows[i].text);
		assert_int_equal(number_parse_ms("t", text, 0, ~0u, &ms, error, sizeof(error)), 0);
		assert_true(ms == rows[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_numbers_are_read_up_to_their_bounds),
		cmocka_unit_test(what_is_no_number_within_bounds_is_refused_and_leaves_the_value_alone),
		cmocka_unit_test(the_complaint_names_option_value_and_bounds),
		cmocka_unit_test(a_long_value_is_cut_and_never_written_beyond_the_end),
		cmocka_unit_test(times_are_seconds_unless_a_unit_follows),
		cmocka_unit_test(no_time_is_read_beyond_its_bounds_or_from_other_words),
		cmocka_unit_test(the_complaint_about_a_time_names_its_bounds_with_units),
		cmocka_unit_test(a_time_is_told_as_short_as_it_is_exact_and_reads_back_the_same),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
