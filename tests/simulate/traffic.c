// SPDX-License-Identifier: GPL-2.0
/*
 * Benign failing shares are beta distributed and wander as an Ornstein-Uhlenbeck process of five minutes seen through
 * the beta's quantiles, so that their means over five minutes wander by the cell's rho; or they jump every five minutes.
 */
#include "traffic.h"

#include <math.h>
#include <string.h>

#include "chance.h"
#include "detect/detector_parts.h"
#include "detect/incidents_parts.h"

#define CLIENTS	     400
#define CONTROL_RATE 2. /* flows a second of each: what sampling aims at */
#define CONTROL_BASE .03
#define WANDER_S     300
#define MEAN_SHARE   .7358 /* of the variance of such a process is in its means over its own time constant */
#define EVERY_S	     (3 * 3600)
#define GAP_S	     (20 * 60)
#define AWAY_S	     (10 * 60)
#define NEW_AFTER_S  (12 * 3600)
#define LAG_LEAST_S  10	       /* one is back so much later than the other ... */
#define LAG_MORE_S   20	       /* ... and up to so much more */
#define LEFT	     (1 / 30.) /* of the attempts that vanish */
#define NEVER_S	     (1ll << 40)

bool world_new(struct world *w, const struct cell *c, __s64 start)
{
	const struct incidents_setup setup = { .controls = c->odd & FEW_CONTROLS ? 1u << 2 : 0x3c };

	*w = (struct world){ .cell = c, .start = start, .now = start, .incidents = incidents_new(&setup) };
	w->event = (start / EVERY_S + 1) * EVERY_S;
	for (unsigned int i = 0; i < GROUPS; i++) {
		w->z[i] = chance_normal();
		w->fails[i] = (struct span){ NEVER_S, NEVER_S };
	}
	return w->incidents;
}

void world_free(struct world *w)
{
	incidents_free(w->incidents);
	verdicts_free(&w->verdicts);
}

static void wander(struct world *w)
{
	const struct cell *c = w->cell;
	bool stepped = c->odd & STEPPED;
	double kept = stepped ? 0 : exp(-1. / WANDER_S), rho = stepped ? c->rho : fmin(.5, c->rho / MEAN_SHARE);

	if (stepped && w->now % WANDER_S && w->wander[0] > 0)
		return;
	for (unsigned int i = 0; i < GROUPS; i++) {
		w->z[i] = w->z[i] * kept + sqrt(1 - kept * kept) * chance_normal();
		w->wander[i] = chance_beta(i ? CONTROL_BASE : c->base, rho, w->z[i]);
	}
}

/* ---- what happens ---------------------------------------------------------------------------------------------- */

bool cell_hits_group(const struct cell *c, unsigned int group)
{
	switch (c->block) {
	case NONE:
		return false;
	case OUTAGE:
	case LATE:
	case X_FIRST:
	case X_LAST:
	case ONE_WAY:
		return true;
	case ONE_UP:
		return group != 1;
	case CDN:
		return group <= 1;
	case THREE:
		return group <= 2;
	default:
		return !group;
	}
}

/* They lie in the space of the first control. */
static bool is_dedicated(const struct cell *c, __u32 prefix)
{
	return c->odd & CDN_ALL || (c->odd & CDN_SOME && (prefix - PREFIX_FIRST) % PREFIXES >= 7);
}

bool cell_hits_prefix(const struct cell *c, __u32 prefix)
{
	switch (c->block) {
	case PREFIX:
		return prefix == PREFIX_HIT;
	case OWN:
		return !is_dedicated(c, prefix);
	case DEDICATED:
	case CDN:
		return is_dedicated(c, prefix);
	default:
		return true;
	}
}

static bool happens(const struct world *w, unsigned int group)
{
	return w->now >= w->fails[group].from && w->now < w->fails[group].to;
}

static double excess_of(const struct world *w, const struct finding *f)
{
	const struct cell *c = w->cell;
	__s64 age = w->now - w->begun;

	if (!happens(w, f->group - X))
		return 0;
	switch (c->block) {
	case SITE:
		return f->group != X || f->site == SITE_HIT ? c->share : 0;
	case FAMILY:
		return f->v.v6 ? c->share : 0;
	case QUIC:
		return f->v.quic ? c->share : 0;
	case RAMP:
		return c->share * fmin(1, (double)age / 3600);
	case CYCLES:
		return age % 900 < 300 ? c->share : 0;
	case THROTTLE:
	case ONE_WAY:
	case VANISH:
		return 0;
	default:
		return f->group != X || cell_hits_prefix(c, f->prefix) ? c->share : 0;
	}
}

