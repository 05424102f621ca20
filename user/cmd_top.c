// SPDX-License-Identifier: GPL-2.0
/* xreach top: the live view, on a screen, line by line, as one printout, or as JSON. */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "harden.h"
#include "loop.h"
#include "number.h"
#include "options.h"
#include "show/plain.h"
#include "show/screen.h"
#include "show/terminal.h"
#include "source.h"

#define ONCE_MS		10000 /* as --help and the manual say; long enough for a reset or an unanswered SYN to count */
#define ONCE_FLOWS	20
#define ONCE_COLS	100
#define DAEMON_EARLY_MS 200 /* its line comes once a second, more or less: do not miss one by a hair */

struct top {
	const struct options *options;
	struct loop *loop;
	struct source *source;
	struct terminal *terminal; /* NULL: lines */
	bool input_is_terminal;
	struct view view; /* what is shown */
	bool have_view, told_trouble;
	__u32 age_ms, lived_ms;
	struct screen screen;
	struct plain plain;
	struct grid grid;
	int status;
};

static void give_up(struct top *t, const char *why)
{
	if (why)
		fprintf(stderr, "xreach top: %s\n", why);
	t->status = EXIT_FAILURE;
	loop_stop(t->loop);
}

/* ---- on the screen ---------------------------------------------------------------------------------------- */
static const char *notice(const struct top *t)
{
	const char *trouble = source_trouble(t->source);

	return t->have_view || trouble[0] ? trouble : "waiting for the daemon's first picture";
}

static void show(struct top *t)
{
	int rows, cols;

	snprintf(t->screen.notice, sizeof(t->screen.notice), "%s", notice(t));
	terminal_size(t->terminal, &rows, &cols);
	screen_settle(&t->screen, &t->view, rows, cols);
	if (screen_draw(&t->screen, &t->view, &t->grid))
		give_up(t, "out of memory");
	else
		terminal_show(t->terminal, &t->grid);
}

/* ---- as lines --------------------------------------------------------------------------------------------- */
static int from_environment(const char *name, int otherwise)
{
	const char *text = getenv(name);
	char ignored[96];
	__u64 number;

	return text && !number_parse(name, text, 5, 500, &number, ignored, sizeof(ignored)) ? (int)number
											    : otherwise;
}

static void print_screen(struct top *t)
{
	int rows = screen_lines(&t->view, TABLE_FLOWS, ONCE_FLOWS);

	t->screen.printed = true;
	screen_settle(&t->screen, &t->view, from_environment("LINES", rows),
		      from_environment("COLUMNS", ONCE_COLS));
	if (screen_draw(&t->screen, &t->view, &t->grid))
		give_up(t, "out of memory");
	else
		plain_grid(&t->grid, stdout);
}

static void print_json(struct top *t)
{
	char *line = view_to_json(&t->view);

	if (line)
		puts(line);
	else
		give_up(t, "out of memory");
	free(line);
}

static void print(struct top *t)
{
	if (t->options->json)
		print_json(t);
	else if (t->options->once)
		print_screen(t);
	else
		plain_view(&t->plain, &t->view, stdout);
	if (fflush(stdout) || ferror(stdout)) {
		if (errno == EPIPE) /* the reader has had enough */
			loop_stop(t->loop);
		else
			give_up(t, strerror(errno));
	}
	if (t->options->once)
		loop_stop(t->loop);
}

/* ---- what the loop calls ---------------------------------------------------------------------------------- */
static void take_view(struct top *t)
{
	struct view view;
	int err = source_view(t->source, &view);

	if (err == -EAGAIN)
		return;
	if (err) {
		give_up(t, strerror(-err));
		return;
	}
	view_free(&t->view);
	t->view = view;
	t->have_view = true;
	t->age_ms = 0;
}

static bool is_due(const struct top *t)
{
	__u32 delay = t->options->delay_ms;

	if (!source_fresh(t->source))
		return false;
	if (source_is_daemon(t->source))
		return !t->have_view || t->age_ms + DAEMON_EARLY_MS >= delay;
	if (t->options->once)
		return t->lived_ms >= ONCE_MS;
	return t->age_ms >= delay;
}

static void tick_screen(struct top *t)
{
	bool changed = strcmp(t->screen.notice, notice(t));

	if (!t->screen.paused && is_due(t)) {
		take_view(t);
		changed = true;
	}
	if (changed)
		show(t);
}

