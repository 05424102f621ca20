// SPDX-License-Identifier: GPL-2.0
/*
 * What can be on in a group: a block, a throttle, missing attempts; as one kind of incident, and one at a time. A block is
 * believed before a throttle, and that before missing attempts: while the one is on, the other is told as ended with its
 * beginning, and where it outlasts it, it is on again from its end.
 */
#include <string.h>

#include "detect/detector_parts.h"
#include "detect/incidents_parts.h"
#include "detect/phases.h"

#define AGAIN_S (15 * 60) /* it is the same one, as the detector has it of a block */

/* The second detector's words are of its own flows: to whoever reads them all of it is `throttled`. */
static bool throttle_incident(const struct incidents *i, __u8 group, struct incident *out)
{
	const struct incident *in = detector_incident(i->throttles, group);
	__s64 to;

	if (!in || (in->worst != WORD_LIKELY_BLOCKED && in->worst != WORD_BLOCKED))
		return false;
	to = in->phases[in->n_phases - 1].to;
	*out = *in;
	out->worst = WORD_THROTTLED;
	out->state = in->open ? WORD_THROTTLED : WORD_OK;
	out->part = WORD_THROTTLED;
	out->phases[0] =
		(struct incident_phase){ .from = incident_run_from(in), .to = to, .state = WORD_THROTTLED };
	out->n_phases = 1;
	memset(out->n_scope, 0, sizeof(out->n_scope));
	memset(out->n_affected, 0, sizeof(out->n_affected));
	return true;
}

static bool vanished_incident(const struct incidents *i, __u8 group, struct incident *out)
{
	struct vanished v;

	vanish_about(i->vanish, group, &v);
	if (!v.since)
		return false;
	*out = (struct incident){
		.group = group,
		.state = v.on ? WORD_VANISHED : WORD_OK,
		.worst = WORD_VANISHED,
		.part = WORD_VANISHED,
		.since = v.since,
		.since_uncertainty_s = 60,
		.detected = i->now,
		.ended = v.on ? 0 : v.ended,
		.open = v.on,
		.attempts = (__u64)v.attempts,
		.baseline = -1,
		.control_share = -1,
		.n_phases = 1,
	};
	out->phases[0] =
		(struct incident_phase){ .from = v.since, .to = v.on ? 0 : v.ended, .state = WORD_VANISHED };
	return true;
}

/* As its own test has it, with the last time that it was on as its one phase. */
static bool tested(const struct incidents *i, __u8 group, enum source source, struct incident *out)
{
	return source == SOURCE_THROTTLE ? throttle_incident(i, group, out) : vanished_incident(i, group, out);
}

static void take_figures(struct incident *in, const struct incident *from)
{
	in->attempts = from->attempts;
	in->failures = from->failures;
	in->baseline = from->baseline;
	in->control_share = from->control_share;
	in->excess = from->excess;
	in->clients = from->clients;
	in->unobserved = from->unobserved;
	in->few_clients = from->few_clients;
	in->interruptions = from->interruptions;
	in->unwatched_s = from->unwatched_s;
}

/* `known` false: nothing is known of it after `at`. */
static void end(struct incident *in, __s64 at, bool known)
{
	struct incident_phase *last = &in->phases[in->n_phases - 1];

	last->to = at > last->from ? at : last->from;
	in->ended = known ? last->to : 0;
	in->open = false;
	in->state = WORD_OK;
}

/* It is on, and nothing that is believed before it (which was until `free`, 0 for never): as another, or again. */
static void begin(struct incident *in, const struct incident *now_on, __s64 free, __s64 now)
{
	__s64 from = now_on->phases[0].from;

	from = from > free ? from : free;
	if (in->n_phases && from <= in->phases[in->n_phases - 1].to)
		from = now; /* what it stood back behind has no end that is known */
	if (in->n_phases && in->ended && from - in->ended < AGAIN_S) {
		in->open = true;
		in->ended = 0;
		in->state = now_on->state;
		take_figures(in, now_on);
		phases_add(in, from, now_on->phases[0].state);
		return;
	}
	*in = *now_on;
	in->phases[0].from = from;
	if (from == in->since)
		return;
	/* it was there before, beside what ended then, or is the same as an earlier one that was told as ended */
	in->since_bound = true;
	in->since_uncertainty_s = 0;
	in->detected = now;
	in->since = from;
}

/* A throttle, or missing attempts: as told last, or `in` with what is news of it. */
static const struct incident *follow(const struct incidents *i, __u8 group, enum source source,
				     const struct incident *cover, __s64 free, struct incident *in)
{
	const struct incident *told = &i->groups[group].told[source].last.in;
	struct incident test;
	bool is = tested(i, group, source, &test), on = is && test.open && !cover;

	if (told->open == on)
		return told;
	*in = *told;
	if (on) {
		begin(in, &test, free, i->now);
		return in;
	}
	if (is)
		take_figures(in, &test);
	if (is && !test.open)
		end(in, test.phases[0].to, test.ended);
	else if (cover)
		end(in, incident_run_from(cover), true);
	else
		end(in, i->now, false);
	return in;
}

unsigned int incident_news(const struct incidents *i, __u8 group, struct incident news[static SOURCES])
{
	const struct incident *block = detector_incident(i->blocks, group), *cover = NULL;
	unsigned int bits = 0;
	__s64 free = 0;

	if (block && block->changes != i->groups[group].told[SOURCE_BLOCK].changes) {
		news[SOURCE_BLOCK] = *block;
		bits |= 1u << SOURCE_BLOCK;
	}
	if (block && block->open)
		cover = block;
	else if (block)
		free = block->ended;
	for (unsigned int source = SOURCE_BLOCK + 1; source < SOURCES; source++) {
		const struct incident *in = follow(i, group, (enum source)source, cover, free, &news[source]);

		if (in == &news[source])
			bits |= 1u << source;
		if (!cover && in->open)
			cover = in;
		else if (!cover && in->ended > free)
			free = in->ended;
	}
	return bits;
}

bool incident_now(const struct incidents *i, __u8 group, enum source source, struct incident *out)
{
	const struct incident *told = &i->groups[group].told[source].last.in;
	const struct incident *block = source == SOURCE_BLOCK ? detector_incident(i->blocks, group) : NULL;
	struct incident test;

	if (block)
		*out = *block;
	if (source == SOURCE_BLOCK)
		return block && block->since == told->since;
	*out = *told;
	if (tested(i, group, source, &test) && test.open)
		take_figures(out, &test);
	return true;
}
