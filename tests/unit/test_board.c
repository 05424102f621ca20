// SPDX-License-Identifier: GPL-2.0
/* The board: from records and totals to findings, tallies and the books, over reloads of the ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "unit/board_scene.h"

static void a_final_record_becomes_one_finding_that_is_tallied_and_listed(void **state)
{
	struct fixture *f = *state;
	const struct view *v;
	struct scene s;

	unanswered(&s, 42);
	s.r.flow.site = 1;
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->findings, 1);
	assert_int_equal(f->finding.v.outcome, OUTCOME_TIMEOUT);
	assert_int_equal(f->finding.group, 0);
	assert_int_equal(f->finding.prefix, P_X);
	assert_int_equal(f->finding.site, 1);
	assert_int_equal(f->finding.port, 443);
	assert_int_equal(f->finding.first_s, WALL);
	assert_int_equal(tally_judged(board_tally(f->board)), 1);
	assert_int_equal(tally_class(board_tally(f->board), 0, TALLY_FAILURE), 1);

	v = view(f, WALL + 30);
	assert_int_equal(v->n_flows, 1);
	assert_string_equal(v->flows[0].group, "x");
	assert_string_equal(v->flows[0].site, "lahore");
	assert_string_equal(v->flows[0].server, "104.244.42.1");
	assert_string_equal(v->flows[0].prefix, "104.244.40.0/21");
	assert_int_equal(v->flows[0].port, 443);
	assert_string_equal(v->flows[0].transport, "tcp");
	assert_string_equal(v->flows[0].family, "ipv4");
	assert_string_equal(v->flows[0].stage, "post_syn");
	assert_string_equal(v->flows[0].outcome, "timeout");
	assert_string_equal(v->flows[0].signature, "SYN->0");
	assert_true(v->flows[0].rtt_ms == -1);
	assert_int_equal(v->flows[0].answer_hops, -1);
	assert_false(v->flows[0].interim);
	assert_int_equal(v->flows[0].minute, WALL - 20); /* not finer than a minute */
}

static void a_good_flow_is_tallied_and_not_listed(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	good(&s, 1);
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->findings, 1);
	assert_int_equal(f->finding.v.outcome, OUTCOME_OK);
	assert_int_equal(tally_class(board_tally(f->board), 0, TALLY_SUCCESS), 1);
	assert_int_equal(view(f, WALL)->n_flows, 0);
}

static void an_interim_record_is_listed_and_no_finding(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	unanswered(&s, 42);
	at(&s, 3500);
	hand_over(f, &s, RECORD_INTERIM);
	assert_int_equal(f->findings, 0);
	assert_int_equal(tally_judged(board_tally(f->board)), 0);
	assert_int_equal(view(f, WALL)->n_flows, 1);
	assert_true(f->view.flows[0].interim);
}

static void the_final_record_puts_the_interim_one_right(void **state)
{
	struct fixture *f = *state;
	unsigned long long id;
	struct scene s;

	unanswered(&s, 42);
	at(&s, 3500);
	hand_over(f, &s, RECORD_INTERIM);
	id = view(f, WALL)->flows[0].id;
	at(&s, 21000);
	s.r.flow.state |= STATE_TOLD;
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(view(f, WALL)->n_flows, 1);
	assert_false(f->view.flows[0].interim);
	assert_int_equal(f->view.flows[0].id, id);

	/* answered at its third try: off the list, and a success where it was a failure */
	unanswered(&s, 43);
	at(&s, 3500);
	hand_over(f, &s, RECORD_INTERIM);
	assert_int_equal(view(f, WALL)->n_flows, 2);
	assert_true(f->view.groups[0].failing == 1);
	synack(&s);
	client_ack(&s);
	request(&s, 100);
	reply(&s, 100);
	s.r.flow.state |= STATE_TOLD;
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(view(f, WALL)->n_flows, 1);
	assert_true(view(f, WALL + 3)->groups[0].failing == 0.5);
}

