// SPDX-License-Identifier: GPL-2.0
/*
 * From flows to incidents, a second at a time: detector_flow.c counts, detector_base.c knows what is usual,
 * detector_witness.c asks the controls, detector_open.c and detector_follow.c say what it is.
 */
#include "detect/detector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector_parts.h"

#define FEW_ATTEMPTS	8 /* in ten minutes */
#define OBSERVE_EVERY_S 10

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

static void stream_step(const struct detector *d, struct stream *s, double raised)
{
	double p0, rho;

	s->seen_f = s->seen_n = 0;
	if (!s->attempts) {
		s->fast.now = s->slow.now = d->now;
		return;
	}
	p0 = stream_baseline(d, s);
	p0 = fmin(.95, p0 + raised * (1 - p0));
	rho = urn_rho_told(&s->rho);
	urn_bank_step(&s->fast, d->now, s->failures, s->attempts, p0, rho);
	urn_bank_step(&s->slow, d->now, s->failures, s->attempts, p0, rho);
	if (!urn_bank_top(&s->fast, NULL))
		memset(&s->failed, 0, sizeof(s->failed));
	s->failures = s->attempts = 0;
}

static void group_tick(struct detector *d, __u8 i)
{
	struct group *g = &d->groups[i];
	double raised = witnesses_excess(d, i);
	__u32 failures = 0, attempts = 0;
	__u64 f, n;

	if (!g->streams)
		return;
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
	for (struct stream *s = g->streams; s; s = s->next)
		if (incident_try_open(d, g, s, raised))
			return;
	if (incident_try_down(d, g, raised))
		return;
	if (d->now % OBSERVE_EVERY_S && g->word != WORD_INSUFFICIENT)
		return;
	urn_bank_sum(&g->streams->fast, d->now - 599, &f, &n);
	g->word = n < FEW_ATTEMPTS || !witnesses_ask(d, i, d->now - 599, .5).groups ? WORD_INSUFFICIENT : WORD_OK;
}

void detector_tick(struct detector *d, __s64 now)
{
	d->now = now;
	for (__u8 i = 0; i < WIRE_GROUPS_MAX; i++)
		group_tick(d, i);
	detector_learn(d, now);
}

void detector_gap(struct detector *d, __s64 from, __s64 now)
{
	(void)from;
	d->now = d->start = d->learnt = now;
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		for (struct stream *s = d->groups[i].streams; s; s = s->next) {
			urn_bank_reset(&s->fast, now);
			urn_bank_reset(&s->slow, now);
			s->window_f = s->window_n = s->failures = s->attempts = 0;
		}
	}
}

/* ---- the rest ---------------------------------------------------------------------------------------- */

struct detector *detector_new(__u32 controls, __s64 start)
{
	struct detector *d = calloc(1, sizeof(*d));

	if (d) {
		d->controls = controls;
		d->start = d->now = d->learnt = start;
		d->day = start / 86400;
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
	return group < WIRE_GROUPS_MAX ? d->groups[group].word : WORD_INSUFFICIENT;
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
