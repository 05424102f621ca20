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
	printf("%s: whole: %llu line%s, from %s to %s\nhead %s\n", name, (unsigned long long)r->lines,
	       r->lines == 1 ? "" : "s", first, last, r->head);
	if (r->torn)
		printf("%llu line%s torn when xreach was killed; the lines after say so\n",
		       (unsigned long long)r->torn, r->torn == 1 ? " was" : "s were");
	if (r->no_newline)
		puts("the last line has no end: it is being written, or xreach was killed; its next start closes it");
}

/* Whoever noted a head down asks for it later: in a file that has grown it is the hash of a line amid it. */
struct noted {
	const char *head;
	size_t length;
	__u64 line; /* 0: none has it */
};

static void look_for(void *arg, __u64 number, const char hash[static CHAIN_HASH], const struct json_t *object)
{
	struct noted *n = arg;

	(void)object;
	if (n->head && !strncmp(hash, n->head, n->length))
		n->line = number;
}

static int tell_noted(const struct noted *n, const struct chain_result *r)
{
	if (!n->head) {
		puts("A chain cannot show that lines were cut off its end, or that all of it was made anew: note its head down\n"
		     "elsewhere, and ask for it later with --head.");
		return EXIT_SUCCESS;
	}
	if (!n->line) {
		printf("no line has the hash %s: lines were cut off since it was noted down, or this is another file\n",
		       n->head);
		return STATUS_BROKEN;
	}
	printf("line %llu of %llu has the hash %s: nothing up to there was changed since it was noted down\n",
	       (unsigned long long)n->line, (unsigned long long)r->lines + r->torn, n->head);
	return EXIT_SUCCESS;
}

#define HEAD_LEAST 12 /* digits: as many as messages show */
static bool is_head(const char *text)
{
	size_t length = strlen(text);

	return length >= HEAD_LEAST && length < CHAIN_HASH && strspn(text, "0123456789abcdef") == length;
}

static int verify(const char *path, const char *head)
{
	struct noted noted = { .head = head, .length = head ? strlen(head) : 0 };
	const struct chain_visit visit = { look_for, &noted };
	bool standard = !strcmp(path, "-");
	struct chain_result r;
	char name[256];
	FILE *file;
	int err;

	if (head && !is_head(head)) {
		clean_copy(name, sizeof(name), head);
		fprintf(stderr, "xreach report: --head: '%.70s' is no hash; write %d to %d hex digits of one\n",
			name, HEAD_LEAST, CHAIN_HASH - 1);
		return STATUS_USAGE;
	}
	file = standard ? stdin : fopen(path, "re");
	clean_copy(name, sizeof(name), standard ? "standard input" : path);
	err = file ? chain_walk(file, &visit, &r) : -errno;
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
		printf("%s:%llu: broken: %s (byte %llu; %llu line%s before it %s whole)\n", name,
		       (unsigned long long)r.bad_line, why, (unsigned long long)r.bad_byte,
		       (unsigned long long)r.lines, r.lines == 1 ? "" : "s", r.lines == 1 ? "is" : "are");
		if (noted.line)
			tell_noted(&noted, &r);
		return STATUS_BROKEN;
	}
	tell_whole(name, &r);
	return tell_noted(&noted, &r);
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
	int err = 0;

	*to = now;
	if (o->until)
		err = when_parse("--until", o->until, now, to, error, n);
	/* by itself it is of the day before it */
	if (!err)
		err = when_parse("--since", o->since ? o->since : SINCE, o->since ? now : *to, from, error, n);
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
	if (o->head) {
		fputs("xreach report: --head goes with --verify FILE: which file is to have that line?\n", stderr);
		return STATUS_USAGE;
	}
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
	evidence_look(o->settings.state_dir, &past, &evidence);
	how.evidence = &evidence;
	form(&past, &how, stdout);
	evidence_forget(&evidence);
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
	status = options.verify ? verify(options.verify, options.head) : report(&options);
	if (output_failed("xreach report"))
		status = options.verify ? STATUS_TROUBLE : EXIT_FAILURE;
	options_free(&options);
	return status;
}
