// SPDX-License-Identifier: GPL-2.0
/* The history in trouble: corrupt files, full and read-only disks, locks, kills at any moment. Nothing that was written is
 * lost, what waits is written once the trouble is over, and once only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "unit/history_scene.h"

/* ---- a try that is due, and one that is not ------------------------------------------------------------------ */
static void a_lock_is_waited_out_with_longer_and_longer_pauses(void **state)
{
	struct fixture *f = *state;
	__s64 now = NOON;
	sqlite3 *other;

	assert_int_equal(history_step(f->history, now), 0);
	assert_int_equal(sqlite3_open(files_path(&f->files, HISTORY_FILE), &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	count(f->history, now, &was_ok, 4);
	for (__s64 pause = TROUBLE_RETRY_LEAST_S; pause < 50; pause *= 2) {
		assert_int_equal(history_step(f->history, now), -EBUSY);
		assert_true(history_status(f->history)->trouble.on);
		assert_int_equal(history_status(f->history)->trouble.next_try, now + pause);
		assert_int_equal(history_step(f->history, now + pause - 1), -EAGAIN);
		now += pause;
	}
	assert_int_equal(history_status(f->history)->trouble.times, 4);
	assert_non_null(strstr(history_status(f->history)->trouble.text, "database is locked"));
	assert_int_equal(history_status(f->history)->waiting, 1);
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	assert_int_equal(history_step(f->history, now), 0);
	assert_false(history_status(f->history)->trouble.on);
	assert_int_equal(history_status(f->history)->waiting, 0);
	assert_int_equal(ask(f, "SELECT flows FROM minute"), 4);
}

static void no_pause_is_longer_than_ten_minutes_even_when_the_clock_goes_back(void **state)
{
	struct fixture *f = *state;
	struct history *h = history_new("/proc/none/here");
	__s64 now = NOON;

	(void)f;
	for (int i = 0; i < 20; i++) {
		assert_true(history_step(h, now) < 0);
		assert_true(history_status(h)->trouble.next_try - now <= TROUBLE_RETRY_MOST_S);
		now = history_status(h)->trouble.next_try;
	}
	assert_int_equal(history_status(h)->trouble.times, 20);
	assert_int_not_equal(history_step(h, now - 86400), -EAGAIN);
	history_free(h);
}

static void a_directory_that_cannot_be_is_told_by_name(void **state)
{
	struct fixture *f = *state;
	char long_name[8000], path[128];
	struct history *h;

	strcpy(path, files_write(&f->files, "file", "x", 1));
	h = history_new(path);
	count(h, NOON, &was_ok, 1);
	assert_int_equal(history_step(h, NOON), -ENOTDIR);
	assert_non_null(strstr(history_status(h)->trouble.text, path));
	assert_non_null(strstr(history_status(h)->trouble.text, "Not a directory"));
	history_free(h);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	h = history_new(long_name);
	assert_int_equal(history_step(h, NOON), -ENAMETOOLONG);
	history_free(h);
}

static void a_link_in_place_of_the_file_is_not_followed(void **state)
{
	struct fixture *f = *state;
	char target[128], *text;

	strcpy(target, files_write(&f->files, "target", "", 0));
	assert_int_equal(symlink(target, files_path(&f->files, HISTORY_FILE)), 0);
	assert_true(history_step(f->history, NOON) < 0);
	text = files_read(target);
	assert_string_equal(text, "");
	free(text);
}

/* ---- room in memory ----------------------------------------------------------------------------------------- */
static void what_waits_is_bounded_and_the_rest_is_counted(void **state)
{
	struct history *h = history_new("/proc/none/here");
	unsigned long long rows = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		count(h, NOON + i * 60, &was_ok, 1);
		count(h, NOON + i * 60, &was_ok, 1); /* the same row: needs no more room */
	}
	rows = history_status(h)->waiting;
	assert_int_equal(rows, 16384);
	assert_int_equal(history_status(h)->lost, 2 * (20000 - rows));
	for (int i = 0; i < HISTORY_NOTES_MAX + 5; i++)
		history_ranges(h, NOON, "1", "aaaa");
	assert_int_equal(history_status(h)->waiting, rows + HISTORY_NOTES_MAX);
	assert_int_equal(history_status(h)->lost, 2 * (20000 - rows) + 5);
	history_free(h);
}

/* ---- corrupt files -------------------------------------------------------------------------------------------- */
static unsigned int files_like(struct fixture *f, const char *start)
{
	DIR *directory = opendir(f->files.directory);
	struct dirent *entry;
	unsigned int n = 0;

	while ((entry = readdir(directory)))
		n += !strncmp(entry->d_name, start, strlen(start));
	closedir(directory);
	return n;
}

static void what_is_no_database_is_set_aside_whole_and_a_new_one_begun(void **state)
{
	struct fixture *f = *state;
	static const char garbage[] = "this was never a database, but it may be somebody's last copy of something";
	char *kept;

	files_write(&f->files, HISTORY_FILE, garbage, sizeof(garbage) - 1);
	count(f->history, NOON, &was_ok, 3);
	assert_int_equal(history_step(f->history, NOON), -EBADMSG);
	assert_non_null(strstr(history_status(f->history)->trouble.text,
			       "set aside as history.db.corrupt-20240217T120000Z"));
	assert_int_equal(history_status(f->history)->set_aside, 1);
	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(ask(f, "SELECT flows FROM minute"), 3);
	kept = files_read(files_path(&f->files, "history.db.corrupt-20240217T120000Z"));
	assert_string_equal(kept, garbage);
	free(kept);
}

static void a_page_overwritten_is_found_at_the_start_and_nothing_set_aside_before_is_overwritten(void **state)
{
	struct fixture *f = *state;

	for (int round = 1; round <= 3; round++) {
		char path[128];
		int fd;

		for (int i = 0; i < 2000; i++)
			count(f->history, NOON + i * 60, &was_ok, 1);
		assert_int_equal(history_step(f->history, NOON), 0);
		history_free(f->history); /* which puts all of it into the one file */
		strcpy(path, files_path(&f->files, HISTORY_FILE));
		fd = open(path, O_WRONLY | O_CLOEXEC);
		for (int page = 2; page < 20; page++)
			assert_int_equal(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, page * 4096), 8);
		close(fd);
		f->history = history_new(f->files.directory);
		assert_int_equal(history_step(f->history, NOON), -EBADMSG);
		assert_int_equal(files_like(f, "history.db.corrupt-20240217T120000Z"), round);
		assert_int_equal(history_step(f->history, NOON), 0);
		assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 0);
	}
}

