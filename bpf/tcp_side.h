/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What both directions of a TCP flow are written down with. Only facts: the contract's judgement is user space's.
 * Fields of one direction are written by that direction alone, a word at a time; `seen` and `state` are shared, and
 * atomic.
 */
#ifndef XREACH_TCP_SIDE_H
#define XREACH_TCP_SIDE_H

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

#endif
