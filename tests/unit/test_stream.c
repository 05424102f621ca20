// SPDX-License-Identifier: GPL-2.0
/* Pieces of a stream, in any order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "judge/stream.h"

static struct stream s;

static int set_up(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	return 0;
}

static void an_empty_stream_has_nothing(void **state)
{
	(void)state;
	assert_int_equal(stream_whole(&s), 0);
}

static void pieces_join_in_any_order(void **state)
{
	(void)state;
	stream_put(&s, 6, (const __u8 *)"ghi", 3);
	assert_int_equal(stream_whole(&s), 0);
	stream_put(&s, 0, (const __u8 *)"abc", 3);
	assert_int_equal(stream_whole(&s), 3);
	stream_put(&s, 3, (const __u8 *)"def", 3);
	assert_int_equal(stream_whole(&s), 9);
	assert_memory_equal(s.bytes, "abcdefghi", 9);
}

static void what_came_first_stays(void **state)
{
	(void)state;
	stream_put(&s, 1, (const __u8 *)"XY", 2);
	stream_put(&s, 0, (const __u8 *)"abcd", 4);
	assert_memory_equal(s.bytes, "aXYd", 4);
}

static void what_lies_beyond_the_end_is_left_out(void **state)
{
	static const __u8 many[2 * STREAM_MAX] = { 1 };

	(void)state;
	stream_put(&s, STREAM_MAX, many, 1);
	stream_put(&s, ~0ULL, many, sizeof(many));
	assert_int_equal(stream_whole(&s), 0);
	stream_put(&s, 1, many, sizeof(many));
	assert_int_equal(stream_whole(&s), 0);
	stream_put(&s, 0, many, 1);
	assert_int_equal(stream_whole(&s), STREAM_MAX);
}

static void a_hole_of_one_byte_is_a_hole(void **state)
{
	static const __u8 many[STREAM_MAX];

	(void)state;
	for (size_t hole = 0; hole < STREAM_MAX; hole += 321) {
		memset(&s, 0, sizeof(s));
		stream_put(&s, 0, many, hole);
		stream_put(&s, hole + 1, many, sizeof(many));
		assert_int_equal(stream_whole(&s), hole);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_stream_has_nothing),  TEST(pieces_join_in_any_order),
		TEST(what_came_first_stays),	    TEST(what_lies_beyond_the_end_is_left_out),
		TEST(a_hole_of_one_byte_is_a_hole),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
