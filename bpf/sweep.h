/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sweep: once a second user space has each shard walked. It says so far (interim), closes what is due,
 * hands out one sweep later what it closed, and deletes. The ring is reserved first: a full one stops the
 * walk, so nothing is lost here.
 */
#ifndef XREACH_SWEEP_H
#define XREACH_SWEEP_H

struct bpf_map;

struct walk {
	__u64 now, oldest;
	__u32 now_us, now_c;
	__u32 number; /* shifted into place of STATE_SWEEP_MASK */
	__u32 stopped, left, open, flush, retire;
};

/* `size`: WIRE_RECORD_SHORT, or all of it where there is evidence. */
static __always_inline struct wire_record *record_reserve(struct walk *w, __u32 kind, __u32 why, const __u64 size)
{
	struct wire_record *r = bpf_ringbuf_reserve(&records, size, 0);

	if (!r) {
		w->stopped = 1;
		return NULL;
	}
	record_head(r, kind, why, w->now, w->now_c);
	return r;
}

/* Close by number of this sweep: only a later one hands it out, so that TC has let go of it. */
static __always_inline void mark(__u32 *word, __u32 old, __u32 to, const struct walk *w)
{
	__sync_val_compare_and_swap(word, old, (old & ~(STATE_MASK | STATE_SWEEP_MASK)) | to | w->number);
}

static __always_inline int is_retired(__u32 state, const struct walk *w)
{
	return w->retire && w->retire == 1 + !!(state & STATE_EPOCH);
}

static __always_inline __u32 why_closed(__u32 state, const struct walk *w)
{
	return w->flush ? w->flush : is_retired(state, w) ? WHY_KEY_RETIRED : WHY_NONE;
}

/* Who reads a capture wants to know from when on all has been told. */
static __always_inline void note_first(struct walk *w, __u32 state, __u64 first_ns)
{
	if (state != STATE_DEAD && state != STATE_MOVED && first_ns < w->oldest)
		w->oldest = first_ns;
}

static __always_inline int attempt_due(const struct wire_attempt *a, __u32 state, const struct walk *w)
{
	return w->flush || is_retired(state, w) || attempt_waited(a, state, w->now_us);
}

static long sweep_attempt(struct bpf_map *map, __u64 *key, struct wire_attempt *a, struct walk *w)
{
	__u32 old = *(volatile __u32 *)&a->state, state = state_of(old);
	struct wire_record *r;

	w->left++;
	if (cfg.replay)
		note_first(w, state, attempt_first_ns(a, w->now));
	switch (state) {
	case STATE_OPEN:
		w->open++;
		if (attempt_due(a, old, w)) {
			mark(&a->state, old, STATE_CLOSING, w);
			return 0;
		}
		if (!(old & STATE_TOLD) && since(w->now_us, a->first_us) >= cfg.syn_live_ms * 1000) {
			r = record_reserve(w, RECORD_INTERIM, WHY_NONE, WIRE_RECORD_SHORT);
			if (!r)
				return 1;
			attempt_widen(a, *key, w->now, w->now_c, &r->flow);
			bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
			__sync_fetch_and_or(&a->state, STATE_TOLD);
		}
		return 0;
	case STATE_CLOSING:
		w->open++;
		if ((old & STATE_SWEEP_MASK) == w->number)
			return 0;
		r = record_reserve(w, RECORD_FINAL, why_closed(old, w), WIRE_RECORD_SHORT);
		if (!r)
			return 1;
		attempt_widen(a, *key, w->now, w->now_c, &r->flow);
		if (__sync_val_compare_and_swap(&a->state, old, (old & ~STATE_MASK) | STATE_DONE) != old) {
			bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP); /* a new ISN took it over */
			return 0;
		}
		bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
		a->drop_reason = a->syns; /* how many were told; the reason has left with the record */
		count(CLASS_SWEEP, COUNT_HANDED);
		count_closed(CLASS_SWEEP, old);
		w->open--;
		return 0;
	case STATE_DONE:
		if (!w->flush && !is_retired(old, w) &&
		    since(w->now_us, a->last_us) < (cfg.syn_final_ms + cfg.tombstone_ms) * 1000)
			return 0;
		if (a->syns != a->drop_reason) {
			r = record_reserve(w, RECORD_LATE_SYNS, WHY_NONE, WIRE_RECORD_SHORT);
			if (!r)
				return 1;
			attempt_widen(a, *key, w->now, w->now_c, &r->flow);
			bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
			a->drop_reason = a->syns;
		}
		mark(&a->state, old, STATE_DEAD, w);
		return 0;
	case STATE_MOVED:
		mark(&a->state, old, STATE_DEAD, w);
		return 0;
	case STATE_DEAD:
		if ((old & STATE_SWEEP_MASK) == w->number)
			return 0;
		if (__sync_val_compare_and_swap(&a->state, old, STATE_NONE) != old)
			return 0;
		bpf_map_delete_elem(map, key);
		w->left--;
		return 0;
	}
	return 0;
}

static __always_inline int flow_due(const struct wire_flow *f, __u32 state, const struct walk *w)
{
	return w->flush || is_retired(state, w) || flow_waited(f, state, w->now, w->now_c);
}

