/* SPDX-License-Identifier: GPL-2.0 */
/* A history of one test, flows for it, and questions to its database. Include after cmocka.h. */
#ifndef XREACH_HISTORY_SCENE_H
#define XREACH_HISTORY_SCENE_H

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "keep/history.h"
#include "unit/files.h"

#define NOON 1708171200ll /* 2024-02-17 12:00:00 UTC */

struct fixture {
	struct files files;
	struct history *history;
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	files_begin(&f->files);
	f->history = history_new(f->files.directory);
	*state = f;
	return f->history ? 0 : -1;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	history_free(f->history);
	files_end(&f->files);
	free(f);
	return 0;
}

static inline void again(struct fixture *f)
{
	history_free(f->history);
	f->history = history_new(f->files.directory);
	assert_non_null(f->history);
}

static const struct verdict was_ok = { .stage = STAGE_LATER, .outcome = OUTCOME_OK };
static const struct verdict was_reset = {
	.stage = STAGE_POST_PSH, .outcome = OUTCOME_RESET, .signature = SIGNATURE_PSH_RSTACK, .level = LEVEL_HIGH
};

static inline void count(struct history *h, __s64 second, const struct verdict *v, unsigned int n)
{
	while (n--)
		history_count(h, second, "x", true, "lahore", "104.244.40.0/21", v);
}

/* The first column of the first row, as a number. */
static inline long long ask_file(const char *path, const char *sql)
{
	long long number = -1;
	sqlite3_stmt *q;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(q) == SQLITE_ROW)
		number = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return number;
}

static inline long long ask(struct fixture *f, const char *sql)
{
	return ask_file(files_path(&f->files, HISTORY_FILE), sql);
}

/* Change the file behind the back of whoever has it open. */
static inline void tell_file(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

#endif
