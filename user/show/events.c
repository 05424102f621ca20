// SPDX-License-Identifier: GPL-2.0
/*
 * The event log's buffer and file. Nothing here waits: a pipe or terminal is asked first and given no more than
 * it must take at once; what cannot be written stays, up to EVENTS_BUFFER.
 */
#include "show/events.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct events {
	char *path;
	int fd;
	bool file; /* a regular one: always ready, may take any amount */
	bool told; /* of a failed write, since the file was opened */
	bool bad;  /* the last write failed: the next is the tick's to try, not each line's */
	bool cut;  /* what was written last ends within a line */
	char *buffer;
	size_t used, room;
	__u64 lines, lost, errors;
};

/* A descriptor to append to, and whether it is a regular file. */
static int open_log(const char *path, bool *file, char *error, size_t error_size)
{
	bool standard = !strcmp(path, "-");
	struct stat st;
	int fd, err = 0;

	/* O_NOFOLLOW: in a directory that others can write to, a link could lead our lines anywhere.
	 * O_NONBLOCK: opening a FIFO that nobody reads would wait. */
	fd = standard ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
		      : open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
			     0600);
	if (fd < 0 || fstat(fd, &st))
		err = -errno;
	else if (!standard && !S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		err = -EINVAL;
	else if (!standard && S_ISREG(st.st_mode) && st.st_nlink > 1)
		err = -EMLINK;
	if (err) {
		snprintf(error, error_size, "event log %s: %s", path,
			 err == -ELOOP	  ? "is a symbolic link; name the file itself"
			 : err == -EINVAL ? "is neither a file nor a pipe"
			 : err == -EMLINK ? "has a second name (hard link); name a file of its own"
			 : err == -ENXIO  ? "is a pipe that nobody reads"
					  : strerror(-err));
		if (fd >= 0)
			close(fd);
		return err;
	}
	*file = S_ISREG(st.st_mode);
	return fd;
}

int events_open(const char *path, struct events **out, char *error, size_t error_size)
{
	struct events *e = calloc(1, sizeof(*e));
	int err = -ENOMEM;

	if (!e)
		goto out;
	e->fd = -1;
	e->path = strdup(path);
	if (!e->path)
		goto out;
	e->fd = open_log(path, &e->file, error, error_size);
	err = e->fd < 0 ? e->fd : 0;
out:
	if (err == -ENOMEM)
		snprintf(error, error_size, "event log %s: out of memory", path);
	if (err)
		events_close(e);
	else
		*out = e;
	return err;
}

void events_close(struct events *e)
{
	if (!e)
		return;
	if (e->fd >= 0) {
		events_tick(e);
		close(e->fd);
	}
	free(e->path);
	free(e->buffer);
	free(e);
}

/* The old file took half a line: the other half would be a broken one in the new file. */
static void drop_rest_of_line(struct events *e)
{
	char *end = e->cut ? memchr(e->buffer, '\n', e->used) : NULL;

	e->cut = false;
	if (!end)
		return;
	e->used -= (size_t)(end + 1 - e->buffer);
	memmove(e->buffer, end + 1, e->used);
	e->lost++;
}

int events_reopen(struct events *e, char *error, size_t error_size)
{
	bool file;
	int fd = open_log(e->path, &file, error, error_size);

	if (fd < 0)
		return fd;
	events_tick(e); /* what came before belongs to the old file, as far as it takes it */
	drop_rest_of_line(e);
	close(e->fd);
	e->fd = fd;
	e->file = file;
	e->told = false;
	e->bad = false;
	return 0;
}

static bool make_room(struct events *e, size_t more)
{
	size_t room = e->room ? e->room : 4096;
	char *buffer;

	if (more > EVENTS_BUFFER - e->used)
		return false;
	while (room < e->used + more)
		room *= 2;
	if (room == e->room)
		return true;
	buffer = realloc(e->buffer, room);
	if (!buffer)
		return false;
	e->buffer = buffer;
	e->room = room;
	return true;
}

void events_add(struct events *e, const char *line)
{
	size_t length = line ? strlen(line) : 0;

	if (!e)
		return;
	/* After a pause or under a flood more comes between two ticks than the buffer holds. */
	if (line && e->file && !e->bad && length + 1 > EVENTS_BUFFER - e->used)
		events_tick(e);
	if (!line || !make_room(e, length + 1)) {
		e->lost++;
		return;
	}
	memcpy(e->buffer + e->used, line, length);
	e->buffer[e->used + length] = '\n';
	e->used += length + 1;
	e->lines++;
}

/* write(), without the signal that a pipe without a reader would send. */
static ssize_t write_quietly(int fd, const char *data, size_t n)
{
	const struct timespec now = { 0, 0 };
	sigset_t pipe, before, pending;
	bool was_pending;
	ssize_t done;
	int err;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe, &before);
	done = write(fd, data, n);
	err = errno;
	if (done < 0 && err == EPIPE && !was_pending)
		sigtimedwait(&pipe, NULL, &now);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return done;
}

/* One write. Bytes, 0 where it would wait, or -errno. */
static ssize_t write_some(const struct events *e, const char *data, size_t n)
{
	struct pollfd ready = { .fd = e->fd, .events = POLLOUT };
	ssize_t done;

	if (!e->file) {
		/* standard output is shared with others, so its flags are not ours to change; but what
		 * poll calls writable takes PIPE_BUF bytes without waiting */
		if (poll(&ready, 1, 0) <= 0 || !(ready.revents & (POLLOUT | POLLERR)))
			return 0;
		n = n < PIPE_BUF ? n : PIPE_BUF;
	}
	done = write_quietly(e->fd, data, n);
	if (done < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return done;
}

int events_tick(struct events *e)
{
	size_t done = 0;
	ssize_t n = 1;

	if (!e)
		return 0;
	while (done < e->used && n > 0) {
		n = write_some(e, e->buffer + done, e->used - done);
		done += n > 0 ? (size_t)n : 0;
	}
	if (done) {
		e->cut = e->buffer[done - 1] != '\n';
		memmove(e->buffer, e->buffer + done, e->used - done);
	}
	e->used -= done;
	e->bad = n < 0;
	if (n >= 0)
		return 0;
	e->errors++;
	if (!e->told)
		fprintf(stderr, "xreach: event log %s: %s; events wait, and beyond %d KiB are lost\n", e->path,
			strerror((int)-n), EVENTS_BUFFER / 1024);
	e->told = true;
	return (int)n;
}

__u64 events_lines(const struct events *e)
{
	return e->lines;
}

__u64 events_lost(const struct events *e)
{
	return e->lost;
}

__u64 events_errors(const struct events *e)
{
	return e->errors;
}
