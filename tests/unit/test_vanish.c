// SPDX-License-Identifier: GPL-2.0
/* Attempts that go missing: told from a quiet hour, from an outage, and from what was never known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/vanish.h"

#define T0	 1699999200ll /* a whole hour */
#define X	 0
#define GOOGLE	 1
#define CONTROLS 2u
#define HOUR	 3600

/* A second has so many attempts of X and of the control for each `every` seconds. */
static __s64 pass(struct vanish *v, __s64 now, unsigned int seconds, unsigned int x_every,
		  unsigned int google_every)
{
	for (; seconds; seconds--, now++) {
		if (x_every && now % x_every == 0)
			vanish_flow(v, X, 1);
		if (google_every && now % google_every == 0)
			vanish_flow(v, GOOGLE, .5);
		vanish_tick(v, now, CONTROLS, 0);
	}
	return now;
}

static bool gone(const struct vanish *v)
{
	struct vanished about;

	vanish_about(v, X, &about);
	return about.on;
}

static int set_up(void **state)
{
	*state = vanish_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	vanish_free(*state);
	return 0;
}

static void a_quarter_of_an_hour_without_them_is_told_with_its_beginning(void **state)
{
	struct vanished about;
	__s64 now = pass(*state, T0, 8 * HOUR, 5, 2), end = now;

	assert_false(gone(*state));
	/* T0 + 8 hours is the beginning of a minute: fourteen without any are one too few */
	assert_int_equal(now % 60, 0);
	now = pass(*state, now, VANISH_S - 1, 0, 2);
	assert_false(gone(*state));
	now = pass(*state, now, 2, 0, 2);
	assert_true(gone(*state));
	vanish_about(*state, X, &about);
	assert_in_range(about.since, end - 60, end + 60);
	assert_true(about.predicted > 150 && about.predicted < 210);
	assert_true(about.attempts < about.predicted * VANISH_SHARE);
}

static void they_are_back_when_half_of_them_are(void **state)
{
	struct vanished about;
	__s64 now = pass(*state, T0, 8 * HOUR, 5, 2), back;

	back = now = pass(*state, now, 2 * HOUR, 0, 2);
	assert_true(gone(*state));
	now = pass(*state, now, 600, 30, 2); /* a sixth of them */
	assert_true(gone(*state));
	back = now;
	pass(*state, now, 420, 6, 2);
	assert_false(gone(*state));
	vanish_about(*state, X, &about);
	assert_in_range(about.ended, back - 120, back + 180);
}

static void a_night_in_which_everybody_sleeps_is_none(void **state)
{
	__s64 now = pass(*state, T0, 8 * HOUR, 5, 2);

	pass(*state, now, 3 * HOUR, 0, 0);
	assert_false(gone(*state));
	now = pass(*state, now + 3 * HOUR, HOUR, 100, 40);
	assert_false(gone(*state));
}

static void without_six_hours_nothing_is_predicted(void **state)
{
	__s64 now = pass(*state, T0, 5 * HOUR, 5, 2);

	pass(*state, now, HOUR, 0, 2);
	assert_false(gone(*state));
}

static void few_attempts_may_be_missing_by_chance(void **state)
{
	__s64 now = pass(*state, T0, 8 * HOUR, 60, 2);

	pass(*state, now, HOUR, 0, 2);
	assert_false(gone(*state));
}

static void a_gap_hides_no_attempts(void **state)
{
	__s64 now = pass(*state, T0, 8 * HOUR, 5, 2) + 2 * HOUR;

	vanish_gap(*state, now);
	pass(*state, now, HOUR, 5, 2);
	assert_false(gone(*state));
}

static void nothing_is_learnt_of_a_group_with_an_incident(void **state)
{
	__s64 now = pass(*state, T0, 8 * HOUR, 5, 2);

	for (unsigned int i = 0; i < 24 * HOUR; i++, now++) {
		if (now % 2 == 0)
			vanish_flow(*state, GOOGLE, .5);
		vanish_tick(*state, now, CONTROLS, 1u << X);
	}
	assert_false(gone(*state)); /* it is the detector's */
	pass(*state, now, HOUR, 0, 2);
	assert_true(gone(*state)); /* and it still knows what was usual */
}

static void the_hour_of_the_week_is_heard_once_it_was_seen_twice(void **state)
{
	__s64 now = T0;

	/* three weeks in which X is silent in one hour of each day, for whatever reason */
	for (unsigned int hour = 0; hour < 3 * 168; hour++)
		now = pass(*state, now, HOUR, hour % 24 == 5 ? 0 : 5, 2);
	for (unsigned int hour = 0; hour < 5; hour++)
		now = pass(*state, now, HOUR, 5, 2);
	assert_false(gone(*state));
	pass(*state, now, HOUR, 0, 2);
	assert_false(gone(*state));
	now = pass(*state, now + HOUR, HOUR, 0, 2);
	assert_true(gone(*state));
}

#define with_vanish(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_vanish(a_quarter_of_an_hour_without_them_is_told_with_its_beginning),
		with_vanish(they_are_back_when_half_of_them_are),
		with_vanish(a_night_in_which_everybody_sleeps_is_none),
		with_vanish(without_six_hours_nothing_is_predicted),
		with_vanish(few_attempts_may_be_missing_by_chance),
		with_vanish(a_gap_hides_no_attempts),
		with_vanish(nothing_is_learnt_of_a_group_with_an_incident),
		with_vanish(the_hour_of_the_week_is_heard_once_it_was_seen_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
