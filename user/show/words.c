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
#include "show/words_tables.h"
#include "when.h"

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

#define SHARE_TEXT 24
/* "80.0 %"; never all where one succeeded, nor none where one failed. */
static const char *share(__u64 part, __u64 whole, char text[static SHARE_TEXT])
{
	double p = percent(part, whole);

	if (part < whole && p >= 99.95)
		snprintf(text, SHARE_TEXT, "more than 99.9 %%");
	else if (part && p < .05)
		snprintf(text, SHARE_TEXT, "less than 0.1 %%");
	else
		snprintf(text, SHARE_TEXT, "%.1f %%", p);
	return text;
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

static bool was(const struct told *t, const char *state)
{
	for (size_t i = 0; i < t->n_phases; i++)
		if (!strcmp(t->phases[i].state, state))
			return true;
	return false;
}

static bool is_block(const char *state)
{
	return !strcmp(state, "likely_blocked") || !strcmp(state, "blocked");
}

/* It was down, and in another phase the controls answered and it did not: two things, which one word would hide. */
struct kinds {
	__s64 down_s, down_from, down_to, block_s, block_from, block_to; /* 0: never; a `to` of 0: it is on */
	const char *block;						 /* the worst word of these */
};

static bool is_both(const struct told *t, struct kinds *k)
{
	*k = (struct kinds){};
	for (size_t i = 0; i < t->n_phases; i++) {
		__s64 from = t->phases[i].from, to = t->phases[i].to;
		bool down = !strcmp(t->phases[i].state, "down");

		if (down) {
			k->down_from = k->down_from ? k->down_from : from;
			k->down_to = to;
			k->down_s += to > from ? to - from : 0;
		} else if (is_block(t->phases[i].state)) {
			k->block_from = k->block_from ? k->block_from : from;
			k->block_to = to;
			k->block_s += to > from ? to - from : 0;
			if (!k->block || !strcmp(t->phases[i].state, "blocked"))
				k->block = t->phases[i].state;
		}
	}
	return k->down_from && k->block_from;
}

/* ---- an incident --------------------------------------------------------------------------------------------------- */
static void say_headline(FILE *to, const struct told *t)
{
	char since[WHEN_TEXT], ended[WHEN_TEXT], lasted[WHEN_TEXT];
	struct kinds kinds;
	bool both = is_both(t, &kinds);
	__s64 on_s;

	if (both)
		fprintf(to, "%s was down with the controls, and %s while they answered", t->group,
			words_state(kinds.block));
	else
		fprintf(to, "%s was %s%s", t->group, is_mixed(t) ? "at worst " : "", words_state(t->state));
	fprintf(to, "%s from %s%s",
		times_on(t, &on_s) > 1 ? ", on and off,"
		: both		       ? ","
				       : "",
		t->since_bound ? "before " : "", when_second(t->since, since));
	if (t->uncertainty_s > 0 && !t->since_bound)
		fprintf(to, " (give or take %s)", when_long((__s64)t->uncertainty_s, lasted));
	if (t->ended)
		fprintf(to, " to %s UTC, %s%s", when_second(t->ended, ended), t->since_bound ? "at least " : "",
			when_long(t->ended - t->since, lasted));
	else if (t->last_known)
		fprintf(to, " UTC on; its end is not known: %s after %s",
			t->unobserved ? "nothing was attempted" : "the watch ended before it,",
			when_second(t->last_known, ended));
	else
		fprintf(to, " UTC on, and had not ended when this was last told%s%s", t->told_at ? ", at " : "",
			t->told_at ? when_second(t->told_at, ended) : "");
}

/* Whether they failed is what the others count; of these it is asked how fast they were, or how many there were. */
static bool is_slow(const struct told *t)
{
	return !strcmp(t->state, "throttled");
}

static bool is_gone(const struct told *t)
{
	return !strcmp(t->state, "vanished");
}

/* Of which parts an incident's figures are, by the first kind that is named (see detector_scope.c): " at 192.0.2.0/24". */
#define WHERE_NAMES 64 /* more are too many to be read within a sentence */
#define WHERE_TEXT  (WHERE_NAMES + 48)
static const char *where(const struct told *t, char text[static WHERE_TEXT])
{
	const struct {
		const char *list, *before, *below;
	} rows[] = { { t->scope_prefixes, " at ", " at the addresses of it that are named below" },
		     { t->scope_sites, " from ", " from the sites that are named below" },
		     { t->scope_families, " over ", "" },
		     { t->scope_transports, " over ", "" } };

	*text = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!*rows[i].list)
			continue;
		if (strlen(rows[i].list) <= WHERE_NAMES)
			snprintf(text, WHERE_TEXT, "%s%s", rows[i].before, rows[i].list);
		else
			snprintf(text, WHERE_TEXT, "%s", rows[i].below);
		break;
	}
	return text;
}

