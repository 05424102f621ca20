// SPDX-License-Identifier: GPL-2.0
/* The detector: times in which nobody watched, between two lives of the daemon. Nothing is concluded from them. */
#include <string.h>

#include "detect/detector_parts.h"

#define EVIDENCE_HOLDS_S 60 /* evidence of before and after so long a time adds up no more */

static __s64 later(__s64 a, __s64 b)
{
	return a > b ? a : b;
}

__s64 watched_since(const struct detector *d, __s64 from)
{
	__s64 watched = d->now - from;

	for (unsigned int i = 0; i < d->n_unwatched; i++)
		if (d->unwatched[i].to > from)
			watched -= d->unwatched[i].to - later(d->unwatched[i].from, from);
	return watched;
}

/* Was the minute of this second one of which a restart has left only the sum? The one that was on then may have been. */
static bool is_folded(const struct detector *d, const struct stream *s, __s64 second)
{
	__s64 minute = second - second % 60;
	__u64 f, all, later;

	if (!d->restored || minute > d->restored)
		return false;
	stream_count(s, minute, &f, &all);
	stream_count(s, minute + 60, &f, &later);
	return all - later < THIN_MINUTE || minute + 60 > d->restored;
}

void since_unwatched(const struct detector *d, const struct stream *s, struct urn_since *since)
{
	__s64 least, most, all;

	if (is_folded(d, s, since->at) || is_folded(d, s, since->at - 60))
		since->uncertainty_s += 60;
	least = all = since->at - since->uncertainty_s;
	most = since->at + since->uncertainty_s;

	/* the newest first: what one opens towards the past may reach into the one before */
	for (unsigned int i = d->n_unwatched; i--;)
		if (d->unwatched[i].to >= least && d->unwatched[i].from < least)
			least = d->unwatched[i].from;
	if (least == all)
		return;
	since->at = least + (most - least) / 2;
	since->uncertainty_s = (unsigned int)(most - since->at);
}

void gap_remember(struct detector *d, __s64 now)
{
	if (d->n_unwatched == UNWATCHED_MOST)
		memmove(d->unwatched, d->unwatched + 1, --d->n_unwatched * sizeof(*d->unwatched));
	d->unwatched[d->n_unwatched++] = (struct unwatched){ .from = d->now, .to = now };
}

void incident_absence(struct group *g, __s64 gone)
{
	g->incident.interruptions++;
	g->incident.unwatched_s += gone;
	if (gone > EVIDENCE_HOLDS_S)
		g->end_sum = 0;
}

static void stream_absence(struct stream *s, __s64 now, __s64 gone)
{
	/* of these the statistic has seen nothing yet, and their verdicts were not kept */
	s->failures = s->attempts = s->owed = s->owed_well = 0;
	if (gone <= EVIDENCE_HOLDS_S)
		return;
	urn_bank_reset(&s->fast, now);
	urn_bank_reset(&s->slow, now);
}

void detector_absence(struct detector *d, __s64 now)
{
	__s64 gone = now - d->now;

	if (gone <= 0)
		return;
	gap_remember(d, now);
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		struct group *g = &d->groups[i];

		if (g->incident.open) {
			incident_absence(g, gone);
			g->quiet_since += gone;
		}
		for (struct stream *s = g->streams; s; s = s->next)
			stream_absence(s, now, gone);
	}
	d->day = now / 86400; /* nobody is in the sketches yet */
	d->learnt += gone;    /* five minutes that were watched */
	d->now = now;
}

void detector_lose(struct detector *d)
{
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++)
		if (d->groups[i].incident.open)
			incident_lose(&d->groups[i], d->now);
}
