// SPDX-License-Identifier: GPL-2.0
/* The live view without a terminal: what stands where, what the keys do, what cannot break it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "show/screen.h"
#include "unit/view_scene.h"

struct fixture {
	struct view_scene scene;
	struct screen screen;
	struct grid grid;
	char text[64 * 1024];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	setenv("TZ", "UTC", 1);
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return -1;
	scene_init(&f->scene, 5);
	screen_init(&f->screen);
	f->grid.utf8 = true;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	grid_free(&f->grid);
	free(f);
	return 0;
}

/* The whole picture as lines. */
static const char *draw(struct fixture *f, int rows, int cols)
{
	size_t used = 0;

	screen_settle(&f->screen, &f->scene.view, rows, cols);
	assert_int_equal(screen_draw(&f->screen, &f->scene.view, &f->grid), 0);
	assert_int_equal(f->grid.rows, rows);
	assert_int_equal(f->grid.cols, cols);
	for (int row = 0; row < rows; row++) {
		grid_text(&f->grid, row, f->text + used, sizeof(f->text) - used - 1);
		used += strlen(f->text + used);
		f->text[used++] = '\n';
	}
	f->text[used] = '\0';
	return f->text;
}

static void press(struct fixture *f, const char *keys)
{
	for (; *keys; keys++) {
		screen_key(&f->screen, &f->scene.view, (unsigned char)*keys);
		screen_settle(&f->screen, &f->scene.view, f->screen.rows, f->screen.cols);
	}
}

static void press_key(struct fixture *f, enum key key)
{
	screen_key(&f->screen, &f->scene.view, key);
	screen_settle(&f->screen, &f->scene.view, f->screen.rows, f->screen.cols);
}

static const char *row_text(struct fixture *f, int row)
{
	grid_text(&f->grid, row, f->text, sizeof(f->text));
	return f->text;
}

#define assert_has(text, part) \
	do { \
		if (!strstr(text, part)) \
			fail_msg("no '%s' in:\n%s", part, text); \
	} while (0)
#define assert_lacks(text, part) \
	do { \
		if (strstr(text, part)) \
			fail_msg("'%s' in:\n%s", part, text); \
	} while (0)

/* ---- sizes ------------------------------------------------------------------------------------------------ */
static void a_screen_of_80x24_holds_all_that_matters(void **state)
{
	const char *text = draw(*state, 24, 80);

	assert_has(text, "xreach on edge1, own watch since 11:00 (1 h 00 min)");
	assert_has(text, "2026-01-15 12:00:30\n");
	assert_has(text, "books balance: 1650 opened = 50 open + 1600 judged");
	assert_has(text, "\n*x         blocked          93%   7.0");
	assert_has(text, "\n google    ok                0%   7.0");
	assert_has(text, "\n wikimedia insufficient       -");
	assert_has(text, "1 Flows 5  2 Prefixes 3  3 Signatures 2  4 Hooks 3/3  5 Ledger");
	assert_has(text, "\n 12:00");
	assert_has(text, "104.244.42.5:443");
	assert_has(text, "PSH+ACK->RST+ACK");
	assert_has(text, "F1 Help");
	assert_lacks(text, "not seen");
}

static void a_screen_of_200x60_shows_every_column(void **state)
{
	static const char *const titles[] = { "GROUP",	 "SITE",      "SERVER:PORT", "PREFIX", "TRANS", "STAGE",
					      "OUTCOME", "SIGNATURE", "RTT ms",	     "HOPS",   "FAMILY" };
	const char *text = draw(*state, 60, 200);

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		assert_has(text, titles[i]);
	assert_has(text, " 12:00 x     lahore 104.244.42.5:443 104.244.40.0/21 tcp");
	assert_has(text, "ranges 2026-01-01 0123456789abcdef");
}

static void the_smallest_window_has_a_group_and_a_flow(void **state)
{
	const char *text = draw(*state, 5, 40);

	assert_has(text, "\n*x ");
	assert_has(text, "93%");
	assert_has(text, "104.244.42.5:443");
}

static void a_window_below_40x5_says_so(void **state)
{
	assert_has(draw(*state, 4, 40), "window too small");
	assert_has(draw(*state, 5, 39), "window too small");
	assert_has(draw(*state, 2, 12), "needs 40x5");
}

