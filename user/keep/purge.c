// SPDX-License-Identifier: GPL-2.0
/* Dropping counts on demand: see purge.h. */
#include "keep/purge.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keep/history.h"
#include "keep/history_store.h"
#include "keep/schema.h"

#define HOUR_S	  3600
#define BUSY_MS	  5000	  /* the daemon's steps are short, and a backup that holds the file is not */
#define STEPS_MAX 1000000 /* of HISTORY_PURGE_ROWS rows: more than any history of ours has */

static int complain(const char *path, int err, const char *what, char *error, size_t n)
{
	snprintf(error, n, "%s: %s", path, what);
	return err;
}

static int of_sqlite(sqlite3 *db)
{
	int code = sqlite3_errcode(db);

	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? -EBADMSG : -EIO;
}

static __u64 rows_of(sqlite3 *db, const char *sql)
{
	__u64 rows = 0;
	sqlite3_stmt *q;

	if (!sqlite3_prepare_v2(db, sql, -1, &q, NULL) && sqlite3_step(q) == SQLITE_ROW)
		rows = (__u64)sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return rows;
}

/* First, so that no kill leaves counts dropped that nobody tells of. The furthest that was ever asked for stays. */
static int take_note(sqlite3 *db, __s64 before, __s64 now)
{
	static const char sql[] = "INSERT INTO state (name, at, value) VALUES ('" PURGE_NOTE "', ?1, ?2)"
				  " ON CONFLICT DO UPDATE SET at = excluded.at, value = excluded.value"
				  " WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)";
	sqlite3_stmt *q;
	char text[24];
	int rc;

	snprintf(text, sizeof(text), "%lld", (long long)before);
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL))
		return -EIO;
	sqlite3_bind_int64(q, 1, now);
	sqlite3_bind_text(q, 2, text, -1, SQLITE_STATIC);
	rc = sqlite3_step(q);
	sqlite3_finalize(q);
	return rc == SQLITE_DONE ? 0 : -EIO;
}

static int open_history(const char *path, sqlite3 **db, char *error, size_t n)
{
	char what[256];
	int err;

	if (access(path, F_OK)) {
		err = -errno;
		snprintf(error, n, "%s: %s; %s", path, strerror(-err),
			 err == -EACCES ? "purge it as root" : "--state-dir names another place");
		return err;
	}
	if (sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL))
		return complain(path, of_sqlite(*db), sqlite3_errmsg(*db), error, n);
	sqlite3_busy_timeout(*db, BUSY_MS);
	err = schema_version(*db, what, sizeof(what));
	if (!err)
		return complain(path, -ENOENT, "is empty: nothing was recorded yet", error, n);
	/* SQLite falls back to reading where it may not write, and says so no sooner than here */
	if (err > 0 && sqlite3_db_readonly(*db, "main") == 1)
		return complain(path, -EROFS,
				"may not be written: by nobody (a read-only file system), or not by you (root may)",
				error, n);
	if (err > 0)
		err = schema_update(*db, SCHEMA_VERSION, what, sizeof(what));
	if (err < 0)
		return complain(path, err == -EIO ? of_sqlite(*db) : err, what, error, n);
	return 0;
}

static int drop(sqlite3 *db, __s64 before, struct purge_result *r, struct store_error *error)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < STEPS_MAX; i++) {
		int was = sqlite3_total_changes(db);

		err = store_purge(db, before, before, HISTORY_PURGE_ROWS, error);
		if (sqlite3_total_changes(db) == was)
			return err;
		r->dropped += (__u64)(sqlite3_total_changes(db) - was);
	}
	return err;
}

int purge_history(const char *dir, __s64 before, __s64 now, struct purge_result *out, char *error, size_t n)
{
	struct purge_result r = { .before = before - before % HOUR_S };
	struct store_error what = {};
	sqlite3 *db = NULL;
	char path[PATH_MAX];
	int err;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, HISTORY_FILE) >= sizeof(path)) {
		snprintf(error, n, "the path of the history is too long");
		return -ENAMETOOLONG;
	}
	err = open_history(path, &db, error, n);
	if (err)
		goto out;
	/* what is dropped is written over; what the log beside the file still has of it goes at the end */
	if (sqlite3_exec(db, "PRAGMA secure_delete = ON", NULL, NULL, NULL) || take_note(db, r.before, now)) {
		err = complain(path, of_sqlite(db), sqlite3_errmsg(db), error, n);
		goto out;
	}
	err = drop(db, r.before, &r, &what);
	if (err) {
		err = complain(path, of_sqlite(db), what.text, error, n);
		goto out;
	}
	/* where the daemon or a report is in the way, the daemon's next checkpoint does it */
	sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
	r.incidents = rows_of(db, "SELECT count(*) FROM incident");
	r.ranges = rows_of(db, "SELECT count(*) FROM ranges");
	*out = r;
out:
	sqlite3_close_v2(db);
	return err;
}
