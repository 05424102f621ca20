// SPDX-License-Identifier: GPL-2.0
/*
 * The detector: a stream whose statistic stands over its threshold asks the witnesses; only when they speak, by a
 * likelihood ratio at the excess share that the stream itself shows, is it an incident, or an outage.
 */
#include <math.h>
#include <string.h>

#include "detect/detector_parts.h"

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

static void open_incident(struct detector *d, struct group *g, struct stream *s, struct urn_since *since, double p0,
			  double e, const struct witnesses *w)
{
	struct incident *in = &g->incident;
	/* (not by a clock that was set back) */
	bool again = in->ended && in->ended <= d->now && since->at - in->ended < REOPEN_S;
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
		g->before_n = g->before_f = 0;
		memset(g->before_by, 0, sizeof(g->before_by));
	} else if (since->at <= in->ended) {
		since->at = in->ended + 1; /* until then it is told, and counted; it did end */
	}
	incident_count_from(g, since->at); /* what came of the change before it was found */
	in->open = true;
	in->ended = 0;
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
	incident_say(d, g, word, since->at);
	incident_find_scope(d, g);
	for (const struct stream *each = g->streams; each; each = each->next)
		if (each->named)
			in->clients = fmax(in->clients, stream_clients(d, each, since->at));
	incident_widen(d, g);
}

/* While the controls fail, p0 is raised with them and the statistic says nothing of when it began: the stream's own
 * baseline does, after whatever the group had before. */
static void outage_since(const struct detector *d, const struct stream *s, struct urn_since *since)
{
	__s64 ended = d->groups[s->group].incident.ended, after = d->now - OUTAGE_BACK_S;
	double p0 = fmin(BASE_MOST, stream_baseline(d, s));

	if (ended <= d->now && after < ended + 60) /* it looks back a minute more */
		after = ended + 60;
	urn_since_after(&s->fast, after, p0, p0 + BORDER_LIKELY * (1 - p0), since);
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
