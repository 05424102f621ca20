// SPDX-License-Identifier: GPL-2.0
/* Frames for tests: see packet.h. */
#include "packet.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_ether.h>

struct writer {
	__u8 *at;
	size_t n;
};

static void put(struct writer *w, const void *bytes, size_t n)
{
	if (w->n + n > FRAME_MAX)
		abort();
	memcpy(w->at + w->n, bytes, n);
	w->n += n;
}

static void put8(struct writer *w, __u8 v)
{
	put(w, &v, 1);
}

static void put16(struct writer *w, __u16 v)
{
	v = htons(v);
	put(w, &v, 2);
}

static void put32(struct writer *w, __u32 v)
{
	v = htonl(v);
	put(w, &v, 4);
}

static void poke16(struct writer *w, size_t at, __u16 v)
{
	v = htons(v);
	memcpy(w->at + at, &v, 2);
}

void packet_address(__u8 out[16], bool *v6, const char *text)
{
	*v6 = strchr(text, ':');
	memset(out, 0, 16);
	if (inet_pton(*v6 ? AF_INET6 : AF_INET, text, *v6 ? out : out + 12) != 1)
		abort();
}

void packet_quic_initial(__u8 *out, size_t n, unsigned int version)
{
	static const __u8 v1[] = { 0xc3, 0, 0, 0, 1, 8 }, v2[] = { 0xd3, 0x6b, 0x33, 0x43, 0xcf, 8 };

	for (size_t i = 0; i < n; i++)
		out[i] = i * 7;
	memcpy(out, version == 2 ? v2 : v1, n < sizeof(v1) ? n : sizeof(v1));
}

/* ---- below IP ---------------------------------------------------------------------------------------- */
static const struct {
	const char *name;
	__u16 tags[4]; /* types of the tags */
	int labels;
	__u16 mpls;
	bool pppoe, raw;
} belows[BELOWS] = {
	[BELOW_ETHERNET] = { .name = "Ethernet" },
	[BELOW_VLAN] = { .name = "VLAN", .tags = { 0x8100 } },
	[BELOW_QINQ] = { .name = "QinQ", .tags = { 0x8100, 0x8100 } },
	[BELOW_QINQ_AD] = { .name = "802.1ad", .tags = { 0x88a8, 0x8100 } },
	[BELOW_QINQ_OLD] = { .name = "0x9100", .tags = { 0x9100, 0x8100 } },
	[BELOW_VLAN_3] = { .name = "three tags", .tags = { 0x88a8, 0x8100, 0x8100 } },
	[BELOW_PPPOE] = { .name = "PPPoE", .pppoe = true },
	[BELOW_PPPOE_VLAN] = { .name = "PPPoE in VLAN", .tags = { 0x8100 }, .pppoe = true },
	[BELOW_PPPOE_QINQ] = { .name = "PPPoE in QinQ", .tags = { 0x88a8, 0x8100 }, .pppoe = true },
	[BELOW_MPLS] = { .name = "MPLS", .labels = 1, .mpls = ETH_P_MPLS_UC },
	[BELOW_MPLS_6] = { .name = "six MPLS labels", .labels = 6, .mpls = ETH_P_MPLS_UC },
	[BELOW_MPLS_VLAN] = { .name = "MPLS in VLAN", .tags = { 0x8100 }, .labels = 2, .mpls = ETH_P_MPLS_UC },
	[BELOW_MPLS_MULTICAST] = { .name = "multicast MPLS", .labels = 1, .mpls = ETH_P_MPLS_MC },
	[BELOW_RAW] = { .name = "raw IP", .raw = true },
};

const char *below_name(enum below below)
{
	return belows[below].name;
}

