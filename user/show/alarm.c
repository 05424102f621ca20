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

enum ink alarm_ink(const struct view *view, char *text, size_t n)
{
	const struct view_group *worst = NULL;
	char name[sizeof(worst->name)], since[32] = "?", age[32];
	struct tm tm;

	text[0] = '\0';
	for (size_t i = 0; i < view->n_groups; i++)
		if (rank(&view->groups[i]) >= 0 && (!worst || rank(&view->groups[i]) > rank(worst)))
			worst = &view->groups[i];
	if (!worst)
		return INK_TEXT;
	memcpy(name, worst->name, sizeof(name));
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	if (localtime_r(&worst->state_since, &tm))
		strftime(since, sizeof(since),
			 view->now - worst->state_since < 20 * 3600 ? "%H:%M:%S" : "%Y-%m-%d %H:%M", &tm);
	lasting((long long)(view->now - worst->state_since), age, sizeof(age));
	snprintf(text, n, " %s %s since %s (%s)%s%s%s%s ", name, alarms[rank(worst)].said, since, age,
		 *worst->how ? ", " : "", worst->how, *worst->from ? "; answered from " : "", worst->from);
	return alarms[rank(worst)].ink;
}
