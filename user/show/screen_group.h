/* SPDX-License-Identifier: GPL-2.0 */
/* The page of a group: its state in words, since when and how, what the controls did, and each part by itself. */
#ifndef XREACH_SCREEN_GROUP_H
#define XREACH_SCREEN_GROUP_H

#include <stddef.h>

struct pen;
struct view;

/* The nth group as they stand on the screen, targets first; n beyond the last is the first again. */
void screen_group(struct pen *p, const struct view *view, size_t n);

#endif
