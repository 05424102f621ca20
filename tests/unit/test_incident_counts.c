// SPDX-License-Identifier: GPL-2.0
/* What an incident counts: attempts, failures and signatures of the parts that it is about, in each of its phases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/detector_parts.h"
#include "unit/detector_scene.h"

#define USUAL .1 /* fails of all, by silence */

static double controls; /* fails of them */

static void attempt(struct detector *d, __s64 now, unsigned int prefix, __u8 site, bool failed, bool reset)
{
	detector_flow(d, &(struct detect_flow){
				 .at = now,
				 .prefix = 100 + prefix,
				 .client = (__u16)(uniform() * 4096) | 1 << 12,
				 .group = X,
				 .site = site,
				 .failed = failed,
				 .alive = reset,
				 .proof = reset,
				 .signature = reset ? SIGNATURE_PSH_RSTACK : SIGNATURE_SYN_0,
			 });
}

/* The flows of one control in a second. */
static void second_of_control(struct detector *d, __s64 now, __u8 control, double share)
{
	for (unsigned int i = 0; i < 2; i++)
		flow(d, now, 2 + control, share, 200u + control, 0);
}

/* Flows to each of X's prefixes a second; those from `from` to `to` are reset for all, others for their usual share silent. */
static __s64 reset_some(struct detector *d, __s64 now, unsigned int seconds, unsigned int from, unsigned int to)
{
	for (__s64 end = now + seconds; now < end; now++) {
		for (unsigned int prefix = 0; prefix < PREFIXES; prefix++) {
			bool reset = prefix >= from && prefix < to;

			attempt(d, now, prefix, 0, reset || uniform() < USUAL, reset);
		}
		for (__u8 c = 0; c < CONTROLS; c++)
			second_of_control(d, now, c, controls);
		detector_tick(d, now);
	}
	return now;
}

static int set_up_usual(void **state)
{
	struct detector *d = detector_new(0x3c, T0);

	seed = 7;
	silent = false;
	proofs = cdn = 0;
	controls = .03;
	*state = d;
	return d && reset_some(d, T0, 5400, 0, 0) ? 0 : -1;
}

/* Of the signatures, which are counted by whole minutes. */
static double reset_share(const struct incident *in)
{
	double sum = 0;

	for (unsigned int i = 0; i < SIGNATURES; i++)
		sum += (double)in->signatures[i];
	return (double)in->signatures[SIGNATURE_PSH_RSTACK] / sum;
}

/* Nearly all failed, and by resets, though in the group as a whole half of what fails is the usual. */
static void assert_of_the_resets_alone(const struct incident *in)
{
	assert_true(in->failures <= in->attempts && (double)in->failures > .97 * (double)in->attempts);
	assert_true(reset_share(in) > .97);
}

static void of_two_prefixes_both_are_counted_and_no_others(void **state)
{
	const struct incident *in;

	reset_some(*state, CALM_END, 300, 3, 5);
	in = detector_incident(*state, X);
	assert_non_null(in);
	assert_int_equal(in->n_scope[STREAM_PREFIX], 2);
	assert_in_range(in->attempts, 590, 610);
	assert_of_the_resets_alone(in);
	assert_in_range(in->baseline * 1000, 80, 120);
}

static void at_once_when_it_is_found(void **state)
{
	const struct incident *in = NULL;

	for (__s64 now = CALM_END; !in; now++) {
		reset_some(*state, now, 1, 3, 5);
		in = detector_incident(*state, X);
	}
	assert_true((double)in->failures > .97 * (double)in->attempts);
	assert_true(reset_share(in) >
		    .5); /* what failed in that minute before is among them until there are more */
}

static void when_all_fails_and_then_some_again_each_time_counts_what_failed_in_it(void **state)
{
	__s64 now = reset_some(*state, CALM_END, 1800, 3, 4);
	const struct incident *in;

	now = reset_some(*state, now, 600, 0, PREFIXES);
	reset_some(*state, now, 1800, 3, 4);
	in = detector_incident(*state, X);
	assert_true(in && in->open);
	assert_in_range(in->attempts, 1800 + 6000 + 1800 - 100, 1800 + 6000 + 1800 + 600);
	assert_true((double)in->failures > .93 * (double)in->attempts);
	assert_true(reset_share(in) > .97);
}

static void what_comes_after_its_end_is_left_out_and_what_comes_again_is_not(void **state)
{
	__s64 now = reset_some(*state, CALM_END, 300, 3, 5);
	const struct incident *in;

	now = reset_some(*state, now, 400, 0, 0);
	in = detector_incident(*state, X);
	assert_false(in->open);
	assert_in_range(in->attempts, 590, 615);
	assert_true((double)in->failures > .95 * (double)in->attempts);
	assert_true(reset_share(in) > .97);
	reset_some(*state, now, 300, 3, 5);
	assert_true(in->open);
	assert_in_range(in->attempts, 1180, 1230);
	assert_true((double)in->failures > .95 * (double)in->attempts);
	assert_true(reset_share(in) > .97);
}

