/* SPDX-License-Identifier: GPL-2.0 */
/* The statements of the history: rows and notes into the tables of schema.c, one transaction a step. For history.c. */
#ifndef XREACH_HISTORY_STORE_H
#define XREACH_HISTORY_STORE_H

#include <stddef.h>
#include <linux/types.h>

struct sqlite3;
struct waiting_row;
struct store;

#define STORE_TEXTS   4
#define STORE_NUMBERS 5

enum note_kind {
	NOTE_BOOKS,
	NOTE_CLIENTS,
	NOTE_INCIDENT,
	NOTE_INTERRUPTED,
	NOTE_RANGES,
	NOTE_SAMPLE,
	NOTE_STATE,
	NOTE_KINDS
};

/* Numbers and texts as history.h's functions take them, in their order. */
struct store_note {
	__s64 at;
	__u64 numbers[STORE_NUMBERS];
	double share;
	const char *texts[STORE_TEXTS];
	const void *value;
	size_t n_value;
};

/* What went wrong first. */
struct store_error {
	int code; /* SQLite's; 0: nothing */
	char text[200];
};

/* All of them: 0, or -EIO with the reason in `error`, which must last until store_end(). */
struct store *store_begin(struct sqlite3 *db, struct store_error *error); /* NULL instead */
int store_count(struct store *s, const struct waiting_row *row);
int store_note(struct store *s, enum note_kind kind, const struct store_note *note);
/* Commit where `err` is 0, else take all back. Frees `s` (NULL is fine); what went wrong first, or 0. */
int store_end(struct store *s, int err);

/* Drop at most `rows` of each table that are older, and give the disk some of the room back. */
int store_purge(struct sqlite3 *db, __s64 minutes_from, __s64 hours_from, int rows, struct store_error *error);
/* To be freed; NULL if there is none. */
void *store_state_get(struct sqlite3 *db, const char *name, size_t *n, __s64 *at);

#endif
