// SPDX-License-Identifier: GPL-2.0
/* What the names on the screen mean, in a few words. */
#include "show/columns.h"

#include <string.h>

struct about {
	const char *name, *meaning;
};

/* clang-format off */
static const struct about signatures[] = {
	{ "none", "nothing out of the ordinary" },
	{ "other", "a mixture that has no name" },
	{ "SYN->0", "the SYN is never answered" },
	{ "SYN->RST", "the SYN is answered by RST without ACK, as no TCP does" },
	{ "SYN->RST+ACK", "the SYN is refused" },
	{ "SYN->RST;RST+ACK", "the SYN is answered by both kinds of RST" },
	{ "SYN;ACK->0", "connected, then nothing more from either side" },
	{ "SYN;ACK->RST", "reset as soon as it was connected" },
	{ "SYN;ACK->RST;RST", "reset more than once as soon as it was connected" },
	{ "SYN;ACK->RST+ACK", "reset as soon as it was connected, with ACK" },
	{ "SYN;ACK->RST+ACK;RST+ACK", "reset more than once as soon as it was connected, with ACK" },
	{ "PSH+ACK->0", "the first request is never answered" },
	{ "PSH+ACK->RST", "reset after the first request" },
	{ "PSH+ACK->RST+ACK", "reset after the first request, with ACK" },
	{ "PSH+ACK->RST;RST+ACK", "reset after the first request by both kinds of RST" },
	{ "PSH+ACK->RST+ACK;RST+ACK", "reset more than once after the first request, with ACK" },
	{ "PSH+ACK->RST;RST0", "several RSTs after the first request, one acknowledging 0" },
	{ "PSH+ACK->RST=RST", "several equal RSTs after the first request" },
	{ "PSH+ACK->RST!=RST", "several RSTs after the first request that differ" },
	{ "PSH+ACK;Data->RST", "reset after the server had answered" },
	{ "PSH+ACK;Data->RST+ACK", "reset after the server had answered, with ACK" },
	{ "SYN->ICMP", "the SYN is turned down by ICMP" },
	{ "PSH+ACK->ICMP", "the first request is turned down by ICMP" },
	{ "Data->0", "data flowed, then the server fell silent" },
	{ "QUIC->0", "QUIC is never answered" },
	{ "QUIC->ICMP", "QUIC is turned down by ICMP" },
};

static const struct about stages[] = {
	{ "post_syn", "the client had sent its SYN; no connection yet" },
	{ "post_ack", "connected; the client had sent no request yet" },
	{ "post_psh", "the client had sent its first request; the server had not answered it" },
	{ "later", "the server had answered with data" },
};

static const struct about outcomes[] = {
	{ "ok", "the server answered" },
	{ "timeout", "the server's side stayed silent" },
	{ "reset", "ended by RST in the server's name (or FIN instead of an answer)" },
	{ "prohibited", "ICMP said: administratively prohibited" },
	{ "unreachable", "ICMP said: unreachable" },
	{ "frozen", "data flowed, then the server's side fell silent while the client went on asking" },
	{ "throttled", "data flowed, at a rate that something holds down" },
	{ "client_abort", "the client gave up first; counts neither way" },
	{ "unjudged", "no verdict can be given; counts neither way" },
};

static const struct about reasons[] = {
	{ "one_direction", "only one direction passes this place" },
	{ "capture_end", "the watch ended first" },
	{ "key_retired", "the daily key changed twice meanwhile" },
};

static const struct about names[] = {
	{ "match", "a name of the rules was asked for" },
	{ "other", "another name was asked for, which is not kept" },
	{ "none", "the ClientHello names nobody" },
	{ "ech", "the name is encrypted (ECH)" },
	{ "unknown", "no name was seen: nothing sent yet, not TLS, or bytes are missing" },
};

