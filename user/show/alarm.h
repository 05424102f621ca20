/* SPDX-License-Identifier: GPL-2.0 */
/* The one line that tells whoever looks at the screen what is wrong with a target, and since when. Pure. */
#ifndef XREACH_ALARM_H
#define XREACH_ALARM_H

#include "show/screen_grid.h"

struct view;

/* INK_TEXT and "" while no target has an open incident; else the worst of them in a line: "X IS BLOCKED since 16:04:10
 * (12 min): by name ...", INK_ALARM where people cannot reach it, INK_NOTICE where it is less. */
enum ink alarm_ink(const struct view *view, char *text, size_t n);

#endif
