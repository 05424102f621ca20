// SPDX-License-Identifier: GPL-2.0
/* Counts of findings: totals of final ones only, windows by the second that decided, interim ones taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "detect/pending.h"
#include "detect/tally.h"

#define NOW    1700000000ll
#define GROUP  2
#define PREFIX 77

static int set_up(void **state)
{
	*state = tally_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	tally_free(*state);
	return 0;
}

/* A finding as the board makes it; change what matters, then add it. */
static struct finding finding(enum record_kind kind, __u64 key, __s64 second, enum stage stage,
			      enum outcome outcome, enum signature signature)
{
	return (struct finding){
		.v = { .stage = stage, .outcome = outcome, .signature = signature, .syns = 3 },
		.kind = kind,
		.key = key,
		.prefix = PREFIX,
		.group = GROUP,
		.first_s = second,
	};
}

static struct finding failed(enum record_kind kind, __u64 key, __s64 second)
{
	return finding(kind, key, second, STAGE_POST_SYN, OUTCOME_TIMEOUT, SIGNATURE_SYN_0);
}

static struct finding succeeded(enum record_kind kind, __u64 key, __s64 second)
{
	return finding(kind, key, second, STAGE_LATER, OUTCOME_OK, SIGNATURE_NONE);
}

static struct finding aborted(enum record_kind kind, __u64 key, __s64 second)
{
	return finding(kind, key, second, STAGE_POST_PSH, OUTCOME_CLIENT_ABORT, SIGNATURE_NONE);
}

static void add(struct tally *t, struct finding f)
{
	tally_add(t, &f);
}

static void background_radiation_is_counted_apart(void **state)
{
	struct finding f = failed(RECORD_FINAL, 1, 100);

	f.v.background = true;
	add(*state, f);
	f.kind = RECORD_INTERIM;
	add(*state, f);
	add(*state, failed(RECORD_FINAL, 2, 100));
	assert_int_equal(tally_background(*state, GROUP), 1);
	assert_int_equal(tally_background(*state, WIRE_GROUPS_MAX), 0);
	assert_int_equal(tally_class(*state, GROUP, TALLY_NEITHER), 1);
	assert_int_equal(tally_class(*state, GROUP, TALLY_FAILURE), 1);
}

static void assert_window(const struct tally *t, __s64 now, unsigned int seconds, __u64 succeeded_n, __u64 failed_n)
{
	struct tally_window w;

	tally_window(t, GROUP, now, seconds, &w);
	assert_int_equal(w.succeeded, succeeded_n);
	assert_int_equal(w.failed, failed_n);
}

static void assert_prefix_window(const struct tally *t, __s64 now, __u64 succeeded_n, __u64 failed_n)
{
	struct tally_window w;

	tally_prefix_window(t, PREFIX, now, &w);
	assert_int_equal(w.succeeded, succeeded_n);
	assert_int_equal(w.failed, failed_n);
}

static __u64 opened(const struct tally *t, __s64 now, unsigned int seconds)
{
	struct tally_window w;

	tally_window(t, GROUP, now, seconds, &w);
	return w.opened;
}

static void a_final_finding_counts_in_every_total_once(void **state)
{
	struct finding f = failed(RECORD_FINAL, 1, NOW);
	struct tally *t = *state;
	enum signature worst;
	unsigned int combo;

	f.v.v6 = true;
	f.v.quic = true;
	tally_add(t, &f);
	combo = verdict_combo_of(&f.v);
	assert_int_equal(tally_judged(t), 1);
	assert_int_equal(tally_class(t, GROUP, TALLY_FAILURE), 1);
	assert_int_equal(tally_class(t, GROUP, TALLY_SUCCESS), 0);
	assert_int_equal(tally_class(t, GROUP, TALLY_NEITHER), 0);
	assert_int_equal(tally_class(t, GROUP + 1, TALLY_FAILURE), 0);
	assert_int_equal(tally_prefix(t, PREFIX, TALLY_FAILURE), 1);
	assert_int_equal(tally_prefix(t, PREFIX + 1, TALLY_FAILURE), 0);
	assert_int_equal(tally_prefix_signature(t, PREFIX, &worst), 1);
	assert_int_equal(worst, SIGNATURE_SYN_0);
	for (unsigned int group = 0; group < WIRE_GROUPS_MAX; group++)
		for (unsigned int i = 0; i < 4; i++)
			for (unsigned int c = 0; c < n_verdict_combos; c++)
				assert_int_equal(tally_flows(t, (__u8)group, i & 1, i & 2, c),
						 group == GROUP && i == 3 && c == combo);
}

