// SPDX-License-Identifier: GPL-2.0
/*
 * The lab's censor: every packet between the edge and the servers passes through this program by a TUN
 * device, is held back a little (so that round trips are real), and is looked at. What it does to
 * connections that ask for a forbidden name is read from a file, again at each SIGHUP:
 *
 *	mode off | sni-rst | sni-rst3 | sni-rst-drop | sni-drop | throttle | freeze
 *	delay MS			one way
 *	names x.com,twitter.com		whole labels, and what lies below them
 *
 * Blocking by address is nftables' work, in the same namespace; see `lab`.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define PACKET_MAX     2048
#define QUEUE_MAX      16384 /* power of two */
#define FLOWS_MAX      65536 /* power of two; a collision replaces, which a lab can bear */
#define NAMES_MAX      16
#define POLICE_BYTES_S 17500 /* 140 kbit/s, what was measured on X in Russia in 2021 */
#define POLICE_BURST   12000
#define FREEZE_BYTES   16384 /* server bytes let through, as seen in Russia in 2025 */
#define INJECTED_TTL   128   /* unlike the servers' 64 */

enum mode { OFF, SNI_RST, SNI_RST3, SNI_RST_DROP, SNI_DROP, THROTTLE, FREEZE, MODES };

static const char *const mode_names[MODES] = {
	[OFF] = "off",		 [SNI_RST] = "sni-rst",	  [SNI_RST3] = "sni-rst3", [SNI_RST_DROP] = "sni-rst-drop",
	[SNI_DROP] = "sni-drop", [THROTTLE] = "throttle", [FREEZE] = "freeze",
};

struct tuple {
	uint8_t client[16], server[16];
	uint16_t client_port, server_port;
};

struct flow { /* a connection that asked for a forbidden name */
	struct tuple tuple;
	bool condemned;
	double tokens[2]; /* of the policer, by direction */
	uint64_t filled_ns[2];
	uint64_t passed; /* server payload since it was condemned */
};

struct held {
	uint64_t due_ns;
	uint16_t len;
	uint8_t *data;
};

struct censor {
	const char *conf_path, *state_path;
	int tun;
	enum mode mode;
	uint64_t delay_ns;
	char names[NAMES_MAX][128];
	int n_names;
	struct held queue[QUEUE_MAX];
	unsigned int head, tail;
	struct flow flows[FLOWS_MAX];
	uint64_t forwarded, dropped, matched, injected, overflowed;
};

