/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The terminal, by ncurses: shows a grid, gives keys. The one place that knows of curses. While it is open the
 * terminal is ours: terminal_close() gives it back, and so does a crash. One at a time.
 */
#ifndef XREACH_TERMINAL_H
#define XREACH_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

struct grid;
struct terminal;

/*
 * 0, or -errno with one line in error. Signals must be blocked before (loop.h does), so that none comes between
 * here and the clean-up. What is written to standard error meanwhile appears once the terminal is closed, where
 * it would else appear on the screen.
 */
int terminal_open(bool color, struct terminal **out, char *error, size_t error_size);
void terminal_close(struct terminal *terminal); /* NULL is fine */

void terminal_size(struct terminal *terminal, int *rows, int *cols); /* as it is now: also after SIGWINCH */
bool terminal_is_utf8(const struct terminal *terminal);
void terminal_show(struct terminal *terminal, const struct grid *grid);
void terminal_repaint(struct terminal *terminal); /* all of it, by the next terminal_show() */

/* The next key that waits (see keys.h). 0: none; -EIO: the terminal has gone, there will be none. */
int terminal_key(struct terminal *terminal, unsigned int *key);

/* Give the terminal to the shell and stop, as SIGTSTP would; take it again when continued. */
void terminal_stop(struct terminal *terminal);
void terminal_continue(struct terminal *terminal); /* after a SIGCONT: somebody else had it meanwhile */

#endif
