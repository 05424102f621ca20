/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a TCP packet adds to its flow. Only facts: the contract's judgement is user space's. Fields of one
 * direction are written by that direction alone, a word at a time; `seen` and `state` are shared, and atomic.
 */
#ifndef XREACH_TCP_H
#define XREACH_TCP_H

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* Sequence numbers further ahead belong to somebody else (RFC 7323: the largest window is 1 GiB). */
#define MAX_JUMP (1 << 30)

static __always_inline __u32 see(struct wire_flow *f, __u32 bits)
{
	if ((f->seen & bits) == bits)
		return f->seen;
	return __sync_fetch_and_or(&f->seen, bits);
}

static __always_inline void unsee(struct wire_flow *f, __u32 bits)
{
	__sync_fetch_and_and(&f->seen, ~bits);
}

static __always_inline void more(__u8 *n)
{
	if (*n < 255)
		(*n)++;
}

static __always_inline __u8 stage_now(__u32 seen)
{
	return seen & SEEN_DOWN_DATA   ? STAGE_LATER
	       : seen & SEEN_UP_DATA   ? STAGE_POST_PSH
	       : seen & SEEN_HANDSHAKE ? STAGE_POST_ACK
	       /* a client's ACK without a SYN-ACK answers one that was not seen */
	       : (seen & (SEEN_UP_ACK | SEEN_SYNACK)) == SEEN_UP_ACK ? STAGE_POST_ACK
								     : STAGE_POST_SYN;
}

/* Is this the packet just seen, seen again within 100 us (a mirror port, a second hook)? The coarse clock must agree:
 * alone where no fine one was taken, else because the print's wraps after 4 ms. */
static __always_inline int is_copy(struct packet *p, __u32 *print, __u32 last_c)
{
	__u32 old = *print, mine = print_of(p);

	*print = mine;
	if ((old ^ mine) >> 12 || p->now_c - last_c > (cfg.replay ? 1 : 4))
		return 0;
	if (p->now && ((mine - old) & 0xfff) > 100)
		return 0;
	count(p->class, COUNT_DUPLICATE);
	return 1;
}

/* A client that ignored the RST: the flow goes on, and the RST stays as evidence. */
static __always_inline void went_on(struct wire_flow *f)
{
	see(f, SEEN_WENT_ON);
	state_move(&f->state, STATE_ENDED, STATE_OPEN);
}

/* Did new client payload come so late after the RST that it was not in flight? */
static __always_inline int late_payload(struct packet *p, const struct wire_flow *f)
{
	__u32 wait = (f->handshake_us - f->synack_us) * 2, since = us_since(p, f) - f->rst.at_us;

	return since > 200000 && since > wait;
}

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
	if ((seen & SEEN_DOWN_DATA) && !f->wait_c) {
		/* What fills a hole late does not move data_c, but the client acknowledges it. */
		__u32 pause = p->now_c - ((__s32)(before_c - f->data_c) > 0 ? before_c : f->data_c);

		if (pause > MS_TO_COARSE(250)) { /* the client had nothing outstanding */
			__sync_fetch_and_add(&f->idle_c, pause);
			f->data_c = p->now_c;
		}
	}
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
		if (!(seen & SEEN_UP_RST)) {
			f->up_rst_us = us_since(p, f);
			see(f, SEEN_UP_RST | (seen & SEEN_DOWN_DATA ? SEEN_UP_RST_LATER : 0));
			state_move(&f->state, STATE_OPEN, STATE_ENDED);
		}
		return 0;
	}
	if (p->flags & TCP_ACK)
		up_ack(p, f, seen);
	if (p->payload || (p->flags & TCP_FIN))
		f->up_ipid = p->ipid;
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
	r = &f->rst;
	now = us_since(p, f);
	if (seen & SEEN_WENT_ON) { /* this one begins anew */
		more(&f->resets_before);
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
	if (pause > border)
		f->gap_c += pause;
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

/* A packet in the server's name on a flow that is open or ended. `plain`: neither RST nor SYN. */
static __always_inline int down_packet(struct packet *p, struct wire_flow *f, const int plain)
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
	f->down_ipid = p->ipid;
	f->up_again = 0;
	f->wait_c = 0;
	if (seen & SEEN_ICMP) {
		see(f, SEEN_ICMP_ANSWERED);
		if (!(seen & (SEEN_DOWN_RST | SEEN_UP_RST)))
			state_move(&f->state, STATE_ENDED, STATE_OPEN);
	}
	if ((seen & SEEN_DOWN_RST) && !(seen & SEEN_DOWN_AFTER_RST) && !(p->flags & TCP_SYN) &&
	    (p->payload || us_since(p, f) - f->rst.at_us > 5000))
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
	if (p->payload)
		down_payload(p, f, seen);
	if (p->flags & TCP_FIN)
		down_fin(p, f);
	return 0;
}

GLOBAL int tcp_down(struct packet *p, struct wire_flow *f)
{
	return p && f ? down_packet(p, f, 0) : 0;
}

