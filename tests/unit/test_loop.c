// SPDX-License-Identifier: GPL-2.0
/* The event loop: signals, ticks, and descriptors that come and go within callbacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

#define PIPES 20

struct fixture {
	struct loop *loop;
	long long made_ms; /* just before the loop */
	unsigned int ticks, stop_at;
	int signals[8];
	unsigned int n_signals;
	int pipes[PIPES][2];
	unsigned int ready[PIPES], n_ready;
};

struct source { /* one pipe of the fixture, as its callback sees it */
	struct fixture *f;
	unsigned int i;
};

static void on_tick(void *arg)
{
	struct fixture *f = arg;

	if (++f->ticks == f->stop_at)
		loop_stop(f->loop);
}

static void on_signal(void *arg, int signo)
{
	struct fixture *f = arg;

	f->signals[f->n_signals++ % 8] = signo;
	loop_stop(f->loop);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct loop_calls calls = { on_tick, on_signal, f };
	sigset_t more;

	sigemptyset(&more);
	sigaddset(&more, SIGUSR1);
	for (int i = 0; i < PIPES; i++)
		if (pipe2(f->pipes[i], O_CLOEXEC | O_NONBLOCK))
			return -1;
	*state = f;
	f->made_ms = now_ms();
	return loop_new(&calls, &more, &f->loop);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	loop_free(f->loop);
	for (int i = 0; i < PIPES; i++) {
		close(f->pipes[i][0]);
		close(f->pipes[i][1]);
	}
	free(f);
	return 0;
}

static void write_to(struct fixture *f, unsigned int i)
{
	assert_int_equal(write(f->pipes[i][1], "x", 1), 1);
}

/* Take the byte, and stop. */
static void on_ready(void *arg)
{
	struct source *s = arg;
	char byte;

	s->f->ready[s->i]++;
	assert_int_equal(read(s->f->pipes[s->i][0], &byte, 1), 1);
	loop_stop(s->f->loop);
}

static void each_signal_is_told_once_and_ends_nothing_by_itself(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(kill(getpid(), signals[i]), 0);
		assert_int_equal(loop_run(f->loop), 0);
		assert_int_equal(f->n_signals, i + 1);
		assert_int_equal(f->signals[i], signals[i]);
	}
}

static void a_second_signal_waits_for_the_next_run(void **state)
{
	struct fixture *f = *state;

	kill(getpid(), SIGTERM);
	kill(getpid(), SIGHUP);
	loop_run(f->loop);
	assert_int_equal(f->n_signals, 1); /* stop means stop */
	loop_run(f->loop);
	assert_int_equal(f->n_signals, 2);
	assert_true(f->signals[0] != f->signals[1]);
}

static void the_signals_are_given_back(void **state)
{
	struct fixture *f = *state;
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_true(sigismember(&mask, SIGTERM) && sigismember(&mask, SIGINT) && sigismember(&mask, SIGHUP) &&
		    sigismember(&mask, SIGUSR1));
	loop_free(f->loop);
	f->loop = NULL;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_false(sigismember(&mask, SIGTERM) || sigismember(&mask, SIGINT) || sigismember(&mask, SIGHUP) ||
		     sigismember(&mask, SIGUSR1));
}

static void ticks_come_no_faster_than_their_step(void **state)
{
	struct fixture *f = *state;

	f->stop_at = 3;
	loop_run(f->loop);
	assert_int_equal(f->ticks, 3);
	assert_true(now_ms() - f->made_ms >= 3 * LOOP_TICK_MS);
}

static void ticks_that_were_missed_are_not_made_up_for(void **state)
{
	struct fixture *f = *state;

	usleep(6 * LOOP_TICK_MS * 1000);
	f->stop_at = 3; /* one for all that were missed, then two in their time */
	loop_run(f->loop);
	assert_true(now_ms() - f->made_ms >= 8 * LOOP_TICK_MS);
}

static void a_descriptor_is_told_while_it_is_readable(void **state)
{
	struct fixture *f = *state;
	struct source s = { f, 0 };

	assert_int_equal(loop_add(f->loop, f->pipes[0][0], on_ready, &s), 0);
	write_to(f, 0);
	write_to(f, 0);
	loop_run(f->loop);
	assert_int_equal(f->ready[0], 1);
	loop_run(f->loop); /* level-triggered: the second byte is still there */
	assert_int_equal(f->ready[0], 2);
	loop_remove(f->loop, f->pipes[0][0]);
	write_to(f, 0);
	f->stop_at = f->ticks + 1;
	loop_run(f->loop);
	assert_int_equal(f->ready[0], 2);
}

static void on_broken(void *arg)
{
	struct source *s = arg;

	s->f->ready[s->i]++;
	loop_stop(s->f->loop);
}

static void a_descriptor_whose_other_end_is_gone_is_told(void **state)
{
	struct fixture *f = *state;
	struct source s = { f, 0 };

	assert_int_equal(loop_add(f->loop, f->pipes[0][0], on_broken, &s), 0);
	close(f->pipes[0][1]);
	f->pipes[0][1] = -1;
	loop_run(f->loop);
	assert_int_equal(f->ready[0], 1);
}

