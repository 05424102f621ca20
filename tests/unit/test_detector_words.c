// SPDX-License-Identifier: GPL-2.0
/* Incidents: which word is said, and what keeps a worse one back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/detector_scene.h"

static const struct world blocked = { 1, 0, { .03, .03, .03, .03 }, 0 };

static bool ever(const struct incident *in, enum word word)
{
	for (unsigned int i = 0; in && i < in->n_phases; i++)
		if (in->phases[i].state == word)
			return true;
	return false;
}

/* ---- the controls ------------------------------------------------------------------------------------------ */

static void where_half_of_the_controls_fail_too_it_is_told_after_a_minute_as_likely(void **state)
{
	static const struct world mixed = { 1, 0, { 1, 1, .03, .03 }, 0 };
	const struct incident *in;
	__s64 now = play(*state, CALM_END, 40, 5, &mixed);

	assert_null(detector_incident(*state, X));
	play(*state, now, 140, 5, &mixed);
	in = detector_incident(*state, X);
	assert_non_null(in);
	assert_int_equal(in->state, WORD_LIKELY_BLOCKED);
	assert_true(in->common);
	assert_false(ever(in, WORD_BLOCKED) || ever(in, WORD_DOWN));
	assert_in_range(in->since, CALM_END - 4, CALM_END + 3);
	assert_in_range(CALM_END, in->since - in->since_uncertainty_s, in->since + in->since_uncertainty_s);
}

/* Of site 1 the controls that are well have no flows for half a minute. */
static void a_site_is_not_down_by_those_controls_alone_that_speak_of_it(void **state)
{
	static const __u8 site_of[] = { 1, 1, 2, 2 };

	for (__s64 now = CALM_END; now < CALM_END + 30; now++) {
		for (unsigned int i = 0; i < 5; i++)
			flow(*state, now, X, 1, 100 + i, 0);
		for (__u8 c = 0; c < CONTROLS; c++)
			for (unsigned int i = 0; i < 2; i++)
				detector_flow(*state, &(struct detect_flow){
							      .at = now,
							      .prefix = 200u + c,
							      .client = (__u16)(now * 7 + i * 31 + c) | 1 << 12,
							      .group = (__u8)(2 + c),
							      .site = site_of[c],
							      .v6 = i,
							      .failed = c < 2 });
		detector_tick(*state, now);
		assert_int_not_equal(detector_part(*state, X, STREAM_SITE, 1), WORD_DOWN);
	}
	assert_null(detector_incident(*state, X));
}

/* X and the first two controls fail from CALM_END on; the others have no flows until `silence` seconds later, and are well. */
static void two_controls_fail(struct detector *d, __s64 seconds, __s64 silence)
{
	for (__s64 now = CALM_END; now < CALM_END + seconds; now++) {
		for (unsigned int i = 0; i < 5; i++)
			flow(d, now, X, 1, 100 + i, 0);
		for (__u8 c = 0; c < CONTROLS; c++)
			for (unsigned int i = 0; i < 2; i++)
				if (c < 2 || now >= CALM_END + silence)
					flow(d, now, 2 + c, c < 2 ? 1 : .03, 200u + c, 0);
		detector_tick(d, now);
	}
}

static void two_of_four_controls_that_fail_first_are_no_outage(void **state)
{
	const struct incident *in;

	two_controls_fail(*state, 180, 30);
	in = detector_incident(*state, X);
	assert_non_null(in);
	assert_int_equal(in->state, WORD_LIKELY_BLOCKED);
	assert_false(ever(in, WORD_BLOCKED) || ever(in, WORD_DOWN));
}

static void a_part_is_not_down_by_two_of_four_controls(void **state)
{
	two_controls_fail(*state, 100, 70);
	assert_non_null(detector_incident(*state, X));
	assert_int_equal(detector_part(*state, X, STREAM_SITE, 1), WORD_LIKELY_BLOCKED);
	assert_int_equal(detector_part(*state, X, STREAM_PREFIX, 100), WORD_LIKELY_BLOCKED);
}

