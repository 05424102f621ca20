/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one event loop of a running xreach: signals, a 100 ms tick, descriptors. No threads.
 * Make it before anything is attached: from then on a signal ends the program by way of its clean-up.
 */
#ifndef XREACH_LOOP_H
#define XREACH_LOOP_H

#include <signal.h>

#define LOOP_TICK_MS 100

struct loop;

struct loop_calls {
	void (*tick)(void *arg);	      /* every LOOP_TICK_MS; late ones are not made up for */
	void (*signal)(void *arg, int signo); /* SIGTERM, SIGINT, SIGHUP, and those of `more` */
	void *arg;
};

/* `more`: further signals to be taken by the loop, or NULL. The calls are copied. */
int loop_new(const struct loop_calls *calls, const sigset_t *more, struct loop **out);
void loop_free(struct loop *loop); /* NULL is fine; gives the signals back */

/* Call `ready` while the descriptor is readable or broken (level-triggered). The loop never closes it:
 * remove it first. Both may be called from within a callback. -ENOSPC when the table is full. */
int loop_add(struct loop *loop, int fd, void (*ready)(void *arg), void *arg);
void loop_remove(struct loop *loop, int fd);

int loop_run(struct loop *loop); /* until loop_stop; 0 or -errno */
void loop_stop(struct loop *loop);

#endif
