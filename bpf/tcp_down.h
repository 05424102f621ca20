/* SPDX-License-Identifier: GPL-2.0 */
/* What a packet in the server's name adds to its flow. */
#ifndef XREACH_TCP_DOWN_H
#define XREACH_TCP_DOWN_H

static __always_inline void down_ttl(struct packet *p, struct wire_flow *f)
{
	if (f->ttls[WIRE_TTLS - 1])
		return;
	for (int i = 0; i < WIRE_TTLS; i++) {
		if (!f->ttls[i]) {
			f->ttls[i] = p->ttl ? p->ttl : 1;
			return;
		}
	}
}

/* A RST of a flow whose tuple was reused, whose numbers fit only the flow before. */
static __always_inline int rst_of_before(const struct packet *p, const struct wire_flow *f, __u32 seen)
{
	__u32 up_before = f->rst.bare_ack, down_before = f->rst.down_next;

	if ((seen & (SEEN_REUSED | SEEN_DOWN_RST)) != SEEN_REUSED)
		return 0;
	if (p->flags & TCP_ACK)
		return p->ack - (f->isn_up + 1) > f->up_next - (f->isn_up + 1) && up_before - p->ack <= 65536;
	if (seen & SEEN_SYNACK && p->seq - f->isn_down <= f->down_next - f->isn_down)
		return 0;
	return down_before && p->seq + 65536 - down_before <= 2 * 65536;
}

GLOBAL int down_rst(struct packet *p, struct wire_flow *f)
{
	__u32 seen, now;
	struct wire_reset *r;

	if (!p || !f)
		return 0;
	seen = f->seen;
	if (rst_of_before(p, f, seen)) {
		count(p->class, COUNT_LATE);
		return 0;
	}
	count_group(p->class, state_group(f->state), GROUP_RST_DOWN, 1);
	evidence_rst(p, f, 0);
	r = &f->rst;
	now = us_since(p, f);
	if (seen & SEEN_WENT_ON) { /* this one begins anew */
		more(&f->resets_before);
		if (seen & (SEEN_DOWN_AFTER_RST | SEEN_SYNACK_AFTER_RST))
			__sync_fetch_and_or(&f->evidence, EVIDENCE_ALIVE);
		unsee(f, SEEN_WENT_ON | SEEN_DOWN_RST | SEEN_DOWN_AFTER_RST | SEEN_SYNACK_AFTER_RST);
		seen &= ~SEEN_DOWN_RST;
	}
	if (!(seen & SEEN_DOWN_RST)) {
		r->at_us = now;
		r->seq = p->seq;
		r->ack = p->ack;
		r->bare_ack = p->ack;
		r->down_next = f->down_next;
		r->gap_c = seen & (SEEN_SYNACK | SEEN_DOWN_DATA) ? p->now_c - f->last_down_c : 0;
		r->window = p->window;
		r->ipid = p->ipid;
		r->len = p->payload;
		r->ttl = p->ttl;
		r->tcp_flags = p->flags;
		r->stage = stage_now(seen);
		r->fin = (seen & SEEN_DOWN_FIN ? 1 : 0) | (seen & SEEN_UP_FIN ? 2 : 0);
		r->up_again = f->up_again;
		r->down_again = f->down_again;
		r->n_bare = 0;
		r->n_ack = 0;
		r->n_zero = 0;
		r->n_differ = 0;
		if (!f->first_rst_ttl)
			f->first_rst_ttl = p->ttl ? p->ttl : 1;
		see(f, SEEN_DOWN | SEEN_DOWN_RST);
		state_move(&f->state, STATE_OPEN, STATE_ENDED);
	} else if (now - r->at_us > 5000000) {
		return 0; /* signatures count what comes within 5 s of the first */
	}
	if (p->flags & TCP_ACK) {
		more(&r->n_ack);
		return 0;
	}
	if (!r->n_bare)
		r->bare_ack = p->ack;
	else if (r->bare_ack != p->ack)
		more(&r->n_differ);
	more(&r->n_bare);
	if (!p->ack)
		more(&r->n_zero);
	return 0;
}

