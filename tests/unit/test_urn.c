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
	assert_true(urn_saturation(1e6, .05, .07, .05) < URN_NATS_GROUP);
	assert_true(urn_saturation(1e7, .05, .07, .05) < urn_saturation(1e5, .05, .07, .05) + 1);
	assert_true(urn_saturation(300, .05, .96, .01) > URN_NATS_STREAM);
}

static void a_full_block_is_seen_and_dated(void **state)
{
	struct urn_since since;
	unsigned int share;

	(void)state;
	urn_bank_fast(&bank);
	seed = 1;
	play(T0, T0 + 3600, 1, .03, .05, .01);
	assert_true(urn_bank_top(&bank, NULL) < URN_NATS_GROUP / 2);
	play(T0 + 3600, T0 + 3620, 1, 1, .05, .01);
	assert_true(urn_bank_top(&bank, &share) > URN_NATS_GROUP);
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
	assert_true(urn_bank_top(&bank, &share) > URN_NATS_GROUP);
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
	assert_true(most < URN_NATS_GROUP);
}

static void the_slow_bank_sees_a_ramp_in_hours(void **state)
{
	unsigned int share;

	(void)state;
	urn_bank_slow(&bank);
	seed = 4;
	play(T0, T0 + 6 * 3600, 1, .05, .05, .005);
	assert_true(urn_bank_top(&bank, NULL) < URN_NATS_GROUP);
	for (int step = 0; step < 12; step++)
		play(T0 + 21600 + step * 600, T0 + 22200 + step * 600, 1, .05 + .03 * step, .05, .005);
	assert_true(urn_bank_top(&bank, &share) > URN_NATS_STREAM);
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
	assert_true(urn_rho_told(&still) >= URN_RHO_FLOOR && urn_rho_told(&still) < .007);
	assert_true(urn_rho_told(&wild) > .0337 && urn_rho_told(&wild) < .05);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
