// SPDX-License-Identifier: GPL-2.0
/* Polya-urn CUSUM: the sums are those of the formula, a block is seen and dated, and what wanders is not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "detect/urn.h"

#define T0 1700000000ll

static struct urn_bank bank; /* too large for a stack */
static __u64 seed;

static double uniform(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (double)(seed >> 11) / 9007199254740992.;
}

/* One attempt a second with this failing share. */
static void play(__s64 from, __s64 to, unsigned int rate, double share, double p0, double rho)
{
	for (__s64 now = from; now < to; now++) {
		__u32 failures = 0;

		for (unsigned int i = 0; i < rate; i++)
			failures += uniform() < share;
		urn_bank_note(&bank, now, failures, rate);
		urn_bank_step(&bank, now, failures, rate, p0, rho);
	}
}

static void evidence_is_the_sum_of_the_formula(void **state)
{
	const double p0 = .05, p1 = .05 + .3 * .95, rho = .01, s = (1 - rho) / rho;

	(void)state;
	for (unsigned int n = 1; n < 400; n += 13) {
		for (unsigned int f = 0; f <= n; f += 7) {
			double sum = 0;

			for (unsigned int i = 1; i <= f; i++)
				sum += log((p1 * s + i - 1) / (p0 * s + i - 1));
			for (unsigned int j = 1; j <= n - f; j++)
				sum += log(((1 - p1) * s + j - 1) / ((1 - p0) * s + j - 1));
			assert_true(fabs(sum - urn_evidence(f, n, p0, p1, rho)) < 1e-8);
		}
	}
}

static void evidence_of_a_share_that_wanders_saturates(void **state)
{
	(void)state;
	assert_true(urn_saturation(1e6, .05, .07, .05) < urn_nats[2]);
	assert_true(urn_saturation(1e7, .05, .07, .05) < urn_saturation(1e5, .05, .07, .05) + 1);
	assert_true(urn_saturation(300, .05, .96, .01) > (urn_nats[5] + URN_MORE_STREAM));
}

static void a_full_block_is_seen_and_dated(void **state)
{
	struct urn_since since;
	unsigned int share;

	(void)state;
	urn_bank_fast(&bank);
	seed = 1;
	play(T0, T0 + 3600, 1, .03, .05, .01);
	assert_true(urn_bank_top(&bank, NULL) < urn_nats[2] / 2);
	play(T0 + 3600, T0 + 3620, 1, 1, .05, .01);
	assert_true(urn_bank_top(&bank, &share) > urn_nats[2]);
	assert_true(share >= 3);
	urn_since(&bank, share, .05, &since);
	assert_in_range(since.at, T0 + 3598, T0 + 3602);
	assert_in_range(since.uncertainty_s, 0, 5);
	assert_true(since.failures >= 18 && !since.bound);
}

static void a_third_blocked_is_dated_too(void **state)
{
	struct urn_since since;
	unsigned int share;

	(void)state;
	urn_bank_fast(&bank);
	seed = 2;
	play(T0, T0 + 3600, 10, .05, .05, .005);
	play(T0 + 3600, T0 + 3640, 10, .05 + .3 * .95, .05, .005);
	assert_true(urn_bank_top(&bank, &share) > urn_nats[2]);
	urn_since(&bank, share, .05, &since);
	assert_in_range(since.at, T0 + 3592, T0 + 3608);
}

static void a_day_at_the_baseline_crosses_nothing(void **state)
{
	double most = 0;

	(void)state;
	urn_bank_fast(&bank);
	seed = 3;
	for (__s64 now = T0; now < T0 + 86400; now += 60) {
		play(now, now + 60, 2, .05, .05, .005);
		most = fmax(most, urn_bank_top(&bank, NULL));
	}
	assert_true(most < urn_nats[2]);
}

