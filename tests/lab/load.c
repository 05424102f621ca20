// SPDX-License-Identifier: GPL-2.0
/*
 * The lab's load: so many connection attempts a second, for so long, to some servers in turn, from many
 * client addresses, in one thread; and a summary of how they ended, as the client saw it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TARGETS_MAX	 64
#define OPEN_MAX_DEFAULT 20000
#define RATE_MAX	 20000
#define SECONDS_MAX	 3600
#define INITIAL_BYTES	 1200
#define INITIALS_MAX	 6 /* of one connection: at 0, 0.3, 0.9, 2.1, 4.5 and 9.3 s */

enum what { CONNECT, HELLO, HTTP, QUIC, WHATS };
static const char *const what_names[WHATS] = {
	[CONNECT] = "connect",
	[HELLO] = "hello",
	[HTTP] = "http",
	[QUIC] = "quic",
};

enum end { ANSWERED, RESET, REFUSED, UNREACHABLE, CLOSED, TIMEOUT, FAILED, ENDS };
static const char *const end_names[ENDS] = {
	[ANSWERED] = "answered", [RESET] = "reset",	[REFUSED] = "refused", [UNREACHABLE] = "unreachable",
	[CLOSED] = "closed",	 [TIMEOUT] = "timeout", [FAILED] = "failed",
};

struct conn {
	int fd; /* -1: done */
	bool sent;
	uint64_t opened_ms, next_ms; /* next_ms: of the next Initial */
	unsigned int initials;
	uint8_t ids[16]; /* both connection ids */
	const struct sockaddr_storage *to;
	struct conn *next;
};