static __always_inline void down_payload(struct packet *p, struct wire_flow *f, __u32 seen)
{
	__u32 end = p->seq + p->payload, pause, border;

	if (!(seen & (SEEN_SYNACK | SEEN_DOWN_DATA | SEEN_UP_ACK))) {
		f->isn_down = p->seq - 1; /* neither SYN-ACK nor a client's ACK seen */
		f->down_next = p->seq;
	}
	if (p->payload <= 1 && p->seq == f->down_next - 1 && (seen & SEEN_DOWN_DATA)) {
		more(&f->down_again); /* keepalive */
		return;
	}
	if ((__s32)(end - f->down_next) <= 0) {
		f->again_bytes += p->payload;
		more(&f->down_again);
		return;
	}
	if (end - f->down_next > MAX_JUMP)
		return;
	if (!(seen & SEEN_DOWN_DATA)) {
		f->down_data_us = us_since(p, f);
		f->data_c = p->now_c;
		see(f, SEEN_DOWN_DATA);
	}
	pause = p->now_c - f->data_c;
	border = (f->synack_us - f->syn_us) >> 8; /* four round trips, in coarse units */
	if (border < MS_TO_COARSE(250) || border > 60 * COARSE_SECOND)
		border = MS_TO_COARSE(250);
	if (pause > border) {
		f->gap_c += pause;
		if (seen & SEEN_UP_SHUT) /* the client would not take it sooner */
			__sync_fetch_and_add(&f->idle_c, pause);
	}
	if (seen & SEEN_UP_SHUT)
		unsee(f, SEEN_UP_SHUT);
	f->data_c = p->now_c;
	if ((__s32)(p->seq - f->down_next) > 0)
		f->hole_bytes += p->seq - f->down_next;
	else
		f->again_bytes += f->down_next - p->seq;
	f->bytes_down += end - f->down_next;
	f->down_next = end;
}

static __always_inline void down_fin(struct packet *p, struct wire_flow *f)
{
	__u32 seen = f->seen, next = p->seq + p->payload + 1, bits = SEEN_DOWN_FIN;

	if (seen & SEEN_DOWN_FIN) {
		more(&f->down_again);
		return;
	}
	if (!(seen & SEEN_UP_FIN))
		bits |= SEEN_DOWN_FIN_FIRST;
	if (seen & SEEN_UP_DATA)
		bits |= SEEN_DOWN_FIN_STAGE_PSH;
	if (seen & SEEN_DOWN_DATA)
		bits |= SEEN_DOWN_FIN_STAGE_LATER;
	if ((__s32)(next - f->down_next) > 0)
		f->down_next = next;
	see(f, bits);
	if (seen & SEEN_UP_FIN)
		state_move(&f->state, STATE_OPEN, STATE_ENDED);
}

static __always_inline void down_synack(struct packet *p, struct wire_flow *f, __u32 seen)
{
	if (seen & SEEN_HANDSHAKE) { /* a repetition, or somebody else's after the fact */
		more(&f->down_again);
		return;
	}
	if (!(seen & SEEN_SYNACK)) {
		f->synack_us = us_since(p, f);
		if (seen & SEEN_SYN)
			f->syn_us = f->last_syn_us;
		see(f, SEEN_SYNACK | (p->timestamps ? SEEN_DOWN_TS : 0));
		if (seen & SEEN_SYN_DATA) { /* data in a SYN counts once a SYN-ACK came */
			f->up_data_us = f->synack_us;
			see(f, SEEN_UP_DATA);
		}
	}
	if (!(seen & SEEN_SYNACK) || p->seq != f->isn_down) {
		if (seen & SEEN_SYNACK)
			f->isn_other = f->isn_down;
		f->isn_down = p->seq;
		f->down_next = p->seq + 1;
	}
	if ((seen & (SEEN_UP_ACK | SEEN_SYN)) == (SEEN_UP_ACK | SEEN_SYN) && f->down_acked == p->seq + 1) {
		f->handshake_us = us_since(p, f); /* captured after the ACK that answers it */
		see(f, SEEN_HANDSHAKE);
	}
	if (seen & SEEN_DOWN_RST)
		see(f, SEEN_SYNACK_AFTER_RST);
}

