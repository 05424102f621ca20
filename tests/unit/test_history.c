// SPDX-License-Identifier: GPL-2.0
/* The history: what is counted is found again by minute and hour, old rows go in pieces, old files are brought up to date. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "keep/schema.h"
#include "unit/history_scene.h"

static void a_step_writes_what_was_counted_by_minute_and_hour(void **state)
{
	struct fixture *f = *state;

	count(f->history, NOON + 59, &was_ok, 3);
	count(f->history, NOON + 60, &was_ok, 2);
	count(f->history, NOON + 61, &was_reset, 5);
	count(f->history, NOON + 3600, &was_reset, 1);
	assert_int_equal(history_status(f->history)->waiting, 4);
	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(history_status(f->history)->waiting, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 4);
	assert_int_equal(ask(f, "SELECT count(*) FROM hour"), 3);
	assert_int_equal(ask(f, "SELECT count(*) FROM series"), 2);
	assert_int_equal(ask(f, "SELECT sum(flows) FROM minute"), 11);
	assert_int_equal(ask(f, "SELECT sum(flows) FROM hour WHERE at = 1708171200"), 10);
	assert_int_equal(ask(f,
			     "SELECT sum(flows) FROM minute JOIN series ON id = series WHERE at = 1708171260 AND"
			     " grp = 'x' AND target AND site = 'lahore' AND prefix = '104.244.40.0/21' AND"
			     " family = 'ipv4' AND transport = 'tcp' AND stage = 'post_psh' AND outcome = 'reset'"
			     " AND signature = 'PSH+ACK->RST+ACK' AND injection = 'high' AND class = 'failure'"),
			 5);
}

static void a_verdict_that_comes_late_is_added_to_its_minute(void **state)
{
	struct fixture *f = *state;

	count(f->history, NOON + 10, &was_ok, 3);
	assert_int_equal(history_step(f->history, NOON + 60), 0);
	count(f->history, NOON + 50, &was_ok, 4);
	assert_int_equal(history_step(f->history, NOON + 120), 0);
	assert_int_equal(history_step(f->history, NOON + 180), 0); /* nothing is written twice */
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 1);
	assert_int_equal(ask(f, "SELECT flows FROM minute"), 7);
	assert_int_equal(ask(f, "SELECT flows FROM hour"), 7);
	assert_int_equal(history_status(f->history)->steps, 3);
}

static void a_restart_goes_on_in_the_same_file(void **state)
{
	struct fixture *f = *state;

	for (int life = 0; life < 3; life++) {
		count(f->history, NOON, &was_ok, 1);
		assert_int_equal(history_step(f->history, NOON), 0);
		again(f);
	}
	assert_int_equal(ask(f, "SELECT flows FROM minute"), 3);
	assert_int_equal(ask(f, "SELECT count(*) FROM series"), 1);
}

