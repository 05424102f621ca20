// SPDX-License-Identifier: GPL-2.0
/* The report: the same story in four forms, in words that say what was not seen, too; and no name can become markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <jansson.h>

#include "detect/tally.h"
#include "show/compare.h"
#include "show/html.h"
#include "show/report.h"
#include "show/told.h"
#include "show/words.h"
#include "unit/history_scene.h"
#include "unit/report_scene.h"

typedef void (*form_fn)(const struct past *past, const struct report_form *form, FILE *to);

static char *print_as(form_fn form, const struct past *p, struct report_form how)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	form(p, &how, to);
	fclose(to);
	return text;
}

/* The stretch in a form, to be freed. */
static char *print(struct fixture *f, form_fn form, struct report_form how)
{
	char error[512], *text;
	struct past p;

	assert_int_equal(past_read(f->files.directory, NOON, MINUTE(EVENING), NULL, MINUTE(EVENING + 1), &p, error,
				   sizeof(error)),
			 0);
	text = print_as(form, &p, how);
	past_free(&p);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("there is no \"%s\" in:\n%s", part, text);
}

static void has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("there is \"%s\" in:\n%s", part, text);
}

static const struct report_form plain = { .width = 100, .now = MINUTE(EVENING) };

static void text_tells_the_story_with_what_was_not_seen(void **state)
{
	struct report_form how = plain;
	struct fixture *f = *state;
	char *text;

	play_evening(f->history);
	how.width = 400; /* no sentence is broken */
	text = print(f, report_text, how);
	has(text, "1 incident between 2024-02-17 12:00 and 2024-02-17 16:00 UTC.\n");
	has(text, "4600 attempts to reach x (target) were judged, and 800 failed (17.4 %).");
	has(text, "2300 attempts to reach google (control) were judged, and 0 failed (0.0 %).");
	has(text, "10 of 240 minutes: nobody watched then");
	has(text,
	    "x was at worst blocked from 2024-02-17 14:10:00 (give or take 4 s) to 2024-02-17 15:00:00 UTC, 50 min.");
	has(text, "800 of 1000 attempts to reach x at 104.244.40.0/21 failed (80.0 %); usually 2.1 % do.");
	has(text, "1.8 % failed in that time");
	has(text, "Phase 2: reachable from 2024-02-17 14:30:00 to 2024-02-17 14:40:00 (10 min).");
	has(text, "3 hops and 7.4 ms away; the servers themselves are 12 hops");
	has(text, "A block, in this network or somewhere between it and the servers.");
	has(text, "Many single failures are benign");
	has(text, "Decided by urn-cusum/1 of xreach 0.1.0, with ranges 2026-11-01");
	has_not(text, " \n");
	free(text);
}

static void no_line_of_text_is_wider_than_the_terminal_but_tables(void **state)
{
	struct fixture *f = *state;
	struct report_form how = plain;
	char *text;

	play_evening(f->history);
	how.width = 70;
	text = print(f, report_text, how);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (!strncmp(line, "    ", 4))
			assert_in_range(strlen(line), 1, 70);
	free(text);
}

static void the_timeline_shows_the_block_and_where_nobody_watched(void **state)
{
	struct fixture *f = *state;
	struct report_form how = plain;
	char *text, *line;

	play_evening(f->history);
	how.width = 64 + 48; /* a character for each of the 48 steps of five minutes */
	text = print(f, report_text, how);
	line = strstr(text, "*x ");
	assert_non_null(line);
	line[strcspn(line, "\n")] = '\0';
	assert_string_equal(line + 65, "__________________  ______####__####____________");
	free(text);
}

static void json_has_every_figure_and_nulls_where_nobody_watched(void **state)
{
	struct fixture *f = *state;
	json_t *o, *x, *steps;
	char *text;

	play_evening(f->history);
	text = print(f, report_json, plain);
	o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	assert_non_null(o);
	assert_int_equal(json_integer_value(json_object_get(o, "step_s")), 300);
	x = json_array_get(json_object_get(o, "groups"), 0);
	assert_string_equal(json_string_value(json_object_get(x, "role")), "target");
	steps = json_object_get(x, "steps");
	assert_int_equal(json_array_size(steps), 48);
	assert_true(json_is_null(json_array_get(steps, UNSEEN_FROM / 5)));
	assert_int_equal(json_integer_value(json_object_get(json_array_get(steps, BLOCKED_FROM / 5), "failed")),
			 5 * EACH);
	assert_string_equal(json_string_value(
				    json_object_get(json_array_get(json_object_get(o, "incidents"), 0), "id")),
			    INCIDENT_ID);
	assert_int_equal(json_array_size(json_object_get(o, "watch")), 48);
	assert_int_equal(json_array_size(json_object_get(o, "ranges")), 1);
	assert_int_equal(json_array_size(json_object_get(o, "clients")), 1);
	json_decref(o);
}

