// SPDX-License-Identifier: GPL-2.0
/* Quantiles, tails and rows: see table.h. */
#include "table.h"

#include <math.h>
#include <stdlib.h>

#include "detect/urn.h"

#define TAIL_SHARE  .005 /* of the hours: beyond which the tail is taken for exponential */
#define TAIL_EVENTS 20

static bool keep(struct sums *s, unsigned int quantity, double value)
{
	if (!s->values[quantity] && !(s->values[quantity] = calloc(RUNS_MOST, sizeof(double))))
		return false;
	if (value >= 0 && s->n[quantity] < RUNS_MOST)
		s->values[quantity][s->n[quantity]++] = value;
	return true;
}

bool sums_add(struct sums *s, const struct run *r)
{
	const struct cell *c = &cells[r->cell];
	unsigned int said = 0;

	s->alarms += r->alarms;
	s->skipped += r->skipped;
	s->years += r->days / 365.25;
	for (unsigned int i = 0; i < TAIL_BINS; i++)
		s->tail[i] += r->tail[i];
	if (r->skipped || r->days > 0)
		return true;
	s->runs++;
	s->missed += r->got[DETECTED] < 0;
	s->open += r->open;
	s->exact += r->exact;
	s->one += r->one;
	s->within += r->within;
	s->wrong += r->wrong;
	s->wrong_after += r->wrong_after;
	s->parts += r->parts;
	s->others += r->others;
	for (unsigned int m = 0; m < MEASURES; m++)
		if (!keep(s, m, r->got[m]))
			return false;
	for (unsigned int word = 0; word < WORDS; word++) {
		if (!keep(s, MEASURES + word, r->word_s[word]))
			return false;
		said |= (unsigned int)(r->word_s[word] >= 0) << word;
	}
	s->must += (said & c->must) == c->must;
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
	for (unsigned int m = 0; m < QUANTITIES; m++)
		if (s->n[m])
			qsort(s->values[m], s->n[m], sizeof(double), rising);
	s->by_tail = tail_rate(s);
}

double sums_at(const struct sums *s, unsigned int quantity, double share)
{
	unsigned int of = s->n[quantity], at;

	if (quantity == DETECTED || quantity == SAID_BLOCKED)
		of = s->runs;
	else if (quantity == END_SHOWN || quantity == END_OFF)
		of = s->open;
	at = (unsigned int)(of * share);
	return at < s->n[quantity] ? s->values[quantity][at] : -1;
}

/* ---- rows -------------------------------------------------------------------------------------------- */

/* Of X's flows. */
static double part_of(const struct cell *c)
{
	switch (c->block) {
	case PREFIX:
		return .1;
	case SITE:
		return 1 / 3.;
	case FAMILY:
		return .5;
	case QUIC:
		return .3;
	case OWN:
		return c->odd & CDN_SOME ? .7 : 1;
	case DEDICATED:
	case CDN:
		return c->odd & CDN_SOME ? .3 : 1;
	default:
		return 1;
	}
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
	if (calm) {
		fprintf(to, "\n%-26s %5s %5s %5s | %6s %6s %8s %8s | a year, by the tail\n", "calm", "rate", "base",
			"rho", "years", "false", "a year", "at most");
		return;
	}
	fprintf(to,
		"Seconds, median and 95th percentile of the runs; without the verdict's own delay. `runs`: of so many\n"
		"warm-ups, each forked; `calm`: left out for something said before; `wrong`: for words that must not be\n"
		"said, while it is on + in the minutes after, + of a site or range; `ctl`: a well control called ill; `scope`: named as it is;\n"
		"`one`: told as one incident with the phases that were played; `in`: the begin is within what is told.\n"
		"`bound`: Lorden's, that no rule can beat. M: what the evidence of five minutes comes to; under the\n"
		"threshold it cannot be told. `blocked` may take the attempts on top that make it sure (see claims.c).\n"
		"%-26s %5s %5s %5s | %8s %4s %4s %11s %3s %5s %5s %5s | %-11s | %-11s | %-11s | %-11s | %-11s | "
		"%5s %5s %5s\n",
		"block", "rate", "base", "rho", "runs", "miss", "calm", "wrong", "ctl", "scope", "one", "in",
		"found", "`blocked`", "since off", "end told", "end off", "bound", "M", "over");
}

