// SPDX-License-Identifier: GPL-2.0
/*
 * xreach status: what the running daemon says of the network and of itself, for people and for scripts. The exit
 * status is that of the targets, by the incidents contract's states: 0 ok, 1 impaired or worse, 2 down, 3 insufficient,
 * 4 not running. A watch that is not well is `insufficient`: what it says may be wrong, but not that X is blocked.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "load/watch.h"
#include "options.h"
#include "show/alarm.h"
#include "show/columns.h"
#include "show/control.h"
#include "show/view.h"

#define STATUS_OK	   0
#define STATUS_IMPAIRED	   1
#define STATUS_DOWN	   2
#define STATUS_UNKNOWN	   3 /* it cannot be told */
#define STATUS_NOT_RUNNING 4

#define ANSWER_MS      5000
#define LOST_PER_MILLE 1

/* ---- asking -------------------------------------------------------------------------------------------------- */
/* The first line, within `reader`. 0 or -errno. */
static int ask(struct control_reader *reader, const char *path, char **line)
{
	struct pollfd from = { .events = POLLIN };
	struct timespec start, now;
	long left = ANSWER_MS;
	int n = 0;

	reader->fd = control_connect(path);
	if (reader->fd < 0)
		return reader->fd;
	from.fd = reader->fd;
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!n && left > 0) {
		if (poll(&from, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
		n = control_read(reader, line);
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = ANSWER_MS - (now.tv_sec - start.tv_sec) * 1000 - (now.tv_nsec - start.tv_nsec) / 1000000;
	}
	return n < 0 ? n : n ? 0 : -ETIMEDOUT;
}

static int explain(int err, const char *path)
{
	switch (err) {
	case -ENOENT:
	case -ECONNREFUSED:
		fprintf(stderr,
			"xreach: not running: no daemon answers on %s; `xreach run` starts one, --socket names another\n",
			path);
		return STATUS_NOT_RUNNING;
	case -EACCES:
	case -EPERM:
		fprintf(stderr, "xreach: not allowed to ask the daemon on %s: run this as root\n", path);
		return STATUS_UNKNOWN;
	case -EPIPE:
	case -ECONNRESET:
		fprintf(stderr, "xreach: not running: the daemon on %s has just ended\n", path);
		return STATUS_NOT_RUNNING;
	case -ETIMEDOUT:
		fprintf(stderr, "xreach: the daemon on %s does not answer: nothing came within %d seconds\n", path,
			ANSWER_MS / 1000);
		return STATUS_UNKNOWN;
	default:
		fprintf(stderr, "xreach: %s: %s\n", path, strerror(-err));
		return STATUS_UNKNOWN;
	}
}

/* ---- judging ------------------------------------------------------------------------------------------------- */
static unsigned long long ledger(const struct view *view, const char *name)
{
	for (size_t i = 0; i < view->n_ledger; i++)
		if (!strcmp(view->ledger[i].name, name))
			return view->ledger[i].value;
	return 0;
}

static unsigned long long lost(const struct view *view)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < view->n_ledger; i++)
		if (!strncmp(view->ledger[i].name, "lost/", 5))
			sum += view->ledger[i].value;
	return sum;
}

static bool is_missing(const struct view_hook *hook)
{
	return !hook->attached && strcmp(hook->note, WATCH_LEFT_OUT);
}

/* Each thing that is wrong, a line; how many. `to` may be NULL. */
static unsigned int complaints(const struct view *view, FILE *to)
{
	unsigned int n = 0;

	for (size_t i = 0; i < view->n_hooks; i++) {
		const struct view_hook *hook = &view->hooks[i];

		if (!is_missing(hook))
			continue;
		n++;
		if (to)
			fprintf(to, "wrong: not attached: %s on %s: %s\n", hook->name, hook->where, hook->note);
	}
	if (!view->books_balance) {
		n++;
		if (to)
			fputs("wrong: the books do not balance; what is shown cannot be relied on\n", to);
	}
	return n;
}

/* Worth a word, but no verdict on the watch: where too much is lost to speak, the states say so. */
static void note_lost(const struct view *view)
{
	unsigned long long opened = ledger(view, "opened"), gone = lost(view);

	if (gone * 1000 > opened * LOST_PER_MILLE)
		printf("\nnote: %llu of %llu attempts were lost since the start; larger tables may help\n", gone,
		       opened);
}

/* Of the worst target. */
static int verdict(const struct view *view)
{
	static const struct {
		const char *state;
		int status;
	} rows[] = { { "impaired", STATUS_IMPAIRED },	 { "likely blocked", STATUS_IMPAIRED },
		     { "blocked", STATUS_IMPAIRED },	 { "throttled", STATUS_IMPAIRED },
		     { "vanished", STATUS_IMPAIRED },	 { "down", STATUS_DOWN },
		     { "insufficient", STATUS_UNKNOWN }, { "one direction", STATUS_UNKNOWN } };

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
		for (size_t i = 0; i < view->n_groups; i++)
			if (view->groups[i].target && !strcmp(view->groups[i].state, rows[row].state))
				return rows[row].status;
	return complaints(view, NULL) ? STATUS_UNKNOWN : STATUS_OK;
}

