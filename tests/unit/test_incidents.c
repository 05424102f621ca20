// SPDX-License-Identifier: GPL-2.0
/* From findings to incidents: what counts and when, which state a group is in, and what is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/findings_scene.h"

/* ---- blocks ------------------------------------------------------------------------------------------------ */

static void a_block_is_told_when_it_opens_gets_worse_and_ends(void **state)
{
	struct fixture *f = *state;
	__s64 begin, end;

	assert_int_equal(incidents_state(f->i, X), WORD_INSUFFICIENT);
	pass(f, CALM_S, &calm);
	assert_int_equal(incidents_state(f->i, X), WORD_OK);
	assert_int_equal(f->n_told, 0);
	begin = f->now;
	pass(f, 90, &resets);
	assert_int_equal(incidents_state(f->i, X), WORD_BLOCKED);
	assert_int_equal(incidents_site(f->i, X, 1), WORD_BLOCKED);
	assert_int_equal(incidents_state(f->i, 1), WORD_OK);
	assert_int_equal(f->n_told, 2);
	assert_int_equal(f->told[0].in.state, WORD_LIKELY_BLOCKED);
	assert_int_equal(f->told[1].in.state, WORD_BLOCKED);
	assert_in_range(f->told[0].in.since, begin - 1, begin + 1);
	assert_int_equal(f->told[0].could_be, 1u << COULD_BE_BLOCK); /* resets that were injected are no silence */
	assert_int_equal(f->told[1].n_signatures, 1);
	assert_int_equal(f->told[1].signatures[0].signature, SIGNATURE_PSH_RSTACK);
	assert_float_equal(f->told[1].signatures[0].share, 1, 1e-9);
	assert_int_equal(f->told[1].could_be, 1u << COULD_BE_BLOCK);
	end = f->now;
	pass(f, 90, &calm);
	assert_int_equal(f->n_told, 4); /* and a minute after the last word: of more attempts */
	assert_int_equal(f->told[2].in.state, WORD_BLOCKED);
	assert_false(last(f)->in.open);
	assert_in_range(last(f)->in.ended, end - 1, end + 2);
	assert_int_equal(last(f)->in.worst, WORD_BLOCKED);
	assert_in_range(last(f)->in.failures, 445, 455);
	assert_string_equal(last(f)->clients, "200-499");
	assert_int_equal(incidents_opened(f->i, X), 1);
	assert_int_equal(incidents_opened(f->i, 1), 0);
}

/* Twice as many, or another part, is news; and the less often, the longer it goes on. */
static void of_a_long_block_the_record_does_not_stay_that_of_its_first_seconds(void **state)
{
	struct incident_report now;
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	pass(f, 3 * 3600, &resets);
	assert_true(incidents_report(f->i, X, &now));
	assert_true(last(f)->in.open && last(f)->in.attempts * 2 > now.in.attempts);
	assert_int_equal(last(f)->in.state, WORD_BLOCKED);
	assert_in_range(f->n_told, 5, 15);
	assert_int_equal(incidents_opened(f->i, X), 1);
}

/* What answered for months before says nothing of who does now. */
static void the_responder_is_the_one_of_the_incident(void **state)
{
	struct fixture *f = *state;

	f->answer_ttl = 50;
	for (unsigned int i = 0; i < 5000; i++) {
		const struct finding made = flow(f, X, OUTCOME_RESET);

		where_add(f->where, &made);
	}
	pass(f, CALM_S, &calm);
	f->answer_ttl = 58;
	pass(f, 90, &resets);
	assert_int_equal(last(f)->in.worst, WORD_BLOCKED);
	assert_int_equal(last(f)->hops, 6);
	pass(f, 1200, &calm);
	f->answer_ttl = 61; /* and of the next */
	pass(f, 90, &resets);
	assert_int_equal(incidents_opened(f->i, X), 2);
	assert_int_equal(last(f)->hops, 3);
}

static void silence_on_own_addresses_alone_is_never_called_blocked(void **state)
{
	static const struct traffic silent = { OUTCOME_TIMEOUT, OUTCOME_OK, 0 };
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	pass(f, 300, &silent);
	assert_int_equal(incidents_state(f->i, X), WORD_LIKELY_BLOCKED);
	assert_int_equal(last(f)->could_be,
			 1u << COULD_BE_BLOCK | 1u << COULD_BE_OUTAGE_OF_X | 1u << COULD_BE_ROUTE_TO_X);
}