static void the_slow_bank_sees_a_ramp_in_hours(void **state)
{
	unsigned int share;

	(void)state;
	urn_bank_slow(&bank);
	seed = 4;
	play(T0, T0 + 6 * 3600, 1, .05, .05, .005);
	assert_true(urn_bank_top(&bank, NULL) < urn_nats[2]);
	for (int step = 0; step < 12; step++)
		play(T0 + 21600 + step * 600, T0 + 22200 + step * 600, 1, .05 + .03 * step, .05, .005);
	assert_true(urn_bank_top(&bank, &share) > (urn_nats[5] + URN_MORE_STREAM));
}

static void rho_is_learnt_with_a_margin_upward(void **state)
{
	struct urn_rho still = { 0 }, wild = { 0 };

	(void)state;
	seed = 5;
	assert_true(urn_rho_told(&still) >= .01);
	for (int window = 0; window < 600; window++) {
		double f = 0, g = 0, share = window & 1 ? .09 : .01; /* deviation .04 of .05: rho .0337 */

		for (int i = 0; i < 300; i++) {
			f += uniform() < .05;
			g += uniform() < share;
		}
		urn_rho_learn(&still, f, 300, .05);
		urn_rho_learn(&wild, g, 300, .05);
	}
	assert_true(urn_rho_told(&still) >= URN_RHO_FLOOR && urn_rho_told(&still) < URN_RHO_FLOOR + .001);
	assert_true(urn_rho_told(&wild) > .0337 && urn_rho_told(&wild) < .05);
}

static void a_small_usual_share_is_taken_to_wander_more(void **state)
{
	struct urn_rho still = { .pairs = 1e12, .windows = 1e12 }, r = { 0 };
	double told = urn_rho_told(&r);

	(void)state;
	assert_float_equal(urn_rho_within(&r, .25), told, 1e-9);
	assert_float_equal(urn_rho_within(&r, .05), told, 1e-9);
	assert_true(urn_rho_within(&r, .02) > 1.3 * told);
	assert_float_equal(urn_rho_within(&r, .01), 1.7 * told, 1e-9);
	assert_float_equal(urn_rho_within(&r, .001), 1.7 * told, 1e-9);
	assert_float_equal(urn_rho_within(&still, .01), URN_RHO_FLOOR, 1e-9); /* which has room for it already */
}

/* What few windows show may be far off. */
static void rho_of_few_windows_has_the_wider_margin(void **state)
{
	struct urn_rho few = { 0 }, many = { 0 };

	(void)state;
	for (int window = 0; window < 300; window++) {
		double failures = window & 1 ? 15 + 7.54 : 15 - 7.54; /* rho .01 */

		if (window < 12)
			urn_rho_learn(&few, failures, 300, .05);
		urn_rho_learn(&many, failures, 300, .05);
	}
	assert_true(urn_rho_told(&many) > .0105 && urn_rho_told(&many) < .0125);
	assert_true(urn_rho_told(&few) > .0125 && urn_rho_told(&few) < .015);
}

static void the_sum_of_the_last_two_minutes_is_what_the_ring_holds(void **state)
{
	__s64 now = T0;

	(void)state;
	urn_bank_fast(&bank);
	seed = 6;
	for (int i = 0; i < 5000; i++) {
		__u64 f, n, failures = 0, attempts = 0;
		__s64 late = now - (__s64)(uniform() * 200);

		if (uniform() < .7)
			urn_bank_note(&bank, late, uniform() < .3, 1);
		if (uniform() < .1)
			urn_bank_take_back(&bank, late, uniform() < .3, 1);
		if (uniform() < .01)
			now += 2000; /* nobody tried for so long */
		now += uniform() < .5;
		urn_bank_until(&bank, now);
		urn_bank_sum(&bank, now - URN_RECENT, &f, &n);
		for (unsigned int s = 0; s < URN_SLOTS; s++) {
			bool in = bank.ring[s].at >= now - URN_RECENT && bank.ring[s].at <= now;

			failures += in ? bank.ring[s].failures : 0;
			attempts += in ? bank.ring[s].attempts : 0;
		}
		assert_int_equal(f, failures);
		assert_int_equal(n, attempts);
	}
}

