// SPDX-License-Identifier: GPL-2.0
/* Questions and their answers: one verdict for each, and when two answers contradict each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "detect/dns_pairs.h"

#define MS    1000000ull
#define START (1000 * 1000 * MS)

/* Last bytes of addresses, and what each is by itself. */
enum { TRUE_A = 1, TRUE_B = 2, OTHER = 3, OTHER_B = 4, BOGUS = 5, NO_NAME = 0, EMPTY = 99 };

struct fixture {
	struct dns_pairs *pairs;
	struct dns_case last;
	unsigned int told, by[DNS_VERDICTS];
};

static const struct name_rule rule = { .name = "x.com", .group = 0 };

static void on_case(void *arg, const struct dns_case *c)
{
	struct fixture *f = arg;

	f->last = *c;
	f->told++;
	assert_true((unsigned int)c->verdict < DNS_VERDICTS);
	f->by[c->verdict]++;
	assert_ptr_equal(c->rule, &rule);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->pairs = dns_pairs_new(on_case, f);
	*state = f;
	return f->pairs ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	dns_pairs_free(f->pairs);
	free(f);
	return 0;
}

static void ask(struct fixture *f, __u64 key, unsigned int ms)
{
	struct dns_message m = { .type = 1 };
	struct dns_seen seen = { .key = key, .now_ns = START + ms * MS, .rule = &rule, .site = 2, .message = &m };

	dns_pairs_add(f->pairs, &seen);
}

static void answer(struct fixture *f, __u64 key, unsigned int ms, int what)
{
	static const enum dns_verdict verdicts[] = { DNS_NXDOMAIN, DNS_OK,	DNS_OK,
						     DNS_OUTSIDE,  DNS_OUTSIDE, DNS_BOGON };
	struct dns_message m = { .response = true, .type = 1 };
	struct dns_seen seen = { .key = key,
				 .now_ns = START + ms * MS,
				 .rule = &rule,
				 .site = 2,
				 .ttl = (__u8)(50 + what),
				 .message = &m };

	seen.verdict = what == EMPTY ? DNS_NONE : verdicts[what];
	if (what == NO_NAME)
		m.rcode = DNS_NXDOMAIN_CODE;
	else if (what != EMPTY)
		m.addresses[m.n++].bytes[15] = (__u8)what;
	dns_pairs_add(f->pairs, &seen);
}

static void due(struct fixture *f, unsigned int ms)
{
	dns_pairs_due(f->pairs, START + ms * MS);
}

static void an_answer_counts_once_it_stood_alone_for_the_window(void **state)
{
	struct fixture *f = *state;

	ask(f, 1, 0);
	answer(f, 1, 42, TRUE_A);
	due(f, 5000);
	assert_int_equal(f->told, 0);
	due(f, 5043);
	assert_int_equal(f->told, 1);
	assert_int_equal(f->last.verdict, DNS_OK);
	assert_int_equal(f->last.answers, 1);
	assert_true(f->last.asked);
	assert_int_equal(f->last.after_us, 42000);
	assert_int_equal(f->last.apart_us, 0);
	assert_int_equal(f->last.ttl, 51);
	assert_int_equal(f->last.site, 2);
	assert_true(f->last.first_ns == START);
	due(f, 100000);
	dns_pairs_flush(f->pairs);
	assert_int_equal(f->told, 1);
}

static void an_answer_whose_question_was_not_seen_counts_too(void **state)
{
	struct fixture *f = *state;

	answer(f, 1, 42, BOGUS);
	dns_pairs_flush(f->pairs);
	assert_int_equal(f->last.verdict, DNS_BOGON);
	assert_false(f->last.asked);
	assert_true(f->last.first_ns == START + 42 * MS);
}

static void a_question_that_nobody_answers_is_no_verdict(void **state)
{
	struct fixture *f = *state;

	ask(f, 1, 0);
	ask(f, 1, 3000);
	due(f, 60000);
	answer(f, 2, 60000, EMPTY);
	dns_pairs_flush(f->pairs);
	assert_int_equal(f->told, 0);
}

static void two_answers_that_differ_are_one_conflict_and_nothing_else(void **state)
{
	static const struct {
		int first, second;
		unsigned int apart_ms;
		int told; /* of which answer; -1: no conflict */
	} rows[] = {
		{ OTHER, TRUE_A, 80, OTHER },	 { BOGUS, TRUE_A, 80, BOGUS },	 { NO_NAME, TRUE_A, 80, NO_NAME },
		{ TRUE_A, OTHER, 80, OTHER },	 { TRUE_A, BOGUS, 80, BOGUS },	 { OTHER, OTHER_B, 80, OTHER },
		{ OTHER, NO_NAME, 80, OTHER },	 { OTHER, TRUE_A, 4999, OTHER }, { OTHER, TRUE_A, 5001, -1 },
		{ TRUE_A, TRUE_B, 499, TRUE_A }, { TRUE_A, TRUE_B, 501, -1 },	 { OTHER, OTHER, 80, -1 },
		{ NO_NAME, NO_NAME, 80, -1 },
	};
	struct fixture *f = *state;

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unsigned int told = f->told, conflicts = f->by[DNS_CONFLICT], at = i * 100000;

		ask(f, 7, at);
		answer(f, 7, at + 10, rows[i].first);
		answer(f, 7, at + 10 + rows[i].apart_ms, rows[i].second);
		dns_pairs_flush(f->pairs);
		assert_int_equal(f->by[DNS_CONFLICT] - conflicts, rows[i].told >= 0);
		if (rows[i].told < 0)
			continue;
		assert_int_equal(f->told - told, 1);
		assert_int_equal(f->last.answers, 2);
		assert_int_equal(f->last.apart_us, rows[i].apart_ms * 1000);
		assert_int_equal(f->last.ttl, 50 + rows[i].told);
		assert_int_equal(f->last.n, rows[i].told != NO_NAME);
		if (f->last.n)
			assert_int_equal(f->last.addresses[0].bytes[15], rows[i].told);
		assert_int_equal(f->last.after_us,
				 rows[i].told == rows[i].first ? 10000 : (10 + rows[i].apart_ms) * 1000);
	}
}

