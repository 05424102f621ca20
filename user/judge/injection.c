// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of injection.h, one function a row of the contract's table. A rule that cannot see what it needs is silent:
 * the kernel keeps eight resets a side, the client's first two and last two packets, the first ranges of payload.
 */
#include "judge/injection.h"

#include <string.h>

#define BURST_US	5000
#define BURST_RSTS	3
#define JUMP_US		2000000
#define JUMP_BYTES	2
#define TTL_STEP	2
#define IPID_NEAR_LEAST 2    /* small steps that make a sequence */
#define IPID_FAR	4096 /* outside of it */
#define SILENCE_C	9765 /* 10 s in units of 1,024 us */
#define TCP_ACK		0x10
#define ONE_POINT_MOST	2

struct known {
	const struct wire_flow *flow;
	const struct verdict *v;
	const struct wire_rst *down[WIRE_RSTS]; /* those that can be evidence, in order */
	const struct wire_rst *up[WIRE_RSTS];
	unsigned int n_down, n_up, up_segments;
	__u32 rtt_us; /* the smaller of the flow's own and the prefix's; 0: none is known */
};

static bool is_ack(const struct wire_rst *r)
{
	return r->tcp_flags & TCP_ACK;
}

/* a before b, of sequence numbers (RFC 9293, 3.4). */
static bool is_below(__u32 a, __u32 b)
{
	return (__s32)(a - b) < 0;
}

/* ---- the rules ------------------------------------------------------------------------------------------- */

/* Silent where the packet is not certain amid data, for one that we do not hold may have been older; and for a bare RST
 * after a long silence, which is an idle timeout that crosses a request. */
static bool too_fast(const struct known *k)
{
	const struct wire_rst *r = k->n_down ? k->down[0] : NULL;

	if (!r || r->answered_kind == SENT_NONE || !k->rtt_us || is_below(r->at_us, r->answered_us))
		return false;
	if ((r->bits & RST_LATER) && !(r->bits & RST_CERTAIN))
		return false;
	if (!is_ack(r) && k->flow->rst.gap_c >= SILENCE_C)
		return false;
	return (r->at_us - r->answered_us) * 2ull < k->rtt_us;
}

static bool alive_after_reset(const struct known *k)
{
	return k->n_down && ((k->flow->seen & (SEEN_SYNACK_AFTER_RST | SEEN_DOWN_AFTER_RST)) ||
			     (k->flow->evidence & EVIDENCE_ALIVE));
}

static bool jumps(const struct wire_rst *const *rsts, unsigned int n, bool up, bool knows_next)
{
	for (unsigned int i = 0; i + 1 < n; i++) {
		for (unsigned int j = i + 1; j < n; j++) {
			const struct wire_rst *a = rsts[i], *b = rsts[j];
			__u32 next = up ? b->up_next : b->down_next;

			if (!a->seq || b->at_us - a->at_us > JUMP_US)
				continue; /* 0 is no place in the stream: a RST to a SYN (RFC 9293, 3.5.2) */
			if (!is_below(a->seq + JUMP_BYTES, b->seq))
				continue;
			if (!knows_next || is_below(next + JUMP_BYTES, b->seq))
				return true;
		}
	}
	return false;
}

/* Weaver, Sommer, Paxson, "Detecting Forged TCP Reset Packets", NDSS 2009: RST_SEQ_CHANGE. */
static bool sequence_jump(const struct known *k)
{
	bool knows = k->flow->seen & (SEEN_SYNACK | SEEN_UP_ACK | SEEN_DOWN_DATA);

	return jumps(k->down, k->n_down, false, knows) || jumps(k->up, k->n_up, true, true);
}

static bool ttl_window_staircase(const struct known *k)
{
	for (unsigned int i = 0, steps = 0; i + 1 < k->n_down; i++) {
		const struct wire_rst *a = k->down[i], *b = k->down[i + 1];

		steps = b->ttl == a->ttl + 1 && b->window == a->window + 1 ? steps + 1 : 0;
		if (steps == 2)
			return true;
	}
	return false;
}

static bool two_payloads(const struct known *k)
{
	return k->flow->evidence & EVIDENCE_TWO_PAYLOADS;
}

static bool copied_ipid(const struct known *k)
{
	for (unsigned int i = 0; i < k->n_down; i++)
		if (k->down[i]->ipid && k->down[i]->answered_kind && k->down[i]->ipid == k->down[i]->answered_ipid)
			return true;
	return false;
}

/* A client that has let go answers what the server's side sends after its RST: then it says nothing. */
static bool both_ends(const struct known *k)
{
	__u32 a, b;

	if (!k->n_down || !k->n_up || !k->rtt_us || alive_after_reset(k))
		return false;
	a = k->down[0]->at_us;
	b = k->up[0]->at_us;
	return (a > b ? a - b : b - a) <= k->rtt_us;
}

static bool is_ack_of_client(const struct wire_flow *f, __u32 seq)
{
	for (int i = 0; i < WIRE_SENT; i++)
		if (f->sent[i].kind != SENT_NONE && f->sent[i].kind != SENT_SYN && f->sent[i].ack == seq)
			return true;
	return false;
}

/* RFC 9293, 3.5.2: to a SYN with RST+ACK that acknowledges it; else with the sequence number of the ACK that is
 * answered, or in a connection that is broken off, with the next one. An older ACK than the highest is as good, and not
 * all of them are held, so below it only what lies before the server's first byte is wrong. */
