// SPDX-License-Identifier: GPL-2.0
/*
 * What the detector costs and gives, on made traffic: false incidents per year, misses, delay of detection, of the word
 * `blocked`, of the end, error of the change point; beside each Lorden's bound and the saturation M, under which it
 * cannot be told. At the level of flows, without the verdict's own delay. Seeds are fixed: two runs agree.
 *
 *     simulate [SCALE [WORD]]    seeds and days times SCALE (default 1); only blocks with the word in their names
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector.h"
#include "detect/urn.h"

#define X	      1
#define CONTROLS      4
#define CONTROLS_MASK 0x3cu
#define PREFIXES      10
#define CLIENTS	      400
#define T0	      1700006400ll
#define LEARN_S	      7200 /* two hours of calm go before each block */
#define PAGE	      4	   /* flows of a clump */
#define SEEDS_MOST    4096

enum block { NONE, FULL, PARTIAL, PREFIX, SITE, FAMILY, RAMP, OUTAGE, OUTAGE_LATE, OUTAGE_ONE_UP };

struct cell {
	const char *name;
	enum block block;
	double rate, base, rho,
		share; /* flows a second, benign failing share, its correlation over 5 min, excess */
	bool clumped;
	unsigned int seeds, seconds; /* of the block; of calm for NONE */
};

static const struct cell cells[] = {
	{ "full block", FULL, 1, .05, .01, 1, false, 20, 120 },
	{ "full block, pages", FULL, 1, .05, .01, 1, true, 10, 120 },
	{ "full block", FULL, 1, .25, .01, 1, false, 20, 180 },
	{ "full block", FULL, .1, .05, .01, 1, false, 15, 900 },
	{ "full block", FULL, .1, .12, .01, 1, false, 15, 900 },
	{ "full block", FULL, .1, .25, .01, 1, false, 15, 1200 },
	{ "full block", FULL, 10, .05, .01, 1, true, 10, 120 },
	{ "30 % block", PARTIAL, 10, .05, .005, .3, true, 10, 400 },
	{ "30 % block", PARTIAL, 10, .05, .01, .3, true, 10, 600 },
	{ "30 % block", PARTIAL, 10, .12, .01, .3, true, 10, 1800 },
	{ "10 % block", PARTIAL, 10, .05, .005, .1, true, 10, 3600 },
	{ "60 % block", PARTIAL, 1, .05, .01, .6, true, 10, 600 },
	{ "one prefix of ten", PREFIX, 10, .05, .005, 1, true, 10, 200 },
	{ "one prefix of ten", PREFIX, 10, .25, .005, 1, true, 10, 300 },
	{ "one site of three", SITE, 10, .05, .005, 1, true, 10, 200 },
	{ "one family", FAMILY, 10, .05, .005, 1, true, 10, 200 },
	{ "ramp over 1 h", RAMP, 5, .05, .005, 1, true, 10, 3600 },
	{ "outage", OUTAGE, 5, .05, .01, 1, true, 30, 300 },
	{ "outage, X 20 s before", OUTAGE_LATE, 5, .05, .01, 1, true, 30, 300 },
	{ "outage, one control up", OUTAGE_ONE_UP, 5, .05, .01, 1, true, 30, 300 },
	{ "calm", NONE, .1, .05, .01, 0, true, 2, 864000 },
	{ "calm", NONE, 1, .05, .01, 0, true, 2, 864000 },
	{ "calm", NONE, 1, .25, .01, 0, true, 2, 864000 },
	{ "calm", NONE, 10, .05, .01, 0, true, 2, 432000 },
	{ "calm", NONE, 1, .05, .03, 0, true, 2, 864000 },
};

/* ---- chance ------------------------------------------------------------------------------------------ */

static __u64 seed;

