// SPDX-License-Identifier: GPL-2.0
/* Incidents: a block is named and dated, an outage is never called one, and what ends is seen to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "detect/detector_parts.h"
#include "unit/detector_scene.h"

static void calm_is_ok_for_all(void **state)
{
	for (__u8 group = X; group <= X + CONTROLS; group++) {
		assert_int_equal(detector_state(*state, group), WORD_OK);
		assert_null(detector_incident(*state, group));
	}
	assert_int_equal(detector_state(*state, 9), WORD_INSUFFICIENT);
}

static void a_full_block_is_called_blocked_within_a_minute(void **state)
{
	static const struct world blocked = { 1, 0, { .03, .03, .03, .03 }, 0 };
	const struct incident *in;
	__s64 now = play(*state, CALM_END, 10, 5, &blocked);

	assert_int_equal(detector_state(*state, X), WORD_LIKELY_BLOCKED);
	in = detector_incident(*state, X);
	assert_non_null(in);
	assert_in_range(in->since, CALM_END - 1, CALM_END + 2);
	assert_in_range(in->detected, CALM_END, CALM_END + 10);
	now = play(*state, now, 55, 5, &blocked);
	assert_int_equal(detector_state(*state, X), WORD_BLOCKED);
	assert_int_equal(detector_state(*state, 2), WORD_OK);
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++)
		assert_int_equal(in->n_scope[kind], 0);
	now = play(*state, now, 75, 5, &calm);
	assert_int_equal(detector_state(*state, X), WORD_OK);
	assert_in_range(in->ended, now - 76, now - 70);
	assert_false(in->since_bound);
}

static void cycles_are_one_incident_with_phases(void **state)
{
	static const struct world blocked = { 1, 0, { .03, .03, .03, .03 }, 0 };
	__s64 now = play(*state, CALM_END, 300, 5, &blocked), since = detector_incident(*state, X)->since;

	now = play(*state, now, 600, 5, &calm);
	play(*state, now, 300, 5, &blocked);
	assert_true(detector_incident(*state, X)->since == since);
	assert_int_equal(detector_incident(*state, X)->n_phases, 2); /* each of them blocked, from its beginning */
	assert_int_equal(detector_state(*state, X), WORD_BLOCKED);
}

static void one_prefix_of_ten_is_named(void **state)
{
	static const struct world part = { .03, 1, { .03, .03, .03, .03 }, 0 };
	const struct incident *in;

	play(*state, CALM_END, 120, 10, &part);
	in = detector_incident(*state, X);
	assert_non_null(in);
	assert_int_equal(in->n_scope[STREAM_PREFIX], 1);
	assert_int_equal(in->scope[STREAM_PREFIX][0], 103);
	assert_int_equal(in->state, WORD_IMPAIRED);
	assert_int_equal(in->part, WORD_BLOCKED);
	assert_int_equal(in->n_scope[STREAM_FAMILY], 0);
	assert_in_range(in->detected, CALM_END, CALM_END + 40);
}

static void an_outage_is_down_and_never_blocked(void **state)
{
	static const struct world out = { 1, 0, { 1, 1, 1, 1 }, 0 };
	const struct incident *in;

	play(*state, CALM_END, 300, 5, &out);
	assert_int_equal(detector_state(*state, X), WORD_DOWN);
	in = detector_incident(*state, X);
	for (unsigned int i = 0; i < in->n_phases; i++)
		assert_int_not_equal(in->phases[i].state, WORD_BLOCKED);
}

static void an_outage_that_reaches_x_first_with_one_control_up_is_down(void **state)
{
	static const struct world first = { 1, 0, { .03, .03, .03, .03 }, 0 }, out = { 1, 0, { .03, 1, 1, 1 }, 0 };
	const struct incident *in;
	__s64 now = play(*state, CALM_END, 20, 5, &first);

	play(*state, now, 300, 5, &out);
	assert_int_equal(detector_state(*state, X), WORD_DOWN);
	in = detector_incident(*state, X);
	for (unsigned int i = 0; i < in->n_phases; i++)
		assert_int_not_equal(in->phases[i].state, WORD_BLOCKED);
}

