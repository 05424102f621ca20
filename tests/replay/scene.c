// SPDX-License-Identifier: GPL-2.0
/*
 * A capture from a few lines of text: `scene OUT < lines`. Each packet is a line, sequence numbers are kept as the two
 * ends would keep them; the README beside this file tells what a line may say.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../dns_message.h"
#include "hello.h"

#define FRAME_MAX 70000
#define WORDS_MAX 24

enum flags { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* ---- state ------------------------------------------------------------------------------------------------- */
struct end {
	uint8_t addr[16];
	uint16_t port;
	uint32_t isn, next; /* absolute */
	uint16_t ipid;
	uint8_t ttl;
	bool begun; /* its SYN has been sent */
	/* its last segment, for `again` */
	uint32_t seq, len;
	uint8_t flags;
};

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t len;
};

struct scene {
	struct end client, server;
	bool v6;
	const char *link, *format;
	char link_text[32], format_text[32];
	int64_t base_s;
	FILE *out;
	bool begun, big;
	unsigned int line;
	struct frame last; /* for `copy` */
	struct frame quoted;
	uint8_t hello[8192]; /* what the client's stream begins with */
	size_t hello_len;
};

static struct scene scene;

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "scene: line %u: ", scene.line);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

/* ---- words of a line ----------------------------------------------------------------------------------------- */
struct words {
	char *word[WORDS_MAX];
	int n;
};

/* The value of key=value, or NULL. */
static const char *text_of(const struct words *w, const char *key)
{
	size_t n = strlen(key);

	for (int i = 0; i < w->n; i++)
		if (!strncmp(w->word[i], key, n) && w->word[i][n] == '=')
			return w->word[i] + n + 1;
	return NULL;
}

static long long number_of(const struct words *w, const char *key, long long standard)
{
	const char *text = text_of(w, key);
	char *end;
	long long n;

	if (!text)
		return standard;
	n = strtoll(text, &end, 0);
	if (*end || end == text)
		die("%s=%s is no number", key, text);
	return n;
}

static bool has(const struct words *w, const char *word)
{
	for (int i = 0; i < w->n; i++)
		if (!strcmp(w->word[i], word))
			return true;
	return false;
}

/* ---- bytes --------------------------------------------------------------------------------------------------- */
static void put(struct frame *f, const void *bytes, size_t n)
{
	if (f->len + n > FRAME_MAX)
		die("a frame is too long");
	if (bytes)
		memcpy(f->bytes + f->len, bytes, n);
	else
		memset(f->bytes + f->len, 0, n);
	f->len += n;
}

static void put8(struct frame *f, unsigned int v)
{
	uint8_t b = v;

	put(f, &b, 1);
}

static void put16(struct frame *f, unsigned int v)
{
	uint16_t b = htons(v);

	put(f, &b, 2);
}

static void put32(struct frame *f, uint32_t v)
{
	uint32_t b = htonl(v);

	put(f, &b, 4);
}

static uint32_t sum(const uint8_t *p, size_t n, uint32_t start)
{
	for (size_t i = 0; i < n; i++)
		start += i & 1 ? p[i] : p[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return start;
}

/* ---- capture files ----------------------------------------------------------------------------------------------- */
static void file32(uint32_t v)
{
	uint32_t b = scene.big ? htonl(v) : v;

	fwrite(&b, 4, 1, scene.out);
}

static void file16(uint16_t v)
{
	uint16_t b = scene.big ? htons(v) : v;

	fwrite(&b, 2, 1, scene.out);
}

static const struct link {
	const char *name;
	unsigned int dlt;
} links[] = {
	{ "ethernet", 1 }, { "vlan", 1 },  { "qinq", 1 },	{ "pppoe", 1 },	 { "pppoe1", 1 },
	{ "mpls", 1 },	   { "raw", 101 }, { "ipv4", 228 },	{ "ipv6", 229 }, { "sll", 113 },
	{ "sll2", 276 },   { "null", 0 },  { "wireless", 105 }, { "ppp", 9 },
};

static unsigned int dlt_of(const char *name)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (!strcmp(links[i].name, name))
			return links[i].dlt;
	die("no such link type: %s", name);
}

static bool is_ng(void)
{
	return !strncmp(scene.format, "pcapng", 6);
}

