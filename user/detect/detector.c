// SPDX-License-Identifier: GPL-2.0
/*
 * From flows to incidents. A stream whose statistic crosses its threshold asks the witnesses; only when they speak,
 * by a likelihood ratio at the excess share that the stream itself shows, is it an incident, or an outage.
 */
#include "detect/detector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/hll.h"
#include "detect/urn.h"

#define GATE_NATS	 7. /* the witnesses speak for, or against */
#define ONE_WITNESS_NATS 5. /* no more than this from one group, if there are others: two have to agree */
#define END_NATS	 7.
#define END_HOLD_S	 60
#define END_ATTEMPTS	 5
#define WORSE_HOLD_S	 60
#define RAISED_S	 120 /* the controls of so long raise p0 */
#define RAISED_PRIOR	 20. /* attempts at their own baseline, that a few failures of few raise nothing */
#define BLOCKED_AFTER_S	 30  /* the controls are looked at until so long after the change point */
#define BORDER_BLOCKED	 .9
#define BORDER_LIKELY	 .5
#define REOPEN_S	 (15 * 60)
#define UNOBSERVED_S	 (10 * 60)
#define LOST_S		 (24 * 3600)
#define FEW_ATTEMPTS	 8 /* in ten minutes */
#define FEW_CLIENTS	 10.
#define LEARN_S		 300
#define LEARN_KEPT	 .9976 /* of five minutes: a half-life of 24 hours */
#define RISE_MOST	 (.02 * LEARN_S / 86400)
#define KNOWN_ATTEMPTS	 300. /* and an hour of windows: then there is a baseline */
#define KNOWN_WINDOWS	 12
#define BASE_UNKNOWN	 .25
#define RISE_WINDOWS	 288 /* of a day: before, the baseline is still being found and may rise */
#define BASE_USED_LEAST	 .005
#define NEVER_ANSWERS	 .9
#define STEP_S		 10 /* one client's flows to one prefix weigh at most 3 in it */
#define PROOFS		 5
#define Z95		 1.645
#define SCOPE_EVERY_S	 5

const char *const word_names[WORDS] = {
	[WORD_INSUFFICIENT] = "insufficient",
	[WORD_OK] = "ok",
	[WORD_IMPAIRED] = "impaired",
	[WORD_LIKELY_BLOCKED] = "likely_blocked",
	[WORD_BLOCKED] = "blocked",
	[WORD_THROTTLED] = "throttled",
	[WORD_VANISHED] = "vanished",
	[WORD_DOWN] = "down",
	[WORD_ONE_DIRECTION] = "one_direction",
};

/* Two bits for each client bucket. */
struct twos {
	__u8 bits[HLL_BUCKETS / 4];
};

struct stream {
	enum stream_kind kind;
	__u8 group;
	__u32 id;
	struct stream *next; /* of its group */
	struct urn_bank fast, slow;
	__u32 failures, attempts; /* since the last tick, weighted by client */
	__u32 seen_f, seen_n;	  /* the same without the cap of an excursion */
	__u32 window_f, window_n; /* since the last learning */
	double known_f, known_n;  /* the baseline, forgotten slowly */
	double base;		  /* failing share, once there is one */
	unsigned int windows;
	struct urn_rho rho;
	struct twos failed; /* failures of each client in this excursion */
	struct twos step;   /* prefixes: flows of each client in this step */
	__s64 step_at;
};

struct group {
	struct stream *streams; /* the group's own first */
	struct hll clients;
	double usual_clients;
	struct incident incident;
	struct stream *lead; /* the narrowest stream that explains the incident */
	double p0;	     /* frozen while it is open */
	double end_sum;
	__s64 end_zero; /* where the end, if it is one, begins */
	unsigned int end_attempts;
	enum word wanted;
	__s64 wanted_since, scope_at, quiet_since;
	unsigned int proofs;
	enum word word;
};