static void no_size_is_drawn_beyond_its_edge(void **state)
{
	struct fixture *f = *state;

	scene_init(&f->scene, 40);
	for (int rows = 0; rows < 40; rows += rows < 14 ? 1 : 5) {
		for (int cols = 0; cols < 220; cols += cols < 90 ? 5 : 30) {
			for (int over = OVER_NOTHING; over <= OVER_FILTER; over++) {
				f->screen.over = (enum screen_over)over;
				f->screen.detail.flow = f->scene.flows[0];
				draw(f, rows, cols); /* the sanitizers are the judge */
			}
		}
	}
}

static void groups_that_do_not_fit_are_summed_up(void **state)
{
	struct fixture *f = *state;
	char name[32];
	const char *text;

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "control%d", i);
		scene_group(&f->scene.view, name, false, i == 17 ? 0.31 : 0, 10);
	}
	text = draw(f, 24, 80);
	assert_has(text, "\n*x ");
	assert_has(text, "more, the worst of them control17: 31% failing");
	assert_has(text, "104.244.42.5:443");
}

/* ---- what was not seen ------------------------------------------------------------------------------------ */
static void losses_and_missing_hooks_are_on_the_first_screen(void **state)
{
	struct fixture *f = *state;
	const char *text;

	f->scene.ledger[4].value = 400;
	f->scene.ledger[5].value = 12;
	f->scene.hooks[2].attached = false;
	text = draw(f, 24, 80);
	assert_has(text, "\nnot seen: no hook kfree_skb; 412 attempts lost (full 400, busy 12)");
	f->scene.ledger[6].value = 7;
	assert_has(draw(f, 24, 120), "7 packets not parsed (fragment 7)");
	snprintf(f->scene.view.keeping, sizeof(f->scene.view.keeping), "/var/lib/xreach/history.db: disk is full");
	assert_has(draw(f, 24, 200), "not kept: /var/lib/xreach/history.db: disk is full");
}

static void books_that_do_not_balance_say_so(void **state)
{
	struct fixture *f = *state;

	f->scene.view.books_balance = false;
	assert_has(draw(f, 24, 80), "BOOKS DO NOT BALANCE: 1650 opened != 50 open");
}

static void a_notice_stands_above_everything(void **state)
{
	struct fixture *f = *state;

	snprintf(f->screen.notice, sizeof(f->screen.notice), "STALE since 12:00:07: the daemon has gone");
	draw(f, 24, 80);
	assert_has(row_text(f, 1), "STALE since 12:00:07");
	draw(f, 6, 40);
	assert_has(row_text(f, 0), "STALE since 12:00:07");
	press(f, "?");
	draw(f, 24, 80);
	assert_has(row_text(f, 1), "STALE since 12:00:07");
	assert_has(row_text(f, 2), "Keys");
}

/* ---- keys --------------------------------------------------------------------------------------------------- */
static void keys_lead_to_every_tab(void **state)
{
	struct fixture *f = *state;

	draw(f, 24, 80);
	press(f, "2");
	assert_has(draw(f, 24, 80), "TOP SIGNATURE");
	press(f, "3");
	assert_has(draw(f, 24, 80), "reset after the first reques\xe2\x80\xa6");
	press(f, "4");
	assert_has(draw(f, 24, 80), "tc/ingress lan0");
	press(f, "5");
	assert_has(draw(f, 24, 80), "attempts begun; equals open + judged");
	press(f, "6");
	assert_has(draw(f, 24, 80), "no incident since this watch began");
	press(f, "7");
	assert_has(draw(f, 24, 80), "no sites: name parts of your network with --site");
	press(f, "8");
	assert_has(draw(f, 24, 80), "10.10.34.34");
	assert_has(draw(f, 24, 80), "no such name");
	press(f, "\t");
	assert_has(draw(f, 24, 80), "SERVER:PORT");
	press_key(f, KEYS_BACK_TAB);
	assert_has(draw(f, 24, 80), "8 DNS");
	press(f, "5");
	press_key(f, KEYS_BACK_TAB);
	assert_has(draw(f, 24, 80), "tc/ingress lan0");
}

/* ---- incidents ------------------------------------------------------------------------------------------------ */
static void block(struct fixture *f, const char *word)
{
	struct view_group *g = &f->scene.view.groups[0];

	snprintf(g->state, sizeof(g->state), "%s", word);
	g->state_since = SCENE_NOON - 720;
	snprintf(g->how, sizeof(g->how), "by name: PSH+ACK->RST+ACK 91 %%");
	snprintf(g->from, sizeof(g->from), "3 hops, 7.4 ms away; the server 12 hops, 92 ms");
}

