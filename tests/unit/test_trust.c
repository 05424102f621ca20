// SPDX-License-Identifier: GPL-2.0
/* Whether the ledger can be relied on: over the last ten minutes, by the worse of its two shares. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/trust.h"

#define T0 1700000000ll

/* Seconds of so many attempts and packets each, of which so many were lost and not understood. */
static __s64 pass(struct trust *t, struct trust_counts *c, __s64 now, unsigned int seconds,
		  struct trust_counts each)
{
	for (; seconds; seconds--, now++) {
		c->opened += each.opened;
		c->lost += each.lost;
		c->packets += each.packets;
		c->unparsed += each.unparsed;
		trust_note(t, now, c);
	}
	return now;
}

static void what_was_never_counted_is_not_distrusted(void **state)
{
	struct trust t = { 0 };
	struct trust_counts none = { 0 };

	(void)state;
	assert_float_equal(trust_bad(&t, T0), 0, 0);
	trust_note(&t, T0, &none);
	assert_float_equal(trust_bad(&t, T0), 0, 0);
}

static void the_worse_of_the_two_shares_counts(void **state)
{
	struct trust t = { 0 };
	struct trust_counts c = { 0 };
	__s64 now;

	(void)state;
	now = pass(&t, &c, T0, 300, (struct trust_counts){ 100, 3, 1000, 10 });
	assert_float_equal(trust_bad(&t, now - 1), .03, .001);
	pass(&t, &c, now, 300, (struct trust_counts){ 100, 0, 1000, 90 });
	assert_float_equal(trust_bad(&t, now + 299), .05, .002);
}

static void ten_minutes_later_it_is_forgotten(void **state)
{
	struct trust t = { 0 };
	struct trust_counts c = { 0 };
	__s64 now;

	(void)state;
	now = pass(&t, &c, T0, 60, (struct trust_counts){ 100, 50, 1000, 0 });
	assert_true(trust_bad(&t, now - 1) > .4);
	now = pass(&t, &c, now, 500, (struct trust_counts){ 100, 0, 1000, 0 });
	assert_true(trust_bad(&t, now - 1) > .02);
	now = pass(&t, &c, now, 120, (struct trust_counts){ 100, 0, 1000, 0 });
	assert_float_equal(trust_bad(&t, now - 1), 0, 0);
}

static void totals_that_start_anew_count_from_there(void **state)
{
	struct trust t = { 0 };
	struct trust_counts c = { 0 };
	__s64 now;

	(void)state;
	now = pass(&t, &c, T0, 60, (struct trust_counts){ 100, 0, 1000, 0 });
	c = (struct trust_counts){ 0 };
	now = pass(&t, &c, now, 10, (struct trust_counts){ 100, 10, 1000, 0 });
	assert_true(trust_bad(&t, now - 1) > .09 && trust_bad(&t, now - 1) < .12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_never_counted_is_not_distrusted),
		cmocka_unit_test(the_worse_of_the_two_shares_counts),
		cmocka_unit_test(ten_minutes_later_it_is_forgotten),
		cmocka_unit_test(totals_that_start_anew_count_from_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
