// SPDX-License-Identifier: GPL-2.0
/* Reading the history: the same figures by minute and by hour, also while it is written, and from where nothing may be
 * written; and clear words where there is nothing to read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "unit/history_scene.h"
#include "unit/report_scene.h"

static char error[512];

static int read_past(struct fixture *f, __s64 from, __s64 to, const char *incident, __s64 now, struct past *p)
{
	error[0] = '\0';
	return past_read(f->files.directory, from, to, incident, now, p, error, sizeof(error));
}

static const struct past_group *group(const struct past *p, const char *name)
{
	for (size_t i = 0; i < p->n_groups; i++)
		if (!strcmp(p->groups[i].name, name))
			return &p->groups[i];
	fail_msg("no group %s", name);
	return NULL;
}

static void an_evening_comes_back_minute_by_minute(void **state)
{
	struct fixture *f = *state;
	const struct past_group *x;
	struct past p;

	play_evening(f->history);
	assert_int_equal(read_past(f, MINUTE(0), MINUTE(150), NULL, MINUTE(EVENING), &p), 0);
	assert_int_equal(p.step_s, 60);
	assert_int_equal(p.n_steps, 150);
	assert_true(p.by_minute);
	assert_int_equal(p.from, NOON);
	assert_int_equal(p.oldest, NOON);
	x = group(&p, "x");
	assert_ptr_equal(x, &p.groups[0]); /* the target first */
	assert_true(x->target && !p.groups[1].target);
	for (int i = 0; i < 150; i++) {
		bool unseen = i >= UNSEEN_FROM && i < UNSEEN_TO;

		assert_int_equal(x->steps[i].failed, is_blocked(i) ? EACH : 0);
		assert_int_equal(x->steps[i].ok, is_blocked(i) || unseen ? 0 : EACH);
		assert_int_equal(p.watch[i].minutes, !unseen);
		assert_int_equal(p.watch[i].books.opened, unseen ? 0 : 50);
	}
	assert_int_equal(p.n_signatures, 1);
	assert_string_equal(p.signatures[0].name, "PSH+ACK->RST+ACK");
	assert_int_equal(p.signatures[0].total, 20 * EACH);
	assert_int_equal(p.n_clients, 1);
	assert_string_equal(p.clients[0].range, "20-49");
	assert_int_equal(p.n_ranges, 1);
	assert_int_equal(p.n_incidents, 1);
	assert_int_equal(p.incidents[0].changes, 2);
	assert_string_equal(p.incidents[0].state, "blocked");
	past_free(&p);
}

static void longer_steps_and_hours_add_up_to_the_same(void **state)
{
	static const __s64 stretches[] = { 240 * 60, 2 * 86400, 6 * 86400, 30 * 86400, 390 * 86400 };
	struct fixture *f = *state;

	play_evening(f->history);
	for (size_t i = 0; i < sizeof(stretches) / sizeof(stretches[0]); i++) {
		__s64 to = MINUTE(EVENING) + (i ? 86400 : 0);
		__u64 failed = 0, minutes = 0;
		struct past p;

		assert_int_equal(read_past(f, to - stretches[i], to, NULL, to, &p), 0);
		assert_in_range(p.n_steps, 1, PAST_STEPS);
		assert_int_equal(p.from % p.step_s, 0);
		assert_int_equal(group(&p, "x")->total.failed, FAILED);
		for (size_t s = 0; s < p.n_steps; s++) {
			failed += group(&p, "x")->steps[s].failed;
			minutes += p.watch[s].minutes;
		}
		assert_int_equal(failed, FAILED);
		assert_int_equal(minutes, EVENING - (UNSEEN_TO - UNSEEN_FROM));
		past_free(&p);
	}
}

static void hours_are_read_where_the_minutes_are_gone(void **state)
{
	const __s64 later = MINUTE(EVENING) + HISTORY_MINUTES_S;
	static const struct keep_books books = { .opened = 1 };
	struct fixture *f = *state;
	struct past p;

	play_evening(f->history);
	history_books(f->history, later, &books);
	assert_int_equal(history_step(f->history, later - HISTORY_SETTLE_S), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(history_step(f->history, later), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 0);
	assert_int_equal(read_past(f, NOON, MINUTE(EVENING), NULL, later, &p), 0);
	assert_false(p.by_minute);
	assert_int_equal(p.step_s, 3600);
	assert_int_equal(group(&p, "x")->total.failed, FAILED);
	past_free(&p);
}

static void an_incident_is_read_with_the_time_around_it_and_without_others(void **state)
{
	struct fixture *f = *state;
	struct past p;

	play_evening(f->history);
	history_incident(f->history, MINUTE(140), "google-1", "google", MINUTE(139), 0, "impaired", "{}");
	assert_int_equal(history_step(f->history, MINUTE(EVENING)), 0);
	assert_int_equal(read_past(f, 0, 1, INCIDENT_ID, MINUTE(EVENING), &p), 0);
	assert_int_equal(p.n_incidents, 1);
	assert_string_equal(p.incidents[0].id, INCIDENT_ID);
	assert_int_equal(p.from, MINUTE(BLOCKED_FROM - 30));
	assert_int_equal(p.to, MINUTE(BLOCKED_TO + 30));
	past_free(&p);
	assert_int_equal(read_past(f, 0, 1, "x-9", MINUTE(EVENING), &p), -ENOENT);
	assert_string_equal(error, "there is no incident 'x-9'; without --incident, all are listed");
}

static void incidents_that_touch_the_stretch_are_in_it(void **state)
{
	static const struct {
		int from, to;
		size_t n;
	} rows[] = { { 0, 60, 0 }, { 0, 131, 1 }, { 140, 150, 1 }, { 179, 200, 1 }, { 181, 200, 0 } };
	struct fixture *f = *state;

	play_evening(f->history);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct past p;

		assert_int_equal(read_past(f, MINUTE(rows[i].from), MINUTE(rows[i].to), NULL, MINUTE(EVENING), &p),
				 0);
		assert_int_equal(p.n_incidents, rows[i].n);
		past_free(&p);
	}
}

