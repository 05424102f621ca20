// SPDX-License-Identifier: GPL-2.0
/* The life of a TCP flow, packet by packet: what opens it, what is written down, when it is handed out. */
#include <string.h>

#include "rig.h"

static int set_up(void **state)
{
	return rig_set_up(state, 256);
}

/* Every test ends so: what is still open is handed out, and the books balance. */
static int after_each(void **state)
{
	struct rig *r = *state;

	rig_sweep(r);
	rig_books(r);
	for (int i = 0; i < 4; i++)
		rig_flush(r);
	rig_books(r);
	assert_int_equal(r->object.open[0] + r->object.open[1], 0);
	return 0;
}

static void assert_seen(const struct wire_flow *f, __u32 bits, __u32 none)
{
	if ((f->seen & bits) != bits || (f->seen & none))
		fail_msg("seen %#x, wanted %#x and none of %#x", f->seen, bits, none);
}

/* ---- opening ----------------------------------------------------------------------------------------- */
static void a_syn_opens_an_attempt_that_is_final_after_20_s(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	assert_int_equal(rig_count(r, COUNT_OPENED), 1);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_OPENED), 1);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_SYN), 1);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), 1);
	rig_wait(r, 2500);
	assert_int_equal(r->n_records, 0);
	rig_wait(r, 3500);
	assert_int_equal(r->n_records, 1);
	assert_int_equal(r->records[0].kind, RECORD_INTERIM);
	rig_wait(r, 19900);
	assert_int_equal(rig_finals(r), 0);
	rig_wait(r, 22000);
	f = &rig_final(r)->flow;
	assert_int_equal(rig_final(r)->why, WHY_NONE);
	assert_int_equal(f->first_ns, r->base_ns);
	assert_int_equal(f->first_ns, r->records[0].flow.first_ns);
	assert_int_equal(f->prefix, RANGE_X);
	assert_int_equal(f->syns, 1);
	assert_int_equal(f->isn_up, t.isn_up);
	assert_memory_equal(f->server + 12, t.up.dst + 12, 4);
	assert_int_equal(f->port_be, 0xbb01); /* 443 in network order */
	assert_seen(f, SEEN_SYN | SEEN_UP, SEEN_DOWN | SEEN_SYNACK);
	assert_true(f->state & STATE_SYN_OPTIONS);
	assert_false(f->state & (STATE_V6 | STATE_QUIC | STATE_SHARED | STATE_CONTROL | STATE_SYN_SCANNER));
}

static void a_repeated_syn_is_counted_and_restarts_the_waiting(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_wait(r, 1000);
	talk_syn(&t);
	rig_wait(r, 3000);
	talk_syn(&t);
	rig_wait(r, 22900);
	assert_int_equal(rig_finals(r), 0);
	rig_wait(r, 25000);
	f = &rig_final(r)->flow;
	assert_int_equal(f->syns, 3);
	assert_int_equal(f->last_syn_us, 3000000);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_SYN), 3);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), 3);
	assert_int_equal(rig_count(r, COUNT_WATCHED), 3);
}

static void a_syn_after_the_final_record_belongs_to_it(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_wait(r, 22000);
	assert_int_equal(rig_finals(r), 1);
	talk_syn(&t); /* at 22 s, and at 54 s */
	rig_wait(r, 54000);
	talk_syn(&t);
	assert_int_equal(rig_count(r, COUNT_OPENED), 1);
	rig_wait(r, 95000);
	assert_int_equal(r->records[r->n_records - 1].kind, RECORD_LATE_SYNS);
	assert_int_equal(r->records[r->n_records - 1].flow.syns, 3);
	assert_int_equal(r->records[r->n_records - 1].flow.first_ns, rig_final(r)->flow.first_ns);
	assert_int_equal(rig_finals(r), 1);
	assert_int_equal(r->object.left[0], 0); /* and the tombstone is gone */
}

static void a_syn_on_a_tombstone_with_another_isn_opens_anew(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_wait(r, 23000);
	t.isn_up += 100000;
	talk_syn(&t);
	assert_int_equal(rig_count(r, COUNT_OPENED), 2);
	rig_wait(r, 46000);
	assert_int_equal(rig_finals(r), 2);
	assert_int_equal(r->records[r->n_records - 1].flow.isn_up, t.isn_up);
}

