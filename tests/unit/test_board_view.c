// SPDX-License-Identifier: GPL-2.0
/* The board as a view: hooks, groups, prefixes, signatures; and nothing of a client anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/board_scene.h"

static void hooks_are_copied_clean_and_bounded(void **state)
{
	struct watch_hook hooks[VIEW_HOOKS + 5] = {
		{ .name = "tc/ingress", .where = "eth0\x1b", .how = "tcx", .attached = true },
		{ .name = "kfree_skb", .note = "no BTF; install one" },
	};
	struct fixture *f = *state;

	assert_int_equal(view(f, WALL)->n_hooks, 0);
	assert_int_equal(board_hooks(f->board, hooks, 2), 0);
	memset(hooks[0].name, 'z', 3);
	assert_int_equal(view(f, WALL)->n_hooks, 2);
	assert_string_equal(f->view.hooks[0].name, "tc/ingress");
	assert_string_equal(f->view.hooks[0].where, "eth0?");
	assert_string_equal(f->view.hooks[0].how, "tcx");
	assert_true(f->view.hooks[0].attached);
	assert_false(f->view.hooks[1].attached);
	assert_string_equal(f->view.hooks[1].note, "no BTF; install one");
	assert_int_equal(board_hooks(f->board, hooks, VIEW_HOOKS + 5), 0);
	assert_int_equal(view(f, WALL)->n_hooks, VIEW_HOOKS);
	assert_int_equal(board_hooks(f->board, NULL, 0), 0);
	assert_int_equal(view(f, WALL)->n_hooks, 0);
}

static void the_head_of_the_view_says_what_it_is_of(void **state)
{
	struct fixture *f = *state;
	const struct view *v = view(f, WALL);

	assert_int_equal(v->now, WALL);
	assert_int_equal(v->since, SINCE);
	assert_true(v->daemon);
	assert_true(v->books_balance);
	assert_true(strlen(v->version) > 0);
	assert_string_equal(v->ranges, "1 (2026-11-01) 0123456789abcdef");
}

static void groups_show_their_share_in_numbers(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	assert_true(view(f, WALL)->groups[0].target);
	assert_false(f->view.groups[1].target);
	assert_true(f->view.groups[1].sample == 0.25);
	assert_string_equal(f->view.groups[0].state, "insufficient");
	assert_true(f->view.groups[0].failing == -1);
	judge_some(f, 3);
	good(&s, 9);
	hand_over(f, &s, RECORD_FINAL);
	assert_true(view(f, WALL)->groups[0].failing == 0.75);
	assert_int_equal(f->view.groups[0].attempts, 4);
	assert_int_equal(f->view.groups[0].failed, 3);
	assert_int_equal(f->view.groups[0].succeeded, 1);
	board_sample(f->board, 1, 0.5);
	board_sample(f->board, 99, 0.5);
	assert_true(view(f, WALL)->groups[1].sample == 0.5);
}

static void the_spark_has_the_last_five_minutes_in_steps_of_five_seconds(void **state)
{
	struct fixture *f = *state;
	__s64 end = WALL + 4; /* WALL is a multiple of five */

	judge_some(f, 1);
	assert_int_equal(view(f, WALL)->groups[0].spark[VIEW_SPARK - 1], 100);
	assert_int_equal(view(f, end)->groups[0].spark[VIEW_SPARK - 1], 100);
	assert_int_equal(f->view.groups[0].spark[VIEW_SPARK - 2], -1);
	assert_int_equal(view(f, end + 1)->groups[0].spark[VIEW_SPARK - 1], -1);
	assert_int_equal(f->view.groups[0].spark[VIEW_SPARK - 2], 100);
	assert_int_equal(view(f, end + 295)->groups[0].spark[0], 100);
	assert_int_equal(view(f, end + 296)->groups[0].spark[0], -1);
}

