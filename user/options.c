// SPDX-License-Identifier: GPL-2.0
/* The options of all subcommands: one table, from which parsing and help are made. */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "number.h"
#include "suggest.h"

#define STATUS_USAGE 2
#define VALUE_FIRST  256 /* getopt's value of the first row; above all letters */
#define DELAY_MS     1000
#define HELP_COLUMN  31
#define HELP_WIDTH   79

/* ---- subcommands: who takes operands, and what they are for ---------------------------------------- */
enum {
	TOP = 1 << 0,
	RUN = 1 << 1,
	REPLAY = 1 << 2,
	RANGES = 1 << 3,
	STATUS = 1 << 4,
	DETACH = 1 << 5,
	REPORT = 1 << 6,
	PURGE = 1 << 7,
	WATCHING = TOP | RUN | REPLAY,
	ALL = WATCHING | RANGES | STATUS | DETACH | REPORT | PURGE,
};

static const struct command {
	const char *name;
	unsigned int bit;
	const char *operands; /* for the usage line */
	int least, most;      /* how many of them */
	const char *about;
} commands[] = {
	{ "top", TOP, "", 0, 0,
	  "Live view of the attempts to reach X: from the running daemon, or by watching\n"
	  "itself when there is none (needs root)." },
	{ "run", RUN, "", 0, 0,
	  "The daemon, in the foreground: watches, serves metrics, the event log and the\n"
	  "control socket. SIGHUP reads the ranges again and reopens the event log;\n"
	  "SIGTERM leaves nothing attached." },
	{ "replay", REPLAY, " FILE...", 1, INT_MAX,
	  "Verdicts for capture files (pcap, pcapng; - is standard input), by the same\n"
	  "programs as on live traffic." },
	{ "ranges", RANGES, " show|check|diff [FILE...]", 1, INT_MAX,
	  "The address ranges of X and the controls. show, check: the files together, or\n"
	  "those of the settings. diff OLD NEW: what changed, and whether a reload would\n"
	  "refuse it; exit status 0 the same, 1 different, 2 trouble." },
	{ "status", STATUS, "", 0, 0,
	  "State, groups, hooks and books of the running daemon. Exit status: 0 X is ok;\n"
	  "1 impaired or worse; 2 down, as the controls are; 3 it cannot be told: too few\n"
	  "attempts, one direction only, no rights to ask, or the watch itself is not\n"
	  "well; 4 none is running." },
	{ "report", REPORT, "", 0, 0,
	  "What happened, out of the history that the daemon keeps: incidents in words,\n"
	  "with what was not seen and what else could explain them, and the counts over\n"
	  "time.\n"
	  "With --verify, whether an evidence file is whole; exit status 0 it is, 1 it is\n"
	  "broken, or no line has the --head that was asked for, 2 it cannot be read." },
	{ "purge", PURGE, "", 0, 0,
	  "Drop the counts from before a moment out of the history, whole hours of them,\n"
	  "also while the daemon writes it. Incidents, changes of the ranges and the\n"
	  "evidence file stay, and reports say from then on that counts were dropped." },
	{ "detach", DETACH, "", 0, 0,
	  "Remove what killed processes of xreach left attached in this network namespace,\n"
	  "and nothing of anybody else." },
};

/* ---- the options: a new one is a row ------------------------------------------------------------- */
enum kind { FLAG, TEXT, NUMBER, WAIT, TEXTS, INTERFACES, SITES };

struct row {
	const char *name;
	int letter;	      /* 0 for none */
	const char *argument; /* NULL for none */
	unsigned int commands;
	enum kind kind;
	size_t offset; /* in struct options */
	__u64 low, high;
	const char *help;
};

#define IN(member)	 offsetof(struct options, member)
#define IN_WAIT(member)	 WAIT, IN(settings.waits.member), SETTINGS_WAIT_LOW_MS, SETTINGS_WAIT_HIGH_MS
#define IN_TABLE(member) NUMBER, IN(settings.member), SETTINGS_TABLE_LOW, SETTINGS_TABLE_HIGH

