// SPDX-License-Identifier: GPL-2.0
/*
 * An incident outlives the daemon: whenever it is killed and started again, the story that is told is the same one, and a
 * file that is cut, foreign or meant badly changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector_parts.h"
#include "detect/incidents_parts.h"
#include "detect/packed.h"
#include "detect/state_names.h"
#include "part_names.h"

#define T0     1708185600ll /* 2024-02-17T16:00:00Z */
#define X      0
#define GROUPS 4 /* X, and three controls */

struct watch {
	struct incidents *i;
	struct incident_report last; /* of X */
	unsigned int closed, closed_unknown, opened;
	char wrong[64];
};
static __u64 seed;

static double uniform(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (double)(seed >> 11) / 9007199254740992.;
}

/* ---- names: "g2", "1-104" ------------------------------------------------------------------------------------ */

static const char *group_name(const void *arg, __u8 group)
{
	static char name[8];

	(void)arg;
	snprintf(name, sizeof(name), "g%u", group);
	return group < GROUPS ? name : NULL;
}

static bool find_group(const void *arg, const char *name, __u8 *group)
{
	(void)arg;
	*group = (__u8)(name[1] - '0');
	return name[0] == 'g' && *group < GROUPS;
}

static const struct state_names names = { group_name, part_name, find_group, find_part, NULL };

/* ---- a life ---------------------------------------------------------------------------------------------------- */

static void on_change(void *arg, const struct incident_report *r)
{
	struct watch *w = arg;

	if (r->in.group != X)
		return;
	w->opened += r->in.since != w->last.in.since;
	w->closed += !r->in.open;
	w->closed_unknown += !r->in.open && !r->in.ended;
	w->last = *r;
}

static void begin(struct watch *w)
{
	const struct incidents_setup setup = { .controls = 0xe, .changed = on_change, .arg = w };

	w->i = incidents_new(&setup);
	assert_non_null(w->i);
}

/* Killed now, and started again so many seconds later. */
static const char *killed(struct watch *w, __s64 now)
{
	const char *why;
	__u8 *state;
	size_t n;

	state = incidents_save(w->i, &names, &n);
	assert_non_null(state);
	incidents_free(w->i);
	begin(w);
	why = incidents_restore(w->i, &names, state, n, now);
	free(state);
	return why;
}

static void flow(struct watch *w, __s64 now, __u8 group, double share)
{
	bool failed = uniform() < share;
	struct finding made = { .kind = RECORD_FINAL,
				.key = (__u64)(uniform() * 1e15),
				.prefix = 100u + group * 10u + (__u32)(uniform() * 4),
				.group = group,
				.site = 1,
				.port = 443,
				.first_s = now };

	made.v.outcome = failed ? OUTCOME_RESET : OUTCOME_OK;
	made.v.stage = failed ? STAGE_POST_PSH : STAGE_LATER;
	made.v.answer_ttl = made.v.reset_ttl = made.v.server_ttl = -1;
	made.v.syns = 1;
	if (failed) {
		made.v.signature = SIGNATURE_PSH_RSTACK;
		made.v.level = LEVEL_HIGH;
	}
	incidents_finding(w->i, &made, (__u16)(uniform() * 4096) | 1 << 12, false);
}

static void second(struct watch *w, __s64 now, double share)
{
	for (unsigned int i = 0; i < 5; i++)
		flow(w, now, X, share);
	for (__u8 control = 1; control < GROUPS; control++)
		for (unsigned int i = 0; i < 2; i++)
			flow(w, now, control, .02);
	incidents_until(w->i, now);
}

static __s64 play(struct watch *w, __s64 from, unsigned int seconds, double share)
{
	for (__s64 now = from; now < from + seconds; now++)
		second(w, now, share);
	return from + seconds;
}

/* ---- February 2024 ------------------------------------------------------------------------------------------ */

static const struct act {
	unsigned int seconds;
	double share;
} february[] = {
	{ 5400, .02 }, { 300, .6 }, { 300, 1 },	  { 200, .02 }, { 200, 1 },
	{ 200, .02 },  { 200, 1 },  { 600, .02 }, { 300, 1 },	{ 300, .02 },
};

