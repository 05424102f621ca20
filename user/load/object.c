// SPDX-License-Identifier: GPL-2.0
/* The loaded BPF object with its tables: see object.h. */
#include "load/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "wire.h"
#include "xreach.skel.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define RANGES_MAX  (1 << 20)  /* a bound only: tries allocate as they grow */
#define SHARD_MIN   512	       /* entries a shard should have before there are more shards */
#define REPLAY_SEED 0x78726561 /* fixed, so that runs over the same capture agree */

int object_nat64(const struct settings *settings, struct wire_config *out, char *error, size_t error_size)
{
	if (settings->nat64_count > WIRE_NAT64_MAX) {
		snprintf(error, error_size, "nat64: %u prefixes given, at most %d are looked at",
			 settings->nat64_count, WIRE_NAT64_MAX);
		return -EINVAL;
	}
	for (unsigned int i = 0; i < settings->nat64_count; i++) {
		struct setting_prefix p;

		/* lengths and bits are checked with the settings; here only what the table could not hold */
		if (settings_prefix(settings->nat64[i], &p) || !p.v6) {
			snprintf(error, error_size, "nat64: '%s' is no IPv6 prefix", settings->nat64[i]);
			return -EINVAL;
		}
		memcpy(out->nat64[i].addr, p.addr, sizeof(out->nat64[i].addr));
		out->nat64[i].plen = p.plen;
	}
	out->nat64_n = (__u8)settings->nat64_count;
	return 0;
}

static __u64 own_netns_cookie(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(__u64);
	__u64 cookie = 0;

	if (fd >= 0) {
		if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len))
			cookie = 0;
		close(fd);
	}
	return cookie;
}

static int fill_config(struct object *o, const struct object_options *options, char *error, size_t error_size)
{
	struct wire_config *cfg = (struct wire_config *)&o->skel->rodata->cfg;
	const struct waits *w = &options->settings->waits;
	struct timespec tick = { .tv_nsec = 4000000 };
	__u32 seed = REPLAY_SEED;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick); /* one jiffy */
	if (!options->replay && getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return -errno;
	cfg->replay = options->replay;
	cfg->dns = !options->settings->no_dns;
	cfg->jiffy_us = tick.tv_nsec / 1000;
	cfg->netns_cookie = own_netns_cookie();
	cfg->sockets_ours_only = cfg->netns_cookie != 0;
	cfg->seed = seed;
	cfg->syn_live_ms = w->syn_live_ms;
	cfg->syn_final_ms = w->syn_final_ms;
	cfg->payload_ms = w->payload_ms;
	cfg->post_ack_ms = w->post_ack_ms;
	cfg->frozen_ms = w->frozen_ms;
	cfg->idle_ms = w->idle_ms;
	cfg->linger_ms = w->linger_ms;
	cfg->fin_ms = w->fin_ms;
	cfg->shard_mask = o->shards - 1;
	return object_nat64(options->settings, cfg, error, error_size);
}

static void choose_programs(struct object *o, const struct object_options *options)
{
	struct xreach_bpf *s = o->skel;
	struct bpf_program *sockets[] = { s->progs.xreach_connect4, s->progs.xreach_connect6,
					  s->progs.xreach_sendmsg4, s->progs.xreach_sendmsg6,
					  s->progs.xreach_sockops };

	for (size_t i = 0; i < sizeof(sockets) / sizeof(*sockets); i++)
		bpf_program__set_autoload(sockets[i], options->sockets);
	bpf_program__set_autoload(s->progs.xreach_drop, options->drops == DROP_REASON);
	bpf_program__set_autoload(s->progs.xreach_dropold, options->drops == DROP_PLAIN);
}

static int make_shards(struct object *o, const unsigned int entries[2])
{
	static const struct {
		const char *name;
		__u32 value;
	} tables[2] = {
		{ "attempts", sizeof(struct wire_attempt) },
		{ "flows", sizeof(struct wire_flow) },
	};
	int outer[2] = { bpf_map__fd(o->skel->maps.attempts), bpf_map__fd(o->skel->maps.flows) };

	for (int t = 0; t < 2; t++) {
		unsigned int each = (entries[t] + o->shards - 1) / o->shards;

		for (__u32 i = 0; i < o->shards; i++) {
			int fd = bpf_map_create(BPF_MAP_TYPE_HASH, tables[t].name, sizeof(__u64), tables[t].value,
						each ? each : 1, NULL);

			if (fd < 0)
				return -errno;
			o->shard_fd[t][i] = fd;
			if (bpf_map_update_elem(outer[t], &i, &fd, BPF_ANY))
				return -errno;
		}
		o->entries[t] = each * o->shards;
	}
	return 0;
}