/* clang-format off */
static const struct row rows[] = {
	{ "config", 'c', "FILE", ALL, TEXT, IN(config), 0, 0,
	  "settings (default " SETTINGS_FILE ")" },
	{ "interface", 'i', "NAME[:ROLE]", TOP | RUN, INTERFACES, 0, 0, 0,
	  "watch this interface; ROLE is inside or outside of your NAT; repeatable (default: those with a default route)" },
	{ "ranges", 0, "FILE", WATCHING | RANGES, TEXTS, IN(settings.ranges), 0, 0,
	  "address ranges of X and the controls; repeatable (default: the installed list)" },
	{ "site", 0, "NAME=PREFIX", WATCHING, SITES, 0, 0, 0,
	  "a part of your network, /20 (IPv6: /40) or wider; repeatable" },
	{ "listen", 0, "ADDR:PORT", RUN, TEXT, IN(settings.listen), 0, 0,
	  "serve metrics there, '' for nowhere (default " SETTINGS_LISTEN ")" },
	{ "event-log", 0, "FILE", RUN, TEXT, IN(settings.event_log), 0, 0,
	  "append each finished flow to X, each to a control that was not ok, and each change of an incident, as a line of JSON; - for standard output (default: none)" },
	{ "socket", 0, "PATH", TOP | RUN | STATUS | DETACH, TEXT, IN(settings.socket), 0, 0,
	  "control socket (default " SETTINGS_SOCKET ")" },
	{ "state-dir", 0, "DIR", RUN | REPORT | PURGE, TEXT, IN(settings.state_dir), 0, 0,
	  "where history and evidence are kept, '' for nowhere (default " SETTINGS_STATE_DIR ")" },
	{ "since", 0, "TIME", REPORT, TEXT, IN(since), 0, 0,
	  "from when: 2024-02-17, 2024-02-17T16:04 (UTC), or 90m, 6h, 14d ago (default 24h)" },
	{ "until", 0, "TIME", REPORT, TEXT, IN(until), 0, 0, "until when (default: now); by itself, of the day before it" },
	{ "before", 0, "TIME", PURGE, TEXT, IN(before), 0, 0,
	  "drop what is older: 2024-02-17, 2024-02-17T16:04 (UTC), or 90d, 52w ago; needed" },
	{ "incident", 0, "ID", REPORT, TEXT, IN(incident), 0, 0, "this incident alone, and the time around it" },
	{ "html", 0, NULL, REPORT, FLAG, IN(html), 0, 0, "print one page that needs nothing else, with charts" },
	{ "csv", 0, NULL, REPORT, FLAG, IN(csv), 0, 0, "print counts over time, comma-separated" },
	{ "compare", 0, NULL, REPORT, FLAG, IN(compare), 0, 0,
	  "the same flows in the words of OONI, Censored Planet and Cloudflare Radar" },
	{ "verify", 0, "FILE", REPORT, TEXT, IN(verify), 0, 0, "check the chain of this evidence file and end; - for standard input" },
	{ "head", 0, "HASH", REPORT, TEXT, IN(head), 0, 0,
	  "with --verify: a hash that was noted down; is it that of a line?" },
	{ "no-socket-hooks", 0, NULL, TOP | RUN, FLAG, IN(settings.no_socket_hooks), 0, 0,
	  "leave the root cgroup alone; this host's own attempts are then seen on the wire only" },
	{ "no-dns", 0, NULL, WATCHING, FLAG, IN(settings.no_dns), 0, 0,
	  "leave port 53 alone: no verdicts on answers for the names of the ranges" },
	{ "force", 0, NULL, RUN | RANGES, FLAG, IN(settings.force), 0, 0,
	  "accept a list that lost more than half of its address space" },
	{ "check-config", 0, NULL, RUN, FLAG, IN(check_config), 0, 0,
	  "read the settings, say what is in force or what is wrong, and end" },
	{ "wait-syn-live", 0, "TIME", WATCHING, IN_WAIT(syn_live_ms),
	  "a SYN counts as unanswered in the live view" },
	{ "wait-syn", 0, "TIME", WATCHING, IN_WAIT(syn_final_ms), "... for good, after the last SYN" },
	{ "wait-payload", 0, "TIME", WATCHING, IN_WAIT(payload_ms), "client payload counts as unanswered" },
	{ "wait-post-ack", 0, "TIME", WATCHING, IN_WAIT(post_ack_ms),
	  "a handshake with nothing after it has timed out" },
	{ "wait-frozen", 0, "TIME", WATCHING, IN_WAIT(frozen_ms),
	  "a server gone silent amid data counts as frozen" },
	{ "wait-idle", 0, "TIME", WATCHING, IN_WAIT(idle_ms), "a flow without packets is closed" },
	{ "attempts", 0, "N", WATCHING, IN_TABLE(attempts_max), "size of the table of attempts" },
	{ "flows", 0, "N", WATCHING, IN_TABLE(flows_max), "size of the table of answered flows" },
	{ "delay", 'd', "TIME", TOP, WAIT, IN(delay_ms), 100, 60000, "between two screens" },
	{ "once", 0, NULL, TOP, FLAG, IN(once), 0, 0, "print one screen and end; without a daemon, after watching for 10 seconds" },
	{ "json", 0, NULL, TOP | REPLAY | STATUS | REPORT, FLAG, IN(json), 0, 0, "print JSON" },
	{ "incidents", 0, NULL, REPLAY, FLAG, IN(incidents), 0, 0,
	  "in JSON: incidents too, a line each, after the flows (in words they are told in any case)" },
	{ "dns", 0, NULL, REPLAY, FLAG, IN(dns), 0, 0,
	  "in JSON, also a line for each question for a name of the ranges that was answered" },
	{ "no-color", 'C', NULL, TOP, FLAG, IN(no_color), 0, 0, "no colours; so does NO_COLOR" },
	{ "help", 'h', NULL, ALL, FLAG, IN(help), 0, 0, "this text" },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* ---- help ------------------------------------------------------------------------------------------ */
/* Words from column HELP_COLUMN on, broken at HELP_WIDTH. `column` is where the line stands. */
static void print_wrapped(const char *text, size_t column)
{
	while (*text) {
		size_t word = strcspn(text, " ");

		if (column > HELP_COLUMN && column + word + 1 > HELP_WIDTH) {
			fputc('\n', stdout);
			column = 0;
		}
		if (column < HELP_COLUMN) {
			printf("%*s", (int)(HELP_COLUMN - column), "");
			column = HELP_COLUMN;
		} else {
			fputc(' ', stdout);
			column++;
		}
		printf("%.*s", (int)word, text);
		column += word;
		text += word + strspn(text + word, " ");
	}
	fputc('\n', stdout);
}

static void print_row(const struct row *row, const struct options *defaults)
{
	const char *at = (const char *)defaults + row->offset;
	char head[64], text[256], number[16];
	int len;

	len = snprintf(head, sizeof(head), row->letter ? "  -%c, " : "      ", row->letter);
	len += snprintf(head + len, sizeof(head) - (size_t)len, "--%s%s%s", row->name, row->argument ? " " : "",
			row->argument ? row->argument : "");
	fputs(head, stdout);
	if (row->kind == WAIT)
		snprintf(text, sizeof(text), "%s (default %s)", row->help,
			 number_ms_text(*(const __u32 *)at, number, sizeof(number)));
	else if (row->kind == NUMBER)
		snprintf(text, sizeof(text), "%s (default %u)", row->help, *(const unsigned int *)at);
	else
		snprintf(text, sizeof(text), "%s", row->help);
	print_wrapped(text, (size_t)len);
}

static int options_default(struct options *o)
{
	*o = (struct options){ .delay_ms = DELAY_MS };
	return settings_default(&o->settings);
}

static int print_help(const struct command *command)
{
	struct options defaults;
	size_t i;

	if (options_default(&defaults))
		return EXIT_FAILURE;
	printf("Usage: xreach %s [OPTION]...%s\n%s\n\nOptions:\n", command->name, command->operands,
	       command->about);
	for (i = 0; i < ROWS; i++)
		if (rows[i].commands & command->bit)
			print_row(&rows[i], &defaults);
	if (command->bit & WATCHING)
		puts("\nA TIME is in seconds, or with a unit: 500ms, 3s, 2m.\nOptions win over the settings file.");
	options_free(&defaults);
	return EXIT_SUCCESS;
}

/* ---- setting ----------------------------------------------------------------------------------------- */
/* What is listed on the command line replaces the list of the file: the first time, that one goes. */
static int set_listed(struct options *o, const struct row *row, const char *value, bool first, char *error,
		      size_t n)
{
	struct settings *s = &o->settings;
	char *name, *rest;
	int err;

	name = strdup(value);
	if (!name)
		return -ENOMEM;
	rest = strpbrk(name, row->kind == SITES ? "=" : ":");
	if (rest)
		*rest++ = '\0';
	if (row->kind == INTERFACES) {
		if (first)
			settings_clear_interfaces(s);
		err = settings_add_interface(s, name, rest);
	} else if (rest) {
		if (first)
			settings_clear_sites(s);
		err = settings_add_site(s, name, rest);
	} else {
		snprintf(error, n, "--site: '%s' has no prefix; write lahore=100.72.0.0/16", value);
		err = -EINVAL;
	}
	free(name);
	return err;
}

static int set(struct options *o, const struct row *row, const char *value, bool first, char *error, size_t n)
{
	void *at = (char *)o + row->offset;
	unsigned int *count = &o->settings.ranges_count; /* ranges are the only TEXTS */
	char name[32];
	__u64 number;
	int err;

	snprintf(name, sizeof(name), "--%s", row->name);
	switch (row->kind) {
	case FLAG:
		*(bool *)at = true;
		return 0;
	case TEXT:
		return settings_set_text(at, value);
	case WAIT:
		return number_parse_ms(name, value, (__u32)row->low, (__u32)row->high, at, error, n);
	case NUMBER:
		err = number_parse(name, value, row->low, row->high, &number, error, n);
		if (!err)
			*(unsigned int *)at = (unsigned int)number;
		return err;
	case TEXTS:
		if (first)
			settings_clear_texts(at, count);
		return settings_add_text(at, count, value);
	case INTERFACES:
	case SITES:
		return set_listed(o, row, value, first, error, n);
	}
	return -EINVAL;
}

/* ---- getopt ------------------------------------------------------------------------------------------ */
struct getopt_tables {
	struct option longs[ROWS + 1];
	char letters[2 * ROWS + 2];
};

static void fill_tables(const struct command *command, struct getopt_tables *t)
{
	size_t n_longs = 0, n_letters = 0, i;

	*t = (struct getopt_tables){};
	t->letters[n_letters++] = ':'; /* tell a missing argument from an unknown option */
	for (i = 0; i < ROWS; i++) {
		if (!(rows[i].commands & command->bit))
			continue;
		t->longs[n_longs++] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].argument ? required_argument : no_argument,
			.val = VALUE_FIRST + (int)i,
		};
		if (!rows[i].letter)
			continue;
		t->letters[n_letters++] = (char)rows[i].letter;
		if (rows[i].argument)
			t->letters[n_letters++] = ':';
	}
}

