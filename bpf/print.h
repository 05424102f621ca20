/* SPDX-License-Identifier: GPL-2.0 */
/* Prints of the server's first payloads: two that differ for one range were sent by two. */
#ifndef XREACH_PRINT_H
#define XREACH_PRINT_H

#define PRINT_LOOKS 12 /* payloads of a flow that are looked at; then it is let go */

/* `n` bytes, a constant: the verifier of Linux 6.1 is spared a bound. 0 where they could not be read. */
static __always_inline __u32 print_sum(struct __sk_buff *ctx, __u32 off, __u32 *buf, const __u32 n)
{
	__u32 sum = 2166136261u;

	buf[0] = 0; /* two bytes fill half of it */
	if (bpf_skb_load_bytes(ctx, off, buf, n))
		return 0;
	for (__u32 i = 0; i < (n + 3) / 4; i++)
		sum = (sum ^ buf[i]) * 16777619u;
	return sum | 1; /* 0 is "none" */
}

GLOBAL int down_print(struct __sk_buff *ctx, struct packet *p, struct wire_flow *f)
{
	__u32 class, len, sum;
	struct wire_flow *room;
	__u32 *buf;

	if (!p || !f)
		return 0;
	class = p->class;
	room = bpf_map_lookup_elem(&scratch, &class); /* nothing is built in it now */
	if (!room)
		return 0;
	buf = (__u32 *)room;
	if (p->payload >= WIRE_PRINT_BYTES) {
		len = WIRE_PRINT_BYTES;
		sum = print_sum(ctx, p->payload_off, buf, WIRE_PRINT_BYTES);
	} else if (p->payload >= 16) {
		len = 16;
		sum = print_sum(ctx, p->payload_off, buf, 16);
	} else if (p->payload >= 4) {
		len = 4;
		sum = print_sum(ctx, p->payload_off, buf, 4);
	} else {
		len = 2;
		sum = print_sum(ctx, p->payload_off, buf, 2);
	}
	__builtin_memset(buf, 0, WIRE_PRINT_BYTES); /* of what people read, nothing stays */
	if (!sum)
		return 0;
	more(&f->looks);
	for (int i = 0; i < WIRE_PRINTS; i++) {
		struct wire_print *print = &f->prints[i];

		if (!print->sum) {
			print->seq = p->seq;
			print->sum = sum;
			print->len = len;
			break;
		}
		if (print->seq != p->seq || print->len != len)
			continue;
		if (print->sum != sum)
			__sync_fetch_and_or(&f->evidence, EVIDENCE_TWO_PAYLOADS);
		break;
	}
	return 0;
}

#endif
