/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same question as in fast.h, where nothing is taken for granted: non-linear packets, MPLS, three tags, IP options,
 * extension headers, ICMP.
 */
#ifndef XREACH_RARE_H
#define XREACH_RARE_H

/* An answer in one word, because a frame on the small stack is dear: what, where the IP header lies, where the packet
 * ends (frames are shorter than 2^24 bytes; more means that the layers below do not tell), and the lit cells. */
#define RARE_END_UNKNOWN 0xffffffu
#define RARE_DNS	 0x80 /* or-ed to what: to or from port 53, in IPv4, or in IPv6: */
#define RARE_DNS_V6	 0x40
#define RARE_LOOK	 0x0f
static __always_inline __u64 rare_pack(__u32 what, const struct l3 *l3, __u32 lits)
{
	__u32 end = l3->end < RARE_END_UNKNOWN ? l3->end : RARE_END_UNKNOWN;

	return what | (__u64)(l3->off & 0xffff) << 8 | (__u64)end << 24 | (__u64)(lits & 0xffff) << 48;
}

static __always_inline void rare_unpack(__u64 word, __u32 *what, struct l3 *l3, __u32 *lits)
{
	*what = word & 0xff;
	l3->off = word >> 8 & 0xffff;
	l3->end = word >> 24 & 0xffffff;
	if (l3->end == RARE_END_UNKNOWN)
		l3->end = L3_END_UNKNOWN;
	*lits = word >> 48;
}

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

static __always_inline __u64 rare_look_v4(struct __sk_buff *ctx, const struct l3 *l3, void *buf)
{
	const struct iphdr *ip = peek(ctx, l3->off, buf, sizeof(*ip));
	__u32 src, dst, addresses, ports_off, dns;

	if (!ip) {
		count(CLASS_TC, COUNT_UNPARSED_SHORT);
		return LOOK_NOT_OURS;
	}
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return rare_pack(LOOK_OTHER_V4, l3, 0);
	ports_off = l3->off + ip->ihl * 4;
	dns = dns_ports(ctx, ports_off) ? RARE_DNS : 0;
	if (!((lit16_bit(lit16_v4, (__u16)ip->saddr) | lit16_bit(lit16_v4, (__u16)ip->daddr)) & 1))
		return rare_pack(LOOK_NOT_OURS | dns, l3, 0);
	src = lit_v4(ip->saddr);
	dst = lit_v4(ip->daddr);
	addresses = ip->saddr ^ ip->daddr;
	if (!(src | dst) || ((src | dst) == LIT_CONTROL && sampled_out(ctx, ports_off, addresses)))
		return rare_pack(LOOK_NOT_OURS | dns, l3, 0);
	return rare_pack(LOOK_WATCHED_V4 | dns, l3, src | dst << 8);
}

static __always_inline __u64 rare_look_v6(struct __sk_buff *ctx, const struct l3 *l3, void *buf)
{
	const struct ipv6hdr *ip = peek(ctx, l3->off, buf, sizeof(*ip));
	const __u32 *s, *d;
	__u32 src = 0, dst = 0, addresses, dns = 0;
	int plain;

	if (!ip) {
		count(CLASS_TC, COUNT_UNPARSED_SHORT);
		return LOOK_NOT_OURS;
	}
	plain = ip->nexthdr == IPPROTO_TCP || ip->nexthdr == IPPROTO_UDP;
	s = (const __u32 *)&ip->saddr;
	d = (const __u32 *)&ip->daddr;
	if ((lit16_bit(lit16_v6, (__u16)s[0]) | lit16_bit(lit16_v6, (__u16)d[0])) & 1) {
		src = lit_v6(s);
		dst = lit_v6(d);
	}
	if (!plain)
		return rare_pack(LOOK_OTHER_V6, l3, src | dst << 8);
	addresses = s[0] ^ s[1] ^ s[2] ^ s[3] ^ d[0] ^ d[1] ^ d[2] ^ d[3];
	if (dns_ports(ctx, l3->off + sizeof(*ip)))
		dns = RARE_DNS | RARE_DNS_V6;
	if (!(src | dst) || ((src | dst) == LIT_CONTROL && sampled_out(ctx, l3->off + sizeof(*ip), addresses)))
		return rare_pack(LOOK_NOT_OURS | dns, l3, 0);
	return rare_pack(LOOK_WATCHED_V6 | dns, l3, src | dst << 8);
}

/* `l2`: the device has Ethernet headers. */
GLOBAL __u64 rare_look(struct __sk_buff *ctx, __u32 l2)
{
	__u8 buf[PEEK_BUF];
	struct l3 l3;
	int err = l2 ? parse_l2(ctx, 1, &l3, buf) : parse_l2(ctx, 0, &l3, buf);

	if (err) {
		count_unparsed(CLASS_TC, err);
		return LOOK_NOT_OURS;
	}
	return l3.v6 ? rare_look_v6(ctx, &l3, buf) : rare_look_v4(ctx, &l3, buf);
}

/* IPv6 that is neither TCP nor UDP at first sight. */
GLOBAL int rare_other_v6(struct __sk_buff *ctx, __u32 off, __u32 end, __u32 lits)
{
	int found = rare_v6(ctx, off, end, lits);

	if (found & RARE_V6_DNS)
		dns_packet(ctx, off, end, 1);
	if (found & RARE_V6_WATCHED)
		watched_v6(ctx, off, end, lits);
	return 0;
}

/* `how`: 1 the device has Ethernet headers, 2 the packet is leaving. */
GLOBAL int rare(struct __sk_buff *ctx, __u32 how)
{
	struct l3 l3;
	__u32 lits, what;

	rare_unpack(rare_look(ctx, how & 1), &what, &l3, &lits);
	if (what & RARE_DNS)
		dns_packet(ctx, l3.off, l3.end, what & RARE_DNS_V6);
	what &= RARE_LOOK;
	lits |= (__u32)wire_hook(ctx->ifindex, how >> 1 & 1) << 16;
	if (what == LOOK_WATCHED_V4) {
		if (!known_v4(ctx, l3.off, l3.end, lits))
			watched_v4(ctx, l3.off, l3.end, lits);
	} else if (what == LOOK_WATCHED_V6) {
		if (!known_v6(ctx, l3.off, l3.end, lits))
			watched_v6(ctx, l3.off, l3.end, lits);
	} else if (what == LOOK_OTHER_V4) {
		rare_v4(ctx, l3.off, l3.end);
	} else if (what == LOOK_OTHER_V6) {
		rare_other_v6(ctx, l3.off, l3.end, lits);
	}
	return 0;
}

#endif
