/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How fast a group goes: handshake time and goodput, minute by minute for the last hour, so that a target and its
 * controls can be compared at the same time. A throttled path shows in the spread before any flow is called so. Pure;
 * final findings only.
 */
#ifndef XREACH_PACE_H
#define XREACH_PACE_H

#include "detect/spread.h"
#include "detect/tally.h"

#define PACE_MINUTES 60
#define PACE_BYTES   65536 /* a flow with less tells of its start, not of its rate */

enum pace_what {
	PACE_HANDSHAKE, /* microseconds from the SYN (or Initial) to its answer */
	PACE_GOODPUT,	/* bits a second, of TCP flows in `later` with PACE_BYTES or more from the server */
	PACES
};

struct pace;
struct pace *pace_new(void); /* NULL when out of memory */
void pace_free(struct pace *p);

void pace_add(struct pace *p, const struct finding *f);
/* Of the `minutes` (PACE_MINUTES at most) that end with the one of `now` (seconds), of a group (slot). All 0 where
 * there was nothing. */
void pace_spread(const struct pace *p, __u8 slot, enum pace_what what, __s64 now, unsigned int minutes,
		 struct spread *out);

#endif
