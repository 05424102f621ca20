// SPDX-License-Identifier: GPL-2.0
/*
 * Counts of findings. Totals take final verdicts only. Windows hold a second in a slot, at the time of the client
 * packet that decided the flow: so a verdict that comes late still lands where it belongs, or nowhere when that
 * is past the window.
 */
#include "detect/tally.h"

#include <stdlib.h>
#include <string.h>

#include "detect/pending.h"

#define WINDOW_S	600
#define PREFIX_WINDOW_S 60
#define PREFIXES_LEAST	256
#define CLASSES		(TALLY_FAILURE + 1)

struct second {
	__s64 at; /* the second it counts; a slot is used by every 600th */
	__u32 opened, succeeded, failed;
};

struct short_second {
	__s64 at;
	__u32 succeeded, failed;
};

struct group_tally {
	__u64 class[CLASSES], background;
	__u64 level[LEVELS], pattern[PATTERNS];
	__u64 sites[WIRE_SITES_MAX + 1][CLASSES];
	struct second window[WINDOW_S];
};

struct prefix_tally {
	__u32 id;
	__u64 class[CLASSES];
	__u32 failed_by[SIGNATURES];
	struct short_second window[PREFIX_WINDOW_S];
};

struct tally {
	struct group_tally groups[WIRE_GROUPS_MAX];
	__u64 *flows;			/* [group][v6][quic][combo] */
	struct prefix_tally **prefixes; /* open addressing by id; nothing is ever removed */
	unsigned int prefixes_room, prefixes_used;
	struct pending pending;
	__s64 latest; /* the newest second heard of; goes back when the clock does */
	__u64 judged, forgotten, prefixes_full, interim_full;
};

struct tally *tally_new(void)
{
	struct tally *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->flows = calloc((size_t)WIRE_GROUPS_MAX * 4 * n_verdict_combos, sizeof(*t->flows));
	t->prefixes_room = PREFIXES_LEAST;
	t->prefixes = calloc(t->prefixes_room, sizeof(struct prefix_tally *));
	if (!t->flows || !t->prefixes) {
		tally_free(t);
		return NULL;
	}
	return t;
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	for (unsigned int i = 0; t->prefixes && i < t->prefixes_room; i++)
		free(t->prefixes[i]);
	free(t->prefixes);
	free(t->flows);
	pending_clear(&t->pending);
	free(t);
}

/* ---- prefixes ---------------------------------------------------------------------------------------- */

/* Where this prefix is, or would be. */
static struct prefix_tally **prefix_place(struct prefix_tally **table, unsigned int room, __u32 id)
{
	unsigned int i = id * 0x9e3779b1u & (room - 1);

	while (table[i] && table[i]->id != id)
		i = (i + 1) & (room - 1);
	return &table[i];
}

static const struct prefix_tally *prefix_find(const struct tally *t, __u32 id)
{
	return *prefix_place(t->prefixes, t->prefixes_room, id);
}

static int prefixes_grow(struct tally *t)
{
	unsigned int room = t->prefixes_room * 2;
	struct prefix_tally **table = calloc(room, sizeof(struct prefix_tally *));

	if (!table)
		return -1;
	for (unsigned int i = 0; i < t->prefixes_room; i++)
		if (t->prefixes[i])
			*prefix_place(table, room, t->prefixes[i]->id) = t->prefixes[i];
	free(t->prefixes);
	t->prefixes = table;
	t->prefixes_room = room;
	return 0;
}

static struct prefix_tally *prefix_get(struct tally *t, __u32 id)
{
	struct prefix_tally **place = prefix_place(t->prefixes, t->prefixes_room, id);

	if (*place)
		return *place;
	if (t->prefixes_used >= TALLY_PREFIXES || (t->prefixes_used * 2 >= t->prefixes_room && prefixes_grow(t)))
		return NULL;
	place = prefix_place(t->prefixes, t->prefixes_room, id);
	*place = calloc(1, sizeof(**place));
	if (*place) {
		(*place)->id = id;
		t->prefixes_used++;
	}
	return *place;
}

/* ---- windows ----------------------------------------------------------------------------------------- */

static unsigned int slot_of(__s64 second, unsigned int slots)
{
	__s64 i = second % slots;

	return (unsigned int)(i < 0 ? i + slots : i);
}

