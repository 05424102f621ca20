// SPDX-License-Identifier: GPL-2.0
/* One test a rule of the contract: stage, outcome and why. Signatures are test_signature.c's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/scene.h"

#define expect(v, want_stage, want_outcome, want_signature) \
	do { \
		struct verdict got_ = (v); \
		assert_string_equal(stage_name(got_.stage), want_stage); \
		assert_string_equal(outcome_name(got_.outcome), want_outcome); \
		assert_string_equal(signature_name(got_.signature), want_signature); \
		assert_string_equal(reason_name(got_.why), ""); \
	} while (0)

#define expect_unjudged(v, want_stage, want_why) \
	do { \
		struct verdict got_ = (v); \
		assert_string_equal(stage_name(got_.stage), want_stage); \
		assert_string_equal(outcome_name(got_.outcome), "unjudged"); \
		assert_string_equal(signature_name(got_.signature), "none"); \
		assert_string_equal(reason_name(got_.why), want_why); \
	} while (0)

#define RST    0
#define RSTACK TCP_ACK_FLAG

/* ---- post_syn ---------------------------------------------------------------------------------------- */

static void a_syn_without_any_reply_is_a_timeout(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 1000);
	syn(&s);
	at(&s, 21000);
	expect(final(&s), "post_syn", "timeout", "SYN->0");
	assert_int_equal(final(&s).syns, 2);
	assert_false(final(&s).has_rtt);
}

static void an_interim_syn_is_a_timeout_after_3_s(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 2999);
	expect_unjudged(handed(&s, RECORD_INTERIM, WHY_NONE), "post_syn", "");
	at(&s, 3000);
	expect(handed(&s, RECORD_INTERIM, WHY_NONE), "post_syn", "timeout", "SYN->0");
}

static void a_syn_answered_at_its_third_try_is_ok(void **state)
{
	struct scene s;
	struct verdict v;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 1000);
	syn(&s);
	at(&s, 3000);
	syn(&s);
	at(&s, 3080);
	synack(&s);
	at(&s, 3081);
	client_ack(&s);
	request(&s, 517);
	at(&s, 3200);
	reply(&s, 100);
	v = final(&s);
	expect(v, "later", "ok", "none");
	assert_true(v.has_rtt);
	assert_int_equal(v.rtt_us, 80000); /* from the last SYN, not the first */
}

static void a_rst_to_the_syn_is_a_reset(void **state)
{
	struct scene s;
	struct verdict v;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 80);
	server_rst(&s, RSTACK, 1);
	at(&s, 6000);
	v = final(&s);
	expect(v, "post_syn", "reset", "SYN->RST+ACK");
	assert_int_equal(v.reset_ttl, 60);
	assert_int_equal(v.answer_ttl, 60);
	assert_int_equal(v.server_ttl, -1);
}

static void a_synack_that_the_client_never_acknowledges_is_a_client_abort(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 80);
	synack(&s);
	at(&s, 20080);
	expect(final(&s), "post_syn", "client_abort", "none");
	expect(cut(&s, WHY_CAPTURE_END), "post_syn", "client_abort", "none");
	at(&s, 20070);
	expect_unjudged(cut(&s, WHY_CAPTURE_END), "post_syn", "capture_end");
}

static void a_client_rst_after_its_syn_is_a_client_abort(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 500);
	client_rst(&s);
	at(&s, 5600);
	expect(final(&s), "post_syn", "client_abort", "none");
}

static void a_client_rst_after_the_syns_waiting_time_does_not_hide_the_timeout(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 2999);
	client_rst(&s);
	expect(final(&s), "post_syn", "client_abort", "none");
	at(&s, 3000);
	client_rst(&s);
	expect(final(&s), "post_syn", "timeout", "SYN->0");
}

static void a_bare_ack_to_the_syn_and_a_client_rst_is_a_client_abort(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 80);
	server_ack(&s);
	at(&s, 81);
	client_rst(&s);
	expect(final(&s), "post_syn", "client_abort", "none");
}

static void data_in_a_syn_counts_only_once_a_synack_came(void **state)
{
	struct scene s;
	struct verdict v;

	(void)state;
	begin(&s);
	syn(&s);
	s.r.flow.seen |= SEEN_SYN_DATA;
	s.r.flow.bytes_up = 517;
	at(&s, 30000);
	v = final(&s);
	expect(v, "post_syn", "timeout", "SYN->0");
	assert_int_equal(v.bytes_up, 0);
	s.r.flow.seen |= SEEN_SYNACK | SEEN_DOWN | SEEN_UP_DATA;
	v = final(&s);
	expect(v, "post_psh", "timeout", "PSH+ACK->0");
	assert_int_equal(v.bytes_up, 517);
}

static void an_own_socket_stopped_by_this_host_is_a_timeout_dropped_here(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	s.r.flow.state |= STATE_NO_ISN | STATE_LOCAL | STATE_LOCAL_DEAD;
	s.r.flow.seen |= SEEN_DROPPED_HERE;
	at(&s, 5000);
	expect(final(&s), "post_syn", "timeout", "SYN->0");
	assert_true(final(&s).dropped_here);
}

static void an_own_socket_that_gave_up_unseen_is_a_client_abort(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	s.r.flow.state |= STATE_NO_ISN | STATE_LOCAL | STATE_LOCAL_DEAD;
	at(&s, 5000);
	expect(final(&s), "post_syn", "client_abort", "none");
}

/* ---- post_ack ---------------------------------------------------------------------------------------- */

static void a_handshake_and_nothing_more_is_a_timeout_after_60_s(void **state)
{
	struct scene s;

	(void)state;
	handshake(&s);
	at(&s, 60081);
	expect(final(&s), "post_ack", "timeout", "SYN;ACK->0");
	expect(cut(&s, WHY_CAPTURE_END), "post_ack", "timeout", "SYN;ACK->0");
	at(&s, 60079);
	expect_unjudged(cut(&s, WHY_CAPTURE_END), "post_ack", "capture_end");
}

