/* SPDX-License-Identifier: GPL-2.0 */
/* ClientHellos for tests, built field by field: into a buffer that grows, lengths filled in at the end. */
#ifndef XREACH_HELLO_SCENE_H
#define XREACH_HELLO_SCENE_H

#include <string.h>

#include "wire.h"

#define EXT_SERVER_NAME	     0
#define EXT_SUPPORTED_GROUPS 10
#define EXT_KEY_SHARE	     51
#define EXT_ECH		     0xfe0d
#define EXT_ESNI	     0xffce
#define HELLO_BEFORE_SESSION (4 + 2 + 32)

struct bytes {
	__u8 at[8192];
	size_t n;
};

static inline void put(struct bytes *b, __u64 value, size_t width)
{
	while (width--)
		b->at[b->n++] = (__u8)(value >> 8 * width);
}

static inline void put_filler(struct bytes *b, size_t n)
{
	while (n--)
		put(b, 0xab, 1);
}

/* Make room for a length; what is put until close_length() is its content. */
static inline size_t open_length(struct bytes *b, size_t width)
{
	put(b, 0, width);
	return b->n;
}

static inline void close_length(struct bytes *b, size_t from, size_t width)
{
	size_t len = b->n - from;

	for (size_t i = 0; i < width; i++)
		b->at[from - 1 - i] = (__u8)(len >> 8 * i);
}

/* What every ClientHello begins with, up to its extensions; for close_hello(). */
struct hello_lengths {
	size_t message, extensions;
};

static inline struct hello_lengths open_hello(struct bytes *b)
{
	struct hello_lengths lengths;

	put(b, 1, 1);
	lengths.message = open_length(b, 3);
	put(b, 0x0303, 2);
	put_filler(b, 32);
	put(b, 32, 1);
	put_filler(b, 32);
	put(b, 4, 2);
	put(b, 0x13011302, 4);
	put(b, 1, 1);
	put(b, 0, 1);
	lengths.extensions = open_length(b, 2);
	return lengths;
}

static inline void close_hello(struct bytes *b, struct hello_lengths lengths)
{
	close_length(b, lengths.extensions, 2);
	close_length(b, lengths.message, 3);
}

static inline void put_extension(struct bytes *b, __u32 type, size_t n)
{
	put(b, type, 2);
	put(b, (__u32)n, 2);
	put_filler(b, n);
}

static inline void put_server_name(struct bytes *b, const char *name, size_t n)
{
	size_t extension, list;

	put(b, EXT_SERVER_NAME, 2);
	extension = open_length(b, 2);
	list = open_length(b, 2);
	put(b, 0, 1);
	put(b, (__u32)n, 2);
	memcpy(b->at + b->n, name, n);
	b->n += n;
	close_length(b, list, 2);
	close_length(b, extension, 2);
}

/* A usual one: a key share of `key_share` bytes before the name (1,216 with a post-quantum one), more behind it. */
static inline void put_hello(struct bytes *b, const char *name, size_t key_share)
{
	struct hello_lengths lengths = open_hello(b);

	put_extension(b, EXT_SUPPORTED_GROUPS, 8);
	put_extension(b, EXT_KEY_SHARE, key_share);
	if (name)
		put_server_name(b, name, strlen(name));
	put_extension(b, 43, 7);
	close_hello(b, lengths);
}

/* The message in TLS records of at most `each` bytes. */
static inline void put_records(struct bytes *to, const struct bytes *message, size_t each)
{
	for (size_t at = 0; at < message->n; at += each) {
		size_t n = message->n - at < each ? message->n - at : each;

		put(to, 0x16, 1);
		put(to, 0x0301, 2);
		put(to, (__u32)n, 2);
		memcpy(to->at + to->n, message->at + at, n);
		to->n += n;
	}
}

#endif
