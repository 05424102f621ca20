// SPDX-License-Identifier: GPL-2.0
/* xreach report: exit status, what is printed and what goes to standard error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd.h"
#include "keep/chain.h"
#include "keep/evidence_file.h"
#include "unit/history_scene.h"
#include "unit/report_scene.h"
#include "unit/said.h"

/* The command in the fixture's directory, with these words behind its own; the last is NULL. */
static void run(struct fixture *f, struct said *s, const char *const *words)
{
	const char *const first[] = { "report", "--config", "/dev/null", "--state-dir", f->files.directory, NULL };

	said_run(s, cmd_report, first, words);
}
#define RUN(f, s, ...) run(f, s, (const char *const[]){ __VA_ARGS__, NULL })

/* An evidence file of three lines; its path. */
static const char *make_evidence(struct fixture *f)
{
	static const struct evidence_context context = { .rule = "urn-cusum/1" };
	struct evidence *e = evidence_new(f->files.directory);

	for (int i = 0; i < 2; i++)
		evidence_add(e, NOON + i, "incident", &context, "incident", INCIDENT_OBJECT);
	assert_int_equal(evidence_step(e, NOON), 0);
	evidence_free(e);
	return files_path(&f->files, EVIDENCE_FILE);
}

static void verify_ends_with_0_for_a_whole_file_and_tells_its_head(void **state)
{
	struct fixture *f = *state;
	struct said s;

	RUN(f, &s, "--verify", make_evidence(f));
	assert_int_equal(s.status, 0);
	assert_says(s.out,
		    "evidence.jsonl: whole: 3 lines, from 2024-02-17T12:00:00Z to 2024-02-17T12:00:01Z\nhead ");
	assert_says(s.out, "note its head down");
	assert_string_equal(s.err, "");
}

static void verify_ends_with_1_and_the_line_where_something_was_changed(void **state)
{
	struct fixture *f = *state;
	const char *path = make_evidence(f);
	char *text = files_read(path);
	struct said s;

	memcpy(strstr(text, "\"failures\":800"), "\"failures\":700", 14);
	files_write(&f->files, EVIDENCE_FILE, text, strlen(text));
	free(text);
	RUN(f, &s, "--verify", path);
	assert_int_equal(s.status, 1);
	assert_says(s.out, "evidence.jsonl:3: broken: its \"prev\" is ");
	assert_says(s.out, "one of the two was changed");
	assert_says(s.out, "2 lines before it are whole");
}

/* A head that was noted down is the hash of a line amid the file once that has grown. */
static void a_head_that_was_noted_down_is_found_while_nothing_before_it_was_changed(void **state)
{
	struct fixture *f = *state;
	const char *path = make_evidence(f);
	char *text = files_read(path), head[CHAIN_HASH], *second = strchr(text, '\n') + 1;
	struct said s;

	chain_hash(second, (size_t)(strchr(second, '\n') - second), head);
	RUN(f, &s, "--verify", path, "--head", head);
	assert_int_equal(s.status, 0);
	assert_says(s.out, "\nline 2 of 3 has the hash ");
	head[12] = '\0';
	RUN(f, &s, "--verify", path, "--head", head);
	assert_int_equal(s.status, 0);
	files_write(&f->files, EVIDENCE_FILE, text, (size_t)(second - text)); /* lines were cut off */
	RUN(f, &s, "--verify", path, "--head", head);
	assert_int_equal(s.status, 1);
	assert_says(s.out, "\nno line has the hash ");
	RUN(f, &s, "--verify", path, "--head", "0123");
	assert_int_equal(s.status, 2);
	assert_says(s.err, "--head: '0123' is no hash; write 12 to 64 hex digits");
	RUN(f, &s, "--head", head);
	assert_int_equal(s.status, 2);
	assert_says(s.err, "--head goes with --verify");
	free(text);
}

