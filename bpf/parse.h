/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the first byte of a frame to the IP header, and on to the transport header. Only lengths and offsets;
 * what the packet means is flow.h's business.
 *
 * The same code is compiled natively by the tests (XREACH_NATIVE), where `peek` reads a plain buffer.
 */
#ifndef XREACH_PARSE_H
#define XREACH_PARSE_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include "wire.h"

#ifdef XREACH_NATIVE
struct frame {
	const __u8 *bytes;
	__u32 len;
};
#define FRAME struct frame
#undef __always_inline
#define __always_inline inline
#define __noinline
static inline const void *peek(FRAME *f, __u32 off, void *buf, const __u32 n)
{
	if (off > f->len || n > f->len - off)
		return NULL;
	return __builtin_memcpy(buf, f->bytes + off, n);
}
static inline __u16 frame_protocol(FRAME *f)
{
	return f->len && f->bytes[0] >> 4 == 6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
}
#else
#define FRAME		struct __sk_buff
/* n bytes at `off`: in place where they are linear, else copied to buf; NULL where the frame is shorter.
 * Some drivers, and every TX_RING sender, leave only the Ethernet header linear; pull_data would rewrite
 * the skb. */
#define PEEK_DIRECT_MAX 0x7fff
static __always_inline const void *peek(FRAME *ctx, __u32 off, void *buf, const __u32 n)
{
	if (off <= PEEK_DIRECT_MAX) { /* the verifier wants a bound */
		void *p = (void *)(long)ctx->data + off;

		if (p + n <= (void *)(long)ctx->data_end)
			return p;
	}
	return bpf_skb_load_bytes(ctx, off, buf, n) ? NULL : buf;
}
static __always_inline __u16 frame_protocol(FRAME *ctx)
{
	return ctx->protocol;
}
#endif

/* One buffer for a whole walk: only one header is looked at at a time, and the stack is small. */
#define PEEK_BUF 40

#define TAGS_MAX       3 /* VLAN tags in band */
#define LABELS_MAX     6 /* MPLS */
#define EXTENSIONS_MAX 8 /* IPv6 extension headers */

#define ETH_QINQ_OLD 0x9100
#define PPP_IPV4     0x0021
#define PPP_IPV6     0x0057

struct vlan_tag {
	__be16 tci, type;
};
struct pppoe {
	__u8 version_type, code;
	__be16 session, len, ppp;
};

/* Where the IP header lies. `end`: offset of the first byte that no longer belongs to the packet, as far
 * as the layers below IP tell; L3_END_UNKNOWN where they don't. */
#define L3_END_UNKNOWN 0xffff0000u
struct l3 {
	__u32 off, end;
	__u8 v6;
};

enum {
	PARSE_OK = 0,
	PARSE_NOT_IP = -1, /* ARP, LLDP, PPP control ...: nothing we could be blind to */
			   /* below: -2 - enum counter */
};
#define PARSE_FAIL(reason) (-2 - (int)COUNT_UNPARSED_##reason)

/* Ethertypes that never carry IP: not counted as unparsed. */
static __always_inline int never_ip(__be16 type)
{
	switch (bpf_ntohs(type)) {
	case ETH_P_ARP:
	case ETH_P_RARP:
	case ETH_P_PPP_DISC:
	case ETH_P_PAE:
	case ETH_P_SLOW:
	case 0x88cc: /* LLDP */
	case 0x9000: /* loopback test */
	case ETH_P_MVRP:
	case ETH_P_1588:
	case 0x8902: /* CFM */
	case ETH_P_BATMAN:
		return 1;
	}
	return bpf_ntohs(type) < 0x0600; /* IEEE 802.3 length: STP and the like */
}

/* Strip what stands between Ethernet and IP: VLAN tags in band, PPPoE, MPLS. `type` is the type found. */
static __always_inline int parse_encapsulation(FRAME *ctx, __be16 type, struct l3 *l3, void *buf)
{
	for (int i = 0; i < TAGS_MAX; i++) {
		const struct vlan_tag *tag;

		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD) &&
		    type != bpf_htons(ETH_QINQ_OLD))
			break;
		tag = peek(ctx, l3->off, buf, sizeof(*tag));
		if (!tag)
			return PARSE_FAIL(SHORT);
		type = tag->type;
		l3->off += sizeof(*tag);
	}
	if (type == bpf_htons(ETH_P_PPP_SES)) {
		const struct pppoe *ppp = peek(ctx, l3->off, buf, sizeof(*ppp));
		__u16 ppp_type;

		if (!ppp)
			return PARSE_FAIL(SHORT);
		l3->end = l3->off + 6 + bpf_ntohs(ppp->len);
		l3->off += sizeof(*ppp);
		ppp_type = bpf_ntohs(ppp->ppp);
		if (ppp_type & 0x0100) { /* an odd byte is the whole of it (RFC 1661, 6.5) */
			ppp_type >>= 8;
			l3->off--;
		}
		type = ppp_type == PPP_IPV4   ? bpf_htons(ETH_P_IP)
		       : ppp_type == PPP_IPV6 ? bpf_htons(ETH_P_IPV6)
					      : 0;
		if (!type)
			return PARSE_NOT_IP;
	}
	if (type == bpf_htons(ETH_P_MPLS_UC) || type == bpf_htons(ETH_P_MPLS_MC)) {
		const __u8 *first;

		type = 0;
		for (int i = 0; i < LABELS_MAX; i++) {
			const __u8 *label = peek(ctx, l3->off, buf, 4);

			if (!label)
				return PARSE_FAIL(SHORT);
			l3->off += 4;
			if (label[2] & 1) { /* bottom of the stack */
				type = 1;
				break;
			}
		}
		if (!type)
			return PARSE_FAIL(DEPTH);
		first = peek(ctx, l3->off, buf, 1);
		if (!first)
			return PARSE_FAIL(SHORT);
		/* MPLS does not say what it carries; nibble 0 is a pseudowire's control word */
		type = *first >> 4 == 4 ? bpf_htons(ETH_P_IP) : *first >> 4 == 6 ? bpf_htons(ETH_P_IPV6) : 0;
		if (!type)
			return PARSE_FAIL(ETHERTYPE);
	}
	if (type == bpf_htons(ETH_P_IP) || type == bpf_htons(ETH_P_IPV6)) {
		l3->v6 = type == bpf_htons(ETH_P_IPV6);
		return PARSE_OK;
	}
	if (type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD) || type == bpf_htons(ETH_QINQ_OLD))
		return PARSE_FAIL(DEPTH);
	return never_ip(type) ? PARSE_NOT_IP : PARSE_FAIL(ETHERTYPE);
}

