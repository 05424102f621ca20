// SPDX-License-Identifier: GPL-2.0
/*
 * The contract's rules, in the order in which they hold. Where the contract is silent, the choice stands next
 * to the rule. Times marked _us and _c are the record's (wire.h), both modulo 2^32.
 */
#include "judge/verdict.h"

#include <string.h>

#include "judge/injection.h"
#include "judge/resembles.h"
#include "judge/measure.h"
#include "judge/signature.h"

#define IDLE_CLOSE_POST_ACK_US 10000000
#define IDLE_CLOSE_LATER_MS    30000
#define IDLE_CLOSE_REPEATS     2
#define FROZEN_AFTER_SERVER_MS 60000
#define FROZEN_REPEATS	       2
#define QUIC_INITIALS	       3
#define QUIC_SPREAD_US	       1000000

/* A record with the waiting times it is judged by. */
struct facts {
	const struct wire_record *record;
	const struct wire_flow *flow;
	const struct waits *waits;
	__u32 seen;
};

static bool saw(const struct facts *k, __u32 bits)
{
	return (k->seen & bits) == bits;
}

/* ---- times ------------------------------------------------------------------------------------------- */

/* The kernel's clock may be read just before a packet that is in the record: then nothing has passed. */
static __u32 since(__u32 now, __u32 then)
{
	return (__s32)(now - then) > 0 ? now - then : 0;
}

static bool before(__u32 a, __u32 b)
{
	return (__s32)(a - b) < 0;
}

static __u32 coarse(__u32 ms)
{
	return (__u64)ms * 1000 >> 10;
}

static __u64 age_us(const struct facts *k)
{
	const struct wire_record *r = k->record;

	return r->now_ns > r->flow.first_ns ? (r->now_ns - r->flow.first_ns) / 1000 : 0;
}

/* An offset from the first packet on the coarse clock: reckoned back from now, for a flow may outlive 2^32 us. */
static __u32 coarse_at(const struct facts *k, __u32 us)
{
	return k->record->now_c - (since(age_us(k), us) >> 10);
}

/* Coarse time since the last packet of either side. */
static __u32 idle_c(const struct facts *k)
{
	__u32 up = since(k->record->now_c, k->flow->last_up_c);
	__u32 down = since(k->record->now_c, k->flow->last_down_c);

	if (!saw(k, SEEN_DOWN))
		return up;
	return saw(k, SEEN_UP) && up < down ? up : down;
}

/* ---- what was seen ----------------------------------------------------------------------------------- */

/* A client's ACK without a SYN-ACK answers one that was not seen here. */
static enum stage stage_of(__u32 seen)
{
	if (seen & SEEN_DOWN_DATA)
		return STAGE_LATER;
	if (seen & SEEN_UP_DATA)
		return STAGE_POST_PSH;
	if ((seen & SEEN_HANDSHAKE) || (seen & (SEEN_UP_ACK | SEEN_SYNACK)) == SEEN_UP_ACK)
		return STAGE_POST_ACK;
	return STAGE_POST_SYN;
}

/* A RST that was counted, and that the client did not ignore. */
static bool has_reset(const struct facts *k)
{
	const struct wire_reset *r = &k->flow->rst;

	return saw(k, SEEN_DOWN_RST) && !saw(k, SEEN_WENT_ON) && (r->n_bare || r->n_ack);
}

static bool has_icmp(const struct facts *k)
{
	return saw(k, SEEN_ICMP) && !saw(k, SEEN_ICMP_ANSWERED);
}

static bool client_reset_before(const struct facts *k, __u32 us)
{
	return saw(k, SEEN_UP_RST) && before(k->flow->up_rst_us, us);
}

static bool is_final_by_itself(const struct facts *k)
{
	return k->record->kind != RECORD_INTERIM && k->record->why == WHY_NONE;
}

/* Has the shortest waiting time of a flow without server payload passed? */
static bool has_waited(const struct facts *k, enum stage stage)
{
	if (is_final_by_itself(k))
		return true; /* the kernel keeps the waiting times, and handed it out */
	switch (stage) {
	case STAGE_POST_SYN:
		if (saw(k, SEEN_DOWN))
			return idle_c(k) >= coarse(k->waits->syn_final_ms);
		return age_us(k) >= k->waits->syn_live_ms * 1000ull;
	case STAGE_POST_ACK:
		return idle_c(k) >= coarse(k->waits->post_ack_ms);
	default:
		return since(age_us(k), k->flow->up_data_us) >= k->waits->payload_ms * 1000ull;
	}
}