static void late_syns_change_no_count_but_their_own(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	unanswered(&s, 42);
	hand_over(f, &s, RECORD_FINAL);
	hand_over(f, &s, RECORD_LATE_SYNS);
	assert_int_equal(f->findings, 1);
	assert_int_equal(tally_judged(board_tally(f->board)), 1);
	assert_int_equal(ledger(view(f, WALL), "late_syns"), 1);
	s.r.kind = 99;
	board_record(f->board, &s.r);
	assert_int_equal(f->findings, 1);
}

static void a_shared_range_without_a_name_is_forgotten_and_leaves_no_trace(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	unanswered(&s, 42);
	s.r.flow.prefix = P_CDN;
	s.r.flow.state |= STATE_SHARED;
	at(&s, 3500);
	hand_over(f, &s, RECORD_INTERIM);
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->findings, 0);
	assert_int_equal(tally_forgotten(board_tally(f->board)), 1);
	assert_int_equal(tally_judged(board_tally(f->board)), 0);
	assert_int_equal(view(f, WALL)->n_flows, 0);
	assert_true(f->view.groups[0].failing == -1);
	/* a control's own space that serves the target too stays the control's */
	s.r.flow.prefix = P_CTRL;
	s.r.flow.state |= STATE_CONTROL;
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->findings, 1);
	assert_int_equal(f->finding.group, 1);
}

static void a_prefix_that_no_list_knows_goes_by_the_group_of_its_record(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	unanswered(&s, 42);
	s.r.flow.prefix = 99999;
	s.r.flow.state |= 1 << STATE_GROUP_SHIFT;
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->finding.group, 1);
	assert_string_equal(view(f, WALL)->flows[0].prefix, "");
	s.r.flow.state |= STATE_GROUP_MASK; /* of no group at all */
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->findings, 1);
	assert_int_equal(tally_forgotten(board_tally(f->board)), 1);
}

/* Offsets in microseconds are modulo 2^32, which is 71 minutes. */
static void a_reset_after_hours_counts_when_it_came(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	served(&s);
	s.r.flow.prefix = P_X;
	at(&s, 7199000);
	request(&s, 10);
	reply(&s, 10);
	at(&s, 7200000);
	server_rst(&s, TCP_ACK_FLAG, 1);
	at(&s, 7206000);
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->finding.v.outcome, OUTCOME_RESET);
	assert_int_equal(f->finding.decided_after_s, 7200);
}

static void a_flow_counts_at_the_client_packet_that_decided_it(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	asked(&s); /* handshake, request at 100 ms */
	s.r.flow.prefix = P_X;
	s.r.flow.up_data_us = 5100000;
	at(&s, 20000);
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->finding.v.stage, STAGE_POST_PSH);
	assert_int_equal(f->finding.decided_after_s, 5);

	served(&s);
	s.r.flow.prefix = P_X;
	at(&s, 9500);
	server_rst(&s, TCP_ACK_FLAG, 1);
	at(&s, 20000);
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->finding.v.outcome, OUTCOME_RESET);
	assert_int_equal(f->finding.decided_after_s, 9);

	served(&s);
	s.r.flow.prefix = P_X;
	at(&s, 7100);
	request(&s, 10);
	request_again(&s);
	at(&s, 9000);
	request_again(&s);
	at(&s, 40000);
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->finding.v.outcome, OUTCOME_FROZEN);
	assert_int_equal(f->finding.decided_after_s, 7);
}

static void a_packet_dropped_by_this_host_is_shown_with_the_kernels_reason(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	unanswered(&s, 1);
	s.r.flow.seen |= SEEN_DROPPED_HERE;
	s.r.flow.drop_reason = 77;
	hand_over(f, &s, RECORD_FINAL);
	assert_true(view(f, WALL)->flows[0].dropped_here);
	assert_string_equal(f->view.flows[0].drop_reason, "NETFILTER_DROP");
	unanswered(&s, 2);
	s.r.flow.drop_reason = 78; /* of which the kernel has no name */
	hand_over(f, &s, RECORD_FINAL);
	assert_string_equal(view(f, WALL)->flows[0].drop_reason, "");
}

static void hops_and_round_trip_of_who_answered_are_shown(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	asked(&s);
	s.r.flow.prefix = P_X;
	at(&s, 101);
	server_rst(&s, TCP_ACK_FLAG, 1); /* with a TTL of 60, where the server's is 50 */
	at(&s, 6000);
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(view(f, WALL)->flows[0].answer_hops, 4);
	assert_int_equal(f->view.flows[0].server_hops, 14);
	assert_true(f->view.flows[0].rtt_ms == 80);
}

