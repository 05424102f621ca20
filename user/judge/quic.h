/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client's QUIC Initials, versions 1 and 2, opened for the CRYPTO frames in them, which carry the ClientHello (RFC
 * 9000, 17.2.2 and 19.6). Nothing else of a packet leaves these functions.
 */
#ifndef XREACH_QUIC_H
#define XREACH_QUIC_H

#include "judge/quic_keys.h"
#include "judge/stream.h"

/* Of one flow; all 0: new. The connection id that its keys come from: a random number of the client's or, after a Retry,
 * of the server's. */
struct quic_hello {
	__u8 cid[QUIC_CID_MAX];
	__u8 cid_len;
	bool begun;
};

/*
 * One datagram of the client's. Its CRYPTO bytes are put into `crypto`. True where an Initial was opened: it bears the
 * right tag, so it is one, and not what somebody else sent in between. A packet that was cut short cannot be opened.
 */
bool quic_hello_datagram(struct quic_hello *q, const __u8 *data, size_t len, struct stream *crypto);

#endif
