// SPDX-License-Identifier: GPL-2.0
/*
 * The detector over a restart: all that it knows, by names, as a row of bytes. Of clients there is nothing in it but
 * the lower end of the range that their number is shown as; who has failed how often (struct twos) and the sketches begin
 * anew.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector_parts.h"
#include "detect/packed.h"
#include "detect/state_names.h"

#define SECOND_MOST (1ll << 40)
#define COUNT_MOST  (1ull << 50)
#define STIRS_NATS  4.	/* a statistic well up */
#define STIRS_S	    120 /* after a change of an incident */
#define RHO_REALS   (sizeof(struct urn_rho) / sizeof(double))
#define REAL_MOST   1e18

_Static_assert(sizeof(struct urn_rho) % sizeof(double) == 0, "nothing but reals");

/* ---- rings ------------------------------------------------------------------------------------------------- */
/*
 * What the slot says of time, as far as may be kept on a disk: of a minute with few attempts (of a night, of one small
 * site) the second of each could tell whose it was, so these are one sum, at the beginning of the minute.
 */
static unsigned int add_up(const struct urn_bank *b, struct urn_slot sums[static URN_SLOTS])
{
	__s64 newest = b->now / b->slot_s, minute = -1;
	unsigned int n = 0, first = 0;
	__u64 attempts = 0;

	for (__s64 at = newest - URN_SLOTS + 1; at <= newest + 1; at++) {
		const struct urn_slot *s = &b->ring[(__u64)at % URN_SLOTS];
		bool over = at * b->slot_s / 60 != minute || at > newest;

		if (over && attempts && attempts < THIN_MINUTE) {
			for (unsigned int i = first + 1; i < n; i++) {
				sums[first].attempts += sums[i].attempts;
				sums[first].failures += sums[i].failures;
				sums[first].proofs += sums[i].proofs;
			}
			sums[first].at = minute * 60 / b->slot_s;
			if (sums[first].at <= newest - URN_SLOTS)
				sums[first].at = newest - URN_SLOTS + 1;
			n = first + 1;
		}
		if (over) {
			minute = at * b->slot_s / 60;
			first = n;
			attempts = 0;
		}
		if (at > newest || s->at != at || !s->attempts)
			continue;
		sums[n++] = *s;
		attempts += s->attempts;
	}
	return n;
}

/* Had the minute of this second few attempts, or is nothing known of it any more? As add_up() asks. */
static bool is_thin(const struct urn_bank *fast, __s64 second)
{
	__s64 minute = second - second % 60;
	__u64 failures, attempts, later;

	urn_bank_sum(fast, minute, &failures, &attempts);
	urn_bank_sum(fast, minute + 60, &failures, &later);
	return minute <= fast->now - URN_SLOTS || attempts - later < THIN_MINUTE;
}

/* A second of an attempt, as far as it may be kept: where they were few only how many minutes ago. */
static __s64 known_second(const struct urn_bank *fast, __s64 second)
{
	__s64 ago = fast->now - second;

	return ago > 0 && is_thin(fast, second) ? fast->now - ago / 60 * 60 : second;
}

/* The same of a last zero: not later than what add_up() has made of the attempts after it. */
static __s64 known_zero(const struct urn_bank *fast, __s64 zero)
{
	return zero >= 60 && is_thin(fast, zero) ? zero - zero % 60 - 1 : zero;
}

/* How far an attempt has faded would tell its second as well. */
static double rounded(double faded)
{
	return round(faded * 4) / 4;
}

/* Slots that hold something, from the oldest on: how far after the one before, attempts, failures, proofs. */
static void save_bank(const struct urn_bank *b, const struct urn_bank *fast, struct packed *out)
{
	__s64 last = b->now / b->slot_s - URN_SLOTS + 1;
	struct urn_slot sums[URN_SLOTS];
	unsigned int n = add_up(b, sums);

	pack_signed(out, b->now);
	pack_signed(out, known_second(fast, b->stepped));
	for (unsigned int i = 0; i < URN_SHARES; i++) {
		pack_real(out, rounded(b->urns[i].failures));
		pack_real(out, rounded(b->urns[i].successes));
		pack_real(out, rounded(b->urns[i].sum));
		pack_signed(out, known_zero(fast, b->urns[i].zero));
	}
	pack_number(out, n);
	for (unsigned int i = 0; i < n; i++) {
		pack_number(out, (__u64)(sums[i].at - last));
		pack_number(out, sums[i].attempts);
		pack_number(out, sums[i].failures);
		pack_number(out, sums[i].proofs);
		last = sums[i].at;
	}
}

