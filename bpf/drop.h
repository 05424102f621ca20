/* SPDX-License-Identifier: GPL-2.0 */
/*
 * "Stopped on this very host": the kernel's own reason for dropping a packet, for watched addresses only. Two
 * variants, for the tracepoint gained its reason in 5.17 (c504e5c2f964); user space chooses by its prototype.
 */
#ifndef XREACH_DROP_H
#define XREACH_DROP_H

/* The few members that are needed (CO-RE finds their places in the running kernel). */
struct net {
	__u64 net_cookie;
} __attribute__((preserve_access_index));

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	possible_net_t nd_net;
} __attribute__((preserve_access_index));

struct sock_common {
	possible_net_t skc_net;
} __attribute__((preserve_access_index));

struct sock {
	struct sock_common __sk_common;
} __attribute__((preserve_access_index));

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	unsigned char *head;
	__u16 network_header;
	__be16 protocol;
} __attribute__((preserve_access_index));

/* A bit for each reason that stops nobody (SKB_CONSUMED and the like); from the running kernel's BTF. */
__u64 drop_ignored[4];

static __always_inline void drop_note(struct packet *p, __u32 reason, int up)
{
	struct found found;

	if (!find(p, up, &found))
		return;
	reason = reason > 254 ? 255 : reason ? reason : 1;
	if (found.flow) {
		__u32 state = state_of(found.flow->state);

		if (state != STATE_OPEN && state != STATE_ENDED)
			return;
		count_group(CLASS_DROP, state_group(found.flow->state), GROUP_DROPPED_HERE, 1);
		if (!(found.flow->seen & SEEN_DOWN_DATA)) {
			found.flow->drop_reason = reason;
			__sync_fetch_and_or(&found.flow->seen, SEEN_DROPPED_HERE);
		}
	} else if (found.attempt && state_of(found.attempt->state) == STATE_OPEN) {
		count_group(CLASS_DROP, state_group(found.attempt->state), GROUP_DROPPED_HERE, 1);
		found.attempt->drop_reason = reason;
	} else {
		return;
	}
	count(CLASS_DROP, COUNT_DROPPED_HERE);
}

/*
 * The tracepoint fires for every network namespace of the machine; a drop in another one is not ours. The device
 * is asked first, for a packet that crossed a veth still bears its sender's socket; on its way out it has no device
 * yet, and in a socket's queue something else lies in that place: a pointer that cannot be followed reads as 0.
 */
static __always_inline int drop_is_ours(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct sock *sk = skb->sk;
	__u64 cookie = 0;

	if (dev)
		cookie = dev->nd_net.net->net_cookie;
	if (!cookie && sk)
		cookie = sk->__sk_common.skc_net.net->net_cookie;
	return is_ours(cookie);
}

static __always_inline int drop_see(struct sk_buff *skb, __u32 reason)
{
	struct packet p = {};
	unsigned char *ip = skb->head + skb->network_header;
	__u8 head[40], ports[4], proto, off;
	int up, down;

	if (bpf_probe_read_kernel(head, 20, ip))
		return 0;
	p.class = CLASS_DROP;
	if (head[0] >> 4 == 4) {
		set_v4(p.src, *(__u32 *)(head + 12));
		set_v4(p.dst, *(__u32 *)(head + 16));
		up = (lit16_bit(lit16_v4, *(__u16 *)(head + 16)) & 1) && lit_v4(*(__u32 *)(head + 16));
		down = (lit16_bit(lit16_v4, *(__u16 *)(head + 12)) & 1) && lit_v4(*(__u32 *)(head + 12));
		proto = head[9];
		off = (head[0] & 15) * 4;
	} else if (head[0] >> 4 == 6) {
		if (bpf_probe_read_kernel(head, 40, ip))
			return 0;
		__builtin_memcpy(p.src, head + 8, 16);
		__builtin_memcpy(p.dst, head + 24, 16);
		p.v6 = 1;
		up = (lit16_bit(lit16_v6, *(__u16 *)(head + 24)) & 1) && lit_v6((__u32 *)(head + 24));
		down = (lit16_bit(lit16_v6, *(__u16 *)(head + 8)) & 1) && lit_v6((__u32 *)(head + 8));
		proto = head[6];
		off = 40;
	} else {
		return 0;
	}
	if (!up && !down)
		return 0;
	if ((proto != IPPROTO_TCP && proto != IPPROTO_UDP) || bpf_probe_read_kernel(ports, 4, ip + off))
		return 0;
	p.quic = proto == IPPROTO_UDP;
	p.sport = *(__be16 *)ports;
	p.dport = *(__be16 *)(ports + 2);
	if (!drop_is_ours(skb))
		return 0;
	drop_note(&p, reason, up);
	return 0;
}

SEC("?tp_btf/kfree_skb")
int xreach_drop(__u64 *ctx)
{
	__u32 reason = ctx[2];

	if (reason < 256 && drop_ignored[reason >> 6] >> (reason & 63) & 1)
		return 0;
	return drop_see((struct sk_buff *)ctx[0], reason);
}

SEC("?tp_btf/kfree_skb")
int xreach_dropold(__u64 *ctx)
{
	return drop_see((struct sk_buff *)ctx[0], 0);
}

#endif
