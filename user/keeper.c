// SPDX-License-Identifier: GPL-2.0
/* Feeding history and evidence from the board: see keeper.h. */
#include "keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "detect/hll.h"
#include "detect/tally.h"
#include "keep/evidence_file.h"
#include "keep/history.h"
#include "show/board.h"
#include "show/board_learnt.h"
#include "show/board_restart.h"

#define MINUTE_S 60
#define DAY_S	 86400
#define EPOCHS	 2
#define LEARNT	 "learnt"
#define STATE	 "incidents"
#define COST	 50	      /* of a save: so many times as long there is none */
#define LEARNT_S 3600	      /* kept so often ... */
#define STALE_S	 (14 * DAY_S) /* ... and worth nothing after so long */

/*
 * Clients of a group and site since midnight (UTC). A sketch is of one key, and the key changes once a day at an hour
 * of its own: so one sketch for each, and the greater of the two is told, which is too few rather than too many.
 */
struct crowd {
	__u8 group, site;
	struct hll clients[EPOCHS];
};

struct keeper {
	struct keeper_setup setup;
	struct history *history;
	struct evidence *evidence;
	struct crowd *crowds;
	size_t n_crowds;
	struct keep_books books; /* as of the last minute that was written */
	__s64 minute, day;	 /* of the last tick; 0: none yet */
	__s64 learnt;		 /* when that was kept last */
	__s64 started, state_at; /* of this life; when the state of incidents was kept last */
	double state_cost_s;	 /* that this took */
	bool urgent;		 /* something waits that should not wait for the minute */
	bool history_told, evidence_told;
};

struct keeper *keeper_new(const struct keeper_setup *setup)
{
	struct keeper *k = *setup->dir ? calloc(1, sizeof(*k)) : NULL;

	if (!k)
		return NULL;
	k->setup = *setup;
	k->history = history_new(setup->dir);
	k->evidence = evidence_new(setup->dir);
	if (k->history && k->evidence)
		return k;
	history_free(k->history);
	evidence_free(k->evidence);
	free(k);
	return NULL;
}

/* ---- trouble ------------------------------------------------------------------------------------------------- */
static void tell(struct keeper *k, bool *told, const struct trouble *t, const char *what)
{
	char line[700];

	if (t->on == *told)
		return;
	*told = t->on;
	if (t->on)
		snprintf(line, sizeof(line), "%s %s; the watch goes on, and it is tried again", what, t->text);
	else
		snprintf(line, sizeof(line), "%s is written again", what);
	k->setup.say(line);
}

static void step_history(struct keeper *k, __s64 now)
{
	history_step(k->history, now);
	tell(k, &k->history_told, &history_status(k->history)->trouble, "history");
}

static void step_evidence(struct keeper *k, __s64 now)
{
	__u64 aside = evidence_status(k->evidence)->set_aside;

	evidence_step(k->evidence, now);
	tell(k, &k->evidence_told, &evidence_status(k->evidence)->trouble, "evidence");
	if (evidence_status(k->evidence)->set_aside != aside) /* over already, but somebody has to look */
		k->setup.say(evidence_status(k->evidence)->trouble.text);
}

/* ---- what is given ----------------------------------------------------------------------------------------------- */
static struct keep_books books_of(const struct board *board)
{
	const struct watch_totals *totals = board_last_totals(board);
	struct keep_books out = {};
	struct books books;

	board_books(board, &books);
	out.opened = books.opened;
	out.judged = books.judged;
	out.forgotten = books.forgotten;
	out.lost = books.lost;
	for (int i = COUNT_UNPARSED_SHORT; i <= COUNT_UNPARSED_QUOTE; i++)
		out.unparsed += totals->n[i];
	return out;
}

static struct evidence_context context_of(const struct board *board, const char *rule)
{
	return (struct evidence_context){ .ranges_version = board_ranges_version(board),
					  .ranges_hash = board_ranges_hash(board),
					  .rule = rule,
					  .ledger = books_of(board) };
}

static struct crowd *crowd_of(struct keeper *k, __u8 group, __u8 site)
{
	struct crowd *longer;

