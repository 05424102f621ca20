// SPDX-License-Identifier: GPL-2.0
/* Moments as people write them: UTC, or so long ago; whatever else is refused with the form that would do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "when.h"

#define NOON 1708171200ll /* 2024-02-17 12:00:00 UTC */

static void dates_and_spans_are_moments_in_utc(void **state)
{
	static const struct {
		const char *text;
		__s64 at;
	} rows[] = {
		{ "2024-02-17", NOON - 43200 },
		{ "2024-02-17T12:00", NOON },
		{ "2024-02-17T12:00Z", NOON },
		{ "2024-02-17 12:01", NOON + 60 },
		{ "2024-02-17T12:00:05", NOON + 5 },
		{ "2024-02-17T12:00:05Z", NOON + 5 },
		{ "90m", NOON - 5400 },
		{ "6h", NOON - 21600 },
		{ "14d", NOON - 14 * 86400 },
		{ "2w", NOON - 14 * 86400 },
		{ "2024-02-29", NOON + 12 * 86400 - 43200 },
	};
	char error[256];

	(void)state;
	setenv("TZ", "Asia/Karachi", 1); /* which must not matter */
	tzset();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		__s64 at = 0;

		if (when_parse("--since", rows[i].text, NOON, &at, error, sizeof(error)) || at != rows[i].at)
			fail_msg("'%s' is %lld and not %lld", rows[i].text, (long long)at, (long long)rows[i].at);
	}
}

static void what_is_no_moment_is_refused_and_changes_nothing(void **state)
{
	static const char *const bad[] = { "",
					   "yesterday",
					   "6",
					   "h",
					   "-6h",
					   "6hh",
					   "0h",
					   "2024-02",
					   "2024-02-31",
					   "2024-13-01",
					   "2024-02-17T25:00",
					   "6 h",
					   "9999999999h",
					   "1e3h",
					   "17.02.2024",
					   "2023-02-29",
					   "1960-01-01" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char error[256] = "";
		__s64 at = 7;

		if (when_parse("--since", bad[i], NOON, &at, error, sizeof(error)) != -EINVAL || at != 7)
			fail_msg("'%s' is taken", bad[i]);
		assert_memory_equal(error, "--since: '", 10);
	}
}

static void lengths_are_told_as_people_do(void **state)
{
	static const struct {
		__s64 seconds;
		const char *text;
	} rows[] = { { 0, "0 s" },	     { 119, "119 s" },	       { 120, "2 min" },
		     { 3000, "50 min" },     { 7200, "2 h" },	       { 12000, "3 h 20 min" },
		     { 86400, "24 h" },	     { 176400, "2 days 1 h" }, { 5 * 86400, "5 days" },
		     { 1201, "20 min 1 s" }, { 7259, "2 h 1 min" },    { 172799, "2 days" } };
	char text[WHEN_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(when_long(rows[i].seconds, text), rows[i].text);
	assert_string_equal(when_minute(NOON + 61, text), "2024-02-17 12:01");
	assert_string_equal(when_second(NOON + 61, text), "2024-02-17 12:01:01");
	assert_string_equal(when_iso(NOON + 61, text), "2024-02-17T12:01:01Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_and_spans_are_moments_in_utc),
		cmocka_unit_test(what_is_no_moment_is_refused_and_changes_nothing),
		cmocka_unit_test(lengths_are_told_as_people_do),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
