/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet one of whose addresses is lit: take it apart, and give it to its flow. Reached by few packets, so
 * it may call functions.
 */
#ifndef XREACH_WATCHED_H
#define XREACH_WATCHED_H

/* Does a SYN or SYN-ACK carry a timestamps option (RFC 7323)? */
GLOBAL int has_timestamps(struct __sk_buff *ctx, __u32 off, __u32 len)
{
	for (int i = 0; i < 16 && len >= 2; i++) {
		__u8 buf[2];
		const __u8 *o = peek(ctx, off, buf, 2);
		__u32 step;

		if (!o || o[0] == 0)
			return 0;
		if (o[0] == 8)
			return 1;
		step = o[0] == 1 ? 1 : o[1];
		if (step == 0 || step > len)
			return 0;
		off += step;
		len -= step;
	}
	return 0;
}

static __always_inline void tcp_fields(struct packet *p, const struct tcphdr *tcp, const struct l4 *l4, __u32 head)
{
	p->sport = tcp->source;
	p->dport = tcp->dest;
	p->seq = bpf_ntohl(tcp->seq);
	p->ack = bpf_ntohl(tcp->ack_seq);
	p->window = bpf_ntohs(tcp->window);
	p->csum = tcp->check;
	p->flags = ((const __u8 *)tcp)[13];
	p->options = head > sizeof(*tcp);
	p->payload_off = l4->off + head;
	p->payload = l4->end - p->payload_off;
}

static __always_inline int take_tcp(struct __sk_buff *ctx, struct packet *p, const struct l4 *l4, void *buf)
{
	const struct tcphdr *tcp = peek(ctx, l4->off, buf, sizeof(*tcp));
	__u32 head;

	head = tcp ? tcp->doff * 4 : 0;
	if (head < sizeof(*tcp) || l4->end < l4->off + head) {
		count(p->class, l4->first_fragment ? COUNT_UNPARSED_FRAGMENT : COUNT_UNPARSED_TRANSPORT);
		return -1;
	}
	tcp_fields(p, tcp, l4, head);
	if ((p->flags & (TCP_SYN | TCP_RST)) && p->options)
		p->timestamps = has_timestamps(ctx, l4->off + sizeof(*tcp), head - sizeof(*tcp));
	return 0;
}

static __always_inline int take_udp(struct __sk_buff *ctx, struct packet *p, const struct l4 *l4, void *buf)
{
	const struct udphdr *udp = peek(ctx, l4->off, buf, sizeof(*udp));

	if (!udp || l4->end < l4->off + sizeof(*udp)) {
		count(p->class, l4->first_fragment ? COUNT_UNPARSED_FRAGMENT : COUNT_UNPARSED_TRANSPORT);
		return -1;
	}
	p->quic = 1;
	p->sport = udp->source;
	p->dport = udp->dest;
	p->payload_off = l4->off + sizeof(*udp);
	p->payload = l4->end - p->payload_off;
	p->csum = udp->check;
	/* the last bytes of a QUIC packet are its seal: no two are alike, whatever the checksum is (left to the card) */
	if (p->payload >= 4) {
		__u8 seal[4];
		const __u8 *last = peek(ctx, l4->end - 4, seal, 4);

		if (last)
			__builtin_memcpy(&p->seq, last, 4);
	}
	return 0;
}

/* Nothing is known of it: count it, if its address is really in a range. */
GLOBAL int midstream(struct packet *p)
{
	struct place place = {};

	if (!p || (!(p->lit_dst && place_find(p, 1, &place)) && !(p->lit_src && place_find(p, 0, &place))))
		return 0;
	count(p->class, COUNT_MIDSTREAM);
	count_group(p->class, place.group, GROUP_PACKETS, p->segs);
	return 1;
}

