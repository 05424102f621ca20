// SPDX-License-Identifier: GPL-2.0
/* The daemon's life ends and another begins, with what it keeps: by names, as incidents_save() and _restore() have it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "detect/incidents_parts.h"
#include "detect/state_names.h"
#include "part_names.h"
#include "traffic.h"

static const char *group_name(const void *arg, __u8 group)
{
	static char name[16];

	(void)arg;
	snprintf(name, sizeof(name), "%u", group);
	return group >= X && group < X + GROUPS ? name : NULL;
}

static bool find_group(const void *arg, const char *name, __u8 *group)
{
	(void)arg;
	*group = (__u8)atoi(name);
	return *group >= X && *group < X + GROUPS;
}

static const struct state_names names = { group_name, part_name, find_group, find_part, NULL };

void world_restart(struct world *w, __s64 seconds)
{
	struct incidents *after = incidents_new(&w->incidents->setup);
	const char *why = "out of memory";
	__u8 *state;
	size_t n;

	state = incidents_save(w->incidents, &names, &n);
	w->now += seconds;
	if (state && after)
		why = incidents_restore(after, &names, state, n, w->now);
	if (why) { /* the code's own state, refused by it: no figure would be worth anything */
		fprintf(stderr, "simulate: what was kept cannot be read: %s\n", why);
		_exit(1);
	}
	free(state);
	incidents_free(w->incidents);
	w->incidents = after;
	verdicts_forget(&w->verdicts);
}
