// SPDX-License-Identifier: GPL-2.0
/* Keys of QUIC Initials: see quic_keys.h. */
#include "judge/quic_keys.h"

#include <string.h>

#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#define TAG 16

static const struct version {
	__u32 number;
	__u8 salt[20];
	const char *key, *iv, *hp; /* labels */
} versions[] = {
	{ QUIC_V1,
	  { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a },
	  "quic key",
	  "quic iv",
	  "quic hp" },
	{ QUIC_V2,
	  { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
	    0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 },
	  "quicv2 key",
	  "quicv2 iv",
	  "quicv2 hp" },
};

/* HKDF-Expand-Label without a context (RFC 8446, 7.1). */
static void expand(const __u8 secret[SHA256_DIGEST_SIZE], const char *label, __u8 *out, size_t len)
{
	struct hmac_sha256_ctx hmac;
	size_t n = strlen(label);
	__u8 info[2 + 1 + 6 + 16 + 1] = { 0, (__u8)len, (__u8)(6 + n), 't', 'l', 's', '1', '3', ' ' };

	memcpy(info + 9, label, n);
	hmac_sha256_set_key(&hmac, SHA256_DIGEST_SIZE, secret);
	hkdf_expand(&hmac, (nettle_hash_update_func *)hmac_sha256_update,
		    (nettle_hash_digest_func *)hmac_sha256_digest, SHA256_DIGEST_SIZE, 9 + n + 1, info, len, out);
}

bool quic_keys_client(__u32 version, const __u8 *cid, size_t cid_len, struct quic_keys *out)
{
	const struct version *v = versions, *end = v + sizeof(versions) / sizeof(*versions);
	__u8 initial[SHA256_DIGEST_SIZE], client[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx hmac;

	while (v < end && v->number != version)
		v++;
	if (v == end || cid_len > QUIC_CID_MAX)
		return false;
	hmac_sha256_set_key(&hmac, sizeof(v->salt), v->salt);
	hkdf_extract(&hmac, (nettle_hash_update_func *)hmac_sha256_update,
		     (nettle_hash_digest_func *)hmac_sha256_digest, SHA256_DIGEST_SIZE, cid_len, cid, initial);
	expand(initial, "client in", client, sizeof(client));
	expand(client, v->key, out->key, sizeof(out->key));
	expand(client, v->iv, out->iv, sizeof(out->iv));
	expand(client, v->hp, out->hp, sizeof(out->hp));
	return true;
}

void quic_keys_mask(const struct quic_keys *keys, const __u8 sample[16], __u8 mask[5])
{
	struct aes128_ctx aes;
	__u8 block[16];

	aes128_set_encrypt_key(&aes, keys->hp);
	aes128_encrypt(&aes, sizeof(block), block, sample);
	memcpy(mask, block, 5);
}

bool quic_keys_open(const struct quic_keys *keys, __u64 packet_number, const __u8 *header, size_t header_len,
		    __u8 *bytes, size_t len)
{
	struct gcm_aes128_ctx gcm;
	__u8 nonce[sizeof(keys->iv)], tag[TAG];

	if (len < TAG)
		return false;
	memcpy(nonce, keys->iv, sizeof(nonce));
	for (int i = 0; i < 8; i++)
		nonce[sizeof(nonce) - 1 - i] ^= (__u8)(packet_number >> 8 * i);
	gcm_aes128_set_key(&gcm, keys->key);
	gcm_aes128_set_iv(&gcm, sizeof(nonce), nonce);
	gcm_aes128_update(&gcm, header_len, header);
	gcm_aes128_decrypt(&gcm, len - TAG, bytes, bytes);
	gcm_aes128_digest(&gcm, TAG, tag);
	return memeql_sec(tag, bytes + len - TAG, TAG);
}
