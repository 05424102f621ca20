/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What came of DNS: answered questions by group and verdict, and of each group the last answers that were not ok, each
 * address once. Pure; seconds are an argument.
 */
#ifndef XREACH_DNS_TALLY_H
#define XREACH_DNS_TALLY_H

#include "detect/dns_pairs.h"

#define DNS_ASTRAY 16 /* that are kept of a group; the one not seen for longest gives way */

/* An address (none for NXDOMAIN) that a rule's names were answered with. Time and distance are those of the last time. */
struct dns_astray {
	const struct name_rule *rule;
	enum dns_verdict verdict;
	bool has_address;
	struct dns_address address;
	int ttl;	/* it came with */
	bool asked;	/* the question was seen: after_us is known */
	__u32 after_us; /* question to answer */
	__u32 apart_us; /* DNS_CONFLICT: to the answer that contradicts it */
	__u64 times;
	__s64 second;
};

struct dns_tally;
struct dns_tally *dns_tally_new(void); /* NULL when out of memory */
void dns_tally_free(struct dns_tally *t);

/* Count one case under the group of its rule, at that second. */
void dns_tally_add(struct dns_tally *t, const struct dns_case *c, __s64 second);
__u64 dns_tally_count(const struct dns_tally *t, __u8 group, enum dns_verdict verdict);
/* The last ones of a group, latest first, into out[DNS_ASTRAY]; returns how many. */
unsigned int dns_tally_astray(const struct dns_tally *t, __u8 group, struct dns_astray *out);

#endif
