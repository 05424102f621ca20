/* SPDX-License-Identifier: GPL-2.0 */
/* Made traffic of a cell, judged flow by judged flow, into the incidents code that the watch uses. */
#ifndef XREACH_TRAFFIC_H
#define XREACH_TRAFFIC_H

#include "cells.h"
#include "detect/incidents.h"
#include "verdicts.h"

#define X	     1 /* the target's group; the controls follow it */
#define CONTROLS     4
#define PREFIX_FIRST 100
#define PREFIXES     10
#define PREFIX_HIT   103 /* the one that is blocked, or dead */
#define PREFIX_NEW   150 /* the one that is added and never answers */
#define SITE_HIT     2
#define SITES	     3
#define GROUPS	     (1 + CONTROLS)

/* The seconds in which what happens happens to a group: from <= now < to. */
struct span {
	__s64 from, to;
};

struct world {
	const struct cell *cell;
	struct incidents *incidents;
	__s64 start, now;     /* now: the last second played */
	__s64 begun, watched; /* when what happens began, 0: not yet; the first second of it that was seen */
	__s64 event;	      /* the next restart, gap or change */
	struct span fails[GROUPS];
	double z[GROUPS]; /* how the benign shares stand, as normal deviates */
	double wander[GROUPS];
	unsigned int turn; /* of the ranges */
	bool fewer;	   /* controls, for now */
	__u64 key;
	struct verdicts verdicts;
};

/* False without memory. */
bool world_new(struct world *w, const struct cell *c, __s64 start);
void world_free(struct world *w);
/* Play the next second. */
void world_second(struct world *w);
/* What is to happen begins with the next second; and ends with it, for X with the one returned. */
void world_begin(struct world *w);
__s64 world_end(struct world *w);

/* Does it happen to this group (0: X) at all, to this prefix of X? */
bool cell_hits_group(const struct cell *c, unsigned int group);
bool cell_hits_prefix(const struct cell *c, __u32 prefix);

/* ---- restart.c ---- */
/* The daemon is killed, and watches again so many seconds later. */
void world_restart(struct world *w, __s64 seconds);

#endif
