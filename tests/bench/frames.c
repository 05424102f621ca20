// SPDX-License-Identifier: GPL-2.0
/* The frames that `make bench` measures, see frames.h. Checksums are left zero: nothing here looks at them. */
#include "frames.h"

#include <arpa/inet.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *put(struct frame *f, const void *bytes, size_t n)
{
	void *at = f->bytes + f->len;

	if (n > sizeof(f->bytes) - f->len)
		abort();
	if (bytes)
		memcpy(at, bytes, n);
	else
		memset(at, 0, n);
	f->len += n;
	return at;
}

static void put_type(struct frame *f, __u16 type)
{
	type = htons(type);
	put(f, &type, sizeof(type));
}

static int is_v6(const struct endpoints *e)
{
	return !!strchr(e->client, ':');
}

static void put_address(const char *text, int v6, void *to)
{
	if (inet_pton(v6 ? AF_INET6 : AF_INET, text, to) != 1) {
		fprintf(stderr, "bench: %s is no address\n", text);
		abort();
	}
}

/* Ethernet and what follows it, up to IP. `len`: bytes of IP, which PPPoE names. */
static void put_l2(struct frame *f, enum shell shell, int v6, size_t len)
{
	static const __u8 macs[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	__u16 type = v6 ? ETH_P_IPV6 : ETH_P_IP;

	f->len = 0;
	put(f, macs, sizeof(macs));
	if (shell == SHELL_TAG) {
		put_type(f, ETH_P_8021Q);
		put_type(f, 100);
	}
	if (shell == SHELL_PPPOE_QINQ) {
		put_type(f, ETH_P_8021AD);
		put_type(f, 100);
		put_type(f, ETH_P_8021Q);
		put_type(f, 200);
		put_type(f, ETH_P_PPP_SES);
		put_type(f, 0x1100); /* version 1, type 1, session data */
		put_type(f, 7);
		put_type(f, (__u16)(len + 2));
		put_type(f, v6 ? 0x0057 : 0x0021);
		return;
	}
	put_type(f, type);
}

static void put_ip(struct frame *f, const struct endpoints *e, __u8 proto, size_t len)
{
	const char *from = e->down ? e->server : e->client, *to = e->down ? e->client : e->server;

	if (is_v6(e)) {
		struct ipv6hdr ip = { .version = 6, .nexthdr = proto, .hop_limit = 60 };

		ip.payload_len = htons((__u16)len);
		put_address(from, 1, &ip.saddr);
		put_address(to, 1, &ip.daddr);
		put(f, &ip, sizeof(ip));
	} else {
		struct iphdr ip = { .version = 4, .ihl = 5, .protocol = proto, .ttl = 60 };

		ip.tot_len = htons((__u16)(sizeof(ip) + len));
		put_address(from, 0, &ip.saddr);
		put_address(to, 0, &ip.daddr);
		put(f, &ip, sizeof(ip));
	}
}

static size_t ip_size(const struct endpoints *e)
{
	return is_v6(e) ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
}

static void put_tcp(struct frame *f, const struct endpoints *e, __u8 flags, __u32 seq, __u32 ack)
{
	struct tcphdr tcp = { .doff = 5, .seq = htonl(seq), .ack_seq = htonl(ack), .window = htons(512) };

	tcp.source = htons(e->down ? e->server_port : e->client_port);
	tcp.dest = htons(e->down ? e->client_port : e->server_port);
	((__u8 *)&tcp)[13] = flags;
	put(f, &tcp, sizeof(tcp));
}

void frame_tcp(struct frame *f, enum shell shell, const struct endpoints *e, __u8 flags, __u32 seq, __u32 ack,
	       size_t payload)
{
	size_t len = sizeof(struct tcphdr) + payload;

	put_l2(f, shell, is_v6(e), ip_size(e) + len);
	put_ip(f, e, IPPROTO_TCP, len);
	put_tcp(f, e, flags, seq, ack);
	put(f, NULL, payload);
}

static void put_udp(struct frame *f, const struct endpoints *e, const void *payload, size_t n)
{
	struct udphdr udp = { .len = htons((__u16)(sizeof(udp) + n)) };

	udp.source = htons(e->down ? e->server_port : e->client_port);
	udp.dest = htons(e->down ? e->client_port : e->server_port);
	put_l2(f, SHELL_NONE, is_v6(e), ip_size(e) + sizeof(udp) + n);
	put_ip(f, e, IPPROTO_UDP, sizeof(udp) + n);
	put(f, &udp, sizeof(udp));
	put(f, payload, n);
}

void frame_udp(struct frame *f, const struct endpoints *e, size_t payload)
{
	put_udp(f, e, NULL, payload);
}

void frame_dns(struct frame *f, const struct endpoints *e)
{
	static const __u8 query[] = "\0\7\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0";

	put_udp(f, e, query, sizeof(query)); /* its last byte is the class's */
	f->bytes[f->len - 1] = 1;
}

void frame_extension(struct frame *f, const struct endpoints *e)
{
	static const __u8 options[8] = { IPPROTO_TCP, 0, 1, 4, 0, 0, 0, 0 }; /* padding */

	put_l2(f, SHELL_NONE, 1, ip_size(e) + sizeof(options) + sizeof(struct tcphdr));
	put_ip(f, e, IPPROTO_DSTOPTS, sizeof(options) + sizeof(struct tcphdr));
	put(f, options, sizeof(options));
	put_tcp(f, e, 0x10, 1, 1);
}

void frame_icmp_error(struct frame *f, const struct endpoints *e)
{
	struct endpoints router = { .client = e->client,
				    .server = is_v6(e) ? "2001:db8:ffff::1" : "192.0.2.1",
				    .down = 1 };
	size_t len = 8 + ip_size(e) + 8;
	__u8 head[8] = { is_v6(e) ? ICMPV6_DEST_UNREACH : ICMP_DEST_UNREACH, is_v6(e) ? 4 : ICMP_PORT_UNREACH };

	put_l2(f, SHELL_NONE, is_v6(e), ip_size(e) + len);
	put_ip(f, &router, is_v6(e) ? IPPROTO_ICMPV6 : IPPROTO_ICMP, len);
	put(f, head, sizeof(head));
	put_ip(f, e, IPPROTO_TCP, sizeof(struct tcphdr));
	put_tcp(f, e, 0x02, 1, 0);
	f->len -= sizeof(struct tcphdr) - 8; /* eight bytes of it are quoted */
}

int frame_seq(enum shell shell, const struct endpoints *e)
{
	static const size_t shells[] = { [SHELL_TAG] = 4, [SHELL_PPPOE_QINQ] = 16 };

	return (int)(sizeof(struct ethhdr) + shells[shell] + ip_size(e) + offsetof(struct tcphdr, seq));
}

int frame_client(const struct endpoints *e)
{
	size_t last = is_v6(e) ? (e->down ? 36 : 20) : (e->down ? 16 : 12);

	return (int)(sizeof(struct ethhdr) + last);
}
