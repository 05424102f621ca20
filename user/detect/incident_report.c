// SPDX-License-Identifier: GPL-2.0
/* An incident as it is told: what the detector says, with mechanisms, responder and clients put to it. */
#include <stdlib.h>
#include <string.h>

#include "detect/incidents_parts.h"

#define SHARE_LEAST .01 /* a signature with less is left out */

const char *could_be_name(enum could_be c)
{
	static const char *const names[COULD_BES] = {
#define X(name, label) [COULD_BE_##name] = label,
		COULD_BE_TABLE(X)
#undef X
	};

	return (unsigned int)c < COULD_BES ? names[c] : "";
}

/* ---- the three sources as one kind of incident ------------------------------------------------------------- */

/* The second detector's words are of its own flows: to whoever reads them all of it is `throttled`. */
static bool throttle_incident(const struct incidents *i, __u8 group, struct incident *out)
{
	const struct incident *in = detector_incident(i->throttles, group);

	if (!in || (in->worst != WORD_LIKELY_BLOCKED && in->worst != WORD_BLOCKED))
		return false;
	*out = *in;
	out->worst = WORD_THROTTLED;
	out->state = in->open ? WORD_THROTTLED : WORD_OK;
	out->part = WORD_THROTTLED;
	out->n_phases = 1;
	out->phases[0] = (struct incident_phase){ .from = in->since,
						  .to = in->open ? 0 : in->phases[in->n_phases - 1].to,
						  .state = WORD_THROTTLED };
	memset(out->n_scope, 0, sizeof(out->n_scope));
	memset(out->n_affected, 0, sizeof(out->n_affected));
	out->changes = 1u + !in->open; /* only these two are told */
	return true;
}

static bool vanished_incident(const struct incidents *i, __u8 group, struct incident *out)
{
	struct vanished v;

	vanish_about(i->vanish, group, &v);
	if (!v.since)
		return false;
	*out = (struct incident){
		.group = group,
		.state = v.on ? WORD_VANISHED : WORD_OK,
		.worst = WORD_VANISHED,
		.part = WORD_VANISHED,
		.since = v.since,
		.since_uncertainty_s = 60,
		.detected = v.since + VANISH_S,
		.ended = v.on ? 0 : v.ended,
		.open = v.on,
		.attempts = (__u64)v.attempts,
		.n_phases = 1,
		.changes = 1u + !v.on,
	};
	out->phases[0] =
		(struct incident_phase){ .from = v.since, .to = v.on ? 0 : v.ended, .state = WORD_VANISHED };
	return true;
}

static bool incident_of(const struct incidents *i, __u8 group, enum source source, struct incident *out)
{
	const struct incident *in;

	switch (source) {
	case SOURCE_BLOCK:
		in = detector_incident(i->blocks, group);
		if (in)
			*out = *in;
		return in;
	case SOURCE_THROTTLE:
		return throttle_incident(i, group, out);
	case SOURCE_VANISHED:
		return vanished_incident(i, group, out);
	default:
		return false;
	}
}

/* ---- what belongs to it ------------------------------------------------------------------------------------- */

static void add_signatures(const struct incidents *i, struct incident_report *r)
{
	const struct incidents_group *g = &i->groups[r->in.group];
	__u64 n[SIGNATURES], sum = 0;

	signs_now(i->signs, r->in.group, n);
	for (unsigned int s = 0; s < SIGNATURES; s++) {
		n[s] -= n[s] < g->before[s] ? n[s] : g->before[s];
		sum += n[s];
	}
	while (sum && r->n_signatures < INCIDENT_SIGNATURES) {
		unsigned int most = 0;
		double share;

		for (unsigned int s = 1; s < SIGNATURES; s++)
			if (n[s] > n[most])
				most = s;
		share = (double)n[most] / (double)sum;
		if (share < SHARE_LEAST)
			break;
		r->signatures[r->n_signatures].signature = (enum signature)most;
		r->signatures[r->n_signatures++].share = share;
		n[most] = 0;
	}
}

/* The one prefix that an incident is about; 0 where there are more, or it is about all of them. */
static __u32 only_prefix(const struct incident *in)
{
	return in->n_scope[STREAM_PREFIX] == 1 ? in->scope[STREAM_PREFIX][0] : 0;
}

/* Whoever answers in the server's name with the most frequent signature that anybody answers with: in this incident, or
 * lately where there was no answer in it yet. */
