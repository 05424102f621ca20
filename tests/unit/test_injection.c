// SPDX-License-Identifier: GPL-2.0
/* The rows of evidence, on records made by hand: what a row fires on, and the look-alikes on which it must not. The
 * same rows through the kernel's programs are tests/replay/evidence.cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge/injection.h"
#include "unit/scene.h"

#define ISN_UP	 1000u
#define ISN_DOWN 5000u
#define HELLO	 517u

/* A handshake of 80 ms, then a ClientHello at 100 ms. */
static struct scene hello(void)
{
	struct scene s;
	struct wire_flow *f = &s.r.flow;

	begin(&s);
	f->isn_up = ISN_UP;
	f->isn_down = ISN_DOWN;
	f->up_next = ISN_UP + 1 + HELLO;
	f->down_next = ISN_DOWN + 1;
	f->down_acked = ISN_DOWN + 1;
	syn(&s);
	at(&s, 80);
	synack(&s);
	at(&s, 81);
	client_ack(&s);
	at(&s, 100);
	request(&s, HELLO);
	f->sent[0] = (struct wire_sent){ .end = ISN_UP + 1, .kind = SENT_SYN, .ipid = 7 };
	f->sent[1] = (struct wire_sent){
		.end = f->up_next, .ack = ISN_DOWN + 1, .at_us = 100000, .kind = SENT_PAYLOAD, .ipid = 8
	};
	f->sent_n = 2;
	return s;
}

/* One that answers the ClientHello as a server would. */
static struct wire_rst *reset_at(struct scene *s, unsigned int ms)
{
	struct wire_evidence *e = &s->r.evidence;
	struct wire_rst *r = &e->down[e->n_down++];

	s->r.has_evidence = 1;
	s->r.flow.seen |= SEEN_DOWN_RST;
	e->up_segments = 1;
	*r = (struct wire_rst){ .at_us = ms * 1000,
				.seq = ISN_DOWN + 1,
				.ack = s->r.flow.up_next,
				.answered_us = 100000,
				.up_acked = ISN_DOWN + 1,
				.down_next = ISN_DOWN + 1,
				.up_next = s->r.flow.up_next,
				.answered_ipid = 8,
				.ttl = SCENE_TTL,
				.tcp_flags = TCP_RST_FLAG | TCP_ACK_FLAG,
				.answered_kind = SENT_PAYLOAD,
				.bits = RST_CERTAIN };
	return r;
}

static unsigned int rows(const struct scene *s, __u32 median_us)
{
	struct verdict v = { .has_rtt = true, .rtt_us = 80000, .server_ttl = SCENE_TTL };

	injection(&s->r, median_us, &v);
	return v.evidence;
}

#define ROW(name) (1u << INJECTION_##name)

static void nothing_speaks_against_a_reset_as_rfc_9293_has_it(void **state)
{
	struct scene s = hello();

	(void)state;
	reset_at(&s, 180);
	assert_int_equal(rows(&s, 0), 0);
}

static void a_record_without_resets_has_no_evidence(void **state)
{
	struct scene s = hello();

	(void)state;
	s.r.flow.seen |= SEEN_DOWN_AFTER_RST;
	assert_int_equal(rows(&s, 0), 0);
}

static void too_fast_is_under_half_of_the_smaller_round_trip(void **state)
{
	struct scene s = hello();

	(void)state;
	reset_at(&s, 139);
	assert_int_equal(rows(&s, 0), ROW(TOO_FAST));
	assert_int_equal(rows(&s, 78000), 0);
	assert_int_equal(rows(&s, 200000), ROW(TOO_FAST));
}

static void an_uncertain_packet_amid_data_was_not_answered_too_fast(void **state)
{
	struct scene s = hello();
	struct wire_rst *r = reset_at(&s, 105);

	(void)state;
	r->bits = RST_LATER;
	assert_int_equal(rows(&s, 0), 0);
}

static void an_idle_timeout_that_crosses_a_request_is_not_too_fast(void **state)
{
	struct scene s = hello();
	struct wire_rst *r = reset_at(&s, 105);

	(void)state;
	r->tcp_flags = TCP_RST_FLAG;
	s.r.flow.rst.gap_c = 10 * 1000000 / 1024;
	assert_int_equal(rows(&s, 0), 0);
	s.r.flow.rst.gap_c -= 2;
	assert_int_equal(rows(&s, 0), ROW(TOO_FAST));
}

static void resets_after_a_fin_are_evidence_of_nothing(void **state)
{
	struct scene s = hello();
	struct wire_rst *r = reset_at(&s, 101);

	(void)state;
	r->len = 10;
	r->ttl = 90;
	r->bits |= RST_AFTER_UP_FIN;
	assert_int_equal(rows(&s, 0), 0);
}