static void classes_add_up_to_what_was_judged(void **state)
{
	struct tally *t = *state;

	for (__u64 key = 0; key < 30; key++)
		add(t, key % 3 == 0   ? failed(RECORD_FINAL, key, NOW)
		       : key % 3 == 1 ? succeeded(RECORD_FINAL, key, NOW)
				      : aborted(RECORD_FINAL, key, NOW));
	assert_int_equal(tally_class(t, GROUP, TALLY_FAILURE), 10);
	assert_int_equal(tally_class(t, GROUP, TALLY_SUCCESS), 10);
	assert_int_equal(tally_class(t, GROUP, TALLY_NEITHER), 10);
	assert_int_equal(tally_judged(t), 30);
	assert_window(t, NOW, 60, 10, 10);
	assert_prefix_window(t, NOW, 10, 10);
}

static void an_interim_finding_counts_in_the_windows_only(void **state)
{
	struct tally *t = *state;

	add(t, failed(RECORD_INTERIM, 1, NOW));
	assert_int_equal(tally_judged(t), 0);
	assert_int_equal(tally_class(t, GROUP, TALLY_FAILURE), 0);
	assert_int_equal(tally_prefix(t, PREFIX, TALLY_FAILURE), 0);
	assert_window(t, NOW, 60, 0, 1);
	assert_prefix_window(t, NOW, 0, 1);
}

static void a_final_finding_takes_its_interim_one_back(void **state)
{
	struct tally *t = *state;

	add(t, failed(RECORD_INTERIM, 1, NOW));
	add(t, succeeded(RECORD_FINAL, 1, NOW));
	assert_window(t, NOW, 60, 1, 0);
	assert_prefix_window(t, NOW, 1, 0);

	add(t, failed(RECORD_INTERIM, 2, NOW + 1));
	add(t, failed(RECORD_FINAL, 2, NOW + 1));
	assert_window(t, NOW + 1, 60, 1, 1);

	add(t, failed(RECORD_INTERIM, 3, NOW + 2));
	add(t, aborted(RECORD_FINAL, 3, NOW + 2));
	assert_window(t, NOW + 2, 60, 1, 1);
	assert_int_equal(tally_judged(t), 3);
}

static void a_second_interim_finding_replaces_the_first(void **state)
{
	struct tally *t = *state;

	add(t, failed(RECORD_INTERIM, 1, NOW));
	add(t, succeeded(RECORD_INTERIM, 1, NOW + 3));
	assert_window(t, NOW + 3, 60, 1, 0);
	add(t, aborted(RECORD_INTERIM, 1, NOW + 3));
	assert_window(t, NOW + 3, 60, 0, 0);
	add(t, failed(RECORD_FINAL, 1, NOW));
	assert_window(t, NOW + 3, 60, 0, 1);
}

static void an_interim_finding_is_taken_back_from_the_group_and_prefix_it_was_counted_in(void **state)
{
	struct tally *t = *state;
	struct finding f = failed(RECORD_INTERIM, 1, NOW), g = failed(RECORD_FINAL, 1, NOW);
	struct tally_window w;

	tally_add(t, &f);
	g.group = GROUP + 1; /* a reload between them */
	g.prefix = PREFIX + 1;
	tally_add(t, &g);
	assert_window(t, NOW, 60, 0, 0);
	assert_prefix_window(t, NOW, 0, 0);
	tally_window(t, GROUP + 1, NOW, 60, &w);
	assert_int_equal(w.failed, 1);
	tally_prefix_window(t, PREFIX + 1, NOW, &w);
	assert_int_equal(w.failed, 1);
}

static void a_late_final_finding_lands_in_the_second_that_decided_it(void **state)
{
	struct tally *t = *state;
	struct finding f = failed(RECORD_FINAL, 1, NOW - 100);

	tally_opened(t, GROUP, 0, NOW);
	f.decided_after_s = 30;
	tally_add(t, &f);
	assert_window(t, NOW, 70, 0, 0);
	assert_window(t, NOW, 71, 0, 1);
	assert_window(t, NOW - 70, 1, 0, 1);
	assert_prefix_window(t, NOW, 0, 0); /* sixty seconds only */
}

static void a_final_finding_later_than_the_window_counts_in_the_totals_alone(void **state)
{
	struct tally *t = *state;

	tally_opened(t, GROUP, 0, NOW);
	add(t, failed(RECORD_FINAL, 1, NOW - 599));
	assert_window(t, NOW, 600, 0, 1);
	add(t, failed(RECORD_FINAL, 2, NOW - 600));
	add(t, failed(RECORD_FINAL, 3, NOW - 100000));
	assert_window(t, NOW, 600, 0, 1);
	assert_int_equal(tally_judged(t), 3);
}