/* A night: what two of the controls would say nobody knows, and waiting for them would hide the outage. */
static void controls_without_flows_for_ten_minutes_are_not_waited_for(void **state)
{
	const struct incident *in;

	two_controls_fail(*state, 720, 720);
	in = detector_incident(*state, X);
	assert_non_null(in);
	assert_int_equal(in->state, WORD_DOWN);
	assert_false(ever(in, WORD_BLOCKED));
}

static void what_an_outage_leaves_behind_is_no_worse_than_its_share(void **state)
{
	static const struct world outage = { 1, 0, { 1, 1, 1, 1 }, 0 },
				  left = { .25, 0, { .03, .03, .03, .03 }, 0 };
	const struct incident *in;
	__s64 now = play(*state, CALM_END, 180, 5, &outage);

	play(*state, now, 400, 5, &left);
	in = detector_incident(*state, X);
	assert_non_null(in);
	assert_true(in->open && ever(in, WORD_DOWN));
	assert_int_equal(in->state, WORD_IMPAIRED);
	assert_false(ever(in, WORD_LIKELY_BLOCKED) || ever(in, WORD_BLOCKED));
}

static void the_controls_share_is_of_all_the_incident(void **state)
{
	static const struct world outage = { 1, 0, { 1, 1, 1, 1 }, 0 };
	__s64 now = play(*state, CALM_END, 600, 5, &outage);

	play(*state, now, 200, 5, &blocked); /* the controls come back before X does */
	assert_true(detector_incident(*state, X)->open);
	assert_true(detector_incident(*state, X)->control_share > .6);
}

static void clients_that_failed_before_it_was_found_are_counted(void **state)
{
	__s64 now = CALM_END;

	while (!detector_incident(*state, X))
		now = play(*state, now, 1, 100, &blocked);
	/* each flow is one of 4096 clients' */
	assert_true(detector_incident(*state, X)->clients > .8 * (double)detector_incident(*state, X)->failures);
}

static void a_block_of_all_that_one_part_shows_first_is_counted_by_all(void **state)
{
	__s64 now = CALM_END;

	while (!detector_incident(*state, X))
		now = play(*state, now, 1, 100, &blocked);
	play(*state, now, 60, 100, &blocked);
	assert_true(detector_incident(*state, X)->attempts > 5000); /* of ten prefixes, not of one */
}

static void the_named_parts_have_a_word_of_their_own(void **state)
{
	static const struct world one_prefix = { .03, 1, { .03, .03, .03, .03 }, 0 },
				  some = { .03, .6, { .03, .03, .03, .03 }, 0 };
	const struct incident *in;
	__s64 now = play(*state, CALM_END, 150, 10, &one_prefix);

	in = detector_incident(*state, X);
	assert_true(in && in->worst == WORD_IMPAIRED && in->n_scope[STREAM_PREFIX] == 1);
	assert_int_equal(in->named, WORD_BLOCKED);
	play(*state, now, 300, 10, &some); /* and that stays what it has been */
	assert_int_equal(detector_incident(*state, X)->named, WORD_BLOCKED);
}

static void what_was_well_before_it_widened_is_not_counted(void **state)
{
	static const struct world one_prefix = { .03, 1, { .03, .03, .03, .03 }, 0 };
	const struct incident *in;
	__s64 now = play(*state, CALM_END, 3600, 10, &one_prefix);

	play(*state, now, 600, 10, &blocked);
	in = detector_incident(*state, X);
	assert_true(in && in->open && in->attempts > 3600 + 3000);
	assert_true((double)in->failures > .85 * (double)in->attempts);
}

static void one_control_alone_does_not_condemn_while_others_only_say_nothing(void **state)
{
	__s64 now = CALM_END;

	for (; now < CALM_END + 90; now++) {
		for (unsigned int i = 0; i < 5; i++)
			flow(*state, now, X, now < CALM_END + 30 ? .03 : 1, 100 + i, 0);
		flow(*state, now, 2, 0, 202, 0);
		detector_tick(*state, now);
	}
	assert_null(detector_incident(*state, X));
	play(*state, now, 30, 5, &blocked);
	assert_non_null(detector_incident(*state, X));
}