struct detector {
	__u32 controls;
	__s64 start, now, learnt, day;
	unsigned int n_streams;
	__u64 streams_full;
	struct group groups[WIRE_GROUPS_MAX];
};

/* ---- flows ------------------------------------------------------------------------------------------- */

/* One more of this bucket; false when it had `most` (3 at most). */
static bool twos_more(struct twos *t, __u16 client, unsigned int most)
{
	unsigned int bucket = client & (HLL_BUCKETS - 1), shift = bucket % 4 * 2;
	__u8 *byte = &t->bits[bucket / 4];

	if ((*byte >> shift & 3u) >= most)
		return false;
	*byte += (__u8)(1u << shift);
	return true;
}

static struct stream *stream_get(struct detector *d, __u8 group, enum stream_kind kind, __u32 id)
{
	struct stream **at = &d->groups[group].streams;

	for (; *at; at = &(*at)->next)
		if ((*at)->kind == kind && (*at)->id == id)
			return *at;
	if (d->n_streams >= DETECT_STREAMS) {
		d->streams_full++;
		return NULL;
	}
	*at = calloc(1, sizeof(**at));
	if (!*at)
		return NULL;
	d->n_streams++;
	(*at)->kind = kind;
	(*at)->group = group;
	(*at)->id = id;
	urn_bank_fast(&(*at)->fast);
	urn_bank_slow(&(*at)->slow);
	return *at;
}

static void stream_flow(struct stream *s, const struct detect_flow *f, bool few)
{
	urn_bank_note(&s->fast, f->at, f->failed, 1);
	urn_bank_note(&s->slow, f->at, f->failed, 1);
	s->window_f += f->failed;
	s->window_n++;
	s->seen_f += f->failed;
	s->seen_n++;
	/* in one excursion, one broken client's failures count twice and not more */
	if (f->failed && !few && !twos_more(&s->failed, f->client, 2))
		return;
	s->failures += f->failed;
	s->attempts++;
}

void detector_flow(struct detector *d, const struct detect_flow *f)
{
	const __u32 ids[STREAM_KINDS] = { [STREAM_PREFIX] = f->prefix,
					  [STREAM_SITE] = f->site,
					  [STREAM_FAMILY] = f->v6 ? 6 : 4,
					  [STREAM_TRANSPORT] = f->quic ? 17 : 6 };
	struct stream *prefix;
	struct group *g;

	if (f->group >= WIRE_GROUPS_MAX)
		return;
	g = &d->groups[f->group];
	if (!stream_get(d, f->group, STREAM_GROUP, 0))
		return;
	prefix = stream_get(d, f->group, STREAM_PREFIX, f->prefix);
	if (prefix) {
		if (prefix->windows >= KNOWN_WINDOWS && prefix->base > NEVER_ANSWERS) {
			prefix->window_f += f->failed;
			prefix->window_n++;
			return;
		}
		if (prefix->step_at != f->at / STEP_S) {
			prefix->step_at = f->at / STEP_S;
			memset(&prefix->step, 0, sizeof(prefix->step));
		}
		if (!twos_more(&prefix->step, f->client, 3))
			return;
	}
	hll_add(&g->clients, f->client);
	g->proofs += g->incident.open && f->failed && f->proof;
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++) {
		struct stream *s = kind == STREAM_SITE && !f->site ? NULL
								   : stream_get(d, f->group, kind, ids[kind]);

		if (s)
			stream_flow(s, f, g->usual_clients < FEW_CLIENTS);
	}
}

/* ---- the baseline ------------------------------------------------------------------------------------ */

static bool known(const struct stream *s)
{
	return s->windows >= KNOWN_WINDOWS && s->known_n >= KNOWN_ATTEMPTS;
}

static bool witness(const struct detector *d, __u8 group, __u8 other)
{
	return other != group && d->controls >> other & 1 && d->groups[other].streams;
}