static bool decide(struct verdict *v, enum stage stage, enum outcome outcome)
{
	v->stage = stage;
	v->outcome = outcome;
	return true;
}

static bool decide_not(struct verdict *v, enum stage stage, enum reason why)
{
	v->why = why;
	return decide(v, stage, OUTCOME_UNJUDGED);
}

/* A record that was cut short before its waiting time had passed. */
static bool decide_cut_short(const struct facts *k, struct verdict *v, enum stage stage)
{
	switch (k->record->why) {
	case WHY_CAPTURE_END:
		return decide_not(v, stage, REASON_CAPTURE_END);
	case WHY_KEY_RETIRED:
		return decide_not(v, stage, REASON_KEY_RETIRED);
	case WHY_RECYCLED:
		/* silent in the contract: a client that opens anew on the same tuple has given this one up */
		return decide(v, stage, OUTCOME_CLIENT_ABORT);
	default:
		return decide_not(v, stage, REASON_NONE); /* interim: nothing can be said yet */
	}
}

/* ---- the rules for TCP ------------------------------------------------------------------------------- */

/*
 * "A flow of which only one direction was ever seen, where the seen side's packets prove that the other side
 * was alive (its ACK numbers advance beyond the handshake, or the seen side is the server), is unjudged /
 * one_direction, never timeout." Numbers that stand still prove no more than the handshake: what the client sends
 * again and again then was not answered, whichever way the answer would have come.
 */
static bool one_direction(const struct facts *k, struct verdict *v)
{
	bool up_only = saw(k, SEEN_UP_ACK_BEYOND) && !saw(k, SEEN_DOWN);
	bool down_only = saw(k, SEEN_DOWN) && !saw(k, SEEN_UP);

	return (up_only || down_only) && decide_not(v, stage_of(k->seen), REASON_ONE_DIRECTION);
}

/* "Also a server FIN before server payload in post_psh (signature other)", unless a RST or the client's FIN
 * came before it. A RST after it changes nothing: the FIN had ended the flow. */
static bool server_closed_on_payload(const struct facts *k, struct verdict *v)
{
	if (!saw(k, SEEN_DOWN_FIN_FIRST | SEEN_DOWN_FIN_STAGE_PSH) || saw(k, SEEN_DOWN_DATA) ||
	    (has_reset(k) && !(k->flow->rst.fin & 1)))
		return false;
	v->signature = SIGNATURE_OTHER;
	return decide(v, STAGE_POST_PSH, OUTCOME_RESET);
}

static bool is_idle_close(const struct facts *k, enum stage stage)
{
	const struct wire_reset *r = &k->flow->rst;

	if (stage == STAGE_POST_ACK)
		return r->at_us - k->flow->handshake_us >= IDLE_CLOSE_POST_ACK_US;
	if (stage != STAGE_LATER)
		return false;
	return (r->gap_c >= coarse(IDLE_CLOSE_LATER_MS) && !r->up_again) || r->down_again >= IDLE_CLOSE_REPEATS;
}

/* "The first RST in the server's name fixes stage and outcome." */
static bool server_reset(const struct facts *k, struct verdict *v)
{
	const struct wire_reset *r = &k->flow->rst;
	enum stage stage = r->stage < STAGES ? r->stage : stage_of(k->seen);

	if (!has_reset(k) || client_reset_before(k, r->at_us))
		return false;
	v->answer_ttl = r->ttl;
	/* "a RST after the server's FIN, or after the client's in any stage but post_psh" */
	if ((r->fin & 1) || ((r->fin & 2) && stage != STAGE_POST_PSH) || is_idle_close(k, stage))
		return decide(v, stage, OUTCOME_OK);
	v->signature = signature_of_resets(stage, r);
	return decide(v, stage, OUTCOME_RESET);
}

/* "A server FIN before any server payload in post_ack": ok. */
static bool server_closed_unused(const struct facts *k, struct verdict *v)
{
	if (!saw(k, SEEN_DOWN_FIN_FIRST) || saw(k, SEEN_DOWN_DATA) || saw(k, SEEN_DOWN_FIN_STAGE_PSH) ||
	    stage_of(k->seen) == STAGE_POST_SYN)
		return false;
	return decide(v, STAGE_POST_ACK, OUTCOME_OK);
}

/* ICMP 3/9, 3/10, 3/13 and ICMPv6 1/1, 1/5, 1/6: somebody says that he does not let it through. */
static enum outcome icmp_outcome(const struct wire_flow *f)
{
	static const __u8 v4[] = { 9, 10, 13 }, v6[] = { 1, 5, 6 };
	const __u8 *codes = f->icmp_type == 3 ? v4 : v6;

