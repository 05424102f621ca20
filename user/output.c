// SPDX-License-Identifier: GPL-2.0
/* A full disk or a reader that has gone is found out when the last of it is written, and is an error of the whole. */
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool output_failed(const char *who)
{
	if (!fflush(stdout) && !ferror(stdout))
		return false;
	fprintf(stderr, "%s: standard output: %s\n", who, strerror(errno));
	return true;
}
