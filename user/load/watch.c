// SPDX-License-Identifier: GPL-2.0
/* The watch as a whole: load, attach, and on every tick drain, sweep, follow, adapt. See watch.h. */
#include "load/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "load/btf.h"
#include "load/hooks.h"
#include "load/interfaces.h"
#include "load/object.h"

#define SECOND_MS	 1000
#define RECONCILE_MS	 10000 /* beside the news: netlink may lose some */
#define WIPE_MS		 10000 /* no first payload stays longer */
#define ADAPT_FIRST_MS	 5000  /* then twice as long each time, up to ... */
#define ADAPT_MS	 60000
#define SETTLE_MS	 900000 /* flows opened under a larger share have ended by then */
#define DAY_S		 86400
#define FLOWS_PER_SECOND 2.0 /* of a sampled control group */
#define SHARE_LEAST	 (1.0 / 65536)
#define ROWS_MAX	 520

struct watch {
	struct object object;
	struct interfaces *interfaces;
	struct host_hooks host;
	struct drop_reasons reasons;
	const struct ranges *ranges;
	struct wire_config nat64; /* its NAT64 prefixes only */
	int epoll_fd;
	__u64 next_second, next_reconcile; /* ms, monotonic */
	__u64 next_wipe;
	__u64 adapted, adapt_every;	     /* ms; the last time, and how long after it again */
	__u64 settle;			     /* ms; 0 where nothing is to settle */
	__s64 day;			     /* of the key, days since 1970 */
	__u64 group_opened[WIRE_GROUPS_MAX]; /* as adapt() last saw them */
	struct watch_hook rows[ROWS_MAX];
	size_t n_rows;
};

static __u64 monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

/* ---- opening ------------------------------------------------------------------------------------------- */
/* Each kind of hook loads by itself: one that this kernel refuses must not cost the others. */
static int load(struct watch *w, const struct settings *settings, const struct watch_sink *sink,
		struct host_missing *missing, char *error, size_t error_size)
{
	static const struct {
		bool sockets, drops;
	} tries[] = { { true, true }, { true, false }, { false, true }, { false, false } };
	int err = -EINVAL;

	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		struct object_options options = {
			.settings = settings,
			.sockets = tries[i].sockets,
			.drops = tries[i].drops ? w->reasons.variant : DROP_NONE,
			.drop_ignored = w->reasons.ignored,
		};

		if ((tries[i].sockets && *missing->sockets) || (tries[i].drops && *missing->drops))
			continue;
		err = object_load(&w->object, &options, sink, error, error_size);
		if (!err) {
			if (!tries[i].sockets && !*missing->sockets)
				snprintf(missing->sockets, sizeof(missing->sockets),
					 "this kernel refuses the programs");
			if (!tries[i].drops && !*missing->drops)
				snprintf(missing->drops, sizeof(missing->drops),
					 "refused: needs CAP_PERFMON and a kernel with BTF");
			return 0;
		}
		object_close(&w->object);
	}
	return err;
}

static int open_epoll(struct watch *w)
{
	int fds[] = { interfaces_fd(w->interfaces), ring_buffer__epoll_fd(w->object.records) };

	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll_fd < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		struct epoll_event e = { .events = EPOLLIN };

		if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fds[i], &e))
			return -errno;
	}
	return 0;
}

static void gather_rows(struct watch *w)
{
	w->n_rows = interfaces_rows(w->interfaces, w->rows, ROWS_MAX - HOST_HOOKS);
	memcpy(w->rows + w->n_rows, w->host.rows, sizeof(w->host.rows));
	w->n_rows += HOST_HOOKS;
}

