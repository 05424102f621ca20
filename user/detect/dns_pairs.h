/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Questions and the answers to them, by the key that they have in common, until it is clear what there is to say: one
 * verdict for each question that was answered. Two answers that contradict each other within DNS_WINDOW_NS are what normal
 * traffic practically never has (Duan et al. 2012, "Hold-On"), and what boxes beside the path make.
 */
#ifndef XREACH_DNS_PAIRS_H
#define XREACH_DNS_PAIRS_H

#include "judge/dns.h"
#include "judge/server_name.h"

#define DNS_WINDOW_NS 5000000000ull /* how long after the first answer another is waited for */
/* Two answers of addresses that are both in the ranges contradict each other only within this: a name server that has
 * many may give others to the same question asked again. 99 of 100 forged answers come less before the true one (Hoang et
 * al. 2021). */
#define DNS_BOTH_INSIDE_NS 500000000ull
#define DNS_PAIRS	   4096 /* questions at a time; the oldest is decided sooner where there are more */
#define DNS_ANSWERS	   4	/* differing ones that are kept of each */

struct dns_seen { /* one message as it came */
	__u64 key, now_ns;
	const struct name_rule *rule; /* outlives the pairs */
	__u8 site;		      /* of the asker, 0 for none */
	__u8 ttl;		      /* TTL or hop limit it came with */
	enum dns_verdict verdict;     /* of the answer by itself; of no use with a question */
	const struct dns_message *message;
};

struct dns_case { /* one question, decided */
	enum dns_verdict verdict;
	const struct name_rule *rule;
	__u8 site;
	unsigned int answers; /* that differ; 1 or more */
	/* Of the answer that the verdict is about: with a conflict the one that is worse by itself, or came first. Where one
	 * of them is of the ranges, the addresses are those of all that are not: the false ones. */
	struct dns_address addresses[DNS_ADDRESSES];
	unsigned int n; /* 0 for NXDOMAIN */
	int ttl;
	bool asked;	/* the question was seen, too */
	__u32 after_us; /* then: how long after it the answer came */
	__u32 apart_us; /* DNS_CONFLICT: between that answer and the first that contradicts it, whichever came first */
	__u64 first_ns; /* of the question, or of the first answer */
};

struct dns_pairs;
/* NULL when out of memory. `decided` is told each case, as it is decided. */
struct dns_pairs *dns_pairs_new(void (*decided)(void *arg, const struct dns_case *c), void *arg);
void dns_pairs_free(struct dns_pairs *p); /* NULL is fine; what is open is forgotten */

/*
 * One message more. Times rise, or nearly so. An answer without a verdict is nobody's case; a question that nobody answers
 * within the window neither. A question after an answer is a new one, also under the same key.
 */
void dns_pairs_add(struct dns_pairs *p, const struct dns_seen *seen);
/* Decide what has waited long enough by now; call it about every second. */
void dns_pairs_due(struct dns_pairs *p, __u64 now_ns);
/* Decide all: nothing more will come. */
void dns_pairs_flush(struct dns_pairs *p);

#endif
