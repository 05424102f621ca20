// SPDX-License-Identifier: GPL-2.0
/* The detector: a flow into the streams that it belongs to, each client weighing no more than it may. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector_parts.h"

#define STEP_S \
	10 /* one client's flows to one prefix weigh at most 3 in it; of the time of telling, which never goes back */

#define EXCURSION_S 600
#define START_S	    600
#define FEW_ASK	    .25 /* of a group's attempts */

static unsigned int twos_of(const struct twos *t, __u16 client)
{
	unsigned int bucket = client & (HLL_BUCKETS - 1);

	return t->bits[bucket / 4] >> bucket % 4 * 2 & 3u;
}

/* One more of this bucket; false when it had `most` (3 at most). */
static bool twos_more(struct twos *t, __u16 client, unsigned int most)
{
	unsigned int bucket = client & (HLL_BUCKETS - 1);

	if (twos_of(t, client) >= most)
		return false;
	t->bits[bucket / 4] += (__u8)(1u << bucket % 4 * 2);
	return true;
}

static void twos_less(struct twos *t, __u16 client)
{
	unsigned int bucket = client & (HLL_BUCKETS - 1);

	if (twos_of(t, client))
		t->bits[bucket / 4] -= (__u8)(1u << bucket % 4 * 2);
}

double stream_clients(const struct detector *d, const struct stream *s, __s64 from)
{
	unsigned int empty = 0;

	if (s->calm_at / 86400 != d->now / 86400 || from - s->calm_at > START_S)
		return 0;
	for (unsigned int bucket = 0; bucket < HLL_BUCKETS; bucket++)
		empty += !twos_of(&s->failed, (__u16)bucket);
	return HLL_BUCKETS * log(HLL_BUCKETS / fmax(.5, empty));
}

struct stream *stream_get(struct detector *d, __u8 group, enum stream_kind kind, __u32 id)
{
	struct stream **at = &d->groups[group].streams;

	for (; *at; at = &(*at)->next)
		if ((*at)->kind == kind && (*at)->id == id)
			return *at;
	if (d->n_streams >= DETECT_STREAMS) {
		d->streams_full++;
		return NULL;
	}
	*at = calloc(1, sizeof(**at));
	if (!*at)
		return NULL;
	d->n_streams++;
	(*at)->kind = kind;
	(*at)->group = group;
	(*at)->id = id;
	(*at)->late = d->now - d->start > START_S;
	(*at)->calm_at = d->now;
	urn_bank_fast(&(*at)->fast);
	urn_bank_slow(&(*at)->slow);
	return *at;
}

struct stream *stream_find(const struct detector *d, __u8 group, enum stream_kind kind, __u32 id)
{
	struct stream *s = d->groups[group].streams;

	while (s && (s->kind != kind || s->id != id))
		s = s->next;
	return s;
}

/*
 * Does this flow count for the statistic? In one excursion one broken client's failures count twice and not more. What
 * that client does after them does not count at all, or each would count as more successful than it is and a block of a
 * part of the flows would fade from the evidence as it goes on. (To stop at a second failure is a stopping time, under
 * which a likelihood ratio stays one.) When the excursion has outlived the statistic's memory their successes do count,
 * so that it comes to an end.
 */
static bool counts(struct stream *s, const struct detect_flow *f, __s64 now)
{
	if (f->failed)
		return twos_more(&s->failed, f->client, 2);
	return twos_of(&s->failed, f->client) < 2 || now - s->calm_at > EXCURSION_S;
}

static void stream_prove(struct stream *s, __s64 at, int by)
{
	urn_bank_prove(&s->fast, at, by);
	urn_bank_prove(&s->slow, at, by);
}

/* True where it weighs in the statistic. */
static bool stream_flow(struct stream *s, const struct detect_flow *f, bool few, __s64 now)
{
	urn_bank_note(&s->fast, f->at, f->failed, 1);
	urn_bank_note(&s->slow, f->at, f->failed, 1);
	stream_prove(s, f->at, f->failed && f->proof);
	if (f->failed)
		signs_add(&s->signs, f->signature, now, 1);
	s->window_f += f->failed;
	s->window_n++;
	s->seen_f += f->failed;
	s->seen_n++;
	if (!few && !counts(s, f, now))
		return false;
	s->failures += f->failed;
	s->attempts++;
	return true;
}

/* The id of the stream of this kind that a flow belongs to; false where it belongs to none. */
static bool id_of(const struct detect_flow *f, enum stream_kind kind, __u32 *id)
{
	switch (kind) {
	case STREAM_PREFIX:
		*id = f->prefix;
		return true;
	case STREAM_SITE:
		*id = f->site;
		return f->site;
	case STREAM_FAMILY:
		*id = f->v6 ? 6 : 4;
		return true;
	case STREAM_TRANSPORT:
		*id = f->quic ? 17 : 6;
		return true;
	default:
		*id = 0;
		return true;
	}
}

/* Is it one since the open incident began, or began again? */
static bool is_of_incident(const struct group *g, const struct detect_flow *f)
{
	const struct incident *in = &g->incident;

	return in->open && f->at >= incident_run_from(in);
}

