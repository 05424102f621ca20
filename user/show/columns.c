// SPDX-License-Identifier: GPL-2.0
/* The tables of the live view: their columns, and what the cells say. */
#include "show/columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "show/view.h"

/* ---- cells with functions of their own ---------------------------------------------------------------- */
static void flow_time(const void *row, char *out, size_t size)
{
	const struct view_flow *f = row;
	char text[8] = "--:--";
	struct tm tm;

	if (localtime_r(&f->minute, &tm))
		strftime(text, sizeof(text), "%H:%M", &tm);
	snprintf(out, size, "%s%s", f->interim ? "~" : " ", text);
}

static void flow_server(const void *row, char *out, size_t size)
{
	const struct view_flow *f = row;

	snprintf(out, size, strchr(f->server, ':') ? "[%s]:%u" : "%s:%u", f->server, f->port);
}

static void flow_outcome(const void *row, char *out, size_t size)
{
	const struct view_flow *f = row;

	snprintf(out, size, f->why[0] ? "%s (%s)" : "%s", f->outcome, f->why);
}

/* Routers to whoever ended it, and to the server: two numbers that differ tell of somebody in between. */
static void flow_hops(const void *row, char *out, size_t size)
{
	const struct view_flow *f = row;
	char answer[12] = "-", server[12] = "-";

	if (f->answer_hops >= 0)
		snprintf(answer, sizeof(answer), "%d", f->answer_hops);
	if (f->server_hops >= 0)
		snprintf(server, sizeof(server), "%d", f->server_hops);
	snprintf(out, size, f->answer_hops < 0 && f->server_hops < 0 ? "-" : "%s/%s", answer, server);
}

static void flow_here(const void *row, char *out, size_t size)
{
	const struct view_flow *f = row;

	if (f->dropped_here)
		snprintf(out, size, "here: %s", f->drop_reason[0] ? f->drop_reason : "reason unknown");
	else
		out[0] = '\0';
}

static void signature_about(const void *row, char *out, size_t size)
{
	snprintf(out, size, "%s", meaning(ABOUT_SIGNATURE, ((const struct view_signature *)row)->signature));
}

static void ledger_about(const void *row, char *out, size_t size)
{
	snprintf(out, size, "%s", meaning(ABOUT_LEDGER, ((const struct view_ledger *)row)->name));
}

static void astray_time(const void *row, char *out, size_t size)
{
	const struct view_astray *a = row;
	struct tm tm;

	if (!localtime_r(&a->minute, &tm) || !strftime(out, size, "%H:%M", &tm))
		snprintf(out, size, "--:--");
}

static void astray_address(const void *row, char *out, size_t size)
{
	const struct view_astray *a = row;

	snprintf(out, size, "%s", a->address[0] ? a->address : "no such name");
}

static void astray_hops(const void *row, char *out, size_t size)
{
	const struct view_astray *a = row;

	if (a->hops >= 0)
		snprintf(out, size, "%d", a->hops);
	else
		snprintf(out, size, "-");
}

static void group_name(const void *row, char *out, size_t size)
{
	const struct view_group *g = row;

	snprintf(out, size, "%s%s", g->target ? "*" : " ", g->name);
}

/* ---- inks: text always says the same ------------------------------------------------------------------- */
static enum ink flow_outcome_ink(const void *row)
{
	const struct view_flow *f = row;

	return !strcmp(f->outcome, "unjudged") || !strcmp(f->outcome, "client_abort") ? INK_FAINT
	       : f->interim							      ? INK_WARN
										      : INK_BAD;
}

static enum ink warn_ink(const void *row)
{
	(void)row;
	return INK_WARN;
}

static enum ink faint_ink(const void *row)
{
	(void)row;
	return INK_FAINT;
}

static enum ink prefix_ink(const void *row)
{
	return share_ink(((const struct view_prefix *)row)->failing);
}

static enum ink group_ink(const void *row)
{
	return share_ink(((const struct view_group *)row)->failing);
}

/* By its first letters: a state is one of the contract's words. */
static enum ink state_ink(const char *state)
{
	return !strcmp(state, "ok") ? INK_GOOD
	       : !strcmp(state, "insufficient") || !strcmp(state, "one direction") || !strcmp(state, "over")
		       ? INK_FAINT
	       : !strcmp(state, "impaired") || !strcmp(state, "unobserved") ? INK_WARN
									    : INK_BAD;
}

static enum ink group_state_ink(const void *row)
{
	return state_ink(((const struct view_group *)row)->state);
}

