// SPDX-License-Identifier: GPL-2.0
/* Names against rules, on label borders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "judge/server_name.h"

static const struct name_rule rules[] = {
	{ "x.com", false, 0 },	      { "t.co", false, 0 },	    { "twimg.com", false, 0 },
	{ "api.x.com", false, 0 },    { "only.example", true, 0 },  { "both.example", true, 1 },
	{ "both.example", false, 0 }, { "wide.example", false, 1 },
};

static int set_up(void **state)
{
	*state = server_names_new();
	return !*state || server_names_set(*state, rules, sizeof(rules) / sizeof(*rules));
}

static int tear_down(void **state)
{
	server_names_free(*state);
	return 0;
}

/* The rule's name, "" for none. */
static const char *found(void **state, const char *name)
{
	const struct name_rule *rule = server_names_find(*state, (const __u8 *)name, strlen(name));

	return rule ? rule->name : "";
}

static void a_rule_matches_its_name_and_what_lies_below(void **state)
{
	assert_string_equal(found(state, "x.com"), "x.com");
	assert_string_equal(found(state, "www.x.com"), "x.com");
	assert_string_equal(found(state, "a.b.c.x.com"), "x.com");
}

static void a_rule_matches_on_label_borders_only(void **state)
{
	assert_string_equal(found(state, "reddit.com"), "");
	assert_string_equal(found(state, "microsoft.com"), "");
	assert_string_equal(found(state, "netflix.com"), "");
	assert_string_equal(found(state, "x.com.evil.example"), "");
	assert_string_equal(found(state, "com"), "");
	assert_string_equal(found(state, ""), "");
	assert_string_equal(found(state, "."), "");
	assert_string_equal(found(state, ".."), "");
}

static void the_longest_rule_is_named(void **state)
{
	assert_string_equal(found(state, "api.x.com"), "api.x.com");
	assert_string_equal(found(state, "v2.api.x.com"), "api.x.com");
	assert_string_equal(found(state, "xapi.x.com"), "x.com");
}

static void an_exact_rule_matches_nothing_below(void **state)
{
	assert_string_equal(found(state, "only.example"), "only.example");
	assert_string_equal(found(state, "www.only.example"), "");
}

static void an_exact_rule_comes_before_the_other_of_its_name(void **state)
{
	const struct name_rule *rule = server_names_find(*state, (const __u8 *)"both.example", 12);

	assert_true(rule->exact);
	assert_int_equal(rule->group, 1);
	rule = server_names_find(*state, (const __u8 *)"www.both.example", 16);
	assert_false(rule->exact);
	assert_int_equal(rule->group, 0);
}

static void case_and_the_last_dot_do_not_matter(void **state)
{
	assert_string_equal(found(state, "WWW.X.CoM"), "x.com");
	assert_string_equal(found(state, "x.com."), "x.com");
	assert_string_equal(found(state, "x.com.."), "");
}

static void bytes_behind_the_length_are_not_looked_at(void **state)
{
	assert_null(server_names_find(*state, (const __u8 *)"x.com", 4));
	assert_non_null(server_names_find(*state, (const __u8 *)"x.comet", 5));
}

/* A 0 in the name must not end the comparison where the rule ends. */
static void a_name_with_a_zero_in_it_matches_nothing(void **state)
{
	assert_null(server_names_find(*state, (const __u8 *)"x.com\0", 6));
	assert_null(server_names_find(*state, (const __u8 *)"x.com\0.evil.example", 19));
	assert_null(server_names_find(*state, (const __u8 *)"\0.x.com", 7));
}

static void long_names_match_by_their_end(void **state)
{
	char name[300];

	memset(name, 'a', sizeof(name));
	memcpy(name + 200, ".x.com", 7);
	assert_string_equal(found(state, name), "x.com");
	memset(name, 'a', sizeof(name));
	memcpy(name + 250, ".x.com", 7); /* no host name is that long */
	assert_string_equal(found(state, name), "");
}

static void a_rule_stays_where_it_is_over_other_lists(void **state)
{
	const struct name_rule *before = server_names_find(*state, (const __u8 *)"x.com", 5);

	assert_int_equal(server_names_set(*state, rules + 1, 2), 0);
	assert_null(server_names_find(*state, (const __u8 *)"x.com", 5));
	assert_string_equal(before->name, "x.com");
	assert_int_equal(server_names_set(*state, rules, 2), 0);
	assert_ptr_equal(server_names_find(*state, (const __u8 *)"x.com", 5), before);
}

static void without_rules_nothing_matches(void **state)
{
	assert_int_equal(server_names_set(*state, NULL, 0), 0);
	assert_string_equal(found(state, "x.com"), "");
}

static void public_names_of_ech_are_known(void **state)
{
	(void)state;
	assert_true(server_name_is_public_ech((const __u8 *)"cloudflare-ech.com", 18));
	assert_true(server_name_is_public_ech((const __u8 *)"Cloudflare-ECH.com.", 19));
	assert_false(server_name_is_public_ech((const __u8 *)"a.cloudflare-ech.com", 20));
	assert_false(server_name_is_public_ech((const __u8 *)"cloudflare-ech.co", 17));
	assert_false(server_name_is_public_ech((const __u8 *)"", 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_rule_matches_its_name_and_what_lies_below),
		TEST(a_rule_matches_on_label_borders_only),
		TEST(the_longest_rule_is_named),
		TEST(an_exact_rule_matches_nothing_below),
		TEST(an_exact_rule_comes_before_the_other_of_its_name),
		TEST(case_and_the_last_dot_do_not_matter),
		TEST(bytes_behind_the_length_are_not_looked_at),
		TEST(a_name_with_a_zero_in_it_matches_nothing),
		TEST(long_names_match_by_their_end),
		TEST(a_rule_stays_where_it_is_over_other_lists),
		TEST(without_rules_nothing_matches),
		TEST(public_names_of_ech_are_known),
	};

	return cmocka_run_group_tests_name("server_name", tests, NULL, NULL);
}
