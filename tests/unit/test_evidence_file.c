// SPDX-License-Identifier: GPL-2.0
/* The evidence file: lines in a chain, over restarts, kills, full disks and the hands of others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "keep/chain.h"
#include "keep/evidence_file.h"
#include "unit/files.h"

#define NOON 1708171200ll /* 2024-02-17 12:00:00 UTC */

struct fixture {
	struct files files;
	char path[128];
	struct evidence *e;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	files_begin(&f->files);
	strcpy(f->path, files_path(&f->files, EVIDENCE_FILE));
	f->e = evidence_new(f->files.directory);
	*state = f;
	return f->e ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	evidence_free(f->e);
	files_end(&f->files);
	free(f);
	return 0;
}

static void again(struct fixture *f)
{
	evidence_free(f->e);
	f->e = evidence_new(f->files.directory);
}

static void add(struct evidence *e, __s64 at)
{
	static const struct evidence_context context = { .ranges_version = "2026-11-01",
							 .ranges_hash = "0123456789abcdef",
							 .rule = "urn-cusum/1",
							 .ledger = { 10, 7, 2, 1, 3 } };

	evidence_add(e, at, "incident", &context, "incident", "{\"id\":\"x-1\",\"state\":\"blocked\"}");
}

static struct chain_result verify(const char *path)
{
	FILE *file = fopen(path, "re");
	struct chain_result r;

	assert_non_null(file);
	assert_int_equal(chain_verify(file, &r), 0);
	fclose(file);
	return r;
}

static void assert_whole(const char *path, __u64 lines)
{
	struct chain_result r = verify(path);

	if (!r.whole)
		fail_msg("line %llu: %s", (unsigned long long)r.bad_line, r.why);
	assert_int_equal(r.lines, lines);
}

static void a_line_says_by_what_and_under_what_it_was_decided(void **state)
{
	struct fixture *f = *state;
	char *text, *line;
	json_t *o;

	add(f->e, NOON + 9);
	assert_int_equal(evidence_step(f->e, NOON + 10), 0);
	assert_whole(f->path, 2);
	text = files_read(f->path);
	line = strchr(text, '\n') + 1;
	assert_memory_equal(line, "{\"prev\":\"", 9);
	o = json_loads(line, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(o, "at")), "2024-02-17T12:00:09Z");
	assert_string_equal(json_string_value(json_object_get(o, "kind")), "incident");
	assert_string_equal(json_string_value(json_object_get(o, "rule")), "urn-cusum/1");
	assert_non_null(json_string_value(json_object_get(o, "version")));
	assert_non_null(json_string_value(json_object_get(o, "kernel")));
	assert_string_equal(json_string_value(json_object_get(json_object_get(o, "ranges"), "hash")),
			    "0123456789abcdef");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "ledger"), "opened")), 10);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "ledger"), "unparsed")), 3);
	assert_string_equal(json_string_value(json_object_get(json_object_get(o, "incident"), "state")), "blocked");
	json_decref(o);
	free(text);
}

static void the_file_is_not_for_others_whatever_the_umask(void **state)
{
	struct fixture *f = *state;
	mode_t before = umask(0);
	struct stat st;

	assert_int_equal(evidence_step(f->e, NOON), 0);
	umask(before);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void a_restart_goes_on_in_the_chain(void **state)
{
	struct fixture *f = *state;

	for (int life = 0; life < 4; life++) {
		add(f->e, NOON + life);
		add(f->e, NOON + life);
		assert_int_equal(evidence_step(f->e, NOON + life), 0);
		again(f);
	}
	assert_whole(f->path, 1 + 8);
}

static void one_process_writes_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct evidence *other = evidence_new(f->files.directory);

	assert_int_equal(evidence_step(f->e, NOON), 0);
	add(other, NOON);
	assert_int_equal(evidence_step(other, NOON), -EBUSY);
	assert_non_null(strstr(evidence_status(other)->trouble.text, "another xreach writes it"));
	evidence_free(f->e);
	f->e = NULL;
	assert_int_equal(evidence_step(other, NOON), -EAGAIN);
	assert_int_equal(evidence_step(other, NOON + TROUBLE_RETRY_LEAST_S), 0);
	evidence_free(other);
	assert_whole(f->path, 2);
}

