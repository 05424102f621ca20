// SPDX-License-Identifier: GPL-2.0
/* The detector: which parts of its group an incident is about, and what it counts of them in each of its phases. */
#include <math.h>
#include <string.h>

#include "detect/detector_parts.h"

#define SCOPE_BACK_S 3600

static __u64 more(__u64 all, __u64 part)
{
	return all > part ? all - part : 0;
}

/* Does this part fail as the whole incident does (excess share e)? `well` where no excess is seen in it. It may be neither:
 * a little of another part's block shows in all that share it, half of IPv6's in every site. */
static bool failing(const struct detector *d, const struct stream *s, __s64 from, bool *well, double e)
{
	double p0 = fmin(.97, stream_baseline(d, s)), rho = urn_rho_told(&s->rho), most;
	bool unlike;
	__u64 f, n;

	stream_count(s, from, &f, &n);
	most = urn_evidence_most((double)f, (double)n, p0, rho);
	unlike = urn_evidence((double)f, (double)n, p0, p0 + e * (1 - p0), rho) < -3;
	*well = unlike && most <= GATE_NATS;
	return !unlike && most > GATE_NATS;
}

/* What the incident is about, by the first kind of part that is named: of prefixes, sites, families and transports that
 * are named side by side the flows are mostly the same. */
static void name_streams(const struct incident *in, struct group *g)
{
	unsigned int kind = STREAM_PREFIX;

	while (kind < STREAM_KINDS && !in->n_scope[kind])
		kind++;
	g->streams->named = kind == STREAM_KINDS;
	for (struct stream *s = g->streams->next; s; s = s->next)
		s->named = s->named && s->kind == kind;
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
		if (!s->named)
			continue;
		some = true;
		in->attempts += s->in_n;
		in->failures += s->in_f;
		for (unsigned int i = 0; i < SIGNATURES; i++)
			in->signatures[i] += more(s->signs.now[i], s->in_before[i]);
		if (stream_known(s)) {
			usual += (double)s->in_n * s->base;
			known += (double)s->in_n;
		}
	}
	if (some)
		in->baseline = known > 0 ? usual / known : -1;
}

void incident_count_from(struct group *g, __s64 at)
{
	for (struct stream *s = g->streams; s; s = s->next) {
		stream_count(s, at, &s->in_f, &s->in_n);
		signs_until(&s->signs, at, s->in_before);
	}
}

void incident_turn(struct group *g, __s64 at)
{
	for (const struct stream *s = g->streams; s; s = s->next) {
		__u64 f, n, by[SIGNATURES];

		if (!s->named)
			continue;
		stream_count(s, at, &f, &n);
		signs_until(&s->signs, at, by);
		n = more(s->in_n, n);
		f = more(s->in_f, f);
		g->before_n += n;
		g->before_f += f < n ? f : n;
		for (unsigned int i = 0; i < SIGNATURES; i++)
			g->before_by[i] += more(by[i], s->in_before[i]);
	}
	incident_count_from(g, at);
}

/* The parts that fail while others of their kind do not, by name. */
void incident_find_scope(const struct detector *d, struct group *g, __s64 now)
{
	struct incident *in = &g->incident;
	bool some_well[STREAM_KINDS] = { false };
	/* all of a phase of a week would tell too little of what is new in it */
	__s64 phase = in->phases[in->n_phases - 1].from,
	      from = now - SCOPE_BACK_S > phase ? now - SCOPE_BACK_S : phase;

	memset(in->n_scope, 0, sizeof(in->n_scope));
	memset(in->n_affected, 0, sizeof(in->n_affected));
	in->scope_more = false;
	for (struct stream *s = g->streams->next; s; s = s->next) {
		bool well;

		s->named = failing(d, s, from, &well, in->excess);
		if (s->named) {
			if (in->n_scope[s->kind] < INCIDENT_SCOPE)
				in->scope[s->kind][in->n_scope[s->kind]++] = s->id;
			else
				in->scope_more = true;
		}
		some_well[s->kind] |= well;
	}
	memcpy(in->affected, in->scope, sizeof(in->affected));
	memcpy(in->n_affected, in->n_scope, sizeof(in->n_affected));
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++)
		if (!some_well[kind])
			in->n_scope[kind] = 0;
	name_streams(in, g);
	incident_count(g);
	g->scope_at = now;
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
	__s64 phase = in->phases[in->n_phases - 1].from,
	      from = phase > d->now - SCOPE_BACK_S ? phase : d->now - SCOPE_BACK_S; /* before, others were well */
	bool well;

	if (g->lead == all || !is_of_all(in) || !failing(d, all, from, &well, in->excess))
		return;
	g->lead = all;
	g->p0 = fmin(BASE_MOST, stream_baseline(d, all));
	g->end_sum = 0;
}
