// SPDX-License-Identifier: GPL-2.0
/* Opening QUIC Initials: see quic.h. */
#include "judge/quic.h"

#include <string.h>

#define PACKET_MAX  WIRE_HELLO_CHUNK /* longer ones do not come whole */
#define PACKET_MIN  (4 + 16)	     /* from the packet number on: what the sample for the mask needs */
#define LONG_HEADER 0x80

/* ---- fields ---------------------------------------------------------------------------------------------------- */
struct reader {
	const __u8 *at;
	size_t left;
};

static bool take(struct reader *r, __u64 n, const __u8 **bytes)
{
	if (n > r->left)
		return false;
	if (bytes)
		*bytes = r->at;
	r->at += n;
	r->left -= n;
	return true;
}

/* A number of variable length (RFC 9000, 16). */
static bool take_number(struct reader *r, __u64 *n)
{
	const __u8 *bytes;
	size_t len;

	if (!r->left)
		return false;
	len = 1u << (*r->at >> 6);
	if (!take(r, len, &bytes))
		return false;
	*n = bytes[0] & 0x3f;
	for (size_t i = 1; i < len; i++)
		*n = *n << 8 | bytes[i];
	return true;
}

static bool take_numbers(struct reader *r, __u64 n)
{
	__u64 ignored;

	for (; n; n--) /* each takes a byte at least: this ends with the packet */
		if (!take_number(r, &ignored))
			return false;
	return true;
}

/* ---- frames (RFC 9000, 19; which of them an Initial may hold: 12.4) --------------------------------------------- */
enum frame { PADDING = 0, PING = 1, ACK = 2, ACK_ECN = 3, CRYPTO = 6 };

static bool take_ack(struct reader *r, bool ecn)
{
	__u64 ranges;

	/* largest, delay, how many ranges, the first; then two numbers each */
	return take_numbers(r, 2) && take_number(r, &ranges) && take_numbers(r, 1) && ranges <= r->left &&
	       take_numbers(r, 2 * ranges + (ecn ? 3 : 0));
}

static bool take_crypto(struct reader *r, struct stream *crypto)
{
	const __u8 *bytes;
	__u64 offset, len;

	if (!take_number(r, &offset) || !take_number(r, &len) || !take(r, len, &bytes))
		return false;
	stream_put(crypto, offset, bytes, len);
	return true;
}

static void read_frames(struct reader r, struct stream *crypto)
{
	bool more = true;

	while (more && r.left) {
		enum frame type = *r.at;

		take(&r, 1, NULL);
		switch (type) {
		case PADDING:
		case PING:
			break;
		case ACK:
		case ACK_ECN:
			more = take_ack(&r, type == ACK_ECN);
			break;
		case CRYPTO:
			more = take_crypto(&r, crypto);
			break;
		default: /* CONNECTION_CLOSE, or what has no place here */
			more = false;
		}
	}
}

/* ---- packets --------------------------------------------------------------------------------------------------- */
struct packet {
	const __u8 *start;
	size_t number_at, len; /* where the packet number is; up to the packet's end */
	const __u8 *cid;
	size_t cid_len;
	__u32 version;
};

/* With the keys of a connection id. The packet is copied, for only a copy can be unmasked and decrypted. */
static bool open_with(const struct packet *p, const __u8 *cid, size_t cid_len, struct stream *crypto)
{
	struct quic_keys keys;
	__u8 copy[PACKET_MAX], mask[5];
	size_t number_len, header;
	__u32 number = 0;
	bool opened;

	if (!quic_keys_client(p->version, cid, cid_len, &keys))
		return false;
	memcpy(copy, p->start, p->len);
	quic_keys_mask(&keys, copy + p->number_at + 4, mask);
	copy[0] ^= mask[0] & 0x0f;
	number_len = (copy[0] & 3) + 1;
	header = p->number_at + number_len;
	for (size_t i = 0; i < number_len; i++) {
		copy[p->number_at + i] ^= mask[1 + i];
		number = number << 8 | copy[p->number_at + i]; /* whole: a client's Initials are few */
	}
	opened = quic_keys_open(&keys, number, copy, header, copy + header, p->len - header);
	if (opened)
		read_frames((struct reader){ copy + header, p->len - header - 16 }, crypto);
	explicit_bzero(copy, sizeof(copy));
	explicit_bzero(&keys, sizeof(keys));
	return opened;
}

/*
 * The keys stay those of the first connection id when the client goes over to the server's, also under another version
 * (RFC 9001, 5.2; RFC 9369, 4.1); after a Retry they are those of the id in it.
 */
static bool open_initial(struct quic_hello *q, const struct packet *p, struct stream *crypto)
{
	if (q->begun && open_with(p, q->cid, q->cid_len, crypto))
		return true;
	if (!open_with(p, p->cid, p->cid_len, crypto))
		return false;
	memcpy(q->cid, p->cid, p->cid_len);
	q->cid_len = (__u8)p->cid_len;
	q->begun = true;
	return true;
}

/* Types of a long header, as version 1 numbers them; version 2 has each one higher (RFC 9369, 3.2). */
enum type { INITIAL, ZERO_RTT, HANDSHAKE, RETRY };

static enum type type_of(__u8 first, __u32 version)
{
	return ((first >> 4) - (version == QUIC_V2 ? 1u : 0u)) & 3;
}

/* The next packet of a datagram. False: there is none whose end can be told. */
static bool take_packet(struct reader *r, struct packet *p, enum type *type)
{
	const __u8 *start = r->at, *bytes;
	__u64 n;

	if (!take(r, 5, &bytes) || !(bytes[0] & LONG_HEADER))
		return false;
	p->start = start;
	p->version = (__u32)bytes[1] << 24 | bytes[2] << 16 | bytes[3] << 8 | bytes[4];
	if (p->version != QUIC_V1 && p->version != QUIC_V2)
		return false; /* Version Negotiation among them */
	*type = type_of(bytes[0], p->version);
	if (!take(r, 1, &bytes) || *bytes > QUIC_CID_MAX)
		return false;
	p->cid_len = *bytes;
	if (!take(r, p->cid_len, &p->cid) || !take(r, 1, &bytes) || !take(r, *bytes, NULL) || *type == RETRY)
		return false;
	if (*type == INITIAL && (!take_number(r, &n) || !take(r, n, NULL))) /* token */
		return false;
	if (!take_number(r, &n) || n > r->left)
		return false;
	p->number_at = (size_t)(r->at - start);
	p->len = p->number_at + n;
	return take(r, n, NULL);
}

bool quic_hello_datagram(struct quic_hello *q, const __u8 *data, size_t len, struct stream *crypto)
{
	struct reader r = { data, len };
	struct packet p;
	enum type type;
	bool opened = false;

	while (take_packet(&r, &p, &type))
		if (type == INITIAL && p.len - p.number_at >= PACKET_MIN && p.len <= PACKET_MAX)
			opened |= open_initial(q, &p, crypto);
	return opened;
}
