// SPDX-License-Identifier: GPL-2.0
/* Verdicts in words: the sentence for every way a flow can end, and what else could look like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "judge/injection.h"
#include "show/explain.h"

/* A flow that nothing is known of but how it ended. */
static struct view_flow flow(const char *transport, const char *stage, const char *outcome, const char *signature)
{
	struct view_flow f = { .rtt_ms = -1, .answer_hops = -1, .server_hops = -1, .syns = 1 };

	snprintf(f.transport, sizeof(f.transport), "%s", transport);
	snprintf(f.stage, sizeof(f.stage), "%s", stage);
	snprintf(f.outcome, sizeof(f.outcome), "%s", outcome);
	snprintf(f.signature, sizeof(f.signature), "%s", signature);
	snprintf(f.sni, sizeof(f.sni), "unknown");
	snprintf(f.level, sizeof(f.level), "none");
	return f;
}

static struct view_flow named(struct view_flow f, const char *sni, const char *rule)
{
	snprintf(f.sni, sizeof(f.sni), "%s", sni);
	snprintf(f.rule, sizeof(f.rule), "%s", rule);
	return f;
}

#define assert_words(f, want) \
	do { \
		struct view_flow f_ = (f); \
		char text_[EXPLAIN_MAX]; \
		explain_flow(&f_, text_); \
		assert_string_equal(text_, want); \
	} while (0)

static void an_injected_reset_is_told_with_all_that_speaks_for_it(void **state)
{
	struct view_flow f = named(flow("tcp", "post_psh", "reset", "PSH+ACK->RST+ACK"), "match", "x.com");

	(void)state;
	f.answer_ms = 7;
	f.rtt_ms = 318;
	f.answer_hops = 6;
	f.server_hops = 14;
	f.evidence = 1 << INJECTION_TOO_FAST | 1 << INJECTION_ALIVE | 1 << INJECTION_TTL_JUMP;
	strcpy(f.level, "high");
	assert_words(
		f,
		"reset after ClientHello for x.com; came 7 ms after it while the server is 318 ms away; the server's "
		"side went on speaking after it; hop count 6 against 14: injected, high");
	assert_string_equal(explain_limits(&f),
			    "A prefix that is served from several places has more than one round trip.");
}

static void a_refusal_is_not_called_injected(void **state)
{
	struct view_flow f = flow("tcp", "post_syn", "reset", "SYN->RST+ACK");

	(void)state;
	f.answer_ms = 80.4;
	f.answer_hops = 14;
	assert_words(f, "reset after the SYN: not enough to say that it was injected");
	assert_string_equal(explain_limits(&f),
			    "Servers, load balancers and overloaded hosts reset connections, too.");
}

static void a_suspicion_is_called_one(void **state)
{
	struct view_flow f = flow("tcp", "post_ack", "reset", "SYN;ACK->RST");

	(void)state;
	f.answer_hops = f.server_hops = 14;
	f.answer_ms = 0.04;
	f.rtt_ms = 0.5;
	assert_words(
		f,
		"reset as soon as it was connected; came less than 0.1 ms after it while the server is 0.5 ms away; 14 hops "
		"away, as the server is: not "
		"enough to say that it was injected");
	f.answer_ms = 79.96;
	f.rtt_ms = 80.42;
	f.evidence = 1 << INJECTION_COPIED_IPID;
	strcpy(f.level, "suspected");
	assert_words(
		f, "reset as soon as it was connected; came 80 ms after it, the server is 80 ms away; it bears the "
		   "IP-ID of the client's own packet; 14 hops away, as the server is: perhaps injected, suspected");
}

static void a_close_instead_of_an_answer_is_no_reset(void **state)
{
	(void)state;
	assert_words(named(flow("tcp", "post_psh", "reset", "other"), "other", ""),
		     "the server closed the connection instead of answering a ClientHello for another name");
}

static void silence_tells_what_was_not_answered(void **state)
{
	struct view_flow syn = flow("tcp", "post_syn", "timeout", "SYN->0"), quic;

	(void)state;
	assert_words(syn, "no answer to the SYN");
	syn.syns = 4;
	assert_words(syn, "no answer to 4 SYNs");
	assert_words(flow("tcp", "post_ack", "timeout", "SYN;ACK->0"),
		     "connected, then nothing more from either side");
	assert_words(flow("tcp", "post_psh", "timeout", "PSH+ACK->0"), "no answer to the first request");
	assert_words(named(flow("tcp", "post_psh", "timeout", "PSH+ACK->0"), "none", ""),
		     "no answer to a ClientHello without a name");
	assert_words(named(flow("tcp", "post_psh", "timeout", "PSH+ACK->0"), "ech", ""),
		     "no answer to a ClientHello whose name is encrypted");
	quic = named(flow("quic", "post_psh", "timeout", "QUIC->0"), "match", "x.com");
	quic.syns = 3;
	assert_words(quic, "no answer to 3 Initials with ClientHello for x.com");
	quic = flow("quic", "post_psh", "timeout", "QUIC->0");
	assert_words(quic, "no answer to an Initial with a name that could not be read");
}

