// SPDX-License-Identifier: GPL-2.0
/* Flows of which one side was seen, against all: see sides.h. */
#include "detect/sides.h"

#define STEP_S 10

void sides_flow(struct sides *s, __u8 group, __s64 now, bool one_direction)
{
	struct sides_step *step;

	if (group >= WIRE_GROUPS_MAX)
		return;
	step = &s->steps[group][(__u64)(now / STEP_S) % SIDES_STEPS];
	if (step->at != now / STEP_S)
		*step = (struct sides_step){ .at = now / STEP_S };
	step->one += one_direction;
	step->all++;
}

static void sum(const struct sides *s, __u8 group, __s64 now, __u64 *one, __u64 *all)
{
	for (unsigned int i = 0; i < SIDES_STEPS; i++) {
		const struct sides_step *step = &s->steps[group][i];

		if (step->at > now / STEP_S || step->at <= now / STEP_S - SIDES_STEPS)
			continue;
		*one += step->one;
		*all += step->all;
	}
}

static bool most(__u64 one, __u64 all)
{
	return all >= SIDES_FLOWS && one * 2 > all;
}

bool sides_one(const struct sides *s, __u8 group, __u32 controls, __s64 now)
{
	__u64 one = 0, all = 0;

	if (group >= WIRE_GROUPS_MAX)
		return false;
	sum(s, group, now, &one, &all);
	if (!most(one, all))
		return false;
	one = all = 0;
	for (__u8 other = 0; other < WIRE_GROUPS_MAX; other++)
		if (other != group && controls >> other & 1)
			sum(s, other, now, &one, &all);
	return most(one, all);
}
