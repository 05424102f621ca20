/* SPDX-License-Identifier: GPL-2.0 */
/* The live view line by line, for pipes, logs and terminals that cannot place a cursor: no escape sequence. */
#ifndef XREACH_PLAIN_H
#define XREACH_PLAIN_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct view;
struct grid;

struct plain { /* start with zeroes */
	bool begun;
	time_t since;		 /* of the watch: another one counts its flows anew */
	unsigned long long told; /* id of the newest flow that has its line */
	char unseen[256];	 /* as last told */
};

/* One line for each flow that is new and not ok, oldest first, then one with the state of all groups. */
void plain_view(struct plain *plain, const struct view *view, FILE *to);
/* A picture as lines of text. */
void plain_grid(const struct grid *grid, FILE *to);

#endif
