// SPDX-License-Identifier: GPL-2.0
/* The report for a terminal: see report.h. */
#include <stdlib.h>
#include <string.h>

#include "keep/history_read.h"
#include "show/clean.h"
#include "show/comparison.h"
#include "show/evidence_told.h"
#include "show/report.h"
#include "show/spark.h"
#include "show/told.h"
#include "show/words.h"
#include "version.h"
#include "when.h"

#define NAME_COLUMNS   64 /* before the timeline */
#define TIMELINE_MOST  120
#define ROWS_SHOWN     20 /* of prefixes: the rest is counted */
#define LEAST_WIDTH    60
#define MEANING_COLUMN 49 /* of a signature */
#define COMPARE_WIDTH  131

/* Names come out of a file: a terminal would act on some. */
static const char *clean(const char *text, char to[64])
{
	clean_copy(to, 64, text);
	return to;
}

static double failing(const struct past_counts *c)
{
	__u64 decided = c->ok + c->failed;

	return decided ? 100.0 * (double)c->failed / (double)decided : -1;
}

static void print_share(FILE *to, double percent)
{
	if (percent < 0)
		fprintf(to, " %7s", "-");
	else
		fprintf(to, " %5.1f %%", percent);
}

/* A line of sentences each, broken at the width. */
static void print_sentences(FILE *to, const char *head, const char *sentences, size_t width)
{
	if (!*sentences)
		return;
	fprintf(to, "  %s\n", head);
	while (*sentences) {
		size_t length = strcspn(sentences, "\n"), column = 5;

		fputs("    -", to);
		for (size_t at = 0; at < length;) {
			size_t word = strcspn(sentences + at, " \n");

			if (column > 5 && column + 1 + word > width) {
				fputs("\n     ", to);
				column = 5;
			}
			fprintf(to, " %.*s", (int)word, sentences + at);
			column += word + 1;
			at += word + (sentences[at + word] == ' ');
		}
		fputc('\n', to);
		sentences += length + (sentences[length] == '\n');
	}
}

/* Words from `column` on, where the line stands already, broken at the width. */
static void print_beside(FILE *to, const char *text, size_t column, size_t width)
{
	size_t at = column;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (at > column && at + 1 + word > width) {
			fprintf(to, "\n%*s", (int)column, "");
			at = column;
		}
		at += (size_t)fprintf(to, "%s%.*s", at > column ? " " : "", (int)word, text);
		text += word + strspn(text + word, " ");
	}
	fputc('\n', to);
}

/* ---- timeline --------------------------------------------------------------------------------------------------- */
/* Each character for so many steps; those that are too few begin the line as "not watched". */
static void print_timeline(const struct past *past, const struct past_group *g, const struct report_form *form,
			   size_t each, FILE *to)
{
	size_t width = (past->n_steps + each - 1) / each;
	size_t pad = each * width - past->n_steps;
	signed char *steps = malloc(each * width);
	char *text = malloc(width * 4 + 8);

	if (steps && text) {
		memset(steps, -1, pad);
		for (size_t i = 0; i < past->n_steps; i++) {
			double share = failing(&g->steps[i]);

			steps[pad + i] = (signed char)(share > 0 && share < 1 ? 1 : share);
		}
		spark_text(steps, each * width, width, form->utf8, text, width * 4 + 8);
		fprintf(to, " %s", text);
	}
	free(text);
	free(steps);
}

