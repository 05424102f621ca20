// SPDX-License-Identifier: GPL-2.0
/* The HTTP endpoint, by real requests over loopback, and the negotiation of the form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "show/http.h"
#include "show/negotiate.h"

#define ANSWER_MAX (1 << 20)

struct fixture {
	struct http *http;
	bool ready, broken;
	size_t padding;
	char error[256];
	char *answer, *body; /* body: within answer */
	size_t length;
};

static char *make_page(void *arg, bool openmetrics, size_t *length)
{
	struct fixture *f = arg;
	char *page;

	if (f->broken)
		return NULL;
	page = malloc(f->padding + 64);
	assert_non_null(page);
	memset(page, '#', f->padding);
	*length = f->padding + (size_t)sprintf(page + f->padding, "page %s\n", openmetrics ? "open" : "plain");
	return page;
}

static bool is_ready(void *arg)
{
	return ((struct fixture *)arg)->ready;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct http_source source = { make_page, is_ready, f };

	f->answer = malloc(ANSWER_MAX + 1);
	*state = f;
	return http_open("127.0.0.1:0", &source, &f->http, f->error, sizeof(f->error));
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	http_close(f->http);
	free(f->answer);
	free(f);
	return 0;
}

static uint16_t port_of(const struct fixture *f)
{
	return (uint16_t)atoi(strrchr(http_url(f->http), ':') + 1);
}

static int reach(struct fixture *f)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_port = htons(port_of(f));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Run the server as the daemon's loop does, while listening to one client: 1 when that has something. */
static int serve(struct fixture *f, int client, double seconds)
{
	double end = now() + seconds;

	do {
		struct pollfd p[2] = { { http_fd(f->http), POLLIN, 0 }, { client, POLLIN, 0 } };

		poll(p, 2, 100);
		http_run(f->http);
		if (p[1].revents)
			return 1;
	} while (now() < end);
	return 0;
}

/* Read until the server closes. */
static void take_answer(struct fixture *f, int fd)
{
	ssize_t n = 1;

	f->length = 0;
	while (n > 0 && serve(f, fd, 5)) {
		n = recv(fd, f->answer + f->length, ANSWER_MAX - f->length, 0);
		f->length += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(n, 0);
	f->answer[f->length] = '\0';
	f->body = strstr(f->answer, "\r\n\r\n");
	assert_non_null(f->body);
	f->body += 4;
	close(fd);
}

static int ask(struct fixture *f, const char *method, const char *path, const char *headers)
{
	char request[4096];
	int fd = reach(f), n, status;

	n = snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n",
		     method, path, headers);
	assert_int_equal(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
	take_answer(f, fd);
	assert_int_equal(sscanf(f->answer, "HTTP/1.1 %d", &status), 1);
	return status;
}

static bool has_header(const struct fixture *f, const char *line)
{
	const char *at = strcasestr(f->answer, line);

	return at && at < f->body;
}

static void pages_answer_200_and_others_404(void **state)
{
	struct fixture *f = *state;

	f->ready = true;
	assert_int_equal(ask(f, "GET", "/", ""), 200);
	assert_non_null(strstr(f->body, "href=\"/metrics\""));
	assert_true(has_header(f, "Content-Type: text/html"));
	assert_int_equal(ask(f, "GET", "/metrics", ""), 200);
	assert_string_equal(f->body, "page plain\n");
	assert_int_equal(ask(f, "GET", "/metrics?x=1", ""), 200);
	assert_int_equal(ask(f, "GET", "/-/healthy", ""), 200);
	assert_string_equal(f->body, "Healthy\n");
	assert_int_equal(ask(f, "GET", "/metrics/", ""), 404);
	assert_int_equal(ask(f, "GET", "/favicon.ico", ""), 404);
	assert_int_equal(ask(f, "GET", "//metrics", ""), 404);
}

static void ready_follows_the_daemon(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, "GET", "/-/ready", ""), 503);
	assert_int_equal(ask(f, "GET", "/-/healthy", ""), 200);
	f->ready = true;
	assert_int_equal(ask(f, "GET", "/-/ready", ""), 200);
}

