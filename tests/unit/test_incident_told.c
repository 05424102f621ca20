// SPDX-License-Identifier: GPL-2.0
/* An incident as it is told: the contract's JSON to the letter, and in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "show/incident_json.h"
#include "show/incident_text.h"
#include "unit/incident_scene.h"

static void says(const struct fixture *f, const struct incident_report *r, const char *wanted)
{
	char *line = incident_to_json(f->board, r);

	assert_non_null(line);
	if (!strstr(line, wanted))
		fail_msg("%s\nis not in\n%s", wanted, line);
	free(line);
}

static void the_line_is_the_contract_s_to_the_letter(void **state)
{
	const struct incident_report r = made_incident();
	struct fixture *f = *state;
	char *line = incident_to_json(f->board, &r);

	assert_non_null(line);
	assert_string_equal(
		line,
		"{\"incident\":{\"id\":\"x-20240217T160410Z\",\"group\":\"x\",\"site\":\"all\",\"state\":\"blocked\","
		"\"since\":\"2024-02-17T16:04:10Z\",\"since_uncertainty_s\":4,\"since_bound\":false,"
		"\"detected\":\"2024-02-17T16:04:19Z\",\"ended\":null,"
		"\"phases\":[{\"from\":\"2024-02-17T16:04:10Z\",\"to\":null,\"state\":\"blocked\"}],"
		"\"unobserved\":false,\"scope\":{\"sites\":[],\"prefixes\":[\"104.244.40.0/21\"],\"families\":[],"
		"\"transports\":[]},\"attempts\":1630,\"failures\":1602,\"failure_ratio\":0.983,"
		"\"baseline_ratio\":0.021,\"control_failure_ratio\":0.018,\"common\":false,\"could_be\":[\"block\"],"
		"\"mechanisms\":[{\"signature\":\"PSH+ACK->RST+ACK\",\"share\":0.91},"
		"{\"signature\":\"SYN->0\",\"share\":0.05}],\"by\":[\"sni\"],"
		"\"transports\":[\"tcp\"],\"families\":[\"ipv4\",\"ipv6\"],\"prefixes\":[\"104.244.40.0/21\"],"
		"\"sites\":[\"lahore\"],\"responder\":{\"hops\":3,\"rtt_ms\":7.4,\"server_hops\":12,"
		"\"server_rtt_ms\":92.0},\"clients\":\"20-49\",\"rule\":\"urn-cusum/1\",\"ranges\":\"2026-11-01\","
		"\"version\":\"0.1.0\"}}");
	free(line);
}

static void what_is_not_known_is_null(void **state)
{
	struct incident_report r = made_incident();

	r.in.baseline = -1;
	r.in.attempts = 0;
	r.hops = r.server_hops = -1;
	r.ms = r.server_ms = -1;
	says(*state, &r, "\"failure_ratio\":null,\"baseline_ratio\":null,");
	r.in.control_share = -1;
	says(*state, &r, "\"control_failure_ratio\":null,");
	says(*state, &r, "{\"hops\":null,\"rtt_ms\":null,\"server_hops\":null,\"server_rtt_ms\":null}");
}

static void of_missing_attempts_no_share_was_measured(void **state)
{
	struct incident_report r = made_incident();
	struct fixture *f = *state;
	char text[INCIDENT_TEXT];

	r.in.worst = WORD_VANISHED;
	r.in.baseline = r.in.control_share = -1;
	r.in.attempts = 3;
	r.in.failures = 0;
	strcpy(r.clients, "<20");
	says(*state, &r,
	     "\"attempts\":3,\"failures\":0,\"failure_ratio\":null,\"baseline_ratio\":null,"
	     "\"control_failure_ratio\":null,");
	says(*state, &r, "\"clients\":\"<20\"");
	incident_text(f->board, &r, text, sizeof(text));
	assert_null(strstr(text, "clients"));
}

static void an_end_is_a_time_and_one_that_is_not_known_is_none(void **state)
{
	struct incident_report r = made_incident();

	r.in.open = false;
	r.in.ended = r.in.phases[0].to = INCIDENT_SINCE + 60;
	says(*state, &r,
	     "\"ended\":\"2024-02-17T16:05:10Z\",\"phases\":[{\"from\":\"2024-02-17T16:04:10Z\","
	     "\"to\":\"2024-02-17T16:05:10Z\",");
	r.in.ended = 0;
	says(*state, &r,
	     "\"ended\":null,\"phases\":[{\"from\":\"2024-02-17T16:04:10Z\",\"to\":null,\"state\":\"blocked\"}]");
}

static void a_range_that_has_left_the_lists_is_left_out(void **state)
{
	struct incident_report r = made_incident();

	r.in.scope[STREAM_PREFIX][0] = 9999;
	says(*state, &r, "\"scope\":{\"sites\":[],\"prefixes\":[],");
}

static void in_words_it_says_what_when_how_where_and_what_else(void **state)
{
	const struct incident_report r = made_incident();
	struct fixture *f = *state;
	char text[INCIDENT_TEXT];

	assert_string_equal(incident_text(f->board, &r, text, sizeof(text)),
			    "x: blocked since 2024-02-17 16:04:10 UTC (+-4 s), still on\n"
			    "    only: 104.244.40.0/21\n"
			    "    1602 of 1630 attempts there failed: 98 %, usually 2.1 %; of the controls' 1.8 %\n"
			    "    seen in: lahore, IPv4, IPv6, TCP\n"
			    "    how: by name: PSH+ACK->RST+ACK 91 %, SYN->0 5 %\n"
			    "    answers come from 3 hops, 7.44 ms away; the server 12 hops, 92 ms\n"
			    "    clients with failures: 20-49\n"
			    "    this could be a block\n");
}

static void a_bound_an_end_and_phases_are_said_in_words(void **state)
{
	struct incident_report r = made_incident();
	struct fixture *f = *state;
	char text[INCIDENT_TEXT];

	r.in.since_bound = true;
	r.in.open = false;
	r.in.ended = INCIDENT_SINCE + 120;
	r.in.phases[1] = (struct incident_phase){ .from = INCIDENT_SINCE + 60, .state = WORD_DOWN };
	r.in.n_phases = 2;
	incident_text(f->board, &r, text, sizeof(text));
	assert_non_null(
		strstr(text, "x: blocked since before 2024-02-17 16:04:10 UTC, ended 2024-02-17 16:06:10 UTC\n"));
	assert_non_null(strstr(text, "    2024-02-17 16:05:10 UTC  down\n"));
	r.in.ended = 0;
	incident_text(f->board, &r, text, sizeof(text));
	r.in.phases[1].to = INCIDENT_SINCE + 180;
	incident_text(f->board, &r, text, sizeof(text));
	assert_non_null(strstr(text, "ended at a time that is not known, after 2024-02-17 16:07:10 UTC\n"));
	r.in.unobserved = true;
	incident_text(f->board, &r, text, sizeof(text));
	assert_non_null(
		strstr(text,
		       "ended at a time that is not known: nothing was attempted after 2024-02-17 16:07:10 UTC\n"));
}

static void more_names_than_are_kept_are_said_to_be_more(void **state)
{
	struct incident_report r = made_incident();
	struct fixture *f = *state;
	char text[INCIDENT_TEXT];

	for (unsigned int i = 0; i < INCIDENT_SCOPE; i++)
		r.in.scope[STREAM_PREFIX][i] = P_X;
	r.in.n_scope[STREAM_PREFIX] = 42; /* as many as xreach ships for X */
	incident_text(f->board, &r, text, sizeof(text));
	assert_non_null(strstr(text, "104.244.40.0/21 and 36 more\n"));
	r.in.n_scope[STREAM_PREFIX] = INCIDENT_SCOPE;
	r.in.scope_more = true;
	incident_text(f->board, &r, text, sizeof(text));
	assert_non_null(strstr(text, "104.244.40.0/21 and 250 or more\n"));
}