static void of_each_incident_it_is_told_whether_the_evidence_says_the_same(void **state)
{
	struct fixture *f = *state;
	const char *path;
	struct said s;
	char *text;

	play_evening(f->history);
	RUN(f, &s, "--incident", INCIDENT_ID, "--json");
	assert_says(s.out, "\"evidence_agrees\": null");
	path = make_evidence(f);
	RUN(f, &s, "--incident", INCIDENT_ID);
	assert_says(s.out, "\n  As evidence: line 3 of evidence.jsonl says the same\n");
	RUN(f, &s, "--incident", INCIDENT_ID, "--json");
	assert_says(s.out, "\"evidence_line\": 3");
	assert_says(s.out, "\"evidence_agrees\": true");
	/* the history says otherwise: somebody was at it */
	history_incident(f->history, MINUTE(BLOCKED_TO), INCIDENT_ID, "x", MINUTE(BLOCKED_FROM), MINUTE(BLOCKED_TO),
			 "blocked", INCIDENT_OBJECT_OTHER);
	assert_int_equal(history_step(f->history, MINUTE(EVENING)), 0);
	RUN(f, &s, "--incident", INCIDENT_ID);
	assert_says(s.out, "line 3 of evidence.jsonl, the last about it, says OTHERWISE: one");
	RUN(f, &s, "--incident", INCIDENT_ID, "--html");
	assert_says(s.out, "<p>As evidence: line 3 of evidence.jsonl, the last about it, says OTHERWISE");
	RUN(f, &s, "--incident", INCIDENT_ID, "--json");
	assert_says(s.out, "\"evidence_agrees\": false");
	/* where the file is broken, no more is said than that */
	text = files_read(path);
	memcpy(strstr(text, "\"kernel\""), "\"colonl\"", 8);
	files_write(&f->files, EVIDENCE_FILE, text, strlen(text));
	RUN(f, &s, "--incident", INCIDENT_ID, "--json");
	assert_says(s.out, "\"evidence_agrees\": null");
	memcpy(strstr(text, "\"colonl\""), "\"kernel\"", 8);
	*(strchr(text, '\n') + 1) = '\0';
	files_write(&f->files, EVIDENCE_FILE, text, strlen(text));
	free(text);
	RUN(f, &s, "--incident", INCIDENT_ID);
	assert_says(s.out, "As evidence: evidence.jsonl has no line of it");
}

static void verify_ends_with_2_where_it_cannot_read(void **state)
{
	struct fixture *f = *state;
	struct said s;

	RUN(f, &s, "--verify", "/none/there");
	assert_int_equal(s.status, 2);
	assert_says(s.err, "xreach report: /none/there: No such file or directory");
	RUN(f, &s, "--verify", f->files.directory);
	assert_int_equal(s.status, 2);
	assert_says(s.err, "Is a directory");
	RUN(f, &s, "--verify");
	assert_int_equal(s.status, 2);
}

static void the_four_forms_are_one_each(void **state)
{
	struct fixture *f = *state;
	struct said s;

	play_evening(f->history);
	RUN(f, &s, "--since", "2024-02-17T12:00", "--until", "2024-02-17T16:00");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "INCIDENT " INCIDENT_ID);
	RUN(f, &s, "--since", "2024-02-17T12:00", "--until", "2024-02-17T16:00", "--json");
	assert_memory_equal(s.out, "{", 1);
	RUN(f, &s, "--since", "2024-02-17T12:00", "--until", "2024-02-17T16:00", "--csv");
	assert_memory_equal(s.out, "time,", 5);
	RUN(f, &s, "--incident", INCIDENT_ID, "--html");
	assert_memory_equal(s.out, "<!DOCTYPE html>", 15);
	RUN(f, &s, "--since", "2024-02-17", "--until", "2024-02-18", "--compare");
	assert_says(s.out, "OONI FAILURE");
	RUN(f, &s, "--json", "--csv");
	assert_int_equal(s.status, 2);
	assert_says(s.err, "three forms of one report; choose one");
}