static void while_the_controls_are_not_quite_well_it_is_not_called_blocked(void **state)
{
	static const struct world uneasy = { 1, 0, { .25, .25, .25, .25 }, 0 };
	const struct incident *in;

	play(*state, CALM_END, 300, 5, &uneasy);
	in = detector_incident(*state, X);
	assert_non_null(in);
	assert_int_equal(in->state, WORD_LIKELY_BLOCKED);
	assert_true(in->common);
}

static void where_under_half_of_the_controls_attempts_fail_all_are_impaired(void **state)
{
	static const struct world lossy = { .6, 0, { .42, .42, .42, .42 }, 0 };
	const struct incident *in;

	play(*state, CALM_END, 300, 5, &lossy);
	in = detector_incident(*state, X);
	assert_non_null(in);
	assert_int_equal(in->state, WORD_IMPAIRED);
	assert_true(in->common);
	assert_false(ever(in, WORD_DOWN));
}

static void in_an_outage_with_one_control_up_the_other_controls_are_down_as_x_is(void **state)
{
	static const struct world out = { 1, 0, { .03, 1, 1, 1 }, 0 };

	play(*state, CALM_END, 200, 5, &out);
	assert_int_equal(detector_state(*state, 2), WORD_OK);
	for (__u8 group = 3; group < 2 + CONTROLS; group++) {
		assert_int_equal(detector_state(*state, group), WORD_DOWN);
		assert_false(ever(detector_incident(*state, group), WORD_LIKELY_BLOCKED));
	}
}

/* ---- proofs -------------------------------------------------------------------------------------------------- */

static void a_few_resets_amid_silence_prove_nothing(void **state)
{
	const struct incident *in;

	silent = true;
	proofs = .02;
	play(*state, CALM_END, 900, 5, &blocked); /* some 90 of them */
	in = detector_incident(*state, X);
	assert_int_equal(in->state, WORD_LIKELY_BLOCKED);
	assert_false(in->proven);
}

static void resets_of_a_third_prove_nothing_of_the_silence_they_go_over_into(void **state)
{
	static const struct world part = { .3, 0, { .03, .03, .03, .03 }, 0 };
	__s64 now = play(*state, CALM_END, 600, 5, &part);

	silent = true;
	play(*state, now, 300, 5, &blocked);
	assert_int_equal(detector_state(*state, X), WORD_LIKELY_BLOCKED);
	assert_false(ever(detector_incident(*state, X), WORD_BLOCKED));
}

static void a_prefix_that_is_silent_is_not_proven_by_resets_of_others(void **state)
{
	for (__s64 now = CALM_END; now < CALM_END + 120; now++) {
		for (unsigned int i = 0; i < 10; i++) {
			silent = i == 0;
			flow(*state, now, X, 1, 100 + i, 0);
		}
		for (__u8 c = 0; c < CONTROLS; c++)
			flow(*state, now, 2 + c, .03, 202u + c, 0);
		detector_tick(*state, now);
	}
	assert_int_equal(detector_state(*state, X), WORD_BLOCKED);
	assert_int_equal(detector_part(*state, X, STREAM_PREFIX, 101), WORD_BLOCKED);
	assert_int_equal(detector_part(*state, X, STREAM_PREFIX, 100), WORD_LIKELY_BLOCKED);
}

static void silence_in_a_content_network_that_answers_otherwise_allows_blocked(void **state)
{
	silent = true;
	cdn = 1 + 2;
	play(*state, CALM_END, 120, 5, &blocked);
	assert_int_equal(detector_state(*state, X), WORD_BLOCKED);
}