static void one_failing_control_hides_no_block(void **state)
{
	static const struct world blocked = { 1, 0, { 1, .03, .03, .03 }, 0 };

	play(*state, CALM_END, 70, 5, &blocked);
	assert_int_equal(detector_state(*state, X), WORD_BLOCKED);
}

static void a_client_that_hammers_decides_nothing(void **state)
{
	__s64 now = CALM_END;

	for (unsigned int i = 0; i < 600; i++, now++) {
		for (unsigned int n = 0; n < 20; n++)
			detector_flow(*state, &(struct detect_flow){ .at = now,
								     .prefix = 100 + n % PREFIXES,
								     .client = 0x1234,
								     .group = X,
								     .failed = true,
								     .proof = true });
		play(*state, now, 1, 5, &calm);
	}
	assert_null(detector_incident(*state, X));
}

static void a_gap_alone_opens_nothing(void **state)
{
	detector_gap(*state, CALM_END + 7200);
	play(*state, CALM_END + 7200, 900, 5, &calm);
	assert_null(detector_incident(*state, X));
}

/* A fifth of X's flows look failed for four seconds, and are then found to be well (or are left so). */
static void doubtful(struct detector *d, unsigned int seconds, bool taken_back)
{
	for (__s64 now = CALM_END; now < CALM_END + seconds; now++) {
		struct detect_flow f = { .at = now,
					 .prefix = 100,
					 .client = (__u16)(now * 7 % 4096) | 1 << 12,
					 .group = X,
					 .failed = true };

		f.weighed = detector_flow(d, &f);
		f.at = now - 4;
		f.client = (__u16)(f.at * 7 % 4096) | 1 << 12;
		if (taken_back && f.at >= CALM_END) {
			detector_take_back(d, &f);
			f.failed = false;
			detector_flow(d, &f);
		}
		play(d, now, 1, 4, &calm);
	}
}

static void interim_failures_that_were_taken_back_open_nothing(void **state)
{
	doubtful(*state, 300, true);
	assert_null(detector_incident(*state, X));
	assert_int_equal(detector_state(*state, X), WORD_OK);
}

static void interim_failures_that_stay_do(void **state)
{
	doubtful(*state, 300, false);
	assert_non_null(detector_incident(*state, X));
}

static void an_outage_of_ipv6_for_all_is_no_block_of_x(void **state)
{
	static const struct world no_v6 = { .03, 0, { .03, .03, .03, .03 }, 1 };
	const struct incident *in;

	play(*state, CALM_END, 300, 5, &no_v6);
	in = detector_incident(*state, X);
	assert_non_null(in);
	assert_true(in->common);
	for (unsigned int i = 0; i < in->n_phases; i++)
		assert_int_equal(in->phases[i].state, WORD_IMPAIRED);
	assert_int_equal(detector_part(*state, X, STREAM_FAMILY, 6), WORD_DOWN);
	assert_int_equal(detector_part(*state, X, STREAM_FAMILY, 4), WORD_OK);
}

static void each_part_has_a_state_of_its_own(void **state)
{
	static const struct world part = { .03, 1, { .03, .03, .03, .03 }, 0 };

	assert_int_equal(detector_part(*state, X, STREAM_PREFIX, 103), WORD_OK);
	assert_int_equal(detector_part(*state, X, STREAM_PREFIX, 999), WORD_INSUFFICIENT);
	play(*state, CALM_END, 120, 10, &part);
	assert_int_equal(detector_part(*state, X, STREAM_PREFIX, 103), WORD_BLOCKED);
	assert_int_equal(detector_part(*state, X, STREAM_PREFIX, 104), WORD_OK);
	assert_int_equal(detector_part(*state, X, STREAM_SITE, 1), WORD_IMPAIRED);
}

