// SPDX-License-Identifier: GPL-2.0
/* Pages of text: see pen.h. */
#include "show/pen.h"

#include <stdio.h>
#include <string.h>

#define BESIDE 60 /* columns that the text needs to stand beside its label */

static void next_line(struct pen *p)
{
	if (p->lines++ >= p->skip)
		p->row++;
}

static void piece(struct pen *p, int col, int width, enum ink ink, const char *text)
{
	if (p->grid && p->lines >= p->skip && p->row < p->end)
		grid_put(p->grid, p->row, col, width, ink, text);
}

void pen_heading(struct pen *p, const char *text)
{
	if (p->lines)
		next_line(p);
	piece(p, 0, p->cols, INK_STRONG, text);
	next_line(p);
}

void pen_entry(struct pen *p, const char *label, enum ink ink, const char *text)
{
	int indent = p->cols >= BESIDE ? p->label : 4, room = p->cols - indent;
	char line[256];

	piece(p, 1, p->cols - 1, INK_WARN, label);
	if (p->cols < BESIDE)
		next_line(p);
	do {
		size_t n = strlen(text), most = room > 8 ? (size_t)room : 8;

		most = most < sizeof(line) ? most : sizeof(line) - 1;
		if (n > most) {
			for (n = most; n && text[n] != ' '; n--)
				;
			n = n ? n : most;
		}
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		piece(p, indent, room, ink, line);
		next_line(p);
		text += n + strspn(text + n, " ");
	} while (*text);
}
