// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that no true answer has: the special-purpose blocks (IANA's registries after RFC 6890) that are not for the
 * Internet at large, and those that only forged answers are known to give. Boxes that lead X's names astray like them:
 * 10.10.34.34 to 10.10.34.36 in Iran, 127.0.0.1 in Venezuela and Turkey, 0.0.0.0, addresses of Teredo in China.
 */
#include "judge/dns.h"

#include <string.h>

/* clang-format off */
static const struct block {
	__u8 prefix[16];
	__u8 plen;
} blocks4[] = {
	{ { 0 }, 8 },		     /* "this network": RFC 791, 3.2 */
	{ { 10 }, 8 },		     /* private: RFC 1918 */
	{ { 100, 64 }, 10 },	     /* shared, behind carriers' NAT: RFC 6598 */
	{ { 127 }, 8 },		     /* loopback: RFC 1122, 3.2.1.3 */
	{ { 169, 254 }, 16 },	     /* link-local: RFC 3927 */
	{ { 172, 16 }, 12 },	     /* private: RFC 1918 */
	{ { 192, 0, 0 }, 24 },	     /* protocol assignments: RFC 6890, 2.1 */
	{ { 192, 0, 2 }, 24 },	     /* documentation: RFC 5737 */
	{ { 192, 88, 99 }, 24 },     /* 6to4 relays, given up: RFC 7526 */
	{ { 192, 168 }, 16 },	     /* private: RFC 1918 */
	{ { 198, 18 }, 15 },	     /* benchmarks: RFC 2544 */
	{ { 198, 51, 100 }, 24 },    /* documentation: RFC 5737 */
	{ { 203, 0, 113 }, 24 },     /* documentation: RFC 5737 */
	{ { 224 }, 4 },		     /* multicast: RFC 5771 */
	{ { 240 }, 4 },		     /* reserved, and broadcast: RFC 1112, 4; RFC 919, 7 */
}, blocks6[] = {
	{ { 0 }, 96 },		     /* unspecified, loopback, IPv4-compatible: RFC 4291, 2.5 */
	{ { [10] = 0xff, 0xff }, 96 },		     /* IPv4-mapped: RFC 4291, 2.5.5.2 */
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48 },	     /* translation inside of a network: RFC 8215 */
	{ { 0x01 }, 64 },			     /* discard: RFC 6666 */
	{ { 0x20, 0x01 }, 32 },			     /* Teredo: RFC 4380; forged AAAA lie there (Hoang et al. 2021) */
	{ { 0x20, 0x01, 0, 2 }, 48 },		     /* benchmarks: RFC 5180 */
	{ { 0x20, 0x01, 0, 0x10 }, 28 },	     /* ORCHID, given up: RFC 4843 */
	{ { 0x20, 0x01, 0, 0x20 }, 28 },	     /* ORCHIDv2: RFC 7343 */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },	     /* documentation: RFC 3849 */
	{ { 0x20, 0x02 }, 16 },			     /* 6to4: RFC 3056 */
	{ { 0x3f, 0xff }, 20 },			     /* documentation: RFC 9637 */
	{ { 0x5f }, 16 },			     /* segment routing: RFC 9602 */
	{ { 0xfc }, 7 },			     /* unique local: RFC 4193 */
	{ { 0xfe, 0x80 }, 10 },			     /* link-local: RFC 4291, 2.5.6 */
	{ { 0xff }, 8 },			     /* multicast: RFC 4291, 2.7 */
};
/* clang-format on */

static bool holds(const struct block *b, const __u8 *address)
{
	unsigned int bytes = b->plen / 8, bits = b->plen % 8;

	if (memcmp(b->prefix, address, bytes))
		return false;
	return !bits || !((b->prefix[bytes] ^ address[bytes]) >> (8 - bits));
}

bool dns_is_bogon(const struct dns_address *address)
{
	const struct block *blocks = address->v6 ? blocks6 : blocks4;
	size_t n = address->v6 ? sizeof(blocks6) / sizeof(*blocks6) : sizeof(blocks4) / sizeof(*blocks4);

	for (size_t i = 0; i < n; i++)
		if (holds(&blocks[i], address->v6 ? address->bytes : address->bytes + 12))
			return true;
	return false;
}
