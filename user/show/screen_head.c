// SPDX-License-Identifier: GPL-2.0
/* The upper part of the picture: whose it is, the books, what is not seen, the groups. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "show/screen.h"
#include "show/unseen.h"

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
void screen_draw_title(const struct screen *s, const struct view *view, struct grid *grid)
{
	char left[256], since[32], lasting[32], clock[32];
	bool same_day = view->now - view->since < 20 * 3600;
	int right = 0;

	grid_put(grid, 0, 0, 6, INK_STRONG, "xreach");
	if (!view->now) /* none came yet */
		return;
	time_text(view->since, same_day ? "%H:%M" : "%Y-%m-%d %H:%M", since, sizeof(since));
	duration_text(view->now - view->since, lasting, sizeof(lasting));
	time_text(view->now, grid->cols >= 70 ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", clock, sizeof(clock));
	if (s->paused) {
		right += 9;
		grid_put(grid, 0, grid->cols - right + 1, 8, INK_NOTICE, "[PAUSED]");
	}
	right += (int)strlen(clock) + 1;
	grid_put(grid, 0, grid->cols - right + 1, (int)strlen(clock), INK_FAINT, clock);
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

static void draw_unseen(const struct view *view, struct grid *grid, int row)
{
	char text[512], what[480];

	unseen_text(view, what, sizeof(what));
	snprintf(text, sizeof(text), "not seen: %s", what);
	grid_put(grid, row, 0, grid->cols, INK_WARN, text);
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
		screen_draw_columns(table, &layout, COLUMNS_MAX, false, grid, s->group_head_row);
	for (i = 0; i < n && i < room; i++) {
		if (i == room - 1 && n > room && room > 1)
			break;
		screen_draw_row(table, &layout, &view->groups[order[i]], false, grid, s->group_row + (int)i);
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

void screen_draw_head(const struct screen *s, const struct view *view, struct grid *grid)
{
	if (s->books_row >= 0)
		draw_books(view, grid, s->books_row);
	if (s->unseen_row >= 0)
		draw_unseen(view, grid, s->unseen_row);
	draw_groups(s, view, grid);
}
