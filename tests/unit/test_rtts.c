// SPDX-License-Identifier: GPL-2.0
/* Medians of handshake round trips by prefix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/rtts.h"

static int set_up(void **state)
{
	*state = rtts_new();
	return !*state;
}

static int tear_down(void **state)
{
	rtts_free(*state);
	return 0;
}

static void of_a_prefix_never_seen_there_is_none(void **state)
{
	rtts_add(*state, 7, 1000);
	assert_int_equal(rtts_median(*state, 8), 0);
}

static void a_median_is_one_that_was_measured(void **state)
{
	rtts_add(*state, 7, 9000);
	rtts_add(*state, 7, 1000);
	assert_int_equal(rtts_median(*state, 7), 1000);
	rtts_add(*state, 7, 3000);
	assert_int_equal(rtts_median(*state, 7), 3000);
}

static void only_the_last_flows_count(void **state)
{
	for (int i = 0; i < 200; i++)
		rtts_add(*state, 7, 1000);
	for (int i = 0; i < RTTS_LAST / 2; i++)
		rtts_add(*state, 7, 5000);
	assert_int_equal(rtts_median(*state, 7), 1000);
	rtts_add(*state, 7, 5000);
	assert_int_equal(rtts_median(*state, 7), 5000);
}

static void prefixes_beyond_the_bound_are_not_remembered(void **state)
{
	for (__u32 i = 1; i <= RTTS_PREFIXES + 1; i++)
		rtts_add(*state, i, i);
	assert_int_equal(rtts_median(*state, RTTS_PREFIXES), RTTS_PREFIXES);
	assert_int_equal(rtts_median(*state, RTTS_PREFIXES + 1), 0);
	rtts_clear(*state);
	assert_int_equal(rtts_median(*state, 1), 0);
	rtts_add(*state, RTTS_PREFIXES + 1, 5);
	assert_int_equal(rtts_median(*state, RTTS_PREFIXES + 1), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_a_prefix_never_seen_there_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_median_is_one_that_was_measured, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_the_last_flows_count, set_up, tear_down),
		cmocka_unit_test_setup_teardown(prefixes_beyond_the_bound_are_not_remembered, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
