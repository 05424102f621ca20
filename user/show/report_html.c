// SPDX-License-Identifier: GPL-2.0
/* The report as one page: see report.h. It reads from top to bottom as one would tell it: what, on what evidence, what
 * was not seen, what else it could be; then the figures. */
#include <stdlib.h>
#include <string.h>

#include "keep/history_read.h"
#include "show/chart.h"
#include "show/comparison.h"
#include "show/html.h"
#include "show/report.h"
#include "show/told.h"
#include "show/words.h"
#include "version.h"
#include "when.h"

#define SIGNATURES_DRAWN 6 /* the others are one */
#define CONTROLS_DRAWN	 6
#define MARKS_MOST	 64
#define ROWS_SHOWN	 50

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";

static const char style[] =
	"<style>\n"
	"body{font:16px/1.5 system-ui,sans-serif;color:#111;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
	"h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2.2rem}h3{font-size:1rem;margin-bottom:0}\n"
	".lead{font-size:1.15rem;font-weight:600;border-left:.4rem solid #0072b2;padding-left:.8rem}\n"
	".lead.bad{border-color:#d55e00}\n"
	"table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.15rem .6rem .15rem 0;"
	"border-bottom:1px solid #ddd;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\n"
	"code{font-size:.9em}figure{margin:1.2rem 0;break-inside:avoid}figcaption{font-weight:600}small{font-weight:400}\n"
	"svg{max-width:100%}svg text{font:11px system-ui,sans-serif;fill:#333}svg .num{text-anchor:end}\n"
	"svg .mid{text-anchor:middle}svg .last{text-anchor:end}.grid{stroke:#ddd;stroke-width:1}\n"
	".unseen{fill:#bbb;fill-opacity:.45}.mark{fill:#e69f00;fill-opacity:.18}.grave{fill:#d55e00;fill-opacity:.2}\n"
	".legend span{margin-right:1.2rem;white-space:nowrap;font-size:.85rem}\n"
	"footer{margin-top:3rem;font-size:.85rem;border-top:1px solid #999}\n"
	"@media print{body{margin:0;max-width:none;font-size:11pt}h2{break-after:avoid}tr{break-inside:avoid}"
	"*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}\n"
	"</style>\n";

static double failing(const struct past_counts *c)
{
	__u64 decided = c->ok + c->failed;

	return decided ? 100.0 * (double)c->failed / (double)decided : -1;
}

static void put_share(FILE *to, double percent)
{
	if (percent < 0)
		fputs("<td class=\"n\">-</td>", to);
	else
		html_print(to, "<td class=\"n\">%.1f&nbsp;%%</td>", percent);
}

/* ---- charts ------------------------------------------------------------------------------------------------------ */
/* What all charts of a page share. */
struct page {
	const struct past *past;
	FILE *to;
	bool *unseen;
	struct chart_mark marks[MARKS_MOST];
	char labels[MARKS_MOST][32];
	size_t n_marks;
};

static void add_mark(struct page *page, __s64 from, __s64 to, const char *state)
{
	size_t n = page->n_marks;

	if (n == MARKS_MOST || !strcmp(state, "ok"))
		return;
	snprintf(page->labels[n], sizeof(page->labels[n]), "%s", words_state(state));
	page->marks[n] = (struct chart_mark){ .from = from,
					      .to = to ? to : page->past->to,
					      .label = page->labels[n],
					      .grave = strstr(state, "blocked") || !strcmp(state, "down") };
	page->n_marks++;
}

static void add_marks(struct page *page)
{
	for (size_t i = 0; i < page->past->n_incidents; i++) {
		struct told t;

		if (told_parse(page->past->incidents[i].object, &t))
			continue;
		for (size_t p = 0; p < t.n_phases; p++)
			add_mark(page, t.phases[p].from,
				 t.phases[p].to ? t.phases[p].to : page->past->incidents[i].ended,
				 t.phases[p].state);
		if (!t.n_phases)
			add_mark(page, t.since, page->past->incidents[i].ended, t.state);
	}
}

