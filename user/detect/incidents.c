// SPDX-License-Identifier: GPL-2.0
/* From findings to incidents: what counts, and when; see incidents.h. How they are told is incident_report.c's. */
#include "detect/incidents.h"

#include <stdlib.h>
#include <string.h>

#include "detect/incidents_parts.h"
#include "detect/pace.h"

#define OLD_S	    600 /* an interim finding is final by then, or it was `later`, which stands from then on */
#define FAILING_S   60
#define GONE_BACK_S 5 /* clocks are nudged; more was set */

struct incidents *incidents_new(const struct incidents_setup *setup)
{
	struct incidents *i = calloc(1, sizeof(*i));

	if (!i)
		return NULL;
	i->setup = *setup;
	i->blocks = detector_new(setup->controls, 0);
	i->throttles = detector_new(setup->controls, 0);
	i->vanish = vanish_new();
	if (!i->blocks || !i->throttles || !i->vanish) {
		incidents_free(i);
		return NULL;
	}
	for (unsigned int group = 0; group < WIRE_GROUPS_MAX; group++)
		i->groups[group].sample = 1;
	return i;
}

void incidents_free(struct incidents *i)
{
	if (!i)
		return;
	detector_free(i->blocks);
	detector_free(i->throttles);
	vanish_free(i->vanish);
	pending_clear(&i->pending);
	free(i);
}

/* ---- findings -------------------------------------------------------------------------------------------- */

static struct detect_flow flow_of(const struct pending_entry *e)
{
	return (struct detect_flow){
		.at = e->second,
		.prefix = e->prefix,
		.client = e->client,
		.group = e->group,
		.site = e->site,
		.v6 = e->v6,
		.quic = e->quic,
		.failed = e->class == TALLY_FAILURE,
		.alive = e->alive,
		.proof = e->proof,
		.signature = e->signature,
		.cdn = e->cdn,
		.weighed = e->weighed,
	};
}

static void take_back(struct incidents *i, const struct pending_entry *e)
{
	const struct detect_flow f = flow_of(e);

	detector_take_back(i->blocks, &f);
}

/* It failed, as was told before, but by another signature, or with other proof. */
static void amend(struct incidents *i, struct pending_entry *told, const struct pending_entry *now)
{
	const struct detect_flow f = flow_of(told);

	if (!told->weighed || told->class != TALLY_FAILURE)
		return;
	detector_amend(i->blocks, &f, now->proof, now->signature);
	told->signature = now->signature;
	told->proof = now->proof;
}

/* Does a throttle show? Only where there was enough to be slowed down. Each such flow is a flow to the second detector,
 * which has the same witnesses: a rate that the controls have as well is no throttle. */
static void count_rate(struct incidents *i, const struct finding *f, const struct detect_flow *flow)
{
	struct detect_flow slow = { .at = flow->at, .client = flow->client, .group = flow->group };

	if (f->v.quic || f->v.stage != STAGE_LATER || f->v.bytes_down < PACE_BYTES ||
	    (f->v.outcome != OUTCOME_OK && f->v.outcome != OUTCOME_THROTTLED))
		return;
	slow.failed = f->v.outcome == OUTCOME_THROTTLED;
	detector_flow(i->throttles, &slow);
}

static void count_final(struct incidents *i, const struct finding *f, const struct detect_flow *flow)
{
	sides_flow(&i->sides, f->group, i->now,
		   f->v.outcome == OUTCOME_UNJUDGED && f->v.why == REASON_ONE_DIRECTION);
	if (!f->v.background)
		count_rate(i, f, flow);
}

/* Into the detector; an interim one is remembered for its correction. */
static void count(struct incidents *i, struct pending_entry *e, bool interim, bool corrects)
{
	struct pending_entry *kept = interim ? pending_put(&i->pending, e, i->now - OLD_S) : NULL;
	struct detect_flow f = flow_of(e);

	if (interim && !kept && f.failed) {
		i->interim_full++; /* could not be taken back, so it waits until it is final */
		return;
	}
	f.corrects = corrects;
	e->weighed = detector_flow(i->blocks, &f);
	if (kept)
		kept->weighed = e->weighed;
}