/*
 * The benign failing share of a stream, with a margin for what is not known of it yet. Before it is, the contract's most
 * stands in for it: with less, a network whose share is simply higher than the controls' would begin with an incident.
 */
static double baseline(const struct detector *d, const struct stream *s)
{
	const struct stream *group = d->groups[s->group].streams;
	double share;

	if (known(s)) {
		share = fmax(s->base, BASE_USED_LEAST);
		return share +
		       Z95 * sqrt(share * (1 - share) * (1 / s->known_n + urn_rho_told(&s->rho) / s->windows));
	}
	return s != group && known(group) ? fmax(group->base, BASE_UNKNOWN) : BASE_UNKNOWN;
}

static void stream_learn(struct stream *s)
{
	double base;

	if (s->window_n) {
		if (known(s)) /* around another mean it would only measure the distance to it */
			urn_rho_learn(&s->rho, s->window_f, s->window_n, fmax(s->base, BASE_USED_LEAST));
		s->known_f = s->known_f * LEARN_KEPT + s->window_f;
		s->known_n = s->known_n * LEARN_KEPT + s->window_n;
		base = s->known_f / s->known_n;
		s->base = s->windows >= RISE_WINDOWS && base > s->base + RISE_MOST ? s->base + RISE_MOST : base;
		s->windows++;
	}
	s->window_f = s->window_n = 0;
}

static void learn(struct detector *d, __s64 now)
{
	bool fresh = now / 86400 != d->day;

	if (now < d->learnt + LEARN_S)
		return;
	d->learnt = now;
	d->day = now / 86400; /* the clients' key changes, and with it who is who */
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		struct group *g = &d->groups[i];
		bool frozen = g->incident.open;

		for (struct stream *s = g->streams; s; s = s->next) {
			double nats = fmax(urn_bank_top(&s->fast, NULL), urn_bank_top(&s->slow, NULL));

			/* an excursion well on its way is perhaps not the baseline's */
			if (frozen || nats > URN_NATS_GROUP / 2)
				s->window_f = s->window_n = 0;
			else
				stream_learn(s);
		}
		if (fresh || !g->usual_clients)
			g->usual_clients = hll_estimate(&g->clients);
		if (fresh)
			memset(&g->clients, 0, sizeof(g->clients));
	}
}

/* ---- witnesses --------------------------------------------------------------------------------------- */

static void count_from(const struct stream *s, __s64 from, __u64 *failures, __u64 *attempts)
{
	urn_bank_sum(s->fast.now - from < URN_SLOTS ? &s->fast : &s->slow, from, failures, attempts);
}

/* The excess of the controls over the last two minutes: the lower median of the groups, as one alone decides nothing. */
static double controls_excess(const struct detector *d, __u8 group)
{
	double excess[WIRE_GROUPS_MAX];
	unsigned int n = 0;

	for (__u8 other = 0; other < WIRE_GROUPS_MAX; other++) {
		double b, e;
		__u64 f, all;
		unsigned int i;

		if (!witness(d, group, other))
			continue;
		urn_bank_sum(&d->groups[other].streams->fast, d->now - RAISED_S, &f, &all);
		b = baseline(d, d->groups[other].streams);
		e = all ? urn_excess(((double)f + RAISED_PRIOR * b) / ((double)all + RAISED_PRIOR), b) : 0;
		for (i = n++; i > 0 && excess[i - 1] > e; i--)
			excess[i] = excess[i - 1];
		excess[i] = e;
	}
	return n && excess[(n - 1) / 2] > 0 ? excess[(n - 1) / 2] : 0;
}

struct witnesses {
	double nats; /* for the controls failing too */
	unsigned int groups;
	double share; /* their failing share */
};

static struct witnesses ask(const struct detector *d, __u8 group, __s64 from, double e)
{
	struct witnesses w = { 0 };
	double nats[WIRE_GROUPS_MAX];
	__u64 failures = 0, attempts = 0;