static void draw(const struct page *page, const char *title, const char *unit, bool lines, double most,
		 const struct chart_series *series, size_t n)
{
	const struct chart c = { .title = title,
				 .unit = unit,
				 .from = page->past->from,
				 .step_s = page->past->step_s,
				 .n_steps = page->past->n_steps,
				 .unseen = page->unseen,
				 .lines = lines,
				 .most = most,
				 .series = series,
				 .n_series = n,
				 .marks = page->marks,
				 .n_marks = page->n_marks };

	if (n)
		chart_draw(&c, page->to);
}

static void draw_attempts(const struct page *page, const struct past_group *g)
{
	size_t n = page->past->n_steps;
	double *values = calloc(3 * n, sizeof(*values));
	const struct chart_series series[] = { { "failed", values, 0 },
					       { "served", values + n, 1 },
					       { "neither", values + 2 * n, 7 } };
	char title[96], unit[64], text[WHEN_TEXT];

	for (size_t s = 0; values && s < n; s++) {
		values[s] = (double)g->steps[s].failed;
		values[n + s] = (double)g->steps[s].ok;
		values[2 * n + s] = (double)g->steps[s].neither;
	}
	snprintf(title, sizeof(title), "Attempts to reach %s", g->name);
	snprintf(unit, sizeof(unit), "in each %s", when_long(page->past->step_s, text));
	if (values)
		draw(page, title, unit, false, 0, series, 3);
	free(values);
}

/* The targets in the colour of failure, the controls each in its own. */
static void draw_shares(const struct page *page)
{
	const struct past *past = page->past;
	size_t n = past->n_steps, used = 0;
	double *values = calloc(past->n_groups * n + 1, sizeof(*values));
	struct chart_series series[CONTROLS_DRAWN + 1];

	for (size_t i = 0; values && i < past->n_groups && used < CONTROLS_DRAWN + 1; i++) {
		const struct past_group *g = &past->groups[i];

		for (size_t s = 0; s < n; s++)
			values[i * n + s] = failing(&g->steps[s]);
		series[used] = (struct chart_series){ g->name, values + i * n,
						      g->target ? 0 : 1 + (unsigned int)used % 7 };
		used++;
	}
	if (values)
		draw(page, "Failing share, target against controls", "per cent of judged attempts", true, 100,
		     series, used);
	free(values);
}

static void draw_signatures(const struct page *page)
{
	const struct past *past = page->past;
	size_t n = past->n_steps, kinds = past->n_signatures, rows;
	double *values = calloc((SIGNATURES_DRAWN + 1) * n, sizeof(*values));
	struct chart_series series[SIGNATURES_DRAWN + 1];
	char unit[64], text[WHEN_TEXT];

	for (size_t i = 0; values && i < kinds; i++) {
		size_t row = i < SIGNATURES_DRAWN ? i : SIGNATURES_DRAWN;

		series[row] = (struct chart_series){ row < SIGNATURES_DRAWN ? past->signatures[i].name : "others",
						     values + row * n, (unsigned int)row };
		for (size_t s = 0; s < n; s++)
			values[row * n + s] += (double)past->signatures[i].steps[s];
	}
	rows = kinds > SIGNATURES_DRAWN ? SIGNATURES_DRAWN + 1 : kinds;
	snprintf(unit, sizeof(unit), "failed attempts in each %s", when_long(past->step_s, text));
	if (values)
		draw(page, "How attempts at the target failed", unit, false, 0, series, rows);
	free(values);
}

/* ---- tables -------------------------------------------------------------------------------------------------------- */
static void table_groups(const struct page *page)
{
	fputs("<table><tr><th>Group</th><th>Role</th><th class=\"n\">Judged</th><th class=\"n\">Failed</th>"
	      "<th class=\"n\">Neither</th><th class=\"n\">Failing</th></tr>\n",
	      page->to);
	for (size_t i = 0; i < page->past->n_groups; i++) {
		const struct past_group *g = &page->past->groups[i];

		html_print(
			page->to,
			"<tr><td>%s</td><td>%s</td><td class=\"n\">%llu</td><td class=\"n\">%llu</td><td class=\"n\">"
			"%llu</td>",
			g->name, g->target ? "target" : "control",
			(unsigned long long)(g->total.ok + g->total.failed), (unsigned long long)g->total.failed,
			(unsigned long long)g->total.neither);
		put_share(page->to, failing(&g->total));
		fputs("</tr>\n", page->to);
	}
	fputs("</table>\n", page->to);
}

