/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records for tests of the judge, made step by step as the BPF side makes them: each call is one packet at the
 * time set by at(), in milliseconds since the first one.
 */
#ifndef XREACH_SCENE_H
#define XREACH_SCENE_H

#include <string.h>

#include "judge/verdict.h"

#define SCENE_START_US 5000000000ull
#define SCENE_TTL      50
#define TCP_ACK_FLAG   0x10
#define TCP_RST_FLAG   0x04

struct scene {
	struct wire_record r;
	__u64 us;
	unsigned int ttls;
};

static inline __u32 scene_c(__u64 us)
{
	return (SCENE_START_US + us) >> 10;
}

static inline void at(struct scene *s, unsigned int ms)
{
	s->us = ms * 1000ull;
}

static inline struct wire_flow *up(struct scene *s)
{
	struct wire_flow *f = &s->r.flow;

	f->seen |= SEEN_UP;
	f->last_up_c = scene_c(s->us);
	f->down_again = 0;
	return f;
}

/* Any packet in the server's name but a RST. */
static inline struct wire_flow *down(struct scene *s)
{
	struct wire_flow *f = &s->r.flow;

	if (f->seen & SEEN_ICMP)
		f->seen |= SEEN_ICMP_ANSWERED;
	f->seen |= SEEN_DOWN;
	f->last_down_c = scene_c(s->us);
	f->up_again = 0;
	f->wait_c = 0;
	if (s->ttls < WIRE_TTLS)
		f->ttls[s->ttls++] = SCENE_TTL;
	return f;
}

static inline void waits(struct scene *s, int again)
{
	struct wire_flow *f = up(s);

	if (!f->wait_c)
		f->wait_c = scene_c(s->us);
	f->up_again += again;
}

static inline void begin(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->r.flow.first_ns = SCENE_START_US * 1000;
	s->r.flow.first_c = scene_c(0);
	s->r.flow.state = STATE_SYN_OPTIONS;
}

static inline void syn(struct scene *s)
{
	struct wire_flow *f = up(s);

	f->seen |= SEEN_SYN;
	f->last_syn_us = s->us;
	if (!(f->seen & SEEN_SYNACK))
		f->syn_us = s->us;
	f->syns++;
}

static inline void synack(struct scene *s)
{
	struct wire_flow *f = down(s);

	f->seen |= SEEN_SYNACK;
	f->synack_us = s->us;
}

static inline void client_ack(struct scene *s)
{
	struct wire_flow *f = up(s);

	f->seen |= SEEN_UP_ACK;
	if ((f->seen & (SEEN_SYNACK | SEEN_HANDSHAKE)) == SEEN_SYNACK) {
		f->seen |= SEEN_HANDSHAKE;
		f->handshake_us = s->us;
	}
}

static inline void request(struct scene *s, unsigned int bytes)
{
	struct wire_flow *f = &s->r.flow;

	if (!(f->seen & SEEN_UP_DATA))
		f->up_data_us = s->us;
	if ((f->seen & SEEN_DOWN_DATA) && !f->wait_c && scene_c(s->us) - f->data_c > 244) {
		f->idle_c += scene_c(s->us) - f->data_c;
		f->data_c = scene_c(s->us);
	}
	client_ack(s);
	f->seen |= SEEN_UP_DATA;
	f->bytes_up += bytes;
	waits(s, 0);
}

static inline void request_again(struct scene *s)
{
	waits(s, 1);
}

static inline void server_ack(struct scene *s)
{
	down(s);
}

static inline void reply(struct scene *s, unsigned int bytes)
{
	struct wire_flow *f = down(s);

	if (!(f->seen & SEEN_DOWN_DATA)) {
		f->down_data_us = s->us;
		f->data_c = scene_c(s->us);
	}
	f->seen |= SEEN_DOWN_DATA;
	if (scene_c(s->us) - f->data_c > 244)
		f->gap_c += scene_c(s->us) - f->data_c;
	f->data_c = scene_c(s->us);
	f->bytes_down += bytes;
}

static inline void reply_again(struct scene *s, unsigned int bytes)
{
	struct wire_flow *f = down(s);

	f->again_bytes += bytes;
	f->down_again++;
}

static inline void client_fin(struct scene *s)
{
	struct wire_flow *f = &s->r.flow;

	f->seen |= SEEN_UP_FIN | (f->seen & SEEN_DOWN_DATA ? SEEN_UP_FIN_LATER : 0);
	client_ack(s);
	waits(s, 0);
}