static void a_new_isn_hands_the_attempt_out_as_recycled(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_ms(r, 500);
	t.isn_up += 100000;
	talk_syn(&t);
	rig_sweep(r);
	assert_int_equal(rig_final(r)->why, WHY_RECYCLED);
	assert_int_equal(rig_final(r)->flow.isn_up, t.isn_up - 100000);
	assert_int_equal(rig_count(r, COUNT_OPENED), 2);
	assert_int_equal(r->object.open[0], 1);
}

static void a_new_isn_on_a_live_flow_starts_over_in_place(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	talk_up(&t, PSH | ACK, 1, 1, 100);
	rig_ms(r, 5000);
	t.isn_up += 1000000;
	talk_syn(&t);
	rig_sweep(r);
	f = &rig_final(r)->flow;
	assert_int_equal(rig_final(r)->why, WHY_RECYCLED);
	assert_int_equal(f->bytes_up, 100);
	assert_seen(f, SEEN_HANDSHAKE | SEEN_UP_DATA, SEEN_DOWN_DATA);
	r->n_records = 0;
	r->before.n[COUNT_HANDED]++;
	rig_ms(r, 5030);
	t.isn_down += 777777;
	talk_synack(&t);
	rig_wait(r, 29000);
	f = &rig_final(r)->flow;
	assert_seen(f, SEEN_REUSED | SEEN_SYN | SEEN_SYNACK, SEEN_HANDSHAKE | SEEN_UP_DATA | SEEN_DOWN_RST);
	assert_int_equal(f->first_ns, r->base_ns + 5000000000);
	assert_int_equal(f->syns, 1);
	assert_int_equal(f->isn_up, t.isn_up);
	assert_int_equal(f->isn_down, t.isn_down);
	assert_int_equal(f->bytes_up, 0);
	assert_int_equal(f->synack_us, 30000);
}

static void a_late_rst_of_the_flow_before_is_not_of_this_one(void **state)
{
	struct rig *r = *state;
	struct talk t;
	__u32 before;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	talk_up(&t, PSH | ACK, 1, 1, 100);
	rig_ms(r, 5000);
	before = t.isn_up;
	t.isn_up += 1000000;
	talk_syn(&t);
	rig_ms(r, 5010);
	t.isn_up = before;
	talk_down(&t, RST | ACK, 1, 101, 0); /* acknowledges the data of the flow before */
	t.isn_up += 1000000;
	assert_int_equal(rig_count(r, COUNT_LATE), 1);
	rig_ms(r, 5020);
	talk_down(&t, RST | ACK, 0, 1, 0);
	rig_wait(r, 12000);
	assert_int_equal(rig_finals(r), 2);
	assert_int_equal(r->records[r->n_records - 1].flow.rst.at_us, 20000);
	assert_int_equal(r->records[r->n_records - 1].flow.rst.n_ack, 1);
}

static void a_synack_without_its_syn_opens_a_flow(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_synack(&t);
	assert_int_equal(rig_count(r, COUNT_OPENED), 1);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_SYNACK), 1);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), 1);
	rig_ms(r, 1);
	talk_up(&t, ACK, 1, 1, 0);
	rig_ms(r, 2);
	talk_up(&t, PSH | ACK, 1, 1, 517);
	rig_wait(r, 13000);
	f = &rig_final(r)->flow;
	assert_seen(f, SEEN_SYNACK | SEEN_HANDSHAKE | SEEN_UP_DATA, SEEN_SYN);
	assert_int_equal(f->isn_up, t.isn_up);
	assert_int_equal(f->isn_down, t.isn_down);
	assert_int_equal(f->bytes_up, 517);
	assert_memory_equal(f->server + 12, t.up.dst + 12, 4);
	assert_int_equal(f->syns, 0);
}

static void what_opens_nothing(void **state)
{
	static const __u8 flags[] = { SYN | RST, SYN | FIN, ACK, PSH | ACK, RST, RST | ACK, FIN | ACK, 0 };
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	for (size_t i = 0; i < sizeof(flags); i++)
		talk_up(&t, flags[i], 0, 0, 0);
	talk_down(&t, SYN, 0, 0, 0); /* out of a watched range */
	talk_down(&t, SYN | ACK | RST, 0, 1, 0);
	talk_down(&t, SYN | ACK | FIN, 0, 1, 0);
	talk_down(&t, RST | ACK, 0, 1, 0);
	assert_int_equal(rig_count(r, COUNT_OPENED), 0);
	assert_int_equal(rig_count(r, COUNT_MIDSTREAM), sizeof(flags) + 4);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), sizeof(flags) + 4);
}

