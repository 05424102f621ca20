// SPDX-License-Identifier: GPL-2.0
/* Flows stay where they are; a small array of slot numbers has their order. */
#include "show/recent.h"

#include <string.h>

void recent_init(struct recent *r)
{
	r->n = 0;
	for (unsigned short i = 0; i < VIEW_FLOWS; i++)
		r->order[i] = i;
}

/* Position of an interim flow in `order`, or n. */
static size_t find(const struct recent *r, __u64 key)
{
	for (size_t i = r->n; i-- > 0;)
		if (r->slots[r->order[i]].key == key && r->slots[r->order[i]].flow.interim)
			return i;
	return r->n;
}

/* Its slot becomes the first unused one. */
static void take_out(struct recent *r, size_t position)
{
	unsigned short slot = r->order[position];

	memmove(&r->order[position], &r->order[position + 1], (r->n - position - 1) * sizeof(r->order[0]));
	r->order[--r->n] = slot;
}

void recent_note(struct recent *r, __u64 key, bool told, const struct view_flow *flow)
{
	size_t position = told ? find(r, key) : r->n;
	unsigned short slot;
	unsigned long long id;

	if (position < r->n && !flow) {
		take_out(r, position);
		return;
	}
	if (!flow)
		return;
	if (position == r->n) {
		if (r->n == VIEW_FLOWS)
			take_out(r, 0);
		slot = r->order[r->n++];
		id = flow->id;
	} else {
		slot = r->order[position];
		id = r->slots[slot].flow.id;
	}
	r->slots[slot].flow = *flow;
	r->slots[slot].flow.id = id;
	r->slots[slot].key = flow->interim ? key : 0;
}

size_t recent_copy(const struct recent *r, struct view_flow *to)
{
	for (size_t i = 0; i < r->n; i++)
		to[i] = r->slots[r->order[r->n - 1 - i]].flow;
	return r->n;
}
