/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page of metrics. Every series is there from the start, and their number is bounded by the ranges and the
 * contract's tables: none belongs to a flow or a client. Counters never go back within a process's life.
 */
#ifndef XREACH_METRICS_H
#define XREACH_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct board;

#define METRICS_PREFIXES 4096 /* with their own series; the others count in their group only */

struct metrics_reloads { /* of the ranges, by SIGHUP */
	__u64 ok, failed;
	bool last_ok;
	__s64 last_ok_s; /* wall clock; the start counts */
};

struct metrics_source {
	const struct board *board;
	__s64 now; /* wall clock */
	struct metrics_reloads reloads;
	struct {
		__u64 lines, lost, errors;
	} events;
	struct {
		__u64 history_steps, history_troubles, history_lost, history_waiting;
		__u64 evidence_lines, evidence_troubles, evidence_lost;
		__u64 set_aside, trouble; /* trouble: 1 while there is some */
	} keep;				  /* zeroes where nothing is kept */
	unsigned int control_clients;
	struct {
		__u64 ok, failed;
	} http;
};

/* To be freed; NULL when out of memory. */
char *metrics_page(const struct metrics_source *source, bool openmetrics, size_t *length);

#endif