static void silence_on_dedicated_addresses_of_a_cdn_is(void **state)
{
	static const struct traffic silent = { OUTCOME_TIMEOUT, OUTCOME_OK, 1 + 1 };
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	pass(f, 90, &silent);
	assert_int_equal(incidents_state(f->i, X), WORD_BLOCKED);
}

static void an_outage_is_told_as_one(void **state)
{
	static const struct traffic out = { OUTCOME_TIMEOUT, OUTCOME_TIMEOUT, 1 + 1 };
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	pass(f, 200, &out);
	assert_int_equal(incidents_state(f->i, X), WORD_DOWN);
	for (unsigned int i = 0; i < f->n_told; i++)
		assert_int_not_equal(f->told[i].in.worst, WORD_BLOCKED);
	assert_int_equal(last(f)->could_be, 1u << COULD_BE_OUTAGE);
}

/* Whatever was said of it before, the record is `down`; but what came when the controls answered again is no outage. */
static void a_block_after_an_outage_is_not_hidden_by_it(void **state)
{
	static const struct traffic out = { OUTCOME_TIMEOUT, OUTCOME_TIMEOUT, false };
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	pass(f, 200, &out);
	assert_int_equal(last(f)->could_be, 1u << COULD_BE_OUTAGE);
	assert_int_equal(last(f)->by, 0);
	pass(f, 400, &resets);
	assert_int_equal(last(f)->in.worst, WORD_DOWN);
	assert_int_equal(last(f)->in.phases[0].state, WORD_DOWN);
	assert_int_equal(last(f)->could_be, 1u << COULD_BE_OUTAGE | 1u << COULD_BE_BLOCK);
	pass(f, 120, &calm);
	assert_false(last(f)->in.open);
	assert_int_equal(last(f)->could_be, 1u << COULD_BE_OUTAGE | 1u << COULD_BE_BLOCK);
}

/* Names tell it only after the last change that was told of. */
static void what_it_goes_by_is_told_at_its_end_too(void **state)
{
	struct fixture *f = *state;
	struct finding made;

	pass(f, CALM_S, &calm);
	pass(f, 90, &resets);
	assert_int_equal(last(f)->by, 0);
	for (unsigned int i = 0; i < 200; i++) {
		made = flow(f, X, OUTCOME_RESET);
		made.v.sni = SNI_MATCH;
		give(f, &made, false);
		if (i % 10 == 0) {
			made = flow(f, X, OUTCOME_OK);
			made.v.sni = SNI_OTHER;
			give(f, &made, false);
		}
		pass(f, 1, &resets);
	}
	pass(f, 900, &calm);
	assert_false(last(f)->in.open);
	assert_int_equal(last(f)->by, 1u << MECHANISM_SNI);
}

/* ---- what counts, and when --------------------------------------------------------------------------------- */

/* A second in which each flow of X is told of in between, and with `seconds` later what it came to. */
static void in_between(struct fixture *f, unsigned int seconds, enum outcome first, enum outcome later)
{
	struct finding waiting[4][5];

	for (unsigned int s = 0; s < seconds; s++, f->now++) {
		for (unsigned int n = 0; n < 5; n++) {
			if (s >= 4) {
				struct finding final = flow(f, X, later);

				final.key = waiting[s % 4][n].key;
				final.prefix = waiting[s % 4][n].prefix;
				final.first_s = waiting[s % 4][n].first_s;
				final.told = true;
				final.told_later = first == OUTCOME_OK;
				give(f, &final, false);
			}
			waiting[s % 4][n] = flow(f, X, first);
			waiting[s % 4][n].kind = RECORD_INTERIM;
			give(f, &waiting[s % 4][n], false);
		}
		for (__u8 group = 1; group <= CONTROLS; group++) {
			struct finding made = flow(f, group, OUTCOME_OK);

			give(f, &made, false);
		}
		incidents_until(f->i, f->now);
	}
}

static void an_interim_failure_and_its_final_one_are_one(void **state)
{
	struct fixture *f = *state;
	struct incident_report r;
	__s64 begin;

	pass(f, CALM_S, &calm);
	begin = f->now;
	in_between(f, 60, OUTCOME_TIMEOUT, OUTCOME_TIMEOUT);
	assert_true(incidents_report(f->i, X, &r));
	assert_in_range(r.in.detected, begin, begin + 10); /* it did not wait for the final ones */
	assert_in_range(r.in.attempts, 290, 305);
}

