// SPDX-License-Identifier: GPL-2.0
/* What an interim verdict said is taken back, exactly, once the final one says otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/findings_scene.h"

#define LATER_S 20 /* from the interim finding to the final one */

struct turn {
	enum outcome first, then;
	enum signature first_signature;
	enum level first_level;
};

/* Five flows of X a second, each told of in between as `first`, and LATER_S on as what it came to. */
static void turn(struct fixture *f, unsigned int seconds, const struct turn *t)
{
	static struct finding waiting[LATER_S][5];
	static __u16 clients[LATER_S][5];

	for (unsigned int s = 0; s < seconds + LATER_S; s++, f->now++) {
		for (unsigned int n = 0; n < 5; n++) {
			struct finding *told = &waiting[s % LATER_S][n];
			struct finding final = flow(f, X, t->then);

			if (s >= LATER_S) {
				final.key = told->key;
				final.prefix = told->prefix;
				final.first_s = told->first_s;
				final.decided_after_s = t->then == OUTCOME_FROZEN ? 2 : 0;
				final.told = true;
				final.told_later = t->first == OUTCOME_OK;
				incidents_finding(f->i, &final, clients[s % LATER_S][n], 0);
			}
			if (s >= seconds)
				continue;
			*told = flow(f, X, t->first);
			told->kind = RECORD_INTERIM;
			if (t->first != OUTCOME_OK) {
				told->v.signature = t->first_signature;
				told->v.level = t->first_level;
			}
			clients[s % LATER_S][n] = somebody();
			incidents_finding(f->i, told, clients[s % LATER_S][n], 0);
		}
		for (__u8 group = 1; group <= CONTROLS; group++) {
			for (unsigned int n = 0; n < 2; n++) {
				struct finding made = flow(f, group, OUTCOME_OK);

				give(f, &made, 0);
			}
		}
		incidents_until(f->i, f->now);
	}
}

static void flows_that_froze_are_failures_and_no_successes_beside(void **state)
{
	static const struct turn frozen = { OUTCOME_OK, OUTCOME_FROZEN, SIGNATURE_NONE, LEVEL_NONE };
	struct incident_report r;
	struct fixture *f = *state;
	__s64 begin;

	pass(f, CALM_S, &calm);
	begin = f->now;
	turn(f, 120, &frozen);
	assert_true(incidents_report(f->i, X, &r));
	assert_in_range(r.in.since, begin - 5, begin + 5);
	/* those that are not final yet still speak against it for a while */
	assert_in_range(r.in.detected, begin + LATER_S, begin + 5 * LATER_S / 2);
	assert_true(r.in.failures * 100 >= r.in.attempts * 97);
	assert_true(incidents_failing(f->i, X) > .99);
	assert_int_equal(incidents_state(f->i, X), WORD_LIKELY_BLOCKED); /* silence, so no more than that */
	assert_int_equal(r.signatures[0].signature, SIGNATURE_DATA_0);
}

/* One that lived for a quarter of an hour was answered then, whatever has come of it. */
static void an_old_success_stands_beside_the_failure_of_its_end(void **state)
{
	struct finding made, final;
	struct fixture *f = *state;
	__u64 key;

	pass(f, 60, &calm);
	made = flow(f, X, OUTCOME_OK);
	made.kind = RECORD_INTERIM;
	key = made.key;
	give(f, &made, 0);
	pass(f, 900, &calm);
	final = flow(f, X, OUTCOME_FROZEN);
	final.key = key;
	final.first_s = made.first_s;
	final.decided_after_s = (__u32)(f->now - made.first_s);
	final.told = final.told_later = true;
	give(f, &final, 0);
	pass(f, 1, &calm);
	assert_float_equal(incidents_failing(f->i, X), 1. / (59 * 5 + 6), .002);
}

static void a_flow_over_the_cap_is_not_taken_back(void **state)
{
	struct fixture *f = *state;
	struct finding told[20];

	pass(f, CALM_S, &calm);
	for (unsigned int n = 0; n < 20; n++) {
		told[n] = flow(f, X, OUTCOME_TIMEOUT);
		told[n].kind = RECORD_INTERIM;
		told[n].prefix = 100;
		incidents_finding(f->i, &told[n], 0x1234, 0);
	}
	for (unsigned int n = 0; n < 10; n++) { /* others, whose failures stay */
		struct finding made = flow(f, X, OUTCOME_TIMEOUT);

		made.prefix = 100;
		made.first_s = told[0].first_s;
		give(f, &made, 0);
	}
	for (unsigned int n = 0; n < 20; n++) {
		told[n].kind = RECORD_FINAL;
		told[n].v.outcome = OUTCOME_OK;
		told[n].told = true;
		incidents_finding(f->i, &told[n], 0x1234, 0);
	}
	pass(f, 59, &calm);
	assert_float_equal(incidents_failing(f->i, X), 10. / (59 * 5 + 10 + 3), .001);
}

static void one_client_decides_no_mechanism(void **state)
{
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	for (unsigned int s = 0; s < 90; s++) {
		for (unsigned int n = 0; n < 50; n++) {
			struct finding made = flow(f, X, OUTCOME_TIMEOUT);

			made.prefix = 100;
			incidents_finding(f->i, &made, 0x1234, 0);
		}
		pass(f, 1, &resets);
	}
	assert_int_equal(last(f)->signatures[0].signature, SIGNATURE_PSH_RSTACK);
	assert_true(last(f)->signatures[0].share > .9);
}

static void the_final_signature_is_the_one_that_is_told(void **state)
{
	static const struct turn other = { OUTCOME_TIMEOUT, OUTCOME_RESET, SIGNATURE_SYN_0, LEVEL_NONE };
	struct incident_report r;
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	turn(f, 120, &other);
	assert_true(incidents_report(f->i, X, &r));
	assert_int_equal(r.signatures[0].signature, SIGNATURE_PSH_RSTACK);
	assert_true(r.signatures[0].share > .99);
}

static void proof_that_the_final_verdict_brings_counts(void **state)
{
	static const struct turn proven = { OUTCOME_RESET, OUTCOME_RESET, SIGNATURE_PSH_RSTACK, LEVEL_NONE };
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	turn(f, 120, &proven);
	assert_true(last(f)->in.proven);
	assert_int_equal(last(f)->in.worst, WORD_BLOCKED);
}

/* Resets that turned out to be nothing prove nothing of the silence that goes on beside them. */
static void proof_of_what_is_taken_back_goes_with_it(void **state)
{
	static const struct turn corrected = { OUTCOME_RESET, OUTCOME_OK, SIGNATURE_PSH_RSTACK, LEVEL_HIGH };
	static const struct traffic silent = { OUTCOME_TIMEOUT, OUTCOME_OK, false };
	struct fixture *f = *state;

	pass(f, CALM_S, &calm);
	turn(f, 1, &corrected);
	pass(f, 200, &silent);
	assert_false(last(f)->in.proven);
	assert_int_equal(last(f)->in.worst, WORD_LIKELY_BLOCKED);
}

#define with_incidents(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_incidents(flows_that_froze_are_failures_and_no_successes_beside),
		with_incidents(an_old_success_stands_beside_the_failure_of_its_end),
		with_incidents(a_flow_over_the_cap_is_not_taken_back),
		with_incidents(one_client_decides_no_mechanism),
		with_incidents(the_final_signature_is_the_one_that_is_told),
		with_incidents(proof_that_the_final_verdict_brings_counts),
		with_incidents(proof_of_what_is_taken_back_goes_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
