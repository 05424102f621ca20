// SPDX-License-Identifier: GPL-2.0
/*
 * The lab's servers, all in one process: TLS on 443, plain HTTP on 80 and 8080, and on UDP/443 an answer to
 * QUIC Initials that looks like one (a long header with the right connection id, and noise). Any address
 * that the namespace holds is served. GET /bytes/N gives N bytes, everything else one line.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 6000
#define BODY_MAX	(64 << 20)

struct listener {
	int fd;
	SSL_CTX *tls; /* NULL: plain */
};

struct connection {
	int fd;
	SSL_CTX *tls;
};

static atomic_int connections;

static ssize_t get(SSL *ssl, int fd, void *buf, size_t len)
{
	return ssl ? SSL_read(ssl, buf, len) : read(fd, buf, len);
}

static bool put(SSL *ssl, int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = ssl ? SSL_write(ssl, buf, len) : write(fd, buf, len);

		if (n <= 0)
			return false;
		buf += n;
		len -= n;
	}
	return true;
}

static void answer(SSL *ssl, int fd)
{
	static const char text[] = "hello from the lab\n";
	static char body[16384];
	char request[4096], head[160];
	size_t have = 0, left = sizeof(text) - 1;
	const char *data = text;
	unsigned long want;
	int n;

	do {
		ssize_t got = get(ssl, fd, request + have, sizeof(request) - 1 - have);

		if (got <= 0)
			return;
		have += got;
		request[have] = '\0';
	} while (!strstr(request, "\r\n\r\n") && have < sizeof(request) - 1);
	if (sscanf(request, "GET /bytes/%lu", &want) == 1 && want <= BODY_MAX) {
		left = want;
		data = body;
	}
	n = snprintf(head, sizeof(head),
		     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
		     "Content-Length: %zu\r\nConnection: close\r\n\r\n",
		     left);
	if (!put(ssl, fd, head, n))
		return;
	while (left) {
		size_t part = left < sizeof(body) ? left : sizeof(body);

		if (!put(ssl, fd, data, part))
			return;
		left -= part;
	}
	if (ssl)
		SSL_shutdown(ssl);
	shutdown(fd, SHUT_WR);
	while (read(fd, request, sizeof(request)) > 0) /* so that close() sends no RST */
		;
}

static void *serve(void *arg)
{
	struct connection *conn = arg;
	struct timeval wait = { .tv_sec = 60 };
	SSL *ssl = NULL;

	setsockopt(conn->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(conn->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (conn->tls) {
		ssl = SSL_new(conn->tls);
		if (!ssl || !SSL_set_fd(ssl, conn->fd) || SSL_accept(ssl) != 1)
			goto out;
	}
	answer(ssl, conn->fd);
out:
	SSL_free(ssl);
	ERR_clear_error();
	close(conn->fd);
	free(conn);
	atomic_fetch_sub(&connections, 1);
	return NULL;
}

static void *accept_all(void *arg)
{
	struct listener *l = arg;
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 256 << 10);
	for (;;) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
		struct connection *conn;

		if (fd < 0) {
			usleep(1000);
			continue;
		}
		conn = malloc(sizeof(*conn));
		if (!conn || atomic_fetch_add(&connections, 1) >= CONNECTIONS_MAX) {
			if (conn)
				atomic_fetch_sub(&connections, 1);
			free(conn);
			close(fd);
			continue;
		}
		conn->fd = fd;
		conn->tls = l->tls;
		if (pthread_create(&thread, &attr, serve, conn)) {
			atomic_fetch_sub(&connections, 1);
			free(conn);
			close(fd);
		}
	}
	return NULL;
}

/* Answers each Initial with one, from the address that it was sent to. */
static void *quic(void *arg)
{
	struct listener *l = arg;
	uint8_t data[2048];
	union {
		char buf[CMSG_SPACE(sizeof(struct in6_pktinfo))];
		struct cmsghdr align;
	} control;
	struct sockaddr_in6 from;

	for (;;) {
		struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
		struct msghdr msg = { .msg_name = &from,
				      .msg_namelen = sizeof(from),
				      .msg_iov = &iov,
				      .msg_iovlen = 1,
				      .msg_control = control.buf,
				      .msg_controllen = sizeof(control.buf) };
		ssize_t n = recvmsg(l->fd, &msg, 0);
		struct cmsghdr *cmsg;
		uint8_t scid[20];
		unsigned int dcid_len, scid_len;
		size_t i;

		if (n < 1200 || (data[0] & 0xf0) != 0xc0) /* long header, Initial of version 1 */
			continue;
		dcid_len = data[5];
		if (dcid_len > 20)
			continue;
		scid_len = data[6 + dcid_len];
		if (scid_len > 20)
			continue;
		memcpy(scid, data + 7 + dcid_len, scid_len);
		data[5] = scid_len;
		memcpy(data + 6, scid, scid_len);
		data[6 + scid_len] = 8;
		for (i = 7 + scid_len; i < 1200; i++)
			data[i] = random();
		iov.iov_len = 1200;
		cmsg = CMSG_FIRSTHDR(&msg); /* goes back as it came: it now names the source */
		if (cmsg && cmsg->cmsg_type == IPV6_PKTINFO)
			((struct in6_pktinfo *)CMSG_DATA(cmsg))->ipi6_ifindex = 0;
		sendmsg(l->fd, &msg, 0);
	}
	return NULL;
}

static int listen_on(int type, unsigned int port)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0), one = 1, zero = 0;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || (type == SOCK_STREAM && listen(fd, 4096))) {
		fprintf(stderr, "server: port %u: %s\n", port, strerror(errno));
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	static struct listener tcp[3], udp;
	static const unsigned int ports[3] = { 443, 80, 8080 };
	pthread_t thread;
	SSL_CTX *tls;
	int i;

	if (argc != 3) {
		fprintf(stderr, "usage: server CERT KEY\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	tls = SSL_CTX_new(TLS_server_method());
	if (!tls || SSL_CTX_use_certificate_chain_file(tls, argv[1]) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, argv[2], SSL_FILETYPE_PEM) != 1) {
		ERR_print_errors_fp(stderr);
		return 1;
	}
	for (i = 0; i < 3; i++) {
		tcp[i].fd = listen_on(SOCK_STREAM, ports[i]);
		tcp[i].tls = ports[i] == 443 ? tls : NULL;
		if (pthread_create(&thread, NULL, accept_all, &tcp[i]))
			return 1;
	}
	udp.fd = listen_on(SOCK_DGRAM, 443);
	quic(&udp);
	return 0;
}
