/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prefixes that left the list: one that comes back has a new id, and what was counted under the old one is still
 * its own. Counters would go back otherwise.
 */
#ifndef XREACH_FORMER_H
#define XREACH_FORMER_H

#include "detect/tally.h"
#include "show/places.h"

struct former_prefix {
	char text[48];
	__u32 id;
	__u8 slot;
};

struct former {				/* begins as zeroes */
	struct former_prefix *prefixes; /* sorted by slot and text; each has counted something */
	size_t n;
};

/* Room for what leaves when a list of so many prefixes goes; 0 or -ENOMEM. */
int former_reserve(struct former *f, size_t more);
/* The list in force has changed: remember what was in the one before and is not in this one. */
void former_note(struct former *f, const struct places *places, const struct tally *tally);
void former_clear(struct former *f);
/* Flows of a prefix since the start, under all ids that it has had. */
__u64 former_flows(const struct former *f, const struct tally *tally, const struct place *place,
		   enum tally_class class);

#endif