/* With a kill every so many seconds at random, 0 for none; each leaves up to `away` seconds that nobody sees. */
static void play_february(struct watch *w, unsigned int every, unsigned int away)
{
	__s64 now = T0, gone_until = 0;

	memset(w, 0, sizeof(*w));
	begin(w);
	for (size_t act = 0; act < sizeof(february) / sizeof(february[0]); act++) {
		for (__s64 end = now + february[act].seconds; now < end; now++) {
			if (now < gone_until)
				continue;
			if (now == gone_until)
				assert_null(killed(w, now - 1)); /* the second before was the last nobody saw */
			second(w, now, february[act].share);
			if (every && uniform() * every < 1)
				gone_until = now + 1 + (__s64)(uniform() * (away + 1));
		}
	}
	incidents_free(w->i);
}

static void same_phases(const struct incident *a, const struct incident *b, __s64 apart)
{
	assert_int_equal(a->n_phases, b->n_phases);
	for (unsigned int i = 0; i < a->n_phases; i++) {
		assert_int_equal(a->phases[i].state, b->phases[i].state);
		assert_in_range(a->phases[i].from, b->phases[i].from - apart, b->phases[i].from + apart);
		assert_in_range(a->phases[i].to, b->phases[i].to - apart, b->phases[i].to + apart);
	}
}

static void whenever_it_is_killed_the_story_is_the_same(void **state)
{
	struct watch whole, cut;

	(void)state;
	seed = 5;
	play_february(&whole, 0, 0);
	assert_int_equal(whole.opened, 1);
	assert_int_equal(whole.last.in.worst, WORD_BLOCKED);
	assert_false(whole.last.in.open);
	assert_int_equal(whole.last.in.n_phases, 5);
	assert_int_equal(whole.last.in.phases[0].state, WORD_LIKELY_BLOCKED);
	assert_in_range(whole.last.in.phases[1].from, T0 + 5697, T0 + 5703); /* from when it was full */
	for (unsigned int round = 0; round < 6; round++) {
		seed = 100 + round;
		play_february(&cut, 10 + round * 40, 0);
		assert_int_equal(cut.opened, 1);
		assert_int_equal(cut.closed_unknown, 0);
		assert_int_equal(cut.closed, whole.closed);
		assert_in_range(cut.last.in.since, whole.last.in.since - 6, whole.last.in.since + 6);
		same_phases(&cut.last.in, &whole.last.in, 8);
		assert_in_range(cut.last.in.attempts, whole.last.in.attempts - 120, whole.last.in.attempts + 120);
		assert_in_range(cut.last.in.failures, whole.last.in.failures - 120, whole.last.in.failures + 120);
		assert_int_equal(cut.last.n_signatures, whole.last.n_signatures);
	}
}

static void seconds_away_are_counted_and_conclude_nothing(void **state)
{
	struct watch whole, cut;

	(void)state;
	seed = 5;
	play_february(&whole, 0, 0);
	for (unsigned int round = 0; round < 4; round++) {
		seed = 200 + round;
		play_february(&cut, 20, 4);
		assert_int_equal(cut.opened, 1);
		assert_int_equal(cut.closed_unknown, 0);
		assert_true(cut.last.in.interruptions > 20 && cut.last.in.unwatched_s > 40);
		assert_in_range(cut.last.in.since, whole.last.in.since - 10, whole.last.in.since + 10);
		assert_int_equal(cut.last.in.worst, WORD_BLOCKED);
		assert_in_range(cut.last.in.ended, whole.last.in.ended - 10, whole.last.in.ended + 10);
	}
}

/* While there is no baseline, a partial block stands at the border of two words: what it is called must not date what follows. */
static void what_is_worse_is_dated_by_its_own_attempts(void **state)
{
	struct watch w;
	__s64 now, full = T0 + 900 + 100;

	(void)state;
	for (__u64 round = 1; round < 12; round++) {
		seed = round;
		memset(&w, 0, sizeof(w));
		begin(&w);
		now = play(&w, play(&w, T0, 900, .02), 100, .6);
		play(&w, now, 100, 1);
		assert_int_equal(w.last.in.state, WORD_BLOCKED);
		assert_in_range(w.last.in.phases[w.last.in.n_phases - 1].from, full - 20, full + 20);
		incidents_free(w.i);
	}
}

/* ---- single times away ------------------------------------------------------------------------------------------ */

static __s64 blocked(struct watch *w)
{
	seed = 7;
	memset(w, 0, sizeof(*w));
	begin(w);
	return play(w, play(w, T0, 900, .02), 200, 1);
}

static void ten_minutes_away_it_goes_on_as_the_same(void **state)
{
	struct watch w;
	__s64 now = blocked(&w), since = w.last.in.since;

	(void)state;
	assert_null(killed(&w, now + 600));
	now = play(&w, now + 601, 100, 1);
	assert_int_equal(w.opened, 1);
	assert_int_equal(w.closed, 0);
	assert_true(w.last.in.since == since);
	assert_int_equal(incidents_state(w.i, X), WORD_BLOCKED);
	now = play(&w, now, 120, .02);
	assert_int_equal(w.closed, 1);
	assert_in_range(w.last.in.ended, now - 123, now - 117);
	incidents_free(w.i);
}