static void where_both_ends_are_watched_the_syns_destination_is_the_server(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, "104.244.43.9", "162.159.140.229");
	talk_handshake(&t);
	talk_up(&t, PSH | ACK, 1, 1, 10);
	talk_down(&t, PSH | ACK, 1, 11, 20);
	rig_wait(r, 95000);
	f = &rig_final(r)->flow;
	assert_int_equal(f->prefix, RANGE_DEDICATED);
	assert_int_equal(f->bytes_up, 10);
	assert_int_equal(f->bytes_down, 20);
	assert_int_equal(rig_count(r, COUNT_MIDSTREAM), 0);
}

/* ---- data -------------------------------------------------------------------------------------------- */
static void the_times_and_amounts_of_an_answered_flow(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_ms(r, 1000);
	talk_syn(&t);
	rig_ms(r, 1080);
	talk_synack(&t);
	rig_ms(r, 1083);
	talk_up(&t, ACK, 1, 1, 0);
	rig_ms(r, 1085);
	talk_up(&t, PSH | ACK, 1, 1, 517);
	rig_ms(r, 1165);
	talk_down(&t, ACK, 1, 518, 0);
	rig_ms(r, 1170);
	talk_down(&t, PSH | ACK, 1, 518, 1400);
	talk_down(&t, PSH | ACK, 1401, 518, 600);
	rig_ms(r, 1173);
	talk_up(&t, ACK, 518, 2001, 0);
	rig_ms(r, 1200);
	talk_up(&t, FIN | ACK, 518, 2001, 0);
	rig_ms(r, 1280);
	talk_down(&t, FIN | ACK, 2001, 519, 0);
	talk_up(&t, ACK, 519, 2002, 0);
	rig_wait(r, 6000);
	f = &rig_final(r)->flow;
	assert_int_equal(f->syns, 2);
	assert_int_equal(f->syn_us, 1000000);
	assert_int_equal(f->synack_us, 1080000);
	assert_int_equal(f->handshake_us, 1083000);
	assert_int_equal(f->up_data_us, 1085000);
	assert_int_equal(f->down_data_us, 1170000);
	assert_int_equal(f->bytes_up, 517);
	assert_int_equal(f->bytes_down, 2000); /* over the wrap of the sequence numbers */
	assert_int_equal(f->again_bytes, 0);
	assert_int_equal(f->hole_bytes, 0);
	assert_int_equal(f->up_next, t.isn_up + 519);
	assert_int_equal(f->down_next, t.isn_down + 2002);
	assert_int_equal(f->ttls[0], 52);
	assert_int_equal(f->ttls[4], 52);
	assert_int_equal(f->ttls[5], 0);
	assert_int_equal(f->down_ipid, t.down.ipid);
	assert_seen(f,
		    SEEN_SYN | SEEN_SYNACK | SEEN_HANDSHAKE | SEEN_UP_DATA | SEEN_DOWN_DATA | SEEN_UP_FIN |
			    SEEN_DOWN_FIN | SEEN_UP_FIN_LATER | SEEN_UP_ACK_BEYOND | SEEN_DOWN_ACKS_DATA,
		    SEEN_DOWN_FIN_FIRST | SEEN_UP_RST | SEEN_DOWN_RST | SEEN_ICMP);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), 12);
	assert_int_equal(f->wait_c, 0);
}

static void repetitions_and_holes_are_told_apart(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 50);
	talk_up(&t, PSH | ACK, 1, 1, 500);
	rig_ms(r, 90);
	talk_down(&t, PSH | ACK, 1, 501, 1000);
	rig_ms(r, 100);
	talk_down(&t, PSH | ACK, 2001, 501, 1000); /* 1001..2000 jumped over */
	rig_ms(r, 110);
	talk_down(&t, PSH | ACK, 1, 501, 1000); /* repeated */
	rig_ms(r, 120);
	talk_down(&t, PSH | ACK, 2501, 501, 1000); /* overlaps by half */
	rig_ms(r, 130);
	talk_up(&t, PSH | ACK, 1, 3501, 500);
	rig_ms(r, 140);
	talk_up(&t, PSH | ACK, 301, 3501, 400); /* 200 of them new */
	rig_ms(r, 150);
	talk_up(&t, ACK, 700, 3501, 1); /* keepalive with its old byte */
	rig_ms(r, 160);
	talk_up(&t, ACK, 700, 3501, 0); /* and without */
	rig_wait(r, 95000);
	f = &rig_final(r)->flow;
	assert_int_equal(f->bytes_up, 700);
	assert_int_equal(f->bytes_down, 3500);
	assert_int_equal(f->hole_bytes, 1000);
	assert_int_equal(f->again_bytes, 1000 + 500);
	assert_int_equal(f->up_again, 3);
	assert_int_equal(f->up_next, t.isn_up + 701);
}

