// SPDX-License-Identifier: GPL-2.0
/* The control socket, both ends. */
#include "show/control.h"

#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_BYTES (16u << 20) /* of a line, newline included */
#define STALLED_TICKS  5	   /* seconds without taking a byte of what is due */
#define ACCEPT_AT_ONCE 8

struct client {
	int fd;	    /* -1: free */
	char *line; /* owned; what is being sent */
	size_t length, sent;
	unsigned int stalled;
	bool wants_out; /* EPOLLOUT is asked for */
};

struct control {
	struct control_source source;
	struct sockaddr_un address;
	dev_t device;
	ino_t inode; /* of our socket file: never remove another's */
	bool bound;
	int epoll_fd, listen_fd;
	struct client clients[CONTROL_CLIENTS];
};

static int address_of(const char *path, struct sockaddr_un *address)
{
	size_t length = strlen(path);

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (!length || length >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	memcpy(address->sun_path, path, length + 1);
	return 0;
}

int control_connect(const char *path)
{
	struct sockaddr_un address;
	int fd, err = address_of(path, &address);

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* ---- the daemon's side: the file ---------------------------------------------------------------- */

static int make_directory(const char *path, char *error, size_t error_size)
{
	char copy[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	const char *directory;

	snprintf(copy, sizeof(copy), "%s", path);
	directory = dirname(copy);
	if (!mkdir(directory, 0700) || errno == EEXIST)
		return 0;
	snprintf(error, error_size, "cannot make the directory %s of the control socket: %s", directory,
		 strerror(errno));
	return -errno;
}

/* Clear the way: a socket nobody listens on is a dead daemon's. Anything else stays. */
static int replace_stale(const char *path, char *error, size_t error_size)
{
	struct stat st;
	int fd;

	if (lstat(path, &st))
		return 0; /* nothing there; bind says so when it is something else */
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(error, error_size,
			 "%s is in the way of the control socket and is no socket: "
			 "move it, or choose another path",
			 path);
		return -EEXIST;
	}
	fd = control_connect(path);
	if (fd == -ECONNREFUSED) {
		if (!unlink(path) || errno == ENOENT)
			return 0;
		snprintf(error, error_size, "cannot replace the stale control socket %s: %s", path,
			 strerror(errno));
		return -errno;
	}
	if (fd == -ENOENT)
		return 0;
	if (fd >= 0)
		close(fd);
	snprintf(error, error_size,
		 "another xreach runs (it answers on %s): stop it, or look at it with "
		 "'xreach top'",
		 path);
	return -EADDRINUSE;
}

static int bind_private(struct control *control)
{
	mode_t old = umask(0177); /* the file is never open to others, not even for a moment */
	struct stat st;
	int err = 0;

	if (bind(control->listen_fd, (struct sockaddr *)&control->address, sizeof(control->address)))
		err = -errno;
	umask(old);
	if (err)
		return err;
	control->bound = true;
	if (lstat(control->address.sun_path, &st))
		return -errno;
	control->device = st.st_dev;
	control->inode = st.st_ino;
	return listen(control->listen_fd, CONTROL_CLIENTS) ? -errno : 0;
}

static int watch(struct control *control, int op, int fd, uint32_t events, int slot)
{
	struct epoll_event event = { .events = events, .data.u64 = (uint64_t)slot };

	return epoll_ctl(control->epoll_fd, op, fd, &event) ? -errno : 0;
}

int control_open(const char *path, const struct control_source *source, struct control **out, char *error,
		 size_t error_size)
{
	struct control *control = calloc(1, sizeof(*control));
	int err;

	error[0] = '\0';
	if (!control) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	control->source = *source;
	control->epoll_fd = -1;
	control->listen_fd = -1;
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		control->clients[i].fd = -1;
	err = address_of(path, &control->address);
	if (err)
		goto out;
	err = make_directory(path, error, error_size);
	if (err)
		goto out;
	err = replace_stale(path, error, error_size);
	if (err)
		goto out;
	control->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	control->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	err = control->epoll_fd < 0 || control->listen_fd < 0 ? -errno : bind_private(control);
	if (!err)
		err = watch(control, EPOLL_CTL_ADD, control->listen_fd, EPOLLIN, CONTROL_CLIENTS);
out:
	if (err) {
		if (!error[0])
			snprintf(error, error_size, "cannot make the control socket %s: %s", path, strerror(-err));
		control_close(control);
		return err;
	}
	*out = control;
	return 0;
}

/* ---- the daemon's side: clients ------------------------------------------------------------------- */

static void drop(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd); /* leaves the epoll set by itself */
	free(client->line);
	*client = (struct client){ .fd = -1 };
}

static void push(struct control *control, struct client *client)
{
	bool wants_out;

	while (client->sent < client->length) {
		ssize_t n = send(client->fd, client->line + client->sent, client->length - client->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN) {
			drop(client);
			return;
		}
		if (n < 0)
			break;
		client->sent += (size_t)n;
		client->stalled = 0;
	}
	wants_out = client->sent < client->length;
	if (wants_out == client->wants_out)
		return;
	client->wants_out = wants_out;
	if (watch(control, EPOLL_CTL_MOD, client->fd, wants_out ? EPOLLIN | EPOLLOUT : EPOLLIN,
		  (int)(client - control->clients)))
		drop(client);
}

/* Give a client its own copy of the next line, unless it is still busy with the one before. */
static void offer(struct control *control, struct client *client, const char *line, size_t length)
{
	if (client->sent < client->length) {
		if (++client->stalled >= STALLED_TICKS)
			drop(client);
		return;
	}
	free(client->line);
	client->line = malloc(length + 1);
	if (!client->line) {
		drop(client);
		return;
	}
	memcpy(client->line, line, length);
	client->line[length] = '\n';
	client->length = length + 1;
	client->sent = 0;
	push(control, client);
}

static void send_line(struct control *control, struct client *only)
{
	char *line = control->source.line(control->source.arg);
	size_t length = line ? strlen(line) : 0;

	while (length && line[length - 1] == '\n')
		length--;
	for (int i = 0; length && i < CONTROL_CLIENTS; i++)
		if (control->clients[i].fd >= 0 && (!only || only == &control->clients[i]))
			offer(control, &control->clients[i], line, length);
	free(line);
}

static void accept_clients(struct control *control)
{
	for (int n = 0; n < ACCEPT_AT_ONCE; n++) {
		int fd = accept4(control->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), slot = 0;

		if (fd < 0)
			return;
		while (slot < CONTROL_CLIENTS && control->clients[slot].fd >= 0)
			slot++;
		if (slot == CONTROL_CLIENTS || watch(control, EPOLL_CTL_ADD, fd, EPOLLIN, slot)) {
			close(fd);
			continue;
		}
		control->clients[slot].fd = fd;
		send_line(control, &control->clients[slot]);
	}
}

/* Clients have nothing to say: what they send is thrown away, and the end of it is their leaving. */
static void listen_to(struct client *client)
{
	char waste[512];
	ssize_t n = recv(client->fd, waste, sizeof(waste), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		drop(client);
}

int control_fd(const struct control *control)
{
	return control->epoll_fd;
}

void control_ready(struct control *control)
{
	struct epoll_event events[CONTROL_CLIENTS + 1];
	int n = epoll_wait(control->epoll_fd, events, CONTROL_CLIENTS + 1, 0);

	/* The listener last: a slot that a departing client frees is not mixed up with its successor. */
	for (int i = 0; i < n; i++) {
		struct client *client = &control->clients[events[i].data.u64];

		if (events[i].data.u64 >= CONTROL_CLIENTS || client->fd < 0)
			continue;
		if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			listen_to(client);
		if (client->fd >= 0 && (events[i].events & EPOLLOUT))
			push(control, client);
	}
	for (int i = 0; i < n; i++)
		if (events[i].data.u64 == CONTROL_CLIENTS)
			accept_clients(control);
}

void control_tick(struct control *control)
{
	if (control_clients(control))
		send_line(control, NULL);
}

unsigned int control_clients(const struct control *control)
{
	unsigned int n = 0;

	for (int i = 0; i < CONTROL_CLIENTS; i++)
		n += control->clients[i].fd >= 0;
	return n;
}

void control_close(struct control *control)
{
	struct stat st;

	if (!control)
		return;
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		drop(&control->clients[i]);
	if (control->bound && !lstat(control->address.sun_path, &st) && st.st_dev == control->device &&
	    st.st_ino == control->inode)
		unlink(control->address.sun_path);
	if (control->listen_fd >= 0)
		close(control->listen_fd);
	if (control->epoll_fd >= 0)
		close(control->epoll_fd);
	free(control);
}

/* ---- the client's side ---------------------------------------------------------------------------- */

static int make_room(struct control_reader *reader)
{
	size_t room = reader->room ? reader->room * 2 : 65536;
	char *buffer;

	if (reader->used < reader->room)
		return 0;
	if (reader->used >= LINE_MAX_BYTES)
		return -EMSGSIZE;
	buffer = realloc(reader->buffer, room);
	if (!buffer)
		return -ENOMEM;
	reader->buffer = buffer;
	reader->room = room;
	return 0;
}

int control_read(struct control_reader *reader, char **line)
{
	size_t looked = 0;

	if (reader->taken) {
		reader->used -= reader->taken;
		memmove(reader->buffer, reader->buffer + reader->taken, reader->used);
		reader->taken = 0;
	}
	for (;;) {
		char *end = reader->used > looked ? memchr(reader->buffer + looked, '\n', reader->used - looked)
						  : NULL;
		ssize_t n;
		int err;

		if (end) {
			*end = '\0';
			*line = reader->buffer;
			reader->taken = (size_t)(end - reader->buffer) + 1;
			return 1;
		}
		looked = reader->used;
		err = make_room(reader);
		if (err)
			return err;
		n = recv(reader->fd, reader->buffer + reader->used, reader->room - reader->used, MSG_DONTWAIT);
		if (n == 0)
			return -EPIPE;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		reader->used += (size_t)n;
	}
}

void control_reader_free(struct control_reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	free(reader->buffer);
	*reader = (struct control_reader){ .fd = -1 };
}
