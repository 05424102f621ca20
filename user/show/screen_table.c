// SPDX-License-Identifier: GPL-2.0
/* A table in the picture: the head with its titles, and a row. */
#include <stdio.h>
#include "show/screen.h"
#include "show/spark.h"

void screen_draw_columns(const struct table *table, const struct layout *layout, size_t sort, bool descending,
			 struct grid *grid, int row)
{
	char title[64];

	grid_fill(grid, row, 0, grid->cols, INK_HEAD);
	for (size_t i = 0; i < layout->n; i++) {
		const struct column *column = &table->columns[layout->at[i].column];
		bool sorted = layout->at[i].column == sort;
		enum ink ink = sorted ? INK_HEAD_SORT : INK_HEAD;

		snprintf(title, sizeof(title), "%s%s", column->title,
			 !sorted       ? ""
			 : !grid->utf8 ? (descending ? "v" : "^")
			 : descending  ? "\xe2\x96\xbc"	 /* U+25BC */
				       : "\xe2\x96\xb2"); /* U+25B2 */
		(column->right ? grid_put_right : grid_put)(grid, row, layout->at[i].col, layout->at[i].width, ink,
							    title);
	}
}

static void draw_spark(const struct view_group *group, struct grid *grid, int row, int col, int width)
{
	size_t n = spark_width(VIEW_SPARK, (size_t)width), at;

	for (at = 0; at < n; at++) {
		int percent = spark_value(group->spark, VIEW_SPARK, n, at);

		grid_put_char(grid, row, col + (int)at, share_ink(percent / 100.0),
			      spark_char(percent, grid->utf8));
	}
}

void screen_draw_row(const struct table *table, const struct layout *layout, const void *data, bool selected,
		     struct grid *grid, int row)
{
	char text[CELL_MAX];

	if (selected)
		grid_fill(grid, row, 0, grid->cols, INK_SELECTED);
	for (size_t i = 0; i < layout->n; i++) {
		const struct column *column = &table->columns[layout->at[i].column];
		enum ink ink = selected ? INK_SELECTED : column_ink(column, data);

		if (column->cell == CELL_SPARK) {
			draw_spark(data, grid, row, layout->at[i].col, layout->at[i].width);
			continue;
		}
		column_text(column, data, text, sizeof(text));
		(column->right ? grid_put_right : grid_put)(grid, row, layout->at[i].col, layout->at[i].width, ink,
							    text);
	}
}
