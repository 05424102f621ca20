/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of the live view: for each its columns, what a cell says, how it sorts, which columns fit a width.
 * One place for the screen and for the plain lines; a new column is a row in columns.c.
 */
#ifndef XREACH_COLUMNS_H
#define XREACH_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include "show/screen_grid.h"

struct view;

enum table_id {
	TABLE_FLOWS,
	TABLE_PREFIXES,
	TABLE_SIGNATURES,
	TABLE_HOOKS,
	TABLE_LEDGER,
	TABLE_INCIDENTS,
	TABLE_SITES,
	TABLE_DNS,
	TABLE_GROUPS,
	TABLES
};
#define TABLE_TABS  TABLE_GROUPS /* the ones before it are tabs */
#define COLUMNS_MAX 20
#define CELL_MAX    160

enum cell {
	CELL_TEXT,   /* char [] at the offset */
	CELL_COUNT,  /* unsigned long long */
	CELL_SHARE,  /* double, 0..1; below 0: unknown */
	CELL_RATE,   /* double, per second */
	CELL_MS,     /* double; below 0: unknown */
	CELL_YES,    /* bool */
	CELL_MINUTE, /* time_t, shown as HH:MM of the local day */
	CELL_SPARK,  /* the group's sparkline */
	CELL_TIME,   /* time_t, shown as month, day and second; 0: none */
	CELL_OWN,    /* by its own function; sorts as text */
};

struct column {
	const char *title; /* over the column */
	const char *name;  /* in menus */
	enum cell cell;
	size_t offset;
	unsigned char keep;  /* where room is short, the lowest go first */
	unsigned char least; /* may be cut down to so many columns rather than go; 0: never */
	bool right;
	bool optional; /* gone while every cell is empty */
	void (*own)(const void *row, char *out, size_t size);
	enum ink (*ink)(const void *row);
};

struct table {
	const char *name;
	const struct column *columns;
	size_t n_columns;
	size_t sort;	   /* column to begin with ... */
	bool descending;   /* ... and its direction */
	bool newest_first; /* rows come newest first: that is their order, not the sorted column's */
	const void *(*row)(const struct view *view, size_t i); /* NULL beyond the last */
};

extern const struct table tables[TABLES];

size_t table_rows(const struct table *table, const struct view *view);
/* What tells a row from all others, also in the next view. */
unsigned long long table_row_id(enum table_id id, const struct view *view, size_t i);
void column_text(const struct column *column, const void *row, char *out, size_t size);
enum ink column_ink(const struct column *column, const void *row);

/* Indices of the rows that the filter lets through, sorted; `out` has room for all. Returns how many. */
size_t table_select(const struct table *table, const struct view *view, size_t sort, bool descending,
		    const char *filter, size_t *out);
/* Words must all be in the row, in any column and case; '|' separates alternatives. Empty: everything does. */
bool table_matches(const struct table *table, const void *row, const char *filter);

struct layout {
	size_t n;
	struct {
		size_t column;
		int col, width;
	} at[COLUMNS_MAX];
};
/* Which columns fit, and where: the most important ones, in the table's order. `sort` may be >= n_columns. */
void table_layout(const struct table *table, const struct view *view, size_t sort, int width, struct layout *out);

/* Ink of a failing share, -1 where none is known. */
enum ink share_ink(double share);
void share_text(double share, char *out, size_t size);
/* What is told within five minutes, of view_group's `least`; in at most CELL_MAX bytes. */
void least_text(double least, char *out, size_t size);
/* A count in at most seven characters. */
void count_text(unsigned long long n, char *out, size_t size);

/* What the names on the screen mean, in a few words; "" where nothing is known. */
enum about_what { ABOUT_SIGNATURE, ABOUT_STAGE, ABOUT_OUTCOME, ABOUT_REASON, ABOUT_SNI, ABOUT_LEDGER, ABOUT_STATE };
const char *meaning(enum about_what what, const char *name);
/* All of them, one after another; false beyond the last. */
bool meaning_row(enum about_what what, size_t i, const char **name, const char **text);

#endif
