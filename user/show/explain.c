// SPDX-License-Identifier: GPL-2.0
/* Verdicts in words: see explain.h. */
#include "show/explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "judge/injection.h"

#define LARGE_PACKET 1200 /* bytes of a first flight that a path may be too narrow for */

/* ---- writing --------------------------------------------------------------------------------------------------- */
struct line {
	char *text;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *l, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(l->text + l->used, EXPLAIN_MAX - l->used, format, args);
	va_end(args);
	if (n > 0)
		l->used = l->used + (size_t)n < EXPLAIN_MAX ? l->used + (size_t)n : EXPLAIN_MAX - 1;
}

static void add_ms(struct line *l, double ms)
{
	double tenths = (double)(long)(ms * 10 + 0.5) / 10;

	if (tenths < 0.1)
		add(l, "less than 0.1 ms");
	else
		add(l, tenths < 10 && tenths != (double)(long)tenths ? "%.1f ms" : "%.0f ms", tenths);
}

/* ---- what happened --------------------------------------------------------------------------------------------- */
static bool is(const char *have, const char *want)
{
	return !strcmp(have, want);
}

static bool is_quic(const struct view_flow *f)
{
	return is(f->transport, "quic");
}

/* What the client had sent last, as far as a censor would care. */
static void add_said(struct line *l, const struct view_flow *f)
{
	static const struct {
		const char *sni, *words;
	} said[] = {
		{ "match", "ClientHello for %s" },
		{ "other", "a ClientHello for another name" },
		{ "none", "a ClientHello without a name" },
		{ "ech", "a ClientHello whose name is encrypted" },
	};

	if (is(f->stage, "post_syn")) {
		add(l, f->syns > 1 ? "%llu SYNs" : "the SYN", f->syns);
		return;
	}
	if (is_quic(f))
		add(l, f->syns == 1 ? "an Initial with " : "%llu Initials with ", f->syns);
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		if (!is(f->sni, said[i].sni))
			continue;
		add(l, said[i].words, f->rule);
		return;
	}
	add(l, is_quic(f) ? "a name that could not be read" : "the first request");
}

static void reset(struct line *l, const struct view_flow *f)
{
	if (is(f->signature, "other") && f->answer_hops < 0) {
		add(l, "the server closed the connection instead of answering ");
		add_said(l, f);
		return;
	}
	add(l, "reset ");
	if (is(f->stage, "post_ack"))
		add(l, "as soon as it was connected");
	else if (is(f->stage, "later"))
		add(l, "after the server had answered");
	else
		add(l, "after ");
	if (is(f->stage, "post_syn") || is(f->stage, "post_psh"))
		add_said(l, f);
	if (is(f->stage, "later") && is(f->sni, "match"))
		add(l, ", the name was %s", f->rule);
}

static void timeout(struct line *l, const struct view_flow *f)
{
	if (is(f->stage, "post_ack")) {
		add(l, "connected, then nothing more from either side");
		return;
	}
	add(l, "no answer to ");
	add_said(l, f);
}

static void by_icmp(struct line *l, const struct view_flow *f)
{
	if (f->icmp_source[0] && is(f->icmp_source, f->server))
		add(l, "the server's address answers ");
	else if (f->icmp_source[0])
		add(l, "the router %s answers ", f->icmp_source);
	else
		add(l, "a router answers ");
	if (is(f->stage, "post_ack"))
		add(l, "the handshake");
	else if (is(f->stage, "later"))
		add(l, "what the client sent after the server had answered");
	else
		add_said(l, f);
	add(l,
	    is(f->outcome, "prohibited") ? " with ICMP: administratively prohibited" : " with ICMP: unreachable");
	if (f->answer_hops >= 0)
		add(l, f->answer_hops == 1 ? "; it is %d hop away" : "; it is %d hops away", f->answer_hops);
}

static void frozen(struct line *l, const struct view_flow *f)
{
	add(l, "%llu bytes came, then the server's side fell silent while the client went on asking",
	    f->bytes_down);
}

static void throttled(struct line *l, const struct view_flow *f)
{
	add(l, "%llu bytes came, at %llu kbit/s and with losses or gaps as a policer makes them", f->bytes_down,
	    f->goodput / 1000);
}

static void client_abort(struct line *l, const struct view_flow *f)
{
	add(l, "the client gave up before anything had failed");
	(void)f;
}

static void unjudged(struct line *l, const struct view_flow *f)
{
	add(l, "no verdict can be given: %s", f->why);
}

static void ok(struct line *l, const struct view_flow *f)
{
	add(l, "the server answered");
	(void)f;
}

static const struct {
	const char *outcome;
	void (*write)(struct line *l, const struct view_flow *f);
} outcomes[] = {
	{ "reset", reset },
	{ "timeout", timeout },
	{ "prohibited", by_icmp },
	{ "unreachable", by_icmp },
	{ "frozen", frozen },
	{ "throttled", throttled },
	{ "unjudged", unjudged },
	{ "client_abort", client_abort },
	{ "ok", ok },
};

