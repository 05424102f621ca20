/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Was a RST made by somebody in between? Evidence is scored, never a single bit (shared/spec/verdicts.md, "injection").
 * Pure: record and verdict in, score and level out.
 */
#ifndef XREACH_INJECTION_H
#define XREACH_INJECTION_H

#include "judge/verdict.h"

/* X(enum name, the contract's name, points). Points are defaults; those of one point count two together at most. */
/* clang-format off */
#define EVIDENCE_TABLE(X) \
	X(TOO_FAST, "too_fast", 4, too_fast) X(ALIVE, "alive_after_reset", 4, alive_after_reset) \
	X(SEQUENCE_JUMP, "sequence_jump", 4, sequence_jump) \
	X(STAIRCASE, "ttl_window_staircase", 4, ttl_window_staircase) \
	X(TWO_PAYLOADS, "two_payloads", 4, two_payloads) X(COPIED_IPID, "copied_ipid", 3, copied_ipid) \
	X(BOTH_ENDS, "both_ends", 3, both_ends) X(ILLEGAL_RESET, "illegal_reset", 2, illegal_reset) \
	X(BURST, "burst", 2, burst) X(RESET_PAYLOAD, "reset_payload", 2, reset_payload) \
	X(TTL_JUMP, "ttl_jump", 1, ttl_jump) X(IPID_JUMP, "ipid_jump", 1, ipid_jump) \
	X(NO_TIMESTAMPS, "no_timestamps", 1, no_timestamps)
/* clang-format on */
enum evidence {
#define X(name, label, points, rule) INJECTION_##name,
	EVIDENCE_TABLE(X)
#undef X
		INJECTION_ROWS
};

/* Fill in level, score and evidence. `out` holds what measure() has found; `median_us` is the median handshake round
 * trip of the server's prefix so far, 0 where there is none. */
void injection(const struct wire_record *record, __u32 median_us, struct verdict *out);

const char *evidence_name(enum evidence row);

#endif
