// SPDX-License-Identifier: GPL-2.0
/* Interim findings by key: open addressing, and removal that leaves no marks behind. */
#include "detect/pending.h"

#include <stdlib.h>
#include <string.h>

#define PENDING_LEAST 1024

/* The key is a keyed hash already; a multiply spreads the keys of tests as well. */
static unsigned int home(const struct pending *p, __u64 key)
{
	return (unsigned int)(key * 0x9e3779b97f4a7c15ull >> 32) & (p->room - 1);
}

static struct pending_entry *place(struct pending *p, const struct pending_entry *entry)
{
	unsigned int i = home(p, entry->key);

	while (p->slots[i].used)
		i = (i + 1) & (p->room - 1);
	p->slots[i] = *entry;
	p->slots[i].used = true;
	p->used++;
	return &p->slots[i];
}

/* Make room: drop what is too old, and take twice the room if that did not free half of what was used. */
static bool make_room(struct pending *p, __s64 oldest)
{
	struct pending old = *p, new = { .room = p->room };
	unsigned int fresh = 0;

	for (unsigned int i = 0; i < old.room; i++)
		fresh += old.slots[i].used && old.slots[i].second > oldest;
	if (fresh >= PENDING_MAX)
		return false;
	if (!new.room)
		new.room = PENDING_LEAST;
	if (fresh * 4 > new.room &&new.room < 2 * PENDING_MAX)
		new.room *= 2;
	new.slots = calloc(new.room, sizeof(*new.slots));
	if (!new.slots)
		return false;
	for (unsigned int i = 0; i < old.room; i++)
		if (old.slots[i].used && old.slots[i].second > oldest)
			place(&new, &old.slots[i]);
	free(old.slots);
	*p = new;
	return new.used * 2 < new.room;
}

void pending_clear(struct pending *p)
{
	free(p->slots);
	memset(p, 0, sizeof(*p));
}

struct pending_entry *pending_put(struct pending *p, const struct pending_entry *entry, __s64 oldest)
{
	if (p->used * 2 >= p->room) {
		/* a full table is walked again only when time has passed: nothing else makes entries old */
		if (p->full && p->full_at == oldest)
			return NULL;
		p->full = !make_room(p, oldest);
		p->full_at = oldest;
		if (p->full)
			return NULL;
	}
	return place(p, entry);
}

bool pending_take(struct pending *p, __u64 key, struct pending_entry *out)
{
	unsigned int mask = p->room - 1, i, next;

	if (!p->used)
		return false;
	for (i = home(p, key); p->slots[i].used && p->slots[i].key != key;)
		i = (i + 1) & mask;
	if (!p->slots[i].used)
		return false;
	*out = p->slots[i];
	/* close the gap: whatever follows and is farther from home than the gap moves into it */
	for (next = (i + 1) & mask; p->slots[next].used; next = (next + 1) & mask) {
		if (((next - home(p, p->slots[next].key)) & mask) >= ((next - i) & mask)) {
			p->slots[i] = p->slots[next];
			i = next;
		}
	}
	p->slots[i].used = false;
	p->used--;
	return true;
}