/* `now`: of the detector that is being read; nothing can be later. */
static void restore_bank(struct urn_bank *b, __s64 now, struct unpack *in)
{
	__s64 ends = unpack_signed(in, 0, now), stepped = unpack_signed(in, 0, ends), at;
	struct urn urns[URN_SHARES];
	__u64 n;

	for (unsigned int i = 0; i < URN_SHARES; i++) {
		urns[i].failures = unpack_real(in, 0, REAL_MOST);
		urns[i].successes = unpack_real(in, 0, REAL_MOST);
		urns[i].sum = unpack_real(in, 0, REAL_MOST);
		urns[i].zero = unpack_signed(in, 0, now);
	}
	n = unpack_number(in, URN_SLOTS);
	if (in->bad)
		return;
	urn_bank_restart(b, ends);
	at = ends / b->slot_s - URN_SLOTS + 1;
	while (n-- && !in->bad) {
		__u32 attempts, failures;
		int proofs;

		at += (__s64)unpack_number(in, URN_SLOTS);
		attempts = (__u32)unpack_number(in, ~0u);
		failures = (__u32)unpack_number(in, attempts);
		proofs = (int)unpack_number(in, failures);
		if (at > ends / b->slot_s)
			in->bad = true;
		else {
			urn_bank_note(b, at * b->slot_s, failures, attempts);
			urn_bank_prove(b, at * b->slot_s, proofs);
		}
	}
	memcpy(b->urns, urns, sizeof(urns));
	b->stepped = stepped;
}

/* ---- streams ------------------------------------------------------------------------------------------------ */

static void save_stream(const struct stream *s, const char *name, struct packed *out)
{
	double rho[RHO_REALS];

	pack_number(out, s->kind);
	pack_text(out, name);
	pack_number(out, s->window_f);
	pack_number(out, s->window_n);
	pack_number(out, s->n_held);
	for (unsigned int i = 0; i < s->n_held; i++) {
		pack_number(out, s->held[i].f);
		pack_number(out, s->held[i].n);
	}
	pack_real(out, s->known_f);
	pack_real(out, s->known_n);
	pack_real(out, s->base);
	pack_number(out, s->windows);
	memcpy(rho, &s->rho, sizeof(rho));
	for (size_t i = 0; i < RHO_REALS; i++)
		pack_real(out, rho[i]);
	save_bank(&s->fast, &s->fast, out);
	save_bank(&s->slow, &s->fast, out);
	signs_save(&s->signs, out);
	pack_number(out, s->named);
	pack_signed(out, s->in_from);
	if (!s->named)
		return; /* beside the ring, its counts would tell the seconds of few: they are counted anew */
	pack_number(out, s->in_n);
	pack_number(out, s->in_f);
	signs_save_counts(s->in_before, out);
}

/* Read it, and keep it where `group` is a slot and its name still in the lists. */
static void restore_stream(struct detector *d, int group, const struct state_names *names, struct unpack *in,
			   struct stream *room)
{
	enum stream_kind kind = (enum stream_kind)unpack_number(in, STREAM_KINDS - 1);
	struct detect_base base = { .kind = kind };
	__u32 window_f, window_n;
	double rho[RHO_REALS];
	char name[STATE_NAME];
	struct stream *s;

	unpack_text(in, name, sizeof(name));
	window_f = (__u32)unpack_number(in, ~0u);
	window_n = (__u32)unpack_number(in, ~0u);
	room->n_held = (unsigned int)unpack_number(in, HELD_WINDOWS);
	for (unsigned int i = 0; i < room->n_held; i++) {
		room->held[i].f = (__u32)unpack_number(in, ~0u);
		room->held[i].n = (__u32)unpack_number(in, ~0u);
	}
	base.failures = unpack_real(in, 0, REAL_MOST);
	base.attempts = unpack_real(in, 0, REAL_MOST);
	base.share = unpack_real(in, 0, 1);
	base.windows = (unsigned int)unpack_number(in, ~0u);
	for (size_t i = 0; i < RHO_REALS; i++)
		rho[i] = unpack_real(in, -REAL_MOST, REAL_MOST);
	memcpy(&base.rho, rho, sizeof(rho));
	restore_bank(&room->fast, d->now, in);
	restore_bank(&room->slow, d->now, in);
	signs_restore(&room->signs, in);
	room->named = unpack_number(in, 1);
	room->in_from = unpack_signed(in, 0, SECOND_MOST);
	room->in_n = room->in_f = 0;
	if (room->named) {
		room->in_n = unpack_number(in, COUNT_MOST);
		room->in_f = unpack_number(in, room->in_n);
		signs_restore_counts(room->in_before, in);
	}
	if (in->bad || group < 0 || !names->find_part(names->arg, (__u8)group, kind, name, &base.id))
		return;
	base.group = (__u8)group;
	if (!detector_know(d, &base)) { /* that cannot be, or there is no room */
		in->bad = d->n_streams < DETECT_STREAMS;
		return;
	}
	s = stream_find(d, base.group, kind, base.id);
	s->window_f = window_f;
	s->window_n = window_n;
	s->n_held = room->n_held;
	memcpy(s->held, room->held, sizeof(s->held));
	s->fast = room->fast;
	s->slow = room->slow;
	s->signs = room->signs;
	s->named = room->named;
	s->in_from = room->in_from;
	s->in_n = room->in_n;
	s->in_f = room->in_f;
	memcpy(s->in_before, room->in_before, sizeof(s->in_before));
}