static enum ink incident_ink(const void *row)
{
	return state_ink(((const struct view_incident *)row)->now);
}

static enum ink site_ink(const void *row)
{
	return state_ink(((const struct view_site *)row)->state);
}

static enum ink prefix_state_ink(const void *row)
{
	return state_ink(((const struct view_prefix *)row)->state);
}

static enum ink group_name_ink(const void *row)
{
	return ((const struct view_group *)row)->target ? INK_STRONG : INK_TEXT;
}

static enum ink hook_ink(const void *row)
{
	return ((const struct view_hook *)row)->attached ? INK_GOOD : INK_WARN;
}

static enum ink ledger_ink(const void *row)
{
	const struct view_ledger *l = row;

	return l->value && !strncmp(l->name, "lost", 4) ? INK_WARN : INK_TEXT;
}

/* ---- the tables: a new column is a row -------------------------------------------------------------------- */
/* clang-format off */
#define F(member) offsetof(struct view_flow, member)
static const struct column flow_columns[] = {
	{ " TIME", "time", CELL_MINUTE, F(minute), .keep = 90, .own = flow_time },
	{ "GROUP", "group", CELL_TEXT, F(group), .keep = 40 },
	{ "SITE", "site", CELL_TEXT, F(site), .keep = 55, .optional = true },
	{ "SERVER:PORT", "server and port", CELL_OWN, 0, .keep = 100, .least = 15, .own = flow_server },
	{ "PREFIX", "prefix", CELL_TEXT, F(prefix), .keep = 35 },
	{ "TRANS", "transport", CELL_TEXT, F(transport), .keep = 70 },
	{ "STAGE", "stage", CELL_TEXT, F(stage), .keep = 50 },
	{ "OUTCOME", "outcome", CELL_OWN, 0, .keep = 95, .own = flow_outcome, .ink = flow_outcome_ink },
	{ "SIGNATURE", "signature", CELL_TEXT, F(signature), .keep = 94 },
	{ "RTT ms", "round trip", CELL_MS, F(rtt_ms), .keep = 45, .right = true },
	{ "HOPS", "hops of the answerer / of the server", CELL_OWN, 0, .keep = 65, .right = true, .own = flow_hops },
	{ "DROPPED", "dropped on this host", CELL_OWN, 0, .keep = 93, .least = 14, .optional = true,
	  .own = flow_here, .ink = warn_ink },
	{ "FAMILY", "family", CELL_TEXT, F(family), .keep = 20 },
	{ "INJECTED", "injected", CELL_TEXT, F(injected), .keep = 10, .least = 10, .optional = true },
};

#define P(member) offsetof(struct view_prefix, member)
static const struct column prefix_columns[] = {
	{ "PREFIX", "prefix", CELL_TEXT, P(prefix), .keep = 100 },
	{ "GROUP", "group", CELL_TEXT, P(group), .keep = 90 },
	{ "CLASS", "class", CELL_TEXT, P(class), .keep = 40 },
	{ "FAILING", "failing share of the last minute", CELL_SHARE, P(failing), .keep = 95, .right = true, .ink = prefix_ink },
	{ "STATE", "state", CELL_TEXT, P(state), .keep = 75, .optional = true, .ink = prefix_state_ink },
	{ "ATTEMPTS", "attempts", CELL_COUNT, P(attempts), .keep = 60, .right = true },
	{ "FAILED", "failed", CELL_COUNT, P(failed), .keep = 70, .right = true },
	{ "OK", "succeeded", CELL_COUNT, P(succeeded), .keep = 50, .right = true },
	{ "TOP SIGNATURE", "most frequent signature", CELL_TEXT, P(worst), .keep = 80, .least = 10 },
};

#define S(member) offsetof(struct view_signature, member)
static const struct column signature_columns[] = {
	{ "SIGNATURE", "signature", CELL_TEXT, S(signature), .keep = 100 },
	{ "STAGE", "stage", CELL_TEXT, S(stage), .keep = 60 },
	{ "OUTCOME", "outcome", CELL_TEXT, S(outcome), .keep = 70 },
	{ "TARGET", "flows to targets", CELL_COUNT, S(target), .keep = 90, .right = true },
	{ "CONTROLS", "flows to controls", CELL_COUNT, S(control), .keep = 80, .right = true },
	{ "MEANING", "meaning", CELL_OWN, 0, .keep = 30, .least = 16, .own = signature_about, .ink = faint_ink },
};

