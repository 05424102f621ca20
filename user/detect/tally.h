/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts of findings: totals since the start by every bounded label, and the last minutes a second at a
 * time. Pure: time is an argument (seconds of the wall clock, or of the capture).
 */
#ifndef XREACH_TALLY_H
#define XREACH_TALLY_H

#include "judge/resembles.h"

/* One judged flow, with what may be told of it. */
struct finding {
	struct verdict v;
	__u32 kind;   /* enum record_kind */
	__u64 key;    /* keyed hash, to correct an interim finding; never shown */
	__u32 prefix; /* range id */
	__u8 group;
	__u8 site; /* 0: none */
	__u8 server[16];
	__u16 port;
	__u8 drop_reason;
	bool has_icmp_source;
	__u8 icmp_source[16];  /* the router whose ICMP error ended it; never what may be somebody's (bpf/icmp.h) */
	bool told, told_later; /* an interim record went before (and said `later`) */
	bool forgotten;	       /* shared range without a matching name: counted as that and nothing else */
	__s64 first_s;	       /* wall clock second of the first packet; shown by the minute only */
	__u32 decided_after_s; /* from there to the client packet that decided it: its place in the windows */
	__u64 serial;
	const char *rule; /* that the name asked for matches, for good; NULL where it matches none */
};

struct tally;
struct tally *tally_new(void);
void tally_free(struct tally *t);

/* Count one finding. Interim ones go into the window only, and are taken back by their final one. */
void tally_add(struct tally *t, const struct finding *f);
/* An attempt of this group opened at second `now` (from the kernel's totals: n more). */
void tally_opened(struct tally *t, __u8 group, __u64 n, __s64 now);

/* Final verdicts since the start; the label combinations that can occur come from verdict_combos. */
__u64 tally_flows(const struct tally *t, __u8 group, bool v6, bool quic, unsigned int combo);
__u64 tally_class(const struct tally *t, __u8 group, enum tally_class class);
__u64 tally_background(const struct tally *t, __u8 group); /* of its flows of class neither: likely radiation */
__u64 tally_level(const struct tally *t, __u8 group, enum level level);	      /* of flows that a RST ended */
__u64 tally_pattern(const struct tally *t, __u8 group, enum pattern pattern); /* of flows with resets like it */
__u64 tally_site(const struct tally *t, __u8 group, __u8 site, enum tally_class class); /* site 0: none of them */
__u64 tally_prefix(const struct tally *t, __u32 prefix, enum tally_class class);
__u64 tally_prefix_signature(const struct tally *t, __u32 prefix, enum signature *worst);
__u64 tally_judged(const struct tally *t);
__u64 tally_forgotten(const struct tally *t);
/* Where a bound was met: findings of prefixes beyond TALLY_PREFIXES, which count in their group only, and
 * interim findings beyond PENDING_MAX, which the windows show only once they are final. */
#define TALLY_PREFIXES 16384
__u64 tally_prefixes_full(const struct tally *t);
__u64 tally_interim_full(const struct tally *t);

/* Windows ending at `now`, over the last `seconds` (600 at most). */
struct tally_window {
	__u64 opened, succeeded, failed;
};
void tally_window(const struct tally *t, __u8 group, __s64 now, unsigned int seconds, struct tally_window *out);
void tally_prefix_window(const struct tally *t, __u32 prefix, __s64 now, struct tally_window *out); /* 60 s */

/* Every (stage, outcome, signature) that a verdict can have, each once. */
struct verdict_combo {
	enum stage stage;
	enum outcome outcome;
	enum signature signature;
};
extern const struct verdict_combo verdict_combos[];
extern const unsigned int n_verdict_combos;
unsigned int verdict_combo_of(const struct verdict *v); /* index; the last row is "anything else" */

#endif
