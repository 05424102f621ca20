// SPDX-License-Identifier: GPL-2.0
/* Round trip, hop limits, amounts and rate of one record: see measure.h. */
#include "judge/measure.h"

#define THROTTLED_BYTES 65536
#define THROTTLED_US	5000000
#define THROTTLED_KBIT	400
#define THROTTLED_LOSS	20 /* a 20th of the bytes: 5 % */
#define THROTTLED_GAPS	10 /* a tenth of the time */

/* Median of the server's packets that are no RST; of an even number the lower of the middle two, which was seen. */
static int median_ttl(const __u8 ttls[WIRE_TTLS])
{
	__u8 sorted[WIRE_TTLS];
	int n = 0;

	for (int i = 0; i < WIRE_TTLS; i++) {
		int at = n;

		if (!ttls[i])
			continue;
		for (; at > 0 && sorted[at - 1] > ttls[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = ttls[i];
		n++;
	}
	return n ? sorted[(n - 1) / 2] : -1;
}

/* "Last SYN before the SYN-ACK to the SYN-ACK, or first Initial to first reply." Without the SYN, or with one
 * captured after its SYN-ACK, there is none. */
static void measure_rtt(const struct wire_flow *f, struct verdict *out)
{
	__u32 both = out->quic ? SEEN_DOWN : SEEN_SYN | SEEN_SYNACK;

	out->has_rtt = (f->seen & both) == both && (__s32)(f->synack_us - f->syn_us) > 0;
	out->rtt_us = out->has_rtt ? f->synack_us - f->syn_us : 0;
}

/* A SYN that came after its SYN-ACK, which then opened the flow, left no marks of its options. */
static bool is_background(const struct wire_flow *f)
{
	bool synack_first = (f->seen & SEEN_SYNACK) && !f->synack_us;

	if (!(f->seen & SEEN_SYN) || synack_first || (f->state & (STATE_QUIC | STATE_NO_ISN | STATE_LOCAL)))
		return false;
	return (f->state & STATE_SYN_SCANNER) || !(f->state & STATE_SYN_OPTIONS);
}

/* From the packet that the first RST answered to the RST. Where its numbers name no packet there is nothing to measure
 * from; an ICMP error's packet is not remembered. At least 1, as 0 says "not known". */
static __u32 answer_delay(const struct wire_record *record)
{
	const struct wire_rst *rst = &record->evidence.down[0];
	__s32 us;

	if (!record->has_evidence || !record->evidence.n_down || rst->answered_kind == SENT_NONE)
		return 0;
	us = (__s32)(rst->at_us - rst->answered_us);
	return us > 0 ? (__u32)us : 1;
}

/* From the first server payload to the last, without the pauses of the client's own choice. */
static __u64 goodput(const struct wire_flow *f)
{
	__u32 first_c = f->first_c + (f->down_data_us >> 10), lasted_c = f->data_c - first_c;

	if (!(f->seen & SEEN_DOWN_DATA) || (__s32)lasted_c <= 0 || lasted_c <= f->idle_c)
		return 0;
	/* 8 bits in units of 1,024 us, reduced: holds for a petabyte */
	return f->bytes_down * 15625 / (2ull * (lasted_c - f->idle_c));
}

void measure(const struct wire_record *record, struct verdict *out)
{
	const struct wire_flow *f = &record->flow;

	out->quic = f->state & STATE_QUIC;
	out->v6 = f->state & STATE_V6;
	out->syns = f->syns;
	/* "data in a SYN counts once a SYN-ACK came" */
	out->bytes_up = f->seen & SEEN_UP_DATA ? f->bytes_up : 0;
	out->bytes_down = f->bytes_down;
	out->goodput = out->quic ? 0 : goodput(f);
	out->reset_ttl = f->seen & SEEN_DOWN_RST ? f->first_rst_ttl : -1;
	out->server_ttl = median_ttl(f->ttls);
	out->answer_ttl = -1;
	out->answer_us = answer_delay(record);
	/* a tombstone has told its drop reason already, and keeps a count in its place */
	out->dropped_here = (f->seen & SEEN_DROPPED_HERE) && record->kind != RECORD_LATE_SYNS;
	out->background = is_background(f);
	measure_rtt(f, out);
}

/*
 * "At least 64 KB of server payload delivered, goodput under 400 kbit/s over at least 5 s while the flow is never
 * idle by the client's choice, and either 5 % or more of the server's bytes repeated or lost, or gaps ... in a
 * tenth of the time." A hole that was filled late stands in both counts of bytes: only the larger is certain.
 */
bool is_throttled(const struct wire_flow *f)
{
	__u32 first_c = f->first_c + (f->down_data_us >> 10), lasted_c = f->data_c - first_c;
	__u64 us = (__s32)lasted_c > 0 ? (__u64)lasted_c << 10 : 0;
	__u64 lost = f->again_bytes > f->hole_bytes ? f->again_bytes : f->hole_bytes;

	if (f->bytes_down < THROTTLED_BYTES || us < THROTTLED_US || f->idle_c)
		return false;
	if (f->bytes_down >= (us * THROTTLED_KBIT + 7999) / 8000) /* kbit/s are bits a millisecond */
		return false;
	return lost * THROTTLED_LOSS >= f->bytes_down || ((__u64)f->gap_c << 10) * THROTTLED_GAPS >= us;
}

int hops_from_ttl(int ttl)
{
	if (ttl < 0)
		return -1;
	return (ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl;
}