static void data_in_the_third_packet(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT6, SERVER6);
	talk_syn(&t);
	rig_ms(r, 40);
	talk_synack(&t);
	rig_ms(r, 41);
	talk_up(&t, PSH | ACK, 1, 1, 300);
	rig_wait(r, 13000);
	f = &rig_final(r)->flow;
	assert_seen(f, SEEN_HANDSHAKE | SEEN_UP_DATA, SEEN_DOWN_DATA);
	assert_int_equal(f->handshake_us, 41000);
	assert_int_equal(f->up_data_us, 41000);
	assert_int_equal(f->bytes_up, 300);
	assert_true(f->state & STATE_V6);
}

static void data_in_the_syn_counts_once_a_synack_came(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_up(&t, SYN, 0, 0, 200);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_SYN), 1);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), 1);
	rig_ms(r, 40);
	talk_down(&t, SYN | ACK, 0, 201, 0);
	rig_ms(r, 41);
	talk_up(&t, ACK, 201, 1, 0);
	rig_wait(r, 13000);
	f = &rig_final(r)->flow;
	assert_seen(f, SEEN_SYN_DATA | SEEN_UP_DATA | SEEN_HANDSHAKE, SEEN_DOWN_DATA);
	assert_int_equal(f->up_data_us, 40000);
	assert_int_equal(f->bytes_up, 200);
	assert_int_equal(f->syns, 1);
	assert_int_equal(f->up_again, 0);
}

static void data_in_a_syn_that_nothing_answers_is_no_payload_seen(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_up(&t, SYN, 0, 0, 200);
	rig_ms(r, 1000);
	talk_up(&t, SYN, 0, 0, 200);
	rig_wait(r, 25000);
	assert_seen(&rig_final(r)->flow, SEEN_SYN | SEEN_SYN_DATA, SEEN_UP_DATA | SEEN_SYNACK);
	assert_int_equal(rig_final(r)->flow.syns, 2);
}

static void the_servers_isn_is_that_of_the_synack_which_was_acknowledged(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_ms(r, 10);
	talk_synack(&t);
	rig_ms(r, 11);
	t.isn_down += 0x40000000; /* somebody else's, a moment later */
	talk_synack(&t);
	rig_ms(r, 12);
	t.isn_down -= 0x40000000;
	talk_up(&t, ACK, 1, 1, 0);
	rig_ms(r, 20);
	talk_up(&t, PSH | ACK, 1, 1, 100);
	rig_ms(r, 60);
	talk_down(&t, PSH | ACK, 1, 101, 1000);
	rig_wait(r, 95000);
	f = &rig_final(r)->flow;
	assert_int_equal(f->isn_down, t.isn_down);
	assert_int_equal(f->bytes_down, 1000);
	assert_int_equal(f->hole_bytes, 0);
}

/* ---- the end ----------------------------------------------------------------------------------------- */
static void resets_are_written_down_with_their_marks(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 50);
	talk_up(&t, PSH | ACK, 1, 1, 517);
	rig_ms(r, 60);
	t.down.ttl = 61;
	t.down.ipid = 4660;
	t.down.window = 1234;
	talk_down(&t, RST, 1, 0, 0);
	rig_at(r, 60500);
	talk_down(&t, RST, 1461, 0x1234, 0);
	rig_at(r, 61000);
	talk_down(&t, RST | ACK, 1, 518, 7);
	rig_ms(r, 5200); /* more than 5 s later: the verdict was final by then */
	talk_down(&t, RST, 1, 0, 0);
	rig_wait(r, 9000);
	f = &rig_final(r)->flow;
	assert_seen(f, SEEN_DOWN_RST | SEEN_UP_DATA, SEEN_DOWN_DATA | SEEN_WENT_ON | SEEN_DOWN_AFTER_RST);
	assert_int_equal(f->rst.at_us, 60000);
	assert_int_equal(f->rst.stage, STAGE_POST_PSH);
	assert_int_equal(f->rst.ttl, 61);
	assert_int_equal(f->rst.ipid, 4661);
	assert_int_equal(f->rst.window, 1234);
	assert_int_equal(f->rst.seq, t.isn_down + 1);
	assert_int_equal(f->rst.ack, 0);
	assert_int_equal(f->rst.tcp_flags, RST);
	assert_int_equal(f->rst.down_next, t.isn_down + 1);
	assert_int_equal(f->rst.n_bare, 2);
	assert_int_equal(f->rst.n_ack, 1);
	assert_int_equal(f->rst.n_zero, 1);
	assert_int_equal(f->rst.n_differ, 1);
	assert_int_equal(f->rst.len, 0);
	assert_int_equal(f->rst.fin, 0);
	assert_int_equal(f->ttls[0], 52); /* RSTs have no place there */
	assert_int_equal(f->ttls[1], 0);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_RST_DOWN), 3);
}