static enum ink ink_at(const struct fixture *f, int row, int col)
{
	return f->grid.cells[row * f->grid.cols + col].ink;
}

static void a_block_is_a_bar_over_the_whole_width_whatever_is_open(void **state)
{
	struct fixture *f = *state;

	block(f, "blocked");
	draw(f, 24, 120);
	assert_has(row_text(f, 1),
		   " X is BLOCKED since 11:48:00 (12 min), by name: PSH+ACK->RST+ACK 91 %; answered from 3 hops");
	for (int col = 0; col < 240; col++)
		assert_int_equal(ink_at(f, 1 + col / 120, col % 120), INK_ALARM);
	assert_has(row_text(f, 2), "92 ms");
	assert_has(row_text(f, 3), "books balance");
	press(f, "?");
	draw(f, 24, 140);
	assert_has(row_text(f, 1), "X is BLOCKED");
	assert_has(row_text(f, 2), "Keys");
	snprintf(f->screen.notice, sizeof(f->screen.notice), "STALE");
	draw(f, 24, 140);
	assert_has(row_text(f, 1), "X is BLOCKED");
	assert_has(row_text(f, 2), "STALE");
	assert_has(row_text(f, 3), "Keys");
}

static void a_bar_too_long_for_a_line_is_broken_between_words(void **state)
{
	struct fixture *f = *state;

	block(f, "blocked");
	draw(f, 24, 80);
	assert_string_equal(row_text(f, 1),
			    " X is BLOCKED since 11:48:00 (12 min), by name: PSH+ACK->RST+ACK 91 %;");
	assert_string_equal(row_text(f, 2), " answered from 3 hops, 7.4 ms away; the server 12 hops, 92 ms");
	press(f, "?");
	draw(f, 24, 80); /* where rows are dear it is one, cut */
	assert_has(row_text(f, 2), "Keys");
	press_key(f, KEYS_ESCAPE);
	draw(f, 16, 80);
	assert_has(row_text(f, 2), "books balance");
}

/* What the bar is about is a key away, also where not all tabs fit. */
static void the_tab_of_incidents_stays_while_one_is_on(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < TABLE_TABS; i++) {
		f->screen.tab = (enum table_id)i;
		block(f, "blocked");
		assert_has(draw(f, 24, 60), " 6 Incidents ");
		assert_has(f->text, tables[i].name);
	}
	f->screen.tab = TABLE_FLOWS;
	f->scene.view.groups[0].state_since = 0;
	assert_lacks(draw(f, 24, 60), " 6 Incidents ");
}

static void a_group_has_a_page_with_all_its_parts(void **state)
{
	struct view_incident in = { .id = "x-20260115T114800Z",
				    .group = "x",
				    .state = "blocked",
				    .since = SCENE_NOON - 720,
				    .uncertainty = 4,
				    .open = true,
				    .baseline = 0.021,
				    .controls = 0.01,
				    .how = "by name: PSH+ACK->RST+ACK 91 %",
				    .from = "3 hops, 7.4 ms away; the server 12 hops, 92 ms",
				    .seen = "lahore, IPv4, TCP",
				    .clients = "20-49",
				    .could_be = "a block" };
	struct view_site sites[] = { { "x", "lahore", "blocked", 300, 200, 90 },
				     { "x", "karachi", "ok", 100, 2, 98 },
				     { "google", "lahore", "ok", 50, 0, 50 } };
	struct fixture *f = *state;
	const char *text;

	block(f, "blocked");
	f->scene.view.incidents = &in;
	f->scene.view.n_incidents = 1;
	f->scene.view.sites = sites;
	f->scene.view.n_sites = 3;
	draw(f, 40, 120);
	press(f, "g");
	text = draw(f, 40, 120);
	assert_has(text, "\nx (target)\n");
	assert_has(text, " State                blocked: nine tenths or more fail");
	assert_has(text, " Since                2026-01-15 11:48:00, give or take 4 s; for 0 h 12 min 30 s");
	assert_has(
		text,
		" Failing              93% of the last minute's attempts; usually 2%; of the controls' since then 1%");
	assert_has(text, " How                  by name: PSH+ACK->RST+ACK 91 %");
	assert_has(text, " Answered from        3 hops, 7.4 ms away; the server 12 hops, 92 ms");
	assert_has(text, " Clients that failed  20-49");
	assert_has(text, " Could be             a block");
	assert_has(text, "\nBy site\n lahore               blocked; 200 of 300 failed since the start\n"
			 " karachi              ok; 2 of 100 failed");
	assert_has(
		text,
		"\nBy addresses\n 104.244.40.0/21      blocked; 850 of 900 failed since the start, most by PSH+ACK->RST+ACK"
		"\n 9.0.0.0/8            ok; 10 of 300");
	assert_has(text, "\nThe others: failing\n google               ok; 0% of the last minute's attempts\n"
			 " wikimedia            insufficient; no attempt in the last minute");
	assert_has(text, "g Next group");
	press(f, "g");
	text = draw(f, 40, 120);
	assert_has(text, "\ngoogle (control)\n");
	assert_lacks(text, " Since ");
	assert_has(text, "\nBy site\n lahore               ok; 0 of 50 failed since the start\n");
	assert_has(text, "\nThe others: failing\n x                    blocked; 93%");
	press(f, "gg"); /* round */
	assert_has(draw(f, 40, 120), "\nx (target)\n");
	press_key(f, KEYS_LEFT);
	assert_has(draw(f, 40, 120), "\nwikimedia (control)\n");
	f->scene.view.n_groups = 0;
	assert_has(draw(f, 40, 120), "no group yet");
	press(f, "g");
	press_key(f, KEYS_LEFT);
	press_key(f, KEYS_ESCAPE);
	assert_has(draw(f, 40, 120), "1 Flows");
}

