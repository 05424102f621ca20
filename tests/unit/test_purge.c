// SPDX-License-Identifier: GPL-2.0
/* Dropping counts on demand: exactly those that were asked for, beside a daemon that writes, and never unsaid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "cmd.h"
#include "keep/purge.h"
#include "show/words.h"
#include "unit/history_scene.h"
#include "unit/report_scene.h"
#include "unit/said.h"

#define FOUR_HOURS MINUTE(EVENING)

static char error[512];

static int purge(struct fixture *f, __s64 before, struct purge_result *r)
{
	error[0] = '\0';
	return purge_history(f->files.directory, before, FOUR_HOURS, r, error, sizeof(error));
}

/* The command in the fixture's directory, with these words behind its own. */
#define RUN(f, s, ...) \
	said_run(s, cmd_purge, \
		 (const char *const[]){ "purge", "--config", "/dev/null", "--state-dir", (f)->files.directory, \
					NULL }, \
		 (const char *const[]){ __VA_ARGS__, NULL })

static void older_counts_go_and_later_ones_incidents_and_ranges_stay(void **state)
{
	struct fixture *f = *state;
	struct purge_result r;
	long long minutes;

	play_evening(f->history); /* 12:00 to 16:00 */
	minutes = ask(f, "SELECT count(*) FROM minute");
	assert_int_equal(purge(f, MINUTE(150), &r), 0); /* 14:30: 12 and 13 are whole hours before it */
	assert_int_equal(r.before, MINUTE(120));
	assert_int_equal(ask(f, "SELECT min(at) FROM minute"), MINUTE(120));
	assert_int_equal(ask(f, "SELECT min(at) FROM hour"), MINUTE(120));
	assert_int_equal(ask(f, "SELECT min(at) FROM watch_minute"), MINUTE(120));
	assert_int_equal(ask(f, "SELECT min(at) FROM watch_hour"), MINUTE(120));
	/* two series and one watch, by minute but for the ten that nobody watched, and by hour */
	assert_int_equal(r.dropped, 110 * 3 + 2 * 3);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), minutes - 110 * 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM clients"), 1); /* of the day that is not over */
	assert_int_equal(r.incidents, 1);
	assert_int_equal(r.ranges, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM incident"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM incident_change"), 2);
}