/* Cut at every byte, as a kill may leave it: the next start closes the end, and goes on. */
static void an_end_torn_at_any_byte_is_closed_and_told(void **state)
{
	struct fixture *f = *state;
	size_t n, whole;
	char *text;

	add(f->e, NOON);
	add(f->e, NOON);
	assert_int_equal(evidence_step(f->e, NOON), 0);
	text = files_read(f->path);
	n = strlen(text);
	whole = (size_t)(strchr(strchr(text, '\n') + 1, '\n') + 1 - text); /* two lines */
	for (size_t cut = whole; cut <= n; cut++) {
		struct chain_result r;

		files_write(&f->files, EVIDENCE_FILE, text, cut);
		again(f);
		add(f->e, NOON + 60);
		assert_int_equal(evidence_step(f->e, NOON + 60), 0);
		r = verify(f->path);
		if (!r.whole)
			fail_msg("cut at %zu: line %llu: %s", cut, (unsigned long long)r.bad_line, r.why);
		assert_int_equal(r.torn, cut > whole && cut < n - 1);
		/* what was there, the explanation where one was needed, and what came after */
		assert_int_equal(r.lines, cut == whole ? 3 : cut == n ? 4 : cut == n - 1 ? 5 : 4);
		assert_int_equal(evidence_status(f->e)->set_aside, 0);
	}
	free(text);
}

static void a_file_broken_in_the_middle_is_set_aside_and_named_in_the_new_one(void **state)
{
	struct fixture *f = *state;
	struct chain_result r;
	char *text, aside[256];

	for (int i = 0; i < 3; i++)
		add(f->e, NOON);
	assert_int_equal(evidence_step(f->e, NOON), 0);
	text = files_read(f->path);
	memcpy(strstr(text, "blocked"), "allowed", 7);
	files_write(&f->files, EVIDENCE_FILE, text, strlen(text));
	again(f);
	add(f->e, NOON + 60);
	assert_int_equal(evidence_step(f->e, NOON + 60), 0);
	assert_whole(f->path, 2);
	assert_int_equal(evidence_status(f->e)->set_aside, 1);
	assert_int_equal(evidence_status(f->e)->trouble.times, 1);
	assert_non_null(strstr(evidence_status(f->e)->trouble.text, "was broken at line 3"));
	free(text);
	snprintf(aside, sizeof(aside), "%s.broken-20240217T120100Z", f->path);
	r = verify(aside);
	assert_false(r.whole);
	assert_int_equal(r.bad_line, 3);
	text = files_read(f->path);
	assert_non_null(strstr(text, "\"genesis\":{\"after\":\"evidence.jsonl.broken-20240217T120100Z\"}"));
	free(text);
}

static void a_file_taken_away_or_cut_while_it_is_open_is_noticed(void **state)
{
	struct fixture *f = *state;
	char other[256];

	add(f->e, NOON);
	assert_int_equal(evidence_step(f->e, NOON), 0);
	snprintf(other, sizeof(other), "%s.1", f->path);
	assert_int_equal(rename(f->path, other), 0);
	add(f->e, NOON);
	assert_int_equal(evidence_step(f->e, NOON), 0);
	assert_whole(other, 2);
	assert_whole(f->path, 2);
	assert_int_equal(truncate(f->path, 300), 0); /* within a line */
	add(f->e, NOON);
	assert_int_equal(evidence_step(f->e, NOON), 0);
	assert_true(verify(f->path).whole);
	assert_true(verify(f->path).torn == 1 || evidence_status(f->e)->set_aside == 1);
}

static void trouble_costs_no_line_while_they_fit_and_says_what_it_cost_then(void **state)
{
	struct fixture *f = *state;
	struct evidence *e;
	char inner[128], path[256];
	__s64 now = NOON;

	snprintf(inner, sizeof(inner), "%s/inner", f->files.directory);
	files_write(&f->files, "inner", "", 0); /* a file where the directory should be */
	e = evidence_new(inner);
	for (int i = 0; i < EVIDENCE_WAITING + 3; i++) {
		add(e, now);
		assert_true(evidence_step(e, now) < 0);
		now += TROUBLE_RETRY_MOST_S;
	}
	assert_int_equal(evidence_status(e)->waiting, EVIDENCE_WAITING);
	assert_int_equal(evidence_status(e)->lost, 3);
	assert_int_equal(unlink(inner), 0);
	assert_int_equal(evidence_step(e, now), 0);
	assert_false(evidence_status(e)->trouble.on);
	evidence_free(e);
	snprintf(path, sizeof(path), "%s/%s", inner, EVIDENCE_FILE);
	assert_whole(path, 1 + EVIDENCE_WAITING + 1);
	{
		char *text = files_read(path);

		assert_non_null(strstr(text, "\"kind\":\"lost\""));
		assert_non_null(strstr(text, "\"lost\":{\"lines\":3}"));
		free(text);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(inner), 0);
}

