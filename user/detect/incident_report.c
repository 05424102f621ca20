// SPDX-License-Identifier: GPL-2.0
/* An incident as it is told: what the detector says, with mechanisms, responder and clients put to it. */
#include <stdlib.h>
#include <string.h>

#include "detect/incidents_parts.h"

#define SHARE_LEAST  .01 /* a signature with less is left out */
#define KEEP_EVERY_S 10

const char *could_be_name(enum could_be c)
{
	static const char *const names[COULD_BES] = {
#define X(name, label) [COULD_BE_##name] = label,
		COULD_BE_TABLE(X)
#undef X
	};

	return (unsigned int)c < COULD_BES ? names[c] : "";
}

/* ---- what belongs to it ------------------------------------------------------------------------------------- */

static void add_signatures(struct incident_report *r)
{
	__u64 n[SIGNATURES], sum = 0;

	memcpy(n, r->in.signatures, sizeof(n));
	for (unsigned int s = 0; s < SIGNATURES; s++)
		sum += n[s];
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

/* Does anybody answer so, where it is about prefixes by name in the first of them in which somebody does? */
static bool answers(const struct where *where, const struct incident *in, enum signature signature, bool lately,
		    struct where_about *about)
{
	const __u32 all = 0, *prefixes = in->n_scope[STREAM_PREFIX] ? in->scope[STREAM_PREFIX] : &all;
	unsigned int n = in->n_scope[STREAM_PREFIX] ? in->n_scope[STREAM_PREFIX] : 1;

	for (unsigned int p = 0; p < n; p++)
		if ((lately ? where_about : where_in_incident)(where, in->group, prefixes[p], signature, about))
			return true;
	return false;
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

		if (!answers(i->setup.where, &r->in, signature, n >= r->n_signatures, &about))
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

static bool has_block(const struct incident *in)
{
	for (unsigned int i = 0; i < in->n_phases; i++)
		if (in->phases[i].state == WORD_LIKELY_BLOCKED || in->phases[i].state == WORD_BLOCKED)
			return true;
	return false;
}

/* What a block goes by: a bit for each enum mechanism. Of an outage that tells nothing, so of one that came in between
 * only what came after it is asked. */
static unsigned int ways_of(const struct incidents *i, const struct incident *in)
{
	__s64 from = in->since;
	struct ways_about ways;

	if (!i->setup.ways || !in->open || (in->worst == WORD_DOWN && !has_block(in)))
		return 0;
	for (unsigned int p = 0; p < in->n_phases; p++) {
		if (in->phases[p].state != WORD_DOWN)
			continue;
		if (!in->phases[p].to)
			return 0;
		from = in->phases[p].to;
	}
	ways_since(i->setup.ways, in->group, in->scope[STREAM_PREFIX], in->n_scope[STREAM_PREFIX], from, i->now,
		   &ways);
	return mechanisms_of(&ways);
}

/*
 * From one place a silent block of X's own addresses cannot be told from an outage of X, or a lost route to it. A record
 * that has become `down` stays `down`, by the contract; but where its controls answered in a phase and X did not, that was
 * no outage, and what that could be is told beside it. The phases say which was when.
 */
static unsigned int could_be(const struct incident *in)
{
#define BIT(name) (1u << COULD_BE_##name)
	unsigned int outage = in->common || in->worst == WORD_DOWN ? BIT(OUTAGE) : 0;

	switch (in->worst) {
	case WORD_THROTTLED:
		return BIT(THROTTLE) | BIT(CONGESTION);
	case WORD_VANISHED:
		return BIT(POISONED_NAMES) | BIT(MOVE_OF_X) | BIT(OLD_RANGES);
	case WORD_DOWN:
		if (!has_block(in))
			return outage;
		break;
	default:
		if (in->common)
			return outage | BIT(BLOCK);
	}
	return outage | (in->proven ? BIT(BLOCK) : BIT(BLOCK) | BIT(OUTAGE_OF_X) | BIT(ROUTE_TO_X));
#undef BIT
}

/* What it went by, and who answered from where, is known from when there were flows to tell it by: also in an earlier
 * life of the daemon. */
static void keep_known(const struct incidents_told *t, struct incident_report *r)
{
	const struct incident_report *last = &t->last;

	if (!t->has || last->in.since != r->in.since)
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

static void fill(const struct incidents *i, enum source source, const struct incident *in,
		 struct incident_report *r)
{
	const struct incidents_told *t = &i->groups[in->group].told[source];

	memset(r, 0, sizeof(*r));
	r->in = *in;
	r->at = i->now;
	hll_range_of(in->clients, r->clients);
	if (in->worst != WORD_VANISHED && in->worst != WORD_THROTTLED)
		add_signatures(r);
	add_responder(i, r);
	r->by = ways_of(i, in);
	r->could_be = could_be(in);
	keep_known(t, r);
}

/* ---- telling ------------------------------------------------------------------------------------------------- */

static void tell(struct incidents *i, enum source source, const struct incident *in)
{
	struct incidents_group *g = &i->groups[in->group];
	struct incidents_told *t = &g->told[source];
	struct incident_report r;

	if (!t->has || t->last.in.since != in->since) {
		g->opened++;
		t->last = (struct incident_report){}; /* of another: nothing of it is known of this one */
	}
	/* of what goes on as it is the less often, the longer it does */
	t->again_s = t->again_s && t->changes == in->changes ? t->again_s * 2 : AGAIN_LEAST_S;
	t->again_s = t->again_s < AGAIN_MOST_S ? t->again_s : AGAIN_MOST_S;
	t->at = i->now;
	g->newest = source;
	g->has = t->has = true;
	fill(i, source, in, &r);
	t->last = r;
	t->told_by = r.by;
	t->changes = in->changes;
	if (i->setup.changed)
		i->setup.changed(i->setup.arg, &r);
}

static bool incident_on(const struct incidents *i, __u8 group)
{
	bool on = false;

	for (unsigned int source = 0; source < SOURCES; source++)
		on |= i->groups[group].told[source].last.in.open;
	return on;
}

/* What it goes by is known while it is on, and often only after its last change: it is kept for when it ends. */
static void keep_ways(const struct incidents *i, struct incidents_told *t, const struct incident *in)
{
	unsigned int by = t->last.in.open && in->open ? ways_of(i, in) : 0;

	if (by)
		t->last.by = by;
}

static bool same_parts(const struct incident *a, const struct incident *b)
{
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++)
		if (a->n_scope[kind] != b->n_scope[kind] || a->n_affected[kind] != b->n_affected[kind] ||
		    memcmp(a->scope[kind], b->scope[kind], a->n_scope[kind] * sizeof(a->scope[kind][0])) ||
		    memcmp(a->affected[kind], b->affected[kind],
			   a->n_affected[kind] * sizeof(a->affected[kind][0])))
			return false;
	return true;
}

/*
 * Is an open block by now another than it was told: its parts, what it could be, what it goes by, twice as many attempts? The
 * first word is said of the first few, and a record of these alone would stand for days.
 */
static bool is_news(const struct incidents *i, const struct incidents_told *t, const struct incident *in)
{
	const struct incident_report *last = &t->last;
	struct incident_report r;

	if (!in->open || !last->in.open || i->now < t->at + t->again_s)
		return false;
	fill(i, SOURCE_BLOCK, in, &r);
	return in->attempts >= 2 * last->in.attempts || !same_parts(in, &last->in) || in->named != last->in.named ||
	       in->common != last->in.common || r.could_be != last->could_be || r.by != t->told_by ||
	       strcmp(r.clients, last->clients);
}

/* What is over first, so that what is on is the newest. */
void incidents_tell(struct incidents *i)
{
	struct incident news[SOURCES];

	for (__u8 group = 0; group < WIRE_GROUPS_MAX; group++) {
		const struct incident *block = detector_incident(i->blocks, group);
		unsigned int bits = incident_news(i, group, news);

		if (block && !(i->now % KEEP_EVERY_S)) {
			keep_ways(i, &i->groups[group].told[SOURCE_BLOCK], block);
			if (!bits && is_news(i, &i->groups[group].told[SOURCE_BLOCK], block)) {
				news[SOURCE_BLOCK] = *block;
				bits = 1u << SOURCE_BLOCK;
			}
		}
		for (int open = 0; open <= 1; open++)
			for (unsigned int source = 0; source < SOURCES; source++)
				if (bits >> source & 1 && news[source].open == open)
					tell(i, (enum source)source, &news[source]);
		if (i->setup.where)
			where_incident(i->setup.where, group, incident_on(i, group));
	}
}

bool incidents_report(const struct incidents *i, __u8 group, struct incident_report *out)
{
	const struct incidents_group *g = group < WIRE_GROUPS_MAX ? &i->groups[group] : NULL;
	struct incident in;

	if (!g || !g->has)
		return false;
	*out = g->told[g->newest].last;
	if (out->in.open && incident_now(i, group, g->newest, &in))
		fill(i, g->newest, &in, out);
	return true;
}