static void an_hour_away_its_end_is_not_known(void **state)
{
	struct watch w;
	__s64 now = blocked(&w), last = now - 1;

	(void)state;
	assert_null(killed(&w, now + 3600));
	assert_int_equal(w.closed_unknown, 1);
	assert_true(w.last.in.phases[w.last.in.n_phases - 1].to == last && w.last.at == last);
	play(&w, now + 3601, 100, 1);
	assert_int_equal(w.opened, 2);
	assert_true(w.last.in.since_bound);
	incidents_free(w.i);
}

static void a_change_while_nobody_watched_has_an_interval(void **state)
{
	struct incident in;
	struct watch w;
	__s64 now;

	(void)state;
	seed = 9;
	memset(&w, 0, sizeof(w));
	begin(&w);
	now = play(&w, T0, 900, .02);
	assert_null(killed(&w, now + 300));
	play(&w, now + 301, 60, 1);
	assert_int_equal(w.opened, 1);
	in = w.last.in;
	assert_false(in.since_bound);
	assert_true(in.since - in.since_uncertainty_s <= now);
	assert_true(in.since + in.since_uncertainty_s >= now + 300);
	assert_in_range(in.since_uncertainty_s, 145, 200);
	incidents_free(w.i);
}

/* Downloads of X at a policed rate, and attempts of which `share` are reset. */
static __s64 slowed(struct watch *w, __s64 from, unsigned int seconds, double share)
{
	struct finding made = { .kind = RECORD_FINAL, .prefix = 100, .group = X, .site = 1, .port = 443 };

	for (__s64 now = from; now < from + seconds; now++) {
		for (made.group = X; made.group < GROUPS; made.group++) {
			made.key = (__u64)(uniform() * 1e15);
			made.first_s = now;
			made.v.stage = STAGE_LATER;
			made.v.outcome = made.group == X ? OUTCOME_THROTTLED : OUTCOME_OK;
			made.v.bytes_down = 100000;
			incidents_finding(w->i, &made, (__u16)(uniform() * 4096) | 1 << 12, false);
		}
		second(w, now, share);
	}
	return from + seconds;
}

static void a_throttle_that_stands_back_behind_a_block_comes_back_after_a_restart(void **state)
{
	__s64 now, throttled;
	struct watch w;

	(void)state;
	seed = 5;
	memset(&w, 0, sizeof(w));
	begin(&w);
	now = slowed(&w, play(&w, T0, 900, .02), 300, .02);
	assert_int_equal(w.last.in.worst, WORD_THROTTLED);
	throttled = w.last.in.since;
	now = slowed(&w, now, 100, 1);
	assert_true(w.last.in.open && w.last.in.worst != WORD_THROTTLED);
	assert_null(killed(&w, now + 10));
	now = slowed(&w, now + 11, 100, 1);
	assert_null(killed(&w, now + 1));
	now = slowed(&w, now + 2, 200, .02);
	assert_true(w.last.in.open && w.last.in.worst == WORD_THROTTLED);
	assert_true(w.last.in.since == throttled && w.last.in.n_phases == 2);
	assert_int_equal(w.closed, 2); /* the throttle, and the block */
	incidents_free(w.i);
}

static void after_a_clock_was_set_back_what_was_kept_is_taken(void **state)
{
	struct watch w = {};
	__s64 now = T0;

	(void)state;
	seed = 3;
	begin(&w);
	now = play(&w, now, 5400, .02);
	now = play(&w, now, 200, 1);
	now = play(&w, now, 300, .02);
	now = play(&w, now - 3600, 600, .02);
	assert_null(killed(&w, now + 1));
	assert_true(incidents_baseline(w.i, X) > 0);
	incidents_free(w.i);
}

static void a_restart_alone_opens_nothing(void **state)
{
	struct watch w = {};
	__s64 now = T0;

	(void)state;
	seed = 3;
	begin(&w);
	for (unsigned int i = 0; i < 60; i++) {
		now = play(&w, now, 20, .05);
		assert_null(killed(&w, now + i * 5));
		now += i * 5 + 1;
	}
	assert_int_equal(w.opened, 0);
	incidents_free(w.i);
}