void world_begin(struct world *w)
{
	const struct cell *c = w->cell;
	bool unseen = c->odd & UNSEEN;
	__s64 away = !unseen ? 0 : c->odd & RESTARTS ? AWAY_S : GAP_S;

	w->begun = w->now + 1 + (__s64)(chance() * (double)away);
	for (unsigned int g = 0; g < GROUPS; g++)
		if (cell_hits_group(c, g))
			w->fails[g].from = w->begun + (c->block == LATE && g ? 20 : 0);
	w->event = unseen ? NEVER_S : w->begun + (c->odd & GAPS ? 120 : 40);
	if (unseen && c->odd & RESTARTS)
		world_restart(w, away);
	else
		w->now += away;
	w->watched = w->now + 1;
}

__s64 world_end(struct world *w)
{
	enum block block = w->cell->block;
	__s64 lag = LAG_LEAST_S + (__s64)(chance() * LAG_MORE_S);

	for (unsigned int g = 0; g < GROUPS; g++)
		if (cell_hits_group(w->cell, g))
			w->fails[g].to = w->now + 1 +
					 ((block == X_LAST && !g) || (block == X_FIRST && g) ? lag : 0);
	return w->fails[0].to;
}

/* A restart, a gap, a change: in calm every three hours; in a block soon after its begin. */
static void event(struct world *w)
{
	unsigned int odd = w->cell->odd;

	if (w->now < w->event)
		return;
	w->event = !w->begun ? (w->now / EVERY_S + 1) * EVERY_S
			     : w->now + (odd & RESTARTS		 ? 90
					 : odd & CONTROLS_CHANGE ? 200
								 : NEVER_S);
	w->turn = (w->turn + 1) % 4;
	if (odd & RESTARTS)
		world_restart(w, 5 + (__s64)(chance() * 10));
	if (odd & GAPS) {
		w->now += GAP_S;
		verdicts_forget(&w->verdicts);
	}
	if (odd & CONTROLS_CHANGE) {
		w->fewer = !w->fewer;
		incidents_controls(w->incidents, w->fewer ? 0x1c : 0x3c);
	}
}

/* ---- flows ------------------------------------------------------------------------------------------------------ */

static void flow(struct world *w, unsigned int client, struct finding *f, double benign, bool large)
{
	const struct cell *c = w->cell;
	bool hit = happens(w, f->group - X), delays = c->odd & DELAYS;
	struct late l = { .client = (__u16)(client * 10 % HLL_BUCKETS | 1 << 12),
			  .cdn = f->group == X && is_dedicated(c, f->prefix) ? 1 + X + 1 : 0 };

	f->key = ++w->key;
	f->kind = RECORD_FINAL;
	f->first_s = w->now;
	f->site = (__u8)(1 + client % SITES);
	f->v.bytes_down = large ? 1 << 20 : 4096;
	l.f = *f;
	if (chance() < excess_of(w, f)) {
		verdict_failed(&w->verdicts, w->incidents, &l, w->now, delays, c->how);
		return;
	}
	if (chance() < benign && !(hit && c->block == ONE_WAY)) {
		enum how how = benign >= 1 || chance() < .5 ? SILENT : PLAIN;

		if (c->odd & SOME_INJECTED && chance() < .01)
			how = INJECTED;

		verdict_failed(&w->verdicts, w->incidents, &l, w->now, delays, how);
		return;
	}
	l.f.v.stage = STAGE_LATER;
	l.f.v.outcome = OUTCOME_OK;
	if (hit && c->block == THROTTLE && large && chance() < c->share)
		l.f.v.outcome = OUTCOME_THROTTLED;
	if (hit && c->block == ONE_WAY) {
		l.f.v.outcome = OUTCOME_UNJUDGED;
		l.f.v.why = REASON_ONE_DIRECTION;
	}
	verdict_well(&w->verdicts, w->incidents, &l, w->now, delays);
}

