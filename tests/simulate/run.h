/* SPDX-License-Identifier: GPL-2.0 */
/* One run of a cell: what came of it, small enough to go through a pipe in one piece. */
#ifndef XREACH_RUN_H
#define XREACH_RUN_H

#include "cells.h"
#include <stdbool.h>
#include <linux/types.h>

/* How far the host's nearest stream was over (under: below 0) its threshold at most in an hour, by quarters of a nat. */
#define TAIL_BINS  160
#define TAIL_STEP  .25
#define TAIL_LEAST (-30.)

struct run {
	unsigned int cell;
	bool skipped; /* something was said in the calm before: of no use, and counted as an alarm */
	bool detected, blocked, ended, exact; /* exact: the scope is named as it is */
	bool wrong;			      /* what must not be said was */
	unsigned int alarms;
	double days; /* of calm */
	double detect_s, blocked_s, since_off_s, end_s, end_off_s;
	__u16 tail[TAIL_BINS];
};

/* Play `n` runs of cell `number` after one warm-up, from this seed on, each in a process of its own, and hand each to
 * `done`. Returns 0 or -errno. */
int run_block(unsigned int number, unsigned int n, __u64 seed, void (*done)(const struct run *));
int run_calm(unsigned int number, __u64 seed, void (*done)(const struct run *));

#endif
