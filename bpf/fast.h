/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way of nearly every packet: linear, IPv4 or IPv6 behind Ethernet, tags or PPPoE, TCP or UDP, not for us. No call,
 * no stack and nothing kept across a call, so that the compiled program saves no register. What is watched, and every
 * shape that is rarer, goes on in slower functions.
 */
#ifndef XREACH_FAST_H
#define XREACH_FAST_H

enum look {
	LOOK_NOT_OURS,
	LOOK_WATCHED_V4,
	LOOK_WATCHED_V6,
	LOOK_OTHER_V4, /* neither TCP nor UDP: ICMP, tunnels */
	LOOK_OTHER_V6, /* ... or extension headers */
	LOOK_AGAIN,    /* in rare.h, where nothing is taken for granted; DNS too */
};

#define FAST_TAGS 2

static __always_inline int is_tag(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD) || type == bpf_htons(ETH_QINQ_OLD);
}

/* Steps 1 and 2 of wire.h, and the sampling of controls. *lits: source, destination << 8. */
static __always_inline enum look fast_v4(const struct iphdr *ip, const void *end, __u32 *lits)
{
	const __be16 *ports = (const void *)(ip + 1);
	__u32 src, dst;

	if ((const void *)(ports + 2) > end)
		return LOOK_AGAIN;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return LOOK_OTHER_V4;
	if (is_dns(ports)) /* behind options, which are rare, it is not looked for */
		return LOOK_AGAIN;
	if (!((lit16_bit(lit16_v4, (__u16)ip->saddr) | lit16_bit(lit16_v4, (__u16)ip->daddr)) & 1))
		return LOOK_NOT_OURS;
	src = lit_v4(ip->saddr);
	dst = lit_v4(ip->daddr);
	if (!(src | dst))
		return LOOK_NOT_OURS;
	*lits = src | dst << 8;
	if ((src | dst) != LIT_CONTROL || sample_pass == 0xffffffff)
		return LOOK_WATCHED_V4;
	if (ip->ihl != 5)
		return LOOK_AGAIN;
	return sample_hash(ip->saddr ^ ip->daddr, ports[0] ^ ports[1]) > sample_pass ? LOOK_NOT_OURS
										     : LOOK_WATCHED_V4;
}

static __always_inline enum look fast_v6(const struct ipv6hdr *ip, const void *end, __u32 *lits)
{
	const __be16 *ports = (const void *)(ip + 1);
	const __u32 *s = (const __u32 *)&ip->saddr, *d = (const __u32 *)&ip->daddr;
	__u32 src, dst;
	int plain;

	if ((const void *)(ports + 2) > end)
		return LOOK_AGAIN;
	*lits = 0;
	plain = ip->nexthdr == IPPROTO_TCP || ip->nexthdr == IPPROTO_UDP;
	if (plain && is_dns(ports))
		return LOOK_AGAIN;
	if (!((lit16_bit(lit16_v6, (__u16)s[0]) | lit16_bit(lit16_v6, (__u16)d[0])) & 1))
		return plain ? LOOK_NOT_OURS : LOOK_OTHER_V6;
	src = lit_v6(s);
	dst = lit_v6(d);
	*lits = src | dst << 8;
	if (!plain)
		return LOOK_OTHER_V6;
	if (!(src | dst))
		return LOOK_NOT_OURS;
	if ((src | dst) != LIT_CONTROL || sample_pass == 0xffffffff)
		return LOOK_WATCHED_V6;
	return sample_hash(s[0] ^ s[1] ^ s[2] ^ s[3] ^ d[0] ^ d[1] ^ d[2] ^ d[3], ports[0] ^ ports[1]) > sample_pass
		       ? LOOK_NOT_OURS
		       : LOOK_WATCHED_V6;
}

/* Behind tags and PPPoE. What is watched there is looked at again: the place of its header would have to be kept. */
static __always_inline enum look fast_inner(const void *at, const void *end, __be16 type)
{
	enum look found = LOOK_AGAIN;
	__u32 lits;

	for (int i = 0; i < FAST_TAGS && is_tag(type); i++) {
		if (at + sizeof(struct vlan_tag) > end)
			return LOOK_AGAIN;
		type = ((const struct vlan_tag *)at)->type;
		at += sizeof(struct vlan_tag);
	}
	if (type == bpf_htons(ETH_P_PPP_SES)) {
		const struct pppoe *ppp = at;

		if ((const void *)(ppp + 1) > end)
			return LOOK_AGAIN;
		at += sizeof(*ppp);
		if (ppp->ppp == bpf_htons(PPP_IPV4))
			type = bpf_htons(ETH_P_IP);
		else if (ppp->ppp == bpf_htons(PPP_IPV6))
			type = bpf_htons(ETH_P_IPV6);
	}
	if (type == bpf_htons(ETH_P_IP))
		found = fast_v4(at, end, &lits);
	else if (type == bpf_htons(ETH_P_IPV6))
		found = fast_v6(at, end, &lits);
	return found == LOOK_NOT_OURS ? LOOK_NOT_OURS : LOOK_AGAIN;
}

/* `l2`: as parse_l2(). */
static __always_inline enum look fast_look(struct __sk_buff *ctx, const int l2, __u32 *lits)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	const __u32 off = l2 ? sizeof(struct ethhdr) : 0;
	__be16 type;

	if (!l2) {
		type = ctx->protocol;
	} else {
		if (data + off > end)
			return LOOK_AGAIN;
		type = *(const __be16 *)(data + __builtin_offsetof(struct ethhdr, h_proto));
	}
	if (type == bpf_htons(ETH_P_IP))
		return fast_v4(data + off, end, lits);
	if (type == bpf_htons(ETH_P_IPV6))
		return fast_v6(data + off, end, lits);
	return fast_inner(data + off, end, type);
}

#endif
