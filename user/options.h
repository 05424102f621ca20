/* SPDX-License-Identifier: GPL-2.0 */
/* The options of all subcommands: one table, from which parsing and help are made. */
#ifndef XREACH_OPTIONS_H
#define XREACH_OPTIONS_H

#include <stdbool.h>
#include "settings.h"

struct options {
	struct settings settings; /* the file's, over them the command line's; checked */
	char *config;		  /* the settings file; it may be absent unless it was asked for */
	__u32 delay_ms;		  /* between two screens */
	char *verify;		  /* evidence file to check; NULL for none */
	char *head;		  /* hash that a line of it is to have; NULL for none */
	char *since, *until, *incident;
	char *before; /* purge: what is older goes; NULL: not said */
	bool html, csv, compare;
	bool once;
	bool json;
	bool incidents;
	bool dns;	   /* replay: with JSON, answered questions too */
	bool no_color;	   /* also by a non-empty NO_COLOR */
	bool check_config; /* dealt with by options_parse */
	bool help;	   /* likewise */
	int operands_count;
	char **operands; /* what is left of argv; not to be freed */
	int status;	 /* exit status, where options_parse did not return 0 */
};

/*
 * Read the settings file and the command line of a subcommand (argv[0] is its name). 0: go on, and call
 * options_free in the end. Otherwise everything has been said and freed, and the caller returns out->status:
 *
 *	if (options_parse("run", argc, argv, &options))
 *		return options.status;
 */
int options_parse(const char *command, int argc, char **argv, struct options *out);
void options_free(struct options *options);

#endif
