/* SPDX-License-Identifier: GPL-2.0 */
/* Moments as people write them, and as they read them. All of it is UTC. */
#ifndef XREACH_WHEN_H
#define XREACH_WHEN_H

#include <stddef.h>
#include <linux/types.h>

/*
 * "2024-02-17", "2024-02-17T16:04", "2024-02-17T16:04:10Z", or how long before `now`: "90m", "6h", "14d", "8w". On
 * failure -EINVAL, and name, value and remedy in error.
 */
int when_parse(const char *name, const char *text, __s64 now, __s64 *out, char *error, size_t n);

/* "2024-02-17 16:04" and with seconds; "" where it is no time. `n`: WHEN_TEXT. Returns text. */
#define WHEN_TEXT 32
const char *when_minute(__s64 second, char text[WHEN_TEXT]);
const char *when_second(__s64 second, char text[WHEN_TEXT]);
const char *when_iso(__s64 second, char text[WHEN_TEXT]); /* "2024-02-17T16:04:10Z" */
/* "45 s", "12 min 5 s", "3 h 20 min", "5 days 2 h": rounded to the last that is told */
const char *when_long(__s64 seconds, char text[WHEN_TEXT]);

#endif