	for (size_t i = 0; i < k->n_crowds; i++)
		if (k->crowds[i].group == group && k->crowds[i].site == site)
			return &k->crowds[i];
	longer = realloc(k->crowds, (k->n_crowds + 1) * sizeof(*longer));
	if (!longer)
		return NULL;
	k->crowds = longer;
	memset(&longer[k->n_crowds], 0, sizeof(*longer));
	longer[k->n_crowds].group = group;
	longer[k->n_crowds].site = site;
	return &longer[k->n_crowds++];
}

void keeper_finding(struct keeper *k, const struct board *board, const struct finding *f,
		    const struct wire_record *record)
{
	bool target = board_group_is_target(board, f->group);
	struct crowd *crowd;

	if (!k)
		return;
	history_count(k->history, f->first_s + f->decided_after_s, board_group_name(board, f->group), target,
		      board_site_name(board, f->site), board_prefix_text(board, f->prefix), &f->v);
	crowd = target ? crowd_of(k, f->group, f->site) : NULL;
	if (crowd)
		hll_add(&crowd->clients[!!(record->flow.state & STATE_EPOCH)], record->flow.client);
}

void keeper_incident(struct keeper *k, const struct board *board, const struct keeper_incident *i)
{
	struct evidence_context context;

	if (!k)
		return;
	context = context_of(board, i->rule);
	history_incident(k->history, i->at, i->id, i->group, i->since, i->ended, i->state, i->object);
	evidence_add(k->evidence, i->at, "incident", &context, "incident", i->object);
	k->urgent = true;
}

void keeper_ranges(struct keeper *k, const struct board *board, __s64 now)
{
	struct evidence_context context;

	if (!k)
		return;
	context = context_of(board, NULL);
	history_ranges(k->history, now, board_ranges_version(board), board_ranges_hash(board));
	evidence_add(k->evidence, now, "ranges", &context, NULL, NULL);
	k->urgent = true;
}

/* Under this name, with a byte of room at its end; NULL where it is too old, or of a time to come. */
static void *get_state(struct keeper *k, __s64 now, const char *name, size_t *n)
{
	__s64 at = 0;
	void *value = k ? history_state_get(k->history, name, n, &at) : NULL;

	if (!value || (at <= now && now - at <= STALE_S))
		return value;
	free(value);
	return NULL;
}

void *keeper_incidents(struct keeper *k, __s64 now, size_t *n)
{
	return get_state(k, now, STATE, n);
}

bool keeper_is_urgent(const struct keeper *k)
{
	return k && k->urgent;
}

char *keeper_learnt(struct keeper *k, __s64 now)
{
	size_t n = 0;
	char *text = get_state(k, now, LEARNT, &n);

	if (text)
		text[n] = '\0';
	return text;
}

void keeper_start(struct keeper *k, const struct board *board, __s64 now)
{
	struct evidence_context context;
	char *open;

	if (!k)
		return;
	context = context_of(board, NULL);
	open = board_open(board);
	history_interrupted(k->history, now, open);
	free(open);
	history_ranges(k->history, now, board_ranges_version(board), board_ranges_hash(board));
	evidence_add(k->evidence, now, "start", &context, NULL, NULL);
	k->books = context.ledger;
	k->minute = now / MINUTE_S;
	k->day = now / DAY_S;
	k->learnt = k->started = k->state_at = now;
	step_history(k, now);
	step_evidence(k, now);
}

/* ---- time -------------------------------------------------------------------------------------------------------- */
/* More since last time; what went back began anew. */
static __u64 grown(__u64 now, __u64 before)
{
	return now >= before ? now - before : now;
}

static void keep_books(struct keeper *k, const struct board *board)
{
	struct keep_books now = books_of(board), more = {
		.opened = grown(now.opened, k->books.opened),
		.judged = grown(now.judged, k->books.judged),
		.forgotten = grown(now.forgotten, k->books.forgotten),
		.lost = grown(now.lost, k->books.lost),
		.unparsed = grown(now.unparsed, k->books.unparsed),
	};

	k->books = now;
	history_books(k->history, k->minute * MINUTE_S, &more);
}

static void keep_samples(struct keeper *k, const struct board *board)
{
	for (unsigned int slot = 0; slot < WIRE_GROUPS_MAX; slot++)
		if (board_group_sample(board, slot) >= 0)
			history_sample(k->history, k->minute * MINUTE_S, board_group_name(board, slot),
				       board_group_sample(board, slot));
}