/*
 * May the slot that counts `at` count `second`? One that counts an older second starts over. A newer one is
 * left alone, unless it lies in the future: then the clock was set back, and it means nothing any more.
 */
static bool slot_stale(const struct tally *t, __s64 at, __s64 second)
{
	return at < second || at > t->latest + 1;
}

static struct second *second_get(struct tally *t, __u8 group, __s64 second)
{
	struct second *s = &t->groups[group].window[slot_of(second, WINDOW_S)];

	if (s->at != second) {
		if (!slot_stale(t, s->at, second))
			return NULL;
		memset(s, 0, sizeof(*s));
		s->at = second;
	}
	return s;
}

static struct short_second *short_second_get(struct tally *t, struct prefix_tally *p, __s64 second)
{
	struct short_second *s = &p->window[slot_of(second, PREFIX_WINDOW_S)];

	if (s->at != second) {
		if (!slot_stale(t, s->at, second))
			return NULL;
		memset(s, 0, sizeof(*s));
		s->at = second;
	}
	return s;
}

/* Where a decided flow of this second is counted; NULL: not any more. */
static __u32 *second_decided(struct tally *t, __u8 group, enum tally_class class, __s64 second)
{
	struct second *s = second > t->latest - WINDOW_S ? second_get(t, group, second) : NULL;

	return !s ? NULL : class == TALLY_FAILURE ? &s->failed : &s->succeeded;
}

static __u32 *short_second_decided(struct tally *t, struct prefix_tally *p, enum tally_class class, __s64 second)
{
	struct short_second *s = p && second > t->latest - PREFIX_WINDOW_S ? short_second_get(t, p, second) : NULL;

	return !s ? NULL : class == TALLY_FAILURE ? &s->failed : &s->succeeded;
}

/* Put a decided flow into the windows, or take an interim one out again where it still stands in them. */
static void window_count(struct tally *t, const struct pending_entry *e, struct prefix_tally *p, bool back)
{
	__u32 *at[] = { second_decided(t, e->group, e->class, e->second),
			short_second_decided(t, p, e->class, e->second) };

	for (unsigned int i = 0; i < 2; i++) {
		if (at[i] && !back)
			++*at[i];
		else if (at[i] && *at[i])
			--*at[i];
	}
}

/* ---- counting ---------------------------------------------------------------------------------------- */

static __u64 *flows_at(const struct tally *t, __u8 group, bool v6, bool quic, unsigned int combo)
{
	return &t->flows[((group * 2u + v6) * 2u + quic) * n_verdict_combos + combo];
}

static void count_final(struct tally *t, const struct finding *f, struct prefix_tally *p, enum tally_class class)
{
	unsigned int combo = verdict_combo_of(&f->v);

	t->judged++;
	t->groups[f->group].class[class]++;
	t->groups[f->group].background += f->v.background;
	if (f->v.outcome == OUTCOME_RESET && (unsigned int)f->v.level < LEVELS)
		t->groups[f->group].level[f->v.level]++;
	if (f->v.resembles < PATTERNS)
		t->groups[f->group].pattern[f->v.resembles]++;
	t->groups[f->group].sites[f->site][class]++;
	if (combo < n_verdict_combos)
		++*flows_at(t, f->group, f->v.v6, f->v.quic, combo);
	if (!p) {
		t->prefixes_full++;
		return;
	}
	p->class[class]++;
	if (class == TALLY_FAILURE && (unsigned int)f->v.signature < SIGNATURES)
		p->failed_by[f->v.signature]++;
}

void tally_add(struct tally *t, const struct finding *f)
{
	struct pending_entry now = { .key = f->key,
				     .second = f->first_s + f->decided_after_s,
				     .prefix = f->prefix,
				     .group = f->group,
				     .class = verdict_class(&f->v) },
			     before;
	struct prefix_tally *p;

	if (f->group >= WIRE_GROUPS_MAX || (f->kind != RECORD_INTERIM && f->kind != RECORD_FINAL))
		return;
	if (f->forgotten) {
		t->forgotten += f->kind == RECORD_FINAL;
		return;
	}
	if (now.second > t->latest)
		t->latest = now.second;
	/* `told` is not asked: a second interim finding replaces the first just the same */
	if (pending_take(&t->pending, f->key, &before))
		window_count(t, &before, *prefix_place(t->prefixes, t->prefixes_room, before.prefix), true);
	p = prefix_get(t, f->prefix);
	if (f->kind == RECORD_FINAL)
		count_final(t, f, p, now.class);
	if (now.class == TALLY_NEITHER || now.second <= t->latest - WINDOW_S)
		return;
	if (f->kind == RECORD_INTERIM && !pending_put(&t->pending, &now, t->latest - WINDOW_S)) {
		t->interim_full++; /* could not be taken back, so it is not shown before it is final */
		return;
	}
	window_count(t, &now, p, false);
}