static int attach_all(struct watch *w, const struct settings *settings, const char *cgroup,
		      const struct host_missing *missing, char *error, size_t error_size)
{
	int hosts, err = interfaces_open(settings, w->object.skel, &w->interfaces, error, error_size);

	if (err)
		return err;
	err = interfaces_reconcile(w->interfaces);
	if (err)
		snprintf(error, error_size, "cannot list interfaces and routes: %s", strerror(-err));
	hosts = host_hooks_attach(w->object.skel, cgroup, missing, &w->host);
	gather_rows(w);
	if (err || interfaces_attached(w->interfaces))
		return err;
	for (size_t i = 0; i < w->n_rows; i++) {
		if (strncmp(w->rows[i].name, "tc/", 3) || !*w->rows[i].note)
			continue;
		snprintf(error, error_size, "cannot attach to %s: %s", w->rows[i].where, w->rows[i].note);
		return -EPERM;
	}
	if (hosts)
		return 0; /* this host's own attempts, until an interface comes */
	snprintf(error, error_size, "no interface carries a default route: name one with -i");
	return -ENODEV;
}

int watch_open(const struct settings *settings, const struct ranges *ranges, const struct watch_sink *sink,
	       struct watch **out, char *error, size_t error_size)
{
	struct watch *w = calloc(1, sizeof(*w));
	struct host_missing missing = { 0 };
	char cgroup[256] = "";
	int err;

	if (!w) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	w->epoll_fd = -1;
	w->ranges = ranges;
	object_hush();
	drop_reasons_read(&w->reasons);
	memcpy(missing.drops, w->reasons.note, sizeof(missing.drops));
	if (settings->no_socket_hooks)
		snprintf(missing.sockets, sizeof(missing.sockets), WATCH_LEFT_OUT);
	else if (cgroup_root(cgroup, sizeof(cgroup)))
		snprintf(missing.sockets, sizeof(missing.sockets), "no cgroup v2 is mounted here");
	err = load(w, settings, sink, &missing, error, error_size);
	if (err)
		goto out;
	err = object_nat64(settings, &w->nat64, error, error_size);
	if (!err)
		err = object_ranges(&w->object, NULL, ranges, &w->nat64, error, error_size);
	if (!err)
		err = object_sites(&w->object, settings, error, error_size);
	if (!err)
		err = attach_all(w, settings, cgroup, &missing, error, error_size);
	if (err)
		goto out;
	err = open_epoll(w);
	if (err)
		snprintf(error, error_size, "epoll: %s", strerror(-err));
	w->next_second = monotonic_ms() + SECOND_MS;
	w->next_reconcile = w->next_second + RECONCILE_MS;
	w->adapted = monotonic_ms();
	w->adapt_every = ADAPT_FIRST_MS;
	w->day = time(NULL) / DAY_S;
out:
	if (err) {
		watch_close(w);
		return err;
	}
	*out = w;
	return 0;
}

void watch_close(struct watch *w)
{
	if (!w)
		return;
	host_hooks_detach(&w->host);
	interfaces_close(w->interfaces);
	object_close(&w->object);
	drop_reasons_free(&w->reasons);
	if (w->epoll_fd >= 0)
		close(w->epoll_fd);
	free(w);
}

/* ---- the tick -------------------------------------------------------------------------------------------- */
int watch_fd(const struct watch *w)
{
	return w->epoll_fd;
}

static bool due(__u64 now, __u64 *next, __u64 every)
{
	if (now < *next)
		return false;
	*next = now + every;
	return true;
}

static double next_share(double share, double opened_per_second)
{
	double all = opened_per_second / share, next = all > 0 ? FLOWS_PER_SECOND / all : share * 4;

	next = next > 1 ? 1 : next < SHARE_LEAST ? SHARE_LEAST : next;
	return next > share * 1.5 || next < share / 1.5 || next == 1 ? next : share; /* no jitter about the aim */
}

/* Automatic sampling: towards FLOWS_PER_SECOND of each group, whatever its traffic. Every minute; at first sooner,
 * because a small network would see none of its controls for minutes. */
