// SPDX-License-Identifier: GPL-2.0
/* xreach purge: drop counts from the history before their time. */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cmd.h"
#include "keep/history.h"
#include "keep/purge.h"
#include "options.h"
#include "output.h"
#include "when.h"

#define STATUS_USAGE 2

/* Nothing that cannot be taken back is done by a default: the moment has to be said. */
static int moment(const struct options *o, __s64 now, __s64 *before)
{
	char error[256];

	if (!o->before) {
		fputs("xreach purge: --before is missing: the moment before which counts are dropped, such as 90d\n",
		      stderr);
		return -EINVAL;
	}
	if (when_parse("--before", o->before, now, before, error, sizeof(error))) {
		fprintf(stderr, "xreach purge: %s\n", error);
		return -EINVAL;
	}
	if (*before > now) {
		fprintf(stderr, "xreach purge: --before: '%.60s' is still to come\n", o->before);
		return -EINVAL;
	}
	return 0;
}

/* Corrupt files that were set aside have counts as well, and nothing drops these by itself. */
static void name_set_aside(const char *dir)
{
	char pattern[PATH_MAX];
	glob_t found;

	if ((size_t)snprintf(pattern, sizeof(pattern), "%s/" HISTORY_FILE ".corrupt-*", dir) >= sizeof(pattern) ||
	    glob(pattern, GLOB_NOSORT, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		printf("not touched: %s, corrupt and set aside, with whatever it has of that time; rm it to be rid of it\n",
		       found.gl_pathv[i]);
	globfree(&found);
}

static int purge(const struct options *o)
{
	struct purge_result r;
	char error[512] = "", before[WHEN_TEXT];
	__s64 now = time(NULL), asked;

	if (moment(o, now, &asked))
		return STATUS_USAGE;
	if (!*o->settings.state_dir) {
		fputs("xreach purge: no state_dir is set, so nothing is kept; name one with --state-dir\n", stderr);
		return EXIT_FAILURE;
	}
	if (purge_history(o->settings.state_dir, asked, now, &r, error, sizeof(error))) {
		fprintf(stderr, "xreach purge: %s\n", error);
		return EXIT_FAILURE;
	}
	printf("%s: %llu rows of counts from before %s UTC are gone; %llu incident%s, %llu list%s of ranges and the "
	       "evidence file stay\n",
	       o->settings.state_dir, (unsigned long long)r.dropped, when_minute(r.before, before),
	       (unsigned long long)r.incidents, r.incidents == 1 ? "" : "s", (unsigned long long)r.ranges,
	       r.ranges == 1 ? "" : "s");
	name_set_aside(o->settings.state_dir);
	return EXIT_SUCCESS;
}

int cmd_purge(int argc, char **argv)
{
	struct options options;
	int status;

	if (options_parse("purge", argc, argv, &options))
		return options.status;
	status = purge(&options);
	if (output_failed("xreach purge"))
		status = EXIT_FAILURE;
	options_free(&options);
	return status;
}
