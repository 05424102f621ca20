/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames out of a capture file (pcap, pcapng), each made to look like an Ethernet frame. A capture holds
 * clients' addresses: a frame lives until the next one is read and goes nowhere but into the programs.
 */
#ifndef XREACH_CAPTURE_H
#define XREACH_CAPTURE_H

#include <stddef.h>
#include <linux/types.h>

/* What BPF_PROG_TEST_RUN takes on every kernel: a page less room for head and tail. */
#define CAPTURE_FRAME_MAX 3712

struct capture;

struct capture_frame {
	const __u8 *bytes;
	__u32 len;	/* bytes that are here */
	__u32 wire_len; /* bytes that were on the wire, the link header as it is here */
	__u64 ns;	/* since 1970; 0 where the file tells no time that could be */
};

/* 0 or -errno with one line in error that names the file, what is wrong, and the remedy. */
int capture_open(const char *path, struct capture **out, char *error, size_t error_size);
void capture_close(struct capture *c); /* NULL is fine */
/* 1 and a frame, 0 at the end, or -errno with one line in error: the file ends amid a frame, or is no capture from
 * there on. */
int capture_next(struct capture *c, struct capture_frame *out, char *error, size_t error_size);
double capture_progress(const struct capture *c); /* share read, 0..1; -1 where it cannot be told (a pipe) */

#endif