/* ---- disks ---------------------------------------------------------------------------------------------------- */
/* Run in a child, whose mounts and limits are its own; what it returns is the claim, 77 that it could not be tried. */
static void in_child(struct fixture *f, int (*play)(const char *directory))
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(play(f->files.directory));
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("the child ended with %#x: the line of its claim, if below 0xff00, is 256ths of it",
			 status);
}

#define CLAIM(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "line %d: not so: %s\n", __LINE__, #what); \
			return 1; \
		} \
	} while (0)

static int mount_own(const char *directory, const char *options)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", directory, "tmpfs", 0, options))
		return 77;
	return 0;
}

/* SQLite's answer, without the assertions of the parent. */
static long long number_in(const char *directory, const char *sql)
{
	long long number = -1;
	char path[256];
	sqlite3_stmt *q;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/%s", directory, HISTORY_FILE);
	if (sqlite3_open(path, &db) || sqlite3_prepare_v2(db, sql, -1, &q, NULL))
		return -1;
	if (sqlite3_step(q) == SQLITE_ROW)
		number = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return number;
}

/* Another life reads what is known, whatever can be written. */
static bool is_known(const char *directory)
{
	struct history *h = history_new(directory);
	__s64 at;
	size_t n;
	char *value = history_state_get(h, "incidents", &n, &at);
	bool known = value && n == 4 && !memcmp(value, "kept", 4);

	free(value);
	history_free(h);
	return known;
}