static void a_rst_10_s_after_the_handshake_is_an_idle_close(void **state)
{
	struct scene s;

	(void)state;
	handshake(&s);
	at(&s, 10081);
	server_rst(&s, RST, 0);
	expect(final(&s), "post_ack", "ok", "none");
	handshake(&s);
	at(&s, 10080);
	server_rst(&s, RST, 0);
	expect(final(&s), "post_ack", "reset", "SYN;ACK->RST");
}

static void a_rst_40_minutes_after_the_handshake_is_an_idle_close(void **state)
{
	struct scene s;

	(void)state;
	handshake(&s);
	at(&s, 40 * 60 * 1000);
	server_rst(&s, RST, 0);
	expect(final(&s), "post_ack", "ok", "none");
}

static void a_server_fin_before_any_payload_in_post_ack_is_ok(void **state)
{
	struct scene s;

	(void)state;
	handshake(&s);
	at(&s, 5000);
	server_fin(&s);
	expect(final(&s), "post_ack", "ok", "none");
	at(&s, 5001);
	client_fin(&s);
	expect(final(&s), "post_ack", "ok", "none");
	client_rst(&s);
	expect(final(&s), "post_ack", "ok", "none");
}

static void a_rst_after_the_clients_fin_in_post_ack_is_ok(void **state)
{
	struct scene s;

	(void)state;
	handshake(&s);
	at(&s, 1000);
	client_fin(&s);
	at(&s, 1080);
	server_rst(&s, RSTACK, 1);
	expect(final(&s), "post_ack", "ok", "none");
}

static void a_client_fin_in_post_ack_is_a_client_abort(void **state)
{
	struct scene s;

	(void)state;
	handshake(&s);
	at(&s, 1000);
	client_fin(&s);
	at(&s, 1200);
	expect(final(&s), "post_ack", "client_abort", "none");
	expect(cut(&s, WHY_CAPTURE_END), "post_ack", "client_abort", "none");
	server_fin(&s);
	expect(final(&s), "post_ack", "client_abort", "none");
}

static void icmp_in_post_ack_has_the_signature_other(void **state)
{
	struct scene s;

	(void)state;
	handshake(&s);
	icmp(&s, 3, 1);
	expect(final(&s), "post_ack", "unreachable", "other");
}

/* ---- post_psh ---------------------------------------------------------------------------------------- */

static void payload_never_answered_is_a_timeout_after_10_s(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 10100);
	expect(final(&s), "post_psh", "timeout", "PSH+ACK->0");
	expect(cut(&s, WHY_CAPTURE_END), "post_psh", "timeout", "PSH+ACK->0");
	at(&s, 10099);
	expect_unjudged(cut(&s, WHY_CAPTURE_END), "post_psh", "capture_end");
}

static void payload_acknowledged_but_not_answered_is_a_timeout(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 180);
	server_ack(&s);
	at(&s, 11000);
	expect(final(&s), "post_psh", "timeout", "PSH+ACK->0");
}

static void a_rst_to_the_payload_is_a_reset(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 105);
	server_rst(&s, RSTACK, 518);
	expect(final(&s), "post_psh", "reset", "PSH+ACK->RST+ACK");
}

static void the_first_rst_fixes_the_stage_whatever_comes_after(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 105);
	server_rst(&s, RST, 0);
	at(&s, 190);
	reply(&s, 3000);
	at(&s, 200);
	client_rst(&s);
	expect(final(&s), "post_psh", "reset", "PSH+ACK->RST");
}

static void a_server_fin_before_payload_in_post_psh_is_a_reset(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 180);
	server_fin(&s);
	expect(final(&s), "post_psh", "reset", "other");
	expect(cut(&s, WHY_CAPTURE_END), "post_psh", "reset", "other");
	at(&s, 181);
	client_fin(&s);
	server_rst(&s, RST, 0); /* what comes after it changes nothing */
	expect(final(&s), "post_psh", "reset", "other");
}

static void a_server_fin_that_overtook_its_payload_is_ok(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 180);
	server_fin(&s);
	reply(&s, 100);
	expect(final(&s), "later", "ok", "none");
}

static void a_rst_before_the_servers_fin_in_post_psh_decides(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 105);
	server_rst(&s, RST, 0);
	at(&s, 180);
	server_fin(&s);
	expect(final(&s), "post_psh", "reset", "PSH+ACK->RST");
}

static void a_rst_after_the_clients_fin_in_post_psh_is_still_a_reset(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	client_fin(&s);
	at(&s, 105);
	server_rst(&s, RSTACK, 518);
	expect(final(&s), "post_psh", "reset", "PSH+ACK->RST+ACK");
}

static void a_rst_after_the_fin_that_the_server_sent_in_post_ack_is_ok(void **state)
{
	struct scene s;

	(void)state;
	handshake(&s);
	at(&s, 5000);
	server_fin(&s);
	at(&s, 5001);
	request(&s, 517);
	at(&s, 5080);
	server_rst(&s, RST, 0);
	expect(final(&s), "post_psh", "ok", "none");
}

static void a_client_fin_before_server_payload_is_a_client_abort(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 300);
	client_fin(&s);
	expect(final(&s), "post_psh", "client_abort", "none");
	at(&s, 380);
	server_fin(&s);
	expect(final(&s), "post_psh", "client_abort", "none");
}

static void payload_after_the_clients_fin_is_ok(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	client_fin(&s);
	at(&s, 300);
	reply(&s, 100);
	expect(final(&s), "later", "ok", "none");
}

static void a_client_rst_before_server_payload_is_a_client_abort(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 300);
	client_rst(&s);
	expect(final(&s), "post_psh", "client_abort", "none");
	reply(&s, 100); /* was in flight */
	expect(final(&s), "post_psh", "client_abort", "none");
}

