// SPDX-License-Identifier: GPL-2.0
/* One side of the traffic: said only where it is so for the controls, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "detect/sides.h"

#define T0	 1700000000ll
#define X	 0
#define CONTROLS 0x6u /* groups 1 and 2 */

static void flows(struct sides *s, __u8 group, unsigned int one, unsigned int both)
{
	while (one--)
		sides_flow(s, group, T0 + one, true);
	while (both--)
		sides_flow(s, group, T0 + both, false);
}

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct sides));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void most_flows_of_the_group_and_of_the_controls_must_be_so(void **state)
{
	flows(*state, X, 30, 10);
	assert_false(sides_one(*state, X, CONTROLS, T0 + 60));
	flows(*state, 1, 5, 15);
	assert_false(sides_one(*state, X, CONTROLS, T0 + 60));
	flows(*state, 2, 20, 0);
	assert_true(sides_one(*state, X, CONTROLS, T0 + 60));
	assert_false(sides_one(*state, X, 1u << 1, T0 + 60));
}

static void few_flows_tell_nothing(void **state)
{
	flows(*state, X, SIDES_FLOWS - 1, 0);
	flows(*state, 1, 50, 0);
	assert_false(sides_one(*state, X, CONTROLS, T0 + 60));
	flows(*state, X, 1, 0);
	assert_true(sides_one(*state, X, CONTROLS, T0 + 60));
}

static void a_group_is_no_control_of_itself(void **state)
{
	flows(*state, 1, 50, 0);
	assert_false(sides_one(*state, 1, 1u << 1, T0 + 60));
	flows(*state, 2, 50, 0);
	assert_true(sides_one(*state, 1, CONTROLS, T0 + 60));
}

static void ten_minutes_later_it_is_forgotten(void **state)
{
	flows(*state, X, 30, 0);
	flows(*state, 1, 30, 0);
	assert_true(sides_one(*state, X, CONTROLS, T0 + 590));
	assert_false(sides_one(*state, X, CONTROLS, T0 + 640));
}

#define with_sides(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sides(most_flows_of_the_group_and_of_the_controls_must_be_so),
		with_sides(few_flows_tell_nothing),
		with_sides(a_group_is_no_control_of_itself),
		with_sides(ten_minutes_later_it_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
