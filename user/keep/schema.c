// SPDX-License-Identifier: GPL-2.0
/* The table of steps from each version of the schema to the next: see schema.h. A step that was released is never
 * changed; a change is a new row. */
#include "keep/schema.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

#define TEXT_OF(x)   #x
#define NUMBER_OF(x) TEXT_OF(x)

static const char *const steps[SCHEMA_VERSION] = {
	/*
	 * 1: counts. A series is what a count is of; its names are texts, because numbers of groups and prefixes mean
	 * nothing after a restart. `flows` of a minute and of its hour are added in one transaction.
	 */
	"CREATE TABLE series (id INTEGER PRIMARY KEY, grp TEXT NOT NULL, target INTEGER NOT NULL, site TEXT NOT NULL,"
	" prefix TEXT NOT NULL, family TEXT NOT NULL, transport TEXT NOT NULL, stage TEXT NOT NULL,"
	" outcome TEXT NOT NULL, signature TEXT NOT NULL, injection TEXT NOT NULL, class TEXT NOT NULL,"
	" UNIQUE (grp, target, site, prefix, family, transport, stage, outcome, signature, injection, class));"
	"CREATE TABLE minute (at INTEGER NOT NULL, series INTEGER NOT NULL, flows INTEGER NOT NULL,"
	" PRIMARY KEY (at, series)) WITHOUT ROWID;"
	"CREATE TABLE hour (at INTEGER NOT NULL, series INTEGER NOT NULL, flows INTEGER NOT NULL,"
	" PRIMARY KEY (at, series)) WITHOUT ROWID;"
	/* a row for each minute in which somebody watched: without one, silence would look like peace */
	"CREATE TABLE watch_minute (at INTEGER PRIMARY KEY, minutes INTEGER NOT NULL, opened INTEGER NOT NULL,"
	" judged INTEGER NOT NULL, forgotten INTEGER NOT NULL, lost INTEGER NOT NULL, unparsed INTEGER NOT NULL);"
	"CREATE TABLE watch_hour (at INTEGER PRIMARY KEY, minutes INTEGER NOT NULL, opened INTEGER NOT NULL,"
	" judged INTEGER NOT NULL, forgotten INTEGER NOT NULL, lost INTEGER NOT NULL, unparsed INTEGER NOT NULL);"
	/* distinct clients of a day: a range of numbers from <20 on, never a number */
	"CREATE TABLE clients (at INTEGER NOT NULL, grp TEXT NOT NULL, site TEXT NOT NULL, clients TEXT NOT NULL,"
	" PRIMARY KEY (at, grp, site)) WITHOUT ROWID;"
	/* the contract's object as it was last told, and each time it was told */
	"CREATE TABLE incident (id TEXT PRIMARY KEY, grp TEXT NOT NULL, since INTEGER NOT NULL, ended INTEGER,"
	" state TEXT NOT NULL, changed INTEGER NOT NULL, object TEXT NOT NULL);"
	"CREATE TABLE incident_change (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, id TEXT NOT NULL,"
	" object TEXT NOT NULL);"
	"CREATE TABLE ranges (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, version TEXT NOT NULL,"
	" hash TEXT NOT NULL);",

	/* 2: what the detector knows, so that a restart does not start at nothing. */
	"CREATE TABLE state (name TEXT PRIMARY KEY, at INTEGER NOT NULL, value BLOB NOT NULL);",

	/* 3: what share of a group's flows was watched, the mean of an hour's minutes: all counts are of these. */
	("CREATE TABLE sample (at INTEGER NOT NULL, grp TEXT NOT NULL, share REAL NOT NULL, minutes INTEGER NOT NULL,"
	 " PRIMARY KEY (at, grp)) WITHOUT ROWID;"),
};

static int get_number(sqlite3 *db, const char *sql, int *out)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return rc == SQLITE_ROW ? 0 : -EIO;
}

int schema_version(struct sqlite3 *db, char *error, size_t n)
{
	int version = 0, application = 0, tables = 0;

	if (get_number(db, "PRAGMA user_version", &version) ||
	    get_number(db, "PRAGMA application_id", &application) ||
	    get_number(db, "SELECT count(*) FROM sqlite_master", &tables)) {
		snprintf(error, n, "%s", sqlite3_errmsg(db));
		return -EIO;
	}
	if (application == SCHEMA_APPLICATION)
		return version;
	if (!application && !tables && !version)
		return 0;
	snprintf(error, n, "is another program's database; name another state_dir");
	return -EEXIST;
}

int schema_update(struct sqlite3 *db, int version, char *error, size_t n)
{
	int have = schema_version(db, error, n);

	if (have < 0)
		return have;
	if (have > version) {
		snprintf(error, n, "is of a newer xreach (schema %d, this one knows %d); install that one again",
			 have, version);
		return -ENOTSUP;
	}
	for (; have < version; have++) {
		char number[64];

		snprintf(number, sizeof(number), "PRAGMA user_version = %d", have + 1);
		if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) ||
		    sqlite3_exec(db, steps[have], NULL, NULL, NULL) ||
		    sqlite3_exec(db, "PRAGMA application_id = " NUMBER_OF(SCHEMA_APPLICATION), NULL, NULL, NULL) ||
		    sqlite3_exec(db, number, NULL, NULL, NULL) || sqlite3_exec(db, "COMMIT", NULL, NULL, NULL)) {
			snprintf(error, n, "cannot be brought to schema %d: %s", have + 1, sqlite3_errmsg(db));
			sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
			return -EIO;
		}
	}
	return 0;
}
