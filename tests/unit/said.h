/* SPDX-License-Identifier: GPL-2.0 */
/* A subcommand run within the test: its exit status, and what it said on standard output and error. */
#ifndef TESTS_SAID_H
#define TESTS_SAID_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct said {
	char out[65536], err[4096];
	int status;
};

/* Let `fd` lead to an empty file in memory; returns what it was. */
static inline int said_redirect(int fd, int *memory)
{
	int was = dup(fd);

	*memory = memfd_create("said", MFD_CLOEXEC);
	assert_true(was >= 0 && *memory >= 0);
	assert_int_equal(dup2(*memory, fd), fd);
	return was;
}

static inline void said_restore(int fd, int was, int memory, char *text, size_t n)
{
	ssize_t length;

	dup2(was, fd);
	close(was);
	length = pread(memory, text, n - 1, 0);
	text[length > 0 ? length : 0] = '\0';
	close(memory);
}

/* The command with the words of both lists, its own name first; NULL ends each. */
static inline void said_run(struct said *s, int (*command)(int argc, char **argv), const char *const *first,
			    const char *const *words)
{
	int argc = 0, out, err, out_was, err_was;
	char *argv[32];

	for (; *first; first++)
		argv[argc++] = strdup(*first);
	for (; *words; words++)
		argv[argc++] = strdup(*words);
	argv[argc] = NULL;
	fflush(stdout);
	out_was = said_redirect(STDOUT_FILENO, &out);
	err_was = said_redirect(STDERR_FILENO, &err);
	s->status = command(argc, argv);
	fflush(stdout);
	said_restore(STDERR_FILENO, err_was, err, s->err, sizeof(s->err));
	said_restore(STDOUT_FILENO, out_was, out, s->out, sizeof(s->out));
	while (argc)
		free(argv[--argc]);
}

static inline void assert_says(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no '%s' in:\n%s", what, text);
}

#endif