static void without_attempts_for_a_day_its_end_is_not_known_and_nothing_after_the_last(void **state)
{
	static const struct world block = { 1, 0, { .03, .03, .03, .03 }, 0 };
	const struct incident *in;
	__s64 now = play(*state, CALM_END, 200, 5, &block);

	play(*state, now, 86400 + 20, 0, &calm);
	in = detector_incident(*state, X);
	assert_false(in->open);
	assert_true(in->unobserved);
	assert_true(!in->ended);
	assert_in_range(in->phases[in->n_phases - 1].to, now - 1, now + 1);
}

static void where_controls_have_no_flows_their_share_is_not_known(void **state)
{
	struct witnesses w;

	w = witnesses_ask(*state, stream_find(*state, X, STREAM_GROUP, 0), CALM_END - 60, .5);
	assert_in_range(w.share * 1000, 1, 100);
	w = witnesses_ask(*state, stream_find(*state, X, STREAM_GROUP, 0), CALM_END + 60, .5);
	assert_int_equal(w.groups, 0);
	assert_true(w.share < 0);
}

static void a_ledger_that_cannot_be_trusted_says_insufficient(void **state)
{
	static const struct world blocked = { 1, 0, { .03, .03, .03, .03 }, 0 };
	__s64 now;

	detector_trust(*state, false);
	now = play(*state, CALM_END, 120, 5, &blocked);
	assert_int_equal(detector_state(*state, X), WORD_INSUFFICIENT);
	assert_int_equal(detector_part(*state, X, STREAM_SITE, 1), WORD_INSUFFICIENT);
	assert_null(detector_incident(*state, X));
	detector_trust(*state, true);
	play(*state, now, 70, 5, &blocked);
	assert_int_equal(detector_state(*state, X), WORD_BLOCKED);
}

static void a_clock_set_back_ends_nothing_that_goes_on(void **state)
{
	static const struct world blocked = { 1, 0, { .03, .03, .03, .03 }, 0 };
	const struct incident *in;

	play(*state, CALM_END, 120, 5, &blocked);
	detector_gap(*state, CALM_END - 4000);
	in = detector_incident(*state, X);
	assert_false(in->open);
	assert_int_equal(in->ended, 0); /* its end is not known */
	play(*state, CALM_END - 4000, 120, 5, &blocked);
	assert_int_equal(detector_state(*state, X), WORD_BLOCKED);
	assert_true(in->since_bound);
}

static void the_attempts_of_an_incident_are_those_since_it_began(void **state)
{
	static const struct world blocked = { 1, 0, { .03, .03, .03, .03 }, 0 };
	const struct incident *in;

	play(*state, CALM_END, 200, 5, &blocked);
	in = detector_incident(*state, X);
	assert_in_range(in->attempts, 990, 1010);
	assert_int_equal(in->failures + 5 > in->attempts, 1);
	assert_int_equal(in->n_affected[STREAM_FAMILY], 2);
	assert_int_equal(in->n_affected[STREAM_PREFIX], PREFIXES);
	assert_int_equal(in->n_scope[STREAM_PREFIX], 0);
}

static void what_was_learnt_is_known_again_after_a_restart(void **state)
{
	static const struct world part = { .3, 0, { .03, .03, .03, .03 }, 0 };
	struct detector *again = detector_new(0x3c, CALM_END), *anew = detector_new(0x3c, CALM_END);
	struct detect_base base;
	unsigned int n = 0;

	assert_non_null(again);
	assert_non_null(anew);
	for (; detector_base(*state, n, &base); n++)
		assert_true(detector_know(again, &base));
	assert_in_range(n, 5 + PREFIXES + CONTROLS, 64);
	assert_float_equal(detector_usual(again, X), .03, .02);
	assert_float_equal(detector_usual(anew, X), -1, 0);
	seed = 5;
	play(again, CALM_END, 300, 10, &part);
	assert_non_null(detector_incident(again, X));
	seed = 5;
	play(anew, CALM_END, 300, 10, &part);
	assert_null(detector_incident(anew, X)); /* it might be usual here */
	detector_free(again);
	detector_free(anew);
}