/* Returns where PPPoE's length is to be written, or 0. */
static size_t put_below(struct writer *w, const struct packet_spec *s)
{
	static const __u8 macs[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	__u16 ip = s->v6 ? ETH_P_IPV6 : ETH_P_IP;
	size_t length_at = 0;

	if (belows[s->below].raw)
		return 0;
	put(w, macs, sizeof(macs));
	for (int i = 0; belows[s->below].tags[i]; i++) {
		put16(w, belows[s->below].tags[i]);
		put16(w, 100 + i);
	}
	if (belows[s->below].pppoe) {
		put16(w, ETH_P_PPP_SES);
		put8(w, 0x11);
		put8(w, 0);
		put16(w, 7); /* session */
		length_at = w->n;
		put16(w, 0);
		put16(w, s->v6 ? 0x0057 : 0x0021);
		return length_at;
	}
	if (belows[s->below].labels) {
		put16(w, belows[s->below].mpls);
		for (int i = belows[s->below].labels; i > 0; i--)
			put32(w, (1000u + i) << 12 | (i == 1) << 8 | 64);
		return 0;
	}
	put16(w, ip);
	return 0;
}

/* ---- IP ---------------------------------------------------------------------------------------------- */
static __u8 protocol_of(const struct packet_spec *s)
{
	switch (s->transport) {
	case TCP:
		return IPPROTO_TCP;
	case UDP:
		return IPPROTO_UDP;
	case ICMP_ERROR:
		return s->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	default:
		return s->proto;
	}
}

static size_t put_ipv4(struct writer *w, const struct packet_spec *s)
{
	size_t start = w->n;
	bool options = s->odd & ODD_OPTIONS;

	put8(w, 0x40 | (options ? 7 : 5));
	put8(w, 0);
	put16(w, 0);
	put16(w, s->ipid);
	put16(w, s->odd & ODD_FIRST ? 0x2000 : s->odd & ODD_LATER ? 0x00b9 : 0x4000);
	put8(w, s->ttl);
	put8(w, protocol_of(s));
	put16(w, 0);
	put(w, s->src + 12, 4);
	put(w, s->dst + 12, 4);
	if (options)
		put(w, "\x07\x07\x04\0\0\0\0\0", 8); /* record route */
	return start;
}

/* One extension header; its first byte is filled in by the one before. */
static void put_extension(struct writer *w, size_t *next_at, __u8 proto, const void *rest, size_t n)
{
	w->at[*next_at] = proto;
	*next_at = w->n;
	put8(w, 0);
	put(w, rest, n);
}

static size_t put_ipv6(struct writer *w, const struct packet_spec *s)
{
	static const __u8 options[15] = { 1, 1, 12 }; /* 16 bytes, PadN */
	static const __u8 small[7] = { 0, 1, 4 };
	static const __u8 routing[23] = { 2, 4, 0 }; /* type 4, no segments left */
	static const __u8 ah[23] = { 4 };
	static const __u8 first[7] = { 0, 0, 1 }, later[7] = { 0, 0x05, 0xa9 }, atomic[7] = { 0 };
	size_t start = w->n, next_at = start + 6;

	put32(w, 6u << 28);
	put16(w, 0);
	put8(w, 0);
	put8(w, s->ttl);
	put(w, s->src, 16);
	put(w, s->dst, 16);
	if (s->odd & ODD_HOP_BY_HOP)
		put_extension(w, &next_at, 0, options, sizeof(options));
	if (s->odd & ODD_ROUTING)
		put_extension(w, &next_at, 43, routing, sizeof(routing));
	if (s->odd & ODD_DST_OPTS)
		put_extension(w, &next_at, 60, small, sizeof(small));
	for (int i = 0; s->odd & ODD_DEEP && i < 9; i++)
		put_extension(w, &next_at, 60, small, sizeof(small));
	if (s->odd & (ODD_FIRST | ODD_LATER | ODD_ATOMIC))
		put_extension(w, &next_at, 44, s->odd & ODD_FIRST ? first : s->odd & ODD_LATER ? later : atomic, 7);
	if (s->odd & ODD_AH)
		put_extension(w, &next_at, 51, ah, sizeof(ah));
	w->at[next_at] = protocol_of(s);
	return start;
}

/* ---- transport --------------------------------------------------------------------------------------- */
static void put_payload(struct writer *w, const struct packet_spec *s)
{
	if (s->payload) {
		put(w, s->payload, s->len);
		return;
	}
	for (__u32 i = 0; i < s->len; i++)
		put8(w, i);
}

static void put_tcp(struct writer *w, const struct packet_spec *s)
{
	size_t head = 20 + (s->options ? 4 : 0) + (s->timestamps ? 12 : 0);

	put16(w, s->sport);
	put16(w, s->dport);
	put32(w, s->seq);
	put32(w, s->ack);
	put8(w, head / 4 << 4);
	put8(w, s->flags);
	put16(w, s->window);
	/* a checksum that changes with the payload's length and the numbers is what copies are told by */
	put16(w, s->len * 31 + s->seq + s->ack * 3 + s->flags);
	put16(w, 0);
	if (s->options)
		put(w, "\x02\x04\x05\xb4", 4);
	if (s->timestamps)
		put(w, "\x01\x01\x08\x0a\0\0\0\1\0\0\0\2", 12);
	put_payload(w, s);
}

static void put_udp(struct writer *w, const struct packet_spec *s)
{
	put16(w, s->sport);
	put16(w, s->dport);
	put16(w, 8 + s->len);
	put16(w, 0x1234);
	put_payload(w, s);
}

static void put_error(struct writer *w, const struct packet_spec *s)
{
	struct packet_spec quoted = *s->quoted;
	__u8 inner[FRAME_MAX];
	size_t n;

	put8(w, s->icmp_type);
	put8(w, s->icmp_code);
	put16(w, 0);
	put32(w, 0);
	quoted.below = BELOW_RAW;
	quoted.padding = 0;
	n = packet_build(&quoted, inner);
	if (s->quote)
		n = s->quote < n ? s->quote : n;
	else if (!quoted.v6)
		n = (inner[0] & 15) * 4 + 8;
	put(w, inner, n);
}

size_t packet_build(const struct packet_spec *s, __u8 *out)
{
	struct writer w = { .at = out };
	size_t pppoe = put_below(&w, s), ip = s->v6 ? put_ipv6(&w, s) : put_ipv4(&w, s);

	switch (s->transport) {
	case TCP:
		put_tcp(&w, s);
		break;
	case UDP:
		put_udp(&w, s);
		break;
	case ICMP_ERROR:
		put_error(&w, s);
		break;
	default:
		put_payload(&w, s);
	}
	if (!s->zero_length)
		poke16(&w, ip + (s->v6 ? 4 : 2), w.n - ip - (s->v6 ? 40 : 0));
	if (pppoe)
		poke16(&w, pppoe, w.n - pppoe - 2);
	for (__u32 i = 0; i < s->padding; i++)
		put8(&w, 0);
	return w.n;
}
