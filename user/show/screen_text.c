// SPDX-License-Identifier: GPL-2.0
/* Pages of text over the list: the help, and a row in all its detail, in words. */
#include <stdio.h>
#include <string.h>
#include "judge/injection.h"
#include "show/explain.h"
#include "show/screen.h"

#define LABEL_HELP   29 /* columns; the longest signature fits */
#define LABEL_DETAIL 15
#define BESIDE	     60 /* columns that the text needs to stand beside its label */

/* Draws lines from the `skip`th on, as far as there is room, and counts all of them; without grid it only counts. */
struct pen {
	struct grid *grid;
	int row, end, cols, label;
	size_t skip, lines;
};

static void next_line(struct pen *p)
{
	if (p->lines++ >= p->skip)
		p->row++;
}

static void piece(struct pen *p, int col, int width, enum ink ink, const char *text)
{
	if (p->grid && p->lines >= p->skip && p->row < p->end)
		grid_put(p->grid, p->row, col, width, ink, text);
}

static void heading(struct pen *p, const char *text)
{
	if (p->lines)
		next_line(p);
	piece(p, 0, p->cols, INK_STRONG, text);
	next_line(p);
}

/* A label, and text beside it that is broken between words. Where there is no room beside it, below it. */
static void entry(struct pen *p, const char *label, enum ink ink, const char *text)
{
	int indent = p->cols >= BESIDE ? p->label : 4, room = p->cols - indent;
	char line[256];

	piece(p, 1, p->cols - 1, INK_WARN, label);
	if (p->cols < BESIDE)
		next_line(p);
	do {
		size_t n = strlen(text), most = room > 8 ? (size_t)room : 8;

		most = most < sizeof(line) ? most : sizeof(line) - 1;
		if (n > most) {
			for (n = most; n && text[n] != ' '; n--)
				;
			n = n ? n : most;
		}
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		piece(p, indent, room, ink, line);
		next_line(p);
		text += n + strspn(text + n, " ");
	} while (*text);
}

static void meanings(struct pen *p, const char *title, enum about_what what)
{
	const char *name, *text;

	heading(p, title);
	for (size_t i = 0; meaning_row(what, i, &name, &text); i++)
		entry(p, name, INK_TEXT, text);
}

