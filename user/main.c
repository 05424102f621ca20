// SPDX-License-Identifier: GPL-2.0
/* The table of subcommands, and the way from the command line to one of them. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cmd.h"
#include "suggest.h"
#include "version.h"

#define STATUS_USAGE 2

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *about;
} commands[] = {
	{ "top", cmd_top, "live view; talks to the running daemon, or watches by itself" },
	{ "run", cmd_run, "the daemon, in the foreground" },
	{ "replay", cmd_replay, "verdicts for capture files" },
	{ "ranges", cmd_ranges, "show, check, diff the ranges" },
	{ "report", cmd_report, "what happened: incidents and timeline; check the evidence" },
	{ "purge", cmd_purge, "drop old counts from the history; incidents and evidence stay" },
	{ "status", cmd_status, "hooks, books, state; exit status for scripts" },
	{ "detach", cmd_detach, "remove what killed processes of xreach left attached" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(FILE *to, int status)
{
	size_t i;

	fputs("Usage: xreach COMMAND [OPTION]...\n"
	      "Can the people behind this network reach X, and if not: since when, how, where?\n\n",
	      to);
	for (i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-9s%s\n", commands[i].name, commands[i].about);
	fputs("\n  xreach help COMMAND, xreach COMMAND --help: its options\n"
	      "  xreach --version\n",
	      to);
	return status;
}

static const struct command *find(const char *name)
{
	const char *names[COMMANDS], *meant;
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
		names[i] = commands[i].name;
	}
	meant = suggest(name, names, COMMANDS);
	fprintf(stderr, "xreach: unknown command '%s'", name);
	if (meant)
		fprintf(stderr, "; did you mean '%s'?\n", meant);
	else
		fprintf(stderr, "; xreach --help lists them\n");
	return NULL;
}

static int help(int argc, char **argv)
{
	char option[] = "--help", *arguments[] = { NULL, option, NULL };
	const struct command *command;

	if (argc < 2)
		return usage(stdout, EXIT_SUCCESS);
	command = find(argv[1]);
	if (!command)
		return STATUS_USAGE;
	arguments[0] = argv[1];
	return command->run(2, arguments);
}

static bool is(const char *word, const char *letter, const char *option, const char *command)
{
	return !strcmp(word, letter) || !strcmp(word, option) || !strcmp(word, command);
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		return usage(stderr, STATUS_USAGE);
	if (is(argv[1], "-h", "--help", "help"))
		return help(argc - 1, argv + 1);
	if (is(argv[1], "-V", "--version", "version")) {
		puts("xreach " XREACH_VERSION);
		return EXIT_SUCCESS;
	}
	command = find(argv[1]);
	if (!command)
		return STATUS_USAGE;
	return command->run(argc - 1, argv + 1);
}
