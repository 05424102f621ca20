// SPDX-License-Identifier: GPL-2.0
/*
 * Distinct clients by HyperLogLog. The estimate is the improved raw one of O. Ertl, "New cardinality estimation
 * algorithms for HyperLogLog sketches" (2017), section 2: right from none to saturated ranks, and without the tables of
 * biases that the first one needs.
 */
#include "detect/hll.h"

#include <math.h>
#include <stdio.h>

#define RANK_MAX 15		      /* saturated: "this many or more" */
#define ALPHA	 0.7213475204444817e0 /* 1 / (2 ln 2) */

static unsigned int rank_at(const struct hll *h, unsigned int bucket)
{
	return h->ranks[bucket / 2] >> (bucket & 1) * 4 & 0xf;
}

static void rank_raise(struct hll *h, unsigned int bucket, unsigned int rank)
{
	unsigned int shift = (bucket & 1) * 4;

	if (rank > rank_at(h, bucket))
		h->ranks[bucket / 2] = (__u8)((h->ranks[bucket / 2] & ~(0xfu << shift)) | rank << shift);
}

void hll_add(struct hll *h, __u16 client)
{
	rank_raise(h, client & (HLL_BUCKETS - 1), client >> 12);
}

void hll_merge(struct hll *h, const struct hll *other)
{
	for (unsigned int i = 0; i < HLL_BUCKETS; i++)
		rank_raise(h, i, rank_at(other, i));
}

/* Ertl's sigma: x + sum of x^(2^k) 2^(k-1), for the share of empty buckets; 0 <= x < 1. */
static double sigma(double x)
{
	double sum = x, before, weight = 1;

	do {
		before = sum;
		x *= x;
		sum += x * weight;
		weight *= 2;
	} while (sum > before);
	return sum;
}

/* Ertl's tau: (1 - x - sum of (1 - x^(2^-k))^2 2^-k) / 3, for the share that is not saturated. */
static double tau(double x)
{
	double sum = 1 - x, before, weight = 1;

	if (x <= 0 || x >= 1)
		return 0;
	do {
		before = sum;
		x = sqrt(x);
		weight /= 2;
		sum -= (1 - x) * (1 - x) * weight;
	} while (sum < before);
	return sum / 3;
}

double hll_estimate(const struct hll *h)
{
	unsigned int count[RANK_MAX + 1] = { 0 };
	double z;

	for (unsigned int i = 0; i < HLL_BUCKETS; i++)
		count[rank_at(h, i)]++;
	if (count[0] == HLL_BUCKETS)
		return 0;
	z = HLL_BUCKETS * tau(1 - (double)count[RANK_MAX] / HLL_BUCKETS);
	for (unsigned int rank = RANK_MAX - 1; rank > 0; rank--)
		z = (z + count[rank]) / 2;
	z += HLL_BUCKETS * sigma((double)count[0] / HLL_BUCKETS);
	return z > 0 ? ALPHA * HLL_BUCKETS * HLL_BUCKETS / z : HLL_BUCKETS * 32768.0; /* all are saturated */
}

/* The range that n lies in, from HLL_FLOOR on: its first, and the first of the next. */
static unsigned long range_of(unsigned long n, unsigned long *next)
{
	static const unsigned long steps[] = { 2, 5, 10 }; /* times a power of ten */
	unsigned long from = HLL_FLOOR, to = from;

	for (unsigned long ten = 10; n >= to; ten *= 10) {
		for (unsigned int i = 0; i < 3 && n >= to; i++) {
			from = to;
			to = i < 2 ? steps[i + 1] * ten : 2 * ten * 10;
		}
	}
	*next = to;
	return from;
}

const char *hll_range_of(double estimate, char out[static HLL_RANGE_LEN])
{
	unsigned long n = (unsigned long)round(estimate), from, next;

	if (n < HLL_FLOOR) {
		snprintf(out, HLL_RANGE_LEN, "<%d", HLL_FLOOR);
		return out;
	}
	from = range_of(n, &next);
	snprintf(out, HLL_RANGE_LEN, "%lu-%lu", from, next - 1);
	return out;
}

unsigned long hll_least(double estimate)
{
	unsigned long n = (unsigned long)round(estimate), next;

	return n < HLL_FLOOR ? 0 : range_of(n, &next);
}

const char *hll_range(const struct hll *h, char out[static HLL_RANGE_LEN])
{
	return hll_range_of(hll_estimate(h), out);
}
