/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The live view without a terminal: what is open, sorted, filtered and under the cursor (struct screen), how a
 * key changes that, and the picture of it. Pure: no clock, no file, no terminal.
 *
 *	view or size has changed: screen_settle()
 *	a key:			  screen_key(), then screen_settle()
 *	either:			  screen_draw()
 */
#ifndef XREACH_SCREEN_H
#define XREACH_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include "show/columns.h"
#include "show/keys.h"
#include "show/view.h"

#define SCREEN_LINES_MAX  512 /* of any table */
#define SCREEN_FILTER	  64
#define SCREEN_LEAST_COLS 40
#define SCREEN_LEAST_ROWS 5

enum screen_effect {
	SCREEN_IGNORED,
	SCREEN_CHANGED,
	SCREEN_PAUSE,	/* `paused` has changed: the owner stops or goes on taking new views */
	SCREEN_REPAINT, /* the terminal may show something else than we think */
	SCREEN_QUIT,
};

enum screen_over { OVER_NOTHING, OVER_HELP, OVER_DETAIL, OVER_GROUP, OVER_SORT, OVER_FILTER };

struct screen_tab {
	size_t sort;
	bool descending;
	bool held;	       /* the cursor was moved: it stays with its row; else it stays in the first line */
	unsigned long long id; /* of that row */
	size_t cursor, top;    /* places in `selected` */
	char filter[SCREEN_FILTER];
};

struct screen {
	enum table_id tab;
	struct screen_tab tabs[TABLE_TABS];
	enum screen_over over;
	bool paused;
	bool printed;	  /* for a printout: no cursor, no keys */
	char notice[256]; /* said above everything: the picture is old */
	size_t scroll;	  /* of the help, the detail or the group */
	size_t group;	  /* of OVER_GROUP, as they stand on the screen */
	size_t choice;	  /* in the menu of columns to sort by */

	/* screen_settle() makes these */
	int rows, cols;
	int alarm_lines; /* two where one is too narrow for it, and nothing lies over the list */
	int alarm_row, books_row, notice_row, unseen_row, group_head_row, key_row; /* -1: not shown */
	int group_row, group_lines, tab_row;
	int list_row, list_lines; /* without its head, in the row above */
	size_t n_all, n_selected, selected[SCREEN_LINES_MAX];
	struct layout layout;
	union { /* the row of OVER_DETAIL, also when the view has it no more */
		struct view_flow flow;
		struct view_prefix prefix;
		struct view_signature signature;
		struct view_hook hook;
		struct view_ledger ledger;
		struct view_incident incident;
		struct view_site site;
		struct view_astray astray;
	} detail;
	unsigned long long detail_id;
};

void screen_init(struct screen *screen);
/* Rows of this size of window, of this view: find the cursor's row again, keep it in sight. */
void screen_settle(struct screen *screen, const struct view *view, int rows, int cols);
/* A key was pressed: a character or one of enum key. */
enum screen_effect screen_key(struct screen *screen, const struct view *view, unsigned int key);
/* The picture, as large as it was settled for. 0 or -ENOMEM. */
int screen_draw(const struct screen *screen, const struct view *view, struct grid *grid);
/* As many lines as this view would fill, `flows` rows of the list among them. */
int screen_lines(const struct view *view, enum table_id tab, int flows);

/* ---- its parts ---- */
struct screen_help_key {
	const char *keys, *what;
};
extern const struct screen_help_key screen_help_keys[]; /* ends with NULL */

void screen_draw_title(const struct screen *screen, const struct view *view, struct grid *grid);
void screen_draw_head(const struct screen *screen, const struct view *view,
		      struct grid *grid); /* below the title */
void screen_draw_columns(const struct table *table, const struct layout *layout, size_t sort, bool descending,
			 struct grid *grid, int row);
void screen_draw_row(const struct table *table, const struct layout *layout, const void *data, bool selected,
		     struct grid *grid, int row);
/* The help, a group, or a row in all its detail, in `lines` rows from `row` on; and how many it would fill. */
void screen_draw_text(const struct screen *screen, const struct view *view, struct grid *grid, int row, int lines);
size_t screen_text_lines(const struct screen *screen, const struct view *view, int cols);
bool screen_is_page(const struct screen *screen);   /* one of these lies over all but the title */
int screen_page_lines(const struct screen *screen); /* room for it */

#endif