struct load {
	enum what what;
	unsigned int rate, seconds, wait_ms, open_max;
	const char *path;
	uint8_t hello[1400];
	size_t hello_len;
	struct sockaddr_storage targets[TARGETS_MAX];
	unsigned int n_targets;
	struct in_addr base4;
	struct in6_addr base6;
	bool exact;	   /* the bases are the clients' addresses as they are */
	unsigned int port; /* the clients' port, 0: any */
	bool unconnected;  /* QUIC by sendto() */
	uint32_t seed;
	int epoll;
	unsigned int open;
	struct conn *first, **last; /* in order of opening, which is that of their time-outs */
	unsigned long attempts, connected, ends[ENDS];
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = sig;
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static uint32_t draw(struct load *l)
{
	l->seed = l->seed * 1664525u + 1013904223u;
	return l->seed >> 8;
}

static uint8_t *put16(uint8_t *p, unsigned int v)
{
	*p++ = v >> 8;
	*p++ = v;
	return p;
}

/* A small TLS 1.2 ClientHello that a real server answers. */
static void hello_build(struct load *l, const char *name)
{
	static const uint8_t rest[] = {
		0x00, 0x0a, 0x00, 0x04, 0x00, 0x02, 0x00, 0x17, /* P-256 */
		0x00, 0x0b, 0x00, 0x02, 0x01, 0x00,		/* uncompressed points */
		0x00, 0x0d, 0x00, 0x08, 0x00, 0x06, 0x04, 0x03, 0x08,
		0x04, 0x04, 0x01, 0xff, 0x01, 0x00, 0x01, 0x00, /* renegotiation */
	};
	size_t n = strlen(name), ext = 9 + n + sizeof(rest), body = 2 + 32 + 1 + 2 + 4 + 2 + 2 + ext;
	uint8_t *p = l->hello;
	int i;

	*p++ = 0x16;
	p = put16(p, 0x0301);
	p = put16(p, body + 4);
	*p++ = 1;
	*p++ = 0;
	p = put16(p, body);
	p = put16(p, 0x0303);
	for (i = 0; i < 32; i++)
		*p++ = draw(l);
	*p++ = 0;
	p = put16(p, 4);
	p = put16(p, 0xc02b); /* ECDHE, ECDSA, AES-128-GCM */
	p = put16(p, 0xc02f);
	p = put16(p, 0x0100);
	p = put16(p, ext);
	p = put16(p, 0);
	p = put16(p, n + 5);
	p = put16(p, n + 3);
	*p++ = 0;
	p = put16(p, n);
	memcpy(p, name, n);
	p += n;
	memcpy(p, rest, sizeof(rest));
	p += sizeof(rest);
	l->hello_len = p - l->hello;
}

static socklen_t length_of(const struct sockaddr_storage *to)
{
	return to->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static void send_initial(struct load *l, struct conn *c)
{
	uint8_t data[INITIAL_BYTES], *p = data;
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = draw(l);
	*p++ = 0xc3; /* long header, Initial */
	p = put16(p, 0);
	p = put16(p, 1); /* version 1 */
	*p++ = 8;
	memcpy(p, c->ids, 8);
	p += 8;
	*p++ = 8;
	memcpy(p, c->ids + 8, 8);
	p += 8;
	*p++ = 0; /* no token */
	put16(p, 0x4000 | (sizeof(data) - (p + 2 - data)));
	/* Where it fails an ICMP error is pending, which comes as an event too. */
	if (l->unconnected ? sendto(c->fd, data, sizeof(data), 0, (const void *)c->to, length_of(c->to)) < 0
			   : send(c->fd, data, sizeof(data), MSG_NOSIGNAL) < 0)
		return;
	c->next_ms = now_ms() + (300u << c->initials);
	c->initials++;
}

static void finish(struct load *l, struct conn *c, enum end end)
{
	close(c->fd);
	c->fd = -1;
	l->open--;
	l->ends[end]++;
}

static enum end end_of(int error)
{
	switch (error) {
	case ECONNRESET:
	case EPIPE:
		return RESET;
	case ECONNREFUSED:
		return REFUSED;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EACCES:
	case EPERM:
	case ENOPROTOOPT:
		return UNREACHABLE;
	case ETIMEDOUT:
		return TIMEOUT;
	default:
		return FAILED;
	}
}

static void bind_client(struct load *l, int fd, int family)
{
	int one = 1;

	if (l->port)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	else
		setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (family == AF_INET) {
		struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(l->port), .sin_addr = l->base4 };

		if (!l->exact)
			a.sin_addr.s_addr |= htonl(1 + draw(l) % 65000);
		if (l->base4.s_addr && bind(fd, (struct sockaddr *)&a, sizeof(a)))
			perror("load: bind");
	} else {
		struct sockaddr_in6 a = { .sin6_family = AF_INET6,
					  .sin6_port = htons(l->port),
					  .sin6_addr = l->base6 };

		if (!l->exact)
			a.sin6_addr.s6_addr16[7] = htons(1 + draw(l) % 65000);
		if (l->base6.s6_addr32[0] && bind(fd, (struct sockaddr *)&a, sizeof(a)))
			perror("load: bind");
	}
}

static void open_one(struct load *l)
{
	const struct sockaddr_storage *to = &l->targets[l->attempts % l->n_targets];
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP };
	struct conn *c = calloc(1, sizeof(*c));
	int type = l->what == QUIC ? SOCK_DGRAM : SOCK_STREAM;
	size_t i;

	if (!c)
		return;
	l->attempts++;
	l->open++;
	c->opened_ms = now_ms();
	c->to = to;
	*l->last = c;
	l->last = &c->next;
	c->fd = socket(to->ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		finish(l, c, FAILED);
		return;
	}
	bind_client(l, c->fd, to->ss_family);
	event.data.ptr = c;
	if (!(l->what == QUIC && l->unconnected) && connect(c->fd, (const struct sockaddr *)to, length_of(to)) &&
	    errno != EINPROGRESS) {
		finish(l, c, end_of(errno));
		return;
	}
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event)) {
		finish(l, c, FAILED);
	} else if (l->what == QUIC) {
		for (i = 0; i < sizeof(c->ids); i++)
			c->ids[i] = draw(l);
		send_initial(l, c);
	}
}

