/* SPDX-License-Identifier: GPL-2.0 */
/* A file that cannot be used is set aside under another name, never deleted: it may be all the evidence there is. */
#ifndef XREACH_ASIDE_H
#define XREACH_ASIDE_H

#include <stddef.h>
#include <linux/types.h>

/*
 * Rename `path` to `path.WHY-20260217T160410Z` (`now` in seconds, UTC; with -2, -3 ... behind it where that is taken),
 * which goes to `name` (`n` bytes, PATH_MAX is enough). Nothing is ever overwritten. 0 or -errno; -ENOENT where there
 * is no such file.
 */
int aside_move(const char *path, const char *why, __s64 now, char *name, size_t n);

#endif
