// SPDX-License-Identifier: GPL-2.0
/* The detector: what is said of an open incident as it goes on, and when it is over. */
#include <math.h>
#include <string.h>

#include "detect/detector_parts.h"
#include "detect/phases.h"

#define END_NATS	7.
#define END_HOLD_S	60
#define END_ATTEMPTS	5
#define BLOCKED_AFTER_S 30 /* the controls are looked at until so long after the change point */
#define BORDER_BLOCKED	.9
#define UNOBSERVED_S	(10 * 60)
#define SINCE_LEEWAY_S	5
#define SCOPE_EVERY_S	5

/* How bad; `down` replaces whatever was said. */
static const __u8 worse[WORDS] = {
	[WORD_IMPAIRED] = 1, [WORD_LIKELY_BLOCKED] = 2, [WORD_BLOCKED] = 3, [WORD_DOWN] = 4
};

void incident_say(const struct detector *d, struct group *g, enum word word, __s64 at)
{
	struct incident *in = &g->incident;
	struct incident_phase *last = in->n_phases ? &in->phases[in->n_phases - 1] : NULL;
	bool on = last && !last->to;

	if (on && last->state == word && in->state == word)
		return;
	if (!on || last->state != word) {
		if (on)
			last->to = at;
		/* what an outage swallows, see down_from(), is counted already */
		if (on && last->from < at)
			incident_turn(d, g, at > g->counted_from ? at : g->counted_from);
		/* a word for all the time of the one before takes its place; lines of the log tell that it was said */
		if (last && last->from == at)
			in->n_phases--;
		phases_add(in, at, word);
	}
	in->state = word;
	if (worse[word] > worse[in->worst])
		in->worst = word;
	in->changes++;
	g->word = word;
	g->wanted = word;
}

void incident_clients(struct group *g)
{
	g->incident.clients = fmax(g->incident.clients, hll_estimate(&g->hurt));
}

__s64 incident_run_from(const struct incident *in)
{
	unsigned int i = in->n_phases - 1;

	while (i > 0 && in->phases[i - 1].to == in->phases[i].from)
		i--;
	return in->phases[i].from;
}

/* `at` 0: its end is not known, and nothing of it after second `until`. */
static void close_incident(struct group *g, __s64 at, __s64 until, __s64 now)
{
	struct incident *in = &g->incident;
	struct incident_phase *last = &in->phases[in->n_phases - 1];

	incident_clients(g);
	last->to = at ? at : until > last->from ? until : last->from;
	in->open = false;
	in->ended = at;
	in->state = WORD_OK;
	in->changes++;
	g->word = WORD_OK;
	for (struct stream *s = g->streams; s; s = s->next) {
		urn_bank_reset(&s->fast, now);
		urn_bank_reset(&s->slow, now);
		memset(&s->failed, 0, sizeof(s->failed));
		s->calm_at = now;
		s->owed = s->owed_well = 0;
		stream_unlearn(s);
	}
}

void incident_lose(struct group *g, __s64 now)
{
	close_incident(g, 0, now, now);
	g->word = WORD_INSUFFICIENT;
}

/* The failing share while it is on. */
static double share_in(const struct group *g)
{
	return fmin(.98, g->p0 + g->incident.excess * (1 - g->p0));
}

/* It is over: since when, and what came after that is none of it. */
static void end_incident(struct detector *d, struct group *g)
{
	__s64 from = g->incident.phases[g->incident.n_phases - 1].from, after = g->end_zero;
	struct urn_since until;

	/* it looks back a minute more, and what came before the phase was well, too */
	after = after > from + 60 ? after : from + 60;
	urn_since_after(d->now - g->end_zero < URN_SLOTS / 2 ? &g->lead->fast : &g->lead->slow, after, share_in(g),
			g->p0, &until);
	until.at = until.at > from ? until.at : from;
	incident_stop(g, until.at);
	close_incident(g, until.at, until.at, d->now);
}

/* The excess share of the incident is from now on what it has been since second `from`. */
static void excess_since(struct group *g, __s64 from)
{
	__u64 f, n;

	stream_count(g->lead, from, &f, &n);
	if (n)
		g->incident.excess = fmin(.98, fmax(.05, urn_excess((double)f / (double)n, g->p0)));
}

/* Less fails than did, but more than ever does: that is no end of it, and another share from now on. */
static bool eased(struct group *g)
{
	__u64 f, n;

	stream_count(g->lead, g->end_zero, &f, &n);
	if (urn_evidence_most((double)f, (double)n, g->p0, urn_rho_told(&g->lead->rho)) < GATE_NATS)
		return false;
	excess_since(g, g->end_zero);
	return true;
}