#define H(member) offsetof(struct view_hook, member)
static const struct column hook_columns[] = {
	{ "HOOK", "hook", CELL_TEXT, H(name), .keep = 100 },
	{ "WHERE", "where", CELL_TEXT, H(where), .keep = 90, .least = 8 },
	{ "HOW", "how", CELL_TEXT, H(how), .keep = 50 },
	{ "ATTACHED", "attached", CELL_YES, H(attached), .keep = 95, .ink = hook_ink },
	{ "NOTE", "note", CELL_TEXT, H(note), .keep = 80, .least = 12, .optional = true, .ink = warn_ink },
};

#define L(member) offsetof(struct view_ledger, member)
static const struct column ledger_columns[] = {
	{ "LEDGER", "name", CELL_TEXT, L(name), .keep = 100, .ink = ledger_ink },
	{ "COUNT", "count", CELL_COUNT, L(value), .keep = 90, .right = true, .ink = ledger_ink },
	{ "MEANING", "meaning", CELL_OWN, 0, .keep = 50, .least = 16, .own = ledger_about, .ink = faint_ink },
};

#define A(member) offsetof(struct view_astray, member)
static const struct column astray_columns[] = {
	{ "LAST", "last time", CELL_MINUTE, A(minute), .keep = 40, .own = astray_time },
	{ "GROUP", "group", CELL_TEXT, A(group), .keep = 60 },
	{ "NAME", "rule that the name matches", CELL_TEXT, A(rule), .keep = 90, .least = 8 },
	{ "ANSWER", "answer", CELL_TEXT, A(verdict), .keep = 95, .ink = warn_ink },
	{ "ADDRESS", "address", CELL_OWN, 0, .keep = 100, .least = 12, .own = astray_address },
	{ "TIMES", "times", CELL_COUNT, A(times), .keep = 80, .right = true },
	{ "HOPS", "hops of the answerer", CELL_OWN, 0, .keep = 70, .right = true, .own = astray_hops },
	{ "AFTER ms", "after the question", CELL_MS, A(after_ms), .keep = 50, .right = true },
	{ "APART ms", "from the answer that contradicts it", CELL_MS, A(apart_ms), .keep = 55, .right = true },
	{ "THINK OF", "what to think of the group's answers", CELL_TEXT, A(advice), .keep = 30, .least = 16, .ink = faint_ink },
};

#define G(member) offsetof(struct view_group, member)
static const struct column group_columns[] = {
	{ " GROUP", "group", CELL_OWN, 0, .keep = 100, .own = group_name, .ink = group_name_ink },
	{ "STATE", "state", CELL_TEXT, G(state), .keep = 99, .ink = group_state_ink },
	{ "SINCE", "since", CELL_TIME, G(state_since), .keep = 94, .optional = true, .ink = group_state_ink },
	{ "FAILING", "failing share of the last minute", CELL_SHARE, G(failing), .keep = 98, .right = true, .ink = group_ink },
	{ "ATT/s", "attempts per second", CELL_RATE, G(per_second), .keep = 97, .right = true },
	{ "ATTEMPTS", "attempts", CELL_COUNT, G(attempts), .keep = 60, .right = true },
	{ "FAILED", "failed", CELL_COUNT, G(failed), .keep = 70, .right = true },
	{ "OK", "succeeded", CELL_COUNT, G(succeeded), .keep = 50, .right = true },
	{ "OTHER", "neither", CELL_COUNT, G(neither), .keep = 30, .right = true },
	{ "DNS", "answers of DNS for its names", CELL_TEXT, G(dns), .keep = 20, .least = 10, .optional = true },
	{ "SAMPLE", "share of flows watched", CELL_SHARE, G(sample), .keep = 40, .right = true },
	{ "CLIENTS", "distinct clients of the day", CELL_TEXT, G(clients), .keep = 20, .optional = true },
	{ "LAST 5 MIN", "failing share, last minutes", CELL_SPARK, G(spark), .keep = 96, .least = 10 },
	{ "HOW", "how", CELL_TEXT, G(how), .keep = 35, .least = 12, .optional = true },
	{ "ANSWERED FROM", "who answers", CELL_TEXT, G(from), .keep = 25, .least = 12, .optional = true },
};

