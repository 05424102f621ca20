// SPDX-License-Identifier: GPL-2.0
/* What is asked of a cell, against what came of it. */
#include <math.h>

#include "table.h"

#define MOST	    .95 /* of the runs have to say what must be said */
#define WITHIN	    .9	/* ... begin where it is told */
#define TAIL_YEARS  .25 /* a tail fitted to less says little */
#define CHANCE	    .05 /* of so many alarms where one a year is allowed */
#define Z95	    1.645
#define NINE_TENTHS .9

const char *const claim_names[CLAIMS] = {
	[DETECTED] = "found late",
	[SAID_BLOCKED] = "`blocked` late",
	[SINCE_OFF] = "change point off",
	[END_SHOWN] = "end told late",
	[END_OFF] = "end off",
	[CLAIM_WRONG] = "WRONG WORD",
	[CLAIM_AFTER] = "WRONG WORD as it ended",
	[CLAIM_PARTS] = "WRONG WORD of a site or range",
	[CLAIM_OTHERS] = "a well control called ill",
	[CLAIM_MUST] = "not said",
	[CLAIM_ONE] = "not one incident with its phases",
	[CLAIM_WITHIN] = "begun outside of what is told",
	[CLAIM_FALSE] = "SAID FOR NOTHING",
};

/*
 * The contract takes a worse word once the excess share is over its border with 95 % probability and has been for 60 s.
 * Where all fail that takes so many attempts before the minute begins, and no rule that keeps to it can be sooner.
 */
static double border_s(const struct cell *c)
{
	double border = c->base + NINE_TENTHS * (1 - c->base);

	return Z95 * Z95 * border / (1 - border) / c->rate; /* Wilson's bound of n of n is n / (n + z^2) */
}

double claim_allows(const struct cell *c, enum measure m)
{
	return m == SAID_BLOCKED ? border_s(c) : 0;
}

static bool in_time(const struct sums *s, enum measure m, double share, double target, double allowed)
{
	double got = sums_at(s, m, share);

	return target <= 0 || (got >= 0 && round(got) <= ceil(target + allowed));
}

/* How likely are so many or more, if one a year is the rate? */
static double by_chance(unsigned int alarms, double years)
{
	double fewer = 0, term = exp(-years);

	for (unsigned int i = 0; i < alarms; i++) {
		fewer += term;
		term *= years / (i + 1);
	}
	return 1 - fewer;
}

static unsigned int calm_missed(const struct sums *s, bool certain)
{
	bool tail = s->years >= TAIL_YEARS && s->by_tail > 1;
	bool missed = certain ? s->alarms : by_chance(s->alarms, s->years) < CHANCE || tail;

	return (unsigned int)missed << CLAIM_FALSE;
}

/* Is it asked that it be told as one? Of what interrupts the watch, and of cycles. */
static bool is_one(const struct cell *c)
{
	return c->block == CYCLES || c->odd & (RESTARTS | GAPS | RANGES | CONTROLS_CHANGE);
}

unsigned int claims_missed(const struct cell *c, const struct sums *s, bool certain)
{
	unsigned int missed = 0, must = (unsigned int)ceil(s->runs * (certain ? 1 : MOST));

	if (c->block == NONE)
		return calm_missed(s, certain);
	for (enum measure m = 0; m < MEASURES && c->to_reach && !certain; m++)
		if (!in_time(s, m, .5, c->to_reach[m].median, claim_allows(c, m)) ||
		    !in_time(s, m, .95, c->to_reach[m].most, claim_allows(c, m)))
			missed |= 1u << m;
	if (certain && (s->missed || s->skipped))
		missed |= 1u << DETECTED;
	missed |= (unsigned int)(s->wrong > 0) << CLAIM_WRONG;
	missed |= (unsigned int)(s->wrong_after > 0) << CLAIM_AFTER;
	missed |= (unsigned int)(s->parts > 0) << CLAIM_PARTS;
	missed |= (unsigned int)(s->others > 0) << CLAIM_OTHERS;
	missed |= (unsigned int)(s->must < must) << CLAIM_MUST;
	missed |= (unsigned int)(is_one(c) && s->one < must) << CLAIM_ONE;
	missed |= (unsigned int)(c->odd & UNSEEN && s->within < s->runs * WITHIN) << CLAIM_WITHIN;
	return missed;
}