void incidents_finding(struct incidents *i, const struct finding *f, __u16 client, __u8 cdn)
{
	enum tally_class class = f->forgotten ? TALLY_NEITHER : verdict_class(&f->v);
	struct pending_entry entry = {
		.key = f->key,
		.second = f->first_s + f->decided_after_s,
		.prefix = f->prefix,
		.group = f->group,
		.class = (__u8)class,
		.v6 = f->v.v6,
		.quic = f->v.quic,
		.site = f->site,
		.signature = (__u8)f->v.signature,
		.proof = f->v.level != LEVEL_NONE,
		.alive = f->v.stage != STAGE_POST_SYN || f->v.outcome == OUTCOME_RESET,
		.cdn = cdn,
		.client = client,
	}, before;
	const struct detect_flow flow = flow_of(&entry);
	bool interim = f->kind == RECORD_INTERIM, had;

	if (f->group >= WIRE_GROUPS_MAX || (!interim && f->kind != RECORD_FINAL))
		return;
	had = pending_take(&i->pending, f->key, &before);
	/* an attempt is one when it is told of first: many a flow ends hours after it */
	if (!f->told && !f->forgotten && !f->v.background)
		vanish_flow(i->vanish, f->group, i->groups[f->group].sample);
	if (!interim && !f->forgotten)
		count_final(i, f, &flow);
	/* many a flow lives for hours: that it was answered stands by then, whatever ends it */
	if (had && before.class == TALLY_SUCCESS && before.second <= i->now - OLD_S)
		had = false;
	/* over the cap once, it stays that: what it comes to must not count where what it seemed to be did not */
	if (had && (before.class == class || !before.weighed)) {
		amend(i, &before, &entry);
		if (interim)
			pending_put(&i->pending, &before, i->now - OLD_S);
		return;
	}
	if (had)
		take_back(i, &before);
	/* It was told as answered before, and counts as that; what ends it amid data may be a failure beside that. */
	else if (f->told_later && !interim && class != TALLY_FAILURE)
		return;
	if (class != TALLY_NEITHER)
		count(i, &entry, interim, had);
}

/* ---- time -------------------------------------------------------------------------------------------------- */

static void gap(struct incidents *i, __s64 now)
{
	if (now < i->now)
		pending_clear(&i->pending); /* their seconds will be others */
	detector_gap(i->blocks, now);
	detector_gap(i->throttles, now);
	vanish_gap(i->vanish, now);
}

static __u32 open_groups(const struct incidents *i)
{
	__u32 open = 0;

	for (__u8 group = 0; group < WIRE_GROUPS_MAX; group++) {
		const struct incident *in = detector_incident(i->blocks, group);

		open |= (__u32)(in && in->open) << group;
	}
	return open;
}

static void second(struct incidents *i)
{
	detector_tick(i->blocks, i->now);
	detector_tick(i->throttles, i->now);
	vanish_tick(i->vanish, i->now, i->setup.controls, open_groups(i));
	incidents_tell(i);
}

void incidents_until(struct incidents *i, __s64 now)
{
	if (!i->now || now > i->now + INCIDENTS_GAP_S || now < i->now - GONE_BACK_S) {
		gap(i, now);
		i->now = now;
		incidents_tell(i); /* what a clock set back has ended */
		return;
	}
	while (i->now < now) {
		i->now++;
		second(i);
	}
}

void incidents_ledger(struct incidents *i, const struct trust_counts *counts)
{
	trust_note(&i->trust, i->now, counts);
	i->untrusted = trust_bad(&i->trust, i->now);
	detector_trust(i->blocks, i->untrusted <= TRUST_MOST);
	detector_trust(i->throttles, i->untrusted <= TRUST_MOST);
}

void incidents_controls(struct incidents *i, __u32 controls)
{
	i->setup.controls = controls;
	detector_controls(i->blocks, controls);
	detector_controls(i->throttles, controls);
}

