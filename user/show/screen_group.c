// SPDX-License-Identifier: GPL-2.0
/* The page of a group: see screen_group.h. */
#include "show/screen_group.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "show/columns.h"
#include "show/pen.h"
#include "show/view.h"

#define PARTS_SHOWN 24 /* address ranges: the worst, the others are counted */

static const struct view_group *nth_group(const struct view *view, size_t n)
{
	n %= view->n_groups;
	for (int target = 1; target >= 0; target--)
		for (size_t i = 0; i < view->n_groups; i++)
			if (view->groups[i].target == target && !n--)
				return &view->groups[i];
	return NULL;
}

/* The incident that is on. */
static const struct view_incident *incident_of(const struct view *view, const struct view_group *g)
{
	for (size_t i = 0; i < view->n_incidents; i++)
		if (view->incidents[i].open && !strcmp(view->incidents[i].group, g->name))
			return &view->incidents[i];
	return NULL;
}

/* "93% of the last minute's attempts" */
static const char *lately(double failing, char text[48])
{
	char share[8];

	share_text(failing, share, sizeof(share));
	if (failing < 0)
		snprintf(text, 48, "no attempt in the last minute");
	else
		snprintf(text, 48, "%s of the last minute's attempts", share);
	return text;
}

static void entry_known(struct pen *p, const char *label, const char *text)
{
	if (*text)
		pen_entry(p, label, INK_TEXT, text);
}

static void entry_state(struct pen *p, const struct view_group *g)
{
	const char *about = meaning(ABOUT_STATE, g->state);
	char text[256];

	snprintf(text, sizeof(text), "%s%s%s", g->state, *about ? ": " : "", about);
	pen_entry(p, "State", INK_STRONG, text);
}

static void entry_since(struct pen *p, const struct view *view, const struct view_incident *in)
{
	long long s = (long long)(view->now - in->since);
	char when[32] = "?", text[160], sure[48] = "";
	struct tm tm;

	if (localtime_r(&in->since, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	if (in->uncertainty > 0)
		snprintf(sure, sizeof(sure), ", give or take %d s", in->uncertainty);
	snprintf(text, sizeof(text), "%s%s%s; for %lld h %02lld min %02lld s", in->uncertainty < 0 ? "before " : "",
		 when, sure, s / 3600, s / 60 % 60, s % 60);
	pen_entry(p, "Since", INK_TEXT, text);
}

/* What failed of late, beside what is usual and what the controls do. */
static void entry_failing(struct pen *p, const struct view_group *g, const struct view_incident *in)
{
	char text[256], share[48], usual[8], controls[8];

	lately(g->failing, share);
	if (!in) {
		snprintf(text, sizeof(text), "%s", share);
	} else {
		share_text(in->baseline, usual, sizeof(usual));
		share_text(in->controls, controls, sizeof(controls));
		snprintf(text, sizeof(text), "%s; usually %s; of the controls' since then %s", share,
			 in->baseline < 0 ? "not known yet" : usual, in->controls < 0 ? "not known" : controls);
	}
	pen_entry(p, "Failing", share_ink(g->failing), text);
}

static void entry_attempts(struct pen *p, const struct view_group *g)
{
	char text[256], n[4][16];

	count_text(g->attempts, n[0], sizeof(n[0]));
	count_text(g->failed, n[1], sizeof(n[1]));
	count_text(g->succeeded, n[2], sizeof(n[2]));
	count_text(g->neither, n[3], sizeof(n[3]));
	snprintf(text, sizeof(text),
		 "%.1f a second; %s judged since the start: %s failed, %s ok, %s neither; %.0f %% of its "
		 "flows are looked at",
		 g->per_second, n[0], n[1], n[2], n[3], g->sample * 100);
	pen_entry(p, "Attempts", INK_TEXT, text);
}

static void entry_incident(struct pen *p, const struct view_incident *in)
{
	entry_known(p, "How", in->how);
	entry_known(p, "Answered from", in->from);
	entry_known(p, "Only", in->scope);
	entry_known(p, "Seen in", in->seen);
	entry_known(p, "Clients that failed", in->clients);
	entry_known(p, "Could be", in->could_be);
	entry_known(p, "No more said", in->note);
	entry_known(p, "Incident", in->id);
}

/* A part by itself: "blocked: 110 of 217 failed". */
static void entry_part(struct pen *p, const char *name, const char *state, unsigned long long failed,
		       unsigned long long attempts, const char *worst)
{
	char text[192], n[2][16];

	count_text(failed, n[0], sizeof(n[0]));
	count_text(attempts, n[1], sizeof(n[1]));
	snprintf(text, sizeof(text), "%s; %s of %s failed since the start%s%s", state, n[0], n[1],
		 failed && *worst ? ", most by " : "", failed ? worst : "");
	pen_entry(p, name, INK_TEXT, text);
}

static void sites(struct pen *p, const struct view *view, const struct view_group *g)
{
	bool any = false;

	for (size_t i = 0; i < view->n_sites; i++) {
		const struct view_site *s = &view->sites[i];

		if (strcmp(s->group, g->name) || !s->attempts)
			continue;
		if (!any)
			pen_heading(p, "By site");
		any = true;
		entry_part(p, s->site, s->state, s->failed, s->attempts, "");
	}
}

static void prefixes(struct pen *p, const struct view *view, const struct view_group *g)
{
	size_t shown = 0, more = 0;
	char text[64];

	for (size_t i = 0; i < view->n_prefixes; i++) {
		const struct view_prefix *at = &view->prefixes[i];

		if (strcmp(at->group, g->name) || !at->attempts)
			continue;
		if (shown == PARTS_SHOWN) {
			more++;
			continue;
		}
		if (!shown++)
			pen_heading(p, "By addresses");
		entry_part(p, at->prefix, at->state, at->failed, at->attempts, at->worst);
	}
	if (!more)
		return;
	snprintf(text, sizeof(text), "and %zu more: see the tab Prefixes", more);
	pen_entry(p, "", INK_FAINT, text);
}

static void others(struct pen *p, const struct view *view, const struct view_group *g)
{
	char text[96], share[48];

	pen_heading(p, "The others: failing");
	for (size_t i = 0; i < view->n_groups; i++) {
		const struct view_group *o = &view->groups[i];

		if (o == g)
			continue;
		snprintf(text, sizeof(text), "%s; %s", o->state, lately(o->failing, share));
		pen_entry(p, o->name, INK_TEXT, text);
	}
}

void screen_group(struct pen *p, const struct view *view, size_t n)
{
	const struct view_group *g = view->n_groups ? nth_group(view, n) : NULL;
	const struct view_incident *in = g ? incident_of(view, g) : NULL;
	char text[CELL_MAX];

	if (!g) {
		pen_heading(p, "no group yet");
		return;
	}
	snprintf(text, sizeof(text), "%s (%s)", g->name, g->target ? "target" : "control");
	pen_heading(p, text);
	entry_state(p, g);
	if (in)
		entry_since(p, view, in);
	entry_failing(p, g, in);
	entry_attempts(p, g);
	least_text(g->least, text, sizeof(text));
	pen_entry(p, "To be told", INK_TEXT, text);
	if (in)
		entry_incident(p, in);
	entry_known(p, "Clients today", g->clients);
	entry_known(p, "Answers of DNS", g->dns);
	sites(p, view, g);
	prefixes(p, view, g);
	others(p, view, g);
}