static void before_there_is_an_end_an_absence_is_none(void **state)
{
	struct watch w;
	__s64 now = blocked(&w);

	(void)state;
	now = play(&w, now, 20, .02); /* a third of what an end needs */
	assert_null(killed(&w, now + 300));
	now = play(&w, now + 301, 20, .02);
	assert_int_equal(w.closed, 0);
	play(&w, now, 60, .02);
	assert_int_equal(w.closed, 1);
	incidents_free(w.i);
}

/* ---- what cannot be read ----------------------------------------------------------------------------------------- */

static void seal(__u8 *data, size_t n)
{
	__u64 sum = packed_sum(data, n - 8);

	for (unsigned int i = 0; i < 8; i++)
		data[n - 8 + i] = sum >> i * 7 & 0x7f;
}

static void what_is_cut_foreign_or_damaged_is_refused_whole(void **state)
{
	struct incident_report before, after;
	struct watch w;
	size_t n;
	__s64 now = blocked(&w);
	__u8 *data = incidents_save(w.i, &names, &n);

	(void)state;
	assert_true(incidents_report(w.i, X, &before));
	assert_string_equal(incidents_restore(w.i, &names, "SQLite format 3", 16, now), "is not xreach's");
	assert_string_equal(incidents_restore(w.i, &names, data, 0, now), "is not xreach's");
	for (size_t cut = 1; cut < n; cut += 1 + n / 200)
		assert_non_null(incidents_restore(w.i, &names, data, cut, now));
	data[8] ^= 1;
	assert_string_equal(incidents_restore(w.i, &names, data, n, now), "is of another version");
	data[8] ^= 1;
	data[n / 2] ^= 4;
	assert_string_equal(incidents_restore(w.i, &names, data, n, now), "is cut or damaged");
	data[n / 2] ^= 4;
	assert_true(incidents_report(w.i, X, &after));
	assert_memory_equal(&before, &after, sizeof(before));
	assert_null(incidents_restore(w.i, &names, data, n, now));
	free(data);
	incidents_free(w.i);
}

/* Attempts that the rings of X's streams have outside the first second of a minute, and all. */
static unsigned int by_second(const struct watch *w, unsigned int *all)
{
	unsigned int n = 0;

	*all = 0;
	for (const struct stream *s = w->i->blocks->groups[X].streams; s; s = s->next)
		for (unsigned int i = 0; i < URN_SLOTS; i++) {
			*all += s->fast.ring[i].attempts;
			n += s->fast.ring[i].at % 60 ? s->fast.ring[i].attempts : 0;
		}
	return n;
}

/* What is on the disk may not tell at which second somebody at a small site, or at night, tried. */
static void of_a_thin_minute_the_seconds_are_not_kept(void **state)
{
	unsigned int before, after, odd;
	struct watch w = {};
	__s64 now = T0;

	(void)state;
	begin(&w);
	for (; now < T0 + 900; now++) {
		if (now % 17 == 0)
			flow(&w, now, X, .5);
		incidents_until(w.i, now);
	}
	odd = by_second(&w, &before);
	assert_true(odd > before / 2);
	assert_null(killed(&w, now));
	assert_int_equal(by_second(&w, &after), 0);
	assert_int_equal(before, after);
	incidents_free(w.i);
}

/* Not by what they have come to either: the same, whichever second of the minute it was. */
static void two_states_of_which_one_attempt_was_some_seconds_later_are_the_same(void **state)
{
	__u8 *kept[2];
	size_t n[2];

	(void)state;
	for (unsigned int which = 0; which < 2; which++) {
		struct watch w = {};

		begin(&w);
		seed = 7;
		for (__s64 now = T0; now < T0 + 660; now++) {
			if (now == T0 + 607 + which * 31)
				flow(&w, now, X, 1);
			incidents_until(w.i, now);
		}
		kept[which] = incidents_save(w.i, &names, &n[which]);
		incidents_free(w.i);
	}
	assert_int_equal(n[0], n[1]);
	assert_memory_equal(kept[0], kept[1], n[0]);
	free(kept[0]);
	free(kept[1]);
}

static void of_a_busy_one_they_are_for_the_beginning_of_a_block(void **state)
{
	unsigned int all;
	struct watch w = {};
	__s64 now;

	(void)state;
	begin(&w);
	now = play(&w, T0, 300, .02);
	assert_null(killed(&w, now));
	assert_true(by_second(&w, &all) > all / 2);
	incidents_free(w.i);
}

