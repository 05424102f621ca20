// SPDX-License-Identifier: GPL-2.0
/* Where in a YAML text something stands, so that a complaint can name the line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <time.h>

#include "yaml_place.h"

static const char text[] = "# a comment\n"
			   "sites:\n"
			   "  - name: a\n"
			   "    prefixes: [1, 2]\n"
			   "  - name: b\n"
			   "    prefixes:\n"
			   "      - 3\n"
			   "      - 4\n"
			   "waits:\n"
			   "  syn: 3\n"
			   "name: x\n"
			   "empty: \"\"\n"
			   "single: ''\n"
			   "bare:\n";

static unsigned int path(const char *at)
{
	return yaml_place_path(text, strlen(text), at);
}

static unsigned int key(const char *name, unsigned int from)
{
	return yaml_place_key(text, strlen(text), name, from);
}

static void a_path_leads_to_its_line(void **state)
{
	(void)state;
	assert_int_equal(path("sites/0/name"), 3);
	assert_int_equal(path("sites/0/prefixes/1"), 4);
	assert_int_equal(path("sites/1/name"), 5);
	assert_int_equal(path("sites/1/prefixes/1"), 8);
	assert_int_equal(path("waits/syn"), 10);
	assert_int_equal(path("name"), 11);
}

static void a_path_that_ends_early_leads_as_far_as_there_is_anything(void **state)
{
	(void)state;
	assert_int_equal(path("sites/1/prefixes/7"), 7);
	assert_int_equal(path("sites/9/name"), 3);
	assert_int_equal(path("waits/frozen"), 10);
	assert_int_equal(path("name/what"), 11);
	assert_int_equal(path("nothing"), 0);
	assert_int_equal(path(""), 0);
}

static void a_key_is_found_at_its_first_line_from_a_line_on(void **state)
{
	(void)state;
	assert_int_equal(key("name", 0), 3);
	assert_int_equal(key("name", 4), 5);
	assert_int_equal(key("name", 6), 11);
	assert_int_equal(key("name", 12), 0);
	assert_int_equal(key("nam", 0), 0);
}

static void an_empty_text_is_told_from_no_value(void **state)
{
	(void)state;
	assert_true(yaml_place_is_empty_text(text, strlen(text), "empty"));
	assert_true(yaml_place_is_empty_text(text, strlen(text), "single"));
	assert_false(yaml_place_is_empty_text(text, strlen(text), "bare"));
	assert_false(yaml_place_is_empty_text(text, strlen(text), "name"));
	assert_false(yaml_place_is_empty_text(text, strlen(text), "sites"));
	assert_false(yaml_place_is_empty_text(text, strlen(text), "nothing"));
}

static int syntax(const char *what, unsigned int *line, char *error, size_t n)
{
	*line = 0;
	error[0] = '\0';
	return yaml_place_syntax(what, strlen(what), line, error, n);
}

static void one_document_or_none_is_in_order(void **state)
{
	char error[256];
	unsigned int line;

	(void)state;
	assert_int_equal(syntax(text, &line, error, sizeof(error)), 0);
	assert_int_equal(syntax("", &line, error, sizeof(error)), 0);
	assert_int_equal(syntax("---\na: 1\n...\n", &line, error, sizeof(error)), 0);
	assert_int_equal(syntax("%YAML 1.1\n---\na: 1\n", &line, error, sizeof(error)), 0);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
	} rows[] = {
		{ "a: [1, 2\nb: 3\n", 2 },  { "a: 1\n\tb: 2\n", 2 },	     { "a: 'x\n", 2 },
		{ "a: 1\n---\nb: [\n", 4 }, { "a: 1\n---\nb: 2\n", 2 },	     { "a: \x01\n", 1 },
		{ "a: 1\nb: c: d\n", 2 },   { "%YAML 3.0\n---\na: 1\n", 1 }, { "a: \xc3\x28\n", 1 },
	};
	char error[256];
	unsigned int line;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(syntax(rows[i].text, &line, error, sizeof(error)), -EINVAL);
		assert_int_equal(line, rows[i].line);
		assert_true(strlen(error) > 20);
	}
}

/* The library by itself takes more than twenty seconds for three of these. */
static void what_is_nested_without_end_is_refused_at_once(void **state)
{
	static const char *const levels[] = { "[", "{a: ", "- ", "? ", "[{a: " };
	static char deep[200001];

	(void)state;
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
		clock_t start = clock();
		unsigned int line = 0;
		char error[256] = "";
		size_t n = 0, each = strlen(levels[i]);

		memcpy(deep, "\n\n", 2);
		for (n = 2; n + each < sizeof(deep); n += each)
			memcpy(deep + n, levels[i], each);
		assert_int_equal(yaml_place_syntax(deep, n, &line, error, sizeof(error)), -EINVAL);
		assert_non_null(strstr(error, "more than 16 levels"));
		assert_int_equal(line, 3);
		assert_true(clock() - start < CLOCKS_PER_SEC);
	}
}

static void as_many_levels_as_are_allowed_are_in_order(void **state)
{
	char error[256] = "", nested[2 * YAML_PLACE_DEPTH + 3];
	unsigned int line = 0;

	(void)state;
	memset(nested, '[', YAML_PLACE_DEPTH + 1);
	memset(nested + YAML_PLACE_DEPTH + 1, ']', YAML_PLACE_DEPTH + 1);
	assert_int_equal(yaml_place_syntax(nested + 1, 2 * YAML_PLACE_DEPTH, &line, error, sizeof(error)), 0);
	assert_int_equal(yaml_place_syntax(nested, 2 * YAML_PLACE_DEPTH + 2, &line, error, sizeof(error)), -EINVAL);
}

static void a_text_that_is_no_yaml_has_no_places(void **state)
{
	static const char broken[] = "a: [1\nb: 2\n";

	(void)state;
	assert_int_equal(yaml_place_path(broken, strlen(broken), "a"), 0);
	assert_int_equal(yaml_place_key(broken, strlen(broken), "a", 0), 0);
	assert_false(yaml_place_is_empty_text(broken, strlen(broken), "a"));
	assert_int_equal(yaml_place_path("", 0, "a"), 0);
	assert_int_equal(yaml_place_key("", 0, "a", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_leads_to_its_line),
		cmocka_unit_test(a_path_that_ends_early_leads_as_far_as_there_is_anything),
		cmocka_unit_test(a_key_is_found_at_its_first_line_from_a_line_on),
		cmocka_unit_test(an_empty_text_is_told_from_no_value),
		cmocka_unit_test(one_document_or_none_is_in_order),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(what_is_nested_without_end_is_refused_at_once),
		cmocka_unit_test(as_many_levels_as_are_allowed_are_in_order),
		cmocka_unit_test(a_text_that_is_no_yaml_has_no_places),
	};

	return cmocka_run_group_tests_name("yaml_place", tests, NULL, NULL);
}