static void what_is_less_is_a_notice_and_calm_is_no_bar(void **state)
{
	struct fixture *f = *state;

	assert_lacks(draw(f, 24, 80), "X is");
	block(f, "impaired");
	draw(f, 24, 80);
	assert_has(row_text(f, 1), "X is IMPAIRED since 11:48:00");
	assert_int_equal(ink_at(f, 1, 0), INK_NOTICE);
	block(f, "down");
	draw(f, 24, 80);
	assert_has(row_text(f, 1), "X is DOWN, as the controls are");
	assert_int_equal(ink_at(f, 1, 0), INK_ALARM);
}

static void the_bar_tells_since_when_the_word_holds(void **state)
{
	struct fixture *f = *state;
	struct view_group *g;

	block(f, "blocked");
	g = &f->scene.view.groups[0];
	g->word_since = SCENE_NOON - 60;
	strcpy(g->word_before, "impaired");
	draw(f, 24, 120);
	assert_has(row_text(f, 1), "X is BLOCKED since 11:59:00 (90 s; impaired since 11:48:00)");
	g->since_bound = true;
	draw(f, 24, 120);
	assert_has(row_text(f, 1), "X is BLOCKED since 11:59:00 (90 s; impaired since before 11:48:00)");
	g->word_since = g->state_since;
	g->word_before[0] = '\0';
	draw(f, 24, 120);
	assert_has(row_text(f, 1), "X is BLOCKED since before 11:48:00 (12 min)");
}

static void of_few_clients_the_bar_says_why_no_more_is_said(void **state)
{
	struct fixture *f = *state;

	block(f, "likely blocked");
	strcpy(f->scene.view.groups[0].note, "fewer than ten clients are usual here");
	f->scene.view.groups[0].how[0] = f->scene.view.groups[0].from[0] = '\0';
	draw(f, 24, 120);
	assert_has(row_text(f, 1),
		   "X is LIKELY BLOCKED since 11:48:00 (12 min); fewer than ten clients are usual here");
}

static void a_control_in_trouble_is_no_alarm(void **state)
{
	struct fixture *f = *state;

	block(f, "blocked");
	f->scene.view.groups[0].target = false;
	assert_lacks(draw(f, 24, 80), "BLOCKED");
}

static void the_worst_of_two_targets_is_the_alarm(void **state)
{
	struct fixture *f = *state;

	block(f, "impaired");
	f->scene.view.groups[1] = f->scene.view.groups[0];
	strcpy(f->scene.view.groups[1].name, "y");
	strcpy(f->scene.view.groups[1].state, "likely blocked");
	draw(f, 24, 80);
	assert_has(row_text(f, 1), "Y is LIKELY BLOCKED");
}