static void head_has_the_length_and_no_body(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, "HEAD", "/metrics", ""), 200);
	assert_true(has_header(f, "Content-Length: 11"));
	assert_string_equal(f->body, "");
}

static void other_methods_are_refused_with_the_body_drained(void **state)
{
	struct fixture *f = *state;
	static char body[200000];
	char head[256];
	int fd, n, answers = 0;

	assert_int_equal(ask(f, "DELETE", "/metrics", ""), 405);
	assert_true(has_header(f, "Allow: GET, HEAD"));
	assert_int_equal(ask(f, "OPTIONS", "/nowhere", ""), 405);
	/* A large body, then a second request on the same connection: both are answered. */
	fd = reach(f);
	n = snprintf(head, sizeof(head), "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
		     sizeof(body));
	assert_int_equal(send(fd, head, (size_t)n, MSG_NOSIGNAL), n);
	for (size_t sent = 0; sent < sizeof(body); serve(f, -1, 0)) {
		ssize_t k = send(fd, body + sent, sizeof(body) - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		assert_true(k > 0 || errno == EAGAIN);
		sent += k > 0 ? (size_t)k : 0;
	}
	n = snprintf(head, sizeof(head), "GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	assert_int_equal(send(fd, head, (size_t)n, MSG_NOSIGNAL), n);
	take_answer(f, fd);
	for (const char *at = f->answer; (at = strstr(at, "HTTP/1.1 ")); at++)
		answers++;
	assert_int_equal(answers, 2);
	assert_non_null(strstr(f->answer, "HTTP/1.1 405"));
	assert_non_null(strstr(f->answer, "HTTP/1.1 200"));
}

static void connection_is_kept_for_the_next_request(void **state)
{
	static const char one[] = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
	struct fixture *f = *state;
	int fd = reach(f);
	char answer[1024];

	for (int i = 0; i < 3; i++) {
		ssize_t n;

		assert_int_equal(send(fd, one, sizeof(one) - 1, MSG_NOSIGNAL), sizeof(one) - 1);
		assert_true(serve(f, fd, 5));
		n = recv(fd, answer, sizeof(answer) - 1, 0);
		assert_true(n > 0);
		answer[n] = '\0';
		assert_non_null(strstr(answer, "page plain"));
		assert_null(strcasestr(answer, "connection: close"));
	}
	close(fd);
}

static void form_follows_the_accept_header(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, "GET", "/metrics",
			     "Accept: application/openmetrics-text;version=1.0.0,"
			     "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
			     "*/*;q=0.1\r\n"),
			 200);
	assert_string_equal(f->body, "page open\n");
	assert_true(has_header(f, "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"));
	assert_true(has_header(f, "Vary: Accept, Accept-Encoding"));
	assert_int_equal(ask(f, "GET", "/metrics", "Accept: */*\r\n"), 200);
	assert_string_equal(f->body, "page plain\n");
	assert_true(has_header(f, "Content-Type: text/plain; version=0.0.4; charset=utf-8"));
	/* Several lines are one list. */
	assert_int_equal(ask(f, "GET", "/metrics",
			     "Accept: text/plain;q=0.1\r\naccept: "
			     "application/openmetrics-text\r\n"),
			 200);
	assert_string_equal(f->body, "page open\n");
}

static void gzip_comes_when_asked_for(void **state)
{
	struct fixture *f = *state;
	char *page = malloc(200000);
	z_stream z = { 0 };

	f->padding = 100000;
	assert_int_equal(ask(f, "GET", "/metrics", "Accept-Encoding: gzip\r\n"), 200);
	assert_true(has_header(f, "Content-Encoding: gzip"));
	assert_true(f->length < 2000);
	z.next_in = (Bytef *)f->body;
	z.avail_in = (uInt)(f->answer + f->length - f->body);
	z.next_out = (Bytef *)page;
	z.avail_out = 200000;
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, f->padding + strlen("page plain\n"));
	assert_memory_equal(page + f->padding, "page plain\n", 11);
	inflateEnd(&z);
	free(page);
	assert_int_equal(ask(f, "GET", "/metrics", "Accept-Encoding: gzip;q=0\r\n"), 200);
	assert_false(has_header(f, "Content-Encoding"));
	assert_int_equal(f->answer + f->length - f->body, f->padding + strlen("page plain\n"));
}

