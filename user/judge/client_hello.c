// SPDX-License-Identifier: GPL-2.0
/* Reading a ClientHello: see client_hello.h. */
#include "judge/client_hello.h"

#include <string.h>

#define RECORD_HANDSHAKE      0x16
#define RECORD_HEADER	      5
#define MESSAGE_CLIENT_HELLO  1
#define MESSAGE_HEADER	      4
#define EXTENSION_SERVER_NAME 0
#define EXTENSION_ECH	      0xfe0d
#define NAME_HOST	      0
#define VERSION_AND_RANDOM    (2 + 32)
#define RECORD_LENGTH_MAX     16384

/* What is left of the message, and of that what has come. */
struct reader {
	const __u8 *at;
	size_t here; /* bytes that have come */
	size_t left; /* bytes that the field has, come or not: here <= left */
};

static __u32 number(const __u8 *at, size_t bytes)
{
	__u32 n = 0;

	while (bytes--)
		n = n << 8 | *at++;
	return n;
}

/* The next `n` bytes. HELLO_NOT: the field ends before; HELLO_MORE: they have not all come. */
static enum hello_state skip(struct reader *r, size_t n, const __u8 **bytes)
{
	if (n > r->left)
		return HELLO_NOT;
	if (n > r->here)
		return HELLO_MORE;
	if (bytes)
		*bytes = r->at;
	r->at += n;
	r->here -= n;
	r->left -= n;
	return HELLO_READ;
}

/* A vector with a length of `bytes` bytes before it, as a reader of its own; `r` goes on behind it as far as it came. */
static enum hello_state vector(struct reader *r, size_t bytes, struct reader *in)
{
	const __u8 *length;
	enum hello_state state = skip(r, bytes, &length);

	if (state != HELLO_READ)
		return state;
	in->left = number(length, bytes);
	if (in->left > r->left)
		return HELLO_NOT;
	in->at = r->at;
	in->here = in->left < r->here ? in->left : r->here;
	r->at += in->here;
	r->here -= in->here;
	r->left -= in->left;
	return HELLO_READ;
}

/* Step over a vector that must have come whole. */
static enum hello_state over(struct reader *r, size_t bytes)
{
	struct reader in;
	enum hello_state state = vector(r, bytes, &in);

	return state == HELLO_READ && in.here < in.left ? HELLO_MORE : state;
}

/* The list of server names: the first host name (RFC 6066 allows one of a type). */
static enum hello_state server_name(struct reader *extension, struct client_hello *out)
{
	struct reader list, name;
	const __u8 *type;
	enum hello_state state = vector(extension, 2, &list);

	while (state == HELLO_READ && list.left) {
		state = skip(&list, 1, &type);
		if (state == HELLO_READ)
			state = vector(&list, 2, &name);
		if (state != HELLO_READ)
			return state;
		if (name.here < name.left)
			return HELLO_MORE;
		if (*type == NAME_HOST && name.left) {
			out->name = name.at;
			out->name_len = name.left;
			return HELLO_READ;
		}
	}
	return state;
}

static enum hello_state extensions(struct reader *all, struct client_hello *out)
{
	while (all->left) {
		const __u8 *type;
		struct reader extension;
		enum hello_state state = skip(all, 2, &type);

		if (state == HELLO_READ)
			state = vector(all, 2, &extension);
		if (state != HELLO_READ)
			return state;
		switch (number(type, 2)) {
		case EXTENSION_SERVER_NAME:
			if (!out->name)
				state = server_name(&extension, out);
			break;
		case EXTENSION_ECH:
			out->ech = true;
			break;
		}
		if (state != HELLO_READ)
			return state;
		if (extension.here < extension.left)
			return HELLO_MORE;
	}
	return HELLO_READ;
}

enum hello_state client_hello_read(const __u8 *message, size_t len, struct client_hello *out)
{
	struct reader r = { .at = message, .here = len, .left = MESSAGE_HEADER }, all;
	enum hello_state state;

	memset(out, 0, sizeof(*out));
	if (len && message[0] != MESSAGE_CLIENT_HELLO)
		return HELLO_NOT;
	if (len < MESSAGE_HEADER)
		return HELLO_MORE;
	r.left += number(message + 1, 3);
	if (r.here > r.left)
		r.here = r.left;
	state = skip(&r, MESSAGE_HEADER + VERSION_AND_RANDOM, NULL);
	if (state == HELLO_READ)
		state = over(&r, 1); /* session id */
	if (state == HELLO_READ)
		state = over(&r, 2); /* cipher suites */
	if (state == HELLO_READ)
		state = over(&r, 1);	    /* compression methods */
	if (state != HELLO_READ || !r.left) /* none at all, before TLS 1.2 */
		return state;
	state = vector(&r, 2, &all);
	return state == HELLO_READ ? extensions(&all, out) : state;
}

enum hello_state client_hello_from_records(const __u8 *stream, size_t len, __u8 *message, struct client_hello *out)
{
	size_t at = 0, n = 0;
	enum hello_state state;

	memset(out, 0, sizeof(*out));
	while (at < len) {
		size_t length, here;

		if (stream[at] != RECORD_HANDSHAKE)
			return HELLO_NOT;
		if (len - at < RECORD_HEADER)
			break;
		length = number(stream + at + 3, 2);
		if (stream[at + 1] != 3 || !length || length > RECORD_LENGTH_MAX)
			return HELLO_NOT;
		at += RECORD_HEADER;
		here = length < len - at ? length : len - at;
		memcpy(message + n, stream + at, here);
		n += here;
		at += here;
		state = client_hello_read(message, n, out);
		if (state != HELLO_MORE)
			return state;
	}
	return HELLO_MORE;
}