static void interface_block(unsigned int dlt)
{
	file32(1);
	file32(20);
	file16(dlt);
	file16(0);
	file32(0);
	file32(20);
}

/* A block of a type that nobody knows: readers have to step over it. */
static void unknown_block(void)
{
	file32(0x0badf00d);
	file32(16);
	file32(0x12345678);
	file32(16);
}

static void begin_file(void)
{
	scene.begun = true;
	scene.big = !!strstr(scene.format, "big");
	if (is_ng()) {
		file32(0x0a0d0d0a);
		file32(28);
		file32(0x1a2b3c4d);
		file16(1);
		file16(0);
		file32(0xffffffff);
		file32(0xffffffff);
		file32(28);
		if (strstr(scene.format, "unknown"))
			unknown_block();
		interface_block(dlt_of(scene.link));
		return;
	}
	file32(strstr(scene.format, "nano") ? 0xa1b23c4d : 0xa1b2c3d4);
	file16(2);
	file16(4);
	file32(0);
	file32(0);
	file32(262144);
	file32(dlt_of(scene.link));
}

static void write_frame(double ms, const struct frame *f, const struct words *w)
{
	int64_t us = (int64_t)(ms * 1000 + (ms < 0 ? -0.5 : 0.5)) + scene.base_s * 1000000;
	uint32_t wire = number_of(w, "wire", f->len), cap = number_of(w, "cap", f->len);
	unsigned int interface = number_of(w, "interface", 0);

	if (!scene.begun)
		begin_file();
	if (is_ng()) {
		uint32_t padded = (cap + 3) & ~3u;

		if (strstr(scene.format, "unknown"))
			unknown_block();
		if (interface)
			interface_block(105); /* another one, of a kind that is not read */
		file32(6);
		file32(32 + padded);
		file32(interface);
		file32((uint64_t)us >> 32);
		file32(us);
		file32(cap);
		file32(wire);
		fwrite(f->bytes, 1, cap, scene.out);
		for (uint32_t i = cap; i < padded; i++)
			fputc(0, scene.out);
		file32(32 + padded);
		return;
	}
	file32(us / 1000000);
	file32(us % 1000000 * (strstr(scene.format, "nano") ? 1000 : 1));
	file32(number_of(w, "claim", cap)); /* a record that claims more than it holds */
	file32(wire);
	fwrite(f->bytes, 1, cap, scene.out);
}

/* ---- headers ----------------------------------------------------------------------------------------------------- */
static void put_link(struct frame *f, size_t ip_len)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	unsigned int type = scene.v6 ? 0x86dd : 0x0800;
	const char *link = scene.link;

	if (dlt_of(link) == 1)
		put(f, macs, 12);
	if (!strcmp(link, "sll")) {
		put(f, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0", 14);
	} else if (!strcmp(link, "sll2")) {
		put16(f, type);
		put(f, "\0\0\0\0\0\2\0\1\0\6\2\0\0\0\0\1\0\0", 18);
		return;
	} else if (!strcmp(link, "null")) {
		put(f, "\2\0\0\0", 4);
		return;
	} else if (!strcmp(link, "ppp")) {
		put32(f, scene.v6 ? 0xff030057 : 0xff030021);
		return;
	} else if (!strcmp(link, "vlan") || !strcmp(link, "qinq")) {
		if (*link == 'q')
			put32(f, 0x88a80064);
		put32(f, 0x8100000a);
	} else if (!strncmp(link, "pppoe", 5)) {
		put16(f, 0x8864);
		put32(f, 0x11000001);
		put16(f, ip_len + (link[5] ? 1 : 2));
		if (link[5]) /* the protocol in one byte */
			put8(f, scene.v6 ? 0x57 : 0x21);
		else
			put16(f, scene.v6 ? 0x0057 : 0x0021);
		return;
	} else if (!strcmp(link, "mpls")) {
		put16(f, 0x8847);
		put32(f, 0x00064040);
		put32(f, 0x000c8140);
		return;
	} else if (dlt_of(link) != 1) {
		return;
	}
	put16(f, type);
}

