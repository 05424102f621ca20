// SPDX-License-Identifier: GPL-2.0
/* xreach run: the daemon, in the foreground. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "harden.h"
#include "hook_news.h"
#include "keep/evidence_file.h"
#include "keep/history.h"
#include "keeper.h"
#include "loop.h"
#include "options.h"
#include "detect/incidents.h"
#include "show/clean.h"
#include "show/control.h"
#include "show/events.h"
#include "show/http.h"
#include "show/incident_json.h"
#include "show/metrics.h"
#include "show/notify.h"
#include "show/view.h"
#include "station.h"

#define TICKS_A_SECOND (1000 / LOOP_TICK_MS)
#define FAILURES_MAX   50 /* ticks in a row: five seconds without a look at the tables */

struct daemon {
	const struct settings *settings;
	struct loop *loop;
	struct station *station;
	struct http *http;     /* NULL: none wanted */
	struct events *events; /* NULL: none wanted */
	struct keeper *keeper; /* NULL: none wanted */
	struct control *control;
	struct notify notify;
	struct metrics_reloads reloads;
	struct hook_news hooks;
	unsigned int ticks, failures;
	__u64 since_watchdog_ms;
	int status;
};

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	va_list args;

	fputs("xreach: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* ---- what others ask for ---------------------------------------------------------------------------------- */
/*
 * All is counted. What is logged: every flow to a target, for whoever has to show later what happened; of the controls, which are
 * sampled and only there to compare with, what was not ok.
 */
static void take_finding(void *arg, const struct finding *f, const struct wire_record *record)
{
	struct daemon *d = arg;
	const struct board *board;
	char *line;

	board = station_board(d->station);
	keeper_finding(d->keeper, board, f, record);
	if (!d->events)
		return;
	if (f->v.outcome == OUTCOME_OK && !board_group_is_target(board, f->group))
		return;
	line = board_finding_json(board, f);
	events_add(d->events, line);
	free(line);
}

/* The same object at each change: whoever reads the log, or the evidence, needs no other line to understand it. */
static void take_incident(void *arg, const struct incident_report *report)
{
	const struct incident *in = &report->in;
	char id[INCIDENT_ID], group[32];
	struct daemon *d = arg;
	const struct board *board = station_board(d->station);
	char *line = board_incident_json(board, report);
	const struct keeper_incident kept = {
		.id = id,
		.group = group,
		.state = word_names[in->worst],
		.object = line,
		.rule = INCIDENT_RULE,
		.at = report->at,
		.since = in->since,
		.ended = in->open    ? 0
			 : in->ended ? in->ended
				     : in->phases[in->n_phases - 1].to, /* nothing is known of it after that */
	};

	clean_copy(group, sizeof(group), board_group_name(board, in->group));
	incident_id(group, in->since, id, sizeof(id));
	if (line)
		keeper_incident(d->keeper, board, &kept);
	if (d->events)
		events_add(d->events, line);
	free(line);
}

static char *view_line(void *arg)
{
	struct daemon *d = arg;
	struct view view;
	char *line;

	if (station_view(d->station, &view))
		return NULL;
	clean_copy(view.keeping, sizeof(view.keeping), keeper_trouble(d->keeper));
	line = view_to_json(&view);
	view_free(&view);
	return line;
}

static char *metrics(void *arg, bool openmetrics, size_t *length)
{
	const struct daemon *d = arg;
	struct metrics_source source = {
		.board = station_board(d->station),
		.now = time(NULL),
		.reloads = d->reloads,
		.control_clients = control_clients(d->control),
	};
	struct http_counts counts;

	http_counts(d->http, &counts);
	source.http.ok = counts.ok;
	source.http.failed = counts.failed;
	if (d->keeper) {
		const struct history_status *history = keeper_history(d->keeper);
		const struct evidence_status *evidence = keeper_evidence(d->keeper);

		source.keep.history_steps = history->steps;
		source.keep.history_troubles = history->trouble.times;
		source.keep.history_lost = history->lost;
		source.keep.history_waiting = history->waiting;
		source.keep.evidence_lines = evidence->lines;
		source.keep.evidence_troubles = evidence->trouble.times;
		source.keep.evidence_lost = evidence->lost;
		source.keep.set_aside = history->set_aside + evidence->set_aside;
		source.keep.trouble = history->trouble.on || evidence->trouble.on;
	}
	if (d->events) {
		source.events.lines = events_lines(d->events);
		source.events.lost = events_lost(d->events);
		source.events.errors = events_errors(d->events);
	}
	return metrics_page(&source, openmetrics, length);
}

static bool ready(void *arg)
{
	const struct daemon *d = arg;

	return station_ready(d->station);
}

/* ---- the loop ---------------------------------------------------------------------------------------------- */
static void tick_station(struct daemon *d)
{
	int err = station_tick(d->station);

	if (!err) {
		d->failures = 0;
		return;
	}
	if (!d->failures++)
		say("cannot read what the kernel recorded: %s; trying again", strerror(-err));
	if (d->failures < FAILURES_MAX)
		return;
	say("still cannot read what the kernel recorded: %s; giving up", strerror(-err));
	d->status = EXIT_FAILURE;
	loop_stop(d->loop);
}

static void on_watch(void *arg)
{
	tick_station(arg);
}

static void on_http(void *arg)
{
	struct daemon *d = arg;

	http_run(d->http);
}

static void on_control(void *arg)
{
	struct daemon *d = arg;

	control_ready(d->control);
}

static void tick_watchdog(struct daemon *d)
{
	d->since_watchdog_ms += LOOP_TICK_MS;
	if (!d->notify.watchdog_ms || d->since_watchdog_ms < d->notify.watchdog_ms)
		return;
	d->since_watchdog_ms = 0;
	if (!d->failures) /* a daemon that sees nothing any more is no living one */
		notify_send(&d->notify, "WATCHDOG=1");
}

static void say_line(const char *line)
{
	say("%s", line);
}

static void tell_hooks(struct daemon *d)
{
	const struct watch_hook *hooks;
	size_t n = station_hooks(d->station, &hooks);

	hook_news_tell(&d->hooks, hooks, n, say_line);
}

static void on_tick(void *arg)
{
	struct daemon *d = arg;

	tick_station(d);
	if (keeper_is_urgent(d->keeper)) /* before anybody reads of it: what is told goes on after a kill */
		keeper_tick(d->keeper, station_board(d->station), time(NULL));
	events_tick(d->events);
	if (d->http)
		http_run(d->http);
	if (++d->ticks % TICKS_A_SECOND == 0) {
		control_tick(d->control);
		tell_hooks(d);
		keeper_tick(d->keeper, station_board(d->station), time(NULL));
	}
	tick_watchdog(d);
}

static void reload(struct daemon *d)
{
	char error[512];
	struct view view;

	notify_reloading(&d->notify);
	if (station_reload(d->station, error, sizeof(error))) {
		d->reloads.failed++;
		d->reloads.last_ok = false;
		say("%s; the list that was in force stays", error);
	} else {
		d->reloads.ok++;
		d->reloads.last_ok = true;
		d->reloads.last_ok_s = time(NULL);
		keeper_ranges(d->keeper, station_board(d->station), time(NULL));
		if (!station_view(d->station, &view)) {
			say("ranges %s are in force", view.ranges);
			view_free(&view);
		}
	}
	if (d->events && events_reopen(d->events, error, sizeof(error)))
		say("%s; the file that was open stays in use", error);
	notify_send(&d->notify, "READY=1");
}

static void on_signal(void *arg, int signo)
{
	struct daemon *d = arg;

	if (signo == SIGHUP)
		reload(d);
	else
		loop_stop(d->loop);
}

/* ---- start and end ----------------------------------------------------------------------------------------- */
/* Those that lack for the same reason, in one line. */
static void announce_missing(const struct view *view)
{
	for (size_t i = 0; i < view->n_hooks; i++) {
		const struct view_hook *first = &view->hooks[i];
		char names[256];
		size_t used;

		if (first->attached)
			continue;
		used = (size_t)snprintf(names, sizeof(names), "%s", first->name);
		while (i + 1 < view->n_hooks && !view->hooks[i + 1].attached &&
		       !strcmp(view->hooks[i + 1].note, first->note) &&
		       !strcmp(view->hooks[i + 1].where, first->where) && used < sizeof(names) - 32)
			used += (size_t)snprintf(names + used, sizeof(names) - used, ", %s", view->hooks[++i].name);
		say("not attached: %s on %s: %s", names, first->where, first->note);
	}
}

static void announce_watched(const struct view *view)
{
	char text[512] = "";
	size_t used = 0;

	for (size_t i = 0; i < view->n_hooks; i++) {
		const struct view_hook *hook = &view->hooks[i];
		int n;

		if (!hook->attached)
			continue;
		if (*hook->note)
			say("%s on %s: %s", hook->name, hook->where, hook->note);
		if (strncmp(hook->name, "tc/", 3) || used >= sizeof(text) - 64)
			continue;
		n = snprintf(text + used, sizeof(text) - used, "%s%s %s (%s)", used ? ", " : "", hook->where,
			     hook->name + 3, hook->how);
		used += n > 0 ? (size_t)n : 0;
	}
	say("watching %s; ranges %s", used ? text : "this host's own attempts only", view->ranges);
}

static void announce(const struct daemon *d)
{
	const char *log = d->settings->event_log;
	struct view view;

	if (!station_view(d->station, &view)) {
		announce_missing(&view);
		announce_watched(&view);
		view_free(&view);
	}
	say("metrics %s, control socket %s, event log %s", d->http ? http_url(d->http) : "nowhere",
	    d->settings->socket,
	    !log		? "none"
	    : !strcmp(log, "-") ? "standard output"
				: log);
	say("history and evidence %s", d->keeper ? d->settings->state_dir : "nowhere");
	if (d->http && !http_is_loopback(d->http))
		say("warning: the metrics can be read from other hosts, without a password; they tell how X is "
		    "blocked here. --listen " SETTINGS_LISTEN " keeps them on this host");
}

static int open_loop(struct daemon *d)
{
	const struct loop_calls calls = { .tick = on_tick, .signal = on_signal, .arg = d };
	int err = loop_new(&calls, NULL, &d->loop);

	if (err)
		say("cannot make the event loop: %s", strerror(-err));
	return err;
}

/* In this order: what can be refused comes before the hooks, and privileges go before any file is opened. */
static int open_all(struct daemon *d)
{
	const struct http_source pages = { .metrics = metrics, .ready = ready, .arg = d };
	const struct control_source lines = { .line = view_line, .arg = d };
	const struct station_setup setup = { .settings = d->settings,
					     .daemon = true,
					     .finding = take_finding,
					     .incident = take_incident,
					     .arg = d };
	const struct keeper_setup keep = { .dir = d->settings->state_dir, .say = say_line };
	char error[512] = "";
	int err, confined;

	if (!harden_may_watch()) { /* before anything else could fail for the same reason, in other words */
		say("not allowed to watch: run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON");
		return -EPERM;
	}
	err = open_loop(d);
	if (err)
		return err;
	if (*d->settings->listen)
		err = http_open(d->settings->listen, &pages, &d->http, error, sizeof(error));
	confined = err ? 0 : harden_confine();
	if (confined) /* a kernel without seccomp, say: no reason not to watch */
		say("warning: cannot give up all rights that are not needed: %s", strerror(-confined));
	if (!err)
		err = control_open(d->settings->socket, &lines, &d->control, error, sizeof(error));
	if (!err && d->settings->event_log && *d->settings->event_log)
		err = events_open(d->settings->event_log, &d->events, error, sizeof(error));
	d->keeper = err ? NULL : keeper_new(&keep);
	if (!err && !d->keeper && *keep.dir) {
		snprintf(error, sizeof(error), "out of memory");
		err = -ENOMEM;
	}
	if (!err)
		err = station_open(&setup, &d->station, error, sizeof(error));
	if (err) {
		say("%s", error);
		return err;
	}
	if (d->http)
		err = loop_add(d->loop, http_fd(d->http), on_http, d);
	if (!err)
		err = loop_add(d->loop, control_fd(d->control), on_control, d);
	if (!err)
		err = loop_add(d->loop, station_fd(d->station), on_watch, d);
	if (err)
		say("cannot make the event loop: %s", strerror(-err));
	return err;
}

/* What an earlier watch knew of this network: without it, the first hours would go by the controls alone. */
static void learn(struct daemon *d)
{
	char *text = keeper_learnt(d->keeper, time(NULL));
	unsigned int n = text ? station_learn(d->station, text) : 0;

	if (n)
		say("%u baselines of an earlier watch are in force", n);
	free(text);
}

/* Where the earlier watch was: its incidents go on, and what was learnt is of a minute ago and not of an hour. */
static void go_on(struct daemon *d)
{
	size_t n = 0;
	void *state = keeper_incidents(d->keeper, time(NULL), &n);
	const char *why = state ? station_restore(d->station, state, n) : NULL;

	if (why)
		say("what an earlier watch kept of incidents %s; they begin anew", why);
	free(state);
}

static void close_all(struct daemon *d)
{
	/* the board is the station's, so what it knows is kept first; the disk may take its time, attached or not */
	keeper_close(d->keeper, d->station ? station_board(d->station) : NULL, time(NULL));
	station_close(d->station); /* from here on nothing is attached */
	control_close(d->control);
	http_close(d->http);
	events_close(d->events);
	notify_close(&d->notify);
	hook_news_free(&d->hooks);
	loop_free(d->loop);
}

static int run(const struct settings *settings)
{
	struct daemon d = { .settings = settings, .reloads = { .last_ok = true, .last_ok_s = time(NULL) } };
	int err;

	signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is trouble with the disk, and no end */
	signal(SIGPIPE, SIG_IGN); /* nobody who stops reading may end us with hooks attached */
	notify_open(&d.notify);
	err = open_all(&d);
	if (err) {
		d.status = EXIT_FAILURE;
	} else {
		announce(&d);
		learn(&d);
		go_on(&d);
		keeper_start(d.keeper, station_board(d.station), time(NULL));
		tell_hooks(&d); /* silent: it takes note of what has just been announced */
		notify_send(&d.notify, "READY=1");
		err = loop_run(d.loop);
		if (err) {
			say("the event loop ended: %s", strerror(-err));
			d.status = EXIT_FAILURE;
		}
		notify_send(&d.notify, "STOPPING=1");
	}
	close_all(&d);
	return d.status;
}

int cmd_run(int argc, char **argv)
{
	struct options options;
	int status;

	if (options_parse("run", argc, argv, &options))
		return options.status;
	harden();
	status = run(&options.settings);
	options_free(&options);
	return status;
}
