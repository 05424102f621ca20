/* SPDX-License-Identifier: GPL-2.0 */
/* Counters: per CPU, one slot for each class of hook. TC and the sweep add plainly; socket hooks and the drop tracepoint
 * run in process context too, where another process or a softirq may come between on the same CPU. */
#ifndef XREACH_COUNT_H
#define XREACH_COUNT_H

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, HOOK_CLASSES);
	__type(key, __u32);
	__type(value, struct wire_totals);
} totals SEC(".maps");

static __always_inline void add(__u32 class, __u64 *to, __u64 n)
{
	if (class == CLASS_SOCKET || class == CLASS_DROP)
		__sync_fetch_and_add(to, n);
	else
		*to += n;
}

static __always_inline void count_n(__u32 class, __u32 counter, __u64 n)
{
	struct wire_totals *t = bpf_map_lookup_elem(&totals, &class);

	if (t && counter < COUNTERS)
		add(class, &t->n[counter], n);
}

static __always_inline void count(__u32 class, __u32 counter)
{
	count_n(class, counter, 1);
}

static __always_inline void count_group(__u32 class, __u32 group, __u32 counter, __u64 n)
{
	struct wire_totals *t = bpf_map_lookup_elem(&totals, &class);

	if (t && counter < GROUP_COUNTERS)
		add(class, &t->groups[group & (WIRE_GROUPS_MAX - 1)].n[counter], n);
}

/* Count a parse failure, but for the shapes that are not IP at all. */
static __always_inline void count_unparsed(__u32 class, int err)
{
	if (err != PARSE_NOT_IP)
		count(class, (__u32)(-2 - err));
}

#endif
