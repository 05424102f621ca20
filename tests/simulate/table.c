// SPDX-License-Identifier: GPL-2.0
/* Quantiles, tails and rows: see table.h. */
#include "table.h"

#include <math.h>
#include <stdlib.h>

#include "detect/urn.h"

#define TAIL_SHARE  .005 /* of the hours: beyond which the tail is taken for exponential */
#define TAIL_EVENTS 20

bool sums_add(struct sums *s, const struct run *r)
{
	const struct {
		bool has;
		double value;
	} got[MEASURES] = { { r->detected, r->detect_s },
			    { r->blocked, r->blocked_s },
			    { r->detected, r->since_off_s },
			    { r->ended, r->end_s },
			    { r->ended, r->end_off_s } };

	s->alarms += r->alarms;
	s->skipped += r->skipped;
	s->years += r->days / 365.25;
	for (unsigned int i = 0; i < TAIL_BINS; i++)
		s->tail[i] += r->tail[i];
	if (r->skipped || r->days > 0)
		return true;
	s->runs++;
	s->missed += !r->detected;
	s->blocked += r->blocked;
	s->exact += r->exact;
	s->wrong += r->wrong;
	for (unsigned int m = 0; m < MEASURES; m++) {
		if (!s->values[m] && !(s->values[m] = calloc(RUNS_MOST, sizeof(double))))
			return false;
		if (got[m].has && s->n[m] < RUNS_MOST)
			s->values[m][s->n[m]++] = got[m].value;
	}
	return true;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Mean excess over a high level, as of an exponential tail, says how often the threshold is crossed. */
static double tail_rate(const struct sums *s)
{
	unsigned int hours = 0, beyond = 0;
	double sum = 0, level;
	int bin = TAIL_BINS;

	for (unsigned int i = 0; i < TAIL_BINS; i++)
		hours += s->tail[i];
	while (bin > 0 && (beyond < TAIL_EVENTS || beyond < hours * TAIL_SHARE))
		beyond += s->tail[--bin];
	if (bin <= 0 || s->years <= 0)
		return -1;
	level = TAIL_LEAST + bin * TAIL_STEP;
	for (int i = bin; i < TAIL_BINS; i++)
		sum += s->tail[i] * ((i - bin) + .5) * TAIL_STEP;
	return beyond / s->years * exp(-fmax(0, -level) / (sum / beyond));
}

void sums_done(struct sums *s)
{
	for (unsigned int m = 0; m < MEASURES; m++)
		if (s->n[m])
			qsort(s->values[m], s->n[m], sizeof(double), rising);
	s->by_tail = tail_rate(s);
}

double sums_at(const struct sums *s, enum measure m, double share)
{
	/* the runs in which it never came are the longest */
	unsigned int of = m == DETECTED ? s->runs : s->n[m], at = (unsigned int)(of * share);

	return at < s->n[m] ? s->values[m][at] : -1;
}

/* ---- rows -------------------------------------------------------------------------------------------- */

static double part_of(const struct cell *c)
{
	return c->block == PREFIX   ? .1
	       : c->block == SITE   ? 1 / 3.
	       : c->block == FAMILY ? .5
	       : c->block == QUIC   ? .3
				    : 1;
}

static unsigned int share_of(const struct cell *c)
{
	unsigned int i = 0;

	while (i < URN_SHARES - 1 && urn_shares[i] < c->share)
		i++;
	return i;
}

static double threshold_of(const struct cell *c)
{
	return urn_nats[share_of(c)] + (part_of(c) < 1 ? URN_MORE_STREAM : 0);
}

double cell_bound_s(const struct cell *c)
{
	return urn_lorden(threshold_of(c), c->base, fmin(.98, c->share)) / (c->rate * part_of(c));
}

double cell_saturation(const struct cell *c)
{
	return urn_saturation(c->rate * part_of(c) * 300, c->base, fmin(.98, c->share),
			      fmax(c->rho, URN_RHO_FLOOR));
}

static void two(FILE *to, const struct sums *s, enum measure m)
{
	double half = sums_at(s, m, .5), most = sums_at(s, m, .95);

	half < 0 ? fprintf(to, " %5s", "-") : fprintf(to, " %5.0f", half);
	most < 0 ? fprintf(to, " %5s |", "-") : fprintf(to, " %5.0f |", most);
}

void table_head(FILE *to, bool calm)
{
	if (calm)
		fprintf(to, "\n%-24s %5s %5s %5s | %6s %6s %8s %8s | a year, by the tail\n", "calm", "rate", "base",
			"rho", "years", "false", "a year", "at most");
	else
		fprintf(to,
			"Seconds, median and 95th percentile of the runs; without the verdict's own delay. `calm`: runs left out\n"
			"for something said before; `wrong`: for words that must not be said. `bound`: Lorden's, that no rule\n"
			"can beat. M: what the evidence of five minutes comes to; under the threshold it cannot be told.\n"
			"%-24s %5s %5s %5s | %5s %4s %4s %5s %5s | %-11s | %-11s | %-11s | %-11s | %-11s | %5s %5s %5s | %s\n",
			"block", "rate", "base", "rho", "runs", "miss", "calm", "wrong", "scope", "detected",
			"`blocked`", "since off", "end shown", "end off", "bound", "M", "over", "to reach");
}

static void target(FILE *to, const struct cell *c, const struct sums *s)
{
	double half = sums_at(s, DETECTED, .5), most = sums_at(s, DETECTED, .95);
	bool met = (c->target_median <= 0 || (half >= 0 && half <= c->target_median)) &&
		   (c->target_95 <= 0 || (most >= 0 && most <= c->target_95));

	if (c->target_median <= 0 && c->target_95 <= 0) {
		fprintf(to, " -\n");
		return;
	}
	if (c->target_median > 0)
		fprintf(to, " %.0f", c->target_median);
	if (c->target_95 > 0)
		fprintf(to, " (95 %%: %.0f)", c->target_95);
	fprintf(to, "%s\n", met ? "" : ", MISSED");
}

static void calm_row(FILE *to, const struct sums *s)
{
	/* with 95 %: none in so many years is under 3 / years */
	double most = (s->alarms + 3 + 2 * sqrt(s->alarms)) / s->years;

	fprintf(to, " %6.2f %6u %8.2f %8.1f |", s->years, s->alarms, s->alarms / s->years, most);
	s->by_tail < 0 ? fprintf(to, " -\n") : fprintf(to, " %.2g\n", s->by_tail);
}

void table_row(FILE *to, const struct cell *c, const struct sums *s)
{
	fprintf(to, "%-24s %5g %4.0f%% %5g |", c->name, c->rate, c->base * 100, c->rho);
	if (c->block == NONE) {
		calm_row(to, s);
		return;
	}
	fprintf(to, " %5u %4u %4u %5u %4.0f%% |", s->runs, s->missed, s->skipped, s->wrong,
		s->runs ? 100. * s->exact / s->runs : 0);
	for (enum measure m = 0; m < MEASURES; m++)
		two(to, s, m);
	fprintf(to, " %5.1f %5.0f %5.1f |", cell_bound_s(c), cell_saturation(c), threshold_of(c));
	target(to, c, s);
}