static bool is_illegal(const struct wire_flow *f, const struct wire_rst *r)
{
	bool acks_syn = is_ack(r) && (r->ack == f->isn_up + 1 || (r->ack == r->up_next && !(r->bits & RST_LATER)));
	__u32 highest;

	if (r->bits & RST_HOLES)
		return false;
	if (!(f->seen & SEEN_SYN) && !r->up_acked)
		return false;
	if (!r->up_acked && !r->down_next) /* nothing but the SYN so far */
		return !acks_syn;
	if (acks_syn && (!r->seq || !r->up_acked))
		return false;
	if (is_ack_of_client(f, r->seq) || r->seq == r->up_acked)
		return false;
	highest = r->up_acked && is_below(r->down_next, r->up_acked) ? r->up_acked : r->down_next;
	return is_below(highest, r->seq) || is_below(r->seq, f->isn_down);
}

static bool illegal_reset(const struct known *k)
{
	for (unsigned int i = 0; i < k->n_down; i++)
		if (is_illegal(k->flow, k->down[i]))
			return true;
	return false;
}

static bool burst(const struct known *k)
{
	if (k->up_segments >= BURST_RSTS)
		return false; /* one each */
	for (unsigned int i = 0; i + BURST_RSTS <= k->n_down; i++)
		if (k->down[i + BURST_RSTS - 1]->at_us - k->down[i]->at_us <= BURST_US)
			return true;
	return false;
}

static bool reset_payload(const struct known *k)
{
	for (unsigned int i = 0; i < k->n_down; i++)
		if (k->down[i]->len)
			return true;
	return false;
}

static bool ttl_jump(const struct known *k)
{
	int step;

	if (!k->n_down || k->v->server_ttl < 0)
		return false;
	step = k->down[0]->ttl - k->v->server_ttl;
	return step >= TTL_STEP || step <= -TTL_STEP;
}

/* 0 says nothing: Linux sends it from a socket that is closed. */
static bool ipid_jump(const struct known *k)
{
	const struct wire_flow *f = k->flow;
	__u16 ahead;

	if (!k->n_down || k->v->v6 || !k->down[0]->ipid || f->ipid_near < IPID_NEAR_LEAST || f->ipid_far)
		return false;
	ahead = k->down[0]->ipid - f->down_ipid;
	return ahead > IPID_FAR && ahead < 65536 - IPID_FAR;
}

static bool no_timestamps(const struct known *k)
{
	const struct wire_flow *f = k->flow;

	if (!(f->state & STATE_SYN_TS) || !(f->seen & SEEN_DOWN_TS))
		return false;
	for (unsigned int i = 0; i < k->n_down; i++)
		if (is_ack(k->down[i]) && !(k->down[i]->bits & RST_TIMESTAMPS) && k->down[i]->at_us >= f->synack_us)
			return true;
	return false;
}

/* ---- all of it ------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned int points;
	bool (*rule)(const struct known *k);
} rows[INJECTION_ROWS] = {
#define X(name, rule, points) { #rule, points, rule },
	EVIDENCE_TABLE(X)
#undef X
};

/* "RSTs after a FIN of either side [and] after a client RST in `later` [...] are evidence of nothing." */
static void gather(const struct wire_record *record, struct known *k)
{
	const struct wire_evidence *e = &record->evidence;
	const unsigned int after_fin = RST_AFTER_DOWN_FIN | RST_AFTER_UP_FIN;
	const struct wire_rst *gone = NULL;

	for (unsigned int i = 0; i < e->n_up && i < WIRE_RSTS; i++) {
		if (!gone && (e->up[i].bits & RST_LATER))
			gone = &e->up[i];
		if (!(e->up[i].bits & after_fin))
			k->up[k->n_up++] = &e->up[i];
	}
	for (unsigned int i = 0; i < e->n_down && i < WIRE_RSTS; i++)
		if (!(e->down[i].bits & after_fin) && !(gone && !is_below(e->down[i].at_us, gone->at_us)))
			k->down[k->n_down++] = &e->down[i];
	k->up_segments = e->up_segments;
}

void injection(const struct wire_record *record, __u32 median_us, struct verdict *out)
{
	struct known k = { .flow = &record->flow, .v = out, .rtt_us = out->has_rtt ? out->rtt_us : 0 };
	unsigned int score = 0, ones = 0;

	if (median_us && (!k.rtt_us || median_us < k.rtt_us))
		k.rtt_us = median_us;
	if (record->has_evidence)
		gather(record, &k);
	out->evidence = 0;
	for (unsigned int i = 0; i < INJECTION_ROWS; i++) {
		if (!rows[i].rule(&k))
			continue;
		out->evidence |= 1u << i;
		if (rows[i].points == 1)
			ones++;
		else
			score += rows[i].points;
	}
	out->score = score + (ones < ONE_POINT_MOST ? ones : ONE_POINT_MOST);
	out->level = out->score >= 6 ? LEVEL_HIGH : out->score >= 3 ? LEVEL_SUSPECTED : LEVEL_NONE;
}

const char *evidence_name(enum evidence row)
{
	return row < INJECTION_ROWS ? rows[row].name : "";
}

unsigned int evidence_points(enum evidence row)
{
	return row < INJECTION_ROWS ? rows[row].points : 0;
}