struct packet { /* one TCP segment, laid open */
	const uint8_t *l3, *payload;
	const struct tcphdr *tcp;
	size_t payload_len;
	bool v6, up; /* up: from the client */
	struct tuple tuple;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static uint32_t sum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	if (len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void tun_write(struct censor *c, const void *data, size_t len)
{
	if (write(c->tun, data, len) < 0)
		c->overflowed++;
}

static void queue_put(struct censor *c, const void *data, size_t len)
{
	struct held *h = &c->queue[c->head % QUEUE_MAX];

	if (c->head - c->tail >= QUEUE_MAX || !(h->data = malloc(len))) {
		c->overflowed++;
		return;
	}
	memcpy(h->data, data, len);
	h->len = len;
	h->due_ns = now_ns() + c->delay_ns;
	c->head++;
}

/* Send what is due; returns nanoseconds until the next one, or -1 where nothing is held. */
static int64_t queue_run(struct censor *c)
{
	uint64_t now = now_ns();

	while (c->tail != c->head) {
		struct held *h = &c->queue[c->tail % QUEUE_MAX];

		if (h->due_ns > now)
			return h->due_ns - now;
		tun_write(c, h->data, h->len);
		free(h->data);
		c->forwarded++;
		c->tail++;
	}
	return -1;
}

/* In the lab a server's port is always low and a client's high. */
static bool parse_tcp(const uint8_t *data, size_t len, struct packet *p)
{
	const uint8_t *src, *dst;
	size_t head, addr_len, total;
	uint16_t sport, dport;

	memset(p, 0, sizeof(*p));
	p->l3 = data;
	if (len >= sizeof(struct iphdr) && data[0] >> 4 == 4) {
		const struct iphdr *ip = (const void *)data;

		head = ip->ihl * 4u;
		total = ntohs(ip->tot_len);
		if (ip->protocol != IPPROTO_TCP || ip->frag_off & htons(0x3fff))
			return false;
		src = (const void *)&ip->saddr;
		dst = (const void *)&ip->daddr;
		addr_len = 4;
	} else if (len >= sizeof(struct ip6_hdr) && data[0] >> 4 == 6) {
		const struct ip6_hdr *ip = (const void *)data;

		head = sizeof(*ip);
		total = head + ntohs(ip->ip6_plen);
		if (ip->ip6_nxt != IPPROTO_TCP)
			return false;
		p->v6 = true;
		src = (const void *)&ip->ip6_src;
		dst = (const void *)&ip->ip6_dst;
		addr_len = 16;
	} else {
		return false;
	}
	if (total > len || head + sizeof(struct tcphdr) > total)
		return false;
	p->tcp = (const void *)(data + head);
	if (p->tcp->doff < 5 || head + p->tcp->doff * 4u > total)
		return false;
	p->payload = data + head + p->tcp->doff * 4;
	p->payload_len = total - head - p->tcp->doff * 4;
	sport = ntohs(p->tcp->source);
	dport = ntohs(p->tcp->dest);
	p->up = dport < sport;
	memcpy(p->tuple.client, p->up ? src : dst, addr_len);
	memcpy(p->tuple.server, p->up ? dst : src, addr_len);
	p->tuple.client_port = p->up ? sport : dport;
	p->tuple.server_port = p->up ? dport : sport;
	return true;
}

static bool name_forbidden(const struct censor *c, const char *name, size_t len)
{
	int i;

	for (i = 0; i < c->n_names; i++) {
		size_t n = strlen(c->names[i]);

		if (n <= len && !strncasecmp(name + len - n, c->names[i], n) &&
		    (n == len || name[len - n - 1] == '.'))
			return true;
	}
	return false;
}

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

/* The name in a ClientHello that begins in this segment; what lies in later segments is not looked at,
 * which is what simple middleboxes do as well. */
static bool hello_forbidden(const struct censor *c, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	size_t n;

	if (len < 44 || p[0] != 0x16 || p[1] != 3 || p[5] != 1)
		return false;
	p += 5 + 4 + 2 + 32; /* record, handshake, version, random */
	n = 1 + p[0];	     /* session id */
	if (n + 2 > (size_t)(end - p))
		return false;
	p += n;
	n = 2 + get16(p); /* cipher suites */
	if (n + 1 > (size_t)(end - p))
		return false;
	p += n;
	n = 1 + p[0]; /* compression */
	if (n + 2 > (size_t)(end - p))
		return false;
	p += n + 2;
	while (end - p >= 4) {
		unsigned int type = get16(p);

		n = get16(p + 2);
		p += 4;
		if (n > (size_t)(end - p))
			return false;
		if (type == 0 && n >= 5 && get16(p + 3) <= n - 5)
			return name_forbidden(c, (const char *)p + 5, get16(p + 3));
		p += n;
	}
	return false;
}

static struct flow *flow_slot(struct censor *c, const struct tuple *t)
{
	const uint8_t *p = (const void *)t;
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < sizeof(*t); i++)
		h = (h ^ p[i]) * 16777619u;
	return &c->flows[(h ^ h >> 16) % FLOWS_MAX];
}

static struct flow *flow_find(struct censor *c, const struct packet *p)
{
	struct flow *f = flow_slot(c, &p->tuple);

