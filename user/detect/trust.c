// SPDX-License-Identifier: GPL-2.0
/* Shares of what was lost or not understood, over the last minutes: see trust.h. */
#include "detect/trust.h"

#include <stddef.h>

#define STEP_S (TRUST_S / TRUST_STEPS)

void trust_note(struct trust *t, __s64 now, const struct trust_counts *counts)
{
	unsigned int i = (unsigned int)((__u64)(now / STEP_S) % TRUST_STEPS);

	t->now = *counts;
	if (t->at[i] == now / STEP_S)
		return;
	t->at[i] = now / STEP_S;
	t->steps[i] = *counts;
}

/* A counter that went back started anew. */
static double share(__u64 part, __u64 part_before, __u64 all, __u64 all_before)
{
	__u64 more = part >= part_before ? part - part_before : part;
	__u64 of = all >= all_before ? all - all_before : all;

	if (!more)
		return 0;
	return more < of ? (double)more / (double)of : 1;
}

double trust_bad(const struct trust *t, __s64 now)
{
	const struct trust_counts *then = NULL;
	__s64 oldest = now / STEP_S;
	double lost, unparsed;

	for (unsigned int i = 0; i < TRUST_STEPS; i++) {
		if (!t->at[i] || t->at[i] > oldest || t->at[i] <= now / STEP_S - TRUST_STEPS)
			continue;
		oldest = t->at[i];
		then = &t->steps[i];
	}
	if (!then)
		return 0;
	lost = share(t->now.lost, then->lost, t->now.opened, then->opened);
	unparsed = share(t->now.unparsed, then->unparsed, t->now.packets, then->packets);
	return lost > unparsed ? lost : unparsed;
}
