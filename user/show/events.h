/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event log: JSON lines, appended to a file of mode 0600 or to standard output. Lines are kept until the
 * next tick, or until a file has to take them for lack of room; a reader that does not read, or a full disk, costs events (counted), never time.
 */
#ifndef XREACH_EVENTS_H
#define XREACH_EVENTS_H

#include <stddef.h>
#include <linux/types.h>

#define EVENTS_BUFFER (1 << 20) /* bytes kept while they cannot be written */

struct events;

/* "-" is standard output. A symbolic link is refused. -errno, and one line in error. */
int events_open(const char *path, struct events **out, char *error, size_t error_size);
void events_close(struct events *e); /* writes what it can; NULL is fine */
/* On SIGHUP: go on in a new file of the same name. On failure the old one stays in use. */
int events_reopen(struct events *e, char *error, size_t error_size);

/* Add one line (without its newline). NULL for `e` or `line` is fine; NULL for `line` counts as lost. */
void events_add(struct events *e, const char *line);
/* Write what has been added. 0, or -errno of a write, the first of which is also told on standard error. */
int events_tick(struct events *e);

__u64 events_lines(const struct events *e);  /* taken */
__u64 events_lost(const struct events *e);   /* lines not taken (no room, no memory) or cut at a reopening */
__u64 events_errors(const struct events *e); /* writes that failed */

#endif
