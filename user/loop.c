// SPDX-License-Identifier: GPL-2.0
/* The one event loop: epoll over a signalfd, a timerfd and the descriptors of its user. */
#include "loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LOOP_FDS    16
#define LOOP_EVENTS 16
#define SLOT_SIGNAL (LOOP_FDS + 0)
#define SLOT_TICK   (LOOP_FDS + 1)

struct slot {
	int fd;		     /* -1: free */
	uint32_t generation; /* an event that was fetched before its slot changed hands is stale */
	void (*ready)(void *arg);
	void *arg;
};

struct loop {
	struct loop_calls calls;
	int epoll_fd, signal_fd, timer_fd;
	sigset_t old_mask;
	bool masked, stop;
	struct slot slots[LOOP_FDS];
};

static int watch_fd_slot(struct loop *loop, int fd, uint32_t slot, uint32_t generation)
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.u64 = (uint64_t)generation << 32 | slot,
	};

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int open_signals(struct loop *loop, const sigset_t *more)
{
	sigset_t set;

	sigemptyset(&set);
	if (more)
		set = *more;
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, &loop->old_mask))
		return -errno;
	loop->masked = true;
	loop->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (loop->signal_fd < 0)
		return -errno;
	return watch_fd_slot(loop, loop->signal_fd, SLOT_SIGNAL, 0);
}

static int open_tick(struct loop *loop)
{
	const struct timespec step = { .tv_nsec = LOOP_TICK_MS * 1000000L };
	const struct itimerspec timer = { .it_interval = step, .it_value = step };

	loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (loop->timer_fd < 0 || timerfd_settime(loop->timer_fd, 0, &timer, NULL))
		return -errno;
	return watch_fd_slot(loop, loop->timer_fd, SLOT_TICK, 0);
}

static void take_signals(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (!loop->stop && read(loop->signal_fd, &info, sizeof(info)) == sizeof(info))
		loop->calls.signal(loop->calls.arg, (int)info.ssi_signo);
}

static void take_tick(struct loop *loop)
{
	uint64_t missed;

	if (read(loop->timer_fd, &missed, sizeof(missed)) == sizeof(missed))
		loop->calls.tick(loop->calls.arg);
}

static void dispatch(struct loop *loop, uint64_t data)
{
	uint32_t slot = (uint32_t)data;

	if (slot == SLOT_SIGNAL)
		take_signals(loop);
	else if (slot == SLOT_TICK)
		take_tick(loop);
	else if (slot < LOOP_FDS && loop->slots[slot].fd >= 0 && loop->slots[slot].generation == data >> 32)
		loop->slots[slot].ready(loop->slots[slot].arg);
}

int loop_new(const struct loop_calls *calls, const sigset_t *more, struct loop **out)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	int err;

	if (!loop)
		return -ENOMEM;
	loop->calls = *calls;
	loop->signal_fd = -1;
	loop->timer_fd = -1;
	for (int i = 0; i < LOOP_FDS; i++)
		loop->slots[i].fd = -1;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	err = loop->epoll_fd < 0 ? -errno : 0;
	if (!err)
		err = open_signals(loop, more);
	if (!err)
		err = open_tick(loop);
	if (err) {
		loop_free(loop);
		return err;
	}
	*out = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->masked)
		sigprocmask(SIG_SETMASK, &loop->old_mask, NULL);
	if (loop->timer_fd >= 0)
		close(loop->timer_fd);
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	free(loop);
}

int loop_add(struct loop *loop, int fd, void (*ready)(void *arg), void *arg)
{
	for (uint32_t i = 0; i < LOOP_FDS; i++) {
		struct slot *slot = &loop->slots[i];
		int err;

		if (slot->fd >= 0)
			continue;
		err = watch_fd_slot(loop, fd, i, slot->generation);
		if (err)
			return err;
		slot->fd = fd;
		slot->ready = ready;
		slot->arg = arg;
		return 0;
	}
	return -ENOSPC;
}

void loop_remove(struct loop *loop, int fd)
{
	for (int i = 0; i < LOOP_FDS; i++) {
		if (fd < 0 || loop->slots[i].fd != fd)
			continue;
		epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
		loop->slots[i].fd = -1;
		loop->slots[i].generation++;
	}
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[LOOP_EVENTS];

	loop->stop = false;
	while (!loop->stop) {
		int n = epoll_wait(loop->epoll_fd, events, LOOP_EVENTS, -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n && !loop->stop; i++)
			dispatch(loop, events[i].data.u64);
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
}
