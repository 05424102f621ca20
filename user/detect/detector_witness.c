// SPDX-License-Identifier: GPL-2.0
/* The detector: the other groups as witnesses, who tell a block from an outage. */
#include <math.h>

#include "detect/detector_parts.h"

#define ONE_WITNESS_NATS 5.	    /* no more than this from one group, if there are others: two have to agree */
#define CLEAR_NATS	 3.	    /* one speaks clearly */
#define EXPECTED_S	 600	    /* a control with flows in the last so many seconds will have some again */
#define RAISED_S	 URN_RECENT /* the controls of so long raise p0 */
#define LATELY_S	 20
#define FELL_BACK_S	 300 /* an outage is told within two minutes */
#define RAISED_PRIOR	 20. /* attempts at their own baseline, that a few failures of few raise nothing */

/* The controls speak of all, and the others of the controls. */
static bool witness(const struct detector *d, __u8 group, __u8 other)
{
	return other != group && (d->controls >> other & 1 || d->controls >> group & 1) && d->groups[other].streams;
}

const struct urn_bank *stream_bank(const struct stream *s, __s64 from)
{
	return s->fast.now - from < URN_SLOTS ? &s->fast : &s->slow;
}

void stream_count(const struct stream *s, __s64 from, __u64 *failures, __u64 *attempts)
{
	urn_bank_sum(stream_bank(s, from), from, failures, attempts);
}

/* How many flows of a site, a family or a transport a control needs to speak of it. */
#define DIRECT_LEAST 5

/* The stream by which a control speaks of `s`; `direct` asks for one that is like it. */
static const struct stream *testimony(const struct detector *d, const struct stream *s, __u8 other, bool direct)
{
	if (!direct)
		return d->groups[other].streams;
	return stream_find(d, other, s->kind, s->id);
}

/* Is there a control with flows of that very site, family or transport? */
static bool some_direct(const struct detector *d, const struct stream *s, __s64 from)
{
	__u64 f, n;

	if (s->kind == STREAM_GROUP || s->kind == STREAM_PREFIX)
		return false;
	for (__u8 other = 0; other < WIRE_GROUPS_MAX; other++) {
		const struct stream *t = witness(d, s->group, other) ? testimony(d, s, other, true) : NULL;

		if (!t)
			continue;
		stream_count(t, from, &f, &n);
		if (n >= DIRECT_LEAST)
			return true;
	}
	return false;
}

/* How far these attempts are above the baseline of this control. */
static double excess_of(const struct detector *d, const struct stream *t, __u64 failures, __u64 attempts)
{
	double b = stream_baseline(d, t);

	if (!attempts)
		return 0;
	return urn_excess(((double)failures + RAISED_PRIOR * b) / ((double)attempts + RAISED_PRIOR), b);
}

static void insert(double *sorted, unsigned int n, double e)
{
	for (; n && sorted[n - 1] > e; n--)
		sorted[n] = sorted[n - 1];
	sorted[n] = e;
}

/* The lower median of the groups, as one alone decides nothing; 0 where it is below. */
static double lower_median(const double *sorted, unsigned int n)
{
	return n ? fmax(0, sorted[(n - 1) / 2]) : 0;
}

double witnesses_excess(const struct detector *d, const struct stream *s)
{
	bool direct = some_direct(d, s, d->now - RAISED_S);
	double excess[WIRE_GROUPS_MAX];
	unsigned int n = 0;

	for (__u8 other = 0; other < WIRE_GROUPS_MAX; other++) {
		const struct stream *t = witness(d, s->group, other) ? testimony(d, s, other, direct) : NULL;
		__u64 f, all;

		if (!t)
			continue;
		urn_bank_sum(&t->fast, d->now - RAISED_S, &f, &all);
		insert(excess, n++, excess_of(d, t, f, all));
	}
	return lower_median(excess, n);
}

/* So many had flows lately, and are to be heard before what few of them say is an outage. */
static unsigned int expected(const struct detector *d, const struct stream *s, bool direct)
{
	unsigned int n = 0;

	for (__u8 other = 0; other < WIRE_GROUPS_MAX; other++) {
		const struct stream *t = witness(d, s->group, other) ? testimony(d, s, other, direct) : NULL;
		__u64 failures, attempts = 0;

		if (t)
			urn_bank_sum(&t->fast, d->now - EXPECTED_S + 1, &failures, &attempts);
		n += attempts > 0;
	}
	return n;
}