/* The IP header of a packet from one address to another; `len` of what follows. */
static void put_ip(struct frame *f, const uint8_t *from, const uint8_t *to, unsigned int proto, size_t len,
		   unsigned int ttl, unsigned int ipid)
{
	size_t at = f->len;
	uint32_t check;

	if (scene.v6) {
		put32(f, 0x60000000);
		put16(f, len);
		put8(f, proto);
		put8(f, ttl);
		put(f, from, 16);
		put(f, to, 16);
		return;
	}
	put16(f, 0x4500);
	put16(f, 20 + len);
	put16(f, ipid);
	put16(f, 0x4000);
	put8(f, ttl);
	put8(f, proto);
	put16(f, 0);
	put(f, from, 4);
	put(f, to, 4);
	check = ~sum(f->bytes + at, 20, 0);
	f->bytes[at + 10] = check >> 8;
	f->bytes[at + 11] = check;
}

static size_t ip_header(void)
{
	return scene.v6 ? 40 : 20;
}

/* Checksum of the transport segment at `at`, which stands at its offset `check`. */
static void seal(struct frame *f, size_t at, size_t check, const struct end *from, const struct end *to,
		 unsigned int proto)
{
	size_t alen = scene.v6 ? 16 : 4;
	uint32_t s = sum(from->addr, alen, 0);

	s = sum(to->addr, alen, s) + proto + (f->len - at);
	s = ~sum(f->bytes + at, f->len - at, s);
	f->bytes[at + check] = s >> 8;
	f->bytes[at + check + 1] = s;
}

/* A client's first bytes, as far as there are any: how many of those wanted. */
static uint32_t put_hello(struct frame *f, const struct end *me, uint32_t seq, uint32_t len)
{
	uint32_t at = seq - me->isn - 1;

	if (me != &scene.client || at >= scene.hello_len)
		return 0;
	if (len > scene.hello_len - at)
		len = scene.hello_len - at;
	put(f, scene.hello + at, len);
	return len;
}

/* Bytes that depend on their place in the stream, so that a repetition is one. */
static void put_payload(struct frame *f, uint32_t from, uint32_t len, unsigned int salt)
{
	for (uint32_t i = 0; i < len; i++)
		put8(f, (from + i) * 7 + salt);
}

/* ---- TCP ------------------------------------------------------------------------------------------------------------ */
static unsigned int flags_of(const char *text)
{
	static const char letters[] = "FSRPA";
	unsigned int flags = 0;

	for (; *text; text++) {
		const char *at = strchr(letters, *text);

		if (!at)
			die("no such flag: %c", *text);
		flags |= 1u << (at - letters);
	}
	return flags;
}

static void put_tcp(struct frame *f, struct end *me, struct end *other, unsigned int flags, const struct words *w,
		    uint32_t seq, uint32_t ack, uint32_t len)
{
	bool options = (flags & SYN) && !has(w, "bare");
	size_t head = options ? 24 : 20, at;
	unsigned int ipid = number_of(w, "id", me->ipid), extra = number_of(w, "pad", 0);
	uint32_t said;

	put_link(f, head + len + ip_header());
	put_ip(f, me->addr, other->addr, 6, head + len, number_of(w, "ttl", me->ttl), ipid);
	if (!text_of(w, "id"))
		me->ipid++;
	at = f->len;
	put16(f, me->port);
	put16(f, other->port);
	put32(f, seq);
	put32(f, ack);
	put8(f, head << 2);
	put8(f, flags);
	put16(f, number_of(w, "win", flags & RST ? 0 : 500));
	put32(f, 0);
	if (options)
		put32(f, 0x020405b4);
	said = flags & SYN ? put_hello(f, me, seq + 1, len) : put_hello(f, me, seq, len);
	put_payload(f, seq + said, len - said, number_of(w, "salt", 0));
	seal(f, at, 16, me, other, 6);
	put(f, NULL, extra);
}

