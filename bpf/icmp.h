/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP and ICMPv6 destination-unreachable errors that quote a packet of a watched flow, from client to server
 * (RFC 792, RFC 4443). Neither outer address needs to be watched: a router answers a client.
 */
#ifndef XREACH_ICMP_H
#define XREACH_ICMP_H

#define ICMP_DEST_UNREACHABLE  3
#define ICMP_CODE_TOO_BIG      4
#define ICMP6_DEST_UNREACHABLE 1

/* An error that quotes a packet to a lit address, or one that cannot be read? In line, for most errors are not ours. */
static __always_inline int icmp_is_ours(struct __sk_buff *ctx, __u32 off, const int v6, void *buf)
{
	const __u8 *h = peek(ctx, off, buf, 2);
	const __u32 *d;

	if (!h)
		return 0;
	if (v6 ? h[0] != ICMP6_DEST_UNREACHABLE : h[0] != ICMP_DEST_UNREACHABLE || h[1] == ICMP_CODE_TOO_BIG)
		return 0;
	if (v6) {
		d = peek(ctx, off + 8 + __builtin_offsetof(struct ipv6hdr, daddr), buf, 16);
		return !d || ((lit16_bit(lit16_v6, (__u16)d[0]) & 1) && lit_v6(d));
	}
	d = peek(ctx, off + 8 + __builtin_offsetof(struct iphdr, daddr), buf, 4);
	return !d || ((lit16_bit(lit16_v4, (__u16)d[0]) & 1) && lit_v4(d[0]));
}

/* The quoted header, taken apart as if the quoted packet passed here. 0 when it cannot be. */
static __always_inline int quote_v4(struct __sk_buff *ctx, __u32 off, struct packet *p, __u8 *proto, __u32 *l4,
				    void *buf)
{
	const struct iphdr *ip = peek(ctx, off, buf, sizeof(*ip));

	if (!ip || ip->version != 4 || ip->ihl < 5 || (ip->frag_off & bpf_htons(0x1fff))) {
		count(p->class, COUNT_UNPARSED_QUOTE);
		return 0;
	}
	*(__u32 *)(p->src + 12) = ip->saddr;
	*(__u32 *)(p->dst + 12) = ip->daddr;
	*(__u16 *)(p->src + 10) = 0xffff;
	*(__u16 *)(p->dst + 10) = 0xffff;
	*proto = ip->protocol;
	*l4 = off + ip->ihl * 4;
	return 1;
}

static __always_inline int quote_v6(struct __sk_buff *ctx, __u32 off, struct packet *p, __u8 *proto, __u32 *off_l4,
				    void *buf)
{
	const struct ipv6hdr *ip = peek(ctx, off, buf, sizeof(*ip));
	struct l4 l4 = {};

	if (!ip || ip->version != 6) {
		count(p->class, COUNT_UNPARSED_QUOTE);
		return 0;
	}
	__builtin_memcpy(p->src, &ip->saddr, 16);
	__builtin_memcpy(p->dst, &ip->daddr, 16);
	p->v6 = 1;
	l4.proto = ip->nexthdr;
	l4.off = off + sizeof(*ip);
	if (parse_extensions(ctx, &l4, buf)) {
		count(p->class, COUNT_UNPARSED_QUOTE);
		return 0;
	}
	*proto = l4.proto;
	*off_l4 = l4.off;
	return 1;
}

/* May it be a client's, or of a client's line or house? So where it lies in the client's own /24 (IPv4) or /48 (IPv6, what
 * a site gets at most: RFC 6177), or in a site of the operator's. One that is good on its own link only tells nobody where
 * it is. */
static __always_inline int may_be_private(const __u32 *source, const struct packet *p, const int v6)
{
	const __u8 *b = (const __u8 *)source;
	const __u32 *client = (const __u32 *)p->src;

	if (v6 ? source[0] == client[0] && !((source[1] ^ client[1]) & bpf_htonl(0xffff0000))
	       : !((source[3] ^ client[3]) & bpf_htonl(0xffffff00)))
		return 1;
	if (v6 ? b[0] == 0xfe && (b[1] & 0xc0) == 0x80 : b[12] == 169 && b[13] == 254)
		return 1;
	return site_find(b, v6);
}

/*
 * Who sent the error that ended the flow: the source in the outer IP header at `ip`. In p is the quoted packet, whose
 * source is the client. Decided here, before it is written anywhere.
 */
