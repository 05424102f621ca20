/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The HTTP endpoint: `/`, `/metrics`, `/-/healthy`, `/-/ready`. It runs in the daemon's own loop, without
 * a thread, and only reads: GET and HEAD.
 */
#ifndef XREACH_HTTP_H
#define XREACH_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_CONNECTIONS 64
#define HTTP_IDLE_S	 5  /* a connection on which nothing moves */
#define HTTP_REQUEST_S	 10 /* a request and its answer, however slowly it trickles */

struct http;

struct http_source {
	/* The page, to be freed, its length in *length; NULL when it cannot be made. */
	char *(*metrics)(void *arg, bool openmetrics, size_t *length);
	bool (*ready)(void *arg);
	void *arg;
};

struct http_counts { /* answers to /metrics, by status */
	unsigned long long ok, failed;
};

/* `listen`: 127.0.0.1:10477, [::1]:10477, or :10477 for every address. On failure -errno and one line. */
int http_open(const char *listen, const struct http_source *source, struct http **out, char *error,
	      size_t error_size);
void http_close(struct http *http);	       /* NULL is fine */
int http_fd(const struct http *http);	       /* readable: call http_run */
void http_run(struct http *http);	       /* also every 100 ms, for the deadlines */
const char *http_url(const struct http *http); /* of the metrics */
bool http_is_loopback(const struct http *http);
void http_counts(const struct http *http, struct http_counts *out);

#endif
