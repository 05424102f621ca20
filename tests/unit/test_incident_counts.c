// SPDX-License-Identifier: GPL-2.0
/* What an incident counts: attempts, failures and signatures of the parts that it is about, in each of its phases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/detector_scene.h"

#define USUAL .1 /* fails of all, by silence */

/* Flows to each of X's prefixes a second; those from `from` to `to` are reset for all, others for their usual share silent. */
static __s64 reset_some(struct detector *d, __s64 now, unsigned int seconds, unsigned int from, unsigned int to)
{
	for (__s64 end = now + seconds; now < end; now++) {
		for (unsigned int prefix = 0; prefix < PREFIXES; prefix++) {
			bool reset = prefix >= from && prefix < to, failed = reset || uniform() < USUAL;

			detector_flow(d, &(struct detect_flow){
						 .at = now,
						 .prefix = 100 + prefix,
						 .client = (__u16)(uniform() * 4096) | 1 << 12,
						 .group = X,
						 .failed = failed,
						 .alive = reset,
						 .proof = reset,
						 .signature = reset ? SIGNATURE_PSH_RSTACK : SIGNATURE_SYN_0,
					 });
		}
		for (__u8 c = 0; c < CONTROLS; c++)
			for (unsigned int i = 0; i < 2; i++)
				flow(d, now, 2 + c, .03, 200u + c, 0);
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

#define with_usual(test) cmocka_unit_test_setup_teardown(test, set_up_usual, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_usual(of_two_prefixes_both_are_counted_and_no_others),
		with_usual(at_once_when_it_is_found),
		with_usual(when_all_fails_and_then_some_again_each_time_counts_what_failed_in_it),
		with_usual(what_comes_after_its_end_is_left_out_and_what_comes_again_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
