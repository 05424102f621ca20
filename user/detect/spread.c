// SPDX-License-Identifier: GPL-2.0
/* Histograms and their quantiles: see spread.h. */
#include "detect/spread.h"

unsigned int spread_bucket(__u64 value)
{
	unsigned int top, bucket;

	if (value < 4)
		return (unsigned int)value;
	top = 63 - (unsigned int)__builtin_clzll(value);
	bucket = (top - 1) * 4 + (unsigned int)(value >> (top - 2) & 3);
	return bucket < SPREAD_BUCKETS ? bucket : SPREAD_BUCKETS - 1;
}

__u64 spread_value(unsigned int bucket)
{
	unsigned int top = bucket / 4 + 1;
	__u64 low;

	if (bucket < 4)
		return bucket;
	low = (4ull + bucket % 4) << (top - 2);
	return low + (1ull << (top - 2)) / 2;
}

/* The bucket with the value that `percent` of all are at or below (nearest rank). */
static unsigned int rank(const __u32 *counts, unsigned int buckets, __u64 n, unsigned int percent)
{
	__u64 at = (n * percent + 99) / 100, below = 0;

	for (unsigned int i = 0; i < buckets; i++) {
		below += counts[i];
		if (below >= at)
			return i;
	}
	return buckets - 1;
}

void spread_of_small(const __u32 *counts, unsigned int buckets, struct spread *out)
{
	*out = (struct spread){ 0 };
	for (unsigned int i = 0; i < buckets; i++)
		out->n += counts[i];
	if (!out->n)
		return;
	out->p10 = rank(counts, buckets, out->n, 10);
	out->p50 = rank(counts, buckets, out->n, 50);
	out->p90 = rank(counts, buckets, out->n, 90);
}

void spread_of(const __u32 *counts, struct spread *out)
{
	spread_of_small(counts, SPREAD_BUCKETS, out);
	out->p10 = spread_value((unsigned int)out->p10);
	out->p50 = spread_value((unsigned int)out->p50);
	out->p90 = spread_value((unsigned int)out->p90);
}
