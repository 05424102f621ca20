// SPDX-License-Identifier: GPL-2.0
/* Text made fit for a screen: UTF-8 as RFC 3629 has it, no control characters, cut between characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "show/clean.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void assert_cleaned(const char *from, const char *expected)
{
	char to[64];

	memset(to, '#', sizeof(to));
	clean_copy(to, sizeof(to), from);
	assert_string_equal(to, expected);
	assert_int_equal(clean_is(from), !strcmp(from, expected));
	assert_true(clean_is(to));
}

static void text_that_is_fit_stays_as_it_is(void **state)
{
	static const char *const texts[] = {
		"",
		"eth0",
		" ~!",
		"caf\xc3\xa9",
		"\xd9\x84\xd8\xa7\xdb\x81\xd9\x88\xd8\xb1",
		"\xe2\x96\x81",
		"\xf0\x9f\x98\x80",
		"\xc2\xa0",	    /* U+00A0, the first beyond C1 */
		"\xdf\xbf",	    /* U+07FF */
		"\xe0\xa0\x80",	    /* U+0800 */
		"\xed\x9f\xbf",	    /* U+D7FF */
		"\xee\x80\x80",	    /* U+E000 */
		"\xef\xbf\xbf",	    /* U+FFFF */
		"\xf0\x90\x80\x80", /* U+10000 */
		"\xf4\x8f\xbf\xbf", /* U+10FFFF */
	};

	(void)state;
	for (size_t i = 0; i < N(texts); i++)
		assert_cleaned(texts[i], texts[i]);
}

static void each_control_character_becomes_a_question_mark(void **state)
{
	(void)state;
	for (int c = 1; c < 0x20; c++)
		assert_cleaned((const char[]){ 'a', (char)c, 'b', 0 }, "a?b");
	assert_cleaned("a\x7f", "a?");
	assert_cleaned("\x1b[2J", "?[2J");
	/* C1: a terminal takes U+009B for ESC [ */
	for (int c = 0x80; c < 0xa0; c++) {
		const char text[] = { (char)0xc2, (char)c, '3', '1', 'm', 0 };

		assert_cleaned(text, "??31m");
	}
}

static void overlong_forms_are_no_characters(void **state)
{
	(void)state;
	assert_cleaned("\xc0\x80", "??"); /* NUL in two bytes */
	assert_cleaned("\xc0\xaf", "??");
	assert_cleaned("\xc1\xbf", "??");
	assert_cleaned("\xe0\x80\xaf", "???");
	assert_cleaned("\xe0\x9f\xbf", "???");
	assert_cleaned("\xf0\x80\x80\xaf", "????");
	assert_cleaned("\xf0\x8f\xbf\xbf", "????");
}

static void surrogates_and_what_lies_beyond_unicode_are_no_characters(void **state)
{
	(void)state;
	assert_cleaned("\xed\xa0\x80", "???");	    /* U+D800 */
	assert_cleaned("\xed\xbf\xbf", "???");	    /* U+DFFF */
	assert_cleaned("\xf4\x90\x80\x80", "????"); /* U+110000 */
	assert_cleaned("\xf7\xbf\xbf\xbf", "????");
	assert_cleaned("\xf8\x88\x80\x80\x80", "?????");
	assert_cleaned("\xfc\x84\x80\x80\x80\x80", "??????");
	assert_cleaned("\xfe\xff", "??");
}

static void a_character_that_is_not_whole_takes_nothing_with_it(void **state)
{
	(void)state;
	assert_cleaned("\xc3", "?");
	assert_cleaned("\xc3z", "?z");
	assert_cleaned("\xe2\x96", "??");
	assert_cleaned("\xe2\x96z", "??z");
	assert_cleaned("\xf0\x9f\x98", "???");
	assert_cleaned("\x80", "?");
	assert_cleaned("\xbfz", "?z");
	assert_cleaned("\xc3\xc3\xa9", "?\xc3\xa9");
}

static void a_copy_is_cut_between_characters(void **state)
{
	static const char from[] = "a\xc3\xa9\xe2\x96\x81\xf0\x9f\x98\x80z"; /* of 1, 2, 3, 4 and 1 bytes */
	static const size_t fits[] = { 0, 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };
	char to[16];

	(void)state;
	for (size_t n = 1; n < N(fits); n++) {
		memset(to, '#', sizeof(to));
		clean_copy(to, n, from);
		assert_int_equal(strlen(to), fits[n]);
		assert_memory_equal(to, from, fits[n]);
		for (size_t i = n; i < sizeof(to); i++)
			assert_int_equal(to[i], '#');
	}
}

static void where_there_is_no_room_nothing_is_written(void **state)
{
	char to = '#';

	(void)state;
	clean_copy(&to, 0, "abc");
	assert_int_equal(to, '#');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_is_fit_stays_as_it_is),
		cmocka_unit_test(each_control_character_becomes_a_question_mark),
		cmocka_unit_test(overlong_forms_are_no_characters),
		cmocka_unit_test(surrogates_and_what_lies_beyond_unicode_are_no_characters),
		cmocka_unit_test(a_character_that_is_not_whole_takes_nothing_with_it),
		cmocka_unit_test(a_copy_is_cut_between_characters),
		cmocka_unit_test(where_there_is_no_room_nothing_is_written),
	};

	return cmocka_run_group_tests_name("clean", tests, NULL, NULL);
}
