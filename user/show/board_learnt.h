/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the detector has learnt, over a restart: by names, for the numbers of groups, prefixes and sites are one
 * process's. Shares of streams and nothing of clients.
 */
#ifndef XREACH_BOARD_LEARNT_H
#define XREACH_BOARD_LEARNT_H

struct board;

/* Text, to be freed; NULL when out of memory. */
char *board_learnt(const struct board *b);
/* Take it as learnt: how many streams. What is no such text, or names what the lists do not have (any more), is left
 * out. */
unsigned int board_learn(struct board *b, const char *text);

#endif
