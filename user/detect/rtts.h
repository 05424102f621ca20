/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The handshake round trip to each server prefix: the exact median of its last flows. A RST that comes sooner than half
 * of it cannot have come from there. Pure; bounded.
 */
#ifndef XREACH_RTTS_H
#define XREACH_RTTS_H

#include <linux/types.h>

#define RTTS_LAST     63   /* flows that a median is of */
#define RTTS_PREFIXES 4096 /* more are not remembered: their flows are measured by their own round trip alone */

struct rtts;

struct rtts *rtts_new(void);	/* NULL when out of memory */
void rtts_free(struct rtts *r); /* NULL is fine */

/* Median in microseconds of what was added for this range id; 0 for none. Of an even number the lower middle one. */
__u32 rtts_median(const struct rtts *r, __u32 prefix);
/* Add one flow's, once, after the flow itself was judged. */
void rtts_add(struct rtts *r, __u32 prefix, __u32 rtt_us);
/* Forget all: another capture begins, perhaps of another network. */
void rtts_clear(struct rtts *r);

#endif