static void answers_are_counted_by_status(void **state)
{
	struct fixture *f = *state;
	struct http_counts counts;

	ask(f, "GET", "/metrics", "");
	ask(f, "GET", "/", "");
	f->broken = true;
	assert_int_equal(ask(f, "GET", "/metrics", ""), 500);
	http_counts(f->http, &counts);
	assert_int_equal(counts.ok, 1);
	assert_int_equal(counts.failed, 1);
}

static void nonsense_does_not_end_the_server(void **state)
{
	static const char *const nonsense[] = {
		"\r\n\r\n\r\n",
		"GET\r\n\r\n",
		"GET / HTTP/9.9\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01",
		"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"GET / HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		int fd = reach(f);

		send(fd, nonsense[i], strlen(nonsense[i]), MSG_NOSIGNAL);
		serve(f, fd, 0.2);
		close(fd);
		assert_int_equal(ask(f, "GET", "/-/healthy", ""), 200);
	}
}

static void crowd_is_limited_and_served_after_it_left(void **state)
{
	struct fixture *f = *state;
	int fds[HTTP_CONNECTIONS + 8];

	for (int i = 0; i < HTTP_CONNECTIONS + 8; i++) {
		fds[i] = reach(f);
		send(fds[i], "GET / HT", 8, MSG_NOSIGNAL);
		serve(f, -1, 0);
	}
	for (int i = 0; i < HTTP_CONNECTIONS + 8; i++)
		close(fds[i]);
	serve(f, -1, 0.5);
	assert_int_equal(ask(f, "GET", "/-/healthy", ""), 200);
}

/* One byte a second keeps the library's own timeout from ever coming. */
static void trickle_is_cut_off(void **state)
{
	static const char head[] = "GET / HTTP/1.1\r\nHost: a very slow client\r\n";
	struct fixture *f = *state;
	double start = now();
	int fd = reach(f), i = 0;

	while (!serve(f, fd, 1) && now() - start < HTTP_REQUEST_S + 5)
		send(fd, &head[i++ % (int)(sizeof(head) - 1)], 1, MSG_NOSIGNAL);
	assert_true(now() - start > HTTP_IDLE_S);
	assert_true(now() - start < HTTP_REQUEST_S + 3);
	close(fd);
	assert_int_equal(ask(f, "GET", "/-/healthy", ""), 200);
}

static void idle_connection_is_closed_after_its_time(void **state)
{
	struct fixture *f = *state;
	double start = now();
	int fd = reach(f);

	assert_true(serve(f, fd, HTTP_IDLE_S + 4));
	assert_true(now() - start >= HTTP_IDLE_S - 1);
	close(fd);
}

static void busy_port_is_one_clear_line(void **state)
{
	const struct http_source source = { make_page, is_ready, NULL };
	struct fixture *f = *state;
	struct http *second = NULL;
	char listen[32];

	snprintf(listen, sizeof(listen), "127.0.0.1:%u", port_of(f));
	assert_int_equal(http_open(listen, &source, &second, f->error, sizeof(f->error)), -EADDRINUSE);
	assert_null(second);
	assert_non_null(strstr(f->error, "another program uses that port"));
	assert_non_null(strstr(f->error, listen));
	assert_null(strchr(f->error, '\n'));
}