static void resets_after_a_clients_reset_amid_data_are_evidence_of_nothing(void **state)
{
	struct scene s = hello();

	(void)state;
	s.r.evidence.up[s.r.evidence.n_up++] = (struct wire_rst){ .at_us = 150000, .bits = RST_LATER };
	reset_at(&s, 180)->len = 10;
	assert_int_equal(rows(&s, 0), 0);
}

static void a_load_balancers_jump_of_ttl_alone_stays_below_suspicion(void **state)
{
	struct scene s = hello();
	struct verdict v = { .has_rtt = true, .rtt_us = 80000, .server_ttl = 229 };

	(void)state;
	reset_at(&s, 180)->ttl = 43;
	injection(&s.r, 0, &v);
	assert_int_equal(v.evidence, ROW(TTL_JUMP));
	assert_int_equal(v.level, LEVEL_NONE);
}

static void rows_of_one_point_count_two_together(void **state)
{
	struct scene s = hello();
	struct wire_rst *r = reset_at(&s, 180);
	struct verdict v = { .has_rtt = true, .rtt_us = 80000, .server_ttl = SCENE_TTL };

	(void)state;
	r->ttl = 90;
	r->ipid = 30000;
	s.r.flow.down_ipid = 5;
	s.r.flow.ipid_near = 3;
	s.r.flow.state |= STATE_SYN_TS;
	s.r.flow.seen |= SEEN_DOWN_TS;
	injection(&s.r, 0, &v);
	assert_int_equal(v.evidence, ROW(TTL_JUMP) | ROW(IPID_JUMP) | ROW(NO_TIMESTAMPS));
	assert_int_equal(v.score, 2);
	r->bits |= RST_TIMESTAMPS;
	assert_int_equal(rows(&s, 0), ROW(TTL_JUMP) | ROW(IPID_JUMP));
	s.r.flow.ipid_far = 1; /* no sequence */
	assert_int_equal(rows(&s, 0), ROW(TTL_JUMP));
}

static void a_bare_reset_needs_no_timestamps(void **state)
{
	struct scene s = hello();

	(void)state;
	s.r.flow.state |= STATE_SYN_TS;
	s.r.flow.seen |= SEEN_DOWN_TS;
	reset_at(&s, 180)->tcp_flags = TCP_RST_FLAG;
	assert_int_equal(rows(&s, 0), 0);
}

static void a_reset_beyond_what_the_server_sent_is_illegal(void **state)
{
	struct scene s = hello();
	struct wire_rst *r = reset_at(&s, 180);

	(void)state;
	r->seq = ISN_DOWN + 2;
	assert_int_equal(rows(&s, 0), ROW(ILLEGAL_RESET));
	r->down_next = ISN_DOWN + 2;
	assert_int_equal(rows(&s, 0), 0);
	r->seq = ISN_DOWN - 1;
	assert_int_equal(rows(&s, 0), ROW(ILLEGAL_RESET));
	r->bits |= RST_HOLES;
	assert_int_equal(rows(&s, 0), 0);
}

static void levels_begin_at_three_and_at_six(void **state)
{
	struct scene s = hello();
	struct wire_rst *r = reset_at(&s, 180);
	struct verdict v = { .has_rtt = true, .rtt_us = 80000, .server_ttl = SCENE_TTL };

	(void)state;
	r->ipid = 8;
	injection(&s.r, 0, &v);
	assert_int_equal(v.level, LEVEL_SUSPECTED);
	r->at_us = 101000;
	injection(&s.r, 0, &v);
	assert_int_equal(v.score, 7);
	assert_int_equal(v.level, LEVEL_HIGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_speaks_against_a_reset_as_rfc_9293_has_it),
		cmocka_unit_test(a_record_without_resets_has_no_evidence),
		cmocka_unit_test(too_fast_is_under_half_of_the_smaller_round_trip),
		cmocka_unit_test(an_uncertain_packet_amid_data_was_not_answered_too_fast),
		cmocka_unit_test(an_idle_timeout_that_crosses_a_request_is_not_too_fast),
		cmocka_unit_test(resets_after_a_fin_are_evidence_of_nothing),
		cmocka_unit_test(resets_after_a_clients_reset_amid_data_are_evidence_of_nothing),
		cmocka_unit_test(a_load_balancers_jump_of_ttl_alone_stays_below_suspicion),
		cmocka_unit_test(rows_of_one_point_count_two_together),
		cmocka_unit_test(a_bare_reset_needs_no_timestamps),
		cmocka_unit_test(a_reset_beyond_what_the_server_sent_is_illegal),
		cmocka_unit_test(levels_begin_at_three_and_at_six),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
