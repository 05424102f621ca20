// SPDX-License-Identifier: GPL-2.0
/* What a record tells besides its verdict, at the borders: throttling, medians, round trips, hops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "judge/measure.h"

/* 100,000 bytes in 5 s of 1,024 us each: 160 kbit/s, with 5 % repeated. */
static struct wire_flow throttled(void)
{
	return (struct wire_flow){
		.first_c = 1000,
		.down_data_us = 102400,	     /* 100 units */
		.data_c = 1000 + 100 + 4883, /* 5,000,192 us later */
		.bytes_down = 100000,
		.again_bytes = 5000,
	};
}

static void a_slow_flow_that_repeats_a_twentieth_is_throttled(void **state)
{
	struct wire_flow f = throttled();

	(void)state;
	assert_true(is_throttled(&f));
	f.again_bytes = 4999;
	assert_false(is_throttled(&f));
	f.hole_bytes = 5000; /* lost instead of repeated */
	assert_true(is_throttled(&f));
	/* a hole that was filled late stands in both: they must not add up */
	f.again_bytes = f.hole_bytes = 2500;
	assert_false(is_throttled(&f));
}

static void a_slow_flow_with_gaps_in_a_tenth_of_the_time_is_throttled(void **state)
{
	struct wire_flow f = throttled();

	(void)state;
	f.again_bytes = 0;
	f.gap_c = 488;
	assert_false(is_throttled(&f));
	f.gap_c = 489;
	assert_true(is_throttled(&f));
}

static void slow_alone_is_not_throttled(void **state)
{
	struct wire_flow f = throttled();

	(void)state;
	f.again_bytes = 0;
	assert_false(is_throttled(&f));
}

static void less_than_64_kib_is_too_little_to_tell(void **state)
{
	struct wire_flow f = throttled();

	(void)state;
	f.bytes_down = 65536;
	assert_true(is_throttled(&f));
	f.bytes_down = 65535;
	assert_false(is_throttled(&f));
}

static void less_than_five_seconds_are_too_few_to_tell(void **state)
{
	struct wire_flow f = throttled();

	(void)state;
	f.data_c--; /* 4,999,168 us */
	assert_false(is_throttled(&f));
}

static void four_hundred_kilobits_a_second_are_not_slow(void **state)
{
	struct wire_flow f = throttled();

	(void)state;
	f.bytes_down = 250010; /* of 5,000,192 us: 399.999 kbit/s allow 250,009.6 bytes */
	f.again_bytes = 20000;
	assert_false(is_throttled(&f));
	f.bytes_down = 250009;
	assert_true(is_throttled(&f));
}

static void a_client_that_paused_by_itself_was_not_throttled(void **state)
{
	struct wire_flow f = throttled();

	(void)state;
	f.idle_c = 1;
	assert_false(is_throttled(&f));
}

static void the_clock_may_wrap_between_first_and_last_byte(void **state)
{
	struct wire_flow f = throttled();

	(void)state;
	f.first_c = 0xffffff00u;
	f.data_c = f.first_c + 100 + 4883;
	assert_true(is_throttled(&f));
	f.data_c = f.first_c; /* before the first byte: nothing has passed */
	assert_false(is_throttled(&f));
}

static void the_largest_numbers_do_not_overflow(void **state)
{
	struct wire_flow f = throttled();

	(void)state;
	f.again_bytes = f.hole_bytes = f.gap_c = 0xffffffffu;
	f.data_c = f.first_c + 100 + 0x7fffffff;
	assert_true(is_throttled(&f));
	f.bytes_down = ~0ull;
	assert_false(is_throttled(&f));
}

/* ---- measure() ------------------------------------------------------------------------------------------- */

static struct verdict measured(struct wire_flow flow)
{
	const struct wire_record record = { .kind = RECORD_FINAL, .flow = flow };
	struct verdict v;

	memset(&v, 0xa5, sizeof(v));
	measure(&record, &v);
	return v;
}

static int median(const __u8 *ttls, size_t n)
{
	struct wire_flow f = {};

	memcpy(f.ttls, ttls, n);
	return measured(f).server_ttl;
}
#define MEDIAN(...) median((const __u8[]){ __VA_ARGS__ }, sizeof((const __u8[]){ __VA_ARGS__ }))

