// SPDX-License-Identifier: GPL-2.0
/* What is told of hooks that come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "hook_news.h"

static char said[1024];

static void hear(const char *line)
{
	size_t used = strlen(said);

	snprintf(said + used, sizeof(said) - used, "%s\n", line);
}

static const char *news_of(struct hook_news *news, const struct watch_hook *now, size_t n)
{
	said[0] = '\0';
	hook_news_tell(news, now, n, hear);
	return said;
}

static void what_was_there_from_the_start_is_no_news(void **state)
{
	const struct watch_hook hooks[] = { { "tc/ingress", "eth0", "tcx", "", true },
					    { "kfree_skb", "tracepoint", "", "no BTF", false } };
	struct hook_news news = { 0 };

	(void)state;
	assert_string_equal(news_of(&news, hooks, 2), "");
	assert_string_equal(news_of(&news, hooks, 2), "");
	hook_news_free(&news);
}

static void loss_is_told_once_with_its_reason_and_return_too(void **state)
{
	struct watch_hook hook = { "sockops", "/sys/fs/cgroup", "cgroup link", "", true };
	struct hook_news news = { 0 };

	(void)state;
	news_of(&news, &hook, 1);
	hook.attached = false;
	strcpy(hook.note, "detached by somebody else");
	assert_string_equal(news_of(&news, &hook, 1),
			    "no longer attached: sockops on /sys/fs/cgroup: detached by somebody else\n");
	assert_string_equal(news_of(&news, &hook, 1), "");
	hook.attached = true;
	assert_string_equal(news_of(&news, &hook, 1), "attached: sockops on /sys/fs/cgroup (cgroup link)\n");
	hook_news_free(&news);
}

static void interface_that_vanishes_and_one_that_comes_are_told(void **state)
{
	const struct watch_hook before[] = { { "tc/ingress", "eth0", "tcx", "", true } };
	const struct watch_hook after[] = { { "tc/ingress", "ppp0", "tcx", "", true } };
	struct hook_news news = { 0 };

	(void)state;
	news_of(&news, before, 1);
	assert_string_equal(news_of(&news, after, 1),
			    "no longer attached: tc/ingress on eth0\nattached: tc/ingress on ppp0 (tcx)\n");
	assert_string_equal(news_of(&news, after, 0), "no longer attached: tc/ingress on ppp0\n");
	hook_news_free(&news);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_there_from_the_start_is_no_news),
		cmocka_unit_test(loss_is_told_once_with_its_reason_and_return_too),
		cmocka_unit_test(interface_that_vanishes_and_one_that_comes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
