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
	says(w.seen, "100-199 distinct clients had failures, or more: each start of the watch counts them anew");
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

static void a_throttle_is_no_failure(void **state)
{
	static const struct told slow = { .group = "x",
					  .state = "throttled",
					  .since = AT(0),
					  .ended = AT(16),
					  .attempts = 80,
					  .failures = 76,
					  .baseline_ratio = .01,
					  .control_ratio = .02,
					  .clients = "20-49",
					  .hops = -1,
					  .rtt_ms = -1 };
	struct words w;

	(void)state;
	assert_int_equal(words_of_incident(&slow, &nothing, &w), 0);
	says(w.seen, "76 of 80 longer downloads from x were held down (95.0 %); usually 1.0 % are.\n");
	says(w.seen,
	     "Of the downloads from the controls on the same path, 2.0 % were held down in that time: the network");
	says(w.seen, "20-49 distinct clients were held down");
	assert_null(strstr(w.seen, "failed"));
	assert_null(strstr(w.not_seen, "nobody answered"));
	words_free(&w);
}

static void of_missing_attempts_nothing_is_said_that_was_not_measured(void **state)
{
	static const struct told gone = { .group = "x",
					  .state = "vanished",
					  .since = AT(0),
					  .attempts = 3,
					  .baseline_ratio = -1,
					  .control_ratio = -1,
					  .clients = "<20",
					  .hops = -1,
					  .rtt_ms = -1 };
	struct words w;

	(void)state;
	assert_int_equal(words_of_incident(&gone, &nothing, &w), 0);
	says(w.seen, "Attempts to reach x went missing: 3 in a quarter of an hour");
	assert_null(strstr(w.seen, "failed"));
	assert_null(strstr(w.seen, "was well"));
	assert_null(strstr(w.seen, "distinct clients"));
	words_free(&w);
}

static void an_outage_and_a_block_are_told_as_two_things(void **state)
{
	static const struct told both = { .group = "x",
					  .state = "down",
					  .since = AT(0),
					  .ended = AT(600),
					  .n_phases = 3,
					  .phases = { { AT(0), AT(40), "down" },
						      { AT(40), AT(50), "likely_blocked" },
						      { AT(50), AT(600), "blocked" } },
					  .control_ratio = -1,
					  .hops = -1,
					  .rtt_ms = -1 };
	struct words w;

	(void)state;
	assert_int_equal(words_of_incident(&both, &nothing, &w), 0);
	says(w.headline, "x was down with the controls, and blocked while they answered, from 2024-02-17 18:00:00");
	says(w.seen,
	     "It was down with the controls, an outage (40 min in all, from 2024-02-17 18:00:00 to 2024-02-17 18:40:00); "
	     "and it was blocked while the controls answered (9 h 20 min in all, from 2024-02-17 18:40:00 to");
	words_free(&w);
}

static void an_end_that_nobody_saw_is_said_to_be_unknown_and_why(void **state)
{
	struct told t = cycles;
	struct words w;

	(void)state;
	t.ended = 0;
	t.last_known = AT(16);
	t.phases[3].to = 0;
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	says(w.headline, "its end is not known: the watch ended before it, after 2024-02-17 18:16:00");
	says(w.seen, "Phase 4: blocked from 2024-02-17 18:14:00; its end is not known.\n");
	words_free(&w);
	t.unobserved = true;
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	says(w.headline, "its end is not known: nothing was attempted after 2024-02-17 18:16:00");
	words_free(&w);
}

static void of_few_clients_it_is_said_why_no_more_is(void **state)
{
	struct told t = cycles;
	struct words w;

	(void)state;
	strcpy(t.clients, "<20");
	strcpy(t.state, "likely_blocked");
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	assert_null(strstr(w.not_seen, "fewer than ten")); /* few had failures, whoever else is usual */
	words_free(&w);
	t.few_clients = true;
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	says(w.not_seen, "where fewer than ten clients are usual no more is said");
	words_free(&w);
	strcpy(t.state, "blocked");
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	assert_null(strstr(w.not_seen, "fewer than ten"));
	words_free(&w);
}

static void a_reset_has_somebody_who_sent_it(void **state)
{
	struct told t = cycles;
	struct words w;

	(void)state;
	t.hops = t.rtt_ms = -1;
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	says(w.not_seen, "attempts end is not known: nobody answered");
	words_free(&w);
	t.n_signatures = 1;
	strcpy(t.signatures[0].signature, "PSH+ACK->RST+ACK");
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	says(w.not_seen, "attempts end is not known.");
	words_free(&w);
}

static void the_state_of_the_named_parts_is_told(void **state)
{
	struct told t = cycles;
	struct words w;

	(void)state;
	strcpy(t.state, "impaired");
	strcpy(t.part_state, "blocked");
	strcpy(t.scope_prefixes, "162.159.140.229/32");
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	says(w.seen, "Only these addresses of it: 162.159.140.229/32.\nBy themselves these were blocked.");
	words_free(&w);
}

static void in_an_outage_the_network_was_not_well_whatever_its_controls_did_last(void **state)
{
	struct told t = cycles;
	struct words w;

	(void)state;
	t.control_ratio = .09;
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	says(w.seen, "the network as a whole was well");
	words_free(&w);
	strcpy(t.phases[1].state, "down");
	assert_int_equal(words_of_incident(&t, &nothing, &w), 0);
	assert_null(strstr(w.seen, "was well"));
	words_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cycles_are_told_as_cycles),
		cmocka_unit_test(one_block_is_not_on_and_off),
		cmocka_unit_test(a_reset_has_somebody_who_sent_it),
		cmocka_unit_test(the_state_of_the_named_parts_is_told),
		cmocka_unit_test(in_an_outage_the_network_was_not_well_whatever_its_controls_did_last),
		cmocka_unit_test(what_the_watch_missed_is_told),
		cmocka_unit_test(phases_that_are_too_many_are_said_to_be),
		cmocka_unit_test(a_throttle_is_no_failure),
		cmocka_unit_test(of_missing_attempts_nothing_is_said_that_was_not_measured),
		cmocka_unit_test(an_outage_and_a_block_are_told_as_two_things),
		cmocka_unit_test(an_end_that_nobody_saw_is_said_to_be_unknown_and_why),
		cmocka_unit_test(of_few_clients_it_is_said_why_no_more_is),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
