/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What state is each group in, since when, and which part of it: from judged flows alone. Streams (the group, each of
 * its prefixes, sites, families, transports) each have a statistic (urn.h); the other control groups are the witnesses
 * that tell a block from an outage. Pure: evaluated once a second with the time as an argument.
 */
#ifndef XREACH_DETECTOR_H
#define XREACH_DETECTOR_H

#include <stdbool.h>
#include "detect/urn.h"
#include "judge/verdict.h"
#include "wire.h"

/* The words of the incidents contract. `throttled`, `vanished` and `one_direction` have tests of their own. */
enum word {
	WORD_INSUFFICIENT,
	WORD_OK,
	WORD_IMPAIRED,
	WORD_LIKELY_BLOCKED,
	WORD_BLOCKED,
	WORD_THROTTLED,
	WORD_VANISHED,
	WORD_DOWN,
	WORD_ONE_DIRECTION,
	WORDS
};
extern const char *const word_names[WORDS];

enum stream_kind { STREAM_GROUP, STREAM_PREFIX, STREAM_SITE, STREAM_FAMILY, STREAM_TRANSPORT, STREAM_KINDS };

/* A decided flow that counts as failure or success. */
struct detect_flow {
	__s64 at;     /* second of the client packet that decided it */
	__u32 prefix; /* range id */
	__u16 client; /* wire_flow.client; goes no further than into counts */
	__u8 group, site;
	bool v6, quic, failed;
	bool alive;	/* failed, but somebody was there: a handshake, or a reset */
	bool proof;	/* failed by injection, no mere silence: allows the word `blocked` */
	__u8 signature; /* enum signature, of a failure */
	__u8 cdn;	/* of an address dedicated to X: 1 + the control group in whose space it lies, 0 for none */
	bool corrects;	/* it comes in the place of one that is taken back, and may weigh what that did */
	__u8 weighed;	/* to be taken back: what detector_flow() said */
};
#define DETECT_COUNTED 0x80 /* and a bit for each kind of stream in whose statistic it weighs */

/* Five days of a cycle every quarter of an hour; see phases.h for more. As JSON they are 44 kB, less than a line of the
 * journal may have (48 kB). */
#define INCIDENT_PHASES 512
#define INCIDENT_SCOPE	256 /* names of a kind; with more, `scope_more` */
struct incident_phase {
	__s64 from,
		to; /* to 0: still on; of the last one, of an incident whose end was never known: the last second known */
	enum word state;
};

struct incident {
	__u8 group;
	enum word state, worst;
	enum word
		part; /* of the narrowest stream that explains it: the group may be `impaired`, a prefix `blocked` */
	enum word
		named; /* the worst that its named parts were by themselves, see `scope`; WORD_INSUFFICIENT: none yet */
	__s64 since, detected, ended; /* ended 0: open, or never known when closed */
	unsigned int since_uncertainty_s;
	bool since_bound; /* found at start, or older than what is remembered */
	bool open, unobserved, common;
	bool proven;	  /* enough of its failures were injected, or beside others of a CDN that answered */
	bool few_clients; /* fewer than 10 usual ones: at most `likely_blocked` */
	/* of the parts that it is about, see `scope`, since its change point and while it was open */
	__u64 attempts, failures;
	__u64 signatures[SIGNATURES]; /* its failures by these */
	double baseline;	      /* of the same; -1: none is known yet */
	double control_share; /* since it opened, or opened again; -1: the controls had no flows, or none were asked */
	double excess;
	struct incident_phase phases[INCIDENT_PHASES];
	unsigned int n_phases;
	__u32 scope[STREAM_KINDS][INCIDENT_SCOPE]; /* ids; families 4 and 6, transports 6 and 17 (IP protocol) */
	unsigned int n_scope[STREAM_KINDS];	   /* 0: all of that kind */
	bool scope_more;
	__u32 affected[STREAM_KINDS][INCIDENT_SCOPE]; /* where the excess is significant, also where that is all */
	unsigned int n_affected[STREAM_KINDS];
	double clients;	      /* distinct ones with failures, of the largest single day; shown as a range only */
	unsigned int changes; /* rises with each change worth a line */
	unsigned int interruptions; /* of the watch while it was open ... */
	__s64 unwatched_s;	    /* ... for so long in all */
};