	if (!f->condemned || memcmp(&f->tuple, &p->tuple, sizeof(f->tuple)))
		return NULL;
	if (p->up && p->tcp->syn) { /* the ports are used again: a new connection */
		f->condemned = false;
		return NULL;
	}
	return f;
}

static void flow_condemn(struct censor *c, const struct packet *p)
{
	struct flow *f = flow_slot(c, &p->tuple);

	memset(f, 0, sizeof(*f));
	f->tuple = p->tuple;
	f->condemned = true;
	f->tokens[0] = f->tokens[1] = POLICE_BURST;
	f->filled_ns[0] = f->filled_ns[1] = now_ns();
}

static bool flow_police(struct flow *f, bool up, size_t len)
{
	uint64_t now = now_ns();

	f->tokens[up] += (now - f->filled_ns[up]) * (POLICE_BYTES_S / 1e9);
	f->filled_ns[up] = now;
	if (f->tokens[up] > POLICE_BURST)
		f->tokens[up] = POLICE_BURST;
	if (f->tokens[up] < len)
		return false;
	f->tokens[up] -= len;
	return true;
}

/* A RST+ACK in the name of one end, as the answer to a segment of the client. */
static size_t make_reset(const struct packet *p, bool to_client, uint32_t seq, uint32_t ack, uint16_t ipid,
			 uint8_t *out)
{
	size_t head = p->v6 ? sizeof(struct ip6_hdr) : sizeof(struct iphdr);
	size_t len = head + sizeof(struct tcphdr), addr_len = p->v6 ? 16 : 4;
	const uint8_t *src = to_client ? p->tuple.server : p->tuple.client;
	const uint8_t *dst = to_client ? p->tuple.client : p->tuple.server;
	struct tcphdr *tcp = (void *)(out + head);
	uint32_t sum;

	memset(out, 0, len);
	if (p->v6) {
		struct ip6_hdr *ip = (void *)out;

		ip->ip6_flow = htonl(6u << 28);
		ip->ip6_plen = htons(sizeof(*tcp));
		ip->ip6_nxt = IPPROTO_TCP;
		ip->ip6_hlim = INJECTED_TTL;
		memcpy(&ip->ip6_src, src, 16);
		memcpy(&ip->ip6_dst, dst, 16);
	} else {
		struct iphdr *ip = (void *)out;

		ip->version = 4;
		ip->ihl = 5;
		ip->tot_len = htons(len);
		ip->id = ipid;
		ip->ttl = INJECTED_TTL;
		ip->protocol = IPPROTO_TCP;
		memcpy(&ip->saddr, src, 4);
		memcpy(&ip->daddr, dst, 4);
		ip->check = sum_fold(sum_add(0, ip, sizeof(*ip)));
	}
	tcp->source = htons(to_client ? p->tuple.server_port : p->tuple.client_port);
	tcp->dest = htons(to_client ? p->tuple.client_port : p->tuple.server_port);
	tcp->seq = htonl(seq);
	tcp->ack_seq = htonl(ack);
	tcp->doff = 5;
	tcp->rst = 1;
	tcp->ack = 1;
	sum = sum_add(0, src, addr_len);
	sum = sum_add(sum, dst, addr_len);
	sum += IPPROTO_TCP + sizeof(*tcp);
	tcp->check = sum_fold(sum_add(sum, tcp, sizeof(*tcp)));
	return len;
}

/* To the client at once; to the server behind the ClientHello, or in its place when that was dropped. */
static void inject(struct censor *c, const struct packet *p, int count, bool passed)
{
	static const uint32_t steps[3] = { 0, 1460, 4380 };
	uint32_t start = ntohl(p->tcp->seq), next = ntohl(p->tcp->ack_seq);
	uint32_t end = start + p->payload_len;
	uint16_t ipid = htons(0x4242);
	uint8_t out[PACKET_MAX];
	size_t len;
	int i;

	if (count > 1 && !p->v6) /* this injector copies what it saw */
		ipid = ((const struct iphdr *)p->l3)->id;
	for (i = 0; i < count; i++) {
		len = make_reset(p, true, next + steps[i], end, ipid, out);
		tun_write(c, out, len);
		len = make_reset(p, false, (passed ? end : start) + steps[i], next, ipid, out);
		queue_put(c, out, len);
		c->injected += 2;
	}
}

/* What happens to one packet: true where it may pass. */
static bool decide(struct censor *c, const struct packet *p)
{
	struct flow *f;

	if (c->mode == OFF)
		return true;
	f = flow_find(c, p);
	if (f) {
		switch (c->mode) {
		case THROTTLE:
			return flow_police(f, p->up, p->payload_len + 40);
		case FREEZE:
			if (!p->up)
				f->passed += p->payload_len;
			return f->passed <= FREEZE_BYTES;
		default:
			return false;
		}
	}
	if (!p->up || !hello_forbidden(c, p->payload, p->payload_len))
		return true;
	c->matched++;
	if (c->mode != SNI_RST && c->mode != SNI_RST3)
		flow_condemn(c, p);
	return c->mode != SNI_DROP && c->mode != SNI_RST_DROP;
}

static void handle(struct censor *c, const uint8_t *data, size_t len)
{
	uint64_t matched = c->matched;
	struct packet p;
	bool pass = true, tcp;

	tcp = parse_tcp(data, len, &p);
	if (tcp)
		pass = decide(c, &p);
	if (pass)
		queue_put(c, data, len);
	else
		c->dropped++;
	if (c->matched == matched)
		return;
	if (c->mode == SNI_RST || c->mode == SNI_RST_DROP)
		inject(c, &p, 1, pass);
	else if (c->mode == SNI_RST3)
		inject(c, &p, 3, pass);
}

/* Tell `lab` what is in force; by rename, so that it never reads half a file. */
static void state_write(const struct censor *c)
{
	char tmp[512];
	FILE *f;

	if (snprintf(tmp, sizeof(tmp), "%s.tmp", c->state_path) >= (int)sizeof(tmp))
		return;
	f = fopen(tmp, "w");
	if (!f)
		return;
	fprintf(f,
		"mode %s\ndelay %u\nforwarded %llu\ndropped %llu\nmatched %llu\ninjected %llu\noverflowed %llu\n",
		mode_names[c->mode], (unsigned int)(c->delay_ns / 1000000), (unsigned long long)c->forwarded,
		(unsigned long long)c->dropped, (unsigned long long)c->matched, (unsigned long long)c->injected,
		(unsigned long long)c->overflowed);
	if (!fclose(f) && rename(tmp, c->state_path))
		perror(c->state_path);
}

static int conf_read(struct censor *c)
{
	char line[512], word[512], *name, *save;
	FILE *f = fopen(c->conf_path, "r");
	unsigned int ms;
	int i, err = 0;

	if (!f) {
		fprintf(stderr, "censor: %s: %s\n", c->conf_path, strerror(errno));
		return -EINVAL;
	}
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "mode %511s", word) == 1) {
			for (i = 0; i < MODES && strcmp(word, mode_names[i]); i++)
				;
			if (i == MODES) {
				fprintf(stderr, "censor: unknown mode %s\n", word);
				err = -EINVAL;
			} else {
				c->mode = i;
			}
		} else if (sscanf(line, "delay %u", &ms) == 1 && ms <= 2000) {
			c->delay_ns = ms * 1000000ull;
		} else if (sscanf(line, "names %511s", word) == 1) {
			c->n_names = 0;
			for (name = strtok_r(word, ",", &save); name && c->n_names < NAMES_MAX;
			     name = strtok_r(NULL, ",", &save))
				snprintf(c->names[c->n_names++], sizeof(c->names[0]), "%.127s", name);
		} else {
			fprintf(stderr, "censor: not understood: %s", line);
			err = -EINVAL;
		}
	}
	fclose(f);
	memset(c->flows, 0, sizeof(c->flows));
	return err;
}