/* The `number`th in this process. A replay's are no secret, for the capture itself holds the addresses; by them clients fall
 * into buckets, and runs have to agree. */
static int new_key(struct object *o, unsigned int slot, __u32 number)
{
	__u64 k[2] = { REPLAY_SEED, number };

	if (!o->replay && getrandom(k, sizeof(k), 0) != sizeof(k))
		return -errno;
	o->skel->bss->keys.k[slot][0] = k[0];
	o->skel->bss->keys.k[slot][1] = k[1];
	explicit_bzero(k, sizeof(k));
	return 0;
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct object *o = ctx;

	ring_buffer__consume(o->hellos); /* its name came before it, and may have come since the last look */
	if (size >= WIRE_RECORD_SHORT)
		o->sink.record(o->sink.arg, data);
	return 0;
}

static int on_hello(void *ctx, void *data, size_t size)
{
	struct object *o = ctx;

	if (size == WIRE_WIPE) {
		o->zeroes += size;
		return 0;
	}
	o->to_wipe = true;
	if (size >= sizeof(struct wire_hello) && o->sink.hello)
		o->sink.hello(o->sink.arg, data);
	return 0;
}

static int on_dns(void *ctx, void *data, size_t size)
{
	struct object *o = ctx;

	if (size >= sizeof(struct wire_dns) && o->sink.dns)
		o->sink.dns(o->sink.arg, data);
	return 0;
}

static int no_print(enum libbpf_print_level level, const char *format, va_list args)
{
	/* the verifier's words help a developer only; what a user can do about it is said by object_load */
	if (getenv("XREACH_DEBUG") && level <= LIBBPF_WARN)
		return vfprintf(stderr, format, args);
	return 0;
}

void object_hush(void)
{
	libbpf_set_print(no_print);
}

/*
 * The library wants the kernel's types as soon as any program could need them, also one that is not loaded: without
 * BTF nothing would work. Where the drop tracepoint is left out it is given types of nothing, as a file in memory.
 */
static int open_no_types(char *path, size_t size)
{
	struct btf *btf = btf__new_empty();
	const void *data = NULL;
	__u32 n = 0;
	int fd = -1;

	if (!libbpf_get_error(btf)) {
		data = btf__raw_data(btf, &n);
		fd = memfd_create("xreach-btf", MFD_CLOEXEC);
	}
	if (fd >= 0 && (!data || write(fd, data, n) != (ssize_t)n)) {
		close(fd);
		fd = -1;
	}
	btf__free(btf);
	snprintf(path, size, "/proc/self/fd/%d", fd);
	return fd;
}

static struct xreach_bpf *open_object(const struct object_options *options, int *types_fd)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	char path[32];

	*types_fd = -1;
	if (options->drops == DROP_NONE) {
		*types_fd = open_no_types(path, sizeof(path));
		if (*types_fd >= 0)
			opts.btf_custom_path = path; /* copied */
	}
	return xreach_bpf__open_opts(&opts);
}

static void explain(int err, char *error, size_t error_size)
{
	struct utsname u;
	int major = 0, minor = 0;

	if (!uname(&u) && sscanf(u.release, "%d.%d", &major, &minor) == 2 &&
	    (major < 5 || (major == 5 && minor < 15)))
		snprintf(error, error_size, "this kernel is %s; xreach needs Linux 5.15 or newer", u.release);
	else if (err == -EPERM || err == -EACCES)
		snprintf(error, error_size,
			 "not allowed to load BPF programs: run as root, or with CAP_BPF, "
			 "CAP_NET_ADMIN and CAP_PERFMON");
	else if (err == -ENOMEM)
		snprintf(error, error_size,
			 "not enough memory for the tables; make `attempts` and `flows` smaller");
	else
		snprintf(error, error_size,
			 "cannot load the BPF programs: %s (XREACH_DEBUG=1 shows the kernel's words)",
			 strerror(-err));
}

