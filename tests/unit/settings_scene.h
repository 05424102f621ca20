/* SPDX-License-Identifier: GPL-2.0 */
/* A settings file of one test: what it holds is accepted, or refused with one complaint. Include after cmocka.h. */
#ifndef XREACH_SETTINGS_SCENE_H
#define XREACH_SETTINGS_SCENE_H

#include <errno.h>

#include "settings.h"
#include "unit/files.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct fixture {
	struct files files;
	struct settings settings;
	char error[512];
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	files_begin(&f->files);
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	settings_free(&f->settings);
	files_end(&f->files);
	free(f);
	return 0;
}

static inline int load_bytes(struct fixture *f, const void *bytes, size_t n)
{
	files_write(&f->files, "x.yaml", bytes, n);
	settings_free(&f->settings);
	f->error[0] = '\0';
	return settings_load(&f->settings, f->files.path, true, f->error, sizeof(f->error));
}

static inline const struct settings *accept(struct fixture *f, const char *text)
{
	if (load_bytes(f, text, strlen(text)))
		fail_msg("refused: %s\n%s", f->error, text);
	return &f->settings;
}

/* The complaint is this line behind the file's name: ":2: what". */
static inline void refuse(struct fixture *f, const char *text, const char *complaint)
{
	size_t name;

	assert_int_equal(load_bytes(f, text, strlen(text)), -EINVAL);
	name = strlen(f->files.path);
	assert_memory_equal(f->error, f->files.path, name);
	assert_string_equal(f->error + name, complaint);
	assert_null(f->settings.listen); /* nothing is left in it */
}

#endif