/* Evidence of a control's attempts (nats) that an excess share e of them fails, too. */
static double nats_of(const struct detector *d, const struct stream *t, __u64 failures, __u64 attempts, double e)
{
	double b = stream_baseline(d, t);

	return urn_evidence((double)failures, (double)attempts, b, b + e * (1 - b), urn_rho_told(&t->rho));
}

struct witnesses witnesses_ask(const struct detector *d, const struct stream *s, __s64 from, double e)
{
	bool direct = some_direct(d, s, from), special = s->kind != STREAM_GROUP && s->kind != STREAM_PREFIX;
	struct witnesses w = { .indirect = special && !direct };
	double nats[WIRE_GROUPS_MAX], excess[WIRE_GROUPS_MAX];
	unsigned int sure = 0;
	__u64 failures = 0, attempts = 0;

	for (__u8 other = 0; other < WIRE_GROUPS_MAX; other++) {
		const struct stream *t = witness(d, s->group, other) ? testimony(d, s, other, direct) : NULL;
		__u64 f, n;

		if (!t)
			continue;
		w.of++;
		stream_count(t, from, &f, &n);
		if (!n)
			continue;
		insert(excess, w.groups, excess_of(d, t, f, n));
		nats[w.groups++] = nats_of(d, t, f, n, e);
		failures += f;
		attempts += n;
	}
	for (unsigned int i = 0; i < w.groups; i++) {
		double most = w.of > 1 ? ONE_WITNESS_NATS : GATE_NATS;

		w.ill += nats[i] >= CLEAR_NATS;
		sure += nats[i] >= ONE_WITNESS_NATS;
		w.well += nats[i] <= -CLEAR_NATS;
		w.nats += fmax(-most, fmin(most, nats[i]));
	}
	/* of a site or a family few flows come: an outage is not told by those controls alone that happened to have some */
	if (direct && w.groups * 2 <= w.of)
		w.nats = fmin(w.nats, 0);
	/* half of them may be a censor's choice, however clearly those fail, and a third have failed twice by chance: an
	 * outage takes most of them, each of which says all that one can */
	if (w.nats >= GATE_NATS && sure * 2 <= expected(d, s, direct)) {
		w.nats = 0;
		w.unheard = true;
	}
	w.common = lower_median(excess, w.groups) > COMMON_EXCESS;
	w.share = attempts ? (double)failures / (double)attempts : -1;
	return w;
}

bool witnesses_ill_now(const struct detector *d, const struct stream *s, double e)
{
	const struct stream *all = d->groups[s->group].streams;
	__s64 from = d->now - LATELY_S;

	return witnesses_ask(d, s, from, e).nats > 0 || (s != all && witnesses_ask(d, all, from, e).nats > 0);
}

/* The controls' flows from second `from` until `to`, as evidence (nats) for excess share e. */
static double nats_until(const struct detector *d, const struct stream *s, __s64 from, __s64 to, double e)
{
	double sum = 0;

	for (__u8 other = 0; other < WIRE_GROUPS_MAX; other++) {
		const struct stream *t = d->groups[other].streams;
		__u64 f, n, late_f, late_n;

		if (!witness(d, s->group, other))
			continue;
		stream_count(t, from, &f, &n);
		stream_count(t, to, &late_f, &late_n);
		f -= late_f < f ? late_f : f;
		n -= late_n < n ? late_n : n;
		if (n)
			sum += fmax(-ONE_WITNESS_NATS, fmin(ONE_WITNESS_NATS, nats_of(d, t, f < n ? f : n, n, e)));
	}
	return sum;
}

bool witnesses_fell(const struct detector *d, const struct stream *s, __s64 from, double e, __s64 *at)
{
	double fell[WIRE_GROUPS_MAX]; /* seconds */
	unsigned int n = 0;

	for (__u8 other = 0; other < WIRE_GROUPS_MAX; other++) {
		const struct stream *t = d->groups[other].streams;
		struct urn_since since;
		__u64 f, all;
		double b;

		if (!witness(d, s->group, other))
			continue;
		urn_bank_sum(&t->fast, d->now - WORSE_HOLD_S + 1, &f, &all);
		b = fmin(BASE_MOST, stream_baseline(d, t));
		if (!f || urn_excess((double)f / (double)all, b) < BORDER_LIKELY)
			continue;
		urn_since_after(&t->fast, d->now - FELL_BACK_S, b, b + BORDER_LIKELY * (1 - b), &since);
		insert(fell, n++, (double)since.at);
	}
	if (!n)
		return false;
	*at = (__s64)lower_median(fell, n);
	return *at - from >= FELL_LEAST_S && nats_until(d, s, from, *at, e) <= -GATE_NATS;
}
