// SPDX-License-Identifier: GPL-2.0
/* The datagrams of sd_notify(3), without the library. */
#include "show/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int connect_to(const char *name)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t length = strlen(name);
	int fd;

	if ((*name != '/' && *name != '@') || length < 2 || length >= sizeof(to.sun_path))
		return -1;
	memcpy(to.sun_path, name, length);
	if (*name == '@')
		to.sun_path[0] = '\0'; /* abstract: begins with NUL and ends where its length says */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Half of what is allowed, as sd_watchdog_enabled(3) advises; 0 where it is not meant for us. */
static __u64 read_watchdog_ms(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!us || (pid && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	return strtoull(us, NULL, 10) / 2000;
}

void notify_open(struct notify *n)
{
	const char *name = getenv("NOTIFY_SOCKET");

	*n = (struct notify){ .fd = name ? connect_to(name) : -1 };
	n->watchdog_ms = n->fd >= 0 ? read_watchdog_ms() : 0;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

void notify_send(const struct notify *n, const char *text)
{
	if (n->fd >= 0 && send(n->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EINTR)
		send(n->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void notify_reloading(const struct notify *n)
{
	struct timespec now;
	char text[64];

	clock_gettime(CLOCK_MONOTONIC, &now); /* systemd 253 and newer wait for a READY=1 after this time */
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
		 (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
	notify_send(n, text);
}
