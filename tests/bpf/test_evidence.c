// SPDX-License-Identifier: GPL-2.0
/* What the kernel side writes down of resets: what each answers, and that nothing of it stays. */
#include <string.h>

#include <bpf/bpf.h>

#include "rig.h"
#include "xreach.skel.h"

static int set_up(void **state)
{
	return rig_set_up(state, 256);
}

static unsigned int entries(struct rig *r)
{
	int fd = bpf_map__fd(r->object.skel->maps.evidence);
	__u64 key, next;
	unsigned int n = 0;

	for (void *at = NULL; !bpf_map_get_next_key(fd, at, &next); at = &key) {
		key = next;
		n++;
	}
	return n;
}

static int after_each(void **state)
{
	struct rig *r = *state;

	for (int i = 0; i < 4; i++)
		rig_flush(r);
	rig_books(r);
	assert_int_equal(entries(r), 0);
	return 0;
}

static void a_flow_without_resets_has_no_evidence(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	talk_up(&t, PSH | ACK, 1, 1, 517);
	talk_down(&t, PSH | ACK, 1, 518, 100);
	assert_int_equal(entries(r), 0);
	rig_wait(r, 400000);
	assert_int_equal(rig_final(r)->has_evidence, 0);
}

static void a_reset_tells_which_packet_it_answers(void **state)
{
	struct rig *r = *state;
	const struct wire_rst *rst;
	const struct wire_record *record;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 60);
	t.up.ipid = 4659; /* talk_up() counts on */
	talk_up(&t, PSH | ACK, 1, 1, 517);
	rig_ms(r, 62);
	talk_up(&t, PSH | ACK, 518, 1, 100);
	rig_ms(r, 70);
	t.down.ipid = 98;
	talk_down(&t, RST | ACK, 1, 518, 0);
	assert_int_equal(entries(r), 1);
	rig_wait(r, 10000);
	record = rig_final(r);
	assert_int_equal(record->has_evidence, 1);
	assert_int_equal(record->evidence.n_down, 1);
	assert_int_equal(record->evidence.n_up, 0);
	rst = &record->evidence.down[0];
	assert_int_equal(rst->at_us, 70000);
	assert_int_equal(rst->answered_us, 60000);
	assert_int_equal(rst->answered_ipid, 4660);
	assert_int_equal(rst->answered_kind, SENT_PAYLOAD);
	assert_int_equal(rst->ipid, 99);
	assert_int_equal(rst->seq, t.isn_down + 1);
	assert_int_equal(rst->up_acked, t.isn_down + 1);
	assert_int_equal(rst->down_next, t.isn_down + 1);
	assert_int_equal(rst->bits, RST_CERTAIN);
}

static void numbers_that_name_no_packet_answer_the_last_one(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 60);
	talk_up(&t, PSH | ACK, 1, 1, 517);
	rig_ms(r, 70);
	talk_down(&t, RST | ACK, 1, 777, 0);
	rig_wait(r, 10000);
	assert_int_equal(rig_final(r)->evidence.down[0].answered_us, 60000);
	assert_int_equal(rig_final(r)->evidence.down[0].bits, 0);
}

static void eight_resets_a_side_are_kept(void **state)
{
	struct rig *r = *state;
	const struct wire_record *record;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	for (int i = 0; i < 12; i++) {
		rig_ms(r, 60 + i);
		talk_down(&t, RST | ACK, 1 + i, 1, 0);
	}
	rig_ms(r, 80);
	talk_up(&t, RST, 1, 0, 0);
	rig_wait(r, 10000);
	record = rig_final(r);
	assert_int_equal(record->evidence.n_down, WIRE_RSTS);
	assert_int_equal(record->evidence.down[WIRE_RSTS - 1].at_us, 67000);
	assert_int_equal(record->evidence.n_up, 1);
	assert_int_equal(record->flow.rst.n_ack, 12);
}

static void a_new_flow_on_the_tuple_does_not_inherit_evidence(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 60);
	talk_down(&t, RST | ACK, 1, 1, 0);
	rig_ms(r, 1000);
	t.isn_up += 1000000;
	talk_handshake(&t);
	assert_int_equal(entries(r), 0);
	rig_sweep(r); /* drains */
	assert_int_equal(rig_final(r)->why, WHY_RECYCLED);
	assert_int_equal(rig_final(r)->has_evidence, 1);
	assert_int_equal(rig_final(r)->evidence.n_down, 1);
}

static void two_payloads_for_one_range_are_noticed(void **state)
{
	static const __u8 one[64] = { 1, 2, 3 }, other[64] = { 1, 2, 4 };
	struct rig *r = *state;
	struct talk t;

	for (int differ = 0; differ < 2; differ++) {
		rig_reset(r);
		talk_start(&t, r, CLIENT4, SERVER4);
		talk_handshake(&t);
		talk_up(&t, PSH | ACK, 1, 1, 517);
		t.down.payload = one;
		talk_down(&t, PSH | ACK, 1, 518, 64);
		rig_ms(r, 100);
		t.down.payload = differ ? other : one;
		talk_down(&t, PSH | ACK, 1, 518, 64);
		rig_wait(r, 400000);
		assert_int_equal(rig_final(r)->flow.evidence, differ ? EVIDENCE_TWO_PAYLOADS : 0);
	}
}

static void client_bytes_that_were_jumped_over_are_marked(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	talk_up(&t, PSH | ACK, 101, 1, 417);
	rig_ms(r, 90);
	talk_down(&t, RST | ACK, 1, 518, 0);
	rig_wait(r, 10000);
	assert_int_equal(rig_final(r)->evidence.down[0].bits, RST_CERTAIN | RST_HOLES);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_before_each, after_each)
	const struct CMUnitTest tests[] = {
		T(a_flow_without_resets_has_no_evidence),
		T(a_reset_tells_which_packet_it_answers),
		T(numbers_that_name_no_packet_answer_the_last_one),
		T(eight_resets_a_side_are_kept),
		T(a_new_flow_on_the_tuple_does_not_inherit_evidence),
		T(two_payloads_for_one_range_are_noticed),
		T(client_bytes_that_were_jumped_over_are_marked),
	};

	return cmocka_run_group_tests(tests, set_up, rig_tear_down);
}
