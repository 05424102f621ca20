// SPDX-License-Identifier: GPL-2.0
/* A ranges file as a whole: read it, and say so where it is something else. */
#include "load/ranges_draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define BEGINNING 4096 /* of a file, in which a page shows itself */

int draft_refuse(struct draft *d, struct draft_place at, const char *format, ...)
{
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (at.line)
		snprintf(d->error, d->error_size, "%s:%u: %s", d->files[at.file], at.line, what);
	else
		snprintf(d->error, d->error_size, "%s: %s", d->files[at.file], what);
	return -EINVAL;
}

static int refuse_errno(struct draft *d, struct draft_place at, int err)
{
	draft_refuse(d, at, "cannot read it: %s%s", strerror(err), err == ENOENT ? "; name an existing file" : "");
	return -err;
}

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a pipe";
	case S_IFSOCK:
		return "a socket";
	default:
		return "a device";
	}
}

static int read_all(int fd, size_t expected, char **text, size_t *length)
{
	/* One byte more than there should be tells whether it grew while it was read. */
	char *all = malloc(expected + 2);
	size_t have = 0;

	if (!all)
		return -ENOMEM;
	while (have <= expected) {
		ssize_t n = read(fd, all + have, expected + 1 - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int err = errno;

			free(all);
			return -err;
		}
		if (!n)
			break;
		have += (size_t)n;
	}
	all[have] = '\0';
	*text = all;
	*length = have;
	return 0;
}

static bool is_page(const char *text, size_t length)
{
	static const char *const marks[] = { "<!doctype", "<html", "<head", "<body", "<script", "<?xml" };
	char beginning[BEGINNING + 1];
	const char *first;
	size_t n = length < BEGINNING ? length : BEGINNING;

	memcpy(beginning, text, n);
	beginning[n] = '\0';
	first = beginning + strspn(beginning, " \t\r\n");
	if (*first != '<')
		return false; /* in a comment or a name it is no mark of a page */
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strcasestr(first, marks[i]))
			return true;
	return false;
}

/* What people save in place of a list; NULL where it is text. */
static const char *foreign(const char *text, size_t length)
{
	static const struct {
		const char *magic;
		size_t n;
		const char *what;
	} kinds[] = {
		{ "\x1f\x8b", 2, "compressed by gzip; unpack it first (gunzip)" },
		{ "\xfd"
		  "7zXZ",
		  5, "compressed by xz; unpack it first (unxz)" },
		{ "\x28\xb5\x2f\xfd", 4, "compressed by zstd; unpack it first (unzstd)" },
		{ "PK\x03\x04", 4, "a zip archive; unpack it first" },
		{ "\xff\xfe", 2, "UTF-16 text; save it as UTF-8" },
		{ "\xfe\xff", 2, "UTF-16 text; save it as UTF-8" },
		{ "\x7f"
		  "ELF",
		  4, "a program; name a ranges file" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (length >= kinds[i].n && !memcmp(text, kinds[i].magic, kinds[i].n))
			return kinds[i].what;
	return NULL;
}

static __u32 line_of(const char *text, const char *at)
{
	__u32 line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static int check_whole(struct draft *d, __u32 file, const char *text, size_t length)
{
	struct draft_place at = { .file = file };
	const char *what = foreign(text, length), *nul = memchr(text, '\0', length);

	if (!length)
		return draft_refuse(d, at,
				    "is empty; a list begins with the line 'xreach-ranges " RANGES_FORMAT "'");
	if (is_page(text, length)) {
		at.line = 1;
		return draft_refuse(d, at,
				    "this is a web page, not a list: the download most likely met a sign-in or "
				    "\"checking your browser\" page; fetch it again and look at it first");
	}
	if (what)
		return draft_refuse(d, at, "is %s", what);
	if (nul) {
		at.line = line_of(text, nul);
		return draft_refuse(d, at, "has a zero byte, so it is no text; name a ranges file");
	}
	return 0;
}

int draft_read(struct draft *d, __u32 file, char **text, size_t *length)
{
	struct draft_place at = { .file = file };
	struct stat st;
	/* Not to wait for the other end of a pipe. */
	int fd = open(d->files[file], O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return refuse_errno(d, at, errno);
	if (fstat(fd, &st)) {
		err = refuse_errno(d, at, errno);
	} else if (!S_ISREG(st.st_mode)) {
		err = draft_refuse(d, at, "is %s; name a regular file (a list is read again on each reload)",
				   kind_of(st.st_mode));
	} else if (st.st_size > (off_t)RANGES_FILE_MAX) {
		err = draft_refuse(d, at, "has %lld bytes; a list has %u at most", (long long)st.st_size,
				   RANGES_FILE_MAX);
	} else {
		err = read_all(fd, (size_t)st.st_size, text, length);
		if (err)
			refuse_errno(d, at, -err);
	}
	close(fd);
	if (err)
		return err;
	if (*length > (size_t)st.st_size)
		err = draft_refuse(d, at, "grew while it was read; write a new file and rename it into place");
	if (!err)
		err = check_whole(d, file, *text, *length);
	if (err) {
		free(*text);
		*text = NULL;
	}
	return err;
}
