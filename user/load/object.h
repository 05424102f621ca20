/* SPDX-License-Identifier: GPL-2.0 */
/* The loaded BPF object with its tables, for the live watch and for replay alike: fill, sweep, drain, count. */
#ifndef XREACH_OBJECT_H
#define XREACH_OBJECT_H

#include "load/ranges.h"
#include "load/watch.h"

struct xreach_bpf;
struct ring_buffer;

enum drop_variant { DROP_NONE, DROP_PLAIN, DROP_REASON };

struct object_options {
	const struct settings *settings;
	bool replay;		   /* the capture's clock; one shard, a fixed seed, no hook but TC */
	bool sockets;		   /* load the socket hooks */
	enum drop_variant drops;   /* load the drop tracepoint */
	const __u64 *drop_ignored; /* a bit for each of 256 reasons that stops nobody; NULL: none */
};

struct object {
	struct xreach_bpf *skel;
	struct ring_buffer *records, *hellos, *dns;
	bool to_wipe;  /* payloads were read since the ring of hellos was wiped */
	size_t zeroes; /* bytes of them read since */
	struct watch_sink sink;
	bool replay;
	unsigned int shards, sweeps;
	unsigned int entries[2]; /* of attempts and flows in all shards */
	int shard_fd[2][WIRE_SHARDS];
	unsigned int left[2], open[2]; /* as the last sweep found them */
	__u64 oldest_ns;	       /* ... in a replay: all that began earlier was handed out for good */
	__u64 opened_at_sweep;
	__u64 sweep_ns;		     /* of all sweeps */
	struct range_tables *tables; /* in force */
	double sample[WIRE_GROUPS_MAX];
	bool whole[WIRE_GROUPS_MAX]; /* lit as watched whole, in `tables` */
};

/* From now on libbpf is silent, unless XREACH_DEBUG is set: its words help developers only. */
void object_hush(void);
/* Open and load. 0 or -errno with one line in error; the object must be given to object_close either way. */
int object_load(struct object *o, const struct object_options *options, const struct watch_sink *sink, char *error,
		size_t error_size);
void object_close(struct object *o);

/* Put a list in force; `old` is the one before, or NULL. Lit cells of both are on while the tries change. */
int object_ranges(struct object *o, const struct ranges *old, const struct ranges *list,
		  const struct wire_config *nat64, char *error, size_t error_size);
/* The operator's sites, numbered from 1 in the order of the settings. */
int object_sites(struct object *o, const struct settings *settings, char *error, size_t error_size);
/* Share of a group's flows to watch; in force with the next object_sample_apply(). */
void object_sample(struct object *o, __u8 group, double share);
/* Make the filter before any lookup agree with the shares. Flows opened under a larger share must not go silent in
 * mid-life, so it only widens here, unless they have ended (`settled`). 0 or -ENOMEM, the filter being wide enough. */
int object_sample_apply(struct object *o, const struct ranges *list, const struct wire_config *nat64, bool settled);

/* Walk both tables once. now_ns 0: the kernel's clock. `flush`, `retire`: see struct wire_sweep. */
int object_sweep(struct object *o, __u64 now_ns, enum record_why flush, unsigned int retire);
/* Nothing to walk for: the last sweep left nothing, and nothing was opened since. A walk over empty tables costs
 * milliseconds of a CPU. */
bool object_idle(struct object *o);
/* Write over the first payloads that were read: they stay in the ring's memory otherwise. */
int object_wipe(struct object *o);
/* Give what the rings hold to the sink, each first payload before the records that came after it. */
int object_drain(struct object *o);
/* Replace the hash key; what still lives under the one before the last is handed out as key_retired. */
int object_change_key(struct object *o);
/* Wipe the previous key once no open flow lives under it. */
void object_retire_key(struct object *o);
void object_totals(const struct object *o, struct watch_totals *out);

/* The configured NAT64 prefixes, for the lookup tables: fills nat64[] and nat64_n only. */
int object_nat64(const struct settings *settings, struct wire_config *out, char *error, size_t error_size);

#endif
