// SPDX-License-Identifier: GPL-2.0
/* The contract's tables of signatures, row by row: a new signature is a new row. */
#include "judge/signature.h"

#include <stddef.h>

#define MANY	    255 /* the kernel's counts saturate here */
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* What the acknowledgement numbers of several bare RSTs must look like. */
enum acks {
	ACKS_ANY,
	ACKS_SAME,
	ACKS_SOME_ZERO, /* one of them 0 and another not */
	ACKS_DIFFER,	/* and none is 0 */
};

struct range {
	unsigned char least, most;
};

#define NO \
	{ \
		0, 0 \
	}
#define ONE \
	{ \
		1, 1 \
	}
#define SOME \
	{ \
		1, MANY \
	}
#define SEVERAL \
	{ \
		2, MANY \
	}

/* The contract's table; what no row fits is `other`. */
static const struct {
	enum stage stage;
	struct range bare, ack; /* RSTs without and with the ACK flag */
	enum acks acks;
	enum signature signature;
} reset_rows[] = {
	{ STAGE_POST_SYN, SOME, NO, ACKS_ANY, SIGNATURE_SYN_RST },
	{ STAGE_POST_SYN, NO, SOME, ACKS_ANY, SIGNATURE_SYN_RSTACK },
	{ STAGE_POST_SYN, SOME, SOME, ACKS_ANY, SIGNATURE_SYN_RST_RSTACK },
	{ STAGE_POST_ACK, ONE, NO, ACKS_ANY, SIGNATURE_ACK_RST },
	{ STAGE_POST_ACK, SEVERAL, NO, ACKS_ANY, SIGNATURE_ACK_RST_RST },
	{ STAGE_POST_ACK, NO, ONE, ACKS_ANY, SIGNATURE_ACK_RSTACK },
	{ STAGE_POST_ACK, NO, SEVERAL, ACKS_ANY, SIGNATURE_ACK_RSTACK_RSTACK },
	{ STAGE_POST_PSH, ONE, NO, ACKS_ANY, SIGNATURE_PSH_RST },
	{ STAGE_POST_PSH, NO, ONE, ACKS_ANY, SIGNATURE_PSH_RSTACK },
	{ STAGE_POST_PSH, SOME, SOME, ACKS_ANY, SIGNATURE_PSH_RST_RSTACK },
	{ STAGE_POST_PSH, NO, SEVERAL, ACKS_ANY, SIGNATURE_PSH_RSTACK_RSTACK },
	{ STAGE_POST_PSH, SEVERAL, NO, ACKS_SOME_ZERO, SIGNATURE_PSH_RST_RST0 },
	{ STAGE_POST_PSH, SEVERAL, NO, ACKS_SAME, SIGNATURE_PSH_RST_SAME },
	{ STAGE_POST_PSH, SEVERAL, NO, ACKS_DIFFER, SIGNATURE_PSH_RST_DIFF },
	{ STAGE_LATER, SOME, NO, ACKS_ANY, SIGNATURE_DATA_RST },
	{ STAGE_LATER, NO, SOME, ACKS_ANY, SIGNATURE_DATA_RSTACK },
};

#undef NO
#undef ONE
#undef SOME
#undef SEVERAL

/* Without a row: `none`. QUIC->0 and QUIC->ICMP are QUIC's names for the rows of post_psh. */
static const struct {
	enum stage stage;
	enum outcome outcome;
	enum signature tcp, quic;
} outcome_rows[] = {
	{ STAGE_POST_SYN, OUTCOME_TIMEOUT, SIGNATURE_SYN_0, SIGNATURE_NONE },
	{ STAGE_POST_ACK, OUTCOME_TIMEOUT, SIGNATURE_ACK_0, SIGNATURE_NONE },
	{ STAGE_POST_PSH, OUTCOME_TIMEOUT, SIGNATURE_PSH_0, SIGNATURE_QUIC_0 },
	{ STAGE_POST_SYN, OUTCOME_PROHIBITED, SIGNATURE_SYN_ICMP, SIGNATURE_NONE },
	{ STAGE_POST_SYN, OUTCOME_UNREACHABLE, SIGNATURE_SYN_ICMP, SIGNATURE_NONE },
	{ STAGE_POST_PSH, OUTCOME_PROHIBITED, SIGNATURE_PSH_ICMP, SIGNATURE_QUIC_ICMP },
	{ STAGE_POST_PSH, OUTCOME_UNREACHABLE, SIGNATURE_PSH_ICMP, SIGNATURE_QUIC_ICMP },
	{ STAGE_POST_ACK, OUTCOME_PROHIBITED, SIGNATURE_OTHER, SIGNATURE_OTHER },
	{ STAGE_POST_ACK, OUTCOME_UNREACHABLE, SIGNATURE_OTHER, SIGNATURE_OTHER },
	{ STAGE_LATER, OUTCOME_PROHIBITED, SIGNATURE_OTHER, SIGNATURE_OTHER },
	{ STAGE_LATER, OUTCOME_UNREACHABLE, SIGNATURE_OTHER, SIGNATURE_OTHER },
	{ STAGE_LATER, OUTCOME_FROZEN, SIGNATURE_DATA_0, SIGNATURE_NONE },
};

static bool within(struct range range, unsigned int n)
{
	return n >= range.least && n <= range.most;
}

static bool acks_are(enum acks acks, const struct wire_reset *r)
{
	switch (acks) {
	case ACKS_SAME:
		return !r->n_differ;
	case ACKS_SOME_ZERO:
		return r->n_zero && r->n_zero < r->n_bare;
	case ACKS_DIFFER:
		return r->n_differ && !r->n_zero;
	default:
		return true;
	}
}

enum signature signature_of_resets(enum stage stage, const struct wire_reset *resets)
{
	for (size_t i = 0; i < ROWS(reset_rows); i++)
		if (reset_rows[i].stage == stage && within(reset_rows[i].bare, resets->n_bare) &&
		    within(reset_rows[i].ack, resets->n_ack) && acks_are(reset_rows[i].acks, resets))
			return reset_rows[i].signature;
	return SIGNATURE_OTHER;
}

enum signature signature_of_outcome(enum stage stage, enum outcome outcome, bool quic)
{
	for (size_t i = 0; i < ROWS(outcome_rows); i++)
		if (outcome_rows[i].stage == stage && outcome_rows[i].outcome == outcome)
			return quic ? outcome_rows[i].quic : outcome_rows[i].tcp;
	return SIGNATURE_NONE;
}
