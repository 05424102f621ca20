// SPDX-License-Identifier: GPL-2.0
/* What was learnt, over a restart: it comes back by name, and what a file says is not believed beyond what can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "detect/incidents.h"
#include "show/board_learnt.h"
#include "unit/board_scene.h"

#define STREAM(group, kind, name, share) \
	"{\"group\":\"" group "\",\"kind\":\"" kind "\",\"name\":\"" name \
	"\",\"failures\":30.5,\"attempts\":1000.25," \
	"\"share\":" share ",\"windows\":300,\"rho\":[4.5,9.25,-0.125,12.5]}"

/* clang-format off */
static const char learnt[] = "["
	STREAM("x", "group", "", "0.03") ","
	STREAM("x", "prefix", "104.244.40.0/21", "0.04") ","
	STREAM("x", "site", "lahore", "0.05") ","
	STREAM("x", "family", "ipv6", "0.06") ","
	STREAM("google", "transport", "quic", "0.07") "]";
/* clang-format on */

/* The stream of that kind as the board knows it now. */
static struct detect_base known(struct fixture *f, enum stream_kind kind)
{
	struct detect_base base;

	for (unsigned int n = 0; incidents_base(board_incidents(f->board), n, &base); n++)
		if (base.kind == kind)
			return base;
	fail_msg("no stream of kind %d", (int)kind);
	return base;
}

static void what_was_learnt_comes_back_by_name(void **state)
{
	struct fixture *f = *state;
	struct detect_base base;
	char *text;

	assert_int_equal(board_learn(f->board, learnt), 5);
	base = known(f, STREAM_PREFIX);
	assert_int_equal(base.id, P_X);
	assert_int_equal(base.group, 0);
	assert_int_equal(base.windows, 300);
	assert_true(fabs(base.share - 0.04) < 1e-12 && fabs(base.failures - 30.5) < 1e-12);
	assert_true(fabs(base.rho.pairs - 4.5) < 1e-12 && fabs(base.rho.squares - 9.25) < 1e-12 &&
		    fabs(base.rho.over + 0.125) < 1e-12 && fabs(base.rho.windows - 12.5) < 1e-12);
	assert_int_equal(known(f, STREAM_SITE).id, 1);
	assert_int_equal(known(f, STREAM_FAMILY).id, 6);
	assert_int_equal(known(f, STREAM_TRANSPORT).id, 17);
	text = board_learnt(f->board);
	assert_non_null(text);
	assert_non_null(strstr(text, "\"kind\":\"prefix\",\"name\":\"104.244.40.0/21\""));
	/* and once more into the same: the two agree */
	assert_true(board_learn(f->board, text) >= 5);
	assert_true(fabs(known(f, STREAM_PREFIX).share - 0.04) < 1e-12);
	free(text);
}

static void what_is_not_there_any_more_or_cannot_be_is_left_out(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"{}",
		"[1,2,null]",
		"[" STREAM("facebook", "group", "", "0.03") "]",
		"[" STREAM("x", "prefix", "8.8.8.0/24", "0.03") "]",
		"[" STREAM("google", "prefix", "104.244.40.0/21", "0.03") "]", /* another group's */
		"[" STREAM("x", "site", "quetta", "0.03") "]",
		"[" STREAM("x", "weather", "", "0.03") "]",
		"[" STREAM("x", "group", "", "1.03") "]",
		"[" STREAM("x", "group", "", "-0.03") "]",
		"[" STREAM("x", "group", "", "\"0.03\"") "]",
		"[{\"group\":\"x\",\"kind\":\"group\",\"name\":\"\"}]",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (board_learn(f->board, bad[i]))
			fail_msg("taken: %s", bad[i]);
}

static void no_client_and_no_count_of_them_is_in_it(void **state)
{
	struct fixture *f = *state;
	char *text;

	judge_some(f, 50);
	board_learn(f->board, learnt);
	text = board_learnt(f->board);
	assert_null(strstr(text, "client"));
	assert_null(strstr(text, "key"));
	free(text);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_learnt_comes_back_by_name),
		T(what_is_not_there_any_more_or_cannot_be_is_left_out),
		T(no_client_and_no_count_of_them_is_in_it),
	};

	return cmocka_run_group_tests_name("board_learnt", tests, NULL, NULL);
}
