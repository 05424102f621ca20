// SPDX-License-Identifier: GPL-2.0
/* A warm-up is played once, and each run of it goes on from there in a process of its own (fork). */
#include "run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chance.h"
#include "detect/detector_parts.h"
#include "detect/incidents_parts.h"
#include "traffic.h"

#define START	       1700006400ll /* a midnight */
#define APART_S	       300 /* the runs of one warm-up part ways that long, and up to twice, before it begins */
#define END_LOOK_S     900
#define AFTER_S	       300 /* what is over is watched that long at least */
#define PREFIX_EVERY_S 5   /* the words of prefixes are looked at: there are many */

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

int run_calm(unsigned int number, unsigned int seconds, __u64 seed, void (*done)(const struct run *))
{
	struct run r = { .cell = number };
	__s64 last[GROUPS] = { 0 };
	double hour = -URN_NEVER;
	struct world w;

	chance_seed(seed);
	if (!world_new(&w, &cells[number], START))
		return -ENOMEM;
	while (w.now < START + seconds) {
		world_second(&w);
		alarms(&w, last, &r);
		hour = fmax(hour, nearest(&w));
		if (w.now % 3600)
			continue;
		r.tail[(int)fmax(0, fmin(TAIL_BINS - 1, (hour - TAIL_LEAST) / TAIL_STEP))]++;
		hour = -URN_NEVER;
	}
	r.days = seconds / 86400.;
	world_free(&w);
	done(&r);
	return 0;
}

/* ---- what is said ------------------------------------------------------------------------------------------------ */

static bool is_ill(enum word word)
{
	return word != WORD_OK && word != WORD_INSUFFICIENT && word != WORD_ONE_DIRECTION;
}

/* The prefixes that are named are those that fail, all of them; none where that is all. */
static bool prefixes_are(const struct incident *in, const struct cell *c)
{
	unsigned int hit = 0;

	for (__u32 p = PREFIX_FIRST; p < PREFIX_FIRST + PREFIXES; p++)
		hit += cell_hits_prefix(c, p);
	for (unsigned int i = 0; i < in->n_scope[STREAM_PREFIX]; i++)
		if (!cell_hits_prefix(c, in->scope[STREAM_PREFIX][i]))
			return false;
	return in->n_scope[STREAM_PREFIX] == (hit == PREFIXES ? 0 : hit);
}

static bool scope_is(const struct incident *in, const struct cell *c)
{
	static const struct {
		enum block block;
		enum stream_kind kind;
		__u32 id;
	} parts[] = { { SITE, STREAM_SITE, SITE_HIT },
		      { FAMILY, STREAM_FAMILY, 6 },
		      { QUIC, STREAM_TRANSPORT, 17 } };

	for (unsigned int i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		bool named = in->n_scope[parts[i].kind] == 1 && in->scope[parts[i].kind][0] == parts[i].id;

		if (parts[i].block == c->block ? !named : in->n_scope[parts[i].kind] != 0)
			return false;
	}
	return prefixes_are(in, c);
}

/* Every word that is said of X's sites and prefixes, as bits. */
static unsigned int parts_say(const struct world *w)
{
	unsigned int said = 0;

	for (__u8 site = 1; site <= SITES; site++)
		said |= 1u << incidents_site(w->incidents, X, site);
	if (w->now % PREFIX_EVERY_S == 0)
		for (__u32 prefix = PREFIX_FIRST; prefix < PREFIX_FIRST + PREFIXES; prefix++)
			said |= 1u << incidents_prefix(w->incidents, X, prefix);
	return said;
}

/* Phases without what only went from one word to the next. */
static unsigned int pieces(const struct incident *in)
{
	unsigned int n = in->n_phases > 0;

	for (unsigned int i = 1; i < in->n_phases; i++)
		n += in->phases[i].from != in->phases[i - 1].to;
	return n;
}

/* A watch over one run. */
struct look {
	struct run *r;
	__s64 since; /* of the incident last seen, by which one is told from the next */
	unsigned int incidents;
	struct incident_report report;
	bool said, after;
};