	for (__u8 other = 0; other < WIRE_GROUPS_MAX; other++) {
		const struct stream *s = d->groups[other].streams;
		double b;
		__u64 f, n;

		if (!witness(d, group, other))
			continue;
		count_from(s, from, &f, &n);
		if (!n)
			continue;
		b = baseline(d, s);
		nats[w.groups++] = urn_evidence((double)f, (double)n, b, b + e * (1 - b), urn_rho_told(&s->rho));
		failures += f;
		attempts += n;
	}
	for (unsigned int i = 0; i < w.groups; i++) {
		double most = w.groups > 1 ? ONE_WITNESS_NATS : GATE_NATS;

		w.nats += fmax(-most, fmin(most, nats[i]));
	}
	w.share = attempts ? (double)failures / (double)attempts : 0;
	return w;
}

/* ---- incidents --------------------------------------------------------------------------------------- */

/* Lower (z > 0) bound of a share, Wilson 1927. */
static double share_bound(double failures, double attempts, double z)
{
	double share, spread;

	if (attempts <= 0)
		return 0;
	share = failures / attempts;
	spread = z * sqrt((share * (1 - share) + z * z / (4 * attempts)) / attempts);
	return (share + z * z / (2 * attempts) - spread) / (1 + z * z / attempts);
}

static void say(struct group *g, enum word word, __s64 at)
{
	struct incident *in = &g->incident;
	/* how bad; `down` replaces whatever was said */
	static const __u8 worse[WORDS] = {
		[WORD_IMPAIRED] = 1, [WORD_LIKELY_BLOCKED] = 2, [WORD_BLOCKED] = 3, [WORD_DOWN] = 4
	};

	if (in->n_phases && !in->phases[in->n_phases - 1].to) {
		if (in->phases[in->n_phases - 1].state == word)
			return;
		in->phases[in->n_phases - 1].to = at;
	}
	if (in->n_phases < INCIDENT_PHASES)
		in->n_phases++;
	in->phases[in->n_phases - 1] = (struct incident_phase){ .from = at, .state = word };
	in->state = word;
	if (worse[word] > worse[in->worst])
		in->worst = word;
	in->changes++;
	g->word = word;
	g->wanted = word;
}

static bool failing(const struct detector *d, const struct stream *s, __s64 from, bool *well, double e)
{
	double p0 = fmin(.97, baseline(d, s)), rho = urn_rho_told(&s->rho), most = 0;
	__u64 f, n;

	count_from(s, from, &f, &n);
	for (unsigned int i = 0; i < URN_SHARES; i++)
		most = fmax(most, urn_evidence((double)f, (double)n, p0, p0 + urn_shares[i] * (1 - p0), rho));
	*well = urn_evidence((double)f, (double)n, p0, p0 + e * (1 - p0), rho) < -3;
	return most > GATE_NATS && !*well; /* a little of another part's block shows in all that share it */
}

/* The parts that fail while others of their kind do not, by name. */
static void find_scope(const struct detector *d, struct group *g, __s64 now)
{
	struct incident *in = &g->incident;
	bool some_well[STREAM_KINDS] = { false };

	memset(in->n_scope, 0, sizeof(in->n_scope));
	in->scope_more = false;
	for (const struct stream *s = g->streams->next; s; s = s->next) {
		bool well;

		if (failing(d, s, in->phases[in->n_phases - 1].from, &well, in->excess)) {
			if (in->n_scope[s->kind] < INCIDENT_SCOPE)
				in->scope[s->kind][in->n_scope[s->kind]++] = s->id;
			else
				in->scope_more = true;
		}
		some_well[s->kind] |= well;
	}
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++)
		if (!some_well[kind])
			in->n_scope[kind] = 0;
	g->scope_at = now;
}

