// SPDX-License-Identifier: GPL-2.0
/* Slots by name, prefixes by id. */
#include "show/places.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/clean.h"

static int by_id(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The slot of this name, a new one if need be; -1 when there is none left. */
static int slot_for(struct place_group *groups, unsigned int *n, const struct range_group *group)
{
	struct place_group *slot = groups;
	char name[sizeof(slot->name)];

	clean_copy(name, sizeof(name), group->name);
	while (slot < groups + *n && strcmp(slot->name, name))
		slot++;
	if (slot == groups + WIRE_GROUPS_MAX)
		return -1;
	if (slot == groups + *n) {
		memset(slot, 0, sizeof(*slot));
		memcpy(slot->name, name, sizeof(name));
		++*n;
	}
	slot->role = group->role;
	/* what is found automatically starts whole, until somebody says otherwise */
	if (group->sample > 0 || !slot->in_force)
		slot->sample = group->sample > 0 ? group->sample : 1;
	slot->in_force = true;
	return (int)(slot - groups);
}

static void tell_ranges(struct places *p, const struct ranges *r)
{
	char text[160];

	clean_copy(p->version, sizeof(p->version), r->version);
	clean_copy(p->date, sizeof(p->date), r->date);
	clean_copy(p->hash, sizeof(p->hash), r->hash);
	snprintf(text, sizeof(text), "%s%s%s%s %s", r->version, r->date[0] ? " (" : "", r->date,
		 r->date[0] ? ")" : "", r->hash);
	clean_copy(p->ranges, sizeof(p->ranges), text);
}

/* 1 + the slot of the control whose space this prefix lies in; 0 for none. */
static __u8 cdn_of(const struct places *p, const struct ranges *ranges, const struct range_prefix *prefix)
{
	for (size_t i = 0; i < ranges->n_prefixes; i++) {
		const struct range_prefix *space = &ranges->prefixes[i];

		if (space->group < ranges->n_groups && ranges->groups[space->group].role == ROLE_CONTROL &&
		    space->plen <= prefix->plen && range_holds(space, prefix->addr, prefix->v6))
			return (__u8)(p->slots[space->group] + 1);
	}
	return 0;
}

int places_set(struct places *p, const struct ranges *ranges)
{
	struct places new = *p;
	bool was[WIRE_GROUPS_MAX];

	if (ranges->n_groups > WIRE_GROUPS_MAX)
		return -ENOSPC;
	memset(new.slots, -1, sizeof(new.slots));
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++)
		was[i] = false;
	for (unsigned int i = 0; i < ranges->n_groups; i++) {
		int slot = slot_for(new.groups, &new.n_groups, &ranges->groups[i]);

		if (slot < 0)
			return -ENOSPC;
		new.slots[i] = (__s8)slot;
		was[slot] = true;
	}
	for (unsigned int i = 0; i < new.n_groups; i++)
		new.groups[i].in_force = was[i];

	new.n_now = 0;
	new.now = calloc(ranges->n_prefixes ? ranges->n_prefixes : 1, sizeof(*new.now));
	if (!new.now)
		return -ENOMEM;
	for (size_t i = 0; i < ranges->n_prefixes; i++) {
		const struct range_prefix *from = &ranges->prefixes[i];
		struct place *to = &new.now[new.n_now];

		if (from->group >= ranges->n_groups)
			continue;
		to->id = from->id;
		to->slot = (__u8) new.slots[from->group];
		to->shared_with = from->shared_with ? new.slots[from->shared_with - 1] : -1;
		to->class = from->class;
		to->cdn = from->class == CLASS_DEDICATED ? cdn_of(&new, ranges, from) : 0;
		clean_copy(to->text, sizeof(to->text), from->text);
		new.n_now++;
	}
	qsort(new.now, new.n_now, sizeof(*new.now), by_id);
	tell_ranges(&new, ranges);

	free(p->before);
	new.before = p->now;
	new.n_before = p->n_now;
	*p = new;
	return 0;
}

void places_clear(struct places *p)
{
	free(p->now);
	free(p->before);
	memset(p, 0, sizeof(*p));
}

const struct place *places_find(const struct places *p, __u32 prefix)
{
	const struct place key = { .id = prefix };
	const struct place *found = NULL;

	if (p->n_now)
		found = bsearch(&key, p->now, p->n_now, sizeof(key), by_id);
	if (!found && p->n_before)
		found = bsearch(&key, p->before, p->n_before, sizeof(key), by_id);
	return found;
}