/* ---- whose it was ---------------------------------------------------------------------------------------------- */
static const char *const evidence_words[] = {
	[INJECTION_TOO_FAST] = "sooner than the server could have sent it",
	[INJECTION_ALIVE] = "the server's side went on speaking after it",
	[INJECTION_SEQUENCE_JUMP] = "resets run ahead of anything that was sent",
	[INJECTION_STAIRCASE] = "TTL and window rise from reset to reset",
	[INJECTION_TWO_PAYLOADS] = "two different payloads came for the same bytes",
	[INJECTION_COPIED_IPID] = "it bears the IP-ID of the client's own packet",
	[INJECTION_BOTH_ENDS] = "both ends were sent a reset at once",
	[INJECTION_ILLEGAL_RESET] = "no TCP would have sent it with these numbers",
	[INJECTION_BURST] = "several resets came at once",
	[INJECTION_RESET_PAYLOAD] = "it carries payload",
	[INJECTION_TTL_JUMP] = "its TTL is not that of the server's other packets",
	[INJECTION_IPID_JUMP] = "its IP-ID lies outside the server's sequence",
	[INJECTION_NO_TIMESTAMPS] = "it lacks the timestamps that were agreed on",
};
static_assert(sizeof(evidence_words) / sizeof(*evidence_words) == INJECTION_ROWS, "a row of evidence has no words");

const char *explain_evidence(unsigned int row)
{
	return row < INJECTION_ROWS ? evidence_words[row] : "";
}

/* What a reset shows of who sent it, and what follows. The times and hops say by themselves what two rows say. */
static void add_sender(struct line *l, const struct view_flow *f)
{
	unsigned long long said = 0;

	if (f->answer_ms > 0 && f->rtt_ms > 0) {
		add(l, "; came ");
		add_ms(l, f->answer_ms);
		add(l,
		    f->answer_ms < f->rtt_ms / 2 ? " after it while the server is " : " after it, the server is ");
		add_ms(l, f->rtt_ms);
		add(l, " away");
		said |= 1ull << INJECTION_TOO_FAST;
	}
	for (unsigned int i = 0; i < INJECTION_ROWS; i++) {
		if (i == INJECTION_TTL_JUMP && f->answer_hops >= 0 && f->server_hops >= 0)
			continue;
		if ((f->evidence & ~said) >> i & 1)
			add(l, "; %s", evidence_words[i]);
	}
	if (f->answer_hops >= 0 && f->server_hops >= 0)
		add(l,
		    f->answer_hops == f->server_hops ? "; %d hops away, as the server is"
						     : "; hop count %d against %d",
		    f->answer_hops, f->server_hops);
	if (is(f->level, "none"))
		add(l, ": not enough to say that it was injected");
	else
		add(l, ": %s, %s", is(f->level, "high") ? "injected" : "perhaps injected", f->level);
}

void explain_flow(const struct view_flow *f, char text[EXPLAIN_MAX])
{
	struct line l = { text, 0 };

	*text = '\0';
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++)
		if (is(f->outcome, outcomes[i].outcome))
			outcomes[i].write(&l, f);
	if (f->dropped_here)
		add(&l, "; this host's own kernel dropped packets of it%s%s: stopped here, not upstream",
		    f->drop_reason[0] ? ": " : "", f->drop_reason);
	else if (is(f->outcome, "reset") && (f->answer_hops >= 0 || f->evidence))
		add_sender(&l, f);
}

const char *explain_limits(const struct view_flow *f)
{
	if (f->dropped_here)
		return "";
	if (is(f->outcome, "timeout") && is(f->stage, "post_syn") && f->syns <= 1)
		return "A single SYN that is never repeated is a scan or a lost race, more often than a block.";
	if (is(f->outcome, "timeout") && is(f->stage, "post_ack"))
		return "Connections that are opened in advance and never used look the same.";
	if (is(f->outcome, "timeout") && is_quic(f))
		return "A network that lets no UDP pass, or loses large packets, looks the same.";
	if (is(f->outcome, "timeout") && is(f->stage, "post_psh") && f->bytes_up >= LARGE_PACKET)
		return "A path that loses large packets looks the same: this first flight is large.";
	if (is(f->outcome, "timeout"))
		return "A server that is down looks the same: what the controls and other addresses do tells which.";
	if (is(f->outcome, "prohibited"))
		return "Whose filter it is, and what for, this does not tell.";
	if (is(f->outcome, "unreachable"))
		return "A route that is missing or a line that is down looks the same.";
	if (is(f->outcome, "reset") && is(f->stage, "later"))
		return "A TLS alert followed by a reset looks the same and is no tampering.";
	if (is(f->outcome, "reset") && is(f->level, "none"))
		return "Servers, load balancers and overloaded hosts reset connections, too.";
	if (is(f->outcome, "reset") && f->evidence >> INJECTION_TOO_FAST & 1)
		return "A prefix that is served from several places has more than one round trip.";
	if (is(f->outcome, "frozen") || is(f->outcome, "throttled"))
		return "A poor line looks the same: what the controls do at the same time tells which.";
	return "";
}
