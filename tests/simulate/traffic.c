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

bool world_new(struct world *w, const struct cell *c, __s64 start)
{
	const struct incidents_setup setup = { .controls = c->odd & FEW_CONTROLS ? 1u << 2 : 0x3c };

	*w = (struct world){ .cell = c, .now = start, .incidents = incidents_new(&setup) };
	for (unsigned int i = 0; i < GROUPS; i++)
		w->z[i] = chance_normal();
	return w->incidents;
}

void world_free(struct world *w)
{
	incidents_free(w->incidents);
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

/* The excess share of a flow `age` seconds after it began. */
static double excess_of(const struct cell *c, const struct finding *f, __s64 age)
{
	bool x = f->group == X;

	switch (c->block) {
	case FULL:
	case X_DOWN:
		return x ? c->share : 0;
	case PREFIX:
		return x && f->prefix == PREFIX_HIT ? c->share : 0;
	case SITE:
		return x && f->site == SITE_HIT ? c->share : 0;
	case FAMILY:
		return x && f->v.v6 ? c->share : 0;
	case QUIC:
		return x && f->v.quic ? c->share : 0;
	case RAMP:
		return x ? c->share * fmin(1, (double)age / 3600) : 0;
	case CYCLES:
		return x && age % 900 < 300 ? c->share : 0;
	case OUTAGE:
		return 1;
	case LATE:
		return x || age >= 20;
	case ONE_UP:
		return f->group != X + 1;
	case NONE:
	case THROTTLE:
	case ONE_WAY:
		break;
	}
	return 0;
}

static void failed(struct finding *f, bool silent)
{
	f->v.stage = silent ? STAGE_POST_SYN : STAGE_POST_PSH;
	f->v.outcome = silent ? OUTCOME_TIMEOUT : OUTCOME_RESET;
	f->v.signature = silent ? SIGNATURE_SYN_0 : SIGNATURE_PSH_RST;
	f->v.level = silent ? LEVEL_NONE : LEVEL_HIGH;
}

static void flow(struct world *w, unsigned int client, struct finding *f, double benign, bool large)
{
	const struct cell *c = w->cell;
	__s64 age = w->begun ? w->now - w->begun : -1;
	double excess;

	f->key = ++w->key;
	f->kind = RECORD_FINAL;
	f->first_s = w->now;
	f->site = (__u8)(1 + client % 3);
	excess = age >= 0 ? excess_of(c, f, age) : 0;
	f->v.stage = STAGE_LATER;
	f->v.outcome = OUTCOME_OK;
	f->v.bytes_down = large ? 1 << 20 : 4096;
	if (chance() < benign + excess * (1 - benign))
		failed(f, c->block == X_DOWN || (c->odd & DEAD && f->prefix == PREFIX_HIT));
	else if (age >= 0 && c->block == THROTTLE && f->group == X && large && chance() < c->share)
		f->v.outcome = OUTCOME_THROTTLED;
	if (age >= 0 && c->block == ONE_WAY) {
		f->v.outcome = OUTCOME_UNJUDGED;
		f->v.why = REASON_ONE_DIRECTION;
	}
	incidents_finding(w->incidents, f, (__u16)(client * 10 % HLL_BUCKETS | 1 << 12), 0);
}

static void x_flow(struct world *w, unsigned int client)
{
	const struct cell *c = w->cell;
	__u32 prefix = PREFIX_FIRST + (__u32)(chance() * PREFIXES);
	struct finding f = { .group = X, .prefix = prefix, .v = { .v6 = client & 1, .quic = chance() < .3 } };
	double benign = w->wander[0];

	if (c->odd & RANGES && w->turn && prefix >= PREFIX_FIRST + PREFIXES / 2) {
		f.prefix += PREFIXES * w->turn;
		benign = fmin(.9, benign * 2);
	}
	if (c->odd & DEAD && prefix == PREFIX_HIT)
		benign = 1;
	flow(w, client, &f, benign, chance() < .3);
}

static void control_flow(struct world *w, __u8 group, unsigned int client)
{
	struct finding f = { .group = group, .prefix = 200u + group };

	f.v.v6 = client & 1;
	f.v.quic = chance() < .3;
	flow(w, client, &f, w->wander[group - X], chance() < .3);
}

static void others(struct world *w)
{
	if (w->cell->odd & HAMMER)
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

static void restart(struct world *w)
{
	struct incidents *before = w->incidents, *after = incidents_new(&before->setup);
	struct detect_base base;

	if (!after)
		return;
	for (unsigned int n = 0; incidents_base(before, n, &base); n++)
		incidents_know(after, &base);
	incidents_free(before);
	w->incidents = after;
	w->now += 5;
}

/* What a network knows of its rho is wrong. */
static void tell_less(struct world *w)
{
	const double rho = w->cell->rho / 2.5;

	for (unsigned int g = X; g < X + GROUPS; g++)
		for (struct stream *s = w->incidents->blocks->groups[g].streams; s; s = s->next)
			s->rho = (struct urn_rho){ .over = rho * 1e12, .pairs = 1e12, .windows = 1e12 };
}

void world_second(struct world *w)
{
	const struct cell *c = w->cell;
	double day = c->odd & DIURNAL ? 1 - .8 * cos(2 * M_PI * (double)(w->now % 86400) / 86400) : 1;
	unsigned int page = c->odd & PAGES ? 4 : 1;

	w->now++;
	if (w->now % EVERY_S == 0 && !w->begun) {
		w->turn = (w->turn + 1) % 4;
		if (c->odd & RESTARTS)
			restart(w);
		if (c->odd & GAPS)
			w->now += GAP_S;
	}
	if (c->odd & UNDERTOLD && w->now % WANDER_S == 0)
		tell_less(w);
	wander(w);
	for (unsigned int n = chance_poisson(c->rate * day / page); n; n--) {
		unsigned int client = (unsigned int)(chance() * CLIENTS * fmax(1, c->rate / 10));

		for (unsigned int i = 0; i < page; i++)
			x_flow(w, client);
	}
	others(w);
	for (__u8 g = X + 1; g < X + GROUPS; g++)
		for (unsigned int n = chance_poisson(CONTROL_RATE * day / page); n; n--) {
			unsigned int client = (unsigned int)(chance() * CLIENTS);

			for (unsigned int i = 0; i < page; i++)
				control_flow(w, g, client);
		}
	incidents_until(w->incidents, w->now);
}