/* Is the baseline the better explanation by now? True once the incident is over. */
static bool ended(struct detector *d, struct group *g, __u32 failures, __u32 attempts)
{
	double p1 = share_in(g);

	if (attempts) {
		if (!g->end_sum) {
			g->end_zero = d->now;
			g->end_attempts = 0;
		}
		g->end_sum += failures * log(g->p0 / p1) + (attempts - failures) * log((1 - g->p0) / (1 - p1));
		g->end_sum = fmin(fmax(0, g->end_sum), END_NATS * 3);
		g->end_attempts += attempts;
	}
	if (g->end_sum < END_NATS || watched_since(d, g->end_zero) < END_HOLD_S || g->end_attempts < END_ATTEMPTS)
		return false;
	if (!eased(g))
		return true;
	g->end_sum = 0;
	return false;
}

enum word outage_word(const struct witnesses *w, double excess)
{
	return excess >= BORDER_LIKELY && w->share >= BORDER_LIKELY ? WORD_DOWN : WORD_IMPAIRED;
}

enum word incident_word(const struct detector *d, const struct stream *s, const struct witnesses *w, double excess,
			__s64 from)
{
	const struct incident *in = &d->groups[s->group].incident;
	enum word likely = excess >= BORDER_LIKELY ? WORD_LIKELY_BLOCKED : WORD_IMPAIRED;

	if (w->nats >= GATE_NATS)
		return outage_word(w, fmax(excess, in->excess));
	if (w->nats > -GATE_NATS)
		return in->state == WORD_DOWN ? WORD_DOWN : likely;
	if (excess < BORDER_BLOCKED || watched_since(d, from) < BLOCKED_AFTER_S || in->few_clients ||
	    w->groups < 2 || w->indirect)
		return likely;
	return !w->common && stream_proven(d, s, from) ? WORD_BLOCKED : likely;
}

/* What the controls say of a stream since second `from`. An outage may reach them later, so the last minute has its own
 * say; and where they are not well right now, they are no witnesses for anything worse than what was said. */
static struct witnesses hear(const struct detector *d, const struct incident *in, const struct stream *s,
			     __s64 from)
{
	struct witnesses w = witnesses_ask(d, s, from, in->excess), late;

	late = witnesses_ask(d, s, d->now - WORSE_HOLD_S > from ? d->now - WORSE_HOLD_S : from, in->excess);
	if (late.nats >= GATE_NATS || in->state == WORD_DOWN || fabs(late.nats) < fabs(w.nats) / 2)
		w = late;
	if (w.nats < 0 && witnesses_ill_now(d, s, in->excess))
		w.nats = 0;
	return w;
}

/*
 * From when on is it down? The phase is, from second `from`, and whatever was said in the minutes before, for an outage may
 * reach the controls later; but not what came before while they answered, for ten minutes at least.
 */
static __s64 down_from(const struct detector *d, struct group *g, __s64 from)
{
	struct incident *in = &g->incident;
	unsigned int i = in->n_phases - 1;
	__s64 at = from, least, fell;

	if (witnesses_fell(d, g->streams, incident_run_from(in), in->excess, &fell))
		at = fell;
	least = at - FELL_LEAST_S;
	for (; in->phases[i].from > least; i--) {
		at = at < in->phases[i].from ? at : in->phases[i].from;
		if (!i || in->phases[i - 1].to != in->phases[i].from)
			break;
	}
	in->n_phases = i + 1;
	in->phases[i].to = 0; /* until then */
	return at;
}

/*
 * An outage is said at once; else what is worse has held for a minute, or since the first one of the phase, and is said of
 * all the phase, for by all its attempts it is told. What is better is said from now on, so that an earlier word stands, but
 * where the phase has turned into another at `from`.
 */
