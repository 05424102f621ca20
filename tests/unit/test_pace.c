// SPDX-License-Identifier: GPL-2.0
/* Handshake times and goodput, by group and minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/pace.h"

#define NOW   1700000000ll
#define GROUP 2

static int set_up(void **state)
{
	*state = pace_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	pace_free(*state);
	return 0;
}

static struct finding finding(__s64 second, __u32 rtt_us, __u64 goodput)
{
	return (struct finding){
		.v = { .stage = STAGE_LATER,
		       .outcome = OUTCOME_OK,
		       .has_rtt = rtt_us,
		       .rtt_us = rtt_us,
		       .goodput = goodput,
		       .bytes_down = PACE_BYTES },
		.kind = RECORD_FINAL,
		.group = GROUP,
		.first_s = second,
	};
}

static void spreads_are_of_one_group(void **state)
{
	struct spread s;
	struct finding f;

	for (int i = 1; i <= 100; i++) {
		f = finding(NOW, (__u32)i * 1000, (__u64)i * 1000000);
		pace_add(*state, &f);
	}
	pace_spread(*state, GROUP, PACE_HANDSHAKE, NOW, 60, &s);
	assert_int_equal(s.n, 100);
	assert_in_range(s.p10, 8750, 11250);
	assert_in_range(s.p50, 43750, 56250);
	assert_in_range(s.p90, 78750, 101250);
	pace_spread(*state, GROUP, PACE_GOODPUT, NOW, 60, &s);
	assert_in_range(s.p50, 43750000, 56250000);
	pace_spread(*state, GROUP + 1, PACE_HANDSHAKE, NOW, 60, &s);
	assert_int_equal(s.n, 0);
	assert_int_equal(s.p50, 0);
}

static void short_flows_have_no_rate(void **state)
{
	struct finding f = finding(NOW, 0, 1000000);
	struct spread s;

	f.v.bytes_down = PACE_BYTES - 1;
	pace_add(*state, &f);
	f.v.bytes_down = PACE_BYTES;
	f.v.stage = STAGE_POST_PSH;
	pace_add(*state, &f);
	pace_spread(*state, GROUP, PACE_GOODPUT, NOW, 60, &s);
	assert_int_equal(s.n, 0);
}

static void minutes_leave(void **state)
{
	struct finding f = finding(NOW, 1000, 0);
	struct spread s;

	pace_add(*state, &f);
	pace_spread(*state, GROUP, PACE_HANDSHAKE, NOW + 4 * 60, 5, &s);
	assert_int_equal(s.n, 1);
	pace_spread(*state, GROUP, PACE_HANDSHAKE, NOW + 5 * 60, 5, &s);
	assert_int_equal(s.n, 0);
	f = finding(NOW + 60 * 60, 1000, 0); /* takes its cell */
	pace_add(*state, &f);
	pace_spread(*state, GROUP, PACE_HANDSHAKE, NOW + 60 * 60, 60, &s);
	assert_int_equal(s.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(spreads_are_of_one_group, set_up, tear_down),
		cmocka_unit_test_setup_teardown(short_flows_have_no_rate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(minutes_leave, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
