// SPDX-License-Identifier: GPL-2.0
/* Order in bounded memory: whatever the number and the order in which things come, nothing is lost, nothing comes too early, and
 * what lies on the disk says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show/ordered.h"

#define HELD 32

struct thing {
	__u64 number;
	char words[200];
};

struct seen {
	__u64 n, last, sum;
	bool in_order;
};

static int compare(const void *a, const void *b)
{
	const struct thing *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void see(void *arg, const void *thing)
{
	const struct thing *t = thing;
	struct seen *seen = arg;
	char words[sizeof(t->words)];

	snprintf(words, sizeof(words), "the words of %llu", t->number);
	assert_string_equal(t->words, words);
	seen->in_order &= !seen->n || t->number > seen->last;
	seen->last = t->number;
	seen->sum += t->number;
	seen->n++;
}

static int put(struct ordered *o, __u64 number)
{
	struct thing t = { .number = number };

	snprintf(t.words, sizeof(t.words), "the words of %llu", number);
	return ordered_put(o, &t);
}

/* Every number below `n` (a power of two) once, in an order that jumps about. */
static __u64 jumping(__u64 i, __u64 n)
{
	return (i * 2654435761u + 12345) % n;
}

static struct seen take(struct ordered *o, __u64 before)
{
	struct thing limit = { .number = before };
	struct seen seen = { .in_order = true };

	assert_int_equal(ordered_take(o, before ? &limit : NULL, see, &seen), 0);
	return seen;
}

static struct ordered *made(void)
{
	struct ordered *o = ordered_new(sizeof(struct thing), HELD, compare);

	assert_non_null(o);
	return o;
}

static void few_things_never_see_a_disk(void **state)
{
	struct ordered *o = made();
	struct seen seen;

	(void)state;
	for (unsigned int i = 0; i < HELD; i++)
		assert_int_equal(put(o, jumping(i, HELD)), 0);
	seen = take(o, 0);
	assert_int_equal(seen.n, HELD);
	assert_true(seen.in_order);
	assert_int_equal(ordered_spilt(o), 0);
	assert_int_equal(take(o, 0).n, 0);
	ordered_free(o);
}

static void many_come_out_in_order_and_all_of_them(void **state)
{
	const __u64 many = 1 << 15; /* a thousand times what is held: runs of several ranks */
	struct ordered *o = made();
	struct seen seen;

	(void)state;
	for (__u64 i = 0; i < many; i++)
		assert_int_equal(put(o, jumping(i, many)), 0);
	assert_in_range(ordered_files(o), 2, 40);
	assert_true(ordered_spilt(o) >= many - HELD);
	seen = take(o, 0);
	assert_true(seen.in_order);
	assert_int_equal(seen.n, many);
	assert_int_equal(seen.sum, many * (many - 1) / 2);
	assert_int_equal(ordered_files(o), 0);
	ordered_free(o);
}

static void what_comes_before_the_limit_goes_out_and_no_more(void **state)
{
	struct ordered *o = made();
	__u64 taken = 0;

	(void)state;
	/* a window that moves on: each thing is up to 500 late, and one in the beginning holds all back for long */
	for (__u64 i = 0; i < 8192; i += 512) {
		for (__u64 k = 0; k < 512; k++)
			assert_int_equal(put(o, i + jumping(k, 512)), 0);
		if (i >= 4096) {
			struct seen seen = take(o, i + 100);

			assert_true(seen.in_order);
			assert_int_equal(seen.last, i + 99);
			assert_int_equal(seen.n, i + 100 - taken);
			taken += seen.n;
			assert_in_range(ordered_files(o), 0, 20);
		}
	}
	assert_int_equal(take(o, 0).n, 8192 - taken);
	ordered_free(o);
}

/* Each file costs a block of memory, and a descriptor. */
static void files_are_few_however_many_things_wait(void **state)
{
	struct ordered *o = made();
	size_t most = 0;

	(void)state;
	for (__u64 i = 0; i < 1 << 17; i++) { /* four thousand runs, of four ranks */
		assert_int_equal(put(o, jumping(i, 1 << 17)), 0);
		most = ordered_files(o) > most ? ordered_files(o) : most;
	}
	assert_in_range(most, 8, 4 * 8);
	assert_int_equal(take(o, 0).n, 1 << 17);
	ordered_free(o);
}