static void icmp_tells_who_said_so(void **state)
{
	struct view_flow f = flow("tcp", "post_syn", "prohibited", "SYN->ICMP");

	(void)state;
	f.answer_hops = 3;
	assert_words(f, "a router answers the SYN with ICMP: administratively prohibited; it is 3 hops away");
	strcpy(f.outcome, "unreachable");
	f.answer_hops = -1;
	assert_words(f, "a router answers the SYN with ICMP: unreachable");
	f = flow("tcp", "post_ack", "prohibited", "other");
	assert_words(f, "a router answers the handshake with ICMP: administratively prohibited");
	f = flow("tcp", "later", "unreachable", "other");
	assert_words(f,
		     "a router answers what the client sent after the server had answered with ICMP: unreachable");
	f = flow("tcp", "post_syn", "unreachable", "SYN->ICMP");
	strcpy(f.icmp_source, "198.51.100.1");
	f.answer_hops = 1;
	assert_words(f, "the router 198.51.100.1 answers the SYN with ICMP: unreachable; it is 1 hop away");
	strcpy(f.server, "198.51.100.1");
	assert_words(f, "the server's address answers the SYN with ICMP: unreachable; it is 1 hop away");
}

static void amounts_tell_of_freezing_and_throttling(void **state)
{
	struct view_flow f = flow("tcp", "later", "frozen", "Data->0");

	(void)state;
	f.bytes_down = 16800;
	assert_words(f, "16800 bytes came, then the server's side fell silent while the client went on asking");
	f = flow("tcp", "later", "throttled", "none");
	f.bytes_down = 210000;
	f.goodput = 138700;
	assert_words(f, "210000 bytes came, at 138 kbit/s and with losses or gaps as a policer makes them");
}

static void what_this_host_drops_is_not_blamed_on_others(void **state)
{
	struct view_flow f = flow("tcp", "post_syn", "timeout", "SYN->0");

	(void)state;
	f.dropped_here = true;
	assert_words(
		f,
		"no answer to the SYN; this host's own kernel dropped packets of it: stopped here, not upstream");
	strcpy(f.drop_reason, "NETFILTER_DROP");
	assert_words(
		f,
		"no answer to the SYN; this host's own kernel dropped packets of it: NETFILTER_DROP: stopped here, not "
		"upstream");
	assert_string_equal(explain_limits(&f), "");
}

static void what_looks_the_same_is_said(void **state)
{
	struct view_flow f = flow("tcp", "post_syn", "timeout", "SYN->0");

	(void)state;
	assert_non_null(strstr(explain_limits(&f), "single SYN"));
	f.syns = 2;
	assert_non_null(strstr(explain_limits(&f), "server that is down"));
	f = flow("tcp", "post_psh", "timeout", "PSH+ACK->0");
	f.bytes_up = 517;
	assert_null(strstr(explain_limits(&f), "large packets"));
	f.bytes_up = 1730;
	assert_non_null(strstr(explain_limits(&f), "large packets"));
	f = flow("quic", "post_psh", "timeout", "QUIC->0");
	f.bytes_up = 3600;
	assert_non_null(strstr(explain_limits(&f), "no UDP"));
	f = flow("tcp", "post_syn", "unreachable", "SYN->ICMP");
	assert_non_null(strstr(explain_limits(&f), "route that is missing"));
	f = flow("tcp", "post_syn", "prohibited", "SYN->ICMP");
	assert_non_null(strstr(explain_limits(&f), "Whose filter"));
	f = flow("tcp", "later", "reset", "PSH+ACK;Data->RST");
	assert_non_null(strstr(explain_limits(&f), "TLS alert"));
	f = flow("tcp", "post_ack", "timeout", "SYN;ACK->0");
	assert_non_null(strstr(explain_limits(&f), "opened in advance"));
}

static void every_outcome_and_every_row_of_evidence_has_words(void **state)
{
	static const char *const outcomes[] = {
#define X(name, label) label,
		OUTCOME_TABLE(X)
#undef X
	};
	char text[EXPLAIN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++) {
		struct view_flow f = flow("tcp", "later", outcomes[i], "none");

		explain_flow(&f, text);
		assert_true(text[0]);
	}
	for (unsigned int i = 0; i < INJECTION_ROWS; i++)
		assert_true(explain_evidence(i)[0]);
}

static void the_longest_sentence_fits(void **state)
{
	struct view_flow f = named(flow("quic", "post_psh", "reset", "PSH+ACK->RST+ACK"), "match", "");
	char text[EXPLAIN_MAX];

	(void)state;
	memset(f.rule, 'r', sizeof(f.rule) - 1);
	f.answer_ms = f.rtt_ms = 1e12;
	f.evidence = ~0ull;
	f.answer_hops = 255;
	f.server_hops = 254;
	strcpy(f.level, "suspected");
	explain_flow(&f, text);
	assert_string_equal(text + strlen(text) - 10, ", suspected" + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_injected_reset_is_told_with_all_that_speaks_for_it),
		cmocka_unit_test(a_refusal_is_not_called_injected),
		cmocka_unit_test(a_suspicion_is_called_one),
		cmocka_unit_test(a_close_instead_of_an_answer_is_no_reset),
		cmocka_unit_test(silence_tells_what_was_not_answered),
		cmocka_unit_test(icmp_tells_who_said_so),
		cmocka_unit_test(amounts_tell_of_freezing_and_throttling),
		cmocka_unit_test(what_this_host_drops_is_not_blamed_on_others),
		cmocka_unit_test(what_looks_the_same_is_said),
		cmocka_unit_test(every_outcome_and_every_row_of_evidence_has_words),
		cmocka_unit_test(the_longest_sentence_fits),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
