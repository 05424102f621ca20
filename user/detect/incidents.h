/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the watch knows of incidents. Findings go in as they are judged; what counts, as what and when is the incidents
 * contract's "What counts". The detector, and beside it the tests for a throttle, for attempts that vanish and for one
 * side of the traffic only, say what state each group is in; whatever changes is told as plain data. Pure: time passes by
 * incidents_until(), so that live traffic, a capture and a test go the same way.
 */
#ifndef XREACH_INCIDENTS_H
#define XREACH_INCIDENTS_H

#include "detect/detector.h"
#include "detect/hll.h"
#include "detect/mechanism.h"
#include "detect/tally.h"
#include "detect/trust.h"
#include "detect/where.h"

#define INCIDENT_RULE	    "urn-cusum/1" /* name of the rule that decides, and its version */
#define INCIDENT_SIGNATURES 8

/* What else would look the same from one place. */
/* clang-format off */
#define COULD_BE_TABLE(X) \
	X(BLOCK, "block") X(OUTAGE_OF_X, "outage_of_x") X(ROUTE_TO_X, "route_to_x") X(OUTAGE, "outage") \
	X(THROTTLE, "throttle") X(CONGESTION, "congestion") X(POISONED_NAMES, "poisoned_names") \
	X(MOVE_OF_X, "move_of_x") X(OLD_RANGES, "old_ranges")
/* clang-format on */
enum could_be {
#define X(name, label) COULD_BE_##name,
	COULD_BE_TABLE(X)
#undef X
		COULD_BES
};
const char *could_be_name(enum could_be c);

/* An incident as it is told: numbers and ids only, whose names the board knows. It can hold no client. */
struct incident_report {
	struct incident in;
	__s64 at; /* second of this change */
	unsigned int n_signatures;
	struct {
		enum signature signature;
		double share;		   /* of the failures since the change point */
	} signatures[INCIDENT_SIGNATURES]; /* the most frequent first */
	unsigned int by;		   /* a bit for each enum mechanism that fits */
	unsigned int could_be;		   /* a bit for each enum could_be */
	int hops, server_hops;		   /* -1: not known */
	double ms, server_ms;		   /* -1: not known */
	char clients[HLL_RANGE_LEN];
};

struct incidents;
struct incidents_setup {
	__u32 controls;	     /* a bit for each control group (slot) */
	struct where *where; /* may be NULL; must outlive the incidents, as the next */
	const struct ways *ways;
	/* An incident opened, changed or closed; may be NULL. The report is the callee's to copy. */
	void (*changed)(void *arg, const struct incident_report *report);
	void *arg;
};

struct incidents *incidents_new(const struct incidents_setup *setup); /* NULL when out of memory */
void incidents_free(struct incidents *i);			      /* NULL is fine */

/* Let the seconds up to and with `now` pass. What jumps more than INCIDENTS_GAP_S ahead, or back, is a gap. */
#define INCIDENTS_GAP_S 600
void incidents_until(struct incidents *i, __s64 now);
/*
 * Count a finding, interim or final. `client`: wire_flow.client. `cdn`: it went to an address within a content network that
 * serves this group alone; 1 + the control group in whose space it lies, 0 for any other.
 */
void incidents_finding(struct incidents *i, const struct finding *f, __u16 client, __u8 cdn);
/* The running totals of the ledger as of the last incidents_until(). */
void incidents_ledger(struct incidents *i, const struct trust_counts *counts);
/* After a reload: which groups are controls. And what share of a group's flows is watched. */
void incidents_controls(struct incidents *i, __u32 controls);
void incidents_sample(struct incidents *i, __u8 group, double share);

/* What was learnt, see detector_base() and detector_know(): for whoever keeps it over restarts. */
bool incidents_base(const struct incidents *i, unsigned int n, struct detect_base *out);
bool incidents_know(struct incidents *i, const struct detect_base *base);

/*
 * All of it over a restart, but for what is of clients or flows. Bytes to be freed, NULL when out of memory. Restoring
 * takes all of it or nothing, and then says in words what is wrong with it; `now` is when the watch goes on: what was open
 * goes on with it, or is told as lost where that is too long ago (DETECTOR_ABSENT_S).
 */
struct state_names;
__u8 *incidents_save(const struct incidents *i, const struct state_names *names, size_t *n);
const char *incidents_restore(struct incidents *i, const struct state_names *names, const void *data, size_t n,
			      __s64 now);
/* Does something change, so that it should be kept soon? Is anything open? */
bool incidents_stir(const struct incidents *i);
bool incidents_any_open(const struct incidents *i);

enum word incidents_state(const struct incidents *i, __u8 group);
enum word incidents_site(const struct incidents *i, __u8 group, __u8 site);
enum word incidents_prefix(const struct incidents *i, __u8 group, __u32 prefix);
/* The group's newest incident, as it is now. False if it had none. */
bool incidents_report(const struct incidents *i, __u8 group, struct incident_report *out);
/* How many of a group were opened since the start. */
__u64 incidents_opened(const struct incidents *i, __u8 group);
/* Baseline failure share, -1 while there is none; failing share of the last minute of what counts, and of the controls
 * of this group (-1: no attempts). */
double incidents_baseline(const struct incidents *i, __u8 group);
double incidents_failing(const struct incidents *i, __u8 group);
double incidents_controls_failing(const struct incidents *i, __u8 group);
/* The least share whose block is told within five minutes, as detector_least() has it. */
double incidents_least(const struct incidents *i, __u8 group);
/* Distinct clients of the day so far, as a range ("<20", "20-49"), and the first of that range (0 for "<20"). */
const char *incidents_clients(const struct incidents *i, __u8 group, char out[static HLL_RANGE_LEN]);
unsigned long incidents_clients_least(const struct incidents *i, __u8 group);
/* The greater of what is lost and what is not understood, 0 .. 1, over ten minutes. */
double incidents_untrusted(const struct incidents *i);
/* Where a bound was met: streams, and interim findings that count only once they are final. */
__u64 incidents_streams_full(const struct incidents *i);
__u64 incidents_interim_full(const struct incidents *i);

#endif
