/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Questions for the addresses of names in the rules, and the answers to them, on port 53 (RFC 1035). A message goes to
 * user space as far as its answers reach. Who asked goes nowhere; a name that no rule speaks of is forgotten here.
 */
#ifndef XREACH_DNS_H
#define XREACH_DNS_H

#define DNS_PORT     53
#define DNS_HEADER   12
#define DNS_QUESTION 4	/* type and class, behind its name */
#define DNS_RECORD   10 /* type, class, TTL and length, behind its name */
#define DNS_A	     1
#define DNS_AAAA     28
#define DNS_OPT	     41
#define DNS_IN	     1
#define DNS_RECORDS  24 /* answers that are gone through ... */
#define DNS_LABELS   16 /* ... with so many labels at most, where a name is not compressed */
#define DNS_POINTER  0xc0

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WIRE_DNS_RING);
} dns SEC(".maps");

/* The rules: the hash of a name (wire.h), enum wire_name. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WIRE_DNS_RULES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u32);
} dns_names SEC(".maps");

/* A message, as far as it was read. It lives on the stack. */
struct dns_message {
	__u32 off, end; /* of the message, in the frame */
	__u32 at;	/* how far it was read */
	__u32 answers;	/* as the header says */
	__u64 question; /* hash of its name */
	__u32 type;
	__u16 id;
	__u8 response;
};

/* The one port test of the fast path. */
static __always_inline int is_dns(const __be16 *ports)
{
	return cfg.dns && (ports[0] == bpf_htons(DNS_PORT) || ports[1] == bpf_htons(DNS_PORT));
}

struct dns_name {
	__u8 bytes[WIRE_NAME_MAX + 1];
};

/* The same in slower ways; `off`: of the transport header. */
static __always_inline int dns_ports(struct __sk_buff *ctx, __u32 off)
{
	__be16 buf[2];
	const __be16 *ports = cfg.dns ? peek(ctx, off, buf, sizeof(buf)) : NULL;

	return ports && is_dns(ports);
}

/*
 * Lower the case of a name as it stands in a message, with dots for the lengths of its labels; a dot inside a label
 * becomes a byte that no rule has. Returns its length without the root's empty label, or 0 where it has no end in n
 * bytes or is compressed. Verified by itself, over memory that the verifier keeps no book of: what it would cost otherwise
 * is most of its million steps.
 */
GLOBAL __u32 dns_lower(struct dns_name *name, __u32 n)
{
	__u32 left = 0;

	if (!name)
		return 0;
	for (__u32 i = 0; i < sizeof(name->bytes) && i < n; i++) {
		__u8 c = name->bytes[i];

		if (!left) {
			if (!c)
				return i;
			if (c & DNS_POINTER)
				return 0;
			left = c;
			name->bytes[i] = '.';
			continue;
		}
		left--;
		if (c == '.')
			name->bytes[i] = 0;
		else if (c >= 'A' && c <= 'Z')
			name->bytes[i] = c | 0x20;
	}
	return 0;
}

/* Does a rule speak of a name that dns_lower() left, or of an ending of it? Leaves the hash of the whole. */
GLOBAL int dns_rule(const struct dns_name *name, __u32 n, __u64 *hash_out)
{
	__u64 hash = WIRE_NAME_HASH;
	int found = 0;

	if (!name || !hash_out)
		return 0;
	for (__u32 i = 0; i < sizeof(name->bytes) && i < n; i++) {
		__u32 at = (n - 1 - i) & (sizeof(name->bytes) - 1);
		__u32 *rule;

		hash = wire_name_hash(hash, name->bytes[at]);
		if (name->bytes[at] != '.')
			continue;
		rule = bpf_map_lookup_elem(&dns_names, &hash);
		if (rule && (*rule & (at ? WIRE_NAME_BELOW : WIRE_NAME_ITSELF)))
			found = 1;
	}
	*hash_out = hash;
	return found;
}

/* A question's name, at m->at: 1 where a rule speaks of it, 0 where none does, -1 where it is no plain name or longer than
 * WIRE_NAME_MAX. What was read of it is gone with this function. */
GLOBAL int dns_question(struct __sk_buff *ctx, struct dns_message *m)
{
	struct dns_name name = {};
	__u32 n, last;

	if (!m || m->at >= m->end)
		return -1;
	n = m->end - m->at;
	if (n > sizeof(name))
		n = sizeof(name);
	last = n - 1; /* as in payload.h: both bounds, for Linux 6.1 */
	asm volatile("" : "+r"(last));
	if (last >= sizeof(name) || bpf_skb_load_bytes(ctx, m->at, &name, last + 1))
		return -1;
	n = dns_lower(&name, last + 1);
	if (!n)
		return -1; /* or the root's */
	m->at += n + 1;
	return dns_rule(&name, n, &m->question);
}

