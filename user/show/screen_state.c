// SPDX-License-Identifier: GPL-2.0
/* What the live view shows where: the plan of the window, and the cursor that stays with its row. */
#include <assert.h>
#include <string.h>
#include "show/screen.h"
#include "show/alarm.h"
#include "show/unseen.h"

static_assert(VIEW_FLOWS <= SCREEN_LINES_MAX && VIEW_PREFIXES <= SCREEN_LINES_MAX &&
		      VIEW_SIGNATURES <= SCREEN_LINES_MAX && VIEW_HOOKS <= SCREEN_LINES_MAX &&
		      VIEW_LEDGER <= SCREEN_LINES_MAX && VIEW_INCIDENTS <= SCREEN_LINES_MAX &&
		      VIEW_SITES <= SCREEN_LINES_MAX && VIEW_ASTRAY <= SCREEN_LINES_MAX,
	      "a table has more rows than the screen can select");

void screen_init(struct screen *screen)
{
	memset(screen, 0, sizeof(*screen));
	for (int i = 0; i < TABLE_TABS; i++) {
		screen->tabs[i].sort = tables[i].sort;
		screen->tabs[i].descending = tables[i].descending;
	}
}

/* From top to bottom: title, alarm, notice, books, what is not seen, groups, tabs, list, keys. The smaller the window,
 * the more of it goes; a group and a line of the list stay. */
static void plan(struct screen *s, const struct view *view)
{
	int row = 1, room, groups = (int)view->n_groups;
	char text[512];

	s->alarm_row = alarm_ink(view, text, sizeof(text)) != INK_TEXT && s->rows >= 6 ? row : -1;
	s->alarm_lines = s->alarm_row < 0						     ? 0
			 : grid_width(text) > s->cols && s->rows >= 20 && !screen_is_page(s) ? 2
											     : 1;
	row += s->alarm_lines;
	s->notice_row = !s->notice[0] ? -1 : s->rows >= 8 ? row++ : 0;
	s->books_row = s->rows >= 10 ? row++ : -1;
	s->unseen_row = s->rows >= 7 && unseen_text(view, text, sizeof(text)) ? row++ : -1;
	s->group_head_row = s->rows >= 12 && groups ? row++ : -1;
	s->key_row = s->rows >= 10 && !s->printed ? s->rows - 1 : -1;
	room = s->rows - row - (s->key_row >= 0) - 2; /* the tabs, the head of the list */
	s->group_row = row;
	s->group_lines = room / 2 > 1 ? room / 2 : 1;
	if (s->group_lines > groups)
		s->group_lines = groups;
	s->tab_row = row + s->group_lines;
	s->list_row = s->tab_row + 2;
	s->list_lines = room - s->group_lines > 1 ? room - s->group_lines : 1;
}

int screen_lines(const struct view *view, enum table_id tab, int flows)
{
	size_t rows = table_rows(&tables[tab], view);
	char text[8];
	int list = rows < (size_t)flows ? (int)rows : flows;

	if (list < (int)view->n_groups) /* the groups get half of the room */
		list = (int)view->n_groups;
	return 5 + (alarm_ink(view, text, sizeof(text)) != INK_TEXT) + unseen_text(view, text, sizeof(text)) +
	       (int)view->n_groups + list + 1;
}

static void find_cursor(const struct screen *s, const struct view *view, struct screen_tab *tab)
{
	size_t i;

	if (!tab->held) {
		tab->cursor = 0;
		tab->top = 0;
		return;
	}
	for (i = 0; i < s->n_selected; i++)
		if (table_row_id(s->tab, view, s->selected[i]) == tab->id)
			break;
	if (i < s->n_selected) { /* and its line on the screen stays the same */
		tab->top = tab->top + i > tab->cursor ? tab->top + i - tab->cursor : 0;
		tab->cursor = i;
	}
}

/* The cursor is on a row, and that row is in sight. */
static void keep_in_sight(const struct screen *s, const struct view *view, struct screen_tab *tab)
{
	size_t lines = (size_t)s->list_lines, most;

	if (tab->cursor >= s->n_selected)
		tab->cursor = s->n_selected ? s->n_selected - 1 : 0;
	if (s->n_selected)
		tab->id = table_row_id(s->tab, view, s->selected[tab->cursor]);
	most = s->n_selected > lines ? s->n_selected - lines : 0;
	if (tab->top > most)
		tab->top = most;
	if (tab->top > tab->cursor)
		tab->top = tab->cursor;
	if (tab->cursor >= tab->top + lines)
		tab->top = tab->cursor - lines + 1;
}

static void refresh_detail(struct screen *s, const struct view *view)
{
	static const size_t sizes[TABLE_TABS] = {
		[TABLE_FLOWS] = sizeof(struct view_flow),
		[TABLE_PREFIXES] = sizeof(struct view_prefix),
		[TABLE_SIGNATURES] = sizeof(struct view_signature),
		[TABLE_HOOKS] = sizeof(struct view_hook),
		[TABLE_LEDGER] = sizeof(struct view_ledger),
		[TABLE_INCIDENTS] = sizeof(struct view_incident),
		[TABLE_SITES] = sizeof(struct view_site),
		[TABLE_DNS] = sizeof(struct view_astray),
	};

	for (size_t i = 0; i < s->n_all; i++)
		if (table_row_id(s->tab, view, i) == s->detail_id)
			memcpy(&s->detail, tables[s->tab].row(view, i), sizes[s->tab]);
}

int screen_page_lines(const struct screen *s)
{
	int lines = s->rows - 1 - s->alarm_lines - (s->notice_row > 0) - (s->key_row >= 0);

	return lines > 1 ? lines : 1;
}

void screen_settle(struct screen *s, const struct view *view, int rows, int cols)
{
	const struct table *table = &tables[s->tab];
	struct screen_tab *tab = &s->tabs[s->tab];
	size_t lines, room;

	s->rows = rows;
	s->cols = cols;
	plan(s, view);
	s->n_all = table_rows(table, view);
	s->n_selected = table_select(table, view, tab->sort, tab->descending, tab->filter, s->selected);
	table_layout(table, view, tab->sort, cols, &s->layout);
	find_cursor(s, view, tab);
	keep_in_sight(s, view, tab);
	if (s->over == OVER_DETAIL)
		refresh_detail(s, view);
	if (screen_is_page(s)) {
		lines = screen_text_lines(s, view, cols);
		room = (size_t)screen_page_lines(s);
		if (s->scroll > (lines > room ? lines - room : 0))
			s->scroll = lines > room ? lines - room : 0;
	}
}