/* With a right sum: it is read, and must neither crash nor be half believed. */
static void what_is_meant_badly_does_no_harm(void **state)
{
	unsigned int refused = 0, taken = 0;
	struct watch w;
	size_t n;
	__s64 now = blocked(&w);
	__u8 *good = incidents_save(w.i, &names, &n), *bad = malloc(n);

	(void)state;
	assert_non_null(bad);
	for (unsigned int round = 0; round < 400; round++) {
		size_t length = n;

		memcpy(bad, good, n);
		for (unsigned int i = 0; i < 1 + round % 3; i++)
			bad[24 + (size_t)(uniform() * (double)(n - 40))] = (__u8)(uniform() * 256);
		if (round % 5 == 4)
			length = 40 + (size_t)(uniform() * (double)(n - 40));
		seal(bad, length);
		if (incidents_restore(w.i, &names, bad, length, now))
			refused++;
		else
			taken++, play(&w, now + 1, 3, .5);
	}
	assert_true(refused > 50 && taken > 10);
	free(bad);
	free(good);
	incidents_free(w.i);
}

static bool find_no_prefix(const void *arg, __u8 group, enum stream_kind kind, const char *name, __u32 *id)
{
	return kind != STREAM_PREFIX && find_part(arg, group, kind, name, id);
}

static bool find_no_third(const void *arg, const char *name, __u8 *group)
{
	return find_group(arg, name, group) && *group != 3;
}

static void what_has_left_the_lists_is_passed_over(void **state)
{
	struct state_names fewer = names;
	struct watch w;
	size_t n;
	__s64 now = blocked(&w);
	__u8 *data = incidents_save(w.i, &names, &n);

	(void)state;
	incidents_free(w.i);
	begin(&w);
	fewer.find_group = find_no_third;
	fewer.find_part = find_no_prefix;
	assert_null(incidents_restore(w.i, &fewer, data, n, now));
	play(&w, now + 1, 60, 1);
	assert_int_equal(w.opened, 1);
	free(data);
	incidents_free(w.i);
}

/* Two that differ in nothing but who the clients were, and how many of them, are kept alike. */
static void no_client_is_in_it(void **state)
{
	__u8 *kept[2];
	size_t n[2];

	(void)state;
	for (unsigned int who = 0; who < 2; who++) {
		struct watch w = {};

		begin(&w);
		for (__s64 now = T0; now < T0 + 120; now++) {
			struct finding made = {
				.kind = RECORD_FINAL, .key = (__u64)now, .prefix = 100, .first_s = now
			};

			made.v.outcome = OUTCOME_OK;
			made.v.stage = STAGE_LATER;
			incidents_finding(w.i, &made, (__u16)((now % (11 + who * 8)) * 7 + who) | 1 << 12, false);
			incidents_until(w.i, now);
		}
		assert_false(w.i->blocks->groups[X].few);
		assert_null(killed(&w, T0 + 120));
		assert_false(w.i->blocks->groups[X].few); /* fewer than ten are told apart, as in what is told */
		kept[who] = incidents_save(w.i, &names, &n[who]);
		incidents_free(w.i);
	}
	assert_int_equal(n[0], n[1]);
	assert_memory_equal(kept[0], kept[1], n[0]);
	free(kept[0]);
	free(kept[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whenever_it_is_killed_the_story_is_the_same),
		cmocka_unit_test(seconds_away_are_counted_and_conclude_nothing),
		cmocka_unit_test(what_is_worse_is_dated_by_its_own_attempts),
		cmocka_unit_test(ten_minutes_away_it_goes_on_as_the_same),
		cmocka_unit_test(an_hour_away_its_end_is_not_known),
		cmocka_unit_test(a_change_while_nobody_watched_has_an_interval),
		cmocka_unit_test(a_throttle_that_stands_back_behind_a_block_comes_back_after_a_restart),
		cmocka_unit_test(after_a_clock_was_set_back_what_was_kept_is_taken),
		cmocka_unit_test(a_restart_alone_opens_nothing),
		cmocka_unit_test(before_there_is_an_end_an_absence_is_none),
		cmocka_unit_test(what_is_cut_foreign_or_damaged_is_refused_whole),
		cmocka_unit_test(of_a_thin_minute_the_seconds_are_not_kept),
		cmocka_unit_test(two_states_of_which_one_attempt_was_some_seconds_later_are_the_same),
		cmocka_unit_test(of_a_busy_one_they_are_for_the_beginning_of_a_block),
		cmocka_unit_test(what_is_meant_badly_does_no_harm),
		cmocka_unit_test(what_has_left_the_lists_is_passed_over),
		cmocka_unit_test(no_client_is_in_it),
	};

	return cmocka_run_group_tests_name("restart", tests, NULL, NULL);
}
