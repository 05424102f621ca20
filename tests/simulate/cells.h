/* SPDX-License-Identifier: GPL-2.0 */
/* What the simulation plays: a kind of traffic and what happens to it. */
#ifndef XREACH_CELLS_H
#define XREACH_CELLS_H

enum block {
	NONE,
	FULL,	/* of X, by `share` */
	PREFIX, /* of one of X's ten */
	SITE,	/* of one of three */
	FAMILY, /* IPv6 */
	QUIC,	/* the transport */
	RAMP,	/* from none to `share` in an hour */
	CYCLES, /* 5 min on, 10 min off */
	THROTTLE,
	OUTAGE,	 /* of all */
	LATE,	 /* outage that reaches X 20 s before the controls */
	ONE_UP,	 /* outage, but one control answers: a cache inside the network */
	X_DOWN,	 /* outage of X: silence on its own addresses, the controls are well */
	ONE_WAY, /* from then on one direction only is seen, of all */
};

/* What else is odd, bits. */
enum odd {
	PAGES = 1,	     /* flows come four at a time from one client */
	STEPPED = 2,	     /* the share jumps every five minutes; else it drifts with that time constant */
	DIURNAL = 4,	     /* rates between a fifth and nine fifths of the mean, by the hour */
	HAMMER = 8,	     /* one client tries thrice a second and always fails */
	SCANNER = 16,	     /* likely background radiation, five a second */
	DEAD = 32,	     /* one of X's prefixes never answers */
	RANGES = 64,	     /* every six hours half of X's prefixes are others, of twice the failing share */
	RESTARTS = 128,	     /* every three hours; what was learnt is taken along */
	GAPS = 256,	     /* every three hours nothing is seen for 20 minutes */
	UNDERTOLD = 512,     /* rho is told 2.5 times too small, down to the floor */
	FEW_CONTROLS = 1024, /* one control group only */
};

struct cell {
	const char *name;
	enum block block;
	double rate, base, rho; /* flows a second, benign failing share, how far it wanders over five minutes */
	double share;		/* excess share of the block */
	unsigned int odd;
	unsigned int runs, seconds;	 /* of the block; of calm: how many times ten days, and those */
	double warm;			 /* hours of calm before a block */
	double target_median, target_95; /* s, detected; 0: none is set */
};

extern const struct cell cells[];
extern const unsigned int n_cells;

#endif