static void answers_after_the_window_are_cases_of_their_own(void **state)
{
	struct fixture *f = *state;

	answer(f, 7, 0, OTHER);
	answer(f, 7, 5001, TRUE_A);
	dns_pairs_flush(f->pairs);
	assert_int_equal(f->by[DNS_OUTSIDE], 1);
	assert_int_equal(f->by[DNS_OK], 1);
}

static void a_whole_pool_of_injectors_is_one_conflict(void **state)
{
	struct fixture *f = *state;

	ask(f, 7, 0);
	answer(f, 7, 5, OTHER);
	answer(f, 7, 6, OTHER_B);
	answer(f, 7, 7, NO_NAME);
	answer(f, 7, 8, BOGUS);
	answer(f, 7, 200, TRUE_A);
	answer(f, 7, 201, TRUE_B);
	dns_pairs_flush(f->pairs);
	assert_int_equal(f->told, 1);
	assert_int_equal(f->last.verdict, DNS_CONFLICT);
	assert_int_equal(f->last.answers, 6);
	assert_int_equal(f->last.ttl, 50 + BOGUS);
	assert_int_equal(f->last.apart_us, 3000);
	assert_int_equal(f->last.n, 3); /* the false ones, the worst first */
	assert_int_equal(f->last.addresses[0].bytes[15], BOGUS);
	assert_int_equal(f->last.addresses[1].bytes[15], OTHER);
	assert_int_equal(f->last.addresses[2].bytes[15], OTHER_B);
}

static void the_same_answer_at_two_interfaces_is_one(void **state)
{
	struct fixture *f = *state;

	ask(f, 7, 0);
	ask(f, 7, 0);
	answer(f, 7, 10, TRUE_A);
	answer(f, 7, 10, TRUE_A);
	dns_pairs_flush(f->pairs);
	assert_int_equal(f->told, 1);
	assert_int_equal(f->last.answers, 1);
}

static void answers_to_two_askers_do_not_meet(void **state)
{
	struct fixture *f = *state;

	answer(f, 7, 0, OTHER);
	answer(f, 7 + (1ull << 32), 1, TRUE_A);
	answer(f, 7 + 4096, 1, TRUE_B); /* the same chain as 7 */
	dns_pairs_flush(f->pairs);
	assert_int_equal(f->told, 3);
	assert_int_equal(f->by[DNS_CONFLICT], 0);
}

static void a_question_after_an_answer_is_a_new_one(void **state)
{
	struct fixture *f = *state;

	for (unsigned int ms = 0; ms < 3000; ms += 1000) {
		ask(f, 7, ms);
		answer(f, 7, ms + 10, ms ? OTHER : OTHER_B); /* others, as from a list that is out of date */
	}
	dns_pairs_flush(f->pairs);
	assert_int_equal(f->told, 3);
	assert_int_equal(f->by[DNS_OUTSIDE], 3);
}

static void a_flood_is_decided_sooner_but_loses_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned int n = DNS_PAIRS * 3;

	for (unsigned int i = 0; i < n; i++)
		answer(f, i * 0x9e3779b97f4a7c15ull, 0, TRUE_A);
	assert_int_equal(f->told, n - DNS_PAIRS);
	due(f, 6000);
	assert_int_equal(f->by[DNS_OK], n);
}

static void a_cut_answer_contradicts_no_other_of_the_ranges(void **state)
{
	struct fixture *f = *state;
	struct dns_message m = { .response = true, .type = 1, .cut = true, .n = 1 };
	struct dns_seen seen = {
		.key = 7, .now_ns = START + 20 * MS, .rule = &rule, .verdict = DNS_OK, .message = &m
	};

	answer(f, 7, 10, TRUE_A);
	dns_pairs_add(f->pairs, &seen);
	dns_pairs_flush(f->pairs);
	assert_int_equal(f->by[DNS_OK], 1);
	assert_int_equal(f->told, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_answer_counts_once_it_stood_alone_for_the_window),
		T(an_answer_whose_question_was_not_seen_counts_too),
		T(a_question_that_nobody_answers_is_no_verdict),
		T(two_answers_that_differ_are_one_conflict_and_nothing_else),
		T(answers_after_the_window_are_cases_of_their_own),
		T(a_whole_pool_of_injectors_is_one_conflict),
		T(the_same_answer_at_two_interfaces_is_one),
		T(answers_to_two_askers_do_not_meet),
		T(a_question_after_an_answer_is_a_new_one),
		T(a_flood_is_decided_sooner_but_loses_nothing),
		T(a_cut_answer_contradicts_no_other_of_the_ranges),
	};

	return cmocka_run_group_tests_name("dns_pairs", tests, NULL, NULL);
}