/* Which of X's prefixes, and how often it fails. */
static __u32 prefix_of(const struct world *w, double *benign)
{
	const struct cell *c = w->cell;
	__u32 i = (__u32)(chance() * PREFIXES), prefix;

	if (c->odd & NEW_DEAD && w->now >= w->start + NEW_AFTER_S && chance() < .1) {
		*benign = 1;
		return PREFIX_NEW;
	}
	if (c->odd & MIX) {
		if (w->turn & 1 && chance() < .5)
			i = 8 + (__u32)(chance() * 2);
		*benign = fmin(.9, *benign * (i < 8 ? .5 : 3));
	}
	prefix = PREFIX_FIRST + i;
	if (c->odd & RANGES && w->turn && i >= PREFIXES / 2) {
		prefix += PREFIXES * w->turn;
		*benign = fmin(.9, *benign * 2);
	}
	if (c->odd & DEAD && prefix == PREFIX_HIT)
		*benign = 1;
	return prefix;
}

static void x_flow(struct world *w, unsigned int client)
{
	struct finding f = { .group = X, .v = { .v6 = client & 1, .quic = chance() < .3 } };
	double benign = w->wander[0];

	f.prefix = prefix_of(w, &benign);
	flow(w, client, &f, benign, chance() < .3);
}

static void control_flow(struct world *w, __u8 group, unsigned int client)
{
	struct finding f = { .group = group, .prefix = 200u + group };

	f.v.v6 = client & 1;
	f.v.quic = chance() < .3;
	flow(w, client, &f, w->wander[group - X], chance() < .3);
}

static bool hammers(const struct world *w)
{
	if (w->cell->odd & HAMMER_HOUR)
		return w->begun ? w->now >= w->begun + 120 : w->now / 3600 % 6 == 5;
	return w->cell->odd & HAMMER;
}

static void others(struct world *w)
{
	if (hammers(w))
		for (unsigned int n = chance_poisson(3); n; n--)
			flow(w, CLIENTS, &(struct finding){ .group = X, .prefix = PREFIX_FIRST }, 1, false);
	if (w->cell->odd & SCANNER)
		for (unsigned int n = chance_poisson(5); n; n--)
			incidents_finding(w->incidents,
					  &(struct finding){ .group = X,
							     .prefix = PREFIX_FIRST,
							     .key = ++w->key,
							     .kind = RECORD_FINAL,
							     .first_s = w->now,
							     .v = { .stage = STAGE_POST_SYN,
								    .outcome = OUTCOME_TIMEOUT,
								    .signature = SIGNATURE_SYN_0,
								    .background = true } },
					  (__u16)(chance() * HLL_BUCKETS) | 1 << 12, false);
}

/* What a network knows of its rho is wrong. */
static void tell_less(struct world *w)
{
	const double rho = w->cell->rho / 2.5;

	for (unsigned int g = X; g < X + GROUPS; g++)
		for (struct stream *s = w->incidents->blocks->groups[g].streams; s; s = s->next)
			s->rho = (struct urn_rho){ .over = rho * 1e12, .pairs = 1e12, .windows = 1e12 };
}

static void pages(struct world *w, __u8 group, double rate, double clients)
{
	unsigned int page = w->cell->odd & PAGES ? 4 : 1;

	for (unsigned int n = chance_poisson(rate / page); n; n--) {
		unsigned int client = (unsigned int)(chance() * clients);

		for (unsigned int i = 0; i < page; i++)
			group == X ? x_flow(w, client) : control_flow(w, group, client);
	}
}

void world_second(struct world *w)
{
	const struct cell *c = w->cell;
	double day = 1;

	w->now++;
	event(w);
	verdicts_until(&w->verdicts, w->incidents, w->now);
	if (c->odd & DIURNAL)
		day = 1 - .8 * cos(2 * M_PI * (double)(w->now % 86400) / 86400);
	if (c->odd & UNDERTOLD && w->now % WANDER_S == 0)
		tell_less(w);
	wander(w);
	pages(w, X, c->rate * day * (c->block == VANISH && happens(w, 0) ? LEFT : 1),
	      CLIENTS * fmax(1, c->rate / 10));
	others(w);
	for (__u8 g = X + 1; g < X + GROUPS; g++)
		pages(w, g, CONTROL_RATE * day, CLIENTS);
	incidents_until(w->incidents, w->now);
}
