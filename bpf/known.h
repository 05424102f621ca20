/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The common packet of a known flow: linear, no options of IP, no SYN and no RST, server data or a bare ACK of the
 * client, found under the key in force. No call but the lookup's (and those for a flow's first packets: sent.h, print.h), and the
 * packet taken apart in registers: on a processor that must guard its returns each call costs some 5 ns, and 91 ns a packet
 * became 58. Everything else goes
 * on in watched.h, where nothing is taken for granted; 0 says so.
 */
#ifndef XREACH_KNOWN_H
#define XREACH_KNOWN_H

#define KNOWN_OFF_MAX 0x7f

/* Is only one of the two addresses lit? With both, it takes a second look to tell the server. */
static __always_inline int one_way(__u32 lits)
{
	return !(lits & 0xff) != !(lits & 0xff00);
}

static __always_inline int known_tcp(struct __sk_buff *ctx, struct packet *p, const struct tcphdr *tcp,
				     const struct l4 *l4, int up)
{
	__u32 head = tcp->doff * 4, state;
	struct wire_flow *f;

	if (head < sizeof(*tcp) || l4->end < l4->off + head)
		return 0;
	tcp_fields(p, tcp, l4, head);
	if (p->flags & (TCP_SYN | TCP_RST))
		return 0;
	p->class = CLASS_TC;
	p->ttl = l4->ttl;
	p->ipid = l4->ipid;
	p->epoch = keys.current & 1;
	p->key = key_of(p, up, p->epoch);
	f = flow_at(p->key);
	if (!f)
		return 0;
	p->segs = ctx->gso_segs ? ctx->gso_segs : 1;
	p->now_c = clock_coarse();
	if (cfg.replay && flow_waited(f, f->state, packet_now(p), p->now_c))
		return 0;
	state = f->state;
	if (state_of(state) != STATE_OPEN && state_of(state) != STATE_ENDED)
		return 0;
	if (!up) {
		if (!(f->seen & SEEN_DOWN_DATA) && payload_of_before(p, f->isn_up))
			return 0; /* late, of another flow */
		down_packet(ctx, p, f, 1);
		return 1;
	}
	if (p->payload)
		return 0; /* perhaps the first: it may have to go to user space */
	up_packet(ctx, p, f, 1);
	return 1;
}

/* `off`, `end`, `lits`: as for watched_v4(). 1 when it is dealt with. */
GLOBAL int known_v4(struct __sk_buff *ctx, __u32 off, __u32 end, __u32 lits)
{
	const struct iphdr *ip = (const void *)(long)ctx->data + (off & KNOWN_OFF_MAX);
	const struct tcphdr *tcp = (const void *)(ip + 1);
	struct l3 l3 = { .off = off, .end = end };
	struct packet p = {};
	struct l4 l4;

	if (off > KNOWN_OFF_MAX || (const void *)(tcp + 1) > (const void *)(long)ctx->data_end)
		return 0;
	if (ip->protocol != IPPROTO_TCP || ip->ihl != 5 || !one_way(lits))
		return 0;
	if (l4_finish_v4(ip, &l3, frame_len(ctx), &l4))
		return 0;
	p.hook = lits >> 16;
	*(__u32 *)(p.src + 12) = ip->saddr;
	*(__u32 *)(p.dst + 12) = ip->daddr;
	return known_tcp(ctx, &p, tcp, &l4, !!(lits & 0xff00));
}

GLOBAL int known_v6(struct __sk_buff *ctx, __u32 off, __u32 end, __u32 lits)
{
	const struct ipv6hdr *ip = (const void *)(long)ctx->data + (off & KNOWN_OFF_MAX);
	const struct tcphdr *tcp = (const void *)(ip + 1);
	struct l3 l3 = { .off = off, .end = end, .v6 = 1 };
	struct packet p = {};
	struct l4 l4;

	if (off > KNOWN_OFF_MAX || (const void *)(tcp + 1) > (const void *)(long)ctx->data_end)
		return 0;
	if (ip->nexthdr != IPPROTO_TCP || !one_way(lits))
		return 0;
	if (l4_start_v6(ip, &l3, frame_len(ctx), &l4))
		return 0;
	p.v6 = 1;
	p.hook = lits >> 16;
	__builtin_memcpy(p.src, &ip->saddr, 16);
	__builtin_memcpy(p.dst, &ip->daddr, 16);
	return known_tcp(ctx, &p, tcp, &l4, !!(lits & 0xff00));
}

#endif
