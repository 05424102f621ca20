/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where most of many values lie: a histogram whose buckets grow with the value, four to each doubling, so that a
 * quantile is right to an eighth of itself. Pure.
 */
#ifndef XREACH_SPREAD_H
#define XREACH_SPREAD_H

#include <linux/types.h>

#define SPREAD_BUCKETS 128 /* up to 2^33; what is more is in the last */

struct spread {
	__u64 n;
	__u64 p10, p50, p90; /* in the unit of the values; 0 where n is 0 */
};

unsigned int spread_bucket(__u64 value);
/* The middle of a bucket. */
__u64 spread_value(unsigned int bucket);
/* Of a histogram of SPREAD_BUCKETS. */
void spread_of(const __u32 *counts, struct spread *out);
/* Of one of `buckets` whose values are 0, 1, 2 ... themselves. */
void spread_of_small(const __u32 *counts, unsigned int buckets, struct spread *out);

#endif