static void tick_lines(struct top *t)
{
	const char *trouble = source_trouble(t->source);

	if (trouble[0] && !t->told_trouble && !t->options->once)
		fprintf(stderr, "xreach top: %s\n", trouble);
	t->told_trouble = trouble[0];
	if (t->options->once && !t->have_view && trouble[0])
		give_up(t, trouble);
	else if (t->options->once && t->lived_ms > 2 * ONCE_MS)
		give_up(t, "the daemon answers, but shows nothing");
	else if (is_due(t)) {
		take_view(t);
		print(t);
	}
}

static void on_tick(void *arg)
{
	struct top *t = arg;

	t->age_ms += LOOP_TICK_MS;
	t->lived_ms += LOOP_TICK_MS;
	source_tick(t->source);
	if (t->terminal)
		tick_screen(t);
	else
		tick_lines(t);
}

static void on_signal(void *arg, int signo)
{
	struct top *t = arg;

	if (signo == SIGTSTP && t->terminal) {
		terminal_stop(t->terminal);
		return;
	}
	if (signo == SIGTSTP)
		raise(SIGSTOP);
	else if (signo == SIGCONT && t->terminal)
		terminal_continue(t->terminal);
	else if (signo != SIGWINCH && signo != SIGCONT) {
		loop_stop(t->loop);
		return;
	}
	if (t->terminal)
		show(t);
}

static void on_input(void *arg)
{
	struct top *t = arg;
	unsigned int key;
	int got;

	while ((got = terminal_key(t->terminal, &key)) > 0) {
		switch (screen_key(&t->screen, &t->view, key)) {
		case SCREEN_IGNORED:
			continue;
		case SCREEN_QUIT:
			loop_stop(t->loop);
			return;
		case SCREEN_REPAINT:
			terminal_repaint(t->terminal);
			break;
		case SCREEN_PAUSE:
		case SCREEN_CHANGED:
			break;
		}
		show(t); /* each: a key acts on what the one before it has brought about */
	}
	if (got == -EIO) {
		loop_remove(t->loop, STDIN_FILENO);
		if (t->input_is_terminal)
			loop_stop(t->loop);
	}
}

/* ---- beginning and end ------------------------------------------------------------------------------------ */
static bool wants_screen(const struct options *o)
{
	const char *term = getenv("TERM");

	return !o->once && !o->json && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb");
}

static int open_screen(struct top *t, char *error, size_t error_size)
{
	int err = terminal_open(!t->options->no_color, &t->terminal, error, error_size);

	if (err)
		return err;
	t->grid.utf8 = terminal_is_utf8(t->terminal);
	t->input_is_terminal = isatty(STDIN_FILENO);
	/* Not everything can be waited for (/dev/null cannot): then there are no keys. */
	loop_add(t->loop, STDIN_FILENO, on_input, t);
	if (!source_is_daemon(t->source))
		take_view(t);
	show(t);
	return 0;
}

static int top(const struct options *o)
{
	struct top t = { .options = o, .status = EXIT_SUCCESS };
	const struct loop_calls calls = { on_tick, on_signal, &t };
	char error[512] = "out of memory";
	sigset_t more;
	int err;

	sigemptyset(&more);
	sigaddset(&more, SIGWINCH);
	sigaddset(&more, SIGTSTP);
	sigaddset(&more, SIGCONT);
	sigaddset(&more, SIGQUIT);
	screen_init(&t.screen);
	t.grid.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	err = loop_new(&calls, &more, &t.loop);
	if (err)
		snprintf(error, sizeof(error), "event loop: %s", strerror(-err));
	if (!err)
		err = source_open(&o->settings, t.loop, &t.source, error, sizeof(error));
	if (!err && o->once && !source_is_daemon(t.source) && isatty(STDERR_FILENO))
		fprintf(stderr, "xreach top: no daemon runs: watching for %d seconds\n", ONCE_MS / 1000);
	if (!err && wants_screen(o))
		err = open_screen(&t, error, sizeof(error));
	if (!err) {
		err = loop_run(t.loop);
		if (err)
			snprintf(error, sizeof(error), "event loop: %s", strerror(-err));
	}
	terminal_close(t.terminal);
	source_close(t.source);
	loop_free(t.loop);
	grid_free(&t.grid);
	view_free(&t.view);
	if (err)
		fprintf(stderr, "xreach top: %s\n", error);
	return err ? EXIT_FAILURE : t.status;
}

int cmd_top(int argc, char **argv)
{
	struct options options;
	int status;

	setlocale(LC_CTYPE, "");
	if (options_parse("top", argc, argv, &options))
		return options.status;
	harden();
	signal(SIGPIPE, SIG_IGN);
	status = top(&options);
	options_free(&options);
	return status;
}
