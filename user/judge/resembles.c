// SPDX-License-Identifier: GPL-2.0
/*
 * Patterns of resets that were published, one function each: see resembles.h. Sources: Clayton, Murdoch & Watson 2006;
 * Weaver, Sommer & Paxson 2009; Aryan et al. 2013; Marczak et al. 2015; Bock et al. 2021; Nourin et al. 2023; Wu et al.
 * 2025; public reports of 2020 to 2025 on censorship circumvention forums.
 */
#include "judge/resembles.h"

#define FLAG_RST    0x04
#define FLAG_PSH    0x08
#define FLAG_ACK    0x10
#define TOGETHER_US 5000 /* sent in one go */

struct resets { /* of one side */
	const struct wire_rst *at;
	unsigned int n;
	unsigned int asked; /* packets of the client's that they may answer, one each */
	bool up;
};

static bool is_ack(const struct wire_rst *r)
{
	return r->tcp_flags & FLAG_ACK;
}

/* a before b, of sequence numbers (RFC 9293, 3.4). */
static bool is_below(__u32 a, __u32 b)
{
	return (__s32)(a - b) < 0;
}

/* A second or later one just so many bytes beyond the first, and beyond all that the side had sent: one that lets go
 * amid data answers each packet at the number that this one acknowledges (RFC 9293, 3.5.2), so that its resets step by
 * full segments, too. */
static bool has_step(struct resets r, __u32 bytes)
{
	for (unsigned int i = 1; i < r.n; i++) {
		__u32 next = r.up ? r.at[i].up_next : r.at[i].down_next;

		if (r.at[i].seq - r.at[0].seq == bytes && is_below(next, r.at[i].seq))
			return true;
	}
	return false;
}

/* At least three with ACK at once, of one sequence number. */
static bool is_triple(struct resets r)
{
	unsigned int alike = 0;

	if (r.asked >= 3)
		return false; /* one each */
	for (unsigned int i = 0; i < r.n; i++)
		alike += is_ack(&r.at[i]) && r.at[i].seq == r.at[0].seq &&
			 r.at[i].at_us - r.at[0].at_us <= TOGETHER_US;
	return alike >= 3;
}

static bool rises(struct resets r)
{
	for (unsigned int i = 2; i < r.n; i++) {
		const struct wire_rst *a = &r.at[i - 2], *b = a + 1, *c = a + 2;

		if (is_ack(a) && is_ack(b) && is_ack(c) && b->ttl == a->ttl + 1 && c->ttl == b->ttl + 1 &&
		    b->window == a->window + 1 && c->window == b->window + 1)
			return true;
	}
	return false;
}

static bool copies_ipid(const struct wire_rst *r, enum sent_kind of)
{
	return r->ipid && r->answered_kind == of && r->ipid == r->answered_ipid;
}

/* ---- the patterns ---------------------------------------------------------------------------------------------- */
static bool HENAN(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)f, (void)up;
	return is_ack(&down.at[0]) && down.at[0].len == 10 && down.at[0].ipid == 1;
}

static bool TAJIKISTAN(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)f, (void)up;
	return is_ack(&down.at[0]) && down.at[0].len == 22;
}

static bool SANDVINE(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)f, (void)up;
	return has_step(down, 12503);
}

/* The FIN of the page comes before the RST, and the page is all there is. */
static bool IRAN_PAGE(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)up;
	return (down.at[0].bits & RST_AFTER_DOWN_FIN) && f->bytes_down >= 402 && f->bytes_down <= 405 &&
	       (down.at[0].tcp_flags & (FLAG_PSH | FLAG_ACK)) == (FLAG_PSH | FLAG_ACK);
}

static bool IRAN_SERVER(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)f, (void)down;
	return up.n >= 3 && has_step(up, 30);
}

static bool GFW_STEPS(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)f, (void)up;
	return has_step(down, 1460) && has_step(down, 4380);
}

static bool GFW_STEP(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)f, (void)up;
	return has_step(down, 1460);
}

static bool GFW_RISING(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)f, (void)up;
	return rises(down);
}

static bool RAE(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)f, (void)up;
	return is_ack(&down.at[0]) && copies_ipid(&down.at[0], SENT_SYN);
}

static bool BRUNEI(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)f, (void)up;
	return copies_ipid(&down.at[0], SENT_PAYLOAD);
}

static bool GFW_TRIPLE(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)f, (void)up;
	return is_triple(down);
}

static bool GFW_IPID(const struct wire_flow *f, struct resets down, struct resets up)
{
	(void)up;
	if (down.n < 2)
		return false; /* chance */
	for (unsigned int i = 0; i < down.n; i++)
		if (down.at[i].ipid != 64)
			return false;
	return !(f->state & STATE_V6) && f->down_ipid != 64; /* the server itself may use it, too */
}

static const struct {
	const char *name, *words;
	bool (*rule)(const struct wire_flow *f, struct resets down, struct resets up);
} patterns[PATTERNS] = {
#define X(name, label, words) [PATTERN_##name] = { label, words, name },
	PATTERN_TABLE(X)
#undef X
};

static unsigned int most(unsigned int n)
{
	return n < WIRE_RSTS ? n : WIRE_RSTS;
}

enum pattern resembles(const struct wire_record *record)
{
	const struct wire_evidence *e = &record->evidence;
	struct resets down, up;

	if (!record->has_evidence)
		return PATTERN_NONE;
	down = (struct resets){ e->down, most(e->n_down), e->up_segments, false };
	up = (struct resets){ e->up, most(e->n_up), 0, true };
	for (unsigned int i = PATTERN_NONE + 1; i < PATTERNS; i++) {
		if (!down.n && i != PATTERN_IRAN_SERVER)
			continue;
		/* a RST after a FIN is usual: only a pattern that has the FIN in it counts there */
		if (down.n && (down.at[0].bits & (RST_AFTER_DOWN_FIN | RST_AFTER_UP_FIN)) && i != PATTERN_IRAN_PAGE)
			continue;
		if (patterns[i].rule(&record->flow, down, up))
			return (enum pattern)i;
	}
	return PATTERN_NONE;
}

const char *pattern_name(enum pattern p)
{
	return p > PATTERN_NONE && p < PATTERNS ? patterns[p].name : "";
}

const char *pattern_words(enum pattern p)
{
	return p > PATTERN_NONE && p < PATTERNS ? patterns[p].words : "";
}