/* The row of what getopt returned, or NULL. */
static const struct row *row_of(int value)
{
	size_t i;

	if (value >= VALUE_FIRST)
		return &rows[value - VALUE_FIRST];
	for (i = 0; i < ROWS; i++)
		if (rows[i].letter && rows[i].letter == value)
			return &rows[i];
	return NULL;
}

/* Why getopt did not take the option before optind. */
static void explain(const struct command *command, const struct getopt_tables *t, int result, char **argv,
		    char *error, size_t n)
{
	const char *given = argv[optind - 1], *words[ROWS], *meant;
	char name[32];
	size_t len, n_words, i;

	if (result == ':') {
		const struct row *row = row_of(optopt);

		snprintf(error, n, "--%s needs %s after it", row->name, row->argument);
		return;
	}
	if (optopt && optopt < VALUE_FIRST) {
		const struct row *row = row_of(optopt);

		if (row)
			snprintf(error, n, "-%c (--%s) is an option of other subcommands, not of %s", optopt,
				 row->name, command->name);
		else
			snprintf(error, n, "unknown option '-%c'", isgraph((unsigned char)optopt) ? optopt : '?');
		return;
	}
	if (optopt) {
		snprintf(error, n, "--%s takes no value", row_of(optopt)->name);
		return;
	}
	len = strcspn(given + 2, "=");
	for (i = 0; i < ROWS; i++) {
		if (strncmp(rows[i].name, given + 2, len) || rows[i].name[len])
			continue;
		snprintf(error, n, "%.*s is an option of other subcommands, not of %s", (int)len + 2, given,
			 command->name);
		return;
	}
	for (n_words = 0; t->longs[n_words].name; n_words++)
		words[n_words] = t->longs[n_words].name;
	/* a name that is cut off is too long for any of ours */
	snprintf(name, sizeof(name), "%.*s", (int)len, given + 2);
	meant = suggest(name, words, n_words);
	if (meant)
		snprintf(error, n, "unknown or ambiguous option '%.*s'; did you mean --%s?", (int)len + 2, given,
			 meant);
	else
		snprintf(error, n, "unknown option '%.*s'", (int)len + 2, given);
}

