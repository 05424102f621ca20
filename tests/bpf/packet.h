/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames for tests, from a description: what lies below IP, IP with its odd shapes, TCP, UDP, ICMP errors that quote.
 * Clients have documentation addresses (RFC 5737, RFC 3849), servers those of the ranges in rig.c.
 */
#ifndef XREACH_TEST_PACKET_H
#define XREACH_TEST_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define FRAME_MAX 3600

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define PSH 0x08
#define ACK 0x10

/* What stands between the first byte and the IP header. */
enum below {
	BELOW_ETHERNET,
	BELOW_VLAN,
	BELOW_QINQ,	/* 802.1Q twice */
	BELOW_QINQ_AD,	/* 802.1ad, then 802.1Q */
	BELOW_QINQ_OLD, /* 0x9100, then 802.1Q */
	BELOW_VLAN_3,
	BELOW_PPPOE,
	BELOW_PPPOE_VLAN,
	BELOW_PPPOE_QINQ,
	BELOW_MPLS,
	BELOW_MPLS_6, /* six labels */
	BELOW_MPLS_VLAN,
	BELOW_MPLS_MULTICAST,
	BELOW_RAW, /* nothing: a tun device */
	BELOWS,
};
const char *below_name(enum below below);

/* IP in its odd shapes; one of the other family is ignored. */
enum odd {
	ODD_NONE = 0,
	ODD_OPTIONS = 1 << 0,	 /* IPv4: 8 bytes of options */
	ODD_FIRST = 1 << 1,	 /* first fragment: IPv4's MF, IPv6's fragment header */
	ODD_LATER = 1 << 2,	 /* a later fragment */
	ODD_ATOMIC = 1 << 3,	 /* IPv6: fragment header of a whole packet */
	ODD_HOP_BY_HOP = 1 << 4, /* IPv6 extension headers from here, in this order */
	ODD_ROUTING = 1 << 5,
	ODD_DST_OPTS = 1 << 6,
	ODD_AH = 1 << 7,
	ODD_DEEP = 1 << 8, /* nine destination options headers */
};

enum transport { TCP, UDP, ICMP_ERROR, OTHER };

struct packet_spec {
	enum below below;
	bool v6;
	__u8 src[16], dst[16]; /* IPv4 in the last four bytes */
	__u8 ttl;
	__u16 ipid;
	unsigned int odd;
	enum transport transport;
	__u8 proto; /* of OTHER */
	__u16 sport, dport;
	__u32 seq, ack;
	__u8 flags;
	__u16 window;
	bool options, timestamps;  /* TCP: MSS; with it timestamps */
	const __u8 *payload;	   /* NULL: bytes counting up */
	__u32 len;		   /* of the payload */
	__u32 padding;		   /* behind the packet, as Ethernet and PPPoE have it */
	__u8 icmp_type, icmp_code; /* of an error that quotes *quoted */
	const struct packet_spec *quoted;
	__u32 quote;	  /* bytes of it; 0: IP header and 8 */
	bool zero_length; /* the IP header says 0, as a super-packet beyond 64 KiB does */
};

/* "192.0.2.1" or "2001:db8::1". */
void packet_address(__u8 out[16], bool *v6, const char *text);
/* Build into out[FRAME_MAX]; returns the length. */
size_t packet_build(const struct packet_spec *s, __u8 *out);
/* A QUIC Initial's first bytes (version 1 or 2) in out[n]. */
void packet_quic_initial(__u8 *out, size_t n, unsigned int version);

#endif
