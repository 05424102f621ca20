// SPDX-License-Identifier: GPL-2.0
/* xreach report: what happened, out of the history; and whether an evidence file is whole. */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "keep/chain.h"
#include "keep/history_read.h"
#include "options.h"
#include "output.h"
#include "show/clean.h"
#include "show/evidence_told.h"
#include "show/report.h"
#include "when.h"

#define STATUS_BROKEN  1
#define STATUS_TROUBLE 2
#define STATUS_USAGE   2
#define SINCE	       "24h"
#define WIDTH	       100

/* ---- --verify ---------------------------------------------------------------------------------------------------- */
static void tell_whole(const char *name, const struct chain_result *r)
{
	char first[32], last[32];

	clean_copy(first, sizeof(first), r->first_at);
	clean_copy(last, sizeof(last), r->last_at);
	printf("%s: whole: %llu lines, from %s to %s\nhead %s\n", name, (unsigned long long)r->lines, first, last,
	       r->head);
	if (r->torn)
		printf("%llu lines were torn when xreach was killed; the lines after them say so\n",
		       (unsigned long long)r->torn);
	if (r->no_newline)
		puts("the last line has no end: it is being written, or xreach was killed; its next start closes it");
	puts("A chain cannot show that lines were cut off its end, or that all of it was made anew: compare the head with\n"
	     "one that was noted elsewhere at the time.");
}

static int verify(const char *path)
{
	bool standard = !strcmp(path, "-");
	FILE *file = standard ? stdin : fopen(path, "re");
	struct chain_result r;
	char name[256];
	int err;

	clean_copy(name, sizeof(name), standard ? "standard input" : path);
	err = file ? chain_verify(file, &r) : -errno;
	if (file && !standard)
		fclose(file);
	if (err) {
		fprintf(stderr, "xreach report: %s: %s%s\n", name, strerror(-err),
			err == -EACCES ? "; read it as root, or as its owner" : "");
		return STATUS_TROUBLE;
	}
	if (!r.whole) {
		char why[sizeof(r.why)];

		clean_copy(why, sizeof(why), r.why);
		printf("%s:%llu: broken: %s (byte %llu; %llu lines before it are whole)\n", name,
		       (unsigned long long)r.bad_line, why, (unsigned long long)r.bad_byte,
		       (unsigned long long)r.lines);
		return STATUS_BROKEN;
	}
	tell_whole(name, &r);
	return EXIT_SUCCESS;
}

/* ---- the report -------------------------------------------------------------------------------------------------- */
static size_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (columns && atoi(columns) > 0)
		return (size_t)atoi(columns);
	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return WIDTH;
}

/* The one form that was asked for; NULL with a complaint where there are two. */
static void (*form_of(const struct options *o))(const struct past *, const struct report_form *, FILE *)
{
	if (o->json + o->csv + o->html > 1) {
		fputs("xreach report: --json, --csv and --html are three forms of one report; choose one\n",
		      stderr);
		return NULL;
	}
	return o->json ? report_json : o->csv ? report_csv : o->html ? report_html : report_text;
}

static int stretch(const struct options *o, __s64 now, __s64 *from, __s64 *to, char *error, size_t n)
{
	int err = when_parse("--since", o->since ? o->since : SINCE, now, from, error, n);

	*to = now;
	if (!err && o->until)
		err = when_parse("--until", o->until, now, to, error, n);
	if (!err && *from >= *to) {
		snprintf(error, n, "--since: '%.60s' is not before %s", o->since ? o->since : SINCE,
			 o->until ? "--until" : "now");
		err = -EINVAL;
	}
	return err;
}

static int report(const struct options *o)
{
	void (*form)(const struct past *, const struct report_form *, FILE *) = form_of(o);
	struct report_form how = { .width = terminal_width(),
				   .fold = isatty(STDOUT_FILENO),
				   .utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
				   .compare = o->compare,
				   .now = time(NULL) };
	char error[512] = "";
	struct evidence_told evidence;
	struct past past;
	__s64 from, to;
	int err;

	if (!form)
		return STATUS_USAGE;
	if (stretch(o, how.now, &from, &to, error, sizeof(error))) {
		fprintf(stderr, "xreach report: %s\n", error);
		return STATUS_USAGE;
	}
	if (!*o->settings.state_dir) {
		fputs("xreach report: no state_dir is set, so nothing is kept; name one with --state-dir\n",
		      stderr);
		return EXIT_FAILURE;
	}
	err = past_read(o->settings.state_dir, from, to, o->incident, how.now, &past, error, sizeof(error));
	if (err) {
		fprintf(stderr, "xreach report: %s\n", error);
		return EXIT_FAILURE;
	}
	evidence_look(o->settings.state_dir, &evidence);
	how.evidence = &evidence;
	form(&past, &how, stdout);
	past_free(&past);
	return EXIT_SUCCESS;
}

int cmd_report(int argc, char **argv)
{
	struct options options;
	int status;

	setlocale(LC_CTYPE, "");
	if (options_parse("report", argc, argv, &options))
		return options.status;
	status = options.verify ? verify(options.verify) : report(&options);
	if (output_failed("xreach report"))
		status = options.verify ? STATUS_TROUBLE : EXIT_FAILURE;
	options_free(&options);
	return status;
}