static void a_client_rst_after_10_s_of_waiting_does_not_hide_the_timeout(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 10100);
	client_rst(&s);
	expect(final(&s), "post_psh", "timeout", "PSH+ACK->0");
	at(&s, 10099);
	client_rst(&s);
	expect(final(&s), "post_psh", "client_abort", "none");
}

static void a_client_rst_before_the_servers_rst_is_a_client_abort(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 300);
	client_rst(&s);
	at(&s, 380);
	server_rst(&s, RST, 0);
	expect(final(&s), "post_psh", "client_abort", "none");
}

static void a_client_rst_after_the_servers_rst_changes_nothing(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 105);
	server_rst(&s, RST, 0);
	at(&s, 106);
	client_rst(&s);
	expect(final(&s), "post_psh", "reset", "PSH+ACK->RST");
}

static void a_rst_that_the_client_ignored_ends_nothing(void **state)
{
	struct scene s;
	struct verdict v;

	(void)state;
	asked(&s);
	at(&s, 105);
	server_rst(&s, RST, 0);
	s.r.flow.seen |= SEEN_WENT_ON;
	at(&s, 400);
	request(&s, 100);
	expect(final(&s), "post_psh", "timeout", "PSH+ACK->0");
	at(&s, 500);
	reply(&s, 1000);
	v = final(&s);
	expect(v, "later", "ok", "none");
	assert_int_equal(v.reset_ttl, 60);  /* it stays as evidence */
	assert_int_equal(v.answer_ttl, -1); /* but ended nothing */
}

/* ---- later ------------------------------------------------------------------------------------------- */

static void server_payload_is_ok(void **state)
{
	struct scene s;
	struct verdict v;

	(void)state;
	served(&s);
	at(&s, 90000);
	v = final(&s);
	expect(v, "later", "ok", "none");
	assert_int_equal(v.bytes_up, 517);
	assert_int_equal(v.bytes_down, 3000);
	assert_int_equal(v.rtt_us, 80000);
	assert_int_equal(v.server_ttl, SCENE_TTL);
	assert_int_equal(v.reset_ttl, -1);
	assert_int_equal(v.answer_ttl, -1);
}

static void a_rst_after_the_servers_payload_is_a_reset(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 250);
	server_rst(&s, RSTACK, 518);
	expect(final(&s), "later", "reset", "PSH+ACK;Data->RST+ACK");
}

static void a_reset_after_the_servers_fin_is_ok(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 250);
	server_fin(&s);
	at(&s, 260);
	server_rst(&s, RST, 0);
	expect(final(&s), "later", "ok", "none");
}

static void a_reset_after_the_clients_fin_in_later_is_ok(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 250);
	client_fin(&s);
	at(&s, 330);
	server_rst(&s, RST, 0);
	expect(final(&s), "later", "ok", "none");
}

static void a_client_rst_in_later_is_ok(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 300);
	client_rst(&s);
	expect(final(&s), "later", "ok", "none");
	expect(cut(&s, WHY_CAPTURE_END), "later", "ok", "none");
	at(&s, 380);
	server_rst(&s, RST, 0); /* and hides the server's that follows */
	expect(final(&s), "later", "ok", "none");
}

static void a_rst_30_s_after_the_servers_last_packet_is_an_idle_close(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 30201);
	server_rst(&s, RST, 0);
	expect(final(&s), "later", "ok", "none");
	served(&s);
	at(&s, 30190);
	server_rst(&s, RST, 0);
	expect(final(&s), "later", "reset", "PSH+ACK;Data->RST");
}

static void a_rst_after_30_s_with_a_client_repetition_between_is_a_reset(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 20000);
	request(&s, 100);
	at(&s, 20300);
	request_again(&s);
	at(&s, 31000);
	server_rst(&s, RST, 0);
	expect(final(&s), "later", "reset", "PSH+ACK;Data->RST");
}

static void a_rst_after_two_server_repetitions_to_a_vanished_client_is_ok(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 400);
	reply_again(&s, 1000);
	at(&s, 800);
	server_rst(&s, RST, 0);
	expect(final(&s), "later", "reset", "PSH+ACK;Data->RST");
	served(&s);
	at(&s, 400);
	reply_again(&s, 1000);
	at(&s, 800);
	reply_again(&s, 1000);
	at(&s, 1600);
	server_rst(&s, RST, 0);
	expect(final(&s), "later", "ok", "none");
}

/* A flow in `later` whose client asks at `ms`, and repeats that `again` times. */
static void stalled(struct scene *s, unsigned int ms, int again)
{
	served(s);
	at(s, ms);
	request(s, 100);
	for (int i = 0; i < again; i++) {
		at(s, ms + 300 * (i + 1));
		request_again(s);
	}
}

static void a_server_silent_for_15_s_to_two_repetitions_is_frozen(void **state)
{
	struct scene s;

	(void)state;
	stalled(&s, 1000, 2);
	at(&s, 16001);
	expect(final(&s), "later", "frozen", "Data->0");
	expect(cut(&s, WHY_CAPTURE_END), "later", "frozen", "Data->0");
	at(&s, 15180); /* since the server's last packet, at 200 */
	expect_unjudged(cut(&s, WHY_CAPTURE_END), "later", "capture_end");
}

static void one_repetition_is_not_frozen(void **state)
{
	struct scene s;

	(void)state;
	stalled(&s, 1000, 1);
	at(&s, 40000);
	expect(final(&s), "later", "ok", "none");
}

static void repeated_fins_and_probes_count_for_frozen(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 1000);
	client_fin(&s);
	at(&s, 1300);
	request_again(&s);
	at(&s, 2000);
	request_again(&s);
	at(&s, 17000);
	expect(final(&s), "later", "frozen", "Data->0");
}

static void a_client_that_comes_back_after_60_s_of_silence_is_not_frozen(void **state)
{
	struct scene s;

	(void)state;
	stalled(&s, 60199, 5);
	at(&s, 80000);
	expect(final(&s), "later", "frozen", "Data->0");
	stalled(&s, 60210, 5);
	at(&s, 80000);
	expect(final(&s), "later", "ok", "none");
}

