/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The BPF side's parser, compiled natively, over a frame in memory of just its length, so that a sanitizer sees a read
 * beyond it. To be included first: of the headers below, libc's go before the kernel's.
 */
#ifndef XREACH_NATIVE_PARSE_H
#define XREACH_NATIVE_PARSE_H

#include <stdlib.h>

#include "bpf/packet.c"

#define XREACH_NATIVE
#include "../../bpf/parse.h"

struct parsed {
	int err; /* PARSE_OK or a reason; what follows is of worth with PARSE_OK only */
	struct l3 l3;
	struct l4 l4;
};

/* `raw`: the frame begins with its IP header, as a tun device's do. */
static inline struct parsed parse(const __u8 *bytes, size_t n, bool raw)
{
	__u8 *exact = malloc(n ? n : 1), buf[PEEK_BUF];
	struct frame f = { exact, (__u32)n };
	struct parsed p = { 0 };

	if (!exact)
		abort();
	memcpy(exact, bytes, n);
	p.err = raw ? parse_l2(&f, 0, &p.l3, buf) : parse_l2(&f, 1, &p.l3, buf);
	if (!p.err && p.l3.v6) {
		const struct ipv6hdr *ip = peek(&f, p.l3.off, buf, sizeof(*ip));

		p.err = ip ? l4_start_v6(ip, &p.l3, f.len, &p.l4) : PARSE_FAIL(SHORT);
		if (!p.err)
			p.err = parse_extensions(&f, &p.l4, buf);
	} else if (!p.err) {
		const struct iphdr *ip = peek(&f, p.l3.off, buf, sizeof(*ip));

		p.err = ip ? l4_finish_v4(ip, &p.l3, f.len, &p.l4) : PARSE_FAIL(SHORT);
	}
	free(exact);
	return p;
}

#endif
