// SPDX-License-Identifier: GPL-2.0
/* The HTTP endpoint: libmicrohttpd, driven by the daemon's loop through its epoll descriptor. */
#include "show/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "show/listen.h"
#include "show/negotiate.h"

#define HEADERS_MAX	  1024 /* of the Accept headers; what lies beyond is not read */
#define CONNECTION_MEMORY 16384

/* The library's timeout starts again with every byte, so a trickle would hold its place for ever. */
struct connection {
	int fd;	      /* -1: free */
	time_t since; /* monotonic: accepted, or the last answer completed */
};

struct http {
	struct http_source source;
	struct MHD_Daemon *daemon;
	int epoll_fd;
	struct listener listener;
	struct http_counts counts;
	struct connection connections[HTTP_CONNECTIONS];
};

static const char landing_page[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>xreach</title></head>\n"
	"<body><h1>xreach</h1>\n<p>Can the people behind this network reach X?</p>\n"
	"<ul><li><a href=\"/metrics\">Metrics</a></li><li><a href=\"/-/healthy\">Healthy</a></li>"
	"<li><a href=\"/-/ready\">Ready</a></li></ul></body></html>\n";

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

/* ---- answers --------------------------------------------------------------------------------------- */

static enum MHD_Result send_response(struct MHD_Connection *connection, unsigned int status,
				     struct MHD_Response *response, const char *type)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned int status, const char *text,
				 const char *type)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);

	return send_response(connection, status, response, type);
}

struct gathered {
	const char *name;
	char value[HEADERS_MAX];
	size_t used;
};

static enum MHD_Result gather_header(void *arg, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct gathered *g = arg;
	int n;

	(void)kind;
	if (strcasecmp(key, g->name) || !value)
		return MHD_YES;
	n = snprintf(g->value + g->used, sizeof(g->value) - g->used, ",%s", value);
	if (n < 0 || (size_t)n >= sizeof(g->value) - g->used) {
		g->value[g->used] = '\0';
		return MHD_NO;
	}
	g->used += (size_t)n;
	return MHD_YES;
}

/* A header may come in several lines; they are one list. */
static void headers_of(struct MHD_Connection *connection, const char *name, struct gathered *out)
{
	*out = (struct gathered){ .name = name };
	MHD_get_connection_values(connection, MHD_HEADER_KIND, gather_header, out);
}

/* Replace the page by its gzip form; 0 or -ENOMEM, the page untouched. */
static int compress_page(char **page, size_t *length)
{
	z_stream z = { 0 };
	uLong bound;
	char *out;
	int ret;

	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	bound = deflateBound(&z, *length);
	out = malloc(bound);
	if (!out) {
		deflateEnd(&z);
		return -ENOMEM;
	}
	z.next_in = (Bytef *)*page;
	z.avail_in = (uInt)*length;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)bound;
	ret = deflate(&z, Z_FINISH);
	deflateEnd(&z);
	if (ret != Z_STREAM_END) {
		free(out);
		return -ENOMEM;
	}
	free(*page);
	*page = out;
	*length = z.total_out;
	return 0;
}

static enum MHD_Result send_metrics(struct http *http, struct MHD_Connection *connection)
{
	struct gathered header;
	struct MHD_Response *response;
	bool openmetrics, gzip;
	size_t length = 0;
	char *page;

	headers_of(connection, MHD_HTTP_HEADER_ACCEPT, &header);
	openmetrics = accept_openmetrics(header.value);
	headers_of(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING, &header);
	gzip = accept_gzip(header.value);
	page = http->source.metrics(http->source.arg, openmetrics, &length);
	if (!page) {
		http->counts.failed++;
		return send_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n",
				 "text/plain; charset=utf-8");
	}
	gzip = gzip && !compress_page(&page, &length);
	response = MHD_create_response_from_buffer(length, page, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(page);
		return MHD_NO;
	}
	http->counts.ok++;
	if (gzip)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding");
	return send_response(connection, MHD_HTTP_OK, response,
			     openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
					 : "text/plain; version=0.0.4; charset=utf-8");
}