static void silence_after_the_servers_fin_is_ok(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 300);
	server_fin(&s);
	for (int i = 1; i < 8; i++) {
		at(&s, 3000 * i);
		request_again(&s);
	}
	expect(final(&s), "later", "ok", "none");
}

static void a_client_rst_before_15_s_of_waiting_is_not_frozen(void **state)
{
	struct scene s;

	(void)state;
	stalled(&s, 1000, 4);
	at(&s, 14000);
	client_rst(&s);
	at(&s, 19000);
	expect(final(&s), "later", "ok", "none");
	stalled(&s, 1000, 4);
	at(&s, 16100);
	client_rst(&s);
	at(&s, 21100);
	expect(final(&s), "later", "frozen", "Data->0");
}

/* ---- icmp -------------------------------------------------------------------------------------------- */

static void administrative_codes_are_prohibited(void **state)
{
	static const struct {
		__u8 type, code;
		const char *outcome;
	} rows[] = {
		{ 3, 9, "prohibited" },	 { 3, 10, "prohibited" }, { 3, 13, "prohibited" }, { 1, 1, "prohibited" },
		{ 1, 5, "prohibited" },	 { 1, 6, "prohibited" },  { 3, 0, "unreachable" }, { 3, 1, "unreachable" },
		{ 3, 3, "unreachable" }, { 3, 5, "unreachable" }, { 3, 6, "unreachable" }, { 1, 0, "unreachable" },
		{ 1, 3, "unreachable" }, { 1, 4, "unreachable" }, { 1, 9, "unreachable" }, { 1, 13, "unreachable" },
	};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(&s);
		syn(&s);
		at(&s, 4);
		icmp(&s, rows[i].type, rows[i].code);
		expect(final(&s), "post_syn", rows[i].outcome, "SYN->ICMP");
		expect(cut(&s, WHY_CAPTURE_END), "post_syn", rows[i].outcome, "SYN->ICMP");
		assert_int_equal(final(&s).answer_ttl, 61);
		asked(&s);
		icmp(&s, rows[i].type, rows[i].code);
		expect(final(&s), "post_psh", rows[i].outcome, "PSH+ACK->ICMP");
	}
}

static void an_answer_after_the_icmp_error_corrects_it(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 104);
	icmp(&s, 3, 13);
	at(&s, 200);
	reply(&s, 1000);
	expect(final(&s), "later", "ok", "none");
	asked(&s);
	at(&s, 104);
	icmp(&s, 3, 13);
	at(&s, 180);
	server_rst(&s, RST, 0);
	expect(final(&s), "post_psh", "reset", "PSH+ACK->RST");
}

static void a_client_that_gives_up_after_the_icmp_error_does_not_hide_it(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 104);
	icmp(&s, 3, 13);
	at(&s, 105);
	client_rst(&s);
	expect(final(&s), "post_psh", "prohibited", "PSH+ACK->ICMP");
}

static void an_icmp_error_after_the_end_is_no_failure(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	client_fin(&s);
	at(&s, 300);
	server_fin(&s);
	at(&s, 400);
	icmp(&s, 3, 1);
	expect(final(&s), "later", "ok", "none");
	asked(&s);
	at(&s, 200);
	client_rst(&s);
	at(&s, 300);
	icmp(&s, 3, 1);
	expect(final(&s), "post_psh", "client_abort", "none");
}

static void icmp_in_later_has_the_signature_other(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 300);
	icmp(&s, 3, 10);
	expect(final(&s), "later", "prohibited", "other");
}

/* ---- one direction ----------------------------------------------------------------------------------- */

static void a_client_alone_whose_acks_advance_is_one_direction(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 80);
	client_ack(&s);
	at(&s, 100);
	request(&s, 517);
	s.r.flow.seen |= SEEN_UP_ACK_BEYOND;
	at(&s, 11000);
	expect_unjudged(final(&s), "post_psh", "one_direction");
	client_rst(&s);
	expect_unjudged(final(&s), "post_psh", "one_direction");
}

static void a_client_alone_whose_acks_stand_still_is_a_timeout(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 80);
	client_ack(&s);
	at(&s, 61000);
	expect(final(&s), "post_ack", "timeout", "SYN;ACK->0");
	expect(cut(&s, WHY_CAPTURE_END), "post_ack", "timeout", "SYN;ACK->0");
	request(&s, 517);
	at(&s, 71000);
	expect(final(&s), "post_psh", "timeout", "PSH+ACK->0");
}

static void a_client_alone_with_nothing_but_syns_is_a_timeout(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 25000);
	expect(final(&s), "post_syn", "timeout", "SYN->0");
}

static void a_server_alone_is_one_direction(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	synack(&s);
	expect_unjudged(final(&s), "post_syn", "one_direction");
	at(&s, 100);
	reply(&s, 1000);
	expect_unjudged(final(&s), "later", "one_direction");
	server_rst(&s, RST, 0);
	expect_unjudged(final(&s), "later", "one_direction");
}

static void a_flow_opened_by_a_synack_is_judged_once_both_sides_are_seen(void **state)
{
	struct scene s;
	struct verdict v;

	(void)state;
	begin(&s);
	s.r.flow.state = 0;
	synack(&s);
	at(&s, 1);
	client_ack(&s);
	at(&s, 20);
	request(&s, 517);
	at(&s, 100);
	reply(&s, 1000);
	v = final(&s);
	expect(v, "later", "ok", "none");
	assert_false(v.has_rtt);
	assert_false(v.background);
	at(&s, 101);
	syn(&s); /* captured late: it gives no round trip */
	v = final(&s);
	expect(v, "later", "ok", "none");
	assert_false(v.has_rtt);
	assert_false(v.background);
}

/* ---- cut short --------------------------------------------------------------------------------------- */