/* Until the disk is full, then room is made: every flow is there, once. */
static int play_full(const char *directory)
{
	struct history *h = history_new(directory);
	__s64 now = NOON, flows = 0;
	char ballast[256];
	int fd, err = 0;

	if (mount_own(directory, "size=1m"))
		return 77;
	snprintf(ballast, sizeof(ballast), "%s/ballast", directory);
	fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CLAIM(fd >= 0 && !ftruncate(fd, 0) && !fallocate(fd, 0, 0, 500 << 10));
	history_state(h, now, "incidents", "kept", 4);
	for (int step = 0; step < 400 && !err; step++, now += 60) {
		for (int i = 0; i < 50; i++, flows++)
			count(h, now + i * 60, &was_reset, 1);
		err = history_step(h, now);
	}
	CLAIM(err == -ENOSPC || err == -EIO);
	CLAIM(history_status(h)->trouble.on && history_status(h)->trouble.times == 1 &&
	      *history_status(h)->trouble.text);
	CLAIM(!history_status(h)->set_aside); /* a full disk is no reason to call the file corrupt */
	for (int step = 0; step < 10; step++, now += TROUBLE_RETRY_MOST_S) {
		count(h, now, &was_ok, 1);
		flows++;
		CLAIM(history_step(h, now) < 0);
	}
	CLAIM(history_status(h)->trouble.times == 11 && !history_status(h)->lost);
	CLAIM(is_known(directory));
	CLAIM(!close(fd) && !unlink(ballast));
	CLAIM(!history_step(h, now + TROUBLE_RETRY_MOST_S));
	CLAIM(!history_status(h)->trouble.on && !history_status(h)->waiting);
	CLAIM(number_in(directory, "SELECT sum(flows) FROM minute") == flows);
	CLAIM(number_in(directory, "SELECT sum(flows) FROM hour") == flows);
	history_free(h);
	return 0;
}

static void a_full_disk_costs_nothing_once_there_is_room(void **state)
{
	in_child(*state, play_full);
}

static int play_limit(const char *directory)
{
	const struct rlimit small = { 200 << 10, RLIM_INFINITY }, none = { RLIM_INFINITY, RLIM_INFINITY };
	struct history *h = history_new(directory);
	__s64 now = NOON, flows = 0;
	int err = 0;

	signal(SIGXFSZ, SIG_IGN);
	CLAIM(!setrlimit(RLIMIT_FSIZE, &small));
	for (int step = 0; step < 400 && !err; step++, now += 60) {
		for (int i = 0; i < 50; i++, flows++)
			count(h, now + i * 60, &was_reset, 1);
		err = history_step(h, now);
	}
	CLAIM(err < 0 && !history_status(h)->set_aside);
	CLAIM(!setrlimit(RLIMIT_FSIZE, &none));
	CLAIM(!history_step(h, now + TROUBLE_RETRY_MOST_S));
	CLAIM(number_in(directory, "SELECT sum(flows) FROM minute") == flows);
	history_free(h);
	return 0;
}

static void a_limit_on_the_size_of_files_is_trouble_and_no_end(void **state)
{
	in_child(*state, play_limit);
}

static int play_read_only(const char *directory)
{
	struct history *h = history_new(directory);

	if (mount_own(directory, "size=1m"))
		return 77;
	count(h, NOON, &was_ok, 1);
	history_state(h, NOON, "incidents", "kept", 4);
	CLAIM(!history_step(h, NOON));
	history_free(h);
	CLAIM(!mount("none", directory, NULL, MS_REMOUNT | MS_RDONLY, NULL));
	CLAIM(is_known(directory));
	h = history_new(directory);
	count(h, NOON, &was_ok, 2);
	CLAIM(history_step(h, NOON) < 0);
	CLAIM(history_status(h)->trouble.on && !history_status(h)->set_aside && *history_status(h)->trouble.text);
	CLAIM(!mount("none", directory, NULL, MS_REMOUNT, NULL));
	CLAIM(!history_step(h, NOON + TROUBLE_RETRY_MOST_S));
	CLAIM(number_in(directory, "SELECT flows FROM minute") == 3);
	history_free(h);
	return 0;
}

static void a_read_only_disk_is_trouble_until_it_can_be_written_again(void **state)
{
	in_child(*state, play_read_only);
}

/* ---- another one, or none --------------------------------------------------------------------------------------- */
/* A start while the one before is still ending: its state is read, or it would be lost, and nothing is written beside it. */
static void of_two_writers_the_second_waits_and_reads_what_is_known(void **state)
{
	struct fixture *f = *state;
	struct history *second = history_new(f->files.directory);
	__s64 at;
	size_t n;
	char *value;

	history_state(f->history, NOON, "incidents", "kept", 4);
	assert_int_equal(history_step(f->history, NOON), 0);
	value = history_state_get(second, "incidents", &n, &at);
	assert_non_null(value);
	assert_memory_equal(value, "kept", 4);
	free(value);
	count(second, NOON, &was_ok, 1);
	assert_int_equal(history_step(second, NOON), -EBUSY);
	assert_non_null(strstr(history_status(second)->trouble.text, "another xreach writes it"));
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 0);
	history_free(f->history);
	f->history = second;
	assert_int_equal(history_step(second, NOON + TROUBLE_RETRY_LEAST_S), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM minute"), 1);
}

