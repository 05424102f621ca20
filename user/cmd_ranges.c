// SPDX-License-Identifier: GPL-2.0
/* xreach ranges: show, check and compare lists. */
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "load/ranges.h"
#include "options.h"

int cmd_ranges(int argc, char **argv)
{
	struct options options;
	struct ranges *r = NULL;
	char error[512];

	if (options_parse("ranges", argc, argv, &options))
		return options.status;
	if (ranges_load((const char *const *)options.settings.ranges, options.settings.ranges_count, NULL, false,
			&r, error, sizeof(error))) {
		fprintf(stderr, "xreach ranges: %s\n", error);
		options_free(&options);
		return EXIT_FAILURE;
	}
	printf("%s: version %s, %zu prefixes\n", options.settings.ranges[0], r->version, r->n_prefixes);
	ranges_free(r);
	options_free(&options);
	return EXIT_SUCCESS;
}
