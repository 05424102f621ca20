/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the live view shows, as plain data: filled by the daemon (or by `top` watching by itself), sent over
 * the control socket as one JSON line a second, drawn by show/screen. It can hold no client.
 */
#ifndef XREACH_VIEW_H
#define XREACH_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include "wire.h"

#define VIEW_SPARK	60  /* five-second steps: five minutes */
#define VIEW_FLOWS	500 /* newest blocked flows kept */
#define VIEW_PREFIXES	512 /* those with the most attempts */
#define VIEW_SIGNATURES 256
#define VIEW_HOOKS	256
#define VIEW_LEDGER	96
#define VIEW_INCIDENTS	64  /* the newest */
#define VIEW_SITES	512 /* pairs of group and site */
#define VIEW_ASTRAY	512

struct view_group {
	char name[32];
	bool target;
	double per_second; /* attempts opened, over the last 10 s */
	double failing;	   /* share of decided attempts of the last minute, 0..1; -1 where none */
	unsigned long long attempts, succeeded, failed, neither; /* final verdicts since the start */
	signed char spark[VIEW_SPARK]; /* failing per cent, oldest first; -1 where nothing was decided */
	double sample;		       /* share of flows watched */
	double least;		       /* share whose block is told within five minutes; -1: none is */
	char state[24];		       /* of the incidents contract, in words */
	char clients[32];	       /* distinct ones of the day, as a range */
	time_t state_since;	       /* change point of the incident that is on; 0: none is */
	bool since_bound;	       /* ... which was then, or before */
	time_t word_since;	       /* since when it is in this very state */
	char word_before[24];	       /* what it was from state_since on, in words; "" where these are one */
	char note[96];		       /* why no more is said of it; "" for nothing */
	char how[96];		       /* ... its mechanism */
	char from[96];		       /* ... and who answers in the server's name, and from where */
	char dns[128];		       /* answers for its names by verdict; "" where there is none */
};

struct view_flow {	       /* a flow that is not ok */
	unsigned long long id; /* a serial number of this process, for a stable cursor */
	time_t minute;	       /* of its first packet, rounded down */
	char group[32], site[32], server[46], prefix[48];
	unsigned short port;
	char transport[8], family[8];
	char stage[12], outcome[16], why[16], signature[28];
	char sni[8], rule[128]; /* the contract's; what was asked for is kept as the rule that it matched */
	unsigned long long syns, bytes_up, bytes_down, goodput; /* the last in bit/s, 0 where not known */
	double rtt_ms;						/* -1 where not seen */
	double answer_ms;	     /* from the client packet that was answered so; 0 where not known */
	int answer_hops;	     /* of whoever ended it; -1 */
	int server_hops;	     /* of the server's other packets; -1 */
	char level[12];		     /* of injection */
	unsigned long long evidence; /* bit mask over judge/injection.h */
	char icmp_source[46];	     /* of the ICMP error that ended it, "" where not told or none */
	char resembles[112];	     /* in words; "" for nothing */
	char injected[208];	     /* level and evidence, "" where nothing speaks for an injected RST */
	bool interim;		     /* may still be corrected */
	bool dropped_here;
	char drop_reason[48]; /* the kernel's name, "" for none */
};

struct view_prefix {
	char prefix[48], group[32], class[12];
	unsigned long long attempts, failed, succeeded;
	double failing;	 /* of the last minute; -1 */
	char worst[28];	 /* commonest signature among the failures */
	char state[24];	 /* of this part by itself, in words */
	char where[192]; /* how far off answerers and servers are, and what a block goes by; "" while not known */
};

struct view_signature {
	char signature[28], stage[12], outcome[16];
	unsigned long long target, control; /* flows */
};

struct view_astray { /* an address, or none, that a group's names were answered with and should not have been */
	char group[32], rule[128], verdict[16], address[50];
	double after_ms, apart_ms; /* after the question; from an answer that contradicts it; -1 where not known */
	int hops;		   /* of who answered; -1 */
	unsigned long long times;
	time_t minute;	  /* of the last time, rounded down */
	char advice[128]; /* what to think of the group's answers */
};

struct view_hook {
	char name[24];	/* tc/ingress, tc/egress, connect4, sockops, kfree_skb ... */
	char where[32]; /* interface, cgroup path, tracepoint */
	char how[16];	/* tcx, clsact, cgroup link, tp_btf */
	bool attached;
	char note[96]; /* why not, and what to do */
};

struct view_ledger {
	char name[32]; /* opened, open, judged, forgotten, lost/full, unparsed/short ... */
	unsigned long long value;
};

struct view_incident {
	char id[64], group[32], state[24]; /* the worst state */
	char now[24];			   /* the state now, "over" */
	time_t since, ended;		   /* ended 0: still on, or not known */
	int uncertainty;		   /* seconds of `since`; -1: it is a bound */
	bool open, target;
	unsigned long long attempts, failures;
	double failing, baseline, controls; /* shares, 0..1; -1: not known */
	char how[160], from[96], scope[160], seen[160], clients[32], could_be[160];
	char note[96]; /* as of a group */
};

struct view_site { /* of a group */
	char group[32], site[32], state[24];
	unsigned long long attempts, failed, succeeded;
};

struct view {
	char version[16], host[64], ranges[80];
	time_t now, since; /* since: start of the watch */
	bool daemon;	   /* from a running daemon */
	bool books_balance;
	char keeping[256]; /* what is wrong with history or evidence now; "" for nothing */
	struct view_group groups[WIRE_GROUPS_MAX];
	size_t n_groups;
	struct view_flow *flows; /* newest first */
	size_t n_flows;
	struct view_prefix *prefixes;
	size_t n_prefixes;
	struct view_signature *signatures;
	size_t n_signatures;
	struct view_hook *hooks;
	size_t n_hooks;
	struct view_ledger *ledger;
	size_t n_ledger;
	struct view_incident *incidents; /* newest first */
	size_t n_incidents;
	struct view_site *sites;
	size_t n_sites;
	struct view_astray *astray; /* group by group, the latest first */
	size_t n_astray;
};

/* "bogon: 10.10.34.34 for x.com, from 2 hops away, ..."; in one line. */
#define VIEW_ASTRAY_TEXT 384
void view_astray_text(const struct view_astray *a, char *text, size_t n);

void view_free(struct view *view); /* what it points to, not itself */
/* One line of JSON, to be freed; NULL when out of memory. */
char *view_to_json(const struct view *view);
/* 0 or -EINVAL with a reason in error; fills *view, to be given to view_free. */
int view_from_json(const char *text, struct view *view, char *error, size_t error_size);

#endif
