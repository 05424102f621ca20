// SPDX-License-Identifier: GPL-2.0
/* The list of what verdicts there are: without repetition, complete against records of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "detect/tally.h"

#define RECORDS 400000

static __u64 random_state = 0x78726561;

static __u64 random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void each_combination_is_listed_once(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < n_verdict_combos; i++)
		for (unsigned int j = 0; j < i; j++)
			assert_false(verdict_combos[i].stage == verdict_combos[j].stage &&
				     verdict_combos[i].outcome == verdict_combos[j].outcome &&
				     verdict_combos[i].signature == verdict_combos[j].signature);
}

static void every_combination_finds_its_own_row(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < n_verdict_combos; i++) {
		struct verdict v = { .stage = verdict_combos[i].stage,
				     .outcome = verdict_combos[i].outcome,
				     .signature = verdict_combos[i].signature };

		assert_int_equal(verdict_combo_of(&v), i);
	}
}

static void anything_else_is_the_last_row(void **state)
{
	struct verdict v = { .stage = STAGE_LATER, .outcome = OUTCOME_OK, .signature = SIGNATURE_SYN_0 };

	(void)state;
	assert_int_equal(verdict_combo_of(&v), n_verdict_combos - 1);
	memset(&v, 0xff, sizeof(v));
	assert_int_equal(verdict_combo_of(&v), n_verdict_combos - 1);
}

/* Bits set one time in two to one time in sixteen, so that sparse and dense masks both come. */
static __u64 random_mask(void)
{
	__u64 mask = random_u64();

	for (unsigned int n = random_u64() % 4; n; n--)
		mask &= random_u64();
	return mask;
}

static void fill_random(void *at, size_t size)
{
	__u8 *p = at;

	for (size_t i = 0; i < size; i++)
		p[i] = random_u64() >> 24;
}

/* Any bytes at all, then values that lie near the rules' borders in a part of the fields. */
static void make_record(struct wire_record *r)
{
	static const __u32 seconds[] = { 0, 1, 3, 5, 10, 15, 20, 30, 60, 75, 90, 5000 };
	struct wire_flow *f = &r->flow;

	fill_random(r, sizeof(*r));
	if (random_u64() % 8 == 0)
		return;
	f->seen = random_mask();
	f->state = random_mask();
	r->kind = random_u64() % 4;
	r->why = random_u64() % 5;
	r->now_ns = f->first_ns + seconds[random_u64() % 12] * 1000000000ull;
	r->now_c = f->first_c + seconds[random_u64() % 12] * 977;
	f->last_up_c = r->now_c - seconds[random_u64() % 12] * 977;
	f->last_down_c = r->now_c - seconds[random_u64() % 12] * 977;
	f->wait_c = random_u64() % 3 ? r->now_c - seconds[random_u64() % 12] * 977 : 0;
	f->data_c = r->now_c - seconds[random_u64() % 12] * 977;
	f->rst.at_us = seconds[random_u64() % 12] * 1000000;
	f->up_rst_us = seconds[random_u64() % 12] * 1000000;
	f->icmp_us = seconds[random_u64() % 12] * 1000000;
	f->handshake_us = f->up_data_us = f->down_data_us = random_u64() % 1000000;
	f->last_syn_us = seconds[random_u64() % 12] * 1000000;
	f->syns = random_u64() % 5;
	f->bytes_down = random_u64() % 300000;
	f->again_bytes = random_u64() % 30000;
	f->hole_bytes = random_u64() % 30000;
	f->idle_c = random_u64() % 2;
	f->up_again = random_u64() % 4;
	f->icmp_type = random_u64() % 4;
	f->icmp_code = random_u64() % 16;
	f->icmp_stage = random_u64() % (STAGES + 1);
	f->rst.stage = random_u64() % (STAGES + 1);
	f->rst.fin = random_mask() & 3;
	f->rst.down_again = random_u64() % 4;
	f->rst.up_again = random_u64() % 2;
	f->rst.gap_c = seconds[random_u64() % 12] * 977;
	f->rst.n_bare = random_u64() % 4;
	f->rst.n_ack = random_u64() % 4;
	f->rst.n_zero = random_u64() % 3;
	f->rst.n_differ = random_u64() % 3;
}

static void any_record_gets_a_listed_verdict_and_every_row_is_met(void **state)
{
	static unsigned int met[256];
	struct wire_record r;
	struct verdict v;

	(void)state;
	assert_true(n_verdict_combos < 256);
	for (unsigned int i = 0; i < RECORDS; i++) {
		unsigned int combo;

		make_record(&r);
		memset(&v, 0xa5, sizeof(v));
		judge(&r, &waits_default, 0, &v);
		combo = verdict_combo_of(&v);
		if (combo == n_verdict_combos - 1)
			fail_msg("%s %s %s is not listed", stage_name(v.stage), outcome_name(v.outcome),
				 signature_name(v.signature));
		met[combo]++;
		assert_true(verdict_class(&v) <= TALLY_FAILURE);
		assert_true(v.why == REASON_NONE || v.outcome == OUTCOME_UNJUDGED);
		assert_true(v.outcome != OUTCOME_UNJUDGED || v.why != REASON_NONE || r.kind == RECORD_INTERIM ||
			    r.why > WHY_RECYCLED);
		assert_true(!v.quic || v.stage == STAGE_LATER || v.stage == STAGE_POST_PSH);
		assert_true(v.reset_ttl >= -1 && v.server_ttl >= -1 && v.answer_ttl >= -1);
		assert_true(v.has_rtt || !v.rtt_us);
	}
	for (unsigned int i = 0; i + 1 < n_verdict_combos; i++)
		if (!met[i])
			fail_msg("%s %s %s was never met", stage_name(verdict_combos[i].stage),
				 outcome_name(verdict_combos[i].outcome),
				 signature_name(verdict_combos[i].signature));
}

static void the_same_record_gets_the_same_verdict(void **state)
{
	struct wire_record r;
	struct verdict a, b;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		make_record(&r);
		memset(&a, 0xa5, sizeof(a));
		memset(&b, 0x5a, sizeof(b));
		judge(&r, &waits_default, 0, &a);
		judge(&r, &waits_default, 0, &b);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_combination_is_listed_once),
		cmocka_unit_test(every_combination_finds_its_own_row),
		cmocka_unit_test(anything_else_is_the_last_row),
		cmocka_unit_test(any_record_gets_a_listed_verdict_and_every_row_is_met),
		cmocka_unit_test(the_same_record_gets_the_same_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
