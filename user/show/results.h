/* SPDX-License-Identifier: GPL-2.0 */
/* The findings of a replay: kept until all captures are read, then printed in order of first packet. */
#ifndef XREACH_RESULTS_H
#define XREACH_RESULTS_H

#include <stdio.h>
#include "detect/incidents.h"
#include "show/board.h"

#define RESULTS_INCIDENTS 4096 /* more are not kept: that many in one capture are no incidents */
struct results {
	struct result {
		__u64 first_ns;
		unsigned int file; /* captures one after another, whatever their times */
		struct finding finding;
	} * at;
	size_t n, room;
	struct incident_report *incidents; /* in the order in which they opened, each as it was told last */
	size_t n_incidents, room_incidents;
	struct result_dns { /* an answered question */
		unsigned int file;
		__s64 second;
		struct dns_case c;
	} * dns;
	size_t n_dns, room_dns;
	unsigned int file;
	bool no_memory;	 /* some could not be kept */
	size_t left_out; /* incidents beyond RESULTS_INCIDENTS */
};

/* Keep a final finding; `arg` is the results. Has the type of board_setup.finding. */
void results_add(void *arg, const struct finding *f, const struct wire_record *record);
/* Keep an incident, in place of what was told of it before. Has the type of board_setup.incident. */
void results_incident(void *arg, const struct incident_report *report);
/* Those that are still open, as they are at the end. */
void results_open_incidents(struct results *r, const struct board *b);
/* Keep an answered question of DNS. Has the type of board_setup.dns. */
void results_add_dns(void *arg, const struct dns_case *c, __s64 second);
/* SYNs that came after the final record: they change nothing but `syns`. */
void results_late_syns(struct results *r, const struct wire_record *record);
void results_sort(struct results *r);
void results_free(struct results *r);

/* One JSON line a flow, then the line with the ledger. `ranges`: as in the summary of the contract. */
void results_print_json(const struct results *r, const struct board *b, FILE *to);
/* One JSON line an incident. */
void results_print_incidents(const struct results *r, const struct board *b, FILE *to);
void results_print_ledger(const struct board *b, const char *ranges, FILE *to);
/* One JSON line an answered question of DNS. */
void results_print_dns(const struct results *r, const struct board *b, FILE *to);
/* The table for people: groups, then verdicts by number, then the books. */
void results_print_table(const struct results *r, const struct board *b, FILE *to);

#endif
