// SPDX-License-Identifier: GPL-2.0
/* The event log: whole lines in a private file, rotation, and full disks and slow readers that cost no time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include "show/events.h"
#include "unit/files.h"

struct fixture {
	struct files files;
	char path[128], error[256];
	struct events *events;
	int kept_stderr; /* complaints of writes go to a file of the test */
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fd;

	files_begin(&f->files);
	fd = open(files_path(&f->files, "stderr"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	f->kept_stderr = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
	strcpy(f->path, files_path(&f->files, "events.jsonl"));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	events_close(f->events);
	dup2(f->kept_stderr, STDERR_FILENO);
	close(f->kept_stderr);
	files_end(&f->files);
	free(f);
	return 0;
}

static int open_path(struct fixture *f, const char *path)
{
	events_close(f->events);
	f->events = NULL;
	f->error[0] = '\0';
	return events_open(path, &f->events, f->error, sizeof(f->error));
}

static void start(struct fixture *f)
{
	assert_int_equal(open_path(f, f->path), 0);
}

static void assert_file(const char *path, const char *expected)
{
	char *text = files_read(path);

	assert_string_equal(text, expected);
	free(text);
}

static unsigned int complaints(struct fixture *f)
{
	char *text = files_read(files_path(&f->files, "stderr"));
	unsigned int n = 0;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		n++;
	free(text);
	return n;
}

static void lines_are_written_at_the_tick_in_their_order(void **state)
{
	struct fixture *f = *state;

	start(f);
	events_add(f->events, "{\"a\":1}");
	events_add(f->events, "");
	events_add(f->events, "{\"b\":2}");
	assert_file(f->path, "");
	assert_int_equal(events_tick(f->events), 0);
	assert_file(f->path, "{\"a\":1}\n\n{\"b\":2}\n");
	assert_int_equal(events_tick(f->events), 0);
	assert_file(f->path, "{\"a\":1}\n\n{\"b\":2}\n");
	assert_int_equal(events_lines(f->events), 3);
	assert_int_equal(events_lost(f->events), 0);
	assert_int_equal(events_errors(f->events), 0);
}

static void the_file_is_private_whatever_the_umask(void **state)
{
	struct fixture *f = *state;
	mode_t before = umask(0);
	struct stat st;

	start(f);
	umask(before);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void what_is_there_already_is_kept_and_added_to(void **state)
{
	struct fixture *f = *state;

	files_write(&f->files, "events.jsonl", "old\n", 4);
	start(f);
	events_add(f->events, "new");
	events_tick(f->events);
	assert_file(f->path, "old\nnew\n");
}

static void closing_writes_what_was_added(void **state)
{
	struct fixture *f = *state;

	start(f);
	events_add(f->events, "last");
	events_close(f->events);
	f->events = NULL;
	assert_file(f->path, "last\n");
}

static void a_rotated_file_is_finished_before_the_new_one_is_begun(void **state)
{
	struct fixture *f = *state;
	char old[128];

	start(f);
	events_add(f->events, "one");
	events_tick(f->events);
	strcpy(old, files_path(&f->files, "events.jsonl.1"));
	assert_int_equal(rename(f->path, old), 0);
	events_add(f->events, "two"); /* before the signal came */
	assert_int_equal(events_reopen(f->events, f->error, sizeof(f->error)), 0);
	events_add(f->events, "three");
	events_tick(f->events);
	assert_file(old, "one\ntwo\n");
	assert_file(f->path, "three\n");
}

static void a_rotation_that_fails_leaves_the_old_file_in_use(void **state)
{
	struct fixture *f = *state;
	char old[128];

	start(f);
	strcpy(old, files_path(&f->files, "events.jsonl.1"));
	assert_int_equal(rename(f->path, old), 0);
	assert_int_equal(symlink(old, f->path), 0);
	assert_int_equal(events_reopen(f->events, f->error, sizeof(f->error)), -ELOOP);
	events_add(f->events, "still here");
	events_tick(f->events);
	assert_file(old, "still here\n");
}

static void a_symbolic_link_is_refused_even_a_dangling_one(void **state)
{
	struct fixture *f = *state;
	char expected[256], target[128];

	strcpy(target, files_path(&f->files, "target"));
	assert_int_equal(symlink(target, f->path), 0);
	assert_int_equal(open_path(f, f->path), -ELOOP);
	snprintf(expected, sizeof(expected), "event log %s: is a symbolic link; name the file itself", f->path);
	assert_string_equal(f->error, expected);
	assert_int_equal(access(target, F_OK), -1);
	assert_null(f->events);
}

static void a_file_with_a_second_name_is_refused(void **state)
{
	struct fixture *f = *state;
	char other[128];

	files_write(&f->files, "events.jsonl", "", 0);
	strcpy(other, files_path(&f->files, "other"));
	assert_int_equal(link(f->path, other), 0);
	assert_int_equal(open_path(f, f->path), -EMLINK);
	assert_non_null(strstr(f->error, "has a second name (hard link); name a file of its own"));
}

static void what_is_no_file_is_refused_with_what_it_is(void **state)
{
	struct fixture *f = *state;
	char missing[160];

	assert_int_equal(open_path(f, f->files.directory), -EISDIR);
	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_int_equal(open_path(f, f->path), -ENXIO);
	assert_non_null(strstr(f->error, "is a pipe that nobody reads"));
	snprintf(missing, sizeof(missing), "%s/none/x", f->files.directory);
	assert_int_equal(open_path(f, missing), -ENOENT);
	assert_non_null(strstr(f->error, "No such file or directory"));
	assert_non_null(strstr(f->error, missing));
}

static void a_full_disk_costs_events_beyond_the_buffer_and_is_told_once(void **state)
{
	struct fixture *f = *state;
	char line[1024];
	unsigned int fit = EVENTS_BUFFER / sizeof(line);

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(open_path(f, "/dev/full"), 0);
	for (unsigned int i = 0; i < fit + 7; i++) {
		events_add(f->events, line);
		if (i % 100 == 0)
			assert_int_equal(events_tick(f->events), -ENOSPC);
	}
	assert_int_equal(events_lines(f->events), fit);
	assert_int_equal(events_lost(f->events), 7);
	assert_int_equal(events_errors(f->events), (fit + 7 + 99) / 100);
	assert_int_equal(complaints(f), 1);
}

static void more_than_the_buffer_between_two_ticks_costs_nothing_while_the_file_takes_it(void **state)
{
	struct fixture *f = *state;
	unsigned int n = 3 * EVENTS_BUFFER / 1024;
	char line[1024];
	struct stat st;

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	start(f);
	for (unsigned int i = 0; i < n; i++)
		events_add(f->events, line);
	assert_int_equal(events_tick(f->events), 0);
	assert_int_equal(events_lines(f->events), n);
	assert_int_equal(events_lost(f->events), 0);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, n * sizeof(line));
}

static void a_line_longer_than_the_buffer_is_lost_alone(void **state)
{
	struct fixture *f = *state;
	char *line = malloc(EVENTS_BUFFER + 1);

	memset(line, 'x', EVENTS_BUFFER);
	line[EVENTS_BUFFER] = '\0';
	start(f);
	events_add(f->events, "before");
	events_add(f->events, line);
	events_add(f->events, NULL);
	events_add(f->events, "after");
	events_tick(f->events);
	assert_file(f->path, "before\nafter\n");
	assert_int_equal(events_lost(f->events), 2);
	line[EVENTS_BUFFER - 1] = '\0'; /* with its newline it fits to the byte */
	events_add(f->events, line);
	assert_int_equal(events_lost(f->events), 2);
	assert_int_equal(events_tick(f->events), 0);
	free(line);
}

/* A pipe whose reader is `*reader`. */
static void start_pipe(struct fixture *f, int *reader)
{
	assert_int_equal(mkfifo(f->path, 0600), 0);
	*reader = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(*reader >= 0);
	start(f);
}

static void a_reader_that_does_not_read_holds_nothing_up_and_gets_every_line_later(void **state)
{
	struct fixture *f = *state;
	char line[512], *got = calloc(1, EVENTS_BUFFER);
	size_t have = 0, lines = 0;
	unsigned int n = 1500;
	int reader;

	start_pipe(f, &reader);
	for (unsigned int i = 0; i < n; i++) { /* ten times what a pipe holds */
		snprintf(line, sizeof(line), "%06u %0400u", i, i);
		events_add(f->events, line);
		assert_int_equal(events_tick(f->events), 0);
	}
	assert_int_equal(events_lines(f->events), n);
	for (unsigned int i = 0; i < 1000; i++) {
		ssize_t more = read(reader, got + have, EVENTS_BUFFER - 1 - have);

		if (more > 0)
			have += (size_t)more;
		events_tick(f->events);
	}
	for (char *at = strtok(got, "\n"); at; at = strtok(NULL, "\n")) {
		snprintf(line, sizeof(line), "%06zu %0400zu", lines, lines);
		assert_string_equal(at, line);
		lines++;
	}
	assert_int_equal(lines, n);
	assert_int_equal(events_lost(f->events), 0);
	close(reader);
	free(got);
}

static void a_reader_that_has_gone_is_an_error_and_no_signal(void **state)
{
	struct fixture *f = *state;
	struct sigaction ends;
	sigset_t pending;
	int reader;

	sigaction(SIGPIPE, NULL, &ends);
	assert_true(ends.sa_handler == SIG_DFL); /* so it would end this program */
	start_pipe(f, &reader);
	close(reader);
	events_add(f->events, "into nothing");
	assert_int_equal(events_tick(f->events), -EPIPE);
	assert_int_equal(events_tick(f->events), -EPIPE);
	assert_int_equal(events_errors(f->events), 2);
	assert_int_equal(complaints(f), 1);
	sigpending(&pending);
	assert_false(sigismember(&pending, SIGPIPE));
	/* and one who comes back gets what waited */
	reader = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(events_tick(f->events), 0);
	close(reader);
}

/* The old file took half of it; the other half would be a broken line in the new one. */
static void a_line_cut_by_a_rotation_is_counted_and_its_rest_is_dropped(void **state)
{
	struct fixture *f = *state;
	char *line = malloc(200000);
	int reader;

	memset(line, 'x', 199999);
	line[199999] = '\0';
	start_pipe(f, &reader); /* which holds 64 KiB */
	events_add(f->events, line);
	events_add(f->events, "whole");
	events_tick(f->events);
	unlink(f->path);
	assert_int_equal(events_reopen(f->events, f->error, sizeof(f->error)), 0);
	events_tick(f->events);
	assert_file(f->path, "whole\n");
	assert_int_equal(events_lost(f->events), 1);
	close(reader);
	free(line);
}

static void standard_output_is_written_to_and_left_open(void **state)
{
	struct fixture *f = *state;
	int kept, ends[2];
	char got[64] = "";

	fflush(stdout);
	kept = dup(STDOUT_FILENO);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dup2(ends[1], STDOUT_FILENO);
	assert_int_equal(open_path(f, "-"), 0);
	events_add(f->events, "line");
	events_close(f->events);
	f->events = NULL;
	assert_int_equal(write(STDOUT_FILENO, "after", 5), 5);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	close(ends[1]);
	assert_int_equal(read(ends[0], got, sizeof(got) - 1), 10);
	assert_string_equal(got, "line\nafter");
	assert_int_equal(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
	close(ends[0]);
}

static void no_log_is_a_log_that_takes_all(void **state)
{
	(void)state;
	events_add(NULL, "x");
	assert_int_equal(events_tick(NULL), 0);
	events_close(NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lines_are_written_at_the_tick_in_their_order),
		T(the_file_is_private_whatever_the_umask),
		T(what_is_there_already_is_kept_and_added_to),
		T(closing_writes_what_was_added),
		T(a_rotated_file_is_finished_before_the_new_one_is_begun),
		T(a_rotation_that_fails_leaves_the_old_file_in_use),
		T(a_symbolic_link_is_refused_even_a_dangling_one),
		T(a_file_with_a_second_name_is_refused),
		T(what_is_no_file_is_refused_with_what_it_is),
		T(a_full_disk_costs_events_beyond_the_buffer_and_is_told_once),
		T(more_than_the_buffer_between_two_ticks_costs_nothing_while_the_file_takes_it),
		T(a_line_longer_than_the_buffer_is_lost_alone),
		T(a_reader_that_does_not_read_holds_nothing_up_and_gets_every_line_later),
		T(a_reader_that_has_gone_is_an_error_and_no_signal),
		T(a_line_cut_by_a_rotation_is_counted_and_its_rest_is_dropped),
		T(standard_output_is_written_to_and_left_open),
		cmocka_unit_test(no_log_is_a_log_that_takes_all),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
