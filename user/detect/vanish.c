// SPDX-License-Identifier: GPL-2.0
/* Attempts against their prediction, a minute at a time: see vanish.h. */
#include "detect/vanish.h"

#include <stdlib.h>
#include <string.h>

#include "detect/packed.h"

#define MINUTES	    15
#define BACK_MIN    5
#define WEEK_H	    168
#define KEPT	    .9715 /* of an hour: a half-life of 24 hours */
#define SEASON_KEPT .84	  /* of a week: a half-life of four */

struct pair { /* attempts at a group, and at the controls at the same time */
	double own, controls;
	unsigned int hours;
};

struct group {
	double minutes[MINUTES]; /* attempts of each, by minute modulo MINUTES */
	__u32 flows[MINUTES];	 /* ... of which so many were seen */
	double attempts;	 /* of the minute that is on */
	__u32 n;
	struct pair hour, day, week[WEEK_H];
	bool spoilt; /* they were missing in a part of this hour: the day does not learn it */
	struct vanished now;
};

struct vanish {
	__s64 minute;	    /* that is on; 0: none yet */
	unsigned int known; /* minutes since the start or a gap, up to MINUTES */
	struct group groups[WIRE_GROUPS_MAX];
};

struct vanish *vanish_new(void)
{
	return calloc(1, sizeof(struct vanish));
}

void vanish_free(struct vanish *v)
{
	free(v);
}

void vanish_flow(struct vanish *v, __u8 group, double share)
{
	if (group >= WIRE_GROUPS_MAX || !(share > 0))
		return;
	v->groups[group].attempts += 1 / share;
	v->groups[group].n++;
}

/* The last `minutes` that are over. */
static double attempts(const struct vanish *v, unsigned int group, unsigned int minutes)
{
	double sum = 0;

	for (unsigned int i = 0; i < minutes; i++)
		sum += v->groups[group].minutes[(__u64)(v->minute - i) % MINUTES];
	return sum;
}

static double of_controls(const struct vanish *v, __u32 controls, unsigned int minutes, __u64 *flows)
{
	double sum = 0;

	*flows = 0;
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		if (!(controls >> i & 1))
			continue;
		sum += attempts(v, i, minutes);
		for (unsigned int m = 0; m < minutes; m++)
			*flows += v->groups[i].flows[(__u64)(v->minute - m) % MINUTES];
	}
	return sum;
}

/* Attempts at the group for each at the controls; -1 where that is not known. */
static double usual(const struct group *g, __s64 minute)
{
	const struct pair *season = &g->week[(__u64)(minute / 60) % WEEK_H];

	if (season->hours >= 2 && season->controls > 0)
		return season->own / season->controls;
	return g->day.hours >= VANISH_HOURS && g->day.controls > 0 ? g->day.own / g->day.controls : -1;
}

static void add(struct pair *p, const struct pair *hour, double kept)
{
	p->own = p->own * kept + hour->own;
	p->controls = p->controls * kept + hour->controls;
	p->hours++;
}

static void learn(const struct vanish *v, struct group *g, double own, double controls)
{
	g->hour.own += own;
	g->hour.controls += controls;
	g->hour.hours++; /* minutes, here */
	g->spoilt |= g->now.on;
	if ((v->minute + 1) % 60)
		return;
	if (g->hour.hours > 30) { /* of half an hour a rate is no less known */
		if (!g->spoilt)
			add(&g->day, &g->hour, KEPT);
		/* but an hour that is so every week is no news */
		add(&g->week[(__u64)(v->minute / 60) % WEEK_H], &g->hour, SEASON_KEPT);
	}
	memset(&g->hour, 0, sizeof(g->hour));
	g->spoilt = false;
}

static void look(struct vanish *v, struct group *g, unsigned int group, __u32 controls)
{
	double share = usual(g, v->minute), predicted;
	__s64 since = v->minute + 1 - MINUTES;
	__u64 flows;

	if (g->now.on) {
		predicted = share * of_controls(v, controls, BACK_MIN, &flows);
		if (flows && attempts(v, group, BACK_MIN) >= VANISH_BACK * predicted) {
			g->now.on = false;
			g->now.ended = (v->minute + 1 - BACK_MIN) * 60;
		}
		return;
	}
	if (share < 0 || v->known < MINUTES)
		return;
	predicted = share * of_controls(v, controls, MINUTES, &flows);
	if (flows < VANISH_CONTROLS || predicted < VANISH_LEAST ||
	    attempts(v, group, MINUTES) >= VANISH_SHARE * predicted)
		return;
	/* a tenth of a quarter of an hour leaves room for a minute as they always were: it has not lasted for so long, then */
	if (g->minutes[(__u64)since % MINUTES] >= VANISH_BACK * predicted / MINUTES)
		return;
	g->now = (struct vanished){
		.on = true,
		.since = since * 60,
		.attempts = attempts(v, group, MINUTES),
		.predicted = predicted,
	};
}

