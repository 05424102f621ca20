// SPDX-License-Identifier: GPL-2.0
/*
 * The one BPF object. A packet goes: parse -> match -> (few) watched -> tcp, quic, icmp -> its flow. Every path
 * returns TC_ACT_UNSPEC, so that programs after ours run and the packet goes its way untouched.
 *
 * Entry points begin with xreach_, within the kernel's 15 characters: by it `xreach detach` knows what is ours.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "wire.h"

const volatile struct wire_config cfg = {
	.jiffy_us = 4000,
	.syn_live_ms = 3000,
	.syn_final_ms = 20000,
	.payload_ms = 10000,
	.post_ack_ms = 60000,
	.frozen_ms = 15000,
	.idle_ms = 300000,
	.linger_ms = 5000,
	.fin_ms = 1000,
	.tombstone_ms = 15000,
};

#include "parse.h"
#include "count.h"
#include "clock.h"
#include "match.h"
#include "flow.h"
#include "payload.h"
#include "tcp.h"
#include "quic.h"
#include "icmp.h"
#include "watched.h"
#include "sweep.h"
#include "sock.h"
#include "drop.h"

/* Controls are sampled before any lookup. 1: this flow is not in the sample of any group. */
static __always_inline int sampled_out(struct __sk_buff *ctx, __u32 ports_off, __u32 addresses_xor)
{
	__be16 buf[2];
	const __be16 *ports;

	if (sample_pass == 0xffffffff)
		return 0;
	ports = peek(ctx, ports_off, buf, 4);
	return ports && sample_hash(addresses_xor, ports[0] ^ ports[1]) > sample_pass;
}

static __always_inline void look_v4(struct __sk_buff *ctx, const struct l3 *l3, const int egress, void *buf)
{
	const struct iphdr *ip = peek(ctx, l3->off, buf, sizeof(*ip));
	__u32 src, dst;

	if (!ip) {
		count(CLASS_TC, COUNT_UNPARSED_SHORT);
		return;
	}
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP) {
		rare_v4(ctx, l3->off, l3->end);
		return;
	}
	if (!((lit16_bit(lit16_v4, (__u16)ip->saddr) | lit16_bit(lit16_v4, (__u16)ip->daddr)) & 1))
		return;
	src = lit_v4(ip->saddr);
	dst = lit_v4(ip->daddr);
	if (!(src | dst))
		return;
	if ((src | dst) == LIT_CONTROL &&
	    sampled_out(ctx, l3->off + ip->ihl * 4, ip->saddr ^ ip->daddr))
		return;
	watched_v4(ctx, l3->off, l3->end, src | dst << 8 | (__u32)wire_hook(ctx->ifindex, egress) << 16);
}

static __always_inline void look_v6(struct __sk_buff *ctx, const struct l3 *l3, const int egress, void *buf)
{
	const struct ipv6hdr *ip = peek(ctx, l3->off, buf, sizeof(*ip));
	const __u32 *s, *d;
	__u32 src = 0, dst = 0, lits;
	int plain;

	if (!ip) {
		count(CLASS_TC, COUNT_UNPARSED_SHORT);
		return;
	}
	plain = ip->nexthdr == IPPROTO_TCP || ip->nexthdr == IPPROTO_UDP;
	s = (const __u32 *)&ip->saddr;
	d = (const __u32 *)&ip->daddr;
	if ((lit16_bit(lit16_v6, (__u16)s[0]) | lit16_bit(lit16_v6, (__u16)d[0])) & 1) {
		src = lit_v6(s);
		dst = lit_v6(d);
	} else if (plain) {
		return;
	}
	if (!plain) {
		lits = src | dst << 8 | (__u32)wire_hook(ctx->ifindex, egress) << 16;
		if (rare_v6(ctx, l3->off, l3->end, lits))
			watched_v6(ctx, l3->off, l3->end, lits);
		return;
	}
	if (!(src | dst))
		return;
	if ((src | dst) == LIT_CONTROL &&
	    sampled_out(ctx, l3->off + sizeof(*ip),
			s[0] ^ s[1] ^ s[2] ^ s[3] ^ d[0] ^ d[1] ^ d[2] ^ d[3]))
		return;
	watched_v6(ctx, l3->off, l3->end, src | dst << 8 | (__u32)wire_hook(ctx->ifindex, egress) << 16);
}

static __always_inline int look(struct __sk_buff *ctx, const int l2, const int egress)
{
	__u8 buf[PEEK_BUF];
	struct l3 l3;
	int err = parse_l2(ctx, l2, &l3, buf);

	if (err)
		count_unparsed(CLASS_TC, err);
	else if (l3.v6)
		look_v6(ctx, &l3, egress, buf);
	else
		look_v4(ctx, &l3, egress, buf);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int xreach_in(struct __sk_buff *ctx)
{
	return look(ctx, 1, 0);
}

SEC("tc")
int xreach_out(struct __sk_buff *ctx)
{
	return look(ctx, 1, 1);
}

/* Devices without Ethernet headers: tun, ppp, wireguard, ipip. */
SEC("tc")
int xreach_in_ip(struct __sk_buff *ctx)
{
	return look(ctx, 0, 0);
}

SEC("tc")
int xreach_out_ip(struct __sk_buff *ctx)
{
	return look(ctx, 0, 1);
}

char LICENSE[] SEC("license") = "GPL";