/* The first bytes of the client, once connected. */
static void speak(struct load *l, struct conn *c)
{
	char request[256];
	int n;

	l->connected++;
	c->sent = true;
	if (l->what == CONNECT) {
		finish(l, c, CLOSED);
	} else if (l->what == HELLO) {
		if (send(c->fd, l->hello, l->hello_len, MSG_NOSIGNAL) < 0)
			finish(l, c, end_of(errno));
	} else {
		n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: lab\r\n\r\n", l->path);
		if (send(c->fd, request, n, MSG_NOSIGNAL) < 0)
			finish(l, c, end_of(errno));
	}
}

static void on_event(struct load *l, struct conn *c, uint32_t events)
{
	char data[65536];
	int error = 0;
	socklen_t len = sizeof(error);
	ssize_t n;

	if (c->fd < 0)
		return;
	if (events & (EPOLLERR | EPOLLHUP) && !getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) && error) {
		finish(l, c, end_of(error));
		return;
	}
	if (l->what != QUIC && !c->sent && events & EPOLLOUT) {
		speak(l, c);
		if (c->fd < 0)
			return;
	}
	while ((n = read(c->fd, data, sizeof(data))) > 0) {
		if (l->what == HTTP)
			continue; /* to the end */
		finish(l, c, ANSWERED);
		return;
	}
	if (n == 0)
		finish(l, c, l->what == HTTP ? ANSWERED : CLOSED);
	else if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
		finish(l, c, end_of(errno));
}

static void expire(struct load *l, uint64_t now)
{
	struct conn *c;

	while (l->first && (l->first->fd < 0 || now - l->first->opened_ms >= l->wait_ms)) {
		c = l->first;
		if (c->fd >= 0)
			finish(l, c, TIMEOUT);
		l->first = c->next;
		if (!l->first)
			l->last = &l->first;
		free(c);
	}
	if (l->what == QUIC)
		for (c = l->first; c; c = c->next)
			if (c->fd >= 0 && c->initials < INITIALS_MAX && now >= c->next_ms)
				send_initial(l, c);
}

static void run(struct load *l)
{
	uint64_t start = now_ms(), now = start, end = start + l->seconds * 1000ull;
	struct epoll_event events[256];
	int i, n;

	while (!stop && (now < end || l->open)) {
		if (now < end)
			while (l->attempts < (now - start) * l->rate / 1000 + 1 && l->open < l->open_max)
				open_one(l);
		n = epoll_wait(l->epoll, events, 256, l->rate >= 200 ? 2 : 10);
		for (i = 0; i < n; i++)
			on_event(l, events[i].data.ptr, events[i].events);
		now = now_ms();
		expire(l, now);
	}
}

/* "104.244.42.1", "104.244.42.1:80", "[2606:1f80::1]:443", "2606:1f80::1" */
static int target_add(struct load *l, const char *text)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	const char *port = l->what == HTTP ? "80" : "443";
	struct addrinfo *found;
	char host[64], *colon;

	if (l->n_targets == TARGETS_MAX || snprintf(host, sizeof(host), "%s", text) >= (int)sizeof(host))
		return -EINVAL;
	if (host[0] == '[') {
		colon = strchr(host, ']');
		if (!colon)
			return -EINVAL;
		*colon++ = '\0';
		if (*colon == ':')
			port = colon + 1;
		memmove(host, host + 1, strlen(host));
	} else if ((colon = strchr(host, ':')) && !strchr(colon + 1, ':')) {
		*colon = '\0';
		port = colon + 1;
	}
	if (getaddrinfo(host, port, &hints, &found))
		return -EINVAL;
	memcpy(&l->targets[l->n_targets++], found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

static unsigned int number(const char *name, const char *text, unsigned int min, unsigned int max)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (!*text || *end || v < min || v > max) {
		fprintf(stderr, "load: %s %s: a number from %u to %u is wanted\n", name, text, min, max);
		exit(2);
	}
	return v;
}