static void but_not_where_that_network_fails_as_well(void **state)
{
	static const struct world of_the_network = { 1, 0, { 1, .03, .03, .03 }, 0 };

	silent = true;
	cdn = 1 + 2;
	play(*state, CALM_END, 300, 5, &of_the_network);
	assert_int_equal(detector_state(*state, X), WORD_LIKELY_BLOCKED);
	assert_false(ever(detector_incident(*state, X), WORD_BLOCKED));
	assert_false(detector_incident(*state, X)->proven);
}

static void nor_where_x_answers_there(void **state)
{
	silent = true;
	cdn = 1 + 2;
	for (__s64 now = CALM_END; now < CALM_END + 900; now++) {
		for (unsigned int i = 0; i < 20; i++)
			flow(*state, now, X, i % PREFIXES != 9 || i > 9 ? 1 : .1, 100 + (i > 9 ? i % 9 : i), 0);
		for (__u8 c = 0; c < CONTROLS; c++)
			flow(*state, now, 2 + c, .03, 202u + c, 0);
		detector_tick(*state, now);
	}
	assert_int_equal(detector_state(*state, X), WORD_LIKELY_BLOCKED);
	assert_false(ever(detector_incident(*state, X), WORD_BLOCKED));
}

static void what_fails_by_two_fifths_is_not_more_than_impaired_from_the_first_word_on(void **state)
{
	static const struct world part = { .4, 0, { .03, .03, .03, .03 }, 0 };

	for (unsigned int i = 1; i <= 20; i++) {
		struct detector *d = detector_new(0x3c, T0);

		assert_non_null(d);
		seed = i;
		play(d, play(d, T0, 5400, 5, &calm), 120, 2, &part);
		assert_non_null(detector_incident(d, X));
		assert_int_equal(detector_incident(d, X)->worst, WORD_IMPAIRED);
		detector_free(d);
	}
	(void)state;
}

/* ---- time ---------------------------------------------------------------------------------------------------- */

static void a_part_is_called_blocked_after_a_minute_as_the_whole_is(void **state)
{
	__s64 now = play(*state, CALM_END, 50, 10, &blocked);

	assert_int_equal(detector_part(*state, X, STREAM_PREFIX, 103), WORD_LIKELY_BLOCKED);
	play(*state, now, 15, 10, &blocked);
	assert_int_equal(detector_part(*state, X, STREAM_PREFIX, 103), WORD_BLOCKED);
}

static void a_block_that_eases_has_not_ended(void **state)
{
	static const struct world part = { .3, 0, { .03, .03, .03, .03 }, 0 };
	const struct incident *in;
	__s64 now = play(*state, CALM_END, 300, 5, &blocked);

	now = play(*state, now, 400, 5, &part);
	in = detector_incident(*state, X);
	assert_true(in->open);
	assert_int_equal(in->n_phases, 2);
	assert_int_equal(in->state, WORD_IMPAIRED);
	assert_int_equal(in->worst, WORD_BLOCKED);
	assert_in_range(in->phases[1].from, CALM_END + 290, CALM_END + 310);
	play(*state, now, 120, 5, &calm);
	assert_false(in->open);
	assert_in_range(in->ended, now - 10, now + 10);
}

static void nothing_is_opened_by_fewer_than_eight_attempts_in_ten_minutes(void **state)
{
	__s64 now = CALM_END;

	for (; now < CALM_END + 2400; now++) {
		if (now > CALM_END + 600 && now % 90 == 0)
			flow(*state, now, X, 1, 100, 0);
		for (__u8 c = 0; c < CONTROLS; c++)
			flow(*state, now, 2 + c, .03, 202u + c, 0);
		detector_tick(*state, now);
	}
	assert_null(detector_incident(*state, X));
	assert_int_equal(detector_state(*state, X), WORD_INSUFFICIENT);
}

/* ---- the list ------------------------------------------------------------------------------------------------ */

/* A tenth of X's flows goes to a prefix that is new. */
static __s64 with_new(struct detector *d, __s64 from, unsigned int seconds, double share)
{
	for (__s64 now = from; now < from + seconds; now++) {
		flow(d, now, X, share, 777, 0);
		play(d, now, 1, 9, &calm);
	}
	return from + seconds;
}

