// SPDX-License-Identifier: GPL-2.0
/*
 * The detector: a phase that has become another. A partial block of hours that becomes a full one would have to last for a
 * day before its share told; so the last minute is asked whether it is still of the phase, and if not, since when.
 */
#include <math.h>

#include "detect/detector_parts.h"

#define TURN_S	      60 /* that are compared with all of the phase */
#define TURN_BACK_S   600
#define TURN_LEAST    8	 /* attempts in them */
#define TURN_MARGIN   .1 /* of the share: less is no other phase */
#define TURN_CLEAREST .99

static double share(__u64 f, __u64 n)
{
	return fmin(TURN_CLEAREST, fmax(1 - TURN_CLEAREST, n ? (double)f / (double)n : 0));
}

bool phase_turn(const struct detector *d, const struct stream *s, __s64 from, __s64 *at)
{
	__s64 back = d->now - TURN_BACK_S > from ? d->now - TURN_BACK_S : from;
	double before, now, rho = urn_rho_told(&s->rho);
	struct urn_since since;
	__u64 f, n, all_f, all_n;

	if (watched_since(d, from) < 2 * TURN_S)
		return false;
	stream_count(s, d->now - TURN_S + 1, &f, &n);
	stream_count(s, from, &all_f, &all_n);
	if (n < TURN_LEAST || all_n < n + TURN_LEAST)
		return false;
	before = share(all_f - (f < all_f ? f : all_f), all_n - n);
	now = share(f, n);
	if (fabs(now - before) < TURN_MARGIN || urn_evidence((double)f, (double)n, before, now, rho) < GATE_NATS)
		return false;
	urn_since_after(&s->fast, back, before, now, &since);
	since_unwatched(d, s, &since);
	if (since.at <= from + 1)
		return false;
	*at = since.at;
	return true;
}
