/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers and texts in a row of bytes, and back: for state that is kept over a restart. Small numbers are short. The reader
 * never reads beyond the end; what is not there, or out of bounds, makes all of it bad. Pure.
 */
#ifndef XREACH_PACKED_H
#define XREACH_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct packed {	    /* all zero to begin with */
	__u8 *data; /* the caller's to free */
	size_t n, room;
	bool failed; /* out of memory: what is in it is of no use */
};

void pack_number(struct packed *p, __u64 n);
void pack_signed(struct packed *p, __s64 n);
void pack_real(struct packed *p, double x);
void pack_text(struct packed *p, const char *text);

struct unpack {
	const __u8 *data;
	size_t n, at;
	bool bad;
};

/* 0 once anything was bad, or where it is over `most`. */
__u64 unpack_number(struct unpack *u, __u64 most);
__s64 unpack_signed(struct unpack *u, __s64 least, __s64 most);
/* A real is finite, and from least to most. */
double unpack_real(struct unpack *u, double least, double most);
/* "" likewise, and where it would not fit into `size` bytes. */
void unpack_text(struct unpack *u, char *out, size_t size);

/* FNV-1a of some bytes: against what was cut or damaged, not against whoever means it. */
__u64 packed_sum(const __u8 *data, size_t n);

#endif