static void a_prefix_that_comes_into_the_list_and_never_answers_opens_nothing(void **state)
{
	silent = true;
	with_new(*state, CALM_END, 7200, 1);
	assert_null(detector_incident(*state, X));
}

static void nor_does_one_that_was_in_it_from_the_start(void **state)
{
	struct detector *d = detector_new(0x3c, T0);

	(void)state;
	assert_non_null(d);
	silent = true;
	with_new(d, T0, 7200, 1);
	assert_null(detector_incident(d, X));
	detector_free(d);
}

static void but_silence_of_most_at_the_start_does(void **state)
{
	struct detector *d = detector_new(0x3c, T0);

	(void)state;
	assert_non_null(d);
	silent = true;
	for (__s64 now = T0; now < T0 + 120; now++) {
		flow(d, now, X, .03, 777, 0);
		for (unsigned int i = 0; i < 3; i++)
			flow(d, now, X, 1, 778 + i % 2, 0);
		for (__u8 c = 0; c < CONTROLS; c++)
			flow(d, now, 2 + c, .03, 202u + c, 0);
		detector_tick(d, now);
	}
	assert_non_null(detector_incident(d, X));
	assert_true(detector_incident(d, X)->since_bound);
	detector_free(d);
}

static void one_that_has_answered_does(void **state)
{
	__s64 now = with_new(*state, CALM_END, 600, .03);

	silent = true;
	with_new(*state, now, 300, 1);
	assert_non_null(detector_incident(*state, X));
	assert_int_equal(detector_incident(*state, X)->scope[STREAM_PREFIX][0], 777);
}

#define with_calm(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_calm(where_half_of_the_controls_fail_too_it_is_told_after_a_minute_as_likely),
		with_calm(a_site_is_not_down_by_those_controls_alone_that_speak_of_it),
		with_calm(two_of_four_controls_that_fail_first_are_no_outage),
		with_calm(a_part_is_not_down_by_two_of_four_controls),
		with_calm(controls_without_flows_for_ten_minutes_are_not_waited_for),
		with_calm(what_an_outage_leaves_behind_is_no_worse_than_its_share),
		with_calm(the_controls_share_is_of_all_the_incident),
		with_calm(clients_that_failed_before_it_was_found_are_counted),
		with_calm(a_block_of_all_that_one_part_shows_first_is_counted_by_all),
		with_calm(the_named_parts_have_a_word_of_their_own),
		with_calm(what_was_well_before_it_widened_is_not_counted),
		with_calm(one_control_alone_does_not_condemn_while_others_only_say_nothing),
		with_calm(while_the_controls_are_not_quite_well_it_is_not_called_blocked),
		with_calm(where_under_half_of_the_controls_attempts_fail_all_are_impaired),
		with_calm(in_an_outage_with_one_control_up_the_other_controls_are_down_as_x_is),
		with_calm(a_few_resets_amid_silence_prove_nothing),
		with_calm(resets_of_a_third_prove_nothing_of_the_silence_they_go_over_into),
		with_calm(a_prefix_that_is_silent_is_not_proven_by_resets_of_others),
		with_calm(silence_in_a_content_network_that_answers_otherwise_allows_blocked),
		with_calm(but_not_where_that_network_fails_as_well),
		with_calm(nor_where_x_answers_there),
		with_calm(what_fails_by_two_fifths_is_not_more_than_impaired_from_the_first_word_on),
		with_calm(a_part_is_called_blocked_after_a_minute_as_the_whole_is),
		with_calm(a_block_that_eases_has_not_ended),
		with_calm(nothing_is_opened_by_fewer_than_eight_attempts_in_ten_minutes),
		with_calm(a_prefix_that_comes_into_the_list_and_never_answers_opens_nothing),
		with_calm(nor_does_one_that_was_in_it_from_the_start),
		with_calm(but_silence_of_most_at_the_start_does),
		with_calm(one_that_has_answered_does),
	};

	return cmocka_run_group_tests_name("detector_words", tests, NULL, NULL);
}
