// SPDX-License-Identifier: GPL-2.0
/* Each row of the contract's tables of signatures, and what no row fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge/signature.h"

/* RSTs without ACK, of them with acknowledgement number 0, of them unlike the first; RSTs with ACK. */
static const char *resets(enum stage stage, int bare, int zero, int differ, int ack)
{
	struct wire_reset r = { .n_bare = bare, .n_zero = zero, .n_differ = differ, .n_ack = ack };

	return signature_name(signature_of_resets(stage, &r));
}

static const char *plain(enum stage stage, enum outcome outcome)
{
	return signature_name(signature_of_outcome(stage, outcome, false));
}

static const char *quic(enum stage stage, enum outcome outcome)
{
	return signature_name(signature_of_outcome(stage, outcome, true));
}

static void post_syn_tells_the_kinds_of_rst_whatever_their_number(void **state)
{
	(void)state;
	assert_string_equal(resets(STAGE_POST_SYN, 1, 0, 0, 0), "SYN->RST");
	assert_string_equal(resets(STAGE_POST_SYN, 3, 1, 1, 0), "SYN->RST");
	assert_string_equal(resets(STAGE_POST_SYN, 0, 0, 0, 1), "SYN->RST+ACK");
	assert_string_equal(resets(STAGE_POST_SYN, 0, 0, 0, 6), "SYN->RST+ACK");
	assert_string_equal(resets(STAGE_POST_SYN, 1, 1, 0, 1), "SYN->RST;RST+ACK");
	assert_string_equal(resets(STAGE_POST_SYN, 9, 0, 0, 255), "SYN->RST;RST+ACK");
}

static void post_ack_tells_one_from_several(void **state)
{
	(void)state;
	assert_string_equal(resets(STAGE_POST_ACK, 1, 0, 0, 0), "SYN;ACK->RST");
	assert_string_equal(resets(STAGE_POST_ACK, 2, 0, 0, 0), "SYN;ACK->RST;RST");
	assert_string_equal(resets(STAGE_POST_ACK, 255, 0, 0, 0), "SYN;ACK->RST;RST");
	assert_string_equal(resets(STAGE_POST_ACK, 0, 0, 0, 1), "SYN;ACK->RST+ACK");
	assert_string_equal(resets(STAGE_POST_ACK, 0, 0, 0, 2), "SYN;ACK->RST+ACK;RST+ACK");
	assert_string_equal(resets(STAGE_POST_ACK, 1, 0, 0, 1), "other");
}

static void post_psh_looks_at_the_acknowledgement_numbers(void **state)
{
	(void)state;
	assert_string_equal(resets(STAGE_POST_PSH, 1, 1, 0, 0), "PSH+ACK->RST");
	assert_string_equal(resets(STAGE_POST_PSH, 0, 0, 0, 1), "PSH+ACK->RST+ACK");
	assert_string_equal(resets(STAGE_POST_PSH, 1, 1, 0, 3), "PSH+ACK->RST;RST+ACK");
	assert_string_equal(resets(STAGE_POST_PSH, 2, 0, 1, 1), "PSH+ACK->RST;RST+ACK");
	assert_string_equal(resets(STAGE_POST_PSH, 0, 0, 0, 2), "PSH+ACK->RST+ACK;RST+ACK");
	assert_string_equal(resets(STAGE_POST_PSH, 2, 1, 1, 0), "PSH+ACK->RST;RST0");
	assert_string_equal(resets(STAGE_POST_PSH, 4, 3, 3, 0), "PSH+ACK->RST;RST0");
	assert_string_equal(resets(STAGE_POST_PSH, 3, 1, 2, 0), "PSH+ACK->RST;RST0");
	assert_string_equal(resets(STAGE_POST_PSH, 2, 0, 0, 0), "PSH+ACK->RST=RST");
	assert_string_equal(resets(STAGE_POST_PSH, 2, 2, 0, 0), "PSH+ACK->RST=RST");
	assert_string_equal(resets(STAGE_POST_PSH, 2, 0, 1, 0), "PSH+ACK->RST!=RST");
	assert_string_equal(resets(STAGE_POST_PSH, 3, 0, 1, 0), "PSH+ACK->RST!=RST");
}

static void later_tells_the_kind(void **state)
{
	(void)state;
	assert_string_equal(resets(STAGE_LATER, 1, 0, 0, 0), "PSH+ACK;Data->RST");
	assert_string_equal(resets(STAGE_LATER, 4, 1, 3, 0), "PSH+ACK;Data->RST");
	assert_string_equal(resets(STAGE_LATER, 0, 0, 0, 1), "PSH+ACK;Data->RST+ACK");
	assert_string_equal(resets(STAGE_LATER, 0, 0, 0, 2), "PSH+ACK;Data->RST+ACK");
	assert_string_equal(resets(STAGE_LATER, 1, 0, 0, 1), "other");
}

static void timeouts_have_a_signature_at_each_stage(void **state)
{
	(void)state;
	assert_string_equal(plain(STAGE_POST_SYN, OUTCOME_TIMEOUT), "SYN->0");
	assert_string_equal(plain(STAGE_POST_ACK, OUTCOME_TIMEOUT), "SYN;ACK->0");
	assert_string_equal(plain(STAGE_POST_PSH, OUTCOME_TIMEOUT), "PSH+ACK->0");
	assert_string_equal(quic(STAGE_POST_PSH, OUTCOME_TIMEOUT), "QUIC->0");
}

static void our_own_additions_are_there(void **state)
{
	(void)state;
	for (int o = OUTCOME_PROHIBITED; o <= OUTCOME_UNREACHABLE; o++) {
		assert_string_equal(plain(STAGE_POST_SYN, o), "SYN->ICMP");
		assert_string_equal(plain(STAGE_POST_ACK, o), "other");
		assert_string_equal(plain(STAGE_POST_PSH, o), "PSH+ACK->ICMP");
		assert_string_equal(plain(STAGE_LATER, o), "other");
		assert_string_equal(quic(STAGE_POST_PSH, o), "QUIC->ICMP");
		assert_string_equal(quic(STAGE_LATER, o), "other");
	}
	assert_string_equal(plain(STAGE_LATER, OUTCOME_FROZEN), "Data->0");
}

static void what_did_not_fail_has_no_signature(void **state)
{
	static const enum outcome outcomes[] = {
		OUTCOME_OK,
		OUTCOME_CLIENT_ABORT,
		OUTCOME_UNJUDGED,
		OUTCOME_THROTTLED,
	};

	(void)state;
	for (int stage = 0; stage < STAGES; stage++) {
		for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
			assert_string_equal(plain(stage, outcomes[i]), "none");
			assert_string_equal(quic(stage, outcomes[i]), "none");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(post_syn_tells_the_kinds_of_rst_whatever_their_number),
		cmocka_unit_test(post_ack_tells_one_from_several),
		cmocka_unit_test(post_psh_looks_at_the_acknowledgement_numbers),
		cmocka_unit_test(later_tells_the_kind),
		cmocka_unit_test(timeouts_have_a_signature_at_each_stage),
		cmocka_unit_test(our_own_additions_are_there),
		cmocka_unit_test(what_did_not_fail_has_no_signature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