/* Payload or a FIN in the server's name that acknowledges nothing of this flow: of the one before on its tuple. Packets
 * of the client may have been missed, so 256 MiB ahead are not too far. */
static __always_inline int payload_of_before(const struct packet *p, __u32 isn)
{
	if ((p->flags & (TCP_SYN | TCP_RST | TCP_ACK)) != TCP_ACK || !(p->payload || (p->flags & TCP_FIN)))
		return 0;
	return p->ack - (isn + 1) > 1u << 28;
}

/* Are the server's IP-IDs a sequence (RFC 6864)? Of the first packets that have one. */
static __always_inline void down_ipid(const struct packet *p, struct wire_flow *f)
{
	if (!f->down_ipid || f->ipid_near + f->ipid_far >= 64)
		return;
	if (p->ipid == f->down_ipid)
		return; /* one that never changes is no sequence */
	if ((__u16)(p->ipid - f->down_ipid) <= 1024)
		f->ipid_near++;
	else
		f->ipid_far++;
}

/* A packet in the server's name on a flow that is open or ended. `plain`: neither RST nor SYN. */
static __always_inline int down_packet(struct __sk_buff *ctx, struct packet *p, struct wire_flow *f,
				       const int plain)
{
	__u32 seen;

	if (!p || !f)
		return 0;
	if (p->flags & (TCP_RST | TCP_SYN))
		packet_now(p);
	if (!hook_owns(p, &f->down_hook, f->last_down_c) || is_copy(p, &f->print_down, f->last_down_c))
		return 0;
	count_packet(p, f->state);
	if (!plain && (p->flags & TCP_RST)) {
		down_rst(p, f);
		f->last_down_c = p->now_c;
		return 0;
	}
	seen = see(f, SEEN_DOWN);
	down_ttl(p, f);
	f->last_down_c = p->now_c;
	if (p->ipid) {
		down_ipid(p, f);
		f->down_ipid = p->ipid;
	}
	f->up_again = 0;
	f->up_run = 0;
	f->wait_c = 0;
	if (seen & SEEN_ICMP) {
		see(f, SEEN_ICMP_ANSWERED);
		if (!(seen & (SEEN_DOWN_RST | SEEN_UP_RST)))
			state_move(&f->state, STATE_ENDED, STATE_OPEN);
	}
	if ((seen & SEEN_DOWN_RST) && !(seen & SEEN_DOWN_AFTER_RST) && !(p->flags & TCP_SYN) &&
	    us_since(p, f) - f->rst.at_us > 5000)
		see(f, SEEN_DOWN_AFTER_RST);
	if (p->flags & TCP_SYN) {
		count_group(p->class, state_group(f->state), GROUP_SYNACK, 1);
		down_synack(p, f, seen);
		if (!p->payload)
			return 0;
		p->seq++; /* Fast Open: its data come after the SYN */
	}
	if ((p->flags & TCP_ACK) && (seen & SEEN_UP_DATA) && (__s32)(p->ack - f->isn_up - 1) > 0)
		see(f, SEEN_DOWN_ACKS_DATA);
	if (p->payload) {
		if (f->looks < PRINT_LOOKS && p->payload > 1)
			down_print(ctx, p, f);
		down_payload(p, f, seen);
	}
	if (p->flags & TCP_FIN)
		down_fin(p, f);
	return 0;
}

GLOBAL int tcp_down(struct __sk_buff *ctx, struct packet *p, struct wire_flow *f)
{
	return p && f ? down_packet(ctx, p, f, 0) : 0;
}

#endif
