// SPDX-License-Identifier: GPL-2.0
/* The statements of the history: see history_store.h. */
#include "keep/history_store.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/verdict.h"
#include "keep/waiting.h"

#define MINUTE_S 60
#define HOUR_S	 3600
#define DAY_S	 86400

enum statement {
	SERIES_FIND,
	SERIES_ADD,
	MINUTE,
	HOUR,
	WATCH_MINUTE,
	WATCH_HOUR,
	CLIENTS,
	INCIDENT,
	INCIDENT_CHANGE,
	INTERRUPTED,
	RANGES,
	SAMPLE,
	STATE,
	STATEMENTS
};

#define ADD_FLOWS "(at, series, flows) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET flows = flows + excluded.flows"
#define ADD_WATCH \
	"(at, minutes, opened, judged, forgotten, lost, unparsed) VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO " \
	"UPDATE SET opened = opened + excluded.opened, judged = judged + excluded.judged, " \
	"forgotten = forgotten + excluded.forgotten, lost = lost + excluded.lost, unparsed = unparsed + excluded.unparsed"

static const char *const statements[STATEMENTS] = {
	[SERIES_FIND] = "SELECT id FROM series WHERE grp = ?1 AND target = ?2 AND site = ?3 AND prefix = ?4 AND"
			" family = ?5 AND transport = ?6 AND stage = ?7 AND outcome = ?8 AND signature = ?9 AND"
			" injection = ?10 AND class = ?11",
	[SERIES_ADD] =
		"INSERT INTO series (grp, target, site, prefix, family, transport, stage, outcome, signature,"
		" injection, class) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
	[MINUTE] = "INSERT INTO minute " ADD_FLOWS,
	[HOUR] = "INSERT INTO hour " ADD_FLOWS,
	/* two lives of the daemon in one minute are one minute that was watched */
	[WATCH_MINUTE] = "INSERT INTO watch_minute " ADD_WATCH,
	[WATCH_HOUR] = "INSERT INTO watch_hour " ADD_WATCH
		       ", minutes = (SELECT count(*) FROM watch_minute WHERE at >= ?1 AND at < ?1 + 3600)",
	[CLIENTS] = "INSERT INTO clients (at, grp, site, clients) VALUES (?1, ?2, ?3, ?4)"
		    /* the largest of the day: after a restart the count begins anew. As a number "<20" is 0. */
		    " ON CONFLICT DO UPDATE SET clients = excluded.clients WHERE"
		    " CAST(excluded.clients AS INTEGER) > CAST(clients.clients AS INTEGER)",
	[INCIDENT] =
		"INSERT INTO incident (id, grp, since, ended, state, changed, object)"
		" VALUES (?1, ?2, ?3, nullif(?4, 0), ?5, ?6, ?7) ON CONFLICT DO UPDATE SET since = excluded.since,"
		" ended = excluded.ended, state = excluded.state, changed = excluded.changed,"
		" object = excluded.object",
	[INCIDENT_CHANGE] = "INSERT INTO incident_change (at, id, object) VALUES (?1, ?2, ?3)",
	[INTERRUPTED] =
		"UPDATE incident SET ended = max(changed, coalesce((SELECT max(at) + 60 FROM watch_minute"
		" WHERE at < ?1), changed)) WHERE ended IS NULL AND changed < ?1 AND NOT instr(?2, ',' || id || ',')",
	[RANGES] = "INSERT INTO ranges (at, version, hash) SELECT ?1, ?2, ?3 WHERE NOT EXISTS"
		   " (SELECT 1 FROM (SELECT hash FROM ranges ORDER BY number DESC LIMIT 1) WHERE hash = ?3)",
	[SAMPLE] = "INSERT INTO sample (at, grp, share, minutes) VALUES (?1, ?2, ?3, 1) ON CONFLICT DO UPDATE SET"
		   " share = (share * minutes + excluded.share) / (minutes + 1), minutes = minutes + 1",
	[STATE] = "INSERT INTO state (name, at, value) VALUES (?1, ?2, ?3)"
		  " ON CONFLICT DO UPDATE SET at = excluded.at, value = excluded.value",
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *prepared[STATEMENTS];
	struct store_error *error;
};

static const char *const class_names[] = {
	[TALLY_NEITHER] = "neither", [TALLY_SUCCESS] = "success", [TALLY_FAILURE] = "failure"
};

static __s64 whole(__s64 second, __s64 unit)
{
	__s64 past = second % unit;

	return second - (past < 0 ? past + unit : past);
}

/* At once: whatever is asked of the database next overwrites what it says of the last. */
static int failed(sqlite3 *db, struct store_error *error)
{
	if (error->code)
		return -EIO;
	error->code = sqlite3_errcode(db);
	snprintf(error->text, sizeof(error->text), "%s", sqlite3_errmsg(db));
	return -EIO;
}

struct store *store_begin(sqlite3 *db, struct store_error *error)
{
	struct store *s = calloc(1, sizeof(*s));

	*error = (struct store_error){};
	if (!s) {
		*error = (struct store_error){ .code = SQLITE_NOMEM, .text = "out of memory" };
		return NULL;
	}
	s->db = db;
	s->error = error;
	if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL)) {
		failed(db, error);
		free(s);
		return NULL;
	}
	return s;
}