/* 600 flows of an hour in which all were watched, and 1700 of three in which a thirtieth was. */
static void beside_a_count_stands_what_share_was_watched(void **state)
{
	struct fixture *f = *state;
	char *text;

	play_evening(f->history);
	for (int minute = 0; minute < 240; minute++) {
		history_sample(f->history, NOON + minute * 60, "google", minute < 60 ? 1 : .031);
		history_sample(f->history, NOON + minute * 60, "x", 1);
	}
	assert_int_equal(history_step(f->history, NOON + 4 * 3600), 0);
	text = print(f, report_text, plain);
	has(text, "google (control, 4.1 % of its flows watched)");
	has(text, "x (target) were judged");
	has(text, " google             4.1 %");
	free(text);
	text = print(f, report_json, plain);
	has(text, "\"sample\": 0.0414");
	free(text);
	text = print(f, report_html, plain);
	has(text, "<td>google</td><td>control</td><td class=\"n\">4.1&nbsp;%</td>");
	free(text);
}

static void csv_has_a_row_for_each_step_and_group(void **state)
{
	struct fixture *f = *state;
	unsigned int rows = 0;
	char *text;

	play_evening(f->history);
	text = print(f, report_csv, plain);
	has(text, "time,seconds,group,role,watched_minutes,ok,failed,neither,sample\r\n");
	has(text, "2024-02-17T14:10:00Z,300,\"x\",target,5,0,100,0,");
	has(text, "2024-02-17T13:30:00Z,300,\"x\",target,0,,,,"); /* nobody watched: no figure, not even nought */
	for (const char *c = text; (c = strstr(c, "\r\n")); c++)
		rows++;
	assert_int_equal(rows, 1 + 48 * 2);
	free(text);
}

static void the_page_stands_alone_and_marks_the_phases(void **state)
{
	static const char *const never[] = { "<script", "http:", "https:", "<link", "<img", "@import", "src=" };
	struct fixture *f = *state;
	unsigned int charts = 0;
	char *text;

	play_evening(f->history);
	text = print(f, report_html, plain);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		has_not(text, never[i]);
	for (const char *c = text; (c = strstr(c, "<svg viewBox")); c++)
		charts++;
	assert_int_equal(charts, 3);
	for (const char *c = text; (c = strstr(c, "url(")); c++)
		assert_int_equal(c[4], '#'); /* what it refers to is in it */
	has(text, "<!DOCTYPE html>");
	has(text, "Content-Security-Policy");
	has(text, "@media print");
	has(text, "class=\"mark grave\"><title>x blocked</title>");
	has(text, "fill=\"url(#unseen)\"><title>not watched</title>");
	has(text, "<pattern id=\"unseen\"");
	has(text, "<li><a href=\"#i1\">x was at worst blocked from 2024-02-17 14:10:00");
	has(text, "<h2 id=\"i1\">Incident <code>" INCIDENT_ID);
	has(text, "What was seen");
	has(text, "What was not seen");
	has(text, "What else could explain it");
	has(text, "PSH+ACK-&gt;RST+ACK");
	has(text, "connection_reset");
	has(text, "</body></html>");
	has_not(text, "nan");
	has_not(text, "inf\"");
	free(text);
}

/* For those who cannot see a chart, and as the figures behind it: a line for the target and one for all controls. */
static void a_chart_says_in_words_what_it_shows(void **state)
{
	struct fixture *f = *state;
	char *text, *other;

	play_evening(f->history);
	for (int minute = 0; minute < 5; minute++) { /* a tenth of one control's, a twentieth of both */
		history_count(f->history, MINUTE(200 + minute), "google", false, "", "64.233.160.0/19", &was_reset);
		for (int i = 0; i < 9; i++)
			history_count(f->history, MINUTE(200 + minute), "github", false, "", "140.82.112.0/20",
				      &was_ok);
	}
	assert_int_equal(history_step(f->history, MINUTE(EVENING)), 0);
	text = print(f, report_html, plain);
	has(text,
	    "role=\"img\" aria-labelledby=\"t1 d1\">\n<title id=\"t1\">Failing share, target against controls<");
	has(text,
	    "<desc id=\"d1\">Figures: per cent of the attempts that were judged, from 2024-02-17 12:00 to 2024-02-17 16:00 "
	    "UTC. x: from 0.0 % to 100.0 % (at 2024-02-17 14:10). all controls together: from 0.0 % to 5.0 % (at "
	    "2024-02-17 15:20). Marked: x blocked, 2024-02-17 14:10 to 2024-02-17 14:30. Marked: x blocked, 2024-02-17 "
	    "14:40 to 2024-02-17 15:00. Of 48 steps 2 were not watched.</desc>");
	has(text, "<desc id=\"d2\">Figures: in each 5 min");
	has(text, " failed: 800 in all, at most 100 (at 2024-02-17 14:10). served: 3800 in all");
	other = strstr(text, "id=\"d2\"");
	assert_null(strstr(other, "id=\"d1\"")); /* no two of one page have a name in common */
	free(text);
}

