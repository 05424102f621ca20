/* SPDX-License-Identifier: GPL-2.0 */
/* Flows to targets by how they ended, in our words and in those of others: for every form of the report alike. */
#ifndef XREACH_COMPARISON_H
#define XREACH_COMPARISON_H

#include <stddef.h>
#include <linux/types.h>
#include "show/compare.h"

struct past;

struct comparison {
	char group[32], transport[8], stage[12], outcome[16], signature[28];
	const struct compare_row *others;
	__u64 flows;
};

/* Sorted by group, then the most frequent first; to be freed. NULL with *n 0 where there is nothing, or no memory. */
struct comparison *comparison_of(const struct past *past, size_t *n);

#endif