static void a_burst_of_seconds_is_not_over_the_threshold(void **state)
{
	unsigned int share;

	(void)state;
	urn_bank_fast(&bank);
	seed = 7;
	play(T0, T0 + 600, 10, 0, .05, .01);
	play(T0 + 600, T0 + 603, 10, 1, .05, .01);
	assert_true(urn_bank_top(&bank, NULL) > urn_nats[5]);
	assert_true(urn_bank_over(&bank, 0, &share) < 0);
	play(T0 + 603, T0 + 606, 10, 1, .05, .01);
	assert_true(urn_bank_over(&bank, 0, &share) > 0);
	assert_true(urn_bank_over(&bank, 1e3, &share) < 0);
}

/* Attempts at random times, `rate` a second; within (T0 + 900, T0 + 901) all begin to fail. Is that moment in what is told? */
static bool told_right(double rate, double *off)
{
	double change = T0 + 900 + uniform(), next = T0 - log(uniform()) / rate;
	struct urn_since since;
	unsigned int share;

	urn_bank_fast(&bank);
	for (__s64 now = T0; now < T0 + 3600; now++) {
		__u32 failures = 0, attempts = 0;

		for (; next < (double)now + 1; next -= log(uniform()) / rate, attempts++)
			failures += uniform() < (next < change ? .03 : 1);
		urn_bank_note(&bank, now, failures, attempts);
		urn_bank_step(&bank, now, failures, attempts, .05, .01);
		if (now <= T0 + 900 || urn_bank_over(&bank, 0, &share) < 0)
			continue;
		urn_since(&bank, share, .05, &since);
		*off = fabs((double)since.at - floor(change));
		return *off <= since.uncertainty_s;
	}
	return false;
}

static void the_true_change_point_lies_in_what_is_told(void **state)
{
	static const struct {
		double rate, off;
	} cases[] = { { .1, 6.5 }, { 1, 1 }, { 10, .4 } };

	(void)state;
	seed = 8;
	for (unsigned int i = 0; i < 3; i++) {
		double off = 0, sum = 0;
		unsigned int right = 0;

		for (unsigned int n = 0; n < 300; n++, sum += off)
			right += told_right(cases[i].rate, &off);
		assert_true(right >= 285);
		assert_true(sum / 300 <
			    cases[i].off); /* in the mean; with the newest of equals it was 10, 1.1 and .3 */
	}
}

/* Nobody tried before: it is told from its first failure, and as a bound. */
static void what_was_there_at_the_start_is_a_bound(void **state)
{
	struct urn_since since;
	unsigned int share;

	(void)state;
	urn_bank_fast(&bank);
	seed = 9;
	play(T0, T0 + 20, 1, 1, .05, .01);
	assert_true(urn_bank_over(&bank, 0, &share) > 0);
	urn_since(&bank, share, .05, &since);
	assert_true(since.bound);
	assert_int_equal(since.at, T0);
	assert_int_equal(since.failures, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_is_the_sum_of_the_formula),
		cmocka_unit_test(evidence_of_a_share_that_wanders_saturates),
		cmocka_unit_test(a_full_block_is_seen_and_dated),
		cmocka_unit_test(a_third_blocked_is_dated_too),
		cmocka_unit_test(a_day_at_the_baseline_crosses_nothing),
		cmocka_unit_test(the_slow_bank_sees_a_ramp_in_hours),
		cmocka_unit_test(rho_is_learnt_with_a_margin_upward),
		cmocka_unit_test(rho_of_few_windows_has_the_wider_margin),
		cmocka_unit_test(the_sum_of_the_last_two_minutes_is_what_the_ring_holds),
		cmocka_unit_test(a_small_usual_share_is_taken_to_wander_more),
		cmocka_unit_test(a_burst_of_seconds_is_not_over_the_threshold),
		cmocka_unit_test(the_true_change_point_lies_in_what_is_told),
		cmocka_unit_test(what_was_there_at_the_start_is_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
