// SPDX-License-Identifier: GPL-2.0
/*
 * The detector: which parts of its group an incident is about, and what it counts of them. Each stream counts its own flows
 * of the phase; those of the named ones are the incident's. What a phase has counted, and what a part has that is no longer
 * named, stays counted as it is.
 */
#include <math.h>
#include <string.h>

#include "detect/detector_parts.h"

#define SCOPE_BACK_S  3600
#define SCOPE_LATE_S  300
#define SCOPE_YOUNG_S 120 /* of a phase, in which its parts are still being found */
#define JOINED_BACK_S 600 /* since when a part of a phase that is no longer young may have failed */

static __u64 more(__u64 all, __u64 part)
{
	return all > part ? all - part : 0;
}

/* Does this part fail as the whole incident does (excess share e)? `well` where no excess is seen in it. It may be neither:
 * a little of another part's block shows in all that share it, half of IPv6's in every site. */
static bool failing(const struct detector *d, const struct stream *s, __u64 f, __u64 n, double e, double nats,
		    bool *well)
{
	double p0 = fmin(.97, stream_baseline(d, s)), rho = urn_rho_told(&s->rho), most;
	bool unlike;

	most = urn_evidence_most((double)f, (double)n, p0, rho);
	unlike = urn_evidence((double)f, (double)n, p0, p0 + e * (1 - p0), rho) < -3;
	*well = unlike && most <= nats;
	return !unlike && most > nats;
}

/* So far back from now, but no further than the phase: all of one of a week would tell too little of what is new in it, and
 * before it others were well. */
static __s64 back(const struct detector *d, const struct group *g, __s64 seconds)
{
	__s64 phase = g->incident.phases[g->incident.n_phases - 1].from;

	return d->now - seconds > phase ? d->now - seconds : phase;
}

/* ---- counts ------------------------------------------------------------------------------------------------ */

static void count_from(struct stream *s, __s64 at)
{
	stream_count(s, at, &s->in_f, &s->in_n);
	signs_until(&s->signs, at, s->in_before);
	s->in_from = at;
}

void incident_count_from(struct group *g, __s64 at)
{
	g->counted_from = at;
	for (struct stream *s = g->streams; s; s = s->next)
		count_from(s, at);
}

/* What this one counted until second `at`, and its failures by signature until that of `told`: these are kept by the minute
 * in which they were told. */
static void keep(struct group *g, const struct stream *s, __s64 at, __s64 told)
{
	__u64 f, n, by[SIGNATURES];

	stream_count(s, at, &f, &n);
	signs_until(&s->signs, told, by);
	n = more(s->in_n, n);
	f = more(s->in_f, f);
	g->before_n += n;
	g->before_f += f < n ? f : n;
	for (unsigned int i = 0; i < SIGNATURES; i++)
		g->before_by[i] += more(by[i], s->in_before[i]);
}

void incident_count(struct group *g)
{
	struct incident *in = &g->incident;
	double usual = 0, known = 0;
	bool some = false;

	in->attempts = g->before_n;
	in->failures = g->before_f;
	memcpy(in->signatures, g->before_by, sizeof(in->signatures));
	for (const struct stream *s = g->streams; s; s = s->next) {
		double weight = (double)s->in_n + 1;

		if (!s->named)
			continue;
		some = true;
		in->attempts += s->in_n;
		in->failures += s->in_f;
		for (unsigned int i = 0; i < SIGNATURES; i++)
			in->signatures[i] += more(s->signs.now[i], s->in_before[i]);
		if (stream_known(s)) {
			usual += weight * s->base;
			known += weight;
		}
	}
	if (some)
		in->baseline = known > 0 ? usual / known : -1;
}

void incident_recount(struct group *g)
{
	bool some = false;

	g->counted_from = g->incident.phases[g->incident.n_phases - 1].from;
	for (struct stream *s = g->streams; s; s = s->next) {
		some |= s->named;
		if (!s->named)
			count_from(s, s->in_from);
	}
	if (!some) /* they are no more in the lists */
		g->streams->named = true;
}

/* ---- names ------------------------------------------------------------------------------------------------- */

/* What the incident is about, by the first kind of part that is told apart: of prefixes, sites, families and transports that
 * are named side by side the flows are mostly the same. */
static void name_streams(struct group *g, const bool apart[STREAM_KINDS])
{
	unsigned int kind = STREAM_PREFIX;

	while (kind < STREAM_KINDS && !apart[kind])
		kind++;
	g->streams->named = kind == STREAM_KINDS;
	for (struct stream *s = g->streams->next; s; s = s->next)
		s->named = s->fails && s->kind == kind;
}

/* By what each had before second `at`: what came after it has blurred which parts the phase before was about. */
static void name_before(const struct detector *d, struct group *g, __s64 at)
{
	bool fails[STREAM_KINDS] = { false }, well[STREAM_KINDS] = { false }, apart[STREAM_KINDS];

	for (struct stream *s = g->streams->next; s; s = s->next) {
		bool is_well;
		__u64 f, n;

		stream_count(s, at, &f, &n);
		s->fails =
			failing(d, s, more(s->in_f, f), more(s->in_n, n), g->incident.excess, GATE_NATS, &is_well);
		fails[s->kind] |= s->fails;
		well[s->kind] |= is_well;
	}
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++)
		apart[kind] = fails[kind] && well[kind];
	name_streams(g, apart);
}

