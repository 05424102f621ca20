// SPDX-License-Identifier: GPL-2.0
/*
 * From flows to incidents, a second at a time: detector_flow.c counts, detector_base.c knows what is usual,
 * detector_witness.c asks the controls, detector_open.c and detector_follow.c say what it is, detector_scope.c of which parts.
 */
#include "detect/detector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector_parts.h"

#define FEW_ATTEMPTS	8 /* in ten minutes */
#define OBSERVE_EVERY_S 10
#define PART_EXCESS	.05 /* of a part that is told apart */
#define LEAST_S		300

const char *const word_names[WORDS] = {
	[WORD_INSUFFICIENT] = "insufficient",
	[WORD_OK] = "ok",
	[WORD_IMPAIRED] = "impaired",
	[WORD_LIKELY_BLOCKED] = "likely_blocked",
	[WORD_BLOCKED] = "blocked",
	[WORD_THROTTLED] = "throttled",
	[WORD_VANISHED] = "vanished",
	[WORD_DOWN] = "down",
	[WORD_ONE_DIRECTION] = "one_direction",
};

/* In the place of what was taken back after the statistic had it, the next one like it is passed over. */
static void owed(struct stream *s)
{
	__u32 failures = s->owed < s->failures ? s->owed : s->failures, well = s->attempts - s->failures;

	if (well > s->owed_well)
		well = s->owed_well;
	s->owed -= failures;
	s->owed_well -= well;
	s->failures -= failures;
	s->attempts -= failures + well;
}

static void stream_step(const struct detector *d, struct stream *s, double raised)
{
	double p0, rho;

	s->seen_f = s->seen_n = 0;
	if (!s->attempts) {
		urn_bank_until(&s->fast, d->now);
		urn_bank_until(&s->slow, d->now);
		return;
	}
	owed(s);
	/* where the statistic stays at zero, no share is asked for */
	if (s->kind != STREAM_GROUP && s->kind != STREAM_PREFIX &&
	    (s->failures || urn_bank_top(&s->fast, NULL) > 0 || urn_bank_top(&s->slow, NULL) > 0))
		raised = witnesses_excess(d, s);
	p0 = stream_baseline(d, s);
	rho = urn_rho_within(&s->rho, p0); /* of what is usual, whatever the controls do now */
	p0 = fmin(BASE_MOST, p0 + raised * (1 - p0));
	urn_bank_step(&s->fast, d->now, s->failures, s->attempts, p0, rho);
	urn_bank_step(&s->slow, d->now, s->failures, s->attempts, p0, rho);
	if (!urn_bank_top(&s->fast, NULL)) {
		memset(&s->failed, 0, sizeof(s->failed));
		s->calm_at = d->now;
		s->mixed_since = 0;
		s->owed = s->owed_well = 0;
	}
	s->failures = s->attempts = 0;
}

bool stream_seldom(const struct detector *d, const struct stream *s)
{
	__u64 f, n;

	urn_bank_sum(&s->fast, d->now - 599, &f, &n);
	return n < FEW_ATTEMPTS;
}

static bool too_few(const struct detector *d, const struct stream *s)
{
	return stream_seldom(d, s) || !witnesses_ask(d, s, d->now - 599, .5).groups;
}

static void group_tick(struct detector *d, __u8 i)
{
	struct group *g = &d->groups[i];
	__u32 failures = 0, attempts = 0;
	double raised;

	if (!g->streams)
		return;
	raised = witnesses_excess(d, g->streams);
	if (g->incident.open) {
		failures = g->lead->seen_f;
		attempts = g->lead->seen_n;
	}
	for (struct stream *s = g->streams; s; s = s->next)
		stream_step(d, s, raised);
	if (g->incident.open) {
		incident_follow(d, g, failures, attempts);
		return;
	}
	if (!d->distrusted) {
		for (struct stream *s = g->streams; s; s = s->next)
			if (incident_try_open(d, g, s))
				return;
		if (incident_try_down(d, g, raised))
			return;
	}
	if (!(d->now % OBSERVE_EVERY_S) || g->word == WORD_INSUFFICIENT)
		g->word = too_few(d, g->streams) ? WORD_INSUFFICIENT : WORD_OK;
}

void detector_tick(struct detector *d, __s64 now)
{
	d->now = now;
	for (__u8 i = 0; i < WIRE_GROUPS_MAX; i++)
		group_tick(d, i);
	detector_learn(d, now);
}

