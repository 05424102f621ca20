/* SPDX-License-Identifier: GPL-2.0 */
/* Findings as a second of traffic makes them, and what is told of incidents meanwhile. After cmocka.h. */
#ifndef XREACH_FINDINGS_SCENE_H
#define XREACH_FINDINGS_SCENE_H

#include <stdlib.h>
#include <string.h>

#include "detect/incidents.h"
#include "detect/ways.h"

#define T0	 1700000000ll
#define X	 0
#define CONTROLS 3 /* groups 1 to 3 */
#define CALM_S	 1200

struct fixture {
	struct incidents *i;
	struct where *where;
	struct ways *ways;
	int answer_ttl; /* of resets of X; 0: nobody's is known */
	struct incident_report told[64];
	unsigned int n_told;
	__s64 now;
	__u64 key;
};
static __u64 seed;

static inline double uniform(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (double)(seed >> 11) / 9007199254740992.;
}

static inline void on_change(void *arg, const struct incident_report *report)
{
	struct fixture *f = arg;

	assert_true(f->n_told < 64);
	f->told[f->n_told++] = *report;
}

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct incidents_setup setup = { .controls = 0xe, .changed = on_change, .arg = f };

	setup.where = f->where = where_new();
	setup.ways = f->ways = ways_new();
	seed = 11;
	f->i = incidents_new(&setup);
	f->now = T0;
	*state = f;
	return f->i ? 0 : -1;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	incidents_free(f->i);
	where_free(f->where);
	ways_free(f->ways);
	free(f);
	return 0;
}

/* ---- findings: what a second of traffic is made of -------------------------------------------------------- */

static inline struct finding flow(struct fixture *f, __u8 group, enum outcome outcome)
{
	struct finding made = { .kind = RECORD_FINAL,
				.key = ++f->key,
				.prefix = 100u + group * 10u + (__u32)(uniform() * 4),
				.group = group,
				.site = 1,
				.port = 443,
				.first_s = f->now };

	made.v.outcome = outcome;
	made.v.stage = outcome == OUTCOME_OK ? STAGE_LATER : STAGE_POST_PSH;
	made.v.answer_ttl = made.v.reset_ttl = made.v.server_ttl = -1;
	made.v.syns = 1;
	if (outcome == OUTCOME_RESET) {
		made.v.answer_ttl = f->answer_ttl ? f->answer_ttl : -1;
		made.v.signature = SIGNATURE_PSH_RSTACK;
		made.v.level = LEVEL_HIGH;
	} else if (outcome == OUTCOME_FROZEN) {
		made.v.stage = STAGE_LATER;
		made.v.signature = SIGNATURE_DATA_0;
	} else if (outcome == OUTCOME_TIMEOUT) {
		made.v.stage = STAGE_POST_SYN;
		made.v.signature = SIGNATURE_SYN_0;
		made.v.syns = 3;
	}
	return made;
}

static inline __u16 somebody(void)
{
	return (__u16)(uniform() * 4096) | 1 << 12;
}

static inline void give(struct fixture *f, const struct finding *made, __u8 cdn)
{
	where_add(f->where, made);
	ways_add(f->ways, made);
	incidents_finding(f->i, made, somebody(), cdn);
}

struct traffic {
	enum outcome x, controls;
	__u8 cdn;
};
static const struct traffic calm = { OUTCOME_OK, OUTCOME_OK, 0 };
static const struct traffic resets = { OUTCOME_RESET, OUTCOME_OK, 0 };

/* Five flows of X and two of each control a second. */
static inline void pass(struct fixture *f, unsigned int seconds, const struct traffic *t)
{
	struct finding made;

	for (; seconds; seconds--, f->now++) {
		for (unsigned int n = 0; n < 5; n++) {
			made = flow(f, X, t->x);
			give(f, &made, t->cdn);
		}
		for (__u8 group = 1; group <= CONTROLS; group++) {
			for (unsigned int n = 0; n < 2; n++) {
				made = flow(f, group, t->controls);
				give(f, &made, false);
			}
		}
		incidents_until(f->i, f->now);
	}
}

static inline const struct incident_report *last(const struct fixture *f)
{
	assert_true(f->n_told > 0);
	return &f->told[f->n_told - 1];
}

#endif
