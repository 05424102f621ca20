// SPDX-License-Identifier: GPL-2.0
/* The history's writer: see history.h. Its tables: schema.c. */
#include "keep/history.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keep/aside.h"
#include "keep/history_read.h"
#include "keep/history_store.h"
#include "keep/schema.h"
#include "keep/waiting.h"

#define BUSY_MS 200 /* a reader never holds a writer up in WAL mode; another writer, or a checkpoint, may */

/* Anything but counts, in the order in which it came. */
struct note {
	struct note *next;
	enum note_kind kind;
	struct store_note what;
	char *texts[STORE_TEXTS];
	void *value;
};

struct history {
	char dir[PATH_MAX - 64], path[PATH_MAX - 32];
	sqlite3 *db;
	int lock;	   /* the directory, locked; -1: not */
	struct stat known; /* the file that was opened */
	bool checked;	   /* the file was looked over whole, and has given no cause for it since */
	__s64 stepped;	   /* second of the last step; 0: none yet */
	__s64 settled;	   /* from when on the clock is believed */
	struct waiting counts;
	struct note *first, **last;
	size_t n_notes;
	struct history_status status;
};

struct history *history_new(const char *dir)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	if ((size_t)snprintf(h->dir, sizeof(h->dir), "%s", dir) >= sizeof(h->dir)) {
		/* cut, it would be another place: an open() of it says what is wrong */
		memset(h->dir, 'x', NAME_MAX + 1);
		h->dir[NAME_MAX + 1] = '\0';
	}
	snprintf(h->path, sizeof(h->path), "%s/%s", h->dir, HISTORY_FILE);
	h->last = &h->first;
	h->lock = -1;
	return h;
}

static void free_notes(struct history *h)
{
	while (h->first) {
		struct note *note = h->first;

		h->first = note->next;
		for (size_t i = 0; i < STORE_TEXTS; i++)
			free(note->texts[i]);
		free(note->value);
		free(note);
	}
	h->last = &h->first;
	h->n_notes = 0;
}

static void close_db(struct history *h)
{
	sqlite3_close_v2(h->db);
	h->db = NULL;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	close_db(h);
	if (h->lock >= 0)
		close(h->lock);
	free_notes(h);
	waiting_free(&h->counts);
	free(h);
}

/* ---- what is given ---------------------------------------------------------------------------------------- */
static void add_note(struct history *h, enum note_kind kind, const struct store_note *what)
{
	struct note *note = h->n_notes < HISTORY_NOTES_MAX ? calloc(1, sizeof(*note)) : NULL;
	bool whole = note;

	for (size_t i = 0; whole && i < STORE_TEXTS; i++) {
		note->texts[i] = what->texts[i] ? strdup(what->texts[i]) : NULL;
		whole = note->texts[i] || !what->texts[i];
	}
	if (whole && what->value) {
		note->value = malloc(what->n_value + 1);
		whole = note->value;
	}
	if (!whole) {
		for (size_t i = 0; note && i < STORE_TEXTS; i++)
			free(note->texts[i]);
		free(note);
		h->status.lost++;
		return;
	}
	note->kind = kind;
	note->what = *what;
	for (size_t i = 0; i < STORE_TEXTS; i++)
		note->what.texts[i] = note->texts[i];
	if (what->value)
		note->what.value = memcpy(note->value, what->value, what->n_value);
	*h->last = note;
	h->last = &note->next;
	h->n_notes++;
}

void history_count(struct history *h, __s64 second, const char *group, bool target, const char *site,
		   const char *prefix, const struct verdict *v)
{
	if (!waiting_count(&h->counts, second, group, target, site, prefix, v))
		h->status.lost++;
}

void history_books(struct history *h, __s64 second, const struct keep_books *grown)
{
	const struct store_note note = { .at = second,
					 .numbers = { grown->opened, grown->judged, grown->forgotten, grown->lost,
						      grown->unparsed } };

	add_note(h, NOTE_BOOKS, &note);
}

void history_sample(struct history *h, __s64 second, const char *group, double share)
{
	const struct store_note note = { .at = second, .share = share, .texts = { group } };

	if (h->n_notes > HISTORY_NOTES_MAX / 4) /* while nothing can be written: the room is for incidents */
		return;
	add_note(h, NOTE_SAMPLE, &note);
}

/* "<20", or "20-49": two numbers of digits, the first at least the floor. */
static bool is_range(const char *text)
{
	size_t low = strspn(text, "0123456789"), high;

	if (!strcmp(text, "<20"))
		return true;
	if (low < 2 || text[low] != '-')
		return false;
	high = strspn(text + low + 1, "0123456789");
	return high >= low && !text[low + 1 + high] && strtoul(text, NULL, 10) >= 20 &&
	       strtoul(text + low + 1, NULL, 10) > strtoul(text, NULL, 10);
}

bool history_clients(struct history *h, __s64 second, const char *group, const char *site, const char *range)
{
	const struct store_note note = { .at = second, .texts = { group, site, range } };

	if (!is_range(range))
		return false;
	add_note(h, NOTE_CLIENTS, &note);
	return true;
}

