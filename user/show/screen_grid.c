// SPDX-License-Identifier: GPL-2.0
/* A picture of a terminal in memory. */
#include "show/screen_grid.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ELLIPSIS 0x2026

int grid_reset(struct grid *grid, int rows, int cols)
{
	size_t n, i;

	if (rows < 0)
		rows = 0;
	if (cols < 0)
		cols = 0;
	n = (size_t)rows * (size_t)cols;
	if (rows != grid->rows || cols != grid->cols || !grid->cells) {
		free(grid->cells);
		grid->rows = 0;
		grid->cols = 0;
		grid->cells = calloc(n ? n : 1, sizeof(*grid->cells));
		if (!grid->cells)
			return -ENOMEM;
		grid->rows = rows;
		grid->cols = cols;
	}
	for (i = 0; i < n; i++)
		grid->cells[i] = (struct grid_cell){ L' ', INK_TEXT };
	return 0;
}

void grid_free(struct grid *grid)
{
	free(grid->cells);
	*grid = (struct grid){};
}

/* The next character of *text, or 0 at its end. Names may come from the system: nothing of them reaches the
 * terminal that would do more than fill one cell. */
static wchar_t next_char(const char **text, mbstate_t *state)
{
	wchar_t c;
	size_t n;

	if (!**text)
		return 0;
	n = mbrtowc(&c, *text, MB_LEN_MAX, state);
	if (n == (size_t)-1 || n == (size_t)-2 || !n) {
		memset(state, 0, sizeof(*state));
		(*text)++;
		return L'?';
	}
	*text += n;
	return wcwidth(c) == 1 ? c : L'?';
}

int grid_width(const char *text)
{
	mbstate_t state = {};
	int n = 0;

	while (next_char(&text, &state))
		n++;
	return n;
}

void grid_put_char(struct grid *grid, int row, int col, enum ink ink, wchar_t c)
{
	if (row < 0 || row >= grid->rows || col < 0 || col >= grid->cols)
		return;
	grid->cells[(size_t)row * (size_t)grid->cols + (size_t)col] = (struct grid_cell){ c, ink };
}

int grid_put(struct grid *grid, int row, int col, int width, enum ink ink, const char *text)
{
	mbstate_t state = {};
	int n = 0;
	wchar_t c;

	if (width > grid->cols - col)
		width = grid->cols - col;
	while (n < width && (c = next_char(&text, &state)))
		grid_put_char(grid, row, col + n++, ink, c);
	if (n && n == width && *text)
		grid_put_char(grid, row, col + n - 1, ink, grid->utf8 ? ELLIPSIS : L'>');
	return n;
}

int grid_put_right(struct grid *grid, int row, int col, int width, enum ink ink, const char *text)
{
	int n = grid_width(text);

	if (n >= width)
		return grid_put(grid, row, col, width, ink, text);
	grid_put(grid, row, col + width - n, n, ink, text);
	return width;
}

void grid_fill(struct grid *grid, int row, int col, int width, enum ink ink)
{
	int i;

	for (i = 0; i < width; i++)
		grid_put_char(grid, row, col + i, ink, L' ');
}

void grid_text(const struct grid *grid, int row, char *out, size_t size)
{
	const struct grid_cell *cells = grid->cells + (size_t)row * (size_t)grid->cols;
	int cols = grid->cols, i;
	size_t used = 0;

	while (cols && cells[cols - 1].c == L' ')
		cols--;
	for (i = 0; i < cols && size - used > MB_LEN_MAX; i++) {
		mbstate_t state = {};
		size_t n = wcrtomb(out + used, cells[i].c, &state);

		if (n != (size_t)-1)
			used += n;
		else
			out[used++] = '?';
	}
	if (size)
		out[used] = '\0';
}
