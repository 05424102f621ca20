/* SPDX-License-Identifier: GPL-2.0 */
/* What a row of the page is made from: for metrics*.c, each of which holds the tables of one subject. */
#ifndef XREACH_METRICS_PAGE_H
#define XREACH_METRICS_PAGE_H

#include "show/board_state.h"
#include "show/metrics.h"
#include "show/metrics_text.h"
#include "show/process.h"

struct metric_page {
	const struct metrics_source *from;
	const struct board *board;
	struct books books;
	struct process process;
	const struct place **prefixes; /* those with series of their own */
	size_t n_prefixes;
};

struct metric_table {
	const struct metric *rows;
	size_t n;
};

/* In the order of the page. */
extern const struct metric_table metrics_of_groups;    /* what was found: groups, flows, prefixes, sites */
extern const struct metric_table metrics_of_incidents; /* states, incidents, what they rest on */
extern const struct metric_table metrics_of_where;     /* what a block goes by, where answers come from */
extern const struct metric_table metrics_of_books;     /* whether it can be relied on: books, hooks, tables */
extern const struct metric_table metrics_of_daemon;    /* the program itself */

#endif
