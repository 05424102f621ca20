/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The live watch, as `run` and `top` need it alike: the ranges are read, the kernel side is loaded and attached,
 * its records go to a board, and every second what it counted.
 */
#ifndef XREACH_STATION_H
#define XREACH_STATION_H

#include <stdbool.h>
#include <stddef.h>

#include "settings.h"
#include "show/board.h"

struct station;

struct station_setup {
	const struct settings *settings; /* must outlive the station */
	bool daemon;
	/* Each final finding that counts, once; may be NULL. See struct board_setup. */
	void (*finding)(void *arg, const struct finding *f, const struct wire_record *record);
	void (*incident)(void *arg, const struct incident_report *report); /* likewise, may be NULL */
	void *arg;
};

/* 0, or -errno with one line in error that says what is missing and what to do. Nothing is attached then. */
int station_open(const struct station_setup *setup, struct station **out, char *error, size_t error_size);
void station_close(struct station *s); /* NULL is fine; leaves nothing attached */

int station_fd(const struct station *s); /* readable: call station_tick */
/* Also every LOOP_TICK_MS. Sets the share of each control group about once a minute. 0 or -errno. */
int station_tick(struct station *s);
/* Read the ranges again. On failure the list in force stays, and error says why. */
int station_reload(struct station *s, char *error, size_t error_size);

/* Take what an earlier watch had learnt (board_learnt.h): how many streams. */
unsigned int station_learn(struct station *s, const char *text);
/* Go on where an earlier watch was (board_restart.h): NULL, or why not. */
const char *station_restore(struct station *s, const void *data, size_t n);
const struct board *station_board(const struct station *s);
bool station_ready(const struct station *s); /* attached, and the first totals read */
/* Every place we attach to, as the last tick found it; valid until the next. */
size_t station_hooks(const struct station *s, const struct watch_hook **out);
/* See board_view(). */
int station_view(const struct station *s, struct view *out);

#endif
