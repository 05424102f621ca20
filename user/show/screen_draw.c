// SPDX-License-Identifier: GPL-2.0
/* The picture of the live view, part by part from top to bottom. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "show/screen.h"
#include "show/spark.h"
#include "show/unseen.h"

/* ---- the head ------------------------------------------------------------------------------------------- */
static void duration_text(long long seconds, char *out, size_t size)
{
	if (seconds < 0)
		snprintf(out, size, "?");
	else if (seconds < 60)
		snprintf(out, size, "%lld s", seconds);
	else if (seconds < 3600)
		snprintf(out, size, "%lld min", seconds / 60);
	else if (seconds < 86400)
		snprintf(out, size, "%lld h %02lld min", seconds / 3600, seconds / 60 % 60);
	else
		snprintf(out, size, "%lld d %lld h", seconds / 86400, seconds / 3600 % 24);
}

static void time_text(time_t t, const char *format, char *out, size_t size)
{
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(out, size, format, &tm))
		snprintf(out, size, "?");
}

/* The clock, and whether it stands, at the right; the rest as far as there is room. */
static void draw_title(const struct screen *s, const struct view *view, struct grid *grid)
{
	char left[256], since[32], lasting[32], clock[32];
	bool same_day = view->now - view->since < 20 * 3600;
	int right = 0;

	time_text(view->since, same_day ? "%H:%M" : "%Y-%m-%d %H:%M", since, sizeof(since));
	duration_text(view->now - view->since, lasting, sizeof(lasting));
	time_text(view->now, grid->cols >= 70 ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", clock, sizeof(clock));
	if (s->paused) {
		right += 9;
		grid_put(grid, 0, grid->cols - right + 1, 8, INK_NOTICE, "[PAUSED]");
	}
	right += (int)strlen(clock) + 1;
	grid_put(grid, 0, grid->cols - right + 1, (int)strlen(clock), INK_FAINT, clock);
	grid_put(grid, 0, 0, 6, INK_STRONG, "xreach");
	snprintf(left, sizeof(left), "on %s, %s since %s (%s)", view->host, view->daemon ? "daemon" : "own watch",
		 since, lasting);
	grid_put(grid, 0, 7, grid->cols - right - 8, INK_TEXT, left);
}

/* A line of the ledger; all of a kind where the name ends with a slash. */
static unsigned long long ledger_value(const struct view *view, const char *name)
{
	size_t length = strlen(name), i;
	unsigned long long sum = 0;

	for (i = 0; i < view->n_ledger; i++)
		if (!strcmp(view->ledger[i].name, name) ||
		    (name[length - 1] == '/' && !strncmp(view->ledger[i].name, name, length)))
			sum += view->ledger[i].value;
	return sum;
}

static void draw_books(const struct view *view, struct grid *grid, int row)
{
	static const char *const terms[] = { "opened", "open", "judged", "forgotten", "lost/" };
	char text[256], count[5][16];
	int col;

	for (int i = 0; i < 5; i++)
		count_text(ledger_value(view, terms[i]), count[i], sizeof(count[i]));
	col = grid_put(grid, row, 0, grid->cols, view->books_balance ? INK_GOOD : INK_NOTICE,
		       view->books_balance ? "books balance" : "BOOKS DO NOT BALANCE");
	snprintf(text, sizeof(text), ": %s opened %s %s open + %s judged + %s forgotten + %s lost", count[0],
		 view->books_balance ? "=" : "!=", count[1], count[2], count[3], count[4]);
	col += grid_put(grid, row, col, grid->cols - col, INK_FAINT, text);
	snprintf(text, sizeof(text), "ranges %s", view->ranges[0] ? view->ranges : "unknown");
	if (grid->cols - col > grid_width(text) + 1)
		grid_put_right(grid, row, col + 2, grid->cols - col - 2, INK_FAINT, text);
}

static void draw_line(struct grid *grid, int row, enum ink ink, const char *text)
{
	grid_fill(grid, row, 0, grid->cols, ink);
	grid_put(grid, row, 0, grid->cols, ink, text);
}

static void draw_unseen(const struct view *view, struct grid *grid, int row)
{
	char text[512], what[480];

	unseen_text(view, what, sizeof(what));
	snprintf(text, sizeof(text), "not seen: %s", what);
	grid_put(grid, row, 0, grid->cols, INK_WARN, text);
}

/* ---- tables --------------------------------------------------------------------------------------------- */
static void draw_head(const struct table *table, const struct layout *layout, size_t sort, bool descending,
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

static void draw_row(const struct table *table, const struct layout *layout, const void *data, bool selected,
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

/* Targets first. What does not fit is summed up in the last line. */
static void draw_groups(const struct screen *s, const struct view *view, struct grid *grid)
{
	const struct table *table = &tables[TABLE_GROUPS];
	size_t order[WIRE_GROUPS_MAX], n = 0, i, room = (size_t)s->group_lines;
	const struct view_group *worst = NULL;
	struct layout layout;
	char text[128], share[8];

	for (int target = 1; target >= 0; target--)
		for (i = 0; i < view->n_groups; i++)
			if (view->groups[i].target == target)
				order[n++] = i;
	table_layout(table, view, COLUMNS_MAX, grid->cols, &layout);
	if (s->group_head_row >= 0)
		draw_head(table, &layout, COLUMNS_MAX, false, grid, s->group_head_row);
	for (i = 0; i < n && i < room; i++) {
		if (i == room - 1 && n > room && room > 1)
			break;
		draw_row(table, &layout, &view->groups[order[i]], false, grid, s->group_row + (int)i);
	}
	if (i == n || room <= 1)
		return;
	for (size_t left = i; left < n; left++)
		if (!worst || view->groups[order[left]].failing > worst->failing)
			worst = &view->groups[order[left]];
	share_text(worst->failing, share, sizeof(share));
	if (worst->failing < 0)
		snprintf(text, sizeof(text), " and %zu more, all quiet", n - i);
	else
		snprintf(text, sizeof(text), " and %zu more, the worst of them %s: %s failing", n - i, worst->name,
			 share);
	grid_put(grid, s->group_row + (int)i, 0, grid->cols, share_ink(worst->failing), text);
}

static void tab_text(const struct screen *s, const struct view *view, enum table_id id, char *out, size_t size)
{
	size_t n = table_rows(&tables[id], view), attached = 0;

	switch (id) {
	case TABLE_HOOKS:
		for (size_t i = 0; i < view->n_hooks; i++)
			attached += view->hooks[i].attached;
		snprintf(out, size, " %d %s %zu/%zu ", id + 1, tables[id].name, attached, n);
		return;
	case TABLE_LEDGER:
		snprintf(out, size, " %d %s ", id + 1, tables[id].name);
		return;
	default:
		if (id == s->tab && s->n_selected != n)
			snprintf(out, size, " %d %s %zu of %zu ", id + 1, tables[id].name, s->n_selected, n);
		else
			snprintf(out, size, " %d %s %zu ", id + 1, tables[id].name, n);
	}
}

/* The filter takes its room at the right; tabs that do not fit beside it go, but never the open one. */
static void draw_tabs(const struct screen *s, const struct view *view, struct grid *grid)
{
	const char *filter = s->tabs[s->tab].filter;
	char text[SCREEN_FILTER + 16];
	int col = 0, room = grid->cols;

	if (s->over == OVER_FILTER || filter[0]) {
		snprintf(text, sizeof(text), "Filter: %s%s", filter, s->over == OVER_FILTER ? "_" : "");
		room -= grid_put_right(grid, s->tab_row, grid->cols / 2, grid->cols - grid->cols / 2,
				       s->over == OVER_FILTER ? INK_NOTICE : INK_WARN, text) > grid_width(text)
				? grid_width(text)
				: grid->cols - grid->cols / 2;
	}
	for (int id = 0; id < TABLE_TABS; id++) {
		bool open = id == (int)s->tab;

		tab_text(s, view, (enum table_id)id, text, sizeof(text));
		if (col + grid_width(text) > room && !open)
			continue;
		col += grid_put(grid, s->tab_row, col, room - col, open ? INK_TAB_ON : INK_TAB, text);
	}
}

static unsigned long long attempts(const struct view *view)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < view->n_groups; i++)
		sum += view->groups[i].attempts;
	return sum;
}

static void draw_empty(const struct screen *s, const struct view *view, struct grid *grid)
{
	char text[160], count[16];

	count_text(attempts(view), count, sizeof(count));
	if (s->n_all)
		snprintf(text, sizeof(text), " nothing here has '%s' in it (Esc clears the filter)",
			 s->tabs[s->tab].filter);
	else if (s->tab == TABLE_FLOWS && attempts(view))
		snprintf(text, sizeof(text), " no failing flow: %s judged, none of them failed", count);
	else if (s->tab == TABLE_FLOWS || s->tab == TABLE_SIGNATURES)
		snprintf(text, sizeof(text), " nothing yet: waiting for attempts to reach the groups above");
	else
		snprintf(text, sizeof(text), " nothing to list");
	grid_put(grid, s->list_row, 0, grid->cols, INK_FAINT, text);
}

static void draw_list(const struct screen *s, const struct view *view, struct grid *grid)
{
	const struct screen_tab *tab = &s->tabs[s->tab];
	const struct table *table = &tables[s->tab];

	draw_head(table, &s->layout, tab->sort, tab->descending, grid, s->list_row - 1);
	if (!s->n_selected)
		draw_empty(s, view, grid);
	for (size_t i = 0; i < (size_t)s->list_lines && tab->top + i < s->n_selected; i++)
		draw_row(table, &s->layout, table->row(view, s->selected[tab->top + i]),
			 tab->top + i == tab->cursor && !s->printed, grid, s->list_row + (int)i);
}

/* ---- over the list -------------------------------------------------------------------------------------- */
static void draw_page(const struct screen *s, struct grid *grid)
{
	int row = s->notice_row > 0 ? s->notice_row + 1 : 1, lines = screen_page_lines(s);

	screen_draw_text(s, grid, row, lines);
	if (screen_text_lines(s, grid->cols) > s->scroll + (size_t)lines)
		grid_put_right(grid, row + lines - 1, 0, grid->cols, INK_NOTICE, " more: Down, PgDn ");
}

static void draw_sort_menu(const struct screen *s, struct grid *grid)
{
	const struct table *table = &tables[s->tab];
	int width = 10, row = s->list_row - 1, room = (s->key_row >= 0 ? s->key_row : grid->rows) - row - 1;
	size_t top, i;

	for (i = 0; i < table->n_columns; i++)
		if (grid_width(table->columns[i].name) + 2 > width)
			width = grid_width(table->columns[i].name) + 2;
	width = width < grid->cols ? width : grid->cols;
	room = room > 1 ? room : 1;
	top = s->choice >= (size_t)room ? s->choice - (size_t)room + 1 : 0;
	grid_fill(grid, row, 0, width, INK_HEAD_SORT);
	grid_put(grid, row, 0, width, INK_HEAD_SORT, " Sort by");
	for (i = 0; i < (size_t)room; i++) {
		enum ink ink = top + i == s->choice ? INK_SELECTED : INK_TEXT;

		row++;
		grid_fill(grid, row, 0, width + 1, INK_TEXT);
		grid_fill(grid, row, 0, width, ink);
		if (top + i < table->n_columns)
			grid_put(grid, row, 1, width - 1, ink, table->columns[top + i].name);
	}
}

/* ---- keys ----------------------------------------------------------------------------------------------- */
struct hint {
	const char *key, *what;
};

static void draw_keys(const struct screen *s, struct grid *grid)
{
	static const struct hint list[] = { { "F1", "Help" },	{ "/", "Filter" }, { "F6", "Sort" },
					    { "r", "Reverse" }, { "p", "Pause" },  { "Enter", "Detail" },
					    { "Tab", "Next" },	{ "F10", "Quit" }, {} };
	static const struct hint page[] = { { "Esc", "Back" }, { "Up/Down", "Scroll" }, { "F10", "Quit" }, {} };
	static const struct hint menu[] = { { "Enter", "Sort" }, { "Esc", "Cancel" }, {} };
	static const struct hint filter[] = { { "Enter", "Done" }, { "Esc", "Clear" }, {} };
	static const struct hint *const all[] = {
		[OVER_NOTHING] = list, [OVER_HELP] = page,     [OVER_DETAIL] = page,
		[OVER_SORT] = menu,    [OVER_FILTER] = filter,
	};
	const struct hint *hint = all[s->over];
	char text[24];
	int col = 0;

	for (; hint->key; hint++) {
		const char *what = s->paused && !strcmp(hint->key, "p") ? "Go on" : hint->what;

		snprintf(text, sizeof(text), " %s ", what);
		if (col + (int)strlen(hint->key) + (int)strlen(text) > grid->cols)
			break;
		col += grid_put(grid, s->key_row, col, grid->cols - col, INK_KEY, hint->key);
		col += grid_put(grid, s->key_row, col, grid->cols - col, INK_KEY_NAME, text);
	}
	grid_fill(grid, s->key_row, col, grid->cols - col, INK_KEY_NAME);
}

int screen_draw(const struct screen *s, const struct view *view, struct grid *grid)
{
	int err = grid_reset(grid, s->rows, s->cols);

	if (err)
		return err;
	if (s->rows < SCREEN_LEAST_ROWS || s->cols < SCREEN_LEAST_COLS) {
		grid_put(grid, 0, 0, s->cols, INK_STRONG, "window too small");
		grid_put(grid, 1, 0, s->cols, INK_TEXT, "needs 40x5");
		return 0;
	}
	draw_title(s, view, grid);
	if (s->over == OVER_HELP || s->over == OVER_DETAIL) {
		draw_page(s, grid);
	} else {
		if (s->books_row >= 0)
			draw_books(view, grid, s->books_row);
		if (s->unseen_row >= 0)
			draw_unseen(view, grid, s->unseen_row);
		draw_groups(s, view, grid);
		draw_tabs(s, view, grid);
		draw_list(s, view, grid);
		if (s->over == OVER_SORT)
			draw_sort_menu(s, grid);
	}
	if (s->notice_row >= 0)
		draw_line(grid, s->notice_row, INK_NOTICE, s->notice);
	if (s->key_row >= 0)
		draw_keys(s, grid);
	return 0;
}
