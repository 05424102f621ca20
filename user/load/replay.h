/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Captures through the same BPF programs as live packets, by BPF_PROG_TEST_RUN, with the capture's clock: a
 * verdict can be run again by somebody who does not trust us.
 */
#ifndef XREACH_REPLAY_H
#define XREACH_REPLAY_H

#include "load/ranges.h"
#include "load/watch.h"

struct replay;

struct replay_progress {
	const char *path;
	double share;		    /* of the file, 0..1; -1 where it cannot be told */
	unsigned long long packets; /* of this file */
};

struct replay_calls { /* any of them may be NULL */
	/* Now and then. */
	void (*progress)(void *arg, const struct replay_progress *at);
	/* Each second of the capture's time, after what was due then was handed out. Long silences are passed over.
	 * `oldest_ns`: no record that is still to come is of a flow whose first packet was earlier. */
	void (*second)(void *arg, __u64 now_ns, __u64 oldest_ns);
	void *arg;
};

/* 0 or -errno with one line in error. Settings and ranges must outlive it. */
int replay_open(const struct settings *settings, const struct ranges *ranges, const struct watch_sink *sink,
		struct replay **out, char *error, size_t error_size);
void replay_close(struct replay *r); /* NULL is fine */

/*
 * One capture, from its first packet to its end: what is still open then is handed out as of its last packet. Files
 * are captures of their own; none goes on in the next. -errno and one line in error when it could not be read
 * whole: what came before that has been handed out all the same. "-" is standard input.
 */
int replay_file(struct replay *r, const char *path, const struct replay_calls *calls, char *error,
		size_t error_size);

void replay_totals(const struct replay *r, struct watch_totals *out);
__s64 replay_wall(__u64 ns);		   /* second since 1970 of a record's time */
__s64 replay_last(const struct replay *r); /* second of the last packet of all files; 0 where there was none */

#endif