static void what_cannot_have_been_learnt_is_not_taken(void **state)
{
	struct detect_base base;

	assert_true(detector_base(*state, 0, &base));
	base.share = 1.5;
	assert_false(detector_know(*state, &base));
	base.share = .1;
	base.failures = base.attempts + 1;
	assert_false(detector_know(*state, &base));
	base.failures = 0;
	base.group = WIRE_GROUPS_MAX;
	assert_false(detector_know(*state, &base));
	base.group = X;
	base.rho.pairs = NAN;
	assert_false(detector_know(*state, &base));
}

#define with_calm(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
/* Resets in the first phase prove nothing of a silence that comes later: that one may be an outage of X. */
static void a_phase_of_silence_after_one_of_resets_is_likely_blocked_at_most(void **state)
{
	static const struct world blocked = { 1, 0, { .03, .03, .03, .03 }, 0 };
	__s64 now = play(*state, CALM_END, 120, 5, &blocked);

	assert_int_equal(detector_state(*state, X), WORD_BLOCKED);
	now = play(*state, now, 300, 5, &calm);
	silent = true;
	play(*state, now, 200, 5, &blocked);
	assert_int_equal(detector_state(*state, X), WORD_LIKELY_BLOCKED);
	assert_int_equal(detector_incident(*state, X)->n_phases, 2);
	assert_int_equal(detector_incident(*state, X)->worst, WORD_BLOCKED);
}

/* Some half of each site's and prefix's flows are IPv6: none of them is what is blocked, and none is well. */
static void a_family_that_is_blocked_is_named_and_nothing_else(void **state)
{
	struct detector *d = *state;
	const struct incident *in;

	for (__s64 now = CALM_END; now < CALM_END + 120; now++) {
		for (unsigned int i = 0; i < 10; i++) {
			bool v6 = uniform() < .45;

			detector_flow(d, &(struct detect_flow){ .at = now,
								.prefix = 100 + (__u32)(uniform() * PREFIXES),
								.client = (__u16)(uniform() * 4096) | 1 << 12,
								.group = X,
								.site = 1 + i / 2 % 3,
								.v6 = v6,
								.failed = v6 || uniform() < .03,
								.proof = true });
		}
		for (__u8 c = 0; c < CONTROLS; c++)
			for (unsigned int i = 0; i < 2; i++)
				flow(d, now, 2 + c, .03, 200u + c, 0);
		detector_tick(d, now);
	}
	in = detector_incident(d, X);
	assert_non_null(in);
	assert_int_equal(in->n_scope[STREAM_FAMILY], 1);
	assert_int_equal(in->scope[STREAM_FAMILY][0], 6);
	assert_int_equal(in->n_scope[STREAM_PREFIX] + in->n_scope[STREAM_SITE] + in->n_scope[STREAM_TRANSPORT], 0);
}

static void the_fewer_the_attempts_the_larger_a_block_that_is_told(void **state)
{
	struct detector *d = *state;
	__s64 now = T0 + 5400;
	double of_many, of_some;

	of_many = detector_least(d, X);
	assert_true(of_many > 0 && of_many < .4);
	for (unsigned int i = 0; i < 5; i++) { /* one in five seconds */
		now = play(d, now, 12, 1, &calm);
		now = play(d, now, 48, 0, &calm);
	}
	of_some = detector_least(d, X);
	assert_true(of_some > of_many && of_some < .9);
	for (unsigned int i = 0; i < 5; i++) { /* one a minute */
		now = play(d, now, 1, 1, &calm);
		now = play(d, now, 59, 0, &calm);
	}
	assert_true(detector_least(d, X) < 0);
	assert_true(detector_least(d, 6) < 0); /* no such group */
}

