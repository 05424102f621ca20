/* SPDX-License-Identifier: GPL-2.0 */
/* Open the listening socket of the metrics endpoint, from what a person wrote. */
#ifndef XREACH_LISTEN_H
#define XREACH_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

struct listener {
	int fd;
	bool loopback; /* nobody but this host can reach it */
	char url[96];  /* of the metrics */
};

/* `text`: 127.0.0.1:10477, [::1]:10477, or :10477 for every address; port 0 takes a free one. On failure
 * -errno, one line in error, and *out untouched. */
int listener_open(const char *text, struct listener *out, char *error, size_t error_size);

#endif