static void the_site_of_a_record_is_named_or_nothing(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(board_site_name(f->board, 0), "");
	assert_string_equal(board_site_name(f->board, 1), "lahore");
	assert_string_equal(board_site_name(f->board, 2), "kara?");
	assert_string_equal(board_site_name(f->board, 3), "");
	assert_string_equal(board_site_name(f->board, 255), "");
}

/* ---- totals and the books -------------------------------------------------------------------------------- */

static void totals(struct fixture *f, struct watch_totals *t, __s64 now)
{
	board_totals(f->board, t, now);
}

static struct books books(const struct fixture *f)
{
	struct books b;

	board_books(f->board, &b);
	return b;
}

static void the_books_are_opened_open_judged_forgotten_and_lost(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .n = { [COUNT_OPENED] = 20,
					 [COUNT_HANDED] = 6,
					 [COUNT_LOST_FULL] = 2,
					 [COUNT_LOST_KEY_RETIRED] = 1 } };
	struct scene s;
	struct books b;

	judge_some(f, 5);
	unanswered(&s, 1);
	s.r.flow.prefix = P_CDN;
	s.r.flow.state |= STATE_SHARED;
	hand_over(f, &s, RECORD_FINAL);
	totals(f, &t, WALL);
	b = books(f);
	assert_int_equal(b.opened, 20);
	assert_int_equal(b.judged, 5);
	assert_int_equal(b.forgotten, 1);
	assert_int_equal(b.lost, 3);
	assert_int_equal(b.open, 11);
	assert_int_equal(b.in_ring, 0);
	assert_true(b.balance);
	assert_true(view(f, WALL)->books_balance);
	assert_int_equal(ledger(&f->view, "opened"), 20);
	assert_int_equal(ledger(&f->view, "open"), 11);
	assert_int_equal(ledger(&f->view, "judged"), 5);
	assert_int_equal(ledger(&f->view, "forgotten"), 1);
	assert_int_equal(ledger(&f->view, "lost/full"), 2);
	assert_int_equal(ledger(&f->view, "lost/key_retired"), 1);
}

static void more_judged_than_opened_is_out_of_balance(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .n = { [COUNT_OPENED] = 4, [COUNT_HANDED] = 5 } };

	judge_some(f, 5);
	totals(f, &t, WALL);
	assert_int_equal(books(f).open, -1);
	assert_false(books(f).balance);
	assert_false(view(f, WALL)->books_balance);
	assert_int_equal(ledger(&f->view, "open"), 0);
}

static void a_record_that_was_handed_out_and_never_came_is_out_of_balance(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .n = { [COUNT_OPENED] = 10, [COUNT_HANDED] = 6 } };

	judge_some(f, 5);
	totals(f, &t, WALL);
	assert_true(books(f).balance); /* it may be on its way */
	assert_int_equal(books(f).in_ring, 1);
	totals(f, &t, WALL + 1); /* nothing was handed out since, and it has not come */
	assert_false(books(f).balance);
}

static void records_on_their_way_are_no_imbalance_until_the_next_totals(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .n = { [COUNT_OPENED] = 100, [COUNT_HANDED] = 7 } };

	judge_some(f, 5);
	totals(f, &t, WALL);
	judge_some(f, 2);
	t.n[COUNT_HANDED] = 9;
	totals(f, &t, WALL + 1);
	assert_true(books(f).balance);
	judge_some(f, 1); /* of those two one is missing, though more were handed out */
	t.n[COUNT_HANDED] = 20;
	totals(f, &t, WALL + 2);
	assert_false(books(f).balance);
}

static void more_records_than_were_handed_out_are_out_of_balance(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = { .n = { [COUNT_OPENED] = 100, [COUNT_HANDED] = 3 } };

	judge_some(f, 5);
	totals(f, &t, WALL);
	assert_true(books(f).balance); /* two may have been handed out after the counter was read */
	t.n[COUNT_HANDED] = 4;
	totals(f, &t, WALL + 1);
	assert_false(books(f).balance);
}