static void a_success_that_was_told_before_its_end_counts_once(void **state)
{
	struct fixture *f = *state;
	struct incident_report r;

	pass(f, CALM_S, &calm);
	pass(f, 60, &resets);
	in_between(f, 20, OUTCOME_OK, OUTCOME_OK);
	assert_true(incidents_report(f->i, X, &r));
	assert_in_range(r.in.attempts, 60 * 5 + 95, 60 * 5 + 105);
}

static void what_is_forgotten_or_background_counts_for_nothing(void **state)
{
	struct fixture *f = *state;
	struct finding made;

	pass(f, CALM_S, &calm);
	for (unsigned int i = 0; i < 200; i++) {
		made = flow(f, X, OUTCOME_RESET);
		made.forgotten = true;
		give(f, &made, false);
		made = flow(f, X, OUTCOME_TIMEOUT);
		made.v.background = true;
		give(f, &made, false);
		pass(f, 1, &calm);
	}
	assert_int_equal(f->n_told, 0);
	assert_true(incidents_failing(f->i, X) < .01);
}

static void a_gap_ends_no_incident_and_opens_none(void **state)
{
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	f->now += 7200;
	pass(f, 600, &calm);
	assert_int_equal(f->n_told, 0);
	pass(f, 90, &resets);
	f->now += 7200;
	pass(f, 60, &resets);
	assert_int_equal(incidents_state(f->i, X), WORD_BLOCKED);
	assert_int_equal(incidents_opened(f->i, X), 1);
}

/* ---- the other states -------------------------------------------------------------------------------------- */

static void slow(struct fixture *f, unsigned int seconds, bool x, bool controls)
{
	for (; seconds; seconds--, f->now++) {
		for (__u8 group = X; group <= CONTROLS; group++) {
			struct finding made =
				flow(f, group, (group ? controls : x) ? OUTCOME_THROTTLED : OUTCOME_OK);

			made.v.stage = STAGE_LATER;
			made.v.bytes_down = 100000;
			give(f, &made, false);
		}
		incidents_until(f->i, f->now);
	}
}

static void a_rate_that_only_x_has_is_a_throttle(void **state)
{
	struct fixture *f = *state;

	slow(f, CALM_S, false, false);
	assert_int_equal(f->n_told, 0);
	slow(f, 120, true, false);
	assert_int_equal(incidents_state(f->i, X), WORD_THROTTLED);
	assert_int_equal(incidents_site(f->i, X, 1), WORD_THROTTLED);
	assert_int_equal(last(f)->in.worst, WORD_THROTTLED);
	assert_int_equal(last(f)->in.phases[0].state, WORD_THROTTLED);
	slow(f, 120, false, false);
	assert_int_equal(incidents_state(f->i, X), WORD_OK);
	assert_false(last(f)->in.open);
	assert_int_equal(incidents_opened(f->i, X), 1);
}

static void a_rate_that_all_have_is_none(void **state)
{
	struct fixture *f = *state;

	slow(f, CALM_S, false, false);
	slow(f, 300, true, true);
	assert_int_equal(incidents_state(f->i, X), WORD_OK);
	assert_int_equal(f->n_told, 0);
}

static void short_flows_tell_of_no_rate(void **state)
{
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	for (unsigned int i = 0; i < 200; i++) {
		struct finding made = flow(f, X, OUTCOME_THROTTLED);

		made.v.stage = STAGE_LATER;
		made.v.bytes_down = 20000;
		give(f, &made, false);
		pass(f, 1, &calm);
	}
	assert_int_equal(f->n_told, 0);
}

/* Downloads of X are slow, and attempts at it are reset beside that. */
static void slow_and_reset(struct fixture *f, unsigned int seconds, bool x, bool reset)
{
	for (; seconds; seconds--) {
		for (unsigned int n = 0; n < 8 && reset; n++) {
			struct finding made = flow(f, X, OUTCOME_RESET);

			give(f, &made, false);
		}
		slow(f, 1, x, false);
	}
}

/* The one that is on, as whoever asks gets it; and nothing else may be on. */
static struct incident_report now_on(struct fixture *f)
{
	struct incident_report r;
	__s64 on = 0;

	assert_true(incidents_report(f->i, X, &r));
	for (unsigned int i = 0; i < f->n_told; i++) {
		bool newest = true;

		for (unsigned int later = i + 1; later < f->n_told; later++)
			newest &= f->told[later].in.since != f->told[i].in.since;
		on += newest && f->told[i].in.open;
	}
	assert_int_equal(on, r.in.open);
	return r;
}