static enum MHD_Result answer(struct http *http, struct MHD_Connection *connection, const char *url)
{
	static const char plain[] = "text/plain; charset=utf-8";

	if (!strcmp(url, "/metrics"))
		return send_metrics(http, connection);
	if (!strcmp(url, "/"))
		return send_text(connection, MHD_HTTP_OK, landing_page, "text/html; charset=utf-8");
	if (!strcmp(url, "/-/healthy"))
		return send_text(connection, MHD_HTTP_OK, "Healthy\n", plain);
	if (!strcmp(url, "/-/ready"))
		return http->source.ready(http->source.arg)
			       ? send_text(connection, MHD_HTTP_OK, "Ready\n", plain)
			       : send_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "Not ready\n", plain);
	return send_text(connection, MHD_HTTP_NOT_FOUND,
			 "Not found: the pages are /, /metrics, /-/healthy "
			 "and /-/ready\n",
			 plain);
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *upload, size_t *upload_size, void **state)
{
	static int seen;

	(void)version;
	(void)upload;
	if (!*state) { /* an answer at the first call would close the connection after it */
		*state = &seen;
		return MHD_YES;
	}
	if (*upload_size) { /* an undrained body would break the connection instead of a clean answer */
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return send_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET and HEAD\n",
				 "text/plain; charset=utf-8");
	return answer(arg, connection, url);
}

/* ---- deadlines ------------------------------------------------------------------------------------- */

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http *http = arg;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context)
			((struct connection *)*context)->fd = -1;
		*context = NULL;
		return;
	}
	*context = NULL;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	for (int i = 0; info && i < HTTP_CONNECTIONS; i++) {
		if (http->connections[i].fd >= 0)
			continue;
		http->connections[i] = (struct connection){ info->connect_fd, seconds() };
		*context = &http->connections[i];
		return;
	}
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode code)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	(void)arg;
	(void)code;
	*state = NULL;
	if (info && info->socket_context)
		((struct connection *)info->socket_context)->since = seconds();
}

static void end_late_requests(struct http *http)
{
	time_t now = seconds();

	for (int i = 0; i < HTTP_CONNECTIONS; i++)
		if (http->connections[i].fd >= 0 && now - http->connections[i].since > HTTP_REQUEST_S)
			shutdown(http->connections[i].fd, SHUT_RDWR); /* the library closes it */
}

void http_run(struct http *http)
{
	end_late_requests(http);
	MHD_run(http->daemon);
}

/* ---- opening --------------------------------------------------------------------------------------- */

int http_open(const char *listen, const struct http_source *source, struct http **out, char *error,
	      size_t error_size)
{
	struct http *http = calloc(1, sizeof(*http));
	const union MHD_DaemonInfo *info = NULL;
	int fd = -1, err;

	error[0] = '\0';
	err = http ? listener_open(listen, &http->listener, error, error_size) : -ENOMEM;
	if (err)
		goto out;
	fd = http->listener.fd;
	http->source = *source;
	for (int i = 0; i < HTTP_CONNECTIONS; i++)
		http->connections[i].fd = -1;
	http->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle, http, MHD_OPTION_LISTEN_SOCKET, fd,
					MHD_OPTION_CONNECTION_LIMIT, (unsigned int)HTTP_CONNECTIONS,
					MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)HTTP_IDLE_S,
					MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
					MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
					MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_END);
	if (http->daemon) {
		fd = -1; /* the library's now */
		info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	}
	err = info ? 0 : -ENOMEM;
	if (!err)
		http->epoll_fd = info->epoll_fd;
out:
	if (fd >= 0)
		close(fd);
	if (err) {
		if (!error[0])
			snprintf(error, error_size, "cannot start the metrics endpoint on %s: %s", listen,
				 strerror(-err));
		http_close(http);
		return err;
	}
	*out = http;
	return 0;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	free(http);
}

int http_fd(const struct http *http)
{
	return http->epoll_fd;
}

const char *http_url(const struct http *http)
{
	return http->listener.url;
}

bool http_is_loopback(const struct http *http)
{
	return http->listener.loopback;
}

void http_counts(const struct http *http, struct http_counts *out)
{
	*out = http->counts;
}