void incidents_sample(struct incidents *i, __u8 group, double share)
{
	if (group < WIRE_GROUPS_MAX)
		i->groups[group].sample = share;
}

bool incidents_base(const struct incidents *i, unsigned int n, struct detect_base *out)
{
	return detector_base(i->blocks, n, out);
}

bool incidents_know(struct incidents *i, const struct detect_base *base)
{
	return detector_know(i->blocks, base);
}

/* ---- states ------------------------------------------------------------------------------------------------ */

bool incidents_throttled(const struct incidents *i, __u8 group)
{
	const struct incident *in = detector_incident(i->throttles, group);

	return in && in->open && (in->worst == WORD_LIKELY_BLOCKED || in->worst == WORD_BLOCKED);
}

enum word incidents_state(const struct incidents *i, __u8 group)
{
	const struct incident *in = detector_incident(i->blocks, group);
	enum word word = detector_state(i->blocks, group);
	struct vanished v;

	if (i->untrusted > TRUST_MOST)
		return WORD_INSUFFICIENT;
	if (in && in->open)
		return word;
	if (word == WORD_INSUFFICIENT && sides_one(&i->sides, group, i->setup.controls, i->now))
		return WORD_ONE_DIRECTION;
	if (incidents_throttled(i, group))
		return WORD_THROTTLED;
	vanish_about(i->vanish, group, &v);
	return v.on ? WORD_VANISHED : word;
}

/* By itself; where only its whole group is tested for what is on (a throttle, missing attempts) or known too little, as that. */
static enum word part(const struct incidents *i, __u8 group, enum stream_kind kind, __u32 id)
{
	enum word word = detector_part(i->blocks, group, kind, id), whole;

	if (i->untrusted > TRUST_MOST)
		return WORD_INSUFFICIENT;
	if (word != WORD_OK && word != WORD_INSUFFICIENT)
		return word;
	whole = incidents_state(i, group);
	return whole == WORD_THROTTLED || whole == WORD_VANISHED || whole == WORD_ONE_DIRECTION ? whole : word;
}

enum word incidents_site(const struct incidents *i, __u8 group, __u8 site)
{
	return part(i, group, STREAM_SITE, site);
}

enum word incidents_prefix(const struct incidents *i, __u8 group, __u32 prefix)
{
	return part(i, group, STREAM_PREFIX, prefix);
}

/* ---- figures ----------------------------------------------------------------------------------------------- */

double incidents_baseline(const struct incidents *i, __u8 group)
{
	return detector_usual(i->blocks, group);
}

double incidents_least(const struct incidents *i, __u8 group)
{
	return detector_least(i->blocks, group);
}

double incidents_failing(const struct incidents *i, __u8 group)
{
	__u64 f, n;

	detector_sum(i->blocks, group, i->now - FAILING_S + 1, &f, &n);
	return n ? (double)f / (double)n : -1;
}

double incidents_controls_failing(const struct incidents *i, __u8 group)
{
	__u64 f, n, failures = 0, attempts = 0;

	for (__u8 other = 0; other < WIRE_GROUPS_MAX; other++) {
		if (other == group || !(i->setup.controls >> other & 1))
			continue;
		detector_sum(i->blocks, other, i->now - FAILING_S + 1, &f, &n);
		failures += f;
		attempts += n;
	}
	return attempts ? (double)failures / (double)attempts : -1;
}

const char *incidents_clients(const struct incidents *i, __u8 group, char out[static HLL_RANGE_LEN])
{
	return hll_range_of(detector_clients(i->blocks, group), out);
}

unsigned long incidents_clients_least(const struct incidents *i, __u8 group)
{
	return hll_least(detector_clients(i->blocks, group));
}

double incidents_untrusted(const struct incidents *i)
{
	return i->untrusted;
}

__u64 incidents_opened(const struct incidents *i, __u8 group)
{
	return group < WIRE_GROUPS_MAX ? i->groups[group].opened : 0;
}

__u64 incidents_streams_full(const struct incidents *i)
{
	return detector_streams_full(i->blocks);
}

__u64 incidents_interim_full(const struct incidents *i)
{
	return i->interim_full;
}