/* ---- telling ------------------------------------------------------------------------------------------------- */
static bool is_shown(const struct column *column)
{
	return column->cell != CELL_SPARK;
}

static void print_table(enum table_id id, const struct view *view)
{
	const struct table *table = &tables[id];
	size_t rows = table_rows(table, view);
	char text[CELL_MAX];

	for (size_t row = 0; row <= rows; row++) { /* the first line are titles */
		size_t blanks = 0;		   /* before the next cell: none at the end of a line */

		for (size_t c = 0; c < table->n_columns; c++) {
			const struct column *column = &table->columns[c];
			int width = (int)strlen(column->title);

			if (!is_shown(column))
				continue;
			for (size_t i = 0; i < rows; i++) {
				column_text(column, table->row(view, i), text, sizeof(text));
				width = (int)strlen(text) > width ? (int)strlen(text) : width;
			}
			if (row)
				column_text(column, table->row(view, row - 1), text, sizeof(text));
			else
				snprintf(text, sizeof(text), "%s", column->title);
			if (*text) {
				printf("%*s%*s", (int)blanks, "", column->right ? width : 0, text);
				blanks = 0;
			}
			blanks += 2 + (size_t)width - (*text ? column->right ? (size_t)width : strlen(text) : 0);
		}
		putchar('\n');
	}
}

static void print_books(const struct view *view)
{
	printf("opened %llu = open %llu + judged %llu + forgotten %llu + lost %llu: %s\n", ledger(view, "opened"),
	       ledger(view, "open"), ledger(view, "judged"), ledger(view, "forgotten"), lost(view),
	       view->books_balance ? "the books balance" : "THE BOOKS DO NOT BALANCE");
	for (size_t i = 0; i < view->n_ledger; i++) {
		const struct view_ledger *row = &view->ledger[i];

		if (row->value && strchr(row->name, '/'))
			printf("  %s %llu\n", row->name, row->value);
	}
}

/* What would be told, and what is not seen though all is well. */
static void print_least(const struct view *view)
{
	char text[CELL_MAX];

	for (size_t i = 0; i < view->n_groups; i++) {
		if (!view->groups[i].target)
			continue;
		least_text(view->groups[i].least, text, sizeof(text));
		printf("%s: %s\n", view->groups[i].name, text);
	}
}

static void print_view(const struct view *view)
{
	char since[32] = "", alarm[512];
	struct tm tm;

	if (localtime_r(&view->since, &tm))
		strftime(since, sizeof(since), "%Y-%m-%d %H:%M:%S", &tm);
	printf("xreach %s on %s, watching since %s; ranges %s\n\n", view->version, view->host, since, view->ranges);
	if (alarm_ink(view, alarm, sizeof(alarm)) != INK_TEXT)
		printf("%.*s\n\n", (int)strlen(alarm) - 2, alarm + 1); /* without the blanks at its ends */
	print_table(TABLE_GROUPS, view);
	print_least(view);
	putchar('\n');
	print_table(TABLE_HOOKS, view);
	putchar('\n');
	print_books(view);
	if (view->keeping[0]) /* the watch is well; what it sees is only not written now */
		printf("\nnot kept: %s\n", view->keeping);
	note_lost(view);
	if (!complaints(view, NULL))
		return;
	putchar('\n');
	complaints(view, stdout);
}

static int status(const struct options *o)
{
	const char *path = o->settings.socket;
	struct control_reader reader = { .fd = -1 };
	char *line, error[256];
	struct view view;
	int result, unwritten = 0, err = ask(&reader, path, &line);

	if (err) {
		result = explain(err, path);
		goto out;
	}
	if (o->json && (puts(line) < 0 || fflush(stdout))) /* before it is taken apart, as it came */
		unwritten = errno;
	if (view_from_json(line, &view, error, sizeof(error))) {
		fprintf(stderr, "xreach: what the daemon on %s says is not understood: %s\n", path, error);
		result = STATUS_UNKNOWN;
		goto out;
	}
	if (!o->json)
		print_view(&view);
	result = verdict(&view);
	view_free(&view);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "xreach: standard output: %s\n", strerror(unwritten ? unwritten : errno));
		result = STATUS_UNKNOWN;
	}
out:
	control_reader_free(&reader);
	return result;
}

int cmd_status(int argc, char **argv)
{
	struct options options;
	int result;

	if (options_parse("status", argc, argv, &options)) /* misuse is no state: 2 would be an outage */
		return options.status ? STATUS_UNKNOWN : STATUS_OK;
	result = status(&options);
	options_free(&options);
	return result;
}