void tally_opened(struct tally *t, __u8 group, __u64 n, __s64 now)
{
	struct second *s;

	t->latest = now;
	if (group >= WIRE_GROUPS_MAX)
		return;
	s = second_get(t, group, now);
	if (s)
		s->opened += n;
}

/* ---- reading ----------------------------------------------------------------------------------------- */

__u64 tally_flows(const struct tally *t, __u8 group, bool v6, bool quic, unsigned int combo)
{
	return group < WIRE_GROUPS_MAX && combo < n_verdict_combos ? *flows_at(t, group, v6, quic, combo) : 0;
}

__u64 tally_class(const struct tally *t, __u8 group, enum tally_class class)
{
	return group < WIRE_GROUPS_MAX && (unsigned int)class < CLASSES ? t->groups[group].class[class] : 0;
}

__u64 tally_pattern(const struct tally *t, __u8 group, enum pattern pattern)
{
	return group < WIRE_GROUPS_MAX && (unsigned int)pattern < PATTERNS ? t->groups[group].pattern[pattern] : 0;
}

__u64 tally_background(const struct tally *t, __u8 group)
{
	return group < WIRE_GROUPS_MAX ? t->groups[group].background : 0;
}

__u64 tally_level(const struct tally *t, __u8 group, enum level level)
{
	return group < WIRE_GROUPS_MAX && (unsigned int)level < LEVELS ? t->groups[group].level[level] : 0;
}

__u64 tally_site(const struct tally *t, __u8 group, __u8 site, enum tally_class class)
{
	return group < WIRE_GROUPS_MAX && (unsigned int)class < CLASSES ? t->groups[group].sites[site][class] : 0;
}

__u64 tally_prefix(const struct tally *t, __u32 prefix, enum tally_class class)
{
	const struct prefix_tally *p = prefix_find(t, prefix);

	return p && (unsigned int)class < CLASSES ? p->class[class] : 0;
}

__u64 tally_prefix_signature(const struct tally *t, __u32 prefix, enum signature *worst)
{
	const struct prefix_tally *p = prefix_find(t, prefix);
	__u32 most = 0;

	*worst = SIGNATURE_NONE;
	for (unsigned int i = 0; p && i < SIGNATURES; i++) {
		if (p->failed_by[i] > most) {
			most = p->failed_by[i];
			*worst = i;
		}
	}
	return most;
}

__u64 tally_judged(const struct tally *t)
{
	return t->judged;
}

__u64 tally_forgotten(const struct tally *t)
{
	return t->forgotten;
}

__u64 tally_prefixes_full(const struct tally *t)
{
	return t->prefixes_full;
}

__u64 tally_interim_full(const struct tally *t)
{
	return t->interim_full;
}

void tally_window(const struct tally *t, __u8 group, __s64 now, unsigned int seconds, struct tally_window *out)
{
	struct tally_window sum = { 0 };

	for (unsigned int i = 0; group < WIRE_GROUPS_MAX && i < seconds && i < WINDOW_S; i++) {
		const struct second *s = &t->groups[group].window[slot_of(now - i, WINDOW_S)];

		if (s->at != now - i)
			continue;
		sum.opened += s->opened;
		sum.succeeded += s->succeeded;
		sum.failed += s->failed;
	}
	*out = sum;
}

void tally_prefix_window(const struct tally *t, __u32 prefix, __s64 now, struct tally_window *out)
{
	const struct prefix_tally *p = prefix_find(t, prefix);
	struct tally_window sum = { 0 };

	for (unsigned int i = 0; p && i < PREFIX_WINDOW_S; i++) {
		const struct short_second *s = &p->window[slot_of(now - i, PREFIX_WINDOW_S)];

		if (s->at != now - i)
			continue;
		sum.succeeded += s->succeeded;
		sum.failed += s->failed;
	}
	*out = sum;
}
