// SPDX-License-Identifier: GPL-2.0
/* What the report says in words of an incident that came and went, and of what was not seen of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "keep/history_read.h"
#include "show/told.h"
#include "show/words.h"

#define DAY	   1708128000ll /* 2024-02-17 */
#define AT(minute) (DAY + 18 * 3600 + (minute)*60)

static const struct told cycles = {
	.group = "x",
	.state = "blocked",
	.since = AT(0),
	.ended = AT(16),
	.attempts = 2105,
	.failures = 1906,
	.failure_ratio = .905,
	.n_phases = 4,
	.phases = { { AT(0), AT(2), "impaired" },
		    { AT(2), AT(4), "blocked" },
		    { AT(6), AT(8), "blocked" },
		    { AT(14), AT(16), "blocked" } },
};
static const struct past nothing;

static void says(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("'%s' is not in: %s", what, text);
}

static void cycles_are_told_as_cycles(void **state)
{
	struct words w;

	(void)state;
	assert_int_equal(words_of_incident(&cycles, &nothing, &w), 0);
	says(w.headline, "x was at worst blocked, on and off, from 2024-02-17 18:00:00");
	says(w.seen, "1906 of 2105 attempts to reach x while it was on failed (90.5 %)");
	says(w.seen, "It came and went: it was on 3 times, for 8 min in all");
	says(w.seen, "Phase 1: impaired from 2024-02-17 18:00:00 to 2024-02-17 18:02:00");
	says(w.seen, "Then reachable from 2024-02-17 18:04:00 to 2024-02-17 18:06:00 (2 min).\nPhase 3: blocked");
	says(w.seen, "Then reachable from 2024-02-17 18:08:00 to 2024-02-17 18:14:00 (6 min).\nPhase 4: blocked");
	assert_null(strstr(w.seen, "Then reachable from 2024-02-17 18:02:00"));
	assert_null(strstr(w.not_seen, "interrupted"));
	words_free(&w);
}

static void one_block_is_not_on_and_off(void **state)
{
	struct told one = cycles;
	struct words w;

	(void)state;
	one.phases[0].to = 0;
	one.n_phases = 1;
	strcpy(one.phases[0].state, "blocked");
	assert_int_equal(words_of_incident(&one, &nothing, &w), 0);
	says(w.headline, "x was blocked from 2024-02-17 18:00:00");
	assert_null(strstr(w.seen, "came and went"));
	words_free(&w);
}

static void what_the_watch_missed_is_told(void **state)
{
	struct told t = cycles;
	struct words w;

	(void)state;
	t.interruptions = 140;
	t.unwatched_s = 300;
	strcpy(t.clients, "100-199");
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	says(w.not_seen, "The watch was interrupted 140 times while it was on, for 5 min in all");
	says(w.seen, "100-199 distinct clients tried, or more: each start of the watch counts them anew");
	words_free(&w);
}

static void phases_that_are_too_many_are_said_to_be(void **state)
{
	struct told t = cycles;
	struct words w;

	(void)state;
	t.n_phases = TOLD_PHASES;
	for (size_t i = 0; i < TOLD_PHASES; i++) {
		t.phases[i].from = AT(15 * (long long)i);
		t.phases[i].to = AT(15 * (long long)i + 5);
		strcpy(t.phases[i].state, i ? "blocked" : "impaired");
	}
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	says(w.seen, "It came and went: it was on 511 times of late, for 42 h 35 min in all");
	says(w.seen,
	     "Its phases before 2024-02-17 18:15:00 are not told one by one, for there were too many: it came and "
	     "went from 2024-02-17 18:00:00 on. These are the 511 after them.\nPhase 1: blocked from "
	     "2024-02-17 18:15:00 to 2024-02-17 18:20:00");
	says(w.seen, "Phase 511: blocked");
	words_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cycles_are_told_as_cycles),
		cmocka_unit_test(one_block_is_not_on_and_off),
		cmocka_unit_test(what_the_watch_missed_is_told),
		cmocka_unit_test(phases_that_are_too_many_are_said_to_be),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
