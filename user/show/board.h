/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where everything meets: records become findings, findings are tallied and listed, the kernel's totals become
 * the books, and all of it a struct view. Live watch and replay go the same way.
 *
 * A *slot* is a group's number here: groups keep theirs for the life of the process, by name, whatever order a
 * reloaded list has them in. With the first list slot and index are the same. tally_*() take slots.
 */
#ifndef XREACH_BOARD_H
#define XREACH_BOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "detect/dns_tally.h"
#include "detect/tally.h"
#include "load/ranges.h"
#include "load/watch.h"

struct board;
struct incident_report;
struct view;
struct view_astray;

struct board_setup {
	const struct ranges *ranges;	  /* must live until another is in force: addresses are looked up in it */
	const struct setting_site *sites; /* site i + 1 of the records; names are copied */
	unsigned int sites_count;
	const struct waits *waits;	 /* NULL: waits_default */
	const struct wire_config *nat64; /* nat64[] and nat64_n only; copied; NULL for none */
	unsigned int flows;		 /* that may be open at a time; names are kept for so many */
	__s64 since;			 /* wall clock second of the start of the watch */
	bool daemon;			 /* told to whoever sees the view */

	/* Callbacks; all but `wall` may be NULL. */
	__s64 (*wall)(void *arg, __u64 ns);		    /* wall clock second of a kernel time */
	const char *(*drop_reason)(void *arg, __u8 reason); /* the kernel's name of it */
	/* Each final finding that counts, once: no interim one, no forgotten one. */
	void (*finding)(void *arg, const struct finding *f, const struct wire_record *record);
	/* An incident opened, changed or ended. */
	void (*incident)(void *arg, const struct incident_report *report);
	/* Each answered question of DNS, once it is decided; of what second it is. */
	void (*dns)(void *arg, const struct dns_case *c, __s64 second);
	void *arg;
};

/* NULL when out of memory. */
struct board *board_new(const struct board_setup *setup);
void board_free(struct board *b); /* NULL is fine */

/* One record of the kernel: judged, tallied, listed. Has the type of watch_sink.record, `arg` is the board. */
void board_record(void *arg, const struct wire_record *record);
/* One first payload, for the name in it; wipe it afterwards. Before the record that it belongs to. */
void board_hello(void *arg, const struct wire_hello *hello);
/* One message of DNS. Has the type of watch_sink.dns, `arg` is the board. */
void board_dns(void *arg, const struct wire_dns *message);
/* Decide the questions that have waited long enough at this kernel time; about once a second. */
void board_dns_due(struct board *b, __u64 now_ns);
/* Another capture begins, or there is none any more: what was learnt of round trips may be another network's, and
 * questions still open are decided. */
void board_next_capture(struct board *b);
/* Once a second, right after the rings were drained: what the kernel counted. */
void board_totals(struct board *b, const struct watch_totals *totals, __s64 now);
/* A new list is in force, and must live as in board_setup. The one before is remembered until the next, for flows still open. -ENOSPC when
 * there have been more than WIRE_GROUPS_MAX groups, -ENOMEM; the old list then stays. Call it before
 * watch_reload(), and with the old list again if that fails. */
int board_ranges(struct board *b, const struct ranges *ranges);
/* What the view shows of hooks and sampling; copied. `slot`: see above. */
int board_hooks(struct board *b, const struct watch_hook *hooks, size_t n);
void board_sample(struct board *b, unsigned int slot, double share);

/* Everything, as plain data, to be given to view_free. 0 or -ENOMEM. */
int board_view(const struct board *b, __s64 now, struct view *out);

/* ---- for those who show parts of it ---- */
const struct tally *board_tally(const struct board *b);
unsigned int board_groups(const struct board *b); /* slots in use are 0 .. n-1 */
const char *board_group_name(const struct board *b, unsigned int slot);
/* Share of its flows that is watched; -1: no group of the list in force. */
double board_group_sample(const struct board *b, unsigned int slot);
bool board_group_is_target(const struct board *b, unsigned int slot);
/* The slot of a group by its number in the list in force, as the kernel's totals have it; -1 for none. */
int board_slot(const struct board *b, unsigned int group);
const char *board_ranges_version(const struct board *b); /* of the list in force */
const char *board_ranges_hash(const struct board *b);
const char *board_prefix_text(const struct board *b, __u32 prefix);    /* "" where it is not known */
const char *board_site_name(const struct board *b, unsigned int site); /* "" for 0 */
/* "answerer 6 (6..6) hops, 7 (5..9) ms against 14 (14..14) hops, 318 (301..350) ms of the server; mechanism: sni":
 * medians, tenths and what a block goes by, as far as known, of a range or (`prefix` 0) a group by slot. False and
 * "" where nothing is. `now`: as of board_view(). */
#define BOARD_WHERE 192
bool board_where_text(const struct board *b, unsigned int slot, __u32 prefix, __s64 now, char *text, size_t n);
/* A finding in a sentence, and what may look the same (explain.h); `text` holds EXPLAIN_MAX bytes. */
const char *board_explain(const struct board *b, const struct finding *f, char *text);
/* The incidents as of the last board_totals(), for whoever shows them (detect/incidents.h). */
const struct incidents *board_incidents(const struct board *b);
/* The contract's JSON object of an incident, to be freed; NULL when out of memory. */
char *board_incident_json(const struct board *b, const struct incident_report *report);
/* Answered questions of a group by slot: how many, in a line ("3 ok, 2 bogon"; false where there is none), what to think
 * of them ("" for nothing), and the last addresses that were not ok, into out[DNS_ASTRAY]. */
__u64 board_dns_count(const struct board *b, unsigned int slot, enum dns_verdict verdict);
bool board_dns_text(const struct board *b, unsigned int slot, char *text, size_t n);
const char *board_dns_advice(const struct board *b, unsigned int slot, __s64 now);
size_t board_dns_astray(const struct board *b, unsigned int slot, __s64 now, struct view_astray *out);
/* The JSON object of one answered question, to be freed; NULL when out of memory. */
char *board_dns_json(const struct board *b, const struct dns_case *c, __s64 second);
/* The contract's JSON object of a finding, to be freed; NULL when out of memory. */
char *board_finding_json(const struct board *b, const struct finding *f);

/*
 * The books, as of the last board_totals(): opened = open + judged + forgotten + lost. `open` follows from the
 * others, so it must not be negative, and what the kernel handed out must have arrived here: in_ring, which is 0
 * once everything is drained (replay checks that at its end).
 */
struct books {
	__u64 opened, judged, forgotten, lost, handed;
	__s64 open, in_ring;
	bool balance;
};
void board_books(const struct board *b, struct books *out);
const struct watch_totals *board_last_totals(const struct board *b);
/* The kernel's totals of one group, by slot: they follow it when a reload gives it another number. */
const struct wire_group_totals *board_group_totals(const struct board *b, unsigned int slot);

#endif