int object_load(struct object *o, const struct object_options *options, const struct watch_sink *sink, char *error,
		size_t error_size)
{
	unsigned int entries[2] = { options->settings->attempts_max, options->settings->flows_max };
	unsigned int least = entries[0] < entries[1] ? entries[0] : entries[1];
	int err, types_fd;

	memset(o, 0, sizeof(*o));
	memset(o->shard_fd, -1, sizeof(o->shard_fd));
	o->sink = *sink;
	o->replay = options->replay;
	for (o->shards = 1; o->shards < WIRE_SHARDS && least / (o->shards * 2) >= SHARD_MIN;)
		o->shards *= 2;
	*error = '\0';
	object_hush();
	o->tables = calloc(1, sizeof(*o->tables));
	o->skel = open_object(options, &types_fd);
	if (!o->skel || !o->tables) {
		err = o->tables ? -errno : -ENOMEM;
		goto out;
	}
	err = fill_config(o, options, error, error_size);
	if (err)
		goto out;
	choose_programs(o, options);
	bpf_map__set_max_entries(o->skel->maps.ranges4, RANGES_MAX);
	bpf_map__set_max_entries(o->skel->maps.ranges6, RANGES_MAX);
	err = xreach_bpf__load(o->skel);
	if (err)
		goto out;
	/* the hash keys lie in here: not for a core file */
	madvise(o->skel->bss, sizeof(*o->skel->bss), MADV_DONTDUMP);
	if (options->drop_ignored)
		memcpy(o->skel->bss->drop_ignored, options->drop_ignored, sizeof(o->skel->bss->drop_ignored));
	err = make_shards(o, entries);
	if (err)
		goto out;
	err = new_key(o, 0, 0);
	if (err)
		goto out;
	o->hellos = ring_buffer__new(bpf_map__fd(o->skel->maps.hellos), on_hello, o, NULL);
	o->records = o->hellos ? ring_buffer__new(bpf_map__fd(o->skel->maps.records), on_record, o, NULL) : NULL;
	o->dns = o->records ? ring_buffer__new(bpf_map__fd(o->skel->maps.dns), on_dns, o, NULL) : NULL;
	err = o->dns ? 0 : -errno;
out:
	if (types_fd >= 0)
		close(types_fd);
	if (err && !*error)
		explain(err, error, error_size);
	return err;
}

void object_close(struct object *o)
{
	if (o->records && !o->replay)
		object_wipe(o);
	ring_buffer__free(o->records);
	ring_buffer__free(o->hellos);
	ring_buffer__free(o->dns);
	for (int t = 0; t < 2; t++)
		for (int i = 0; i < WIRE_SHARDS; i++)
			if (o->shard_fd[t][i] > 0)
				close(o->shard_fd[t][i]);
	if (o->skel) {
		if (o->skel->bss)
			explicit_bzero(&o->skel->bss->keys, sizeof(o->skel->bss->keys));
		xreach_bpf__destroy(o->skel);
	}
	free(o->tables);
	memset(o, 0, sizeof(*o));
	memset(o->shard_fd, -1, sizeof(o->shard_fd));
}

int object_drain(struct object *o)
{
	int n = ring_buffer__consume(o->hellos);

	if (n >= 0)
		n = ring_buffer__consume(o->dns);
	if (n >= 0)
		n = ring_buffer__consume(o->records);
	return n < 0 ? n : 0;
}

int object_wipe(struct object *o)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	int err = 0;

	if (!o->to_wipe)
		return 0;
	o->to_wipe = false; /* what comes from now on sets it again */
	for (o->zeroes = 0; o->zeroes < WIRE_HELLO_RING && err >= 0;) {
		err = bpf_prog_test_run_opts(bpf_program__fd(o->skel->progs.xreach_wipe), &run);
		if (err >= 0)
			err = ring_buffer__consume(o->hellos);
		if (!err)
			err = -EAGAIN; /* not one got in: somebody else drains this ring */
	}
	o->to_wipe |= err < 0;
	return err < 0 ? err : 0;
}

static int sweep_shard(struct object *o, struct wire_sweep *s)
{
	/* a syscall program's context comes back where it was given; ctx_out would be EINVAL */
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = s, .ctx_size_in = sizeof(*s));
	int err;

	do { /* a full ring stops the walk: drain, call again; what was handed out is gone from the next walk */
		s->stopped = 0;
		err = bpf_prog_test_run_opts(bpf_program__fd(o->skel->progs.xreach_sweep), &run);
		if (err)
			return err < 0 ? err : -err;
		if (s->stopped) {
			err = object_drain(o);
			if (err)
				return err;
		}
	} while (s->stopped);
	return 0;
}

static __u64 monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * 1000000000 + (__u64)t.tv_nsec;
}

int object_sweep(struct object *o, __u64 now_ns, enum record_why flush, unsigned int retire)
{
	__u64 start = o->replay ? 0 : monotonic_ns();

	o->sweeps++;
	if (o->replay)
		o->skel->bss->replay_ns = now_ns;
	o->oldest_ns = now_ns;
	for (__u32 t = 0; t < 2; t++) {
		unsigned int left = 0, open = 0;

		for (__u32 i = 0; i < o->shards; i++) {
			struct wire_sweep s = { .now_ns = now_ns,
						.shard = i,
						.table = t,
						.number = o->sweeps,
						.flush = flush,
						.retire = retire };
			int err = sweep_shard(o, &s);

			if (err)
				return err;
			left += s.left;
			open += s.open;
			if (s.oldest_ns < o->oldest_ns)
				o->oldest_ns = s.oldest_ns;
		}
		o->left[t] = left;
		o->open[t] = open;
	}
	if (!o->replay)
		o->sweep_ns += monotonic_ns() - start;
	return object_drain(o);
}