/* Names from a file that somebody has been at. */
static void no_name_becomes_markup_a_command_or_a_formula(void **state)
{
	static const char evil[] = "<script>\"&'\x1b[2J";
	struct fixture *f = *state;
	char *text;

	history_count(f->history, NOON, evil, true, evil, evil, &was_reset);
	history_count(f->history, NOON, "=1+1", true, "", "", &was_reset);
	history_ranges(f->history, NOON, evil, evil);
	history_incident(
		f->history, NOON, evil, evil, NOON, 0, evil,
		"{\"id\":\"<script>\",\"group\":\"<script>\\u001b[2J\",\"state\":\"<script>\",\"since\":"
		"\"2024-02-17T12:00:00Z\",\"rule\":\"<script>\",\"could_be\":[\"<script>\"],\"phases\":[{\"from\":"
		"\"2024-02-17T12:00:00Z\",\"to\":null,\"state\":\"<script>\"}],\"mechanisms\":[{\"signature\":"
		"\"<script>\"}],\"by\":[\"<script>\"],\"scope\":{\"sites\":[\"<script>\"]}}");
	assert_int_equal(history_step(f->history, NOON), 0);
	text = print(f, report_html, plain);
	has_not(text, "<script");
	has_not(text, "\x1b");
	has(text, "&lt;script&gt;&quot;&amp;&#39;?[2J");
	free(text);
	text = print(f, report_text, plain);
	has_not(text, "\x1b");
	free(text);
	text = print(f, report_csv, plain);
	has_not(text, "\x1b");
	has(text, "\"'=1+1\"");
	has(text, "\"<script>\"\"&'?[2J\"");
	free(text);
	text = print(f, report_json, plain);
	has_not(text, "\x1b");
	free(text);
}

static void an_incident_that_cannot_be_read_is_said_to_be_so(void **state)
{
	static const char *const bad[] = { "", "{", "[]", "{}", "{\"group\":\"x\",\"state\":\"blocked\"}", "null" };
	struct fixture *f = *state;
	struct told t;
	char *text;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(told_parse(bad[i], &t), -EINVAL);
	history_incident(f->history, NOON, "x-1", "x", NOON, 0, "blocked", "{\"broken");
	assert_int_equal(history_step(f->history, NOON), 0);
	text = print(f, report_text, plain);
	has(text, "of group x: its record cannot be read");
	free(text);
	text = print(f, report_html, plain);
	has(text, "cannot be read");
	free(text);
}

static void a_wrapped_object_is_the_same_and_lists_are_bounded(void **state)
{
	char line[20000] =
		"{\"incident\":{\"group\":\"x\",\"state\":\"blocked\",\"since\":\"2024-02-17T12:00:00Z\","
		"\"prefixes\":[";
	size_t used = strlen(line);
	struct told t;

	(void)state;
	for (int i = 0; i < 500; i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s\"104.244.%d.0/24\"", i ? "," : "",
					 i);
	snprintf(line + used, sizeof(line) - used, "]}}");
	assert_int_equal(told_parse(line, &t), 0);
	assert_int_equal(t.since, NOON);
	assert_memory_equal(t.prefixes, "104.244.0.0/24, 104.244.1.0/24", 30);
	has(t.prefixes, " more");
	assert_true(t.hops < 0 && t.control_ratio < 0); /* what is missing is not nought */
}

static void what_an_incident_does_not_know_is_said(void **state)
{
	struct fixture *f = *state;
	char *text;

	history_incident(f->history, NOON, "x-1", "x", NOON, 0, "likely_blocked",
			 "{\"group\":\"x\",\"state\":\"likely_blocked\",\"since\":\"2024-02-17T12:00:00Z\","
			 "\"since_bound\":true,\"unobserved\":true,\"clients\":\"<20\",\"could_be\":[\"block\","
			 "\"outage_of_x\",\"something_new\"]}");
	assert_int_equal(history_step(f->history, NOON), 0);
	text = print(f, report_text, plain);
	has(text, "x was likely blocked from before 2024-02-17 12:00:00 UTC on, and had not ended");
	has(text, "What the controls did in that time is not known.");
	has(text, "could not be told.");
	has(text, "nobody answered in the servers' name");
	has(text, "its beginning is a bound and no time");
	has(text, "attempts have dried up");
	has(text, "fewer than 20 distinct clients");
	has(text, "An outage of the platform itself");
	has(text, "something_new");
	free(text);
}