static void an_incident_tells_all_of_itself(void **state)
{
	struct view_incident in = { .id = "x-20260115T114800Z",
				    .group = "x",
				    .state = "blocked",
				    .now = "over",
				    .since = SCENE_NOON - 720,
				    .ended = SCENE_NOON - 60,
				    .uncertainty = 4,
				    .failing = .98,
				    .controls = .02,
				    .baseline = -1,
				    .attempts = 1630,
				    .failures = 1602,
				    .how = "by name: PSH+ACK->RST+ACK 91 %",
				    .scope = "104.244.40.0/21",
				    .seen = "lahore, IPv4",
				    .clients = "20-49",
				    .could_be = "a block" };
	struct fixture *f = *state;
	const char *text;

	f->scene.view.incidents = &in;
	f->scene.view.n_incidents = 1;
	press(f, "6");
	text = draw(f, 24, 160);
	assert_has(text, "6 Incidents 1");
	assert_has(text, "01-15 11:48:00 x     blocked over 01-15 11:59:00    98%");
	press_key(f, KEYS_ENTER);
	text = draw(f, 40, 100);
	assert_has(text, "by name: PSH+ACK->RST+ACK 91 %");
	assert_has(text, "x-20260115T114800Z");
	assert_has(text, "a block");
	assert_has(text, "many causes of a failure are benign");
	assert_has(text, " BEGAN         then, give or take 4 s");
	assert_has(text, " FAILURES      1602 of 1630 attempts failed");
	assert_has(text, " MEANS         blocked: nine tenths or more fail");
	in.uncertainty = -1;
	assert_has(draw(f, 40, 100), " BEGAN         before that: it was there when the watch began");
	in.uncertainty = 0;
	assert_lacks(draw(f, 40, 100), "BEGAN");
}

static void sites_have_their_own_state(void **state)
{
	struct view_site site = { "x", "lahore", "likely blocked", 300, 200, 90 };
	struct fixture *f = *state;

	f->scene.view.sites = &site;
	f->scene.view.n_sites = 1;
	press(f, "7");
	assert_has(draw(f, 24, 80), "\nlahore x     likely blocked      300    200 90");
}

static void sorting_goes_through_the_columns_and_turns_round(void **state)
{
	struct fixture *f = *state;
	int first;

	draw(f, 24, 80);
	press(f, "2");
	draw(f, 24, 80);
	first = f->screen.list_row;
	assert_has(row_text(f, first), "104.244.40.0/21"); /* most failures first */
	press(f, "r");
	draw(f, 24, 80);
	assert_has(row_text(f, first), "142.250.0.0/15");
	press_key(f, KEYS_F6);
	assert_has(draw(f, 24, 80), " Sort by");
	for (int i = 0; i < 10; i++)
		press_key(f, KEYS_UP);
	press(f, "\n");
	draw(f, 24, 80);
	assert_has(row_text(f, first - 1), "PREFIX\xe2\x96\xb2");
	assert_has(row_text(f, first), "9.0.0.0/8"); /* as numbers, not as letters */
	press(f, ">");
	draw(f, 24, 80);
	assert_has(row_text(f, first - 1), "GROUP\xe2\x96\xb2");
	press(f, "<<");
	draw(f, 24, 80);
	assert_has(row_text(f, first - 1), "TOP SIGNATURE\xe2\x96\xb2"); /* round the end */
}

static void filter_keeps_what_has_all_words_and_escape_clears_it(void **state)
{
	struct fixture *f = *state;
	const char *text;

	draw(f, 24, 80);
	press(f, "/42.3 TCP");
	text = draw(f, 24, 80);
	assert_has(text, "Filter: 42.3 TCP_");
	assert_has(text, "104.244.42.3:443");
	assert_lacks(text, "104.244.42.4:443");
	assert_has(text, "1 Flows 1 of 5");
	press(f, "\n");
	assert_has(draw(f, 24, 80), "Filter: 42.3 TCP\n");
	press(f, "q"); /* ... is a key again */
	press(f, "/");
	press_key(f, KEYS_BACKSPACE);
	press(f, "x");
	assert_has(draw(f, 24, 80), "nothing here has '42.3 TCx' in it");
	press(f, "\x1b");
	text = draw(f, 24, 80);
	assert_lacks(text, "Filter:");
	assert_has(text, "104.244.42.4:443");
	press(f, "\\42.5|42.1\n");
	text = draw(f, 24, 80);
	assert_has(text, "1 Flows 2 of 5");
	press(f, "\x1b");
	assert_has(draw(f, 24, 80), "1 Flows 5 ");
}