static void open_incident(struct detector *d, struct group *g, struct stream *s, const struct urn_since *since,
			  double p0, double e, const struct witnesses *w)
{
	struct incident *in = &g->incident;
	bool again = in->ended && since->at - in->ended < REOPEN_S;
	unsigned int changes = in->changes;

	if (!again) {
		memset(in, 0, sizeof(*in));
		in->changes = changes;
		in->group = s->group;
		in->since = since->at;
		in->since_uncertainty_s = since->uncertainty_s;
		in->since_bound = since->bound || since->at <= d->start + 5;
		in->detected = d->now;
		g->proofs = 0;
	}
	in->open = true;
	in->ended = 0;
	in->baseline = p0;
	in->excess = e;
	in->control_share = w->share;
	in->few_clients = g->usual_clients < FEW_CLIENTS;
	g->lead = s;
	g->p0 = p0;
	g->end_sum = 0;
	g->end_zero = d->now;
	g->end_attempts = 0;
	g->wanted_since = since->at;
	g->quiet_since = d->now;
	in->part = w->nats >= GATE_NATS ? WORD_DOWN : e >= BORDER_LIKELY ? WORD_LIKELY_BLOCKED : WORD_IMPAIRED;
	say(g, in->part == WORD_DOWN || s->kind == STREAM_GROUP ? in->part : WORD_IMPAIRED, since->at);
	find_scope(d, g, d->now);
}

/* Does this stream's statistic stand over its threshold, and do the witnesses tell why? */
static bool try_open(struct detector *d, struct group *g, struct stream *s, double raised)
{
	double nats = s->kind == STREAM_GROUP ? URN_NATS_GROUP : URN_NATS_STREAM, p0 = baseline(d, s), e;
	const struct urn_bank *banks[] = { &s->fast, &s->slow };

	for (unsigned int i = 0; i < 2; i++) {
		struct urn_since since;
		struct witnesses w;
		unsigned int share;

		if (urn_bank_top(banks[i], &share) < nats)
			continue;
		p0 += raised * (1 - p0);
		urn_since(banks[i], share, p0, &since);
		e = since.attempts ? urn_excess((double)since.failures / (double)since.attempts, p0) : 0;
		e = fmin(.98, fmax(.05, e));
		w = ask(d, s->group, since.at, e);
		if (!w.groups || fabs(w.nats) < GATE_NATS)
			continue;
		open_incident(d, g, s, &since, p0, e, &w);
		return true;
	}
	return false;
}

/*
 * An outage that reaches all at once raises p0 with the controls, so that no statistic crosses: it is told by the shares
 * of the last minute.
 */
static bool try_down(struct detector *d, struct group *g, double raised)
{
	struct stream *s = g->streams;
	struct urn_since since;
	struct witnesses w;
	__u64 f, n;
	double p0;

	if (raised < BORDER_LIKELY)
		return false;
	p0 = baseline(d, s);
	urn_bank_sum(&s->fast, d->now - WORSE_HOLD_S, &f, &n);
	if (urn_excess(share_bound((double)f, (double)n, Z95), p0) < BORDER_LIKELY)
		return false;
	urn_since(&s->fast, URN_SHARES / 2, p0, &since);
	w = ask(d, s->group, since.at, BORDER_LIKELY);
	if (w.nats < GATE_NATS)
		return false;
	open_incident(d, g, s, &since, p0, fmin(.98, urn_excess((double)f / (double)n, p0)), &w);
	return true;
}

static void close_incident(struct group *g, __s64 at, __s64 now)
{
	struct incident *in = &g->incident;

	in->phases[in->n_phases - 1].to = at ? at : now;
	in->open = false;
	in->ended = at;
	in->state = WORD_OK;
	in->changes++;
	g->word = WORD_OK;
	for (struct stream *s = g->streams; s; s = s->next) {
		urn_bank_reset(&s->fast, now);
		urn_bank_reset(&s->slow, now);
		memset(&s->failed, 0, sizeof(s->failed));
		s->window_f = s->window_n = 0;
	}
}

