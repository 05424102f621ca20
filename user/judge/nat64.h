/* SPDX-License-Identifier: GPL-2.0 */
/* IPv4 addresses inside IPv6 ones, as translators and their resolvers write them (RFC 6052, 2.2). */
#ifndef XREACH_NAT64_H
#define XREACH_NAT64_H

#include <stdbool.h>
#include "wire.h"

/* The IPv4 address inside one of the prefixes of cfg->nat64[]. False, and v4 untouched, where it lies in none. */
bool nat64_inner(const struct wire_config *cfg, const __u8 address[16], __u8 v4[4]);

#endif
