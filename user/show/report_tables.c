// SPDX-License-Identifier: GPL-2.0
/* The tables of the page: see report_tables.h. */
#include "show/report_tables.h"

#include <stdlib.h>
#include <string.h>

#include "keep/history_read.h"
#include "show/comparison.h"
#include "show/html.h"
#include "show/words.h"
#include "when.h"

#define ROWS_SHOWN 50

/* Columns end with NULL; those of figures begin with a '#'. */
static void begin(FILE *to, const char *caption, const char *const *columns)
{
	html_print(to, "<div class=\"wide\"><table><caption>%s</caption>\n<thead><tr>", caption);
	for (; *columns; columns++)
		html_print(to,
			   **columns == '#' ? "<th scope=\"col\" class=\"n\">%s</th>" : "<th scope=\"col\">%s</th>",
			   *columns + (**columns == '#'));
	fputs("</tr></thead>\n<tbody>\n", to);
}
#define BEGIN(to, caption, ...) begin(to, caption, (const char *const[]){ __VA_ARGS__, NULL })

static void end(FILE *to)
{
	fputs("</tbody></table></div>\n", to);
}

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

static void table_groups(const struct past *past, FILE *to)
{
	BEGIN(to, "By group", "Group", "Role", "#Watched of it", "#Judged", "#Failed", "#Neither", "#Failing");
	for (size_t i = 0; i < past->n_groups; i++) {
		const struct past_group *g = &past->groups[i];

		html_print(to, "<tr><td>%s</td><td>%s</td>", g->name, g->target ? "target" : "control");
		put_share(to, g->sample < 0 ? -1 : 100 * g->sample);
		html_print(to, "<td class=\"n\">%llu</td><td class=\"n\">%llu</td><td class=\"n\">%llu</td>",
			   (unsigned long long)(g->total.ok + g->total.failed), (unsigned long long)g->total.failed,
			   (unsigned long long)g->total.neither);
		put_share(to, failing(&g->total));
		fputs("</tr>\n", to);
	}
	end(to);
}

static void table_signatures(const struct past *past, FILE *to)
{
	__u64 all = 0;

	for (size_t i = 0; i < past->n_signatures; i++)
		all += past->signatures[i].total;
	if (!all)
		return;
	BEGIN(to, "How attempts at the target failed", "Signature", "#Failures", "#Share", "Meaning");
	for (size_t i = 0; i < past->n_signatures; i++) {
		const struct past_signature *s = &past->signatures[i];

		html_print(
			to,
			"<tr><td><code>%s</code></td><td class=\"n\">%llu</td><td class=\"n\">%.1f&nbsp;%%</td><td>%s"
			"</td></tr>\n",
			s->name, (unsigned long long)s->total, 100.0 * (double)s->total / (double)all,
			words_signature(s->name));
	}
	end(to);
}

static void table_parts(FILE *to, const char *caption, const char *what, const char *no_name,
			const struct past_part *parts, size_t n)
{
	if (!n)
		return;
	BEGIN(to, caption, "Group", what, "#Judged", "#Failed", "#Failing");
	for (size_t i = 0; i < n && i < ROWS_SHOWN; i++) {
		const struct past_counts *c = &parts[i].total;

		html_print(to, "<tr><td>%s</td><td>%s</td><td class=\"n\">%llu</td><td class=\"n\">%llu</td>",
			   parts[i].group, *parts[i].name ? parts[i].name : no_name,
			   (unsigned long long)(c->ok + c->failed), (unsigned long long)c->failed);
		put_share(to, failing(c));
		fputs("</tr>\n", to);
	}
	end(to);
	if (n > ROWS_SHOWN)
		html_print(to, "<p>And %llu more; <code>--json</code> has all.</p>\n",
			   (unsigned long long)(n - ROWS_SHOWN));
}

static bool has_sites(const struct past *past)
{
	for (size_t i = 0; i < past->n_sites; i++)
		if (*past->sites[i].name)
			return true;
	return false;
}

static void table_comparison(const struct past *past, FILE *to)
{
	size_t n;
	struct comparison *rows = comparison_of(past, &n);

	BEGIN(to, "The same flows, in the words of OONI, Censored Planet and Cloudflare Radar", "Group", "Here",
	      "#Flows", "OONI failure", "Censored Planet outcome", "Radar stage");
	for (size_t i = 0; i < n; i++)
		html_print(
			to,
			"<tr><td>%s</td><td>%s %s %s <code>%s</code></td><td class=\"n\">%llu</td><td><code>%s</code></td>"
			"<td><code>%s</code></td><td><code>%s</code></td></tr>\n",
			rows[i].group, rows[i].transport, rows[i].stage, rows[i].outcome, rows[i].signature,
			(unsigned long long)rows[i].flows, rows[i].others->ooni, rows[i].others->censored_planet,
			rows[i].others->radar);
	end(to);
	fputs("<ul>\n", to);
	for (size_t i = 0; compare_notes[i]; i++)
		html_print(to, "<li>%s</li>\n", compare_notes[i]);
	fputs("</ul>\n", to);
	free(rows);
}

static void table_clients(const struct past *past, FILE *to)
{
	char text[WHEN_TEXT];

	BEGIN(to, "Distinct clients, as ranges, by day and never over days: nobody is recorded", "Day (UTC)",
	      "Group", "Site", "#Clients");
	for (size_t i = 0; i < past->n_clients; i++) {
		when_minute(past->clients[i].day, text);
		text[10] = '\0';
		html_print(to, "<tr><td>%s</td><td>%s</td><td>%s</td><td class=\"n\">%s</td></tr>\n", text,
			   past->clients[i].group,
			   *past->clients[i].site ? past->clients[i].site
			   : has_sites(past)	  ? "(in no named part)"
						  : "(all)",
			   past->clients[i].range);
	}
	end(to);
}

static void table_ranges(const struct past *past, FILE *to)
{
	char text[WHEN_TEXT];

	BEGIN(to, "Lists of addresses that were in force", "From (UTC)", "Version", "Hash");
	for (size_t i = 0; i < past->n_ranges; i++)
		html_print(to, "<tr><td>%s</td><td>%s</td><td><code>%s</code></td></tr>\n",
			   when_second(past->ranges[i].at, text), past->ranges[i].version, past->ranges[i].hash);
	end(to);
}

void report_tables(const struct past *past, FILE *to)
{
	if (!past->n_groups && !past->n_ranges)
		return;
	fputs("<h2>The figures</h2>\n", to);
	if (past->n_groups)
		table_groups(past, to);
	table_signatures(past, to);
	table_parts(to, "By addresses of the target", "Addresses", "(none)", past->prefixes, past->n_prefixes);
	if (has_sites(past))
		table_parts(to, "By part of this network", "Site", "(in no named part)", past->sites,
			    past->n_sites);
	if (past->n_clients)
		table_clients(past, to);
	if (past->n_ranges)
		table_ranges(past, to);
	if (!past->n_kinds)
		return;
	fputs("<h2>In the words of others</h2>\n", to);
	table_comparison(past, to);
}