/* A SYN of the client on a flow that is known. 0 when it opens a new one and that could not be done here. */
static __always_inline void syn_on_flow(struct packet *p, struct wire_flow *f)
{
	__u32 seen, state;

	if (p->seq != f->isn_up) {
		flow_restart(p, f);
		count_syn(p, f->state);
		return;
	}
	if (flow_overdue(p, f)) { /* after the final verdict, of which the sweep will hear in a moment */
		count_syn(p, f->state);
		more(&f->syns);
		return;
	}
	state = state_of(f->state);
	if (state != STATE_OPEN && state != STATE_ENDED && state != STATE_DONE) {
		count_syn(p, f->state);
		return;
	}
	if (!hook_owns(p, &f->up_hook, f->last_up_c) || is_copy(p, &f->print_up, f->last_up_c))
		return;
	count_syn(p, f->state);
	more(&f->syns);
	if (state == STATE_DONE) {
		f->last_up_c = p->now_c; /* the tombstone stays as long as the client repeats */
		return;
	}
	seen = see(f, SEEN_SYN | SEEN_UP);
	f->last_up_c = p->now_c;
	f->last_syn_us = us_since(p, f);
	f->up_ipid = p->ipid;
	if (seen & SEEN_UP_RST) { /* TIME_WAIT reuse: that RST ended nothing */
		unsee(f, SEEN_UP_RST | SEEN_UP_RST_LATER);
		if (!(seen & SEEN_DOWN_RST))
			state_move(&f->state, STATE_ENDED, STATE_OPEN);
	}
}

static __always_inline void syn_on_attempt(struct packet *p, struct wire_attempt *a)
{
	__u32 now = packet_now(p) / 1000, state = a->state;

	if (state & STATE_NO_ISN) { /* the socket opened it: this is its first SYN on the wire */
		a->isn = p->seq;
		a->hook = p->hook;
		a->first_us = now;
		a->last_us = now;
		__sync_fetch_and_or(&a->state, syn_marks(p));
		__sync_fetch_and_and(&a->state, ~STATE_NO_ISN);
		count_syn(p, state);
		return;
	}
	if (a->isn != p->seq) {
		attempt_restart(p, a, syn_marks(p));
		count_syn(p, a->state);
		return;
	}
	if (!attempt_owns(p, a))
		return;
	if (now - a->last_us <= 100) {
		count(p->class, COUNT_DUPLICATE);
		return;
	}
	count_syn(p, state);
	if (attempt_overdue(p, a)) {
		more(&a->syns);
		return;
	}
	state = state_of(state);
	if (state != STATE_OPEN && state != STATE_DONE)
		return;
	more(&a->syns);
	a->hook = p->hook;
	a->last_us = now;
}

/* A client's SYN. Its payload, if it has any, needs a flow at once. 1 when its range is watched. */
GLOBAL int tcp_syn(struct __sk_buff *ctx, struct packet *p)
{
	struct found found;
	struct wire_flow *f;
	__u32 state;

	if (!p)
		return 0;
	packet_now(p);
	if (find(p, 1, &found)) {
		if (found.flow)
			syn_on_flow(p, found.flow);
		else if (found.attempt)
			syn_on_attempt(p, found.attempt);
		return 1;
	}
	if (!p->payload)
		return attempt_open(p, syn_marks(p));
	f = flow_open(p, 1, &state);
	if (state)
		count_syn(p, state);
	if (!f)
		return !!state;
	__sync_fetch_and_or(&f->state, syn_marks(p));
	f->isn_up = p->seq;
	f->up_next = p->seq + 1 + p->payload;
	f->bytes_up = p->payload;
	f->syns = 1;
	f->up_hook = p->hook;
	f->up_ipid = p->ipid;
	f->print_up = print_of(p);
	see(f, SEEN_SYN | SEEN_UP | SEEN_SYN_DATA);
	hello_tcp(ctx, p, f, 0);
	return 1;
}

/* Any other TCP packet that belongs to something known, or opens a flow as a SYN-ACK. 0: nothing known. */
GLOBAL int tcp_other(struct __sk_buff *ctx, struct packet *p, int up)
{
	struct found found;
	struct wire_flow *f;
	__u32 state;
	int synack;

	if (!p)
		return 0;
	synack = (p->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
	if (!find(p, up, &found)) {
		if (up || !synack || (p->flags & (TCP_RST | TCP_FIN)))
			return 0;
		f = flow_open(p, 0, &state);
		if (!f) {
			if (state)
				count_packet(p, state);
			return !!state;
		}
		f->isn_up = p->ack - 1;
		f->up_next = p->ack;
		tcp_down(p, f);
		return 1;
	}
	f = found.flow;
	if (!f) {
		state = found.attempt->state;
		/* a socket's, but this is not its packet; a SYN-ACK for other numbers: of the flow before */
		if (!(state & STATE_NO_ISN) && !(synack && p->ack - (found.attempt->isn + 1) > 65535) &&
		    !attempt_overdue(p, found.attempt))
			f = attempt_promote(p, found.attempt);
		if (!f) {
			count_late(p, state);
			return 1;
		}
	}
	flow_overdue(p, f);
	state = f->state;
	if ((state_of(state) != STATE_OPEN && state_of(state) != STATE_ENDED) ||
	    (synack && p->ack - (f->isn_up + 1) > 65535))
		count_late(p, state);
	else if (up)
		tcp_up(ctx, p, f);
	else
		tcp_down(p, f);
	return 1;
}

#endif
