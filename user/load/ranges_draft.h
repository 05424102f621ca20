/* SPDX-License-Identifier: GPL-2.0 */
/* Ranges files while they are read: every statement with its place, so that a refusal can name it. For ranges*.c. */
#ifndef XREACH_RANGES_DRAFT_H
#define XREACH_RANGES_DRAFT_H

#include "load/ranges.h"

#define RANGES_FORMAT	"1"
#define RANGES_FILE_MAX (64u << 20) /* a million prefixes are about 20 MB */
#define RANGES_LINE_MAX 1024

struct draft_place {
	__u32 file, line; /* line from 1; 0 for the file as a whole */
};

struct draft_group {
	struct range_group g;
	bool sampled; /* its sampling has been written, not assumed */
	bool used;    /* has a prefix */
	struct draft_place place;
};

struct draft_prefix {
	struct range_prefix p;
	struct draft_place place;
};

struct draft_name {
	struct range_name n;
	struct draft_place place;
};

struct draft {
	const char *const *files;
	char version[64], date[16], sources[256];
	struct draft_group groups[WIRE_GROUPS_MAX];
	__u32 n_groups, n_prefixes, n_names;
	__u32 room_prefixes, room_names;
	struct draft_prefix *prefixes;
	struct draft_name *names;
	char *error;
	size_t error_size;
};

/* ---- ranges_file.c: the whole of a file ---------------------------------------------------------------- */
/* Its text with a NUL behind it, to be freed; or -errno where it cannot be read or is no text. */
int draft_read(struct draft *d, __u32 file, char **text, size_t *length);
/* "FILE:LINE: ..." into d->error. Returns -EINVAL. */
int draft_refuse(struct draft *d, struct draft_place at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- ranges_parse.c: one statement after another -------------------------------------------------------- */
int draft_parse(struct draft *d, __u32 file, char *text);
void draft_free(struct draft *d);

/* ---- ranges_text.c: single words ------------------------------------------------------------------------ */
/* Each fills *out and returns NULL, or returns what is wrong with the word and what to write, for after
 * "'WORD': ". `note` is room for such a text. */
const char *text_prefix(const char *word, struct range_prefix *out, char *note, size_t n);
const char *text_name(const char *word, char *out, size_t out_size);
const char *text_group(const char *word);
const char *text_sample(const char *word, double *out);
const char *text_version(const char *word);
const char *text_date(const char *word);
/* The word, cut and with '?' for what is not to be printed. `out` has 64 bytes. */
const char *text_quote(const char *word, char out[64]);
bool text_is_utf8(const char *text);

#endif