static size_t interims(const struct rig *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_records; i++)
		n += r->records[i].kind == RECORD_INTERIM;
	return n;
}

static void what_a_reset_ended_is_told_with_the_next_sweep(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 50);
	talk_up(&t, PSH | ACK, 1, 1, 517);
	rig_sweep(r);
	assert_int_equal(interims(r), 0);
	rig_ms(r, 60);
	talk_down(&t, RST | ACK, 1, 518, 0);
	rig_sweep(r);
	assert_int_equal(interims(r), 1);
	assert_seen(&r->records[0].flow, SEEN_DOWN_RST, SEEN_DOWN_DATA);
	rig_wait(r, 9000);
	assert_int_equal(interims(r), 1);
	assert_true(rig_final(r)->flow.state & STATE_TOLD);
}

static void what_fins_ended_needs_no_telling(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	talk_up(&t, PSH | ACK, 1, 1, 100);
	talk_down(&t, PSH | ACK, 1, 101, 100);
	talk_up(&t, FIN | ACK, 101, 101, 0);
	talk_down(&t, FIN | ACK, 101, 102, 0);
	rig_wait(r, 9000);
	assert_int_equal(interims(r), 0);
	assert_int_equal(rig_finals(r), 1);
}

static void a_reset_of_an_attempt_makes_it_a_flow(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT6, SERVER6);
	talk_syn(&t);
	rig_ms(r, 12);
	talk_down(&t, RST | ACK, 0, 1, 0);
	rig_wait(r, 8000);
	f = &rig_final(r)->flow;
	assert_seen(f, SEEN_SYN | SEEN_DOWN_RST, SEEN_SYNACK | SEEN_HANDSHAKE);
	assert_int_equal(f->rst.stage, STAGE_POST_SYN);
	assert_int_equal(f->rst.at_us, 12000);
	assert_int_equal(f->rst.ack, t.isn_up + 1);
	assert_int_equal(f->syns, 1);
}

static void late_syns_of_a_reset_attempt_belong_to_it(void **state)
{
	static const unsigned int again[] = { 1, 3, 7, 15, 31, 63 };
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_ms(r, 12);
	talk_down(&t, RST | ACK, 7, 99, 0); /* numbers that the client does not take */
	for (size_t i = 0; i < 6; i++) {    /* as Linux repeats it */
		rig_wait(r, again[i] * 1000);
		talk_syn(&t);
	}
	rig_wait(r, 110000);
	assert_int_equal(rig_count(r, COUNT_OPENED), 1);
	assert_int_equal(rig_final(r)->flow.syns, 3); /* 0, 1 and 3 s; final 5 s after the RST */
	assert_int_equal(r->records[r->n_records - 1].kind, RECORD_LATE_SYNS);
	assert_int_equal(r->records[r->n_records - 1].flow.syns, 7);
	assert_int_equal(r->object.left[1], 0);
}

static void a_client_that_goes_on_ignored_the_reset(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 50);
	talk_up(&t, PSH | ACK, 1, 1, 517);
	rig_ms(r, 55);
	talk_down(&t, RST, 1, 0, 0);
	rig_ms(r, 56);
	talk_up(&t, PSH | ACK, 518, 1, 100); /* in flight */
	rig_ms(r, 90);
	talk_down(&t, PSH | ACK, 1, 518, 1000);
	rig_ms(r, 91);
	talk_up(&t, ACK, 618, 1001, 0);
	rig_wait(r, 4000);
	assert_seen(&r->records[r->n_records - 1].flow, SEEN_WENT_ON, 0);
	rig_wait(r, 95000);
	f = &rig_final(r)->flow;
	assert_seen(f, SEEN_WENT_ON | SEEN_DOWN_RST | SEEN_DOWN_AFTER_RST | SEEN_DOWN_DATA, 0);
	assert_int_equal(f->rst.at_us, 55000);
	assert_int_equal(f->bytes_down, 1000);
}

