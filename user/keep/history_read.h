/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading the history, also while the daemon writes it: a stretch of time as plain data, for whoever reports it. All of
 * it is read in one transaction, so that its parts agree.
 */
#ifndef XREACH_HISTORY_READ_H
#define XREACH_HISTORY_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "keep/books.h"

#define PAST_STEPS 200 /* at most; a step is as short as this allows */

struct past_counts {
	__u64 ok, failed, neither;
};

/* A watched step has books; one that was not watched has no figures, which is not the same as none. */
struct past_watch {
	__s64 at;
	unsigned int minutes; /* of it that were watched */
	struct keep_books books;
};

struct past_group {
	char name[32];
	bool target;
	double sample; /* share of its flows that was watched: the counts are of these; -1: not known */
	struct past_counts total, *steps;
};

/* Flows that ended alike. */
struct past_kind {
	char group[32], family[8], transport[8], stage[12], outcome[16], signature[28], injection[12], class[12];
	bool target;
	__u64 flows;
};

/* Failures of targets by signature, over time. */
struct past_signature {
	char name[28];
	__u64 total, *steps;
};

/* A prefix or a site of a group. */
struct past_part {
	char group[32], name[48];
	struct past_counts total;
};

struct past_clients {
	__s64 day;
	char group[32], site[32], range[24];
};

struct past_ranges {
	__s64 at;
	char version[64], hash[24];
};

struct past_incident {
	char id[64], group[32], state[24];
	/* ended 0: it has not. Where the object has no end, nothing is known of it after `ended`. */
	__s64 since, ended, changed;
	char *object; /* the contract's object as it was told last: text, to be distrusted */
	unsigned int changes;
};

struct past {
	__s64 now;		/* when it was read: what is later has not happened yet */
	__s64 from, to, step_s; /* [from, to), whole steps */
	size_t n_steps;
	bool by_minute;		  /* else the hours were read, and the steps are whole ones */
	__s64 oldest;		  /* the first minute or hour that is remembered; 0: there is none */
	__s64 purged, purged_at;  /* counts from before `purged` were dropped by hand then; 0: never */
	struct past_watch *watch; /* n_steps of them */
	struct past_group *groups;
	struct past_kind *kinds;
	struct past_signature *signatures; /* the most frequent first */
	struct past_part *prefixes, *sites;
	struct past_clients *clients;
	struct past_ranges *ranges;	 /* changes in the stretch, and the list in force before it */
	struct past_incident *incidents; /* that touch it, oldest first */
	size_t n_others;		 /* that touch it, too, where one alone was asked for */
	size_t n_groups, n_kinds, n_signatures, n_prefixes, n_sites, n_clients, n_ranges, n_incidents;
};

/*
 * From second `from` to `to`, rounded outwards to steps. `incident`: that incident alone, with the stretch around it
 * (`from` and `to` are then not looked at; NULL for all of the stretch). 0 with *out to be given to past_free(); or
 * -ENOENT (no history, or no such incident), -EINVAL, ... and one line in error.
 */
int past_read(const char *dir, __s64 from, __s64 to, const char *incident, __s64 now, struct past *out, char *error,
	      size_t n);
/* What was kept under this name last (history_state()), to be freed, with a byte of room after it; NULL: none, or it cannot
 * be read. */
void *past_state(const char *dir, const char *name, size_t *n, __s64 *at);
void past_free(struct past *p); /* what it points to */
/* One that is not in it is none of the controls. */
bool past_is_target(const struct past *p, const char *group);
__s64 past_end(const struct past *p); /* of the stretch, whose last step may not be over */

#endif