void detector_gap(struct detector *d, __s64 now)
{
	bool back = now < d->now, first = !d->now;
	__s64 gone = now - d->now;

	if (back || first) {
		d->start = now;
		d->n_unwatched = 0; /* by a clock that is no more */
		d->restored = 0;
	} else {
		gap_remember(d, now);
	}
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		struct group *g = &d->groups[i];

		if (g->incident.open && (back || gone >= LOST_S))
			incident_lose(g, back ? now : d->now);
		else if (g->incident.open)
			incident_absence(g, gone);
		if (back)
			g->wanted_since = g->scope_at = g->quiet_since = g->end_zero = now;
		for (struct stream *s = g->streams; s; s = s->next) {
			if (back) {
				urn_bank_restart(&s->fast, now);
				urn_bank_restart(&s->slow, now);
				signs_restart(&s->signs);
			}
			urn_bank_reset(&s->fast, now);
			urn_bank_reset(&s->slow, now);
			urn_bank_until(&s->fast, now);
			urn_bank_until(&s->slow, now);
			s->failures = s->attempts = s->owed = s->owed_well = 0;
			s->mixed_since = 0;
			stream_unlearn(s);
		}
	}
	detector_day(d, now);
	d->now = d->learnt = now;
}

void detector_trust(struct detector *d, bool trusted)
{
	d->distrusted = !trusted;
}

void detector_controls(struct detector *d, __u32 controls)
{
	d->controls = controls;
}

/* ---- the rest ---------------------------------------------------------------------------------------- */

struct detector *detector_new(__u32 controls, __s64 start)
{
	struct detector *d = calloc(1, sizeof(*d));

	if (d) {
		d->controls = controls;
		d->start = d->now = d->learnt = start;
		d->day = start / 86400;
		for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++)
			d->groups[i].few = true; /* until they are counted */
	}
	return d;
}

void detector_free(struct detector *d)
{
	if (!d)
		return;
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		for (struct stream *s = d->groups[i].streams, *next; s; s = next) {
			next = s->next;
			free(s);
		}
	}
	free(d);
}

enum word detector_state(const struct detector *d, __u8 group)
{
	return group < WIRE_GROUPS_MAX && !d->distrusted ? d->groups[group].word : WORD_INSUFFICIENT;
}

enum word detector_part(const struct detector *d, __u8 group, enum stream_kind kind, __u32 id)
{
	const struct stream *s = group < WIRE_GROUPS_MAX ? stream_find(d, group, kind, id) : NULL;
	const struct incident *in;
	struct witnesses w;
	double excess, p0;
	__s64 from;
	__u64 f, n;

	if (!s || d->distrusted || too_few(d, s))
		return WORD_INSUFFICIENT;
	in = &d->groups[group].incident;
	if (!in->open)
		return WORD_OK;
	from = incident_run_from(in);
	p0 = stream_baseline(d, s);
	stream_count(s, from, &f, &n);
	excess = urn_excess(share_bound((double)f, (double)n, Z95), p0);
	if (excess < PART_EXCESS)
		return WORD_OK;
	w = witnesses_ask(d, s, from, fmin(.98, excess));
	if (w.nats < 0 && witnesses_ill_now(d, s, fmin(.98, excess)))
		w.nats = 0;
	/* as the group's: what is worse has to last for a minute, but that the controls fail as well */
	if (watched_since(d, from) + 1 < WORSE_HOLD_S && w.nats < GATE_NATS && in->state != WORD_BLOCKED)
		return excess >= BORDER_LIKELY ? WORD_LIKELY_BLOCKED : WORD_IMPAIRED;
	return incident_word(d, s, &w, excess, from);
}

double detector_usual(const struct detector *d, __u8 group)
{
	const struct stream *s = group < WIRE_GROUPS_MAX ? d->groups[group].streams : NULL;

	return s && stream_known(s) ? s->base : -1;
}

double detector_least(const struct detector *d, __u8 group)
{
	const struct stream *s = group < WIRE_GROUPS_MAX ? d->groups[group].streams : NULL;
	double p0, rho, more;
	__u64 f, n;

	if (!s || too_few(d, s))
		return -1;
	p0 = fmin(BASE_MOST, stream_baseline(d, s));
	rho = urn_rho_within(&s->rho, p0);
	more = stream_more(d, s);
	stream_count(s, d->now - LEAST_S + 1, &f, &n);
	for (unsigned int i = 0; i < URN_SHARES; i++)
		if (urn_saturation((double)n, p0, urn_shares[i], rho) >= urn_nats[i] + more)
			return urn_shares[i];
	return -1;
}

double detector_clients(const struct detector *d, __u8 group)
{
	return group < WIRE_GROUPS_MAX ? hll_estimate(&d->groups[group].clients) : 0;
}

void detector_sum(const struct detector *d, __u8 group, __s64 from, __u64 *failures, __u64 *attempts)
{
	const struct stream *s = group < WIRE_GROUPS_MAX ? d->groups[group].streams : NULL;

	*failures = *attempts = 0;
	if (s)
		stream_count(s, from, failures, attempts);
}

const struct incident *detector_incident(const struct detector *d, __u8 group)
{
	const struct incident *in = group < WIRE_GROUPS_MAX ? &d->groups[group].incident : NULL;

	return in && in->n_phases ? in : NULL;
}

__u64 detector_streams_full(const struct detector *d)
{
	return d->streams_full;
}