static void a_block_ends_a_throttle_and_after_it_the_throttle_goes_on(void **state)
{
	struct incident_report r;
	struct fixture *f = *state;
	__s64 throttled, blocked;

	slow(f, CALM_S, false, false);
	slow(f, 300, true, false);
	assert_int_equal(f->n_told, 1);
	throttled = last(f)->in.since;
	slow_and_reset(f, 150, true, true);
	assert_false(f->told[1].in.open);
	assert_int_equal(f->told[1].in.worst, WORD_THROTTLED);
	r = now_on(f);
	blocked = r.in.since;
	assert_int_not_equal(r.in.worst, WORD_THROTTLED);
	assert_true(f->told[1].in.ended == blocked && f->told[1].in.phases[0].to == blocked);
	slow(f, 200, true, false);
	r = now_on(f);
	assert_int_equal(incidents_state(f->i, X), WORD_THROTTLED);
	assert_true(r.in.open && r.in.since == throttled && !r.in.ended);
	assert_int_equal(r.in.n_phases, 2);
	assert_true(r.in.phases[0].from == throttled && r.in.phases[0].to == blocked);
	assert_true(r.in.phases[1].from == f->told[f->n_told - 2].in.ended && !r.in.phases[1].to);
	assert_true(f->told[f->n_told - 2].in.since == blocked);
	slow(f, 200, false, false);
	assert_false(now_on(f).in.open);
	assert_true(last(f)->in.since == throttled && last(f)->in.phases[1].to == last(f)->in.ended);
	assert_int_equal(incidents_opened(f->i, X), 2);
}

static void a_throttle_that_ends_in_a_block_does_not_come_back(void **state)
{
	struct fixture *f = *state;

	slow(f, CALM_S, false, false);
	slow(f, 300, true, false);
	slow_and_reset(f, 300, false, true);
	assert_int_not_equal(now_on(f).in.worst, WORD_THROTTLED);
	slow(f, 200, false, false);
	assert_false(now_on(f).in.open);
	assert_int_not_equal(last(f)->in.worst, WORD_THROTTLED);
}

static void after_a_long_block_the_throttle_is_another_from_its_end_or_before(void **state)
{
	struct incident_report r;
	struct fixture *f = *state;

	slow(f, CALM_S, false, false);
	slow(f, 300, true, false);
	slow_and_reset(f, 1300, true, true);
	slow(f, 200, true, false);
	r = now_on(f);
	assert_int_equal(r.in.worst, WORD_THROTTLED);
	assert_int_equal(r.in.n_phases, 1);
	assert_true(r.in.since_bound && r.in.since == f->told[f->n_told - 2].in.ended);
	assert_int_equal(incidents_opened(f->i, X), 3);
}

static void a_throttle_found_in_a_block_is_told_after_it(void **state)
{
	struct incident_report r;
	struct fixture *f = *state;

	slow(f, CALM_S, false, false);
	slow_and_reset(f, 90, false, true);
	slow_and_reset(f, 300, true, true);
	assert_int_not_equal(now_on(f).in.worst, WORD_THROTTLED);
	slow(f, 200, true, false);
	r = now_on(f);
	assert_int_equal(r.in.worst, WORD_THROTTLED);
	assert_true(r.in.open && r.in.since_bound && r.in.since == f->told[f->n_told - 2].in.ended);
}

static void attempts_that_go_missing_are_told_as_vanished(void **state)
{
	struct fixture *f = *state;
	struct finding made;
	__s64 gone;

	for (unsigned int i = 0; i < 8 * 3600; i++, f->now++) {
		for (__u8 group = X; group <= CONTROLS && f->now % 4 == 0; group++) {
			made = flow(f, group, OUTCOME_OK);
			give(f, &made, false);
		}
		incidents_until(f->i, f->now);
	}
	gone = f->now;
	for (unsigned int i = 0; i < 1200; i++, f->now++) {
		for (__u8 group = 1; group <= CONTROLS && f->now % 4 == 0; group++) {
			made = flow(f, group, OUTCOME_OK);
			give(f, &made, false);
		}
		incidents_until(f->i, f->now);
	}
	assert_int_equal(incidents_state(f->i, X), WORD_VANISHED);
	assert_int_equal(f->n_told, 1);
	assert_in_range(last(f)->in.since, gone - 60, gone + 60);
	assert_true(last(f)->could_be & 1u << COULD_BE_OLD_RANGES);
	assert_true(last(f)->in.baseline < 0 && last(f)->in.control_share < 0); /* nothing was measured */
	assert_string_equal(last(f)->clients, "<20");
	assert_int_equal(last(f)->n_signatures, 0);
}