static void add_responder(const struct incidents *i, struct incident_report *r)
{
	struct where_about about;

	r->hops = r->server_hops = -1;
	r->ms = r->server_ms = -1;
	for (unsigned int n = 0; i->setup.where && n < 2 * r->n_signatures; n++) {
		enum signature signature = r->signatures[n % r->n_signatures].signature;
		__u32 prefix = only_prefix(&r->in);

		if (!(n < r->n_signatures ? where_in_incident : where_about)(i->setup.where, r->in.group, prefix,
									     signature, &about))
			continue;
		r->hops = (int)about.answerer.hops.p50;
		if (about.answerer.us.n)
			r->ms = (double)about.answerer.us.p50 / 1000;
		if (about.server.hops.n)
			r->server_hops = (int)about.server.hops.p50;
		if (about.server.us.n)
			r->server_ms = (double)about.server.us.p50 / 1000;
		return;
	}
}

static void add_mechanisms(const struct incidents *i, struct incident_report *r)
{
	struct ways_about ways;

	if (!i->setup.ways || !r->in.open || r->in.worst == WORD_DOWN)
		return;
	ways_since(i->setup.ways, r->in.group, only_prefix(&r->in), r->in.since, i->now, &ways);
	r->by = mechanisms_of(&ways);
}

/* From one place a silent block of X's own addresses cannot be told from an outage of X, or a lost route to it. */
static unsigned int could_be(const struct incident *in)
{
#define BIT(name) (1u << COULD_BE_##name)
	switch (in->worst) {
	case WORD_DOWN:
		return BIT(OUTAGE);
	case WORD_THROTTLED:
		return BIT(THROTTLE) | BIT(CONGESTION);
	case WORD_VANISHED:
		return BIT(POISONED_NAMES) | BIT(MOVE_OF_X) | BIT(OLD_RANGES);
	default:
		break;
	}
	if (in->common)
		return BIT(OUTAGE) | BIT(BLOCK);
	return in->proven ? BIT(BLOCK) : BIT(BLOCK) | BIT(OUTAGE_OF_X) | BIT(ROUTE_TO_X);
#undef BIT
}

/* What it went by, and who answered from where, is known from when there were flows to tell it by: also in an earlier
 * life of the daemon. */
static void keep_known(const struct incidents_group *g, struct incident_report *r)
{
	const struct incident_report *last = &g->last;

	if (!g->has || last->in.since != r->in.since)
		return;
	if (!r->by)
		r->by = last->by;
	if (r->hops >= 0)
		return;
	r->hops = last->hops;
	r->ms = last->ms;
	r->server_hops = last->server_hops;
	r->server_ms = last->server_ms;
}

static void fill(const struct incidents *i, const struct incident *in, struct incident_report *r)
{
	memset(r, 0, sizeof(*r));
	r->in = *in;
	r->at = i->now;
	if (in->worst != WORD_VANISHED)
		hll_range_of(in->clients, r->clients);
	if (in->worst != WORD_VANISHED && in->worst != WORD_THROTTLED)
		add_signatures(i, r);
	add_responder(i, r);
	add_mechanisms(i, r);
	r->could_be = could_be(in);
	keep_known(&i->groups[in->group], r);
}

/* ---- telling ------------------------------------------------------------------------------------------------- */

static void tell(struct incidents *i, struct incidents_group *g, const struct incident *in, enum source source)
{
	struct incident_report r;

	if (!g->has || g->newest != source || g->since != in->since) {
		signs_until(i->signs, in->group, in->since, g->before);
		g->since = in->since;
		g->opened++;
		g->last = (struct incident_report){}; /* of another: nothing of it is known of this one */
	}
	g->newest = source;
	g->has = true;
	fill(i, in, &r);
	g->last = r;
	if (i->setup.changed)
		i->setup.changed(i->setup.arg, &r);
}

/* A block is believed before a throttle, and that before missing attempts: one incident at a time for each group. */
void incidents_tell(struct incidents *i)
{
	for (__u8 group = 0; group < WIRE_GROUPS_MAX; group++) {
		struct incidents_group *g = &i->groups[group];
		bool open = false;

		for (unsigned int source = 0; source < SOURCES; source++) {
			struct incident in;

			if (!incident_of(i, group, (enum source)source, &in))
				continue;
			if (in.changes != g->told[source] && !open)
				tell(i, g, &in, (enum source)source);
			g->told[source] = in.changes;
			open |= in.open;
		}
		if (i->setup.where)
			where_incident(i->setup.where, group, open);
	}
}

bool incidents_report(const struct incidents *i, __u8 group, struct incident_report *out)
{
	const struct incidents_group *g = group < WIRE_GROUPS_MAX ? &i->groups[group] : NULL;
	struct incident in;

	if (!g || !g->has)
		return false;
	*out = g->last;
	if (!g->last.in.open || !incident_of(i, group, g->newest, &in) || in.since != g->since)
		return true;
	fill(i, &in, out);
	return true;
}
