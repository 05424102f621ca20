/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two tables, and how a packet finds its record in them: attempts, of which nothing but the client's SYNs is
 * known, and flows, under a keyed hash.
 */
#ifndef XREACH_TABLES_H
#define XREACH_TABLES_H

#include "siphash.h"

/* A global function is verified once, by itself: what is called from many places is one, or the verifier
 * walks every path through it again for each caller. It takes scalars and memory, returns a number, and
 * must expect NULL. */
#define GLOBAL __attribute__((noinline))

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* A packet of interest, taken apart. It lives on the stack; what is stored of it holds no client. */
struct packet {
	__u8 src[16], dst[16]; /* IPv4 as ::ffff:a.b.c.d */
	__be16 sport, dport;
	__u32 seq, ack;
	__u32 payload, payload_off; /* length, offset in the frame */
	__u32 segs;
	__u32 now_c;
	__u64 now; /* fine clock, 0 until asked for */
	__u64 key;
	__u32 epoch;
	__u16 window, csum, ipid;
	__u8 flags; /* TCP's, as on the wire */
	__u8 ttl, v6, quic, hook;
	__u8 lit_src, lit_dst;
	__u8 options, timestamps; /* the TCP header has options; SYN and SYN-ACK: timestamps */
	__u8 class;		  /* enum hook_class */
};

/* Shards, filled in by user space with preallocated hashes: insertion takes half the time, and a table that
 * is full says so. Never LRU: it evicts silently. Sizes and no types, for those hashes have no BTF: up to 6.1 one
 * with and one without pass for different. */
struct shard_attempts {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, sizeof(struct wire_attempt));
};
struct shard_flows {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, sizeof(struct wire_flow));
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, WIRE_SHARDS);
	__type(key, __u32);
	__array(values, struct shard_attempts);
} attempts SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, WIRE_SHARDS);
	__type(key, __u32);
	__array(values, struct shard_flows);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} records SEC(".maps");

/* A flow being built: too large for the stack. One slot for each class of hook, as in `totals`. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, HOOK_CLASSES);
	__type(key, __u32);
	__type(value, struct wire_flow);
} scratch SEC(".maps");

struct wire_keys keys;

static __always_inline __u32 frame_len(struct __sk_buff *ctx)
{
	/* replay clips frames to what BPF_PROG_TEST_RUN accepts, and tells the length on the wire */
	return cfg.replay && ctx->cb[0] ? ctx->cb[0] : ctx->len;
}

static __always_inline __u64 packet_now(struct packet *p)
{
	if (!p->now)
		p->now = clock_ns();
	return p->now;
}

static __always_inline __u32 us_since(struct packet *p, const struct wire_flow *f)
{
	return (packet_now(p) - f->first_ns) / 1000;
}

static __always_inline __u32 shard_of(__u64 key)
{
	return key & cfg.shard_mask & (WIRE_SHARDS - 1);
}

static __always_inline struct wire_flow *flow_at(__u64 key)
{
	__u32 shard = shard_of(key);
	void *map = bpf_map_lookup_elem(&flows, &shard);
	struct wire_flow *f;

	if (!map)
		return NULL;
	f = bpf_map_lookup_elem(map, &key);
	return f && f->key == key ? f : NULL;
}

static __noinline struct wire_flow *flow_lookup(__u64 key)
{
	return flow_at(key);
}

static __noinline struct wire_attempt *attempt_lookup(__u64 key)
{
	__u32 shard = shard_of(key);
	void *map = bpf_map_lookup_elem(&attempts, &shard);
	struct wire_attempt *a;

	if (!map)
		return NULL;
	a = bpf_map_lookup_elem(map, &key);
	return a && a->key32 == (__u32)key ? a : NULL;
}

/* 32 bits of an IPv6 server's address. Two that fall together can only mix up flows of one client's one port. */
static __always_inline __u32 server_fold(__u64 hi, __u64 lo)
{
	return ((hi * 0x9e3779b97f4a7c15ull ^ lo) * 0xc2b2ae3d27d4eb4full) >> 32;
}

/* By value, so that a packet of the fast way need not lie in memory. */
static __always_inline __u64 key_v4(__be32 server, __be32 client, __u32 ports, int quic, __u32 epoch)
{
	return siphash_2(keys.k[epoch & 1], (__u64)server << 32 | client,
			 (__u64)ports << 32 | (quic ? 0x1104 : 0x0604));
}

static __always_inline __u64 key_v6(__u64 server0, __u64 server1, __u64 client0, __u64 client1, __u32 ports,
				    int quic, __u32 epoch)
{
	return siphash_3(keys.k[epoch & 1], client0, client1,
			 (__u64)ports << 32 | (server_fold(server0, server1) ^ (quic ? 0x1106 : 0x0606)));
}

static __always_inline __u64 key_of(const struct packet *p, int up, __u32 epoch)
{
	const __u64 *s = (const __u64 *)p->src, *d = (const __u64 *)p->dst;
	__u32 ports = up ? (__u32)p->dport << 16 | p->sport : (__u32)p->sport << 16 | p->dport;

	if (!p->v6) {
		__be32 src = *(const __be32 *)(p->src + 12), dst = *(const __be32 *)(p->dst + 12);

		return key_v4(up ? dst : src, up ? src : dst, ports, p->quic, epoch);
	}
	return key_v6(up ? d[0] : s[0], up ? d[1] : s[1], up ? s[0] : d[0], up ? s[1] : d[1], ports, p->quic,
		      epoch);
}

/* The key of a packet, the server being its destination (`up`) or its source, under the key of `epoch`. */
GLOBAL __u64 packet_key(const struct packet *p, int up, __u32 epoch)
{
	return p ? key_of(p, up, epoch) : 0;
}

/* What a packet was found to belong to: at most one of the two is set. */
struct found {
	struct wire_flow *flow;
	struct wire_attempt *attempt;
};

static __always_inline int find_under(struct packet *p, int up, __u32 epoch, struct found *found)
{
	p->key = packet_key(p, up, epoch);
	p->epoch = epoch;
	found->flow = flow_lookup(p->key);
	if (found->flow)
		return 1;
	found->attempt = attempt_lookup(p->key);
	return !!found->attempt;
}

/* Look a packet up under the key in force, then, while flows live under it, under the one before. Leaves
 * p->key under the key in force where nothing was found. */
static __always_inline int find(struct packet *p, int up, struct found *found)
{
	__u32 epoch = keys.current & 1;
	__u64 key;

	found->flow = NULL;
	found->attempt = NULL;
	if (find_under(p, up, epoch, found))
		return 1;
	if (!keys.previous)
		return 0;
	key = p->key;
	if (find_under(p, up, !epoch, found))
		return 1;
	p->key = key;
	p->epoch = epoch;
	return 0;
}

#endif