	for (int i = 0; i < 3; i++)
		if (f->icmp_code == codes[i])
			return OUTCOME_PROHIBITED;
	return OUTCOME_UNREACHABLE;
}

/* An ICMP error that nothing answered later. One that quotes what came after the end is no failure: after the
 * client's RST, or after the server's FIN (as with a RST; one before the FIN would have been answered by it). */
static bool refused_by_icmp(const struct facts *k, struct verdict *v)
{
	const struct wire_flow *f = k->flow;
	enum stage stage = f->icmp_stage < STAGES ? f->icmp_stage : stage_of(k->seen);

	if (!has_icmp(k) || saw(k, SEEN_DOWN_FIN) || client_reset_before(k, f->icmp_us))
		return false;
	if (v->quic && stage != STAGE_LATER)
		stage = STAGE_POST_PSH;
	v->answer_ttl = f->icmp_ttl;
	return decide(v, stage, icmp_outcome(f));
}

/*
 * "Data flowed, then the server's side fell silent while the client still retransmits or probes, and the first
 * unanswered client packet came within 60 s of the server's last", after 15 s of that silence; the kernel holds the
 * flow until the client, too, has waited so long, for an answer would still correct it. A client that resets waits no
 * longer: then it is its own waiting that counts, for a RST in `later` is ok. After its FIN the server owes nothing
 * (silent in the contract; a RST after it is ok as well).
 */
static bool frozen(const struct facts *k, struct verdict *v)
{
	const struct wire_flow *f = k->flow;
	__u32 silent = saw(k, SEEN_UP_RST) ? since(coarse_at(k, f->up_rst_us), f->wait_c)
					   : since(k->record->now_c, f->last_down_c);

	if (!saw(k, SEEN_DOWN_DATA) || saw(k, SEEN_DOWN_FIN) || !f->wait_c || f->up_again < FROZEN_REPEATS ||
	    silent < coarse(k->waits->frozen_ms) ||
	    since(f->wait_c, f->last_down_c) > coarse(FROZEN_AFTER_SERVER_MS))
		return false;
	return decide(v, STAGE_LATER, OUTCOME_FROZEN);
}

/* Had the client's RST come only after a waiting time? (In post_ack the kernel hands the flow out by then.) */
static bool reset_after_waiting(const struct facts *k, enum stage stage)
{
	const struct wire_flow *f = k->flow;

	if (stage == STAGE_POST_SYN)
		return !saw(k, SEEN_DOWN) && f->up_rst_us >= k->waits->syn_live_ms * 1000ull;
	return stage == STAGE_POST_PSH && since(f->up_rst_us, f->up_data_us) >= k->waits->payload_ms * 1000ull;
}

/*
 * "The client ended it (RST, or FIN answered or not) before any server payload, and nothing in the server's name
 * had failed first and no waiting time had passed." Server payload that comes after the client's FIN is an answer
 * (a half close); after its RST it was only in flight. When the FIN came is not in the record, nor needed: the
 * kernel hands the flow out once the waiting time has passed.
 */
static bool client_ended(const struct facts *k, struct verdict *v)
{
	enum stage stage = stage_of(k->seen & ~(__u32)SEEN_DOWN_DATA);

	if (saw(k, SEEN_UP_RST) && !saw(k, SEEN_UP_RST_LATER))
		return decide(v, stage, reset_after_waiting(k, stage) ? OUTCOME_TIMEOUT : OUTCOME_CLIENT_ABORT);
	return saw(k, SEEN_UP_FIN) && !saw(k, SEEN_DOWN_DATA) && decide(v, stage, OUTCOME_CLIENT_ABORT);
}

/*
 * Server payload came back. "At the end of a capture ... a flow in later is ok unless a client packet still
 * waits" and its waiting time has not passed. A client's FIN that was never repeated does not wait: it is the
 * end that was seen. A flow whose key is retired is taken likewise, one whose tuple is used anew is ok.
 */
static bool answered(const struct facts *k, struct verdict *v)
{
	const struct wire_flow *f = k->flow;
	bool cut = k->record->why == WHY_CAPTURE_END || k->record->why == WHY_KEY_RETIRED;
	bool ended = saw(k, SEEN_DOWN_FIN) || saw(k, SEEN_UP_RST) || (saw(k, SEEN_UP_FIN) && !f->up_again);

	if (!saw(k, SEEN_DOWN_DATA))
		return false;
	if (cut && f->wait_c && !ended && since(k->record->now_c, f->wait_c) < coarse(k->waits->frozen_ms))
		return decide_cut_short(k, v, STAGE_LATER);
	return decide(v, STAGE_LATER, OUTCOME_OK);
}

