// SPDX-License-Identifier: GPL-2.0
/*
 * The one BPF object. A packet goes: fast -> (few) known, watched -> tcp, quic, icmp -> its flow. Every path
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
	.dns = 1,
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
#include "tables.h"
#include "evidence.h"
#include "sent.h"
#include "flow.h"
#include "due.h"
#include "payload.h"
#include "tcp_side.h"
#include "resets.h"
#include "print.h"
#include "tcp_up.h"
#include "tcp_down.h"
#include "tcp.h"
#include "quic.h"
#include "icmp.h"
#include "dns.h"
#include "watched.h"
#include "known.h"
#include "fast.h"
#include "rare.h"
#include "sweep.h"
#include "sock.h"
#include "drop.h"

static __always_inline int look(struct __sk_buff *ctx, const int l2, const int egress)
{
	const __u32 off = l2 ? sizeof(struct ethhdr) : 0;
	__u32 lits;

	switch (fast_look(ctx, l2, &lits)) {
	case LOOK_NOT_OURS:
		break;
	case LOOK_WATCHED_V4:
		lits |= (__u32)wire_hook(ctx->ifindex, egress) << 16;
		if (!known_v4(ctx, off, L3_END_UNKNOWN, lits))
			watched_v4(ctx, off, L3_END_UNKNOWN, lits);
		break;
	case LOOK_WATCHED_V6:
		lits |= (__u32)wire_hook(ctx->ifindex, egress) << 16;
		if (!known_v6(ctx, off, L3_END_UNKNOWN, lits))
			watched_v6(ctx, off, L3_END_UNKNOWN, lits);
		break;
	case LOOK_OTHER_V4:
		rare_v4(ctx, off, L3_END_UNKNOWN);
		break;
	case LOOK_OTHER_V6:
		rare_other_v6(ctx, off, L3_END_UNKNOWN, lits | (__u32)wire_hook(ctx->ifindex, egress) << 16);
		break;
	case LOOK_AGAIN:
		rare(ctx, l2 | egress << 1);
		break;
	}
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
