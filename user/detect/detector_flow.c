// SPDX-License-Identifier: GPL-2.0
/* The detector: a flow into the streams that it belongs to, each client weighing no more than it may. */
#include <stdlib.h>
#include <string.h>

#include "detect/detector_parts.h"

#define STEP_S 10 /* one client's flows to one prefix weigh at most 3 in it */

/* One more of this bucket; false when it had `most` (3 at most). */
static bool twos_more(struct twos *t, __u16 client, unsigned int most)
{
	unsigned int bucket = client & (HLL_BUCKETS - 1), shift = bucket % 4 * 2;
	__u8 *byte = &t->bits[bucket / 4];

	if ((*byte >> shift & 3u) >= most)
		return false;
	*byte += (__u8)(1u << shift);
	return true;
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
	urn_bank_fast(&(*at)->fast);
	urn_bank_slow(&(*at)->slow);
	return *at;
}

static void stream_flow(struct stream *s, const struct detect_flow *f, bool few)
{
	urn_bank_note(&s->fast, f->at, f->failed, 1);
	urn_bank_note(&s->slow, f->at, f->failed, 1);
	s->window_f += f->failed;
	s->window_n++;
	s->seen_f += f->failed;
	s->seen_n++;
	/* in one excursion, one broken client's failures count twice and not more */
	if (f->failed && !few && !twos_more(&s->failed, f->client, 2))
		return;
	s->failures += f->failed;
	s->attempts++;
}

void detector_flow(struct detector *d, const struct detect_flow *f)
{
	const __u32 ids[STREAM_KINDS] = { [STREAM_PREFIX] = f->prefix,
					  [STREAM_SITE] = f->site,
					  [STREAM_FAMILY] = f->v6 ? 6 : 4,
					  [STREAM_TRANSPORT] = f->quic ? 17 : 6 };
	struct stream *prefix;
	struct group *g;

	if (f->group >= WIRE_GROUPS_MAX)
		return;
	g = &d->groups[f->group];
	if (!stream_get(d, f->group, STREAM_GROUP, 0))
		return;
	prefix = stream_get(d, f->group, STREAM_PREFIX, f->prefix);
	if (prefix) {
		if (prefix->windows >= KNOWN_WINDOWS && prefix->base > NEVER_ANSWERS) {
			prefix->window_f += f->failed;
			prefix->window_n++;
			return;
		}
		if (prefix->step_at != f->at / STEP_S) {
			prefix->step_at = f->at / STEP_S;
			memset(&prefix->step, 0, sizeof(prefix->step));
		}
		if (!twos_more(&prefix->step, f->client, 3))
			return;
	}
	hll_add(&g->clients, f->client);
	g->proofs += g->incident.open && f->failed && f->proof;
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++) {
		struct stream *s = kind == STREAM_SITE && !f->site ? NULL
								   : stream_get(d, f->group, kind, ids[kind]);

		if (s)
			stream_flow(s, f, g->usual_clients < FEW_CLIENTS);
	}
}
