/* SPDX-License-Identifier: GPL-2.0 */
/* QUIC to UDP/443: a client's Initial opens an attempt, any answer makes it a flow (RFC 9000, 17.2; 9369). */
#ifndef XREACH_QUIC_H
#define XREACH_QUIC_H

#define QUIC_V2	    0x6b3343cf
#define QUIC_HELLOS 8 /* datagrams of a flow that travel to user space */

/* A long-header Initial? Versions we do not know are taken for version 1's layout. */
static __always_inline int is_initial(struct __sk_buff *ctx, const struct packet *p)
{
	__u8 buf[5];
	const __u8 *h;
	__u32 version;

	if (p->payload < 5)
		return 0;
	h = peek(ctx, p->payload_off, buf, sizeof(buf));
	if (!h || (h[0] & 0xc0) != 0xc0)
		return 0;
	version = h[1] << 24 | h[2] << 16 | h[3] << 8 | h[4];
	return version && (h[0] >> 4 & 3) == (version == QUIC_V2 ? 1 : 0);
}

/* A datagram of the client before any answer: an Initial again, or 0-RTT and the like. */
static __always_inline void quic_on_attempt(struct __sk_buff *ctx, struct packet *p, struct wire_attempt *a)
{
	__u32 state = a->state, sum;

	if (!attempt_owns(p, a))
		return;
	if (!is_initial(ctx, p)) {
		count_packet(p, state);
		return;
	}
	sum = quic_sum(p, a->isn);
	if (!((sum ^ a->isn) >> WIRE_QUIC_BITS) && (__u32)(packet_now(p) / 1000) - a->last_us <= 100) {
		count(p->class, COUNT_DUPLICATE);
		return;
	}
	count_syn(p, state);
	if (state_of(state) != STATE_OPEN && state_of(state) != STATE_DONE)
		return;
	more(&a->syns);
	a->hook = p->hook;
	a->last_us = packet_now(p) / 1000;
	a->isn = sum;
	if (a->syns <= QUIC_HELLOS && (state & STATE_HELLO))
		hello_send(ctx, p, attempt_first_ns(a, packet_now(p)), a->syns, 0);
}

static __always_inline void quic_on_flow(struct __sk_buff *ctx, struct packet *p, struct wire_flow *f, int up)
{
	__u32 seen;

	if (!hook_owns(p, up ? &f->up_hook : &f->down_hook, up ? f->last_up_c : f->last_down_c) ||
	    is_copy(p, up ? &f->print_up : &f->print_down, up ? f->last_up_c : f->last_down_c))
		return;
	count_packet(p, f->state);
	if (up) {
		f->last_up_c = p->now_c;
		f->bytes_up += p->payload;
		if (is_initial(ctx, p)) {
			more(&f->syns);
			if (f->syns <= QUIC_HELLOS && (f->state & STATE_HELLO))
				hello_send(ctx, p, f->first_ns, f->syns, 0);
		}
		return;
	}
	seen = f->seen;
	f->last_down_c = p->now_c;
	f->bytes_down += p->payload;
	if (!(seen & SEEN_DOWN)) {
		f->synack_us = us_since(p, f);
		f->down_data_us = f->synack_us;
	}
	__sync_fetch_and_or(&f->seen, SEEN_DOWN | SEEN_DOWN_DATA | (seen & SEEN_ICMP ? SEEN_ICMP_ANSWERED : 0));
	if (seen & SEEN_ICMP)
		state_move(&f->state, STATE_ENDED, STATE_OPEN);
	if (!f->ttls[WIRE_TTLS - 1])
		down_ttl(p, f);
}

/* A datagram to (`up`) or from port 443 of what may be a watched server. 0: nothing known, opens nothing. */
GLOBAL int quic_datagram(struct __sk_buff *ctx, struct packet *p, int up)
{
	struct found found;
	struct wire_attempt *a;
	struct wire_flow *f;

	if (!p)
		return 0;
	if (!find(p, up, &found)) {
		if (!up || !is_initial(ctx, p))
			return 0;
		if (!attempt_open(p, 0))
			return 0;
		a = attempt_lookup(p->key);
		if (a && (a->state & STATE_HELLO))
			hello_send(ctx, p, attempt_first_ns(a, packet_now(p)), 1, 0);
		return 1;
	}
	f = found.flow;
	if (found.attempt)
		attempt_overdue(p, found.attempt);
	if (f)
		flow_overdue(p, f);
	if (!f && found.attempt && up) {
		quic_on_attempt(ctx, p, found.attempt);
		return 1;
	}
	if (!f && found.attempt)
		f = attempt_promote(p, found.attempt);
	if (f && (state_of(f->state) == STATE_OPEN || state_of(f->state) == STATE_ENDED))
		quic_on_flow(ctx, p, f, up);
	else
		count_late(p, f ? f->state : found.attempt ? found.attempt->state : 0);
	return 1;
}

#endif
