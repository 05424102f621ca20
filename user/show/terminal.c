// SPDX-License-Identifier: GPL-2.0
/* The terminal, by ncurses. */
#include "show/terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include "show/keys.h"
#include "show/screen_grid.h"

#define ESCAPE_MS 25 /* a lone Esc, or the beginning of a key's sequence? */
#define WIDEST	  512

/* Roles and how they look: with colours, and without. */
static const struct look {
	short front, back; /* -1: the terminal's own */
	attr_t with, without;
} looks[INKS] = {
	[INK_TEXT] = { -1, -1, A_NORMAL, A_NORMAL },
	[INK_FAINT] = { -1, -1, A_DIM, A_NORMAL },
	[INK_STRONG] = { -1, -1, A_BOLD, A_BOLD },
	[INK_GOOD] = { COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
	[INK_WARN] = { COLOR_YELLOW, -1, A_NORMAL, A_BOLD },
	[INK_BAD] = { COLOR_RED, -1, A_BOLD, A_BOLD },
	[INK_NOTICE] = { COLOR_BLACK, COLOR_YELLOW, A_NORMAL, A_REVERSE | A_BOLD },
	[INK_ALARM] = { COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD },
	[INK_HEAD] = { COLOR_BLACK, COLOR_GREEN, A_NORMAL, A_REVERSE },
	[INK_HEAD_SORT] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE | A_BOLD },
	[INK_SELECTED] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE },
	[INK_TAB] = { -1, -1, A_NORMAL, A_NORMAL },
	[INK_TAB_ON] = { COLOR_BLACK, COLOR_GREEN, A_NORMAL, A_REVERSE | A_BOLD },
	[INK_KEY] = { -1, -1, A_NORMAL, A_NORMAL },
	[INK_KEY_NAME] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE },
};

struct terminal {
	SCREEN *curses;
	bool color, utf8;
};

/* ---- a crash: the one thing that a signal handler must reach ------------------------------------------- */
static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
#define CRASHES (sizeof(crashes) / sizeof(crashes[0]))

static struct {
	struct termios termios;
	char leave[256]; /* what the terminal must be sent */
	size_t leave_length;
	int errors_fd, log_fd; /* standard error as it was; what was written meanwhile; -1 */
	struct sigaction before[CRASHES];
} rescue = { .errors_fd = -1, .log_fd = -1 };

/* What was written to standard error meanwhile now goes where it belongs. Only calls that a handler may make. */
static void give_errors_back(void)
{
	char text[1024];
	ssize_t n;

	if (rescue.errors_fd < 0)
		return;
	dup2(rescue.errors_fd, STDERR_FILENO);
	if (lseek(rescue.log_fd, 0, SEEK_SET) == 0)
		while ((n = read(rescue.log_fd, text, sizeof(text))) > 0 &&
		       write(STDERR_FILENO, text, (size_t)n) > 0)
			;
	close(rescue.errors_fd);
	close(rescue.log_fd);
	rescue.errors_fd = -1;
	rescue.log_fd = -1;
}

/* The terminal as it was; then the signal does what it did before us. */
static void on_crash(int signo)
{
	ssize_t ignored = write(STDOUT_FILENO, rescue.leave, rescue.leave_length);

	(void)ignored;
	tcsetattr(STDOUT_FILENO, TCSANOW, &rescue.termios);
	give_errors_back();
	for (size_t i = 0; i < CRASHES; i++)
		sigaction(crashes[i], &rescue.before[i], NULL);
	raise(signo);
}

static void add_leave(const char *capability)
{
	const char *text = tigetstr(capability);
	size_t n;

	if (!text || text == (char *)-1)
		return;
	n = strlen(text);
	if (n < sizeof(rescue.leave) - rescue.leave_length) {
		memcpy(rescue.leave + rescue.leave_length, text, n);
		rescue.leave_length += n;
	}
}

static void prepare_rescue(void)
{
	struct sigaction act = { .sa_handler = on_crash };

	rescue.leave_length = 0;
	add_leave("sgr0");
	add_leave("cnorm");
	add_leave("rmkx");
	add_leave("rmcup");
	for (size_t i = 0; i < CRASHES; i++)
		sigaction(crashes[i], &act, &rescue.before[i]);
}

static void set_errors_aside(void)
{
	if (!isatty(STDERR_FILENO))
		return;
	rescue.log_fd = memfd_create("xreach-errors", MFD_CLOEXEC);
	if (rescue.log_fd < 0)
		return;
	rescue.errors_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	fflush(stderr);
	if (rescue.errors_fd >= 0 && dup2(rescue.log_fd, STDERR_FILENO) >= 0)
		return;
	close(rescue.log_fd);
	rescue.log_fd = -1;
	if (rescue.errors_fd >= 0)
		close(rescue.errors_fd);
	rescue.errors_fd = -1;
}

