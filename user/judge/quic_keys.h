/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The keys that protect a client's Initial packets: whoever has seen the connection id in them can derive them, so they
 * hide nothing from the path (RFC 9001, 5.2; RFC 9369, 3.3 for version 2).
 */
#ifndef XREACH_QUIC_KEYS_H
#define XREACH_QUIC_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include "wire.h"

#define QUIC_V1	     0x00000001u
#define QUIC_V2	     0x6b3343cfu
#define QUIC_CID_MAX 20

struct quic_keys {
	__u8 key[16], iv[12], hp[16];
};

/* Keys of the client's side for a destination connection id of the client's choice. False: not a version we know, or a
 * connection id that none is that long. */
bool quic_keys_client(__u32 version, const __u8 *cid, size_t cid_len, struct quic_keys *out);

/* Five bytes that hide the first byte and the packet number, from a sample of 16 (RFC 9001, 5.4.3). */
void quic_keys_mask(const struct quic_keys *keys, const __u8 sample[16], __u8 mask[5]);

/* Decrypt `len` bytes of payload and tag in place, with the header before them as it was authenticated. True when the
 * tag is right; else the bytes are of no use. */
bool quic_keys_open(const struct quic_keys *keys, __u64 packet_number, const __u8 *header, size_t header_len,
		    __u8 *bytes, size_t len);

#endif
