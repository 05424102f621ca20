/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The chain of the evidence file: lines of JSON, each with the SHA-256 (FIPS 180-4) of the line before, so that none can
 * be changed, taken out or put in without each later one showing it. What the chain cannot show: lines cut off at the
 * end, and a file made anew as a whole. Whoever notes down the hash of the last line elsewhere, and when, can show
 * these, too.
 *
 * A line: {"prev":"64 hex digits","seq":1,"at":"...","kind":"genesis",...}. The first has zeros in `prev`; `seq` counts
 * from 1. A line torn by a kill is left as it is; after it comes one of kind `torn`, which names the last whole line:
 * {...,"kind":"torn","torn":{"lines":1,"bytes":812,"after":"hash of the last whole line"}}.
 */
#ifndef XREACH_CHAIN_H
#define XREACH_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

#define CHAIN_HASH     65	 /* 64 digits and the NUL */
#define CHAIN_LINE_MAX (1 << 20) /* bytes; a longer line is none of ours */

struct chain_result {
	bool whole;			/* nothing is wrong */
	__u64 lines;			/* whole ones */
	__u64 torn;			/* that a kill left, with a line of kind `torn` after them */
	char first_at[32], last_at[32]; /* `at` of the first and last whole line */
	char head[CHAIN_HASH];		/* hash of the last whole line */
	char why[400];			/* what is wrong, in words; "" if nothing is */
	__u64 bad_line, bad_byte;	/* where: the line from 1, the offset of its first byte from 0 */

	/* How the file ends, for whoever goes on in it. */
	char last[CHAIN_HASH]; /* hash of the last line, whole or not */
	bool reached_end;      /* nothing before the end is broken */
	__u64 open_lines;      /* torn lines at the end that none explains yet */
	__u64 open_bytes;      /* of them, and of the newlines between them */
	bool no_newline;       /* the last line has none: the writer was killed, or is writing */
	__u64 bytes;	       /* of the file */
};

/* SHA-256 of n bytes, as digits. */
void chain_hash(const char *bytes, size_t n, char hex[CHAIN_HASH]);
/*
 * Read the file from where it stands to its end. 0 with what was found in *out (also where it is broken), or -errno of
 * reading. A last line without a newline is no break; a torn one with a newline that nothing follows is.
 */
int chain_verify(FILE *file, struct chain_result *out);
/* The same, and each line that is whole and in its place is shown: its number in the file, its hash, its object (borrowed). */
struct json_t;
struct chain_visit {
	void (*line)(void *arg, __u64 number, const char hash[static CHAIN_HASH], const struct json_t *object);
	void *arg;
};
int chain_walk(FILE *file, const struct chain_visit *visit, struct chain_result *out);

#endif