/* Signatures are kept by the minute: that is no reason to have none of what began and ended in one. */
static void of_a_short_one_the_signatures_are_known_after_its_end(void **state)
{
	for (unsigned int seconds = 20; seconds <= 90; seconds += 10) {
		__s64 now = reset_some(*state, ((struct detector *)*state)->now + 1, seconds, 0, PREFIXES);
		const struct incident *in;

		reset_some(*state, now, 1200, 0, 0); /* more than a quarter of an hour: the next is another */
		in = detector_incident(*state, X);
		assert_true(in && !in->open);
		assert_in_range(in->attempts, seconds * PREFIXES - 30, seconds * PREFIXES + 40);
		assert_true((double)in->failures > .85 * (double)in->attempts);
		assert_in_range(in->signatures[SIGNATURE_PSH_RSTACK], in->failures * 9 / 10, in->failures);
	}
}

/* It is a minute until a phase is known to be another: what fails meanwhile is no reason to name others in the one before. */
static void what_was_well_in_a_short_phase_is_not_counted_in_it(void **state)
{
	static const unsigned int lengths[] = { 130, 160, 200, 300 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		__s64 now = reset_some(*state, ((struct detector *)*state)->now + 1, lengths[i], 3, 4);
		const struct incident *in;

		now = reset_some(*state, now, 600, 0, PREFIXES);
		in = detector_incident(*state, X);
		assert_true(in && in->open);
		assert_in_range(in->attempts, lengths[i] + 6000 - 20, lengths[i] + 6000 + 90);
		assert_true((double)in->failures > .98 * (double)in->attempts);
		reset_some(*state, now, 1200, 0, 0);
	}
}

static void a_part_that_joins_late_was_well_before(void **state)
{
	__s64 now = reset_some(*state, CALM_END, 3 * 3600, 3, 4);
	const struct incident *in = detector_incident(*state, X);

	assert_in_range(in->attempts, 10790, 10810);
	now = reset_some(*state, now, 1800, 3, 5);
	assert_int_equal(in->n_scope[STREAM_PREFIX], 2);
	assert_in_range(in->attempts, 10800 + 3600 - 60, 10800 + 3600 + 60);
	assert_true((double)in->failures > .97 * (double)in->attempts);
	assert_true(reset_share(in) > .97);
	reset_some(*state, now, 1800, 4, 5); /* one is free again: what failed of it stays counted */
	assert_true(in->attempts > 10800 + 3600 + 1800 - 60);
}

/* A range that is seen at one site only, and then all of that site: what both have is counted once. */
static void where_it_is_about_another_kind_of_part_no_flow_is_counted_twice(void **state)
{
	const struct incident *in;
	__u64 blocked = 0;

	for (__s64 now = CALM_END; now < CALM_END + 1200; now++) {
		for (unsigned int i = 0; i < 10; i++) {
			__u32 prefix = (__u32)(uniform() * PREFIXES);
			__u8 site = prefix == 3 ? 2 : (__u8)(1 + uniform() * 3);
			bool failed = prefix == 3 || (now >= CALM_END + 700 && site == 2);

			blocked += failed;
			attempt(*state, now, prefix, site, failed, failed);
		}
		for (__u8 c = 0; c < CONTROLS; c++)
			second_of_control(*state, now, c, controls);
		detector_tick(*state, now);
		in = detector_incident(*state, X);
		if (in)
			assert_true(in->failures <= blocked + 5);
	}
	assert_true(detector_incident(*state, X)->failures > blocked / 3);
}

static void an_outage_after_a_block_is_counted_once_and_dated_after_it(void **state)
{
	for (unsigned int quiet = 70; quiet <= 190; quiet += 40) {
		__s64 from = ((struct detector *)*state)->now + 1;
		__s64 now = reset_some(*state, from, 180, 0, PREFIXES);
		const struct incident *in;

		now = reset_some(*state, now, quiet, 0, 0);
		controls = 1;
		now = reset_some(*state, now, 180, 0, PREFIXES);
		controls = .03;
		in = detector_incident(*state, X);
		assert_non_null(in);
		assert_in_range(in->failures, 3600 - 60, 3600 + 60);
		assert_in_range(in->attempts, in->failures, 3600 + 60);
		assert_in_range(in->phases[0].from, from - 5, from + 5);
		assert_int_not_equal(in->phases[0].state, WORD_DOWN);
		for (unsigned int p = 1; p < in->n_phases; p++)
			assert_true(in->phases[p].from >= in->phases[p - 1].to);
		assert_in_range(in->phases[in->n_phases - 1].from, from + 180 + quiet - 5, from + 180 + quiet + 5);
		reset_some(*state, now, 1200, 0, 0);
	}
}

