// SPDX-License-Identifier: GPL-2.0
/* Each published pattern on a record that shows it, and on one that just does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "judge/resembles.h"

#define SEQ 5001u
#define RST 0x04
#define PSH 0x08
#define ACK 0x10

static struct wire_record r;

static int set_up(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	r.flow.down_ipid = 900;
	return 0;
}

/* One more in the server's name, as a server would send it. */
static struct wire_rst *down(void)
{
	struct wire_rst *rst = &r.evidence.down[r.evidence.n_down++];

	r.has_evidence = 1;
	*rst = (struct wire_rst){ .at_us = 100000 + 100u * r.evidence.n_down,
				  .seq = SEQ,
				  .ack = 1518,
				  .ttl = 50,
				  .ipid = 901,
				  .answered_ipid = 8,
				  .answered_kind = SENT_PAYLOAD,
				  .tcp_flags = RST | ACK };
	return rst;
}

static struct wire_rst *up(void)
{
	struct wire_rst *rst = &r.evidence.up[r.evidence.n_up++];

	*rst = (struct wire_rst){ .seq = 1518, .tcp_flags = RST };
	return rst;
}

static void three_rising(void)
{
	for (int i = 0; i < 3; i++) {
		struct wire_rst *rst = down();

		rst->ttl = (__u8)(60 + i);
		rst->window = (__u16)(200 + i);
	}
}

/* `spoilt`: with the one thing missing that makes the pattern. */
static void henan(bool spoilt)
{
	down()->len = 10;
	r.evidence.down[0].ipid = spoilt ? 2 : 1;
}
static void tajikistan(bool spoilt)
{
	down()->len = spoilt ? 21 : 22;
}
static void sandvine(bool spoilt)
{
	down();
	down()->seq += spoilt ? 12502 : 12503;
}
static void iran_page(bool spoilt)
{
	struct wire_rst *rst = down();

	rst->bits = RST_AFTER_DOWN_FIN;
	rst->tcp_flags = RST | PSH | ACK;
	r.flow.bytes_down = spoilt ? 1000 : 403;
}
static void iran_server(bool spoilt)
{
	down();
	for (int i = 0; i < 5; i++)
		up()->seq += !spoilt && i > 2 ? 30 : 0;
}
static void gfw_steps(bool spoilt)
{
	down()->tcp_flags = RST;
	down();
	down()->seq += 1460;
	down()->seq += spoilt ? 2920 : 4380;
}
static void gfw_step(bool spoilt)
{
	down();
	down()->seq += spoilt ? 1459 : 1460;
}
static void gfw_rising(bool spoilt)
{
	three_rising();
	r.evidence.down[1].seq += 7; /* else it would be a triple, too */
	if (spoilt)
		r.evidence.down[2].window = 201;
}
static void rae(bool spoilt)
{
	struct wire_rst *rst = down();

	rst->answered_kind = SENT_SYN;
	rst->ipid = spoilt ? 9 : 8;
}
static void brunei(bool spoilt)
{
	down()->ipid = spoilt ? 9 : 8;
}
static void gfw_triple(bool spoilt)
{
	for (int i = 0; i < 3; i++)
		down();
	if (spoilt)
		r.evidence.down[2].at_us += 6000;
}
static void gfw_ipid(bool spoilt)
{
	down()->ipid = 64;
	down()->ipid = 64;
	r.flow.down_ipid = spoilt ? 64 : 900;
}

static const struct {
	enum pattern pattern;
	void (*make)(bool spoilt);
} cases[] = {
	{ PATTERN_HENAN, henan },	  { PATTERN_TAJIKISTAN, tajikistan },	{ PATTERN_SANDVINE, sandvine },
	{ PATTERN_IRAN_PAGE, iran_page }, { PATTERN_IRAN_SERVER, iran_server }, { PATTERN_GFW_STEPS, gfw_steps },
	{ PATTERN_GFW_STEP, gfw_step },	  { PATTERN_GFW_RISING, gfw_rising },	{ PATTERN_RAE, rae },
	{ PATTERN_BRUNEI, brunei },	  { PATTERN_GFW_TRIPLE, gfw_triple },	{ PATTERN_GFW_IPID, gfw_ipid },
};
static_assert(sizeof(cases) / sizeof(*cases) == PATTERNS - 1, "a pattern has no case");

static void each_pattern_is_known(void **state)
{
	for (size_t i = 0; i < PATTERNS - 1; i++) {
		set_up(state);
		cases[i].make(false);
		assert_string_equal(pattern_name(resembles(&r)), pattern_name(cases[i].pattern));
		assert_true(pattern_words(cases[i].pattern)[0]);
	}
}

