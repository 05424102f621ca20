/* SPDX-License-Identifier: GPL-2.0 */
/* Where `top` has its views from: the running daemon, or a watch of its own when none runs. */
#ifndef XREACH_SOURCE_H
#define XREACH_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct settings;
struct source;
struct view;

/* 0, or -errno with one line in error that says what to do. Settings and loop must outlive it. */
int source_open(const struct settings *settings, struct loop *loop, struct source **out, char *error,
		size_t error_size);
void source_close(struct source *source); /* NULL is fine */

void source_tick(struct source *source); /* every LOOP_TICK_MS */
bool source_is_daemon(const struct source *source);
/* Is there a view that source_view() did not give yet? A watch of its own always has one. */
bool source_fresh(const struct source *source);
/* 0 with the newest view, to be freed by the caller; -EAGAIN when there is no new one; or -errno. */
int source_view(struct source *source, struct view *out);
/* Why views may be old, in one line; "" when they are not. */
const char *source_trouble(const struct source *source);

#endif
