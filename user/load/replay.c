// SPDX-License-Identifier: GPL-2.0
/* Capture files through the BPF programs: see replay.h. */
#include "load/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>

#include "load/capture.h"
#include "load/object.h"
#include "wire.h"
#include "xreach.skel.h"

#define SECOND 1000000000ULL
/* Added to the capture's clock: in the records 0 means "never", and some captures begin in 1970. */
#define CLOCK_BASE (1000 * SECOND)
/* Sweeps, a second apart, before and after a long silence. No waiting time but that of idle flows is longer than
 * the first; the last ones close what was due in between, and hand it out. */
#define SWEEPS_AFTER   130
#define SWEEPS_BEFORE  4
#define FLUSHES	       8   /* close, hand out, tombstones; more would be an error of ours */
#define DRAIN_EVERY    256 /* packets: the ring of first payloads may lose, so it is never let to fill */
#define PROGRESS_EVERY 8192
#define ENDED_MS       30000
#define SILENT_MS      3600000

struct replay {
	struct object object;
	struct wire_config nat64;
	__u64 packets, too_short;
	__u64 now;     /* the clock of the programs */
	__u64 swept;   /* ... at the last sweep */
	__u64 last_ns; /* of all files, the capture's own time */
};

/* A capture is no stream without end: what has ended may stay for what comes late, and what is silent for what comes
 * after the silence, unless another time was asked for. Borrows what the settings point to. */
static struct settings patient(const struct settings *settings)
{
	struct settings s = *settings;

	s.waits.linger_ms = ENDED_MS;
	s.waits.fin_ms = ENDED_MS;
	if (s.waits.idle_ms == waits_default.idle_ms)
		s.waits.idle_ms = SILENT_MS;
	return s;
}

int replay_open(const struct settings *settings, const struct ranges *ranges, const struct watch_sink *sink,
		struct replay **out, char *error, size_t error_size)
{
	struct settings with_patience = patient(settings);
	struct object_options options = { .settings = &with_patience, .replay = true };
	struct replay *r = calloc(1, sizeof(*r));
	int err;

	if (!r) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	err = object_load(&r->object, &options, sink, error, error_size);
	if (!err)
		err = object_nat64(settings, &r->nat64, error, error_size);
	if (!err)
		err = object_ranges(&r->object, NULL, ranges, &r->nat64, error, error_size);
	if (!err)
		err = object_sites(&r->object, settings, error, error_size);
	if (err) {
		replay_close(r);
		return err;
	}
	*out = r;
	return 0;
}

void replay_close(struct replay *r)
{
	if (!r)
		return;
	object_close(&r->object);
	free(r);
}

/* ---- time ----------------------------------------------------------------------------------------------------- */
static int sweep(struct replay *r, __u64 at, enum record_why flush)
{
	return object_sweep(&r->object, at, flush, 0);
}

/* Walk at each second of the capture's time up to `to`, as a live watch would. */
static int sweep_until(struct replay *r, __u64 to, const struct replay_calls *calls)
{
	__u64 at = r->swept + SECOND, stop = r->swept + SWEEPS_AFTER * SECOND;
	int err = 0;

	for (; at <= to && !err; at += SECOND) {
		if (at > stop && to - at > SWEEPS_BEFORE * SECOND)
			at = to - (to - at) % SECOND - SWEEPS_BEFORE * SECOND;
		if (object_idle(&r->object)) {
			r->object.oldest_ns = at;
			err = object_drain(&r->object); /* what speaks of names, for whoever counts seconds */
		} else {
			err = sweep(r, at, WHY_NONE);
		}
		r->swept = at;
		if (!err && calls->second)
			calls->second(calls->arg, at, r->object.oldest_ns);
	}
	return err;
}

/* The programs' clock for a packet. Rising by a microsecond at least, which is what a record's first time is kept in,
 * so that the order of first packets is the order of time; a capture whose times run backwards stands still meanwhile. */
static int set_clock(struct replay *r, __u64 ns, bool first, const struct replay_calls *calls)
{
	__u64 now = ns + CLOCK_BASE;
	int err = 0;

	if (ns > r->last_ns)
		r->last_ns = ns;
	if (first) {
		r->now = now;
		r->swept = now;
	} else {
		r->now = now / 1000 > r->now / 1000 ? now : (r->now / 1000 + 1) * 1000;
		err = sweep_until(r, r->now, calls);
	}
	r->object.skel->bss->replay_ns = r->now;
	return err;
}

/* ---- packets ---------------------------------------------------------------------------------------------------- */
static int push(struct replay *r, const struct capture_frame *frame)
{
	struct __sk_buff ctx = { .cb = { frame->wire_len } };
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes, .data_size_in = frame->len, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx));
	int err;

	r->packets++;
	if (frame->len < ETH_HLEN) { /* the kernel would not take it; a live hook never sees one */
		r->too_short++;
		return 0;
	}
	err = bpf_prog_test_run_opts(bpf_program__fd(r->object.skel->progs.xreach_in), &run);
	if (err == -EINVAL && frame->len < ETH_HLEN + 20) { /* some kernels want an IP header, too */
		r->too_short++;
		return 0;
	}
	return err;
}

static int finish(struct replay *r)
{
	int err = 0;

	for (int i = 0; i < FLUSHES && !err; i++) {
		err = sweep(r, r->now, WHY_CAPTURE_END);
		if (!r->object.left[0] && !r->object.left[1])
			break;
	}
	return err;
}

static int push_all(struct replay *r, struct capture *c, const char *path, const struct replay_calls *calls,
		    char *error, size_t error_size)
{
	struct replay_progress at = { .path = path };
	struct capture_frame frame;
	int got, err;

	while ((got = capture_next(c, &frame, error, error_size)) == 1) {
		err = set_clock(r, frame.ns, !at.packets, calls);
		if (!err)
			err = push(r, &frame);
		at.packets++;
		if (!err && at.packets % DRAIN_EVERY == 0)
			err = object_drain(&r->object);
		if (err) {
			snprintf(error, error_size, "%s: packet %llu: the kernel did not take it: %s", path,
				 at.packets, strerror(-err));
			return err;
		}
		if (calls->progress && at.packets % PROGRESS_EVERY == 0) {
			at.share = capture_progress(c);
			calls->progress(calls->arg, &at);
		}
	}
	return got;
}

int replay_file(struct replay *r, const char *path, const struct replay_calls *calls, char *error,
		size_t error_size)
{
	struct capture *c;
	int finished, err = capture_open(path, &c, error, error_size);

	if (err)
		return err;
	err = push_all(r, c, path, calls, error, error_size);
	capture_close(c);
	finished = finish(r);
	if (!err && finished) {
		snprintf(error, error_size, "%s: cannot hand out what is still open: %s", path,
			 strerror(-finished));
		err = finished;
	}
	return err;
}

/* ---- telling of it ------------------------------------------------------------------------------------------------ */
void replay_totals(const struct replay *r, struct watch_totals *out)
{
	object_totals(&r->object, out);
	out->packets = r->packets;
	out->n[COUNT_UNPARSED_SHORT] += r->too_short;
}

__s64 replay_wall(__u64 ns)
{
	return (__s64)((ns - CLOCK_BASE) / SECOND);
}

__s64 replay_last(const struct replay *r)
{
	return r->last_ns / SECOND;
}
