// SPDX-License-Identifier: GPL-2.0
/* The detector: what share fails where nothing is wrong, learnt slowly and never from an excursion. */
#include <math.h>
#include <string.h>

#include "detect/detector_parts.h"

#define CLIENTS_EVERY_S 10
#define LEARN_S		300
#define LEARN_KEPT	.9976 /* of five minutes: a half-life of 24 hours */
#define RISE_MOST	(.02 * LEARN_S / 86400)
#define KNOWN_ATTEMPTS	300. /* and an hour of windows: then there is a baseline */
#define RISE_WINDOWS	288  /* of a day: before, the baseline is still being found and may rise */
#define BASE_USED_LEAST .005
#define EXCURSION_NATS	8. /* well on its way */
#define EXCURSION_YOUNG \
	4. /* in the first day, in which each hour has its weight in the share and how far it wanders */

bool stream_known(const struct stream *s)
{
	return s->windows >= KNOWN_WINDOWS && s->known_n >= KNOWN_ATTEMPTS;
}

/*
 * The benign failing share of a stream, with a margin for what is not known of it yet. Before it is, the contract's most
 * stands in for it: with less, a network whose share is simply higher than the controls' would begin with an incident.
 */
double stream_baseline(const struct detector *d, const struct stream *s)
{
	const struct stream *group = d->groups[s->group].streams;
	double share;

	if (stream_known(s)) {
		share = fmax(s->base, BASE_USED_LEAST);
		return share +
		       Z95 * sqrt(share * (1 - share) * (1 / s->known_n + urn_rho_told(&s->rho) / s->windows));
	}
	return s != group && stream_known(group) ? fmax(group->base, BASE_UNKNOWN) : BASE_UNKNOWN;
}

static void window_learn(struct stream *s, const struct window *w)
{
	double base;

	if (!w->n)
		return;
	if (stream_known(s)) /* around another mean it would only measure the distance to it */
		urn_rho_learn(&s->rho, w->f, w->n, fmax(s->base, BASE_USED_LEAST));
	s->known_f = s->known_f * LEARN_KEPT + w->f;
	s->known_n = s->known_n * LEARN_KEPT + w->n;
	base = s->known_f / s->known_n;
	s->base = s->windows >= RISE_WINDOWS && base > s->base + RISE_MOST ? s->base + RISE_MOST : base;
	s->windows++;
}

void stream_unlearn(struct stream *s)
{
	s->window_f = s->window_n = s->n_held = 0;
}

/*
 * An excursion well on its way is perhaps not the baseline's: what came in it is held back until it is over. If it came to
 * nothing it was the share that wanders, and to leave out just those five minutes would make rho too small.
 */
static void stream_learn(struct stream *s)
{
	const struct window w = { s->window_f, s->window_n };
	double most = s->windows < RISE_WINDOWS ? EXCURSION_YOUNG : EXCURSION_NATS;

	s->window_f = s->window_n = 0;
	if (fmax(urn_bank_top(&s->fast, NULL), urn_bank_top(&s->slow, NULL)) > most) {
		if (s->n_held == HELD_WINDOWS)
			memmove(s->held, s->held + 1, --s->n_held * sizeof(*s->held));
		s->held[s->n_held++] = w;
		return;
	}
	for (unsigned int i = 0; i < s->n_held; i++)
		window_learn(s, &s->held[i]);
	s->n_held = 0;
	window_learn(s, &w);
}

void detector_day(struct detector *d, __s64 now)
{
	if (now / 86400 == d->day)
		return;
	d->day = now / 86400;
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		struct group *g = &d->groups[i];
		double clients = hll_estimate(&g->clients);

		if (!g->streams)
			continue;
		if (clients > 0) /* not so after a restart, or a day of silence */
			g->usual_clients = clients;
		incident_clients(g);
		g->few = true;
		memset(&g->clients, 0, sizeof(g->clients));
		memset(&g->hurt, 0, sizeof(g->hurt));
	}
}

static void count_clients(struct detector *d)
{
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		struct group *g = &d->groups[i];

		if (!g->streams)
			continue;
		if (g->few) /* within a day they only become more */
			g->few = fmax(g->usual_clients, hll_estimate(&g->clients)) < FEW_CLIENTS;
	}
}

void detector_learn(struct detector *d, __s64 now)
{
	detector_day(d, now);
	if (now % CLIENTS_EVERY_S == 0)
		count_clients(d);
	if (now < d->learnt + LEARN_S)
		return;
	d->learnt = now;
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		struct group *g = &d->groups[i];
		bool frozen = g->incident.open || d->distrusted;

		for (struct stream *s = g->streams; s; s = s->next) {
			if (frozen)
				stream_unlearn(s);
			else
				stream_learn(s);
		}
	}
}

bool detector_base(const struct detector *d, unsigned int n, struct detect_base *out)
{
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		for (const struct stream *s = d->groups[i].streams; s; s = s->next) {
			if (n--)
				continue;
			*out = (struct detect_base){
				.group = s->group,
				.kind = s->kind,
				.id = s->id,
				.failures = s->known_f,
				.attempts = s->known_n,
				.share = s->base,
				.windows = s->windows,
				.rho = s->rho,
			};
			return true;
		}
	}
	return false;
}

/* From a file that anybody may have written to: only numbers that learning could have come to. */
static bool is_possible(const struct detect_base *b)
{
	return b->group < WIRE_GROUPS_MAX && (unsigned int)b->kind < STREAM_KINDS && b->failures >= 0 &&
	       b->failures <= b->attempts && b->attempts < 1e15 && b->share >= 0 && b->share <= 1 &&
	       b->rho.windows >= 0 && b->rho.windows < 1e6 && b->rho.pairs >= 0 && b->rho.pairs < 1e18 &&
	       b->rho.squares >= 0 && b->rho.squares < 1e18 && fabs(b->rho.over) < 1e18;
}

bool detector_know(struct detector *d, const struct detect_base *base)
{
	struct stream *s;

	/* the group's own stream is its first */
	if (!is_possible(base) || !stream_get(d, base->group, STREAM_GROUP, 0))
		return false;
	s = stream_get(d, base->group, base->kind, base->id);
	if (!s)
		return false;
	s->known_f = base->failures;
	s->known_n = base->attempts;
	s->base = base->share;
	s->windows = base->windows;
	s->rho = base->rho;
	s->late = true;
	return true;
}
