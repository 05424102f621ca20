// SPDX-License-Identifier: GPL-2.0
/* Writing the evidence file: see evidence_file.h. */
#include "keep/evidence_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "keep/aside.h"
#include "keep/chain.h"
#include "keep/wrapped.h"
#include "version.h"

struct evidence {
	char dir[PATH_MAX - 64], path[PATH_MAX - 32];
	char kernel[65];
	int fd;		       /* -1: not open */
	struct stat known;     /* which file it is */
	__u64 bytes;	       /* that should be in it */
	__u64 lines;	       /* whole ones in it */
	char last[CHAIN_HASH]; /* hash of its last line */
	json_t *waiting[EVIDENCE_WAITING];
	unsigned int n_waiting;
	__u64 lost_unsaid; /* ... in the chain */
	struct evidence_status status;
};

struct evidence *evidence_new(const char *dir)
{
	struct evidence *e = calloc(1, sizeof(*e));
	struct utsname name;

	if (!e)
		return NULL;
	e->fd = -1;
	snprintf(e->dir, sizeof(e->dir), "%s", dir);
	snprintf(e->path, sizeof(e->path), "%s/%s", e->dir, EVIDENCE_FILE);
	/* the release and no more: the node's name is nobody's business */
	snprintf(e->kernel, sizeof(e->kernel), "%s", uname(&name) ? "unknown" : name.release);
	return e;
}

static void close_file(struct evidence *e)
{
	if (e->fd >= 0)
		close(e->fd); /* and with it the lock */
	e->fd = -1;
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	close_file(e);
	for (unsigned int i = 0; i < e->n_waiting; i++)
		json_decref(e->waiting[i]);
	free(e);
}

/* ---- lines ---------------------------------------------------------------------------------------------------- */
static json_t *object_of(const struct evidence *e, __s64 at, const char *kind)
{
	time_t seconds = (time_t)at;
	char text[32] = "";
	struct tm utc;

	if (gmtime_r(&seconds, &utc))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return json_pack("{ss ss ss ss}", "at", text, "kind", kind, "version", XREACH_VERSION, "kernel", e->kernel);
}

static int put_context(json_t *line, const struct evidence_context *c)
{
	const struct keep_books *b = &c->ledger;
	int err = 0;

	if (c->ranges_version && c->ranges_hash)
		err |= json_object_set_new(line, "ranges",
					   json_pack("{ss ss}", "version", c->ranges_version, "hash",
						     c->ranges_hash));
	if (c->rule)
		err |= json_object_set_new(line, "rule", json_string(c->rule));
	err |= json_object_set_new(line, "ledger",
				   json_pack("{sI sI sI sI sI}", "opened", (json_int_t)b->opened, "judged",
					     (json_int_t)b->judged, "forgotten", (json_int_t)b->forgotten, "lost",
					     (json_int_t)b->lost, "unparsed", (json_int_t)b->unparsed));
	return err;
}

void evidence_add(struct evidence *e, __s64 at, const char *kind, const struct evidence_context *context,
		  const char *key, const char *object)
{
	json_t *line = e->n_waiting < EVIDENCE_WAITING ? object_of(e, at, kind) : NULL;

	if (line && !put_context(line, context) &&
	    (!key || !json_object_set_new(line, key, wrapped_value(key, object)))) {
		e->waiting[e->n_waiting++] = line;
		return;
	}
	json_decref(line);
	e->status.lost++;
	e->lost_unsaid++;
}

/* The line as text with its newline, to be freed: what it follows, then what it says. NULL without memory. */
static char *text_of(const struct evidence *e, const json_t *says, size_t *n)
{
	json_t *line = json_pack("{ss sI}", "prev", e->last, "seq", (json_int_t)(e->lines + 1));
	char *text = NULL, *longer = NULL;

	if (line && !json_object_update(line, (json_t *)says))
		text = json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15));
	json_decref(line);
	if (text) {
		*n = strlen(text) + 1;
		longer = realloc(text, *n + 1);
	}
	if (!longer) {
		free(text);
		return NULL;
	}
	longer[*n - 1] = '\n';
	longer[*n] = '\0';
	return longer;
}

/* One write. Half of one is a torn line of our own making: the file is looked over again before the next. Where the disk
 * does not say that it has it, the line may come twice. */
static int write_text(struct evidence *e, const char *text, size_t n)
{
	ssize_t done = write(e->fd, text, n);

	if (done < 0)
		return -errno;
	if ((size_t)done < n)
		return -ENOSPC;
	if (fdatasync(e->fd))
		return -errno;
	e->bytes += n;
	return 0;
}

/* `close_line`: the last line has no newline; it comes in the same write. */
static int write_line(struct evidence *e, const json_t *says, bool close_line)
{
	size_t n = 0;
	char *text = text_of(e, says, &n), *with = NULL;
	int err = -ENOMEM;

	if (text && asprintf(&with, "%s%s", close_line ? "\n" : "", text) >= 0)
		err = write_text(e, with, n + close_line);
	else
		with = NULL;
	if (!err) {
		chain_hash(text, n - 1, e->last);
		e->lines++;
		e->status.lines++;
	}
	free(with);
	free(text);
	return err;
}