/*
 * Go over the command line. Without `o` only what must be known before the settings file is read is taken:
 * *config (within argv) and *help. 0, or -errno with error filled.
 */
static int walk(const struct command *command, int argc, char **argv, struct options *o, const char **config,
		bool *help, char *error, size_t n)
{
	bool seen[ROWS] = {};
	struct getopt_tables t;
	int result, err = 0;

	fill_tables(command, &t);
	optind = 0; /* glibc: start anew */
	opterr = 0;
	while (!err && (result = getopt_long(argc, argv, t.letters, t.longs, NULL)) != -1) {
		const struct row *row = result == '?' || result == ':' ? NULL : row_of(result);

		if (!row) {
			explain(command, &t, result, argv, error, n);
			return -EINVAL;
		}
		if (row->offset == IN(config) && row->kind == TEXT)
			*config = optarg;
		if (row->offset == IN(help) && row->kind == FLAG)
			*help = true;
		if (o)
			err = set(o, row, optarg, !seen[row - rows], error, n);
		seen[row - rows] = true;
	}
	return err;
}

static int check_operands(const struct command *command, int count, char **operands, char *error, size_t n)
{
	if (count > command->most) {
		snprintf(error, n, "'%s' is one word too many", operands[command->most]);
		return -EINVAL;
	}
	if (count < command->least) {
		snprintf(error, n, "something is missing: xreach %s%s", command->name, command->operands);
		return -EINVAL;
	}
	return 0;
}

