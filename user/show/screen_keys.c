// SPDX-License-Identifier: GPL-2.0
/* What the keys of the live view do. A new one is a row in screen_help_keys and one in `bindings`. */
#include <limits.h>
#include <string.h>
#include <wchar.h>
#include "show/screen.h"

const struct screen_help_key screen_help_keys[] = {
	{ "1 to 8, Tab",
	  "flows, prefixes, signatures, hooks, ledger, incidents, sites, DNS; arrows left and right too" },
	{ "Up Down PgUp PgDn", "move; Home goes back to the newest and stays there" },
	{ "Enter", "all about the row under the cursor" },
	{ "g", "all about a group: its state, parts, controls; again for the next one" },
	{ "/ F4 \\", "filter: words that must all be in the row, | between alternatives; Esc clears" },
	{ "< > F6", "sort by another column; F6 lists them" },
	{ "r I", "reverse the order" },
	{ "p Space Z", "pause: the picture stands, the watch goes on" },
	{ "? h F1", "this help" },
	{ "Ctrl-L", "draw the screen anew" },
	{ "q F10", "quit" },
	{ NULL, NULL },
};

static struct screen_tab *open_tab(struct screen *s)
{
	return &s->tabs[s->tab];
}

/* ---- actions; `arg` comes from the binding --------------------------------------------------------------- */
typedef enum screen_effect action(struct screen *s, const struct view *view, int arg);

static enum screen_effect move(struct screen *s, const struct view *view, int arg)
{
	struct screen_tab *tab = open_tab(s);
	size_t by = arg == 1 || arg == -1 ? 1 : (size_t)s->list_lines, last = s->n_selected - 1;

	if (!s->n_selected)
		return SCREEN_IGNORED;
	if (arg < 0)
		tab->cursor = tab->cursor > by ? tab->cursor - by : 0;
	else
		tab->cursor = last - tab->cursor > by ? tab->cursor + by : last;
	tab->held = true;
	tab->id = table_row_id(s->tab, view, s->selected[tab->cursor]);
	return SCREEN_CHANGED;
}

static enum screen_effect to_start(struct screen *s, const struct view *view, int arg)
{
	(void)view;
	(void)arg;
	open_tab(s)->held = false;
	return SCREEN_CHANGED;
}

static enum screen_effect to_end(struct screen *s, const struct view *view, int arg)
{
	(void)arg;
	if (s->n_selected)
		open_tab(s)->cursor = s->n_selected - 1;
	return move(s, view, 1);
}

static enum screen_effect choose_tab(struct screen *s, const struct view *view, int arg)
{
	(void)view;
	s->tab = (enum table_id)arg;
	return SCREEN_CHANGED;
}

static enum screen_effect turn_tab(struct screen *s, const struct view *view, int arg)
{
	(void)view;
	s->tab = (enum table_id)(((int)s->tab + arg + TABLE_TABS) % TABLE_TABS);
	return SCREEN_CHANGED;
}

/* Numbers begin with the largest, text with the first. */
static void sort_by(struct screen *s, size_t column)
{
	struct screen_tab *tab = open_tab(s);

	if (tab->sort == column)
		return;
	tab->sort = column;
	tab->descending = column < tables[s->tab].n_columns && tables[s->tab].columns[column].cell != CELL_TEXT &&
			  tables[s->tab].columns[column].cell != CELL_OWN;
}

static bool sortable(const struct screen *s, size_t column)
{
	return tables[s->tab].columns[column].cell != CELL_SPARK;
}

/* To the next one that is on the screen; a table that begins unsorted has that as one choice more. */
static enum screen_effect turn_sort(struct screen *s, const struct view *view, int arg)
{
	size_t choices[COLUMNS_MAX + 1], n = 0, i, at = 0;

	(void)view;
	if (tables[s->tab].sort >= tables[s->tab].n_columns)
		choices[n++] = tables[s->tab].sort;
	for (i = 0; i < s->layout.n; i++)
		if (sortable(s, s->layout.at[i].column))
			choices[n++] = s->layout.at[i].column;
	if (!n)
		return SCREEN_IGNORED;
	for (i = 0; i < n; i++)
		if (choices[i] == open_tab(s)->sort)
			at = i;
	sort_by(s, choices[(at + n + (size_t)(arg > 0 ? 1 : n - 1)) % n]);
	return SCREEN_CHANGED;
}

