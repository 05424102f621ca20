// SPDX-License-Identifier: GPL-2.0
/* The word that was probably meant: near ones are found, far ones are not made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "suggest.h"

static const char *const words[] = { "interfaces", "interface", "sites", "ranges",
				     "listen",	   "waits",	"syn",	 "syn_live" };

static const char *near(const char *word)
{
	return suggest(word, words, sizeof(words) / sizeof(words[0]));
}

static void a_letter_too_few_too_many_or_wrong_is_put_right(void **state)
{
	(void)state;
	assert_string_equal(near("listn"), "listen");
	assert_string_equal(near("listenn"), "listen");
	assert_string_equal(near("lisden"), "listen");
	assert_string_equal(near("ragnes"), "ranges");
	assert_string_equal(near("sin"), "syn");
}

static void letters_that_changed_places_are_one_mistake(void **state)
{
	(void)state;
	assert_string_equal(near("sny"), "syn");
	assert_string_equal(near("iwats"), "waits");
	assert_string_equal(near("ilstne"), "listen");
}

static void the_nearest_word_wins_and_the_exact_one_above_all(void **state)
{
	(void)state;
	assert_string_equal(near("interfacs"), "interfaces");
	assert_string_equal(near("sites"), "sites");
	assert_string_equal(near("syn_lve"), "syn_live");
}

static void a_beginning_is_completed(void **state)
{
	(void)state;
	assert_string_equal(near("ra"), "ranges");
	assert_string_equal(near("inter"), "interfaces");
}

static void what_is_like_nothing_gets_no_suggestion(void **state)
{
	(void)state;
	assert_null(near("bandwidth"));
	assert_null(near("xyz"));
	assert_null(suggest("listen", words, 0));
}

static void words_of_any_length_are_safe(void **state)
{
	static char long_word[5000];
	const char *const long_words[] = { long_word };

	(void)state;
	memset(long_word, 'a', sizeof(long_word) - 1);
	assert_null(near(long_word));
	assert_null(suggest("b", long_words, 1));
	near("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_too_few_too_many_or_wrong_is_put_right),
		cmocka_unit_test(letters_that_changed_places_are_one_mistake),
		cmocka_unit_test(the_nearest_word_wins_and_the_exact_one_above_all),
		cmocka_unit_test(a_beginning_is_completed),
		cmocka_unit_test(what_is_like_nothing_gets_no_suggestion),
		cmocka_unit_test(words_of_any_length_are_safe),
	};

	return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