void history_incident(struct history *h, __s64 at, const char *id, const char *group, __s64 since, __s64 ended,
		      const char *state, const char *object)
{
	const struct store_note note = { .at = at,
					 .numbers = { (__u64)since, (__u64)ended },
					 .texts = { id, group, state, object } };

	add_note(h, NOTE_INCIDENT, &note);
}

void history_interrupted(struct history *h, __s64 at, const char *open)
{
	const struct store_note note = { .at = at, .texts = { open } };

	add_note(h, NOTE_INTERRUPTED, &note);
}

void history_ranges(struct history *h, __s64 at, const char *version, const char *hash)
{
	const struct store_note note = { .at = at, .texts = { version, hash } };

	add_note(h, NOTE_RANGES, &note);
}

void history_state(struct history *h, __s64 at, const char *name, const void *value, size_t n)
{
	const struct store_note note = { .at = at, .texts = { name }, .value = value, .n_value = n };

	/* only the newest is of use, and it may be large: while there is trouble with the disk they would pile up */
	for (struct note *old = h->first; old; old = old->next) {
		void *room = old->kind == NOTE_STATE && !strcmp(old->texts[0], name) ? malloc(n + 1) : NULL;

		if (!room)
			continue;
		free(old->value);
		old->value = memcpy(room, value, n);
		old->what.value = room;
		old->what.n_value = n;
		old->what.at = at;
		return;
	}
	add_note(h, NOTE_STATE, &note);
}

/*
 * One writer: two would count each flow twice, and end each other's incidents. The file itself is SQLite's to lock. Where
 * a file system knows no such lock, there is none.
 */