/* Read what the open files without names hold, by their descriptors. */
static size_t look_for(const char *words, bool *found)
{
	DIR *fds = opendir("/proc/self/fd");
	struct dirent *e;
	size_t files = 0;

	assert_non_null(fds);
	while ((e = readdir(fds))) {
		static char bytes[1 << 20];
		struct stat st;
		int fd = atoi(e->d_name);
		ssize_t n;

		if (fd <= 2 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_nlink || !st.st_size)
			continue;
		n = pread(fd, bytes, sizeof(bytes), 0);
		assert_true(n > 0);
		files++;
		*found |= memmem(bytes, (size_t)n, words, strlen(words)) != NULL;
	}
	closedir(fds);
	return files;
}

static void what_lies_on_the_disk_has_no_name_and_says_nothing(void **state)
{
	struct ordered *o = made();
	bool found = false;

	(void)state;
	for (__u64 i = 0; i < 1 << 12; i++)
		assert_int_equal(put(o, jumping(i, 1 << 12)), 0);
	assert_int_equal(look_for("the words of", &found), ordered_files(o));
	assert_false(found);
	assert_int_equal(take(o, 0).n, 1 << 12);
	ordered_free(o);
}

static void the_same_things_are_never_written_alike(void **state)
{
	char bytes[2][HELD * sizeof(struct thing)];
	struct ordered *o = made();
	unsigned int n = 0;
	DIR *fds;
	struct dirent *e;

	(void)state;
	for (unsigned int round = 0; round < 2; round++)
		for (__u64 i = 0; i < HELD; i++)
			assert_int_equal(put(o, i), 0);
	assert_int_equal(put(o, 0), 0);
	fds = opendir("/proc/self/fd");
	assert_non_null(fds);
	while ((e = readdir(fds))) {
		struct stat st;
		int fd = atoi(e->d_name);

		if (fd > 2 && !fstat(fd, &st) && S_ISREG(st.st_mode) && !st.st_nlink && n < 2)
			assert_int_equal(pread(fd, bytes[n++], sizeof(bytes[0]), 0), sizeof(bytes[0]));
	}
	closedir(fds);
	assert_int_equal(n, 2);
	assert_memory_not_equal(bytes[0], bytes[1], sizeof(struct thing));
	ordered_free(o);
}

static void a_directory_that_is_not_there_is_an_error_that_stays(void **state)
{
	struct ordered *o = made();

	(void)state;
	setenv("TMPDIR", "/nonexistent/directory", 1);
	for (__u64 i = 0; i < HELD; i++)
		assert_int_equal(put(o, i), 0);
	assert_int_equal(put(o, HELD), -ENOENT);
	assert_int_equal(put(o, HELD + 1), -ENOENT);
	assert_string_equal(ordered_directory(), "/nonexistent/directory");
	unsetenv("TMPDIR");
	assert_int_equal(put(o, HELD + 2), -ENOENT); /* what was lost would be missed in between */
	ordered_free(o);
}

static void a_full_disk_is_an_error_and_what_was_kept_comes_out(void **state)
{
	struct rlimit was, small = { 4096, 4096 };
	struct ordered *o = made();
	int err = 0;

	(void)state;
	getrlimit(RLIMIT_FSIZE, &was);
	small.rlim_max = was.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	for (__u64 i = 0; i < 2 * HELD && !err; i++)
		err = put(o, i);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(err, -EFBIG);
	assert_true(take(o, 0).in_order);
	ordered_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_things_never_see_a_disk),
		cmocka_unit_test(many_come_out_in_order_and_all_of_them),
		cmocka_unit_test(what_comes_before_the_limit_goes_out_and_no_more),
		cmocka_unit_test(files_are_few_however_many_things_wait),
		cmocka_unit_test(what_lies_on_the_disk_has_no_name_and_says_nothing),
		cmocka_unit_test(the_same_things_are_never_written_alike),
		cmocka_unit_test(a_directory_that_is_not_there_is_an_error_that_stays),
		cmocka_unit_test(a_full_disk_is_an_error_and_what_was_kept_comes_out),
	};

	return cmocka_run_group_tests_name("ordered", tests, NULL, NULL);
}
