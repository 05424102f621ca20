// SPDX-License-Identifier: GPL-2.0
/* A machine that slept, a capture with a hole: what of it is told, and that nothing is concluded from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/findings_scene.h"

#define GAP_S 7200

static void a_change_across_a_gap_has_an_interval(void **state)
{
	struct fixture *f = *state;
	__s64 from, to;

	pass(f, CALM_S, &calm);
	from = f->now - 1;
	to = f->now += GAP_S;
	pass(f, 60, &resets);
	assert_int_equal(f->n_told > 0, 1);
	assert_false(last(f)->in.since_bound);
	assert_true(last(f)->in.since - last(f)->in.since_uncertainty_s <= from);
	assert_true(last(f)->in.since + last(f)->in.since_uncertainty_s >= to);
	assert_in_range(last(f)->in.since_uncertainty_s, GAP_S / 2 - 5, GAP_S / 2 + 65);
}

static void what_begins_well_after_a_gap_has_none(void **state)
{
	struct fixture *f = *state;
	__s64 begin;

	pass(f, CALM_S, &calm);
	f->now += GAP_S;
	pass(f, 900, &calm);
	begin = f->now;
	pass(f, 60, &resets);
	assert_in_range(last(f)->in.since, begin - 2, begin + 2);
	assert_in_range(last(f)->in.since_uncertainty_s, 0, 3);
}

static void a_gap_is_told_of_what_was_open(void **state)
{
	struct fixture *f = *state;
	struct incident_report r;

	pass(f, CALM_S, &calm);
	pass(f, 90, &resets);
	f->now += GAP_S;
	pass(f, 60, &resets);
	assert_true(incidents_report(f->i, X, &r));
	assert_true(r.in.open);
	assert_int_equal(r.in.interruptions, 1);
	assert_in_range(r.in.unwatched_s, GAP_S, GAP_S + 1);
}

static void the_time_of_a_gap_was_not_watched(void **state)
{
	struct fixture *f = *state;

	pass(f, CALM_S + 40, &calm); /* a whole minute: from so far back on, the ring knows no seconds */
	pass(f, 20, &resets);
	assert_int_equal(incidents_state(f->i, X), WORD_LIKELY_BLOCKED);
	f->now += GAP_S;
	pass(f, 10, &resets);
	assert_int_equal(incidents_state(f->i, X), WORD_LIKELY_BLOCKED);
	pass(f, 110,
	     &resets); /* from so far back on, the ring knows minutes, and that of the beginning was calm, too */
	assert_int_equal(incidents_state(f->i, X), WORD_BLOCKED);
}

static void after_a_day_unseen_its_end_is_not_known(void **state)
{
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	pass(f, 90, &resets);
	f->now += 86400;
	pass(f, 60, &resets);
	assert_int_equal(incidents_opened(f->i, X), 2);
	assert_true(last(f)->in.since_bound); /* it may have been the same all the time */
}

/* The key of clients is another's of each day: T0 is an hour and three quarters before midnight. */
static void clients_of_two_days_do_not_merge(void **state)
{
	struct fixture *f = *state;
	struct finding made;

	pass(f, CALM_S, &calm);
	assert_true(incidents_clients_least(f->i, X) > 20);
	f->now += GAP_S;
	for (unsigned int s = 0; s < 30; s++, f->now++) {
		made = flow(f, X, OUTCOME_OK);
		incidents_finding(f->i, &made, 0x1234, false);
		incidents_until(f->i, f->now);
	}
	assert_int_equal(incidents_clients_least(f->i, X), 0);
	pass(f, 60, &resets); /* but those of yesterday were usual: it is no network of a few */
	assert_false(last(f)->in.few_clients);
}

static void after_a_clock_set_back_no_gap_is_remembered(void **state)
{
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	f->now += GAP_S;
	pass(f, 60, &calm);
	f->now -= GAP_S;
	pass(f, CALM_S, &calm);
	pass(f, 90, &resets);
	assert_int_equal(incidents_state(f->i, X), WORD_BLOCKED);
	assert_in_range(last(f)->in.since_uncertainty_s, 0, 3);
}

#define with_incidents(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_incidents(a_change_across_a_gap_has_an_interval),
		with_incidents(what_begins_well_after_a_gap_has_none),
		with_incidents(a_gap_is_told_of_what_was_open),
		with_incidents(the_time_of_a_gap_was_not_watched),
		with_incidents(after_a_day_unseen_its_end_is_not_known),
		with_incidents(clients_of_two_days_do_not_merge),
		with_incidents(after_a_clock_set_back_no_gap_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