static void an_end_that_nobody_watched_is_said_to_be_unknown(void **state)
{
	static const struct keep_books books = { .opened = 1 };
	struct fixture *f = *state;
	char *text;

	history_incident(f->history, NOON, "x-1", "x", NOON, 0, "blocked",
			 "{\"incident\":{\"group\":\"x\",\"state\":\"blocked\",\"since\":\"2024-02-17T12:00:00Z\","
			 "\"ended\":null}}");
	history_books(f->history, MINUTE(20), &books);
	assert_int_equal(history_step(f->history, MINUTE(21)), 0);
	history_interrupted(f->history, MINUTE(60), NULL);
	assert_int_equal(history_step(f->history, MINUTE(60)), 0);
	text = print(f, report_text, plain);
	has(text, "on; its end is not known: the watch ended before it, after 2024-02-17 12:21:00");
	free(text);
}

/* The report's step is longer than a minute: what lies beside the incident is not laid to it. */
static void minutes_beside_an_incident_are_not_missed_in_it(void **state)
{
	static const struct {
		int from,
			to; /* of the incident: steps are five minutes, unwatched are the minutes from 90 to 100 */
		const char *says;
	} cases[] = {
		{ 85, 90, NULL },
		{ 82, 88, NULL },
		{ 88, 92, "At least 2 of 4 minutes: nobody watched then" },
		{ 92, 96, "At least 4 of 4 minutes: nobody watched then" },
		{ 85, 105, "10 of 20 minutes: nobody watched then" },
	};
	struct fixture *f = *state;
	char error[512];
	struct past p;

	play_evening(f->history);
	assert_int_equal(past_read(f->files.directory, NOON, MINUTE(EVENING), NULL, MINUTE(EVENING + 1), &p, error,
				   sizeof(error)),
			 0);
	assert_int_equal(p.step_s, 300);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct told t = { .since = MINUTE(cases[i].from),
				  .ended = MINUTE(cases[i].to),
				  .group = "x",
				  .state = "blocked" };
		struct words w;

		assert_int_equal(words_of_incident(&t, &p, &w), 0);
		if (cases[i].says)
			has(w.not_seen, cases[i].says);
		else
			has_not(w.not_seen, "nobody watched");
		words_free(&w);
	}
	past_free(&p);
}

static void a_row_that_does_not_fit_is_two_where_somebody_reads(void **state)
{
	struct report_form how = { .width = 80, .compare = true, .fold = true, .now = MINUTE(EVENING) };
	struct fixture *f = *state;
	char *text;

	play_evening(f->history);
	text = print(f, report_text, how);
	has(text, "x tcp post_psh reset PSH+ACK->RST+ACK: 800 flows\n"
		  "    OONI: connection_reset; Censored Planet: read/tcp.reset; Radar: post_psh\n");
	has_not(text, "OONI FAILURE");
	free(text);
	how.width = 131;
	text = print(f, report_text, how);
	has(text, "OONI FAILURE");
	free(text);
}

static void what_the_history_does_not_reach_is_not_called_unwatched(void **state)
{
	struct fixture *f = *state;
	char error[512];
	struct words w;
	struct past p;

	play_evening(f->history);
	assert_int_equal(past_read(f->files.directory, NOON - 7200, MINUTE(EVENING), NULL, MINUTE(EVENING + 1), &p,
				   error, sizeof(error)),
			 0);
	assert_int_equal(words_of_past(&p, &w), 0);
	has(w.not_seen, "What was before 2024-02-17 12:00: the history does not go back so far.");
	has(w.not_seen, "10 of 240 minutes: nobody watched then");
	words_free(&w);
	past_free(&p);
}

static void silence_is_not_called_peace(void **state)
{
	struct fixture *f = *state;
	char *text;

	assert_int_equal(history_step(f->history, NOON), 0);
	text = print(f, report_text, plain);
	has(text, "Nothing was counted between");
	has_not(text, "No incident");
	has(text, "No attempt was judged.");
	has_not(text, "GROUP"); /* no table without a row */
	has(text, "240 of 240 minutes: nobody watched then");
	free(text);
	text = print(f, report_html, plain);
	has(text, "<p class=\"lead\">Nothing was counted between");
	has_not(text, "<table");
	has_not(text, "Over time");
	free(text);
}