static double uniform(void)
{
	__u64 z = seed += 0x9e3779b97f4a7c15ull; /* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (double)((z ^ z >> 31) >> 11) / 9007199254740992.;
}

static double normal(void)
{
	return sqrt(-2 * log(1 - uniform())) * cos(2 * M_PI * uniform());
}

static unsigned int poisson(double mean)
{
	double limit = exp(-mean), product = uniform();
	unsigned int n = 0;

	for (; product > limit; n++)
		product *= uniform();
	return n;
}

/* Marsaglia and Tsang 2000. */
static double gamma_of(double a)
{
	double d = (a < 1 ? a + 1 : a) - 1 / 3., c = 1 / sqrt(9 * d);

	for (;;) {
		double x = normal(), v = 1 + c * x;

		v = v * v * v;
		if (v > 0 && log(1 - uniform()) < x * x / 2 + d - d * v + d * log(v))
			return d * v * (a < 1 ? pow(1 - uniform(), 1 / a) : 1);
	}
}

static double beta_of(double mean, double rho)
{
	double s = (1 - rho) / rho, a = gamma_of(mean * s), b = gamma_of((1 - mean) * s);

	return a / (a + b);
}

/* ---- traffic ----------------------------------------------------------------------------------------- */

struct world {
	const struct cell *cell;
	struct detector *d;
	double wander[1 + CONTROLS]; /* this five minutes' benign shares of X and the controls */
};

/* The excess share of a flow, `age` seconds after the block began. */
static double blocked(const struct cell *c, const struct detect_flow *f, __s64 age)
{
	bool control = f->group != X;

	if (age < 0)
		return 0;
	switch (c->block) {
	case FULL:
	case PARTIAL:
		return control ? 0 : c->share;
	case PREFIX:
		return !control && f->prefix == 103 ? c->share : 0;
	case SITE:
		return !control && f->site == 2 ? c->share : 0;
	case FAMILY:
		return !control && f->v6 ? c->share : 0;
	case RAMP:
		return control ? 0 : c->share * fmin(1, (double)age / 3600);
	case OUTAGE:
		return 1;
	case OUTAGE_LATE:
		return !control || age >= 20;
	case OUTAGE_ONE_UP:
		return f->group != 2;
	case NONE:
		break;
	}
	return 0;
}

static void arrive(struct world *w, __u8 group, __s64 now, double rate, __s64 age)
{
	const struct cell *c = w->cell;
	unsigned int clump = c->clumped && group == X ? PAGE : 1, pages = poisson(rate / clump);

	for (unsigned int page = 0; page < pages; page++) {
		unsigned int client = (unsigned int)(uniform() * CLIENTS);
		struct detect_flow f = { .at = now,
					 .client = (__u16)(client * 10 | 1 << 12),
					 .group = group,
					 .site = (__u8)(1 + client % 3),
					 .v6 = client & 1,
					 .proof = true };

		for (unsigned int i = 0; i < clump; i++) {
			double benign = w->wander[group - X], excess;

			f.prefix = group == X ? 100 + (__u32)(uniform() * PREFIXES) : 200u + group;
			excess = blocked(c, &f, age);
			f.failed = uniform() < benign + excess * (1 - benign);
			detector_flow(w->d, &f);
		}
	}
}

static void second(struct world *w, __s64 now, __s64 age)
{
	const struct cell *c = w->cell;

	if (!(now % 300) || w->wander[0] <= 0)
		for (unsigned int i = 0; i <= CONTROLS; i++)
			w->wander[i] = beta_of(i ? .03 : c->base, c->rho);
	for (__u8 group = X; group <= X + CONTROLS; group++)
		arrive(w, group, now, group == X ? c->rate : 2, age);
	detector_tick(w->d, now);
}

/* ---- what came of it --------------------------------------------------------------------------------- */

struct results {
	double delay[SEEDS_MOST], word[SEEDS_MOST], since[SEEDS_MOST], end[SEEDS_MOST], end_off[SEEDS_MOST];
	unsigned int n_delay, n_word, n_since, n_end;
	unsigned int seeds, missed, alarms, said_blocked, exact;
	double years;
};

static void block_once(struct world *w, struct results *r)
{
	const struct cell *c = w->cell;
	__s64 now = T0, begin = T0 + LEARN_S + 1, end = begin + c->seconds;
	bool detected = false, word = false;
	const struct incident *in;
	enum word state = WORD_OK;

	for (; now < begin; now++)
		second(w, now, -1);
	in = detector_incident(w->d, X);
	if (in) { /* of the calm before: counted, and the run is of no use */
		r->alarms++;
		return;
	}
	r->seeds++;
	for (; now < end; now++) {
		second(w, now, now - begin);
		state = detector_state(w->d, X);
		if (!detected && (in = detector_incident(w->d, X))) {
			detected = true;
			r->delay[r->n_delay++] = (double)(now - begin + 1);
			r->since[r->n_since++] = fabs((double)(in->since - begin));
		}
		in = detector_incident(w->d, X);
		if (!word && (state == WORD_BLOCKED || (in && in->part == WORD_BLOCKED))) {
			word = true;
			r->said_blocked++;
			r->word[r->n_word++] = (double)(now - begin + 1);
		}
	}
	r->missed += !detected;
	in = detector_incident(w->d, X);
	r->exact += in && in->n_scope[STREAM_PREFIX] == (c->block == PREFIX) &&
		    (c->block != PREFIX || in->scope[STREAM_PREFIX][0] == 103) &&
		    in->n_scope[STREAM_SITE] == (c->block == SITE) &&
		    in->n_scope[STREAM_FAMILY] == (c->block == FAMILY);
	if (!detected || !in->open)
		return;
	for (; now < end + 600 && detector_incident(w->d, X)->open; now++)
		second(w, now, -1);
	in = detector_incident(w->d, X);
	if (in->open)
		return;
	r->end[r->n_end] = (double)(now - end);
	r->end_off[r->n_end++] = fabs((double)(in->ended - end));
}

static void calm_once(struct world *w, struct results *r)
{
	unsigned int alarms = 0;
	__s64 last[1 + CONTROLS] = { 0 };

	for (__s64 now = T0; now < T0 + w->cell->seconds; now++) {
		second(w, now, -1);
		for (__u8 group = X; group <= X + CONTROLS; group++) {
			const struct incident *in = detector_incident(w->d, group);

			if (in && in->detected != last[group - X]) {
				last[group - X] = in->detected;
				alarms++;
			}
		}
	}
	r->alarms += alarms;
	r->years += w->cell->seconds / (365.25 * 86400);
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void two(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), rising);
	if (n)
		printf(" %5.0f %5.0f |", values[n / 2], values[n * 95 / 100]);
	else
		printf("     -     - |");
}

