// SPDX-License-Identifier: GPL-2.0
/* What the words of verdicts and incidents mean: see words_tables.h, words.h. */
#include "show/words_tables.h"

#include <string.h>

#include "show/words.h"

static const struct phrase states[] = {
	{ "ok", "reachable" },
	{ "impaired", "impaired" },
	{ "likely_blocked", "likely blocked" },
	{ "blocked", "blocked" },
	{ "throttled", "throttled" },
	{ "vanished", "no longer asked for" },
	{ "down", "down with the controls" },
	{ "one_direction", "seen in one direction only" },
	{ "insufficient", "not seen enough of" },
	{ NULL, NULL },
};

static const struct phrase signatures[] = {
	{ "SYN->0", "the first packet of a connection was never answered: dropped by address, or no way there" },
	{ "SYN->RST", "a reset without acknowledgement came for the first packet" },
	{ "SYN->RST+ACK", "the connection was refused: by the server, or by a box that speaks for it" },
	{ "SYN->RST;RST+ACK", "resets of two kinds came for the first packet" },
	{ "SYN->ICMP", "a router said that there is no way there, or that it is forbidden" },
	{ "SYN;ACK->0", "connected, then silence; often a browser's spare connection" },
	{ "SYN;ACK->RST", "reset right after the handshake" },
	{ "SYN;ACK->RST;RST", "reset right after the handshake, more than once" },
	{ "SYN;ACK->RST+ACK", "reset right after the handshake" },
	{ "SYN;ACK->RST+ACK;RST+ACK", "reset right after the handshake, more than once" },
	{ "PSH+ACK->0", "the request, which bears the name asked for, was never answered" },
	{ "PSH+ACK->RST", "reset right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST+ACK", "reset right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST;RST+ACK", "several resets right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST+ACK;RST+ACK", "several resets right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST;RST0", "several resets right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST=RST", "several resets right after the request, which bears the name asked for" },
	{ "PSH+ACK->RST!=RST", "several resets right after the request, which bears the name asked for" },
	{ "PSH+ACK->ICMP", "a router refused the request" },
	{ "PSH+ACK;Data->RST", "reset amid data" },
	{ "PSH+ACK;Data->RST+ACK", "reset amid data" },
	{ "Data->0", "cut off amid data, without a word" },
	{ "QUIC->0", "QUIC was never answered" },
	{ "QUIC->ICMP", "a router refused QUIC" },
	{ NULL, NULL },
};

const struct phrase words_ways[] = {
	{ "sni", "by the name in the request: other names pass at the same addresses" },
	{ "address", "by address: whatever is asked for fails there" },
	{ "quic", "over QUIC only" },
	{ "tcp", "over TCP only" },
	{ "port", "by port" },
	{ "family", "in one family of addresses only" },
	{ NULL, NULL },
};

static const struct phrase explanations[] = {
	{ "block", "A block, in this network or somewhere between it and the servers." },
	{ "outage_of_x", "An outage of the platform itself: seen from one place, it would look the same." },
	{ "route_to_x", "A broken route between this network and the platform's." },
	{ "outage", "An outage of this network or its upstream." },
	{ "throttle", "A limit on the rate of this traffic, in this network or somewhere on the way." },
	{ "congestion", "A congested link that this platform's traffic takes and the controls' does not." },
	{ "poisoned_names", "Names that resolve to wrong addresses: people then ask somewhere else." },
	{ "move_of_x", "The platform has moved to addresses that the list of ranges does not have." },
	{ "old_ranges", "A list of ranges that is out of date." },
	{ NULL, NULL },
};

static const char *phrase_of(const struct phrase *table, const char *word)
{
	for (; table->word; table++)
		if (!strcmp(table->word, word))
			return table->text;
	return NULL;
}

const char *words_state(const char *state)
{
	const char *text = phrase_of(states, state);

	return text ? text : state;
}

const char *words_signature(const char *signature)
{
	const char *text = phrase_of(signatures, signature);

	return text ? text : "";
}

const char *words_explanation(const char *could_be)
{
	const char *text = phrase_of(explanations, could_be);

	return text ? text : could_be;
}
