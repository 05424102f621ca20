/* SPDX-License-Identifier: GPL-2.0 */
/* What incidents.c and incident_report.c share. */
#ifndef XREACH_INCIDENTS_PARTS_H
#define XREACH_INCIDENTS_PARTS_H

#include "detect/incidents.h"
#include "detect/pending.h"
#include "detect/sides.h"
#include "detect/vanish.h"

/* Seconds until an open incident may be told again though its word is the same, and at most. */
#define AGAIN_LEAST_S 60
#define AGAIN_MOST_S  3600

/* The three that can have an incident, in the order in which they are believed. */
enum source { SOURCE_BLOCK, SOURCE_THROTTLE, SOURCE_VANISHED, SOURCES };

/* One of them, as it was told last. */
struct incidents_told {
	bool has;
	unsigned int changes;	     /* of a block: so many of them */
	__s64 at, again_s;	     /* when; it may be told again so long after that, where more is known of it */
	unsigned int told_by;	     /* what it went by then: in `last` it is kept up with */
	struct incident_report last; /* of the others also what they are, see incident_sources.c */
};

struct incidents_group {
	double sample;
	enum source newest; /* that was told */
	bool has;
	__u64 opened;
	struct incidents_told told[SOURCES];
};

struct incidents {
	struct incidents_setup setup;
	__s64 now; /* the last second that has passed; 0: none */
	struct detector *blocks, *throttles;
	struct vanish *vanish;
	struct sides sides;
	struct trust trust;
	double untrusted;
	struct pending pending; /* interim findings that stand in the detector */
	__u64 interim_full;
	struct incidents_group groups[WIRE_GROUPS_MAX];
};

/* ---- incident_sources.c ---- */
/* What has changed since it was told: a bit for each source, and its incident. */
unsigned int incident_news(const struct incidents *i, __u8 group, struct incident news[static SOURCES]);
/* The one that was told last, as it is by now. False: it is no more. */
bool incident_now(const struct incidents *i, __u8 group, enum source source, struct incident *out);

/* Tell what has changed since the last time. */
void incidents_tell(struct incidents *i);
/* Does the second detector's word amount to a throttle? */
bool incidents_throttled(const struct incidents *i, __u8 group);

#endif