/* The first to be told removes both; the other's event has been fetched already and must not come. */
static void remove_both(void *arg)
{
	struct source *s = arg;

	s->f->n_ready++;
	loop_remove(s->f->loop, s->f->pipes[0][0]);
	loop_remove(s->f->loop, s->f->pipes[1][0]);
	s->f->stop_at = s->f->ticks + 1;
}

static void a_descriptor_removed_in_a_callback_is_not_told_any_more(void **state)
{
	struct fixture *f = *state;
	struct source a = { f, 0 }, b = { f, 1 };

	loop_add(f->loop, f->pipes[0][0], remove_both, &a);
	loop_add(f->loop, f->pipes[1][0], remove_both, &b);
	write_to(f, 0);
	write_to(f, 1);
	loop_run(f->loop);
	assert_int_equal(f->n_ready, 1);
}

static void never(void *arg)
{
	(void)arg;
	fail_msg("told of a descriptor that is not readable");
}

/* ... nor may the event reach whoever has its slot now. */
static void replace_the_other(void *arg)
{
	struct source *s = arg;

	s->f->n_ready++;
	loop_remove(s->f->loop, s->f->pipes[0][0]);
	loop_remove(s->f->loop, s->f->pipes[1][0]);
	assert_int_equal(loop_add(s->f->loop, s->f->pipes[2][0], never, NULL), 0);
	assert_int_equal(loop_add(s->f->loop, s->f->pipes[3][0], never, NULL), 0);
	s->f->stop_at = s->f->ticks + 1;
}

static void a_stale_event_does_not_reach_who_came_into_its_slot(void **state)
{
	struct fixture *f = *state;
	struct source a = { f, 0 }, b = { f, 1 };

	loop_add(f->loop, f->pipes[0][0], replace_the_other, &a);
	loop_add(f->loop, f->pipes[1][0], replace_the_other, &b);
	write_to(f, 0);
	write_to(f, 1);
	loop_run(f->loop);
	assert_int_equal(f->n_ready, 1);
}

static void add_the_next(void *arg)
{
	struct source *s = arg;

	s->f->ready[s->i]++;
	loop_remove(s->f->loop, s->f->pipes[s->i][0]);
	if (++s->i == PIPES) {
		loop_stop(s->f->loop);
		return;
	}
	write_to(s->f, s->i);
	assert_int_equal(loop_add(s->f->loop, s->f->pipes[s->i][0], add_the_next, s), 0);
}

static void descriptors_may_be_added_in_a_callback_again_and_again(void **state)
{
	struct fixture *f = *state;
	struct source s = { f, 0 };

	loop_add(f->loop, f->pipes[0][0], add_the_next, &s);
	write_to(f, 0);
	loop_run(f->loop);
	for (int i = 0; i < PIPES; i++)
		assert_int_equal(f->ready[i], 1);
}

static void a_table_that_is_full_says_so_and_takes_again_after_a_removal(void **state)
{
	struct fixture *f = *state;
	int err = 0, n = 0;

	for (; n < PIPES && !err; n++)
		err = loop_add(f->loop, f->pipes[n][0], never, NULL);
	assert_int_equal(err, -ENOSPC);
	loop_remove(f->loop, f->pipes[0][0]);
	assert_int_equal(loop_add(f->loop, f->pipes[n - 1][0], never, NULL), 0);
}

static void what_cannot_be_watched_is_refused_and_takes_no_place(void **state)
{
	struct fixture *f = *state;
	int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	for (int i = 0; i < 100; i++) {
		assert_int_equal(loop_add(f->loop, file, never, NULL), -EPERM);
		assert_int_equal(loop_add(f->loop, -1, never, NULL), -EBADF);
	}
	assert_int_equal(loop_add(f->loop, f->pipes[0][0], never, NULL), 0);
	assert_int_equal(loop_add(f->loop, f->pipes[0][0], never, NULL), -EEXIST);
	loop_remove(f->loop, -1); /* matches no free slot */
	loop_remove(f->loop, 12345);
	close(file);
}

static void nothing_to_free_is_fine(void **state)
{
	(void)state;
	loop_free(NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_signal_is_told_once_and_ends_nothing_by_itself),
		T(a_second_signal_waits_for_the_next_run),
		T(the_signals_are_given_back),
		T(ticks_come_no_faster_than_their_step),
		T(ticks_that_were_missed_are_not_made_up_for),
		T(a_descriptor_is_told_while_it_is_readable),
		T(a_descriptor_whose_other_end_is_gone_is_told),
		T(a_descriptor_removed_in_a_callback_is_not_told_any_more),
		T(a_stale_event_does_not_reach_who_came_into_its_slot),
		T(descriptors_may_be_added_in_a_callback_again_and_again),
		T(a_table_that_is_full_says_so_and_takes_again_after_a_removal),
		T(what_cannot_be_watched_is_refused_and_takes_no_place),
		cmocka_unit_test(nothing_to_free_is_fine),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