/* The controls answered for three hours, and then nothing did: that does not make an outage of these hours. */
static void an_outage_takes_nothing_of_a_block_whose_controls_answered(void **state)
{
	__s64 now = reset_some(*state, CALM_END, 3 * 3600, 0, PREFIXES);
	const struct incident *in = detector_incident(*state, X);

	assert_int_equal(in->state, WORD_BLOCKED);
	controls = 1;
	now = reset_some(*state, now, 300, 0, PREFIXES);
	assert_int_equal(in->state, WORD_DOWN);
	assert_int_equal(in->worst, WORD_DOWN);
	assert_int_equal(in->n_phases, 2);
	assert_int_equal(in->phases[0].state, WORD_BLOCKED);
	assert_in_range(in->phases[1].from, CALM_END + 3 * 3600 - 10, CALM_END + 3 * 3600 + 10);
	controls = .03;
	reset_some(*state, now, 300, 0, PREFIXES);
	assert_int_equal(in->n_phases, 3);
	assert_int_equal(in->phases[2].state, WORD_BLOCKED);
}

static void but_all_of_one_that_reached_x_a_little_before(void **state)
{
	__s64 now = reset_some(*state, CALM_END, 40, 0, PREFIXES);
	const struct incident *in;

	controls = 1;
	reset_some(*state, now, 200, 0, PREFIXES);
	in = detector_incident(*state, X);
	assert_int_equal(in->n_phases, 1);
	assert_int_equal(in->phases[0].state, WORD_DOWN);
}

/* An outage that reaches the controls one after another is one from its beginning, whatever was said meanwhile. */
static void what_was_said_while_an_outage_spread_is_no_phase_of_it(void **state)
{
	__s64 now = CALM_END;
	const struct incident *in;

	for (unsigned int i = 0; i < 420; i++) {
		for (unsigned int prefix = 0; prefix < PREFIXES; prefix++)
			attempt(*state, now, prefix, 0, true, true);
		for (__u8 c = 0; c < CONTROLS; c++)
			second_of_control(*state, now, c, i >= c * 60u ? 1 : controls);
		detector_tick(*state, now++);
	}
	in = detector_incident(*state, X);
	assert_int_equal(in->state, WORD_DOWN);
	assert_int_equal(in->n_phases, 1);
	assert_in_range(in->phases[0].from, CALM_END - 5, CALM_END + 5);
	assert_in_range(in->attempts, 4150, 4250);
}

static void of_a_clock_set_back_the_minutes_are_not_those_of_before(void **state)
{
	__s64 now = reset_some(*state, CALM_END, 300, 0, PREFIXES) - 1500;
	const struct incident *in = detector_incident(*state, X);

	detector_gap(*state, now);
	assert_false(in->open);
	now = reset_some(*state, now + 1, 120, 0, 0);
	now = reset_some(*state, now, 80, 0, PREFIXES);
	reset_some(*state, now, 300, 0, 0);
	in = detector_incident(*state, X);
	assert_false(in->open);
	assert_in_range(in->attempts, 780, 840);
	assert_in_range(in->signatures[SIGNATURE_PSH_RSTACK], 700, 800);
}

#define with_usual(test) cmocka_unit_test_setup_teardown(test, set_up_usual, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_usual(of_two_prefixes_both_are_counted_and_no_others),
		with_usual(at_once_when_it_is_found),
		with_usual(when_all_fails_and_then_some_again_each_time_counts_what_failed_in_it),
		with_usual(what_comes_after_its_end_is_left_out_and_what_comes_again_is_not),
		with_usual(of_a_short_one_the_signatures_are_known_after_its_end),
		with_usual(what_was_well_in_a_short_phase_is_not_counted_in_it),
		with_usual(a_part_that_joins_late_was_well_before),
		with_usual(where_it_is_about_another_kind_of_part_no_flow_is_counted_twice),
		with_usual(an_outage_after_a_block_is_counted_once_and_dated_after_it),
		with_usual(an_outage_takes_nothing_of_a_block_whose_controls_answered),
		with_usual(but_all_of_one_that_reached_x_a_little_before),
		with_usual(what_was_said_while_an_outage_spread_is_no_phase_of_it),
		with_usual(of_a_clock_set_back_the_minutes_are_not_those_of_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
