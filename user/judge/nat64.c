// SPDX-License-Identifier: GPL-2.0
/* IPv4 addresses inside IPv6 ones: see nat64.h. */
#include "judge/nat64.h"

#include <string.h>

#define LEFT_OUT 8 /* byte of the address that belongs to no part, bits 64 to 71 */

bool nat64_inner(const struct wire_config *cfg, const __u8 address[16], __u8 v4[4])
{
	for (unsigned int i = 0; i < cfg->nat64_n && i < WIRE_NAT64_MAX; i++) {
		unsigned int at = cfg->nat64[i].plen / 8;

		if (at > 12 || memcmp(address, cfg->nat64[i].addr, at))
			continue;
		for (unsigned int j = 0; j < 4; j++, at++) {
			if (at == LEFT_OUT)
				at++;
			v4[j] = address[at];
		}
		return true;
	}
	return false;
}
