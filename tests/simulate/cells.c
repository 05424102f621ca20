// SPDX-License-Identifier: GPL-2.0
/* Every cell that is played, and what the project set out to reach in it. */
#include "cells.h"

#define DAYS 86400 /* seconds of one */

/* What the issue asks for. A block's change point and end: "from 1 flow/s". */
#define POINT [SINCE_OFF] = { 2, 0 }
#define END   [END_SHOWN] = { 0, 75 }, [END_OFF] = { 0, 5 }
static const struct target full_1s[MEASURES] = { [DETECTED] = { 12, 20 }, [SAID_BLOCKED] = { 60, 0 }, POINT, END };
static const struct target full_1s_25[MEASURES] = {
	[DETECTED] = { 25, 40 }, [SAID_BLOCKED] = { 60, 0 }, POINT, END
};
static const struct target full_any[MEASURES] = { [SAID_BLOCKED] = { 60, 0 }, POINT, END };
static const struct target thin[MEASURES] = { [DETECTED] = { 120, 0 } };
static const struct target thin_25[MEASURES] = { [DETECTED] = { 240, 0 } };
static const struct target third_40[MEASURES] = { [DETECTED] = { 0, 40 }, [SINCE_OFF] = { 5, 0 } };
static const struct target third_70[MEASURES] = { [DETECTED] = { 0, 70 }, [SINCE_OFF] = { 5, 0 } };
static const struct target third_720[MEASURES] = { [DETECTED] = { 0, 720 } };
static const struct target part[MEASURES] = { [DETECTED] = { 0, 25 } };
static const struct target part_25[MEASURES] = { [DETECTED] = { 0, 60 } };

/* Words that may never be said. */
#define DOWN	 SAYS(DOWN)
#define BLOCKED	 (SAYS(BLOCKED) | SAYS_SURELY)
#define SURELY	 SAYS_SURELY
#define NO_STATE (SAYS(IMPAIRED) | SAYS(LIKELY_BLOCKED) | SAYS(THROTTLED) | SAYS(VANISHED) | DOWN | BLOCKED)

