/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has been counted and is not on the disk yet: a table in memory of flows by minute and series. Bounded, because
 * a disk may be full for days.
 */
#ifndef XREACH_WAITING_H
#define XREACH_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include "judge/verdict.h"

#define WAITING_MAX 16384 /* rows; at most 6 MB */

struct waiting_row {
	__s64 minute; /* seconds, UTC; a multiple of 60 */
	char group[32], site[32], prefix[48];
	bool target, v6, quic;
	__u8 stage, outcome, signature, level, class;
	__u64 flows; /* 0: the slot is free */
};

struct waiting {
	struct waiting_row *rows; /* open addressing */
	size_t room, used;
};

/* Count a flow. Names are cut to their fields. False when it is full or out of memory: the flow is not counted. */
bool waiting_count(struct waiting *w, __s64 second, const char *group, bool target, const char *site,
		   const char *prefix, const struct verdict *v);
void waiting_clear(struct waiting *w); /* all of it has been written; the memory is kept */
void waiting_free(struct waiting *w);

#endif
