// SPDX-License-Identifier: GPL-2.0
/* The report as one page: see report.h. It reads from top to bottom as one would tell it: what, on what evidence, what
 * was not seen, what else it could be; then the figures. */
#include <stdlib.h>
#include <string.h>

#include "keep/history_read.h"
#include "show/chart.h"
#include "show/evidence_told.h"
#include "show/html.h"
#include "show/report.h"
#include "show/report_tables.h"
#include "show/told.h"
#include "show/words.h"
#include "version.h"
#include "when.h"

#define SIGNATURES_DRAWN 6 /* the others are one */
#define TARGETS_DRAWN	 4
#define MARKS_MOST	 (INCIDENT_PHASES + 64)

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";

static const char style[] =
	"<style>\n"
	"body{font:16px/1.5 system-ui,sans-serif;color:#111;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
	"h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.25rem;margin-top:2.4rem;border-top:1px solid #999;"
	"padding-top:.6rem}h3{font-size:1rem;margin-bottom:0}h3+ul{margin-top:.3rem}\n"
	".lead{font-size:1.15rem;font-weight:600;border-left:.4rem solid #0072b2;padding-left:.8rem}\n"
	".lead.bad{border-color:#d55e00}a{color:#00507d}h2 code,.hash{overflow-wrap:anywhere}td code{white-space:nowrap}\n"
	"table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.15rem .6rem .15rem 0;"
	"border-bottom:1px solid #ddd;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;"
	"white-space:nowrap}td.n:last-child,th.n:last-child{padding-right:0}\n"
	"caption{text-align:left;font-weight:600;padding:.8rem 0 .2rem}dt{font-weight:600}dd{margin:0 0 .4rem}\n"
	"code{font-size:.9em}figure{margin:1.4rem 0;break-inside:avoid}figcaption{font-weight:600}small{font-weight:400}\n"
	/* what is too wide for a phone is moved by itself, and not the page */
	".wide{overflow-x:auto}svg.chart{width:100%;display:block;overflow:visible}svg.defs{position:absolute}\n"
	"svg text{font:12px system-ui,sans-serif;fill:#222}svg .num{text-anchor:end}svg .mid{text-anchor:middle}\n"
	"svg .grid{stroke:#ddd}svg .axis{stroke:#555}svg .mark{fill:#e69f00;fill-opacity:.15}"
	"svg .mark.grave{fill:#d55e00;fill-opacity:.17}svg .bar{stroke:#e69f00;stroke-width:3}"
	"svg .bar.grave{stroke:#8c3b00}\n"
	".legend{margin:.2rem 0}.legend span{margin-right:1.2rem;white-space:nowrap;font-size:.85rem}\n"
	/* a chart is not moved on a phone but made smaller, and its letters larger in turn */
	"@media screen and (max-width:40rem){svg text{font-size:20px}svg .state{font-size:15px}}\n"
	"footer{margin-top:3rem;font-size:.85rem;border-top:1px solid #999}\n"
	"@page{margin:18mm 16mm}\n"
	"@media print{body{margin:0;padding:0;max-width:none;font-size:10.5pt}h2,h2+p,h3,caption,dt{break-after:avoid}"
	"tr,li,dd,.lead,.wide{break-inside:avoid}thead{display:table-header-group}.wide{overflow:visible}"
	"svg.chart{width:92%}figure{margin:.8rem 0}a{color:inherit;text-decoration:none}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}\n"
	"</style>\n";

static double failing(const struct past_counts *c)
{
	__u64 decided = c->ok + c->failed;

	return decided ? 100.0 * (double)c->failed / (double)decided : -1;
}

/* ---- charts ------------------------------------------------------------------------------------------------------ */
/* What all charts of a page share. */
struct page {
	const struct past *past;
	FILE *to;
	bool *unseen;
	unsigned int charts; /* drawn so far */
	struct chart_mark marks[MARKS_MOST];
	const char *groups[MARKS_MOST]; /* whose they are */
	char labels[MARKS_MOST][64];
	size_t n_marks;
};

static void add_mark(struct page *page, const char *group, __s64 from, __s64 to, const char *state)
{
	size_t n = page->n_marks;

	if (n == MARKS_MOST || !strcmp(state, "ok"))
		return;
	snprintf(page->labels[n], sizeof(page->labels[n]), "%s %s", group, words_state(state));
	page->groups[n] = group;
	page->marks[n] = (struct chart_mark){ .from = from,
					      .to = to ? to : page->past->to,
					      .label = page->labels[n],
					      .grave = strstr(state, "blocked") || !strcmp(state, "down") };
	page->n_marks++;
}