static void an_interim_finding_that_has_left_the_window_takes_nothing_back(void **state)
{
	struct tally *t = *state;

	add(t, failed(RECORD_INTERIM, 1, NOW));
	/* the same slots, six hundred seconds on */
	add(t, failed(RECORD_FINAL, 2, NOW + 600));
	add(t, succeeded(RECORD_FINAL, 1, NOW));
	assert_window(t, NOW + 600, 600, 0, 1);
	assert_prefix_window(t, NOW + 600, 0, 1);
}

static void a_window_ends_at_its_second_and_is_as_long_as_asked(void **state)
{
	struct tally *t = *state;

	for (int i = 0; i < 700; i++)
		add(t, failed(RECORD_FINAL, (__u64)i, NOW + i));
	assert_window(t, NOW + 699, 1, 0, 1);
	assert_window(t, NOW + 699, 10, 0, 10);
	assert_window(t, NOW + 699, 600, 0, 600);
	assert_window(t, NOW + 699, 100000, 0, 600);
	assert_window(t, NOW + 699, 0, 0, 0);
	assert_window(t, NOW + 709, 20, 0, 10);
	assert_window(t, NOW + 650, 10, 0, 10);
	assert_prefix_window(t, NOW + 699, 0, 60);
}

static void opened_attempts_are_counted_in_their_second(void **state)
{
	struct tally *t = *state;
	struct tally_window w;

	tally_opened(t, GROUP, 5, NOW);
	tally_opened(t, GROUP, 7, NOW + 1);
	tally_opened(t, GROUP, 1, NOW + 1);
	assert_int_equal(opened(t, NOW + 1, 1), 8);
	assert_int_equal(opened(t, NOW + 1, 10), 13);
	assert_int_equal(opened(t, NOW + 10, 10), 8);
	tally_window(t, GROUP + 1, NOW + 1, 10, &w);
	assert_int_equal(w.opened, 0);
}

static void a_clock_set_back_starts_the_seconds_over(void **state)
{
	struct tally *t = *state;

	for (int i = 0; i < 600; i++) {
		tally_opened(t, GROUP, 1, NOW + i);
		add(t, failed(RECORD_FINAL, (__u64)i, NOW + i));
	}
	/* an hour back: what was counted lies in the future now, and must neither show nor be in the way */
	tally_opened(t, GROUP, 3, NOW - 3600);
	assert_int_equal(opened(t, NOW - 3600, 600), 3);
	assert_window(t, NOW - 3600, 600, 0, 0);
	add(t, succeeded(RECORD_FINAL, 1000, NOW - 3600));
	assert_window(t, NOW - 3600, 600, 1, 0);
	assert_prefix_window(t, NOW - 3600, 1, 0);
}

static void a_clock_that_jumps_ahead_leaves_the_old_seconds_behind(void **state)
{
	struct tally *t = *state;

	tally_opened(t, GROUP, 9, NOW);
	add(t, failed(RECORD_FINAL, 1, NOW));
	tally_opened(t, GROUP, 2, NOW + 86400);
	assert_int_equal(opened(t, NOW + 86400, 600), 2);
	assert_window(t, NOW + 86400, 600, 0, 0);
}

static void one_finding_of_the_future_does_not_shut_the_windows(void **state)
{
	struct tally *t = *state;

	add(t, failed(RECORD_FINAL, 1, NOW + 1000000));
	tally_opened(t, GROUP, 0, NOW);
	add(t, failed(RECORD_FINAL, 2, NOW));
	assert_window(t, NOW, 60, 0, 1);
}

static void seconds_before_1970_are_seconds(void **state)
{
	struct tally *t = *state;

	tally_opened(t, GROUP, 4, -7);
	add(t, failed(RECORD_FINAL, 1, -7));
	assert_int_equal(opened(t, -7, 10), 4);
	assert_window(t, -7, 600, 0, 1);
	assert_window(t, -8, 600, 0, 0);
}

static void a_forgotten_flow_counts_as_that_and_as_nothing_else(void **state)
{
	struct tally *t = *state;
	struct finding f = failed(RECORD_FINAL, 1, NOW);

	f.forgotten = true;
	tally_add(t, &f);
	assert_int_equal(tally_forgotten(t), 1);
	assert_int_equal(tally_judged(t), 0);
	assert_window(t, NOW, 60, 0, 0);
	f.kind = RECORD_INTERIM;
	tally_add(t, &f);
	assert_int_equal(tally_forgotten(t), 1);
}

static void what_is_no_finding_is_not_counted(void **state)
{
	struct tally *t = *state;
	struct finding f = failed(RECORD_LATE_SYNS, 1, NOW);

	tally_add(t, &f);
	f.kind = 0;
	tally_add(t, &f);
	f.kind = RECORD_FINAL;
	f.group = WIRE_GROUPS_MAX;
	tally_add(t, &f);
	tally_opened(t, WIRE_GROUPS_MAX, 3, NOW);
	assert_int_equal(tally_judged(t), 0);
	assert_window(t, NOW, 60, 0, 0);
}