static void say_attempts(const struct pen *p, const struct told *t)
{
	char part[WHERE_TEXT], failing[SHARE_TEXT];
	__s64 on_s;
	const char *while_on = times_on(t, &on_s) > 1 ? " while it was on" : "";

	fprintf(p->seen,
		is_slow(t) ? "%llu of %llu longer downloads from %s%s%s were held down (%s)"
			   : "%llu of %llu attempts to reach %s%s%s failed (%s)",
		(unsigned long long)t->failures, (unsigned long long)t->attempts, t->group, where(t, part),
		while_on, share(t->failures, t->attempts, failing));
	if (t->baseline_ratio >= 0)
		fprintf(p->seen, "; usually %.1f %% %s", 100 * t->baseline_ratio, is_slow(t) ? "are" : "do");
	fputs(".\n", p->seen);
	if (t->baseline_ratio < 0 && !is_slow(t))
		fputs("What share fails there usually: too little was seen before. A quarter was taken for it.\n",
		      p->not_seen);
	fputs("How often one client tried: of one client at one range no more than three attempts in ten seconds are among "
	      "these, so that nobody decides alone. The sums of all, below, may be greater.\n",
	      p->not_seen);
}

#define WELL_SHARE .1
static void say_counts(const struct pen *p, const struct told *t, const struct past *past)
{
	if (is_gone(t)) {
		fprintf(p->seen,
			"Attempts to reach %s went missing: %llu in a quarter of an hour, less than a tenth of what the "
			"controls and the hour of the week let expect. Attempts at the controls went on.\n",
			t->group, (unsigned long long)t->attempts);
		return;
	}
	if (t->attempts)
		say_attempts(p, t);
	if (t->control_ratio >= 0)
		fprintf(p->seen, "Of the %s %s on the same path, %.1f %% %s in that time%s.\n",
			is_slow(t) ? "downloads from" : "attempts to reach",
			past_is_target(past, t->group) ? "the controls"
						       : "the other groups, the target among them,",
			100 * t->control_ratio, is_slow(t) ? "were held down" : "failed",
			t->common					   ? ": they suffered, too"
			: t->control_ratio < WELL_SHARE && !was(t, "down") ? ": the network as a whole was well"
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
	for (size_t i = 0; words_ways[i].word; i++)
		if (strstr(t->by, words_ways[i].word))
			fprintf(p->seen, "It goes %s.\n", words_ways[i].text);
	if (!*t->by && !is_slow(t) && !is_gone(t))
		fputs("What it goes by (the name asked for, the address, the protocol) could not be told.\n",
		      p->not_seen);
}

static void say_distance(FILE *to, const char *who, double hops, double ms)
{
	fputs(who, to);
	if (hops >= 0)
		fprintf(to, " %.0f hop%s", hops, hops == 1 ? "" : "s");
	if (hops >= 0 && ms >= 0)
		fputs(" and", to);
	if (ms >= 0)
		fprintf(to, ms < .1 ? " less than 0.1 ms" : " %.1f ms", ms);
	fputs(" away", to);
}

/* A reset, or an ICMP message, has a sender. */
static bool somebody_answered(const struct told *t)
{
	for (size_t i = 0; i < t->n_signatures; i++)
		if (strstr(t->signatures[i].signature, "RST") || strstr(t->signatures[i].signature, "ICMP"))
			return true;
	return false;
}

static void say_responder(const struct pen *p, const struct told *t)
{
	if (is_gone(t))
		return;
	if (is_slow(t)) {
		fputs("Where on the path the rate is held down is not known.\n", p->not_seen);
		return;
	}
	if (t->hops < 0 && t->rtt_ms < 0) {
		fprintf(p->not_seen, "Where on the path the attempts end is not known%s.\n",
			somebody_answered(t) ? "" : ": nobody answered in the servers' name");
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
	if (*t->part_state && strcmp(t->part_state, t->state))
		fprintf(p->seen, "By themselves these were %s.\n", words_state(t->part_state));
	if (*t->clients && !is_gone(t))
		fprintf(p->seen, "On its largest day, %s%s distinct clients %s%s.\n",
			t->clients[0] == '<' ? "fewer than " : "", t->clients + (t->clients[0] == '<'),
			is_slow(t) ? "were held down" : "had failures",
			!t->interruptions      ? ""
			: t->clients[0] == '<' ? " from each start of the watch to the next, which counts them anew"
					       : ", or more: each start of the watch counts them anew");
}

/* Where it was seen, of what it is not confined to. */
static void say_affected(const struct pen *p, const struct told *t)
{
	const struct {
		const char *what, *list, *scope;
	} rows[] = { { "sites", t->sites, t->scope_sites },
		     { "families of addresses", t->families, t->scope_families },
		     { "transports", t->transports, t->scope_transports } };
	bool some = false;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!*rows[i].list || *rows[i].scope)
			continue;
		fprintf(p->seen, "%s %s: %s", some ? ";" : "It was seen in these", rows[i].what, rows[i].list);
		some = true;
	}
	if (some)
		fputs(".\n", p->seen);
}

