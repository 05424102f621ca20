/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of groups and prefixes, over reloads of the ranges. A group has a slot for the life of the process; the
 * prefixes of the list before the one in force are kept, for flows that were opened under it.
 */
#ifndef XREACH_PLACES_H
#define XREACH_PLACES_H

#include <stdbool.h>
#include "load/ranges.h"

struct place {
	__u32 id;
	__u8 slot;
	__s8 shared_with; /* slot of the target that this control's space serves, too; -1 for none */
	__u8 cdn;	  /* of a dedicated one: 1 + the slot of the control in whose space it lies; 0 for none */
	enum class class;
	char text[48];
};

struct place_group {
	char name[32];
	enum role role;
	double sample; /* share of its flows watched */
	bool in_force; /* in the list in force */
};

struct places {
	struct place_group groups[WIRE_GROUPS_MAX];
	unsigned int n_groups;
	__s8 slots[WIRE_GROUPS_MAX]; /* by the group's number in the list in force; -1 for none */
	struct place *now, *before;  /* sorted by id */
	size_t n_now, n_before;
	char ranges[80]; /* all of the following in one */
	char version[64], date[16], hash[17];
};

/* Put a list in force (`p` starts as zeroes). 0, -ENOSPC, -ENOMEM; on failure nothing changes. */
int places_set(struct places *p, const struct ranges *ranges);
void places_clear(struct places *p);
/* NULL where it is not known (any more). */
const struct place *places_find(const struct places *p, __u32 prefix);

#endif
