/* SPDX-License-Identifier: GPL-2.0 */
/* X with ten prefixes and four controls, an hour and a half of which were calm, before a detector. After cmocka.h. */
#ifndef XREACH_DETECTOR_SCENE_H
#define XREACH_DETECTOR_SCENE_H

#include <stdlib.h>

#include "detect/detector.h"

#define T0	 1700000000ll
#define X	 1
#define CONTROLS 4 /* groups 2 to 5 */
#define PREFIXES 10

/* Failing shares: of X, of one of its prefixes on top, of each control; and of all that is IPv6. */
struct world {
	double x, prefix, controls[CONTROLS], v6;
};
static const struct world calm = { .03, 0, { .03, .03, .03, .03 }, 0 };
static __u64 seed;
static bool silent;   /* what fails does so by silence, which is no proof of a block */
static double proofs; /* ... but for this share of it, which is injected */
static __u8 cdn;      /* X's prefix 9 is dedicated, and lies in the space of this control (see detect_flow) */

static inline double uniform(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (double)(seed >> 11) / 9007199254740992.;
}

static inline void flow(struct detector *d, __s64 now, __u8 group, double share, __u32 prefix, double of_v6)
{
	bool v6 = uniform() < .3, failed = uniform() < (v6 && of_v6 > 0 ? of_v6 : share);

	detector_flow(d, &(struct detect_flow){ .at = now,
						.prefix = prefix,
						.client = (__u16)(uniform() * 4096) | 1 << 12,
						.group = group,
						.site = 1,
						.v6 = v6,
						.failed = failed,
						.alive = !silent,
						.proof = failed && (!silent || uniform() < proofs),
						.cdn = group == X && prefix == 100 + PREFIXES - 1 ? cdn : 0 });
}

/* `rate` flows of X and two of each control a second. */
static inline __s64 play(struct detector *d, __s64 from, unsigned int seconds, unsigned int rate,
			 const struct world *w)
{
	for (__s64 now = from; now < from + seconds; now++) {
		for (unsigned int i = 0; i < rate; i++) {
			__u32 prefix = (__u32)(uniform() * PREFIXES);

			flow(d, now, X, prefix == 3 && w->prefix > 0 ? w->prefix : w->x, 100 + prefix, w->v6);
		}
		for (__u8 c = 0; c < CONTROLS; c++)
			for (unsigned int i = 0; i < 2; i++)
				flow(d, now, 2 + c, w->controls[c], 200u + c, w->v6);
		detector_tick(d, now);
	}
	return from + seconds;
}

static inline int set_up(void **state)
{
	struct detector *d = detector_new(0x3c, T0);

	seed = 7;
	silent = false;
	proofs = cdn = 0;
	*state = d;
	return d && play(d, T0, 5400, 5, &calm) ? 0 : -1;
}

static inline int tear_down(void **state)
{
	detector_free(*state);
	return 0;
}

#define CALM_END (T0 + 5400)

#endif
