/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a replay has found, in memory that does not grow with the length of the capture: sums are kept as sums, and lines of
 * JSON are printed as soon as no flow that began earlier can follow. The contract wants them in order of first packet, and a
 * flow may last for hours: what waits for it beyond RESULTS_HELD waits in a file (ordered.h).
 */
#ifndef XREACH_RESULTS_H
#define XREACH_RESULTS_H

#include <stdio.h>
#include "detect/incidents.h"
#include "show/board.h"

#define RESULTS_HELD	  8192 /* flows, and as many questions */
#define RESULTS_INCIDENTS 1024 /* more are not kept: that many in one capture are no incidents */

struct results_at { /* captures one after another, whatever their times */
	unsigned int file;
	__u64 first_ns;
};

struct results_kind { /* flows of one group that ended alike */
	struct results_at begun, example_at;
	struct finding example; /* the one with most evidence; of these the first */
	unsigned long long flows, levels[LEVELS];
};

struct ordered;
struct results {
	FILE *to;
	struct ordered *flows, *dns; /* lines to be printed; NULL: none are wanted */
	struct results_kind *kinds;  /* few: every combination in every group would be a few thousand */
	size_t n_kinds;
	unsigned long long n;		   /* flows */
	__s64 last_decided;		   /* second in which the last of them was decided; 0 where none was */
	struct incident_report *incidents; /* in the order in which they opened, each as it was told last */
	size_t n_incidents, room_incidents;
	size_t left_out;		 /* incidents beyond RESULTS_INCIDENTS */
	unsigned long long distrusted_s; /* seconds in which the ledger was too bad to say anything */
	__u64 serial;
	unsigned int file;
	int err; /* why some could not be kept or printed; 0: none */
};

struct results_setup {
	FILE *to;
	bool json, dns; /* lines for flows, and for questions; else only sums are kept */
	size_t held;	/* 0: RESULTS_HELD */
};
/* 0 or -ENOMEM. To be freed either way. */
int results_open(struct results *r, const struct results_setup *setup);
void results_free(struct results *r);

/* Take a final finding; `arg` is the results. Has the type of board_setup.finding. */
void results_add(void *arg, const struct finding *f, const struct wire_record *record);
/* Keep an incident, in place of what was told of it before. Has the type of board_setup.incident. */
void results_incident(void *arg, const struct incident_report *report);
/* Those that are still open, as they are at the end. */
void results_open_incidents(struct results *r, const struct board *b);
/* A second of the capture is over, and the board has its totals. */
void results_second(struct results *r, const struct board *b);
/* Take an answered question of DNS. Has the type of board_setup.dns. */
void results_add_dns(void *arg, const struct dns_case *c, __s64 second);
/* SYNs that came after the final record: they change nothing but `syns`. */
void results_late_syns(struct results *r, const struct wire_record *record);

/* One JSON line for each flow of this capture that began before that time. */
void results_print_json(struct results *r, const struct board *b, __u64 before_ns);
/* The same for all that are left of this capture. What comes from now on is of another. */
void results_next_capture(struct results *r, const struct board *b);
/* One JSON line an incident. */
void results_print_incidents(const struct results *r, const struct board *b);
/* One JSON line an answered question of DNS, of all captures. */
void results_print_dns(struct results *r, const struct board *b);
/* The JSON line with the ledger. `ranges`: as in the summary of the contract. */
void results_print_ledger(const struct results *r, const struct board *b, const char *ranges);
extern const char *const results_counters[COUNTERS]; /* their names in it */
/* The table for people: groups, then verdicts by number, then the books. */
void results_print_table(struct results *r, const struct board *b);

#endif
