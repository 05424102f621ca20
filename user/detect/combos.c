// SPDX-License-Identifier: GPL-2.0
/* Every (stage, outcome, signature) that a verdict can have: what keeps the label sets of metrics bounded. */
#include "detect/tally.h"

#define ROW(stage, outcome, signature) { STAGE_##stage, OUTCOME_##outcome, SIGNATURE_##signature },

const struct verdict_combo verdict_combos[] = {
	ROW(POST_SYN, OK, NONE) /* a RST after the client's FIN */
	ROW(POST_SYN, TIMEOUT, SYN_0) ROW(POST_SYN, RESET, SYN_RST) ROW(POST_SYN, RESET, SYN_RSTACK) ROW(
		POST_SYN, RESET, SYN_RST_RSTACK) ROW(POST_SYN, PROHIBITED, SYN_ICMP)
		ROW(POST_SYN, UNREACHABLE, SYN_ICMP) ROW(POST_SYN, CLIENT_ABORT, NONE) ROW(POST_SYN, UNJUDGED, NONE)

			ROW(POST_ACK, OK, NONE) ROW(POST_ACK, TIMEOUT, ACK_0) ROW(POST_ACK, RESET, ACK_RST) ROW(
				POST_ACK, RESET, ACK_RST_RST) ROW(POST_ACK, RESET, ACK_RSTACK)
				ROW(POST_ACK, RESET, ACK_RSTACK_RSTACK) ROW(POST_ACK, RESET,
									    OTHER) ROW(POST_ACK, PROHIBITED, OTHER)
					ROW(POST_ACK, UNREACHABLE, OTHER) ROW(POST_ACK, CLIENT_ABORT,
									      NONE) ROW(POST_ACK, UNJUDGED, NONE)

						ROW(POST_PSH, OK,
						    NONE) /* a RST after the FIN that the server sent in post_ack */
	ROW(POST_PSH, TIMEOUT, PSH_0) ROW(POST_PSH, TIMEOUT, QUIC_0) ROW(POST_PSH, RESET, PSH_RST)
		ROW(POST_PSH, RESET, PSH_RSTACK) ROW(POST_PSH, RESET, PSH_RST_RSTACK)
			ROW(POST_PSH, RESET, PSH_RSTACK_RSTACK) ROW(POST_PSH, RESET, PSH_RST_RST0)
				ROW(POST_PSH, RESET, PSH_RST_SAME) ROW(POST_PSH, RESET, PSH_RST_DIFF)
					ROW(POST_PSH, RESET, OTHER) /* the server's FIN */
	ROW(POST_PSH, PROHIBITED, PSH_ICMP) ROW(POST_PSH, PROHIBITED, QUIC_ICMP)
		ROW(POST_PSH, UNREACHABLE, PSH_ICMP) ROW(POST_PSH, UNREACHABLE, QUIC_ICMP)
			ROW(POST_PSH, CLIENT_ABORT, NONE) ROW(POST_PSH, UNJUDGED, NONE)

				ROW(LATER, OK, NONE) ROW(LATER, RESET, DATA_RST) ROW(LATER, RESET, DATA_RSTACK)
					ROW(LATER, RESET, OTHER) ROW(LATER, PROHIBITED, OTHER)
						ROW(LATER, UNREACHABLE, OTHER) ROW(LATER, FROZEN, DATA_0)
							ROW(LATER, THROTTLED, NONE) ROW(LATER, UNJUDGED, NONE)

	/* Anything else. No verdict has it, so it shows at once when one falls outside the table. */
	ROW(LATER, UNJUDGED, OTHER)
};

const unsigned int n_verdict_combos = sizeof(verdict_combos) / sizeof(verdict_combos[0]);

unsigned int verdict_combo_of(const struct verdict *v)
{
	unsigned int i, last = n_verdict_combos - 1;

	for (i = 0; i < last; i++)
		if (verdict_combos[i].stage == v->stage && verdict_combos[i].outcome == v->outcome &&
		    verdict_combos[i].signature == v->signature)
			break;
	return i;
}
