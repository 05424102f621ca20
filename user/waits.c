// SPDX-License-Identifier: GPL-2.0
/* The contract's waiting times. */
#include "waits.h"

/*
 * idle: a flow in `later` must be kept beyond 30 s, for the idle close, and until 60 s after the server's last
 * packet plus 15 s of the client's waiting, for `frozen`; longer only costs slots. linger: the 5 s within which
 * RSTs count for a signature. fin: long enough for the last ACK and a repeated FIN.
 */
const struct waits waits_default = {
	.syn_live_ms = 3000,
	.syn_final_ms = 20000,
	.payload_ms = 10000,
	.post_ack_ms = 60000,
	.frozen_ms = 15000,
	.idle_ms = 90000,
	.linger_ms = 5000,
	.fin_ms = 2000,
};