static enum screen_effect reverse(struct screen *s, const struct view *view, int arg)
{
	struct screen_tab *tab = open_tab(s);

	(void)view;
	(void)arg;
	if (tab->sort >= tables[s->tab].n_columns) /* in no order: nothing to turn round */
		sort_by(s, 0);
	else
		tab->descending = !tab->descending;
	return SCREEN_CHANGED;
}

static enum screen_effect pause_or_go(struct screen *s, const struct view *view, int arg)
{
	(void)view;
	(void)arg;
	s->paused = !s->paused;
	return SCREEN_PAUSE;
}

static enum screen_effect open_over(struct screen *s, const struct view *view, int arg)
{
	struct screen_tab *tab = open_tab(s);

	if (arg == OVER_DETAIL && !s->n_selected)
		return SCREEN_IGNORED;
	s->over = (enum screen_over)arg;
	s->scroll = 0;
	s->group = 0;
	if (arg == OVER_SORT)
		s->choice = tab->sort < tables[s->tab].n_columns ? tab->sort : 0;
	if (arg == OVER_DETAIL)
		s->detail_id = table_row_id(s->tab, view, s->selected[tab->cursor]);
	return SCREEN_CHANGED;
}

static enum screen_effect clear_filter(struct screen *s, const struct view *view, int arg)
{
	(void)view;
	(void)arg;
	if (!open_tab(s)->filter[0])
		return SCREEN_IGNORED;
	open_tab(s)->filter[0] = '\0';
	return SCREEN_CHANGED;
}

static enum screen_effect give_back(struct screen *s, const struct view *view, int arg)
{
	(void)s;
	(void)view;
	return (enum screen_effect)arg;
}

static const struct {
	unsigned int key;
	action *act;
	int arg;
} bindings[] = {
	{ KEYS_UP, move, -1 },
	{ 'k', move, -1 },
	{ KEYS_DOWN, move, 1 },
	{ 'j', move, 1 },
	{ KEYS_PAGE_UP, move, -2 },
	{ KEYS_PAGE_DOWN, move, 2 },
	{ KEYS_HOME, to_start, 0 },
	{ KEYS_END, to_end, 0 },
	{ '1', choose_tab, TABLE_FLOWS },
	{ '2', choose_tab, TABLE_PREFIXES },
	{ '3', choose_tab, TABLE_SIGNATURES },
	{ '4', choose_tab, TABLE_HOOKS },
	{ '5', choose_tab, TABLE_LEDGER },
	{ '6', choose_tab, TABLE_INCIDENTS },
	{ '7', choose_tab, TABLE_SITES },
	{ '8', choose_tab, TABLE_DNS },
	{ KEYS_TAB, turn_tab, 1 },
	{ KEYS_RIGHT, turn_tab, 1 },
	{ KEYS_BACK_TAB, turn_tab, -1 },
	{ KEYS_LEFT, turn_tab, -1 },
	{ '<', turn_sort, -1 },
	{ '>', turn_sort, 1 },
	{ KEYS_F6, open_over, OVER_SORT },
	{ 'r', reverse, 0 },
	{ 'I', reverse, 0 },
	{ '/', open_over, OVER_FILTER },
	{ '\\', open_over, OVER_FILTER },
	{ KEYS_F4, open_over, OVER_FILTER },
	{ KEYS_ESCAPE, clear_filter, 0 },
	{ 'p', pause_or_go, 0 },
	{ 'Z', pause_or_go, 0 },
	{ ' ', pause_or_go, 0 },
	{ KEYS_ENTER, open_over, OVER_DETAIL },
	{ 'g', open_over, OVER_GROUP },
	{ '?', open_over, OVER_HELP },
	{ 'h', open_over, OVER_HELP },
	{ KEYS_F1, open_over, OVER_HELP },
	{ 'L' & 0x1f, give_back, SCREEN_REPAINT },
	{ 'q', give_back, SCREEN_QUIT },
	{ KEYS_F10, give_back, SCREEN_QUIT },
};

/* ---- what lies over the list takes the keys first ------------------------------------------------------- */
static enum screen_effect filter_key(struct screen *s, unsigned int key)
{
	char *filter = open_tab(s)->filter, bytes[MB_LEN_MAX];
	size_t length = strlen(filter), n;
	mbstate_t state = {};

