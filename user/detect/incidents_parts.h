/* SPDX-License-Identifier: GPL-2.0 */
/* What incidents.c and incident_report.c share. */
#ifndef XREACH_INCIDENTS_PARTS_H
#define XREACH_INCIDENTS_PARTS_H

#include "detect/incidents.h"
#include "detect/pending.h"
#include "detect/sides.h"
#include "detect/signs.h"
#include "detect/vanish.h"

/* The three that can have an incident, in the order in which they are believed. */
enum source { SOURCE_BLOCK, SOURCE_THROTTLE, SOURCE_VANISHED, SOURCES };

struct incidents_group {
	double sample;
	unsigned int told[SOURCES]; /* changes of each that were told */
	enum source newest;	    /* of which the last one told was */
	bool has;
	__u64 opened;
	__s64 since;		     /* of the incident that `before` belongs to */
	__u64 before[SIGNATURES];    /* failures by signature when it began */
	struct incident_report last; /* as it was told when it ended; else it goes on */
};

struct incidents {
	struct incidents_setup setup;
	__s64 now; /* the last second that has passed; 0: none */
	struct detector *blocks, *throttles;
	struct vanish *vanish;
	struct sides sides;
	struct signs *signs;
	struct trust trust;
	double untrusted;
	struct pending pending; /* interim findings that stand in the detector */
	__u64 interim_full;
	struct incidents_group groups[WIRE_GROUPS_MAX];
};

/* Tell what has changed since the last time. */
void incidents_tell(struct incidents *i);
/* Does the second detector's word amount to a throttle? */
bool incidents_throttled(const struct incidents *i, __u8 group);

#endif
