/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is this address looked at? Two bitmaps, then the longest-prefix tries; and the sampling of control groups,
 * which comes before any lookup because large content networks are a great part of all packets.
 */
#ifndef XREACH_MATCH_H
#define XREACH_MATCH_H

/* Written by user space through the mapped memory; see wire.h for the cells. */
__u8 lit16_v4[LIT16_BYTES], lit16_v6[LIT16_BYTES];
__u8 lit24[LIT24_BYTES];
__u8 lit32[LIT32_BYTES], lit48[LIT48_BYTES];
struct wire_group groups[WIRE_GROUPS_MAX];
/* The highest sampling threshold any open flow may have been opened under. */
__u32 sample_pass = 0xffffffff;

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1); /* set before load */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct wire_lpm4);
	__type(value, struct wire_range);
} ranges4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct wire_lpm6);
	__type(value, struct wire_range);
} ranges6 SEC(".maps");

/* The operator's sites: prefixes of /20 and /40 at the finest. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct wire_lpm4);
	__type(value, __u32);
} sites4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct wire_lpm6);
	__type(value, __u32);
} sites6 SEC(".maps");

static __always_inline __u32 lit16_bit(const __u8 *map, __be16 top)
{
	__u32 i = bpf_ntohs(top);

	return map[i >> 3] >> (i & 7);
}

static __always_inline __u32 lit_cell(const __u8 *map, __u32 cell)
{
	return map[cell >> 2] >> ((cell & 3) * 2) & 3;
}

/* Step 2 for an IPv4 address (network order): enum lit. */
static __always_inline __u32 lit_v4(__be32 addr)
{
	return lit_cell(lit24, bpf_ntohl(addr) >> 8);
}

/* Step 2 for an IPv6 address. */
static __always_inline __u32 lit_v6(const __u32 *addr)
{
	__u32 top = bpf_ntohl(addr[0]);
	__u32 lit = lit_cell(lit32, lit32_cell(top) & ((1 << LIT32_BITS) - 1));

	if (lit == LIT_DEEPER)
		lit = lit_cell(lit48, lit48_cell(top, bpf_ntohl(addr[1]) >> 16) & ((1 << LIT48_BITS) - 1));
	return lit;
}

/* Sampling hash of a 5-tuple, the same in both directions. */
static __always_inline __u32 sample_hash(__u32 addresses_xor, __u32 ports_xor)
{
	__u64 m = ((__u64)addresses_xor << 16) ^ ports_xor ^ ((__u64)cfg.seed << 24);

	return (m * 0x9e3779b97f4a7c15ull) >> 32;
}

/* The IPv4 address inside a NAT64 address (RFC 6052, 2.2), or 0. */
static __always_inline __be32 nat64_inner(const __u8 *a)
{
	for (int i = 0; i < WIRE_NAT64_MAX && i < cfg.nat64_n; i++) {
		__u32 bytes = cfg.nat64[i].plen / 8, same = 1;

		for (__u32 j = 0; j < 12; j++)
			if (j < bytes && a[j] != cfg.nat64[i].addr[j])
				same = 0;
		if (!same)
			continue;
		switch (cfg.nat64[i].plen) { /* bits 64 to 71 are left out */
		case 96:
			return *(__be32 *)(a + 12);
		case 64:
			return bpf_htonl(a[9] << 24 | a[10] << 16 | a[11] << 8 | a[12]);
		case 56:
			return bpf_htonl(a[7] << 24 | a[9] << 16 | a[10] << 8 | a[11]);
		case 48:
			return bpf_htonl(a[6] << 24 | a[7] << 16 | a[9] << 8 | a[10]);
		case 40:
			return bpf_htonl(a[5] << 24 | a[6] << 16 | a[7] << 8 | a[9]);
		case 32:
			return bpf_htonl(a[4] << 24 | a[5] << 16 | a[6] << 8 | a[7]);
		}
	}
	return 0;
}

static __always_inline struct wire_range *range_v4(__be32 addr)
{
	struct wire_lpm4 key = { .prefixlen = 32 };

	__builtin_memcpy(key.addr, &addr, 4);
	return bpf_map_lookup_elem(&ranges4, &key);
}

/* Step 3: the range that holds a server address (IPv4 as ::ffff:a.b.c.d with v6 unset), or NULL. */
static __noinline struct wire_range *range_find(const __u8 *addr, __u32 v6)
{
	struct wire_lpm6 key = { .prefixlen = 128 };
	__be32 v4;

	if (v6)
		v4 = nat64_inner(addr);
	else
		__builtin_memcpy(&v4, addr + 12, 4);
	if (v4 || !v6)
		return range_v4(v4);
	__builtin_memcpy(key.addr, addr, 16);
	return bpf_map_lookup_elem(&ranges6, &key);
}

/* Site of a client, 0 for none. The address goes no further than this function. */
static __noinline __u8 site_find(const __u8 *addr, __u32 v6)
{
	struct wire_lpm6 key = { .prefixlen = 128 };
	struct wire_lpm4 key4 = { .prefixlen = 32 };
	__u32 *site;

	if (v6) {
		__builtin_memcpy(key.addr, addr, 16);
		site = bpf_map_lookup_elem(&sites6, &key);
	} else {
		__builtin_memcpy(key4.addr, addr + 12, 4);
		site = bpf_map_lookup_elem(&sites4, &key4);
	}
	return site ? (__u8)*site : 0;
}

#endif
