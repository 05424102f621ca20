// SPDX-License-Identifier: GPL-2.0
/* Notes about clsact filters, one file for each process that attached some: see attach_note.h. */
#include "load/attach_note.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/attach.h"

#define NAME "clsact."

static unsigned long own_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

struct attach_note *note_new(void)
{
	struct attach_note *note = calloc(1, sizeof(*note));

	if (!note)
		return NULL;
	note->pid = getpid();
	note->netns = own_netns();
	snprintf(note->path, sizeof(note->path), ATTACH_DIR "/" NAME "%d", (int)note->pid);
	mkdir(ATTACH_DIR, 0700);
	note->fd = open(note->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (note->fd >= 0 && flock(note->fd, LOCK_EX | LOCK_NB)) {
		close(note->fd);
		note->fd = -1;
	}
	return note;
}

/* Small, and written as a whole each time: a process that dies in between leaves one of the two states. */
static void write_down(const struct attach_note *note)
{
	char text[NOTE_LINKS_MAX * 16 + 64];
	int len = snprintf(text, sizeof(text), "netns %lu\n", note->netns);

	if (note->fd < 0)
		return;
	for (int i = 0; i < note->n; i++)
		len += snprintf(text + len, sizeof(text) - len, "%d %d\n", note->links[i].index,
				note->links[i].created);
	if (pwrite(note->fd, text, len, 0) != len || ftruncate(note->fd, len))
		fprintf(stderr, "xreach: %s: %s; after a crash `xreach detach` would have to look everywhere\n",
			note->path, strerror(errno));
}

void note_add(struct attach_note *note, int index, bool created)
{
	for (int i = 0; i < note->n; i++) {
		if (note->links[i].index == index) {
			note->links[i].created |= created;
			write_down(note);
			return;
		}
	}
	if (note->n == NOTE_LINKS_MAX)
		return;
	note->links[note->n++] = (struct noted){ .index = index, .created = created };
	write_down(note);
}

bool note_created(const struct attach_note *note, int index)
{
	for (int i = 0; i < note->n; i++)
		if (note->links[i].index == index)
			return note->links[i].created;
	return false;
}

void note_remove(struct attach_note *note, int index)
{
	for (int i = 0; i < note->n; i++) {
		if (note->links[i].index != index)
			continue;
		note->links[i] = note->links[--note->n];
		write_down(note);
		return;
	}
}

void note_free(struct attach_note *note, bool keep_file)
{
	if (note->fd >= 0) {
		if (!keep_file)
			unlink(note->path);
		close(note->fd);
	}
	free(note);
}

static bool read_note(int dir, const char *name, struct attach_note *note)
{
	char line[64];
	FILE *file;
	int fd;

	memset(note, 0, sizeof(*note));
	note->pid = atoi(name + strlen(NAME));
	note->fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (note->fd < 0)
		return false;
	fd = dup(note->fd);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file) {
		close(fd);
		close(note->fd);
		return false;
	}
	while (fgets(line, sizeof(line), file)) {
		int index, created;

		if (sscanf(line, "netns %lu", &note->netns) == 1)
			continue;
		if (sscanf(line, "%d %d", &index, &created) == 2 && note->n < NOTE_LINKS_MAX)
			note->links[note->n++] = (struct noted){ .index = index, .created = created };
	}
	fclose(file);
	return true;
}

int note_each(bool (*each)(void *arg, const struct attach_note *note, bool alive), void *arg)
{
	unsigned long netns = own_netns();
	struct attach_note *note;
	struct dirent *e;
	DIR *dir;

	dir = opendir(ATTACH_DIR);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	note = malloc(sizeof(*note));
	while (note && (e = readdir(dir))) {
		bool alive;

		if (strncmp(e->d_name, NAME, strlen(NAME)) || !read_note(dirfd(dir), e->d_name, note))
			continue;
		alive = flock(note->fd, LOCK_EX | LOCK_NB);
		if (note->netns == netns && each(arg, note, alive))
			unlinkat(dirfd(dir), e->d_name, 0);
		close(note->fd);
	}
	closedir(dir);
	if (!note)
		return -ENOMEM;
	free(note);
	return 0;
}