/* Is the baseline the better explanation by now? True once the incident is over. */
static bool ended(struct detector *d, struct group *g, __u32 failures, __u32 attempts)
{
	double p1 = fmin(.98, g->p0 + g->incident.excess * (1 - g->p0));

	if (attempts) {
		if (!g->end_sum) {
			g->end_zero = d->now;
			g->end_attempts = 0;
		}
		g->end_sum += failures * log(g->p0 / p1) + (attempts - failures) * log((1 - g->p0) / (1 - p1));
		g->end_sum = fmin(fmax(0, g->end_sum), END_NATS * 3);
		g->end_attempts += attempts;
	}
	return g->end_sum >= END_NATS && d->now - g->end_zero >= END_HOLD_S && g->end_attempts >= END_ATTEMPTS;
}

static enum word wanted(const struct group *g, const struct witnesses *w, double excess, __s64 age)
{
	if (w->nats >= GATE_NATS)
		return WORD_DOWN;
	if (w->nats > -GATE_NATS)
		return g->incident.state == WORD_DOWN ? WORD_DOWN
		       : excess >= BORDER_LIKELY      ? WORD_LIKELY_BLOCKED
						      : WORD_IMPAIRED;
	if (excess >= BORDER_BLOCKED && age >= BLOCKED_AFTER_S && g->proofs >= PROOFS && !g->incident.few_clients &&
	    w->groups > 1)
		return WORD_BLOCKED;
	return excess >= BORDER_LIKELY ? WORD_LIKELY_BLOCKED : WORD_IMPAIRED;
}

static void follow(struct detector *d, struct group *g, __u32 failures, __u32 attempts)
{
	struct incident *in = &g->incident;
	__s64 from = in->phases[in->n_phases - 1].from;
	struct witnesses w, late;
	enum word word;
	double p0;
	__u64 f, n;

	in->attempts += attempts;
	in->failures += failures;
	if (attempts)
		g->quiet_since = d->now;
	if (in->unobserved != (d->now - g->quiet_since >= UNOBSERVED_S)) {
		in->unobserved = !in->unobserved;
		in->changes++;
	}
	if (d->now - g->quiet_since >= LOST_S) {
		close_incident(g, 0, d->now);
		return;
	}
	if (ended(d, g, failures, attempts)) {
		close_incident(g, g->end_zero, d->now);
		return;
	}
	if (g->end_sum >= END_NATS / 2)
		return; /* perhaps over: no new word before that is known */
	count_from(g->lead, from, &f, &n);
	/* an outage may reach the controls later: the last minute has its own say */
	w = ask(d, in->group, from, in->excess);
	late = ask(d, in->group, d->now - WORSE_HOLD_S > from ? d->now - WORSE_HOLD_S : from, in->excess);
	if (late.nats >= GATE_NATS || in->state == WORD_DOWN || fabs(late.nats) < fabs(w.nats) / 2)
		w = late;
	in->control_share = w.share;
	if (d->now - from >= WORSE_HOLD_S || w.nats >= GATE_NATS)
		in->part = wanted(g, &w, urn_excess(share_bound((double)f, (double)n, Z95), g->p0), d->now - from);
	count_from(g->streams, from, &f, &n); /* the group's word is of all its attempts */
	p0 = g->lead == g->streams ? g->p0 : baseline(d, g->streams);
	word = wanted(g, &w, urn_excess(share_bound((double)f, (double)n, Z95), p0), d->now - from);
	in->common = word != WORD_DOWN && controls_excess(d, in->group) > .07;
	if (word != g->wanted) {
		g->wanted = word;
		g->wanted_since = word == WORD_DOWN ? from : d->now;
	}
	/* an outage is said at once; else what is worse holds for a minute, counted from the change for a phase's first */
	if (word == WORD_DOWN)
		say(g, word, from);
	else if (word > in->state && d->now - from >= WORSE_HOLD_S)
		say(g, word, in->n_phases == 1 ? in->since : d->now);
	else if (word < in->state && in->state != WORD_DOWN && d->now - g->wanted_since >= WORSE_HOLD_S)
		say(g, word, d->now);
	else if (in->state == WORD_DOWN && w.nats <= -GATE_NATS && d->now - g->wanted_since >= WORSE_HOLD_S)
		say(g, WORD_LIKELY_BLOCKED, g->wanted_since);
	if (d->now - g->scope_at >= SCOPE_EVERY_S)
		find_scope(d, g, d->now);
}

