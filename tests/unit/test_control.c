// SPDX-License-Identifier: GPL-2.0
/* The control socket: who may be there already, who gets a line when, and who is dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "show/control.h"

struct fixture {
	char directory[64], path[96], error[256];
	size_t padding; /* bytes that make the line long */
	unsigned int asked;
	struct control *control;
};

static char *make_line(void *arg)
{
	struct fixture *f = arg;
	char *line = malloc(f->padding + 64);

	assert_non_null(line);
	memset(line, 'x', f->padding);
	sprintf(line + f->padding, "{\"line\":%u}", f->asked++);
	return line;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->directory, "/tmp/xreach-control-XXXXXX");
	if (!mkdtemp(f->directory))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/run/xreach.sock", f->directory);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char path[96];

	control_close(f->control);
	unlink(f->path);
	snprintf(path, sizeof(path), "%s/run", f->directory);
	rmdir(path);
	if (rmdir(f->directory))
		return -1;
	free(f);
	return 0;
}

static int open_at(struct fixture *f, struct control **out)
{
	const struct control_source source = { make_line, f };

	return control_open(f->path, &source, out, f->error, sizeof(f->error));
}

static void start(struct fixture *f)
{
	assert_int_equal(open_at(f, &f->control), 0);
}

/* Let the daemon's side run while it has something to do. */
static void serve(struct fixture *f)
{
	struct pollfd p = { .fd = control_fd(f->control), .events = POLLIN };

	for (int i = 0; i < 64 && poll(&p, 1, 0) > 0; i++)
		control_ready(f->control);
}

