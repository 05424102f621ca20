/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon keeps: findings and books into the history, a minute at a time; incidents and changes of the ranges
 * into the history and the evidence file, within a second. Trouble with the disk never stops the watch: it is told once
 * when it begins and once when it is over, and counted.
 *
 * Every function takes NULL for a daemon that keeps nothing.
 */
#ifndef XREACH_KEEPER_H
#define XREACH_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct board;
struct evidence_status;
struct finding;
struct history_status;
struct keeper;
struct wire_record;

struct keeper_setup {
	const char *dir; /* where; made if it is not there */
	/* One line for whoever runs the daemon. */
	void (*say)(const char *line);
};

/* An incident as it is told now. */
struct keeper_incident {
	const char *id, *group, *state;
	const char *object;	/* the contract's, as JSON */
	const char *rule;	/* that decided */
	__s64 at, since, ended; /* seconds; ended 0: it has not */
};

/* NULL when out of memory, or where setup->dir is "". Opens nothing yet. */
struct keeper *keeper_new(const struct keeper_setup *setup);
/* What the detector had learnt when it was kept last (board_learnt.h), to be freed; NULL where there is nothing, or
 * nothing younger than a fortnight. Before keeper_start(). */
char *keeper_learnt(struct keeper *k, __s64 now);
/* What was known of incidents when it was kept last (board_restart.h), to be freed; NULL where there is nothing, or
 * nothing younger than a fortnight. Before keeper_start(). */
void *keeper_incidents(struct keeper *k, __s64 now, size_t *n);
/* Something waits that should not wait for the next second's keeper_tick(). */
bool keeper_is_urgent(const struct keeper *k);
/* The watch begins; `board` has its ranges, and the incidents that go on. */
void keeper_start(struct keeper *k, const struct board *board, __s64 now);
/* One final finding that counts. */
void keeper_finding(struct keeper *k, const struct board *board, const struct finding *f,
		    const struct wire_record *record);
void keeper_incident(struct keeper *k, const struct board *board, const struct keeper_incident *incident);
/* Another list is in force. */
void keeper_ranges(struct keeper *k, const struct board *board, __s64 now);
/* Once a second: writes when a minute has passed, an incident waits, or a retry is due. */
void keeper_tick(struct keeper *k, const struct board *board, __s64 now);
/* Writes what waits, and frees. `board` NULL: the watch never began. */
void keeper_close(struct keeper *k, const struct board *board, __s64 now);

/* What is wrong now, in one line; "" for nothing. Valid until the next call of another. */
const char *keeper_trouble(const struct keeper *k);
/* NULL for NULL. */
const struct history_status *keeper_history(const struct keeper *k);
const struct evidence_status *keeper_evidence(const struct keeper *k);

#endif