static void the_list_in_force_at_the_beginning_is_told_with_those_after_it(void **state)
{
	struct fixture *f = *state;
	struct past p;

	play_evening(f->history);
	history_ranges(f->history, MINUTE(30), "2", "bbbb");
	history_ranges(f->history, MINUTE(70), "3", "cccc");
	assert_int_equal(history_step(f->history, MINUTE(EVENING)), 0);
	assert_int_equal(read_past(f, MINUTE(60), MINUTE(90), NULL, MINUTE(EVENING), &p), 0);
	assert_int_equal(p.n_ranges, 2);
	assert_string_equal(p.ranges[0].version, "2");
	assert_string_equal(p.ranges[1].version, "3");
	past_free(&p);
}

/* The writer has it open, in a transaction even, and its last steps are beside the file. */
static void it_is_read_while_it_is_written(void **state)
{
	struct fixture *f = *state;
	struct past p;
	sqlite3 *other;

	play_evening(f->history);
	assert_int_equal(sqlite3_open(files_path(&f->files, HISTORY_FILE), &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE; DELETE FROM minute", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(read_past(f, NOON, MINUTE(EVENING), NULL, MINUTE(EVENING), &p), 0);
	assert_int_equal(group(&p, "x")->total.failed, FAILED);
	past_free(&p);
	sqlite3_close(other);
}

static void reading_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char before[128], after[128];
	struct stat st;
	struct past p;

	play_evening(f->history);
	history_free(f->history);
	f->history = NULL;
	assert_int_equal(stat(files_path(&f->files, HISTORY_FILE), &st), 0);
	snprintf(before, sizeof(before), "%lld %lld.%ld", (long long)st.st_size, (long long)st.st_mtim.tv_sec,
		 st.st_mtim.tv_nsec);
	assert_int_equal(read_past(f, NOON, MINUTE(EVENING), NULL, MINUTE(EVENING), &p), 0);
	past_free(&p);
	assert_int_equal(stat(files_path(&f->files, HISTORY_FILE), &st), 0);
	snprintf(after, sizeof(after), "%lld %lld.%ld", (long long)st.st_size, (long long)st.st_mtim.tv_sec,
		 st.st_mtim.tv_nsec);
	assert_string_equal(before, after);
}

static void what_cannot_be_read_is_told_with_a_remedy(void **state)
{
	struct fixture *f = *state;
	struct past p;

	assert_int_equal(read_past(f, NOON, MINUTE(1), NULL, MINUTE(1), &p), -ENOENT);
	assert_non_null(
		strstr(error, "/history.db: No such file or directory; `xreach run` makes it, --state-dir names"));
	files_write(&f->files, HISTORY_FILE, "", 0);
	assert_int_equal(read_past(f, NOON, MINUTE(1), NULL, MINUTE(1), &p), -ENOENT);
	assert_non_null(strstr(error, "is empty: nothing was recorded yet"));
	files_write(&f->files, HISTORY_FILE, "no database, but long enough to look like one to whoever only looks",
		    67);
	assert_int_equal(read_past(f, NOON, MINUTE(1), NULL, MINUTE(1), &p), -EIO);
	assert_non_null(strstr(error, "file is not a database"));
	unlink(files_path(&f->files, HISTORY_FILE));
	tell_file(files_path(&f->files, HISTORY_FILE), "CREATE TABLE songs (name TEXT)");
	assert_int_equal(read_past(f, NOON, MINUTE(1), NULL, MINUTE(1), &p), -EEXIST);
	unlink(files_path(&f->files, HISTORY_FILE));
	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(read_past(f, NOON, NOON, NULL, NOON, &p), -EINVAL);
	assert_string_equal(error, "the stretch ends before it begins");
	assert_int_equal(read_past(f, 0, NOON, NULL, NOON, &p), -EINVAL);
	assert_string_equal(error, "the stretch is longer than what is kept: 13 months");
	assert_int_equal(read_past(f, NOON, MINUTE(1), NULL, MINUTE(1), &p), 0); /* nothing in it is no error */
	assert_int_equal(p.n_groups, 0);
	past_free(&p);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_evening_comes_back_minute_by_minute),
		T(longer_steps_and_hours_add_up_to_the_same),
		T(hours_are_read_where_the_minutes_are_gone),
		T(an_incident_is_read_with_the_time_around_it_and_without_others),
		T(incidents_that_touch_the_stretch_are_in_it),
		T(the_list_in_force_at_the_beginning_is_told_with_those_after_it),
		T(it_is_read_while_it_is_written),
		T(reading_changes_nothing),
		T(what_cannot_be_read_is_told_with_a_remedy),
	};

	return cmocka_run_group_tests_name("history_read", tests, NULL, NULL);
}
