/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When is a record final? The sweep asks, once a second. In replay each packet asks too, before it is counted: there
 * a verdict must not depend on where the seconds of the sweep happen to fall.
 */
#ifndef XREACH_DUE_H
#define XREACH_DUE_H

/* The walk lasts milliseconds beyond the clock it goes by: what a packet wrote meanwhile is younger, not 71 minutes
 * old. */
static __always_inline __u32 since(__u32 now, __u32 then)
{
	return (__s32)(now - then) > 0 ? now - then : 0;
}

static __always_inline int attempt_waited(const struct wire_attempt *a, __u32 state, __u32 now_us)
{
	__u32 last = since(now_us, a->last_us), first = since(now_us, a->first_us);

	if (state & STATE_QUIC)
		return first >= cfg.payload_ms * 1000;
	if ((state & STATE_NO_ISN) && (state & (STATE_LOCAL_DEAD | STATE_LOCAL_UP)))
		return last >= cfg.syn_live_ms * 1000;
	return last >= cfg.syn_final_ms * 1000;
}

/* Has this flow waited long enough, or ended long enough ago? */
static __always_inline int flow_waited(const struct wire_flow *f, __u32 state, __u64 now, __u32 now_c)
{
	__u32 age = now > f->first_ns ? (now - f->first_ns) / 1000 : 0, seen = f->seen;
	__u32 up = since(now_c, f->last_up_c), down = since(now_c, f->last_down_c);
	__u32 idle = seen & SEEN_DOWN ? (seen & SEEN_UP && up < down ? up : down) : up;
	__u32 linger = cfg.linger_ms * 1000;

	if (state & STATE_QUIC) {
		if ((seen & (SEEN_ICMP | SEEN_ICMP_ANSWERED)) == SEEN_ICMP)
			return since(age, f->icmp_us) >= linger;
		if (seen & SEEN_DOWN) /* no FIN tells the end */
			return idle >= MS_TO_COARSE(cfg.idle_ms);
		return age >= cfg.payload_ms * 1000;
	}
	if ((seen & (SEEN_DOWN_RST | SEEN_WENT_ON)) == SEEN_DOWN_RST)
		return since(age, f->rst.at_us) > linger; /* RSTs count up to and with then */
	if (seen & SEEN_UP_RST)
		return since(age, f->up_rst_us) >= linger;
	if ((seen & (SEEN_ICMP | SEEN_ICMP_ANSWERED)) == SEEN_ICMP)
		return since(age, f->icmp_us) >= linger;
	if ((seen & (SEEN_UP_FIN | SEEN_DOWN_FIN)) == (SEEN_UP_FIN | SEEN_DOWN_FIN))
		return idle >= MS_TO_COARSE(cfg.fin_ms);
	if (seen & SEEN_DOWN_DATA) {
		if (f->up_again >= 2 && f->wait_c && since(now_c, f->wait_c) >= MS_TO_COARSE(cfg.frozen_ms))
			return 1;
		return idle >= MS_TO_COARSE(cfg.idle_ms);
	}
	if (seen & SEEN_UP_DATA)
		return since(age, f->up_data_us) >= cfg.payload_ms * 1000;
	if (seen & (SEEN_UP_FIN | SEEN_DOWN_FIN))
		return idle >= MS_TO_COARSE(cfg.payload_ms);
	if (seen & (SEEN_HANDSHAKE | SEEN_UP_ACK))
		return idle >= MS_TO_COARSE(cfg.post_ack_ms);
	return idle >= MS_TO_COARSE(cfg.syn_final_ms);
}

/* Replay: close what had waited long enough when this packet came. 1: closed, the packet comes too late. */
GLOBAL int flow_overdue(struct packet *p, struct wire_flow *f)
{
	__u32 state;

	if (!p || !f)
		return 0;
	if (!cfg.replay)
		return 0;
	state = f->state;
	if (state_of(state) != STATE_OPEN && state_of(state) != STATE_ENDED)
		return 0;
	if (!flow_waited(f, state, packet_now(p), p->now_c))
		return 0;
	f->state = (state & ~STATE_MASK) | STATE_CLOSING; /* nobody else is there to race with */
	return 1;
}

GLOBAL int attempt_overdue(struct packet *p, struct wire_attempt *a)
{
	__u32 state;

	if (!p || !a)
		return 0;
	if (!cfg.replay)
		return 0;
	state = a->state;
	if (state_of(state) != STATE_OPEN || !attempt_waited(a, state, packet_now(p) / 1000))
		return 0;
	a->state = (state & ~STATE_MASK) | STATE_CLOSING;
	return 1;
}

#endif