static void show_config(const struct options *o)
{
	printf("%s: %s\n", o->config, access(o->config, F_OK) ? "not there, so the defaults are in force" : "ok");
	settings_print(&o->settings, stdout);
}

/* Settings: defaults, under the file, under the command line. A file at fault is no misuse: another status. */
static int fill(const struct command *command, int argc, char **argv, const char *config, struct options *o,
		char *error, size_t n)
{
	const char *no_color = getenv("NO_COLOR"), *ignored;
	bool help;
	int err;

	o->status = EXIT_FAILURE;
	o->delay_ms = DELAY_MS;
	o->no_color = no_color && *no_color;
	err = settings_load(&o->settings, config ? config : SETTINGS_FILE, config, error, n);
	if (err)
		return err;
	err = settings_set_text(&o->config, SETTINGS_FILE);
	if (err)
		return err;
	o->status = STATUS_USAGE;
	err = walk(command, argc, argv, o, &ignored, &help, error, n);
	if (err)
		return err;
	if (o->settings.event_log && !*o->settings.event_log) { /* as in the file, '' is none */
		free(o->settings.event_log);
		o->settings.event_log = NULL;
	}
	return settings_check(&o->settings, NULL, error, n);
}

int options_parse(const char *command_name, int argc, char **argv, struct options *out)
{
	const struct command *command = find_command(command_name);
	struct options o = { .status = STATUS_USAGE };
	char error[512] = "out of memory";
	const char *config = NULL;
	bool help = false;
	int err;

	if (!command) {
		snprintf(error, sizeof(error), "not in the table of subcommands");
		err = -EINVAL;
		goto out;
	}
	err = walk(command, argc, argv, NULL, &config, &help, error, sizeof(error));
	if (err)
		goto out;
	if (help) {
		o.status = print_help(command);
		err = 1;
		goto out;
	}
	err = check_operands(command, argc - optind, argv + optind, error, sizeof(error));
	if (err)
		goto out;
	err = fill(command, argc, argv, config, &o, error, sizeof(error));
	if (err)
		goto out;
	o.operands_count = argc - optind;
	o.operands = argv + optind;
	if (o.check_config) {
		show_config(&o);
		o.status = EXIT_SUCCESS;
		err = 1;
	}
out:
	if (err < 0)
		fprintf(stderr, "xreach %s: %s\n", command_name, error);
	if (err < 0 && o.status == STATUS_USAGE)
		fprintf(stderr, "Try: xreach help%s%s\n", command ? " " : "", command ? command_name : "");
	if (err)
		options_free(&o);
	*out = o;
	return err;
}

void options_free(struct options *options)
{
	settings_free(&options->settings);
	free(options->config);
	free(options->verify);
	free(options->head);
	free(options->since);
	free(options->until);
	free(options->incident);
	free(options->before);
	options->config = options->verify = options->head = options->before = NULL;
	options->since = options->until = options->incident = NULL;
}
