// SPDX-License-Identifier: GPL-2.0
/* From figures to sentences: see words.h. */
#include "show/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keep/history_read.h"
#include "show/clean.h"
#include "show/told.h"
#include "when.h"

struct phrase {
	const char *word, *text;
};

/* ---- tables of words ----------------------------------------------------------------------------------------- */
static const struct phrase states[] = {
	{ "ok", "reachable" },
	{ "impaired", "impaired" },
	{ "likely_blocked", "likely blocked" },
	{ "blocked", "blocked" },
	{ "throttled", "throttled" },
	{ "vanished", "no longer asked for" },
	{ "down", "down, with everything else" },
	{ "one_direction", "seen in one direction only" },
	{ "insufficient", "not seen enough of" },
	{ NULL, NULL },
};

static const struct phrase signatures[] = {
	{ "SYN->0", "the first packet of a connection was never answered: dropped by address, or no way there" },
	{ "SYN->RST", "a reset without acknowledgement came for the first packet" },
	{ "SYN->RST+ACK", "the connection was refused: by the server, or by a box that speaks for it" },
	{ "SYN->RST;RST+ACK", "resets of two kinds came for the first packet" },
	{ "SYN->ICMP", "a router said that there is no way there, or that it is forbidden" },
	{ "SYN;ACK->0", "connected, then silence; often a browser's spare connection" },
	{ "SYN;ACK->RST", "reset right after the handshake" },
	{ "SYN;ACK->RST;RST", "reset right after the handshake, more than once" },
	{ "SYN;ACK->RST+ACK", "reset right after the handshake" },
	{ "SYN;ACK->RST+ACK;RST+ACK", "reset right after the handshake, more than once" },
	{ "PSH+ACK->0", "the request, which bears the name asked for, was never answered" },
	{ "PSH+ACK->RST", "reset right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST+ACK", "reset right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST;RST+ACK", "several resets right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST+ACK;RST+ACK", "several resets right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST;RST0", "several resets right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST=RST", "several resets right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST!=RST", "several resets right after the request, which bears the name asked for" },
	{ "PSH+ACK->ICMP", "a router refused the request" },
	{ "PSH+ACK;Data->RST", "reset amid data" },
	{ "PSH+ACK;Data->RST+ACK", "reset amid data" },
	{ "Data->0", "cut off amid data, without a word" },
	{ "QUIC->0", "QUIC was never answered" },
	{ "QUIC->ICMP", "a router refused QUIC" },
	{ NULL, NULL },
};

static const struct phrase ways[] = {
	{ "sni", "by the name in the request: other names pass at the same addresses" },
	{ "address", "by address: whatever is asked for fails there" },
	{ "quic", "over QUIC only" },
	{ "tcp", "over TCP only" },
	{ "port", "by port" },
	{ "family", "in one family of addresses only" },
	{ NULL, NULL },
};

static const struct phrase explanations[] = {
	{ "block", "A block, by somebody between this network and the servers." },
	{ "outage_of_x",
	  "An outage of the platform itself: from one place, it cannot be told from silent dropping." },
	{ "route_to_x", "A broken route between this network and the platform's." },
	{ "outage", "An outage of this network or its upstream." },
	{ "throttle", "A limit on the rate of this traffic, by somebody on the way." },
	{ "congestion", "A congested link that this platform's traffic takes and the controls' does not." },
	{ "poisoned_names", "Names that resolve to wrong addresses: people then ask somewhere else." },
	{ "move_of_x", "The platform has moved to addresses that the list of ranges does not have." },
	{ "old_ranges", "A list of ranges that is out of date." },
	{ NULL, NULL },
};

static const char *phrase_of(const struct phrase *table, const char *word)
{
	for (; table->word; table++)
		if (!strcmp(table->word, word))
			return table->text;
	return NULL;
}

const char *words_state(const char *state)
{
	const char *text = phrase_of(states, state);

	return text ? text : state;
}

const char *words_signature(const char *signature)
{
	const char *text = phrase_of(signatures, signature);

	return text ? text : "";
}

/* ---- the three lists --------------------------------------------------------------------------------------------- */
struct pen {
	FILE *headline, *seen, *not_seen, *else_;
	size_t sizes[4];
};

static int begin(struct pen *p, struct words *w)
{
	*w = (struct words){};
	*p = (struct pen){ .headline = open_memstream(&w->headline, &p->sizes[0]),
			   .seen = open_memstream(&w->seen, &p->sizes[1]),
			   .not_seen = open_memstream(&w->not_seen, &p->sizes[2]),
			   .else_ = open_memstream(&w->else_, &p->sizes[3]) };
	return p->headline && p->seen && p->not_seen && p->else_ ? 0 : -ENOMEM;
}

