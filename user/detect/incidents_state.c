// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of incidents, over a restart: see incidents.h. A header that says what it is of, then both detectors and what
 * stands beside them, then a sum. Left out is what is of clients or of flows, and what a minute brings back: interim verdicts,
 * the trust in the ledger, the sides of the traffic.
 */
#include <stdlib.h>
#include <string.h>

#include "detect/detector_parts.h"
#include "detect/incidents_parts.h"
#include "detect/packed.h"
#include "detect/state_names.h"

#define MAGIC	"XRSTATE"
#define VERSION 3 /* rises with whatever is read otherwise than before */
#define SUM_LEN 8

/* Numbers of these tables stand in what is kept: with others it is another version. */
static const unsigned int sizes[] = {
	VERSION, WORDS,		STREAM_KINDS,	       SIGNATURES, URN_SHARES, URN_SLOTS, COULD_BES, MECHANISMS,
	SOURCES, SIGNS_MINUTES, sizeof(struct urn_rho)
};
#define N_SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* ---- a group as it was told ----------------------------------------------------------------------------------- */

static void save_report(const struct incident_report *r, const struct state_names *names, struct packed *out)
{
	incident_save(&r->in, names, out);
	pack_signed(out, r->at);
	pack_number(out, r->n_signatures);
	for (unsigned int i = 0; i < r->n_signatures; i++) {
		pack_number(out, r->signatures[i].signature);
		pack_real(out, r->signatures[i].share);
	}
	pack_number(out, r->by);
	pack_number(out, r->could_be);
	pack_signed(out, r->hops);
	pack_signed(out, r->server_hops);
	pack_real(out, r->ms);
	pack_real(out, r->server_ms);
	pack_text(out, r->clients);
}

static void restore_report(struct incident_report *r, int group, const struct state_names *names, struct unpack *in)
{
	memset(r, 0, sizeof(*r));
	incident_restore(&r->in, group, names, in);
	r->at = unpack_signed(in, 0, 1ll << 40);
	r->n_signatures = (unsigned int)unpack_number(in, INCIDENT_SIGNATURES);
	for (unsigned int i = 0; i < r->n_signatures; i++) {
		r->signatures[i].signature = (enum signature)unpack_number(in, SIGNATURES - 1);
		r->signatures[i].share = unpack_real(in, 0, 1);
	}
	r->by = (unsigned int)unpack_number(in, (1u << MECHANISMS) - 1);
	r->could_be = (unsigned int)unpack_number(in, (1u << COULD_BES) - 1);
	r->hops = (int)unpack_signed(in, -1, 255);
	r->server_hops = (int)unpack_signed(in, -1, 255);
	r->ms = unpack_real(in, -1, 1e9);
	r->server_ms = unpack_real(in, -1, 1e9);
	unpack_text(in, r->clients, sizeof(r->clients));
}

static void save_told(const struct incidents *i, __u8 group, const struct state_names *names, struct packed *out)
{
	const struct incidents_group *g = &i->groups[group];

	pack_number(out, g->newest);
	pack_number(out, g->has);
	for (unsigned int source = 0; source < SOURCES; source++) {
		const struct incidents_told *t = &g->told[source];

		pack_number(out, t->has);
		if (!t->has)
			continue;
		pack_number(out, t->changes);
		save_report(&t->last, names, out);
	}
	vanish_save(i->vanish, group, out);
}

/* Into `i`, a part-made one of its own. */
static void restore_told(struct incidents *i, __u8 group, const struct state_names *names, struct unpack *in)
{
	struct incidents_group *g = &i->groups[group];

	g->newest = (enum source)unpack_number(in, SOURCES - 1);
	g->has = unpack_number(in, 1);
	for (unsigned int source = 0; source < SOURCES; source++) {
		struct incidents_told *t = &g->told[source];

		t->has = unpack_number(in, 1);
		if (!t->has)
			continue;
		t->changes = (unsigned int)unpack_number(in, 1u << 30);
		restore_report(&t->last, group, names, in);
		t->told_by = t->last.in.open ? 0 : t->last.by; /* what is known may not have been told */
		t->at = t->last.at;
		t->again_s = t->last.in.open ? AGAIN_LEAST_S : 0;
	}
	in->bad |= g->has && !g->told[g->newest].has;
	vanish_restore(i->vanish, group, in);
}

/* ---- all of it ------------------------------------------------------------------------------------------------ */