static void keep_crowds(struct keeper *k, const struct board *board)
{
	for (size_t i = 0; i < k->n_crowds; i++) {
		const struct crowd *c = &k->crowds[i];
		bool second = hll_estimate(&c->clients[1]) > hll_estimate(&c->clients[0]);
		char range[HLL_RANGE_LEN];

		history_clients(k->history, k->minute * MINUTE_S, board_group_name(board, c->group),
				board_site_name(board, c->site), hll_range(&c->clients[second], range));
	}
}

static void keep_learnt(struct keeper *k, const struct board *board, __s64 now)
{
	char *text = board_learnt(board);

	if (text)
		history_state(k->history, now, LEARNT, text, strlen(text));
	free(text);
	k->learnt = now;
}

/* ---- the state of incidents ----------------------------------------------------------------------------------- */
/* Of the processor: a busy machine is no reason to keep less. */
static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * As often as there is something to lose by it, and always with an incident that is told: what is restored must know that it
 * was. A young life keeps it sooner, so that one that is killed again and again has lost a part of it and not all; and
 * what is large, less often.
 */
static bool state_is_due(const struct keeper *k, const struct board *board, __s64 now)
{
	__s64 every = board_save_every(board), young = (now - k->started) / 4;

	if (k->urgent || now < k->state_at)
		return true;
	every = young < every ? young : every;
	return now - k->state_at >= every && (double)(now - k->state_at) >= COST * k->state_cost_s;
}

static void keep_state(struct keeper *k, const struct board *board, __s64 now)
{
	size_t n = 0;
	void *state = board_save(board, &n);

	if (state)
		history_state(k->history, now, STATE, state, n);
	free(state);
	k->state_at = now;
}

/* The minute of the last tick is over. */
static void end_minute(struct keeper *k, const struct board *board, __s64 now)
{
	keep_books(k, board);
	keep_samples(k, board);
	keep_crowds(k, board);
	if (now - k->learnt >= LEARNT_S || now < k->learnt)
		keep_learnt(k, board, now);
	k->minute = now / MINUTE_S;
	if (k->day == now / DAY_S)
		return;
	k->day = now / DAY_S;
	k->n_crowds = 0;
}

void keeper_tick(struct keeper *k, const struct board *board, __s64 now)
{
	bool minute, state;
	double begun;

	if (!k)
		return;
	state = !history_status(k->history)->trouble.on && state_is_due(k, board, now);
	/* Evidence first: the state in the history says that its incidents were told, and after a kill between the two it
	 * would tell them no more. The other way they are told twice. While there is trouble, each waits for its own time. */
	if (k->urgent || evidence_status(k->evidence)->waiting || evidence_status(k->evidence)->trouble.on)
		step_evidence(k, now);
	begun = seconds();
	minute = now / MINUTE_S != k->minute;
	if (minute)
		end_minute(k, board, now);
	if (state) {
		if (!minute)
			keep_books(k, board);
		keep_state(k, board, now);
	}
	if (minute || k->urgent || state || history_status(k->history)->trouble.on)
		step_history(k, now);
	if (state)
		k->state_cost_s = seconds() - begun;
	k->urgent = false;
}

void keeper_close(struct keeper *k, const struct board *board, __s64 now)
{
	struct evidence_context context;

	if (!k)
		return;
	if (board) {
		context = context_of(board, NULL);
		end_minute(k, board, now);
		keep_learnt(k, board, now);
		keep_state(k, board, now);
		evidence_add(k->evidence, now, "stop", &context, NULL, NULL);
		evidence_step(k->evidence, now); /* first, as ever */
		history_flush(k->history, now);
	}
	history_free(k->history);
	evidence_free(k->evidence);
	free(k->crowds);
	free(k);
}

const struct history_status *keeper_history(const struct keeper *k)
{
	return k ? history_status(k->history) : NULL;
}

const struct evidence_status *keeper_evidence(const struct keeper *k)
{
	return k ? evidence_status(k->evidence) : NULL;
}

const char *keeper_trouble(const struct keeper *k)
{
	if (k && history_status(k->history)->trouble.on)
		return history_status(k->history)->trouble.text;
	return k && evidence_status(k->evidence)->trouble.on ? evidence_status(k->evidence)->trouble.text : "";
}
