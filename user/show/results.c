// SPDX-License-Identifier: GPL-2.0
/* What a replay has found, in order and in words: see results.h. */
#include "show/results.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "version.h"
#include "show/clean.h"
#include "show/explain.h"
#include "show/incident_text.h"
#include "show/view.h"

#define ROOM_FIRST 1024

static const char *const labels[] = {
#define X(name, label) [COUNT_##name] = label,
	WIRE_COUNTERS(X)
#undef X
};

void results_add(void *arg, const struct finding *f, const struct wire_record *record)
{
	struct results *r = arg;

	if (r->n == r->room) {
		size_t room = r->room ? r->room * 2 : ROOM_FIRST;
		struct result *at = realloc(r->at, room * sizeof(*at));

		if (!at) {
			r->no_memory = true;
			return;
		}
		r->at = at;
		r->room = room;
	}
	r->at[r->n++] = (struct result){ .first_ns = record->flow.first_ns, .file = r->file, .finding = *f };
}

void results_add_dns(void *arg, const struct dns_case *c, __s64 second)
{
	struct results *r = arg;

	if (r->n_dns == r->room_dns) {
		size_t room = r->room_dns ? r->room_dns * 2 : ROOM_FIRST;
		struct result_dns *at = realloc(r->dns, room * sizeof(*at));

		if (!at) {
			r->no_memory = true;
			return;
		}
		r->dns = at;
		r->room_dns = room;
	}
	r->dns[r->n_dns++] = (struct result_dns){ .file = r->file, .second = second, .c = *c };
}

/* From the newest back: such SYNs come within half a minute of the record that they belong to. */
void results_late_syns(struct results *r, const struct wire_record *record)
{
	for (size_t i = r->n; i-- > 0 && r->at[i].file == r->file;) {
		struct result *at = &r->at[i];

		if (at->finding.key != record->flow.key || at->first_ns != record->flow.first_ns)
			continue;
		at->finding.v.syns = record->flow.syns;
		return;
	}
}

static int by_first_packet(const void *a, const void *b)
{
	const struct result *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->first_ns < y->first_ns ? -1 : x->first_ns > y->first_ns;
}

static int by_question(const void *a, const void *b)
{
	const struct result_dns *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->c.first_ns < y->c.first_ns ? -1 : x->c.first_ns > y->c.first_ns;
}

void results_sort(struct results *r)
{
	if (r->n) /* of nothing there is no array */
		qsort(r->at, r->n, sizeof(*r->at), by_first_packet);
	if (r->n_dns)
		qsort(r->dns, r->n_dns, sizeof(*r->dns), by_question);
}

void results_free(struct results *r)
{
	free(r->dns);
	free(r->at);
	free(r->incidents);
	memset(r, 0, sizeof(*r));
}

/* ---- JSON ---------------------------------------------------------------------------------------------------- */
void results_print_json(const struct results *r, const struct board *b, FILE *to)
{
	for (size_t i = 0; i < r->n; i++) {
		char *line = board_finding_json(b, &r->at[i].finding);

		if (line)
			fprintf(to, "%s\n", line);
		free(line);
	}
}

void results_print_dns(const struct results *r, const struct board *b, FILE *to)
{
	for (size_t i = 0; i < r->n_dns; i++) {
		char *line = board_dns_json(b, &r->dns[i].c, r->dns[i].second);

		if (line)
			fprintf(to, "%s\n", line);
		free(line);
	}
}

static json_t *by_reason(const struct watch_totals *t, int first, int last)
{
	json_t *o = json_object();

	for (int i = first; i <= last; i++)
		json_object_set_new(o, labels[i], json_integer(t->n[i]));
	return o;
}

void results_print_ledger(const struct board *b, const char *ranges, FILE *to)
{
	const struct watch_totals *t = board_last_totals(b);
	char clean[256], *text; /* no list may cost the line by its name */
	struct books books;
	json_t *line;

	clean_copy(clean, sizeof(clean), ranges);
	board_books(b, &books);
	line = json_pack("{s{sI sI so sI sI sI sI so ss ss}}", "summary", "packets", (json_int_t)t->packets,
			 "watched", (json_int_t)t->n[COUNT_WATCHED], "unparsed",
			 by_reason(t, COUNT_UNPARSED_SHORT, COUNT_UNPARSED_QUOTE), "midstream",
			 (json_int_t)t->n[COUNT_MIDSTREAM], "opened", (json_int_t)books.opened, "judged",
			 (json_int_t)books.judged, "forgotten", (json_int_t)books.forgotten, "lost",
			 by_reason(t, COUNT_LOST_FULL, COUNT_LOST_KEY_RETIRED), "ranges", clean, "version",
			 XREACH_VERSION);
	text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	if (text)
		fprintf(to, "%s\n", text);
	free(text);
	json_decref(line);
}

