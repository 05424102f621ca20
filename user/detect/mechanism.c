// SPDX-License-Identifier: GPL-2.0
/* Rules from ways to mechanisms: see mechanism.h. */
#include "detect/mechanism.h"

static __u64 flows(struct way_counts c)
{
	return (__u64)c.failed + c.passed;
}

static bool fails(struct way_counts c)
{
	return flows(c) >= MECHANISM_FLOWS && c.failed * 100ull >= flows(c) * MECHANISM_FAILS;
}

static bool passes(struct way_counts c)
{
	return flows(c) >= MECHANISM_FLOWS && c.failed * 100ull <= flows(c) * MECHANISM_PASS;
}

static struct way_counts both(struct way_counts a, struct way_counts b)
{
	return (struct way_counts){ a.failed + b.failed, a.passed + b.passed };
}

static bool either(const struct way_counts sides[2])
{
	return (fails(sides[0]) && passes(sides[1])) || (fails(sides[1]) && passes(sides[0]));
}

unsigned int mechanisms_of(const struct ways_about *ways)
{
	struct way_counts elsewise = both(ways->name[WAY_OTHER], ways->name[WAY_NONE]);
	unsigned int found = 0;

	found |= (unsigned int)(fails(ways->name[WAY_MATCH]) && passes(elsewise)) << MECHANISM_SNI;
	/* the target's names alone do not tell: they would fail either way */
	found |= (unsigned int)(fails(ways->all) && fails(both(elsewise, ways->name[WAY_UNSENT])))
		 << MECHANISM_ADDRESS;
	found |= (unsigned int)(fails(ways->quic[1]) && passes(ways->quic[0])) << MECHANISM_QUIC;
	found |= (unsigned int)(fails(ways->quic[0]) && passes(ways->quic[1])) << MECHANISM_TCP;
	found |= (unsigned int)either(ways->elsewhere) << MECHANISM_PORT;
	found |= (unsigned int)either(ways->v6) << MECHANISM_FAMILY;
	/* a part that passes is no block of the address, however small its share */
	if (found & ~(1u << MECHANISM_ADDRESS))
		found &= ~(1u << MECHANISM_ADDRESS);
	return found;
}

const char *mechanism_name(enum mechanism m)
{
	static const char *const names[MECHANISMS] = {
#define X(name, label) [MECHANISM_##name] = label,
		MECHANISM_TABLE(X)
#undef X
	};

	return m < MECHANISMS ? names[m] : "";
}