static __always_inline void deliver_tcp(struct __sk_buff *ctx, struct packet *p)
{
	if ((p->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
		/* with RST or FIN it opens nothing; out of a watched range neither */
		if (!(p->flags & (TCP_RST | TCP_FIN)) && p->lit_dst && tcp_syn(ctx, p))
			return;
	} else if (p->flags & TCP_SYN) {
		if (p->lit_src && tcp_other(ctx, p, 0))
			return;
	} else {
		if (p->lit_dst && tcp_other(ctx, p, 1))
			return;
		if (p->lit_src && tcp_other(ctx, p, 0))
			return;
	}
	midstream(p);
}

static __always_inline void deliver(struct __sk_buff *ctx, struct packet *p, const struct l4 *l4, void *buf)
{
	p->ttl = l4->ttl;
	p->ipid = l4->ipid;
	p->segs = ctx->gso_segs ? ctx->gso_segs : 1;
	p->now_c = clock_coarse();
	if (l4->proto == IPPROTO_TCP) {
		if (!take_tcp(ctx, p, l4, buf))
			deliver_tcp(ctx, p);
	} else if (l4->proto == IPPROTO_UDP) {
		if (take_udp(ctx, p, l4, buf))
			return;
		if (p->lit_dst && p->dport == bpf_htons(443) && quic_datagram(ctx, p, 1))
			return;
		if (p->lit_src && p->sport == bpf_htons(443) && quic_datagram(ctx, p, 0))
			return;
		if (p->dport == bpf_htons(443) || p->sport == bpf_htons(443))
			midstream(p);
	}
}

/* `lits`: enum lit of the source in the low byte, of the destination in the next, the hook above. */
GLOBAL int watched_v4(struct __sk_buff *ctx, __u32 off, __u32 end, __u32 lits)
{
	struct l3 l3 = { .off = off, .end = end };
	struct packet p = {};
	__u8 buf[PEEK_BUF];
	const struct iphdr *ip;
	struct l4 l4;
	int err;

	p.class = CLASS_TC;
	p.lit_src = lits & 0xff;
	p.lit_dst = lits >> 8 & 0xff;
	p.hook = lits >> 16;
	ip = peek(ctx, off, buf, sizeof(*ip));
	if (!ip)
		return 0;
	*(__u32 *)(p.src + 12) = ip->saddr;
	*(__u32 *)(p.dst + 12) = ip->daddr;
	*(__u16 *)(p.src + 10) = 0xffff;
	*(__u16 *)(p.dst + 10) = 0xffff;
	err = l4_finish_v4(ip, &l3, frame_len(ctx), &l4);
	if (err) {
		count_unparsed(CLASS_TC, err);
		return 0;
	}
	deliver(ctx, &p, &l4, buf);
	return 0;
}

GLOBAL int watched_v6(struct __sk_buff *ctx, __u32 off, __u32 end, __u32 lits)
{
	struct l3 l3 = { .off = off, .end = end, .v6 = 1 };
	struct packet p = {};
	__u8 buf[PEEK_BUF];
	const struct ipv6hdr *ip;
	struct l4 l4;
	int err;

	p.class = CLASS_TC;
	p.v6 = 1;
	p.lit_src = lits & 0xff;
	p.lit_dst = lits >> 8 & 0xff;
	p.hook = lits >> 16;
	ip = peek(ctx, off, buf, sizeof(*ip));
	if (!ip)
		return 0;
	__builtin_memcpy(p.src, &ip->saddr, 16);
	__builtin_memcpy(p.dst, &ip->daddr, 16);
	err = l4_start_v6(ip, &l3, frame_len(ctx), &l4);
	if (!err)
		err = parse_extensions(ctx, &l4, buf);
	if (err) {
		count_unparsed(CLASS_TC, err);
		return 0;
	}
	deliver(ctx, &p, &l4, buf);
	return 0;
}

/* IPv4 that is neither TCP nor UDP: an ICMP error, a tunnel, or nothing of ours. */
GLOBAL int rare_v4(struct __sk_buff *ctx, __u32 off, __u32 end)
{
	struct l3 l3 = { .off = off, .end = end };
	struct packet p = {};
	__u8 buf[PEEK_BUF];
	const struct iphdr *ip = peek(ctx, off, buf, sizeof(*ip));
	struct l4 l4;
	int err;

	if (!ip)
		return 0;
	if (is_tunnel(ip->protocol)) {
		count(CLASS_TC, COUNT_UNPARSED_TUNNEL);
		return 0;
	}
	if (ip->protocol != IPPROTO_ICMP)
		return 0;
	err = l4_finish_v4(ip, &l3, frame_len(ctx), &l4);
	if (err)
		return 0; /* a later fragment of an ICMP message is no error message */
	if (!icmp_is_ours(ctx, l4.off, 0, buf))
		return 0;
	p.class = CLASS_TC;
	p.ttl = l4.ttl;
	icmp(ctx, &p, off, l4.off, 0);
	return 0;
}

/* IPv6 whose next header is neither TCP nor UDP: an ICMPv6 error, or extension headers. Returns whether it is to go on
 * as a watched packet, and whether it is one of DNS. */
#define RARE_V6_WATCHED 1
#define RARE_V6_DNS	2
GLOBAL int rare_v6(struct __sk_buff *ctx, __u32 off, __u32 end, __u32 lits)
{
	struct l3 l3 = { .off = off, .end = end, .v6 = 1 };
	struct packet p = {};
	__u8 buf[PEEK_BUF];
	const struct ipv6hdr *ip = peek(ctx, off, buf, sizeof(*ip));
	struct l4 l4;
	int err;

	if (!ip)
		return 0;
	err = l4_start_v6(ip, &l3, frame_len(ctx), &l4);
	if (!err)
		err = parse_extensions(ctx, &l4, buf);
	if (err) {
		if (lits & 0xffff)
			count_unparsed(CLASS_TC, err);
		return 0;
	}
	if (l4.proto == IPPROTO_ICMPV6) {
		if (!icmp_is_ours(ctx, l4.off, 1, buf))
			return 0;
		p.class = CLASS_TC;
		p.ttl = l4.ttl;
		icmp(ctx, &p, off, l4.off, 1);
	} else if (is_tunnel(l4.proto)) {
		count(CLASS_TC, COUNT_UNPARSED_TUNNEL);
	} else {
		return (lits & 0xffff ? RARE_V6_WATCHED : 0) |
		       ((l4.proto == IPPROTO_UDP || l4.proto == IPPROTO_TCP) && dns_ports(ctx, l4.off) ? RARE_V6_DNS
												       : 0);
	}
	return 0;
}

#endif
