// SPDX-License-Identifier: GPL-2.0
/* Pages of text over the list: the help, a group, and a row in all its detail, in words. */
#include <stdio.h>
#include <string.h>
#include "judge/injection.h"
#include "show/explain.h"
#include "show/pen.h"
#include "show/screen.h"
#include "show/screen_group.h"

#define LABEL_HELP   29 /* columns; the longest signature fits */
#define LABEL_DETAIL 15
#define LABEL_GROUP  22 /* a range of IPv6 */

static void meanings(struct pen *p, const char *title, enum about_what what)
{
	const char *name, *text;

	pen_heading(p, title);
	for (size_t i = 0; meaning_row(what, i, &name, &text); i++)
		pen_entry(p, name, INK_TEXT, text);
}

static void help(struct pen *p)
{
	pen_heading(p, "Keys");
	for (size_t i = 0; screen_help_keys[i].keys; i++)
		pen_entry(p, screen_help_keys[i].keys, INK_TEXT, screen_help_keys[i].what);
	pen_heading(p, "What the screen says");
	pen_entry(p, "* before a group", INK_TEXT,
		  "a target; the others are controls: other platforms over the same lines");
	pen_entry(p, "FAILING", INK_TEXT,
		  "share of the attempts decided in the last minute that failed; - where none was decided");
	pen_entry(
		p, "STATE, SINCE", INK_TEXT,
		"what the detector finds, by the share of failures against what is usual and against the controls, and "
		"since when");
	pen_entry(p, "LAST 5 MIN", INK_TEXT,
		  "that share over time, the newest at the right; a blank: none was decided");
	pen_entry(p, "FAILED, OK, OTHER", INK_TEXT, "final verdicts since the start; OTHER counts neither way");
	pen_entry(p, "SAMPLE", INK_TEXT, "share of the group's flows that is looked at; big controls are sampled");
	pen_entry(
		p, "DNS", INK_TEXT,
		"questions for the group's names that were answered: with its own addresses (ok), others, such as nobody has "
		"(bogon), with \"no such name\" (nxdomain), or with two answers that contradict each other (conflict)");
	pen_entry(p, "~ before a time", INK_TEXT,
		  "not final: an answer that still comes will correct or remove the flow");
	pen_entry(
		p, "HOPS 1/3", INK_TEXT,
		"routers to whoever ended the flow, and to the server by its other packets. Two numbers that differ "
		"tell of somebody in between");
	pen_entry(p, "DROPPED here", INK_TEXT, "this host's own kernel dropped packets of the flow, and why");
	pen_entry(p, "not seen", INK_TEXT,
		  "what this watch has missed, by reason; the tabs Hooks and Ledger tell more");
	pen_entry(
		p, "one flow", INK_TEXT,
		"may fail for many benign reasons. X failing while the controls do not is what speaks of a block; "
		"all of them failing speaks of an outage");
	meanings(p, "States", ABOUT_STATE);
	meanings(p, "Stages: how far a flow had come", ABOUT_STAGE);
	meanings(p, "Outcomes", ABOUT_OUTCOME);
	meanings(p, "Names asked for", ABOUT_SNI);
	meanings(p, "Signatures: what was sent -> what came back", ABOUT_SIGNATURE);
}

/* "reset: ended by ..." */
static void entry_meaning(struct pen *p, const char *label, enum about_what what, const char *name)
{
	const char *about = meaning(what, name);
	char text[256];

	snprintf(text, sizeof(text), "%s%s%s", name, about[0] ? ": " : "", about);
	pen_entry(p, label, INK_TEXT, text);
}

static void flow_hops(struct pen *p, const struct view_flow *f)
{
	char text[256];

	if (f->answer_hops < 0 && f->server_hops < 0)
		snprintf(text, sizeof(text), "unknown: nothing came back");
	else if (f->answer_hops < 0)
		snprintf(text, sizeof(text), "the server is about %d routers away", f->server_hops);
	else if (f->server_hops < 0)
		snprintf(text, sizeof(text),
			 "whoever answered is about %d routers away; the server sent nothing else to compare with",
			 f->answer_hops);
	else
		snprintf(text, sizeof(text), "whoever ended it is about %d routers away, the server %d%s",
			 f->answer_hops, f->server_hops,
			 f->answer_hops != f->server_hops ? ": it may have been somebody in between" : "");
	pen_entry(p, "Hops", INK_TEXT, text);
}

/* "+4 too_fast: sooner than ..." */
static void evidence_entry(struct pen *p, unsigned int row)
{
	char text[256];

	snprintf(text, sizeof(text), "+%u %s: %s", evidence_points(row), evidence_name(row), explain_evidence(row));
	pen_entry(p, "", INK_TEXT, text);
}