#define I(member) offsetof(struct view_incident, member)
static const struct column incident_columns[] = {
	{ "SINCE", "since", CELL_TIME, I(since), .keep = 100 },
	{ "GROUP", "group", CELL_TEXT, I(group), .keep = 97 },
	{ "STATE", "worst state", CELL_TEXT, I(state), .keep = 99, .ink = incident_ink },
	{ "NOW", "state now", CELL_TEXT, I(now), .keep = 98, .ink = incident_ink },
	{ "ENDED", "ended", CELL_TIME, I(ended), .keep = 90 },
	{ "FAILED", "failing share", CELL_SHARE, I(failing), .keep = 80, .right = true },
	{ "ATTEMPTS", "attempts", CELL_COUNT, I(attempts), .keep = 40, .right = true },
	{ "CONTROLS", "failing share of the controls", CELL_SHARE, I(controls), .keep = 60, .right = true },
	{ "USUAL", "usual failing share", CELL_SHARE, I(baseline), .keep = 30, .right = true },
	{ "CLIENTS", "clients with failures", CELL_TEXT, I(clients), .keep = 35 },
	{ "ONLY", "scope", CELL_TEXT, I(scope), .keep = 70, .least = 10, .optional = true },
	{ "HOW", "how", CELL_TEXT, I(how), .keep = 75, .least = 12 },
	{ "ANSWERED FROM", "who answers", CELL_TEXT, I(from), .keep = 50, .least = 12, .optional = true },
	{ "SEEN IN", "seen in", CELL_TEXT, I(seen), .keep = 20, .least = 10, .optional = true },
	{ "COULD BE", "what it could be", CELL_TEXT, I(could_be), .keep = 15, .least = 10 },
	{ "ID", "id", CELL_TEXT, I(id), .keep = 10 },
};

#define SITE(member) offsetof(struct view_site, member)
static const struct column site_columns[] = {
	{ "SITE", "site", CELL_TEXT, SITE(site), .keep = 100 },
	{ "GROUP", "group", CELL_TEXT, SITE(group), .keep = 95 },
	{ "STATE", "state", CELL_TEXT, SITE(state), .keep = 99, .ink = site_ink },
	{ "ATTEMPTS", "attempts", CELL_COUNT, SITE(attempts), .keep = 60, .right = true },
	{ "FAILED", "failed", CELL_COUNT, SITE(failed), .keep = 70, .right = true },
	{ "OK", "succeeded", CELL_COUNT, SITE(succeeded), .keep = 50, .right = true },
};

#define ROW(kind, list) \
	static const void *kind##_row(const struct view *v, size_t i) { return i < v->n_##list ? &v->list[i] : NULL; }
ROW(flow, flows)
ROW(prefix, prefixes)
ROW(signature, signatures)
ROW(hook, hooks)
ROW(ledger, ledger)
ROW(astray, astray)
ROW(group, groups)
ROW(incident, incidents)
ROW(site, sites)

#define COLUMNS(kind) kind##_columns, sizeof(kind##_columns) / sizeof(kind##_columns[0])
const struct table tables[TABLES] = {
	[TABLE_FLOWS] = { "Flows", COLUMNS(flow), 0, true, true, flow_row },
	[TABLE_PREFIXES] = { "Prefixes", COLUMNS(prefix), 6, true, false, prefix_row },
	[TABLE_SIGNATURES] = { "Signatures", COLUMNS(signature), 3, true, false, signature_row },
	[TABLE_HOOKS] = { "Hooks", COLUMNS(hook), 0, false, false, hook_row },
	[TABLE_LEDGER] = { "Ledger", COLUMNS(ledger), COLUMNS_MAX, false, false, ledger_row },
	[TABLE_INCIDENTS] = { "Incidents", COLUMNS(incident), 0, true, true, incident_row },
	[TABLE_SITES] = { "Sites", COLUMNS(site), COLUMNS_MAX, false, false, site_row },
	[TABLE_DNS] = { "DNS", COLUMNS(astray), 5, true, false, astray_row },
	[TABLE_GROUPS] = { "Groups", COLUMNS(group), COLUMNS_MAX, false, false, group_row },
};
/* clang-format on */

static_assert(sizeof(flow_columns) / sizeof(flow_columns[0]) <= COLUMNS_MAX, "COLUMNS_MAX is too small");

/* ---- text ------------------------------------------------------------------------------------------------- */
void least_text(double least, char *out, size_t size)
{
	if (least < 0)
		snprintf(out, size,
			 "too few attempts, or no controls: not even a full block is told within five minutes");
	else if (least > .9)
		snprintf(out, size, "only a full block is told within five minutes");
	else
		snprintf(out, size,
			 "a block of %.0f %% of the attempts is told within five minutes, of less perhaps not",
			 least * 100);
}

