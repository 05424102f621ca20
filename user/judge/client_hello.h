/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ClientHello of TLS (RFC 8446, 4.1.2; for 1.0 to 1.2 RFC 5246, 7.4.1.2) and the server name in it (RFC 6066, 3).
 * Reads what was put together so far; what it finds points into the caller's bytes, and is the caller's to wipe.
 */
#ifndef XREACH_CLIENT_HELLO_H
#define XREACH_CLIENT_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include "wire.h"

enum hello_state {
	HELLO_MORE, /* too few bytes yet */
	HELLO_READ,
	HELLO_NOT, /* no ClientHello, or a broken one: more bytes will not help */
};

struct client_hello {
	const __u8 *name; /* as sent, not ended by a 0; NULL without the extension, or with no host name in it */
	size_t name_len;
	bool ech; /* encrypted_client_hello, 0xfe0d: a real one, or GREASE (RFC 9849, 6.2). Its forerunner ESNI, 0xffce,
		   * leaves no name outside: that is a ClientHello without the extension */
};

/*
 * A handshake message from its type byte on, as CRYPTO frames carry it. A name is given as soon as it has been read,
 * with HELLO_MORE, too: extensions that are still on their way may bear the ECH mark, so it is for those who have to do
 * with what came (a flow that was stopped in the middle of its ClientHello).
 */
enum hello_state client_hello_read(const __u8 *message, size_t len, struct client_hello *out);

/*
 * The same out of TLS records (RFC 8446, 5.1), into which the message may be cut anywhere. `message` is scratch of the
 * size of the stream at least, the caller's to wipe: the name points into it.
 */
enum hello_state client_hello_from_records(const __u8 *stream, size_t len, __u8 *message, struct client_hello *out);

#endif
