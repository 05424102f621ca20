// SPDX-License-Identifier: GPL-2.0
/* Questions to a list: which prefix holds an address, how much space it covers, where the list lies. */
#include "load/ranges.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datadir.h"

#define RANGES_IN_SHARE "ranges/x.ranges"

void ranges_free(struct ranges *ranges)
{
	if (!ranges)
		return;
	free(ranges->prefixes);
	free(ranges->by_id);
	free(ranges->names);
	free(ranges);
}

/*
 * A binary in its build tree (build/, build/san/, build/tests/unit/) uses the list beside it, so that what is
 * tried out there does not depend on what is installed.
 */
const char *ranges_default_file(void)
{
	static const char build[] = "/build/", in_tree[] = "/user/share/" RANGES_IN_SHARE;
	static char path[PATH_MAX + sizeof(in_tree)];
	char *at, *last = NULL;
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (len > 0) {
		path[len] = '\0';
		for (at = path; (at = strstr(at, build)); at++)
			last = at;
		if (last) {
			strcpy(last, in_tree);
			if (!access(path, R_OK))
				return path;
		}
	}
	return XREACH_DATADIR "/" RANGES_IN_SHARE;
}

/* ---- lookups ------------------------------------------------------------------------------------------------- */

/* Leading bits that two addresses have in common. */
static unsigned int common_bits(const __u8 a[16], const __u8 b[16])
{
	for (unsigned int i = 0; i < 16; i++)
		if (a[i] != b[i])
			return i * 8 + (unsigned int)__builtin_clz((unsigned int)(a[i] ^ b[i]) << 24);
	return 128;
}

static unsigned int bits_of(const struct range_prefix *p)
{
	return p->plen + (p->v6 ? 0u : 96u);
}

static int compare_to(const struct range_prefix *p, const __u8 addr[16], bool v6, unsigned int bits)
{
	int c = p->v6 - v6;

	if (!c)
		c = memcmp(p->addr, addr, 16);
	return c ? c : (bits_of(p) > bits) - (bits_of(p) < bits);
}

int range_compare(const struct range_prefix *a, const struct range_prefix *b)
{
	return compare_to(a, b->addr, b->v6, bits_of(b));
}

bool range_holds(const struct range_prefix *p, const __u8 addr[16], bool v6)
{
	return p->v6 == v6 && common_bits(p->addr, addr) >= bits_of(p);
}

/* The last prefix that is not behind (family, address, bits) in the list's order, or NULL. */
static const struct range_prefix *last_until(const struct ranges *r, const __u8 addr[16], bool v6,
					     unsigned int bits)
{
	size_t low = 0, high = r->n_prefixes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_to(&r->prefixes[middle], addr, v6, bits) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &r->prefixes[low - 1] : NULL;
}

static void cut(__u8 addr[16], unsigned int bits)
{
	for (unsigned int i = bits / 8; i < 16; i++)
		addr[i] &= i > bits / 8 ? 0 : (__u8) ~(0xff >> bits % 8);
}

/*
 * What holds the address comes before it in the list, and the longest comes last. Where the neighbour before it does
 * not hold it, nothing that does is longer than the bits both have in common: look again for so many. Each step
 * shortens the length, so there are at most 128, and one or two as a rule.
 */
const struct range_prefix *ranges_find(const struct ranges *ranges, const __u8 addr[16], bool v6)
{
	const struct range_prefix *p;
	unsigned int bits = 128, common;
	__u8 at[16];

	memcpy(at, addr, sizeof(at));
	while ((p = last_until(ranges, at, v6, bits)) && p->v6 == v6) {
		common = common_bits(p->addr, addr);
		if (common >= bits_of(p))
			return p;
		bits = common;
		cut(at, bits);
	}
	return NULL;
}

const struct range_prefix *ranges_by_id(const struct ranges *ranges, __u32 id)
{
	size_t low = 0, high = ranges->n_prefixes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct range_prefix *p = &ranges->prefixes[ranges->by_id[middle]];

		if (p->id == id)
			return p;
		if (p->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- space ------------------------------------------------------------------------------------------------------ */

bool range_written_by(const struct range_prefix *p, unsigned int group, enum class *class)
{
	if (p->written & WRITTEN_GROUP && p->group == group) {
		*class = p->class;
		return true;
	}
	*class = CLASS_SHARED;
	return p->written & WRITTEN_SHARED && p->shared_with == group + 1;
}

unsigned __int128 ranges_space(const struct ranges *ranges, bool v6, int group, unsigned int classes)
{
	const struct range_prefix *outer = NULL;
	unsigned __int128 sum = 0;

	for (size_t i = 0; i < ranges->n_prefixes; i++) {
		const struct range_prefix *p = &ranges->prefixes[i];
		enum class class;

		if (p->v6 != v6)
			continue;
		if (group >= 0 && !(range_written_by(p, (unsigned int)group, &class) && classes >> class & 1))
			continue;
		if (outer && range_holds(outer, p->addr, v6))
			continue; /* counted with the wider one, which comes first */
		outer = p;
		if (__builtin_add_overflow(sum, (unsigned __int128)1 << (128 - bits_of(p)), &sum))
			return ~(unsigned __int128)0;
	}
	return sum;
}
