/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The client's first payload on its way to user space, where the name in it is looked for: by sequence number,
 * in any order, and only where the stream's first byte says TLS or QUIC. Plain HTTP would carry cookies into
 * our memory.
 */
#ifndef XREACH_PAYLOAD_H
#define XREACH_PAYLOAD_H

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WIRE_HELLO_RING);
} hellos SEC(".maps");

/* Nothing, to write over what was. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, WIRE_WIPE);
} nothing SEC(".maps");

#define TLS_HANDSHAKE 0x16

/* Send up to WIRE_HELLO_CHUNK bytes of the payload from its byte `from` on, which stand at `offset` of the stream (or in
 * datagram number `offset`). */
GLOBAL int hello_send(struct __sk_buff *ctx, struct packet *p, __u64 first_ns, __u32 offset, __u32 from)
{
	struct wire_hello *h;
	__u32 len, last;

	if (!p || from >= p->payload)
		return 0;
	len = p->payload - from;
	if (len > WIRE_HELLO_CHUNK)
		len = WIRE_HELLO_CHUNK;
	h = bpf_ringbuf_reserve(&hellos, sizeof(*h), 0);
	if (!h) {
		count(p->class, COUNT_HELLO_LOST);
		return 0;
	}
	h->key = p->key;
	h->first_ns = first_ns;
	h->offset = offset;
	h->len = len;
	h->quic = p->quic;
	h->pad = 0;
	/* the verifier must see both bounds at the call, whatever the compiler proved before: Linux 6.1 does not take
	 * "not 0" for "at least 1", but it can add */
	last = len - 1;
	asm volatile("" : "+r"(last));
	if (last >= WIRE_HELLO_CHUNK || bpf_skb_load_bytes(ctx, p->payload_off + from, h->data, last + 1)) {
		bpf_ringbuf_discard(h, BPF_RB_NO_WAKEUP);
		count(p->class, COUNT_HELLO_LOST);
		return 0;
	}
	bpf_ringbuf_submit(h, BPF_RB_NO_WAKEUP);
	count(p->class, COUNT_HELLO_SENT);
	return 1;
}

/* New client payload of a TCP flow, `offset` bytes after ISN + 1. */
static __always_inline void hello_tcp(struct __sk_buff *ctx, struct packet *p, struct wire_flow *f, __u32 offset)
{
	if (!(f->state & STATE_HELLO) || offset >= WIRE_HELLO_MAX)
		return;
	if (offset == 0) {
		__u8 buf;
		const __u8 *first = peek(ctx, p->payload_off, &buf, 1);

		if (!first)
			return;
		__sync_fetch_and_or(&f->seen, *first == TLS_HANDSHAKE ? SEEN_TLS : SEEN_NO_TLS);
	}
	/* a later segment that overtook the first: 443 speaks TLS */
	if (!(f->seen & SEEN_TLS) && ((f->seen & SEEN_NO_TLS) || f->port_be != bpf_htons(443)))
		return;
	hello_send(ctx, p, f->first_ns, offset, 0);
	/* a packet of several segments, as offloads make them, may hold a whole post-quantum ClientHello */
	if (p->payload > WIRE_HELLO_CHUNK && offset + WIRE_HELLO_CHUNK < WIRE_HELLO_MAX)
		hello_send(ctx, p, f->first_ns, offset + WIRE_HELLO_CHUNK, WIRE_HELLO_CHUNK);
}

/*
 * Payloads stay in the ring's memory after they were read, and user space cannot write there. So it has the ring
 * filled with zeroes, a part of it at a time for what comes meanwhile, until all was written over.
 */
SEC("syscall")
int xreach_wipe(const void *unused)
{
	__u32 slot = 0;
	void *zeroes = bpf_map_lookup_elem(&nothing, &slot);

	(void)unused;
	if (zeroes)
		bpf_ringbuf_output(&hellos, zeroes, WIRE_WIPE, BPF_RB_NO_WAKEUP);
	return 0;
}

#endif
