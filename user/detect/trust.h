/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Can the ledger be relied on? The incidents contract says nothing of a network while more than 2 % is lost or not
 * understood. Pure; seconds are an argument.
 */
#ifndef XREACH_TRUST_H
#define XREACH_TRUST_H

#include <stdbool.h>
#include <linux/types.h>

#define TRUST_MOST  .02
#define TRUST_S	    600 /* looked back */
#define TRUST_STEPS 60

/* Running totals. */
struct trust_counts {
	__u64 opened, lost;	 /* attempts */
	__u64 packets, unparsed; /* packets, and those that could not be followed to their ports */
};

struct trust { /* all zero to begin with */
	struct trust_counts steps[TRUST_STEPS];
	__s64 at[TRUST_STEPS]; /* number of the step, 0 for none */
	struct trust_counts now;
};

/* The totals as of second `now`. */
void trust_note(struct trust *t, __s64 now, const struct trust_counts *counts);
/* The greater of the two shares over the last TRUST_S seconds, 0 .. 1; 0 where nothing was counted. */
double trust_bad(const struct trust *t, __s64 now);

#endif