static int tun_open(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr)) {
		close(fd);
		return -errno;
	}
	return fd;
}

static int run(struct censor *c, int sig)
{
	struct pollfd fds[2] = { { .fd = c->tun, .events = POLLIN }, { .fd = sig, .events = POLLIN } };
	struct signalfd_siginfo info;
	uint8_t data[PACKET_MAX];
	uint64_t told = 0;
	struct timespec ts;
	int64_t wait;
	ssize_t n;
	int i;

	for (;;) {
		wait = queue_run(c);
		if (wait < 0 || wait > 200000000)
			wait = 200000000;
		ts.tv_sec = 0;
		ts.tv_nsec = wait;
		if (ppoll(fds, 2, &ts, NULL) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents & POLLIN && read(sig, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo != SIGHUP)
				return 0;
			conf_read(c);
			state_write(c);
		}
		for (i = 0; i < 64 && (n = read(c->tun, data, sizeof(data))) > 0; i++)
			handle(c, data, n);
		if (now_ns() - told > 500000000) {
			told = now_ns();
			state_write(c);
		}
	}
}

int main(int argc, char **argv)
{
	static struct censor censor;
	sigset_t set;
	int err, sig;

	if (argc != 4) {
		fprintf(stderr, "usage: censor TUN CONF STATE\n");
		return 2;
	}
	censor.conf_path = argv[2];
	censor.state_path = argv[3];
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sig = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	censor.tun = tun_open(argv[1]);
	if (sig < 0 || censor.tun < 0) {
		fprintf(stderr, "censor: %s: %s\n", argv[1], strerror(censor.tun < 0 ? -censor.tun : errno));
		return 1;
	}
	if (conf_read(&censor))
		return 1;
	state_write(&censor);
	err = run(&censor, sig);
	return err ? 1 : 0;
}