static void a_disk_that_fills_amid_a_line_leaves_a_chain(void **state)
{
	struct fixture *f = *state;
	int status;
	pid_t child = fork();

	if (!child) {
		struct rlimit room = { 0, RLIM_INFINITY };
		__s64 now = NOON;

		signal(SIGXFSZ, SIG_IGN);
		for (int i = 0; i < 40; i++) {
			room.rlim_cur += 97; /* less than a line: most writes come short or fail */
			setrlimit(RLIMIT_FSIZE, &room);
			add(f->e, now);
			evidence_step(f->e, now);
			now += TROUBLE_RETRY_MOST_S;
		}
		room.rlim_cur = RLIM_INFINITY;
		setrlimit(RLIMIT_FSIZE, &room);
		_exit(evidence_step(f->e, now) || evidence_status(f->e)->waiting);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(verify(f->path).whole);
	assert_true(verify(f->path).torn > 3);
	assert_true(verify(f->path).lines >= 41);
}

static void kills_at_any_moment_leave_one_chain_with_every_line_that_was_told(void **state)
{
	struct fixture *f = *state;
	unsigned int told = 0, lines = 0;
	char *text;

	evidence_free(f->e);
	f->e = NULL;
	srandom((unsigned int)time(NULL));
	for (int round = 0; round < 60; round++) {
		const struct timespec moment = { 0, 1000000 + random() % 15000000 };
		int ends[2];
		char byte;
		pid_t child;

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		child = fork();
		if (!child) {
			struct evidence *e = evidence_new(f->files.directory);

			for (;;) {
				add(e, NOON);
				if (evidence_step(e, NOON) || write(ends[1], "x", 1) != 1)
					_exit(1);
			}
		}
		close(ends[1]);
		if (round % 4) /* else perhaps before its first line; a slow disk would make it always so */
			poll(&(struct pollfd){ .fd = ends[0], .events = POLLIN }, 1, -1);
		nanosleep(&moment, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		while (read(ends[0], &byte, 1) == 1)
			told++;
		close(ends[0]);
	}
	f->e = evidence_new(f->files.directory);
	assert_int_equal(evidence_step(f->e, NOON), 0);
	assert_true(verify(f->path).whole);
	assert_int_equal(evidence_status(f->e)->set_aside, 0);
	text = files_read(f->path);
	for (const char *p = text; (p = strstr(p, "\"kind\":\"incident\"")); p++)
		lines++;
	free(text);
	assert_true(told >= 45);
	assert_in_range(lines, told, told + 60);
}

static void what_is_no_json_is_lost_and_counted(void **state)
{
	static const struct evidence_context context = {};
	struct fixture *f = *state;

	evidence_add(f->e, NOON, "incident", &context, "incident", "{\"broken\":");
	assert_int_equal(evidence_status(f->e)->lost, 1);
	evidence_add(f->e, NOON, "start", &context, NULL, NULL);
	assert_int_equal(evidence_step(f->e, NOON), 0);
	assert_whole(f->path, 3); /* genesis, start, lost */
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_line_says_by_what_and_under_what_it_was_decided),
		T(the_file_is_not_for_others_whatever_the_umask),
		T(a_restart_goes_on_in_the_chain),
		T(one_process_writes_at_a_time),
		T(an_end_torn_at_any_byte_is_closed_and_told),
		T(a_file_broken_in_the_middle_is_set_aside_and_named_in_the_new_one),
		T(a_file_taken_away_or_cut_while_it_is_open_is_noticed),
		T(trouble_costs_no_line_while_they_fit_and_says_what_it_cost_then),
		T(a_disk_that_fills_amid_a_line_leaves_a_chain),
		T(kills_at_any_moment_leave_one_chain_with_every_line_that_was_told),
		T(what_is_no_json_is_lost_and_counted),
	};

	return cmocka_run_group_tests_name("evidence_file", tests, NULL, NULL);
}
