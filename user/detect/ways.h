/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In which ways a range is reached and in which not: successes and failures of the last minutes by the name asked
 * for, transport, family and port. Pure; final findings only.
 */
#ifndef XREACH_WAYS_H
#define XREACH_WAYS_H

#include "detect/tally.h"

#define WAYS_PREFIXES 1024
#define WAYS_MINUTES  10

/* UNSENT: it ended before the client could send a name. ECH hides its name, which is then unknown. */
enum way_name { WAY_MATCH, WAY_OTHER, WAY_NONE, WAY_UNKNOWN, WAY_UNSENT, WAY_NAMES };

struct way_counts {
	__u32 failed, passed;
};
/* Sums over everything else, and of all. */
struct ways_about {
	struct way_counts name[WAY_NAMES];
	struct way_counts quic[2];	/* TCP, QUIC */
	struct way_counts v6[2];	/* IPv4, IPv6 */
	struct way_counts elsewhere[2]; /* port 443, any other */
	struct way_counts all;
};

struct ways;
struct ways *ways_new(void); /* NULL when out of memory */
void ways_free(struct ways *w);

void ways_add(struct ways *w, const struct finding *f);
/* Findings counted in their group only, WAYS_PREFIXES ranges having had some. */
__u64 ways_full(const struct ways *w);
/* Of the WAYS_MINUTES that end with the one of `now` (seconds). `prefix` 0: of the whole group (slot). */
void ways_about(const struct ways *w, __u8 group, __u32 prefix, __s64 now, struct ways_about *out);
/* The same of those of them that begin at second `since` or later, and of `n` prefixes together; 0: of the whole group. */
void ways_since(const struct ways *w, __u8 group, const __u32 *prefixes, unsigned int n, __s64 since, __s64 now,
		struct ways_about *out);

#endif
