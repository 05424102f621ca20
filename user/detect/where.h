/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far off the one is who answers in a server's name, and how far the server: hops and time, as distributions by
 * range and signature. An answer from 6 hops and 7 ms where the server is 14 hops and 318 ms away was not the
 * server's. What came in an incident that is on is kept apart; of the rest older ones weigh less, by half each hour. Pure;
 * final findings only.
 */
#ifndef XREACH_WHERE_H
#define XREACH_WHERE_H

#include "detect/spread.h"
#include "detect/tally.h"

#define WHERE_ROWS 1024 /* pairs of range and signature */

struct where;
struct where *where_new(void); /* NULL when out of memory */
void where_free(struct where *w);

void where_add(struct where *w, const struct finding *f);
/* An incident of this group is on, or is no more: what came in the last one is then as all the rest. */
void where_incident(struct where *w, __u8 group, bool on);
/* Findings left out because WHERE_ROWS pairs had been seen. */
__u64 where_full(const struct where *w);

struct where_side {
	struct spread hops, us;
};
struct where_about {
	struct where_side answerer; /* of the flows with that signature */
	struct where_side server;   /* of all flows of the group, or range */
};
/* `prefix` 0: of the whole group (slot). `signature` SIGNATURES: of all. False when no answerer was seen. */
bool where_about(const struct where *w, __u8 group, __u32 prefix, enum signature signature,
		 struct where_about *out);
/* The same of what came in the incident that is on. */
bool where_in_incident(const struct where *w, __u8 group, __u32 prefix, enum signature signature,
		       struct where_about *out);

#endif
