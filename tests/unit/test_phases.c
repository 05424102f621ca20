// SPDX-License-Identifier: GPL-2.0
/* Phases of an incident that comes and goes for days: what is new is kept, and what is oldest summed up truly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/phases.h"

#define T0 1708185850ll

/* Five minutes on, ten off. */
static void cycle(struct incident *in, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (in->n_phases)
			in->phases[in->n_phases - 1].to = T0 + (i - 1) * 900ll + 300;
		phases_add(in, T0 + i * 900ll, WORD_BLOCKED);
	}
}

static void cycles_of_days_are_kept_one_by_one(void **state)
{
	struct incident in = {};

	(void)state;
	cycle(&in, 5 * 96);
	assert_int_equal(in.n_phases, 5 * 96);
	for (unsigned int i = 0; i < in.n_phases; i++) {
		assert_true(in.phases[i].from == T0 + i * 900ll);
		assert_int_equal(in.phases[i].state, WORD_BLOCKED);
	}
}

static void beyond_the_bound_the_oldest_are_one_and_nothing_new_is_lost(void **state)
{
	struct incident in = {};

	(void)state;
	cycle(&in, INCIDENT_PHASES + 88);
	assert_int_equal(in.n_phases, INCIDENT_PHASES);
	assert_true(in.phases[0].from == T0); /* `since` stays */
	assert_true(in.phases[0].to == T0 + 88 * 900ll + 300);
	assert_int_equal(in.phases[0].state, WORD_IMPAIRED);
	for (unsigned int i = 1; i < in.n_phases; i++)
		assert_true(in.phases[i].from == T0 + (88 + i) * 900ll);
	assert_true(in.phases[1].to == in.phases[1].from + 300);
	assert_true(!in.phases[INCIDENT_PHASES - 1].to); /* it is on */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cycles_of_days_are_kept_one_by_one),
		cmocka_unit_test(beyond_the_bound_the_oldest_are_one_and_nothing_new_is_lost),
	};

	return cmocka_run_group_tests_name("phases", tests, NULL, NULL);
}