static void tcp(double ms, bool up, const struct words *w)
{
	struct end *me = up ? &scene.client : &scene.server, *other = up ? &scene.server : &scene.client;
	bool again = !strcmp(w->word[2], "again"), probe = !strcmp(w->word[2], "probe");
	unsigned int flags = again ? me->flags : probe ? ACK : flags_of(w->word[2]);
	bool rest = text_of(w, "len") && !strcmp(text_of(w, "len"), "rest");
	uint32_t len = rest ? 0 : number_of(w, "len", again ? me->len : 0), seq, ack;
	static struct frame f;

	f.len = 0;
	if ((flags & SYN) && !again) {
		me->isn = number_of(w, "isn", me->isn);
		if (!text_of(w, "seq"))
			me->next = me->isn;
		me->begun = true;
	}
	seq = text_of(w, "seq") ? me->isn + number_of(w, "seq", 0)
	      : again		? me->seq
	      : probe		? me->next - 1
				: me->next;
	ack = text_of(w, "ack")	     ? other->isn + number_of(w, "ack", 0)
	      : text_of(w, "rawack") ? number_of(w, "rawack", 0)
	      : flags & ACK	     ? other->next
				     : 0;
	seq = number_of(w, "rawseq", seq);
	if (rest) /* of the hello */
		len = scene.hello_len - (seq - me->isn - !(flags & SYN));
	put_tcp(&f, me, other, flags, w, seq, ack, len);
	if (!has(w, "lost")) /* lost before it came by here */
		write_frame(ms, &f, w);
	scene.last = f;
	if (up)
		scene.quoted = f;
	if (probe || (flags & RST))
		return;
	me->seq = seq;
	me->len = len;
	me->flags = flags;
	seq += len + !!(flags & SYN) + !!(flags & FIN);
	if ((int32_t)(seq - me->next) > 0 || (flags & SYN))
		me->next = seq;
}

/* ---- QUIC ----------------------------------------------------------------------------------------------------------- */
static const struct {
	const char *name;
	uint8_t first;
	uint32_t version;
} datagrams[] = {
	{ "initial", 0xc3, 1 },
	{ "initial2", 0xd3, 0x6b3343cf },
	{ "0rtt", 0xd3, 1 },
	{ "handshake", 0xe3, 1 },
	{ "retry", 0xf0, 1 },
	{ "vn", 0xc0, 0 },
	{ "initialx", 0xc3, 0xbabababa },
	{ "short", 0x43, 0x01020304 },
	{ "garbage", 0, 0 },
};

static void quic(double ms, bool up, const struct words *w)
{
	struct end *me = up ? &scene.client : &scene.server, *other = up ? &scene.server : &scene.client;
	uint32_t len = number_of(w, "len", 1200);
	static struct frame f;
	size_t at, i = 0;

	while (i < sizeof(datagrams) / sizeof(*datagrams) && strcmp(datagrams[i].name, w->word[3]))
		i++;
	if (i == sizeof(datagrams) / sizeof(*datagrams))
		die("no such datagram: %s", w->word[3]);
	f.len = 0;
	put_link(&f, 8 + len + ip_header());
	put_ip(&f, me->addr, other->addr, 17, 8 + len, number_of(w, "ttl", me->ttl), me->ipid++);
	at = f.len;
	put16(&f, me->port);
	put16(&f, other->port);
	put16(&f, 8 + len);
	put16(&f, 0);
	if (len) {
		put8(&f, datagrams[i].first);
		put32(&f, datagrams[i].version);
		put_payload(&f, me->ipid, len > 5 ? len - 5 : 0, 0);
		f.len = at + 8 + len;
	}
	seal(&f, at, 6, me, other, 17);
	write_frame(ms, &f, w);
	scene.last = f;
	if (up)
		scene.quoted = f;
}

/* ---- DNS ------------------------------------------------------------------------------------------------------------ */
/* A question of the client's to its resolver, or the answer: > dns NAME [aaaa], < dns NAME [rcode=] [cname=] ADDRESS...;
 * both [id=] [ttl=] [tcp] [edns]. */
static void dns_text(struct dns_text *d, bool up, const struct words *w)
{
	static const uint8_t network[3] = { 203, 0, 113 };
	const char *cname = text_of(w, "cname");
	bool aaaa = has(w, "aaaa");

	for (int i = 4; i < w->n; i++)
		aaaa |= !!strchr(w->word[i], ':');
	dns_begin(d, number_of(w, "id", 7), (up ? DNS_QUERY : DNS_ANSWER) | number_of(w, "rcode", 0), w->word[3],
		  aaaa ? DNS_TYPE_AAAA : DNS_TYPE_A);
	if (cname)
		dns_add_cname(d, cname);
	for (int i = 4; i < w->n; i++)
		if (strpbrk(w->word[i], ".:") && !strchr(w->word[i], '='))
			dns_add_address(d, w->word[i]);
	if (has(w, "edns"))
		dns_add_edns(d, network);
}