static void a_day_of_clients_goes_when_it_is_over(void **state)
{
	const __s64 midnight = NOON + 12 * 3600;
	struct fixture *f = *state;
	struct purge_result r;

	play_evening(f->history);
	assert_int_equal(purge(f, midnight - 1, &r), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM clients"), 1);
	assert_int_equal(purge(f, midnight, &r), 0);
	assert_int_equal(r.dropped, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM clients"), 0);
}

static void many_rows_go_in_many_pieces_and_the_file_shrinks(void **state)
{
	struct fixture *f = *state;
	struct purge_result r;
	long long pages;

	for (int i = 0; i < 5 * HISTORY_PURGE_ROWS + 7; i++)
		count(f->history, MINUTE(i), &was_ok, 1);
	assert_int_equal(history_step(f->history, NOON), 0);
	pages = ask(f, "PRAGMA page_count");
	assert_int_equal(purge(f, NOON + 365 * 86400, &r), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute") + ask(f, "SELECT count(*) FROM hour"), 0);
	assert_true(ask(f, "PRAGMA page_count") < pages);
	assert_int_equal(ask(f, "PRAGMA freelist_count"), 0);
	assert_int_equal(purge(f, NOON + 365 * 86400, &r), 0); /* nothing left is no error */
	assert_int_equal(r.dropped, 0);
}

static void whoever_writes_goes_on(void **state)
{
	struct fixture *f = *state;
	struct purge_result r;

	play_evening(f->history); /* its database stays open */
	history_state(f->history, NOON, "learnt", "much", 4);
	count(f->history, MINUTE(10), &was_ok, 3); /* waits, and comes late */
	assert_int_equal(purge(f, MINUTE(180), &r), 0);
	count(f->history, MINUTE(200), &was_ok, 5);
	assert_int_equal(history_step(f->history, FOUR_HOURS), 0);
	assert_false(history_status(f->history)->trouble.on);
	assert_int_equal(ask(f, "SELECT sum(flows) FROM minute WHERE at = 1708183200"), EACH + 10 + 5);
	assert_int_equal(ask(f, "SELECT count(*) FROM state WHERE name = 'learnt'"), 1);
}

static void every_report_says_that_counts_were_dropped(void **state)
{
	struct fixture *f = *state;
	struct purge_result r;
	struct words words;
	struct past p;

	play_evening(f->history);
	assert_int_equal(purge(f, MINUTE(120), &r), 0);
	assert_int_equal(purge(f, MINUTE(60), &r), 0); /* less far: takes nothing back of what was said */
	assert_int_equal(past_read(f->files.directory, NOON, FOUR_HOURS, NULL, MINUTE(EVENING + 1), &p, error,
				   sizeof(error)),
			 0);
	assert_int_equal(words_of_past(&p, &words), 0);
	assert_says(words.not_seen,
		    "What was before 2024-02-17 14:00: these counts were dropped by hand (xreach purge) "
		    "on 2024-02-17 16:00.");
	/* these minutes were watched, and are not what nobody watched; nor is a second reason given */
	assert_null(strstr(words.not_seen, "nobody watched"));
	assert_null(strstr(words.not_seen, "does not go back"));
	words_free(&words);
	past_free(&p);
}

static void what_is_not_ours_to_change_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct purge_result r;
	char path[128];

	assert_int_equal(purge(f, NOON, &r), -ENOENT);
	assert_says(error, "history.db: No such file or directory; --state-dir names another place");
	files_write(&f->files, HISTORY_FILE, "", 0);
	assert_int_equal(purge(f, NOON, &r), -ENOENT);
	assert_says(error, "history.db: is empty: nothing was recorded yet");
	assert_int_equal(ask(f, "SELECT count(*) FROM sqlite_master"), 0);
	strcpy(path, files_path(&f->files, HISTORY_FILE));
	tell_file(path, "CREATE TABLE minute (at INTEGER); INSERT INTO minute VALUES (1)");
	assert_int_equal(purge(f, NOON, &r), -EEXIST);
	assert_says(error, "is another program's database");
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 1);
	files_write(&f->files, HISTORY_FILE, "no database at all, whatever else it may be", 43);
	assert_int_equal(purge(f, NOON, &r), -EBADMSG);
	assert_says(error, "history.db: file is not a database");
	assert_int_equal(unlink(path), 0);
	play_evening(f->history);
	again(f);
	tell_file(path, "PRAGMA user_version = 99");
	assert_int_equal(purge(f, FOUR_HOURS, &r), -ENOTSUP);
	assert_says(error, "is of a newer xreach");
	assert_int_equal(ask(f, "SELECT min(at) FROM minute"), NOON);
}

static void the_command_says_what_went_and_what_stays(void **state)
{
	struct fixture *f = *state;
	struct said s;

	play_evening(f->history);
	RUN(f, &s, "--before", "2024-02-17T13:20");
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	assert_says(s.out,
		    ": 183 rows of counts from before 2024-02-17 13:00 UTC are gone; 1 incident, 1 list of ranges "
		    "and the evidence file stay\n");
}

static void the_command_does_nothing_without_a_moment_that_is_over(void **state)
{
	struct fixture *f = *state;
	struct said s;

	play_evening(f->history);
	RUN(f, &s, NULL);
	assert_int_equal(s.status, 2);
	assert_says(s.err, "xreach purge: --before is missing");
	RUN(f, &s, "--before", "yesterday");
	assert_int_equal(s.status, 2);
	assert_says(s.err, "xreach purge: --before: 'yesterday' is no moment; write 2024-02-17");
	RUN(f, &s, "--before", "2224-02-17");
	assert_int_equal(s.status, 2);
	assert_says(s.err, "--before: '2224-02-17' is still to come");
	assert_int_equal(ask(f, "SELECT min(at) FROM minute"), NOON);
	RUN(f, &s, "--before", "1d", "--state-dir", "");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "no state_dir is set");
	RUN(f, &s, "--before", "1d", "--state-dir", "/none/there");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "/none/there/history.db: No such file or directory");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(older_counts_go_and_later_ones_incidents_and_ranges_stay),
		T(a_day_of_clients_goes_when_it_is_over),
		T(many_rows_go_in_many_pieces_and_the_file_shrinks),
		T(whoever_writes_goes_on),
		T(every_report_says_that_counts_were_dropped),
		T(what_is_not_ours_to_change_is_left_alone),
		T(the_command_says_what_went_and_what_stays),
		T(the_command_does_nothing_without_a_moment_that_is_over),
	};

	return cmocka_run_group_tests_name("purge", tests, NULL, NULL);
}
