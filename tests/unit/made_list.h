/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of ranges for tests, made without a file. */
#ifndef XREACH_TEST_MADE_LIST_H
#define XREACH_TEST_MADE_LIST_H

#include <stdio.h>
#include <string.h>

#include "load/ranges.h"

#define LIST_PREFIXES 64

struct list {
	struct ranges ranges;
	struct range_prefix prefixes[LIST_PREFIXES];
};

static inline void list_begin(struct list *l, const char *version)
{
	memset(l, 0, sizeof(*l));
	snprintf(l->ranges.version, sizeof(l->ranges.version), "%s", version);
	strcpy(l->ranges.date, "2026-11-01");
	strcpy(l->ranges.hash, "0123456789abcdef");
	l->ranges.prefixes = l->prefixes;
}

static inline void list_group(struct list *l, const char *name, enum role role, double sample)
{
	struct range_group *g = &l->ranges.groups[l->ranges.n_groups++];

	snprintf(g->name, sizeof(g->name), "%s", name);
	g->role = role;
	g->sample = sample;
}

/* A prefix of the group begun last. */
static inline void list_prefix(struct list *l, __u32 id, const char *text, enum class class)
{
	struct range_prefix *p = &l->prefixes[l->ranges.n_prefixes++];

	p->id = id;
	p->group = (__u8)(l->ranges.n_groups - 1);
	p->class = class;
	snprintf(p->text, sizeof(p->text), "%s", text);
}

#endif
