/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SipHash-1-3 (Aumasson and Bernstein 2012) over two or three 64-bit words: the keyed hash that a flow is known
 * by. The length byte of the paper is constant for each form and is left out of the last word.
 */
#ifndef XREACH_SIPHASH_H
#define XREACH_SIPHASH_H

#define SIP_ROTL(x, b) ((x) << (b) | (x) >> (64 - (b)))
#define SIP_ROUND(v0, v1, v2, v3) \
	do { \
		v0 += v1; \
		v1 = SIP_ROTL(v1, 13); \
		v1 ^= v0; \
		v0 = SIP_ROTL(v0, 32); \
		v2 += v3; \
		v3 = SIP_ROTL(v3, 16); \
		v3 ^= v2; \
		v0 += v3; \
		v3 = SIP_ROTL(v3, 21); \
		v3 ^= v0; \
		v2 += v1; \
		v1 = SIP_ROTL(v1, 17); \
		v1 ^= v2; \
		v2 = SIP_ROTL(v2, 32); \
	} while (0)
#define SIP_WORD(m) \
	do { \
		v3 ^= (m); \
		SIP_ROUND(v0, v1, v2, v3); \
		v0 ^= (m); \
	} while (0)
#define SIP_START(k) \
	__u64 v0 = (k)[0] ^ 0x736f6d6570736575ull, v1 = (k)[1] ^ 0x646f72616e646f6dull; \
	__u64 v2 = (k)[0] ^ 0x6c7967656e657261ull, v3 = (k)[1] ^ 0x7465646279746573ull
#define SIP_END \
	v2 ^= 0xff; \
	SIP_ROUND(v0, v1, v2, v3); \
	SIP_ROUND(v0, v1, v2, v3); \
	SIP_ROUND(v0, v1, v2, v3); \
	return v0 ^ v1 ^ v2 ^ v3

static __always_inline __u64 siphash_2(const __u64 *k, __u64 a, __u64 b)
{
	SIP_START(k);
	SIP_WORD(a);
	SIP_WORD(b);
	SIP_END;
}

static __always_inline __u64 siphash_3(const __u64 *k, __u64 a, __u64 b, __u64 c)
{
	SIP_START(k);
	SIP_WORD(a);
	SIP_WORD(b);
	SIP_WORD(c);
	SIP_END;
}

#endif