static void flow_detail(struct pen *p, const struct view_flow *f)
{
	char text[256], why[EXPLAIN_MAX], when[32] = "unknown";
	struct tm tm;

	snprintf(text, sizeof(text), strchr(f->server, ':') ? "[%s]:%u" : "%s:%u", f->server, f->port);
	pen_heading(p, text);
	if (localtime_r(&f->minute, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	explain_flow(f, why);
	pen_entry(p, "In words", INK_STRONG, why);
	if (explain_limits(f)[0])
		pen_entry(p, "But", INK_TEXT, explain_limits(f));
	snprintf(text, sizeof(text), "%s, to the minute", when);
	pen_entry(p, "First packet", INK_TEXT, text);
	pen_entry(p, "Group", INK_TEXT, f->group);
	pen_entry(p, "Prefix", INK_TEXT, f->prefix);
	if (f->site[0])
		pen_entry(p, "From site", INK_TEXT, f->site);
	snprintf(text, sizeof(text), "%s over %s", f->transport, f->family);
	pen_entry(p, "Transport", INK_TEXT, text);
	entry_meaning(p, "Stage", ABOUT_STAGE, f->stage);
	entry_meaning(p, "Outcome", ABOUT_OUTCOME, f->outcome);
	if (f->why[0])
		entry_meaning(p, "Why", ABOUT_REASON, f->why);
	entry_meaning(p, "Signature", ABOUT_SIGNATURE, f->signature);
	entry_meaning(p, "Name", ABOUT_SNI, f->sni);
	if (f->rule[0])
		pen_entry(p, "Rule", INK_TEXT, f->rule);
	if (f->rtt_ms >= 0)
		snprintf(text, sizeof(text), "%.1f ms to the server and back, seen from here", f->rtt_ms);
	else
		snprintf(text, sizeof(text), "unknown: no handshake was seen");
	pen_entry(p, "Round trip", INK_TEXT, text);
	flow_hops(p, f);
	if (f->icmp_source[0])
		pen_entry(p, "ICMP from", INK_TEXT, f->icmp_source);
	if (f->injected[0])
		pen_entry(p, "Injected", INK_TEXT, f->injected);
	for (unsigned int i = 0; i < INJECTION_ROWS; i++)
		if (f->evidence >> i & 1)
			evidence_entry(p, i);
	if (f->resembles[0]) {
		snprintf(text, sizeof(text), "%s; that is no proof of who it was", f->resembles);
		pen_entry(p, "Resembles", INK_TEXT, text);
	}
	if (f->dropped_here) {
		snprintf(text, sizeof(text), "by the kernel of this very host: %s",
			 f->drop_reason[0] ? f->drop_reason : "reason unknown");
		pen_entry(p, "Dropped", INK_WARN, text);
	}
	pen_entry(p, "Verdict", f->interim ? INK_WARN : INK_TEXT,
		  f->interim ? "not final: an answer that still comes will correct it" : "final");
}

/* Any other table: its columns, one below the other, nothing cut. */
static void row_detail(struct pen *p, const struct table *table, const void *row)
{
	char text[CELL_MAX];

	column_text(&table->columns[0], row, text, sizeof(text));
	pen_heading(p, text);
	for (size_t i = 1; i < table->n_columns; i++) {
		column_text(&table->columns[i], row, text, sizeof(text));
		if (text[0])
			pen_entry(p, table->columns[i].title, column_ink(&table->columns[i], row), text);
	}
}

/* What the columns do not say: how sure the beginning is, how much failed, what the state means. */
static void incident_notes(struct pen *p, const struct view_incident *in)
{
	const char *about = meaning(ABOUT_STATE, in->state);
	char text[192];

	if (in->uncertainty < 0)
		snprintf(text, sizeof(text), "before that: it was there when the watch began");
	else
		snprintf(text, sizeof(text), "then, give or take %d s", in->uncertainty);
	if (in->uncertainty)
		pen_entry(p, "BEGAN", INK_TEXT, text);
	if (in->failing >= 0) {
		snprintf(text, sizeof(text), "%llu of %llu %s", in->failures, in->attempts,
			 strcmp(in->state, "throttled") ? "attempts failed" : "longer downloads were held down");
		pen_entry(p, "FAILURES", INK_TEXT, text);
	}
	if (*about) {
		snprintf(text, sizeof(text), "%s: %s", in->state, about);
		pen_entry(p, "MEANS", INK_TEXT, text);
	}
	if (*in->note)
		pen_entry(p, "NO MORE", INK_TEXT, in->note);
	pen_entry(
		p, "Mind", INK_TEXT,
		"many causes of a failure are benign; what the controls did, and who answered from where, is what "
		"speaks of a block");
}

static void detail(const struct screen *s, struct pen *p)
{
	if (s->tab == TABLE_FLOWS)
		flow_detail(p, &s->detail.flow);
	else
		row_detail(p, &tables[s->tab], &s->detail);
	if (s->tab == TABLE_INCIDENTS)
		incident_notes(p, &s->detail.incident);
	if (s->tab == TABLE_PREFIXES && s->detail.prefix.where[0])
		pen_entry(p, "Where", INK_TEXT, s->detail.prefix.where);
}

static void page(const struct screen *s, const struct view *view, struct pen *p)
{
	switch (s->over) {
	case OVER_HELP:
		p->label = LABEL_HELP;
		help(p);
		return;
	case OVER_GROUP:
		p->label = LABEL_GROUP;
		screen_group(p, view, s->group);
		return;
	default:
		p->label = LABEL_DETAIL;
		detail(s, p);
	}
}

bool screen_is_page(const struct screen *s)
{
	return s->over == OVER_HELP || s->over == OVER_DETAIL || s->over == OVER_GROUP;
}

void screen_draw_text(const struct screen *s, const struct view *view, struct grid *grid, int row, int lines)
{
	struct pen p = { .grid = grid, .row = row, .end = row + lines, .cols = grid->cols, .skip = s->scroll };

	page(s, view, &p);
}

size_t screen_text_lines(const struct screen *s, const struct view *view, int cols)
{
	struct pen p = { .cols = cols };

	page(s, view, &p);
	return p.lines;
}