static void opened_attempts_of_a_group_become_its_rate(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = {};

	totals(f, &t, WALL);
	t.groups[0].n[GROUP_OPENED] = 30;
	t.groups[1].n[GROUP_OPENED] = 5;
	totals(f, &t, WALL + 1);
	t.groups[0].n[GROUP_OPENED] = 50;
	totals(f, &t, WALL + 2);
	assert_true(view(f, WALL + 2)->groups[0].per_second == 5);
	assert_true(f->view.groups[1].per_second == 0.5);
	assert_true(view(f, WALL + 11)->groups[0].per_second == 2);
	assert_true(view(f, WALL + 12)->groups[0].per_second == 0);
}

static void a_rate_of_the_first_seconds_is_over_those(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = {};

	t.groups[0].n[GROUP_OPENED] = 12;
	totals(f, &t, SINCE + 3);
	assert_true(view(f, SINCE + 3)->groups[0].per_second == 4);
}

static void a_counter_of_the_kernel_that_starts_over_goes_on_here(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = {};

	t.groups[0].n[GROUP_SYN] = 1000;
	totals(f, &t, WALL);
	t.groups[0].n[GROUP_SYN] = 7;
	totals(f, &t, WALL + 1);
	assert_int_equal(board_group_totals(f->board, 0)->n[GROUP_SYN], 1007);
}

/* ---- reload ---------------------------------------------------------------------------------------------- */

static void a_reload_keeps_what_a_group_has_gathered_whatever_its_new_number(void **state)
{
	struct fixture *f = *state;
	struct watch_totals t = {};
	struct list list;

	judge_some(f, 3);
	t.groups[0].n[GROUP_SYN] = 10;
	t.groups[1].n[GROUP_SYN] = 4;
	totals(f, &t, WALL);
	list_begin(&list, "2");
	list_group(&list, "google", ROLE_CONTROL, 0.25);
	list_group(&list, "x", ROLE_TARGET, 1);
	list_prefix(&list, 600, "104.244.40.0/22", CLASS_OWN);
	assert_int_equal(board_ranges(f->board, &list.ranges), 0);
	assert_int_equal(board_slot(f->board, 0), 1);
	assert_int_equal(board_slot(f->board, 1), 0);
	assert_int_equal(board_slot(f->board, 2), -1);
	assert_int_equal(board_slot(f->board, 1000), -1);
	assert_string_equal(board_group_name(f->board, 0), "x");
	assert_true(board_group_is_target(f->board, 0));
	assert_false(board_group_is_target(f->board, 1));
	assert_int_equal(tally_class(board_tally(f->board), 0, TALLY_FAILURE), 3);
	/* the kernel's totals go on under the new numbers: 1 is x now */
	t.groups[0].n[GROUP_SYN] = 14;
	t.groups[1].n[GROUP_SYN] = 5;
	totals(f, &t, WALL + 1);
	assert_int_equal(board_group_totals(f->board, 0)->n[GROUP_SYN], 11);
	assert_int_equal(board_group_totals(f->board, 1)->n[GROUP_SYN], 8);
	/* a flow that was opened under the old list still has its prefix */
	assert_string_equal(board_prefix_text(f->board, P_X), "104.244.40.0/21");
	assert_string_equal(board_prefix_text(f->board, 600), "104.244.40.0/22");
	assert_non_null(strstr(view(f, WALL)->ranges, "2 (2026-11-01)"));
}

static void a_group_that_has_left_stays_while_it_has_something_to_tell(void **state)
{
	struct fixture *f = *state;
	struct list list;

	judge_some(f, 1);
	list_begin(&list, "2");
	list_group(&list, "wikimedia", ROLE_CONTROL, 1);
	board_ranges(f->board, &list.ranges);
	assert_int_equal(view(f, WALL)->n_groups, 2);
	assert_string_equal(f->view.groups[0].name, "x");
	assert_int_equal(f->view.groups[0].attempts, 1);
	assert_string_equal(f->view.groups[1].name, "wikimedia"); /* google had nothing to tell */
}

