// SPDX-License-Identifier: GPL-2.0
/* Ranges, watch and board, held together: see station.h. */
#include "station.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load/object.h"
#include "load/ranges.h"
#include "load/watch.h"
#include "show/board_learnt.h"
#include "show/board_restart.h"
#include "show/view.h"

#define SECOND_MS 1000

struct station {
	struct station_setup setup;
	struct ranges *ranges; /* in force; the watch reads them too */
	struct board *board;
	struct watch *watch;
	struct wire_config nat64; /* its NAT64 prefixes only */
	__u64 next_second;	  /* ms, monotonic */
	bool totals_read;
};

static __u64 monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * 1000 + (__u64)t.tv_nsec / 1000000;
}

/* ---- between watch and board --------------------------------------------------------------------------- */
static void on_record(void *arg, const struct wire_record *record)
{
	struct station *s = arg;

	board_record(s->board, record);
}

static void on_hello(void *arg, const struct wire_hello *hello)
{
	struct station *s = arg;

	board_hello(s->board, hello);
}

static void on_dns(void *arg, const struct wire_dns *message)
{
	struct station *s = arg;

	board_dns(s->board, message);
}

static __s64 wall(void *arg, __u64 ns)
{
	struct station *s = arg;

	return watch_wall(s->watch, ns);
}

static const char *drop_reason(void *arg, __u8 reason)
{
	struct station *s = arg;

	return watch_drop_reason(s->watch, reason);
}

static void on_finding(void *arg, const struct finding *f, const struct wire_record *record)
{
	struct station *s = arg;

	if (s->setup.finding)
		s->setup.finding(s->setup.arg, f, record);
}

static void on_incident(void *arg, const struct incident_report *report)
{
	struct station *s = arg;

	if (s->setup.incident)
		s->setup.incident(s->setup.arg, report);
}

/* What the kernel counted, what is attached, and how much of each control is watched. */
static int refresh(struct station *s)
{
	const struct watch_hook *hooks;
	size_t n = watch_hooks(s->watch, &hooks);
	struct watch_totals totals;

	watch_totals(s->watch, &totals);
	board_totals(s->board, &totals, time(NULL));
	board_dns_due(s->board, monotonic_ms() * 1000000);
	s->totals_read = true;
	for (unsigned int group = 0; group < s->ranges->n_groups; group++) {
		int slot = board_slot(s->board, group);

		if (slot >= 0)
			board_sample(s->board, (unsigned int)slot, watch_share(s->watch, (__u8)group));
	}
	return board_hooks(s->board, hooks, n);
}

/* ---- opening and closing ---------------------------------------------------------------------------------- */
static int read_ranges(const struct settings *settings, const struct ranges *previous, struct ranges **out,
		       char *error, size_t error_size)
{
	return ranges_load((const char *const *)settings->ranges, settings->ranges_count, previous, settings->force,
			   out, error, error_size);
}

static struct board *make_board(struct station *s)
{
	const struct settings *settings = s->setup.settings;
	const struct board_setup setup = {
		.ranges = s->ranges,
		.sites = settings->sites,
		.sites_count = settings->sites_count,
		.waits = &settings->waits,
		.nat64 = &s->nat64,
		.flows = settings->flows_max,
		.since = time(NULL),
		.daemon = s->setup.daemon,
		.wall = wall,
		.drop_reason = drop_reason,
		.finding = on_finding,
		.incident = on_incident,
		.arg = s,
	};

	return board_new(&setup);
}

int station_open(const struct station_setup *setup, struct station **out, char *error, size_t error_size)
{
	struct station *s = calloc(1, sizeof(*s));
	const struct watch_sink sink = { .record = on_record, .hello = on_hello, .dns = on_dns, .arg = s };
	int err = -ENOMEM;

	*error = '\0';
	if (!s)
		goto out;
	s->setup = *setup;
	err = read_ranges(setup->settings, NULL, &s->ranges, error, error_size);
	if (err)
		goto out;
	err = object_nat64(setup->settings, &s->nat64, error, error_size);
	if (err)
		goto out;
	err = -ENOMEM;
	s->board = make_board(s);
	if (!s->board)
		goto out;
	err = watch_open(setup->settings, s->ranges, &sink, &s->watch, error, error_size);
	if (err)
		goto out;
	s->next_second = monotonic_ms() + SECOND_MS;
	err = refresh(s);
out:
	if (err) {
		if (!*error)
			snprintf(error, error_size, "%s", err == -ENOMEM ? "out of memory" : strerror(-err));
		station_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void station_close(struct station *s)
{
	if (!s)
		return;
	watch_close(s->watch);
	board_free(s->board);
	ranges_free(s->ranges);
	free(s);
}

/* ---- the tick --------------------------------------------------------------------------------------------- */
int station_fd(const struct station *s)
{
	return watch_fd(s->watch);
}

int station_tick(struct station *s)
{
	int err = watch_tick(s->watch);
	__u64 now = monotonic_ms();

	if (now < s->next_second)
		return err;
	/* in step with the clock; what a suspended machine missed is not made up for */
	s->next_second += SECOND_MS;
	if (s->next_second <= now)
		s->next_second = now + SECOND_MS;
	return refresh(s) ? -ENOMEM : err;
}

int station_reload(struct station *s, char *error, size_t error_size)
{
	struct ranges *list = NULL;
	int err = read_ranges(s->setup.settings, s->ranges, &list, error, error_size);

	if (err)
		return err;
	refresh(s); /* what was counted so far belongs to the groups of the old list */
	err = board_ranges(s->board, list);
	if (err) {
		snprintf(error, error_size, "%s",
			 err == -ENOSPC
				 ? "too many groups, counting those of earlier lists; start anew to drop them"
				 : "out of memory");
		ranges_free(list);
		return err;
	}
	err = watch_reload(s->watch, list, error, error_size);
	if (err) {
		board_ranges(s->board, s->ranges);
		ranges_free(list);
		return err;
	}
	ranges_free(s->ranges);
	s->ranges = list;
	refresh(s); /* what it lacks is memory at most; the list is in force all the same, and each second tries again */
	return 0;
}

/* ---- reading ---------------------------------------------------------------------------------------------- */
unsigned int station_learn(struct station *s, const char *text)
{
	return board_learn(s->board, text);
}

const char *station_restore(struct station *s, const void *data, size_t n)
{
	return board_restore(s->board, data, n, time(NULL));
}

const struct board *station_board(const struct station *s)
{
	return s->board;
}

bool station_ready(const struct station *s)
{
	const struct watch_hook *hooks;
	size_t n = watch_hooks(s->watch, &hooks);

	for (size_t i = 0; i < n; i++)
		if (hooks[i].attached)
			return s->totals_read;
	return false;
}

size_t station_hooks(const struct station *s, const struct watch_hook **out)
{
	return watch_hooks(s->watch, out);
}

int station_view(const struct station *s, struct view *out)
{
	return board_view(s->board, time(NULL), out);
}