static void add_marks(struct page *page)
{
	for (size_t i = 0; i < page->past->n_incidents; i++) {
		const struct past_incident *in = &page->past->incidents[i];
		struct told t;

		if (told_parse(in->object, &t))
			continue;
		for (size_t p = 0; p < t.n_phases; p++)
			add_mark(page, in->group, t.phases[p].from, t.phases[p].to ? t.phases[p].to : in->ended,
				 t.phases[p].state);
		if (!t.n_phases)
			add_mark(page, in->group, t.since, in->ended, t.state);
	}
}

static const char targets[] = "targets", all[] = "all"; /* in the place of a group's name */

/* Marked is only what was on in this group. */
static void draw(struct page *page, const char *title, const char *unit, const char *group, bool lines, double most,
		 const struct chart_series *series, size_t n)
{
	struct chart_mark marks[MARKS_MOST];
	struct chart c = { .number = ++page->charts,
			   .title = title,
			   .unit = unit,
			   .suffix = lines ? " %" : "",
			   .from = page->past->from,
			   .step_s = page->past->step_s,
			   .n_steps = page->past->n_steps,
			   .unseen = page->unseen,
			   .lines = lines,
			   .most = most,
			   .series = series,
			   .n_series = n,
			   .marks = marks };

	for (size_t i = 0; i < page->n_marks; i++)
		if (group == all || (group == targets ? past_is_target(page->past, page->groups[i])
						      : !strcmp(group, page->groups[i])))
			marks[c.n_marks++] = page->marks[i];
	if (n)
		chart_draw(&c, page->to);
}

static void draw_attempts(struct page *page, const struct past_group *g)
{
	size_t n = page->past->n_steps;
	double *values = calloc(3 * n, sizeof(*values));
	const struct chart_series series[] = { { "failed", values, 0 },
					       { "served", values + n, 1 },
					       { "neither (given up, or not to be judged)", values + 2 * n, 7 } };
	char title[96], unit[64], text[WHEN_TEXT];

	for (size_t s = 0; values && s < n; s++) {
		values[s] = (double)g->steps[s].failed;
		values[n + s] = (double)g->steps[s].ok;
		values[2 * n + s] = (double)g->steps[s].neither;
	}
	snprintf(title, sizeof(title), "Attempts to reach %s", g->name);
	snprintf(unit, sizeof(unit), "in each %s", when_long(page->past->step_s, text));
	if (values)
		draw(page, title, unit, g->name, false, 0, series, 3);
	free(values);
}

/* A line for each target, and one for all controls together: what speaks of a block is that the two part. */
static void draw_shares(struct page *page)
{
	const struct past *past = page->past;
	size_t n = past->n_steps, used = 0;
	double *values = calloc((TARGETS_DRAWN + 1) * n, sizeof(*values));
	struct past_counts *controls = calloc(n, sizeof(*controls));
	struct chart_series series[TARGETS_DRAWN + 1];
	bool any = false;

	for (size_t i = 0; values && controls && i < past->n_groups; i++) {
		const struct past_group *g = &past->groups[i];
		double *to = values + used * n;

		any |= !g->target;
		for (size_t s = 0; s < n; s++) {
			if (g->target && used < TARGETS_DRAWN)
				to[s] = failing(&g->steps[s]);
			controls[s].ok += g->target ? 0 : g->steps[s].ok;
			controls[s].failed += g->target ? 0 : g->steps[s].failed;
		}
		if (g->target && used < TARGETS_DRAWN) {
			series[used] = (struct chart_series){ g->name, to, used ? 1 + (unsigned int)used : 0 };
			used++;
		}
	}
	for (size_t s = 0; values && controls && s < n; s++)
		values[used * n + s] = failing(&controls[s]);
	if (any) {
		series[used] = (struct chart_series){ "all controls together", values + used * n, 1 };
		used++;
	}
	if (values && controls)
		draw(page, "Failing share, target against controls", "per cent of the attempts that were judged",
		     all, true, 100, series, used);
	free(controls);
	free(values);
}

/* The blue of what was served is left out. */
static unsigned int signature_colour(size_t row)
{
	return row ? 1 + (unsigned int)row : 0;
}