/* ---- opening and closing --------------------------------------------------------------------------------- */
static void set_colors(struct terminal *t, bool wanted)
{
	t->color = wanted && has_colors() && start_color() == OK && COLOR_PAIRS > INKS;
	if (!t->color)
		return;
	use_default_colors();
	for (short ink = 0; ink < INKS; ink++)
		init_pair((short)(ink + 1), looks[ink].front, looks[ink].back);
}

int terminal_open(bool color, struct terminal **out, char *error, size_t error_size)
{
	const char *name = getenv("TERM");
	struct terminal *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	if (tcgetattr(STDOUT_FILENO, &rescue.termios)) {
		snprintf(error, error_size, "standard output is no terminal; try --once");
		free(t);
		return -ENOTTY;
	}
	set_errors_aside();
	t->curses = newterm(NULL, stdout, stdin);
	if (!t->curses) {
		give_errors_back();
		snprintf(error, error_size,
			 "TERM=%.40s: this system knows no such terminal; try TERM=xterm, or xreach top --once",
			 name);
		free(t);
		return -ENOTTY;
	}
	prepare_rescue();
	set_term(t->curses);
	t->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	cbreak();
	noecho();
	nonl();
	set_escdelay(ESCAPE_MS);
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	curs_set(0);
	set_colors(t, color);
	*out = t;
	return 0;
}

void terminal_close(struct terminal *t)
{
	if (!t)
		return;
	endwin();
	for (size_t i = 0; i < CRASHES; i++)
		sigaction(crashes[i], &rescue.before[i], NULL);
	delscreen(t->curses);
	give_errors_back();
	free(t);
}

/* ---- pictures -------------------------------------------------------------------------------------------- */
/* Asked from the terminal itself: LINES and COLUMNS in the environment do not follow a resize. */
void terminal_size(struct terminal *t, int *rows, int *cols)
{
	struct winsize size;

	(void)t;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col &&
	    (size.ws_row != LINES || size.ws_col != COLS))
		resizeterm(size.ws_row, size.ws_col);
	*rows = LINES;
	*cols = COLS;
}

bool terminal_is_utf8(const struct terminal *t)
{
	return t->utf8;
}

void terminal_show(struct terminal *t, const struct grid *grid)
{
	int cols = grid->cols < WIDEST ? grid->cols : WIDEST;
	cchar_t line[WIDEST];

	for (int row = 0; row < grid->rows; row++) {
		const struct grid_cell *cells = grid->cells + (size_t)row * (size_t)grid->cols;

		for (int col = 0; col < cols; col++) {
			const struct look *look = &looks[cells[col].ink];
			wchar_t text[2] = { cells[col].c, 0 };

			setcchar(&line[col], text, t->color ? look->with : look->without,
				 t->color ? (short)(cells[col].ink + 1) : 0, NULL);
		}
		mvadd_wchnstr(row, 0, line, cols);
	}
	refresh();
}

void terminal_repaint(struct terminal *t)
{
	(void)t;
	clearok(curscr, TRUE);
}

/* ---- keys ------------------------------------------------------------------------------------------------ */
static const struct {
	wint_t curses;
	unsigned int key;
} keys[] = {
	{ KEY_UP, KEYS_UP },	     { KEY_DOWN, KEYS_DOWN },	  { KEY_LEFT, KEYS_LEFT },
	{ KEY_RIGHT, KEYS_RIGHT },   { KEY_PPAGE, KEYS_PAGE_UP }, { KEY_NPAGE, KEYS_PAGE_DOWN },
	{ KEY_HOME, KEYS_HOME },     { KEY_END, KEYS_END },	  { KEY_BACKSPACE, KEYS_BACKSPACE },
	{ KEY_BTAB, KEYS_BACK_TAB }, { KEY_ENTER, KEYS_ENTER },	  { KEY_F(1), KEYS_F1 },
	{ KEY_F(4), KEYS_F4 },	     { KEY_F(6), KEYS_F6 },	  { KEY_F(10), KEYS_F10 },
};

int terminal_key(struct terminal *t, unsigned int *key)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
	int waiting = 0, result;
	wint_t c;

	(void)t;
	while ((result = get_wch(&c)) != ERR) {
		if (result == OK) {
			*key = c;
			return 1;
		}
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			if (keys[i].curses != c)
				continue;
			*key = keys[i].key;
			return 1;
		}
	}
	/* Readable, and nothing to read: that is its end. */
	if (poll(&fd, 1, 0) > 0 &&
	    (fd.revents & (POLLHUP | POLLERR | POLLNVAL) || (!ioctl(STDIN_FILENO, FIONREAD, &waiting) && !waiting)))
		return -EIO;
	return 0;
}

/* ---- job control ----------------------------------------------------------------------------------------- */
void terminal_stop(struct terminal *t)
{
	(void)t;
	endwin();
	raise(SIGSTOP); /* SIGTSTP itself is blocked; SIGCONT comes with it, and terminal_continue() */
}

void terminal_continue(struct terminal *t)
{
	endwin(); /* what the shell has set is not what we had */
	terminal_repaint(t);
	refresh();
	curs_set(0);
}
