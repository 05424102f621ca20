// SPDX-License-Identifier: GPL-2.0
/* splitmix64, and what is drawn from it. */
#include "chance.h"

#include <math.h>
#include <string.h>

#define Z_MOST	5.
#define Z_STEPS 2000
#define X_STEPS 100000
#define TABLES	16
#define PART	30. /* a Poisson of more is a sum of such */

static __u64 state;

static __u64 mixed(__u64 z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* Mixed, for seeds in a row would else be one and the same stream, each a draw further on. */
void chance_seed(__u64 seed)
{
	state = mixed(mixed(seed));
}

double chance(void)
{
	state += 0x9e3779b97f4a7c15ull; /* splitmix64 */
	return (double)(mixed(state) >> 11) / 9007199254740992.;
}

double chance_normal(void)
{
	double r = sqrt(-2 * log(1 - chance()));

	return r * cos(2 * M_PI * chance());
}

unsigned int chance_poisson(double mean)
{
	unsigned int n = 0;

	for (; mean > 0; mean -= PART) {
		double limit = exp(-fmin(mean, PART)), product = chance();

		for (; product > limit; n++)
			product *= chance();
	}
	return n;
}

struct table {
	double mean, rho, share[Z_STEPS + 1];
};

static void fill(struct table *t)
{
	double s = (1 - t->rho) / t->rho, a = t->mean * s, b = (1 - t->mean) * s, sum = 0;
	double ln_beta = lgamma(a) + lgamma(b) - lgamma(a + b);
	int z = 0;

	for (int i = 0; i < X_STEPS; i++) {
		double x = (i + .5) / X_STEPS;

		sum += exp((a - 1) * log(x) + (b - 1) * log(1 - x) - ln_beta) / X_STEPS;
		for (; z <= Z_STEPS && .5 * erfc(-(2. * z / Z_STEPS - 1) * Z_MOST / M_SQRT2) <= sum; z++)
			t->share[z] = x;
	}
	for (; z <= Z_STEPS; z++)
		t->share[z] = t->share[z - 1];
}

double chance_beta(double mean, double rho, double z)
{
	static struct table tables[TABLES];
	unsigned int i = 0;

	while (i < TABLES - 1 && tables[i].rho > 0 && (tables[i].mean != mean || tables[i].rho != rho))
		i++;
	if (tables[i].mean != mean || tables[i].rho != rho) {
		tables[i].mean = mean;
		tables[i].rho = rho;
		fill(&tables[i]);
	}
	z = fmax(-Z_MOST, fmin(Z_MOST, z));
	return tables[i].share[(int)((z / Z_MOST + 1) * Z_STEPS / 2)];
}