static void row(const struct cell *c, struct results *r)
{
	bool part = c->block == PREFIX || c->block == SITE || c->block == FAMILY;
	double rate = c->rate * (c->block == PREFIX ? .1 : c->block == SITE ? 1 / 3. : c->block == FAMILY ? .5 : 1);
	double e = fmin(.98, c->share > 0 ? c->share : .07), rho = fmax(c->rho, URN_RHO_FLOOR);

	printf("%-22s %5g %4.0f%% %5g |", c->name, c->rate, c->base * 100, c->rho);
	if (c->block == NONE) {
		/* none in so many years: under 3 / years with 95 % */
		printf(" false: %u in %.3f years, %.1f a year (95 %%: under %.1f)\n", r->alarms, r->years,
		       r->alarms / r->years, (r->alarms + 3 + 2 * sqrt(r->alarms)) / r->years);
		return;
	}
	printf(" %4u %4u %4u %4u |", r->seeds, r->missed, r->alarms, r->said_blocked);
	two(r->delay, r->n_delay);
	two(r->word, r->n_word);
	two(r->since, r->n_since);
	two(r->end, r->n_end);
	two(r->end_off, r->n_end);
	printf(" %5.1f %6.0f | %3.0f%%\n", urn_lorden(part ? URN_NATS_STREAM : URN_NATS_GROUP, c->base, e) / rate,
	       urn_saturation(rate * 300, c->base, e, rho), r->seeds ? 100. * r->exact / r->seeds : 0);
}

static struct results results;

int main(int argc, char **argv)
{
	double scale = argc > 1 ? atof(argv[1]) : 1;
	const unsigned int n = sizeof(cells) / sizeof(*cells);

	printf("Seconds, median and 95th percentile. `false` is of the calm before; Lorden's bound in seconds; M in nats.\n"
	       "%-22s %5s %5s %5s | %4s %4s %4s %4s | %-11s | %-11s | %-11s | %-11s | %-11s | %5s %6s | scope\n",
	       "block", "rate", "base", "rho", "runs", "miss", "fals", "blkd", "detected", "`blocked`", "since off",
	       "end shown", "end off", "bound", "M");
	for (unsigned int i = 0; i < n; i++) {
		const struct cell *c = &cells[i];
		unsigned int seeds = (unsigned int)fmin(SEEDS_MOST, fmax(1, c->seeds * scale));

		if (argc > 2 && !strstr(c->name, argv[2]))
			continue;
		memset(&results, 0, sizeof(results));
		for (unsigned int run = 0; run < seeds; run++) {
			struct world w = { .cell = c, .d = detector_new(CONTROLS_MASK, T0) };

			if (!w.d) {
				fprintf(stderr, "simulate: no memory\n");
				return 1;
			}
			seed = (i + 1) * 1000003ull + run;
			fprintf(stderr, "\r%u of %u: %s, run %u of %u   \033[K", i + 1, n, c->name, run + 1, seeds);
			c->block == NONE ? calm_once(&w, &results) : block_once(&w, &results);
			detector_free(w.d);
		}
		fprintf(stderr, "\r\033[K");
		row(c, &results);
		fflush(stdout);
	}
	return 0;
}
