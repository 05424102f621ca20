// SPDX-License-Identifier: GPL-2.0
/* The table of other people's words: see compare.h. The first row that fits is taken. */
#include "show/compare.h"

#include <string.h>

/*
 * A bare RST ("SYN->RST") has no acknowledgement number, so a client that has sent a SYN may not believe it (RFC 9293,
 * 3.10.7.3): a probe would see a time-out, and one refused connection only if it bears ACK.
 */
static const struct compare_row tcp_rows[] = {
	{ "post_syn", "timeout", NULL, "generic_timeout_error", "dial/timeout", "post_syn" },
	{ "post_syn", "reset", "SYN->RST", "generic_timeout_error", "dial/timeout", "post_syn" },
	{ "post_syn", "reset", NULL, "connection_refused", "dial/tcp.refused", "post_syn" },
	{ "post_syn", "prohibited", NULL, "host_unreachable", "dial/ip.host_no_route", "post_syn" },
	{ "post_syn", "unreachable", NULL, "host_unreachable", "dial/ip.host_no_route", "post_syn" },
	{ "post_ack", "timeout", NULL, "-", "-", "post_ack" },
	{ "post_ack", "reset", NULL, "connection_reset", "write/tcp.reset", "post_ack" },
	{ "post_ack", "prohibited", NULL, "host_unreachable", "-", "post_ack" },
	{ "post_ack", "unreachable", NULL, "host_unreachable", "-", "post_ack" },
	{ "post_psh", "timeout", NULL, "generic_timeout_error", "tls/timeout", "post_psh" },
	{ "post_psh", "reset", "other", "eof_error", "read/http.empty", "post_psh" },
	{ "post_psh", "reset", NULL, "connection_reset", "read/tcp.reset", "post_psh" },
	{ "post_psh", "prohibited", NULL, "host_unreachable", "-", "post_psh" },
	{ "post_psh", "unreachable", NULL, "host_unreachable", "-", "post_psh" },
	{ "later", "reset", NULL, "connection_reset", "read/tcp.reset", "later_in_flow" },
	{ "later", "frozen", NULL, "generic_timeout_error", "read/timeout", "later_in_flow" },
	{ "later", "prohibited", NULL, "host_unreachable", "-", "later_in_flow" },
	{ "later", "unreachable", NULL, "host_unreachable", "-", "later_in_flow" },
	{ "later", "throttled", NULL, "null", "expected/match", "no_match" },
	{ NULL, "ok", NULL, "null", "expected/match", "no_match" },
	{ NULL, NULL, NULL, "-", "-", "-" },
};

/* Neither Censored Planet's hyperquack nor Radar's resets and timeouts look at QUIC. */
static const struct compare_row quic_rows[] = {
	{ NULL, "timeout", NULL, "generic_timeout_error", "-", "-" },
	{ NULL, "prohibited", NULL, "host_unreachable", "-", "-" },
	{ NULL, "unreachable", NULL, "host_unreachable", "-", "-" },
	{ NULL, "ok", NULL, "null", "-", "-" },
	{ NULL, NULL, NULL, "-", "-", "-" },
};

const char *const compare_notes[] = {
	"OONI probes from a few clients, on request; here every attempt that passed counts.",
	"Censored Planet probes from outside of the country, towards it; here the way out was looked at.",
	"Radar sees what reaches Cloudflare: where a SYN is dropped before, it sees nothing at all.",
	NULL,
};

static bool fits(const char *wanted, const char *have)
{
	return !wanted || !strcmp(wanted, have);
}

const struct compare_row *compare_find(const char *stage, const char *outcome, const char *signature, bool quic)
{
	const struct compare_row *row = quic ? quic_rows : tcp_rows;

	while (!fits(row->stage, stage) || !fits(row->outcome, outcome) || !fits(row->signature, signature))
		row++;
	return row;
}
