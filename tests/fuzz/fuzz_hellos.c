// SPDX-License-Identifier: GPL-2.0
/*
 * First payloads on their way to a name, of several flows at a time, in any order, as the kernel hands them up: a match
 * has a rule and nothing else has, what is known does not change by asking, and when the flows are done nothing of what
 * they said is left in memory.
 */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "judge/hellos.h"
#include "unit/quic_scene.h"

#define PIECES_MAX 32
#define FLOWS	   8
#define BOOKS_MAX  64 /* bytes of hellos_bytes() that are no ClientHello's: counts, a pointer */

static const struct name_rule rules[] = { { "x.com", false, 0 },
					  { "t.co", false, 0 },
					  { "abs.twimg.com", true, 1 } };
static struct server_names *names;
static struct hellos *hellos;

static void begin(void)
{
	if (hellos)
		return;
	names = server_names_new();
	hellos = hellos_new(64);
	CHECK(names && hellos);
	CHECK(!server_names_set(names, rules, sizeof(rules) / sizeof(*rules)));
}

static enum sni look(__u64 flow, bool forget, const struct name_rule **rule)
{
	enum sni sni = hellos_find(hellos, names, flow, 1000 * (flow + 1), forget, rule);

	CHECK((unsigned int)sni < SNIS);
	CHECK((sni == SNI_MATCH) == (*rule != NULL));
	return sni;
}

/* One piece: which flow's, of what, where, how long; then its bytes. */
static void add_piece(struct fuzz_input *in)
{
	struct wire_hello *h = calloc(1, sizeof(*h));
	__u32 what = fuzz_number(in, 1);
	const __u8 *bytes;

	CHECK(h);
	h->key = what % FLOWS;
	h->first_ns = 1000 * (h->key + 1);
	h->quic = !!(what & 0x40);
	h->offset = fuzz_number(in, 2) % (WIRE_HELLO_MAX + 100);
	h->len = (__u16)
		fuzz_number(in, 2); /* more than the chunk has is the kernel's mistake, and no reason to read on */
	memset(h->data, 0, sizeof(h->data));
	if (fuzz_bytes(in, h->len < sizeof(h->data) ? h->len : sizeof(h->data), &bytes))
		memcpy(h->data, bytes, (size_t)(in->at - bytes));
	hellos_add(hellos, names, h);
	free(h);
}

/* Of what ClientHellos are put together in: those that are not 0. */
static size_t bytes_left(void)
{
	static const __u8 nothing[4096];
	const __u8 *at = (const __u8 *)hellos, *end = at + hellos_bytes();
	size_t left = 0;

	while (at < end) {
		size_t n = (size_t)(end - at) < sizeof(nothing) ? (size_t)(end - at) : sizeof(nothing);

		for (size_t i = memcmp(at, nothing, n) ? 0 : n; i < n; i++)
			left += at[i] != 0;
		at += n;
	}
	return left;
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	const struct name_rule *rule, *again;

	begin();
	for (int i = 0; i < PIECES_MAX && in.left; i++) {
		__u64 flow = *in.at % FLOWS;
		enum sni sni;

		add_piece(&in);
		sni = look(flow, false, &rule);
		CHECK(look(flow, false, &again) == sni && again == rule);
	}
	for (__u64 flow = 0; flow < FLOWS; flow++) {
		enum sni sni = look(flow, false, &rule);

		CHECK(look(flow, true, &again) == sni && again == rule);
		CHECK(look(flow, false, &again) == SNI_UNKNOWN); /* forgotten */
	}
	CHECK(bytes_left() <= BOOKS_MAX);
	return 0;
}

/* ---- seeds ------------------------------------------------------------------------------------------------------- */
static void put_piece(struct bytes *to, unsigned int what, size_t from, size_t until, const struct bytes *stream)
{
	put(to, what, 1);
	put(to, from, 2);
	put(to, until - from, 2);
	memcpy(to->at + to->n, stream->at + from, until - from);
	to->n += until - from;
}

static void put_datagram(struct bytes *to, unsigned int what, size_t from, size_t until,
			 const struct bytes *message)
{
	static struct bytes frames, wire;
	const struct quic_packet p = { .version = QUIC_V1, .number = (__u32)from, .cid = "abcdefgh" };

	frames.n = wire.n = 0;
	put_crypto(&frames, from, message->at + from, until - from);
	put_quic(&wire, &p, &frames);
	put_piece(to, what | 0x40, 0, wire.n, &wire);
}

size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	static const char *const said[] = { "api.x.com", "reddit.com", NULL, "abs.twimg.com", "x.com" };
	static struct bytes message, stream, seed;

	if (n >= sizeof(said) / sizeof(*said))
		return 0;
	message.n = stream.n = seed.n = 0;
	put_hello(&message, said[n], n == 4 ? 1216 : 36);
	put_records(&stream, &message, 16384);
	if (n < 2) { /* whole */
		put_piece(&seed, n, 0, stream.n, &stream);
	} else if (n < 4) { /* the end first, and of two flows */
		put_piece(&seed, n, 100, stream.n, &stream);
		put_piece(&seed, n + 1, 0, 60, &stream);
		put_piece(&seed, n, 0, 100, &stream);
	} else {
		put_datagram(&seed, n, 900, message.n, &message);
		put_datagram(&seed, n, 0, 900, &message);
	}
	memcpy(out, seed.at, seed.n);
	return seed.n;
}
