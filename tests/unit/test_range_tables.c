// SPDX-License-Identifier: GPL-2.0
/* The bitmaps before the tries: what lies in a range is lit so that the kernel looks, nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "lists.h"

#define CELLS24 (1u << 24)
#define CELLS32 (1u << LIT32_BITS)
#define CELLS48 (1u << LIT48_BITS)

/* ---- the kernel's way, as in bpf/match.h --------------------------------------------------------------------- */

static unsigned int cell_at(const __u8 *map, __u32 cell)
{
	return map[cell >> 2] >> ((cell & 3) * 2) & 3;
}

static bool bit_at(const __u8 *map, __u32 bit)
{
	return map[bit >> 3] >> (bit & 7) & 1;
}

static __u32 top_of(const __u8 *at)
{
	return (__u32)at[0] << 24 | (__u32)at[1] << 16 | (__u32)at[2] << 8 | at[3];
}

/* Steps 1 and 2 for an address: LIT_NONE, LIT_CONTROL or LIT_LOOK. */
static unsigned int lit(const struct range_tables *t, const char *address)
{
	__u8 addr[16];
	__u32 top, found;

	if (!list_address(address, addr)) {
		top = top_of(addr + 12);
		return bit_at(t->lit16_v4, top >> 16) ? cell_at(t->lit24, top >> 8) : LIT_NONE;
	}
	top = top_of(addr);
	if (!bit_at(t->lit16_v6, top >> 16))
		return LIT_NONE;
	found = cell_at(t->lit32, lit32_cell(top));
	return found == LIT_DEEPER ? cell_at(t->lit48, lit48_cell(top, (__u16)(top_of(addr + 4) >> 16))) : found;
}

static struct range_tables *tables_of(const char *text, const struct wire_config *nat64)
{
	struct range_tables *t = malloc(sizeof(*t));
	struct ranges *r = list_of(text, NULL);

	assert_non_null(t);
	memset(t, 0xaa, sizeof(*t)); /* what was there before must go */
	range_tables_fill(t, r, nat64);
	ranges_free(r);
	return t;
}

static void assert_lit(const struct range_tables *t, const char *address, unsigned int wanted)
{
	if (lit(t, address) != wanted)
		fail_msg("%s is %u, not %u", address, lit(t, address), wanted);
}

/* ---- by hand ------------------------------------------------------------------------------------------------------ */