static void usage(void)
{
	fprintf(stderr, "usage: load [options] ADDRESS[:PORT]...\n"
			"  -m connect|hello|http|quic   what each attempt does (hello)\n"
			"  -r RATE      attempts a second (10)      -d SECONDS  for so long (5)\n"
			"  -w MS        give an attempt up after (8000)\n"
			"  -s NAME      server name in the ClientHello (x.com)\n"
			"  -p PATH      path for http (/)\n"
			"  -c PREFIX4   clients: an IPv4 /16 (100.72.0.0; none: the host's own address)\n"
			"  -C PREFIX6   ... an IPv6 prefix whose last 16 bits vary (2001:db8:72::)\n"
			"  -x           ... these are the client's address as they are\n"
			"  -P PORT      the client's port (any)\n"
			"  -u           quic by sendto(), without connect()\n");
	exit(2);
}

int main(int argc, char **argv)
{
	struct load l = { .what = HELLO,
			  .rate = 10,
			  .seconds = 5,
			  .wait_ms = 8000,
			  .path = "/",
			  .seed = 1,
			  .open_max = OPEN_MAX_DEFAULT };
	struct rlimit files = { OPEN_MAX_DEFAULT + 100, OPEN_MAX_DEFAULT + 100 };
	const char *name = "x.com";
	int opt, i;

	inet_pton(AF_INET, "100.72.0.0", &l.base4);
	inet_pton(AF_INET6, "2001:db8:72::", &l.base6);
	while ((opt = getopt(argc, argv, "m:r:d:w:s:p:c:C:xP:u")) >= 0) {
		switch (opt) {
		case 'm':
			for (i = 0; i < WHATS && strcmp(optarg, what_names[i]); i++)
				;
			if (i == WHATS)
				usage();
			l.what = i;
			break;
		case 'r':
			l.rate = number("-r", optarg, 1, RATE_MAX);
			break;
		case 'd':
			l.seconds = number("-d", optarg, 1, SECONDS_MAX);
			break;
		case 'w':
			l.wait_ms = number("-w", optarg, 10, 600000);
			break;
		case 's':
			name = optarg;
			break;
		case 'p':
			l.path = optarg;
			break;
		case 'c':
			memset(&l.base4, 0, sizeof(l.base4));
			if (strcmp(optarg, "none") && inet_pton(AF_INET, optarg, &l.base4) != 1)
				usage();
			break;
		case 'C':
			memset(&l.base6, 0, sizeof(l.base6));
			if (strcmp(optarg, "none") && inet_pton(AF_INET6, optarg, &l.base6) != 1)
				usage();
			break;
		case 'x':
			l.exact = true;
			break;
		case 'P':
			l.port = number("-P", optarg, 1, 65535);
			break;
		case 'u':
			l.unconnected = true;
			break;
		default:
			usage();
		}
	}
	if (optind == argc || strlen(name) > 250)
		usage();
	for (; optind < argc; optind++) {
		if (target_add(&l, argv[optind])) {
			fprintf(stderr, "load: not an address: %s\n", argv[optind]);
			return 2;
		}
	}
	hello_build(&l, name);
	if (setrlimit(RLIMIT_NOFILE, &files)) {
		getrlimit(RLIMIT_NOFILE, &files);
		l.open_max = files.rlim_cur - 50;
	}
	l.last = &l.first;
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l.epoll < 0) {
		perror("load: epoll");
		return 1;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	run(&l);
	printf("attempts=%lu connected=%lu", l.attempts, l.connected);
	for (i = 0; i < ENDS; i++)
		printf(" %s=%lu", end_names[i], l.ends[i]);
	printf("\n");
	return 0;
}
