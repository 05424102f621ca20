// SPDX-License-Identifier: GPL-2.0
/* Every cell that is played, and what the project set out to reach in it. */
#include "cells.h"

#define DAYS 86400 /* seconds of one */

/* clang-format off */
const struct cell cells[] = {
	/* name		     block     rate  base   rho   share odd		     runs seconds  warm median 95 % */
	{ "full",	     FULL,     1,    .05,  .01,	  1,   0,			100, 120,  24,	12,   20 },
	{ "full, pages",     FULL,     1,    .05,  .01,	  1,   PAGES,			100, 180,  24,	0,    0 },
	{ "full",	     FULL,     1,    .25,  .01,	  1,   0,			100, 180,  24,	25,   40 },
	{ "full",	     FULL,     10,   .05,  .01,	  1,   PAGES,			100, 120,  24,	12,   20 },
	{ "full",	     FULL,     100,  .05,  .01,	  1,   PAGES,			20,  120,  2,	12,   20 },
	{ "full",	     FULL,     500,  .05,  .01,	  1,   PAGES,			10,  120,  1.5,	12,   20 },
	{ "full",	     FULL,     .05,  .05,  .01,	  1,   0,			100, 1800, 24,	0,    0 },
	{ "full",	     FULL,     .1,   .05,  .01,	  1,   0,			100, 900,  24,	120,  0 },
	{ "full",	     FULL,     .1,   .12,  .01,	  1,   0,			100, 900,  24,	120,  0 },
	{ "full",	     FULL,     .1,   .25,  .01,	  1,   0,			100, 1200, 24,	240,  0 },
	{ "60 %",	     FULL,     1,    .05,  .01,	  .6,  PAGES,			100, 600,  24,	0,    0 },
	{ "30 %",	     FULL,     10,   .05,  .005,  .3,  PAGES,			100, 400,  24,	0,    40 },
	{ "30 %",	     FULL,     10,   .05,  .01,	  .3,  PAGES,			100, 900,  24,	0,    70 },
	{ "30 %",	     FULL,     10,   .12,  .01,	  .3,  PAGES,			100, 1800, 24,	0,    720 },
	{ "10 %",	     FULL,     10,   .01,  .005,  .1,  PAGES,			40,  3600, 24,	0,    0 },
	{ "10 %",	     FULL,     10,   .05,  .005,  .1,  PAGES,			40,  3600, 24,	0,    0 },
	{ "one prefix of ten", PREFIX, 10,   .05,  .005,  1,   PAGES,			100, 200,  24,	0,    25 },
	{ "one prefix of ten", PREFIX, 10,   .25,  .005,  1,   PAGES,			100, 300,  24,	0,    60 },
	{ "one site of three", SITE,   10,   .05,  .005,  1,   PAGES,			50,  200,  24,	0,    0 },
	{ "IPv6",	     FAMILY,   10,   .05,  .005,  1,   PAGES,			50,  200,  24,	0,    0 },
	{ "QUIC",	     QUIC,     10,   .05,  .005,  1,   PAGES,			50,  200,  24,	0,    0 },
	{ "ramp over an hour", RAMP,   5,    .05,  .005,  1,   PAGES,			50,  3600, 24,	0,    0 },
	{ "5 min on, 10 off", CYCLES,  5,    .05,  .01,	  1,   PAGES,			50,  2700, 24,	0,    0 },
	{ "throttle",	     THROTTLE, 5,    .05,  .01,	  .9,  PAGES,			50,  900,  24,	0,    0 },
	{ "full, one control", FULL,   1,    .05,  .01,	  1,   FEW_CONTROLS,		50,  180,  24,	0,    0 },
	{ "outage",	     OUTAGE,   5,    .05,  .01,	  1,   PAGES,			200, 300,  24,	0,    0 },
	{ "outage, X 20 s before", LATE, 5,  .05,  .01,	  1,   PAGES,			200, 300,  24,	0,    0 },
	{ "outage, one control up", ONE_UP, 5, .05, .01,  1,   PAGES,			200, 300,  24,	0,    0 },
	{ "outage",	     OUTAGE,   .5,   .12,  .01,	  1,   0,			200, 300,  24,	0,    0 },
	{ "outage of X",     X_DOWN,   5,    .05,  .01,	  1,   PAGES,			50,  300,  24,	0,    0 },
	{ "one direction lost", ONE_WAY, 5,  .05,  .01,	  1,   PAGES,			20,  1200, 24,	0,    0 },
	{ "calm",	     NONE,     .1,   .05,  .01,	  0,   PAGES,			2,   10 * DAYS, 0, 0, 0 },
	{ "calm",	     NONE,     1,    .01,  .01,	  0,   PAGES,			2,   10 * DAYS, 0, 0, 0 },
	{ "calm",	     NONE,     1,    .05,  .005,  0,   PAGES,			2,   10 * DAYS, 0, 0, 0 },
	{ "calm, pages of four", NONE, 1,    .05,  .01,	  0,   PAGES,			4,   10 * DAYS, 0, 0, 0 },
	{ "calm, no pages",  NONE,     1,    .05,  .01,	  0,   0,			4,   10 * DAYS, 0, 0, 0 },
	{ "calm, share in steps", NONE, 1,   .05,  .01,	  0,   PAGES | STEPPED,		4,   10 * DAYS, 0, 0, 0 },
	{ "calm",	     NONE,     1,    .25,  .01,	  0,   PAGES,			4,   10 * DAYS, 0, 0, 0 },
	{ "calm",	     NONE,     10,   .05,  .01,	  0,   PAGES,			2,   10 * DAYS, 0, 0, 0 },
	{ "calm, rho too small", NONE, 1,    .05,  .01,	  0,   PAGES | UNDERTOLD,	4,   10 * DAYS, 0, 0, 0 },
	{ "calm, days and nights", NONE, 2,  .05,  .01,	  0,   PAGES | DIURNAL,		2,   10 * DAYS, 0, 0, 0 },
	{ "calm, one hammers", NONE,   1,    .05,  .01,	  0,   PAGES | HAMMER,		2,   10 * DAYS, 0, 0, 0 },
	{ "calm, scanners",  NONE,     1,    .05,  .01,	  0,   PAGES | SCANNER,		1,   10 * DAYS, 0, 0, 0 },
	{ "calm, dead prefix", NONE,   1,    .05,  .01,	  0,   PAGES | DEAD,		1,   10 * DAYS, 0, 0, 0 },
	{ "calm, ranges change", NONE, 1,    .05,  .01,	  0,   PAGES | RANGES,		2,   10 * DAYS, 0, 0, 0 },
	{ "calm, restarts",  NONE,     1,    .05,  .01,	  0,   PAGES | RESTARTS,	2,   10 * DAYS, 0, 0, 0 },
	{ "calm, gaps",	     NONE,     1,    .05,  .01,	  0,   PAGES | GAPS,		2,   10 * DAYS, 0, 0, 0 },
	{ "calm, wanders more", NONE,  1,    .05,  .03,	  0,   PAGES,			2,   10 * DAYS, 0, 0, 0 },
};
/* clang-format on */
const unsigned int n_cells = sizeof(cells) / sizeof(*cells);
