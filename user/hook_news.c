// SPDX-License-Identifier: GPL-2.0
/* Hooks of now against those of before. */
#include "hook_news.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct watch_hook *find(const struct watch_hook *hooks, size_t n, const struct watch_hook *like)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(hooks[i].name, like->name) && !strcmp(hooks[i].where, like->where))
			return &hooks[i];
	return NULL;
}

static bool is_attached(const struct watch_hook *hook)
{
	return hook && hook->attached;
}

static void compare(const struct hook_news *news, const struct watch_hook *now, size_t n,
		    void (*say)(const char *line))
{
	char line[256];

	for (size_t i = 0; i < news->n; i++) {
		const struct watch_hook *old = &news->before[i], *hook = find(now, n, old);

		if (!old->attached || is_attached(hook))
			continue;
		snprintf(line, sizeof(line), "no longer attached: %s on %s%s%s", old->name, old->where,
			 hook && *hook->note ? ": " : "", hook ? hook->note : "");
		say(line);
	}
	for (size_t i = 0; i < n; i++) {
		if (!now[i].attached || is_attached(find(news->before, news->n, &now[i])))
			continue;
		snprintf(line, sizeof(line), "attached: %s on %s (%s)", now[i].name, now[i].where, now[i].how);
		say(line);
	}
}

void hook_news_tell(struct hook_news *news, const struct watch_hook *now, size_t n, void (*say)(const char *line))
{
	struct watch_hook *copy = malloc((n + 1) * sizeof(*copy));

	if (!copy)
		return; /* told when there is memory again */
	if (news->before)
		compare(news, now, n, say);
	memcpy(copy, now, n * sizeof(*copy));
	free(news->before);
	news->before = copy;
	news->n = n;
}

void hook_news_free(struct hook_news *news)
{
	free(news->before);
	*news = (struct hook_news){ 0 };
}