static void the_median_hop_limit_is_one_that_was_seen(void **state)
{
	(void)state;
	assert_int_equal(MEDIAN(0), -1);
	assert_int_equal(MEDIAN(47), 47);
	assert_int_equal(MEDIAN(50, 47), 47); /* the lower of the middle two */
	assert_int_equal(MEDIAN(47, 50), 47);
	assert_int_equal(MEDIAN(50, 1, 47), 47);
	assert_int_equal(MEDIAN(255, 1, 47, 46), 46);
	assert_int_equal(MEDIAN(52, 52, 52, 255), 52);
	assert_int_equal(MEDIAN(8, 7, 6, 5, 4, 3, 2, 1), 4);
	assert_int_equal(MEDIAN(1, 2, 3, 4, 5, 6, 7, 8), 4);
	assert_int_equal(MEDIAN(0, 0, 60, 0, 61, 0, 62, 0), 61); /* zeroes are places not used */
}

static void the_round_trip_is_from_the_last_syn_to_its_syn_ack(void **state)
{
	struct wire_flow f = { .seen = SEEN_SYN | SEEN_SYNACK, .syn_us = 1000000, .synack_us = 1080000 };
	struct verdict v = measured(f);

	(void)state;
	assert_true(v.has_rtt);
	assert_int_equal(v.rtt_us, 80000);
	f.seen = SEEN_SYNACK; /* the SYN was not seen */
	assert_false(measured(f).has_rtt);
	f.seen = SEEN_SYN;
	assert_false(measured(f).has_rtt);
	f.seen = SEEN_SYN | SEEN_SYNACK;
	f.synack_us = f.syn_us; /* captured in the wrong order */
	assert_false(measured(f).has_rtt);
	assert_int_equal(measured(f).rtt_us, 0);
	f.syn_us = 0xffffff00u; /* modulo 2^32 */
	f.synack_us = 0x100;
	assert_int_equal(measured(f).rtt_us, 0x200);
}

static void the_round_trip_of_quic_is_to_the_first_reply(void **state)
{
	struct wire_flow f = { .state = STATE_QUIC, .seen = SEEN_SYN | SEEN_DOWN, .synack_us = 30000 };

	(void)state;
	assert_true(measured(f).quic);
	assert_int_equal(measured(f).rtt_us, 30000);
	f.seen = SEEN_SYN;
	assert_false(measured(f).has_rtt);
}

static void data_in_a_syn_counts_once_it_is_payload(void **state)
{
	struct wire_flow f = { .bytes_up = 100, .bytes_down = 7 };

	(void)state;
	assert_int_equal(measured(f).bytes_up, 0);
	f.seen = SEEN_UP_DATA;
	assert_int_equal(measured(f).bytes_up, 100);
	assert_int_equal(measured(f).bytes_down, 7);
}

static void the_ttl_of_the_first_reset_is_told_when_there_was_one(void **state)
{
	struct wire_flow f = { .first_rst_ttl = 52, .rst = { .ttl = 60 } }; /* of a later one, after the first */

	(void)state;
	assert_int_equal(measured(f).reset_ttl, -1);
	f.seen = SEEN_DOWN_RST;
	assert_int_equal(measured(f).reset_ttl, 52);
	assert_int_equal(measured(f).answer_ttl, -1); /* that is for the rules to say */
}

static void a_syn_of_a_scanner_is_background(void **state)
{
	struct wire_flow f = { .seen = SEEN_SYN, .state = STATE_SYN_OPTIONS };

	(void)state;
	assert_false(measured(f).background);
	f.state = 0; /* no options */
	assert_true(measured(f).background);
	f.state = STATE_SYN_OPTIONS | STATE_SYN_SCANNER;
	assert_true(measured(f).background);
	f.state = STATE_QUIC | STATE_SYN_SCANNER;
	assert_false(measured(f).background);
	f.state = STATE_LOCAL;
	assert_false(measured(f).background);
	f.state = STATE_NO_ISN;
	assert_false(measured(f).background);
	f.state = 0;
	f.seen = 0; /* opened by a SYN-ACK */
	assert_false(measured(f).background);
	f.seen = SEEN_SYN | SEEN_SYNACK; /* which came at offset 0, before the SYN */
	assert_false(measured(f).background);
	f.synack_us = 1;
	assert_true(measured(f).background);
}