static void a_list_with_too_many_groups_leaves_the_old_one_in_force(void **state)
{
	struct fixture *f = *state;
	struct list list;
	char name[16];

	list_begin(&list, "2");
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		snprintf(name, sizeof(name), "g%u", i);
		list_group(&list, name, ROLE_CONTROL, 1);
	}
	assert_int_equal(board_ranges(f->board, &list.ranges), -ENOSPC);
	assert_int_equal(board_groups(f->board), 2);
	assert_int_equal(board_slot(f->board, 0), 0);
}

/* An attempt that a router's ICMP error ends. */
static void refused(struct scene *s, const char *router)
{
	begin(s);
	s->r.flow.prefix = P_X;
	syn(s);
	at(s, 9);
	icmp(s, 3, 13);
	at(s, 8000);
	s->r.has_evidence = 1;
	s->r.evidence.has_icmp_source = 1;
	memset(s->r.evidence.icmp_source + 10, 0xff, 2);
	assert_int_equal(inet_pton(AF_INET, router, s->r.evidence.icmp_source + 12), 1);
}

static void a_router_that_refused_is_shown_by_address_and_no_key_of_the_contract(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	char *json;

	refused(&s, "198.51.100.1");
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->finding.v.outcome, OUTCOME_PROHIBITED);
	assert_true(f->finding.has_icmp_source);
	assert_string_equal(view(f, WALL)->flows[0].icmp_source, "198.51.100.1");
	json = board_finding_json(f->board, &f->finding);
	assert_non_null(json);
	assert_null(strstr(json, "198.51.100.1"));
	free(json);
}

static void a_router_whose_error_did_not_end_the_flow_is_not_shown(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	refused(&s, "198.51.100.1");
	synack(&s); /* it was answered all the same */
	at(&s, 8001);
	client_ack(&s);
	at(&s, 8002);
	request(&s, 100);
	at(&s, 30000);
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->finding.v.outcome, OUTCOME_TIMEOUT);
	assert_false(f->finding.has_icmp_source);
	assert_string_equal(view(f, WALL)->flows[0].icmp_source, "");
}

static void a_source_that_was_withheld_is_told_as_none(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	refused(&s, "0.0.0.0");
	s.r.evidence.has_icmp_source = 0;
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(f->finding.v.outcome, OUTCOME_PROHIBITED);
	assert_string_equal(view(f, WALL)->flows[0].icmp_source, "");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_final_record_becomes_one_finding_that_is_tallied_and_listed),
		T(a_good_flow_is_tallied_and_not_listed),
		T(an_interim_record_is_listed_and_no_finding),
		T(the_final_record_puts_the_interim_one_right),
		T(late_syns_change_no_count_but_their_own),
		T(a_shared_range_without_a_name_is_forgotten_and_leaves_no_trace),
		T(a_prefix_that_no_list_knows_goes_by_the_group_of_its_record),
		T(a_flow_counts_at_the_client_packet_that_decided_it),
		T(a_reset_after_hours_counts_when_it_came),
		T(a_packet_dropped_by_this_host_is_shown_with_the_kernels_reason),
		T(hops_and_round_trip_of_who_answered_are_shown),
		T(the_site_of_a_record_is_named_or_nothing),
		T(the_books_are_opened_open_judged_forgotten_and_lost),
		T(more_judged_than_opened_is_out_of_balance),
		T(a_record_that_was_handed_out_and_never_came_is_out_of_balance),
		T(records_on_their_way_are_no_imbalance_until_the_next_totals),
		T(more_records_than_were_handed_out_are_out_of_balance),
		T(opened_attempts_of_a_group_become_its_rate),
		T(a_rate_of_the_first_seconds_is_over_those),
		T(a_counter_of_the_kernel_that_starts_over_goes_on_here),
		T(a_reload_keeps_what_a_group_has_gathered_whatever_its_new_number),
		T(a_group_that_has_left_stays_while_it_has_something_to_tell),
		T(a_list_with_too_many_groups_leaves_the_old_one_in_force),
		T(a_router_that_refused_is_shown_by_address_and_no_key_of_the_contract),
		T(a_router_whose_error_did_not_end_the_flow_is_not_shown),
		T(a_source_that_was_withheld_is_told_as_none),
	};

	return cmocka_run_group_tests_name("board", tests, NULL, NULL);
}