/* ---- incidents ----------------------------------------------------------------------------------------------- */

static void save_ids(const __u32 ids[STREAM_KINDS][INCIDENT_SCOPE], const unsigned int n[STREAM_KINDS],
		     const struct state_names *names, struct packed *out)
{
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++) {
		pack_number(out, n[kind]);
		for (unsigned int i = 0; i < n[kind]; i++) {
			const char *name = names->part(names->arg, (enum stream_kind)kind, ids[kind][i]);

			pack_text(out, name ? name : "");
		}
	}
}

static void restore_ids(__u32 ids[STREAM_KINDS][INCIDENT_SCOPE], unsigned int n[STREAM_KINDS], int group,
			const struct state_names *names, struct unpack *in)
{
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++) {
		__u64 all = unpack_number(in, INCIDENT_SCOPE);

		n[kind] = 0;
		for (__u64 i = 0; i < all; i++) {
			char name[STATE_NAME];

			unpack_text(in, name, sizeof(name));
			if (!in->bad && group >= 0 &&
			    names->find_part(names->arg, (__u8)group, (enum stream_kind)kind, name,
					     &ids[kind][n[kind]]))
				n[kind]++;
		}
	}
}

void incident_save(const struct incident *in, const struct state_names *names, struct packed *out)
{
	pack_number(out, in->state);
	pack_number(out, in->worst);
	pack_number(out, in->part);
	pack_number(out, in->named);
	pack_signed(out, in->since);
	pack_signed(out, in->detected);
	pack_signed(out, in->ended);
	pack_number(out, in->since_uncertainty_s);
	pack_number(out, in->since_bound | in->open << 1 | in->unobserved << 2 | in->common << 3 | in->proven << 4 |
				 in->few_clients << 5 | in->scope_more << 6);
	pack_number(out, in->attempts);
	pack_number(out, in->failures);
	signs_save_counts(in->signatures, out);
	pack_real(out, in->baseline);
	pack_real(out, in->control_share);
	pack_real(out, in->excess);
	pack_number(out, in->n_phases);
	for (unsigned int i = 0; i < in->n_phases; i++) {
		pack_signed(out, in->phases[i].from);
		pack_signed(out, in->phases[i].to);
		pack_number(out, in->phases[i].state);
	}
	save_ids(in->scope, in->n_scope, names, out);
	save_ids(in->affected, in->n_affected, names, out);
	pack_number(out, hll_least(in->clients)); /* as it is shown */
	pack_number(out, in->changes);
	pack_number(out, in->interruptions);
	pack_signed(out, in->unwatched_s);
}

static enum word unpack_word(struct unpack *u)
{
	return (enum word)unpack_number(u, WORDS - 1);
}

