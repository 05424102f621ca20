// SPDX-License-Identifier: GPL-2.0
/* Setting a file aside: see aside.h. */
#include "keep/aside.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define TRIES 100

int aside_move(const char *path, const char *why, __s64 now, char *name, size_t n)
{
	time_t seconds = (time_t)now;
	char stamp[32], more[8] = "";
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) || !strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc))
		return -EINVAL;
	for (int i = 2; i < TRIES + 2; i++) {
		int length = snprintf(name, n, "%s.%s-%s%s", path, why, stamp, more);

		if (length < 0 || (size_t)length >= n)
			return -ENAMETOOLONG;
		/* link() and not rename(): it refuses a name that is taken, on every file system */
		if (!link(path, name))
			return unlink(path) ? -errno : 0;
		if (errno != EEXIST)
			return -errno;
		snprintf(more, sizeof(more), "-%d", i);
	}
	return -EEXIST;
}