static int finish(struct pen *p, struct words *w, int err)
{
	FILE *files[] = { p->headline, p->seen, p->not_seen, p->else_ };

	for (size_t i = 0; i < 4; i++)
		if (files[i] && fclose(files[i]))
			err = -ENOMEM;
	if (err)
		words_free(w);
	return err;
}

void words_free(struct words *w)
{
	free(w->headline);
	free(w->seen);
	free(w->not_seen);
	free(w->else_);
	*w = (struct words){};
}

static double percent(__u64 part, __u64 whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* The first phase is a sum of the oldest, see phases.h: how often it lifted in it is not known. */
static bool is_summed(const struct told *t)
{
	return t->n_phases == TOLD_PHASES;
}

/* How often it was on: phases that follow each other without a break are of one time. Seconds of all, that are known. */
static size_t times_on(const struct told *t, __s64 *on_s)
{
	size_t first = is_summed(t), times = t->n_phases > 0;

	*on_s = 0;
	for (size_t i = first; i < t->n_phases; i++) {
		times += i > first && t->phases[i].from != t->phases[i - 1].to;
		if (t->phases[i].to > t->phases[i].from)
			*on_s += t->phases[i].to - t->phases[i].from;
	}
	return times;
}

/* Not all of it was as bad as its word. */
static bool is_mixed(const struct told *t)
{
	for (size_t i = 0; i < t->n_phases; i++)
		if (strcmp(t->phases[i].state, t->state))
			return true;
	return false;
}

/* ---- an incident --------------------------------------------------------------------------------------------------- */
static void say_headline(FILE *to, const struct told *t)
{
	char since[WHEN_TEXT], ended[WHEN_TEXT], lasted[WHEN_TEXT];
	__s64 on_s;

	fprintf(to, "%s was %s%s%s from %s%s", t->group, is_mixed(t) ? "at worst " : "", words_state(t->state),
		times_on(t, &on_s) > 1 ? ", on and off," : "", t->since_bound ? "before " : "",
		when_second(t->since, since));
	if (t->uncertainty_s > 0 && !t->since_bound)
		fprintf(to, " (give or take %s)", when_long((__s64)t->uncertainty_s, lasted));
	if (t->ended)
		fprintf(to, " to %s UTC, %s", when_second(t->ended, ended), when_long(t->ended - t->since, lasted));
	else if (t->last_known)
		fprintf(to, " UTC on; its end is not known: the watch ended before it, after %s",
			when_second(t->last_known, ended));
	else
		fprintf(to, " UTC on, and had not ended when this was last told");
}

static void say_counts(const struct pen *p, const struct told *t)
{
	__s64 on_s;
	const char *while_on = times_on(t, &on_s) > 1 ? " while it was on" : "";

	if (t->attempts)
		fprintf(p->seen, "%llu of %llu attempts to reach %s%s failed (%.1f %%)",
			(unsigned long long)t->failures, (unsigned long long)t->attempts, t->group, while_on,
			t->failure_ratio >= 0 ? 100 * t->failure_ratio : percent(t->failures, t->attempts));
	if (t->attempts && t->baseline_ratio >= 0)
		fprintf(p->seen, "; usually %.1f %% do", 100 * t->baseline_ratio);
	if (t->attempts)
		fputs(".\n", p->seen);
	if (t->control_ratio >= 0)
		fprintf(p->seen,
			"Of the attempts to reach the controls on the same path, %.1f %% failed in that time%s.\n",
			100 * t->control_ratio,
			t->common		  ? ": they suffered, too"
			: t->control_ratio < 0.25 ? ": the network as a whole was well"
						  : "");
	else
		fputs("What the controls did in that time is not known.\n", p->not_seen);
}

static void say_mechanism(const struct pen *p, const struct told *t)
{
	for (size_t i = 0; i < t->n_signatures; i++) {
		const char *meaning = words_signature(t->signatures[i].signature);

		if (t->signatures[i].share >= 0)
			fprintf(p->seen, "%.0f %% of the failures: ", 100 * t->signatures[i].share);
		fprintf(p->seen, "%s%s%s.\n", t->signatures[i].signature, *meaning ? ", " : "", meaning);
	}
	for (size_t i = 0; ways[i].word; i++)
		if (strstr(t->by, ways[i].word))
			fprintf(p->seen, "It goes %s.\n", ways[i].text);
	if (!*t->by)
		fputs("What it goes by (the name asked for, the address, the protocol) could not be told.\n",
		      p->not_seen);
}

static void say_distance(FILE *to, const char *who, double hops, double ms)
{
	fputs(who, to);
	if (hops >= 0)
		fprintf(to, " %.0f hops", hops);
	if (hops >= 0 && ms >= 0)
		fputs(" and", to);
	if (ms >= 0)
		fprintf(to, ms < .1 ? " less than 0.1 ms" : " %.1f ms", ms);
	fputs(" away", to);
}

static void say_responder(const struct pen *p, const struct told *t)
{
	if (t->hops < 0 && t->rtt_ms < 0) {
		fputs("Where on the path the attempts end is not known: nobody answered in the servers' name.\n",
		      p->not_seen);
		return;
	}
	say_distance(p->seen, "Whoever answered in the servers' name is", t->hops, t->rtt_ms);
	if (t->server_hops >= 0 || t->server_rtt_ms >= 0)
		say_distance(p->seen, "; the servers themselves are", t->server_hops, t->server_rtt_ms);
	fputs(".\n", p->seen);
}

static void say_scope(const struct pen *p, const struct told *t)
{
	const struct {
		const char *what, *list;
	} rows[] = { { "these sites", t->scope_sites },
		     { "these addresses of it", t->scope_prefixes },
		     { "this family of addresses", t->scope_families },
		     { "this transport", t->scope_transports } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (*rows[i].list)
			fprintf(p->seen, "Only %s: %s.\n", rows[i].what, rows[i].list);
	if (*t->clients)
		fprintf(p->seen, "On its largest day, %s%s distinct clients tried%s.\n",
			t->clients[0] == '<' ? "fewer than " : "", t->clients + (t->clients[0] == '<'),
			t->interruptions ? ", or more: each start of the watch counts them anew" : "");
}

static void say_phases(const struct pen *p, const struct told *t)
{
	char from[WHEN_TEXT], to[WHEN_TEXT], lasted[WHEN_TEXT];
	size_t times;
	__s64 on_s;

	if (t->n_phases < 2)
		return;
	times = times_on(t, &on_s);
	if (times > 1)
		fprintf(p->seen,
			"It came and went: it was on %zu times%s, for %s in all, and lifted between them. That is told as one "
			"incident, for it was never off for a quarter of an hour.\n",
			times, is_summed(t) ? " of late" : "", when_long(on_s, lasted));
	if (is_summed(t))
		fprintf(p->seen,
			"Its phases before %s are not told one by one, for there were too many: it came and went from %s on. "
			"These are the %zu after them.\n",
			when_second(t->phases[1].from, to), when_second(t->phases[0].from, from), t->n_phases - 1);
	else
		fprintf(p->seen, "It had %zu phases.\n", t->n_phases);
	for (size_t i = is_summed(t); i < t->n_phases; i++) {
		if (i > is_summed(t) && t->phases[i].from > t->phases[i - 1].to && t->phases[i - 1].to)
			fprintf(p->seen, "Then reachable from %s to %s (%s).\n",
				when_second(t->phases[i - 1].to, from), when_second(t->phases[i].from, to),
				when_long(t->phases[i].from - t->phases[i - 1].to, lasted));
		fprintf(p->seen, "Phase %zu: %s from %s", i + !is_summed(t), words_state(t->phases[i].state),
			when_second(t->phases[i].from, from));
		if (t->phases[i].to)
			fprintf(p->seen, " to %s (%s).\n", when_second(t->phases[i].to, to),
				when_long(t->phases[i].to - t->phases[i].from, lasted));
		else
			fputs(", still on.\n", p->seen);
	}
}

static void say_limits(const struct pen *p, const struct told *t)
{
	char unseen[WHEN_TEXT];

	if (t->since_bound)
		fputs("When it began: it was there when the watch began, so its beginning is a bound and no time.\n",
		      p->not_seen);
	if (t->interruptions)
		fprintf(p->not_seen,
			"The watch was interrupted %llu time%s while it was on, for %s in all: what happened then was not seen, and "
			"a change close to it is known the less exactly.\n",
			(unsigned long long)t->interruptions, t->interruptions == 1 ? "" : "s",
			when_long((__s64)t->unwatched_s, unseen));
	if (t->unobserved)
		fputs("Its end: attempts have dried up, and without attempts nothing can be told.\n", p->not_seen);
}

/* ---- what the watch was worth ---------------------------------------------------------------------------------- */
/*
 * Minutes from second `from` to `to` of those that could be in the history: that were over when it was read (the newest
 * is written when it has passed), and that it goes back to. What is no longer in it may have been watched.
 */
static __u64 minutes_of(const struct past *past, __s64 from, __s64 to)
{
	__s64 written = past->now - past->now % 60 - 60;

	to = to < written ? to : written;
	from = from > past->oldest ? from : past->oldest;
	from = from > past->purged ? from : past->purged;
	return to > from ? (__u64)(to - from + 59) / 60 : 0;
}

static void say_before(const struct pen *p, const struct past *past, __s64 from)
{
	char text[WHEN_TEXT], at[WHEN_TEXT];

	if (past->purged > from)
		fprintf(p->not_seen,
			"What was before %s: these counts were dropped by hand (xreach purge) on %s.\n",
			when_minute(past->purged, text), when_minute(past->purged_at, at));
	if (past->oldest > from && past->oldest > past->purged)
		fprintf(p->not_seen, "What was before %s: the history does not go back so far.\n",
			when_minute(past->oldest, text));
}

/* Of a step that reaches beyond the stretch it is not known which of its minutes nobody watched: those that cannot all lie
 * outside. */
static void say_watch(const struct pen *p, const struct past *past, __s64 from, __s64 to)
{
	struct keep_books sum = {};
	__u64 unseen = 0, wanted = 0;
	bool least = false;

	for (size_t i = 0; i < past->n_steps; i++) {
		const struct past_watch *w = &past->watch[i];
		__s64 end = w->at + past->step_s;
		__u64 all = minutes_of(past, w->at, end), inside, lacking;

		if (end <= from || w->at >= to)
			continue;
		inside = minutes_of(past, w->at > from ? w->at : from, end < to ? end : to);
		lacking = all > w->minutes ? all - w->minutes : 0;
		least |= lacking && all > inside;
		unseen += lacking > all - inside ? lacking - (all - inside) : 0;
		wanted += inside;
		sum.opened += w->books.opened;
		sum.judged += w->books.judged;
		sum.lost += w->books.lost;
		sum.unparsed += w->books.unparsed;
	}
	if (unseen)
		fprintf(p->not_seen,
			"%s%llu of %llu minutes: nobody watched then, and what happened in them is not known.\n",
			least ? "At least " : "", (unsigned long long)unseen, (unsigned long long)wanted);
	if (sum.lost)
		fprintf(p->not_seen, "%llu of %llu attempts (%.2f %%) found no room in the tables and were lost.\n",
			(unsigned long long)sum.lost, (unsigned long long)sum.opened,
			percent(sum.lost, sum.opened));
	if (sum.unparsed)
		fprintf(p->not_seen, "%llu packets could not be understood.\n", (unsigned long long)sum.unparsed);
	say_before(p, past, from);
}

static void say_else(const struct pen *p, const struct told *t)
{
	for (size_t i = 0; t && i < t->n_could_be; i++) {
		const char *text = phrase_of(explanations, t->could_be[i]);

		fprintf(p->else_, "%s\n", text ? text : t->could_be[i]);
	}
	fputs("Many single failures are benign: a lossy path, a server that restarts, a client that gives up. What counts is "
	      "the share among many, beside the controls.\n"
	      "A path that loses large packets looks like dropping by name; a scan looks like refused connections.\n",
	      p->else_);
}

int words_of_incident(const struct told *t, const struct past *past, struct words *out)
{
	struct pen p;
	int err = begin(&p, out);

	if (!err) {
		say_headline(p.headline, t);
		say_counts(&p, t);
		say_mechanism(&p, t);
		say_responder(&p, t);
		say_scope(&p, t);
		say_phases(&p, t);
		say_limits(&p, t);
		say_watch(&p, past, t->since, t->ended ? t->ended : t->last_known ? t->last_known : past->to);
		say_else(&p, t);
	}
	return finish(&p, out, err);
}

int words_of_past(const struct past *past, struct words *out)
{
	char from[WHEN_TEXT], to[WHEN_TEXT];
	struct pen p;
	int err = begin(&p, out);

	if (err)
		return finish(&p, out, err);
	if (past->n_incidents)
		fprintf(p.headline, "%zu incident%s between %s and %s UTC", past->n_incidents,
			past->n_incidents == 1 ? "" : "s", when_minute(past->from, from),
			when_minute(past->to, to));
	else
		fprintf(p.headline, "%s between %s and %s UTC",
			past->n_groups ? "No incident" : "Nothing was counted", when_minute(past->from, from),
			when_minute(past->to, to));
	for (size_t i = 0; i < past->n_groups; i++) {
		const struct past_counts *c = &past->groups[i].total;
		char name[64]; /* out of a file, and on its way to a terminal */

		clean_copy(name, sizeof(name), past->groups[i].name);
		if (c->ok + c->failed)
			fprintf(p.seen, "%llu attempts to reach %s (%s) were judged, and %llu failed (%.1f %%).\n",
				(unsigned long long)(c->ok + c->failed), name,
				past->groups[i].target ? "target" : "control", (unsigned long long)c->failed,
				percent(c->failed, c->ok + c->failed));
	}
	if (!past->n_groups)
		fputs("No attempt was judged.\n", p.seen);
	say_watch(&p, past, past->from, past->to);
	fputs("Who the clients are: no address, port or name of one is recorded anywhere.\n"
	      "Other networks: this is one place's view.\n",
	      p.not_seen);
	say_else(&p, NULL);
	return finish(&p, out, err);
}