static void help(struct pen *p)
{
	heading(p, "Keys");
	for (size_t i = 0; screen_help_keys[i].keys; i++)
		entry(p, screen_help_keys[i].keys, INK_TEXT, screen_help_keys[i].what);
	heading(p, "What the screen says");
	entry(p, "* before a group", INK_TEXT,
	      "a target; the others are controls: other platforms over the same lines");
	entry(p, "FAILING", INK_TEXT,
	      "share of the attempts decided in the last minute that failed; - where none was decided");
	entry(p, "STATE, SINCE", INK_TEXT,
	      "what the detector finds, by the share of failures against what is usual and against the controls, and "
	      "since when");
	entry(p, "LAST 5 MIN", INK_TEXT,
	      "that share over time, the newest at the right; a blank: none was decided");
	entry(p, "FAILED, OK, OTHER", INK_TEXT, "final verdicts since the start; OTHER counts neither way");
	entry(p, "SAMPLE", INK_TEXT, "share of the group's flows that is looked at; big controls are sampled");
	entry(p, "DNS", INK_TEXT,
	      "questions for the group's names that were answered: with its own addresses (ok), others, such as nobody has "
	      "(bogon), with \"no such name\" (nxdomain), or with two answers that contradict each other (conflict)");
	entry(p, "~ before a time", INK_TEXT,
	      "not final: an answer that still comes will correct or remove the flow");
	entry(p, "HOPS 1/3", INK_TEXT,
	      "routers to whoever ended the flow, and to the server by its other packets. Two numbers that differ "
	      "tell of somebody in between");
	entry(p, "DROPPED here", INK_TEXT, "this host's own kernel dropped packets of the flow, and why");
	entry(p, "not seen", INK_TEXT,
	      "what this watch has missed, by reason; the tabs Hooks and Ledger tell more");
	entry(p, "one flow", INK_TEXT,
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
	entry(p, label, INK_TEXT, text);
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
	entry(p, "Hops", INK_TEXT, text);
}

/* "+4 too_fast: sooner than ..." */
static void evidence_entry(struct pen *p, unsigned int row)
{
	char text[256];

	snprintf(text, sizeof(text), "+%u %s: %s", evidence_points(row), evidence_name(row), explain_evidence(row));
	entry(p, "", INK_TEXT, text);
}

static void flow_detail(struct pen *p, const struct view_flow *f)
{
	char text[256], why[EXPLAIN_MAX], when[32] = "unknown";
	struct tm tm;

	snprintf(text, sizeof(text), strchr(f->server, ':') ? "[%s]:%u" : "%s:%u", f->server, f->port);
	heading(p, text);
	if (localtime_r(&f->minute, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	explain_flow(f, why);
	entry(p, "In words", INK_STRONG, why);
	if (explain_limits(f)[0])
		entry(p, "But", INK_TEXT, explain_limits(f));
	snprintf(text, sizeof(text), "%s, to the minute", when);
	entry(p, "First packet", INK_TEXT, text);
	entry(p, "Group", INK_TEXT, f->group);
	entry(p, "Prefix", INK_TEXT, f->prefix);
	if (f->site[0])
		entry(p, "From site", INK_TEXT, f->site);
	snprintf(text, sizeof(text), "%s over %s", f->transport, f->family);
	entry(p, "Transport", INK_TEXT, text);
	entry_meaning(p, "Stage", ABOUT_STAGE, f->stage);
	entry_meaning(p, "Outcome", ABOUT_OUTCOME, f->outcome);
	if (f->why[0])
		entry_meaning(p, "Why", ABOUT_REASON, f->why);
	entry_meaning(p, "Signature", ABOUT_SIGNATURE, f->signature);
	entry_meaning(p, "Name", ABOUT_SNI, f->sni);
	if (f->rule[0])
		entry(p, "Rule", INK_TEXT, f->rule);
	if (f->rtt_ms >= 0)
		snprintf(text, sizeof(text), "%.1f ms to the server and back, seen from here", f->rtt_ms);
	else
		snprintf(text, sizeof(text), "unknown: no handshake was seen");
	entry(p, "Round trip", INK_TEXT, text);
	flow_hops(p, f);
	if (f->icmp_source[0])
		entry(p, "ICMP from", INK_TEXT, f->icmp_source);
	if (f->injected[0])
		entry(p, "Injected", INK_TEXT, f->injected);
	for (unsigned int i = 0; i < INJECTION_ROWS; i++)
		if (f->evidence >> i & 1)
			evidence_entry(p, i);
	if (f->resembles[0]) {
		snprintf(text, sizeof(text), "%s; that is no proof of who it was", f->resembles);
		entry(p, "Resembles", INK_TEXT, text);
	}
	if (f->dropped_here) {
		snprintf(text, sizeof(text), "by the kernel of this very host: %s",
			 f->drop_reason[0] ? f->drop_reason : "reason unknown");
		entry(p, "Dropped", INK_WARN, text);
	}
	entry(p, "Verdict", f->interim ? INK_WARN : INK_TEXT,
	      f->interim ? "not final: an answer that still comes will correct it" : "final");
}

/* Any other table: its columns, one below the other, nothing cut. */
static void row_detail(struct pen *p, const struct table *table, const void *row)
{
	char text[CELL_MAX];

	column_text(&table->columns[0], row, text, sizeof(text));
	heading(p, text);
	for (size_t i = 1; i < table->n_columns; i++) {
		column_text(&table->columns[i], row, text, sizeof(text));
		if (text[0])
			entry(p, table->columns[i].title, column_ink(&table->columns[i], row), text);
	}
}

static void page(const struct screen *s, struct pen *p)
{
	p->label = s->over == OVER_HELP ? LABEL_HELP : LABEL_DETAIL;
	if (s->over == OVER_HELP)
		help(p);
	else if (s->tab == TABLE_FLOWS)
		flow_detail(p, &s->detail.flow);
	else
		row_detail(p, &tables[s->tab], &s->detail);
	if (s->over != OVER_HELP && s->tab == TABLE_INCIDENTS)
		entry(p, "Mind", INK_TEXT,
		      "many causes of a failure are benign; what the controls did, and who answered from where, is "
		      "what speaks of a block");
	if (s->over != OVER_HELP && s->tab == TABLE_PREFIXES && s->detail.prefix.where[0])
		entry(p, "Where", INK_TEXT, s->detail.prefix.where);
}

void screen_draw_text(const struct screen *s, struct grid *grid, int row, int lines)
{
	struct pen p = { .grid = grid, .row = row, .end = row + lines, .cols = grid->cols, .skip = s->scroll };

	page(s, &p);
}

size_t screen_text_lines(const struct screen *s, int cols)
{
	struct pen p = { .cols = cols };

	page(s, &p);
	return p.lines;
}
