// SPDX-License-Identifier: GPL-2.0
/* Views from the daemon's socket, or from a station of our own. A daemon that goes away is looked for again. */
#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "loop.h"
#include "settings.h"
#include "show/control.h"
#include "show/view.h"
#include "station.h"

#define RETRY_TICKS 10 /* once a second */

struct source {
	const struct settings *settings;
	struct loop *loop;
	struct station *station; /* NULL: from a daemon */
	struct control_reader reader;
	bool connected, fresh;
	struct view view; /* the newest of the daemon, while fresh */
	unsigned int ticks;
	char trouble[256];
};

/* ---- the daemon ------------------------------------------------------------------------------------------- */
static void disconnect(struct source *s, const char *why)
{
	char when[16] = "?";
	time_t now = time(NULL);
	struct tm tm;

	if (s->connected) {
		loop_remove(s->loop, s->reader.fd);
		control_reader_free(&s->reader);
	}
	s->connected = false;
	s->ticks = 0;
	if (s->trouble[0]) /* since the first time */
		return;
	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), "%H:%M:%S", &tm);
	snprintf(s->trouble, sizeof(s->trouble), "STALE since %s: %s; trying to reach it again (q quits)", when,
		 why);
}

static void take_line(struct source *s, const char *line)
{
	char error[80], why[128];
	struct view view;

	if (view_from_json(line, &view, error, sizeof(error))) {
		snprintf(why, sizeof(why), "the daemon is of another version (%s)", error);
		disconnect(s, why);
		return;
	}
	if (s->fresh)
		view_free(&s->view);
	s->view = view;
	s->fresh = true;
	s->trouble[0] = '\0';
}

static void on_daemon(void *arg)
{
	struct source *s = arg;
	char *line;
	int got;

	while (s->connected && (got = control_read(&s->reader, &line))) {
		if (got > 0)
			take_line(s, line);
		else
			disconnect(s, got == -EPIPE ? "the daemon has gone" : strerror(-got));
	}
}

static int connect_daemon(struct source *s)
{
	int fd = control_connect(s->settings->socket), err;

	if (fd < 0)
		return fd;
	err = loop_add(s->loop, fd, on_daemon, s);
	if (err) {
		close(fd);
		return err;
	}
	s->reader = (struct control_reader){ .fd = fd };
	s->connected = true;
	return 0;
}

/* ---- a watch of our own ----------------------------------------------------------------------------------- */
static void on_station(void *arg)
{
	struct source *s = arg;
	int err = station_tick(s->station);

	if (!err)
		s->trouble[0] = '\0';
	else if (!s->trouble[0])
		snprintf(s->trouble, sizeof(s->trouble), "the watch has failed: %s", strerror(-err));
}

static int open_station(struct source *s, char *error, size_t error_size)
{
	const struct station_setup setup = { .settings = s->settings };
	int err = station_open(&setup, &s->station, error, error_size);

	if (err)
		return err;
	err = loop_add(s->loop, station_fd(s->station), on_station, s);
	if (err)
		snprintf(error, error_size, "event loop: %s", strerror(-err));
	return err;
}

/* Neither way is open to this user. `daemon` is what the first attempt, at the daemon, came to. */
static void explain_rights(const char *path, int daemon, char *error, size_t error_size)
{
	if (daemon == -EACCES || daemon == -EPERM)
		snprintf(error, error_size,
			 "%s: only root may talk to the daemon, or watch without one; try: sudo xreach top", path);
	else
		snprintf(error, error_size,
			 "no daemon answers at %s, and watching without one needs root; try: sudo xreach top",
			 path);
}

int source_open(const struct settings *settings, struct loop *loop, struct source **out, char *error,
		size_t error_size)
{
	struct source *s = calloc(1, sizeof(*s));
	int daemon, err;

	if (!s) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	s->settings = settings;
	s->loop = loop;
	daemon = connect_daemon(s);
	err = daemon ? open_station(s, error, error_size) : 0;
	if (err == -EPERM || err == -EACCES)
		explain_rights(settings->socket, daemon, error, error_size);
	if (err)
		source_close(s);
	else
		*out = s;
	return err;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	if (s->connected) {
		loop_remove(s->loop, s->reader.fd);
		control_reader_free(&s->reader);
	}
	if (s->station) {
		loop_remove(s->loop, station_fd(s->station));
		station_close(s->station);
	}
	if (s->fresh)
		view_free(&s->view);
	free(s);
}

void source_tick(struct source *s)
{
	if (s->station)
		on_station(s);
	else if (!s->connected && ++s->ticks % RETRY_TICKS == 0)
		connect_daemon(s);
}

bool source_is_daemon(const struct source *s)
{
	return !s->station;
}

bool source_fresh(const struct source *s)
{
	return s->station || s->fresh;
}

int source_view(struct source *s, struct view *out)
{
	if (s->station)
		return station_view(s->station, out);
	if (!s->fresh)
		return -EAGAIN;
	*out = s->view;
	s->fresh = false;
	return 0;
}

const char *source_trouble(const struct source *s)
{
	return s->trouble;
}
