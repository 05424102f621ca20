/* SPDX-License-Identifier: GPL-2.0 */
/* The waiting times of the contract: what a user may set, the kernel goes by, and the judge asks for. */
#ifndef XREACH_WAITS_H
#define XREACH_WAITS_H

#include <linux/types.h>

/* Milliseconds. */
struct waits {
	__u32 syn_live_ms, syn_final_ms, payload_ms, post_ack_ms, frozen_ms, idle_ms, linger_ms, fin_ms;
};
extern const struct waits waits_default;

#endif