/* The minute that was on is over. */
static void close_minute(struct vanish *v, __u32 controls, __u32 frozen)
{
	unsigned int at = (unsigned int)((__u64)v->minute % MINUTES);
	double of_all;
	__u64 flows;

	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		struct group *g = &v->groups[i];

		g->minutes[at] = g->attempts;
		g->flows[at] = g->n;
		g->attempts = 0;
		g->n = 0;
	}
	v->known += v->known < MINUTES;
	of_all = of_controls(v, controls, 1, &flows);
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		struct group *g = &v->groups[i];

		if (controls >> i & 1)
			continue;
		if (!(frozen >> i & 1))
			learn(v, g, g->minutes[at], of_all);
		if (!(frozen >> i & 1))
			look(v, g, i, controls);
	}
}

void vanish_tick(struct vanish *v, __s64 now, __u32 controls, __u32 frozen)
{
	if (!v->minute)
		v->minute = now / 60;
	for (; v->minute < now / 60; v->minute++)
		close_minute(v, controls, frozen);
}

void vanish_gap(struct vanish *v, __s64 now)
{
	v->minute = now / 60;
	v->known = 0;
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		struct group *g = &v->groups[i];

		memset(g->minutes, 0, sizeof(g->minutes));
		memset(g->flows, 0, sizeof(g->flows));
		memset(&g->hour, 0, sizeof(g->hour));
		g->attempts = 0;
		g->n = 0;
	}
}

void vanish_about(const struct vanish *v, __u8 group, struct vanished *out)
{
	*out = group < WIRE_GROUPS_MAX ? v->groups[group].now : (struct vanished){ 0 };
}

/* ---- over a restart ----------------------------------------------------------------------------------------- */
#define MOST 1e15

static void save_pair(const struct pair *p, struct packed *out)
{
	pack_number(out, p->hours);
	if (!p->hours)
		return;
	pack_real(out, p->own);
	pack_real(out, p->controls);
}

static void restore_pair(struct pair *p, struct unpack *in)
{
	*p = (struct pair){ .hours = (unsigned int)unpack_number(in, 1u << 30) };
	if (!p->hours)
		return;
	p->own = unpack_real(in, 0, MOST);
	p->controls = unpack_real(in, 0, MOST);
}

void vanish_save_time(const struct vanish *v, struct packed *out)
{
	pack_signed(out, v->minute);
	pack_number(out, v->known);
}

void vanish_restore_time(struct vanish *v, struct unpack *in)
{
	v->minute = unpack_signed(in, 0, 1ll << 40);
	v->known = (unsigned int)unpack_number(in, MINUTES);
}

void vanish_save(const struct vanish *v, __u8 group, struct packed *out)
{
	const struct group *g = &v->groups[group];

	for (unsigned int i = 0; i < MINUTES; i++) {
		pack_real(out, g->minutes[i]);
		pack_number(out, g->flows[i]);
	}
	pack_real(out, g->attempts);
	pack_number(out, g->n);
	save_pair(&g->hour, out);
	save_pair(&g->day, out);
	for (unsigned int i = 0; i < WEEK_H; i++)
		save_pair(&g->week[i], out);
	pack_number(out, g->spoilt | g->now.on << 1);
	pack_signed(out, g->now.since);
	pack_signed(out, g->now.ended);
	pack_real(out, g->now.attempts);
	pack_real(out, g->now.predicted);
}

void vanish_restore(struct vanish *v, __u8 group, struct unpack *in)
{
	struct group *g = &v->groups[group];
	__u64 flags;

	for (unsigned int i = 0; i < MINUTES; i++) {
		g->minutes[i] = unpack_real(in, 0, MOST);
		g->flows[i] = (__u32)unpack_number(in, ~0u);
	}
	g->attempts = unpack_real(in, 0, MOST);
	g->n = (__u32)unpack_number(in, ~0u);
	restore_pair(&g->hour, in);
	restore_pair(&g->day, in);
	for (unsigned int i = 0; i < WEEK_H; i++)
		restore_pair(&g->week[i], in);
	flags = unpack_number(in, 3);
	g->spoilt = flags & 1;
	g->now.on = flags >> 1;
	g->now.since = unpack_signed(in, 0, 1ll << 40);
	g->now.ended = unpack_signed(in, 0, 1ll << 40);
	g->now.attempts = unpack_real(in, 0, MOST);
	g->now.predicted = unpack_real(in, 0, MOST);
}