void incident_restore(struct incident *in, int group, const struct state_names *names, struct unpack *u)
{
	__u64 flags;

	memset(in, 0, sizeof(*in));
	in->group = group < 0 ? 0 : (__u8)group;
	in->state = unpack_word(u);
	in->worst = unpack_word(u);
	in->part = unpack_word(u);
	in->named = unpack_word(u);
	in->since = unpack_signed(u, 0, SECOND_MOST);
	in->detected = unpack_signed(u, 0, SECOND_MOST);
	in->ended = unpack_signed(u, 0, SECOND_MOST);
	in->since_uncertainty_s = (unsigned int)unpack_number(u, 1u << 30);
	flags = unpack_number(u, 0x7f);
	in->since_bound = flags & 1;
	in->open = flags >> 1 & 1;
	in->unobserved = flags >> 2 & 1;
	in->common = flags >> 3 & 1;
	in->proven = flags >> 4 & 1;
	in->few_clients = flags >> 5 & 1;
	in->scope_more = flags >> 6 & 1;
	in->attempts = unpack_number(u, COUNT_MOST);
	in->failures = unpack_number(u, in->attempts);
	signs_restore_counts(in->signatures, u);
	in->baseline = unpack_real(u, -1, 1);
	in->control_share = unpack_real(u, -1, 1);
	in->excess = unpack_real(u, 0, 1);
	in->n_phases = (unsigned int)unpack_number(u, INCIDENT_PHASES);
	for (unsigned int i = 0; i < in->n_phases; i++) {
		struct incident_phase *phase = &in->phases[i];

		phase->from = unpack_signed(u, 0, SECOND_MOST);
		phase->to = unpack_signed(u, 0, SECOND_MOST);
		phase->state = unpack_word(u);
		/* only the last may still be on, and it is where the incident is */
		u->bad |= (i + 1 < in->n_phases || !in->open) && !phase->to;
		u->bad |= phase->to && (phase->to < phase->from || (in->open && i + 1 == in->n_phases));
	}
	u->bad |= in->open && !in->n_phases;
	restore_ids(in->scope, in->n_scope, group, names, u);
	restore_ids(in->affected, in->n_affected, group, names, u);
	in->clients = (double)unpack_number(u, COUNT_MOST);
	in->changes = (unsigned int)unpack_number(u, 1u << 30);
	in->interruptions = (unsigned int)unpack_number(u, 1u << 30);
	in->unwatched_s = unpack_signed(u, 0, SECOND_MOST);
}

/* ---- groups -------------------------------------------------------------------------------------------------- */

static void save_follow(const struct group *g, const struct state_names *names, struct packed *out)
{
	const char *lead = g->lead ? names->part(names->arg, g->lead->kind, g->lead->id) : NULL;

	pack_number(out, lead ? g->lead->kind : STREAM_GROUP);
	pack_text(out, lead ? lead : "");
	pack_real(out, g->p0);
	pack_real(out, g->end_sum);
	pack_signed(out, g->lead ? known_second(&g->lead->fast, g->end_zero) : g->end_zero);
	pack_number(out, g->end_attempts);
	pack_number(out, g->wanted);
	pack_signed(out, g->wanted_since);
	pack_signed(out, g->scope_at);
	pack_signed(out, g->lead ? known_second(&g->lead->fast, g->quiet_since) : g->quiet_since);
	pack_number(out, g->word);
	pack_number(out, g->before_n);
	pack_number(out, g->before_f);
	signs_save_counts(g->before_by, out);
}

/* The stream that the incident is told by; the group's own where that one is no more. */
static struct stream *restore_lead(struct detector *d, int group, const struct state_names *names,
				   struct unpack *in)
{
	enum stream_kind kind = (enum stream_kind)unpack_number(in, STREAM_KINDS - 1);
	char name[STATE_NAME];
	struct stream *s = NULL;
	__u32 id;

	unpack_text(in, name, sizeof(name));
	if (in->bad || group < 0)
		return NULL;
	if (names->find_part(names->arg, (__u8)group, kind, name, &id))
		s = stream_find(d, (__u8)group, kind, id);
	return s ? s : d->groups[group].streams;
}

static void restore_follow(struct detector *d, int group, const struct state_names *names, struct unpack *in)
{
	struct group passed_over = {}, *g = group < 0 ? &passed_over : &d->groups[group];

	g->lead = restore_lead(d, group, names, in);
	/* its logarithm is taken, and that of what it leaves */
	g->p0 = unpack_real(in, 0, .999);
	g->end_sum = unpack_real(in, 0, REAL_MOST);
	g->end_zero = unpack_signed(in, 0, d->now);
	g->end_attempts = (unsigned int)unpack_number(in, ~0u);
	g->wanted = unpack_word(in);
	g->wanted_since = unpack_signed(in, 0, d->now);
	g->scope_at = unpack_signed(in, 0, d->now);
	g->quiet_since = unpack_signed(in, 0, d->now);
	g->word = unpack_word(in);
	g->before_n = unpack_number(in, COUNT_MOST);
	g->before_f = unpack_number(in, g->before_n);
	signs_restore_counts(g->before_by, in);
	in->bad |= g->incident.open && (!g->lead || g->p0 <= 0);
}

static void save_group(const struct detector *d, __u8 i, const char *name, const struct state_names *names,
		       struct packed *out)
{
	const struct group *g = &d->groups[i];
	double clients = hll_estimate(&g->clients);
	unsigned int n = 0;