static void dns(double ms, bool up, const struct words *w)
{
	static const char *const resolvers[] = { "198.51.100.53", "2001:db8:53::53" };
	struct end resolver = { .port = 53, .ttl = 58, .isn = 7000, .next = 7001 },
		   *me = up ? &scene.client : &resolver, *other = up ? &resolver : &scene.client;
	size_t tcp_len = has(w, "tcp") ? 20 + 2 : 8, at;
	static struct frame f;
	struct dns_text d;

	if (w->n < 4)
		die("dns NAME");
	inet_pton(scene.v6 ? AF_INET6 : AF_INET, resolvers[scene.v6], resolver.addr);
	dns_text(&d, up, w);
	f.len = 0;
	put_link(&f, tcp_len + d.n + ip_header());
	put_ip(&f, me->addr, other->addr, tcp_len == 8 ? 17 : 6, tcp_len + d.n, number_of(w, "ttl", me->ttl),
	       me->ipid++);
	at = f.len;
	put16(&f, me->port);
	put16(&f, other->port);
	if (tcp_len == 8) {
		put16(&f, 8 + d.n);
		put16(&f, 0);
	} else {
		put32(&f, me->next);
		put32(&f, other->next);
		put16(&f, 5 << 12 | PSH | ACK);
		put16(&f, 500);
		put32(&f, 0);
		put16(&f, d.n);
	}
	put(&f, d.bytes, d.n);
	seal(&f, at, tcp_len == 8 ? 6 : 16, me, other, tcp_len == 8 ? 17 : 6);
	write_frame(ms, &f, w);
	scene.last = f;
}

/* ---- ICMP ----------------------------------------------------------------------------------------------------------- */
/* An error about the client's last packet, from a router. */
static void icmp(double ms, const struct words *w)
{
	size_t link, quote, at;
	static struct frame f;
	uint8_t router[16] = { 192, 0, 2, 254 };
	struct end from = { 0 };

	if (w->n < 5)
		die("icmp TYPE CODE");
	if (scene.v6)
		inet_pton(AF_INET6, "2001:db8::fe", router);
	memcpy(from.addr, router, 16);
	f.len = 0;
	put_link(&f, 0);
	link = f.len;
	f.len = 0;
	quote = scene.quoted.len - link;
	if (quote > (size_t)number_of(w, "quote", 1200))
		quote = number_of(w, "quote", 1200);
	put_link(&f, 8 + quote + ip_header());
	put_ip(&f, router, scene.client.addr, scene.v6 ? 58 : 1, 8 + quote, number_of(w, "ttl", 61), 7);
	at = f.len;
	put8(&f, strtoul(w->word[3], NULL, 0));
	put8(&f, strtoul(w->word[4], NULL, 0));
	put16(&f, 0);
	put32(&f, 0);
	put(&f, scene.quoted.bytes + link, quote);
	if (text_of(w, "seq") && quote >= ip_header() + 8) {
		uint32_t seq = htonl(scene.client.isn + number_of(w, "seq", 0));

		memcpy(f.bytes + at + 8 + ip_header() + 4, &seq, 4);
	}
	seal(&f, at, 2, &from, &scene.client, scene.v6 ? 58 : 1);
	write_frame(ms, &f, w);
}

/* ---- lines ---------------------------------------------------------------------------------------------------------- */
static void set_end(struct end *e, const struct words *w, uint32_t isn, uint8_t ttl)
{
	bool v6;

	if (w->n < 3)
		die("an address and a port are wanted");
	v6 = strchr(w->word[1], ':');
	memset(e, 0, sizeof(*e));
	if (inet_pton(v6 ? AF_INET6 : AF_INET, w->word[1], e->addr) != 1)
		die("no address: %s", w->word[1]);
	scene.v6 = v6;
	e->port = strtoul(w->word[2], NULL, 0);
	e->isn = number_of(w, "isn", isn);
	e->next = e->isn;
	e->ttl = number_of(w, "ttl", ttl);
	e->ipid = isn / 1000;
}