/* ---- tables ---------------------------------------------------------------------------------------------------- */
struct kind { /* flows of one group that ended alike */
	unsigned int group;
	struct verdict v;
	const struct finding *example; /* the one with most evidence */
	unsigned long long flows, levels[LEVELS];
};

static bool is_alike(const struct kind *k, const struct finding *f)
{
	return k->group == f->group && k->v.stage == f->v.stage && k->v.outcome == f->v.outcome &&
	       k->v.signature == f->v.signature && k->v.why == f->v.why;
}

static int by_group_and_number(const void *a, const void *b)
{
	const struct kind *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->flows > y->flows ? -1 : x->flows < y->flows;
}

static void print_groups(const struct board *b, FILE *to)
{
	fprintf(to, "%-20s %9s %9s %9s %9s  %s\n", "GROUP", "FLOWS", "OK", "FAILED", "NEITHER", "FAILING");
	for (unsigned int g = 0; g < board_groups(b); g++) {
		const struct tally *t = board_tally(b);
		unsigned long long ok = tally_class(t, g, TALLY_SUCCESS), failed = tally_class(t, g, TALLY_FAILURE),
				   neither = tally_class(t, g, TALLY_NEITHER);

		if (!(ok + failed + neither))
			continue;
		fprintf(to, "%-20s %9llu %9llu %9llu %9llu  ", board_group_name(b, g), ok + failed + neither, ok,
			failed, neither);
		if (ok + failed)
			fprintf(to, "%.0f %%\n", 100.0 * failed / (ok + failed));
		else
			fprintf(to, "-\n");
	}
}

/* "3 high, 1 suspected"; "-" where nothing speaks for an injection. */
static void levels_text(const struct kind *k, char *text, size_t n)
{
	unsigned long long high = k->levels[LEVEL_HIGH], suspected = k->levels[LEVEL_SUSPECTED];

	if (high && suspected)
		snprintf(text, n, "%llu high, %llu suspected", high, suspected);
	else if (high)
		snprintf(text, n, "%llu high", high);
	else if (suspected)
		snprintf(text, n, "%llu suspected", suspected);
	else
		snprintf(text, n, "-");
}

/* The kinds that failed, each by its clearest flow in a sentence. */
static void print_examples(const struct kind *kinds, size_t n, const struct board *b, FILE *to)
{
	bool any = false;

	for (size_t k = 0; k < n; k++) {
		const char *like = pattern_words((enum pattern)kinds[k].example->v.resembles), *limits;
		char text[EXPLAIN_MAX];

		if (kinds[k].v.outcome == OUTCOME_OK || kinds[k].v.outcome == OUTCOME_CLIENT_ABORT ||
		    kinds[k].v.outcome == OUTCOME_UNJUDGED)
			continue;
		if (!any)
			fprintf(to, "\nFor example:\n");
		any = true;
		limits = board_explain(b, kinds[k].example, text);
		fprintf(to, "  %s: %s.%s%s\n", board_group_name(b, kinds[k].group), text, *limits ? " " : "",
			limits);
		if (*like)
			fprintf(to, "      It resembles %s; that is no proof of who it was.\n", like);
	}
}

/* Kinds are few: every combination of the contract in every group would be a few thousand. */
static void print_kinds(const struct results *r, const struct board *b, FILE *to)
{
	struct kind *kinds = NULL;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct finding *f = &r->at[i].finding;
		struct kind *more;
		size_t k = 0;

		while (k < n && !is_alike(&kinds[k], f))
			k++;
		if (k == n) {
			more = realloc(kinds, (n + 1) * sizeof(*kinds));
			if (!more)
				break;
			kinds = more;
			kinds[n++] = (struct kind){ .group = f->group, .v = f->v, .example = f };
		}
		kinds[k].flows++;
		if (f->v.score > kinds[k].example->v.score)
			kinds[k].example = f;
		kinds[k].levels[f->v.level]++;
	}
	if (n) {
		qsort(kinds, n, sizeof(*kinds), by_group_and_number);
		fprintf(to, "\n%-20s %9s  %-9s %-13s %-26s %-22s %s\n", "GROUP", "FLOWS", "STAGE", "OUTCOME",
			"SIGNATURE", "INJECTED", "WHY");
	}
	for (size_t k = 0; k < n; k++) {
		char levels[64];

		levels_text(&kinds[k], levels, sizeof(levels));
		fprintf(to, "%-20s %9llu  %-9s %-13s %-26s %-22s %s\n", board_group_name(b, kinds[k].group),
			kinds[k].flows, stage_name(kinds[k].v.stage), outcome_name(kinds[k].v.outcome),
			signature_name(kinds[k].v.signature), levels, reason_name(kinds[k].v.why));
	}
	print_examples(kinds, n, b, to);
	free(kinds);
}