static void the_directory_and_the_files_are_not_for_others_whatever_the_umask(void **state)
{
	struct fixture *f = *state;
	char inner[128];
	struct history *h;
	struct stat st;
	mode_t before = umask(0);

	snprintf(inner, sizeof(inner), "%s/state", f->files.directory);
	h = history_new(inner);
	assert_int_equal(history_step(h, NOON), 0);
	assert_int_equal(stat(inner, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = { "history.db", "history.db-wal", "history.db-shm" };
		char path[256];

		snprintf(path, sizeof(path), "%s/%s", inner, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0640);
	}
	umask(before);
	history_free(h);
	snprintf(inner, sizeof(inner), "%s/state/history.db", f->files.directory);
	assert_int_equal(unlink(inner), 0);
	*strrchr(inner, '/') = '\0';
	assert_int_equal(rmdir(inner), 0);
}

static void each_minute_watched_is_one_however_often_the_daemon_started(void **state)
{
	static const struct keep_books books = { 10, 7, 2, 1, 3 };
	struct fixture *f = *state;

	history_books(f->history, NOON + 5, &books);
	history_books(f->history, NOON + 65, &books);
	assert_int_equal(history_step(f->history, NOON + 70), 0);
	history_books(f->history, NOON + 75, &books);
	assert_int_equal(history_step(f->history, NOON + 80), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM watch_minute"), 2);
	assert_int_equal(ask(f, "SELECT minutes FROM watch_hour"), 2);
	assert_int_equal(ask(f, "SELECT opened FROM watch_minute WHERE at = 1708171260"), 20);
	assert_int_equal(ask(f, "SELECT opened * 10000 + judged * 100 + forgotten FROM watch_hour"), 302106);
	assert_int_equal(ask(f, "SELECT lost * 10 + unparsed FROM watch_hour"), 39);
}

static void clients_are_a_range_or_refused(void **state)
{
	static const char *const bad[] = { "7",	   "25",    "0-19", "10-19", "19-20", "20-",	"20-2a",
					   "<20 ", "49-20", "-20",  "",	     "<5",    "100-99", "20-20" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (history_clients(f->history, NOON, "x", "", bad[i]))
			fail_msg("taken: '%s'", bad[i]);
	assert_true(history_clients(f->history, NOON, "x", "", "<20"));
	assert_true(history_clients(f->history, NOON + 7200, "x", "", "100-199"));
	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM clients"), 1); /* of that day, the last word */
	assert_int_equal(ask(f, "SELECT clients = '100-199' AND at = 1708128000 FROM clients"), 1);
}

static void an_incident_has_its_last_word_and_every_word_before(void **state)
{
	struct fixture *f = *state;

	history_incident(f->history, NOON + 9, "x-1", "x", NOON, 0, "likely_blocked", "{\"a\":1}");
	history_incident(f->history, NOON + 60, "x-1", "x", NOON - 3, NOON + 50, "blocked", "{\"a\":2}");
	assert_int_equal(history_step(f->history, NOON + 60), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM incident"), 1);
	assert_int_equal(ask(f, "SELECT state = 'blocked' AND since = 1708171197 AND ended = 1708171250 AND"
				" object = '{\"a\":2}' FROM incident"),
			 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM incident_change"), 2);
	assert_int_equal(ask(f, "SELECT object = '{\"a\":1}' FROM incident_change WHERE at = 1708171209"), 1);
}

static void an_incident_that_was_open_when_the_watch_ended_is_not_open_for_ever(void **state)
{
	static const struct keep_books books = { .opened = 1 };
	struct fixture *f = *state;

	history_incident(f->history, NOON + 9, "x-1", "x", NOON, 0, "blocked", "{}");
	history_incident(f->history, NOON + 9, "x-10", "x", NOON + 1, 0, "blocked", "{}");
	history_incident(f->history, NOON + 9, "x-0", "x", NOON - 900, NOON - 60, "blocked", "{}");
	history_books(f->history, NOON + 600, &books);
	assert_int_equal(history_step(f->history, NOON + 660), 0);
	again(f);
	history_interrupted(f->history, NOON + 7200, ",y-1,x-10,");
	history_incident(f->history, NOON + 7205, "x-2", "x", NOON + 7200, 0, "blocked", "{}");
	assert_int_equal(history_step(f->history, NOON + 7205), 0);
	assert_int_equal(ask(f, "SELECT ended FROM incident WHERE id = 'x-1'"), NOON + 660);
	assert_int_equal(ask(f, "SELECT ended FROM incident WHERE id = 'x-0'"), NOON - 60);
	assert_int_equal(ask(f, "SELECT ended IS NULL FROM incident WHERE id = 'x-2'"), 1);
	assert_int_equal(ask(f, "SELECT ended IS NULL FROM incident WHERE id = 'x-10'"), 1); /* it goes on */
}

static void ranges_are_noted_when_they_change_and_not_at_each_start(void **state)
{
	struct fixture *f = *state;

	for (int start = 0; start < 2; start++) {
		history_ranges(f->history, NOON + start, "2026-11-01", "aaaa");
		assert_int_equal(history_step(f->history, NOON + start), 0);
	}
	history_ranges(f->history, NOON + 5, "2026-11-02", "bbbb");
	history_ranges(f->history, NOON + 6, "2026-11-01", "aaaa"); /* and back */
	assert_int_equal(history_step(f->history, NOON + 6), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM ranges"), 3);
}

static void what_was_learnt_comes_back_after_a_restart(void **state)
{
	static const unsigned char learnt[] = { 0, 1, 2, 0, 255 };
	struct fixture *f = *state;
	__s64 when = 0;
	size_t n = 0;
	void *got;

	assert_null(history_state_get(f->history, "baseline", &n, &when));
	history_state(f->history, NOON - 60, "baseline", "older", 5);
	history_state(f->history, NOON, "baseline", learnt, sizeof(learnt));
	assert_int_equal(history_step(f->history, NOON), 0);
	again(f);
	got = history_state_get(f->history, "baseline", &n, &when);
	assert_non_null(got);
	assert_int_equal(n, sizeof(learnt));
	assert_int_equal(when, NOON);
	assert_memory_equal(got, learnt, n);
	free(got);
}

/* A large network: more rows come in a minute than go in a step that has nothing to write. */
static void more_rows_go_than_come(void **state)
{
	const int many = 2 * HISTORY_PURGE_ROWS;
	struct fixture *f = *state;
	char prefix[32];

	for (int minute = 0; minute < 6; minute++) {
		const __s64 at = NOON + minute * 60 + (minute < 3 ? 0 : HISTORY_MINUTES_S + 600);

		for (int i = 0; i < many; i++) {
			snprintf(prefix, sizeof(prefix), "10.%d.%d.0/24", i / 256, i % 256);
			history_count(f->history, at, "x", true, "", prefix, &was_ok);
		}
		if (minute == 3)
			assert_int_equal(history_step(f->history, at - HISTORY_SETTLE_S), 0);
		assert_int_equal(history_step(f->history, at), 0);
	}
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 3 * many);
}

static void old_rows_go_in_small_pieces_and_incidents_stay(void **state)
{
	const __s64 late = NOON + HISTORY_MINUTES_S + 3 * HISTORY_PURGE_ROWS * 60;
	const __s64 much_later = NOON + HISTORY_HOURS_S + 3 * 86400 * 30;
	struct fixture *f = *state;
	long long before, after;

	for (int i = 0; i < 2 * HISTORY_PURGE_ROWS + 10; i++)
		count(f->history, NOON + i * 60, &was_ok, 1);
	history_incident(f->history, NOON, "x-1", "x", NOON, 0, "blocked", "{}");
	history_ranges(f->history, NOON, "1", "aaaa");
	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 2 * HISTORY_PURGE_ROWS + 10);
	before = ask(f, "PRAGMA page_count");
	assert_int_equal(history_step(f->history, late - HISTORY_SETTLE_S), 0);
	assert_int_equal(history_step(f->history, late), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), HISTORY_PURGE_ROWS + 10);
	assert_int_equal(ask(f, "SELECT min(at) FROM minute"),
			 NOON + HISTORY_PURGE_ROWS * 60); /* the oldest first */
	assert_int_equal(history_step(f->history, late), 0);
	assert_int_equal(history_step(f->history, late), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 0);
	assert_int_equal(ask(f, "SELECT sum(flows) FROM hour"), 2 * HISTORY_PURGE_ROWS + 10);
	after = ask(f, "PRAGMA page_count");
	assert_true(after < before);
	assert_int_equal(history_step(f->history, much_later - HISTORY_SETTLE_S), 0);
	assert_int_equal(history_step(f->history, much_later), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM hour"), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM incident"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM incident_change"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM ranges"), 1);
}

/* Fourteen months ahead for a while: at a boot, and in the middle of a life. */
static void a_clock_that_is_wrong_for_less_than_an_hour_drops_nothing(void **state)
{
	static const struct keep_books books = { .opened = 1 };
	const __s64 wrong = NOON + HISTORY_HOURS_S + 30 * 86400;
	struct fixture *f = *state;

	count(f->history, NOON, &was_ok, 1);
	history_books(f->history, NOON, &books);
	assert_int_equal(history_step(f->history, NOON), 0);
	for (int life = 0; life < 2; life++) {
		for (int step = 0; step < 50; step++) {
			history_books(f->history, wrong + step * 60, &books);
			assert_int_equal(history_step(f->history, wrong + step * 60), 0);
		}
		again(f); /* while it is wrong */
		for (int step = 50; step < 60; step++)
			assert_int_equal(history_step(f->history, wrong + step * 60), 0);
		assert_int_equal(history_step(f->history, NOON + 60), 0);
		assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 1);
		again(f);
	}
	for (int step = 0; step < 70; step++) /* it was right */
		assert_int_equal(history_step(f->history, wrong + step * 60), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 0);
}

static void a_row_of_exactly_the_age_stays(void **state)
{
	struct fixture *f = *state;

	count(f->history, NOON, &was_ok, 1);
	assert_int_equal(history_step(f->history, NOON + HISTORY_MINUTES_S - HISTORY_SETTLE_S), 0);
	assert_int_equal(history_step(f->history, NOON + HISTORY_MINUTES_S), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 1);
	assert_int_equal(history_step(f->history, NOON + HISTORY_MINUTES_S + 1), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 0);
}

static void a_file_of_version_1_keeps_its_rows_and_gets_what_is_new(void **state)
{
	struct fixture *f = *state;
	char path[128], error[256];
	sqlite3 *db;

	strcpy(path, files_path(&f->files, HISTORY_FILE));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(schema_update(db, 1, error, sizeof(error)), 0);
	assert_int_equal(
		sqlite3_exec(db,
			     "INSERT INTO series VALUES (1, 'x', 1, 'lahore', '104.244.40.0/21', 'ipv4', 'tcp',"
			     " 'later', 'ok', 'none', 'none', 'success');"
			     "INSERT INTO minute VALUES (1708171200, 1, 5)",
			     NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(ask(f, "PRAGMA user_version"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM sqlite_master WHERE name = 'state'"), 0);
	count(f->history, NOON, &was_ok, 2);
	history_state(f->history, NOON, "baseline", "b", 1);
	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(ask(f, "PRAGMA user_version"), SCHEMA_VERSION);
	assert_int_equal(ask(f, "SELECT flows FROM minute"), 7);
	assert_int_equal(ask(f, "SELECT count(*) FROM state"), 1);
}

static void a_sample_is_the_mean_of_its_hour_and_dropped_with_it(void **state)
{
	struct fixture *f = *state;

	for (int minute = 0; minute < 4; minute++)
		history_sample(f->history, NOON + minute * 60, "google", minute < 2 ? .1 : .3);
	history_sample(f->history, NOON + 3600, "google", 1);
	history_sample(f->history, NOON, "x", 1);
	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM sample"), 3);
	assert_int_equal(ask(f, "SELECT round(share * 1000) FROM sample WHERE grp = 'google' ORDER BY at LIMIT 1"),
			 200);
	assert_int_equal(history_step(f->history, NOON + HISTORY_HOURS_S + 86400), 0);
	assert_int_equal(history_step(f->history, NOON + HISTORY_HOURS_S + 86400 + HISTORY_SETTLE_S), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM sample"), 0);
}

static void a_file_of_a_newer_version_is_left_alone(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(history_step(f->history, NOON), 0);
	history_free(f->history);
	f->history = NULL;
	tell_file(files_path(&f->files, HISTORY_FILE), "PRAGMA user_version = 99");
	f->history = history_new(f->files.directory);
	count(f->history, NOON, &was_ok, 1);
	assert_int_equal(history_step(f->history, NOON), -ENOTSUP);
	assert_non_null(strstr(history_status(f->history)->trouble.text,
			       "is of a newer xreach (schema 99, this one knows 3)"));
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 0);
	assert_int_equal(ask(f, "PRAGMA user_version"), 99);
	assert_int_equal(history_status(f->history)->set_aside, 0);
}

static void a_database_of_another_program_is_left_alone(void **state)
{
	struct fixture *f = *state;

	tell_file(files_path(&f->files, HISTORY_FILE), "CREATE TABLE songs (name TEXT)");
	assert_int_equal(history_step(f->history, NOON), -EEXIST);
	assert_non_null(strstr(history_status(f->history)->trouble.text, "is another program's database"));
	assert_int_equal(ask(f, "SELECT count(*) FROM sqlite_master"), 1);
}

static void there_is_no_column_for_a_client(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(
		ask(f, "SELECT count(*) FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
		       " AND (c.name LIKE '%addr%' OR c.name LIKE '%port' AND c.name != 'transport' OR c.name"
		       " LIKE '%bucket%' OR c.name LIKE '%rank%' OR c.name LIKE '%key%')"),
		0);
	/* and no table that the counts go to holds a time finer than a minute */
	count(f->history, NOON + 37, &was_ok, 1);
	history_clients(f->history, NOON + 37, "x", "", "<20");
	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(ask(f,
			     "SELECT count(*) FROM (SELECT at FROM minute UNION SELECT at FROM hour UNION SELECT at"
			     " FROM clients) WHERE at % 60"),
			 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_step_writes_what_was_counted_by_minute_and_hour),
		T(a_verdict_that_comes_late_is_added_to_its_minute),
		T(a_restart_goes_on_in_the_same_file),
		T(the_directory_and_the_files_are_not_for_others_whatever_the_umask),
		T(each_minute_watched_is_one_however_often_the_daemon_started),
		T(clients_are_a_range_or_refused),
		T(an_incident_has_its_last_word_and_every_word_before),
		T(an_incident_that_was_open_when_the_watch_ended_is_not_open_for_ever),
		T(ranges_are_noted_when_they_change_and_not_at_each_start),
		T(what_was_learnt_comes_back_after_a_restart),
		T(more_rows_go_than_come),
		T(old_rows_go_in_small_pieces_and_incidents_stay),
		T(a_clock_that_is_wrong_for_less_than_an_hour_drops_nothing),
		T(a_row_of_exactly_the_age_stays),
		T(a_file_of_version_1_keeps_its_rows_and_gets_what_is_new),
		T(a_sample_is_the_mean_of_its_hour_and_dropped_with_it),
		T(a_file_of_a_newer_version_is_left_alone),
		T(a_database_of_another_program_is_left_alone),
		T(there_is_no_column_for_a_client),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
