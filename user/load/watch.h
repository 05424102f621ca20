/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel side, held by user space: open and load the object, fill its tables, attach its hooks, sweep,
 * drain the rings, change the key, and let go of everything.
 */
#ifndef XREACH_WATCH_H
#define XREACH_WATCH_H

#include "load/ranges.h"
#include "settings.h"

struct watch;

struct watch_sink {
	void (*record)(void *arg, const struct wire_record *record);
	void (*hello)(void *arg, const struct wire_hello *hello); /* may be NULL */
	void (*dns)(void *arg, const struct wire_dns *message);	  /* may be NULL */
	void *arg;
};

#define WATCH_LEFT_OUT "left out, as asked" /* note of a hook that nobody misses */

struct watch_hook { /* one place we attach to, attached or not */
	char name[24], where[32], how[16], note[96];
	bool attached;
};

struct watch_totals {
	__u64 n[COUNTERS]; /* summed over CPUs; the closed ones read before the opened ones */
	struct wire_group_totals groups[WIRE_GROUPS_MAX];
	__u64 packets; /* of all packets, from the interfaces' own statistics (live) */
	struct {
		__u64 used, room; /* entries, as the last sweep left them */
	} tables[2];		  /* attempts, flows */
	__u64 sweeps, sweep_ns;	  /* how many there were, and how long they took together */
};

/* Load and attach. On failure -errno, with one line in error that says what is missing and what to do. */
int watch_open(const struct settings *settings, const struct ranges *ranges, const struct watch_sink *sink,
	       struct watch **out, char *error, size_t error_size);
void watch_close(struct watch *w); /* NULL is fine; leaves nothing attached */

/* A descriptor that is readable when watch_tick has something to do (netlink, a ring past half). */
int watch_fd(const struct watch *w);
/* Call every 100 ms and when watch_fd is readable: drains, sweeps once a second, follows interfaces,
 * changes the key when it is due. Returns 0 or -errno. */
int watch_tick(struct watch *w);

/* Put a new list in force without losing a flow. */
int watch_reload(struct watch *w, const struct ranges *ranges, char *error, size_t error_size);
/* Share of a group's flows that is watched, 0..1; that of a control may change by itself. */
double watch_share(const struct watch *w, __u8 group);

void watch_totals(const struct watch *w, struct watch_totals *out);
size_t watch_hooks(const struct watch *w, const struct watch_hook **out);
/* Name of a drop reason of the running kernel, "" for 0, "other" where it is not known. */
const char *watch_drop_reason(const struct watch *w, __u8 reason);
/* Wall clock, in seconds, of a kernel time. */
__s64 watch_wall(const struct watch *w, __u64 ns);

#endif
