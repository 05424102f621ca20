/* SPDX-License-Identifier: GPL-2.0 */
/* Protected QUIC packets for tests: frames in, a datagram out, as a client would send it. */
#ifndef XREACH_QUIC_SCENE_H
#define XREACH_QUIC_SCENE_H

#include <nettle/gcm.h>

#include "judge/quic_keys.h"
#include "unit/hello_scene.h"

struct quic_packet {
	__u32 version, number;
	const char *cid;      /* destination; its bytes are the text's */
	const char *keys_cid; /* the keys are those of this one; NULL: of cid */
	size_t token;	      /* bytes of it */
	unsigned int type;    /* of version 1: 0 Initial, 1 0-RTT, 2 Handshake */
};

static inline void put_varint(struct bytes *b, __u64 n, unsigned int width)
{
	put(b, n, width);
	b->at[b->n - width] |= (__u8)((width == 8 ? 3 : width == 4 ? 2 : width == 2 ? 1 : 0) << 6);
}

static inline void put_crypto(struct bytes *frames, __u64 offset, const __u8 *data, size_t len)
{
	put(frames, 6, 1);
	put_varint(frames, offset, offset > 0x3fffffff ? 8 : 4);
	put_varint(frames, len, 2);
	memcpy(frames->at + frames->n, data, len);
	frames->n += len;
}

/* One packet at the end of the datagram, its number in two bytes. */
static inline void put_quic(struct bytes *to, const struct quic_packet *p, const struct bytes *frames)
{
	const char *keys_cid = p->keys_cid ? p->keys_cid : p->cid;
	size_t start = to->n, number_at, payload;
	struct gcm_aes128_ctx gcm;
	struct quic_keys keys;
	__u8 nonce[12], mask[5];

	quic_keys_client(p->version, (const __u8 *)keys_cid, strlen(keys_cid), &keys);
	put(to, 0xc1 | (p->type + (p->version == QUIC_V2)) << 4, 1);
	put(to, p->version, 4);
	put(to, (__u32)strlen(p->cid), 1);
	memcpy(to->at + to->n, p->cid, strlen(p->cid));
	to->n += strlen(p->cid);
	put(to, 3, 1); /* source */
	put_filler(to, 3);
	if (!p->type) {
		put_varint(to, p->token, 2);
		put_filler(to, p->token);
	}
	put_varint(to, 2 + frames->n + 16, 2);
	number_at = to->n;
	put(to, p->number, 2);
	payload = to->n;
	memcpy(nonce, keys.iv, sizeof(nonce));
	for (int i = 0; i < 4; i++)
		nonce[11 - i] ^= (__u8)(p->number >> 8 * i);
	gcm_aes128_set_key(&gcm, keys.key);
	gcm_aes128_set_iv(&gcm, sizeof(nonce), nonce);
	gcm_aes128_update(&gcm, payload - start, to->at + start);
	gcm_aes128_encrypt(&gcm, frames->n, to->at + payload, frames->at);
	to->n += frames->n;
	gcm_aes128_digest(&gcm, 16, to->at + to->n);
	to->n += 16;
	quic_keys_mask(&keys, to->at + number_at + 4, mask);
	to->at[start] ^= mask[0] & 0x0f;
	to->at[number_at] ^= mask[1];
	to->at[number_at + 1] ^= mask[2];
}

#endif