static void prefixes_with_attempts_come_first_then_the_targets_without(void **state)
{
	struct fixture *f = *state;
	const struct view *v;
	struct scene s;

	v = view(f, WALL);
	assert_int_equal(v->n_prefixes, 2); /* the control's had none */
	good(&s, 9);
	s.r.flow.prefix = P_CTRL;
	hand_over(f, &s, RECORD_FINAL);
	judge_some(f, 2);
	v = view(f, WALL);
	assert_int_equal(v->n_prefixes, 3);
	assert_string_equal(v->prefixes[0].prefix, "104.244.40.0/21");
	assert_string_equal(v->prefixes[0].class, "own");
	assert_int_equal(v->prefixes[0].attempts, 2);
	assert_int_equal(v->prefixes[0].failed, 2);
	assert_true(v->prefixes[0].failing == 1);
	assert_string_equal(v->prefixes[0].worst, "SYN->0");
	assert_string_equal(v->prefixes[0].where, ""); /* too few to tell */
	assert_string_equal(v->prefixes[0].state, "insufficient");
	assert_string_equal(v->prefixes[1].group, "google");
	assert_int_equal(v->prefixes[1].succeeded, 1);
	assert_string_equal(v->prefixes[1].worst, "");
	assert_string_equal(v->prefixes[2].prefix, "151.101.0.0/16");
	assert_string_equal(v->prefixes[2].class, "shared");
	assert_true(v->prefixes[2].failing == -1);
	judge_some(f, 20);
	v = view(f, WALL);
	assert_string_equal(v->prefixes[0].where, "mechanism: address");
}

static void signatures_that_occurred_are_counted_for_target_and_controls_apart(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	judge_some(f, 3);
	unanswered(&s, 5);
	s.r.flow.prefix = P_CTRL;
	s.r.flow.state |= STATE_V6;
	hand_over(f, &s, RECORD_FINAL);
	assert_int_equal(view(f, WALL)->n_signatures, 1);
	assert_string_equal(f->view.signatures[0].signature, "SYN->0");
	assert_string_equal(f->view.signatures[0].stage, "post_syn");
	assert_string_equal(f->view.signatures[0].outcome, "timeout");
	assert_int_equal(f->view.signatures[0].target, 3);
	assert_int_equal(f->view.signatures[0].control, 1);
}

/* ---- no client anywhere ---------------------------------------------------------------------------------- */

/* What the record holds of a client (its bucket, the key) and what is finer than a minute: not in any text. */
static void nothing_of_a_client_is_in_view_or_finding(void **state)
{
	struct fixture *f = *state;
	struct scene one, other;
	char *a, *b, *json[2];

	unanswered(&one, 0x1122334455667788);
	one.r.flow.client = 0x0123;
	one.r.flow.isn_up = 0x01020304;
	one.r.flow.up_next = 0x01020305;
	one.r.flow.sent[0].ipid = 0x1234;
	one.r.flow.print_up = 0x55555555;
	hand_over(f, &one, RECORD_FINAL);
	json[0] = board_finding_json(f->board, &f->finding);
	a = view_to_json(view(f, WALL + 30));

	/* another client, on a board of its own that is told the same otherwise */
	assert_int_equal(tear_down(state), 0);
	assert_int_equal(set_up(state), 0);
	f = *state;
	unanswered(&other, 0x8877665544332211);
	other.r.flow.client = 0xfedc;
	other.r.flow.isn_up = 0xa0a0a0a0;
	other.r.flow.up_next = 0xa0a0a0a1;
	other.r.flow.sent[0].ipid = 0x4321;
	other.r.flow.print_up = 0x66666666;
	other.r.flow.first_ns += 7000000000ull; /* another second of the same minute */
	other.us += 7000000;
	hand_over(f, &other, RECORD_FINAL);
	json[1] = board_finding_json(f->board, &f->finding);
	b = view_to_json(view(f, WALL + 30));
	assert_string_equal(json[0], json[1]);
	/* what is per second in the view are counts of groups; flows, prefixes and all else must be the same */
	assert_string_equal(strstr(a, "\"flows\":"), strstr(b, "\"flows\":"));
	free(a);
	free(b);
	free(json[0]);
	free(json[1]);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(hooks_are_copied_clean_and_bounded),
		T(the_head_of_the_view_says_what_it_is_of),
		T(groups_show_their_share_in_numbers),
		T(the_spark_has_the_last_five_minutes_in_steps_of_five_seconds),
		T(prefixes_with_attempts_come_first_then_the_targets_without),
		T(signatures_that_occurred_are_counted_for_target_and_controls_apart),
		T(nothing_of_a_client_is_in_view_or_finding),
	};

	return cmocka_run_group_tests_name("board_view", tests, NULL, NULL);
}
