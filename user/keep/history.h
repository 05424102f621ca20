/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The history: what was counted, by minute (14 days) and hour (13 months), and for ever each incident and each change
 * of the ranges, in STATE_DIR/history.db (SQLite, WAL). What is given is kept in memory until history_step() writes all
 * of it in one transaction, so that a kill loses at most what came after the last step, and never half of one.
 *
 * A full or read-only disk, a corrupt file, a lock somebody holds: the watch goes on, history_status() says what the
 * trouble is, and it is tried again, at first after 5 s and at last every 10 min. A corrupt file is set aside.
 *
 * No client can be in it: there is no argument here that could hold one.
 */
#ifndef XREACH_HISTORY_H
#define XREACH_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include "judge/verdict.h"
#include "keep/books.h"
#include "keep/trouble.h"

#define HISTORY_FILE	   "history.db"
#define HISTORY_MINUTES_S  (14 * 86400)
#define HISTORY_HOURS_S	   (396 * 86400ll) /* 13 months */
#define HISTORY_JUMP_S	   86400 /* a clock that goes ahead by more at once may be wrong, and so may one at a start */
#define HISTORY_SETTLE_S   3600
#define HISTORY_PURGE_ROWS 1000 /* of a table, in a step, and twice what it wrote */
#define HISTORY_NOTES_MAX  4096 /* incidents and other notes that wait; more are lost, and counted */

struct history;

struct history_status {
	struct trouble trouble;
	__u64 steps;	 /* that were written */
	__u64 lost;	 /* flows and notes that found no room to wait */
	__u64 waiting;	 /* rows and notes in memory now */
	__u64 set_aside; /* corrupt files since the start */
};

/* Everything is in `dir` (made with mode 0750 where it is not there). The file is opened by the first step: nothing
 * that is wrong with the disk is an error here. NULL when out of memory. */
struct history *history_new(const char *dir);
/* What waits is lost: call history_step() before. NULL is fine. */
void history_free(struct history *h);

/* One final finding, at the second of the client packet that decided it. Names are copied; site "" is none. */
void history_count(struct history *h, __s64 second, const char *group, bool target, const char *site,
		   const char *prefix, const struct verdict *v);
/* The watch was on in this minute, and its books grew by so much: once a minute. */
void history_books(struct history *h, __s64 second, const struct keep_books *grown);
/* Of this group's flows such a share was watched in this minute (0 to 1). */
void history_sample(struct history *h, __s64 second, const char *group, double share);
/* Distinct clients of the day of `second` so far, as hll_range() says it ("<20", "20-49"); the largest of a day is
 * kept. Anything else is refused
 * (false), a bare number above all. */
bool history_clients(struct history *h, __s64 second, const char *group, const char *site, const char *range);
/* An incident opened, changed or ended. `object`: the contract's, as one line of JSON. `ended` 0: it has not. */
void history_incident(struct history *h, __s64 at, const char *id, const char *group, __s64 since, __s64 ended,
		      const char *state, const char *object);
/* The watch begins: what was open when the last one ended has no known end, and was open at least until the last
 * minute that was watched. But for those in `open` (",a,b,": their ids), which go on. */
void history_interrupted(struct history *h, __s64 at, const char *open);
/* This list is in force from now on. Noted only where it differs from the last one. */
void history_ranges(struct history *h, __s64 at, const char *version, const char *hash);
/* What should be known again after a restart, under a name; what waits under the same is replaced. */
void history_state(struct history *h, __s64 at, const char *name, const void *value, size_t n);
/* What was kept under the name last, to be freed (there is room for a byte after it), and when; NULL if there is none (or it cannot be read). */
void *history_state_get(struct history *h, const char *name, size_t *n, __s64 *at);

/* Write what waits, and drop a piece of what is too old. Does nothing while a retry is not due (`now` is the time in
 * seconds). 0, or -errno of trouble, which history_status() tells. Takes as long as the disk. */
int history_step(struct history *h, __s64 now);
/* As history_step(), also when it is not due: at the end. */
int history_flush(struct history *h, __s64 now);
const struct history_status *history_status(const struct history *h);

#endif