static void every_way_to_end_has_a_row_in_the_words_of_others(void **state)
{
	(void)state;
	for (unsigned int i = 0; i + 1 < n_verdict_combos; i++) {
		const struct verdict_combo *c = &verdict_combos[i];
		const char *signature = signature_name(c->signature);
		bool quic = !strncmp(signature, "QUIC", 4),
		     failed = c->outcome != OUTCOME_CLIENT_ABORT && c->outcome != OUTCOME_UNJUDGED;
		const struct compare_row *row =
			compare_find(stage_name(c->stage), outcome_name(c->outcome), signature, quic);

		if (failed && !(c->stage == STAGE_POST_ACK && c->outcome == OUTCOME_TIMEOUT) &&
		    !strcmp(row->ooni, "-"))
			fail_msg("%s %s %s has none", stage_name(c->stage), outcome_name(c->outcome), signature);
		if (failed && *signature && c->signature != SIGNATURE_NONE && c->signature != SIGNATURE_OTHER)
			assert_string_not_equal(words_signature(signature), "");
	}
	assert_string_equal(compare_find("post_syn", "reset", "SYN->RST+ACK", false)->ooni, "connection_refused");
	assert_string_equal(compare_find("post_syn", "reset", "SYN->RST", false)->ooni, "generic_timeout_error");
	assert_string_equal(compare_find("post_psh", "reset", "PSH+ACK->RST", false)->censored_planet,
			    "read/tcp.reset");
	assert_string_equal(compare_find("later", "reset", "PSH+ACK;Data->RST", false)->radar, "later_in_flow");
	assert_string_equal(compare_find("post_psh", "timeout", "QUIC->0", true)->radar, "-");
	assert_string_equal(compare_find("nonsense", "nonsense", "", false)->ooni, "-");
}

static void compare_is_a_table_of_its_own_in_each_form(void **state)
{
	struct report_form how = plain;
	struct fixture *f = *state;
	char *text;

	play_evening(f->history);
	how.compare = true;
	text = print(f, report_text, how);
	has(text, "OONI FAILURE");
	has(text, "connection_reset       read/tcp.reset         post_psh");
	has(text, "Radar sees what reaches Cloudflare");
	has_not(text, "INCIDENT ");
	free(text);
	text = print(f, report_csv, how);
	has(text, "\"PSH+ACK->RST+ACK\",800,\"connection_reset\",\"read/tcp.reset\",\"post_psh\"\r\n");
	free(text);
	text = print(f, report_json, how);
	has(text, "\"ooni_failure\": \"connection_reset\"");
	has_not(text, "\"incidents\"");
	free(text);
}

static void html_escapes_texts_and_leaves_numbers_alone(void **state)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	(void)state;
	html_print(to, "<b a=\"%s\">%d %llu %.2f %g %% %s</b>", "\"<", -3, 18446744073709551615ull, 1.005, 2.5,
		   "\xff&");
	fclose(to);
	assert_string_equal(text, "<b a=\"&quot;&lt;\">-3 18446744073709551615 1.00 2.5 % ?&amp;</b>");
	free(text);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(text_tells_the_story_with_what_was_not_seen),
		T(no_line_of_text_is_wider_than_the_terminal_but_tables),
		T(the_timeline_shows_the_block_and_where_nobody_watched),
		T(json_has_every_figure_and_nulls_where_nobody_watched),
		T(beside_a_count_stands_what_share_was_watched),
		T(csv_has_a_row_for_each_step_and_group),
		T(the_page_stands_alone_and_marks_the_phases),
		T(a_chart_says_in_words_what_it_shows),
		T(no_name_becomes_markup_a_command_or_a_formula),
		T(an_incident_that_cannot_be_read_is_said_to_be_so),
		cmocka_unit_test(a_wrapped_object_is_the_same_and_lists_are_bounded),
		T(what_an_incident_does_not_know_is_said),
		T(an_end_that_nobody_watched_is_said_to_be_unknown),
		T(minutes_beside_an_incident_are_not_missed_in_it),
		T(a_row_that_does_not_fit_is_two_where_somebody_reads),
		T(what_the_history_does_not_reach_is_not_called_unwatched),
		T(silence_is_not_called_peace),
		cmocka_unit_test(every_way_to_end_has_a_row_in_the_words_of_others),
		T(compare_is_a_table_of_its_own_in_each_form),
		cmocka_unit_test(html_escapes_texts_and_leaves_numbers_alone),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