	if (key == KEYS_ENTER || key == KEYS_ESCAPE) {
		s->over = OVER_NOTHING;
		if (key == KEYS_ESCAPE)
			filter[0] = '\0';
		return SCREEN_CHANGED;
	}
	if (key == KEYS_BACKSPACE) {
		while (length && ((unsigned char)filter[length - 1] & 0xc0) == 0x80)
			length--;
		filter[length ? length - 1 : 0] = '\0';
		return SCREEN_CHANGED;
	}
	if (key == ('U' & 0x1f)) {
		filter[0] = '\0';
		return SCREEN_CHANGED;
	}
	if (key < ' ' || key >= KEYS_FIRST || wcwidth((wchar_t)key) != 1)
		return SCREEN_IGNORED;
	n = wcrtomb(bytes, (wchar_t)key, &state);
	if (n == (size_t)-1 || length + n >= SCREEN_FILTER)
		return SCREEN_IGNORED;
	memcpy(filter + length, bytes, n);
	filter[length + n] = '\0';
	return SCREEN_CHANGED;
}

static enum screen_effect sort_key(struct screen *s, unsigned int key)
{
	size_t last = tables[s->tab].n_columns - 1;

	switch (key) {
	case KEYS_UP:
	case 'k':
		s->choice -= s->choice > 0;
		return SCREEN_CHANGED;
	case KEYS_DOWN:
	case 'j':
		s->choice += s->choice < last;
		return SCREEN_CHANGED;
	case KEYS_ENTER:
		if (sortable(s, s->choice))
			sort_by(s, s->choice);
		/* fall through */
	case KEYS_ESCAPE:
	case 'q':
	case KEYS_F6:
		s->over = OVER_NOTHING;
		return SCREEN_CHANGED;
	}
	return SCREEN_IGNORED;
}

static enum screen_effect text_key(struct screen *s, unsigned int key)
{
	size_t page = s->rows > 4 ? (size_t)s->rows - 3 : 1;

	switch (key) {
	case KEYS_UP:
	case 'k':
		s->scroll -= s->scroll > 0;
		return SCREEN_CHANGED;
	case KEYS_DOWN:
	case 'j':
		s->scroll++;
		return SCREEN_CHANGED;
	case KEYS_PAGE_UP:
		s->scroll -= s->scroll < page ? s->scroll : page;
		return SCREEN_CHANGED;
	case KEYS_PAGE_DOWN:
	case ' ':
		s->scroll += page;
		return SCREEN_CHANGED;
	case KEYS_HOME:
		s->scroll = 0;
		return SCREEN_CHANGED;
	case KEYS_END:
		s->scroll = 1 << 16; /* settled to the last page */
		return SCREEN_CHANGED;
	case KEYS_ENTER:
	case KEYS_ESCAPE:
	case KEYS_F1:
	case 'q':
	case 'h':
	case '?':
		s->over = OVER_NOTHING;
		return SCREEN_CHANGED;
	}
	return SCREEN_IGNORED;
}

/* To the next group or the one before, else as any page. */
static enum screen_effect group_key(struct screen *s, const struct view *view, unsigned int key)
{
	size_t n = view->n_groups ? view->n_groups : 1;

	switch (key) {
	case 'g':
	case KEYS_TAB:
	case KEYS_RIGHT:
		s->group = (s->group + 1) % n;
		break;
	case KEYS_BACK_TAB:
	case KEYS_LEFT:
		s->group = (s->group % n + n - 1) % n;
		break;
	default:
		return text_key(s, key);
	}
	s->scroll = 0;
	return SCREEN_CHANGED;
}

enum screen_effect screen_key(struct screen *s, const struct view *view, unsigned int key)
{
	if (key == '\r')
		key = KEYS_ENTER;
	if (key == 127 || key == '\b')
		key = KEYS_BACKSPACE;
	if (s->over == OVER_FILTER)
		return filter_key(s, key);
	if (key == KEYS_F10)
		return SCREEN_QUIT;
	if (s->over == OVER_SORT)
		return sort_key(s, key);
	if (s->over == OVER_GROUP)
		return group_key(s, view, key);
	if (s->over != OVER_NOTHING)
		return text_key(s, key);
	for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++)
		if (bindings[i].key == key)
			return bindings[i].act(s, view, bindings[i].arg);
	return SCREEN_IGNORED;
}