/* Takes `value`. */
static int write_note(struct evidence *e, __s64 now, const char *kind, json_t *value, bool close_line)
{
	json_t *line = object_of(e, now, kind);
	int err = -ENOMEM;

	if (line && value && !json_object_set(line, kind, value))
		err = write_line(e, line, close_line);
	json_decref(value);
	json_decref(line);
	return err;
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */
static int open_file(struct evidence *e)
{
	int err = 0;

	if (!mkdir(e->dir,
		   0750)) /* with this mode, whatever the umask; that of one that is there is somebody's choice */
		chmod(e->dir, 0750);
	else if (errno != EEXIST)
		return -errno;
	e->fd = open(e->path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
	if (e->fd < 0)
		return -errno;
	if (flock(e->fd, LOCK_EX | LOCK_NB) || fstat(e->fd, &e->known))
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	else if (!S_ISREG(e->known.st_mode))
		err = -EINVAL;
	else if (!e->known.st_size && fchmod(e->fd, 0640)) /* whatever the umask */
		err = -errno;
	return err;
}

static int look_over(const struct evidence *e, struct chain_result *r)
{
	int fd = openat(AT_FDCWD, e->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), err;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	err = chain_verify(file, r);
	fclose(file);
	return err;
}

/* A new file; `after` is what the one that was set aside is called now, NULL if none was. */
static int begin(struct evidence *e, __s64 now, const char *after)
{
	memset(e->last, '0', CHAIN_HASH - 1);
	e->last[CHAIN_HASH - 1] = '\0';
	e->lines = 0;
	e->bytes = 0;
	return write_note(e, now, "genesis",
			  after ? json_pack("{ss}", "after", strrchr(after, '/') + 1) : json_object(), false);
}

/* Go on where the file ends. */
static int go_on(struct evidence *e, __s64 now, const struct chain_result *r)
{
	int err;

	strcpy(e->last, r->last);
	e->lines = r->lines;
	e->bytes = r->bytes;
	if (!r->no_newline && !r->open_lines)
		return 0;
	err = write_note(e, now, "torn",
			 json_pack("{sI sI ss}", "lines", (json_int_t)r->open_lines, "bytes",
				   (json_int_t)r->open_bytes, "after", r->head),
			 r->no_newline);
	if (!err)
		e->status.torn += r->open_lines;
	return err;
}

/* The file is open and ours: find its end, or begin anew. */
static int take_up(struct evidence *e, __s64 now, char *what, size_t n)
{
	struct chain_result r = {};
	char name[PATH_MAX] = "";
	int err;

	if (!e->known.st_size)
		return begin(e, now, NULL);
	err = look_over(e, &r);
	if (err)
		return err;
	/* a torn end is no break to the writer, who closes it; a file with nothing else in it is of no use */
	if (r.lines && r.reached_end)
		return go_on(e, now, &r);
	err = aside_move(e->path, "broken", now, name, sizeof(name));
	if (err) {
		snprintf(what, n, "is broken at line %llu, and cannot be set aside: %s",
			 (unsigned long long)r.bad_line, strerror(-err));
		return err;
	}
	e->status.set_aside++;
	close_file(e);
	err = open_file(e);
	if (err)
		return err;
	snprintf(what, n, "was broken at line %llu (%.100s); set aside as %.100s", (unsigned long long)r.bad_line,
		 r.why, strrchr(name, '/') + 1);
	/* told as trouble, though it is over: somebody has to look at it */
	trouble_begin(&e->status.trouble, now, true, e->path, what);
	return begin(e, now, name);
}

/* ---- the step ------------------------------------------------------------------------------------------------------ */
/* Was it renamed, cut or written by somebody since? Then it is opened anew. */
static bool is_known(const struct evidence *e)
{
	struct stat st;

	return e->fd >= 0 && !stat(e->path, &st) && st.st_dev == e->known.st_dev && st.st_ino == e->known.st_ino &&
	       (__u64)st.st_size == e->bytes;
}

static int write_waiting(struct evidence *e, __s64 now)
{
	unsigned int done = 0;
	int err = 0;

	while (!err && done < e->n_waiting) {
		err = write_line(e, e->waiting[done], false);
		if (!err)
			json_decref(e->waiting[done++]);
	}
	e->n_waiting -= done;
	memmove(e->waiting, e->waiting + done, e->n_waiting * sizeof(e->waiting[0]));
	if (!err && e->lost_unsaid) {
		err = write_note(e, now, "lost", json_pack("{sI}", "lines", (json_int_t)e->lost_unsaid), false);
		if (!err)
			e->lost_unsaid = 0;
	}
	return err;
}

int evidence_step(struct evidence *e, __s64 now)
{
	char what[300] = "";
	int err = 0;

	if (!trouble_may_try(&e->status.trouble, now))
		return -EAGAIN;
	if (!is_known(e)) {
		close_file(e);
		err = open_file(e);
		if (!err)
			err = take_up(e, now, what, sizeof(what));
	}
	if (!err)
		err = write_waiting(e, now);
	if (!err) {
		trouble_end(&e->status.trouble);
		return 0;
	}
	close_file(e);
	if (!*what)
		snprintf(what, sizeof(what), "%s",
			 err == -EBUSY	 ? "another xreach writes it; give this one a state_dir of its own"
			 : err == -ELOOP ? "is a symbolic link; put a file there"
					 : strerror(-err));
	trouble_begin(&e->status.trouble, now, false, e->path, what);
	return err;
}

const struct evidence_status *evidence_status(const struct evidence *e)
{
	struct evidence_status *status = (struct evidence_status *)&e->status;

	status->waiting = e->n_waiting;
	return status;
}