/* Find the IP header. `l2`: the device has Ethernet headers; else (tun, ppp, wireguard) IP comes first. */
static __always_inline int parse_l2(FRAME *ctx, const int l2, struct l3 *l3, void *buf)
{
	const struct ethhdr *eth;
	__be16 type;

	l3->off = 0;
	l3->end = L3_END_UNKNOWN;
	if (l2) {
		eth = peek(ctx, 0, buf, sizeof(*eth));
		if (!eth)
			return PARSE_FAIL(SHORT);
		type = eth->h_proto;
		l3->off = sizeof(*eth);
	} else {
		type = frame_protocol(ctx);
	}
	l3->v6 = type == bpf_htons(ETH_P_IPV6);
	if (l3->v6 || type == bpf_htons(ETH_P_IP))
		return PARSE_OK;
	return parse_encapsulation(ctx, type, l3, buf);
}

/* A packet as far as the transport header's place. Addresses as in the header. */
struct l4 {
	__u32 off; /* of the transport header */
	__u32 end; /* of the packet: the shortest of the frame's, PPPoE's and IP's lengths */
	__u16 ipid;
	__u8 proto, ttl;
	__u8 first_fragment;
};

static __always_inline int l4_finish_v4(const struct iphdr *ip, const struct l3 *l3, __u32 frame_len, struct l4 *l4)
{
	__u32 ihl = ip->ihl * 4, total = bpf_ntohs(ip->tot_len);

	if (ip->version != 4 || ihl < sizeof(*ip) || (total && total < ihl))
		return PARSE_FAIL(HEADER);
	l4->end = l3->end < frame_len ? l3->end : frame_len;
	if (total && l3->off + total < l4->end) /* 0: a super-packet beyond 64 KiB */
		l4->end = l3->off + total;
	l4->off = l3->off + ihl;
	l4->proto = ip->protocol;
	l4->ttl = ip->ttl;
	l4->ipid = bpf_ntohs(ip->id);
	l4->first_fragment = !!(ip->frag_off & bpf_htons(0x2000));
	if (ip->frag_off & bpf_htons(0x1fff))
		return PARSE_FAIL(FRAGMENT);
	return PARSE_OK;
}

static __always_inline int l4_start_v6(const struct ipv6hdr *ip, const struct l3 *l3, __u32 frame_len,
				       struct l4 *l4)
{
	__u32 total = bpf_ntohs(ip->payload_len);

	if (ip->version != 6)
		return PARSE_FAIL(HEADER);
	l4->end = l3->end < frame_len ? l3->end : frame_len;
	if (total && l3->off + sizeof(*ip) + total < l4->end) /* 0: a jumbogram, or BIG TCP without one */
		l4->end = l3->off + sizeof(*ip) + total;
	l4->off = l3->off + sizeof(*ip);
	l4->proto = ip->nexthdr;
	l4->ttl = ip->hop_limit;
	l4->ipid = 0;
	l4->first_fragment = 0;
	return PARSE_OK;
}

/* Walk IPv6 extension headers (RFC 8200, 4) from l4->off; a rare shape. */
static __always_inline int parse_extensions(FRAME *ctx, struct l4 *l4, void *buf)
{
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		const __u8 *h;

		switch (l4->proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case IPPROTO_FRAGMENT:
		case IPPROTO_AH:
		case IPPROTO_MH:
		case 139: /* HIP */
		case 140: /* shim6 */
			break;
		default:
			return PARSE_OK;
		}
		h = peek(ctx, l4->off, buf, 8);
		if (!h)
			return PARSE_FAIL(SHORT);
		if (l4->proto == IPPROTO_FRAGMENT) {
			if ((h[2] << 8 | h[3]) & 0xfff8)
				return PARSE_FAIL(FRAGMENT);
			l4->first_fragment = h[3] & 1; /* an atomic fragment is whole */
			l4->off += 8;
		} else if (l4->proto == IPPROTO_AH) {
			l4->off += (h[1] + 2) * 4;
		} else {
			l4->off += (h[1] + 1) * 8;
		}
		l4->proto = h[0];
	}
	return PARSE_FAIL(DEPTH);
}

/* Protocols that hide another IP packet: we do not look inside, and say so. */
static __always_inline int is_tunnel(__u8 proto)
{
	return proto == IPPROTO_IPIP || proto == IPPROTO_IPV6 || proto == IPPROTO_GRE || proto == IPPROTO_ESP ||
	       proto == 97 /* EtherIP */ || proto == 137 /* MPLS in IP */;
}

#endif