__u8 *incidents_save(const struct incidents *i, const struct state_names *names, size_t *n)
{
	struct packed out = {};
	unsigned int groups = 0;
	__u64 sum;

	pack_text(&out, MAGIC);
	for (size_t s = 0; s < N_SIZES; s++)
		pack_number(&out, sizes[s]);
	pack_signed(&out, i->now);
	detector_save(i->blocks, names, &out);
	detector_save(i->throttles, names, &out);
	vanish_save_time(i->vanish, &out);
	for (__u8 group = 0; group < WIRE_GROUPS_MAX; group++)
		groups += names->group(names->arg, group) != NULL;
	pack_number(&out, groups);
	for (__u8 group = 0; group < WIRE_GROUPS_MAX; group++) {
		const char *name = names->group(names->arg, group);

		if (!name)
			continue;
		pack_text(&out, name);
		save_told(i, group, names, &out);
	}
	sum = out.failed ? 0 : packed_sum(out.data, out.n);
	for (unsigned int byte = 0; byte < SUM_LEN; byte++) /* of a fixed length, to be found from the end */
		pack_number(&out, sum >> byte * 7 & 0x7f);
	if (out.failed) {
		free(out.data);
		return NULL;
	}
	*n = out.n;
	return out.data;
}

static bool sum_holds(const __u8 *data, size_t n)
{
	__u64 sum = n > SUM_LEN ? packed_sum(data, n - SUM_LEN) : 0;

	for (unsigned int byte = 0; n > SUM_LEN && byte < SUM_LEN; byte++)
		if (data[n - SUM_LEN + byte] != (sum >> byte * 7 & 0x7f))
			return false;
	return n > SUM_LEN;
}

/* Everything is read into another, and only what could be read whole takes its place. */
static void restore_into(struct incidents *fresh, const struct state_names *names, struct unpack *in)
{
	struct incidents *passed_over;
	__u64 groups;

	detector_free(fresh->blocks);
	detector_free(fresh->throttles);
	fresh->now = unpack_signed(in, 0, 1ll << 40);
	fresh->blocks = detector_restore(fresh->setup.controls, names, in);
	fresh->throttles = fresh->blocks ? detector_restore(fresh->setup.controls, names, in) : NULL;
	in->bad |= !fresh->throttles;
	vanish_restore_time(fresh->vanish, in);
	passed_over = in->bad ? NULL : incidents_new(&fresh->setup);
	in->bad |= !passed_over;
	groups = unpack_number(in, WIRE_GROUPS_MAX);
	while (groups-- && !in->bad) {
		char name[STATE_NAME];
		__u8 slot = 0;
		bool known;

		unpack_text(in, name, sizeof(name));
		known = !in->bad && names->find_group(names->arg, name, &slot);
		restore_told(known ? fresh : passed_over, slot, names, in);
	}
	in->bad |= in->at != in->n;
	incidents_free(passed_over);
}

/* The time between. Nothing is told of it but what is lost by it, as of the last second that was seen. */
static void pass_over(struct incidents *i, __s64 now)
{
	__s64 gone = now - i->now;

	if (gone > DETECTOR_ABSENT_S || gone < 0) {
		detector_lose(i->blocks);
		detector_lose(i->throttles);
		incidents_tell(i);
		detector_gap(i->blocks, now);
		detector_gap(i->throttles, now);
		vanish_gap(i->vanish, now);
	} else {
		detector_absence(i->blocks, now);
		detector_absence(i->throttles, now);
		if (gone > 60) /* attempts of a part of a minute only are as few of the controls */
			vanish_gap(i->vanish, now);
	}
	i->now = now;
}

static void take_over(struct incidents *i, struct incidents *fresh)
{
	struct incidents old = *i;

	i->now = fresh->now;
	i->blocks = fresh->blocks;
	i->throttles = fresh->throttles;
	i->vanish = fresh->vanish;
	for (unsigned int group = 0; group < WIRE_GROUPS_MAX; group++) {
		double sample = i->groups[group].sample;

		i->groups[group] = fresh->groups[group];
		i->groups[group].sample = sample;
	}
	fresh->blocks = old.blocks;
	fresh->throttles = old.throttles;
	fresh->vanish = old.vanish;
}

const char *incidents_restore(struct incidents *i, const struct state_names *names, const void *data, size_t n,
			      __s64 now)
{
	struct unpack in = { .data = data, .n = n >= SUM_LEN ? n - SUM_LEN : 0 };
	struct incidents *fresh;
	char magic[16];
	bool bad;

	unpack_text(&in, magic, sizeof(magic));
	if (in.bad || strcmp(magic, MAGIC))
		return "is not xreach's";
	for (size_t s = 0; s < N_SIZES; s++)
		if (unpack_number(&in, ~0u) != sizes[s])
			return "is of another version";
	if (!sum_holds(data, n))
		return "is cut or damaged";
	fresh = incidents_new(&i->setup);
	if (!fresh)
		return "finds no memory";
	restore_into(fresh, names, &in);
	bad = in.bad;
	if (!bad) {
		take_over(i, fresh);
		pass_over(i, now);
	}
	incidents_free(fresh);
	return bad ? "says what cannot be" : NULL;
}

bool incidents_stir(const struct incidents *i)
{
	return detector_stirs(i->blocks) || detector_stirs(i->throttles);
}

bool incidents_any_open(const struct incidents *i)
{
	for (__u8 group = 0; group < WIRE_GROUPS_MAX; group++) {
		const struct incidents_group *g = &i->groups[group];

		if (g->has && g->told[g->newest].last.in.open)
			return true;
	}
	return false;
}
