// SPDX-License-Identifier: GPL-2.0
/* Names of groups and prefixes: slots for life, prefixes of the list before, and nothing changed by a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "show/places.h"
#include "unit/made_list.h"

static void set(struct places *p, const struct list *l)
{
	assert_int_equal(places_set(p, &l->ranges), 0);
}

static void with_the_first_list_slot_and_number_are_the_same(void **state)
{
	struct places p = {};
	struct list l;

	(void)state;
	list_begin(&l, "1");
	list_group(&l, "x", ROLE_TARGET, 1);
	list_prefix(&l, 30, "104.244.40.0/21", CLASS_OWN);
	list_group(&l, "google", ROLE_CONTROL, 0.05);
	list_prefix(&l, 10, "64.233.160.0/19", CLASS_SHARED);
	set(&p, &l);
	assert_int_equal(p.n_groups, 2);
	assert_string_equal(p.groups[0].name, "x");
	assert_int_equal(p.groups[0].role, ROLE_TARGET);
	assert_true(p.groups[1].sample == 0.05);
	assert_int_equal(p.slots[0], 0);
	assert_int_equal(p.slots[1], 1);
	assert_int_equal(p.slots[2], -1);
	assert_string_equal(places_find(&p, 30)->text, "104.244.40.0/21");
	assert_int_equal(places_find(&p, 30)->slot, 0);
	assert_int_equal(places_find(&p, 10)->class, CLASS_SHARED);
	assert_int_equal(places_find(&p, 10)->slot, 1);
	assert_null(places_find(&p, 20));
	assert_string_equal(p.ranges, "1 (2026-11-01) 0123456789abcdef");
	places_clear(&p);
}

static void a_group_keeps_its_slot_whatever_order_a_new_list_has(void **state)
{
	struct places p = {};
	struct list one, two;

	(void)state;
	list_begin(&one, "1");
	list_group(&one, "x", ROLE_TARGET, 1);
	list_group(&one, "google", ROLE_CONTROL, 0.05);
	set(&p, &one);
	list_begin(&two, "2");
	list_group(&two, "wikimedia", ROLE_CONTROL, 1);
	list_group(&two, "x", ROLE_TARGET, 1);
	list_prefix(&two, 7, "104.244.40.0/21", CLASS_OWN);
	set(&p, &two);
	assert_int_equal(p.n_groups, 3);
	assert_int_equal(p.slots[0], 2);
	assert_int_equal(p.slots[1], 0);
	assert_int_equal(places_find(&p, 7)->slot, 0);
	assert_true(p.groups[0].in_force);
	assert_false(p.groups[1].in_force); /* google has left, and keeps its name */
	assert_string_equal(p.groups[1].name, "google");
	assert_true(p.groups[2].in_force);
	set(&p, &one);
	assert_int_equal(p.n_groups, 3);
	assert_true(p.groups[1].in_force);
	assert_false(p.groups[2].in_force);
	places_clear(&p);
}

static void prefixes_of_the_list_before_are_known_and_of_the_one_before_that_not(void **state)
{
	struct places p = {};
	struct list l[3];

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		list_begin(&l[i], "1");
		list_group(&l[i], "x", ROLE_TARGET, 1);
		list_prefix(&l[i], 100 + i, "10.0.0.0/8", CLASS_OWN);
		set(&p, &l[i]);
	}
	assert_null(places_find(&p, 100));
	assert_non_null(places_find(&p, 101));
	assert_non_null(places_find(&p, 102));
	places_clear(&p);
	assert_null(places_find(&p, 102));
}

static void an_automatic_share_starts_whole_and_then_stays_as_it_was_found(void **state)
{
	struct places p = {};
	struct list l;

	(void)state;
	list_begin(&l, "1");
	list_group(&l, "google", ROLE_CONTROL, 0);
	set(&p, &l);
	assert_true(p.groups[0].sample == 1);
	p.groups[0].sample = 0.01; /* found by the watch */
	set(&p, &l);
	assert_true(p.groups[0].sample == 0.01);
	l.ranges.groups[0].sample = 0.5;
	set(&p, &l);
	assert_true(p.groups[0].sample == 0.5);
	places_clear(&p);
}