/* The head of the chain, which kept with a report ties it to the evidence. */
static void each_report_tells_the_state_of_the_evidence(void **state)
{
	struct fixture *f = *state;
	char head[CHAIN_HASH], *text;
	const char *path;
	struct said s;

	play_evening(f->history);
	RUN(f, &s, "--incident", INCIDENT_ID);
	assert_says(s.out, "\nEVIDENCE\n  there is no evidence.jsonl beside the history\n");
	RUN(f, &s, "--incident", INCIDENT_ID, "--json");
	assert_says(s.out, "\"evidence\": null");
	path = make_evidence(f);
	text = files_read(path);
	text[strlen(text) - 1] = '\0'; /* a line is hashed without its end */
	chain_hash(strrchr(text, '\n') + 1, strlen(strrchr(text, '\n') + 1), head);
	RUN(f, &s, "--incident", INCIDENT_ID);
	assert_says(s.out, "evidence.jsonl is whole: 3 lines, from 2024-02-17T12:00:00Z to 2024-02-17T12:00:01Z;");
	assert_says(s.out, head);
	RUN(f, &s, "--incident", INCIDENT_ID, "--json");
	assert_says(s.out, "\"whole\": true");
	assert_says(s.out, head);
	RUN(f, &s, "--incident", INCIDENT_ID, "--html");
	assert_says(s.out, head);
	memcpy(strstr(text, "\"failures\":800"), "\"failures\":700", 14);
	files_write(&f->files, EVIDENCE_FILE, text, strlen(text));
	free(text);
	RUN(f, &s, "--incident", INCIDENT_ID);
	assert_says(s.out, "evidence.jsonl is BROKEN at line 3: its \"prev\" is");
	RUN(f, &s, "--incident", INCIDENT_ID, "--html");
	assert_says(s.out, "evidence.jsonl is BROKEN at line 3: its &quot;prev&quot; is");
	RUN(f, &s, "--incident", INCIDENT_ID, "--json");
	assert_says(s.out, "\"broken_at\": 3");
}

static void what_cannot_be_reported_is_told_with_the_reason(void **state)
{
	struct fixture *f = *state;
	struct said s;

	RUN(f, &s, "--since", "6h");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "history.db: No such file or directory; `xreach run` makes it");
	RUN(f, &s, "--since", "soon");
	assert_int_equal(s.status, 2);
	assert_says(s.err, "--since: 'soon' is no moment; write 2024-02-17");
	RUN(f, &s, "--since", "2024-02-17", "--until", "2024-02-16");
	assert_int_equal(s.status, 2);
	assert_says(s.err, "--since: '2024-02-17' is not before --until");
	RUN(f, &s, "--state-dir", "");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "no state_dir is set");
	files_write(&f->files, HISTORY_FILE, "this is no database, whatever else it is", 40);
	RUN(f, &s, "--since", "6h");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "history.db: file is not a database; `xreach run` sets a corrupt file aside");
	assert_int_equal(unlink(f->files.path), 0);
	assert_int_equal(history_step(f->history, NOON), 0);
	RUN(f, &s, "--incident", "x-0");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "there is no incident 'x-0'");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(verify_ends_with_0_for_a_whole_file_and_tells_its_head),
		T(verify_ends_with_1_and_the_line_where_something_was_changed),
		T(a_head_that_was_noted_down_is_found_while_nothing_before_it_was_changed),
		T(of_each_incident_it_is_told_whether_the_evidence_says_the_same),
		T(verify_ends_with_2_where_it_cannot_read),
		T(the_four_forms_are_one_each),
		T(each_report_tells_the_state_of_the_evidence),
		T(what_cannot_be_reported_is_told_with_the_reason),
	};

	return cmocka_run_group_tests_name("cmd_report", tests, NULL, NULL);
}