static void adapt(struct watch *w, __u64 now)
{
	double seconds = (double)(now - w->adapted) / SECOND_MS;
	struct watch_totals totals;
	bool changed = false, narrower = false;

	object_totals(&w->object, &totals);
	for (size_t g = 0; g < w->ranges->n_groups; g++) {
		const struct range_group *group = &w->ranges->groups[g];
		__u64 opened = totals.groups[g].n[GROUP_OPENED] - w->group_opened[g];
		double share = w->object.sample[g], next;

		w->group_opened[g] = totals.groups[g].n[GROUP_OPENED];
		if (group->role != ROLE_CONTROL || group->sample > 0)
			continue;
		next = next_share(share, (double)opened / seconds);
		changed |= next != share;
		narrower |= next < share;
		object_sample(&w->object, (__u8)g, next);
	}
	object_sample_apply(&w->object, w->ranges, &w->nat64, false);
	if (narrower || (changed && !w->settle))
		w->settle = now + SETTLE_MS;
	w->adapted = now;
	w->adapt_every = w->adapt_every * 2 < ADAPT_MS ? w->adapt_every * 2 : ADAPT_MS;
}

static void each_second(struct watch *w, __u64 now)
{
	__s64 day = time(NULL) / DAY_S;

	object_retire_key(&w->object);
	if (day != w->day && !object_change_key(&w->object))
		w->day = day;
	if (now - w->adapted >= w->adapt_every)
		adapt(w, now);
	if (due(now, &w->next_wipe, WIPE_MS))
		object_wipe(&w->object); /* where it fails, it is tried again */
	if (w->settle && now >= w->settle && !object_sample_apply(&w->object, w->ranges, &w->nat64, true))
		w->settle = 0;
}

int watch_tick(struct watch *w)
{
	__u64 now = monotonic_ms();
	bool changed = interfaces_changed(w->interfaces);
	int err = object_drain(&w->object);

	if (due(now, &w->next_reconcile, RECONCILE_MS) || changed) {
		interfaces_reconcile(w->interfaces); /* what fails is in the rows, and tried again */
		host_hooks_check(&w->host);
		gather_rows(w);
	}
	if (!err && due(now, &w->next_second, SECOND_MS)) {
		err = object_idle(&w->object) ? 0 : object_sweep(&w->object, 0, WHY_NONE, 0);
		each_second(w, now);
	}
	return err;
}

/* ---- on request ------------------------------------------------------------------------------------------ */
int watch_reload(struct watch *w, const struct ranges *ranges, char *error, size_t error_size)
{
	int err = object_ranges(&w->object, w->ranges, ranges, &w->nat64, error, error_size);

	if (err) { /* half of it may be in force: back to the old list, as if the new one had been there before */
		char ignored[128];

		object_ranges(&w->object, ranges, w->ranges, &w->nat64, ignored, sizeof(ignored));
		return err;
	}
	w->ranges = ranges;
	w->settle = monotonic_ms() + SETTLE_MS;
	return 0;
}

double watch_share(const struct watch *w, __u8 group)
{
	return group < WIRE_GROUPS_MAX ? w->object.sample[group] : 0;
}

void watch_totals(const struct watch *w, struct watch_totals *out)
{
	object_totals(&w->object, out);
	out->packets = interfaces_packets(w->interfaces);
}

size_t watch_hooks(const struct watch *w, const struct watch_hook **out)
{
	*out = w->rows;
	return w->n_rows;
}

const char *watch_drop_reason(const struct watch *w, __u8 reason)
{
	if (!reason)
		return "";
	return w->reasons.names[reason] ? w->reasons.names[reason] : "other";
}

__s64 watch_wall(const struct watch *w, __u64 ns)
{
	struct timespec real, mono;
	__s64 boot_ns; /* whole seconds of each clock alone would disagree from one call to the next */

	(void)w;
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	boot_ns = (real.tv_sec - mono.tv_sec) * 1000000000LL + real.tv_nsec - mono.tv_nsec;
	return (boot_ns + (__s64)ns) / 1000000000;
}
