// SPDX-License-Identifier: GPL-2.0
/* A warm-up is played once, and each run of it goes on from there in a process of its own (fork). */
#include "run.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chance.h"
#include "detect/detector_parts.h"
#include "detect/incidents_parts.h"
#include "traffic.h"

#define START	   1700006400ll /* a midnight */
#define APART_S	   300		/* the runs of one warm-up part ways that long, and up to twice, before it begins */
#define END_LOOK_S 900

static void alarms(const struct world *w, __s64 *last, struct run *r)
{
	for (__u8 g = 0; g < GROUPS; g++) {
		struct incident_report report;

		if (!incidents_report(w->incidents, X + g, &report) || report.in.detected == last[g])
			continue;
		last[g] = report.in.detected;
		r->alarms++;
	}
}

static double nearest(const struct world *w)
{
	const struct detector *d = w->incidents->blocks;
	double over = -URN_NEVER;

	for (unsigned int g = X; g < X + GROUPS; g++)
		for (const struct stream *s = d->groups[g].streams; s; s = s->next)
			over = fmax(over,
				    fmax(stream_over(d, s, &s->fast, NULL), stream_over(d, s, &s->slow, NULL)));
	return over;
}

int run_calm(unsigned int number, __u64 seed, void (*done)(const struct run *))
{
	const struct cell *c = &cells[number];
	struct run r = { .cell = number };
	__s64 last[GROUPS] = { 0 };
	double hour = -URN_NEVER;
	struct world w;

	chance_seed(seed);
	if (!world_new(&w, c, START))
		return -ENOMEM;
	while (w.now < START + c->seconds) {
		world_second(&w);
		alarms(&w, last, &r);
		hour = fmax(hour, nearest(&w));
		if (w.now % 3600)
			continue;
		r.tail[(int)fmax(0, fmin(TAIL_BINS - 1, (hour - TAIL_LEAST) / TAIL_STEP))]++;
		hour = -URN_NEVER;
	}
	r.days = c->seconds / 86400.;
	world_free(&w);
	done(&r);
	return 0;
}

static bool scope_is(const struct incident *in, const struct cell *c)
{
	static const struct {
		enum block block;
		enum stream_kind kind;
		__u32 id;
	} parts[] = { { PREFIX, STREAM_PREFIX, PREFIX_HIT },
		      { SITE, STREAM_SITE, SITE_HIT },
		      { FAMILY, STREAM_FAMILY, 6 },
		      { QUIC, STREAM_TRANSPORT, 17 } };

	for (unsigned int i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		bool named = in->n_scope[parts[i].kind] == 1 && in->scope[parts[i].kind][0] == parts[i].id;

		if (parts[i].block == c->block ? !named : in->n_scope[parts[i].kind] != 0)
			return false;
	}
	return true;
}

/* What no word may say of this. */
static bool is_wrong(const struct cell *c, enum word state)
{
	switch (c->block) {
	case OUTAGE:
	case LATE:
	case ONE_UP:
	case X_DOWN:
		return state == WORD_BLOCKED;
	case ONE_WAY:
		return state != WORD_ONE_DIRECTION && state != WORD_INSUFFICIENT && state != WORD_OK;
	default:
		return state == WORD_DOWN;
	}
}

static void look(const struct world *w, struct run *r)
{
	double age = (double)(w->now - w->begun + 1);
	enum word state = incidents_state(w->incidents, X);
	struct incident_report report;
	bool said = incidents_report(w->incidents, X, &report);

	r->wrong |= is_wrong(w->cell, state) || (said && is_wrong(w->cell, report.in.part));
	if (!said)
		return;
	if (!r->detected) {
		r->detected = true;
		r->detect_s = age;
		r->since_off_s = fabs((double)(report.in.since - w->begun));
	}
	if (!r->blocked && (state == WORD_BLOCKED || report.in.part == WORD_BLOCKED)) {
		r->blocked = true;
		r->blocked_s = age;
	}
}

static void block_once(struct world *w, struct run *r)
{
	const struct cell *c = w->cell;
	__s64 apart = APART_S + (__s64)(chance() * APART_S), last[GROUPS] = { 0 }, until;
	struct incident_report report;

	for (until = w->now + apart; w->now < until;)
		world_second(w);
	alarms(w, last, r);
	if (r->alarms) {
		r->skipped = true;
		return;
	}
	w->begun = w->now + 1;
	for (until = w->now + c->seconds; w->now < until;) {
		world_second(w);
		look(w, r);
	}
	if (!incidents_report(w->incidents, X, &report))
		return;
	r->exact = scope_is(&report.in, c);
	if (!report.in.open || c->block == RAMP || c->share <= 0)
		return;
	w->begun = 0;
	while (w->now < until + END_LOOK_S && report.in.open) {
		world_second(w);
		incidents_report(w->incidents, X, &report);
	}
	r->ended = !report.in.open;
	r->end_s = (double)(w->now - until);
	r->end_off_s = fabs((double)(report.in.ended - until - 1));
}

int run_block(unsigned int number, unsigned int n, __u64 seed, void (*done)(const struct run *))
{
	const struct cell *c = &cells[number];
	struct world w;

	chance_seed(seed);
	if (!world_new(&w, c, START))
		return -ENOMEM;
	while (w.now < START + (__s64)(c->warm * 3600))
		world_second(&w);
	for (unsigned int i = 0; i < n; i++) {
		struct run r = { .cell = number };
		pid_t child = fork();

		if (child < 0)
			return -errno;
		if (child > 0) {
			waitpid(child, NULL, 0);
			continue;
		}
		chance_seed(seed * 1000003 + i + 1);
		block_once(&w, &r);
		done(&r);
		_exit(0);
	}
	world_free(&w);
	return 0;
}