void incident_turn(const struct detector *d, struct group *g, __s64 at)
{
	name_before(d, g, at);
	for (const struct stream *s = g->streams; s; s = s->next)
		if (s->named)
			keep(g, s, at, at);
	incident_count_from(g, at);
}

void incident_stop(struct group *g, __s64 at)
{
	for (struct stream *s = g->streams; s; s = s->next) {
		if (s->named)
			keep(g, s, at, at + 59); /* the minute in which it ended is its last */
		s->named = false;
	}
	incident_count(g);
}

/* Since when does this part fail as the incident does? */
static __s64 failing_since(const struct detector *d, const struct group *g, const struct stream *s)
{
	double p0 = fmin(BASE_MOST, stream_baseline(d, s));
	struct urn_since since;

	urn_since_after(&s->fast, d->now - JOINED_BACK_S, p0, p0 + g->incident.excess * (1 - p0), &since);
	return since.at;
}

/* Of a phase that is no longer young: a part that is named from now on has been well before, one that is no more has failed
 * until now. */
static void joined_and_left(const struct detector *d, struct group *g)
{
	unsigned int kinds = 0; /* that were named */

	for (const struct stream *s = g->streams; s; s = s->next)
		kinds |= (unsigned int)s->was_named << s->kind;
	for (struct stream *s = g->streams; s; s = s->next) {
		if (s->was_named && !s->named) {
			keep(g, s, d->now + 1, d->now + 60);
			count_from(s, d->now + 1);
		} else if (!s->was_named && s->named) {
			/* what was named by another kind, or all, has these flows, too, and counted them until now */
			bool until_now = s == g->streams || kinds & ~(1u << s->kind);
			__s64 since = until_now ? d->now + 1 : failing_since(d, g, s);

			count_from(s, since > s->in_from ? since : s->in_from);
		}
	}
}

/* By the last hour of the phase; and by the last minutes, for what has joined it since would have to fail for an hour. Of
 * these there are many in it, and so they have to say more. */
static bool fails_by_now(const struct detector *d, const struct group *g, const struct stream *s, bool *well)
{
	bool is_well;
	__u64 f, n;

	stream_count(s, back(d, g, SCOPE_BACK_S), &f, &n);
	if (failing(d, s, f, n, g->incident.excess, GATE_NATS, well))
		return true;
	stream_count(s, back(d, g, SCOPE_LATE_S), &f, &n);
	if (!failing(d, s, f, n, g->incident.excess, 2 * GATE_NATS, &is_well))
		return false;
	*well = false;
	return true;
}

void incident_find_scope(const struct detector *d, struct group *g)
{
	struct incident *in = &g->incident;
	bool well[STREAM_KINDS] = { false }, apart[STREAM_KINDS];
	__s64 phase = in->phases[in->n_phases - 1].from;

	memset(in->n_scope, 0, sizeof(in->n_scope));
	in->scope_more = false;
	g->streams->was_named = g->streams->named;
	for (struct stream *s = g->streams->next; s; s = s->next) {
		bool is_well;

		s->was_named = s->named;
		s->fails = fails_by_now(d, g, s, &is_well);
		if (s->fails) {
			if (in->n_scope[s->kind] < INCIDENT_SCOPE)
				in->scope[s->kind][in->n_scope[s->kind]++] = s->id;
			else
				in->scope_more = true;
		}
		well[s->kind] |= is_well;
	}
	memcpy(in->affected, in->scope, sizeof(in->affected));
	memcpy(in->n_affected, in->n_scope, sizeof(in->n_affected));
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++) {
		if (!well[kind])
			in->n_scope[kind] = 0;
		apart[kind] = in->n_scope[kind];
	}
	name_streams(g, apart);
	if (g->scope_at - phase >= SCOPE_YOUNG_S) /* the last time, they were found */
		joined_and_left(d, g);
	incident_count(g);
	g->scope_at = d->now;
}

bool incident_scope_young(const struct detector *d, const struct incident *in)
{
	return d->now - in->phases[in->n_phases - 1].from < SCOPE_YOUNG_S;
}

static bool is_of_all(const struct incident *in)
{
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++)
		if (in->n_scope[kind])
			return false;
	return true;
}

void incident_widen(const struct detector *d, struct group *g)
{
	struct incident *in = &g->incident;
	struct stream *all = g->streams;
	__u64 f, n;
	bool well;

	if (g->lead == all || !is_of_all(in))
		return;
	stream_count(all, back(d, g, SCOPE_BACK_S), &f, &n);
	if (!failing(d, all, f, n, in->excess, GATE_NATS, &well))
		return;
	g->lead = all;
	g->p0 = fmin(BASE_MOST, stream_baseline(d, all));
	g->end_sum = 0;
}
