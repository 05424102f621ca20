/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A sorted file of ordered.h: written once, from its first thing to its last, then read once. For ordered.c only. It has no
 * name, and what is in it is written under a key that only the process has.
 */
#ifndef XREACH_ORDERED_RUN_H
#define XREACH_ORDERED_RUN_H

#include <stddef.h>
#include <linux/types.h>
#include <nettle/chacha.h>

/* What the runs of one ordered have in common. */
struct run_keeping {
	size_t size; /* of a thing */
	struct chacha_ctx cipher;
	__u64 nonce; /* of the next block ever: none is used twice under one key */
};

struct run {
	int fd; /* -1: closed */
	unsigned int rank;
	__u64 n, next;	      /* things in it, and the first that was not taken */
	__u64 nonce;	      /* of its first block; the others follow */
	unsigned char *block; /* the one that `next` is in */
};

/* Make a key. 0 or -errno. */
int run_keeping_open(struct run_keeping *k, size_t size);

/* All return 0 or -errno. An open run must be closed, also after an error. One run is written at a time. */
int run_open(struct run_keeping *k, unsigned int rank, struct run *run);
int run_append(struct run_keeping *k, struct run *run, const void *thing);
/* All of it is written: make it ready to be read. It has one thing at least. */
int run_finish(struct run_keeping *k, struct run *run);
/* Its first thing is taken. A run that is empty then, or can be read no further, is closed. */
int run_advance(struct run_keeping *k, struct run *run);
/* Its first thing. */
const void *run_head(const struct run_keeping *k, const struct run *run);
void run_close(const struct run_keeping *k, struct run *run);

/* Where they are: $TMPDIR or /var/tmp. */
const char *run_directory(void);

#endif
