/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Was a RST made by somebody in between? Evidence is scored, never a single bit (shared/spec/verdicts.md, "injection").
 * Pure: record and verdict in, score and level out.
 */
#ifndef XREACH_INJECTION_H
#define XREACH_INJECTION_H

#include "judge/verdict.h"

/* X(enum name, the contract's name, which is its rule's, too, points). Points are defaults; those of one point count two
 * together at most. */
/* clang-format off */
#define EVIDENCE_TABLE(X) \
	X(TOO_FAST, too_fast, 4) X(ALIVE, alive_after_reset, 4) \
	X(SEQUENCE_JUMP, sequence_jump, 4) \
	X(STAIRCASE, ttl_window_staircase, 4) \
	X(TWO_PAYLOADS, two_payloads, 4) X(COPIED_IPID, copied_ipid, 3) \
	X(BOTH_ENDS, both_ends, 3) X(ILLEGAL_RESET, illegal_reset, 2) \
	X(BURST, burst, 2) X(RESET_PAYLOAD, reset_payload, 2) \
	X(TTL_JUMP, ttl_jump, 1) X(IPID_JUMP, ipid_jump, 1) \
	X(NO_TIMESTAMPS, no_timestamps, 1)
/* clang-format on */
enum evidence {
#define X(name, rule, points) INJECTION_##name,
	EVIDENCE_TABLE(X)
#undef X
		INJECTION_ROWS
};

/* Fill in level, score and evidence. `out` holds what measure() has found; `median_us` is the median handshake round
 * trip of the server's prefix so far, 0 where there is none. */
void injection(const struct wire_record *record, __u32 median_us, struct verdict *out);

const char *evidence_name(enum evidence row);
unsigned int evidence_points(enum evidence row);

#endif