static void a_client_rst_and_its_syn_again_end_nothing(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_ms(r, 10);
	talk_down(&t, ACK, 77, 99, 0); /* TIME_WAIT's challenge */
	rig_ms(r, 11);
	talk_up(&t, RST, 99, 0, 0);
	rig_ms(r, 1000);
	talk_syn(&t);
	rig_ms(r, 1040);
	talk_synack(&t);
	rig_ms(r, 1041);
	talk_up(&t, ACK, 1, 1, 0);
	rig_wait(r, 64000);
	assert_seen(&rig_final(r)->flow, SEEN_HANDSHAKE | SEEN_SYNACK, SEEN_UP_RST);
	assert_int_equal(rig_final(r)->flow.syns, 2);
}

static void fins_of_both_sides_end_it_soon(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 50);
	talk_up(&t, PSH | ACK, 1, 1, 517);
	rig_ms(r, 90);
	talk_down(&t, FIN | ACK, 1, 518, 0);
	rig_ms(r, 91);
	talk_up(&t, FIN | ACK, 518, 2, 0);
	rig_wait(r, 5000);
	f = &rig_final(r)->flow;
	assert_seen(f, SEEN_UP_FIN | SEEN_DOWN_FIN | SEEN_DOWN_FIN_FIRST | SEEN_DOWN_FIN_STAGE_PSH,
		    SEEN_DOWN_FIN_STAGE_LATER | SEEN_UP_FIN_LATER | SEEN_DOWN_DATA);
}

static void a_frozen_flow_is_final_after_its_waiting_time(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 50);
	talk_up(&t, PSH | ACK, 1, 1, 100);
	rig_ms(r, 90);
	talk_down(&t, PSH | ACK, 1, 101, 1000);
	rig_ms(r, 200);
	for (int i = 0; i < 3; i++) {
		rig_wait(r, 200 + i * 1000);
		talk_up(&t, PSH | ACK, 101, 1001, 100);
	}
	rig_wait(r, 14900);
	assert_int_equal(rig_finals(r), 0);
	rig_wait(r, 18000);
	assert_int_equal(rig_final(r)->flow.up_again, 2);
	assert_int_equal(rig_final(r)->flow.wait_c, (r->base_ns / 1000 + 200000) >> 10);
}

/* ---- ICMP -------------------------------------------------------------------------------------------- */
static void error_on(struct talk *t, const char *router, __u8 type, __u8 code)
{
	struct packet_spec error = { .transport = ICMP_ERROR, .ttl = 250, .quoted = &t->up };

	packet_address(error.src, &error.v6, router);
	memcpy(error.dst, t->up.src, 16);
	error.icmp_type = type;
	error.icmp_code = code;
	rig_push(t->r, &error);
}

static void an_icmp_error_ends_the_attempt_it_quotes(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_ms(r, 9);
	error_on(&t, "198.51.100.1", 3, 13);
	rig_wait(r, 8000);
	f = &rig_final(r)->flow;
	assert_seen(f, SEEN_SYN | SEEN_ICMP, SEEN_DOWN | SEEN_ICMP_ANSWERED);
	assert_int_equal(f->icmp_type, 3);
	assert_int_equal(f->icmp_code, 13);
	assert_int_equal(f->icmp_ttl, 250);
	assert_int_equal(f->icmp_us, 9000);
	assert_int_equal(f->icmp_stage, STAGE_POST_SYN);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_ICMP), 1);
}

static void an_icmpv6_error_on_payload_and_the_answer_that_corrects_it(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT6, SERVER6);
	talk_handshake(&t);
	rig_ms(r, 50);
	talk_up(&t, PSH | ACK, 1, 1, 100);
	rig_ms(r, 60);
	error_on(&t, "2001:db8:1::1", 1, 1);
	rig_ms(r, 90);
	talk_down(&t, PSH | ACK, 1, 101, 1000);
	rig_wait(r, 95000);
	assert_seen(&rig_final(r)->flow, SEEN_ICMP | SEEN_ICMP_ANSWERED | SEEN_DOWN_DATA, 0);
	assert_int_equal(rig_final(r)->flow.icmp_stage, STAGE_POST_PSH);
}

static void an_icmp_error_whose_number_is_outside_the_flow_is_a_stray(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	t.up.seq = t.isn_up + 5000;
	error_on(&t, "198.51.100.1", 3, 1);
	assert_int_equal(rig_count(r, COUNT_ICMP_STRAY), 1);
	error_on(&t, "198.51.100.1", 3, 4); /* packet too big is none */
	t.up.seq = t.isn_up;
	error_on(&t, "198.51.100.1", 11, 0); /* nor time exceeded */
	assert_int_equal(rig_count(r, COUNT_ICMP_STRAY), 1);
	rig_wait(r, 64000);
	assert_seen(&rig_final(r)->flow, SEEN_HANDSHAKE, SEEN_ICMP);
}

