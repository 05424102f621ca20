// SPDX-License-Identifier: GPL-2.0
/* The picture of the live view: its lower part, what lies over it, and how all parts come together. */
#include <stdio.h>
#include <string.h>
#include "show/alarm.h"
#include "show/screen.h"

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
			snprintf(out, size, " %d %s %zu%s ", id + 1, tables[id].name, n,
				 id == TABLE_FLOWS && n == VIEW_FLOWS ? "+" : ""); /* only so many are kept */
	}
}

/* A tab that stays whatever the room: the open one, and while there is an alarm what it is about. */
static bool stays(const struct screen *s, int id)
{
	return id == (int)s->tab || (id == TABLE_INCIDENTS && s->alarm_row >= 0);
}

/* The filter takes its room at the right; tabs that do not fit beside it go, but not those that stay. */
static void draw_tabs(const struct screen *s, const struct view *view, struct grid *grid)
{
	const char *filter = s->tabs[s->tab].filter;
	char text[SCREEN_FILTER + 16];
	int col = 0, room = grid->cols, kept = 0;

	if (s->over == OVER_FILTER || filter[0]) {
		snprintf(text, sizeof(text), "Filter: %s%s", filter, s->over == OVER_FILTER ? "_" : "");
		room -= grid_put_right(grid, s->tab_row, grid->cols / 2, grid->cols - grid->cols / 2,
				       s->over == OVER_FILTER ? INK_NOTICE : INK_WARN, text) > grid_width(text)
				? grid_width(text)
				: grid->cols - grid->cols / 2;
	}
	for (int id = 0; id < TABLE_TABS; id++) {
		tab_text(s, view, (enum table_id)id, text, sizeof(text));
		kept += stays(s, id) ? grid_width(text) : 0;
	}
	for (int id = 0; id < TABLE_TABS; id++) {
		bool open = id == (int)s->tab;

		tab_text(s, view, (enum table_id)id, text, sizeof(text));
		kept -= stays(s, id) ? grid_width(text) : 0;
		if (col + grid_width(text) + kept > room && !stays(s, id))
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
	else if (s->tab == TABLE_INCIDENTS)
		snprintf(text, sizeof(text), " no incident since this watch began");
	else if (s->tab == TABLE_SITES)
		snprintf(text, sizeof(text),
			 " no sites: name parts of your network with --site, or in the settings");
	else if (s->tab == TABLE_DNS)
		snprintf(text, sizeof(text), " no answer of DNS for the groups' names led elsewhere");
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

	screen_draw_columns(table, &s->layout, tab->sort, tab->descending, grid, s->list_row - 1);
	if (!s->n_selected)
		draw_empty(s, view, grid);
	for (size_t i = 0; i < (size_t)s->list_lines && tab->top + i < s->n_selected; i++)
		screen_draw_row(table, &s->layout, table->row(view, s->selected[tab->top + i]),
				tab->top + i == tab->cursor && !s->printed, grid, s->list_row + (int)i);
}

/* ---- over the list -------------------------------------------------------------------------------------- */
static void draw_page(const struct screen *s, const struct view *view, struct grid *grid)
{
	int row = s->notice_row > 0  ? s->notice_row + 1
		  : s->alarm_row > 0 ? s->alarm_row + s->alarm_lines
				     : 1,
	    lines = screen_page_lines(s);

	screen_draw_text(s, view, grid, row, lines);
	if (screen_text_lines(s, view, grid->cols) > s->scroll + (size_t)lines)
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
	static const struct hint list[] = { { "F1", "Help" },  { "/", "Filter" }, { "F6", "Sort" },
					    { "p", "Pause" },  { "g", "Group" },  { "Enter", "Detail" },
					    { "Tab", "Next" }, { "F10", "Quit" }, {} };
	static const struct hint group[] = {
		{ "Esc", "Back" }, { "g", "Next group" }, { "Up/Down", "Scroll" }, { "F10", "Quit" }, {}
	};
	static const struct hint page[] = { { "Esc", "Back" }, { "Up/Down", "Scroll" }, { "F10", "Quit" }, {} };
	static const struct hint menu[] = { { "Enter", "Sort" }, { "Esc", "Cancel" }, {} };
	static const struct hint filter[] = { { "Enter", "Done" }, { "Esc", "Clear" }, {} };
	static const struct hint *const all[] = {
		[OVER_NOTHING] = list, [OVER_HELP] = page, [OVER_DETAIL] = page,
		[OVER_GROUP] = group,  [OVER_SORT] = menu, [OVER_FILTER] = filter,
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

/* Where a text is broken into two lines: behind a semicolon, if the rest then fits; else at the last blank that fits. */
static char *break_of(char *text, int cols)
{
	char *last = NULL, *part = NULL;

	for (char *c = text + 1; (c = strchr(c, ' ')); c++) {
		*c = '\0';
		if (grid_width(text) <= cols) {
			last = c;
			part = c[-1] == ';' ? c : part;
		}
		*c = ' ';
	}
	return part && grid_width(part) <= cols ? part : last;
}

static void draw_alarm(const struct screen *s, const struct view *view, struct grid *grid)
{
	char alarm[512], *rest;
	enum ink ink = alarm_ink(view, alarm, sizeof(alarm));

	rest = s->alarm_lines > 1 ? break_of(alarm, grid->cols) : NULL;
	for (int i = 0; i < s->alarm_lines; i++)
		grid_fill(grid, s->alarm_row + i, 0, grid->cols, ink);
	if (rest) {
		grid_put(grid, s->alarm_row + 1, 0, grid->cols, ink, rest);
		*rest = '\0';
	}
	grid_put(grid, s->alarm_row, 0, grid->cols, ink, alarm);
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
	screen_draw_title(s, view, grid);
	if (screen_is_page(s)) {
		draw_page(s, view, grid);
	} else {
		screen_draw_head(s, view, grid);
		draw_tabs(s, view, grid);
		draw_list(s, view, grid);
		if (s->over == OVER_SORT)
			draw_sort_menu(s, grid);
	}
	if (s->alarm_row >= 0)
		draw_alarm(s, view, grid);
	if (s->notice_row >= 0) {
		grid_fill(grid, s->notice_row, 0, grid->cols, INK_NOTICE);
		grid_put(grid, s->notice_row, 0, grid->cols, INK_NOTICE, s->notice);
	}
	if (s->key_row >= 0)
		draw_keys(s, grid);
	return 0;
}