static __always_inline int flow_hand_over(struct wire_record *r, struct wire_flow *f, __u32 old, __u32 to,
					  __u32 kind, struct walk *w)
{
	__builtin_memcpy(&r->flow, f, sizeof(r->flow));
	if (to && __sync_val_compare_and_swap(&f->state, old, to) != old) {
		bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);
		return 0;
	}
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	if (kind == RECORD_FINAL) {
		count(CLASS_SWEEP, COUNT_HANDED);
		count_closed(CLASS_SWEEP, old);
		w->open--;
		f->drop_reason = f->syns; /* as in an attempt: how many were told */
		evidence_forget(f);
	}
	return 0;
}

/* Two ways apart, because the size of a reservation must be a constant, and Linux 6.1 forgets what it knew of r. */
static __always_inline int flow_hand_out(struct wire_flow *f, __u32 old, __u32 to, __u32 kind, struct walk *w)
{
	const struct wire_evidence *e = evidence_of(f);
	__u32 why = kind == RECORD_FINAL ? why_closed(old, w) : WHY_NONE;
	struct wire_record *r;

	if (e) {
		r = record_reserve(w, kind, why, sizeof(*r));
		if (!r)
			return 1;
		record_evidence(r, e);
		return flow_hand_over(r, f, old, to, kind, w);
	}
	r = record_reserve(w, kind, why, WIRE_RECORD_SHORT);
	if (!r)
		return 1;
	return flow_hand_over(r, f, old, to, kind, w);
}

/* So far: once the flow is as old as an unanswered SYN is allowed to be; or at once when a RST or an ICMP error ended it,
 * for what is still to come within the lingering time changes its signature at most. What ended well is told as early as
 * what fails: where successes come later (replay waits long for what comes late), the last seconds hold failures alone. */
static __always_inline int worth_telling(const struct wire_flow *f, __u32 state, const struct walk *w)
{
	if (state == STATE_ENDED && f->seen & (SEEN_DOWN_RST | SEEN_ICMP))
		return 1;
	return w->now >= f->first_ns + cfg.syn_live_ms * 1000000ull;
}

static long sweep_flow(struct bpf_map *map, __u64 *key, struct wire_flow *f, struct walk *w)
{
	__u32 old = *(volatile __u32 *)&f->state, state = state_of(old), tell, dead;

	w->left++;
	if (cfg.replay)
		note_first(w, state, f->first_ns);
	switch (state) {
	case STATE_OPEN:
	case STATE_ENDED:
		w->open++;
		if (flow_due(f, old, w)) {
			mark(&f->state, old, STATE_CLOSING, w);
			return 0;
		}
		if ((old & STATE_TOLD_LATER) || !worth_telling(f, state, w))
			return 0;
		/* an attempt that was told of as unanswered is told of again once it is answered */
		tell = f->seen & SEEN_DOWN_DATA ? STATE_TOLD | STATE_TOLD_LATER : STATE_TOLD;
		if ((old & tell) == tell)
			return 0;
		if (flow_hand_out(f, old, 0, RECORD_INTERIM, w))
			return 1;
		__sync_fetch_and_or(&f->state, tell);
		return 0;
	case STATE_CLOSING:
		w->open++;
		if ((old & STATE_SWEEP_MASK) == w->number)
			return 0;
		/* an attempt's repeated SYN may still come where no handshake was seen */
		dead = f->seen & (SEEN_HANDSHAKE | SEEN_UP_DATA) || old & STATE_QUIC;
		return flow_hand_out(f, old,
				     (old & ~(STATE_MASK | STATE_SWEEP_MASK)) |
					     (dead ? STATE_DEAD | w->number : STATE_DONE),
				     RECORD_FINAL, w);
	case STATE_DONE:
		if (!w->flush && !is_retired(old, w) &&
		    since(w->now_c, f->last_up_c) < MS_TO_COARSE(cfg.syn_final_ms + cfg.tombstone_ms))
			return 0;
		if (f->syns != f->drop_reason && flow_hand_out(f, old, 0, RECORD_LATE_SYNS, w))
			return 1;
		f->drop_reason = f->syns;
		mark(&f->state, old, STATE_DEAD, w);
		return 0;
	case STATE_DEAD:
		if ((old & STATE_SWEEP_MASK) == w->number)
			return 0;
		if (__sync_val_compare_and_swap(&f->state, old, STATE_NONE) != old)
			return 0;
		bpf_map_delete_elem(map, key);
		w->left--;
		return 0;
	}
	return 0;
}

/* One function each: Linux 6.1 refuses a call that walks one of two maps, and the compiler would make one of two. */
static __noinline int walk_attempts(struct walk *w, __u32 shard)
{
	void *map = bpf_map_lookup_elem(&attempts, &shard);

	return map ? bpf_for_each_map_elem(map, sweep_attempt, w, 0) : 0;
}

static __noinline int walk_flows(struct walk *w, __u32 shard)
{
	void *map = bpf_map_lookup_elem(&flows, &shard);

	return map ? bpf_for_each_map_elem(map, sweep_flow, w, 0) : 0;
}

SEC("syscall")
int xreach_sweep(struct wire_sweep *s)
{
	struct walk w = {
		.number = (s->number << STATE_SWEEP_SHIFT) & STATE_SWEEP_MASK,
		.flush = s->flush,
		.retire = s->retire,
		.oldest = ~0ull,
	};

	w.now = s->now_ns ? s->now_ns : clock_ns();
	w.now_us = w.now / 1000;
	w.now_c = clock_coarse();
	if (s->table)
		walk_flows(&w, s->shard);
	else
		walk_attempts(&w, s->shard);
	s->stopped = w.stopped;
	s->left = w.left;
	s->open = w.open;
	s->oldest_ns = w.oldest;
	return 0;
}

#endif