static void stream_step(const struct detector *d, struct stream *s, double raised)
{
	double p0, rho;

	s->seen_f = s->seen_n = 0;
	if (!s->attempts) {
		s->fast.now = s->slow.now = d->now;
		return;
	}
	p0 = baseline(d, s);
	p0 = fmin(.95, p0 + raised * (1 - p0));
	rho = urn_rho_told(&s->rho);
	urn_bank_step(&s->fast, d->now, s->failures, s->attempts, p0, rho);
	urn_bank_step(&s->slow, d->now, s->failures, s->attempts, p0, rho);
	if (!urn_bank_top(&s->fast, NULL))
		memset(&s->failed, 0, sizeof(s->failed));
	s->failures = s->attempts = 0;
}

static void group_tick(struct detector *d, __u8 i)
{
	struct group *g = &d->groups[i];
	double raised = controls_excess(d, i);
	__u32 failures = 0, attempts = 0;
	__u64 f, n;

	if (!g->streams)
		return;
	if (g->incident.open) {
		failures = g->lead->seen_f;
		attempts = g->lead->seen_n;
	}
	for (struct stream *s = g->streams; s; s = s->next)
		stream_step(d, s, raised);
	if (g->incident.open) {
		follow(d, g, failures, attempts);
		return;
	}
	for (struct stream *s = g->streams; s; s = s->next)
		if (try_open(d, g, s, raised))
			return;
	if (try_down(d, g, raised))
		return;
	if (d->now % STEP_S && g->word != WORD_INSUFFICIENT)
		return;
	urn_bank_sum(&g->streams->fast, d->now - 599, &f, &n);
	g->word = n < FEW_ATTEMPTS || !ask(d, i, d->now - 599, .5).groups ? WORD_INSUFFICIENT : WORD_OK;
}

void detector_tick(struct detector *d, __s64 now)
{
	d->now = now;
	for (__u8 i = 0; i < WIRE_GROUPS_MAX; i++)
		group_tick(d, i);
	learn(d, now);
}

void detector_gap(struct detector *d, __s64 from, __s64 now)
{
	(void)from;
	d->now = d->start = d->learnt = now;
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		for (struct stream *s = d->groups[i].streams; s; s = s->next) {
			urn_bank_reset(&s->fast, now);
			urn_bank_reset(&s->slow, now);
			s->window_f = s->window_n = s->failures = s->attempts = 0;
		}
	}
}

/* ---- the rest ---------------------------------------------------------------------------------------- */

struct detector *detector_new(__u32 controls, __s64 start)
{
	struct detector *d = calloc(1, sizeof(*d));

	if (d) {
		d->controls = controls;
		d->start = d->now = d->learnt = start;
		d->day = start / 86400;
	}
	return d;
}

void detector_free(struct detector *d)
{
	if (!d)
		return;
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		for (struct stream *s = d->groups[i].streams, *next; s; s = next) {
			next = s->next;
			free(s);
		}
	}
	free(d);
}

enum word detector_state(const struct detector *d, __u8 group)
{
	return group < WIRE_GROUPS_MAX ? d->groups[group].word : WORD_INSUFFICIENT;
}

const struct incident *detector_incident(const struct detector *d, __u8 group)
{
	const struct incident *in = group < WIRE_GROUPS_MAX ? &d->groups[group].incident : NULL;

	return in && in->n_phases ? in : NULL;
}

__u64 detector_streams_full(const struct detector *d)
{
	return d->streams_full;
}