static void filter_takes_no_more_than_it_can_hold(void **state)
{
	struct fixture *f = *state;

	draw(f, 24, 80);
	press(f, "/");
	for (int i = 0; i < 3 * SCREEN_FILTER; i++)
		screen_key(&f->screen, &f->scene.view, i % 2 ? 'a' : 0xe9); /* two bytes each */
	assert_true(strlen(f->screen.tabs[0].filter) < SCREEN_FILTER);
	for (int i = 0; i < 3 * SCREEN_FILTER; i++)
		press_key(f, KEYS_BACKSPACE);
	assert_string_equal(f->screen.tabs[0].filter, "");
}

static void pause_is_visible_and_told_to_the_owner(void **state)
{
	static const char keys[] = "pZ ";
	struct fixture *f = *state;

	for (size_t i = 0; i < 3; i++) {
		draw(f, 24, 80);
		assert_int_equal(screen_key(&f->screen, &f->scene.view, (unsigned char)keys[i]), SCREEN_PAUSE);
		assert_true(f->screen.paused);
		draw(f, 24, 80);
		assert_has(row_text(f, 0), "[PAUSED]");
		assert_int_equal(screen_key(&f->screen, &f->scene.view, (unsigned char)keys[i]), SCREEN_PAUSE);
		assert_lacks(draw(f, 24, 80), "[PAUSED]");
	}
}

static void help_explains_every_stage_signature_and_key(void **state)
{
	struct fixture *f = *state;
	const char *text, *name, *about;

	draw(f, 300, 100);
	press(f, "?");
	text = draw(f, 300, 100);
	for (size_t i = 0; screen_help_keys[i].keys; i++)
		assert_has(text, screen_help_keys[i].keys);
	for (size_t i = 0; meaning_row(ABOUT_SIGNATURE, i, &name, &about); i++)
		assert_has(text, name);
	for (size_t i = 0; meaning_row(ABOUT_STAGE, i, &name, &about); i++)
		assert_has(text, name);
	press(f, "q");
	assert_has(draw(f, 24, 80), "SERVER:PORT");
}

static void help_scrolls_to_its_end_and_no_further(void **state)
{
	struct fixture *f = *state;

	draw(f, 24, 80);
	press_key(f, KEYS_F1);
	assert_has(draw(f, 24, 80), "more: Down, PgDn");
	press_key(f, KEYS_END);
	assert_lacks(draw(f, 24, 80), "more: Down, PgDn");
	assert_has(f->text, "QUIC->ICMP");
	press_key(f, KEYS_DOWN);
	draw(f, 24, 80);
	assert_has(row_text(f, 22), "QUIC->ICMP"); /* the last line stays in the last row */
	press_key(f, KEYS_HOME);
	draw(f, 24, 80);
	assert_has(row_text(f, 1), "Keys");
}

static void enter_tells_all_of_a_flow_in_words(void **state)
{
	struct fixture *f = *state;
	const char *text;

	f->scene.flows[1].dropped_here = true;
	strcpy(f->scene.flows[1].drop_reason, "NETFILTER_DROP");
	strcpy(f->scene.flows[1].icmp_source, "198.51.100.1");
	strcpy(f->scene.flows[1].injected, "high (8): too_fast, alive_after_reset");
	draw(f, 24, 80);
	press_key(f, KEYS_DOWN);
	press(f, "\n");
	text = draw(f, 24, 80);
	assert_has(text, "\n104.244.42.4:443\n");
	assert_has(text, "lahore");
	assert_has(text, "PSH+ACK->RST+ACK: reset after the first request,");
	assert_has(text, "40.2 ms");
	assert_has(text, "about 2 routers away, the server 3: it");
	assert_has(text, "ICMP from");
	assert_has(text, "198.51.100.1");
	assert_has(text, "NETFILTER_DROP");
	assert_has(text, "high (8): too_fast, alive_after_reset");
	scene_init(&f->scene, 0); /* the flow leaves the list: what one reads stays */
	assert_has(draw(f, 24, 80), "\n104.244.42.4:443\n");
	press(f, "\x1b");
	assert_has(draw(f, 24, 80), "no failing flow: 1600 judged");
}

