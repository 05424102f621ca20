// SPDX-License-Identifier: GPL-2.0
/* xreach replay: verdicts for capture files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "harden.h"
#include "load/object.h"
#include "load/ranges.h"
#include "load/replay.h"
#include "options.h"
#include "output.h"
#include "show/board.h"
#include "show/ordered.h"
#include "show/results.h"

struct replaying {
	struct replay *replay;
	struct board *board;
	struct results results;
};

static void on_record(void *arg, const struct wire_record *record)
{
	struct replaying *s = arg;

	if (record->kind == RECORD_LATE_SYNS)
		results_late_syns(&s->results, record);
	board_record(s->board, record);
}

static void on_hello(void *arg, const struct wire_hello *hello)
{
	struct replaying *s = arg;

	board_hello(s->board, hello);
}

static void on_dns(void *arg, const struct wire_dns *message)
{
	struct replaying *s = arg;

	board_dns(s->board, message);
}

static __s64 wall(void *arg, __u64 ns)
{
	(void)arg;
	return replay_wall(ns);
}

static bool progress_shown;

static void show_progress(void *arg, const struct replay_progress *at)
{
	(void)arg;
	fprintf(stderr, "\r\033[K%s: %llu packets", at->path, at->packets);
	if (at->share >= 0)
		fprintf(stderr, ", %.0f %%", at->share * 100);
	progress_shown = true;
}

static void end_progress(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}

/*
 * As the daemon does each second, by the capture's clock; except that the second which this one falls into is not over yet:
 * more may be judged in it.
 */
static void on_second(void *arg, __u64 now_ns, __u64 oldest_ns)
{
	struct replaying *s = arg;
	struct watch_totals totals;

	replay_totals(s->replay, &totals);
	board_totals(s->board, &totals, replay_wall(now_ns) - 1);
	board_dns_due(s->board, now_ns);
	results_second(&s->results, s->board);
	results_print_json(&s->results, s->board, oldest_ns);
}

/* Every file, whatever befalls the others. 0, or 1 if one could not be read whole. */
static int read_files(struct replaying *s, const struct options *o)
{
	/* lines that come on the same screen are progress enough */
	bool show = isatty(STDERR_FILENO) && !(o->json && isatty(STDOUT_FILENO));
	const struct replay_calls calls = { .progress = show ? show_progress : NULL,
					    .second = on_second,
					    .arg = s };
	char error[512];
	int status = EXIT_SUCCESS;

	for (int i = 0; i < o->operands_count; i++) {
		int err = replay_file(s->replay, o->operands[i], &calls, error, sizeof(error));

		end_progress();
		if (err) {
			fprintf(stderr, "xreach: %s\n", error);
			status = EXIT_FAILURE;
		}
		board_next_capture(s->board);
		results_next_capture(&s->results, s->board);
	}
	return status;
}

/* "2026-11-20 0123456789abcdef": what the verdicts were made with. */
static void describe(const struct ranges *ranges, char *text, size_t n)
{
	snprintf(text, n, "%s%s%s %s", ranges->version, *ranges->date ? " " : "", ranges->date, ranges->hash);
}

static int tell(struct replaying *s, const struct ranges *ranges, const struct options *o)
{
	struct watch_totals totals;
	struct books books;
	char list[128];

	replay_totals(s->replay, &totals);
	board_totals(s->board, &totals, replay_last(s->replay));
	board_books(s->board, &books);
	results_open_incidents(&s->results, s->board);
	if (o->json) {
		if (o->incidents)
			results_print_incidents(&s->results, s->board);
		results_print_dns(&s->results, s->board);
		describe(ranges, list, sizeof(list));
		results_print_ledger(&s->results, s->board, list);
	} else {
		results_print_table(&s->results, s->board);
	}
	if (output_failed("xreach"))
		return EXIT_FAILURE;
	if (s->results.err == -ENOMEM) {
		fprintf(stderr, "xreach: out of memory: some verdicts are counted, but not printed\n");
		return EXIT_FAILURE;
	}
	if (s->results.err) {
		fprintf(stderr,
			"xreach: %s: %s: some verdicts are counted, but not printed. They wait there for their turn; "
			"TMPDIR names another directory\n",
			ordered_directory(), strerror(-s->results.err));
		return EXIT_FAILURE;
	}
	return books.balance && !books.open && !books.in_ring ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int replay(const struct options *o)
{
	struct replaying s = { 0 };
	struct watch_sink sink = { .record = on_record, .hello = on_hello, .dns = on_dns, .arg = &s };
	const struct results_setup lines = { .to = stdout, .json = o->json, .dns = o->json && o->dns };
	struct wire_config nat64 = { 0 };
	struct ranges *ranges = NULL;
	char error[512];
	int status, err;

	err = ranges_load((const char *const *)o->settings.ranges, o->settings.ranges_count, NULL,
			  o->settings.force, &ranges, error, sizeof(error));
	if (!err)
		err = object_nat64(&o->settings, &nat64, error, sizeof(error));
	if (!err)
		err = replay_open(&o->settings, ranges, &sink, &s.replay, error, sizeof(error));
	if (!err) {
		err = results_open(&s.results, &lines);
		if (err)
			snprintf(error, sizeof(error), "out of memory");
	}
	if (!err) {
		struct board_setup setup = {
			.ranges = ranges,
			.sites = o->settings.sites,
			.sites_count = o->settings.sites_count,
			.waits = &o->settings.waits,
			.nat64 = &nat64,
			.flows = o->settings.flows_max,
			.wall = wall,
			.finding = results_add,
			.incident = results_incident,
			.dns = results_add_dns,
			.arg = &s.results,
		};

		s.board = board_new(&setup);
		if (!s.board) {
			snprintf(error, sizeof(error), "out of memory");
			err = -ENOMEM;
		}
	}
	if (err) {
		fprintf(stderr, "xreach: %s\n", error);
		status = EXIT_FAILURE;
	} else {
		status = read_files(&s, o);
		if (tell(&s, ranges, o))
			status = EXIT_FAILURE;
	}
	replay_close(s.replay);
	board_free(s.board);
	results_free(&s.results);
	ranges_free(ranges);
	return status;
}

int cmd_replay(int argc, char **argv)
{
	struct options options;
	int status;

	if (options_parse("replay", argc, argv, &options))
		return options.status;
	harden();
	status = replay(&options);
	options_free(&options);
	return status;
}
