/* SPDX-License-Identifier: GPL-2.0 */
/* Chance for the simulation: the same for the same seed on every machine. One generator to a process. */
#ifndef XREACH_CHANCE_H
#define XREACH_CHANCE_H

#include <linux/types.h>

void chance_seed(__u64 seed);
double chance(void); /* 0 <= x < 1 */
double chance_normal(void);
unsigned int chance_poisson(double mean);
/* Of a beta distribution of this mean and of correlation rho (0 < rho < 1): the share that a normal deviate z stands for, by
 * its quantile. A table is made at first use for each of a few pairs of mean and rho. */
double chance_beta(double mean, double rho, double z);

#endif
