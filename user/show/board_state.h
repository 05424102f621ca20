/* SPDX-License-Identifier: GPL-2.0 */
/* What the board remembers: for board.c, which fills it, and board_view.c and metrics*.c, which show it. */
#ifndef XREACH_BOARD_STATE_H
#define XREACH_BOARD_STATE_H

#include "detect/incidents.h"
#include "detect/mechanism.h"
#include "detect/pace.h"
#include "detect/rtts.h"
#include "detect/where.h"
#include "judge/hellos.h"
#include "settings.h"
#include "show/board.h"
#include "show/former.h"
#include "show/places.h"
#include "show/recent.h"
#include "show/view.h"

#define BOARD_INCIDENTS VIEW_INCIDENTS

struct board {
	struct board_setup setup; /* callbacks and start; the pointers to lists are not kept */
	struct waits waits;
	char host[64];
	char (*sites)[32];
	struct setting_prefix *own; /* the networks of the sites, where clients are */
	size_t n_own;
	struct places places;
	struct former former;
	struct tally *tally;
	struct where *where;
	struct ways *ways;
	struct pace *pace;
	struct incidents *incidents;
	struct incident_report *past; /* the newest BOARD_INCIDENTS, in the order in which they opened */
	size_t n_past;
	struct recent recent;
	struct rtts *rtts;
	struct server_names *names;
	struct hellos *hellos;
	struct dns_tally *dns;
	struct dns_pairs *pairs;
	const struct ranges *list; /* in force; not ours */
	struct wire_config nat64;  /* its NAT64 prefixes only */
	struct view_hook *hooks;
	size_t n_hooks;
	__u64 serial, late_syns;

	struct watch_totals totals;			  /* the last ones */
	struct wire_group_totals groups[WIRE_GROUPS_MAX]; /* by slot, over reloads */
	struct books books;
};

/* ---- board_incidents.c: what board.c hands on ---- */
int board_incidents_new(struct board *b); /* 0 or -ENOMEM; after where and ways */
void board_view_state(const struct board *b, unsigned int slot, struct view_group *out);
void board_view_part(const struct board *b, const struct place *place, struct view_prefix *out);
int board_view_incidents(const struct board *b, struct view *out); /* and sites; 0 or -ENOMEM */
void board_incidents_record(struct board *b, const struct wire_record *record, const struct finding *f);
/* What was told last of an incident, for those who show it: in place of what was told of the same before. */
void board_incidents_remember(struct board *b, const struct incident_report *report);
void board_incidents_ranges(struct board *b);		 /* a list was put in force */
void board_incidents_totals(struct board *b, __s64 now); /* after the books were closed */
/* The part of DNS, for board.c. 0, or -1 when out of memory; both are closed either way. */
int board_dns_open(struct board *b);
/* The networks whose addresses are told of as these; 0 or -ENOMEM. */
int board_dns_own(struct board *b, const struct setting_site *sites, unsigned int n);
void board_dns_close(struct board *b);

#endif