/* The second in which the last flow was decided; 0 where none was. */
static __s64 last_decided(const struct results *r)
{
	__s64 last = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct finding *f = &r->at[i].finding;
		__s64 decided = f->first_s + f->decided_after_s;

		last = decided > last ? decided : last;
	}
	return last;
}

static void print_where(const struct results *r, const struct board *b, FILE *to)
{
	char text[BOARD_WHERE];
	bool any = false;
	__s64 now = last_decided(r);

	for (unsigned int g = 0; g < board_groups(b); g++) {
		if (!board_where_text(b, g, 0, now, text, sizeof(text)))
			continue;
		if (!any)
			fprintf(to, "\n%-20s %s\n", "GROUP", "WHERE");
		fprintf(to, "%-20s %s\n", board_group_name(b, g), text);
		any = true;
	}
}

/* Of each group that was asked for: the answers in numbers, what to think of them, and those that were not ok. */
static void print_dns(const struct results *r, const struct board *b, FILE *to)
{
	struct view_astray astray[DNS_ASTRAY];
	char text[VIEW_ASTRAY_TEXT];
	bool any = false;

	for (unsigned int g = 0; g < board_groups(b); g++) {
		const char *advice = board_dns_advice(b, g, last_decided(r));
		size_t n = board_dns_astray(b, g, last_decided(r), astray);

		if (!board_dns_text(b, g, text, sizeof(text)))
			continue;
		if (!any)
			fprintf(to, "\n%-20s %s\n", "GROUP", "ANSWERS OF DNS FOR ITS NAMES");
		any = true;
		fprintf(to, "%-20s %s%s%s\n", board_group_name(b, g), text, *advice ? "; " : "", advice);
		for (size_t i = 0; i < n; i++) {
			view_astray_text(&astray[i], text, sizeof(text));
			fprintf(to, "  %s\n", text);
		}
	}
}

static void print_reasons(const char *head, const struct watch_totals *t, int first, int last, FILE *to)
{
	bool any = false;

	for (int i = first; i <= last; i++) {
		if (!t->n[i])
			continue;
		fprintf(to, "%s %llu %s", any ? "," : head, (unsigned long long)t->n[i], labels[i]);
		any = true;
	}
	if (any)
		fputc('\n', to);
}

static void print_incidents(const struct results *r, const struct board *b, FILE *to)
{
	char text[INCIDENT_TEXT];

	if (r->n_incidents)
		fprintf(to, "\nINCIDENTS\n");
	for (size_t i = 0; i < r->n_incidents; i++)
		fprintf(to, "%s", incident_text(b, &r->incidents[i], text, sizeof(text)));
	if (r->left_out)
		fprintf(to, "and %zu more, left out\n", r->left_out);
}

void results_print_table(const struct results *r, const struct board *b, FILE *to)
{
	const struct watch_totals *t = board_last_totals(b);
	struct books books;

	board_books(b, &books);
	fprintf(to,
		"%llu packets, %llu to and from watched addresses, %llu of them amid flows whose start was not seen\n\n",
		(unsigned long long)t->packets, (unsigned long long)t->n[COUNT_WATCHED],
		(unsigned long long)t->n[COUNT_MIDSTREAM]);
	if (!r->n)
		fprintf(to,
			"No attempt to reach a watched address is in here. `xreach ranges show` tells which are;\n"
			"--ranges names another list.\n");
	else
		print_groups(b, to);
	print_kinds(r, b, to);
	print_where(r, b, to);
	print_incidents(r, b, to);
	print_dns(r, b, to);
	print_reasons("\nnot parsed:", t, COUNT_UNPARSED_SHORT, COUNT_UNPARSED_QUOTE, to);
	fprintf(to, "\nbooks: opened %llu = judged %llu + forgotten %llu + lost %llu%s\n",
		(unsigned long long)books.opened, (unsigned long long)books.judged,
		(unsigned long long)books.forgotten, (unsigned long long)books.lost,
		books.balance && !books.open && !books.in_ring ? "" : "   THEY DO NOT BALANCE: an error of xreach");
	print_reasons("lost:", t, COUNT_LOST_FULL, COUNT_LOST_KEY_RETIRED, to);
}
