// SPDX-License-Identifier: GPL-2.0
/* What the daemon keeps: findings by the minute, incidents at once, and trouble that is told once and stops nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <sys/stat.h>

#include "keep/chain.h"
#include "keep/evidence_file.h"
#include "keep/history.h"
#include "keeper.h"
#include "show/board_learnt.h"
#include "show/board_restart.h"
#include "unit/files.h"
#include "unit/board_scene.h"

struct kept {
	struct fixture *board; /* board_scene.h's */
	struct files files;
	struct keeper *keeper;
};

static unsigned int lines_said;
static char said[1024];
static const char *looked_at; /* a file: is an incident in it when something is said? */
static bool was_evidence;

static void say(const char *line)
{
	char *text = looked_at ? files_read(looked_at) : NULL;

	was_evidence = text && strstr(text, "\"kind\":\"incident\"");
	free(text);
	lines_said++;
	snprintf(said, sizeof(said), "%s", line);
}

static void open_keeper(struct kept *k, const char *dir)
{
	const struct keeper_setup setup = { .dir = dir, .say = say };

	k->keeper = keeper_new(&setup);
	assert_non_null(k->keeper);
	keeper_start(k->keeper, k->board->board, WALL);
}

static int begin_all(void **state)
{
	struct kept *k = calloc(1, sizeof(*k));

	lines_said = 0;
	files_begin(&k->files);
	if (set_up((void **)&k->board))
		return -1;
	open_keeper(k, k->files.directory);
	*state = k;
	return 0;
}

static int end_all(void **state)
{
	struct kept *k = *state;

	keeper_close(k->keeper, k->board->board, WALL);
	tear_down((void **)&k->board);
	files_end(&k->files);
	free(k);
	return 0;
}

/* One attempt at X from a client, at a minute after the beginning. */
static void try_once(struct kept *k, int minute, __u16 client)
{
	struct wire_record record = {};
	struct finding f = { .kind = RECORD_FINAL,
			     .prefix = P_X,
			     .site = 1,
			     .first_s = WALL + minute * 60,
			     .v = { .stage = STAGE_LATER, .outcome = OUTCOME_OK } };

	record.flow.client = client;
	keeper_finding(k->keeper, k->board->board, &f, &record);
}

static void tick(struct kept *k, int minute)
{
	keeper_tick(k->keeper, k->board->board, WALL + minute * 60);
}