static void say_detected(const struct pen *p, const struct told *t)
{
	char at[WHEN_TEXT], after[WHEN_TEXT];

	if (t->detected >= t->since && t->since)
		fprintf(p->seen, "It was found at %s, %s after it began.\n", when_second(t->detected, at),
			when_long(t->detected - t->since, after));
}

/* "12 min in all, from ... to ..." */
static void say_stretch(FILE *to, __s64 s, __s64 from, __s64 until)
{
	char begun[WHEN_TEXT], ended[WHEN_TEXT], lasted[WHEN_TEXT];

	if (until)
		fprintf(to, "%s in all, from %s to %s", when_long(s, lasted), when_second(from, begun),
			when_second(until, ended));
	else
		fprintf(to, "from %s on", when_second(from, begun));
}

static void say_both(const struct pen *p, const struct told *t)
{
	struct kinds k;

	if (!is_both(t, &k))
		return;
	fputs("It was two things. It was down with the controls, an outage (", p->seen);
	say_stretch(p->seen, k.down_s, k.down_from, k.down_to);
	fprintf(p->seen, "); and it was %s while the controls answered (", words_state(k.block));
	say_stretch(p->seen, k.block_s, k.block_from, k.block_to);
	fputs("). The counts are of both.\n", p->seen);
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
			fputs(t->last_known ? "; its end is not known.\n" : ", still on.\n", p->seen);
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
	if (t->few_clients && !strcmp(t->state, "likely_blocked"))
		fputs("Whether it was more than likely: where fewer than ten clients are usual no more is said, for so few may have "
		      "a trouble of their own.\n",
		      p->not_seen);
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
	for (size_t i = 0; t && i < t->n_could_be; i++)
		fprintf(p->else_, "%s\n", words_explanation(t->could_be[i]));
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
		say_detected(&p, t);
		say_counts(&p, t, past);
		say_mechanism(&p, t);
		say_responder(&p, t);
		say_scope(&p, t);
		say_affected(&p, t);
		say_both(&p, t);
		say_phases(&p, t);
		say_limits(&p, t);
		say_watch(&p, past, t->since, t->ended ? t->ended : t->last_known ? t->last_known : past->to);
		say_else(&p, t);
	}
	return finish(&p, out, err);
}

#define SAMPLE_TEXT 48
/* ", 3.1 % of its flows watched"; nothing where all are, or nobody knows. */
static const char *sample_text(double share, char text[static SAMPLE_TEXT])
{
	text[0] = '\0';
	if (share >= 0 && share < .9995)
		snprintf(text, SAMPLE_TEXT, ", %.*f %% of its flows watched", share < .01 ? 2 : 1, 100 * share);
	return text;
}

int words_of_past(const struct past *past, struct words *out)
{
	char from[WHEN_TEXT], to[WHEN_TEXT];
	struct pen p;
	int err = begin(&p, out);

	if (err)
		return finish(&p, out, err);
	when_minute(past->from, from);
	when_minute(past_end(past), to);
	if (past->n_incidents)
		fprintf(p.headline, "%zu incident%s between %s and %s UTC", past->n_incidents + past->n_others,
			past->n_incidents + past->n_others == 1 ? "" : "s", from, to);
	else
		fprintf(p.headline, "%s between %s and %s UTC",
			past->n_groups ? "No incident" : "Nothing was counted", from, to);
	if (past->n_others)
		fprintf(p.headline, ", of which one is told here");
	for (size_t i = 0; i < past->n_groups; i++) {
		const struct past_counts *c = &past->groups[i].total;
		char name[64], sample[SAMPLE_TEXT],
			failing[SHARE_TEXT]; /* out of a file, and on its way to a terminal */

		clean_copy(name, sizeof(name), past->groups[i].name);
		if (c->ok + c->failed)
			fprintf(p.seen, "%llu attempts to reach %s (%s%s) were judged, and %llu failed (%s).\n",
				(unsigned long long)(c->ok + c->failed), name,
				past->groups[i].target ? "target" : "control",
				sample_text(past->groups[i].sample, sample), (unsigned long long)c->failed,
				share(c->failed, c->ok + c->failed, failing));
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
