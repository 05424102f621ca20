/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is told of a flow, and when: at once, or with a cell's DELAYS as late as it is told of real ones. A reset within a
 * second, an unanswered SYN after three, an unanswered first payload after ten, an answered flow after one to four; and one
 * in thirty of those is answered at its third SYN: told as failed after three seconds, and corrected after eight.
 */
#ifndef XREACH_VERDICTS_H
#define XREACH_VERDICTS_H

#include "cells.h"
#include "detect/tally.h"

#define VERDICTS_S 16 /* none comes later */

struct late {
	struct finding f;
	__u16 client;
	__u8 cdn; /* as incidents_finding() has it */
};

struct verdicts {
	struct {
		struct late *late;
		unsigned int n, room;
	} due[VERDICTS_S]; /* by second */
};

struct incidents;
void verdicts_free(struct verdicts *v);
/* Whoever is away sees none of them. */
void verdicts_forget(struct verdicts *v);
/* Tell what is due in second `now`. */
void verdicts_until(struct verdicts *v, struct incidents *i, __s64 now);

/* A flow of second `now`, with all but its verdict filled in. */
void verdict_well(struct verdicts *v, struct incidents *i, const struct late *flow, __s64 now, bool delays);
void verdict_failed(struct verdicts *v, struct incidents *i, const struct late *flow, __s64 now, bool delays,
		    enum how how);

#endif