static void totals_add(const struct object *o, struct watch_totals *out)
{
	int fd = bpf_map__fd(o->skel->maps.totals), cpus = libbpf_num_possible_cpus();
	size_t each = (sizeof(struct wire_totals) + 7) / 8 * 8;
	char *buf = cpus > 0 ? malloc(each * cpus) : NULL;

	for (__u32 class = 0; buf && class < HOOK_CLASSES; class ++) {
		if (bpf_map_lookup_elem(fd, &class, buf))
			continue;
		for (int cpu = 0; cpu < cpus; cpu++) {
			const struct wire_totals *t = (const struct wire_totals *)(buf + each * cpu);

			for (int i = 0; i < COUNTERS; i++)
				out->n[i] += t->n[i];
			for (int g = 0; g < WIRE_GROUPS_MAX; g++)
				for (int i = 0; i < GROUP_COUNTERS; i++)
					out->groups[g].n[i] += t->groups[g].n[i];
		}
	}
	free(buf);
}

static bool is_closed_counter(int i)
{
	return i == COUNT_HANDED || i == COUNT_CLOSED_EPOCH0 || i == COUNT_CLOSED_EPOCH1 ||
	       (i >= COUNT_LOST_FULL && i <= COUNT_LOST_KEY_RETIRED);
}

void object_totals(const struct object *o, struct watch_totals *out)
{
	struct watch_totals closed = { 0 };

	/* closed ones first: what closes between the two readings is then still open, never negative */
	totals_add(o, &closed);
	memset(out, 0, sizeof(*out));
	totals_add(o, out);
	for (int i = 0; i < COUNTERS; i++)
		if (is_closed_counter(i))
			out->n[i] = closed.n[i];
	out->n[COUNT_WATCHED] = 0;
	for (int g = 0; g < WIRE_GROUPS_MAX; g++)
		out->n[COUNT_WATCHED] += out->groups[g].n[GROUP_PACKETS];
	for (int t = 0; t < 2; t++) {
		out->tables[t].used = o->left[t];
		out->tables[t].room = o->entries[t];
	}
	out->sweeps = o->sweeps;
	out->sweep_ns = o->sweep_ns;
}

static __u64 epoch_open(const struct object *o, unsigned int epoch)
{
	struct watch_totals t;

	object_totals(o, &t);
	return epoch ? t.n[COUNT_OPENED_EPOCH1] - t.n[COUNT_CLOSED_EPOCH1]
		     : t.n[COUNT_OPENED_EPOCH0] - t.n[COUNT_CLOSED_EPOCH0];
}

void object_retire_key(struct object *o)
{
	struct wire_keys *keys = &o->skel->bss->keys;
	unsigned int old = !(keys->current & 1);

	if (!keys->previous || epoch_open(o, old))
		return;
	__atomic_store_n(&keys->previous, 0, __ATOMIC_SEQ_CST);
	explicit_bzero(keys->k[old], sizeof(keys->k[old]));
}

int object_change_key(struct object *o)
{
	struct wire_keys *keys = &o->skel->bss->keys;
	unsigned int next = !(keys->current & 1);
	int err;

	if (keys->previous) {
		/* first nobody may find or start over what lives under it; a moment later TC has let go of it, and of
		 * two sweeps the second hands out what the first closed */
		__atomic_store_n(&keys->previous, 0, __ATOMIC_SEQ_CST);
		for (int i = 0; i < 2; i++) {
			usleep(2000);
			err = object_sweep(o, 0, WHY_NONE, 1 + next);
			if (err)
				return err;
		}
	}
	err = new_key(o, next, keys->current + 1);
	if (err)
		return err;
	__atomic_store_n(&keys->previous, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&keys->current, keys->current + 1, __ATOMIC_SEQ_CST);
	return 0;
}

bool object_idle(struct object *o)
{
	struct watch_totals totals;
	bool idle;

	object_totals(o, &totals);
	idle = !o->left[0] && !o->left[1] && totals.n[COUNT_OPENED] == o->opened_at_sweep;
	o->opened_at_sweep = totals.n[COUNT_OPENED];
	return idle;
}
