// SPDX-License-Identifier: GPL-2.0
/* Interim findings by key: none is lost or found twice, whatever is put and taken; old ones give way; bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "detect/pending.h"

static bool put(struct pending *p, __u64 key, __s64 second, __s64 oldest)
{
	const struct pending_entry entry = {
		.key = key, .second = second, .prefix = (__u32)key, .group = 3, .class = 2
	};

	return pending_put(p, &entry, oldest);
}

static void what_was_put_is_taken_once_and_whole(void **state)
{
	struct pending p = {};
	struct pending_entry e;

	(void)state;
	assert_false(pending_take(&p, 7, &e));
	assert_true(put(&p, 7, 100, 0));
	assert_false(pending_take(&p, 8, &e));
	assert_true(pending_take(&p, 7, &e));
	assert_true(e.key == 7 && e.second == 100 && e.prefix == 7 && e.group == 3 && e.class == 2);
	assert_false(pending_take(&p, 7, &e));
	assert_int_equal(p.used, 0);
	pending_clear(&p);
}

static void the_key_zero_is_a_key_like_others(void **state)
{
	struct pending p = {};
	struct pending_entry e;

	(void)state;
	put(&p, 1, 1, 0);
	assert_false(pending_take(&p, 0, &e));
	put(&p, 0, 2, 0);
	assert_true(pending_take(&p, 0, &e));
	assert_int_equal(e.second, 2);
	pending_clear(&p);
}

/* Against a plain array that is searched: 4,000 keys that come and go at random. */
static void it_holds_what_a_plain_list_would_hold(void **state)
{
	enum { KEYS = 4000, STEPS = 200000 };
	__s64 *held = calloc(KEYS, sizeof(*held));
	struct pending p = {};
	unsigned int seed = 1, n = 0;

	(void)state;
	assert_non_null(held);
	for (int i = 0; i < STEPS; i++) {
		struct pending_entry e;
		unsigned int k;
		bool there;

		seed = seed * 1103515245 + 12345;
		k = (seed >> 8) % KEYS;
		/* keys that differ in their high bits only, too: their homes must not all be one */
		there = pending_take(&p, (__u64)k << (k % 2 ? 40 : 0), &e);
		assert_int_equal(there, held[k] != 0);
		if (there) {
			assert_int_equal(e.second, held[k]);
			held[k] = 0;
			n--;
		} else {
			held[k] = i + 1;
			assert_true(put(&p, (__u64)k << (k % 2 ? 40 : 0), i + 1, -1));
			n++;
		}
		assert_int_equal(p.used, n);
	}
	free(held);
	pending_clear(&p);
}

static void old_ones_give_way_when_room_is_needed(void **state)
{
	struct pending p = {};
	struct pending_entry e;
	unsigned int room;

	(void)state;
	for (__u64 key = 0; key < 512; key++)
		assert_true(put(&p, key, 10, 0));
	room = p.room;
	for (__u64 key = 1000; key < 1512; key++)
		assert_true(put(&p, key, 700, 100)); /* whatever is of second 100 or before is of no use */
	assert_int_equal(p.room, room);
	assert_false(pending_take(&p, 3, &e));
	assert_true(pending_take(&p, 1003, &e));
	pending_clear(&p);
}

static void young_ones_make_it_grow_and_stay(void **state)
{
	struct pending p = {};
	struct pending_entry e;

	(void)state;
	for (__u64 key = 0; key < 20000; key++)
		assert_true(put(&p, key, 10, 9));
	assert_int_equal(p.used, 20000);
	for (__u64 key = 0; key < 20000; key++)
		assert_true(pending_take(&p, key, &e));
	pending_clear(&p);
}

static void it_is_full_at_its_bound_and_takes_again_once_time_has_passed(void **state)
{
	struct pending p = {};
	struct pending_entry e;
	__u64 key = 0;

	(void)state;
	while (put(&p, key, 1000, 400))
		key++;
	assert_int_equal(key, PENDING_MAX);
	assert_true(p.room <= 2 * PENDING_MAX);
	assert_false(put(&p, key, 1000, 400));
	assert_true(pending_take(&p, 5, &e)); /* all are still there */
	assert_true(put(&p, 5, 1000, 400));
	assert_false(put(&p, key, 1601, 999));
	assert_true(put(&p, key, 1601, 1000));
	assert_int_equal(p.used, 1);
	pending_clear(&p);
	assert_null(p.slots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_taken_once_and_whole),
		cmocka_unit_test(the_key_zero_is_a_key_like_others),
		cmocka_unit_test(it_holds_what_a_plain_list_would_hold),
		cmocka_unit_test(old_ones_give_way_when_room_is_needed),
		cmocka_unit_test(young_ones_make_it_grow_and_stay),
		cmocka_unit_test(it_is_full_at_its_bound_and_takes_again_once_time_has_passed),
	};

	return cmocka_run_group_tests_name("pending", tests, NULL, NULL);
}
