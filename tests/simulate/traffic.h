/* SPDX-License-Identifier: GPL-2.0 */
/* Made traffic of a cell, judged flow by judged flow, into the incidents code that the watch uses. */
#ifndef XREACH_TRAFFIC_H
#define XREACH_TRAFFIC_H

#include "cells.h"
#include "detect/incidents.h"

#define X	     1 /* the target's group; the controls follow it */
#define CONTROLS     4
#define PREFIX_FIRST 100
#define PREFIXES     10
#define PREFIX_HIT   103 /* the one that is blocked, or dead */
#define SITE_HIT     2
#define GROUPS	     (1 + CONTROLS)

struct world {
	const struct cell *cell;
	struct incidents *incidents;
	__s64 now, begun; /* the last second played; when what happens began, 0: not yet */
	double z[GROUPS]; /* how the benign shares stand, as normal deviates */
	double wander[GROUPS];
	unsigned int turn; /* of the ranges */
	__u64 key;
};

/* False without memory. */
bool world_new(struct world *w, const struct cell *c, __s64 start);
void world_free(struct world *w);
/* Play the next second; from `begun` on it is blocked, while begun is not 0. */
void world_second(struct world *w);

#endif
