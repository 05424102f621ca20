/* SPDX-License-Identifier: GPL-2.0 */
/* What many runs of a cell come to, as a row of a table and of a drawing, beside what is asked of it. */
#ifndef XREACH_TABLE_H
#define XREACH_TABLE_H

#include <stdio.h>

#include "run.h"

#define RUNS_MOST  20000
#define QUANTITIES (MEASURES + WORDS) /* when each word was first said follows the measures */

struct sums {
	double *values[QUANTITIES]; /* sorted by sums_done() */
	unsigned int n[QUANTITIES];
	unsigned int runs, warm_ups, skipped, missed, open, exact, one, within, must;
	unsigned int wrong, wrong_after, parts, others, alarms;
	double years, by_tail; /* of calm; false incidents a year by the fitted tail, below 0: not enough */
	unsigned int tail[TAIL_BINS];
};

/* False without memory. */
bool sums_add(struct sums *s, const struct run *r);
void sums_done(struct sums *s);
/* Quantile; those in which it never came are the longest. Below 0: there is none. */
double sums_at(const struct sums *s, unsigned int quantity, double share);

/* ---- claims.c: what is asked of a cell, and not met; bits ---- */
enum claim {
	CLAIM_WRONG = MEASURES,
	CLAIM_AFTER,
	CLAIM_PARTS,
	CLAIM_OTHERS,
	CLAIM_MUST,
	CLAIM_ONE,
	CLAIM_WITHIN,
	CLAIM_FALSE,
	CLAIMS
};
extern const char *const claim_names[CLAIMS];
/* `certain`: what holds in each run, and no times. */
unsigned int claims_missed(const struct cell *c, const struct sums *s, bool certain);
/* What is asked for a measure, with what the contract makes inevitable on top. */
double claim_allows(const struct cell *c, enum measure m);

void table_head(FILE *to, bool calm);
void table_row(FILE *to, const struct cell *c, const struct sums *s);
/* Attempts that any rule needs in the mean, as seconds of the blocked part's rate; saturation in nats. */
double cell_bound_s(const struct cell *c);
double cell_saturation(const struct cell *c);

/* A drawing of all cells that were played (of `n`, those with runs or years). */
void figure_draw(FILE *to, const struct sums *sums, unsigned int n);

#endif
