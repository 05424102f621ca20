// SPDX-License-Identifier: GPL-2.0
/* Findings that wait until they are due: see verdicts.h. */
#include "verdicts.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chance.h"
#include "detect/incidents.h"

#define THIRD_SYN 30 /* of so many flows one is answered at its third SYN */

void verdicts_free(struct verdicts *v)
{
	for (unsigned int s = 0; s < VERDICTS_S; s++)
		free(v->due[s].late);
}

void verdicts_forget(struct verdicts *v)
{
	for (unsigned int s = 0; s < VERDICTS_S; s++)
		v->due[s].n = 0;
}

void verdicts_until(struct verdicts *v, struct incidents *i, __s64 now)
{
	unsigned int s = (unsigned int)(now % VERDICTS_S);

	for (unsigned int n = 0; n < v->due[s].n; n++)
		incidents_finding(i, &v->due[s].late[n].f, v->due[s].late[n].client, v->due[s].late[n].cdn);
	v->due[s].n = 0;
}

static void tell(struct verdicts *v, struct incidents *i, const struct late *flow, __s64 now, unsigned int after_s)
{
	unsigned int s = (unsigned int)((now + after_s) % VERDICTS_S);

	if (!after_s) {
		incidents_finding(i, &flow->f, flow->client, flow->cdn);
		return;
	}
	if (v->due[s].n == v->due[s].room) {
		unsigned int room = v->due[s].room ? v->due[s].room * 2 : 64;
		struct late *more = realloc(v->due[s].late, room * sizeof(*more));

		if (!more) {
			perror("simulate");
			_exit(1);
		}
		v->due[s].late = more;
		v->due[s].room = room;
	}
	v->due[s].late[v->due[s].n++] = *flow;
}

static void third_syn(struct verdicts *v, struct incidents *i, struct late *flow, __s64 now)
{
	struct late first = *flow;

	first.f.kind = RECORD_INTERIM;
	first.f.v.stage = STAGE_POST_SYN;
	first.f.v.outcome = OUTCOME_TIMEOUT;
	first.f.v.signature = SIGNATURE_SYN_0;
	first.f.v.syns = 2;
	tell(v, i, &first, now, 3);
	flow->f.told = true;
	tell(v, i, flow, now, 8);
}

void verdict_well(struct verdicts *v, struct incidents *i, const struct late *flow, __s64 now, bool delays)
{
	struct late l = *flow;

	if (delays && chance() < 1. / THIRD_SYN)
		third_syn(v, i, &l, now);
	else
		tell(v, i, &l, now, delays ? 1 + (unsigned int)(chance() * 4) : 0);
}

static void frozen(struct verdicts *v, struct incidents *i, struct late *flow, __s64 now)
{
	flow->f.kind = RECORD_INTERIM;
	flow->f.v.stage = STAGE_LATER;
	flow->f.v.outcome = OUTCOME_OK;
	tell(v, i, flow, now, 3);
	flow->f.kind = RECORD_FINAL;
	flow->f.told = flow->f.told_later = true;
	flow->f.v.outcome = OUTCOME_FROZEN;
	flow->f.v.signature = SIGNATURE_DATA_0;
	tell(v, i, flow, now, 15);
}

void verdict_failed(struct verdicts *v, struct incidents *i, const struct late *flow, __s64 now, bool delays,
		    enum how how)
{
	struct late l = *flow;

	if (how == FREEZE) {
		frozen(v, i, &l, now);
		return;
	}
	if (how == MIXED)
		how = chance() < .5 ? DROPPED : INJECTED;
	l.f.v.stage = STAGE_POST_PSH;
	if (how == SILENT || how == DROPPED) {
		bool syn = how == SILENT;

		l.f.v.stage = syn ? STAGE_POST_SYN : STAGE_POST_PSH;
		l.f.v.outcome = OUTCOME_TIMEOUT;
		l.f.v.syns = syn ? 2 : 1; /* one alone counts as neither */
		l.f.v.signature = syn ? SIGNATURE_SYN_0 : SIGNATURE_PSH_0;
		tell(v, i, &l, now, delays ? syn ? 3 : 10 : 0);
		return;
	}
	l.f.v.outcome = OUTCOME_RESET;
	l.f.v.signature = SIGNATURE_PSH_RST;
	l.f.v.level = how == INJECTED ? LEVEL_HIGH : LEVEL_NONE;
	tell(v, i, &l, now, delays ? (unsigned int)(chance() * 2) : 0);
}