static const struct about ledger[] = {
	{ "packets", "all packets on the watched interfaces" },
	{ "watched", "of those, packets of flows to or from the groups" },
	{ "opened", "attempts begun; equals open + judged + forgotten + lost" },
	{ "open", "not decided yet" },
	{ "judged", "with a final verdict" },
	{ "forgotten", "on a shared range without a matching name: none of our business" },
	{ "handed", "records that the kernel handed out" },
	{ "midstream", "packets of connections older than this watch" },
	{ "duplicate", "copies of a packet that was counted" },
	{ "other_hook", "the same packets at a second place" },
	{ "late", "packets after the verdict" },
	{ "background", "likely scans and the like, of those judged; count neither way" },
	{ "late_syns", "SYNs that were repeated after the verdict" },
	{ "prefix_full", "flows of prefixes beyond the table: counted in their group only" },
	{ "interim_full", "interim findings beyond the table: shown once they are final" },
	{ "asked", "connect() and sendmsg() of programs on this host" },
	{ "dropped_here", "packets that this host's own kernel dropped" },
	{ "icmp_stray", "ICMP errors that belong to no flow" },
	{ "hello_sent", "first payloads looked at for a name" },
	{ "hello_lost", "first payloads that there was no room for" },
	{ "dns_sent", "questions and answers for the rules' names that were looked at" },
	{ "dns_lost", "... that there was no room for" },
	{ "dns_skipped", "messages on port 53 that could not be read: cut, too long a name, in pieces over TCP" },
	{ "hello_given_up", "names given up in pieces, for want of room" },
	{ "lost/full", "no slot in the table: raise --attempts or --flows" },
	{ "lost/nomem", "the kernel had no memory" },
	{ "lost/busy", "the table was being written by another CPU" },
	{ "lost/race", "two CPUs opened the same flow" },
	{ "lost/recycled", "the slot was taken by another flow" },
	{ "lost/key_retired", "closed because the daily key had to go" },
	{ "unparsed/short", "cut off" },
	{ "unparsed/ethertype", "a protocol that is not looked into" },
	{ "unparsed/depth", "too many headers inside each other" },
	{ "unparsed/header", "a header that contradicts itself" },
	{ "unparsed/fragment", "later fragments carry no ports" },
	{ "unparsed/tunnel", "inside a tunnel" },
	{ "unparsed/extension", "IPv6 extension headers that are not looked into" },
	{ "unparsed/transport", "neither TCP, UDP nor ICMP" },
	{ "unparsed/quote", "ICMP errors that quote too little" },
};

static const struct about states[] = {
	{ "ok", "failures at this group's own baseline" },
	{ "impaired", "clearly above it, under half of the attempts" },
	{ "likely blocked", "half or more fail and the controls do not, or the evidence is thin or ambiguous" },
	{ "blocked", "nine tenths or more fail and the controls do not" },
	{ "throttled", "attempts succeed, at a rate held down that the controls do not have" },
	{ "vanished", "the attempts are missing: forged names, a move, old ranges" },
	{ "down", "the controls fail as well: an outage of this network or its upstream" },
	{ "one direction", "one side of the traffic is not visible here" },
	{ "insufficient", "too few attempts, no controls, or too much lost" },
};

#define LIST(list) { list, sizeof(list) / sizeof((list)[0]) }
static const struct {
	const struct about *rows;
	size_t n;
} lists[] = {
	[ABOUT_SIGNATURE] = LIST(signatures), [ABOUT_STAGE] = LIST(stages), [ABOUT_OUTCOME] = LIST(outcomes),
	[ABOUT_REASON] = LIST(reasons),	      [ABOUT_SNI] = LIST(names),     [ABOUT_LEDGER] = LIST(ledger),
	[ABOUT_STATE] = LIST(states),
};
/* clang-format on */

const char *meaning(enum about_what what, const char *name)
{
	for (size_t i = 0; i < lists[what].n; i++)
		if (!strcmp(lists[what].rows[i].name, name))
			return lists[what].rows[i].meaning;
	return "";
}

bool meaning_row(enum about_what what, size_t i, const char **name, const char **text)
{
	if (i >= lists[what].n)
		return false;
	*name = lists[what].rows[i].name;
	*text = lists[what].rows[i].meaning;
	return true;
}