static void print_groups(const struct past *past, const struct report_form *form, FILE *to)
{
	size_t room = form->width > NAME_COLUMNS + 12 ? form->width - NAME_COLUMNS : 12;
	char name[64], text[WHEN_TEXT];
	size_t each;

	if (!past->n_groups)
		return;
	room = room < TIMELINE_MOST ? room : TIMELINE_MOST;
	each = (past->n_steps + room - 1) / room; /* the line is as wide as fits */
	fprintf(to, " %-16s %7s %10s %9s %9s %7s %s\n", "GROUP", "WATCHED", "JUDGED", "FAILED", "NEITHER",
		"FAILING", "FAILING OVER TIME");
	for (size_t i = 0; i < past->n_groups; i++) {
		const struct past_group *g = &past->groups[i];

		fprintf(to, "%c%-16s", g->target ? '*' : ' ', clean(g->name, name));
		print_share(to, g->sample < 0 ? -1 : 100 * g->sample);
		fprintf(to, " %10llu %9llu %9llu", (unsigned long long)(g->total.ok + g->total.failed),
			(unsigned long long)g->total.failed, (unsigned long long)g->total.neither);
		print_share(to, failing(&g->total));
		print_timeline(past, g, form, each, to);
		fputc('\n', to);
	}
	fprintf(to,
		"  * target; the others are controls, of which only so many flows are watched as\n"
		"    tell how they do: counts are of these. One character is %s,\n"
		"    %sa blank is one without an attempt, or one that nobody watched.\n",
		when_long(past->step_s * (__s64)each, text), each > 1 ? "by the worst step in it;\n    " : "");
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */
static void print_signatures(const struct past *past, size_t width, FILE *to)
{
	__u64 all = 0;
	char name[64];

	for (size_t i = 0; i < past->n_signatures; i++)
		all += past->signatures[i].total;
	if (!all)
		return;
	fprintf(to, "\nHOW ATTEMPTS AT THE TARGET FAILED\n");
	for (size_t i = 0; i < past->n_signatures; i++) {
		fprintf(to, "  %-26s %9llu  %5.1f %%  ", clean(past->signatures[i].name, name),
			(unsigned long long)past->signatures[i].total,
			100.0 * (double)past->signatures[i].total / (double)all);
		print_beside(to, words_signature(past->signatures[i].name), MEANING_COLUMN, width);
	}
}

static void print_parts(const char *head, const struct past_part *parts, size_t n, FILE *to)
{
	char group[64], name[64];

	if (!n)
		return;
	fprintf(to, "\n%-16s %-24s %10s %9s %7s\n", "GROUP", head, "JUDGED", "FAILED", "FAILING");
	for (size_t i = 0; i < n && i < ROWS_SHOWN; i++) {
		const struct past_counts *c = &parts[i].total;

		fprintf(to, "%-16s %-24s %10llu %9llu", clean(parts[i].group, group),
			*parts[i].name ? clean(parts[i].name, name) : "(in none of these)",
			(unsigned long long)(c->ok + c->failed), (unsigned long long)c->failed);
		print_share(to, failing(c));
		fputc('\n', to);
	}
	if (n > ROWS_SHOWN)
		fprintf(to, "and %zu more; --json has all\n", n - ROWS_SHOWN);
}

static bool has_sites(const struct past *past)
{
	for (size_t i = 0; i < past->n_sites; i++)
		if (*past->sites[i].name)
			return true;
	return false;
}

static void print_ranges(const struct past *past, FILE *to)
{
	char when[WHEN_TEXT], version[64], hash[64];

	if (past->n_ranges)
		fprintf(to, "\nRANGES IN FORCE\n");
	for (size_t i = 0; i < past->n_ranges; i++)
		fprintf(to, "  from %s UTC  version %s, hash %s\n", when_second(past->ranges[i].at, when),
			clean(past->ranges[i].version, version), clean(past->ranges[i].hash, hash));
}

/* Where a row does not fit it is two lines. */
static void print_comparison(const struct past *past, const struct report_form *form, FILE *to)
{
	bool wide = form->width >= COMPARE_WIDTH || !form->fold;
	size_t n;
	struct comparison *rows = comparison_of(past, &n);

	if (wide)
		fprintf(to, "%-8s %-5s %-9s %-13s %-26s %9s  %-22s %-22s %s\n", "GROUP", "TRANS", "STAGE",
			"OUTCOME", "SIGNATURE", "FLOWS", "OONI FAILURE", "CENSORED PLANET", "RADAR STAGE");
	for (size_t i = 0; i < n; i++) {
		const struct comparison *row = &rows[i];
		char group[64], transport[64], stage[64], outcome[64], signature[64];

		fprintf(to,
			wide ? "%-8s %-5s %-9s %-13s %-26s %9llu  %-22s %-22s %s\n"
			     : "%s %s %s %s %s: %llu flows\n    OONI: %s; Censored Planet: %s; Radar: %s\n",
			clean(row->group, group), clean(row->transport, transport), clean(row->stage, stage),
			clean(row->outcome, outcome), clean(row->signature, signature),
			(unsigned long long)row->flows, row->others->ooni, row->others->censored_planet,
			row->others->radar);
	}
	if (!n)
		fputs("No attempt at a target was judged.\n", to);
	for (size_t i = 0; compare_notes[i]; i++)
		fprintf(to, "  %s\n", compare_notes[i]);
	free(rows);
}

/* ---- incidents ----------------------------------------------------------------------------------------------------- */
static void print_words(const struct words *w, size_t width, FILE *to)
{
	fprintf(to, "%s.\n", w->headline);
	print_sentences(to, "What was seen", w->seen, width);
	print_sentences(to, "What was not seen", w->not_seen, width);
	print_sentences(to, "What else could explain it", w->else_, width);
}

static void print_incident(const struct past *past, size_t n, const struct report_form *form, size_t width,
			   FILE *to)
{
	const struct past_incident *i = &past->incidents[n];
	char id[64], group[64], evidence[EVIDENCE_TOLD] = "";
	struct words words;
	struct told told;

	fprintf(to, "\nINCIDENT %s, recorded %u time%s\n", clean(i->id, id), i->changes,
		i->changes == 1 ? "" : "s");
	if (told_record(i, &told)) {
		fprintf(to, "  of group %s: its record cannot be read; the history may have been changed by hand\n",
			clean(i->group, group));
		return;
	}
	if (words_of_incident(&told, past, &words))
		return;
	print_words(&words, width, to);
	fprintf(to, "  Decided by %s of xreach %s, with ranges %s\n", *told.rule ? told.rule : "an unknown rule",
		*told.version ? told.version : "of unknown version", *told.ranges ? told.ranges : "not told");
	if (form->evidence)
		evidence_of(form->evidence, n, evidence);
	if (*evidence)
		fprintf(to, "  As evidence: %s\n", evidence);
	words_free(&words);
}

void report_text(const struct past *past, const struct report_form *form, FILE *to)
{
	size_t width = form->width > LEAST_WIDTH ? form->width : LEAST_WIDTH;
	char evidence[EVIDENCE_TOLD], made[WHEN_TEXT];
	struct words words;

	if (form->compare) {
		print_comparison(past, form, to);
		return;
	}
	fprintf(to, "Made at %s UTC by xreach %s. All times are UTC.\n", when_second(form->now, made),
		XREACH_VERSION);
	if (!words_of_past(past, &words)) {
		print_words(&words, width, to);
		words_free(&words);
	}
	fputc('\n', to);
	print_groups(past, form, to);
	for (size_t i = 0; i < past->n_incidents; i++)
		print_incident(past, i, form, width, to);
	print_signatures(past, width, to);
	print_parts("PREFIX", past->prefixes, past->n_prefixes, to);
	if (has_sites(past))
		print_parts("SITE", past->sites, past->n_sites, to);
	print_ranges(past, to);
	if (form->evidence) {
		fputs("\nEVIDENCE\n  ", to);
		print_beside(to, evidence_text(form->evidence, evidence), 2, width);
	}
}