/* ---- running a statement ------------------------------------------------------------------------------------ */
/* The statement with nothing bound, or NULL. */
static sqlite3_stmt *get(struct store *s, enum statement which)
{
	if (!s->prepared[which] &&
	    sqlite3_prepare_v2(s->db, statements[which], -1, &s->prepared[which], NULL) != SQLITE_OK) {
		failed(s->db, s->error);
		return NULL;
	}
	sqlite3_reset(s->prepared[which]);
	sqlite3_clear_bindings(s->prepared[which]);
	return s->prepared[which];
}

static int run(struct store *s, sqlite3_stmt *q)
{
	int err = sqlite3_step(q) == SQLITE_DONE ? 0 : failed(s->db, s->error);

	sqlite3_reset(q);
	return err;
}

static void bind_number(sqlite3_stmt *s, int at, __s64 number)
{
	sqlite3_bind_int64(s, at, number);
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
	sqlite3_bind_text(s, at, text ? text : "", -1, SQLITE_STATIC);
}

/* ---- counts --------------------------------------------------------------------------------------------------- */
static sqlite3_stmt *bind_series(struct store *s, enum statement which, const struct waiting_row *row)
{
	sqlite3_stmt *q = get(s, which);

	if (!q)
		return NULL;
	bind_text(q, 1, row->group);
	bind_number(q, 2, row->target);
	bind_text(q, 3, row->site);
	bind_text(q, 4, row->prefix);
	bind_text(q, 5, row->v6 ? "ipv6" : "ipv4");
	bind_text(q, 6, row->quic ? "quic" : "tcp");
	bind_text(q, 7, stage_name(row->stage));
	bind_text(q, 8, outcome_name(row->outcome));
	bind_text(q, 9, signature_name(row->signature));
	bind_text(q, 10, level_name(row->level));
	bind_text(q, 11, class_names[row->class]);
	return q;
}

static int series_of(struct store *s, const struct waiting_row *row, __s64 *id)
{
	sqlite3_stmt *q = bind_series(s, SERIES_FIND, row);
	int rc, err = 0;

	if (!q)
		return -EIO;
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*id = sqlite3_column_int64(q, 0);
	else if (rc != SQLITE_DONE)
		err = failed(s->db, s->error);
	sqlite3_reset(q);
	if (rc != SQLITE_DONE)
		return err;
	q = bind_series(s, SERIES_ADD, row);
	if (!q || run(s, q))
		return -EIO;
	*id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

static int add_flows(struct store *s, enum statement which, __s64 at, __s64 series, __u64 flows)
{
	sqlite3_stmt *q = get(s, which);

	if (!q)
		return -EIO;
	bind_number(q, 1, at);
	bind_number(q, 2, series);
	bind_number(q, 3, (__s64)flows);
	return run(s, q);
}

int store_count(struct store *s, const struct waiting_row *row)
{
	__s64 series = 0;
	int err = series_of(s, row, &series);

	if (!err)
		err = add_flows(s, MINUTE, row->minute, series, row->flows);
	if (!err)
		err = add_flows(s, HOUR, whole(row->minute, HOUR_S), series, row->flows);
	return err;
}

/* ---- notes ---------------------------------------------------------------------------------------------------- */
static int add_watch(struct store *s, enum statement which, __s64 at, const struct store_note *note)
{
	sqlite3_stmt *q = get(s, which);

	if (!q)
		return -EIO;
	bind_number(q, 1, at);
	for (int i = 0; i < STORE_NUMBERS; i++)
		bind_number(q, 2 + i, (__s64)note->numbers[i]);
	return run(s, q);
}

static int put_books(struct store *s, const struct store_note *note)
{
	int err = add_watch(s, WATCH_MINUTE, whole(note->at, MINUTE_S), note);

	return err ? err : add_watch(s, WATCH_HOUR, whole(note->at, HOUR_S), note);
}

static int put_clients(struct store *s, const struct store_note *note)
{
	sqlite3_stmt *q = get(s, CLIENTS);

	if (!q)
		return -EIO;
	bind_number(q, 1, whole(note->at, DAY_S));
	for (int i = 0; i < 3; i++)
		bind_text(q, 2 + i, note->texts[i]);
	return run(s, q);
}

static int put_incident(struct store *s, const struct store_note *note)
{
	sqlite3_stmt *q = get(s, INCIDENT);

	if (!q)
		return -EIO;
	bind_text(q, 1, note->texts[0]);
	bind_text(q, 2, note->texts[1]);
	bind_number(q, 3, (__s64)note->numbers[0]);
	bind_number(q, 4, (__s64)note->numbers[1]);
	bind_text(q, 5, note->texts[2]);
	bind_number(q, 6, note->at);
	bind_text(q, 7, note->texts[3]);
	if (run(s, q))
		return -EIO;
	q = get(s, INCIDENT_CHANGE);
	if (!q)
		return -EIO;
	bind_number(q, 1, note->at);
	bind_text(q, 2, note->texts[0]);
	bind_text(q, 3, note->texts[3]);
	return run(s, q);
}

static int put_interrupted(struct store *s, const struct store_note *note)
{
	sqlite3_stmt *q = get(s, INTERRUPTED);

	if (!q)
		return -EIO;
	bind_number(q, 1, note->at);
	bind_text(q, 2, note->texts[0] ? note->texts[0] : "");
	return run(s, q);
}

static int put_ranges(struct store *s, const struct store_note *note)
{
	sqlite3_stmt *q = get(s, RANGES);

	if (!q)
		return -EIO;
	bind_number(q, 1, note->at);
	bind_text(q, 2, note->texts[0]);
	bind_text(q, 3, note->texts[1]);
	return run(s, q);
}

static int put_sample(struct store *s, const struct store_note *note)
{
	sqlite3_stmt *q = get(s, SAMPLE);

	if (!q)
		return -EIO;
	bind_number(q, 1, whole(note->at, HOUR_S));
	bind_text(q, 2, note->texts[0]);
	sqlite3_bind_double(q, 3, note->share);
	return run(s, q);
}

static int put_state(struct store *s, const struct store_note *note)
{
	sqlite3_stmt *q = get(s, STATE);

	if (!q)
		return -EIO;
	bind_text(q, 1, note->texts[0]);
	bind_number(q, 2, note->at);
	sqlite3_bind_blob64(q, 3, note->value ? note->value : "", note->n_value, SQLITE_STATIC);
	return run(s, q);
}

int store_note(struct store *s, enum note_kind kind, const struct store_note *note)
{
	static int (*const puts[NOTE_KINDS])(struct store *, const struct store_note *) = {
		[NOTE_BOOKS] = put_books,	[NOTE_CLIENTS] = put_clients,
		[NOTE_INCIDENT] = put_incident, [NOTE_INTERRUPTED] = put_interrupted,
		[NOTE_RANGES] = put_ranges,	[NOTE_SAMPLE] = put_sample,
		[NOTE_STATE] = put_state,
	};

	return puts[kind](s, note);
}

int store_end(struct store *s, int err)
{
	if (!s)
		return err;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->prepared[i]);
	if (!err && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL))
		err = failed(s->db, s->error);
	if (err && !sqlite3_get_autocommit(s->db)) /* some errors have ended it already */
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	free(s);
	return err;
}