static void hear_controls(const struct world *w, struct look *l)
{
	for (__u8 g = X + 1; g < X + GROUPS; g++) {
		enum word word = incidents_state(w->incidents, g);

		if (w->cell->never & SAYS(BLOCKED) && word == WORD_BLOCKED)
			l->after ? (l->r->wrong_after = true) : (l->r->wrong = true);
		l->r->others |= is_ill(word) && !cell_hits_group(w->cell, g - X);
	}
}

static void first_found(const struct world *w, struct look *l)
{
	const struct incident *in = &l->report.in;
	__s64 off = in->since - w->begun;

	l->r->got[DETECTED] = (double)(w->now - w->watched + 1);
	l->r->got[SINCE_OFF] = fabs((double)off);
	l->r->within = llabs(off) <= in->since_uncertainty_s || (in->since_bound && off > 0);
}

static void look(const struct world *w, struct look *l)
{
	double age = (double)(w->now - w->watched + 1);
	enum word state = incidents_state(w->incidents, X);
	unsigned int said = 1u << state;
	struct run *r = l->r;

	l->said = incidents_report(w->incidents, X, &l->report);
	if (l->said && l->report.in.open)
		said |= 1u << l->report.in.part;
	if (said & SAYS(BLOCKED) && l->report.could_be == 1u << COULD_BE_BLOCK)
		said |= SAYS_SURELY;
	for (unsigned int word = 0; word < WORDS && !l->after; word++)
		if (said >> word & 1 && r->word_s[word] < 0)
			r->word_s[word] = age;
	if (said & SAYS(BLOCKED) && r->got[SAID_BLOCKED] < 0 && !l->after)
		r->got[SAID_BLOCKED] = age;
	r->parts |= (parts_say(w) & w->cell->never) != 0;
	if (said & w->cell->never)
		l->after ? (r->wrong_after = true) : (r->wrong = true);
	hear_controls(w, l);
	if (!l->said)
		return;
	if (!l->incidents)
		first_found(w, l);
	l->incidents += l->report.in.since != l->since;
	l->since = l->report.in.since;
}

/* ---- a block -------------------------------------------------------------------------------------------------------- */

/* It is over: how soon is that told, and is anything said that must not be? */
static void recover(struct world *w, struct look *l)
{
	bool asked = l->said && l->report.in.open && w->cell->block != RAMP;
	__s64 over = world_end(w), until = over + END_LOOK_S;
	struct run *r = l->r;

	l->after = true;
	r->open = asked;
	while (w->now < until && (w->now < over + AFTER_S || l->report.in.open)) {
		world_second(w);
		look(w, l);
		if (!asked || l->report.in.open || w->now < over)
			continue;
		asked = false;
		r->got[END_SHOWN] = (double)(w->now - over + 1);
		r->got[END_OFF] = fabs((double)(l->report.in.ended - over));
	}
	r->one = l->incidents == 1 &&
		 pieces(&l->report.in) == (w->cell->block == CYCLES ? w->cell->seconds / 900 : 1);
}

static void block_once(struct world *w, struct run *r)
{
	const struct cell *c = w->cell;
	__s64 apart = APART_S + (__s64)(chance() * APART_S), last[GROUPS] = { 0 }, until;
	struct look l = { .r = r };

	for (unsigned int i = 0; i < MEASURES; i++)
		r->got[i] = -1;
	for (unsigned int i = 0; i < WORDS; i++)
		r->word_s[i] = -1;
	for (until = w->now + apart; w->now < until;)
		world_second(w);
	alarms(w, last, r);
	if (r->alarms) {
		r->skipped = true;
		return;
	}
	world_begin(w);
	for (until = w->now + c->seconds; w->now < until;) {
		world_second(w);
		look(w, &l);
	}
	r->exact = l.said && scope_is(&l.report.in, c);
	recover(w, &l);
}

int run_block(unsigned int number, unsigned int n, double warm, __u64 seed, void (*done)(const struct run *))
{
	const struct cell *c = &cells[number];
	struct world w;

	chance_seed(seed);
	if (!world_new(&w, c, START))
		return -ENOMEM;
	while (w.now < START + (__s64)(warm * 3600))
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
