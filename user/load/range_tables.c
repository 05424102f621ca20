// SPDX-License-Identifier: GPL-2.0
/* From the list to the bitmaps that the kernel asks before it asks the tries. */
#include "load/ranges.h"

#include <string.h>

/* Two bits each, `n` cells; once all say LOOK there is nothing left to light. */
struct cells {
	__u8 *map;
	__u32 n, dull; /* cells that do not say LOOK */
};

/* Both in one cell: whatever they are, the trie decides. */
static void light_cell(struct cells *c, __u32 cell, enum lit lit)
{
	unsigned int shift = (cell & 3) * 2, old = c->map[cell >> 2] >> shift & 3, new = lit;

	if (old && old != lit)
		new = LIT_LOOK;
	if (new == old)
		return;
	c->map[cell >> 2] = (__u8)((c->map[cell >> 2] & ~(3u << shift)) | new << shift);
	c->dull -= new == LIT_LOOK;
}

static void light_bits(__u8 *map, __u32 first, __u32 n)
{
	for (__u32 i = first; n; i++, n--)
		map[i >> 3] |= (__u8)(1 << (i & 7));
}

static __u32 read_be32(const __u8 *at)
{
	return (__u32)at[0] << 24 | (__u32)at[1] << 16 | (__u32)at[2] << 8 | at[3];
}

/* How many cells of `bits` bits a prefix has. */
static __u32 count_cells(unsigned int plen, unsigned int bits)
{
	return plen < bits ? 1u << (bits - plen) : 1;
}

static void light_v4(struct range_tables *t, struct cells *lit24, const struct range_prefix *p, enum lit lit)
{
	__u32 top = read_be32(p->addr + 12), n = count_cells(p->plen, 24);

	light_bits(t->lit16_v4, top >> 16, count_cells(p->plen, 16));
	for (__u32 i = 0; i < n; i++)
		light_cell(lit24, (top >> 8) + i, lit);
}

static void light_v6(struct range_tables *t, struct cells *lit32, struct cells *lit48, const __u8 addr[16],
		     unsigned int plen, enum lit lit)
{
	__u32 top = read_be32(addr), next = (__u32)addr[4] << 8 | addr[5], n;

	light_bits(t->lit16_v6, top >> 16, count_cells(plen, 16));
	if (plen <= 32) {
		n = plen ? count_cells(plen, 32) : 0;
		for (__u32 i = 0; i < n && lit32->dull; i++)
			light_cell(lit32, lit32_cell(top + i), lit);
		return;
	}
	light_cell(lit32, lit32_cell(top), LIT_DEEPER);
	n = count_cells(plen, 48);
	for (__u32 i = 0; i < n; i++)
		light_cell(lit48, lit48_cell(top, (__u16)(next + i)), lit);
}

/* Alone in its cell, only a sampled control's space may be sampled before it is looked up. */
static enum lit lit_of(const struct ranges *r, const struct range_prefix *p)
{
	const struct range_group *g = &r->groups[p->group];

	if (g->role != ROLE_CONTROL || g->sample >= 1 || p->class == CLASS_SHARED || p->shared_with)
		return LIT_LOOK;
	return LIT_CONTROL;
}

static bool is_within(const struct range_prefix *p, const struct range_prefix *outer)
{
	return outer && range_holds(outer, p->addr, p->v6);
}

void range_tables_fill(struct range_tables *tables, const struct ranges *ranges, const struct wire_config *nat64)
{
	struct cells lit24 = { tables->lit24, LIT24_BYTES * 4, LIT24_BYTES * 4 };
	struct cells lit32 = { tables->lit32, 1u << LIT32_BITS, 1u << LIT32_BITS };
	struct cells lit48 = { tables->lit48, 1u << LIT48_BITS, 1u << LIT48_BITS };
	const struct range_prefix *outer[2] = {}; /* the last that was lit as LIT_CONTROL, and as LIT_LOOK */

	memset(tables, 0, sizeof(*tables));
	for (size_t i = 0; i < ranges->n_prefixes; i++) {
		const struct range_prefix *p = &ranges->prefixes[i];
		enum lit lit = lit_of(ranges, p);
		bool look = lit == LIT_LOOK;

		/* All its cells have been lit at least as brightly already. */
		if (is_within(p, outer[1]) || (!look && is_within(p, outer[0])))
			continue;
		outer[look] = p;
		if (p->v6)
			light_v6(tables, &lit32, &lit48, p->addr, p->plen, lit);
		else
			light_v4(tables, &lit24, p, lit);
	}
	for (int i = 0; nat64 && i < nat64->nat64_n; i++)
		light_v6(tables, &lit32, &lit48, nat64->nat64[i].addr, nat64->nat64[i].plen, LIT_LOOK);
}