static void table_signatures(const struct page *page)
{
	__u64 all = 0;

	for (size_t i = 0; i < page->past->n_signatures; i++)
		all += page->past->signatures[i].total;
	if (!all)
		return;
	fputs("<table><tr><th>Signature</th><th class=\"n\">Failures</th><th class=\"n\">Share</th><th>Meaning</th></tr>\n",
	      page->to);
	for (size_t i = 0; i < page->past->n_signatures; i++) {
		const struct past_signature *s = &page->past->signatures[i];

		html_print(
			page->to,
			"<tr><td><code>%s</code></td><td class=\"n\">%llu</td><td class=\"n\">%.1f&nbsp;%%</td><td>%s"
			"</td></tr>\n",
			s->name, (unsigned long long)s->total, 100.0 * (double)s->total / (double)all,
			words_signature(s->name));
	}
	fputs("</table>\n", page->to);
}

static void table_parts(const struct page *page, const char *what, const struct past_part *parts, size_t n)
{
	if (!n)
		return;
	html_print(page->to,
		   "<table><tr><th>Group</th><th>%s</th><th class=\"n\">Judged</th><th class=\"n\">Failed</th>"
		   "<th class=\"n\">Failing</th></tr>\n",
		   what);
	for (size_t i = 0; i < n && i < ROWS_SHOWN; i++) {
		const struct past_counts *c = &parts[i].total;

		html_print(page->to, "<tr><td>%s</td><td>%s</td><td class=\"n\">%llu</td><td class=\"n\">%llu</td>",
			   parts[i].group, *parts[i].name ? parts[i].name : "(none)",
			   (unsigned long long)(c->ok + c->failed), (unsigned long long)c->failed);
		put_share(page->to, failing(c));
		fputs("</tr>\n", page->to);
	}
	fputs("</table>\n", page->to);
	if (n > ROWS_SHOWN)
		html_print(page->to, "<p>And %llu more.</p>\n", (unsigned long long)(n - ROWS_SHOWN));
}

static void table_comparison(const struct page *page)
{
	size_t n;
	struct comparison *rows = comparison_of(page->past, &n);

	fputs("<table><tr><th>Group</th><th>Here</th><th class=\"n\">Flows</th><th>OONI failure</th><th>Censored Planet "
	      "outcome</th><th>Radar stage</th></tr>\n",
	      page->to);
	for (size_t i = 0; i < n; i++)
		html_print(
			page->to,
			"<tr><td>%s</td><td>%s %s %s <code>%s</code></td><td class=\"n\">%llu</td><td><code>%s</code></td>"
			"<td><code>%s</code></td><td><code>%s</code></td></tr>\n",
			rows[i].group, rows[i].transport, rows[i].stage, rows[i].outcome, rows[i].signature,
			(unsigned long long)rows[i].flows, rows[i].others->ooni, rows[i].others->censored_planet,
			rows[i].others->radar);
	fputs("</table>\n<ul>\n", page->to);
	for (size_t i = 0; compare_notes[i]; i++)
		html_print(page->to, "<li>%s</li>\n", compare_notes[i]);
	fputs("</ul>\n", page->to);
	free(rows);
}

static void table_rest(const struct page *page)
{
	const struct past *past = page->past;
	char text[WHEN_TEXT];

	if (past->n_clients) {
		fputs("<h2>Distinct clients</h2>\n<p>As ranges, by day and never over days: nobody is recorded.</p>\n"
		      "<table><tr><th>Day (UTC)</th><th>Group</th><th>Site</th><th class=\"n\">Clients</th></tr>\n",
		      page->to);
		for (size_t i = 0; i < past->n_clients; i++) {
			when_minute(past->clients[i].day, text);
			text[10] = '\0';
			html_print(page->to, "<tr><td>%s</td><td>%s</td><td>%s</td><td class=\"n\">%s</td></tr>\n",
				   text, past->clients[i].group,
				   *past->clients[i].site ? past->clients[i].site : "(all)",
				   past->clients[i].range);
		}
		fputs("</table>\n", page->to);
	}
	if (!past->n_ranges)
		return;
	fputs("<h2>Ranges in force</h2>\n<table><tr><th>From (UTC)</th><th>Version</th><th>Hash</th></tr>\n",
	      page->to);
	for (size_t i = 0; i < past->n_ranges; i++)
		html_print(page->to, "<tr><td>%s</td><td>%s</td><td><code>%s</code></td></tr>\n",
			   when_second(past->ranges[i].at, text), past->ranges[i].version, past->ranges[i].hash);
	fputs("</table>\n", page->to);
}

