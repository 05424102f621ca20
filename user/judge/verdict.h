/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one flow is found to be: a pure function from record to verdict (shared/spec/verdicts.md is the
 * contract; the names here become its strings). No clock, no file, no socket.
 */
#ifndef XREACH_VERDICT_H
#define XREACH_VERDICT_H

#include <stdbool.h>
#include "waits.h"
#include "wire.h"

/* clang-format off */
#define OUTCOME_TABLE(X) \
	X(OK, "ok") X(TIMEOUT, "timeout") X(RESET, "reset") X(PROHIBITED, "prohibited") \
	X(UNREACHABLE, "unreachable") X(FROZEN, "frozen") X(THROTTLED, "throttled") \
	X(CLIENT_ABORT, "client_abort") X(UNJUDGED, "unjudged")
/* clang-format on */
enum outcome {
#define X(name, label) OUTCOME_##name,
	OUTCOME_TABLE(X)
#undef X
		OUTCOMES
};

/* clang-format off */
#define REASON_TABLE(X) \
	X(NONE, "") X(ONE_DIRECTION, "one_direction") X(CAPTURE_END, "capture_end") X(KEY_RETIRED, "key_retired")
/* clang-format on */
enum reason {
#define X(name, label) REASON_##name,
	REASON_TABLE(X)
#undef X
		REASONS
};

/* clang-format off */
#define SIGNATURE_TABLE(X) \
	X(NONE, "none") X(OTHER, "other") \
	X(SYN_0, "SYN->0") X(SYN_RST, "SYN->RST") X(SYN_RSTACK, "SYN->RST+ACK") X(SYN_RST_RSTACK, "SYN->RST;RST+ACK") \
	X(ACK_0, "SYN;ACK->0") X(ACK_RST, "SYN;ACK->RST") X(ACK_RST_RST, "SYN;ACK->RST;RST") \
	X(ACK_RSTACK, "SYN;ACK->RST+ACK") X(ACK_RSTACK_RSTACK, "SYN;ACK->RST+ACK;RST+ACK") \
	X(PSH_0, "PSH+ACK->0") X(PSH_RST, "PSH+ACK->RST") X(PSH_RSTACK, "PSH+ACK->RST+ACK") \
	X(PSH_RST_RSTACK, "PSH+ACK->RST;RST+ACK") X(PSH_RSTACK_RSTACK, "PSH+ACK->RST+ACK;RST+ACK") \
	X(PSH_RST_RST0, "PSH+ACK->RST;RST0") X(PSH_RST_SAME, "PSH+ACK->RST=RST") X(PSH_RST_DIFF, "PSH+ACK->RST!=RST") \
	X(DATA_RST, "PSH+ACK;Data->RST") X(DATA_RSTACK, "PSH+ACK;Data->RST+ACK") \
	X(SYN_ICMP, "SYN->ICMP") X(PSH_ICMP, "PSH+ACK->ICMP") X(DATA_0, "Data->0") X(QUIC_0, "QUIC->0") \
	X(QUIC_ICMP, "QUIC->ICMP")
/* clang-format on */
enum signature {
#define X(name, label) SIGNATURE_##name,
	SIGNATURE_TABLE(X)
#undef X
		SIGNATURES
};

enum sni { SNI_UNKNOWN, SNI_MATCH, SNI_OTHER, SNI_NONE, SNI_ECH, SNIS };
enum level { LEVEL_NONE, LEVEL_SUSPECTED, LEVEL_HIGH, LEVELS };

struct verdict {
	enum stage stage;
	enum outcome outcome;
	enum reason why;
	enum signature signature;
	enum sni sni;
	enum level level;
	unsigned int score;
	unsigned int evidence;	 /* bit mask over the table of injection.h */
	unsigned char resembles; /* enum pattern of resembles.h */
	bool has_rtt;
	__u32 rtt_us;
	int reset_ttl;	 /* -1 when none was seen */
	int server_ttl;	 /* median; -1 when none was seen */
	int answer_ttl;	 /* of whoever ended it: first RST, ICMP error; -1 for none */
	__u32 answer_us; /* from the client packet that this one answered; 0: not known */
	__u64 bytes_up, bytes_down;
	__u64 goodput; /* TCP: bits a second of the server's payload while it was not idle; 0: not known */
	unsigned int syns;
	bool quic, v6;
	bool dropped_here; /* this host's own kernel dropped a packet of it */
	bool background;   /* likely background radiation: a SYN without options, or with a scanner's mark */
};

/* Judge one record (interim or final). Always fills `out`; for RECORD_LATE_SYNS too (only syns changed). `median_us`:
 * the handshake round trip of the server's prefix so far, in microseconds; 0 where none is known. */
void judge(const struct wire_record *record, const struct waits *waits, __u32 median_us, struct verdict *out);

/* What a verdict means to whoever counts (shared/spec/incidents.md, "What counts"). */
enum tally_class { TALLY_NEITHER, TALLY_SUCCESS, TALLY_FAILURE };
enum tally_class verdict_class(const struct verdict *v);

/* Router hops to whoever sent a packet that arrived with `ttl`: the distance to the nearest usual initial
 * value (64, 128, 255); -1 for ttl < 0. */
int hops_from_ttl(int ttl);

const char *stage_name(enum stage stage);
const char *outcome_name(enum outcome outcome);
const char *reason_name(enum reason reason);
const char *signature_name(enum signature signature);
const char *sni_name(enum sni sni);
const char *level_name(enum level level);

#endif
