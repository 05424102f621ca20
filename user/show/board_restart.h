/* SPDX-License-Identifier: GPL-2.0 */
/* What the board knows of incidents, over a restart: by names, and nothing of clients (incidents_save()). */
#ifndef XREACH_BOARD_RESTART_H
#define XREACH_BOARD_RESTART_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct board;

/* To be freed; NULL when out of memory. */
void *board_save(const struct board *b, size_t *n);
/* All of it, as of now, or nothing and why, as words for "what was kept ...". */
const char *board_restore(struct board *b, const void *data, size_t n, __s64 now);
/* Ids of the open incidents, ",a,b,"; to be freed, NULL when out of memory. */
char *board_open(const struct board *b);
/* How often that should be kept, seconds: the more often the more there is to lose. */
unsigned int board_save_every(const struct board *b);

#endif