static void draw_signatures(struct page *page)
{
	const struct past *past = page->past;
	size_t n = past->n_steps, kinds = past->n_signatures, rows;
	double *values = calloc((SIGNATURES_DRAWN + 1) * n, sizeof(*values));
	struct chart_series series[SIGNATURES_DRAWN + 1];
	char unit[64], text[WHEN_TEXT];

	for (size_t i = 0; values && i < kinds; i++) {
		size_t row = i < SIGNATURES_DRAWN ? i : SIGNATURES_DRAWN;

		series[row] = (struct chart_series){ row < SIGNATURES_DRAWN ? past->signatures[i].name : "others",
						     values + row * n, signature_colour(row) };
		for (size_t s = 0; s < n; s++)
			values[row * n + s] += (double)past->signatures[i].steps[s];
	}
	rows = kinds > SIGNATURES_DRAWN ? SIGNATURES_DRAWN + 1 : kinds;
	snprintf(unit, sizeof(unit), "failed attempts in each %s", when_long(past->step_s, text));
	if (values)
		draw(page, "How attempts at the target failed", unit, targets, false, 0, series, rows);
	free(values);
}

static void draw_all(struct page *page)
{
	const struct past *past = page->past;

	if (!past->n_groups)
		return;
	fputs("<h2>Over time</h2>\n<p>Hatched in grey: nobody watched, or the history does not go back so far. Coloured, with "
	      "a bar above: phases of incidents.</p>\n",
	      page->to);
	draw_shares(page);
	for (size_t i = 0; i < past->n_groups; i++)
		if (past->groups[i].target)
			draw_attempts(page, &past->groups[i]);
	draw_signatures(page);
}

/* ---- sections ------------------------------------------------------------------------------------------------------- */
static void put_lists(FILE *to, const struct words *w)
{
	const struct {
		const char *head, *lines;
	} lists[] = { { "What was seen", w->seen },
		      { "What was not seen", w->not_seen },
		      { "What else could explain it", w->else_ } };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (!*lists[i].lines)
			continue;
		html_print(to, "<h3>%s</h3>\n<ul>\n", lists[i].head);
		html_items(to, lists[i].lines);
		fputs("</ul>\n", to);
	}
}

static void put_words(FILE *to, const struct words *w)
{
	html_print(to, "<p class=\"lead bad\">%s.</p>\n", w->headline);
	put_lists(to, w);
}

static void put_incident(const struct page *page, const struct report_form *form, size_t n)
{
	const struct past_incident *i = &page->past->incidents[n];
	struct words words;
	struct told told;
	char times[24], evidence[EVIDENCE_TOLD] = "";

	html_print(page->to, "<h2 id=\"i%d\">Incident <code>%s</code></h2>\n", (int)n + 1, i->id);
	if (told_record(i, &told)) {
		html_print(
			page->to,
			"<p>Its record (group %s) cannot be read; the history may have been changed by hand.</p>\n",
			i->group);
		return;
	}
	snprintf(times, sizeof(times), i->changes == 1 ? "once" : "%u times", i->changes);
	if (words_of_incident(&told, page->past, &words))
		return;
	put_words(page->to, &words);
	html_print(
		page->to,
		"<p>Decided by <code>%s</code> of xreach %s, with ranges %s. It was recorded %s, at each change and as more came to be known.</p>\n",
		*told.rule ? told.rule : "an unknown rule", *told.version ? told.version : "of unknown version",
		*told.ranges ? told.ranges : "not told", times);
	if (form->evidence)
		evidence_of(form->evidence, n, evidence);
	if (*evidence)
		html_print(page->to, "<p>As evidence: %s.</p>\n", evidence);
	words_free(&words);
}

/* Each incident in a sentence, at the top of the page: a reader may go no further. */
static void put_contents(const struct page *page)
{
	if (page->past->n_incidents)
		fputs("<ul>\n", page->to);
	for (size_t n = 0; n < page->past->n_incidents; n++) {
		const struct past_incident *i = &page->past->incidents[n];
		struct words words = {};
		struct told told;
		int err = told_record(i, &told);

		if (!err)
			err = words_of_incident(&told, page->past, &words);
		html_print(page->to, "<li><a href=\"#i%d\">%s</a></li>\n", (int)n + 1,
			   err ? i->id : words.headline);
		if (!err)
			words_free(&words);
	}
	if (page->past->n_incidents)
		fputs("</ul>\n", page->to);
}

