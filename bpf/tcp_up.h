/* SPDX-License-Identifier: GPL-2.0 */
/* What a packet of the client's, no SYN, adds to its flow. */
#ifndef XREACH_TCP_UP_H
#define XREACH_TCP_UP_H

static __always_inline void up_ack(struct packet *p, struct wire_flow *f, __u32 seen)
{
	if (!(seen & SEEN_UP_ACK)) {
		see(f, SEEN_UP_ACK);
		if (!(seen & SEEN_SYNACK)) { /* the server's side is not visible, or not yet */
			f->isn_down = p->ack - 1;
			f->down_next = p->ack;
		}
		f->down_acked = p->ack;
	}
	if ((seen & (SEEN_SYNACK | SEEN_HANDSHAKE)) == SEEN_SYNACK) {
		/* the server's ISN is that of the SYN-ACK which the client acknowledges */
		__u32 isn = f->isn_down;

		if (f->isn_other && p->ack - 1 - f->isn_other < p->ack - 1 - isn)
			isn = f->isn_other;
		if (p->ack - 1 - isn >= 1 << 20)
			isn = p->ack - 1;
		if (isn != f->isn_down) {
			f->isn_down = isn;
			f->down_next = isn + 1;
		}
		f->handshake_us = us_since(p, f);
		f->down_acked = p->ack;
		see(f, SEEN_HANDSHAKE);
		if (!p->payload)
			sent_add(p, f, SENT_HANDSHAKE, p->seq);
		if (seen & SEEN_SYNACK_AFTER_RST)
			went_on(f);
	}
	if ((__s32)(p->ack - f->down_acked) > 0 && p->ack - f->down_acked < MAX_JUMP) {
		f->down_acked = p->ack;
		see(f, SEEN_UP_ACK_BEYOND);
		if ((seen & SEEN_DOWN_RST) && !(seen & SEEN_WENT_ON) && (seen & SEEN_DOWN_AFTER_RST) &&
		    (__s32)(p->ack - f->rst.down_next) > 0 && (__s32)(f->down_next - f->rst.down_next) > 0)
			went_on(f);
	}
}

/* Something of the client's that wants an answer: payload, FIN, or a probe. */
static __always_inline void up_waits(struct packet *p, struct wire_flow *f, int again)
{
	if (!f->wait_c)
		f->wait_c = p->now_c ? p->now_c : 1;
	if (again)
		more(&f->up_again);
}

/* `before_c`: clock of the client's packet before this one. */
static __always_inline void up_payload(struct __sk_buff *ctx, struct packet *p, struct wire_flow *f, __u32 seen,
				       __u32 before_c)
{
	__u32 end = p->seq + p->payload, offset = p->seq - f->isn_up - 1;
	int first = !(seen & SEEN_UP_DATA);

	if (p->payload <= 1 && p->seq == f->up_next - 1) { /* keepalive with its old byte */
		up_waits(p, f, 1);
		return;
	}
	if ((__s32)(end - f->up_next) <= 0) {
		if (first) {
			f->up_data_us = us_since(p, f);
			see(f, SEEN_UP_DATA);
		}
		up_waits(p, f, 1);
		if (offset < WIRE_HELLO_MAX) /* fills a hole, or is the first that we see of it */
			hello_tcp(ctx, p, f, offset);
		return;
	}
	if (end - f->up_next > MAX_JUMP)
		return;
	if (first) {
		f->up_data_us = us_since(p, f);
		see(f, SEEN_UP_DATA);
	}
	if ((seen & (SEEN_DOWN_RST | SEEN_WENT_ON)) == SEEN_DOWN_RST && late_payload(p, f))
		went_on(f);
	if ((seen & SEEN_DOWN_DATA) && !f->wait_c && (__s32)(f->down_next - f->down_acked) <= 0) {
		/* It has all that was sent, so the pause was its choice. What fills a hole late does not move data_c,
		 * but the client acknowledges it. */
		__u32 pause = p->now_c - ((__s32)(before_c - f->data_c) > 0 ? before_c : f->data_c);

		if (pause > MS_TO_COARSE(250)) { /* the client had nothing outstanding */
			__sync_fetch_and_add(&f->idle_c, pause);
			f->data_c = p->now_c;
		}
	}
	if ((__s32)(p->seq - f->up_next) > 0)
		__sync_fetch_and_or(&f->evidence, EVIDENCE_UP_HOLE);
	f->bytes_up += end - f->up_next;
	f->up_next = end;
	up_waits(p, f, 0);
	hello_tcp(ctx, p, f, offset);
}

/* A packet of the client, no SYN, on a flow that is open or ended. `plain`: it has no payload, as known.h has seen. */
static __always_inline int up_packet(struct __sk_buff *ctx, struct packet *p, struct wire_flow *f, const int plain)
{
	__u32 seen, before_c;

	if (!hook_owns(p, &f->up_hook, f->last_up_c) || is_copy(p, &f->print_up, f->last_up_c))
		return 0;
	count_packet(p, f->state);
	seen = see(f, SEEN_UP);
	before_c = f->last_up_c;
	f->last_up_c = p->now_c;
	f->down_again = 0;
	if (p->flags & TCP_RST) {
		count_group(p->class, state_group(f->state), GROUP_RST_UP, 1);
		evidence_rst(p, f, 1);
		if (!(seen & SEEN_UP_RST)) {
			f->up_rst_us = us_since(p, f);
			see(f, SEEN_UP_RST | (seen & SEEN_DOWN_DATA ? SEEN_UP_RST_LATER : 0));
			state_move(&f->state, STATE_OPEN, STATE_ENDED);
		}
		return 0;
	}
	if (p->flags & TCP_ACK)
		up_ack(p, f, seen);
	if (!p->window && !(seen & SEEN_UP_SHUT))
		see(f, SEEN_UP_SHUT);
	if (p->flags & TCP_FIN)
		sent_add(p, f, SENT_FIN, p->seq + p->payload + 1);
	else if (!plain && p->payload > (p->seq == f->up_next - 1))
		sent_add(p, f, SENT_PAYLOAD, p->seq + p->payload);
	if (!plain && p->payload)
		up_payload(ctx, p, f, seen, before_c);
	if (p->flags & TCP_FIN) {
		__u32 next = p->seq + p->payload + 1;

		if (!(seen & SEEN_UP_FIN)) {
			see(f, SEEN_UP_FIN | (seen & SEEN_DOWN_DATA ? SEEN_UP_FIN_LATER : 0));
			if ((__s32)(next - f->up_next) > 0)
				f->up_next = next;
			up_waits(p, f, 0);
			if (seen & SEEN_DOWN_FIN)
				state_move(&f->state, STATE_OPEN, STATE_ENDED);
		} else {
			up_waits(p, f, !p->payload);
		}
	} else if (!p->payload && p->seq == f->up_next - 1 && (seen & SEEN_HANDSHAKE)) {
		up_waits(p, f, 1); /* keepalive without its old byte */
	}
	return 0;
}

GLOBAL int tcp_up(struct __sk_buff *ctx, struct packet *p, struct wire_flow *f)
{
	return p && f ? up_packet(ctx, p, f, 0) : 0;
}

#endif