static void at_the_captures_end_a_syn_is_judged_after_3_s(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	syn(&s);
	at(&s, 2999);
	expect_unjudged(cut(&s, WHY_CAPTURE_END), "post_syn", "capture_end");
	at(&s, 3000);
	expect(cut(&s, WHY_CAPTURE_END), "post_syn", "timeout", "SYN->0");
}

static void at_the_captures_end_a_flow_in_later_is_ok_unless_a_client_packet_waits(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	expect(cut(&s, WHY_CAPTURE_END), "later", "ok", "none");
	at(&s, 300);
	request(&s, 100);
	at(&s, 310);
	expect_unjudged(cut(&s, WHY_CAPTURE_END), "later", "capture_end");
	server_ack(&s);
	expect(cut(&s, WHY_CAPTURE_END), "later", "ok", "none");
}

static void at_the_captures_end_a_clients_fin_is_an_end_unless_it_is_repeated(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 300);
	client_fin(&s);
	expect(cut(&s, WHY_CAPTURE_END), "later", "ok", "none");
	at(&s, 600);
	request_again(&s);
	expect_unjudged(cut(&s, WHY_CAPTURE_END), "later", "capture_end");
}

static void at_the_captures_end_an_end_that_was_seen_is_judged(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 105);
	server_rst(&s, RST, 0);
	expect(cut(&s, WHY_CAPTURE_END), "post_psh", "reset", "PSH+ACK->RST");
	expect(cut(&s, WHY_KEY_RETIRED), "post_psh", "reset", "PSH+ACK->RST");
}

static void a_retired_key_cuts_short_what_still_waits(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 5000);
	expect_unjudged(cut(&s, WHY_KEY_RETIRED), "post_psh", "key_retired");
	at(&s, 10100);
	expect(cut(&s, WHY_KEY_RETIRED), "post_psh", "timeout", "PSH+ACK->0");
	served(&s);
	expect(cut(&s, WHY_KEY_RETIRED), "later", "ok", "none");
	at(&s, 300);
	request(&s, 100);
	expect_unjudged(cut(&s, WHY_KEY_RETIRED), "later", "key_retired");
	handshake(&s);
	expect_unjudged(cut(&s, WHY_KEY_RETIRED), "post_ack", "key_retired");
}

static void a_tuple_used_anew_was_given_up_by_the_client(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 1000);
	expect(cut(&s, WHY_RECYCLED), "post_psh", "client_abort", "none");
	at(&s, 10100);
	expect(cut(&s, WHY_RECYCLED), "post_psh", "timeout", "PSH+ACK->0");
	begin(&s);
	syn(&s);
	at(&s, 1000);
	expect(cut(&s, WHY_RECYCLED), "post_syn", "client_abort", "none");
	at(&s, 3000);
	expect(cut(&s, WHY_RECYCLED), "post_syn", "timeout", "SYN->0");
	served(&s);
	at(&s, 300);
	request(&s, 100);
	expect(cut(&s, WHY_RECYCLED), "later", "ok", "none");
}

static void an_interim_record_of_a_working_flow_is_ok_so_far(void **state)
{
	struct scene s;

	(void)state;
	served(&s);
	at(&s, 3000);
	request(&s, 100);
	expect(handed(&s, RECORD_INTERIM, WHY_NONE), "later", "ok", "none");
	asked(&s);
	at(&s, 3000);
	expect_unjudged(handed(&s, RECORD_INTERIM, WHY_NONE), "post_psh", "");
	handshake(&s);
	at(&s, 3000);
	expect_unjudged(handed(&s, RECORD_INTERIM, WHY_NONE), "post_ack", "");
}

static void a_packet_newer_than_the_hand_over_has_not_waited(void **state)
{
	struct scene s;

	(void)state;
	asked(&s);
	at(&s, 90);
	expect_unjudged(cut(&s, WHY_KEY_RETIRED), "post_psh", "key_retired");
	expect_unjudged(handed(&s, RECORD_INTERIM, WHY_NONE), "post_psh", "");
}

static void late_syns_change_nothing_but_their_number(void **state)
{
	struct scene s;
	struct verdict v;

	(void)state;
	begin(&s);
	syn(&s);
	s.r.flow.syns = 7;
	s.r.flow.seen |= SEEN_DROPPED_HERE; /* a tombstone keeps a count in the reason's place */
	at(&s, 90000);
	v = handed(&s, RECORD_LATE_SYNS, WHY_NONE);
	expect(v, "post_syn", "timeout", "SYN->0");
	assert_int_equal(v.syns, 7);
	assert_false(v.dropped_here);
}

/* ---- throttled --------------------------------------------------------------------------------------- */

/* Server payload of `bytes` in steps of 10 ms, from 200 ms on, for `ms`. */
static void flowing(struct scene *s, unsigned int bytes, unsigned int ms)
{
	unsigned int steps = ms / 10;

	asked(s);
	for (unsigned int i = 0; i <= steps; i++) {
		at(s, 200 + i * 10);
		reply(s, i == steps ? bytes - bytes / steps * steps : bytes / steps);
	}
}

static void a_slow_flow_that_loses_5_percent_is_throttled(void **state)
{
	struct scene s;

	(void)state;
	flowing(&s, 210000, 12000);
	expect(final(&s), "later", "ok", "none");
	reply_again(&s, 10500);
	expect(final(&s), "later", "throttled", "none");
	s.r.flow.again_bytes = 10499;
	expect(final(&s), "later", "ok", "none");
	s.r.flow.hole_bytes = 10500;
	expect(final(&s), "later", "throttled", "none");
}

static void bytes_that_filled_a_hole_count_once(void **state)
{
	struct scene s;

	(void)state;
	flowing(&s, 210000, 12000);
	s.r.flow.hole_bytes = 6000;
	s.r.flow.again_bytes = 6000;
	expect(final(&s), "later", "ok", "none");
}

