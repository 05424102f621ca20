/* SPDX-License-Identifier: GPL-2.0 */
/* The client's packets that want an answer: what a RST may answer must be known before it comes. */
#ifndef XREACH_SENT_H
#define XREACH_SENT_H

/* `end`: the sequence number after it. The first two stay, of the others the last two. */
GLOBAL int sent_add(struct packet *p, struct wire_flow *f, __u32 kind, __u32 end)
{
	struct wire_sent *s;
	__u32 n;

	if (!p || !f)
		return 0;
	n = f->sent_n;
	if (n >= WIRE_SENT) {
		f->sent[2] = f->sent[3];
		n = 3;
	}
	s = &f->sent[n & 3];
	s->end = end;
	s->ack = p->flags & TCP_ACK ? p->ack : 0;
	s->at_us = us_since(p, f);
	s->ipid = p->ipid;
	s->kind = kind;
	if (f->sent_n < 255)
		f->sent_n++;
	if (f->up_run < 255)
		f->up_run++;
	return 0;
}

#endif