struct dns_asker {
	__u8 address[16];
};

/* Is it the asker's own address that stands at `off`, in n bytes? */
static __always_inline int dns_is_asker(struct __sk_buff *ctx, __u32 off, __u32 n, const struct dns_asker *asker)
{
	const __u32 *own = (const __u32 *)asker->address;
	__u32 buf[4];
	const __u32 *a;

	if (n == 4) {
		a = peek(ctx, off, buf, 4);
		return !a || *a == own[3];
	}
	a = n == 16 ? peek(ctx, off, buf, 16) : NULL;
	return a && a[0] == own[0] && a[1] == own[1] && a[2] == own[2] && a[3] == own[3];
}

/*
 * The offset behind the record at `off`, its name and all, whatever it is of; 0 where none is that may be carried. An
 * OPT record has no place among the answers, and one that tells the asker his own address, as some names are there
 * for, is nobody else's business.
 */
GLOBAL __u32 dns_record_end(struct __sk_buff *ctx, __u32 off, const struct dns_asker *asker)
{
	__u8 buf[DNS_RECORD];
	const __u8 *r;
	__u32 i;

	for (i = 0; i < DNS_LABELS; i++) {
		r = peek(ctx, off, buf, 1);
		if (!r)
			return 0;
		if (*r & DNS_POINTER) {
			off += 2;
			break;
		}
		off += 1 + *r;
		if (!*r)
			break;
	}
	r = asker && i < DNS_LABELS ? peek(ctx, off, buf, sizeof(buf)) : NULL;
	if (!r || (r[0] << 8 | r[1]) == DNS_OPT)
		return 0;
	off += DNS_RECORD;
	i = r[8] << 8 | r[9];
	return dns_is_asker(ctx, off, i, asker) ? 0 : off + i;
}

/* Where the answers end that lie whole before `end`. */
static __always_inline __u32 dns_answers_end(struct __sk_buff *ctx, const struct dns_message *m,
					     const struct dns_asker *asker)
{
	__u32 good = m->at;

	for (__u32 i = 0; i < DNS_RECORDS && i < m->answers; i++) {
		__u32 next = dns_record_end(ctx, good, asker);

		if (next <= good || next > m->end)
			break;
		good = next;
	}
	return good;
}

/* Header and question. 1: of a name of the rules, 0: not, -1: not to be read. */
static __always_inline int dns_read(struct __sk_buff *ctx, struct dns_message *m)
{
	__u8 buf[DNS_HEADER];
	const __u8 *h = peek(ctx, m->off, buf, sizeof(buf));
	const __u8 *q;
	int found;

	if (!h || m->end < m->off + DNS_HEADER)
		return -1;
	if (h[2] & 0x78)
		return 0; /* no query (RFC 1035, 4.1.1): an update, a notice */
	if (h[4] || h[5] != 1)
		return -1;
	m->id = h[0] << 8 | h[1];
	m->response = h[2] >> 7;
	m->answers = m->response ? h[6] << 8 | h[7] : 0;
	m->at = m->off + DNS_HEADER;
	found = dns_question(ctx, m);
	if (found <= 0)
		return found;
	q = peek(ctx, m->at, buf, DNS_QUESTION);
	if (!q || m->end < m->at + DNS_QUESTION)
		return -1;
	m->at += DNS_QUESTION;
	m->type = q[0] << 8 | q[1];
	return (m->type == DNS_A || m->type == DNS_AAAA) && (q[2] << 8 | q[3]) == DNS_IN;
}

/* Query and answer have it in common. `asker`, `resolver`: 16 bytes each. */
static __always_inline __u64 dns_key(const __u64 *asker, const __u64 *resolver, __be16 port,
				     const struct dns_message *m, int tcp)
{
	SIP_START(keys.k[keys.current & 1]);
	SIP_WORD(asker[0]);
	SIP_WORD(asker[1]);
	SIP_WORD(resolver[0]);
	SIP_WORD(resolver[1]);
	SIP_WORD((__u64)m->id << 48 | (__u64)m->type << 32 | (__u32)port << 16 | DNS_PORT << 1 | !!tcp);
	SIP_WORD(m->question);
	SIP_END;
}