static void addresses_are_read_strictly(void **state)
{
	static const char *const wrong[] = {
		"",
		"127.0.0.1",
		"10477",
		"localhost:1",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"127.0.0.1:-1",
		"127.0.0.1: 1",
		"[::1:1",
		"::1:1]",
		"[::1]1",
		"[]:1",
		"127.0.0.1:1x",
		"1.2.3:1",
		"[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]:1",
	};
	const struct http_source source = { make_page, is_ready, *state };
	struct fixture *f = *state;
	struct http *http = NULL;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(http_open(wrong[i], &source, &http, f->error, sizeof(f->error)), -EINVAL);
	assert_true(http_is_loopback(f->http));
	assert_int_equal(http_open(":0", &source, &http, f->error, sizeof(f->error)), 0);
	assert_false(http_is_loopback(http));
	http_close(http);
	if (!http_open("[::1]:0", &source, &http, f->error, sizeof(f->error))) {
		assert_true(http_is_loopback(http));
		assert_int_equal(strncmp(http_url(http), "http://[::1]:", 13), 0);
		http_close(http);
	}
	assert_int_equal(http_open("127.0.0.9:0", &source, &http, f->error, sizeof(f->error)), 0);
	assert_true(http_is_loopback(http));
	http_close(http);
}

static void openmetrics_goes_only_to_who_prefers_it(void **state)
{
	static const struct {
		const char *accept;
		bool open;
	} cases[] = {
		{ NULL, false },
		{ "", false },
		{ "*/*", false },
		{ ",,;q=1", false },
		{ "application/openmetrics-text", true },
		{ "APPLICATION/OpenMetrics-Text; Version=\"1.0.0\"", true },
		{ "application/openmetrics-text;version=0.0.1", false },
		{ "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
		  "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,"
		  "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
		  true },
		{ "application/openmetrics-text;q=0.4, text/plain;q=0.5", false },
		{ "application/openmetrics-text;q=0.4, text/*;q=0.5", false },
		{ "application/openmetrics-text;q=0.4, */*;q=0.5", false },
		{ "application/openmetrics-text;q=0.4, text/plain;q=0.3, */*", true },
		{ "application/openmetrics-text;q=0", false },
		{ "application/openmetrics-text;q=0.000", false },
		{ "application/openmetrics-text;q=zero", false },
		{ "application/openmetrics-text;q=0.0001", false },
		{ "application/openmetrics-text;q=2", false },
		{ "application/openmetrics-text2", false },
		{ "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
		  "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (accept_openmetrics(cases[i].accept) != cases[i].open)
			print_message("Accept: %s\n", cases[i].accept);
		assert_int_equal(accept_openmetrics(cases[i].accept), cases[i].open);
	}
}

static void gzip_goes_only_to_who_takes_it(void **state)
{
	static const struct {
		const char *accept;
		bool gzip;
	} cases[] = {
		{ NULL, false },
		{ "", false },
		{ "gzip", true },
		{ "deflate, gzip;q=1.0, *;q=0.5", true },
		{ "br", false },
		{ "gzip;q=0", false },
		{ "*", true },
		{ "*, gzip;q=0", false },
		{ "*;q=0", false },
		{ "gzip;q=0.5, identity", false },
		{ "identity;q=0.5, GZIP;q=1", true },
		{ "x-gzip", true },
		{ "gzipped", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (accept_gzip(cases[i].accept) != cases[i].gzip)
			print_message("Accept-Encoding: %s\n", cases[i].accept);
		assert_int_equal(accept_gzip(cases[i].accept), cases[i].gzip);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(pages_answer_200_and_others_404),
		T(ready_follows_the_daemon),
		T(head_has_the_length_and_no_body),
		T(other_methods_are_refused_with_the_body_drained),
		T(connection_is_kept_for_the_next_request),
		T(form_follows_the_accept_header),
		T(gzip_comes_when_asked_for),
		T(answers_are_counted_by_status),
		T(nonsense_does_not_end_the_server),
		T(crowd_is_limited_and_served_after_it_left),
		T(trickle_is_cut_off),
		T(idle_connection_is_closed_after_its_time),
		T(busy_port_is_one_clear_line),
		T(addresses_are_read_strictly),
		cmocka_unit_test(openmetrics_goes_only_to_who_prefers_it),
		cmocka_unit_test(gzip_goes_only_to_who_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
