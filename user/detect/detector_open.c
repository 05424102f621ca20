// SPDX-License-Identifier: GPL-2.0
/*
 * The detector: a stream whose statistic stands over its threshold asks the witnesses; only when they speak, by a
 * likelihood ratio at the excess share that the stream itself shows, is it an incident, or an outage.
 */
#include <math.h>
#include <string.h>

#include "detect/detector_parts.h"

#define SCOPE_BACK_S  3600
#define REOPEN_S      (15 * 60)
#define OUTAGE_BACK_S 300 /* where an outage may have begun: it is told of two minutes later at most */

/* Lower (z > 0) bound of a share, Wilson 1927. */
double share_bound(double failures, double attempts, double z)
{
	double share, spread;

	if (attempts <= 0)
		return 0;
	share = failures / attempts;
	spread = z * sqrt((share * (1 - share) + z * z / (4 * attempts)) / attempts);
	return (share + z * z / (2 * attempts) - spread) / (1 + z * z / attempts);
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
	for (const struct stream *s = g->streams->next; s; s = s->next) {
		bool well;

		if (failing(d, s, from, &well, in->excess)) {
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
	g->scope_at = now;
}

static bool is_of_all(const struct incident *in)
{
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++)
		if (in->n_scope[kind])
			return false;
	return true;
}

static __u64 more(__u64 all, __u64 part)
{
	return all > part ? all - part : 0;
}

void incident_widen(const struct detector *d, struct group *g)
{
	struct incident *in = &g->incident;
	struct stream *all = g->streams;
	__s64 phase = in->phases[in->n_phases - 1].from,
	      from = phase > d->now - SCOPE_BACK_S ? phase : d->now - SCOPE_BACK_S; /* before, others were well */
	__u64 f, n, part_f, part_n;
	bool well;

	if (g->lead == all || !is_of_all(in) || !failing(d, all, from, &well, in->excess))
		return;
	stream_count(g->lead, from, &part_f, &part_n);
	stream_count(all, from, &f, &n);
	in->attempts += more(n, part_n);
	in->failures += more(f, part_f);
	in->clients = fmax(in->clients, stream_clients(d, all, from));
	in->baseline = stream_known(all) ? all->base : -1;
	g->lead = all;
	g->p0 = fmin(BASE_MOST, stream_baseline(d, all));
	g->end_sum = 0;
}

static void open_incident(struct detector *d, struct group *g, struct stream *s, const struct urn_since *since,
			  double p0, double e, const struct witnesses *w)
{
	struct incident *in = &g->incident;
	bool again = in->ended && since->at - in->ended < REOPEN_S;
	__s64 lost = in->n_phases && !in->ended ? in->phases[in->n_phases - 1].to : 0;
	unsigned int changes = in->changes;
	enum word word;
	double sure;

	if (!again) {
		memset(in, 0, sizeof(*in));
		in->changes = changes;
		in->group = s->group;
		in->since = since->at;
		in->since_uncertainty_s = since->uncertainty_s;
		/* one that was lost out of sight may have been the same */
		in->since_bound = since->bound || since->at <= d->start + 5 ||
				  (lost && lost >= since->at - since->uncertainty_s);
		in->detected = d->now;
		memset(&g->hurt, 0, sizeof(g->hurt));
	}
	/* what came of the change before it was found */
	in->clients = fmax(in->clients, stream_clients(d, s, since->at));
	in->attempts += since->attempts;
	in->failures += since->failures;
	in->open = true;
	in->ended = 0;
	in->baseline = stream_known(s) ? s->base : -1;
	in->excess = e;
	in->control_share = w->share;
	in->few_clients = g->few;
	in->proven = in->worst == WORD_BLOCKED || stream_proven(d, s, since->at);
	g->lead = s;
	for (struct stream *each = g->streams; each; each = each->next)
		each->mixed_since = 0;
	g->p0 = p0;
	g->end_sum = 0;
	g->end_zero = d->now;
	g->end_attempts = 0;
	g->wanted_since = since->at;
	g->quiet_since = d->now;
	/* the first word, too, is one that its few attempts bear out */
	sure = urn_excess(share_bound((double)since->failures, (double)since->attempts, Z95), p0);
	word = w->nats >= GATE_NATS    ? outage_word(w, e)
	       : sure >= BORDER_LIKELY ? WORD_LIKELY_BLOCKED
				       : WORD_IMPAIRED;
	in->part = word;
	word = s->kind == STREAM_GROUP ? word : WORD_IMPAIRED;
	in->common = w->nats > -GATE_NATS && word != WORD_DOWN;
	incident_say(g, word, since->at);
	incident_find_scope(d, g, d->now);
	incident_widen(d, g);
}

/* While the controls fail, p0 is raised with them and the statistic says nothing of when it began: the stream's own
 * baseline does. */
static void outage_since(const struct detector *d, const struct stream *s, struct urn_since *since)
{
	double p0 = fmin(BASE_MOST, stream_baseline(d, s));

	urn_since_after(&s->fast, d->now - OUTAGE_BACK_S, p0, p0 + BORDER_LIKELY * (1 - p0), since);
}

double stream_more(const struct detector *d, const struct stream *s)
{
	double more = s->kind == STREAM_GROUP ? 0 : URN_MORE_STREAM + fmax(0, log(d->n_streams / URN_STREAMS));

	if (d->controls >> s->group & 1)
		more += URN_MORE_CONTROL;
	return more;
}

double stream_over(const struct detector *d, const struct stream *s, const struct urn_bank *b, unsigned int *share)
{
	return urn_bank_over(b, stream_more(d, s), share);
}

/*
 * Do the witnesses say what it is? Where some of them are clearly well and others clearly ill, they never will: a censor who
 * blocks them as well, or an outage of a part. After a minute of that, or of those that are well not being heard at all, it is
 * an incident as it stands, at most likely a block.
 */
static bool told(const struct detector *d, struct stream *s, const struct witnesses *w)
{
	bool clear = fabs(w->nats) >= GATE_NATS;

	if (clear || !w->ill || (!w->well && !w->unheard)) {
		s->mixed_since = 0;
		return clear;
	}
	if (!s->mixed_since)
		s->mixed_since = d->now;
	return watched_since(d, s->mixed_since) >= WORSE_HOLD_S;
}

/* Does this stream's statistic stand over its threshold, and do the witnesses tell why? */
bool incident_try_open(struct detector *d, struct group *g, struct stream *s)
{
	double p0, raised, e;
	const struct urn_bank *banks[] = { &s->fast, &s->slow };

	for (unsigned int i = 0; i < 2; i++) {
		struct urn_since since;
		struct witnesses w;
		unsigned int share;

		if (stream_over(d, s, banks[i], &share) < 0 || stream_seldom(d, g->streams))
			continue;
		p0 = stream_baseline(d, s);
		raised = witnesses_excess(d, s);
		p0 = fmin(BASE_MOST, p0 + raised * (1 - p0));
		urn_since(banks[i], share, p0, &since);
		if (!since.attempts)
			continue;
		e = urn_excess((double)since.failures / (double)since.attempts, p0);
		e = fmin(.98, fmax(.05, e));
		w = witnesses_ask(d, s, since.at, e);
		if (!told(d, s, &w))
			continue;
		if (w.nats >= GATE_NATS)
			outage_since(d, s, &since);
		since_unwatched(d, s, &since);
		open_incident(d, g, s, &since, p0, e, &w);
		return true;
	}
	return false;
}

/*
 * An outage that reaches all at once raises p0 with the controls, so that no statistic crosses: it is told by the shares
 * of the last minute.
 */
bool incident_try_down(struct detector *d, struct group *g, double raised)
{
	struct stream *s = g->streams;
	struct urn_since since;
	struct witnesses w;
	__u64 f, n;
	double p0;

	if (raised < BORDER_LIKELY)
		return false;
	p0 = stream_baseline(d, s);
	urn_bank_sum(&s->fast, d->now - WORSE_HOLD_S, &f, &n);
	if (urn_excess(share_bound((double)f, (double)n, Z95), p0) < BORDER_LIKELY)
		return false;
	outage_since(d, s, &since);
	w = witnesses_ask(d, s, since.at, BORDER_LIKELY);
	if (w.nats < GATE_NATS)
		return false;
	since_unwatched(d, s, &since);
	open_incident(d, g, s, &since, p0, fmin(.98, urn_excess((double)f / (double)n, p0)), &w);
	return true;
}