static void a_drop_of_this_host_is_told_once(void **state)
{
	struct wire_record r = { .kind = RECORD_FINAL, .flow = { .seen = SEEN_DROPPED_HERE } };
	struct verdict v;

	(void)state;
	measure(&r, &v);
	assert_true(v.dropped_here);
	r.kind = RECORD_LATE_SYNS;
	measure(&r, &v);
	assert_false(v.dropped_here);
}

static void hops_are_the_distance_to_the_next_usual_start(void **state)
{
	static const struct {
		int ttl, hops;
	} rows[] = { { -1, -1 }, { 0, 64 },  { 1, 63 },	   { 52, 12 }, { 64, 0 },
		     { 65, 63 }, { 128, 0 }, { 129, 126 }, { 254, 1 }, { 255, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(hops_from_ttl(rows[i].ttl), rows[i].hops);
}

static void the_delay_of_an_answer_is_from_the_packet_it_answers(void **state)
{
	struct wire_record r = { .kind = RECORD_FINAL };
	struct verdict v = { 0 };

	(void)state;
	r.evidence.n_down = 1;
	r.evidence.down[0] =
		(struct wire_rst){ .at_us = 107000, .answered_us = 100000, .answered_kind = SENT_PAYLOAD };
	measure(&r, &v);
	assert_int_equal(v.answer_us, 0); /* what lies beyond a short record is nothing */
	r.has_evidence = 1;
	measure(&r, &v);
	assert_int_equal(v.answer_us, 7000);
	r.evidence.down[0].answered_us = 107000;
	measure(&r, &v);
	assert_int_equal(v.answer_us, 1); /* 0 would be "not known" */
	r.evidence.down[0].answered_kind = SENT_NONE;
	measure(&r, &v);
	assert_int_equal(v.answer_us, 0);
}

static void goodput_leaves_out_the_clients_own_pauses(void **state)
{
	struct wire_record r = { .kind = RECORD_FINAL, .flow = throttled() };
	struct verdict v = { 0 };

	(void)state;
	r.flow.seen = SEEN_DOWN_DATA;
	measure(&r, &v);
	assert_in_range(v.goodput, 159900, 160000);
	r.flow.idle_c = 4883 / 2;
	measure(&r, &v);
	assert_in_range(v.goodput, 319000, 320500);
	r.flow.idle_c = 4883;
	measure(&r, &v);
	assert_int_equal(v.goodput, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_flow_that_repeats_a_twentieth_is_throttled),
		cmocka_unit_test(a_slow_flow_with_gaps_in_a_tenth_of_the_time_is_throttled),
		cmocka_unit_test(slow_alone_is_not_throttled),
		cmocka_unit_test(less_than_64_kib_is_too_little_to_tell),
		cmocka_unit_test(less_than_five_seconds_are_too_few_to_tell),
		cmocka_unit_test(four_hundred_kilobits_a_second_are_not_slow),
		cmocka_unit_test(a_client_that_paused_by_itself_was_not_throttled),
		cmocka_unit_test(the_clock_may_wrap_between_first_and_last_byte),
		cmocka_unit_test(the_largest_numbers_do_not_overflow),
		cmocka_unit_test(the_median_hop_limit_is_one_that_was_seen),
		cmocka_unit_test(the_round_trip_is_from_the_last_syn_to_its_syn_ack),
		cmocka_unit_test(the_round_trip_of_quic_is_to_the_first_reply),
		cmocka_unit_test(data_in_a_syn_counts_once_it_is_payload),
		cmocka_unit_test(the_ttl_of_the_first_reset_is_told_when_there_was_one),
		cmocka_unit_test(a_syn_of_a_scanner_is_background),
		cmocka_unit_test(a_drop_of_this_host_is_told_once),
		cmocka_unit_test(the_delay_of_an_answer_is_from_the_packet_it_answers),
		cmocka_unit_test(goodput_leaves_out_the_clients_own_pauses),
		cmocka_unit_test(hops_are_the_distance_to_the_next_usual_start),
	};

	return cmocka_run_group_tests_name("measure", tests, NULL, NULL);
}