/* ---- the rest --------------------------------------------------------------------------------------------------- */
int store_purge(sqlite3 *db, __s64 minutes_from, __s64 hours_from, int rows, struct store_error *error)
{
	static const struct {
		const char *sql;
		bool minutes;
	} pieces[] = {
		{ "DELETE FROM minute WHERE (at, series) IN (SELECT at, series FROM minute WHERE at < ?1 ORDER BY at"
		  " LIMIT ?2)",
		  true },
		{ "DELETE FROM hour WHERE (at, series) IN (SELECT at, series FROM hour WHERE at < ?1 ORDER BY at LIMIT"
		  " ?2)",
		  false },
		{ "DELETE FROM watch_minute WHERE at IN (SELECT at FROM watch_minute WHERE at < ?1 ORDER BY at LIMIT ?2)",
		  true },
		{ "DELETE FROM watch_hour WHERE at IN (SELECT at FROM watch_hour WHERE at < ?1 ORDER BY at LIMIT ?2)",
		  false },
		{ "DELETE FROM sample WHERE (at, grp) IN (SELECT at, grp FROM sample WHERE at < ?1 ORDER BY at LIMIT ?2)",
		  false },
		/* a day's figure is of all of it: it goes when the day is over */
		{ "DELETE FROM clients WHERE at <= ?1 - 86400 AND 0 < ?2", false },
	};
	int err = 0, gone = sqlite3_total_changes(db);

	*error = (struct store_error){};
	for (size_t i = 0; !err && i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		sqlite3_stmt *q;

		if (sqlite3_prepare_v2(db, pieces[i].sql, -1, &q, NULL))
			return failed(db, error);
		bind_number(q, 1, pieces[i].minutes ? minutes_from : hours_from);
		bind_number(q, 2, rows);
		err = sqlite3_step(q) == SQLITE_DONE ? 0 : failed(db, error);
		sqlite3_finalize(q);
	}
	if (!err && sqlite3_total_changes(db) != gone &&
	    sqlite3_exec(db, "PRAGMA incremental_vacuum(256)", NULL, NULL, NULL))
		err = failed(db, error);
	return err;
}

void *store_state_get(sqlite3 *db, const char *name, size_t *n, __s64 *at)
{
	void *value = NULL;
	sqlite3_stmt *q;

	if (sqlite3_prepare_v2(db, "SELECT at, value FROM state WHERE name = ?1", -1, &q, NULL))
		return NULL;
	bind_text(q, 1, name);
	if (sqlite3_step(q) == SQLITE_ROW) {
		*at = sqlite3_column_int64(q, 0);
		*n = (size_t)sqlite3_column_bytes(q, 1);
		value = malloc(*n + 1);
		if (value && *n)
			memcpy(value, sqlite3_column_blob(q, 1), *n);
	}
	sqlite3_finalize(q);
	return value;
}
