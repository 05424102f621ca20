/* SPDX-License-Identifier: GPL-2.0 */
/* Which hooks came and went: a daemon that sees less than it did must say so where its operator looks. */
#ifndef XREACH_HOOK_NEWS_H
#define XREACH_HOOK_NEWS_H

#include "load/watch.h"

struct hook_news { /* begins as zeroes */
	struct watch_hook *before;
	size_t n;
};

/* One line to `say` for each hook that is attached now and was not, or the other way round, since the last call; none
 * at the first. */
void hook_news_tell(struct hook_news *news, const struct watch_hook *now, size_t n, void (*say)(const char *line));
void hook_news_free(struct hook_news *news);

#endif