/* Connections of yesterday that end now are no attempts of today; what is told of twice is one. */
static void what_ends_was_attempted_when_it_began(void **state)
{
	struct fixture *f = *state;
	struct finding made;

	for (unsigned int i = 0; i < 8 * 3600; i++, f->now++) {
		for (__u8 group = X; group <= CONTROLS && f->now % 4 == 0; group++) {
			made = flow(f, group, OUTCOME_OK);
			made.kind = group ? RECORD_FINAL : RECORD_INTERIM;
			give(f, &made, false);
		}
		incidents_until(f->i, f->now);
	}
	for (unsigned int i = 0; i < 1200; i++, f->now++) {
		for (__u8 group = X; group <= CONTROLS && f->now % 4 == 0; group++) {
			made = flow(f, group, OUTCOME_OK);
			made.told = made.told_later = group == X;
			made.first_s -= group ? 0 : 7200;
			give(f, &made, false);
		}
		incidents_until(f->i, f->now);
	}
	assert_int_equal(incidents_state(f->i, X), WORD_VANISHED);
}

static void one_side_of_the_traffic_is_said_to_be_that(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 300; i++, f->now++) {
		for (__u8 group = X; group <= CONTROLS; group++) {
			struct finding made = flow(f, group, OUTCOME_UNJUDGED);

			made.v.why = REASON_ONE_DIRECTION;
			give(f, &made, false);
		}
		incidents_until(f->i, f->now);
	}
	assert_int_equal(incidents_state(f->i, X), WORD_ONE_DIRECTION);
	assert_int_equal(f->n_told, 0);
}

static void a_bad_ledger_silences_every_state(void **state)
{
	struct trust_counts counts = { .opened = 100000, .lost = 0 };
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	incidents_ledger(f->i, &counts);
	counts.opened += 1000;
	counts.lost += 50;
	pass(f, 10, &calm);
	incidents_ledger(f->i, &counts);
	assert_float_equal(incidents_untrusted(f->i), .05, .001);
	assert_int_equal(incidents_state(f->i, X), WORD_INSUFFICIENT);
	pass(f, 120, &resets);
	assert_int_equal(f->n_told, 0);
}

static void shares_of_the_last_minute_are_those_of_what_counts(void **state)
{
	struct fixture *f = *state;

	assert_true(incidents_failing(f->i, X) < 0);
	pass(f, CALM_S, &calm);
	pass(f, 30, &resets);
	assert_float_equal(incidents_failing(f->i, X), .5, .03);
	assert_float_equal(incidents_controls_failing(f->i, X), 0, 1e-9);
	assert_float_equal(incidents_controls_failing(f->i, 1), 0, 1e-9);
}

#define with_incidents(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_incidents(a_block_is_told_when_it_opens_gets_worse_and_ends),
		with_incidents(of_a_long_block_the_record_does_not_stay_that_of_its_first_seconds),
		with_incidents(the_responder_is_the_one_of_the_incident),
		with_incidents(silence_on_own_addresses_alone_is_never_called_blocked),
		with_incidents(silence_on_dedicated_addresses_of_a_cdn_is),
		with_incidents(an_outage_is_told_as_one),
		with_incidents(a_block_after_an_outage_is_not_hidden_by_it),
		with_incidents(what_it_goes_by_is_told_at_its_end_too),
		with_incidents(an_interim_failure_and_its_final_one_are_one),
		with_incidents(a_success_that_was_told_before_its_end_counts_once),
		with_incidents(what_is_forgotten_or_background_counts_for_nothing),
		with_incidents(a_gap_ends_no_incident_and_opens_none),
		with_incidents(a_rate_that_only_x_has_is_a_throttle),
		with_incidents(a_rate_that_all_have_is_none),
		with_incidents(a_block_ends_a_throttle_and_after_it_the_throttle_goes_on),
		with_incidents(a_throttle_that_ends_in_a_block_does_not_come_back),
		with_incidents(after_a_long_block_the_throttle_is_another_from_its_end_or_before),
		with_incidents(a_throttle_found_in_a_block_is_told_after_it),
		with_incidents(short_flows_tell_of_no_rate),
		with_incidents(attempts_that_go_missing_are_told_as_vanished),
		with_incidents(what_ends_was_attempted_when_it_began),
		with_incidents(one_side_of_the_traffic_is_said_to_be_that),
		with_incidents(a_bad_ledger_silences_every_state),
		with_incidents(shares_of_the_last_minute_are_those_of_what_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
