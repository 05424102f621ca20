/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is only one side of the traffic visible here? The incidents contract's `one_direction`: most flows of a group could not
 * be judged for that, and most of the controls' as well. Pure; seconds are an argument.
 */
#ifndef XREACH_SIDES_H
#define XREACH_SIDES_H

#include <stdbool.h>
#include "wire.h"

#define SIDES_STEPS 60 /* of ten seconds */
#define SIDES_FLOWS 8  /* fewer tell nothing, as everywhere in the contract */

struct sides { /* all zero to begin with */
	struct sides_step {
		__s64 at;
		__u32 one, all;
	} steps[WIRE_GROUPS_MAX][SIDES_STEPS];
};

/* A final flow of this group, told of at second `now`. */
void sides_flow(struct sides *s, __u8 group, __s64 now, bool one_direction);
/* Over the last ten minutes. `controls`: a bit for each control group; the group itself is none of its own. */
bool sides_one(const struct sides *s, __u8 group, __u32 controls, __s64 now);

#endif
