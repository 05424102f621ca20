/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The newest flows that are not ok, VIEW_FLOWS at most: a new one pushes the oldest out. An interim one is put
 * right, or taken out, by what comes later for the same flow.
 */
#ifndef XREACH_RECENT_H
#define XREACH_RECENT_H

#include "show/view.h"

struct recent {
	struct {
		__u64 key; /* keyed hash of an interim one; 0 once final; never shown */
		struct view_flow flow;
	} slots[VIEW_FLOWS];
	unsigned short order[VIEW_FLOWS]; /* slots, oldest first; the unused ones behind */
	size_t n;
};

void recent_init(struct recent *r);
/* `told`: an interim one of this key may be there, and is replaced in its place, keeping its id, or taken out
 * when `flow` is NULL. Else `flow` is added. */
void recent_note(struct recent *r, __u64 key, bool told, const struct view_flow *flow);
/* Copy all, newest first. Returns how many. */
size_t recent_copy(const struct recent *r, struct view_flow *to);

#endif