GLOBAL int dns_send(struct __sk_buff *ctx, const struct packet *p, const struct dns_message *m)
{
	struct wire_dns *d;
	__u32 last;

	if (!p || !m)
		return 0;
	d = bpf_ringbuf_reserve(&dns, sizeof(*d), 0);
	if (!d) {
		count(CLASS_TC, COUNT_DNS_LOST);
		return 0;
	}
	d->key = m->response ? dns_key((const __u64 *)p->dst, (const __u64 *)p->src, p->dport, m, !p->quic)
			     : dns_key((const __u64 *)p->src, (const __u64 *)p->dst, p->sport, m, !p->quic);
	d->now_ns = clock_ns();
	d->len = m->at - m->off;
	d->site = site_find(m->response ? p->dst : p->src, p->v6);
	d->response = m->response;
	d->tcp = !p->quic;
	d->ttl = p->ttl;
	d->v6 = p->v6;
	d->pad = 0;
	last = m->at - m->off - 1;
	asm volatile("" : "+r"(last));
	if (last >= WIRE_DNS_MAX || bpf_skb_load_bytes(ctx, m->off, d->data, last + 1)) {
		bpf_ringbuf_discard(d, BPF_RB_NO_WAKEUP);
		count(CLASS_TC, COUNT_DNS_SKIPPED);
		return 0;
	}
	bpf_ringbuf_submit(d, BPF_RB_NO_WAKEUP);
	count(CLASS_TC, COUNT_DNS_SENT);
	return 1;
}

/* Where the message lies. Over TCP only one that lies whole in its segment, behind its length (RFC 1035, 4.2.2); of
 * several the first. 0: a packet without any, -1: one that is not to be read. */
static __always_inline int dns_find(struct __sk_buff *ctx, struct packet *p, const struct l4 *l4,
				    struct dns_message *m, void *buf)
{
	if (l4->proto == IPPROTO_UDP) {
		const struct udphdr *udp = peek(ctx, l4->off, buf, sizeof(*udp));

		if (!udp)
			return -1;
		p->sport = udp->source;
		p->dport = udp->dest;
		p->quic = 1; /* UDP */
		m->off = l4->off + sizeof(*udp);
	} else {
		const struct tcphdr *tcp = peek(ctx, l4->off, buf, sizeof(*tcp));
		const __u8 *len;

		if (!tcp)
			return -1;
		p->sport = tcp->source;
		p->dport = tcp->dest;
		m->off = l4->off + tcp->doff * 4 + 2;
		if (l4->end <= m->off)
			return 0;
		len = peek(ctx, m->off - 2, buf, 2);
		if (!len || (__u32)(len[0] << 8 | len[1]) > l4->end - m->off)
			return -1;
		m->end = m->off + (len[0] << 8 | len[1]);
		return 1;
	}
	m->end = l4->end;
	return 1;
}

GLOBAL int dns_extensions(struct __sk_buff *ctx, struct l4 *l4)
{
	__u8 buf[PEEK_BUF];

	return l4 ? parse_extensions(ctx, l4, buf) : -1;
}

/* A packet to or from port 53, at first sight. `off`, `end`: as for watched_v4(). */
GLOBAL int dns_packet(struct __sk_buff *ctx, __u32 off, __u32 end, __u32 v6)
{
	struct l3 l3 = { .off = off, .end = end };
	struct dns_message m = {};
	struct packet p = {};
	__u8 buf[PEEK_BUF];
	struct l4 l4;
	int err;

	p.class = CLASS_TC;
	p.v6 = !!v6;
	if (v6) {
		const struct ipv6hdr *ip = peek(ctx, off, buf, sizeof(*ip));

		if (!ip)
			return 0;
		__builtin_memcpy(p.src, &ip->saddr, 16);
		__builtin_memcpy(p.dst, &ip->daddr, 16);
		err = l4_start_v6(ip, &l3, frame_len(ctx), &l4);
		if (!err && l4.proto != IPPROTO_UDP && l4.proto != IPPROTO_TCP)
			err = dns_extensions(ctx, &l4);
	} else {
		const struct iphdr *ip = peek(ctx, off, buf, sizeof(*ip));

		if (!ip)
			return 0;
		*(__u32 *)(p.src + 12) = ip->saddr;
		*(__u32 *)(p.dst + 12) = ip->daddr;
		*(__u16 *)(p.src + 10) = 0xffff;
		*(__u16 *)(p.dst + 10) = 0xffff;
		err = l4_finish_v4(ip, &l3, frame_len(ctx), &l4);
	}
	if (err) /* counted where it is looked at as a packet; a later fragment has no ports */
		return 0;
	p.ttl = l4.ttl;
	err = dns_find(ctx, &p, &l4, &m, buf);
	if (err > 0) {
		if (p.sport != bpf_htons(DNS_PORT) && p.dport != bpf_htons(DNS_PORT))
			return 0;
		err = dns_read(ctx, &m);
	}
	if (err < 0)
		count(CLASS_TC, COUNT_DNS_SKIPPED);
	if (err <= 0 || (m.response ? p.sport : p.dport) != bpf_htons(DNS_PORT))
		return 0;
	if (m.end > m.off + WIRE_DNS_MAX)
		m.end = m.off + WIRE_DNS_MAX;
	m.at = dns_answers_end(ctx, &m, (const struct dns_asker *)p.dst);
	dns_send(ctx, &p, &m);
	return 0;
}

#endif
