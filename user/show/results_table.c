// SPDX-License-Identifier: GPL-2.0
/* What a replay has found, as a table for people: see results.h. */
#include <stdlib.h>

#include "show/explain.h"
#include "show/incident_text.h"
#include "show/results.h"
#include "show/view.h"

/* Of one group the most frequent first; of as many, the one that was there first. */
static int by_group_and_number(const void *a, const void *b)
{
	const struct results_kind *x = a, *y = b;

	if (x->example.group != y->example.group)
		return x->example.group < y->example.group ? -1 : 1;
	if (x->flows != y->flows)
		return x->flows > y->flows ? -1 : 1;
	if (x->begun.file != y->begun.file)
		return x->begun.file < y->begun.file ? -1 : 1;
	return (x->begun.first_ns > y->begun.first_ns) - (x->begun.first_ns < y->begun.first_ns);
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
static void levels_text(const struct results_kind *k, char *text, size_t n)
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
static void print_examples(const struct results *r, const struct board *b, FILE *to)
{
	bool any = false;

	for (const struct results_kind *k = r->kinds; k < r->kinds + r->n_kinds; k++) {
		const struct verdict *v = &k->example.v;
		const char *like = pattern_words((enum pattern)v->resembles), *limits;
		char text[EXPLAIN_MAX];

		if (v->outcome == OUTCOME_OK || v->outcome == OUTCOME_CLIENT_ABORT ||
		    v->outcome == OUTCOME_UNJUDGED)
			continue;
		if (!any)
			fprintf(to, "\nFor example:\n");
		any = true;
		limits = board_explain(b, &k->example, text);
		fprintf(to, "  %s: %s.%s%s\n", board_group_name(b, k->example.group), text, *limits ? " " : "",
			limits);
		if (*like)
			fprintf(to, "      It resembles %s; that is no proof of who it was.\n", like);
	}
}

static void print_kinds(struct results *r, const struct board *b, FILE *to)
{
	if (r->n_kinds) {
		qsort(r->kinds, r->n_kinds, sizeof(*r->kinds), by_group_and_number);
		fprintf(to, "\n%-20s %9s  %-9s %-13s %-26s %-22s %s\n", "GROUP", "FLOWS", "STAGE", "OUTCOME",
			"SIGNATURE", "INJECTED", "WHY");
	}
	for (const struct results_kind *k = r->kinds; k < r->kinds + r->n_kinds; k++) {
		const struct verdict *v = &k->example.v;
		char levels[64];

		levels_text(k, levels, sizeof(levels));
		fprintf(to, "%-20s %9llu  %-9s %-13s %-26s %-22s %s\n", board_group_name(b, k->example.group),
			k->flows, stage_name(v->stage), outcome_name(v->outcome), signature_name(v->signature),
			levels, reason_name(v->why));
	}
	print_examples(r, b, to);
}

static void print_where(const struct results *r, const struct board *b, FILE *to)
{
	char text[BOARD_WHERE];
	bool any = false;

	for (unsigned int g = 0; g < board_groups(b); g++) {
		if (!board_where_text(b, g, 0, r->last_decided, text, sizeof(text)))
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
		const char *advice = board_dns_advice(b, g, r->last_decided);
		size_t n = board_dns_astray(b, g, r->last_decided, astray);

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
		fprintf(to, "%s %llu %s", any ? "," : head, (unsigned long long)t->n[i], results_counters[i]);
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
	if (r->distrusted_s)
		fprintf(to,
			"\nFor %llu s nothing is said of incidents: over the ten minutes before, more than %.0f %% was lost or "
			"not understood\n",
			r->distrusted_s, TRUST_MOST * 100);
}

void results_print_table(struct results *r, const struct board *b)
{
	FILE *to = r->to;
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
