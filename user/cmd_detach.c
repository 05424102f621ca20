// SPDX-License-Identifier: GPL-2.0
/* xreach detach: remove what killed processes of ours left, and nothing of anybody else. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "cmd.h"
#include "load/attach.h"
#include "options.h"
#include "show/control.h"

static unsigned int said;

static void say(const char *what)
{
	printf("%s\n", what);
	said++;
}

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args; /* it complains of interfaces without our filters */
	return 0;
}

/* A socket on which nobody answers was left by a daemon that was killed. Returns 1 if one does answer. */
static int clean_socket(const char *path)
{
	int fd = control_connect(path);
	char what[256];

	if (fd >= 0) {
		close(fd);
		fprintf(stderr,
			"xreach: a daemon answers on %s; stop it first (SIGTERM): it leaves nothing behind\n",
			path);
		return 1;
	}
	if (fd == -ECONNREFUSED && !unlink(path)) {
		snprintf(what, sizeof(what), "%s: socket of a daemon that was killed", path);
		say(what);
	}
	return 0;
}

int cmd_detach(int argc, char **argv)
{
	struct options options;
	struct follow *f = NULL;
	int err, living;

	if (options_parse("detach", argc, argv, &options))
		return options.status;
	libbpf_set_print(silent);
	living = clean_socket(options.settings.socket);
	options_free(&options);
	err = geteuid() ? -EPERM : follow_open(false, &f);
	if (!err)
		err = attach_leftovers(f, true, say);
	follow_close(f);
	if (err < 0) {
		fprintf(stderr, "xreach: cannot detach: %s%s\n", strerror(-err),
			err == -EPERM ? " (run it as root)" : "");
		return EXIT_FAILURE;
	}
	if (!said && !living)
		puts("nothing of xreach is attached in this network namespace");
	return err || living ? EXIT_FAILURE : EXIT_SUCCESS;
}
