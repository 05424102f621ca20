/* SPDX-License-Identifier: GPL-2.0 */
/* A picture of a terminal in memory: cells of one character and one ink each. Nothing here draws on anything. */
#ifndef XREACH_SCREEN_GRID_H
#define XREACH_SCREEN_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* What a piece of text is, not how it looks: the terminal decides that. */
enum ink {
	INK_TEXT,
	INK_FAINT,
	INK_STRONG,
	INK_GOOD,
	INK_WARN,
	INK_BAD,
	INK_NOTICE,    /* something the user must know */
	INK_ALARM,     /* ... at once */
	INK_HEAD,      /* titles of columns */
	INK_HEAD_SORT, /* ... of the one that is sorted by */
	INK_SELECTED,
	INK_TAB,
	INK_TAB_ON,
	INK_KEY, /* the bar at the bottom */
	INK_KEY_NAME,
	INKS
};

struct grid_cell {
	wchar_t c;
	enum ink ink;
};

struct grid {
	int rows, cols;
	bool utf8; /* what the terminal can show */
	struct grid_cell *cells;
};

/* Make it blank, of this size. 0 or -ENOMEM (and then it is 0 by 0). */
int grid_reset(struct grid *grid, int rows, int cols);
void grid_free(struct grid *grid);

/* Columns that the text takes. Characters that cannot be shown count one. */
int grid_width(const char *text);
/*
 * Put text (of the locale) at a place, cut to `width` columns with a mark that says so; what is no printable
 * character of width one becomes '?'. Outside of the grid nothing happens. Returns the columns it took.
 */
int grid_put(struct grid *grid, int row, int col, int width, enum ink ink, const char *text);
int grid_put_right(struct grid *grid, int row, int col, int width, enum ink ink, const char *text);
void grid_put_char(struct grid *grid, int row, int col, enum ink ink, wchar_t c);
void grid_fill(struct grid *grid, int row, int col, int width, enum ink ink);
/* One row as text of the locale, without blanks at its end. */
void grid_text(const struct grid *grid, int row, char *out, size_t size);

#endif