/* ---- sections ------------------------------------------------------------------------------------------------------- */
static void put_words(FILE *to, const struct words *w, bool bad)
{
	html_print(to, "<p class=\"%s\">%s.</p>\n<h3>What was seen</h3>\n<ul>\n", bad ? "lead bad" : "lead",
		   w->headline);
	html_items(to, w->seen);
	fputs("</ul>\n<h3>What was not seen</h3>\n<ul>\n", to);
	html_items(to, w->not_seen);
	fputs("</ul>\n<h3>What else could explain it</h3>\n<ul>\n", to);
	html_items(to, w->else_);
	fputs("</ul>\n", to);
}

static void put_incident(const struct page *page, const struct past_incident *i)
{
	struct words words;
	struct told told;

	html_print(page->to, "<h2>Incident <code>%s</code></h2>\n", i->id);
	if (told_parse(i->object, &told)) {
		html_print(
			page->to,
			"<p>Its record (group %s) cannot be read; the history may have been changed by hand.</p>\n",
			i->group);
		return;
	}
	told.last_known = told.ended ? 0 : i->ended;
	if (words_of_incident(&told, page->past, &words))
		return;
	put_words(page->to, &words, true);
	html_print(page->to, "<p>Decided by <code>%s</code> of xreach %s, with ranges %s; told %d times.</p>\n",
		   *told.rule ? told.rule : "an unknown rule", *told.version ? told.version : "of unknown version",
		   *told.ranges ? told.ranges : "not told", (int)i->changes);
	words_free(&words);
}

static void put_head(const struct page *page, const struct report_form *form)
{
	const struct past *past = page->past;
	char from[WHEN_TEXT], to[WHEN_TEXT], made[WHEN_TEXT];

	fputs(head, page->to);
	html_print(page->to, "<title>xreach: %s to %s UTC</title>\n", when_minute(past->from, from),
		   when_minute(past->to, to));
	fputs(style, page->to);
	html_print(page->to, "</head><body>\n<h1>Could people here reach the platform?<br>%s to %s UTC</h1>\n",
		   from, to);
	html_print(page->to,
		   "<p>Made by xreach %s on %s UTC, from the counts of one place. All times are UTC.</p>\n",
		   XREACH_VERSION, when_second(form->now, made));
}

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
		put_words(to, &words, past->n_incidents);
		words_free(&words);
	}
	fputs("<h2>Over time</h2>\n<p>Grey: nobody watched. Coloured: phases of incidents.</p>\n", to);
	draw_shares(&page);
	for (size_t i = 0; i < past->n_groups; i++)
		if (past->groups[i].target)
			draw_attempts(&page, &past->groups[i]);
	draw_signatures(&page);
	for (size_t i = 0; i < past->n_incidents; i++)
		put_incident(&page, &past->incidents[i]);
	fputs("<h2>Groups</h2>\n", to);
	table_groups(&page);
	fputs("<h2>How attempts at the target failed</h2>\n", to);
	table_signatures(&page);
	fputs("<h2>Where</h2>\n", to);
	table_parts(&page, "Addresses", past->prefixes, past->n_prefixes);
	table_parts(&page, "Site", past->sites, past->n_sites);
	fputs("<h2>In the words of others</h2>\n", to);
	table_comparison(&page);
	table_rest(&page);
	fputs("<footer><p>Counted by watching attempts at addresses of the platform and, beside them, of other large "
	      "services on the same path. No address, port or name of a client is recorded. The evidence file holds each "
	      "incident in a chain of hashes: <code>xreach report --verify FILE</code> checks it.</p></footer>\n"
	      "</body></html>\n",
	      to);
	free(page.unseen);
}
