/* SPDX-License-Identifier: GPL-2.0 */
/* Writing a page of text into a grid: headings, and entries of a label with text beside it that is broken between words. */
#ifndef XREACH_PEN_H
#define XREACH_PEN_H

#include <stddef.h>
#include "show/screen_grid.h"

/* Draws lines from the `skip`th on, as far as there is room, and counts all of them; without grid it only counts. */
struct pen {
	struct grid *grid;
	int row, end, cols;
	int label; /* columns */
	size_t skip, lines;
};

void pen_heading(struct pen *p, const char *text);
/* Where there is no room beside the label, the text stands below it. */
void pen_entry(struct pen *p, const char *label, enum ink ink, const char *text);

#endif
