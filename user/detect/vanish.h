/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Have the attempts at a group gone missing? The incidents contract's `vanished`: under a tenth of what season and
 * controls predict, for a quarter of an hour. That is what poisoned names, a move of the platform and an old list of
 * ranges look like; it is never called a block. The prediction is the group's usual number of attempts for each of the
 * controls', by the hour of the week once that hour was seen twice, else of about a day. Pure; seconds are an argument.
 */
#ifndef XREACH_VANISH_H
#define XREACH_VANISH_H

#include <stdbool.h>
#include "wire.h"

#define VANISH_S	(15 * 60)
#define VANISH_SHARE	.1
#define VANISH_LEAST	50. /* attempts that must be predicted: fewer may be missing by chance */
#define VANISH_HOURS	6   /* of learning, at least */
#define VANISH_BACK	.5  /* of the prediction, over five minutes: they are back */
#define VANISH_CONTROLS 30  /* flows of controls in the quarter of an hour, or nothing can be predicted */

struct vanish;
struct vanish *vanish_new(void); /* NULL when out of memory */
void vanish_free(struct vanish *v);

/* An attempt, first told of since the last vanish_tick(); `share`: of its group's flows that are watched, 0 .. 1. */
void vanish_flow(struct vanish *v, __u8 group, double share);
/* Once for each second; does its work once a minute. `controls`: a bit for each control group; `frozen`: for each with
 * an open incident, of which nothing is learnt. */
void vanish_tick(struct vanish *v, __s64 now, __u32 controls, __u32 frozen);
/* Nothing was seen until `now`, or the clock was set. */
void vanish_gap(struct vanish *v, __s64 now);

struct vanished {
	bool on;
	__s64 since, ended;	    /* ended 0: still on */
	double attempts, predicted; /* in the quarter of an hour that ended last */
};
/* Of a group that is no control. */
void vanish_about(const struct vanish *v, __u8 group, struct vanished *out);

/* A group's, over a restart. What cannot be makes `in` bad. */
struct packed;
struct unpack;
void vanish_save(const struct vanish *v, __u8 group, struct packed *out);
void vanish_restore(struct vanish *v, __u8 group, struct unpack *in);
/* The minute that is on, and how many are known; before the groups. */
void vanish_save_time(const struct vanish *v, struct packed *out);
void vanish_restore_time(struct vanish *v, struct unpack *in);

#endif