/* "The server's side went silent: no reply at all to the SYN; or the handshake's end unanswered; or the client
 * payload never answered by server payload (acknowledged or not)." A SYN-ACK that the client never acknowledges
 * is the client's doing; so is any other reply to a SYN that leads nowhere (a challenge ACK, say). */
static bool unanswered(const struct facts *k, struct verdict *v)
{
	enum stage stage = stage_of(k->seen);
	bool local_gave_up = (k->flow->state & (STATE_NO_ISN | STATE_LOCAL_DEAD)) ==
			     (STATE_NO_ISN | STATE_LOCAL_DEAD);

	if (!has_waited(k, stage))
		return decide_cut_short(k, v, stage);
	if (stage == STAGE_POST_SYN && saw(k, SEEN_DOWN))
		return decide(v, stage, OUTCOME_CLIENT_ABORT);
	/* this host's own socket gave up, no packet of it passed here and none was dropped: not our path's failure */
	if (local_gave_up && !saw(k, SEEN_DROPPED_HERE))
		return decide(v, stage, OUTCOME_CLIENT_ABORT);
	return decide(v, stage, OUTCOME_TIMEOUT);
}

/* ---- the rules for QUIC ------------------------------------------------------------------------------ */

static bool quic_answered(const struct facts *k, struct verdict *v)
{
	return saw(k, SEEN_DOWN) && decide(v, STAGE_LATER, OUTCOME_OK);
}

/* "3 or more client Initials spread over 1 s or more, or 10 s, with no packet back." */
static bool quic_unanswered(const struct facts *k, struct verdict *v)
{
	const struct wire_flow *f = k->flow;
	bool spread = f->syns >= QUIC_INITIALS && f->last_syn_us >= QUIC_SPREAD_US;

	if (!spread && !is_final_by_itself(k) && age_us(k) < k->waits->payload_ms * 1000ull)
		return decide_cut_short(k, v, STAGE_POST_PSH);
	return decide(v, STAGE_POST_PSH, OUTCOME_TIMEOUT);
}

/* ---- all of it --------------------------------------------------------------------------------------- */

typedef bool rule(const struct facts *k, struct verdict *v);

/* The first rule that applies decides; the last ones always do. */
static rule *const tcp_rules[] = {
	one_direction,	 server_closed_on_payload,
	server_reset,	 server_closed_unused,
	refused_by_icmp, frozen,
	client_ended,	 answered,
	unanswered,	 NULL,
};
static rule *const quic_rules[] = { refused_by_icmp, quic_answered, quic_unanswered, NULL };

void judge(const struct wire_record *record, const struct waits *waits, __u32 median_us, struct verdict *out)
{
	const struct facts k = { record, &record->flow, waits, record->flow.seen };
	rule *const *r;

	memset(out, 0, sizeof(*out));
	out->sni = SNI_UNKNOWN;
	measure(record, out);
	for (r = out->quic ? quic_rules : tcp_rules; *r; r++)
		if ((*r)(&k, out))
			break;
	if (out->outcome == OUTCOME_OK && out->stage == STAGE_LATER && !out->quic && is_throttled(&record->flow))
		out->outcome = OUTCOME_THROTTLED;
	if (out->outcome != OUTCOME_RESET)
		out->signature = signature_of_outcome(out->stage, out->outcome, out->quic);
	injection(record, median_us, out);
	out->resembles = (unsigned char)resembles(record);
}

/* A single SYN that nothing answers is a scan or a lost race, and counts as neither; but what this host's kernel
 * dropped was never repeated on the wire, and is a failure. */
enum tally_class verdict_class(const struct verdict *v)
{
	if (v->background)
		return TALLY_NEITHER;
	switch (v->outcome) {
	case OUTCOME_OK:
	case OUTCOME_THROTTLED:
		return TALLY_SUCCESS;
	case OUTCOME_TIMEOUT:
		if (v->stage == STAGE_POST_ACK || (v->stage == STAGE_POST_SYN && v->syns < 2 && !v->dropped_here))
			return TALLY_NEITHER;
		return TALLY_FAILURE;
	case OUTCOME_RESET:
		return v->stage == STAGE_LATER && v->level == LEVEL_NONE ? TALLY_NEITHER : TALLY_FAILURE;
	case OUTCOME_PROHIBITED:
	case OUTCOME_UNREACHABLE:
	case OUTCOME_FROZEN:
		return TALLY_FAILURE;
	default:
		return TALLY_NEITHER;
	}
}