static void put_head(const struct page *page, const struct report_form *form)
{
	const struct past *past = page->past;
	char from[WHEN_TEXT], to[WHEN_TEXT], made[WHEN_TEXT];

	fputs(head, page->to);
	when_minute(past->from, from);
	when_minute(past_end(past), to);
	html_print(page->to, "<title>xreach: %s to %s UTC</title>\n", from, to);
	fputs(style, page->to);
	fputs("</head><body>\n", page->to);
	chart_begin(page->to);
	html_print(page->to, "<h1>Could people here reach the platform?<br>%s to %s UTC</h1>\n", from, to);
	html_print(page->to,
		   "<p>Made by xreach %s on %s UTC, from the counts of one place. All times are UTC.</p>\n",
		   XREACH_VERSION, when_second(form->now, made));
}

static void put_evidence(const struct page *page, const struct report_form *form)
{
	char text[EVIDENCE_TOLD];

	if (!form->evidence)
		return;
	html_print(
		page->to,
		"<h2>Evidence</h2>\n<p class=\"hash\">When this page was made: %s.</p>\n<p>Each line of that file bears "
		"the hash of the line before. Whoever keeps the head of the chain with this page can show later that "
		"nothing up to there was changed, taken out, put in or cut off: <code>xreach report --verify</code> "
		"checks the chain, and the head is the SHA-256 of its last line.</p>\n",
		evidence_text(form->evidence, text));
}

static const char foot[] =
	"<h2>What the words mean</h2>\n<dl>\n"
	"<dt>Attempt</dt><dd>Somebody behind this network opened, or tried to open, a connection to an address of a group. "
	"It is judged by what came back on the wire: <i>served</i>, <i>failed</i>, or <i>neither</i>, where the one who "
	"asked gave up or where it cannot be told.</dd>\n"
	"<dt>Failing share</dt><dd>Of the attempts that were served or failed, those that failed.</dd>\n"
	"<dt>Target, controls</dt><dd>The platform that is asked about, and other large services that are reached over the "
	"same lines. If the target fails and they do not, neither an outage of this network as a whole nor a blind watch is "
	"the cause; something in this network may be.</dd>\n"
	"<dt>Counts of an incident</dt><dd>Are of the addresses, parts or protocols that it is about, and of one client at one "
	"range at most three attempts in ten seconds, so that nobody decides alone. The tables count all.</dd>\n"
	"<dt>Signature</dt><dd>What was sent, and what came back for it: <code>PSH+ACK-&gt;RST+ACK</code> is a request that "
	"was answered with a reset. The words are those of Cloudflare Radar and of &ldquo;Global, Passive Detection of "
	"Connection Tampering&rdquo; (SIGCOMM 2023).</dd>\n"
	"<dt>Blocked, likely blocked, impaired</dt><dd>Nine tenths or more of the attempts fail and the controls do not; "
	"half or more, or the evidence is ambiguous; clearly more than is usual.</dd>\n"
	"<dt>Hops</dt><dd>Routers between here and whoever answered, by what is left of the packet&#39;s time to live.</dd>\n"
	"</dl>\n"
	"<footer><p>Counted by watching attempts at addresses of the platform and, beside them, of other large "
	"services on the same path. No address, port or name of a client is recorded.</p></footer>\n"
	"</body></html>\n";

void report_html(const struct past *past, const struct report_form *form, FILE *to)
{
	struct page page = { .past = past, .to = to, .unseen = calloc(past->n_steps + 1, sizeof(bool)) };
	struct words words;

	if (!page.unseen)
		return;
	for (size_t s = 0; s < past->n_steps; s++)
		page.unseen[s] = !past->watch[s].minutes;
	add_marks(&page);
	put_head(&page, form);
	if (!words_of_past(past, &words)) {
		html_print(to, "<p class=\"%s\">%s.</p>\n", past->n_incidents ? "lead bad" : "lead",
			   words.headline);
		put_contents(&page);
		put_lists(to, &words);
		words_free(&words);
	}
	draw_all(&page);
	for (size_t i = 0; i < past->n_incidents; i++)
		put_incident(&page, form, i);
	report_tables(past, to);
	put_evidence(&page, form);
	fputs(foot, to);
	free(page.unseen);
}
