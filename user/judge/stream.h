/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first bytes of a stream, put together from pieces in any order: a client's TCP stream from ISN + 1 on, or the
 * CRYPTO frames of QUIC Initials (RFC 9000, 19.6).
 */
#ifndef XREACH_STREAM_H
#define XREACH_STREAM_H

#include <stddef.h>
#include "wire.h"

#define STREAM_MAX WIRE_HELLO_MAX

struct stream { /* all 0: empty */
	__u64 have[STREAM_MAX / 64];
	__u8 bytes[STREAM_MAX];
};

/* Take `len` bytes that stand at `offset`. A byte that is there stays: what comes again is a repetition, or somebody's
 * attempt to rewrite it. What lies beyond STREAM_MAX is left out. */
void stream_put(struct stream *s, __u64 offset, const __u8 *data, size_t len);

/* Bytes from the first on without a hole. */
size_t stream_whole(const struct stream *s);

#endif
