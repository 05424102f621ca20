/* SPDX-License-Identifier: GPL-2.0 */
/* TCP: a SYN opens an attempt, a SYN-ACK makes it a flow, and every other packet goes to its own. */
#ifndef XREACH_TCP_H
#define XREACH_TCP_H

/* A SYN of the client on a flow that is known: once more, or the first of a new one that starts over in place. */
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
	sent_add(p, f, SENT_SYN, p->seq + 1 + p->payload);
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
		attempt_note_ipid(a, p);
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
	attempt_note_ipid(a, p);
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
	f->print_up = print_of(p);
	see(f, SEEN_SYN | SEEN_UP | SEEN_SYN_DATA);
	sent_add(p, f, SENT_SYN, p->seq + 1 + p->payload);
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
		tcp_down(ctx, p, f);
		return 1;
	}
	f = found.flow;
	if (!f) {
		state = found.attempt->state;
		/* a socket's, but this is not its packet; a SYN-ACK for other numbers: of the flow before */
		if (!(state & STATE_NO_ISN) && !(synack && p->ack - (found.attempt->isn + 1) > 65535) &&
		    (up || !payload_of_before(p, found.attempt->isn)) && !attempt_overdue(p, found.attempt))
			f = attempt_promote(p, found.attempt);
		if (!f) {
			count_late(p, state);
			return 1;
		}
	}
	flow_overdue(p, f);
	state = f->state;
	if ((state_of(state) != STATE_OPEN && state_of(state) != STATE_ENDED) ||
	    (synack && p->ack - (f->isn_up + 1) > 65535) ||
	    (!up && !(f->seen & SEEN_DOWN_DATA) && payload_of_before(p, f->isn_up)))
		count_late(p, state);
	else if (up)
		tcp_up(ctx, p, f);
	else
		tcp_down(ctx, p, f);
	return 1;
}

#endif
