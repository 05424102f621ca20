// SPDX-License-Identifier: GPL-2.0
/*
 * A client's QUIC Initials. Random bytes never bear a right tag, so most inputs say what packets to make; those are
 * sealed as a client would, and what comes out is held against what went in.
 */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "judge/quic.h"
#include "unit/quic_scene.h"

#define DATAGRAMS_MAX 4
#define FRAMES_MAX    2200 /* beyond what an Initial may have and still be read */
#define INITIAL_LEN   1162 /* of frames, that a first datagram be as long as it has to be (RFC 9000, 14.1) */
#define PACKET_MAX    WIRE_HELLO_CHUNK

/* What should be known after a datagram. */
struct model { /* all 0: new */
	struct stream crypto;
	char cid[QUIC_CID_MAX + 1]; /* of the keys; empty without any, or for an empty one */
	bool begun;
};

static bool is_empty(const void *bytes, size_t n)
{
	const __u8 *at = bytes;

	return !n || (!*at && !memcmp(at, at + 1, n - 1));
}

static unsigned int width_of(__u64 n, unsigned int choice)
{
	static const __u64 end[] = { 1 << 6, 1 << 14, 1 << 30, 1ULL << 62 };

	choice &= 3;
	while (n >= end[choice])
		choice++;
	return 1u << choice;
}

/* The first bytes win, as stream.h says: told here a byte at a time. */
static void model_put(struct stream *s, __u64 offset, const __u8 *bytes, size_t n)
{
	for (size_t i = 0; i < n && offset + i < STREAM_MAX; i++) {
		__u64 at = offset + i;

		if (!(s->have[at / 64] >> at % 64 & 1))
			s->bytes[at] = bytes[i];
		s->have[at / 64] |= 1ULL << at % 64;
	}
}

/* ---- packets out of choices -------------------------------------------------------------------------------------- */
/* One frame, in numbers of any width. False: what follows in this packet is not to be read. */
static bool put_frame(struct fuzz_input *in, struct bytes *frames, struct stream *crypto)
{
	__u32 how = fuzz_number(in, 1), widths = fuzz_number(in, 1), n;
	const __u8 *bytes;
	__u64 offset;
	size_t len;

	switch (how % 6) {
	case 0: /* PADDING, PING */
		put(frames, how >> 7, 1);
		return true;
	case 1: /* ACK, with ECN or without */
		n = how >> 4;
		put(frames, 2 + (widths >> 7), 1);
		put_varint(frames, fuzz_number(in, 2), width_of(0xffff, widths));
		put_varint(frames, 3, width_of(3, widths));
		put_varint(frames, n, width_of(n, widths >> 2));
		put_varint(frames, 0, width_of(0, widths >> 4));
		for (n = 2 * n + (widths >> 7 ? 3 : 0); n; n--)
			put_varint(frames, n, width_of(n, widths));
		return true;
	case 2:
	case 3: /* CRYPTO, near or anywhere */
		offset = how % 6 == 2 ? fuzz_number(in, 2) % (2 * STREAM_MAX)
				      : (__u64)(fuzz_number(in, 4) & 0x3fffffff) << 32 | fuzz_number(in, 4);
		len = fuzz_bytes(in, fuzz_number(in, 2) % 1024, &bytes);
		put(frames, 6, 1);
		put_varint(frames, offset, width_of(offset, widths));
		put_varint(frames, len, width_of(len, widths >> 2));
		memcpy(frames->at + frames->n, bytes, len);
		frames->n += len;
		model_put(crypto, offset, bytes, len);
		return true;
	case 4: /* one that ends the reading */
		put(frames, how & 1 ? 0x1c : 0x1e, 1);
		return false;
	default: /* CRYPTO that claims more than there is */
		put(frames, 6, 1);
		put_varint(frames, 0, width_of(0, widths));
		put_varint(frames, 0x3000, width_of(0x3000, widths));
		return false;
	}
}

static void put_frames(struct fuzz_input *in, struct bytes *frames, struct stream *crypto)
{
	struct stream unread;
	__u32 many = fuzz_number(in, 1) % 32;

	frames->n = 0;
	while (many-- && in->left && frames->n < FRAMES_MAX - 1100)
		if (!put_frame(in, frames, crypto))
			crypto = &unread;
}

static void name_cid(char out[QUIC_CID_MAX + 1], __u32 choice)
{
	size_t n = choice % (QUIC_CID_MAX + 1);

	memset(out, 'a' + (int)(choice % 5), n);
	out[n] = '\0';
}

/* One packet onto the datagram. Does it open, as far as the model knows? */
static bool put_packet(struct fuzz_input *in, struct bytes *datagram, struct model *m)
{
	static struct stream crypto;
	static struct bytes frames;
	char cid[QUIC_CID_MAX + 1], keys_cid[QUIC_CID_MAX + 1];
	__u32 kind = fuzz_number(in, 1);
	struct quic_packet p = { .version = kind & 1 ? QUIC_V2 : QUIC_V1, .cid = cid, .keys_cid = keys_cid };
	size_t start = datagram->n;

	crypto = m->crypto;
	p.type = kind & 2 ? (kind >> 2) % 3 : 0;
	name_cid(cid, fuzz_number(in, 1));
	memcpy(keys_cid, cid, sizeof(cid));
	if (kind & 0x40)
		name_cid(keys_cid, fuzz_number(in, 1));
	p.number = fuzz_number(in, 2);
	p.token = kind & 0x80 ? fuzz_number(in, 1) : 0;
	put_frames(in, &frames, &crypto);
	while (kind & 0x20 && frames.n < INITIAL_LEN)
		put(&frames, 0, 1);
	put_quic(datagram, &p, &frames);
	/* without two bytes of frames there is no sample for the mask */
	if (p.type || frames.n < 2 || datagram->n - start > PACKET_MAX)
		return false;
	if (!m->begun || strcmp(keys_cid, m->cid)) {
		if (strcmp(keys_cid, cid))
			return false;
		memcpy(m->cid, cid, sizeof(cid));
		m->begun = true;
	}
	m->crypto = crypto;
	return true;
}