static void a_slow_flow_with_gaps_in_a_tenth_of_its_time_is_throttled(void **state)
{
	struct scene s;

	(void)state;
	flowing(&s, 210000, 12000);
	s.r.flow.gap_c = 1300 * 1000 >> 10;
	expect(final(&s), "later", "throttled", "none");
	s.r.flow.gap_c = 1100 * 1000 >> 10;
	expect(final(&s), "later", "ok", "none");
}

static void a_short_small_or_fast_flow_is_not_throttled(void **state)
{
	struct scene s;

	(void)state;
	flowing(&s, 65535, 6000); /* under 64 KB */
	reply_again(&s, 20000);
	expect(final(&s), "later", "ok", "none");
	flowing(&s, 65536, 6000);
	reply_again(&s, 20000);
	expect(final(&s), "later", "throttled", "none");
	flowing(&s, 70000, 4900); /* under 5 s */
	reply_again(&s, 20000);
	expect(final(&s), "later", "ok", "none");
	flowing(&s, 310000, 6000); /* 413 kbit/s */
	reply_again(&s, 100000);
	expect(final(&s), "later", "ok", "none");
	flowing(&s, 290000, 6000); /* 387 kbit/s */
	reply_again(&s, 100000);
	expect(final(&s), "later", "throttled", "none");
}

static void a_flow_that_was_idle_by_the_clients_choice_is_not_throttled(void **state)
{
	struct scene s;

	(void)state;
	flowing(&s, 210000, 12000);
	reply_again(&s, 20000);
	at(&s, 20000);
	request(&s, 100);
	at(&s, 20100);
	reply(&s, 1000);
	expect(final(&s), "later", "ok", "none");
}

static void a_throttled_flow_that_is_reset_is_a_reset(void **state)
{
	struct scene s;

	(void)state;
	flowing(&s, 210000, 12000);
	reply_again(&s, 20000);
	client_ack(&s);
	server_rst(&s, RST, 0);
	expect(final(&s), "later", "reset", "PSH+ACK;Data->RST");
}

/* ---- QUIC -------------------------------------------------------------------------------------------- */

static void a_quic_reply_is_ok(void **state)
{
	struct scene s;
	struct verdict v;

	(void)state;
	initial(&s);
	at(&s, 80);
	quic_reply(&s);
	v = cut(&s, WHY_CAPTURE_END);
	expect(v, "later", "ok", "none");
	assert_true(v.quic);
	assert_true(v.has_rtt);
	assert_int_equal(v.rtt_us, 80000);
	assert_int_equal(v.bytes_up, 1200);
}

static void quic_without_a_reply_is_a_timeout_after_10_s(void **state)
{
	struct scene s;

	(void)state;
	initial(&s);
	at(&s, 9999);
	expect_unjudged(cut(&s, WHY_CAPTURE_END), "post_psh", "capture_end");
	at(&s, 10000);
	expect(cut(&s, WHY_CAPTURE_END), "post_psh", "timeout", "QUIC->0");
	expect(final(&s), "post_psh", "timeout", "QUIC->0");
}

static void three_initials_over_a_second_without_a_reply_are_a_timeout(void **state)
{
	struct scene s;

	(void)state;
	initial(&s);
	at(&s, 300);
	initial_again(&s);
	at(&s, 999);
	initial_again(&s);
	expect_unjudged(handed(&s, RECORD_INTERIM, WHY_NONE), "post_psh", "");
	at(&s, 1000);
	initial_again(&s);
	expect(handed(&s, RECORD_INTERIM, WHY_NONE), "post_psh", "timeout", "QUIC->0");
	expect(cut(&s, WHY_CAPTURE_END), "post_psh", "timeout", "QUIC->0");
}

static void quic_refused_by_icmp_says_so(void **state)
{
	struct scene s;

	(void)state;
	initial(&s);
	at(&s, 4);
	icmp(&s, 1, 4);
	expect(final(&s), "post_psh", "unreachable", "QUIC->ICMP");
	icmp(&s, 3, 13);
	expect(final(&s), "post_psh", "prohibited", "QUIC->ICMP");
	quic_reply(&s);
	expect(final(&s), "later", "ok", "none");
	initial(&s);
	quic_reply(&s);
	icmp(&s, 1, 4);
	expect(final(&s), "later", "unreachable", "other");
}

/* ---- what a verdict tells besides -------------------------------------------------------------------- */

static void the_servers_hop_limit_is_a_median_that_was_seen(void **state)
{
	static const __u8 odd[] = { 229, 43, 43 }, even[] = { 60, 40, 50, 45 };
	struct scene s;

	(void)state;
	served(&s);
	memset(s.r.flow.ttls, 0, sizeof(s.r.flow.ttls));
	assert_int_equal(final(&s).server_ttl, -1);
	memcpy(s.r.flow.ttls, odd, sizeof(odd));
	assert_int_equal(final(&s).server_ttl, 43);
	memcpy(s.r.flow.ttls, even, sizeof(even));
	assert_int_equal(final(&s).server_ttl, 45);
}

static void hops_are_counted_from_the_next_usual_start(void **state)
{
	(void)state;
	assert_int_equal(hops_from_ttl(-1), -1);
	assert_int_equal(hops_from_ttl(64), 0);
	assert_int_equal(hops_from_ttl(50), 14);
	assert_int_equal(hops_from_ttl(65), 63);
	assert_int_equal(hops_from_ttl(120), 8);
	assert_int_equal(hops_from_ttl(128), 0);
	assert_int_equal(hops_from_ttl(251), 4);
	assert_int_equal(hops_from_ttl(255), 0);
}

