// SPDX-License-Identifier: GPL-2.0
/* The list of the newest blocked flows: order, bound, and interim ones put right by what comes later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/recent.h"

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct recent));
	if (*state)
		recent_init(*state);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void note(struct recent *r, __u64 key, bool told, unsigned long long id, bool interim)
{
	const struct view_flow flow = { .id = id, .interim = interim };

	recent_note(r, key, told, &flow);
}

/* Their ids, newest first: "3 2 1 " and '*' behind an interim one. */
static void assert_list(const struct recent *r, const char *expected)
{
	struct view_flow *flows = calloc(VIEW_FLOWS, sizeof(*flows));
	size_t n = recent_copy(r, flows);
	char text[256] = "";

	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%llu%s ", flows[i].id,
			 flows[i].interim ? "*" : "");
	assert_string_equal(text, expected);
	free(flows);
}

static void the_newest_comes_first(void **state)
{
	assert_list(*state, "");
	note(*state, 11, false, 1, false);
	note(*state, 12, false, 2, true);
	note(*state, 13, false, 3, false);
	assert_list(*state, "3 2* 1 ");
}

static void the_oldest_gives_way_at_the_bound(void **state)
{
	struct view_flow *flows = calloc(VIEW_FLOWS, sizeof(*flows));

	for (unsigned int i = 1; i <= VIEW_FLOWS + 10; i++)
		note(*state, i, false, i, true);
	assert_int_equal(recent_copy(*state, flows), VIEW_FLOWS);
	for (unsigned int i = 0; i < VIEW_FLOWS; i++)
		assert_int_equal(flows[i].id, VIEW_FLOWS + 10 - i);
	free(flows);
}

static void a_final_flow_takes_the_place_and_the_id_of_its_interim_one(void **state)
{
	note(*state, 11, false, 1, true);
	note(*state, 12, false, 2, true);
	note(*state, 13, false, 3, true);
	note(*state, 12, true, 4, false);
	assert_list(*state, "3* 2 1* ");
	note(*state, 12, true, 5, false); /* final once: the next is another flow */
	assert_list(*state, "5 3* 2 1* ");
}

static void a_flow_that_turns_out_well_is_taken_out(void **state)
{
	note(*state, 11, false, 1, true);
	note(*state, 12, false, 2, true);
	note(*state, 13, false, 3, true);
	recent_note(*state, 12, true, NULL);
	assert_list(*state, "3* 1* ");
	note(*state, 14, false, 4, false);
	assert_list(*state, "4 3* 1* ");
	recent_note(*state, 11, true, NULL);
	recent_note(*state, 13, true, NULL);
	assert_list(*state, "4 ");
}

static void a_good_flow_that_was_never_there_takes_nothing_out(void **state)
{
	note(*state, 11, false, 1, true);
	recent_note(*state, 11, false, NULL); /* no interim one was told: another flow of this key */
	recent_note(*state, 99, true, NULL);
	assert_list(*state, "1* ");
}

static void an_interim_flow_that_was_pushed_out_comes_back_as_a_new_one(void **state)
{
	struct view_flow *flows = calloc(VIEW_FLOWS, sizeof(*flows));

	note(*state, 7, false, 1, true);
	for (unsigned int i = 0; i < VIEW_FLOWS; i++)
		note(*state, 1000 + i, false, 10 + i, true);
	note(*state, 7, true, 9999, false);
	assert_int_equal(recent_copy(*state, flows), VIEW_FLOWS);
	assert_int_equal(flows[0].id, 9999);
	free(flows);
}

static void a_final_flow_is_no_match_for_the_key_zero(void **state)
{
	note(*state, 11, false, 1, false); /* its key is forgotten */
	recent_note(*state, 0, true, NULL);
	assert_list(*state, "1 ");
}

static void keys_of_final_flows_are_not_kept(void **state)
{
	const struct recent *r = *state;

	note(*state, 0x1122334455667788, false, 1, true);
	note(*state, 0x1122334455667788, true, 2, false);
	for (size_t i = 0; i < VIEW_FLOWS; i++)
		assert_true(r->slots[i].key == 0);
}

static void flows_that_come_and_go_never_share_a_slot(void **state)
{
	const struct recent *r = *state;
	unsigned int seed = 3;

	for (unsigned int i = 0; i < 20000; i++) {
		bool used[VIEW_FLOWS] = { false };

		seed = seed * 1103515245 + 12345;
		if (seed >> 16 & 1)
			note(*state, i, false, i, true);
		else
			recent_note(*state, i - (seed >> 17) % 700, true, NULL);
		if (i % 100)
			continue;
		for (size_t j = 0; j < VIEW_FLOWS; j++) {
			assert_in_range(r->order[j], 0, VIEW_FLOWS - 1);
			assert_false(used[r->order[j]]);
			used[r->order[j]] = true;
		}
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_newest_comes_first),
		T(the_oldest_gives_way_at_the_bound),
		T(a_final_flow_takes_the_place_and_the_id_of_its_interim_one),
		T(a_flow_that_turns_out_well_is_taken_out),
		T(a_good_flow_that_was_never_there_takes_nothing_out),
		T(an_interim_flow_that_was_pushed_out_comes_back_as_a_new_one),
		T(a_final_flow_is_no_match_for_the_key_zero),
		T(keys_of_final_flows_are_not_kept),
		T(flows_that_come_and_go_never_share_a_slot),
	};

	return cmocka_run_group_tests_name("recent", tests, NULL, NULL);
}