/* ---- seen twice -------------------------------------------------------------------------------------- */
static void a_packet_seen_again_within_100_us_counts_once(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_at(r, 99);
	rig_push(r, &t.up);
	assert_int_equal(rig_count(r, COUNT_DUPLICATE), 1);
	rig_ms(r, 40);
	talk_synack(&t);
	rig_push(r, &t.down);
	rig_ms(r, 41);
	talk_up(&t, ACK, 1, 1, 0);
	rig_ms(r, 50);
	talk_up(&t, PSH | ACK, 1, 1, 100);
	rig_at(r, 50099);
	rig_push(r, &t.up);
	rig_ms(r, 90);
	talk_down(&t, PSH | ACK, 1, 101, 1000);
	rig_at(r, 90099);
	rig_push(r, &t.down);
	assert_int_equal(rig_count(r, COUNT_DUPLICATE), 4);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), 5);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_SYN), 1);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_SYNACK), 1);
	rig_wait(r, 95000);
	assert_int_equal(rig_final(r)->flow.syns, 1);
	assert_int_equal(rig_final(r)->flow.up_again, 0);
	assert_int_equal(rig_final(r)->flow.again_bytes, 0);
	assert_int_equal(rig_final(r)->flow.ttls[2], 0);
}

static void a_packet_seen_again_later_or_with_another_ttl_counts(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 50);
	talk_up(&t, PSH | ACK, 1, 1, 100);
	rig_at(r, 50110);
	rig_push(r, &t.up);
	rig_at(r, 60000);
	talk_down(&t, ACK, 1, 101, 0);
	rig_at(r, 70000);
	talk_down(&t, RST | ACK, 1, 101, 0);
	rig_at(r, 70050);
	t.down.ttl++;
	rig_push(r, &t.down);
	assert_int_equal(rig_count(r, COUNT_DUPLICATE), 0);
	rig_wait(r, 8000);
	assert_int_equal(rig_final(r)->flow.rst.n_ack, 2);
}

static void a_syn_with_data_and_one_that_starts_over_have_copies_too(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_up(&t, SYN, 0, 0, 100);
	rig_at(r, 50);
	rig_push(r, &t.up);
	assert_int_equal(rig_count(r, COUNT_DUPLICATE), 1);
	rig_ms(r, 100);
	t.isn_up += 5000000;
	talk_up(&t, SYN, 0, 0, 0);
	rig_at(r, 100050);
	rig_push(r, &t.up);
	assert_int_equal(rig_count(r, COUNT_DUPLICATE), 2);
	rig_wait(r, 25000);
	assert_int_equal(rig_finals(r), 2);
	for (size_t i = 0; i < r->n_records; i++)
		assert_int_equal(r->records[i].flow.syns, 1);
}

static void a_direction_belongs_to_the_hook_that_saw_it_first(void **state)
{
	struct rig *r = *state;
	struct talk t;
	const struct wire_flow *f;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	r->hook = HOOK_OUT;
	rig_push(r, &t.up);
	rig_at(r, 40000);
	talk_synack(&t);
	r->hook = HOOK_IN;
	rig_push(r, &t.down);
	rig_at(r, 41000);
	talk_up(&t, ACK, 1, 1, 0);
	r->hook = HOOK_OUT;
	rig_push(r, &t.up);
	assert_int_equal(rig_count(r, COUNT_OTHER_HOOK), 3);
	assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), 3);
	rig_ms(r, 1100); /* a second of silence: the other hook takes over */
	talk_up(&t, PSH | ACK, 1, 1, 100);
	rig_wait(r, 13000);
	f = &rig_final(r)->flow;
	assert_int_equal(f->syns, 1);
	assert_int_equal(f->bytes_up, 100);
	assert_int_equal(f->up_hook, wire_hook(1, 1));
	assert_int_equal(f->down_hook, wire_hook(1, 1));
}