static void a_file_that_was_removed_is_trouble_and_a_new_one_begun(void **state)
{
	struct fixture *f = *state;

	count(f->history, NOON, &was_ok, 1);
	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(unlink(files_path(&f->files, HISTORY_FILE)), 0);
	count(f->history, NOON, &was_ok, 2);
	assert_int_equal(history_step(f->history, NOON + 1), -ENOENT);
	assert_non_null(strstr(history_status(f->history)->trouble.text, "was removed or renamed"));
	assert_int_equal(history_step(f->history, NOON + 1), 0);
	assert_int_equal(ask(f, "SELECT sum(flows) FROM minute"), 2);
}

/* ---- kills ------------------------------------------------------------------------------------------------------ */
#define KILLS		60
#define FLOWS_IN_A_STEP 40

/* Steps as fast as they go; after each, its number goes to the parent. */
static void write_until_killed(const char *directory, __s64 first, int to)
{
	struct history *h = history_new(directory);

	for (__s64 step = first;; step++) {
		for (int i = 0; i < FLOWS_IN_A_STEP; i++)
			count(h, NOON + i * 60, i % 2 ? &was_ok : &was_reset, 1);
		if (history_step(h, NOON) || write(to, &step, sizeof(step)) != sizeof(step))
			_exit(1);
	}
}

static void a_kill_at_any_moment_costs_at_most_the_step_it_fell_into(void **state)
{
	struct fixture *f = *state;
	long long steps = 0;

	srandom((unsigned int)time(NULL));
	for (int round = 0; round < KILLS; round++) {
		const struct timespec moment = { 0, 3000000 + random() % 30000000 };
		__s64 told = steps - 1, step;
		long long have;
		int ends[2];
		pid_t child;

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		child = fork();
		if (!child)
			write_until_killed(f->files.directory, steps, ends[1]);
		close(ends[1]);
		if (round % 4) /* else perhaps before its first step; a slow disk would make it always so */
			poll(&(struct pollfd){ .fd = ends[0], .events = POLLIN }, 1, -1);
		nanosleep(&moment, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		while (read(ends[0], &step, sizeof(step)) == sizeof(step))
			told = step;
		close(ends[0]);
		if (access(files_path(&f->files, HISTORY_FILE), F_OK))
			continue; /* killed before its first breath */
		if (ask(f, "SELECT count(*) FROM sqlite_master") < 9)
			continue;
		have = ask(f, "SELECT coalesce(sum(flows), 0) FROM minute");
		assert_int_equal(have % FLOWS_IN_A_STEP, 0); /* no half step */
		assert_int_equal(ask(f, "SELECT coalesce(sum(flows), 0) FROM hour"), have);
		steps = have / FLOWS_IN_A_STEP;
		assert_in_range(steps, told + 1, told + 2);
	}
	assert_true(steps >= KILLS / 4 * 3); /* it did get somewhere */
	count(f->history, NOON, &was_ok, 1);
	assert_int_equal(history_step(f->history, NOON), 0);
	assert_int_equal(ask(f, "SELECT quick_check = 'ok' FROM pragma_quick_check"), 1);
	assert_int_equal(files_like(f, "history.db.corrupt"), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_lock_is_waited_out_with_longer_and_longer_pauses),
		T(no_pause_is_longer_than_ten_minutes_even_when_the_clock_goes_back),
		T(a_directory_that_cannot_be_is_told_by_name),
		T(a_link_in_place_of_the_file_is_not_followed),
		cmocka_unit_test(what_waits_is_bounded_and_the_rest_is_counted),
		T(what_is_no_database_is_set_aside_whole_and_a_new_one_begun),
		T(a_page_overwritten_is_found_at_the_start_and_nothing_set_aside_before_is_overwritten),
		T(a_full_disk_costs_nothing_once_there_is_room),
		T(a_limit_on_the_size_of_files_is_trouble_and_no_end),
		T(a_read_only_disk_is_trouble_until_it_can_be_written_again),
		T(of_two_writers_the_second_waits_and_reads_what_is_known),
		T(a_file_that_was_removed_is_trouble_and_a_new_one_begun),
		T(a_kill_at_any_moment_costs_at_most_the_step_it_fell_into),
	};

	return cmocka_run_group_tests_name("history_trouble", tests, NULL, NULL);
}
