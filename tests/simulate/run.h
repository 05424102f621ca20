/* SPDX-License-Identifier: GPL-2.0 */
/* One run of a cell: what came of it, small enough to go through a pipe in one piece. */
#ifndef XREACH_RUN_H
#define XREACH_RUN_H

#include "cells.h"

/* How far the host's nearest stream was over (under: below 0) its threshold at most in an hour, by quarters of a nat. */
#define TAIL_BINS  160
#define TAIL_STEP  .25
#define TAIL_LEAST (-30.)

struct run {
	unsigned int cell;
	bool skipped;		 /* something was said in the calm before: of no use, and counted as an alarm */
	bool wrong, wrong_after; /* what must not be said was: while it happened, in the minutes after it */
	bool parts;		 /* ... of a site or a prefix of X */
	bool others;		 /* a control that was well was said to be ill */
	bool exact;		 /* the scope is named as it is */
	bool open, one;		 /* open when it ended; it was one incident, with the phases that were played */
	bool within;		 /* its begin lies within the uncertainty that is told */
	unsigned int alarms;
	double days;	      /* of calm */
	double got[MEASURES]; /* below 0: it never came */
	double word_s[WORDS]; /* when it was first said of X, or of the part that explains it; below 0: never */
	__u16 tail[TAIL_BINS];
};

/* Play `n` runs of cell `number` after one warm-up of so many hours, from this seed on, each in a process of its own, and
 * hand each to `done`. Returns 0 or -errno. */
int run_block(unsigned int number, unsigned int n, double warm, __u64 seed, void (*done)(const struct run *));
int run_calm(unsigned int number, unsigned int seconds, __u64 seed, void (*done)(const struct run *));

#endif
