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

/* ---- what belongs to it ------------------------------------------------------------------------------------- */

static void add_signatures(const struct incidents *i, const struct incidents_told *t, struct incident_report *r)
{
	__u64 n[SIGNATURES], sum = 0;

	signs_now(i->signs, r->in.group, n);
	for (unsigned int s = 0; s < SIGNATURES; s++) {
		n[s] -= n[s] < t->before[s] ? n[s] : t->before[s];
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
	if (in->worst != WORD_VANISHED)
		hll_range_of(in->clients, r->clients);
	if (in->worst != WORD_VANISHED && in->worst != WORD_THROTTLED)
		add_signatures(i, t, r);
	add_responder(i, r);
	add_mechanisms(i, r);
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
		signs_until(i->signs, in->group, in->since, t->before);
		g->opened++;
		t->last = (struct incident_report){}; /* of another: nothing of it is known of this one */
	}
	g->newest = source;
	g->has = t->has = true;
	fill(i, source, in, &r);
	t->last = r;
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

/* What is over first, so that what is on is the newest. */
void incidents_tell(struct incidents *i)
{
	struct incident news[SOURCES];

	for (__u8 group = 0; group < WIRE_GROUPS_MAX; group++) {
		unsigned int bits = incident_news(i, group, news);

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
