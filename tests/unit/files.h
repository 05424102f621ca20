/* SPDX-License-Identifier: GPL-2.0 */
/* A directory of one test, and files in it. Include after cmocka.h. */
#ifndef XREACH_FILES_H
#define XREACH_FILES_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct files {
	char directory[64];
	char path[128]; /* of the file made last */
};

static inline void files_begin(struct files *f)
{
	strcpy(f->directory, "/tmp/xreach-unit-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
}

/* Nothing may be left but files, and no file is kept. */
static inline void files_end(struct files *f)
{
	DIR *directory = opendir(f->directory);
	struct dirent *entry;

	assert_non_null(directory);
	while ((entry = readdir(directory)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			assert_int_equal(unlinkat(dirfd(directory), entry->d_name, 0), 0);
	closedir(directory);
	assert_int_equal(rmdir(f->directory), 0);
}

static inline const char *files_path(struct files *f, const char *name)
{
	snprintf(f->path, sizeof(f->path), "%s/%s", f->directory, name);
	return f->path;
}

static inline const char *files_write(struct files *f, const char *name, const void *bytes, size_t n)
{
	FILE *file = fopen(files_path(f, name), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
	return f->path;
}

/* All of a file, with a NUL behind it; to be freed. */
static inline char *files_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, 1 << 22);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 22) - 1, file) < (1 << 22) - 1);
	fclose(file);
	return text;
}

#endif