static void quit_keys_quit(void **state)
{
	struct fixture *f = *state;

	draw(f, 24, 80);
	assert_int_equal(screen_key(&f->screen, &f->scene.view, 'q'), SCREEN_QUIT);
	assert_int_equal(screen_key(&f->screen, &f->scene.view, KEYS_F10), SCREEN_QUIT);
	press(f, "?");
	assert_int_equal(screen_key(&f->screen, &f->scene.view, 'q'), SCREEN_CHANGED); /* leaves the help */
	press(f, "/");
	assert_int_equal(screen_key(&f->screen, &f->scene.view, 'q'), SCREEN_CHANGED); /* a letter of the filter */
}

static void no_key_in_any_state_breaks_anything(void **state)
{
	struct fixture *f = *state;
	unsigned int random = 1;

	scene_init(&f->scene, 120);
	draw(f, 24, 80);
	for (int i = 0; i < 5000; i++) {
		random = random * 1103515245 + 12345;
		unsigned int key = (random >> 16) % 160;

		screen_key(&f->screen, &f->scene.view, key < 128 ? key : KEYS_FIRST + key - 128);
		if (i % 50 == 0)
			scene_init(&f->scene, (random >> 16) % VIEW_FLOWS);
		if (i % 7 == 0) {
			draw(f, 5 + (int)(random >> 20) % 40, 40 + (int)(random >> 18) % 100);
			assert_true(!f->screen.n_selected ||
				    f->screen.tabs[f->screen.tab].cursor < f->screen.n_selected);
		}
		screen_settle(&f->screen, &f->scene.view, f->screen.rows, f->screen.cols);
	}
}

/* ---- the cursor --------------------------------------------------------------------------------------------- */
static int selected_row(const struct fixture *f)
{
	for (int row = f->screen.list_row; row < f->grid.rows - 1; row++)
		if (f->grid.cells[row * f->grid.cols].ink == INK_SELECTED)
			return row;
	return -1;
}

static void a_cursor_that_was_moved_stays_with_its_flow(void **state)
{
	struct fixture *f = *state;
	int row;

	scene_init(&f->scene, 100);
	draw(f, 24, 80);
	for (int i = 0; i < 30; i++)
		press_key(f, KEYS_DOWN);
	draw(f, 24, 80);
	row = selected_row(f);
	assert_has(row_text(f, row), "104.244.42.70:443");
	scene_add_flow(&f->scene, 101, "104.244.42.101");
	scene_add_flow(&f->scene, 102, "104.244.42.102");
	draw(f, 24, 80);
	assert_int_equal(selected_row(f), row); /* nothing jumps */
	assert_has(row_text(f, row), "104.244.42.70:443");
	press_key(f, KEYS_HOME);
	draw(f, 24, 80);
	assert_has(row_text(f, f->screen.list_row), "104.244.42.102:443");
}

static void a_cursor_that_was_not_moved_shows_the_newest(void **state)
{
	struct fixture *f = *state;

	draw(f, 24, 80);
	scene_add_flow(&f->scene, 6, "199.59.148.1");
	draw(f, 24, 80);
	assert_int_equal(selected_row(f), f->screen.list_row);
	assert_has(row_text(f, f->screen.list_row), "199.59.148.1:443");
}

static void pages_and_ends_are_reached(void **state)
{
	struct fixture *f = *state;

	scene_init(&f->scene, 100);
	draw(f, 24, 80);
	press_key(f, KEYS_END);
	draw(f, 24, 80);
	assert_int_equal(f->screen.tabs[0].cursor, 99);
	assert_has(row_text(f, selected_row(f)), "104.244.42.1:443");
	press_key(f, KEYS_PAGE_UP);
	assert_int_equal(f->screen.tabs[0].cursor, 99 - f->screen.list_lines);
	for (int i = 0; i < 20; i++)
		press_key(f, KEYS_PAGE_UP);
	assert_int_equal(f->screen.tabs[0].cursor, 0);
}

/* ---- hostile and other text --------------------------------------------------------------------------------- */
static void hostile_names_reach_no_terminal(void **state)
{
	struct fixture *f = *state;

	strcpy(f->scene.view.host, "a\x1b]0;owned\x07\x1b[2J\r\n\xff\xc2\x9b");
	strcpy(f->scene.view.groups[1].name, "\x1b[31mred");
	strcpy(f->scene.flows[0].site, "\xe2\x80\xae"
				       "evil\t"); /* right-to-left override */
	strcpy(f->scene.hooks[0].note, "\n\n");
	f->scene.hooks[0].attached = false;
	for (enum table_id tab = 0; tab < TABLE_TABS; tab++) {
		f->screen.tab = tab;
		draw(f, 40, 200);
		for (int i = 0; i < f->grid.rows * f->grid.cols; i++) {
			wchar_t c = f->grid.cells[i].c;

			assert_true(c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0) && c != 0x202e);
		}
	}
}