static int take_lock(struct history *h)
{
	struct stat locked, now;

	if (h->lock >= 0 && !fstat(h->lock, &locked) && !stat(h->dir, &now) && locked.st_ino == now.st_ino &&
	    locked.st_dev == now.st_dev)
		return 0;
	if (h->lock >= 0)
		close(h->lock);
	h->lock = open(h->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h->lock < 0)
		return -errno;
	if (!flock(h->lock, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
		return 0;
	close(h->lock);
	h->lock = -1;
	return -EBUSY;
}

/* ---- opening ---------------------------------------------------------------------------------------------- */
/* Made here and not by SQLite, so that its mode does not hang on the umask; the files beside it take after it. */
static int make_file(struct history *h)
{
	int fd, err = 0;

	if (!mkdir(h->dir,
		   0750)) /* with this mode, whatever the umask; that of one that is there is somebody's choice */
		chmod(h->dir, 0750);
	else if (errno != EEXIST)
		return -errno;
	err = take_lock(h);
	if (err)
		return err;
	fd = open(h->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	if (fchmod(fd, 0640))
		err = -errno;
	close(fd);
	return err;
}

static int on_row(void *arg, int n, char **values, char **names)
{
	(void)names;
	if (n && values[0])
		snprintf(arg, 128, "%s", values[0]);
	return 0;
}

/* SQLite's own look at the whole file: some 10 ms for each 10 MB. */
static int check_file(struct history *h, char *error, size_t n)
{
	char said[128] = "";

	if (sqlite3_exec(h->db, "PRAGMA quick_check(1)", on_row, said, NULL)) {
		snprintf(error, n, "%s", sqlite3_errmsg(h->db));
		return -EIO;
	}
	if (strcmp(said, "ok")) {
		snprintf(error, n, "%s", said);
		return -EBADMSG;
	}
	h->checked = true;
	return 0;
}

/* 0, -EBADMSG: the file is corrupt, or another -errno; with what it is in error. */
static int open_db(struct history *h, char *error, size_t n)
{
	int err = make_file(h);

	if (err) {
		snprintf(error, n, "%s", err == -EBUSY ? "another xreach writes it" : strerror(-err));
		return err;
	}
	if (sqlite3_open_v2(h->path, &h->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL)) {
		snprintf(error, n, "%s", h->db ? sqlite3_errmsg(h->db) : "out of memory");
		return -EIO;
	}
	sqlite3_busy_timeout(h->db, BUSY_MS);
	err = schema_version(h->db, error, n);
	if (err < 0)
		goto out;
	/* NORMAL: a kill loses nothing that was committed; a loss of power may lose the last steps, but never breaks
	 * the file. FULL would wait for the disk at each step. */
	if ((!err && sqlite3_exec(h->db, "PRAGMA auto_vacuum = INCREMENTAL", NULL, NULL, NULL)) ||
	    sqlite3_exec(h->db,
			 "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
			 /* what is replaced or dropped is written over: it may not be found on the disk later */
			 "PRAGMA secure_delete = ON",
			 NULL, NULL, NULL)) {
		snprintf(error, n, "%s", sqlite3_errmsg(h->db));
		err = -EIO;
		goto out;
	}
	err = h->checked ? 0 : check_file(h, error, n);
	if (!err && stat(h->path, &h->known))
		err = -errno;
	if (!err)
		err = schema_update(h->db, SCHEMA_VERSION, error, n);
out:
	if (err == -EIO && (sqlite3_errcode(h->db) == SQLITE_CORRUPT || sqlite3_errcode(h->db) == SQLITE_NOTADB))
		err = -EBADMSG;
	return err;
}

/* ---- trouble ---------------------------------------------------------------------------------------------- */
static int errno_of(int code)
{
	switch (code) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EBADMSG;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	default:
		return -EIO;
	}
}

/* The file, and what its last steps wrote beside it: without these it would be another. */
static int set_aside(struct history *h, __s64 now, char *name, size_t n)
{
	static const char *const beside[] = { "-wal", "-shm" };
	int err = aside_move(h->path, "corrupt", now, name, n);

	for (size_t i = 0; !err && i < 2; i++) {
		char from[PATH_MAX], to[PATH_MAX + 8];

		snprintf(from, sizeof(from), "%s%s", h->path, beside[i]);
		snprintf(to, sizeof(to), "%s%s", name, beside[i]);
		if (rename(from, to) && errno != ENOENT)
			err = -errno;
	}
	return err;
}

/* A corrupt file makes room at once: the next try begins a new one. */
static int take_corrupt(struct history *h, __s64 now, const char *what)
{
	char name[PATH_MAX] = "", said[512];
	int err;

	close_db(h);
	h->checked = false;
	err = set_aside(h, now, name, sizeof(name));
	if (err) {
		snprintf(said, sizeof(said), "is corrupt (%.100s), and cannot be set aside: %s", what,
			 strerror(-err));
	} else {
		h->status.set_aside++;
		snprintf(said, sizeof(said), "is corrupt (%.100s); set aside as %.255s", what,
			 strrchr(name, '/') + 1);
	}
	trouble_begin(&h->status.trouble, now, !err, h->path, said);
	return -EBADMSG;
}

static int take_trouble(struct history *h, __s64 now, int err, const char *what)
{
	if (err == -EBADMSG)
		return take_corrupt(h, now, what);
	/* opened anew next time, for what was opened may be what is wrong: a disk that went away and came back */
	close_db(h);
	trouble_begin(&h->status.trouble, now, false, h->path, what);
	return err;
}

/* ---- writing ---------------------------------------------------------------------------------------------- */
static int write_all(struct history *h, struct store_error *error)
{
	struct store *store = store_begin(h->db, error);
	int err = store ? 0 : -EIO;

	for (size_t i = 0; !err && i < h->counts.room; i++)
		if (h->counts.rows[i].flows)
			err = store_count(store, &h->counts.rows[i]);
	for (const struct note *note = h->first; !err && note; note = note->next)
		err = store_note(store, note->kind, &note->what);
	return store_end(store, err);
}

/* At a boot without a clock of its own, or by a bad time server, it may be a year later for a minute: what that would drop is
 * gone for good. Each life waits anew, for what the last one has written may be by that clock as well. */
static bool clock_is_settled(struct history *h, __s64 now)
{
	if (!h->stepped || now - h->stepped > HISTORY_JUMP_S)
		h->settled = now + HISTORY_SETTLE_S;
	h->stepped = now;
	return now >= h->settled || h->settled - now > HISTORY_SETTLE_S;
}

/* What is open, and nobody will find. */
static bool is_gone(const struct history *h)
{
	struct stat now;

	return stat(h->path, &now) || now.st_ino != h->known.st_ino || now.st_dev != h->known.st_dev;
}

int history_flush(struct history *h, __s64 now)
{
	struct store_error error;
	char what[256] = "";
	int err = 0, rows = HISTORY_PURGE_ROWS + 2 * (int)h->counts.used; /* more go than come */

	if (h->db && is_gone(h)) {
		close_db(h);
		h->checked = false;
		trouble_begin(&h->status.trouble, now, true, h->path, "was removed or renamed; a new one is begun");
		return -ENOENT;
	}
	if (!h->db) {
		err = open_db(h, what, sizeof(what));
		if (err)
			return take_trouble(h, now, err, what);
	}
	if (h->counts.used || h->first)
		err = write_all(h, &error);
	if (!err) { /* what is committed may not be written again, whatever comes now */
		waiting_clear(&h->counts);
		free_notes(h);
		if (clock_is_settled(h, now))
			err = store_purge(h->db, now - HISTORY_MINUTES_S, now - HISTORY_HOURS_S, rows, &error);
	}
	if (err)
		return take_trouble(h, now, errno_of(error.code), error.text);
	trouble_end(&h->status.trouble);
	h->status.steps++;
	return 0;
}

int history_step(struct history *h, __s64 now)
{
	return trouble_may_try(&h->status.trouble, now) ? history_flush(h, now) : -EAGAIN;
}

const struct history_status *history_status(const struct history *h)
{
	struct history_status *status = (struct history_status *)&h->status;

	status->waiting = h->counts.used + h->n_notes;
	return status;
}

void *history_state_get(struct history *h, const char *name, size_t *n, __s64 *at)
{
	/* also where nothing can be written, or the one before is just ending: what is not read is lost */
	return h->db ? store_state_get(h->db, name, n, at) : past_state(h->dir, name, n, at);
}
