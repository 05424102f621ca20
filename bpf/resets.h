/* SPDX-License-Identifier: GPL-2.0 */
/* A RST is written down, with the client packet that it answers and what each side had sent and acknowledged by then. */
#ifndef XREACH_RESETS_H
#define XREACH_RESETS_H

/*
 * The packet that provoked a RST (verdicts.md, "injection"): the earliest whose end it acknowledges or, for a bare one,
 * at whose acknowledgement number it stands; else the last one. Those between the first two and the last two are not held.
 */
static __always_inline void rst_answers(const struct packet *p, const struct wire_flow *f, struct wire_rst *r)
{
	for (int i = 0; i < WIRE_SENT; i++) {
		const struct wire_sent *s = &f->sent[i];

		if (i >= f->sent_n)
			break;
		r->answered_us = s->at_us;
		r->answered_ipid = s->ipid;
		r->answered_kind = s->kind;
		if (s->kind == SENT_HANDSHAKE || (s->kind == SENT_SYN && !(p->flags & TCP_ACK)))
			continue; /* the one wants no answer; a bare RST cannot name the other */
		if (p->flags & TCP_ACK ? s->end == p->ack : s->ack == p->seq) {
			r->bits |= RST_CERTAIN;
			break;
		}
	}
}

/* `up`: in the client's name. */
GLOBAL int evidence_rst(struct packet *p, struct wire_flow *f, __u32 up)
{
	struct wire_evidence *e;
	struct wire_rst *r;
	__u32 n, seen;

	if (!p || !f)
		return 0;
	e = evidence_hold(p->class, f);
	if (!e)
		return 0;
	n = up ? e->n_up : e->n_down;
	if (n >= WIRE_RSTS)
		return 0;
	r = up ? &e->up[n & (WIRE_RSTS - 1)] : &e->down[n & (WIRE_RSTS - 1)];
	seen = f->seen;
	r->at_us = us_since(p, f);
	r->seq = p->seq;
	r->ack = p->ack;
	r->up_acked = f->down_acked;
	r->down_next = f->down_next;
	r->up_next = f->up_next;
	r->window = p->window;
	r->ipid = p->ipid;
	r->len = p->payload;
	r->ttl = p->ttl;
	r->tcp_flags = p->flags;
	r->bits = (seen & SEEN_DOWN_FIN ? RST_AFTER_DOWN_FIN : 0) | (seen & SEEN_UP_FIN ? RST_AFTER_UP_FIN : 0) |
		  (p->timestamps ? RST_TIMESTAMPS : 0) | (seen & SEEN_DOWN_DATA ? RST_LATER : 0) |
		  (f->evidence & EVIDENCE_UP_HOLE ? RST_HOLES : 0);
	if (up) {
		e->n_up = n + 1;
		return 0;
	}
	rst_answers(p, f, r);
	e->up_segments = f->up_run;
	e->n_down = n + 1;
	return 0;
}

#endif
