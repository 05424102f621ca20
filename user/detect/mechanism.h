/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a block goes by, from the ways that fail and those that pass. Pure rules: each compares two sides and says
 * nothing unless both had enough flows.
 */
#ifndef XREACH_MECHANISM_H
#define XREACH_MECHANISM_H

#include "detect/ways.h"

/* sni: the target's names fail, others pass at the same addresses. address: whatever is asked for fails. quic, tcp:
 * that transport only. port: 443 only, or all but 443. family: IPv4 only, or IPv6 only. */
/* clang-format off */
#define MECHANISM_TABLE(X) \
	X(SNI, "sni") X(ADDRESS, "address") X(QUIC, "quic") X(TCP, "tcp") X(PORT, "port") X(FAMILY, "family")
/* clang-format on */
enum mechanism {
#define X(name, label) MECHANISM_##name,
	MECHANISM_TABLE(X)
#undef X
		MECHANISMS
};

#define MECHANISM_FLOWS 20 /* a side's least number of flows */
#define MECHANISM_FAILS 80 /* per cent that must fail on the failing side, at least */
#define MECHANISM_PASS	20 /* ... that may fail on the passing side */

/* A bit for each that fits: more than one where the flows cannot tell which. 0: nothing can be said. */
unsigned int mechanisms_of(const struct ways_about *ways);
const char *mechanism_name(enum mechanism m);

#endif
