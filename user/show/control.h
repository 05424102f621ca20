/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control socket: the running daemon tells `top` and `status` what it sees, as one JSON line of struct
 * view at once and then one a second. It takes no commands. A client that cannot keep up is dropped.
 */
#ifndef XREACH_CONTROL_H
#define XREACH_CONTROL_H

#include <stddef.h>

#define CONTROL_CLIENTS 16

/* ---- the daemon's side ---- */
struct control;

struct control_source {
	char *(*line)(void *arg); /* view_to_json, to be freed; NULL when there is none */
	void *arg;
};

/* Make the socket (mode 0600; its directory 0700 when missing). A socket that a dead daemon left is
 * replaced; -EADDRINUSE when one answers. `error` gets one line. */
int control_open(const char *path, const struct control_source *source, struct control **out, char *error,
		 size_t error_size);
void control_close(struct control *control);   /* NULL is fine; removes the socket file */
int control_fd(const struct control *control); /* readable: call control_ready */
void control_ready(struct control *control);
void control_tick(struct control *control); /* once a second: the next line for everybody */
unsigned int control_clients(const struct control *control);

/* ---- the client's side ---- */
/* A connected, non-blocking descriptor, or -errno: -ENOENT and -ECONNREFUSED mean that none runs. */
int control_connect(const char *path);

struct control_reader { /* start with zeroes but for fd */
	int fd;
	char *buffer;
	size_t used, room, taken;
};

/* 1 with the next whole line in *line (valid until the next call), 0 when there is none yet, -EPIPE when
 * the daemon has gone, -EMSGSIZE on a line beyond all reason, or another -errno. */
int control_read(struct control_reader *reader, char **line);
void control_reader_free(struct control_reader *reader); /* the buffer; the descriptor too */

#endif
