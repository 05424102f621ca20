// SPDX-License-Identifier: GPL-2.0
/* What a block goes by: named where one side fails and the other passes, and nothing said below the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/mechanism.h"

#define ONLY(name) (1u << MECHANISM_##name)

static void add(struct ways_about *w, enum way_name name, bool quic, bool v6, bool elsewhere, __u32 failed,
		__u32 passed)
{
	struct way_counts *const cells[] = { &w->name[name], &w->quic[quic], &w->v6[v6], &w->elsewhere[elsewhere],
					     &w->all };

	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		cells[i]->failed += failed;
		cells[i]->passed += passed;
	}
}

static void nothing_is_said_of_nothing(void **state)
{
	struct ways_about w = { 0 };

	(void)state;
	assert_int_equal(mechanisms_of(&w), 0);
}

static void names_that_fail_where_others_pass_are_sni(void **state)
{
	struct ways_about w = { 0 };

	(void)state;
	add(&w, WAY_MATCH, false, false, false, 16, 4);
	add(&w, WAY_OTHER, false, false, false, 4, 15);
	assert_int_equal(mechanisms_of(&w), 0); /* 19 on the passing side */
	add(&w, WAY_NONE, false, false, false, 0, 1);
	assert_int_equal(mechanisms_of(&w), ONLY(SNI));
	add(&w, WAY_MATCH, false, false, false, 0, 1); /* 16 of 21: under 80 % */
	assert_int_equal(mechanisms_of(&w), 0);
}

static void all_that_fails_is_the_address(void **state)
{
	struct ways_about w = { 0 };

	(void)state;
	add(&w, WAY_MATCH, false, false, false, 100, 0);
	assert_int_equal(mechanisms_of(&w), 0); /* it may be the names */
	add(&w, WAY_UNSENT, false, false, false, 20, 0);
	assert_int_equal(mechanisms_of(&w), ONLY(ADDRESS));
	add(&w, WAY_UNKNOWN, false, false, false, 0, 100);
	assert_int_equal(mechanisms_of(&w), 0);
}

static void one_transport_is_named(void **state)
{
	struct ways_about w = { 0 }, other = { 0 };

	(void)state;
	add(&w, WAY_UNKNOWN, true, false, false, 30, 0);
	add(&w, WAY_UNKNOWN, false, false, false, 0, 30);
	assert_int_equal(mechanisms_of(&w), ONLY(QUIC));
	add(&other, WAY_UNSENT, false, false, false, 300, 0); /* and not the address, though most fail */
	add(&other, WAY_UNKNOWN, true, false, false, 0, 30);
	assert_int_equal(mechanisms_of(&other), ONLY(TCP));
}

static void one_port_and_one_family_are_named(void **state)
{
	struct ways_about port = { 0 }, family = { 0 };

	(void)state;
	add(&port, WAY_UNKNOWN, false, false, false, 30, 0);
	add(&port, WAY_UNKNOWN, false, false, true, 0, 30);
	assert_int_equal(mechanisms_of(&port), ONLY(PORT));
	add(&family, WAY_UNKNOWN, false, false, false, 0, 30);
	add(&family, WAY_UNKNOWN, false, true, false, 30, 0);
	assert_int_equal(mechanisms_of(&family), ONLY(FAMILY));
}

static void what_the_flows_cannot_tell_apart_is_all_named(void **state)
{
	struct ways_about w = { 0 };

	(void)state;
	add(&w, WAY_MATCH, true, false, false, 30, 0);
	add(&w, WAY_OTHER, false, false, false, 0, 30);
	assert_int_equal(mechanisms_of(&w), ONLY(SNI) | ONLY(QUIC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_said_of_nothing),
		cmocka_unit_test(names_that_fail_where_others_pass_are_sni),
		cmocka_unit_test(all_that_fails_is_the_address),
		cmocka_unit_test(one_transport_is_named),
		cmocka_unit_test(one_port_and_one_family_are_named),
		cmocka_unit_test(what_the_flows_cannot_tell_apart_is_all_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