GLOBAL int icmp_source(struct __sk_buff *ctx, struct packet *p, struct wire_flow *f, __u32 ip, __u32 v6)
{
	__u32 source[4] = {}, buf[4];
	struct wire_evidence *e;
	const __u32 *at;

	if (!p || !f)
		return 0;
	e = evidence_of(f);
	if (e)
		e->has_icmp_source = 0; /* of an error that was answered since */
	if (v6) {
		at = peek(ctx, ip + __builtin_offsetof(struct ipv6hdr, saddr), buf, 16);
		if (!at)
			return 0;
		__builtin_memcpy(source, at, 16);
		if (may_be_private(source, p, 1))
			return 0;
	} else {
		at = peek(ctx, ip + __builtin_offsetof(struct iphdr, saddr), buf, 4);
		if (!at)
			return 0;
		source[2] = bpf_htonl(0x0000ffff);
		source[3] = *at;
		if (may_be_private(source, p, 0))
			return 0;
	}
	e = evidence_hold(p->class, f);
	if (!e)
		return 0;
	__builtin_memcpy(e->icmp_source, source, 16);
	e->has_icmp_source = 1;
	return 0;
}

/* 1 where it is the error that ends the flow. */
static __always_inline int icmp_on_flow(struct packet *p, struct wire_flow *f, __u8 type, __u8 code)
{
	__u32 seen = f->seen;

	if (!p->quic && p->seq - f->isn_up > f->up_next - f->isn_up) {
		count(p->class, COUNT_ICMP_STRAY); /* not a packet of this flow */
		return 0;
	}
	count_group(p->class, state_group(f->state), GROUP_ICMP, 1);
	if ((seen & (SEEN_ICMP | SEEN_ICMP_ANSWERED)) == SEEN_ICMP)
		return 0;
	f->icmp_us = us_since(p, f);
	f->icmp_type = type;
	f->icmp_code = code;
	f->icmp_ttl = p->ttl;
	f->icmp_stage = p->quic ? (seen & SEEN_DOWN ? STAGE_LATER : STAGE_POST_PSH) : stage_now(seen);
	__sync_fetch_and_or(&f->seen, SEEN_ICMP);
	__sync_fetch_and_and(&f->seen, ~SEEN_ICMP_ANSWERED); /* an earlier one was; this one is not yet */
	state_move(&f->state, STATE_OPEN, STATE_ENDED);
	return 1;
}

/* One that is ours at `off`, the outer IP header at `ip` with its TTL in p->ttl. */
GLOBAL int icmp(struct __sk_buff *ctx, struct packet *p, __u32 ip, __u32 off, __u32 v6)
{
	__u8 buf[PEEK_BUF], type, code, proto = 0;
	const __u8 *h, *ports;
	struct found found;
	struct wire_flow *f;
	__u32 l4 = 0;

	if (!p)
		return 0;
	h = peek(ctx, off, buf, 8);
	if (!h)
		return 0;
	type = h[0];
	code = h[1];
	if (!(v6 ? quote_v6(ctx, off + 8, p, &proto, &l4, buf) : quote_v4(ctx, off + 8, p, &proto, &l4, buf)))
		return 0;
	ports = peek(ctx, l4, buf, 8);
	if (!ports) {
		count(p->class, COUNT_UNPARSED_QUOTE);
		return 0;
	}
	p->sport = *(__be16 *)ports;
	p->dport = *(__be16 *)(ports + 2);
	p->seq = bpf_ntohl(*(__be32 *)(ports + 4));
	p->quic = proto == IPPROTO_UDP;
	if (proto != IPPROTO_TCP && (proto != IPPROTO_UDP || p->dport != bpf_htons(443)))
		return 0;
	p->now_c = clock_coarse();
	if (!find(p, 1, &found)) {
		count(p->class, COUNT_ICMP_STRAY);
		return 0;
	}
	f = found.flow;
	if (f)
		flow_overdue(p, f);
	if (!f && found.attempt) {
		attempt_overdue(p, found.attempt);
		if (!p->quic && !(found.attempt->state & STATE_NO_ISN) && p->seq != found.attempt->isn) {
			count(p->class, COUNT_ICMP_STRAY);
			return 0;
		}
		f = attempt_promote(p, found.attempt);
	}
	if (f && (state_of(f->state) == STATE_OPEN || state_of(f->state) == STATE_ENDED)) {
		if (icmp_on_flow(p, f, type, code))
			icmp_source(ctx, p, f, ip, v6);
	} else {
		count(p->class, COUNT_LATE);
	}
	return 0;
}

#endif