static void what_came_and_went_is_told_with_its_pauses(void **state)
{
	struct incident_report r = made_incident();
	struct fixture *f = *state;
	char text[INCIDENT_TEXT];

	for (unsigned int i = 0; i < INCIDENT_PHASES; i++)
		r.in.phases[i] = (struct incident_phase){ INCIDENT_SINCE + i * 900ll,
							  INCIDENT_SINCE + i * 900ll + 300, WORD_BLOCKED };
	r.in.n_phases = 3;
	incident_text(f->board, &r, text, sizeof(text));
	assert_non_null(strstr(text, "\n    2024-02-17 16:04:10 UTC  blocked\n    2024-02-17 16:09:10 UTC  ok\n"
				     "    2024-02-17 16:19:10 UTC  blocked\n"));
	r.in.n_phases = INCIDENT_PHASES;
	r.in.phases[0].state = WORD_IMPAIRED;
	incident_text(f->board, &r, text, sizeof(text));
	assert_non_null(strstr(text, "\n    2024-02-17 16:04:10 UTC  on and off, in phases too many to be told\n"));
	assert_non_null(strstr(text, "\n    2024-02-22 23:49:10 UTC  blocked\n")); /* the newest is in it */
}

static void a_text_that_is_too_long_is_cut_and_no_more(void **state)
{
	const struct incident_report r = made_incident();
	struct fixture *f = *state;
	char text[64];

	memset(text, 'z', sizeof(text));
	incident_text(f->board, &r, text, 40);
	assert_int_equal(strlen(text), 39);
	assert_int_equal(text[40], 'z');
}

#define with_board(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_board(the_line_is_the_contract_s_to_the_letter),
		with_board(what_is_not_known_is_null),
		with_board(of_missing_attempts_no_share_was_measured),
		with_board(an_end_is_a_time_and_one_that_is_not_known_is_none),
		with_board(a_range_that_has_left_the_lists_is_left_out),
		with_board(in_words_it_says_what_when_how_where_and_what_else),
		with_board(a_bound_an_end_and_phases_are_said_in_words),
		with_board(more_names_than_are_kept_are_said_to_be_more),
		with_board(what_came_and_went_is_told_with_its_pauses),
		with_board(a_text_that_is_too_long_is_cut_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
