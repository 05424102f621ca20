/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An incident as it was told, read back from its object of JSON (shared/spec/incidents.md). The text comes from a file
 * that somebody may have changed, so all of it is cleaned, bounded, and may be missing.
 */
#ifndef XREACH_TOLD_H
#define XREACH_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "detect/detector.h"

#define TOLD_PHASES	INCIDENT_PHASES
#define TOLD_SIGNATURES 8
#define TOLD_COULD_BE	12
#define TOLD_LIST	512

struct told {
	char id[64], group[32], site[32], state[24], part_state[24]; /* "": of no parts, or as `state` */
	__s64 since, detected, ended;				     /* 0: not known; ended 0: it has not */
	__s64 last_known; /* set by told_record(): nothing is known after this second; 0: it is still being told */
	__s64 told_at;	  /* likewise: when it was last told; 0: nobody knows */
	double uncertainty_s; /* -1 as below */
	bool since_bound, unobserved, common, few_clients;
	__u64 interruptions, unwatched_s; /* of the watch while it was open */
	struct {
		__s64 from, to; /* to 0: still on */
		char state[24];
	} phases[TOLD_PHASES];
	size_t n_phases;
	/* lists as text: "a, b"; "" for none */
	char scope_sites[TOLD_LIST], scope_prefixes[TOLD_LIST], scope_families[TOLD_LIST],
		scope_transports[TOLD_LIST];
	char by[TOLD_LIST], sites[TOLD_LIST], prefixes[TOLD_LIST], families[TOLD_LIST], transports[TOLD_LIST];
	char could_be[TOLD_COULD_BE][24];
	size_t n_could_be;
	struct {
		char signature[28];
		double share;
	} signatures[TOLD_SIGNATURES];
	size_t n_signatures;
	__u64 attempts, failures;
	double baseline_ratio, control_ratio;		 /* -1: not known */
	double hops, rtt_ms, server_hops, server_rtt_ms; /* -1: not known */
	char clients[24], rule[48], ranges[64], version[32];
};

/* The object, or a line {"incident":{...}} that holds it. 0 or -EINVAL: it is no such object. */
int told_parse(const char *text, struct told *out);
/* The same out of the history, with what that knows beside it. */
struct past_incident;
int told_record(const struct past_incident *record, struct told *out);

#endif
