/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of the resets of a flow, beside it: few flows have one, so the table is not preallocated and a common
 * flow pays nothing.
 */
#ifndef XREACH_EVIDENCE_H
#define XREACH_EVIDENCE_H

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct wire_evidence);
} evidence SEC(".maps");

static const struct wire_evidence evidence_none;

static __always_inline struct wire_evidence *evidence_of(const struct wire_flow *f)
{
	__u64 key = f->key;

	return f->evidence & EVIDENCE_HELD ? bpf_map_lookup_elem(&evidence, &key) : NULL;
}

/* The flow's, made where there is none yet; NULL, counted, where the table is full. */
static __always_inline struct wire_evidence *evidence_hold(__u32 class, struct wire_flow *f)
{
	__u64 key = f->key;

	if (!(f->evidence & EVIDENCE_HELD)) {
		long err = bpf_map_update_elem(&evidence, &key, &evidence_none, BPF_NOEXIST);

		if (err && err != -17) { /* EEXIST: another CPU was first */
			count(class, COUNT_EVIDENCE_LOST);
			return NULL;
		}
		__sync_fetch_and_or(&f->evidence, EVIDENCE_HELD);
	}
	return bpf_map_lookup_elem(&evidence, &key);
}

/* It was handed out, or another flow takes its place. */
static __always_inline void evidence_forget(struct wire_flow *f)
{
	__u64 key = f->key;

	if (!(f->evidence & EVIDENCE_HELD))
		return;
	bpf_map_delete_elem(&evidence, &key);
	__sync_fetch_and_and(&f->evidence, ~EVIDENCE_HELD);
}

/* ---- records ---- */
static __always_inline void record_head(struct wire_record *r, __u32 kind, __u32 why, __u64 now, __u32 now_c)
{
	r->kind = kind;
	r->why = why;
	r->now_ns = now;
	r->now_c = now_c;
	r->has_evidence = 0;
}

static __always_inline void record_evidence(struct wire_record *r, const struct wire_evidence *e)
{
	__builtin_memcpy(&r->evidence, e, sizeof(*e));
	r->has_evidence = 1;
}

#endif