static void without_what_makes_it_it_is_not_that_pattern(void **state)
{
	for (size_t i = 0; i < PATTERNS - 1; i++) {
		set_up(state);
		cases[i].make(true);
		/* resets 1,460 bytes on are a pattern with or without those at 4,380 */
		assert_int_equal(resembles(&r),
				 cases[i].pattern == PATTERN_GFW_STEPS ? PATTERN_GFW_STEP : PATTERN_NONE);
	}
}

static void a_servers_own_reset_resembles_nothing(void **state)
{
	(void)state;
	assert_int_equal(resembles(&r), PATTERN_NONE);
	down();
	assert_int_equal(resembles(&r), PATTERN_NONE);
	down()->tcp_flags = RST;
	assert_int_equal(resembles(&r), PATTERN_NONE);
}

/* A socket that is closed answers each packet on its way at the number that this one acknowledges (RFC 9293, 3.5.2): steps of
 * a full segment, but within what the server had sent. */
static void a_server_that_lets_go_amid_data_resembles_nothing(void **state)
{
	static const unsigned int sent[] = { 0, 1460, 4380, 12503 };

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct wire_rst *rst = down();

		rst->tcp_flags = RST;
		rst->seq += sent[i];
		rst->down_next = SEQ + 12503;
	}
	assert_int_equal(resembles(&r), PATTERN_NONE);
	r.evidence.down[3].down_next = SEQ + 12502; /* one byte ahead of it */
	assert_int_equal(resembles(&r), PATTERN_SANDVINE);
}

static void steps_count_across_the_end_of_the_numbers(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		struct wire_rst *rst = down();

		rst->down_next = 0xfffffff0u;
		rst->seq = 0xfffffff0u + i * 1460;
	}
	assert_int_equal(resembles(&r), PATTERN_GFW_STEP);
}

static void a_reset_for_each_of_the_clients_packets_is_no_triple(void **state)
{
	(void)state;
	gfw_triple(false);
	r.evidence.up_segments = 3;
	assert_int_equal(resembles(&r), PATTERN_NONE);
	r.evidence.up_segments = 2;
	assert_int_equal(resembles(&r), PATTERN_GFW_TRIPLE);
}

static void one_ip_id_of_64_is_chance(void **state)
{
	(void)state;
	down()->ipid = 64;
	assert_int_equal(resembles(&r), PATTERN_NONE);
}

/* Iran's of 2013 went to the server alone; to the client went a page. */
static void resets_to_the_server_alone_are_known(void **state)
{
	(void)state;
	iran_server(false);
	r.evidence.n_down = 0;
	r.has_evidence = 1;
	assert_int_equal(resembles(&r), PATTERN_IRAN_SERVER);
	for (unsigned int i = 0; i < r.evidence.n_up; i++)
		r.evidence.up[i].up_next = 1518 + 30; /* which the client had sent */
	assert_int_equal(resembles(&r), PATTERN_NONE);
}

static void an_icmp_error_without_resets_resembles_nothing(void **state)
{
	(void)state;
	r.has_evidence = 1;
	r.evidence.has_icmp_source = 1;
	assert_int_equal(resembles(&r), PATTERN_NONE);
}

static void a_reset_after_a_fin_resembles_nothing(void **state)
{
	for (size_t i = 0; i < PATTERNS - 1; i++) {
		if (cases[i].pattern == PATTERN_IRAN_PAGE)
			continue;
		set_up(state);
		cases[i].make(false);
		r.evidence.down[0].bits |= RST_AFTER_UP_FIN;
		assert_int_equal(resembles(&r), PATTERN_NONE);
	}
}

static void ipv6_has_no_ipid_to_copy(void **state)
{
	(void)state;
	down()->ipid = 0;
	r.evidence.down[0].answered_ipid = 0;
	r.flow.state = STATE_V6;
	assert_int_equal(resembles(&r), PATTERN_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_pattern_is_known, set_up),
		cmocka_unit_test_setup(without_what_makes_it_it_is_not_that_pattern, set_up),
		cmocka_unit_test_setup(a_servers_own_reset_resembles_nothing, set_up),
		cmocka_unit_test_setup(a_server_that_lets_go_amid_data_resembles_nothing, set_up),
		cmocka_unit_test_setup(steps_count_across_the_end_of_the_numbers, set_up),
		cmocka_unit_test_setup(a_reset_for_each_of_the_clients_packets_is_no_triple, set_up),
		cmocka_unit_test_setup(one_ip_id_of_64_is_chance, set_up),
		cmocka_unit_test_setup(resets_to_the_server_alone_are_known, set_up),
		cmocka_unit_test_setup(an_icmp_error_without_resets_resembles_nothing, set_up),
		cmocka_unit_test_setup(a_reset_after_a_fin_resembles_nothing, set_up),
		cmocka_unit_test_setup(ipv6_has_no_ipid_to_copy, set_up),
	};

	return cmocka_run_group_tests_name("resembles", tests, NULL, NULL);
}
