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
		cmocka_unit_test_setup(a_reset_after_a_fin_resembles_nothing, set_up),
		cmocka_unit_test_setup(ipv6_has_no_ipid_to_copy, set_up),
	};

	return cmocka_run_group_tests_name("resembles", tests, NULL, NULL);
}
