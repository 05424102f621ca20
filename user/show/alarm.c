// SPDX-License-Identifier: GPL-2.0
/* The bar over everything: see alarm.h. */
#include "show/alarm.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "show/view.h"

/* From the least to the worst; others are no alarm. */
static const struct {
	const char *state, *said;
	enum ink ink;
} alarms[] = {
	{ "impaired", "is IMPAIRED", INK_NOTICE },
	{ "vanished", "has VANISHED", INK_NOTICE },
	{ "throttled", "is THROTTLED", INK_NOTICE },
	{ "likely blocked", "is LIKELY BLOCKED", INK_ALARM },
	{ "down", "is DOWN, as the controls are", INK_ALARM },
	{ "blocked", "is BLOCKED", INK_ALARM },
};
#define ALARMS ((int)(sizeof(alarms) / sizeof(alarms[0])))

static int rank(const struct view_group *g)
{
	int i = g->target && g->state_since ? ALARMS - 1 : -1;

	while (i >= 0 && strcmp(alarms[i].state, g->state))
		i--;
	return i;
}

static void lasting(long long seconds, char *text, size_t n)
{
	if (seconds < 120)
		snprintf(text, n, "%lld s", seconds > 0 ? seconds : 0);
	else if (seconds < 7200)
		snprintf(text, n, "%lld min", seconds / 60);
	else
		snprintf(text, n, "%lld h %lld min", seconds / 3600, seconds / 60 % 60);
}

/* "16:04:10", or with its day where that is not clear. */
static const char *moment(time_t at, time_t now, char text[static 32])
{
	struct tm tm;

	if (!localtime_r(&at, &tm) ||
	    !strftime(text, 32, now - at < 20 * 3600 ? "%H:%M:%S" : "%Y-%m-%d %H:%M", &tm))
		snprintf(text, 32, "?");
	return text;
}

/* "since 16:04:10 (12 min; impaired since before 2024-02-17 09:10)": of the word, and of the incident where it began as
 * another. */
static void since(const struct view_group *g, time_t now, char *text, size_t n)
{
	time_t word = g->word_since ? g->word_since : g->state_since;
	char at[32], age[32], began[32], earlier[96] = "";

	if (*g->word_before)
		snprintf(earlier, sizeof(earlier), "; %s since %s%s", g->word_before,
			 g->since_bound ? "before " : "", moment(g->state_since, now, began));
	lasting((long long)(now - word), age, sizeof(age));
	snprintf(text, n, "since %s%s (%s%s)", g->since_bound && !*g->word_before ? "before " : "",
		 moment(word, now, at), age, earlier);
}

enum ink alarm_ink(const struct view *view, char *text, size_t n)
{
	const struct view_group *worst = NULL;
	char name[sizeof(worst->name)], when[256];

	text[0] = '\0';
	for (size_t i = 0; i < view->n_groups; i++)
		if (rank(&view->groups[i]) >= 0 && (!worst || rank(&view->groups[i]) > rank(worst)))
			worst = &view->groups[i];
	if (!worst)
		return INK_TEXT;
	memcpy(name, worst->name, sizeof(name));
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	since(worst, view->now, when, sizeof(when));
	snprintf(text, n, " %s %s %s%s%s%s%s%s%s ", name, alarms[rank(worst)].said, when, *worst->how ? ", " : "",
		 worst->how, *worst->from ? "; answered from " : "", worst->from, *worst->note ? "; " : "",
		 worst->note);
	return alarms[rank(worst)].ink;
}