static void change_word(const struct detector *d, struct group *g, enum word word, double nats, __s64 from,
			bool turned)
{
	struct incident *in = &g->incident;
	bool held = watched_since(d, g->wanted_since) + 1 >= WORSE_HOLD_S;
	/* a change point is only known so well: it may have been that much before */
	bool first = incident_run_from(in) == from; /* it opened, or opened again, with this phase */
	__s64 earliest =
		first ? from - (in->since_uncertainty_s < SINCE_LEEWAY_S ? in->since_uncertainty_s : SINCE_LEEWAY_S)
		      : from;

	if (word != g->wanted) {
		g->wanted = word;
		g->wanted_since = word == WORD_DOWN ? from : d->now;
		held = false;
	}
	if (word == WORD_DOWN && in->state != WORD_DOWN)
		incident_say(d, g, word, down_from(d, g, from));
	else if (word > in->state && watched_since(d, earliest) + 1 >= WORSE_HOLD_S &&
		 (held || g->wanted_since - from < WORSE_HOLD_S))
		incident_say(d, g, word, from);
	else if (word < in->state && in->state != WORD_DOWN &&
		 (turned ? watched_since(d, from) + 1 >= WORSE_HOLD_S : held))
		incident_say(d, g, word, turned ? from : d->now);
	else if (in->state == WORD_DOWN && nats <= -GATE_NATS && held)
		incident_say(d, g, word < WORD_LIKELY_BLOCKED ? word : WORD_LIKELY_BLOCKED, g->wanted_since);
}

/* Marked while nothing is seen of it; true once that is so long that its end will never be known. */
static bool out_of_sight(const struct detector *d, struct group *g, bool seen)
{
	struct incident *in = &g->incident;

	if (seen)
		g->quiet_since = d->now;
	if (in->unobserved != (d->now - g->quiet_since >= UNOBSERVED_S)) {
		in->unobserved = !in->unobserved;
		in->changes++;
	}
	return d->now - g->quiet_since >= LOST_S;
}

static void name_parts(const struct detector *d, struct incident *in)
{
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++)
		for (unsigned int i = 0; i < in->n_scope[kind]; i++) {
			enum word word = detector_part(d, in->group, (enum stream_kind)kind, in->scope[kind][i]);

			if (worse[word] > worse[in->named])
				in->named = word;
		}
}

void incident_follow(struct detector *d, struct group *g, __u32 failures, __u32 attempts)
{
	struct incident *in = &g->incident;
	__s64 from = in->phases[in->n_phases - 1].from;
	struct witnesses of_lead, of_group;
	enum word word;
	bool turned;
	double p0;
	__u64 f, n;

	if (out_of_sight(d, g, attempts && !d->distrusted)) {
		close_incident(g, 0, g->quiet_since, d->now);
		return;
	}
	if (d->distrusted || in->unobserved) /* what has left the rings meanwhile has not become better */
		return;
	in->few_clients = g->few;
	incident_count(g);
	if (ended(d, g, failures, attempts)) {
		end_incident(d, g);
		return;
	}
	if (g->end_sum >= END_NATS / 2)
		return; /* perhaps over: no new word before that is known */
	turned = phase_turn(d, g->streams, from, &from);
	of_lead = hear(d, in, g->lead, from);
	of_group = g->lead == g->streams ? of_lead : hear(d, in, g->streams, from);
	in->control_share = witnesses_ask(d, g->lead, incident_run_from(in), in->excess).share;
	stream_count(g->lead, from, &f, &n);
	if (watched_since(d, from) + 1 >= WORSE_HOLD_S || of_lead.nats >= GATE_NATS)
		in->part = incident_word(d, g->lead, &of_lead,
					 urn_excess(share_bound((double)f, (double)n, Z95), g->p0), from);
	stream_count(g->streams, from, &f, &n); /* the group's word is of all its attempts */
	p0 = g->lead == g->streams ? g->p0 : stream_baseline(d, g->streams);
	word = incident_word(d, g->streams, &of_group, urn_excess(share_bound((double)f, (double)n, Z95), p0),
			     from);
	in->common = word != WORD_DOWN &&
		     (in->part == WORD_DOWN || of_lead.common || of_lead.nats >= GATE_NATS ||
		      witnesses_excess(d, g->lead) > COMMON_EXCESS || (of_lead.ill && of_lead.nats > -GATE_NATS));
	in->proven = in->worst == WORD_BLOCKED || stream_proven(d, g->lead, from) ||
		     (g->lead != g->streams && stream_proven(d, g->streams, from));
	change_word(d, g, word, of_group.nats, from, turned);
	if (turned && in->phases[in->n_phases - 1].from == from)
		excess_since(g, from);
	if (d->now - g->scope_at < SCOPE_EVERY_S)
		return;
	from = in->phases[in->n_phases - 1].from;
	if (incident_scope_young(d, in) && incident_run_from(in) < from)
		return; /* a new phase of the same: too little of its parts is known */
	incident_find_scope(d, g);
	incident_widen(d, g);
	name_parts(d, in);
	incident_clients(g);
}