static void incident_flow(struct group *g, struct stream *s, const struct detect_flow *f)
{
	s->in_n++;
	s->in_f += f->failed;
	if (s->named && f->failed)
		hll_add(&g->hurt, f->client);
}

/*
 * A prefix that never answers tells nothing by its silence. Before that is known by its baseline, it is taken for one where
 * no tenth of its attempts found anybody, while they do elsewhere in its group: if it has come into the list later, or few
 * ask for it. Where most do, it may be a block that was there before the watch began. While an incident is open it counts,
 * for X may have moved on to it.
 */
static bool never_answers(struct group *g, struct stream *prefix, const struct detect_flow *f)
{
	struct stream *all = g->streams;
	bool found = !f->failed || f->alive;

	prefix->asked++;
	all->asked++;
	prefix->found += found;
	all->found += found;
	if (prefix->windows >= KNOWN_WINDOWS)
		return prefix->base > NEVER_ANSWERS;
	return !g->incident.open && (double)prefix->found < (1 - NEVER_ANSWERS) * (double)prefix->asked &&
	       (double)all->found >= (1 - NEVER_ANSWERS) * (double)all->asked &&
	       (prefix->late || (double)prefix->asked < FEW_ASK * (double)all->asked);
}

__u8 detector_flow(struct detector *d, const struct detect_flow *f)
{
	__u8 weighed = DETECT_COUNTED;
	struct stream *prefix;
	bool of_incident;
	struct group *g;
	__u32 id;

	if (f->group >= WIRE_GROUPS_MAX)
		return 0;
	g = &d->groups[f->group];
	if (!stream_get(d, f->group, STREAM_GROUP, 0))
		return 0;
	prefix = stream_get(d, f->group, STREAM_PREFIX, f->prefix);
	if (prefix) {
		if (never_answers(g, prefix, f)) {
			prefix->window_f += f->failed;
			prefix->window_n++;
			return 0;
		}
		if (prefix->step_at != d->now / STEP_S) {
			prefix->step_at = d->now / STEP_S;
			memset(&prefix->step, 0, sizeof(prefix->step));
		}
		if (!f->corrects && !twos_more(&prefix->step, f->client, 3))
			return 0;
		prefix->cdn = f->cdn;
	}
	hll_add(&g->clients, f->client);
	of_incident = is_of_incident(g, f);
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++) {
		struct stream *s = id_of(f, kind, &id) ? stream_get(d, f->group, kind, id) : NULL;

		if (!s)
			continue;
		if (of_incident)
			incident_flow(g, s, f);
		if (stream_flow(s, f, g->few, d->now))
			weighed |= (__u8)(1u << kind);
	}
	return weighed;
}

/* ---- taken back ---------------------------------------------------------------------------------------- */

static void less(__u32 *n, __u32 by)
{
	*n -= *n < by ? *n : by;
}

static void less64(__u64 *n, __u64 by)
{
	*n -= *n < by ? *n : by;
}

static void stream_take_back(struct stream *s, const struct detect_flow *f, bool weighed, __s64 now)
{
	stream_prove(s, f->at, -(f->failed && f->proof));
	if (f->failed)
		signs_add(&s->signs, f->signature, now, -1);
	less64(&s->asked, 1);
	less64(&s->found, !f->failed || f->alive);
	urn_bank_take_back(&s->fast, f->at, f->failed, 1);
	urn_bank_take_back(&s->slow, f->at, f->failed, 1);
	less(&s->window_f, f->failed);
	less(&s->window_n, 1);
	if (!weighed)
		return;
	if (f->failed) {
		twos_less(&s->failed, f->client);
		s->owed++;
	} else if (urn_bank_top(&s->fast, NULL) > 0 || urn_bank_top(&s->slow, NULL) > 0) {
		s->owed_well++; /* at zero it has had nothing of a success */
	}
}

void detector_take_back(struct detector *d, const struct detect_flow *f)
{
	bool of_incident;
	__u32 id;

	if (f->group >= WIRE_GROUPS_MAX || !(f->weighed & DETECT_COUNTED))
		return;
	of_incident = is_of_incident(&d->groups[f->group], f);
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++) {
		struct stream *s = id_of(f, kind, &id) ? stream_find(d, f->group, kind, id) : NULL;

		if (!s)
			continue;
		if (of_incident) {
			less64(&s->in_n, 1);
			less64(&s->in_f, f->failed);
			s->in_f = s->in_f < s->in_n ? s->in_f : s->in_n;
		}
		stream_take_back(s, f, f->weighed >> kind & 1, d->now);
	}
}

void detector_amend(struct detector *d, const struct detect_flow *f, bool proof, enum signature signature)
{
	__u32 id;

	if (f->group >= WIRE_GROUPS_MAX || !(f->weighed & DETECT_COUNTED))
		return;
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++) {
		struct stream *s = id_of(f, kind, &id) ? stream_find(d, f->group, kind, id) : NULL;

		if (!s)
			continue;
		stream_prove(s, f->at, proof - f->proof);
		signs_add(&s->signs, f->signature, d->now, -1);
		signs_add(&s->signs, signature, d->now, 1);
	}
}