static void long_names_are_cut_with_a_mark(void **state)
{
	struct fixture *f = *state;

	memset(f->scene.view.host, 'h', sizeof(f->scene.view.host) - 1);
	draw(f, 24, 60);
	assert_has(row_text(f, 0), "hhh\xe2\x80\xa6"); /* and the clock is still there */
	assert_has(row_text(f, 0), "12:00:30");
}

static void without_utf8_bars_are_ascii(void **state)
{
	struct fixture *f = *state;

	setlocale(LC_CTYPE, "C");
	f->grid.utf8 = false;
	draw(f, 24, 80);
	for (int i = 0; i < f->grid.rows * f->grid.cols; i++)
		assert_true(f->grid.cells[i].c < 0x80);
	assert_has(row_text(f, 3), " ###");
}

/* A colour is never the only one to tell: the words of good and bad rows differ. */
static void failing_is_told_in_words_too(void **state)
{
	struct fixture *f = *state;
	const char *text = draw(f, 24, 80);

	assert_has(text, "blocked");
	assert_has(text, "ok");
	assert_has(text, "reset");
	f->scene.flows[0].interim = true;
	assert_has(draw(f, 24, 80), "\n~12:00");
}

static void a_printout_has_neither_cursor_nor_keys(void **state)
{
	struct fixture *f = *state;
	const char *text;

	f->screen.printed = true;
	text = draw(f, screen_lines(&f->scene.view, TABLE_FLOWS, 20), 100);
	assert_lacks(text, "F1");
	assert_int_equal(selected_row(f), -1);
	assert_has(text, "104.244.42.1:443"); /* all of them */
	assert_has(text, "\n wikimedia");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_screen_of_80x24_holds_all_that_matters),
		TEST(a_screen_of_200x60_shows_every_column),
		TEST(the_smallest_window_has_a_group_and_a_flow),
		TEST(a_window_below_40x5_says_so),
		TEST(no_size_is_drawn_beyond_its_edge),
		TEST(groups_that_do_not_fit_are_summed_up),
		TEST(losses_and_missing_hooks_are_on_the_first_screen),
		TEST(books_that_do_not_balance_say_so),
		TEST(a_notice_stands_above_everything),
		TEST(keys_lead_to_every_tab),
		TEST(a_block_is_a_bar_over_the_whole_width_whatever_is_open),
		TEST(a_bar_too_long_for_a_line_is_broken_between_words),
		TEST(the_tab_of_incidents_stays_while_one_is_on),
		TEST(a_group_has_a_page_with_all_its_parts),
		TEST(what_is_less_is_a_notice_and_calm_is_no_bar),
		TEST(the_bar_tells_since_when_the_word_holds),
		TEST(of_few_clients_the_bar_says_why_no_more_is_said),
		TEST(a_control_in_trouble_is_no_alarm),
		TEST(the_worst_of_two_targets_is_the_alarm),
		TEST(an_incident_tells_all_of_itself),
		TEST(sites_have_their_own_state),
		TEST(sorting_goes_through_the_columns_and_turns_round),
		TEST(filter_keeps_what_has_all_words_and_escape_clears_it),
		TEST(filter_takes_no_more_than_it_can_hold),
		TEST(pause_is_visible_and_told_to_the_owner),
		TEST(help_explains_every_stage_signature_and_key),
		TEST(help_scrolls_to_its_end_and_no_further),
		TEST(enter_tells_all_of_a_flow_in_words),
		TEST(quit_keys_quit),
		TEST(no_key_in_any_state_breaks_anything),
		TEST(a_cursor_that_was_moved_stays_with_its_flow),
		TEST(a_cursor_that_was_not_moved_shows_the_newest),
		TEST(pages_and_ends_are_reached),
		TEST(hostile_names_reach_no_terminal),
		TEST(long_names_are_cut_with_a_mark),
		TEST(without_utf8_bars_are_ascii),
		TEST(failing_is_told_in_words_too),
		TEST(a_printout_has_neither_cursor_nor_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