	pack_text(out, name);
	clients = clients > g->usual_clients ? clients : g->usual_clients;
	/* as it is shown, but whether they are few is told by `few_clients` as well */
	pack_number(out, hll_least(clients) || g->few ? hll_least(clients) : (unsigned long long)FEW_CLIENTS);
	for (const struct stream *s = g->streams; s; s = s->next)
		n += names->part(names->arg, s->kind, s->id) != NULL;
	pack_number(out, n);
	for (const struct stream *s = g->streams; s; s = s->next) {
		const char *part = names->part(names->arg, s->kind, s->id);

		if (part)
			save_stream(s, part, out);
	}
	incident_save(&g->incident, names, out);
	save_follow(g, names, out);
}

static void restore_group(struct detector *d, const struct state_names *names, struct unpack *in,
			  struct stream *room)
{
	struct incident passed_over;
	char name[STATE_NAME];
	double clients;
	int group = -1;
	__u8 slot;
	__u64 n;

	unpack_text(in, name, sizeof(name));
	clients = (double)unpack_number(in, COUNT_MOST);
	if (!in->bad && names->find_group(names->arg, name, &slot) && !d->groups[slot].streams &&
	    stream_get(d, slot, STREAM_GROUP, 0))
		group = slot;
	n = unpack_number(in, DETECT_STREAMS);
	while (n-- && !in->bad)
		restore_stream(d, group, names, in, room);
	incident_restore(group < 0 ? &passed_over : &d->groups[group].incident, group, names, in);
	restore_follow(d, group, names, in);
	if (group < 0)
		return;
	if (d->groups[group].incident.open)
		incident_recount(&d->groups[group]);
	d->groups[group].usual_clients = clients;
	d->groups[group].few = clients < FEW_CLIENTS;
}

/* ---- all of it ------------------------------------------------------------------------------------------------ */

void detector_save(const struct detector *d, const struct state_names *names, struct packed *out)
{
	unsigned int n = 0;

	pack_signed(out, d->now);
	pack_signed(out, d->start);
	pack_signed(out, d->learnt);
	pack_signed(out, d->day);
	pack_number(out, d->n_unwatched);
	for (unsigned int i = 0; i < d->n_unwatched; i++) {
		pack_signed(out, d->unwatched[i].from);
		pack_signed(out, d->unwatched[i].to);
	}
	for (__u8 i = 0; i < WIRE_GROUPS_MAX; i++)
		n += d->groups[i].streams && names->group(names->arg, i);
	pack_number(out, n);
	for (__u8 i = 0; i < WIRE_GROUPS_MAX; i++) {
		const char *name = d->groups[i].streams ? names->group(names->arg, i) : NULL;

		if (name)
			save_group(d, i, name, names, out);
	}
}

struct detector *detector_restore(__u32 controls, const struct state_names *names, struct unpack *in)
{
	__s64 now = unpack_signed(in, 0, SECOND_MOST), last = 0;
	struct detector *d = detector_new(controls, now);
	struct stream *room =
		calloc(1, sizeof(*room)); /* a stream is read before it is known whether it is wanted */
	__u64 n;

	if (!d || !room)
		goto out;
	urn_bank_fast(&room->fast);
	urn_bank_slow(&room->slow);
	d->restored = now;
	d->start = unpack_signed(in, 0, now);
	d->learnt = unpack_signed(in, 0, now);
	d->day = unpack_signed(in, 0, now);
	d->n_unwatched = (unsigned int)unpack_number(in, UNWATCHED_MOST);
	for (unsigned int i = 0; i < d->n_unwatched; i++) {
		last = d->unwatched[i].from = unpack_signed(in, last, now);
		last = d->unwatched[i].to = unpack_signed(in, last, now);
	}
	n = unpack_number(in, WIRE_GROUPS_MAX);
	while (n-- && !in->bad)
		restore_group(d, names, in, room);
out:
	if (!d || !room || in->bad) {
		detector_free(d);
		d = NULL;
	}
	free(room);
	return d;
}

static bool group_stirs(const struct detector *d, const struct group *g)
{
	const struct incident *in = &g->incident;

	if (in->open)
		return g->end_sum > 0 || g->wanted != in->state ||
		       d->now - in->phases[in->n_phases - 1].from < STIRS_S || d->now - in->detected < STIRS_S;
	for (const struct stream *s = g->streams; s; s = s->next)
		if (urn_bank_top(&s->fast, NULL) > STIRS_NATS || urn_bank_top(&s->slow, NULL) > STIRS_NATS)
			return true;
	return in->n_phases && d->now - in->phases[in->n_phases - 1].to < STIRS_S;
}

bool detector_stirs(const struct detector *d)
{
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++)
		if (d->groups[i].streams && group_stirs(d, &d->groups[i]))
			return true;
	return false;
}