/* ---- the sweep --------------------------------------------------------------------------------------- */
/* It reads the clock once and then walks for milliseconds: packets that come meanwhile are younger than it. */
static void what_comes_during_a_walk_is_not_due(void **state)
{
	struct rig *r = *state;
	struct talk attempt, busy, payload;
	__u64 walk_began;

	talk_start(&busy, r, CLIENT4, SERVER4);
	talk_handshake(&busy);
	talk_up(&busy, PSH | ACK, 1, 1, 100);
	talk_down(&busy, PSH | ACK, 1, 101, 1000);
	rig_ms(r, 10000);
	walk_began = r->base_ns + r->us * 1000;
	rig_ms(r, 10008);
	talk_start(&attempt, r, CLIENT4, SERVER4);
	attempt.up.sport = 40002;
	talk_syn(&attempt);
	talk_start(&payload, r, CLIENT4, SERVER4);
	payload.up.sport = 40003;
	talk_up(&payload, SYN, 0, 0, 100);
	payload.down.dport = 40003;
	talk_down(&payload, SYN | ACK, 0, 101, 0);
	talk_up(&busy, PSH | ACK, 101, 1001, 100);
	talk_down(&busy, PSH | ACK, 1001, 201, 1000);
	r->n_records = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(object_sweep(&r->object, walk_began, WHY_NONE, 0), 0);
		rig_at(r, r->us); /* the clock that the sweep turned back */
	}
	assert_int_equal(rig_finals(r), 0);
	for (size_t i = 0; i < r->n_records; i++) /* of none but the one that is 10 s old */
		assert_int_equal(r->records[i].flow.first_ns, r->base_ns);
	rig_ms(r, 10050);
	talk_up(&busy, PSH | ACK, 201, 2001, 100);
	assert_int_equal(rig_count(r, COUNT_LATE), 0);
}

static void a_full_ring_stops_the_sweep_and_nothing_is_lost(void **state)
{
	struct rig *r = *state;
	struct talk t;
	enum { N = 200 };

	talk_start(&t, r, CLIENT4, SERVER4);
	for (int i = 0; i < N; i++) {
		t.up.sport = 20000 + i;
		talk_syn(&t);
	}
	rig_wait(r, 23000);
	assert_int_equal(rig_finals(r), N);
	assert_int_equal(rig_count(r, COUNT_OPENED), N);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_before_each, after_each)
	const struct CMUnitTest tests[] = {
		T(a_syn_opens_an_attempt_that_is_final_after_20_s),
		T(a_repeated_syn_is_counted_and_restarts_the_waiting),
		T(a_syn_after_the_final_record_belongs_to_it),
		T(a_syn_on_a_tombstone_with_another_isn_opens_anew),
		T(a_new_isn_hands_the_attempt_out_as_recycled),
		T(a_new_isn_on_a_live_flow_starts_over_in_place),
		T(a_late_rst_of_the_flow_before_is_not_of_this_one),
		T(a_synack_without_its_syn_opens_a_flow),
		T(what_opens_nothing),
		T(where_both_ends_are_watched_the_syns_destination_is_the_server),
		T(the_times_and_amounts_of_an_answered_flow),
		T(repetitions_and_holes_are_told_apart),
		T(data_in_the_third_packet),
		T(data_in_the_syn_counts_once_a_synack_came),
		T(data_in_a_syn_that_nothing_answers_is_no_payload_seen),
		T(the_servers_isn_is_that_of_the_synack_which_was_acknowledged),
		T(resets_are_written_down_with_their_marks),
		T(what_a_reset_ended_is_told_with_the_next_sweep),
		T(what_fins_ended_needs_no_telling),
		T(a_reset_of_an_attempt_makes_it_a_flow),
		T(late_syns_of_a_reset_attempt_belong_to_it),
		T(a_client_that_goes_on_ignored_the_reset),
		T(a_client_rst_and_its_syn_again_end_nothing),
		T(fins_of_both_sides_end_it_soon),
		T(a_frozen_flow_is_final_after_its_waiting_time),
		T(an_icmp_error_ends_the_attempt_it_quotes),
		T(an_icmpv6_error_on_payload_and_the_answer_that_corrects_it),
		T(an_icmp_error_whose_number_is_outside_the_flow_is_a_stray),
		T(a_packet_seen_again_within_100_us_counts_once),
		T(a_packet_seen_again_later_or_with_another_ttl_counts),
		T(a_syn_with_data_and_one_that_starts_over_have_copies_too),
		T(a_direction_belongs_to_the_hook_that_saw_it_first),
		T(what_comes_during_a_walk_is_not_due),
		T(a_full_ring_stops_the_sweep_and_nothing_is_lost),
	};

	return cmocka_run_group_tests_name("flow", tests, set_up, rig_tear_down);
}
