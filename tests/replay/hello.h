/* SPDX-License-Identifier: GPL-2.0 */
/* What a client says first, for a scene: a ClientHello in TLS records. */
#ifndef REPLAY_HELLO_H
#define REPLAY_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hello_spec {
	const char *name;     /* NULL: without the extension */
	size_t share, record; /* bytes of key shares, and of a record at most */
	bool ech, esni;	      /* with such an extension before the name */
};

/* Into `to`, which holds 8,192 bytes; returns how many. */
size_t hello_write(const struct hello_spec *spec, uint8_t *to);

#endif