static void every_class_is_the_contracts(void **state)
{
	static const struct {
		enum stage stage;
		enum outcome outcome;
		enum tally_class class;
	} rows[] = {
		{ STAGE_POST_SYN, OUTCOME_TIMEOUT, TALLY_FAILURE },
		{ STAGE_POST_ACK, OUTCOME_TIMEOUT, TALLY_NEITHER },
		{ STAGE_POST_PSH, OUTCOME_TIMEOUT, TALLY_FAILURE },
		{ STAGE_POST_SYN, OUTCOME_RESET, TALLY_FAILURE },
		{ STAGE_POST_ACK, OUTCOME_RESET, TALLY_FAILURE },
		{ STAGE_POST_PSH, OUTCOME_RESET, TALLY_FAILURE },
		{ STAGE_LATER, OUTCOME_RESET, TALLY_NEITHER },
		{ STAGE_LATER, OUTCOME_FROZEN, TALLY_FAILURE },
		{ STAGE_LATER, OUTCOME_THROTTLED, TALLY_SUCCESS },
		{ STAGE_LATER, OUTCOME_OK, TALLY_SUCCESS },
		{ STAGE_POST_ACK, OUTCOME_OK, TALLY_SUCCESS },
		{ STAGE_POST_SYN, OUTCOME_PROHIBITED, TALLY_FAILURE },
		{ STAGE_LATER, OUTCOME_UNREACHABLE, TALLY_FAILURE },
		{ STAGE_POST_PSH, OUTCOME_CLIENT_ABORT, TALLY_NEITHER },
		{ STAGE_POST_PSH, OUTCOME_UNJUDGED, TALLY_NEITHER },
	};
	struct verdict v = { .syns = 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		v.stage = rows[i].stage;
		v.outcome = rows[i].outcome;
		assert_int_equal(verdict_class(&v), rows[i].class);
	}
	v.stage = STAGE_LATER;
	v.outcome = OUTCOME_RESET;
	v.level = LEVEL_SUSPECTED;
	assert_int_equal(verdict_class(&v), TALLY_FAILURE);
}

static void a_single_unanswered_syn_is_neither_unless_dropped_here(void **state)
{
	struct verdict v = { .stage = STAGE_POST_SYN, .outcome = OUTCOME_TIMEOUT, .syns = 1 };

	(void)state;
	assert_int_equal(verdict_class(&v), TALLY_NEITHER);
	v.dropped_here = true;
	assert_int_equal(verdict_class(&v), TALLY_FAILURE);
}

static void background_radiation_is_neither(void **state)
{
	struct scene s;
	struct verdict v;

	(void)state;
	begin(&s);
	s.r.flow.state = 0;
	syn(&s);
	at(&s, 80);
	server_rst(&s, RSTACK, 1);
	v = final(&s);
	assert_true(v.background);
	assert_int_equal(verdict_class(&v), TALLY_NEITHER);
	s.r.flow.state = STATE_SYN_OPTIONS;
	v = final(&s);
	assert_false(v.background);
	assert_int_equal(verdict_class(&v), TALLY_FAILURE);
	s.r.flow.state = STATE_SYN_OPTIONS | STATE_SYN_SCANNER;
	assert_true(final(&s).background);
	s.r.flow.state = STATE_QUIC;
	assert_false(final(&s).background);
}

static void no_injection_and_no_name_are_claimed_yet(void **state)
{
	struct scene s;
	struct verdict v;

	(void)state;
	asked(&s);
	server_rst(&s, RST, 0);
	v = final(&s);
	assert_int_equal(v.level, LEVEL_NONE);
	assert_int_equal(v.score, 0);
	assert_int_equal(v.evidence, 0);
	assert_int_equal(v.sni, SNI_UNKNOWN);
}

static void names_are_the_contracts(void **state)
{
	(void)state;
	assert_string_equal(stage_name(STAGE_POST_SYN), "post_syn");
	assert_string_equal(stage_name(STAGES), "unknown");
	assert_string_equal(outcome_name(OUTCOME_CLIENT_ABORT), "client_abort");
	assert_string_equal(reason_name(REASON_KEY_RETIRED), "key_retired");
	assert_string_equal(sni_name(SNI_ECH), "ech");
	assert_string_equal(level_name(LEVEL_SUSPECTED), "suspected");
	assert_string_equal(signature_name((enum signature) - 1), "unknown");
}