static void socket_and_directory_are_private(void **state)
{
	struct fixture *f = *state;
	char directory[96];
	struct stat st;

	start(f);
	assert_int_equal(stat(f->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(directory, sizeof(directory), "%s/run", f->directory);
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void client_gets_a_line_at_once_and_then_by_the_second(void **state)
{
	struct fixture *f = *state;
	struct control_reader r = { .fd = -1 };
	char *line;

	start(f);
	control_tick(f->control);
	assert_int_equal(f->asked, 0); /* nobody there: nothing made */
	r.fd = control_connect(f->path);
	assert_true(r.fd >= 0);
	assert_int_equal(control_read(&r, &line), 0);
	serve(f);
	assert_int_equal(control_read(&r, &line), 1);
	assert_string_equal(line, "{\"line\":0}");
	assert_int_equal(control_read(&r, &line), 0);
	control_tick(f->control);
	control_tick(f->control);
	assert_int_equal(control_read(&r, &line), 1);
	assert_string_equal(line, "{\"line\":1}");
	assert_int_equal(control_read(&r, &line), 1);
	assert_string_equal(line, "{\"line\":2}");
	control_close(f->control);
	f->control = NULL;
	assert_int_equal(control_read(&r, &line), -EPIPE);
	control_reader_free(&r);
}

static void long_line_arrives_in_pieces(void **state)
{
	struct fixture *f = *state;
	struct control_reader r = { .fd = -1 };
	char *line = NULL;
	int got = 0;

	f->padding = 3 << 20;
	start(f);
	r.fd = control_connect(f->path);
	for (int i = 0; i < 10000 && !got; i++) {
		serve(f);
		got = control_read(&r, &line);
	}
	assert_int_equal(got, 1);
	assert_int_equal(strlen(line), f->padding + strlen("{\"line\":0}"));
	assert_string_equal(line + f->padding, "{\"line\":0}");
	control_reader_free(&r);
}

static void line_without_end_is_refused(void **state)
{
	struct fixture *f = *state;
	struct control_reader r = { .fd = -1 };
	char *line;
	int got = 0;

	f->padding = 17 << 20;
	start(f);
	r.fd = control_connect(f->path);
	for (int i = 0; i < 100000 && !got; i++) {
		serve(f);
		got = control_read(&r, &line);
	}
	assert_int_equal(got, -EMSGSIZE);
	control_reader_free(&r);
}

static void slow_client_is_dropped_and_the_others_served(void **state)
{
	struct fixture *f = *state;
	struct control_reader r = { .fd = -1 };
	int slow, got = 0;
	char *line;

	f->padding = 1 << 20; /* more than a socket buffer holds */
	start(f);
	slow = control_connect(f->path);
	assert_true(slow >= 0);
	serve(f);
	r.fd = control_connect(f->path);
	serve(f);
	assert_int_equal(control_clients(f->control), 2);
	for (int i = 0; i < 8; i++) {
		control_tick(f->control);
		for (int j = 0; j < 100; j++) {
			int n = control_read(&r, &line);

			assert_true(n >= 0);
			got += n;
			serve(f);
		}
	}
	assert_int_equal(control_clients(f->control), 1);
	assert_true(got >= 8);
	close(slow);
	control_reader_free(&r);
}

static void client_that_leaves_frees_its_place(void **state)
{
	struct fixture *f = *state;
	int fds[CONTROL_CLIENTS + 1];

	start(f);
	for (int i = 0; i < CONTROL_CLIENTS + 1; i++) {
		fds[i] = control_connect(f->path);
		assert_true(fds[i] >= 0);
		serve(f);
	}
	assert_int_equal(control_clients(f->control), CONTROL_CLIENTS);
	for (int i = 0; i < CONTROL_CLIENTS + 1; i++)
		close(fds[i]);
	serve(f);
	assert_int_equal(control_clients(f->control), 0);
}

static void what_a_client_says_is_ignored(void **state)
{
	struct fixture *f = *state;
	int fd;

	start(f);
	fd = control_connect(f->path);
	serve(f);
	assert_int_equal(send(fd, "stop\n", 5, 0), 5);
	serve(f);
	assert_int_equal(control_clients(f->control), 1);
	close(fd);
}

static void live_socket_is_refused(void **state)
{
	struct fixture *f = *state;
	struct control *second = NULL;
	int fd;

	start(f);
	assert_int_equal(open_at(f, &second), -EADDRINUSE);
	assert_null(second);
	assert_non_null(strstr(f->error, "another xreach runs"));
	fd = control_connect(f->path); /* and the first still answers */
	assert_true(fd >= 0);
	close(fd);
}

static void stale_socket_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	start(f); /* makes the directory */
	control_close(f->control);
	f->control = NULL;
	strcpy(address.sun_path, f->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd); /* bound, never unlinked: as after kill -9 */
	assert_int_equal(control_connect(f->path), -ECONNREFUSED);
	start(f);
	fd = control_connect(f->path);
	assert_true(fd >= 0);
	close(fd);
}

static void file_in_the_way_is_left_alone(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	start(f);
	control_close(f->control);
	f->control = NULL;
	file = fopen(f->path, "w");
	fputs("precious", file);
	fclose(file);
	assert_int_equal(open_at(f, &f->control), -EEXIST);
	assert_int_equal(access(f->path, F_OK), 0);
	assert_non_null(strstr(f->error, "is no socket"));
}

static void closing_removes_only_its_own_file(void **state)
{
	struct fixture *f = *state;
	struct control *first;

	assert_int_equal(open_at(f, &first), 0);
	assert_int_equal(unlink(f->path), 0);
	start(f); /* another one took the path */
	control_close(first);
	assert_int_equal(access(f->path, F_OK), 0);
	control_close(f->control);
	f->control = NULL;
	assert_int_equal(access(f->path, F_OK), -1);
}

static void path_too_long_is_an_error(void **state)
{
	struct fixture *f = *state;
	const struct control_source source = { make_line, f };
	char path[200];

	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(control_open(path, &source, &f->control, f->error, sizeof(f->error)), -ENAMETOOLONG);
	assert_int_equal(control_connect(path), -ENAMETOOLONG);
	assert_int_equal(control_connect("/nonexistent/xreach.sock"), -ENOENT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(socket_and_directory_are_private),
		T(client_gets_a_line_at_once_and_then_by_the_second),
		T(long_line_arrives_in_pieces),
		T(line_without_end_is_refused),
		T(slow_client_is_dropped_and_the_others_served),
		T(client_that_leaves_frees_its_place),
		T(what_a_client_says_is_ignored),
		T(live_socket_is_refused),
		T(stale_socket_is_replaced),
		T(file_in_the_way_is_left_alone),
		T(closing_removes_only_its_own_file),
		T(path_too_long_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