static void a_role_may_change(void **state)
{
	struct places p = {};
	struct list l;

	(void)state;
	list_begin(&l, "1");
	list_group(&l, "x", ROLE_CONTROL, 1);
	set(&p, &l);
	l.ranges.groups[0].role = ROLE_TARGET;
	set(&p, &l);
	assert_int_equal(p.groups[0].role, ROLE_TARGET);
	places_clear(&p);
}

static void one_group_too_many_over_the_life_of_the_process_changes_nothing(void **state)
{
	struct places p = {}, before;
	char name[16];
	struct list l;

	(void)state;
	list_begin(&l, "1");
	for (unsigned int i = 0; i < WIRE_GROUPS_MAX; i++) {
		snprintf(name, sizeof(name), "g%u", i);
		list_group(&l, name, ROLE_CONTROL, 1);
	}
	list_prefix(&l, 5, "10.0.0.0/8", CLASS_OWN);
	set(&p, &l);
	assert_int_equal(places_find(&p, 5)->slot, WIRE_GROUPS_MAX - 1);
	before = p;
	list_begin(&l, "2");
	list_group(&l, "g3", ROLE_TARGET, 1);
	list_group(&l, "new", ROLE_CONTROL, 1);
	assert_int_equal(places_set(&p, &l.ranges), -ENOSPC);
	assert_memory_equal(&p, &before, sizeof(p));
	l.ranges.n_groups = WIRE_GROUPS_MAX + 1;
	assert_int_equal(places_set(&p, &l.ranges), -ENOSPC);
	assert_memory_equal(&p, &before, sizeof(p));
	places_clear(&p);
}

static void many_prefixes_in_any_order_are_all_found(void **state)
{
	struct places p = {};
	struct list l;

	(void)state;
	list_begin(&l, "1");
	list_group(&l, "x", ROLE_TARGET, 1);
	for (__u32 i = 0; i < LIST_PREFIXES; i++)
		list_prefix(&l, (i * 2654435761u) ^ 0x80000000u, "p", CLASS_OWN);
	set(&p, &l);
	for (__u32 i = 0; i < LIST_PREFIXES; i++)
		assert_int_equal(places_find(&p, (i * 2654435761u) ^ 0x80000000u)->id,
				 (i * 2654435761u) ^ 0x80000000u);
	places_clear(&p);
}

static void an_empty_list_and_a_stray_prefix_are_no_harm(void **state)
{
	struct places p = {};
	struct list l;

	(void)state;
	list_begin(&l, "");
	l.ranges.date[0] = '\0';
	set(&p, &l);
	assert_string_equal(p.ranges, " 0123456789abcdef");
	list_group(&l, "x", ROLE_TARGET, 1);
	list_prefix(&l, 1, "p", CLASS_OWN);
	l.prefixes[0].group = 9; /* of no group */
	set(&p, &l);
	assert_null(places_find(&p, 1));
	places_clear(&p);
}

static void names_and_texts_are_fit_to_show(void **state)
{
	struct places p = {};
	struct list l;

	(void)state;
	list_begin(&l, "v\x1b");
	list_group(&l, "x\xff", ROLE_TARGET, 1);
	list_prefix(&l, 1, "10.0.0.0/8\n", CLASS_OWN);
	set(&p, &l);
	assert_string_equal(p.groups[0].name, "x?");
	assert_string_equal(places_find(&p, 1)->text, "10.0.0.0/8?");
	assert_string_equal(p.ranges, "v? (2026-11-01) 0123456789abcdef");
	places_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_the_first_list_slot_and_number_are_the_same),
		cmocka_unit_test(a_group_keeps_its_slot_whatever_order_a_new_list_has),
		cmocka_unit_test(prefixes_of_the_list_before_are_known_and_of_the_one_before_that_not),
		cmocka_unit_test(an_automatic_share_starts_whole_and_then_stays_as_it_was_found),
		cmocka_unit_test(a_role_may_change),
		cmocka_unit_test(one_group_too_many_over_the_life_of_the_process_changes_nothing),
		cmocka_unit_test(many_prefixes_in_any_order_are_all_found),
		cmocka_unit_test(an_empty_list_and_a_stray_prefix_are_no_harm),
		cmocka_unit_test(names_and_texts_are_fit_to_show),
	};

	return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
