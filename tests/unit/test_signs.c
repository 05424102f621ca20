// SPDX-License-Identifier: GPL-2.0
/* Failures by signature since a time: to the minute, and with what was taken back taken out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "detect/packed.h"
#include "detect/signs.h"

#define T0 1699999980ll /* a whole minute */

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct signs));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static __u64 since(const struct signs *s, __s64 at, enum signature signature)
{
	__u64 before[SIGNATURES];

	signs_until(s, at, before);
	return s->now[signature] - before[signature];
}

static void what_failed_before_that_minute_is_left_out(void **state)
{
	for (int i = 0; i < 10; i++)
		signs_add(*state, SIGNATURE_SYN_0, T0 + i, 1);
	for (int i = 0; i < 5; i++)
		signs_add(*state, SIGNATURE_PSH_RSTACK, T0 + 120 + i, 1);
	assert_int_equal(since(*state, T0 + 30, SIGNATURE_SYN_0), 10); /* the same minute */
	assert_int_equal(since(*state, T0 + 60, SIGNATURE_SYN_0), 0);
	assert_int_equal(since(*state, T0 + 60, SIGNATURE_PSH_RSTACK), 5);
	assert_int_equal(since(*state, T0 + 121, SIGNATURE_PSH_RSTACK), 5);
	assert_int_equal(since(*state, T0 + 180, SIGNATURE_PSH_RSTACK), 0);
}

static void what_was_taken_back_is_not_counted(void **state)
{
	signs_add(*state, SIGNATURE_SYN_0, T0, 1);
	signs_add(*state, SIGNATURE_SYN_0, T0, 1);
	signs_add(*state, SIGNATURE_SYN_0, T0 + 5, -1);
	assert_int_equal(since(*state, T0, SIGNATURE_SYN_0), 1);
}

static void over_a_restart_all_of_it_is_as_it_was(void **state)
{
	struct packed out = {};
	struct unpack in;
	struct signs again;

	for (int minute = 0; minute < 3; minute++) {
		signs_add(*state, SIGNATURE_SYN_0, T0 + minute * 60, 1);
		signs_add(*state, SIGNATURES - 1, T0 + minute * 60, 1);
	}
	signs_add(*state, SIGNATURES, T0, 1); /* there is no such one */
	signs_save(*state, &out);
	in = (struct unpack){ .data = out.data, .n = out.n };
	memset(&again, 0xff, sizeof(again));
	signs_restore(&again, &in);
	assert_false(in.bad);
	assert_int_equal(in.at, in.n);
	assert_memory_equal(&again, *state, sizeof(again));
	free(out.data);
}

static void beyond_its_memory_the_oldest_minute_stands_in(void **state)
{
	for (int minute = 0; minute < SIGNS_MINUTES + 10; minute++)
		signs_add(*state, SIGNATURE_SYN_0, T0 + minute * 60, 1);
	assert_int_equal(since(*state, T0, SIGNATURE_SYN_0), SIGNS_MINUTES);
}

#define with_signs(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_signs(what_failed_before_that_minute_is_left_out),
		with_signs(what_was_taken_back_is_not_counted),
		with_signs(over_a_restart_all_of_it_is_as_it_was),
		with_signs(beyond_its_memory_the_oldest_minute_stands_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
