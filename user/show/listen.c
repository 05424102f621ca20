// SPDX-License-Identifier: GPL-2.0
/* The listening socket of the metrics endpoint. */
#include "show/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_BACKLOG 64

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t length;
	bool loopback, wildcard;
};

static int parse_port(const char *text, uint16_t *port)
{
	unsigned int value = 0;

	if (!*text || strlen(text) > 5)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		value = value * 10 + (unsigned int)(*text - '0');
	}
	if (value > 65535)
		return -EINVAL;
	*port = htons((uint16_t)value);
	return 0;
}

/* Numbers only: nothing here asks a name server. */
static int parse_address(const char *text, struct address *out)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t length = colon ? (size_t)(colon - text) : 0;
	uint16_t port;

	memset(out, 0, sizeof(*out));
	if (!colon || length >= sizeof(host) || parse_port(colon + 1, &port))
		return -EINVAL;
	memcpy(host, text, length);
	host[length] = '\0';
	out->wildcard = !length;
	if (!length || host[0] == '[') {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = port;
		out->length = sizeof(out->v6);
		if (!length)
			return 0;
		if (host[length - 1] != ']')
			return -EINVAL;
		host[length - 1] = '\0';
		if (inet_pton(AF_INET6, host + 1, &out->v6.sin6_addr) != 1)
			return -EINVAL;
		out->loopback = IN6_IS_ADDR_LOOPBACK(&out->v6.sin6_addr);
		return 0;
	}
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = port;
	out->length = sizeof(out->v4);
	if (inet_pton(AF_INET, host, &out->v4.sin_addr) != 1)
		return -EINVAL;
	out->loopback = ntohl(out->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return 0;
}

static int bind_address(struct address *address)
{
	int one = 1, v6_only = !address->wildcard, err;
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    (address->any.sa_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only))) ||
	    bind(fd, &address->any, address->length) || listen(fd, LISTEN_BACKLOG) ||
	    getsockname(fd, &address->any, &address->length)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static int open_socket(struct address *address)
{
	int fd = bind_address(address);

	if (fd == -EAFNOSUPPORT && address->wildcard) { /* a kernel without IPv6 */
		uint16_t port = address->v6.sin6_port;

		memset(&address->v6, 0, sizeof(address->v6));
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = port;
		address->length = sizeof(address->v4);
		fd = bind_address(address);
	}
	return fd;
}

static void make_url(const struct address *address, struct listener *out)
{
	char host[INET6_ADDRSTRLEN];
	bool v6 = address->any.sa_family == AF_INET6;

	if (v6)
		inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof(host));
	else
		inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host));
	snprintf(out->url, sizeof(out->url), v6 ? "http://[%s]:%u/metrics" : "http://%s:%u/metrics", host,
		 ntohs(v6 ? address->v6.sin6_port : address->v4.sin_port));
	out->loopback = address->loopback;
}

static void say_open_error(const char *text, int err, char *error, size_t error_size)
{
	if (err == -EINVAL)
		snprintf(error, error_size,
			 "cannot listen on '%s': not an address and port; write "
			 "127.0.0.1:10477, [::1]:10477, or :10477 for every address",
			 text);
	else if (err == -EADDRINUSE)
		snprintf(error, error_size,
			 "cannot listen on %s: another program uses that port; stop it, or "
			 "choose another with --listen",
			 text);
	else
		snprintf(error, error_size, "cannot listen on %s: %s", text, strerror(-err));
}

int listener_open(const char *text, struct listener *out, char *error, size_t error_size)
{
	struct address address;
	int fd, err = parse_address(text, &address);

	fd = err ? err : open_socket(&address);
	if (fd < 0) {
		say_open_error(text, fd, error, error_size);
		return fd;
	}
	out->fd = fd;
	make_url(&address, out);
	return 0;
}