static void ipv4_is_lit_from_the_first_to_the_last_24_and_dark_beside(void **state)
{
	static const struct {
		const char *prefix, *before, *first, *last, *behind;
	} edges[] = {
		{ "10.0.0.0/8", "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0" },
		{ "10.128.0.0/9", "10.127.255.255", "10.128.0.0", "10.255.255.255", "11.0.0.0" },
		{ "10.2.0.0/15", "10.1.255.255", "10.2.0.0", "10.3.255.255", "10.4.0.0" },
		{ "10.2.0.0/16", "10.1.255.255", "10.2.0.0", "10.2.255.255", "10.3.0.0" },
		{ "10.2.128.0/17", "10.2.127.255", "10.2.128.0", "10.2.255.255", "10.3.0.0" },
		{ "10.2.2.0/23", "10.2.1.255", "10.2.2.0", "10.2.3.255", "10.2.4.0" },
		{ "10.2.2.0/24", "10.2.1.255", "10.2.2.0", "10.2.2.255", "10.2.3.0" },
		{ "10.2.2.128/25", "10.2.1.255", "10.2.2.0", "10.2.2.255", "10.2.3.0" }, /* a whole cell */
		{ "10.2.2.255/32", "10.2.1.255", "10.2.2.0", "10.2.2.255", "10.2.3.0" },
		{ "128.0.0.0/1", "127.255.255.255", "128.0.0.0", "255.255.255.255", NULL },
		{ "0.0.0.0/1", NULL, "0.0.0.0", "127.255.255.255", "128.0.0.0" },
		{ "255.255.255.255/32", "255.255.254.255", "255.255.255.0", "255.255.255.255", "0.0.0.0" },
		{ "0.0.0.0/32", "255.255.255.255", "0.0.0.0", "0.0.0.255", "0.0.1.0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		struct range_tables *t;
		char text[256];

		snprintf(text, sizeof(text), LIST_HEAD "group x target\nown %s\n", edges[i].prefix);
		t = tables_of(text, NULL);
		assert_lit(t, edges[i].first, LIT_LOOK);
		assert_lit(t, edges[i].last, LIT_LOOK);
		if (edges[i].before)
			assert_lit(t, edges[i].before, LIT_NONE);
		if (edges[i].behind)
			assert_lit(t, edges[i].behind, LIT_NONE);
		assert_lit(t, "::", LIT_NONE);
		free(t);
	}
}

static void ipv6_is_lit_from_the_first_to_the_last_48_and_dark_beside(void **state)
{
	static const struct {
		const char *prefix, *before, *first, *last, *behind;
	} edges[] = {
		{ "2001:8000::/17", "2001:7fff:ffff::", "2001:8000::", "2001:ffff:ffff:ffff::", "2002::" },
		{ "2001::/16", "2000:ffff::", "2001::", "2001:ffff:ffff::", "2002::" },
		{ "2001:db8::/31", "2001:db7:ffff::", "2001:db8::", "2001:db9:ffff::", "2001:dba::" },
		{ "2001:db8::/32", "2001:db7:ffff::", "2001:db8::", "2001:db8:ffff:ffff::", "2001:db9::" },
		{ "2001:db8:8000::/33",
		  "2001:db8:7fff:ffff::", "2001:db8:8000::", "2001:db8:ffff::", "2001:db9::" },
		{ "2001:db8:2::/47", "2001:db8:1:ffff::", "2001:db8:2::", "2001:db8:3:ffff::", "2001:db8:4::" },
		{ "2001:db8:2::/48", "2001:db8:1:ffff::", "2001:db8:2::", "2001:db8:2:ffff::", "2001:db8:3::" },
		{ "2001:db8:2:8000::/49",
		  "2001:db8:1:ffff::", "2001:db8:2::", "2001:db8:2:ffff::", "2001:db8:3::" },
		{ "2001:db8:2::1/128", "2001:db8:1:ffff::", "2001:db8:2::", "2001:db8:2:ffff::", "2001:db8:3::" },
		{ "2001:db8:ffff::/48",
		  "2001:db8:fffe::", "2001:db8:ffff::", "2001:db8:ffff:ffff::", "2001:db9::" },
		{ "ffff:ffff:ffff::/48", "ffff:ffff:fffe::", "ffff:ffff:ffff::", "ffff:ffff:ffff:ffff::", "::" },
		{ "::/128", "ffff:ffff:ffff::", "::", "0:0:0:ffff::", "0:0:1::" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		struct range_tables *t;
		char text[256];

		snprintf(text, sizeof(text), LIST_HEAD "group x target\nown %s\n", edges[i].prefix);
		t = tables_of(text, NULL);
		assert_lit(t, edges[i].first, LIT_LOOK);
		assert_lit(t, edges[i].last, LIT_LOOK);
		assert_lit(t, edges[i].before, LIT_NONE);
		assert_lit(t, edges[i].behind, LIT_NONE);
		assert_lit(t, "0.0.0.0", LIT_NONE);
		free(t);
	}
}

static void only_a_sampled_controls_space_alone_in_its_cell_is_sampled_before_the_lookup(void **state)
{
	struct range_tables *t =
		tables_of(LIST_HEAD "group x target\nown 10.1.0.0/24\ndedicated 10.2.0.7/32\nshared 10.3.0.0/16\n"
				    "own 2001:db8:5::/48\nown 2001:db8:5:1::/64\n"
				    "group g control\nown 10.0.0.0/25\nown 10.2.0.0/16\nown 10.3.3.0/24\n"
				    "own 10.5.5.0/28\nown 2001:db8::/32\nown 2001:db9:1::/48\n"
				    "group a control sample all\nown 10.4.0.0/24\nown 10.5.5.16/28\n"
				    "own 2001:dba::/32\n"
				    "group s control sample 0.5\nown 10.6.0.0/24\nown 10.0.0.128/25\n",
			  NULL);

	(void)state;
	assert_lit(t, "10.0.0.1", LIT_CONTROL); /* two sampled ones in a cell */
	assert_lit(t, "10.1.0.1", LIT_LOOK);	/* target */
	assert_lit(t, "10.2.0.1", LIT_LOOK);	/* a target's address in the cell */
	assert_lit(t, "10.2.1.1", LIT_CONTROL); /* the next cell */
	assert_lit(t, "10.3.0.1", LIT_LOOK);	/* shared */
	assert_lit(t, "10.3.3.1", LIT_LOOK);	/* a control's in shared space: who it is, the name decides */
	assert_lit(t, "10.4.0.1", LIT_LOOK);	/* watched whole */
	assert_lit(t, "10.5.5.1", LIT_LOOK);	/* one of both kinds */
	assert_lit(t, "10.6.0.1", LIT_CONTROL); /* a fixed share */
	assert_lit(t, "2001:db8::1", LIT_LOOK); /* the cell of a /32 has a target's /48 in it */
	assert_lit(t, "2001:db8:5::1", LIT_LOOK);
	assert_lit(t, "2001:db9:1::1", LIT_CONTROL);
	assert_lit(t, "2001:db9:2::1", LIT_NONE);
	assert_lit(t, "2001:dba::1", LIT_LOOK);
	free(t);
}

static void nat64_prefixes_are_lit_so_that_the_kernel_asks(void **state)
{
	static const __u8 lengths[] = { 32, 40, 48, 56, 64, 96 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths); i++) {
		struct wire_config config = { .nat64_n = 2 };
		struct range_tables *t;

		list_address("64:ff9b::", config.nat64[0].addr);
		config.nat64[0].plen = 96;
		list_address("2001:db8::", config.nat64[1].addr);
		config.nat64[1].plen = lengths[i];
		t = tables_of(LIST_HEAD "group x target\nown 10.0.0.0/8\ngroup g control\nown 64:ff9b::/48\n",
			      &config);
		assert_lit(t, "64:ff9b::a00:1", LIT_LOOK);
		assert_lit(t, "64:ff9b:1::a00:1", LIT_NONE);
		assert_lit(t, "2001:db8::a00:1", LIT_LOOK);
		assert_lit(t, "2001:db8:0:ffff::", LIT_LOOK);
		assert_lit(t, "2001:db8:ff::", lengths[i] <= 40 ? LIT_LOOK : LIT_NONE);
		assert_lit(t, "2001:db8:100::", lengths[i] <= 32 ? LIT_LOOK : LIT_NONE);
		assert_lit(t, "2001:db9::", LIT_NONE);
		free(t);
	}
}

/* ---- random lists: every cell ------------------------------------------------------------------------------------ */

struct wanted {
	__u8 bit_v4[65536], bit_v6[65536];
	__u8 *lit24, *lit32, *lit48; /* bit (1 << enum lit) for each thing in the cell */
};

static void want(struct wanted *w, const struct range_prefix *p, unsigned int how)
{
	__u32 top = top_of(p->addr + (p->v6 ? 0 : 12));
	__u64 n, next = top_of(p->addr + 4) >> 16, wide = p->plen < 32 ? 1ull << (32 - p->plen) : 1;

	for (__u64 i = 0; i < wide; i += 1 << 16)
		(p->v6 ? w->bit_v6 : w->bit_v4)[(top + i) >> 16] = 1;
	if (!p->v6) {
		n = p->plen < 24 ? 1ull << (24 - p->plen) : 1;
		for (__u64 i = 0; i < n; i++)
			w->lit24[(top >> 8) + i] |= 1 << how;
		return;
	}
	for (__u64 i = 0; i < wide; i++)
		w->lit32[lit32_cell(top + (__u32)i)] |= 1 << (p->plen > 32 ? LIT_DEEPER : how);
	n = p->plen <= 32 ? 0 : p->plen < 48 ? 1ull << (48 - p->plen) : 1;
	for (__u64 i = 0; i < n; i++)
		w->lit48[lit48_cell(top, (__u16)(next + i))] |= 1 << how;
}

/* Everything in the cell says the same: that. Else: look. */
static unsigned int one_of(unsigned int things)
{
	for (unsigned int how = LIT_CONTROL; how <= LIT_DEEPER; how++)
		if (things == 1u << how)
			return how;
	return things ? LIT_LOOK : LIT_NONE;
}

static void compare_cells(const char *what, const __u8 *map, const __u8 *things, __u32 n)
{
	for (__u32 i = 0; i < n; i++)
		if (cell_at(map, i) != one_of(things[i]))
			fail_msg("%s cell %u is %u, not %u (%x)", what, i, cell_at(map, i), one_of(things[i]),
				 things[i]);
}

static void compare_all(const struct range_tables *t, const struct wanted *w)
{
	for (__u32 i = 0; i < 65536; i++) {
		assert_int_equal(bit_at(t->lit16_v4, i), w->bit_v4[i]);
		assert_int_equal(bit_at(t->lit16_v6, i), w->bit_v6[i]);
	}
	compare_cells("lit24", t->lit24, w->lit24, CELLS24);
	compare_cells("lit32", t->lit32, w->lit32, CELLS32);
	compare_cells("lit48", t->lit48, w->lit48, CELLS48);
}

/* Nested and scattered; no wider than /10 and /20, so that dark cells remain. */
static void random_prefix(__u64 *seed, char *text, size_t n)
{
	bool v6 = list_random(seed) % 2;
	unsigned int least = v6 ? 20 : 10, plen = least + list_random(seed) % ((v6 ? 80 : 33) - least), bits;
	char address[INET6_ADDRSTRLEN];
	__u8 addr[16] = { [0] = v6 ? 0x20 : 10, [1] = (__u8)(list_random(seed) % 4) };

	for (int i = 2; i < 8; i++)
		addr[i] = (__u8)(list_random(seed) % 3 ? list_random(seed) % 2 : list_random(seed));
	for (bits = plen; bits < 128; bits++)
		addr[bits / 8] &= (__u8) ~(0x80 >> bits % 8);
	inet_ntop(v6 ? AF_INET6 : AF_INET, addr, address, sizeof(address));
	snprintf(text, n, "%s/%u", address, plen);
}

static unsigned int how_of(const struct ranges *r, const struct range_prefix *p)
{
	const char *group = r->groups[p->group].name;

	return (!strcmp(group, "auto") || !strcmp(group, "part")) && !p->shared_with ? LIT_CONTROL : LIT_LOOK;
}

/* A wider range that holds this one says already what is to be done: nothing deeper need be asked. */
static bool is_settled(const struct ranges *r, const struct range_prefix *p)
{
	for (size_t i = 0; i < r->n_prefixes; i++) {
		const struct range_prefix *q = &r->prefixes[i];

		if (q->plen < p->plen && range_holds(q, p->addr, p->v6) &&
		    (how_of(r, q) == LIT_LOOK || how_of(r, p) == LIT_CONTROL))
			return true;
	}
	return false;
}

static void light_is_exact_in_every_cell_for_random_lists(void **state)
{
	static const char *const groups[] = { "x target", "auto control", "part control sample 0.25",
					      "whole control sample all" };
	struct range_tables *t = malloc(sizeof(*t));
	struct wanted *w = malloc(sizeof(*w));
	__u8 *cells = malloc(CELLS24 + CELLS32 + CELLS48);
	__u64 seed = 3;

	(void)state;
	assert_true(t && w && cells);
	for (int round = 0; round < 12; round++) {
		char text[32768] = LIST_HEAD, prefix[64], spaced[80];
		size_t at = strlen(text), many = round < 6 ? 5 : 100;
		struct ranges *r;

		for (unsigned int g = 0; g < 4; g++) {
			at += (size_t)sprintf(text + at, "group %s\nown 172.%u.0.0/20\n", groups[g], 16 + g);
			for (size_t i = 0; i < many; i++) {
				random_prefix(&seed, prefix, sizeof(prefix));
				snprintf(spaced, sizeof(spaced), " %s\n", prefix);
				if (!strstr(text, spaced)) /* each only once */
					at += (size_t)sprintf(text + at, "%s%s",
							      g || list_random(&seed) % 2 ? "own" : "shared",
							      spaced);
			}
		}
		r = list_of(text, NULL);
		memset(cells, 0, CELLS24 + CELLS32 + CELLS48);
		memset(w, 0, sizeof(*w));
		w->lit24 = cells;
		w->lit32 = cells + CELLS24;
		w->lit48 = cells + CELLS24 + CELLS32;
		for (size_t i = 0; i < r->n_prefixes; i++)
			if (!is_settled(r, &r->prefixes[i]))
				want(w, &r->prefixes[i], how_of(r, &r->prefixes[i]));
		range_tables_fill(t, r, NULL);
		compare_all(t, w);
		/* and as the kernel asks: nothing that is looked for stays dark, at either end of a range */
		for (size_t i = 0; i < r->n_prefixes; i++) {
			const struct range_prefix *p = &r->prefixes[i];
			char address[64];
			unsigned int is;

			snprintf(address, sizeof(address), "%.*s", (int)strcspn(p->text, "/"), p->text);
			is = lit(t, address);
			assert_true(is == LIT_LOOK || (is == LIT_CONTROL && how_of(r, p) == LIT_CONTROL));
		}
		ranges_free(r);
	}
	free(cells);
	free(w);
	free(t);
}

static void widest_lists_light_everything_and_nothing_outside(void **state)
{
	struct range_tables *t = tables_of(LIST_HEAD "group x target\nown 0.0.0.0/1\nown 8000::/1\n"
						     "group g control\nown 4000::/2\nown 128.0.0.0/2\n",
					   NULL);

	(void)state;
	assert_lit(t, "1.2.3.4", LIT_LOOK);
	assert_lit(t, "191.255.255.255", LIT_CONTROL);
	assert_lit(t, "192.0.0.0", LIT_NONE);
	assert_lit(t, "ffff::", LIT_LOOK);
	assert_lit(t, "7fff::", LIT_LOOK); /* its cell is shared with the other half: the trie decides */
	assert_lit(t, "3fff::", LIT_NONE);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_lit_from_the_first_to_the_last_24_and_dark_beside),
		cmocka_unit_test(ipv6_is_lit_from_the_first_to_the_last_48_and_dark_beside),
		cmocka_unit_test(only_a_sampled_controls_space_alone_in_its_cell_is_sampled_before_the_lookup),
		cmocka_unit_test(nat64_prefixes_are_lit_so_that_the_kernel_asks),
		cmocka_unit_test(light_is_exact_in_every_cell_for_random_lists),
		cmocka_unit_test(widest_lists_light_everything_and_nothing_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