static char *ask(struct kept *k, const char *sql)
{
	static char answer[128];
	sqlite3_stmt *q;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(files_path(&k->files, HISTORY_FILE), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	answer[0] = '\0';
	if (sqlite3_step(q) == SQLITE_ROW)
		snprintf(answer, sizeof(answer), "%s", (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	sqlite3_close(db);
	return answer;
}

static void a_minute_is_written_when_it_is_over(void **state)
{
	struct kept *k = *state;

	tick(k, 0);
	for (int i = 0; i < 5; i++)
		try_once(k, 0, 0x1001);
	tick(k, 0);
	assert_string_equal(ask(k, "SELECT count(*) FROM minute"), "0");
	tick(k, 1);
	assert_string_equal(ask(k, "SELECT flows FROM minute"), "5");
	assert_string_equal(ask(k, "SELECT grp || ' ' || site || ' ' || prefix || ' ' || target FROM series"),
			    "x lahore 104.244.40.0/21 1");
	assert_string_equal(ask(k, "SELECT count(*) FROM watch_minute"), "1");
	tick(k, 2);
	assert_string_equal(ask(k, "SELECT count(*) FROM watch_minute"), "2");
	assert_string_equal(ask(k, "SELECT version || ' ' || hash FROM ranges"), "1 0123456789abcdef");
}

static void few_clients_are_fewer_than_twenty_and_each_day_begins_anew(void **state)
{
	struct kept *k = *state;

	for (int i = 0; i < 7; i++)
		try_once(k, 0, (__u16)(i | 0x1000));
	tick(k, 1);
	assert_string_equal(ask(k, "SELECT clients FROM clients"), "<20");
	for (int i = 0; i < 120; i++)
		try_once(k, 1, (__u16)(i | 0x1000));
	tick(k, 2);
	assert_string_equal(ask(k, "SELECT clients FROM clients"), "100-199");
	tick(k, 1440);
	try_once(k, 1440, 0x1000);
	tick(k, 1441);
	assert_string_equal(ask(k, "SELECT group_concat(clients, ' ') FROM clients"), "100-199 <20");
}

static void a_restart_does_not_make_a_day_smaller(void **state)
{
	struct kept *k = *state;

	for (int i = 0; i < 120; i++)
		try_once(k, 0, (__u16)(i | 0x1000));
	tick(k, 1);
	keeper_close(k->keeper, k->board->board, WALL + 60);
	open_keeper(k, k->files.directory);
	try_once(k, 2, 0x1000);
	tick(k, 3);
	assert_string_equal(ask(k, "SELECT clients FROM clients"), "100-199");
}

static void an_incident_is_in_both_files_a_second_later(void **state)
{
	static const struct keeper_incident incident = {
		.id = "x-1",
		.group = "x",
		.state = "blocked",
		.object = "{\"incident\":{\"id\":\"x-1\",\"state\":\"blocked\"}}",
		.rule = "urn-cusum/1",
		.at = WALL + 9,
		.since = WALL
	};
	struct kept *k = *state;
	char *text;

	tick(k, 0);
	keeper_incident(k->keeper, k->board->board, &incident);
	keeper_tick(k->keeper, k->board->board, WALL + 10);
	assert_string_equal(ask(k, "SELECT state FROM incident"), "blocked");
	text = files_read(files_path(&k->files, EVIDENCE_FILE));
	assert_non_null(strstr(text, "\"kind\":\"start\""));
	assert_non_null(strstr(text, "\"incident\":{\"id\":\"x-1\",\"state\":\"blocked\"}"));
	assert_non_null(strstr(text, "\"rule\":\"urn-cusum/1\""));
	free(text);
}

static void what_was_learnt_is_kept_hourly_and_comes_back_for_a_fortnight(void **state)
{
	static const char one[] =
		"[{\"group\":\"x\",\"kind\":\"group\",\"name\":\"\",\"failures\":3.0,\"attempts\":100.0,"
		"\"share\":0.03,\"windows\":30,\"rho\":[1.0,2.0,0.5]}]";
	struct kept *k = *state;
	char *text;

	assert_null(keeper_learnt(k->keeper, WALL));
	assert_int_equal(board_learn(k->board->board, one), 1);
	for (int minute = 1; minute < 60; minute++)
		tick(k, minute);
	assert_string_equal(ask(k, "SELECT count(*) FROM state WHERE name = 'learnt'"), "0");
	tick(k, 60);
	text = keeper_learnt(k->keeper, WALL + 3700);
	assert_non_null(text);
	assert_int_equal(board_learn(k->board->board, text), 1);
	free(text);
	assert_null(keeper_learnt(k->keeper, WALL + 15 * 86400)); /* too old */
	assert_null(keeper_learnt(k->keeper, WALL));		  /* from a time to come */
	assert_null(keeper_learnt(NULL, WALL));
}

static const struct keeper_incident incident = { .id = "x-1",
						 .group = "x",
						 .state = "blocked",
						 .object = "{\"incident\":{\"id\":\"x-1\"}}",
						 .rule = "urn-cusum/1",
						 .at = WALL + 9,
						 .since = WALL };

static void incidents_are_kept_with_each_that_is_told_and_soon_in_a_young_life(void **state)
{
	struct kept *k = *state;
	void *kept;
	size_t n = 0;

	assert_null(keeper_incidents(k->keeper, WALL, &n));
	keeper_tick(k->keeper, k->board->board, WALL + 1);
	assert_string_equal(ask(k, "SELECT at FROM state WHERE name = 'incidents'"), "1700000001");
	keeper_tick(k->keeper, k->board->board, WALL + 2);
	for (int s = 3; s < 20; s++)
		keeper_tick(k->keeper, k->board->board, WALL + s);
	assert_true(atoi(ask(k, "SELECT at FROM state WHERE name = 'incidents'")) >= WALL + 13);
	keeper_tick(k->keeper, k->board->board, WALL + 600);
	keeper_tick(k->keeper, k->board->board, WALL + 630); /* calm: once a minute */
	assert_string_equal(ask(k, "SELECT at FROM state WHERE name = 'incidents'"), "1700000600");
	keeper_incident(k->keeper, k->board->board, &incident);
	assert_true(keeper_is_urgent(k->keeper));
	keeper_tick(k->keeper, k->board->board, WALL + 631);
	assert_false(keeper_is_urgent(k->keeper));
	assert_string_equal(ask(k, "SELECT at FROM state WHERE name = 'incidents'"), "1700000631");
	kept = keeper_incidents(k->keeper, WALL + 640, &n);
	assert_non_null(kept);
	assert_null(board_restore(k->board->board, kept, n, WALL + 640));
	free(kept);
	assert_null(keeper_incidents(k->keeper, WALL + 15 * 86400, &n));
	assert_null(keeper_incidents(k->keeper, WALL, &n)); /* of a time to come */
	assert_null(keeper_incidents(NULL, WALL, &n));
}

/* A kill between the two: history, with what says that it was told, must not be the first. */
static void what_was_told_is_evidence_before_it_is_known_as_told(void **state)
{
	struct kept *k = *state;
	sqlite3 *other;

	tick(k, 1);
	assert_int_equal(sqlite3_open(files_path(&k->files, HISTORY_FILE), &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	keeper_incident(k->keeper, k->board->board, &incident);
	looked_at = files_path(&k->files, EVIDENCE_FILE);
	keeper_tick(k->keeper, k->board->board, WALL + 61); /* says at once that it cannot write the history */
	looked_at = NULL;
	sqlite3_close(other);
	assert_int_equal(lines_said, 1);
	assert_non_null(strstr(said, "history"));
	assert_true(was_evidence);
}

static void an_orderly_end_is_told_and_loses_nothing(void **state)
{
	struct kept *k = *state;
	struct chain_result r;
	char *text;
	FILE *file;

	try_once(k, 0, 0x1000);
	keeper_close(k->keeper, k->board->board, WALL + 5);
	k->keeper = NULL;
	assert_string_equal(ask(k, "SELECT flows FROM minute"), "1");
	text = files_read(files_path(&k->files, EVIDENCE_FILE));
	assert_non_null(strstr(text, "\"kind\":\"stop\""));
	free(text);
	file = fopen(k->files.path, "re");
	assert_int_equal(chain_verify(file, &r), 0);
	fclose(file);
	assert_true(r.whole);
	assert_int_equal(r.lines, 3); /* genesis, start, stop */
}

static void trouble_is_told_once_and_its_end_too(void **state)
{
	struct kept *k = *state;
	char path[128], aside[160];
	struct stat st;

	keeper_close(k->keeper, NULL, 0);
	snprintf(path, sizeof(path), "%s/inner", k->files.directory);
	files_write(&k->files, "inner", "", 0);
	open_keeper(k, path);
	for (int minute = 0; minute < 60; minute++) {
		try_once(k, minute, 0x1000);
		tick(k, minute);
	}
	assert_non_null(strstr(keeper_trouble(k->keeper), "history.db: Not a directory"));
	assert_int_equal(lines_said, 2); /* of the history, of the evidence */
	assert_non_null(strstr(said, "; the watch goes on, and it is tried again"));
	assert_true(keeper_history(k->keeper)->trouble.times > 5);
	assert_int_equal(unlink(path), 0);
	tick(k, 80);
	assert_int_equal(lines_said, 4);
	assert_string_equal(said, "history is written again");
	assert_string_equal(keeper_trouble(k->keeper), "");
	assert_string_equal(keeper_trouble(NULL), "");
	assert_int_equal(keeper_history(k->keeper)->lost, 0);
	assert_int_equal(keeper_history(k->keeper)->waiting, 0);
	keeper_close(k->keeper, NULL, 0);
	k->keeper = NULL;
	snprintf(aside, sizeof(aside), "%s/history.db", path);
	assert_int_equal(stat(aside, &st), 0);
	unlink(aside);
	snprintf(aside, sizeof(aside), "%s/evidence.jsonl", path);
	unlink(aside);
	assert_int_equal(rmdir(path), 0);
}

static void a_daemon_that_keeps_nothing_opens_nothing(void **state)
{
	const struct keeper_setup setup = { .dir = "", .say = say };
	struct kept *k = *state;

	assert_null(keeper_new(&setup));
	keeper_tick(NULL, k->board->board, WALL);
	keeper_start(NULL, k->board->board, WALL);
	keeper_ranges(NULL, k->board->board, WALL);
	keeper_close(NULL, NULL, WALL);
	assert_null(keeper_history(NULL));
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin_all, end_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_minute_is_written_when_it_is_over),
		T(few_clients_are_fewer_than_twenty_and_each_day_begins_anew),
		T(a_restart_does_not_make_a_day_smaller),
		T(an_incident_is_in_both_files_a_second_later),
		T(what_was_learnt_is_kept_hourly_and_comes_back_for_a_fortnight),
		T(incidents_are_kept_with_each_that_is_told_and_soon_in_a_young_life),
		T(what_was_told_is_evidence_before_it_is_known_as_told),
		T(an_orderly_end_is_told_and_loses_nothing),
		T(trouble_is_told_once_and_its_end_too),
		T(a_daemon_that_keeps_nothing_opens_nothing),
	};

	return cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
}
