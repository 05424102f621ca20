/* SPDX-License-Identifier: GPL-2.0 */
/* What many runs of a cell come to, as a row of a table and of a drawing. */
#ifndef XREACH_TABLE_H
#define XREACH_TABLE_H

#include <stdio.h>

#include "run.h"

#define RUNS_MOST 20000
enum measure { DETECTED, SAID_BLOCKED, SINCE_OFF, END_SHOWN, END_OFF, MEASURES };

struct sums {
	double *values[MEASURES]; /* sorted by sums_done() */
	unsigned int n[MEASURES];
	unsigned int runs, skipped, missed, blocked, exact, wrong, alarms;
	double years, by_tail; /* of calm; false incidents a year by the fitted tail, below 0: not enough */
	unsigned int tail[TAIL_BINS];
};

/* False without memory. */
bool sums_add(struct sums *s, const struct run *r);
void sums_done(struct sums *s);
double sums_at(const struct sums *s, enum measure m, double share); /* quantile; below 0: there is none */

void table_head(FILE *to, bool calm);
void table_row(FILE *to, const struct cell *c, const struct sums *s);
/* Attempts that any rule needs in the mean, as seconds of the blocked part's rate; saturation in nats. */
double cell_bound_s(const struct cell *c);
double cell_saturation(const struct cell *c);

/* A drawing of all cells that were played (of `n`, those with runs or years). */
void figure_draw(FILE *to, const struct sums *sums, unsigned int n);

#endif