static void the_worst_signature_is_the_commonest_among_failures(void **state)
{
	struct tally *t = *state;
	enum signature worst;

	assert_int_equal(tally_prefix_signature(t, PREFIX, &worst), 0);
	assert_int_equal(worst, SIGNATURE_NONE);
	add(t, failed(RECORD_FINAL, 1, NOW));
	for (__u64 key = 2; key < 5; key++)
		add(t, finding(RECORD_FINAL, key, NOW, STAGE_POST_PSH, OUTCOME_RESET, SIGNATURE_PSH_RSTACK));
	for (__u64 key = 5; key < 20; key++)
		add(t, succeeded(RECORD_FINAL, key, NOW));
	assert_int_equal(tally_prefix_signature(t, PREFIX, &worst), 3);
	assert_int_equal(worst, SIGNATURE_PSH_RSTACK);
}

static void prefixes_beyond_the_bound_count_in_their_group(void **state)
{
	struct tally *t = *state;
	__u64 sum = 0;

	for (__u32 i = 0; i < TALLY_PREFIXES + 5; i++) {
		struct finding f = failed(RECORD_FINAL, i, NOW);

		f.prefix = i * 7919; /* ids are not dense */
		tally_add(t, &f);
	}
	assert_int_equal(tally_prefixes_full(t), 5);
	assert_int_equal(tally_judged(t), TALLY_PREFIXES + 5);
	assert_int_equal(tally_class(t, GROUP, TALLY_FAILURE), TALLY_PREFIXES + 5);
	assert_window(t, NOW, 60, 0, TALLY_PREFIXES + 5);
	for (__u32 i = 0; i < TALLY_PREFIXES + 5; i++)
		sum += tally_prefix(t, i * 7919, TALLY_FAILURE);
	assert_int_equal(sum, TALLY_PREFIXES);
}

static void interim_findings_beyond_the_bound_are_counted_and_shown_once_final(void **state)
{
	struct tally *t = *state;

	for (__u64 key = 0; key < PENDING_MAX + 3; key++)
		add(t, failed(RECORD_INTERIM, key, NOW));
	assert_int_equal(tally_interim_full(t), 3);
	assert_window(t, NOW, 60, 0, PENDING_MAX);
	add(t, failed(RECORD_FINAL, PENDING_MAX + 1, NOW));
	assert_window(t, NOW, 60, 0, PENDING_MAX + 1);
}

static void what_is_asked_beyond_the_bounds_is_nothing(void **state)
{
	struct tally *t = *state;
	struct tally_window w = { 1, 1, 1 };

	add(t, failed(RECORD_FINAL, 1, NOW));
	assert_int_equal(tally_flows(t, WIRE_GROUPS_MAX, false, false, 0), 0);
	assert_int_equal(tally_flows(t, GROUP, false, false, n_verdict_combos), 0);
	assert_int_equal(tally_class(t, WIRE_GROUPS_MAX, TALLY_FAILURE), 0);
	assert_int_equal(tally_class(t, GROUP, 3), 0);
	assert_int_equal(tally_prefix(t, PREFIX, 3), 0);
	tally_window(t, WIRE_GROUPS_MAX, NOW, 60, &w);
	assert_true(w.opened == 0 && w.succeeded == 0 && w.failed == 0);
	tally_free(NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_final_finding_counts_in_every_total_once),
		T(background_radiation_is_counted_apart),
		T(classes_add_up_to_what_was_judged),
		T(an_interim_finding_counts_in_the_windows_only),
		T(a_final_finding_takes_its_interim_one_back),
		T(a_second_interim_finding_replaces_the_first),
		T(an_interim_finding_is_taken_back_from_the_group_and_prefix_it_was_counted_in),
		T(a_late_final_finding_lands_in_the_second_that_decided_it),
		T(a_final_finding_later_than_the_window_counts_in_the_totals_alone),
		T(an_interim_finding_that_has_left_the_window_takes_nothing_back),
		T(a_window_ends_at_its_second_and_is_as_long_as_asked),
		T(opened_attempts_are_counted_in_their_second),
		T(a_clock_set_back_starts_the_seconds_over),
		T(a_clock_that_jumps_ahead_leaves_the_old_seconds_behind),
		T(one_finding_of_the_future_does_not_shut_the_windows),
		T(seconds_before_1970_are_seconds),
		T(a_forgotten_flow_counts_as_that_and_as_nothing_else),
		T(what_is_no_finding_is_not_counted),
		T(the_worst_signature_is_the_commonest_among_failures),
		T(prefixes_beyond_the_bound_count_in_their_group),
		T(interim_findings_beyond_the_bound_are_counted_and_shown_once_final),
		T(what_is_asked_beyond_the_bounds_is_nothing),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
