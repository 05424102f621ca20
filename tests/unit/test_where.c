// SPDX-License-Identifier: GPL-2.0
/* Distances of answerers and servers: distributions by range and signature, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/where.h"

#define GROUP  2
#define PREFIX 77

static int set_up(void **state)
{
	*state = where_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	where_free(*state);
	return 0;
}

static struct finding reset(__u32 prefix, int answer_ttl, __u32 answer_us)
{
	return (struct finding){
		.v = { .stage = STAGE_POST_PSH,
		       .outcome = OUTCOME_RESET,
		       .signature = SIGNATURE_PSH_RSTACK,
		       .answer_ttl = answer_ttl,
		       .answer_us = answer_us,
		       .server_ttl = 50,
		       .has_rtt = true,
		       .rtt_us = 318000 },
		.kind = RECORD_FINAL,
		.group = GROUP,
		.prefix = prefix,
	};
}

static void buckets_grow_and_hold_their_own_middle(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < SPREAD_BUCKETS; i++)
		assert_int_equal(spread_bucket(spread_value(i)), i);
	assert_int_equal(spread_bucket(~0ull), SPREAD_BUCKETS - 1);
}

static void answerer_and_server_are_apart(void **state)
{
	struct where_about about;
	struct finding f;

	for (int i = 0; i < 100; i++) {
		f = reset(PREFIX, i < 95 ? 58 : 40, 7000);
		where_add(*state, &f);
	}
	assert_true(where_about(*state, GROUP, PREFIX, SIGNATURE_PSH_RSTACK, &about));
	assert_int_equal(about.answerer.hops.n, 100);
	assert_int_equal(about.answerer.hops.p50, 6);
	assert_int_equal(about.answerer.hops.p10, 6);
	assert_int_equal(about.answerer.hops.p90, 6);
	assert_in_range(about.answerer.us.p50, 6125, 7875);
	assert_int_equal(about.server.hops.p50, 14);
	assert_in_range(about.server.us.p50, 278000, 358000);
}

static void a_group_sums_its_ranges(void **state)
{
	struct finding f = reset(PREFIX, 58, 0);
	struct where_about about;

	where_add(*state, &f);
	f = reset(PREFIX + 1, 60, 0);
	where_add(*state, &f);
	assert_true(where_about(*state, GROUP, 0, SIGNATURES, &about));
	assert_int_equal(about.answerer.hops.n, 2);
	assert_int_equal(about.answerer.us.n, 0); /* not known is not 0 ms */
}

static void flows_that_went_well_tell_of_the_server_only(void **state)
{
	struct finding f = reset(PREFIX, -1, 0);
	struct where_about about;

	f.v.signature = SIGNATURE_NONE;
	where_add(*state, &f);
	assert_false(where_about(*state, GROUP, PREFIX, SIGNATURES, &about));
	f = reset(PREFIX, 58, 7000);
	f.v.server_ttl = -1;
	f.v.has_rtt = false;
	where_add(*state, &f);
	assert_true(where_about(*state, GROUP, PREFIX, SIGNATURE_PSH_RSTACK, &about));
	assert_int_equal(about.server.hops.n, 1);
	assert_int_equal(about.server.hops.p50, 14);
}

static void interim_and_forgotten_ones_are_left_out(void **state)
{
	struct finding f = reset(PREFIX, 58, 7000);
	struct where_about about;

	f.kind = RECORD_INTERIM;
	where_add(*state, &f);
	f.kind = RECORD_FINAL;
	f.forgotten = true;
	where_add(*state, &f);
	assert_false(where_about(*state, GROUP, PREFIX, SIGNATURES, &about));
}

static void the_table_is_bounded(void **state)
{
	struct finding f;

	for (__u32 i = 0; i < WHERE_ROWS + 3; i++) {
		f = reset(i + 1, 58, 7000);
		where_add(*state, &f);
	}
	assert_int_equal(where_full(*state), 3);
}

/* A box of months ago is outweighed by a day of another's, and an answer that came once is still known after a year. */
static void older_answers_weigh_less_and_are_not_lost(void **state)
{
	struct where_about about;
	struct finding f;

	for (unsigned int i = 0; i < 5000; i++) {
		f = reset(PREFIX, 50, 9000);
		where_add(*state, &f);
	}
	f = reset(PREFIX + 1, 60, 7000);
	where_add(*state, &f);
	for (unsigned int hour = 1; hour <= 24; hour++) {
		f = reset(PREFIX, 58, 7000);
		f.first_s = hour * 3600;
		where_add(*state, &f);
	}
	assert_true(where_about(*state, GROUP, PREFIX, SIGNATURE_PSH_RSTACK, &about));
	assert_int_equal(about.answerer.hops.p50, 6);
	f.first_s = 8760 * 3600;
	where_add(*state, &f);
	assert_true(where_about(*state, GROUP, PREFIX + 1, SIGNATURE_PSH_RSTACK, &about));
	assert_int_equal(about.answerer.hops.n, 1);
	assert_int_equal(about.server.us.n, 1);
}

static void what_comes_in_an_incident_is_known_apart(void **state)
{
	struct finding f = reset(PREFIX, 50, 9000);
	struct where_about about;

	where_add(*state, &f);
	where_incident(*state, GROUP, true);
	assert_false(where_in_incident(*state, GROUP, PREFIX, SIGNATURES, &about));
	f = reset(PREFIX, 58, 7000);
	where_add(*state, &f);
	assert_true(where_in_incident(*state, GROUP, PREFIX, SIGNATURES, &about));
	assert_int_equal(about.answerer.hops.n, 1);
	assert_int_equal(about.answerer.hops.p50, 6);
	assert_true(where_about(*state, GROUP, PREFIX, SIGNATURES, &about));
	assert_int_equal(about.answerer.hops.n, 2);
	where_incident(*state, GROUP, false);
	assert_false(where_in_incident(*state, GROUP, PREFIX, SIGNATURES, &about));
	assert_true(where_about(*state, GROUP, PREFIX, SIGNATURES, &about));
	assert_int_equal(about.answerer.hops.n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_grow_and_hold_their_own_middle),
		cmocka_unit_test_setup_teardown(answerer_and_server_are_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_group_sums_its_ranges, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flows_that_went_well_tell_of_the_server_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(interim_and_forgotten_ones_are_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_table_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(older_answers_weigh_less_and_are_not_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_comes_in_an_incident_is_known_apart, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
