// SPDX-License-Identifier: GPL-2.0
/* The tables of the live view: which rows pass a filter, in which order, and which columns fit a width. */
#include "show/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "show/view.h"

/* ---- rows ------------------------------------------------------------------------------------------------- */
bool table_matches(const struct table *table, const void *row, const char *filter)
{
	char cells[1024] = "", text[CELL_MAX], words[128], *alternative, *save = NULL;
	size_t used = 0, i;
	bool any = false;

	for (i = 0; i < table->n_columns; i++) {
		if (table->columns[i].cell == CELL_SPARK)
			continue;
		column_text(&table->columns[i], row, text, sizeof(text));
		used += (size_t)snprintf(cells + used, sizeof(cells) - used, "%s\n", text);
		if (used >= sizeof(cells))
			break;
	}
	snprintf(words, sizeof(words), "%s", filter);
	for (alternative = strtok_r(words, "|", &save); alternative; alternative = strtok_r(NULL, "|", &save)) {
		char *inner = NULL, *word = strtok_r(alternative, " ", &inner);
		bool all = true;

		any = any || word;
		for (; word && all; word = strtok_r(NULL, " ", &inner))
			all = strcasestr(cells, word);
		if (all && any)
			return true;
	}
	return !any;
}

struct order {
	const struct table *table;
	const struct view *view;
	const struct column *column; /* NULL: as they come */
	bool descending;
};

#define COMPARE(type, a, b) ((*(const type *)(a) > *(const type *)(b)) - (*(const type *)(a) < *(const type *)(b)))

static int compare_cells(const struct column *column, const void *a, const void *b)
{
	const void *at_a = (const char *)a + column->offset, *at_b = (const char *)b + column->offset;
	char text_a[CELL_MAX], text_b[CELL_MAX];

	switch (column->cell) {
	case CELL_COUNT:
		return COMPARE(unsigned long long, at_a, at_b);
	case CELL_SHARE:
	case CELL_RATE:
	case CELL_MS:
		return COMPARE(double, at_a, at_b);
	case CELL_YES:
		return COMPARE(bool, at_a, at_b);
	case CELL_MINUTE:
	case CELL_TIME:
		return COMPARE(time_t, at_a, at_b);
	case CELL_SPARK:
		return 0;
	case CELL_TEXT:
	case CELL_OWN:
		break;
	}
	column_text(column, a, text_a, sizeof(text_a));
	column_text(column, b, text_b, sizeof(text_b));
	return strverscmp(text_a, text_b); /* 9.0.0.0/8 before 104.0.0.0/8 */
}

static int compare_rows(const void *a, const void *b, void *arg)
{
	const struct order *order = arg;
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	int c = 0;

	if (order->column)
		c = compare_cells(order->column, order->table->row(order->view, i),
				  order->table->row(order->view, j));
	if (c)
		return order->descending ? -c : c;
	/* Equal: as they came; rows that come newest first turn round when the time is sorted upwards. */
	c = (i > j) - (i < j);
	return order->table->newest_first && order->column &&
			       (order->column->cell == CELL_MINUTE || order->column->cell == CELL_TIME) &&
			       !order->descending
		       ? -c
		       : c;
}

size_t table_select(const struct table *table, const struct view *view, size_t sort, bool descending,
		    const char *filter, size_t *out)
{
	struct order order = { table, view, sort < table->n_columns ? &table->columns[sort] : NULL, descending };
	const void *row;
	size_t n = 0, i;

	for (i = 0; (row = table->row(view, i)); i++)
		if (!filter[0] || table_matches(table, row, filter))
			out[n++] = i;
	qsort_r(out, n, sizeof(*out), compare_rows, &order);
	return n;
}

/* ---- layout ----------------------------------------------------------------------------------------------- */
/* What the column would take, 0 when it is not to be shown. */
static int natural_width(const struct table *table, const struct view *view, const struct column *column,
			 bool sorted)
{
	int width = grid_width(column->title) + sorted, most = 0;
	char text[CELL_MAX];
	const void *row;
	size_t i;

	if (column->cell == CELL_SPARK)
		return VIEW_SPARK / 4; /* it grows into what the others leave */
	for (i = 0; (row = table->row(view, i)); i++) {
		int n;

		column_text(column, row, text, sizeof(text));
		n = grid_width(text);
		if (n > most)
			most = n;
	}
	if (column->optional && !most)
		return 0;
	return most > width ? most : width;
}

void table_layout(const struct table *table, const struct view *view, size_t sort, int width, struct layout *out)
{
	int widths[COLUMNS_MAX], left = width + 1, col = 0; /* each column takes a blank; the last needs none */
	bool taken[COLUMNS_MAX] = {};
	size_t round, i;

	*out = (struct layout){};
	for (i = 0; i < table->n_columns; i++)
		widths[i] = natural_width(table, view, &table->columns[i], i == sort);
	for (round = 0; round < table->n_columns; round++) {
		size_t best = COLUMNS_MAX;

		for (i = 0; i < table->n_columns; i++)
			if (!taken[i] && widths[i] &&
			    (best == COLUMNS_MAX || table->columns[i].keep > table->columns[best].keep))
				best = i;
		if (best == COLUMNS_MAX)
			break;
		if (widths[best] + 1 > left && table->columns[best].least && table->columns[best].least < left)
			widths[best] = left - 1;
		if (widths[best] + 1 > left) {
			widths[best] = 0;
			continue;
		}
		taken[best] = true;
		left -= widths[best] + 1;
	}
	for (i = 0; i < table->n_columns; i++) {
		int more = VIEW_SPARK - widths[i];

		if (!taken[i] || table->columns[i].cell != CELL_SPARK || left < 1)
			continue;
		widths[i] += more < left ? more : left;
		left -= more < left ? more : left;
	}
	for (i = 0; i < table->n_columns; i++) {
		if (!taken[i])
			continue;
		out->at[out->n].column = i;
		out->at[out->n].col = col;
		out->at[out->n++].width = widths[i];
		col += widths[i] + 1;
	}
}