static void set_ends(const char *client, const char *server)
{
	struct words c = { { (char *)"client", (char *)client, (char *)"40000" }, 3 };
	struct words s = { { (char *)"server", (char *)server, (char *)"443" }, 3 };

	set_end(&scene.client, &c, 1000000, 64);
	set_end(&scene.server, &s, 5000000, 50);
}

static void raw(double ms, const struct words *w)
{
	static struct frame f;

	f.len = 0;
	for (const char *p = w->n > 2 ? w->word[2] : ""; p[0] && p[1]; p += 2) {
		char byte[3] = { p[0], p[1], 0 };

		put8(&f, strtoul(byte, NULL, 16));
	}
	write_frame(ms, &f, w);
}

/* hello NAME|- [share=BYTES] [record=BYTES] [ech] [esni] */
static void say_hello(const struct words *w)
{
	struct hello_spec spec = {
		.name = w->n > 1 && strcmp(w->word[1], "-") ? w->word[1] : NULL,
		.share = number_of(w, "share", 36),
		.record = number_of(w, "record", 16384),
		.ech = has(w, "ech"),
		.esni = has(w, "esni"),
	};

	if (spec.share > 3000 || spec.record < 16)
		die("share= of 3000 bytes at most, record= of 16 at least");
	scene.hello_len = hello_write(&spec, scene.hello);
}

static void line(struct words *w)
{
	double ms;
	char *end;
	bool up;

	if (!strcmp(w->word[0], "as")) {
		snprintf(scene.link_text, sizeof(scene.link_text), "%s", w->n > 1 ? w->word[1] : "ethernet");
		snprintf(scene.format_text, sizeof(scene.format_text), "%s", w->n > 2 ? w->word[2] : "pcap");
		return;
	}
	if (!strcmp(w->word[0], "base")) {
		scene.base_s = strtoll(w->word[1], NULL, 0);
		return;
	}
	if (!strcmp(w->word[0], "ipv6")) {
		set_ends("2001:db8::10", "2606:1f80:f000::1");
		return;
	}
	if (!strcmp(w->word[0], "client")) {
		set_end(&scene.client, w, 1000000, 64);
		return;
	}
	if (!strcmp(w->word[0], "server")) {
		set_end(&scene.server, w, 5000000, 50);
		return;
	}
	if (!strcmp(w->word[0], "hello")) {
		say_hello(w);
		return;
	}
	ms = strtod(w->word[0], &end);
	if (*end || w->n < 2)
		die("a line begins with a time in milliseconds: %s", w->word[0]);
	if (!strcmp(w->word[1], "copy")) {
		write_frame(ms, &scene.last, w);
		return;
	}
	if (!strcmp(w->word[1], "raw")) {
		raw(ms, w);
		return;
	}
	up = !strcmp(w->word[1], ">");
	if ((!up && strcmp(w->word[1], "<")) || w->n < 3)
		die("> or < and flags are wanted");
	if (!strcmp(w->word[2], "quic"))
		quic(ms, up, w);
	else if (!strcmp(w->word[2], "dns"))
		dns(ms, up, w);
	else if (!strcmp(w->word[2], "icmp"))
		icmp(ms, w);
	else
		tcp(ms, up, w);
}

int main(int argc, char **argv)
{
	char text[1024];

	if (argc != 2) {
		fprintf(stderr, "usage: scene FILE < lines\n");
		return 2;
	}
	scene.out = fopen(argv[1], "w");
	if (!scene.out) {
		fprintf(stderr, "scene: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	scene.link = strcpy(scene.link_text, "ethernet");
	scene.format = strcpy(scene.format_text, "pcap");
	scene.base_s = 1700000000;
	set_ends("192.0.2.10", "104.244.42.1");
	while (fgets(text, sizeof(text), stdin)) {
		struct words w = { .n = 0 };
		char *save, *word;

		scene.line++;
		text[strcspn(text, "#\n")] = '\0';
		for (word = strtok_r(text, " \t", &save); word && w.n < WORDS_MAX;
		     word = strtok_r(NULL, " \t", &save))
			w.word[w.n++] = word;
		if (w.n)
			line(&w);
	}
	if (!scene.begun)
		begin_file();
	if (fclose(scene.out)) {
		fprintf(stderr, "scene: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	return 0;
}
