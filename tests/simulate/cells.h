/* SPDX-License-Identifier: GPL-2.0 */
/* What the simulation plays: a kind of traffic and what happens to it. */
#ifndef XREACH_CELLS_H
#define XREACH_CELLS_H

#include "detect/detector.h"

/* What fails; of X, by `share`, unless it says more. */
enum block {
	NONE,
	FULL,
	PREFIX, /* one of X's ten */
	SITE,	/* one of three */
	FAMILY, /* IPv6 */
	QUIC,	/* the transport */
	RAMP,	/* from none to `share` in an hour */
	CYCLES, /* 5 min on, 10 min off */
	THROTTLE,
	OWN,	   /* X's own space: all but what is dedicated to it in a CDN */
	DEDICATED, /* that alone */
	CDN,	   /* that, and the control in the same CDN */
	THREE,	   /* X, and two of the four controls */
	OUTAGE,	   /* all */
	LATE,	   /* all, X 20 s before the controls */
	ONE_UP,	   /* all, but one control answers: a cache inside the network */
	X_FIRST,   /* all; X is back 10 to 30 s before the controls */
	X_LAST,	   /* all; the controls are back 10 to 30 s before X */
	ONE_WAY,   /* from then on one direction only is seen, of all */
	VANISH,	   /* a thirtieth of the attempts at X is left, of those none fails that did not before */
};

/* How it fails. */
enum how {
	INJECTED, /* resets with the marks of an injection */
	PLAIN,	  /* resets without */
	SILENT,	  /* the SYN is not answered */
	DROPPED,  /* the SYN is, but not what follows it */
	MIXED,	  /* half dropped, half injected */
	FREEZE,	  /* answered at first: told as well after 3 s, as frozen after 15 */
};

/* What else is odd, bits. */
enum odd {
	PAGES = 1,		/* flows come four at a time from one client */
	STEPPED = 1 << 1,	/* the share jumps every five minutes; else it drifts with that time constant */
	DIURNAL = 1 << 2,	/* rates between a fifth and nine fifths of the mean, by the hour */
	HAMMER = 1 << 3,	/* one client tries thrice a second and always fails */
	SCANNER = 1 << 4,	/* likely background radiation, five a second */
	DEAD = 1 << 5,		/* one of X's prefixes never answers */
	RANGES = 1 << 6,	/* half of X's prefixes are others, of twice the failing share; then others again */
	RESTARTS = 1 << 7,	/* what is kept is taken along, as the daemon does */
	GAPS = 1 << 8,		/* nothing is seen for 20 minutes */
	UNDERTOLD = 1 << 9,	/* rho is told 2.5 times too small, down to the floor */
	FEW_CONTROLS = 1 << 10, /* one control group only */
	HAMMER_HOUR = 1 << 11,	/* as HAMMER, one hour in six; in a block from two minutes after its begin on */
	CONTROLS_CHANGE = 1 << 12, /* one of the controls is none any more, and is one again */
	UNSEEN = 1 << 13,	   /* the block begins within a GAP of 20 minutes, or while a RESTART takes ten */
	DELAYS = 1 << 14,	   /* verdicts come as late as they do: see verdicts.c */
	SOME_INJECTED = 1 << 15,   /* a hundredth of the usual failures bears the marks of an injection */
	CDN_SOME = 1 << 16,	   /* three of X's ten prefixes are dedicated ones in a CDN */
	CDN_ALL = 1 << 17,	   /* all ten are */
	MIX = 1 << 18,		   /* two prefixes fail six times as often; every three hours the mix turns */
	NEW_DEAD = 1 << 19,	   /* after half a day one flow in ten goes to a new range, which never answers */
	QUICK = 1 << 20,	   /* `make test` plays it, too, and holds it to what is certain */
};

/* What is measured of each run, seconds. */
enum measure { DETECTED, SAID_BLOCKED, SINCE_OFF, END_SHOWN, END_OFF, MEASURES };
struct target {
	double median, most; /* of 95 %; 0: none is set */
};

/* Words, as bits. One more: `blocked`, which could be nothing but a block. */
#define SAYS(word)  (1u << WORD_##word)
#define SAYS_SURELY (1u << WORDS)

struct cell {
	const char *name;
	enum block block;
	enum how how;
	double rate, base, rho; /* flows a second, benign failing share, how far it wanders over five minutes */
	double share;		/* excess share of the block */
	unsigned int odd;
	unsigned int runs, seconds;    /* of the block; of calm: how many times ten days, and those */
	double warm;		       /* hours of calm before a block */
	unsigned int never, must;      /* words that may never be said, and that each run has to say */
	const struct target *to_reach; /* of MEASURES; NULL: none is set */
	const char *known;	       /* why it is known to miss what is asked of it; NULL: it is not */
};

extern const struct cell cells[];
extern const unsigned int n_cells;

#endif
