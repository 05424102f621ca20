/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many distinct clients, without knowing any: HyperLogLog over what a record says of its client (wire.h: a
 * bucket of 12 bits, a rank of 4, under a key of the day). One sketch is of one day; those of two days do not merge,
 * because the key changed in between.
 */
#ifndef XREACH_HLL_H
#define XREACH_HLL_H

#include <stddef.h>
#include <linux/types.h>

#define HLL_BUCKETS 4096
/* Standard error of the estimate, as a share of it: 1.04 / sqrt(4096). Tested. */
#define HLL_ERROR 0.01625
/* Fewer are never told apart. */
#define HLL_FLOOR 20

struct hll {
	__u8 ranks[HLL_BUCKETS / 2]; /* two to a byte, the even bucket in the low half; all zero is empty */
};

/* Count a client (wire_flow.client). Rank 0, which no client has, changes nothing. */
void hll_add(struct hll *h, __u16 client);
/* Take in what another sketch of the same day has seen. */
void hll_merge(struct hll *h, const struct hll *other);

/* Distinct clients, about; for comparing and weighing, never to be shown. */
double hll_estimate(const struct hll *h);
/* What may be shown: "<20", "20-49", "50-99", "100-199", "200-499" and so on. Returns `out`. */
#define HLL_RANGE_LEN 32
/* The first of that range, 0 for "<20". */
unsigned long hll_least(double estimate);
const char *hll_range_of(double estimate, char out[static HLL_RANGE_LEN]);
const char *hll_range(const struct hll *h, char out[static HLL_RANGE_LEN]);

#endif