static void the_waiting_times_are_the_contracts(void **state)
{
	const struct waits *w = &waits_default;

	(void)state;
	assert_int_equal(w->syn_live_ms, 3000);
	assert_int_equal(w->syn_final_ms, 20000);
	assert_int_equal(w->payload_ms, 10000);
	assert_int_equal(w->post_ack_ms, 60000);
	assert_int_equal(w->frozen_ms, 15000);
	assert_int_equal(w->linger_ms, 5000);
	assert_true(w->idle_ms > 60000 + w->frozen_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_without_any_reply_is_a_timeout),
		cmocka_unit_test(an_interim_syn_is_a_timeout_after_3_s),
		cmocka_unit_test(a_syn_answered_at_its_third_try_is_ok),
		cmocka_unit_test(a_rst_to_the_syn_is_a_reset),
		cmocka_unit_test(a_synack_that_the_client_never_acknowledges_is_a_client_abort),
		cmocka_unit_test(a_client_rst_after_its_syn_is_a_client_abort),
		cmocka_unit_test(a_client_rst_after_the_syns_waiting_time_does_not_hide_the_timeout),
		cmocka_unit_test(a_bare_ack_to_the_syn_and_a_client_rst_is_a_client_abort),
		cmocka_unit_test(data_in_a_syn_counts_only_once_a_synack_came),
		cmocka_unit_test(an_own_socket_stopped_by_this_host_is_a_timeout_dropped_here),
		cmocka_unit_test(an_own_socket_that_gave_up_unseen_is_a_client_abort),
		cmocka_unit_test(a_handshake_and_nothing_more_is_a_timeout_after_60_s),
		cmocka_unit_test(a_rst_10_s_after_the_handshake_is_an_idle_close),
		cmocka_unit_test(a_rst_40_minutes_after_the_handshake_is_an_idle_close),
		cmocka_unit_test(a_server_fin_before_any_payload_in_post_ack_is_ok),
		cmocka_unit_test(a_rst_after_the_clients_fin_in_post_ack_is_ok),
		cmocka_unit_test(a_client_fin_in_post_ack_is_a_client_abort),
		cmocka_unit_test(icmp_in_post_ack_has_the_signature_other),
		cmocka_unit_test(payload_never_answered_is_a_timeout_after_10_s),
		cmocka_unit_test(payload_acknowledged_but_not_answered_is_a_timeout),
		cmocka_unit_test(a_rst_to_the_payload_is_a_reset),
		cmocka_unit_test(the_first_rst_fixes_the_stage_whatever_comes_after),
		cmocka_unit_test(a_server_fin_before_payload_in_post_psh_is_a_reset),
		cmocka_unit_test(a_server_fin_that_overtook_its_payload_is_ok),
		cmocka_unit_test(a_rst_before_the_servers_fin_in_post_psh_decides),
		cmocka_unit_test(a_rst_after_the_clients_fin_in_post_psh_is_still_a_reset),
		cmocka_unit_test(a_rst_after_the_fin_that_the_server_sent_in_post_ack_is_ok),
		cmocka_unit_test(a_client_fin_before_server_payload_is_a_client_abort),
		cmocka_unit_test(payload_after_the_clients_fin_is_ok),
		cmocka_unit_test(a_client_rst_before_server_payload_is_a_client_abort),
		cmocka_unit_test(a_client_rst_after_10_s_of_waiting_does_not_hide_the_timeout),
		cmocka_unit_test(a_client_rst_before_the_servers_rst_is_a_client_abort),
		cmocka_unit_test(a_client_rst_after_the_servers_rst_changes_nothing),
		cmocka_unit_test(a_rst_that_the_client_ignored_ends_nothing),
		cmocka_unit_test(server_payload_is_ok),
		cmocka_unit_test(a_rst_after_the_servers_payload_is_a_reset),
		cmocka_unit_test(a_reset_after_the_servers_fin_is_ok),
		cmocka_unit_test(a_reset_after_the_clients_fin_in_later_is_ok),
		cmocka_unit_test(a_client_rst_in_later_is_ok),
		cmocka_unit_test(a_rst_30_s_after_the_servers_last_packet_is_an_idle_close),
		cmocka_unit_test(a_rst_after_30_s_with_a_client_repetition_between_is_a_reset),
		cmocka_unit_test(a_rst_after_two_server_repetitions_to_a_vanished_client_is_ok),
		cmocka_unit_test(a_server_silent_for_15_s_to_two_repetitions_is_frozen),
		cmocka_unit_test(one_repetition_is_not_frozen),
		cmocka_unit_test(repeated_fins_and_probes_count_for_frozen),
		cmocka_unit_test(a_client_that_comes_back_after_60_s_of_silence_is_not_frozen),
		cmocka_unit_test(silence_after_the_servers_fin_is_ok),
		cmocka_unit_test(a_client_rst_before_15_s_of_waiting_is_not_frozen),
		cmocka_unit_test(administrative_codes_are_prohibited),
		cmocka_unit_test(an_answer_after_the_icmp_error_corrects_it),
		cmocka_unit_test(a_client_that_gives_up_after_the_icmp_error_does_not_hide_it),
		cmocka_unit_test(an_icmp_error_after_the_end_is_no_failure),
		cmocka_unit_test(icmp_in_later_has_the_signature_other),
		cmocka_unit_test(a_client_alone_whose_acks_advance_is_one_direction),
		cmocka_unit_test(a_client_alone_whose_acks_stand_still_is_a_timeout),
		cmocka_unit_test(a_client_alone_with_nothing_but_syns_is_a_timeout),
		cmocka_unit_test(a_server_alone_is_one_direction),
		cmocka_unit_test(a_flow_opened_by_a_synack_is_judged_once_both_sides_are_seen),
		cmocka_unit_test(at_the_captures_end_a_syn_is_judged_after_3_s),
		cmocka_unit_test(at_the_captures_end_a_flow_in_later_is_ok_unless_a_client_packet_waits),
		cmocka_unit_test(at_the_captures_end_a_clients_fin_is_an_end_unless_it_is_repeated),
		cmocka_unit_test(at_the_captures_end_an_end_that_was_seen_is_judged),
		cmocka_unit_test(a_retired_key_cuts_short_what_still_waits),
		cmocka_unit_test(a_tuple_used_anew_was_given_up_by_the_client),
		cmocka_unit_test(an_interim_record_of_a_working_flow_is_ok_so_far),
		cmocka_unit_test(a_packet_newer_than_the_hand_over_has_not_waited),
		cmocka_unit_test(late_syns_change_nothing_but_their_number),
		cmocka_unit_test(a_slow_flow_that_loses_5_percent_is_throttled),
		cmocka_unit_test(bytes_that_filled_a_hole_count_once),
		cmocka_unit_test(a_slow_flow_with_gaps_in_a_tenth_of_its_time_is_throttled),
		cmocka_unit_test(a_short_small_or_fast_flow_is_not_throttled),
		cmocka_unit_test(a_flow_that_was_idle_by_the_clients_choice_is_not_throttled),
		cmocka_unit_test(a_throttled_flow_that_is_reset_is_a_reset),
		cmocka_unit_test(a_quic_reply_is_ok),
		cmocka_unit_test(quic_without_a_reply_is_a_timeout_after_10_s),
		cmocka_unit_test(three_initials_over_a_second_without_a_reply_are_a_timeout),
		cmocka_unit_test(quic_refused_by_icmp_says_so),
		cmocka_unit_test(the_servers_hop_limit_is_a_median_that_was_seen),
		cmocka_unit_test(hops_are_counted_from_the_next_usual_start),
		cmocka_unit_test(every_class_is_the_contracts),
		cmocka_unit_test(a_single_unanswered_syn_is_neither_unless_dropped_here),
		cmocka_unit_test(background_radiation_is_neither),
		cmocka_unit_test(no_injection_and_no_name_are_claimed_yet),
		cmocka_unit_test(names_are_the_contracts),
		cmocka_unit_test(the_waiting_times_are_the_contracts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
