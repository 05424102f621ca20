// SPDX-License-Identifier: GPL-2.0
/* What the service manager hears: by a path, by an abstract name, and not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "show/notify.h"

/* A manager's socket with this name ("@" stands for abstract), and NOTIFY_SOCKET set to it. */
static int listen_as(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_true(length < sizeof(address.sun_path));
	memcpy(address.sun_path, name, length);
	if (*name == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
			 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static const char *heard(int fd)
{
	static char text[256];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? "nothing" : text;
}

static void manager_hears_by_path(void **state)
{
	char directory[] = "/tmp/xreach-notify-XXXXXX", path[64];
	struct notify n;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/notify", directory);
	fd = listen_as(path);
	notify_open(&n);
	notify_send(&n, "READY=1");
	assert_string_equal(heard(fd), "READY=1");
	notify_reloading(&n);
	assert_int_equal(strncmp(heard(fd), "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
	notify_close(&n);
	close(fd);
	unlink(path);
	rmdir(directory);
}

static void manager_hears_by_abstract_name(void **state)
{
	char name[64];
	struct notify n;
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@xreach-notify-%d", (int)getpid());
	fd = listen_as(name);
	notify_open(&n);
	notify_send(&n, "STOPPING=1");
	assert_string_equal(heard(fd), "STOPPING=1");
	assert_string_equal(heard(fd), "nothing");
	notify_close(&n);
	close(fd);
}

static void without_a_manager_nothing_happens(void **state)
{
	struct notify n;

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	setenv("WATCHDOG_USEC", "2000000", 1);
	notify_open(&n);
	assert_int_equal(n.fd, -1);
	assert_int_equal(n.watchdog_ms, 0);
	notify_send(&n, "READY=1");
	notify_close(&n);
	setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
	notify_open(&n);
	assert_int_equal(n.fd, -1);
	setenv("NOTIFY_SOCKET", "relative", 1);
	notify_open(&n);
	assert_int_equal(n.fd, -1);
}

static void watchdog_is_fed_twice_as_often_as_asked_and_only_if_meant_for_us(void **state)
{
	char name[64], pid[16];
	struct notify n;
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@xreach-watchdog-%d", (int)getpid());
	fd = listen_as(name);
	setenv("WATCHDOG_USEC", "30000000", 1);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	notify_open(&n);
	assert_int_equal(n.watchdog_ms, 15000);
	notify_close(&n);
	assert_null(getenv("NOTIFY_SOCKET")); /* not for those that we start */
	assert_null(getenv("WATCHDOG_USEC"));
	setenv("NOTIFY_SOCKET", name, 1);
	setenv("WATCHDOG_USEC", "30000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	notify_open(&n);
	assert_int_equal(n.watchdog_ms, 0);
	notify_close(&n);
	close(fd);
}

static void manager_that_has_gone_does_not_end_us(void **state)
{
	char name[64];
	struct notify n;

	(void)state;
	snprintf(name, sizeof(name), "@xreach-gone-%d", (int)getpid());
	close(listen_as(name));
	setenv("NOTIFY_SOCKET", name, 1);
	notify_open(&n);
	notify_send(&n, "READY=1");
	notify_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manager_hears_by_path),
		cmocka_unit_test(manager_hears_by_abstract_name),
		cmocka_unit_test(without_a_manager_nothing_happens),
		cmocka_unit_test(watchdog_is_fed_twice_as_often_as_asked_and_only_if_meant_for_us),
		cmocka_unit_test(manager_that_has_gone_does_not_end_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