/* ---- what is done with an input ---------------------------------------------------------------------------------- */
static struct bytes datagram;
static struct stream crypto;
static struct model model;

static bool read_datagram(struct quic_hello *q, size_t len)
{
	__u8 *exact = fuzz_copy(datagram.at, len);
	bool opened = quic_hello_datagram(q, exact, len, &crypto);

	free(exact);
	return opened;
}

/* Datagrams one after another, of several packets each: what should come out does, and nothing else. */
static void as_made(struct fuzz_input *in)
{
	struct quic_hello q = {};

	for (int i = 0; i < DATAGRAMS_MAX && in->left; i++) {
		__u32 packets = 1 + fuzz_number(in, 1) % 3;
		bool opens = false;

		datagram.n = 0;
		while (packets--)
			opens |= put_packet(in, &datagram, &model);
		CHECK(read_datagram(&q, datagram.n) == opens);
		CHECK(q.begun == model.begun && q.cid_len == strlen(model.cid));
		CHECK(!memcmp(q.cid, model.cid, q.cid_len));
		CHECK(!memcmp(&crypto, &model.crypto, sizeof(crypto)));
	}
}

/* A packet with a bit changed, or cut short: it opens nothing and leaves no trace. */
static void not_as_made(struct fuzz_input *in)
{
	struct quic_hello q = {};
	__u32 where = fuzz_number(in, 2), bit = fuzz_number(in, 1);

	datagram.n = 0;
	put_packet(in, &datagram, &model);
	where %= datagram.n;
	if (bit & 8)
		datagram.n = where;
	else
		datagram.at[where] ^= 1u << (bit & 7);
	CHECK(!read_datagram(&q, datagram.n));
	CHECK(!q.begun && is_empty(&crypto, sizeof(crypto)));
}

static void as_it_stands(struct fuzz_input *in)
{
	struct quic_hello q = {};
	const __u8 *bytes;

	datagram.n = fuzz_bytes(in, sizeof(datagram.at), &bytes);
	if (datagram.n)
		memcpy(datagram.at, bytes, datagram.n);
	if (read_datagram(&q, datagram.n))
		CHECK(q.begun && q.cid_len <= QUIC_CID_MAX);
	else
		CHECK(!q.begun && is_empty(&crypto, sizeof(crypto)));
}

static void (*const ways[])(struct fuzz_input *) = { as_made, not_as_made, as_it_stands };
#define WAYS (sizeof(ways) / sizeof(*ways))

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };

	memset(&crypto, 0, sizeof(crypto));
	memset(&model, 0, sizeof(model));
	ways[fuzz_number(&in, 1) % WAYS](&in);
	return 0;
}

/* ---- seeds ------------------------------------------------------------------------------------------------------- */
static void put_seed_packet(struct bytes *b, __u32 kind, __u32 cid, size_t offset, const struct bytes *hello,
			    size_t n)
{
	put(b, kind, 1);
	put(b, cid, 1);
	put(b, 0, 2); /* its number */
	put(b, 1, 1); /* one frame: CRYPTO */
	put(b, 2, 1);
	put(b, 5, 1); /* lengths of two bytes */
	put(b, offset, 2);
	put(b, n, 2);
	memcpy(b->at + b->n, hello->at + offset, n);
	b->n += n;
}

size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	static struct bytes hello, seed;

	hello.n = seed.n = 0;
	put_hello(&hello, "x.com", 1216);
	switch (n) {
	case 0: /* a usual first datagram and its second, of each version */
	case 1:
		put(&seed, 0, 1);
		put(&seed, 0, 1);
		put_seed_packet(&seed, 0x20 | n, 8, 1000, &hello, hello.n - 1000);
		put(&seed, 0, 1);
		put_seed_packet(&seed, 0x20 | n, 8, 0, &hello, 1000);
		break;
	case 2: /* 0-RTT before it, in the same datagram */
		put(&seed, 0, 1);
		put(&seed, 1, 1);
		put_seed_packet(&seed, 0x02 | 1 << 2, 8, 0, &hello, 20);
		put_seed_packet(&seed, 0, 8, 0, &hello, 1000);
		break;
	case 3: /* after a Retry: a token, and another connection id */
		put(&seed, 0, 1);
		put(&seed, 0, 1);
		put_seed_packet(&seed, 0, 8, 0, &hello, 400);
		put(&seed, 0, 1);
		put(&seed, 0x80, 1);
		put(&seed, 20, 1);
		put(&seed, 1, 2);
		put(&seed, 64, 1);
		put(&seed, 0, 1);
		break;
	case 4: /* changed, and cut */
	case 5:
		put(&seed, 1, 1);
		put(&seed, 100, 2);
		put(&seed, n == 4 ? 0 : 8, 1);
		put_seed_packet(&seed, 0x20, 8, 0, &hello, 900);
		break;
	case 6: { /* the bytes of one as they go over the wire */
		static struct bytes frames, wire;
		const struct quic_packet p = { .version = QUIC_V1, .cid = "abcdefgh" };

		frames.n = wire.n = 0;
		put_crypto(&frames, 0, hello.at, 1000);
		put_quic(&wire, &p, &frames);
		put(&seed, 2, 1);
		memcpy(seed.at + seed.n, wire.at, wire.n);
		seed.n += wire.n;
		break;
	}
	}
	memcpy(out, seed.at, seed.n);
	return seed.n;
}
