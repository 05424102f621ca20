// SPDX-License-Identifier: GPL-2.0
/*
 * A ClientHello that comes in pieces: what is known of it may only grow, the name lies in what came, and it makes no
 * difference into how many TLS records the message was cut.
 */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "judge/client_hello.h"
#include "unit/hello_scene.h"

#define STREAM_LEN 4096 /* as long as one that is put together */
#define PREFIXES   8

/* The name, if any, as a place in its buffer. */
static size_t name_at(const struct client_hello *hello, const __u8 *buffer, size_t len)
{
	if (!hello->name)
		return 0;
	CHECK(hello->name_len > 0);
	CHECK(hello->name > buffer && hello->name < buffer + len);
	CHECK(hello->name_len <= (size_t)(buffer + len - hello->name));
	return (size_t)(hello->name - buffer);
}

static bool same_name(const struct client_hello *a, const struct client_hello *b)
{
	return !a->name == !b->name && a->name_len == b->name_len &&
	       (!a->name || !memcmp(a->name, b->name, a->name_len));
}

/* Bytes that came before the rest: what they told stays true. */
static void check_prefix(const __u8 *message, size_t len, size_t whole_len, enum hello_state whole_state,
			 const struct client_hello *whole)
{
	__u8 *piece = fuzz_copy(message, len);
	struct client_hello hello;
	enum hello_state state = client_hello_read(piece, len, &hello);

	name_at(&hello, piece, len);
	if (state != HELLO_MORE) /* decided: the same with all of it */
		CHECK(state == whole_state && same_name(&hello, whole) && hello.ech == whole->ech);
	if (hello.name)
		CHECK(same_name(&hello, whole) &&
		      name_at(&hello, piece, len) == name_at(whole, message, whole_len));
	if (hello.ech)
		CHECK(whole->ech);
	if (whole_state == HELLO_MORE)
		CHECK(state == HELLO_MORE);
	free(piece);
}

/* The message in records of the given lengths, one after another, the last as long as is left. */
static void check_records(const __u8 *message, size_t len, const __u8 *lengths, size_t n, enum hello_state state,
			  const struct client_hello *hello)
{
	static __u8 stream[FUZZ_INPUT_MAX * 6];
	size_t stream_len = 0, at = 0;
	struct client_hello other;
	__u8 *exact, *scratch;

	for (size_t i = 0; at < len; i++) {
		size_t here = i < n && lengths[i] && lengths[i] < len - at ? lengths[i] : len - at;
		const __u8 header[] = { 0x16, 3, (__u8)i, (__u8)(here >> 8), (__u8)here };

		memcpy(stream + stream_len, header, sizeof(header));
		memcpy(stream + stream_len + sizeof(header), message + at, here);
		stream_len += sizeof(header) + here;
		at += here;
	}
	exact = fuzz_copy(stream, stream_len);
	scratch = fuzz_copy(stream, stream_len);
	CHECK(client_hello_from_records(exact, stream_len, scratch, &other) == state);
	CHECK(same_name(&other, hello) && other.ech == hello->ech);
	name_at(&other, scratch, stream_len);
	free(exact);
	free(scratch);
}

/* A stream as it stands: whatever it is, nothing is read or written beyond it. */
static void check_stream(const __u8 *bytes, size_t len)
{
	__u8 *exact = fuzz_copy(bytes, len), *scratch = fuzz_copy(bytes, len);
	struct client_hello hello;

	if (client_hello_from_records(exact, len, scratch, &hello) == HELLO_READ)
		CHECK(len > 5 && exact[0] == 0x16);
	name_at(&hello, scratch, len);
	free(exact);
	free(scratch);
}

/* First how many record lengths, those, and where the pieces end; then the message. */
int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	const __u8 *lengths, *ends, *message;
	size_t n = fuzz_bytes(&in, fuzz_number(&in, 1) % 32, &lengths), len;
	size_t prefixes = fuzz_bytes(&in, 2 * PREFIXES, &ends) / 2;
	struct client_hello hello;
	enum hello_state state;
	__u8 *exact;

	check_stream(data, size);
	len = fuzz_bytes(&in, STREAM_LEN, &message);
	exact = fuzz_copy(message, len);
	state = client_hello_read(exact, len, &hello);
	CHECK(state == HELLO_MORE || state == HELLO_READ || state == HELLO_NOT);
	name_at(&hello, exact, len);
	for (size_t i = 0; i < prefixes; i++)
		check_prefix(exact, (ends[2 * i] << 8 | ends[2 * i + 1]) % (len + 1), len, state, &hello);
	check_records(exact, len, lengths, n, state, &hello);
	free(exact);
	return 0;
}

/* ---- seeds ------------------------------------------------------------------------------------------------------- */
static const struct seed {
	const char *name;
	size_t key_share;
	bool ech, records;
} seeds[] = {
	{ "x.com", 36, false, false }, { "pbs.twimg.com", 1216, false, false },
	{ NULL, 36, false, false },    { "cloudflare-ech.com", 36, true, false },
	{ "x.com", 36, false, true },
};

size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	static struct bytes message, input;
	struct hello_lengths lengths;

	if (n >= sizeof(seeds) / sizeof(*seeds))
		return 0;
	message.n = input.n = 0;
	lengths = open_hello(&message);
	put_extension(&message, EXT_KEY_SHARE, seeds[n].key_share);
	if (seeds[n].ech)
		put_extension(&message, EXT_ECH, 100);
	if (seeds[n].name)
		put_server_name(&message, seeds[n].name, strlen(seeds[n].name));
	close_hello(&message, lengths);
	if (seeds[n].records) { /* as a stream, from its first byte on */
		put_records(&input, &message, 100);
	} else {
		put(&input, 3, 1);
		put(&input, 0x01105f, 3);
		for (unsigned int i = 0; i < PREFIXES; i++)
			put(&input, i * 30, 2);
		memcpy(input.at + input.n, message.at, message.n);
		input.n += message.n;
	}
	memcpy(out, input.at, input.n);
	return input.n;
}
