// SPDX-License-Identifier: GPL-2.0
/* Failures by signature since a time: to the minute, and with what was taken back taken out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/signs.h"

#define T0 1699999980ll /* a whole minute */

static int set_up(void **state)
{
	*state = signs_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	signs_free(*state);
	return 0;
}

static __u64 since(const struct signs *s, __s64 at, enum signature signature)
{
	__u64 before[SIGNATURES], now[SIGNATURES];

	signs_until(s, 1, at, before);
	signs_now(s, 1, now);
	return now[signature] - before[signature];
}

static void what_failed_before_that_minute_is_left_out(void **state)
{
	for (int i = 0; i < 10; i++)
		signs_add(*state, 1, SIGNATURE_SYN_0, T0 + i, 1);
	for (int i = 0; i < 5; i++)
		signs_add(*state, 1, SIGNATURE_PSH_RSTACK, T0 + 120 + i, 1);
	assert_int_equal(since(*state, T0 + 30, SIGNATURE_SYN_0), 10); /* the same minute */
	assert_int_equal(since(*state, T0 + 60, SIGNATURE_SYN_0), 0);
	assert_int_equal(since(*state, T0 + 60, SIGNATURE_PSH_RSTACK), 5);
	assert_int_equal(since(*state, T0 + 121, SIGNATURE_PSH_RSTACK), 5);
	assert_int_equal(since(*state, T0 + 180, SIGNATURE_PSH_RSTACK), 0);
}

static void what_was_taken_back_is_not_counted(void **state)
{
	signs_add(*state, 1, SIGNATURE_SYN_0, T0, 1);
	signs_add(*state, 1, SIGNATURE_SYN_0, T0, 1);
	signs_add(*state, 1, SIGNATURE_SYN_0, T0 + 5, -1);
	assert_int_equal(since(*state, T0, SIGNATURE_SYN_0), 1);
}

static void groups_do_not_mix(void **state)
{
	signs_add(*state, 2, SIGNATURE_SYN_0, T0, 1);
	signs_add(*state, WIRE_GROUPS_MAX, SIGNATURE_SYN_0, T0, 1);
	assert_int_equal(since(*state, 0, SIGNATURE_SYN_0), 0);
}

static void beyond_its_memory_the_oldest_minute_stands_in(void **state)
{
	for (int minute = 0; minute < SIGNS_MINUTES + 10; minute++)
		signs_add(*state, 1, SIGNATURE_SYN_0, T0 + minute * 60, 1);
	assert_int_equal(since(*state, T0, SIGNATURE_SYN_0), SIGNS_MINUTES);
}

#define with_signs(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_signs(what_failed_before_that_minute_is_left_out),
		with_signs(what_was_taken_back_is_not_counted),
		with_signs(groups_do_not_mix),
		with_signs(beyond_its_memory_the_oldest_minute_stands_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