static inline void server_fin(struct scene *s)
{
	struct wire_flow *f = down(s);

	f->seen |= SEEN_DOWN_FIN | (f->seen & SEEN_UP_FIN ? 0 : SEEN_DOWN_FIN_FIRST) |
		   (f->seen & SEEN_UP_DATA ? SEEN_DOWN_FIN_STAGE_PSH : 0) |
		   (f->seen & SEEN_DOWN_DATA ? SEEN_DOWN_FIN_STAGE_LATER : 0);
}

static inline void client_rst(struct scene *s)
{
	struct wire_flow *f = up(s);

	f->seen |= SEEN_UP_RST | (f->seen & SEEN_DOWN_DATA ? SEEN_UP_RST_LATER : 0);
	f->up_rst_us = s->us;
}

static inline enum stage scene_stage(const struct wire_flow *f)
{
	return f->seen & SEEN_DOWN_DATA	  ? STAGE_LATER
	       : f->seen & SEEN_UP_DATA	  ? STAGE_POST_PSH
	       : f->seen & SEEN_HANDSHAKE ? STAGE_POST_ACK
					  : STAGE_POST_SYN;
}

/* A RST in the server's name; `flags` with or without ACK. */
static inline void server_rst(struct scene *s, unsigned int flags, __u32 ack)
{
	struct wire_flow *f = &s->r.flow;
	struct wire_reset *r = &f->rst;

	if (!(f->seen & SEEN_DOWN_RST)) {
		r->at_us = s->us;
		r->ack = ack;
		r->gap_c = f->seen & (SEEN_SYNACK | SEEN_DOWN_DATA) ? scene_c(s->us) - f->last_down_c : 0;
		r->ttl = 60;
		f->first_rst_ttl = 60;
		r->tcp_flags = flags | TCP_RST_FLAG;
		r->stage = scene_stage(f);
		r->fin = (f->seen & SEEN_DOWN_FIN ? 1 : 0) | (f->seen & SEEN_UP_FIN ? 2 : 0);
		r->up_again = f->up_again;
		r->down_again = f->down_again;
	}
	f->seen |= SEEN_DOWN | SEEN_DOWN_RST;
	f->last_down_c = scene_c(s->us);
	if (flags & TCP_ACK_FLAG) {
		r->n_ack++;
		return;
	}
	if (!r->n_bare)
		r->bare_ack = ack;
	else if (r->bare_ack != ack)
		r->n_differ++;
	r->n_bare++;
	r->n_zero += !ack;
}

static inline void icmp(struct scene *s, __u8 type, __u8 code)
{
	struct wire_flow *f = &s->r.flow;

	f->icmp_us = s->us;
	f->icmp_type = type;
	f->icmp_code = code;
	f->icmp_ttl = 61;
	f->icmp_stage = scene_stage(f);
	f->seen |= SEEN_ICMP;
}

/* The record as it is handed out now. */
static inline struct verdict handed(struct scene *s, enum record_kind kind, enum record_why why)
{
	struct verdict v;

	s->r.kind = kind;
	s->r.why = why;
	s->r.now_ns = (SCENE_START_US + s->us) * 1000;
	s->r.now_c = scene_c(s->us);
	judge(&s->r, &waits_default, 0, &v);
	return v;
}

static inline struct verdict final(struct scene *s)
{
	return handed(s, RECORD_FINAL, WHY_NONE);
}

static inline struct verdict cut(struct scene *s, enum record_why why)
{
	return handed(s, RECORD_FINAL, why);
}

/* The first packets that most flows share: handshake in 80 ms. */
static inline void handshake(struct scene *s)
{
	begin(s);
	syn(s);
	at(s, 80);
	synack(s);
	at(s, 81);
	client_ack(s);
}

static inline void asked(struct scene *s)
{
	handshake(s);
	at(s, 100);
	request(s, 517);
}

static inline void served(struct scene *s)
{
	asked(s);
	at(s, 200);
	reply(s, 3000);
	at(s, 201);
	client_ack(s);
}

/* QUIC: the first Initial. */
static inline void initial(struct scene *s)
{
	begin(s);
	s->r.flow.state = STATE_QUIC;
	s->r.flow.seen = SEEN_SYN | SEEN_UP | SEEN_UP_DATA;
	s->r.flow.syns = 1;
	s->r.flow.bytes_up = 1200;
	up(s);
}

static inline void initial_again(struct scene *s)
{
	up(s)->syns++;
	s->r.flow.last_syn_us = s->us;
	s->r.flow.bytes_up += 1200;
}

static inline void quic_reply(struct scene *s)
{
	struct wire_flow *f = down(s);

	if (!(f->seen & SEEN_DOWN_DATA))
		f->synack_us = f->down_data_us = s->us;
	f->seen |= SEEN_DOWN_DATA;
	f->bytes_down += 1200;
}

#endif