/* clang-format off */
const struct cell cells[] = {
	/* name, what fails and how, rate base rho, share, odd, runs seconds warm; what is asked of it */
	{ "full", FULL, INJECTED, 1, .05, .01, 1, QUICK, 100, 120, 24, .never = DOWN, .to_reach = full_1s },
	{ "full, pages", FULL, INJECTED, 1, .05, .01, 1, PAGES, 100, 180, 24,
	  .never = DOWN, .to_reach = full_any,
	  .known = "a page's four flows count for two failures at most, and come four seconds apart in the mean" },
	{ "full", FULL, INJECTED, 1, .25, .01, 1, 0, 100, 180, 24, .never = DOWN, .to_reach = full_1s_25 },
	{ "full", FULL, INJECTED, 10, .05, .01, 1, PAGES, 100, 120, 24, .never = DOWN, .to_reach = full_1s },
	{ "full", FULL, INJECTED, 100, .05, .01, 1, PAGES, 20, 120, 2, .never = DOWN, .to_reach = full_1s },
	{ "full", FULL, INJECTED, 500, .05, .01, 1, PAGES, 10, 120, 1.5, .never = DOWN, .to_reach = full_1s },
	{ "full", FULL, INJECTED, .05, .05, .01, 1, 0, 100, 1800, 24, .never = DOWN },
	{ "full", FULL, INJECTED, .1, .05, .01, 1, 0, 100, 900, 24, .never = DOWN, .to_reach = thin },
	{ "full", FULL, INJECTED, .1, .12, .01, 1, 0, 100, 900, 24, .never = DOWN, .to_reach = thin },
	{ "full", FULL, INJECTED, .1, .25, .01, 1, 0, 100, 1200, 24, .never = DOWN, .to_reach = thin_25 },
	{ "full, half dropped", FULL, MIXED, 1, .05, .01, 1, 0, 50, 180, 24,
	  .never = DOWN, .must = SAYS(BLOCKED), .to_reach = full_1s },
	{ "full, plain resets", FULL, PLAIN, 5, .05, .01, 1, PAGES, 50, 300, 24, .never = DOWN | BLOCKED },
	{ "full, frozen", FULL, FREEZE, 5, .05, .01, 1, PAGES, 50, 300, 24,
	  .never = DOWN, .must = SAYS(LIKELY_BLOCKED) },
	{ "full, verdicts late", FULL, INJECTED, 1, .05, .01, 1, DELAYS, 100, 180, 24,
	  .never = DOWN, .must = SAYS(BLOCKED) },
	{ "full, dropped, late", FULL, DROPPED, 1, .05, .01, 1, DELAYS | CDN_ALL, 100, 300, 24,
	  .never = DOWN, .must = SAYS(BLOCKED) },
	{ "full, one hammers", FULL, INJECTED, 1, .05, .01, 1, PAGES | HAMMER_HOUR, 50, 600, 24,
	  .never = DOWN, .must = SAYS(BLOCKED) },
	{ "full, one control", FULL, INJECTED, 1, .05, .01, 1, FEW_CONTROLS, 50, 180, 24, .never = DOWN },
	{ "full, restarts", FULL, INJECTED, 1, .05, .01, 1, RESTARTS, 50, 600, 24,
	  .never = DOWN, .must = SAYS(BLOCKED) },
	{ "full, a gap", FULL, INJECTED, 1, .05, .01, 1, GAPS, 50, 1800, 24,
	  .never = DOWN, .must = SAYS(BLOCKED) },
	{ "full, ranges change", FULL, INJECTED, 1, .05, .01, 1, RANGES, 50, 600, 24,
	  .never = DOWN, .must = SAYS(BLOCKED) },
	{ "full, controls change", FULL, INJECTED, 1, .05, .01, 1, CONTROLS_CHANGE, 50, 600, 24,
	  .never = DOWN, .must = SAYS(BLOCKED) },
	{ "full, begins in a gap", FULL, INJECTED, .1, .05, .01, 1, GAPS | UNSEEN, 100, 900, 24,
	  .never = DOWN },
	{ "full, begins in a restart", FULL, INJECTED, .1, .05, .01, 1, RESTARTS | UNSEEN, 100, 900, 24,
	  .never = DOWN },
	{ "60 %", FULL, INJECTED, 1, .05, .01, .6, PAGES, 100, 600, 24, .never = DOWN | BLOCKED },
	{ "30 %", FULL, INJECTED, 10, .05, .005, .3, PAGES, 100, 400, 24,
	  .never = DOWN | BLOCKED, .to_reach = third_40 },
	{ "30 %", FULL, INJECTED, 10, .05, .01, .3, PAGES, 100, 900, 24,
	  .never = DOWN | BLOCKED, .to_reach = third_70 },
	{ "30 %", FULL, INJECTED, 10, .12, .01, .3, PAGES, 100, 1800, 24,
	  .never = DOWN | BLOCKED, .to_reach = third_720,
	  .known = "where a day taught a rho of .014 the evidence comes to less than the threshold" },
	{ "30 %, one hammers", FULL, INJECTED, 1, .05, .01, .3, HAMMER_HOUR, 50, 900, 24,
	  .never = DOWN | BLOCKED },
	{ "10 %", FULL, INJECTED, 10, .01, .005, .1, PAGES, 40, 3600, 24, .never = DOWN | BLOCKED },
	{ "10 %", FULL, INJECTED, 10, .05, .005, .1, PAGES, 40, 3600, 24, .never = DOWN | BLOCKED },
	{ "one prefix of ten", PREFIX, INJECTED, 10, .05, .005, 1, PAGES | QUICK, 100, 200, 24,
	  .never = DOWN, .to_reach = part },
	{ "one prefix of ten", PREFIX, INJECTED, 10, .25, .005, 1, PAGES, 100, 300, 24,
	  .never = DOWN, .to_reach = part_25 },
	{ "one site of three", SITE, INJECTED, 10, .05, .005, 1, PAGES, 50, 200, 24, .never = DOWN },
	{ "IPv6", FAMILY, INJECTED, 10, .05, .005, 1, PAGES, 50, 200, 24, .never = DOWN },
	{ "QUIC", QUIC, INJECTED, 10, .05, .005, 1, PAGES, 50, 200, 24, .never = DOWN },
	{ "ramp over an hour", RAMP, INJECTED, 5, .05, .005, 1, PAGES, 50, 3600, 24, .never = DOWN },
	{ "5 min on, 10 off", CYCLES, INJECTED, 5, .05, .01, 1, PAGES, 50, 2700, 24,
	  .never = DOWN, .must = SAYS(BLOCKED) },
	{ "throttle", THROTTLE, INJECTED, 5, .05, .01, .9, PAGES, 50, 900, 24,
	  .never = DOWN | BLOCKED, .must = SAYS(THROTTLED) },
	{ "dedicated, silent", DEDICATED, SILENT, 10, .05, .01, 1, PAGES | CDN_SOME, 50, 300, 24,
	  .never = DOWN, .must = SAYS(BLOCKED) },
	{ "dedicated all, silent", FULL, SILENT, 5, .05, .01, 1, PAGES | CDN_ALL, 50, 300, 24,
	  .never = DOWN, .must = SAYS(BLOCKED) },
	{ "X and two controls, resets", THREE, INJECTED, 5, .05, .01, 1, PAGES, 50, 600, 24,
	  .never = DOWN, .must = SAYS(LIKELY_BLOCKED) },
	{ "X and two controls, silent", THREE, SILENT, 5, .05, .01, 1, PAGES | CDN_ALL, 50, 600, 24,
	  .never = DOWN | SURELY },
	{ "outage", OUTAGE, SILENT, 5, .05, .01, 1, PAGES | CDN_ALL | QUICK, 200, 300, 24,
	  .never = BLOCKED, .must = SAYS(DOWN) },
	{ "outage, X 20 s before", LATE, SILENT, 5, .05, .01, 1, PAGES | CDN_ALL | QUICK, 200, 300, 24,
	  .never = BLOCKED, .must = SAYS(DOWN) },
	{ "outage, one control up", ONE_UP, SILENT, 5, .05, .01, 1, PAGES | CDN_ALL | QUICK, 200, 300, 24,
	  .never = BLOCKED, .must = SAYS(DOWN) },
	{ "outage, X back before", X_FIRST, SILENT, 5, .05, .01, 1, PAGES | CDN_ALL, 200, 300, 24,
	  .never = BLOCKED, .must = SAYS(DOWN) },
	{ "outage, X back last", X_LAST, SILENT, 5, .05, .01, 1, PAGES | CDN_ALL | QUICK, 200, 300, 24,
	  .never = BLOCKED, .must = SAYS(DOWN) },
	{ "outage, short, X back last", X_LAST, SILENT, 5, .05, .01, 1, PAGES | CDN_ALL, 200, 70, 24,
	  .never = BLOCKED, .must = SAYS(DOWN) },
	{ "outage, all reset", OUTAGE, INJECTED, 5, .05, .01, 1, PAGES, 200, 300, 24,
	  .never = BLOCKED, .must = SAYS(DOWN) },
	{ "outage, verdicts late", OUTAGE, SILENT, 5, .05, .01, 1, PAGES | CDN_ALL | DELAYS, 200, 300, 24,
	  .never = BLOCKED, .must = SAYS(DOWN) },
	{ "outage", OUTAGE, SILENT, .5, .12, .01, 1, CDN_ALL, 200, 300, 24, .never = BLOCKED },
	{ "outage of X", OWN, SILENT, 5, .05, .01, 1, PAGES | QUICK, 50, 300, 24,
	  .never = DOWN | BLOCKED, .must = SAYS(LIKELY_BLOCKED) },
	{ "outage of X, some injected", OWN, SILENT, 5, .05, .01, 1, PAGES | SOME_INJECTED, 50, 900, 24,
	  .never = DOWN | BLOCKED },
	{ "outage of X, but its CDN", OWN, SILENT, 10, .05, .01, 1, PAGES | CDN_SOME, 50, 900, 24,
	  .never = DOWN | BLOCKED },
	{ "the same, some injected", OWN, SILENT, 10, .05, .01, 1, PAGES | CDN_SOME | SOME_INJECTED, 50, 900, 24,
	  .never = DOWN | BLOCKED },
	{ "outage of a CDN, part of X", CDN, SILENT, 10, .05, .01, 1, PAGES | CDN_SOME, 50, 600, 24,
	  .never = DOWN | SURELY },
	{ "outage of a CDN, all of X", CDN, SILENT, 5, .05, .01, 1, PAGES | CDN_ALL, 50, 600, 24,
	  .never = DOWN | SURELY },
	{ "one direction lost", ONE_WAY, PLAIN, 5, .05, .01, 1, PAGES, 20, 1200, 24,
	  .never = NO_STATE, .must = SAYS(ONE_DIRECTION) },
	{ "vanished after a day", VANISH, PLAIN, 1, .05, .01, 1, PAGES, 20, 3600, 26,
	  .never = DOWN | BLOCKED, .must = SAYS(VANISHED) },
	{ "vanished after two weeks", VANISH, PLAIN, 1, .05, .01, 1, PAGES | DIURNAL, 10, 3600, 344,
	  .never = DOWN | BLOCKED, .must = SAYS(VANISHED) },
	{ "calm, seldom", NONE, PLAIN, .1, .05, .01, 0, PAGES, 2, 10 * DAYS, .warm = 0 },
	{ "calm, 1 %", NONE, PLAIN, 1, .01, .01, 0, PAGES, 2, 10 * DAYS, .warm = 0 },
	{ "calm, wanders less", NONE, PLAIN, 1, .05, .005, 0, PAGES, 2, 10 * DAYS, .warm = 0 },
	{ "calm, pages of four", NONE, PLAIN, 1, .05, .01, 0, PAGES | QUICK, 4, 10 * DAYS, .warm = 0 },
	{ "calm, no pages", NONE, PLAIN, 1, .05, .01, 0, 0, 4, 10 * DAYS, .warm = 0 },
	{ "calm, share in steps", NONE, PLAIN, 1, .05, .01, 0, PAGES | STEPPED, 4, 10 * DAYS, .warm = 0 },
	{ "calm, 25 %", NONE, PLAIN, 1, .25, .01, 0, PAGES, 4, 10 * DAYS, .warm = 0 },
	{ "calm, many", NONE, PLAIN, 10, .05, .01, 0, PAGES, 2, 10 * DAYS, .warm = 0 },
	{ "calm, rho too small", NONE, PLAIN, 1, .05, .01, 0, PAGES | UNDERTOLD, 4, 10 * DAYS, .warm = 0 },
	{ "calm, days and nights", NONE, PLAIN, 2, .05, .01, 0, PAGES | DIURNAL, 2, 10 * DAYS, .warm = 0 },
	{ "calm, one hammers", NONE, PLAIN, 1, .05, .01, 0, PAGES | HAMMER, 2, 10 * DAYS, .warm = 0 },
	{ "calm, one hammers at times", NONE, PLAIN, 1, .05, .01, 0, PAGES | HAMMER_HOUR, 2, 10 * DAYS, .warm = 0 },
	{ "calm, scanners", NONE, PLAIN, 1, .05, .01, 0, PAGES | SCANNER, 1, 10 * DAYS, .warm = 0 },
	{ "calm, dead prefix", NONE, PLAIN, 1, .05, .01, 0, PAGES | DEAD, 1, 10 * DAYS, .warm = 0 },
	{ "calm, ranges change", NONE, PLAIN, 1, .05, .01, 0, PAGES | RANGES, 2, 10 * DAYS, .warm = 0 },
	{ "calm, dead range is new", NONE, PLAIN, 1, .05, .01, 0, PAGES | NEW_DEAD, 2, 2 * DAYS, .warm = 0 },
	{ "calm, mix of ranges turns", NONE, PLAIN, 1, .05, .01, 0, PAGES | MIX, 2, 10 * DAYS, .warm = 0 },
	{ "calm, mix of ranges turns", NONE, PLAIN, 10, .05, .005, 0, PAGES | MIX, 1, 10 * DAYS, .warm = 0 },
	{ "calm, restarts", NONE, PLAIN, 1, .05, .01, 0, PAGES | RESTARTS | QUICK, 2, 10 * DAYS, .warm = 0 },
	{ "calm, gaps", NONE, PLAIN, 1, .05, .01, 0, PAGES | GAPS, 2, 10 * DAYS, .warm = 0 },
	{ "calm, controls change", NONE, PLAIN, 1, .05, .01, 0, PAGES | CONTROLS_CHANGE, 1, 10 * DAYS, .warm = 0 },
	{ "calm, verdicts late", NONE, PLAIN, 1, .05, .01, 0, PAGES | DELAYS, 2, 10 * DAYS, .warm = 0 },
	{ "calm, wanders more", NONE, PLAIN, 1, .05, .03, 0, PAGES, 2, 10 * DAYS,
	  .known = "under one a year is asked for where the share wanders by .01; here it does three times as much" },
};
/* clang-format on */
const unsigned int n_cells = sizeof(cells) / sizeof(*cells);