static void without_controls_no_block_is_told(void **state)
{
	struct detector *d = *state;
	__s64 now = T0 + 5400;

	assert_true(detector_least(d, X) > 0);
	for (; now < T0 + 5400 + 700; now++) {
		for (unsigned int i = 0; i < 5; i++)
			flow(d, now, X, .03, 100, 0);
		detector_tick(d, now);
	}
	assert_true(detector_least(d, X) < 0);
}

/* The windows of an excursion that comes to nothing are learnt when it is over: left out, the share would seem to wander
 * less than it does. */
static void an_excursion_that_came_to_nothing_is_learnt(void **state)
{
	static const struct world bad = { .3, 0, { .03, .03, .03, .03 }, 0 };
	struct detect_base before, after;
	struct detector *d = *state;
	__s64 now = CALM_END;

	detector_controls(d, 0); /* nobody can say what it is, so it opens nothing */
	assert_true(detector_base(d, 0, &before));
	now = play(d, now, 300, 5, &bad);
	now = play(d, now, 300, 5, &calm);
	assert_null(detector_incident(d, X));
	play(d, now, 3 * 3600, 5, &calm);
	assert_true(detector_base(d, 0, &after));
	assert_int_equal(before.group, X);
	assert_int_equal(after.windows, before.windows + 2 + 36);
	assert_true(after.failures > before.failures + 300); /* of the excursion: .3 of 1500 */
}

/* Eight points an hour from the second hour on: learnt as it rose, it was a share that wanders widely, and told nothing. */
static void a_ramp_in_the_first_day_is_not_learnt(void **state)
{
	struct world rising = calm;
	struct detector *d = *state;
	__s64 now = CALM_END;

	while (now < CALM_END + 4 * 3600 && !detector_incident(d, X)) {
		rising.x = calm.x + .08 * (double)(now - CALM_END) / 3600;
		now = play(d, now, 60, 5, &rising);
	}
	assert_non_null(detector_incident(d, X));
	assert_int_equal(detector_incident(d, X)->state, WORD_IMPAIRED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_calm(calm_is_ok_for_all),
		with_calm(a_full_block_is_called_blocked_within_a_minute),
		with_calm(cycles_are_one_incident_with_phases),
		with_calm(one_prefix_of_ten_is_named),
		with_calm(an_outage_is_down_and_never_blocked),
		with_calm(an_outage_that_reaches_x_first_with_one_control_up_is_down),
		with_calm(one_failing_control_hides_no_block),
		with_calm(a_client_that_hammers_decides_nothing),
		with_calm(a_gap_alone_opens_nothing),
		with_calm(interim_failures_that_were_taken_back_open_nothing),
		with_calm(interim_failures_that_stay_do),
		with_calm(an_outage_of_ipv6_for_all_is_no_block_of_x),
		with_calm(each_part_has_a_state_of_its_own),
		with_calm(without_attempts_for_a_day_its_end_is_not_known_and_nothing_after_the_last),
		with_calm(where_controls_have_no_flows_their_share_is_not_known),
		with_calm(a_ledger_that_cannot_be_trusted_says_insufficient),
		with_calm(a_clock_set_back_ends_nothing_that_goes_on),
		with_calm(the_attempts_of_an_incident_are_those_since_it_began),
		with_calm(what_was_learnt_is_known_again_after_a_restart),
		with_calm(what_cannot_have_been_learnt_is_not_taken),
		with_calm(a_phase_of_silence_after_one_of_resets_is_likely_blocked_at_most),
		with_calm(a_family_that_is_blocked_is_named_and_nothing_else),
		with_calm(the_fewer_the_attempts_the_larger_a_block_that_is_told),
		with_calm(without_controls_no_block_is_told),
		with_calm(an_excursion_that_came_to_nothing_is_learnt),
		with_calm(a_ramp_in_the_first_day_is_not_learnt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