void share_text(double share, char *out, size_t size)
{
	double percent = share * 100;

	if (!(share >= 0))
		snprintf(out, size, "-");
	else if (percent > 0 && percent < 1)
		snprintf(out, size, "<1%%");
	else if (percent > 99 && percent < 100)
		snprintf(out, size, ">99%%");
	else
		snprintf(out, size, "%.0f%%", percent > 100 ? 100 : percent);
}

enum ink share_ink(double share)
{
	return !(share >= 0) ? INK_FAINT : share < 0.05 ? INK_GOOD : share < 0.2 ? INK_WARN : INK_BAD;
}

void count_text(unsigned long long n, char *out, size_t size)
{
	static const char units[] = "kMGTPE";
	double value = (double)n;
	size_t unit = 0;

	if (n < 10000000) {
		snprintf(out, size, "%llu", n);
		return;
	}
	for (value /= 1000; value >= 100000 && unit + 2 < sizeof(units); unit++)
		value /= 1000;
	snprintf(out, size, "%.0f%c", floor(value), units[unit]);
}

static void number_text(double value, double from_whole, char *out, size_t size)
{
	if (!(value >= 0))
		snprintf(out, size, "-");
	else
		snprintf(out, size, value < from_whole ? "%.1f" : "%.0f", value);
}

/* Of the local calendar; the year is in an incident's id. */
static void time_text(time_t t, char *out, size_t size)
{
	struct tm tm;

	if (!t || !localtime_r(&t, &tm) || !strftime(out, size, "%m-%d %H:%M:%S", &tm))
		out[0] = '\0';
}

void column_text(const struct column *column, const void *row, char *out, size_t size)
{
	const void *at = (const char *)row + column->offset;

	if (column->own) {
		column->own(row, out, size);
		return;
	}
	switch (column->cell) {
	case CELL_TEXT:
		snprintf(out, size, "%s", (const char *)at);
		return;
	case CELL_COUNT:
		count_text(*(const unsigned long long *)at, out, size);
		return;
	case CELL_SHARE:
		share_text(*(const double *)at, out, size);
		return;
	case CELL_RATE:
		number_text(*(const double *)at, 1000, out, size);
		return;
	case CELL_MS:
		number_text(*(const double *)at, 100, out, size);
		return;
	case CELL_YES:
		snprintf(out, size, "%s", *(const bool *)at ? "yes" : "NO");
		return;
	case CELL_TIME:
		time_text(*(const time_t *)at, out, size);
		return;
	case CELL_MINUTE:
	case CELL_SPARK:
	case CELL_OWN:
		break;
	}
	out[0] = '\0';
}

enum ink column_ink(const struct column *column, const void *row)
{
	return column->ink ? column->ink(row) : INK_TEXT;
}

/* ---- rows ------------------------------------------------------------------------------------------------- */
size_t table_rows(const struct table *table, const struct view *view)
{
	size_t n = 0;

	while (table->row(view, n))
		n++;
	return n;
}

static unsigned long long mix(unsigned long long h, const char *text)
{
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3ull; /* FNV-1a */
	return (h ^ 0xff) * 0x100000001b3ull;
}

unsigned long long table_row_id(enum table_id id, const struct view *view, size_t i)
{
	unsigned long long h = 0xcbf29ce484222325ull;

	switch (id) {
	case TABLE_FLOWS:
		return view->flows[i].id;
	case TABLE_PREFIXES:
		return mix(mix(h, view->prefixes[i].prefix), view->prefixes[i].group);
	case TABLE_SIGNATURES:
		return mix(mix(mix(h, view->signatures[i].signature), view->signatures[i].stage),
			   view->signatures[i].outcome);
	case TABLE_HOOKS:
		return mix(mix(h, view->hooks[i].name), view->hooks[i].where);
	case TABLE_LEDGER:
		return mix(h, view->ledger[i].name);
	case TABLE_INCIDENTS:
		return mix(h, view->incidents[i].id);
	case TABLE_SITES:
		return mix(mix(h, view->sites[i].group), view->sites[i].site);
	case TABLE_DNS:
		return mix(mix(mix(mix(h, view->astray[i].group), view->astray[i].rule), view->astray[i].verdict),
			   view->astray[i].address);
	case TABLE_GROUPS:
		return mix(h, view->groups[i].name);
	case TABLES:
		break;
	}
	return 0;
}