/* In a line of their own: what is asked, what is said. */
static void targets(FILE *to, const struct cell *c)
{
	static const char *const names[MEASURES] = { "found", "`blocked`", "since", "end told", "end off" };

	const char *between = "   to reach:";

	for (enum measure m = 0; m < MEASURES && c->to_reach; m++) {
		const struct target *t = &c->to_reach[m];

		if (t->median <= 0 && t->most <= 0)
			continue;
		fprintf(to, "%s %s", between, names[m]);
		between = ",";
		if (t->median > 0)
			fprintf(to, " %.0f", t->median);
		if (claim_allows(c, m) > 0 && t->median > 0)
			fprintf(to, " + %.0f", ceil(claim_allows(c, m)));
		if (t->most > 0)
			fprintf(to, " (95 %%: %.0f)", t->most);
	}
	if (c->to_reach)
		fputc('\n', to);
}

static void words(FILE *to, const struct sums *s)
{
	const char *between = "   says:";

	for (unsigned int word = WORD_IMPAIRED; word < WORDS; word++) {
		if (!s->n[MEASURES + word])
			continue;
		fprintf(to, "%s %s %.0f s (%.0f %%)", between, word_names[word], sums_at(s, MEASURES + word, .5),
			100. * s->n[MEASURES + word] / s->runs);
		between = ",";
	}
	if (*between == ',')
		fputc('\n', to);
}

static void missed(FILE *to, const struct cell *c, const struct sums *s)
{
	unsigned int claims = claims_missed(c, s, false);
	const char *between = c->known ? "   missed, as is known:" : "   MISSED:";

	if (!claims)
		return;
	for (unsigned int i = 0; i < CLAIMS; i++) {
		if (!(claims >> i & 1))
			continue;
		fprintf(to, "%s %s", between, claim_names[i]);
		between = ",";
	}
	c->known ? fprintf(to, ": %s\n", c->known) : fputc('\n', to);
}

static void calm_row(FILE *to, const struct sums *s)
{
	/* with 95 %: none in so many years is under 3 / years */
	double most = (s->alarms + 3 + 2 * sqrt(s->alarms)) / s->years;

	fprintf(to, " %6.2f %6u %8.2f %8.1f |", s->years, s->alarms, s->alarms / s->years, most);
	s->by_tail < 0 ? fprintf(to, " -\n") : fprintf(to, " %.2g\n", s->by_tail);
}

static void block_row(FILE *to, const struct cell *c, const struct sums *s)
{
	double of = s->runs ? s->runs : 1, found = s->n[DETECTED] ? s->n[DETECTED] : 1;

	fprintf(to, " %5u/%-2u %4u %4u %3u+%-3u+%-3u %3u %4.0f%% %4.0f%% %4.0f%% |", s->runs, s->warm_ups,
		s->missed, s->skipped, s->wrong, s->wrong_after, s->parts, s->others, 100 * s->exact / of,
		100 * s->one / of, 100 * s->within / found);
	for (enum measure m = 0; m < MEASURES; m++)
		two(to, s, m);
	fprintf(to, " %5.1f %5.0f %5.1f\n", cell_bound_s(c), cell_saturation(c), threshold_of(c));
	targets(to, c);
	words(to, s);
}

void table_row(FILE *to, const struct cell *c, const struct sums *s)
{
	fprintf(to, "%-26s %5g %4.0f%% %5g |", c->name, c->rate, c->base * 100, c->rho);
	c->block == NONE ? calm_row(to, s) : block_row(to, c, s);
	missed(to, c, s);
}