struct detector;
/* NULL without memory. `controls`: a bit for each control group. */
struct detector *detector_new(__u32 controls, __s64 start);
void detector_free(struct detector *d);

/* Count a flow. A stream beyond DETECT_STREAMS counts in its group. 0 where it did not count: one client's flows to one
 * prefix weigh at most 3 in ten seconds, and a prefix that never answers tells nothing. */
#define DETECT_STREAMS 1024
__u8 detector_flow(struct detector *d, const struct detect_flow *f);
/* What was counted before was an interim verdict, and is corrected. */
void detector_take_back(struct detector *d, const struct detect_flow *f);
/* A failure that was counted stays one, but with another proof, or signature, than `f` had. */
void detector_amend(struct detector *d, const struct detect_flow *f, bool proof, enum signature signature);
/* Evaluate second `now`, once all that was judged until then was counted. It must not be earlier than the last. */
void detector_tick(struct detector *d, __s64 now);
/* Nothing was seen until `now`, or the clock was set (back, too): evidence does not reach across, and that alone opens
 * nothing. */
void detector_gap(struct detector *d, __s64 now);
/* Nothing was seen until `now`, which is not earlier than the last second, and what is known still holds: a restart. Open
 * incidents go on, nothing is concluded from the time between, and a change in it has all of it for its interval. */
#define DETECTOR_ABSENT_S (15 * 60) /* what is longer is a gap, which ends them: see detector_lose() */
void detector_absence(struct detector *d, __s64 now);
/* Close what is open, its end never to be known. */
void detector_lose(struct detector *d);

/* All of it but for the clients, of which nothing may outlive the process: how many they were at least, and no more. */
struct packed;
struct state_names;
struct unpack;
void detector_save(const struct detector *d, const struct state_names *names, struct packed *out);
/* NULL when out of memory, or where anything in it cannot be (in->bad). */
struct detector *detector_restore(__u32 controls, const struct state_names *names, struct unpack *in);
/* Is there something on its way that should be kept soon: an incident that changes, a statistic well up? */
bool detector_stirs(const struct detector *d);

/* False: too much is lost or not understood. Every state is then `insufficient`, nothing opens and nothing is learnt. */
void detector_trust(struct detector *d, bool trusted);
/* The control groups may change with the ranges. */
void detector_controls(struct detector *d, __u32 controls);

enum word detector_state(const struct detector *d, __u8 group);
/* The state of a part of a group by itself: a site, a prefix ... */
enum word detector_part(const struct detector *d, __u8 group, enum stream_kind kind, __u32 id);
/* What was learnt of a stream, so that a restart need not learn it again. Ids are this process's: whoever keeps it goes by
 * names. */
struct detect_base {
	__u8 group;
	enum stream_kind kind;
	__u32 id;
	double failures, attempts; /* forgotten slowly */
	double share;
	unsigned int windows; /* of five minutes */
	struct urn_rho rho;
};
/* The n-th stream's; false beyond the last, whose number may change as streams come. */
bool detector_base(const struct detector *d, unsigned int n, struct detect_base *out);
/* Take it as learnt. False where there is no room, or what is said cannot be. */
bool detector_know(struct detector *d, const struct detect_base *base);
/* The group's baseline failure share; -1 while there is none. */
double detector_usual(const struct detector *d, __u8 group);
/* The least excess share of its attempts whose block is told within five minutes at the pace of the last five: whose evidence
 * saturates (urn_saturation()) over its threshold, of urn_shares. -1 where not even a full block's does, or no control speaks. */
double detector_least(const struct detector *d, __u8 group);
/* Distinct clients of the day so far, of what counted: to be shown by hll_range_of() and hll_least() only. */
double detector_clients(const struct detector *d, __u8 group);
/* What counted of a group from second `from` on. */
void detector_sum(const struct detector *d, __u8 group, __s64 from, __u64 *failures, __u64 *attempts);
/* The group's newest incident, NULL if it had none; valid until the next tick. */
const struct incident *detector_incident(const struct detector *d, __u8 group);
__u64 detector_streams_full(const struct detector *d);

#endif
