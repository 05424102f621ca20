/* SPDX-License-Identifier: GPL-2.0 */
/* The frames that `make bench` measures, byte by byte. */
#ifndef XREACH_BENCH_FRAMES_H
#define XREACH_BENCH_FRAMES_H

#include <stddef.h>
#include <linux/types.h>

#define FRAME_MAX 256

struct frame {
	__u8 bytes[FRAME_MAX];
	size_t len;
};

struct endpoints {
	const char *client, *server; /* both IPv4, or both IPv6 */
	__u16 client_port, server_port;
	int down; /* from the server to the client */
};

/* What stands between Ethernet and IP. */
enum shell { SHELL_NONE, SHELL_TAG, SHELL_PPPOE_QINQ };

/* Each makes a whole frame and returns it in *f; anything that does not fit aborts. */
void frame_tcp(struct frame *f, enum shell shell, const struct endpoints *e, __u8 flags, __u32 seq, __u32 ack,
	       size_t payload);
void frame_udp(struct frame *f, const struct endpoints *e, size_t payload);
/* A question for www.example.com; the server's port is to be 53. */
void frame_dns(struct frame *f, const struct endpoints *e);
/* TCP behind a destination-options header. */
void frame_extension(struct frame *f, const struct endpoints *e);
/* A router's "port unreachable" that quotes the first bytes of the client's packet. */
void frame_icmp_error(struct frame *f, const struct endpoints *e);

/* Where the sequence number lies; and, without a shell, the last four bytes of the client's address. */
int frame_seq(enum shell shell, const struct endpoints *e);
int frame_client(const struct endpoints *e);

#endif
