/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of `xreach ranges`. */
#ifndef XREACH_CMD_RANGES_H
#define XREACH_CMD_RANGES_H

#include "load/ranges.h"

#define RANGES_WIDTH 79 /* columns */

/* Groups with what they hold, and the head of the list. */
void ranges_show(const struct ranges *r, const char *const *files, size_t n_files);
/* What changed, group by group. 1 where anything did, 0, or -ENOMEM. */
int ranges_diff(const struct ranges *old, const struct ranges *new);

/* "own", "dedicated", "shared". */
const char *ranges_class(enum class class);
/* "2026-11-01 of 2026-11-02, hash 0123456789abcdef". `text` has 128 bytes. */
const char *ranges_version_text(const struct ranges *r, char text[128]);
/* "1,234": addresses, for IPv6 networks of /48. */
const char *ranges_space_text(unsigned __int128 space, bool v6, char text[64]);
/* `text` behind `lead`, wrapped between words, further lines indented as far as the lead. */
void ranges_wrap(const char *lead, const char *text);

#endif
