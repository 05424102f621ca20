/* SPDX-License-Identifier: GPL-2.0 */
/* Attempts and flows come to be: opening, and the moves between states that TC may make (enum state in wire.h). */
#ifndef XREACH_FLOW_H
#define XREACH_FLOW_H

static __always_inline __u32 state_of(__u32 word)
{
	return word & STATE_MASK;
}

static __always_inline __u32 state_group(__u32 word)
{
	return (word & STATE_GROUP_MASK) >> STATE_GROUP_SHIFT;
}

/* Move a state word from one state to another; other bits stay. 1 when it was ours to move. */
static __always_inline int state_move(__u32 *word, __u32 from, __u32 to)
{
	for (int i = 0; i < 4; i++) {
		__u32 old = *(volatile __u32 *)word;

		if (state_of(old) != from)
			return 0;
		if (__sync_val_compare_and_swap(word, old, (old & ~STATE_MASK) | to) == old)
			return 1;
	}
	return 0;
}

static __always_inline void count_closed(__u32 class, __u32 state)
{
	count(class, state & STATE_EPOCH ? COUNT_CLOSED_EPOCH1 : COUNT_CLOSED_EPOCH0);
}

static __always_inline void count_opened(const struct packet *p, __u32 group)
{
	count(p->class, COUNT_OPENED);
	count(p->class, p->epoch & 1 ? COUNT_OPENED_EPOCH1 : COUNT_OPENED_EPOCH0);
	count_group(p->class, group, GROUP_OPENED, 1);
}

/* A packet that counts: at the hook that owns its direction, and not as a copy. `segs` is 0 for what is no packet. */
static __always_inline void count_packet(const struct packet *p, __u32 state)
{
	count_group(p->class, state_group(state), GROUP_PACKETS, p->segs);
}

/* ... and is a SYN or an Initial. */
static __always_inline void count_syn(const struct packet *p, __u32 state)
{
	count_packet(p, state);
	count_group(p->class, state_group(state), GROUP_SYN, p->segs);
}

/* A packet of something that is closing, gone over, or another's. */
static __always_inline void count_late(const struct packet *p, __u32 state)
{
	count(p->class, COUNT_LATE);
	count_packet(p, state);
}

/* A record that could not be kept: closed as lost, by reason. */
static __always_inline void count_lost(__u32 class, __u32 state, __u32 reason)
{
	count(class, reason);
	count_closed(class, state);
}

static __always_inline __u32 lost_reason(long err)
{
	switch (err) {
	case -7:
		return COUNT_LOST_FULL; /* E2BIG */
	case -12:
		return COUNT_LOST_NOMEM;
	case -16:
		return COUNT_LOST_BUSY;
	default:
		return COUNT_LOST_RACE;
	}
}

/* A sweep may have read the clock just before the packet came: no time has passed then. */
static __always_inline __u32 us_ago(__u64 now, __u32 us)
{
	__s32 ago = (__u32)(now / 1000) - us;

	return ago > 0 ? ago : 0;
}

/* The clock when an attempt opened, to the microsecond: the same whenever it is asked, for by it and the key first
 * payloads, interim and late records find the final one. */
static __always_inline __u64 attempt_first_ns(const struct wire_attempt *a, __u64 now)
{
	return (now / 1000 - (__s32)((__u32)(now / 1000) - a->first_us)) * 1000;
}

/* Widen an attempt into a flow. */
static __always_inline void attempt_widen(const struct wire_attempt *a, __u64 key, __u64 now, __u32 now_c,
					  struct wire_flow *f)
{
	__builtin_memset(f, 0, sizeof(*f));
	f->key = key;
	f->first_ns = attempt_first_ns(a, now);
	f->state = a->state;
	f->seen = SEEN_SYN | SEEN_UP;
	f->prefix = a->prefix;
	__builtin_memcpy(f->server, a->server, 16);
	if (!(a->state & STATE_V6))
		*(__u16 *)f->server = 0; /* the SYN's IP-ID stood there */
	f->port_be = a->port_be;
	f->client = a->client;
	f->site = a->site;
	f->syns = a->syns;
	f->up_hook = a->hook;
	f->first_c = now_c - (us_ago(now, a->first_us) >> 10);
	f->last_up_c = now_c - (us_ago(now, a->last_us) >> 10);
	f->last_syn_us = a->last_us - a->first_us;
	f->syn_us = f->last_syn_us;
	f->isn_up = a->isn;
	f->up_next = a->isn + 1;
	if (!(a->state & (STATE_QUIC | STATE_NO_ISN))) {
		__u16 ipid = a->state & STATE_V6 ? 0 : a->syn_ipid;

		f->sent[0].end = a->isn + 1;
		f->sent[0].kind = SENT_SYN;
		f->sent_n = 1;
		f->up_run = a->syns;
		if (a->syns == 1) {
			f->sent[0].ipid = ipid;
		} else { /* of those between, nothing is known */
			f->sent[1] = f->sent[0];
			f->sent[1].at_us = f->last_syn_us;
			f->sent[1].ipid = ipid;
			f->sent_n = 2;
		}
	}
	if (a->drop_reason) {
		f->seen |= SEEN_DROPPED_HERE;
		f->drop_reason = a->drop_reason;
	}
	if (a->state & STATE_QUIC) {
		f->seen |= SEEN_UP_DATA;
		f->syn_us = 0; /* the round trip runs from the first Initial */
		f->bytes_up = a->isn & ((1u << WIRE_QUIC_BITS) - 1);
	} else if ((a->state & STATE_NO_ISN) && (a->state & STATE_LOCAL_UP)) {
		f->seen |= SEEN_UP_ACK; /* connected, but not through an interface that is watched */
	}
}

/* Hand a record out from TC: only where a new ISN takes its place. */
GLOBAL int hand_out_recycled(__u32 class, const struct wire_flow *f, const struct wire_attempt *a, __u64 key)
{
	const struct wire_evidence *e = f ? evidence_of(f) : NULL;
	__u32 state = f ? f->state : a ? a->state : 0;
	struct wire_record *r;

	if (e && f) {
		r = bpf_ringbuf_reserve(&records, sizeof(*r), 0);
		if (!r)
			goto lost;
		record_head(r, RECORD_FINAL, WHY_RECYCLED, clock_ns(), clock_coarse());
		record_evidence(r, e);
		__builtin_memcpy(&r->flow, f, sizeof(r->flow));
		bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	} else {
		r = bpf_ringbuf_reserve(&records, WIRE_RECORD_SHORT, 0);
		if (!r)
			goto lost;
		record_head(r, RECORD_FINAL, WHY_RECYCLED, clock_ns(), clock_coarse());
		if (f)
			__builtin_memcpy(&r->flow, f, sizeof(r->flow));
		else if (a)
			attempt_widen(a, key, r->now_ns, r->now_c, &r->flow);
		bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	}
	count(class, COUNT_HANDED);
	count_closed(class, state);
	return 1;
lost:
	count_lost(class, state, COUNT_LOST_RECYCLED);
	return 0;
}

/* Take a record over for a new ISN, whatever its state but CLAIMED; *open: it was not handed out yet. */
static __always_inline int claim(__u32 *word, int *open)
{
	for (int i = 0; i < 4; i++) {
		__u32 old = *(volatile __u32 *)word, state = state_of(old);

		if (state == STATE_NONE || state == STATE_CLAIMED)
			return 0;
		if (__sync_val_compare_and_swap(word, old, (old & ~STATE_MASK) | STATE_CLAIMED) == old) {
			*open = state == STATE_OPEN || state == STATE_ENDED || state == STATE_CLOSING;
			return 1;
		}
	}
	return 0;
}

/* Let go of a record that was claimed. All that was written before is seen by whoever sees the state. */
static __always_inline void state_publish(__u32 *word, __u32 state)
{
	__sync_lock_test_and_set(word, state);
}

/* What the tries and the operator's sites say of a flow about to open. */
struct place {
	__u32 state; /* first state word */
	__u32 prefix;
	__u16 client;
	__u8 site, group;
};

/* 1 when a packet's server end lies in a range that is watched, and in the sample. Counts nothing. */
GLOBAL int place_find(const struct packet *p, int up, struct place *place)
{
	const struct wire_range *r;
	__u32 h;

	if (!p || !place)
		return 0;
	r = range_find(up ? p->dst : p->src, p->v6);
	if (!r)
		return 0;
	place->group = r->group & (WIRE_GROUPS_MAX - 1);
	place->prefix = r->prefix;
	place->state = STATE_OPEN | (__u32)place->group << STATE_GROUP_SHIFT | (p->v6 ? STATE_V6 : 0) |
		       (p->quic ? STATE_QUIC : 0) | (r->class == CLASS_SHARED ? STATE_SHARED : 0) |
		       (r->role == ROLE_CONTROL ? STATE_CONTROL : 0) |
		       (r->role == ROLE_TARGET || r->shared_with ? STATE_HELLO : 0);
	if (r->role == ROLE_CONTROL) {
		const __u32 *s = (const __u32 *)p->src, *d = (const __u32 *)p->dst;

		h = p->v6 ? s[0] ^ s[1] ^ s[2] ^ s[3] ^ d[0] ^ d[1] ^ d[2] ^ d[3] : s[3] ^ d[3];
		if (sample_hash(h, p->sport ^ p->dport) > groups[place->group].sample)
			return 0;
	}
	return 1;
}

/* The client's side of a flow about to open: site, and bucket and rank under the daily key. */
GLOBAL int place_client(const struct packet *p, int up, struct place *place)
{
	__u32 rest, rank = 1;
	const __u8 *client;
	__u64 h;

	if (!p || !place)
		return 0;
	client = up ? p->src : p->dst;
	h = siphash_2(keys.k[p->epoch & 1], *(__u64 *)client, *(__u64 *)(client + 8));
	rest = h >> 32;
	for (int i = 0; i < 14 && !(rest & 1); i++, rest >>= 1)
		rank++;
	place->client = (h & 0xfff) | rank << 12;
	place->site = site_find(client, p->v6);
	place->state |= p->epoch & 1 ? STATE_EPOCH : 0;
	return 1;
}

/* What a copy of a packet is known by, equal from the IP header on: sequence numbers, flags, window, checksum, IP-ID and
 * TTL in the upper 20 bits; in the lower 12 the time in us, where a fine clock was taken. */
static __always_inline __u32 print_of(struct packet *p)
{
	__u64 m = ((__u64)p->seq << 32 | p->ack) ^ (__u64)p->csum << 17;

	m = (m + ((__u64)p->flags << 40 | (__u64)p->window << 24 | p->ipid << 8 | p->ttl)) * 0x9e3779b97f4a7c15ull;
	if (cfg.replay)
		packet_now(p);
	return (__u32)(m >> 44) << 12 | (p->now ? p->now / 1000 & 0xfff : 0);
}

/* The isn field of a QUIC attempt after one more Initial: bytes, and of the print what has room above them. */
static __always_inline __u32 quic_sum(struct packet *p, __u32 isn)
{
	__u32 most = (1u << WIRE_QUIC_BITS) - 1, bytes = (isn & most) + p->payload;

	return print_of(p) >> WIRE_QUIC_BITS << WIRE_QUIC_BITS | (bytes < most ? bytes : most);
}

/* IPv4 addresses leave room for the IP-ID of the last SYN, which a RST may copy. */
static __always_inline void attempt_note_ipid(struct wire_attempt *a, const struct packet *p)
{
	if (!p->v6 && !p->quic)
		a->syn_ipid = p->ipid;
}

static __always_inline void attempt_fill(struct wire_attempt *a, struct packet *p, const struct place *place)
{
	a->isn = p->quic ? quic_sum(p, 0) : p->seq;
	a->first_us = packet_now(p) / 1000;
	a->last_us = a->first_us;
	a->prefix = place->prefix;
	__builtin_memcpy(a->server, p->dst, 16);
	attempt_note_ipid(a, p);
	a->port_be = p->dport;
	a->client = place->client;
	a->site = place->site;
	a->hook = p->hook;
	a->syns = 1;
	a->drop_reason = 0;
}

/* The marks that a SYN leaves in the state word. */
static __always_inline __u32 syn_marks(const struct packet *p)
{
	return (p->options ? STATE_SYN_OPTIONS : 0) | (p->timestamps ? STATE_SYN_TS : 0) |
	       (!p->v6 && p->ipid == 54321 ? STATE_SYN_SCANNER : 0);
}

/*
 * Two packets of one tuple at once, on two CPUs: each finds nothing and opens a record, one in either table. Whoever has
 * opened looks into the other one, so that one of the two sees both; the attempt, which knows less, is lost as a race.
 */
static __always_inline void attempt_yield(__u32 class, struct wire_attempt *a)
{
	if (a && state_move(&a->state, STATE_OPEN, STATE_MOVED))
		count_lost(class, a->state, COUNT_LOST_RACE);
}

static __always_inline int is_going(const struct wire_flow *f)
{
	return f && (state_of(f->state) == STATE_OPEN || state_of(f->state) == STATE_ENDED);
}

/* Open an attempt for a client's SYN, Initial or connect(). `marks` are added to its state word. Returns 1
 * when the range is watched, whether or not a slot was found. */
GLOBAL int attempt_open(struct packet *p, __u32 marks)
{
	struct wire_attempt a = {};
	struct place place = {};
	__u32 shard;
	__u64 key;
	void *map;
	long err;

	if (!p || !place_find(p, 1, &place))
		return 0;
	key = p->key;
	place_client(p, 1, &place);
	count_opened(p, place.group);
	count_syn(p, place.state);
	a.key32 = (__u32)p->key;
	a.state = place.state | marks;
	attempt_fill(&a, p, &place);
	shard = shard_of(key);
	map = bpf_map_lookup_elem(&attempts, &shard);
	err = map ? bpf_map_update_elem(map, &key, &a, BPF_NOEXIST) : -12;
	if (err)
		count_lost(p->class, a.state, lost_reason(err));
	else if (is_going(flow_lookup(key)))
		attempt_yield(p->class, attempt_lookup(key));
	return 1;
}

/* Put a flow that was built in scratch into its table. NULL where that failed; the reason in *err. */
static __always_inline struct wire_flow *flow_insert(__u32 class, const struct wire_flow *f, __u64 key, long *err)
{
	__u32 shard = shard_of(key);
	void *map = bpf_map_lookup_elem(&flows, &shard);

	*err = map ? bpf_map_update_elem(map, &key, f, BPF_NOEXIST) : -12;
	if (*err)
		return NULL;
	attempt_yield(class, attempt_lookup(key));
	return flow_lookup(key);
}

/* An attempt that is answered becomes a flow. NULL where it was not ours to move, or no slot was left. */
static __noinline struct wire_flow *attempt_promote(struct packet *p, struct wire_attempt *a)
{
	__u32 class = p->class;
	struct wire_flow *f = bpf_map_lookup_elem(&scratch, &class), *in;
	long err;

	if (!f || !a)
		return NULL;
	if (!state_move(&a->state, STATE_OPEN, STATE_MOVED))
		return flow_lookup(p->key); /* another CPU was first, or it is closing */
	attempt_widen(a, p->key, packet_now(p), p->now_c, f);
	f->state = (f->state & ~STATE_MASK) | STATE_OPEN;
	in = flow_insert(class, f, p->key, &err);
	if (!in)
		count_lost(class, f->state, err ? lost_reason(err) : COUNT_LOST_RACE);
	return in;
}

/* Begin a flow in place or in scratch: everything but key and state. */
static __always_inline void flow_begin(struct wire_flow *f, struct packet *p, int up, const struct place *place)
{
	f->first_ns = packet_now(p);
	f->seen = 0;
	f->prefix = place->prefix;
	__builtin_memcpy(f->server, up ? p->dst : p->src, 16);
	f->port_be = up ? p->dport : p->sport;
	f->client = place->client;
	f->site = place->site;
	f->first_c = p->now_c;
	f->last_up_c = p->now_c;
	f->last_down_c = p->now_c;
}

/* Open a flow directly: a SYN-ACK whose SYN was not seen, or a SYN with payload. NULL where the range is not watched
 * (*state is 0 then), or where no slot was left. */
static __noinline struct wire_flow *flow_open(struct packet *p, int up, __u32 *state)
{
	__u32 class = p->class;
	struct wire_flow *f = bpf_map_lookup_elem(&scratch, &class), *in;
	struct place place = {};
	long err;

	*state = 0;
	if (!f || !place_find(p, up, &place))
		return NULL;
	place_client(p, up, &place);
	count_opened(p, place.group);
	__builtin_memset(f, 0, sizeof(*f));
	f->key = p->key;
	f->state = place.state;
	*state = place.state;
	flow_begin(f, p, up, &place);
	in = flow_insert(class, f, p->key, &err);
	if (!in)
		count_lost(class, f->state, err ? lost_reason(err) : COUNT_LOST_RACE);
	return in;
}

/* A new ISN on a live key: hand the old flow out, start over in place. 1 when done. */
GLOBAL int flow_restart(struct packet *p, struct wire_flow *f)
{
	__u32 up_next, down_next;
	struct place place = {};
	int open = 0;

	if (!p || !f || !place_find(p, 1, &place) || !claim(&f->state, &open))
		return 0;
	place_client(p, 1, &place);
	if (open)
		hand_out_recycled(p->class, f, NULL, p->key);
	evidence_forget(f);
	up_next = f->up_next;
	down_next = f->down_next;
	/* all but key and state word, which others look at meanwhile */
	__builtin_memset(&f->first_ns, 0, sizeof(f->first_ns));
	__builtin_memset(&f->seen, 0, sizeof(*f) - __builtin_offsetof(struct wire_flow, seen));
	flow_begin(f, p, 1, &place);
	f->seen = SEEN_REUSED | SEEN_SYN | SEEN_UP;
	f->rst.bare_ack = up_next;
	f->rst.down_next = down_next;
	f->isn_up = p->seq;
	f->up_next = p->seq + 1;
	f->syns = 1;
	f->up_hook = p->hook;
	f->print_up = print_of(p);
	sent_add(p, f, SENT_SYN, p->seq + 1);
	count_opened(p, place.group);
	state_publish(&f->state, place.state | syn_marks(p));
	attempt_yield(p->class, attempt_lookup(p->key));
	return 1;
}

GLOBAL int attempt_restart(struct packet *p, struct wire_attempt *a, __u32 marks)
{
	struct place place = {};
	int open = 0;

	if (!p || !a || !place_find(p, 1, &place) || !claim(&a->state, &open))
		return 0;
	place_client(p, 1, &place);
	if (open)
		hand_out_recycled(p->class, NULL, a, p->key);
	attempt_fill(a, p, &place);
	count_opened(p, place.group);
	state_publish(&a->state, place.state | marks);
	if (is_going(flow_lookup(p->key)))
		attempt_yield(p->class, a);
	return 1;
}

/* May this packet be counted at this hook? A direction belongs to the hook that saw it first, until a second
 * of silence; the same packet passes VLAN, bridge, bond and veth hooks. */
static __always_inline int hook_owns(struct packet *p, __u8 *hook, __u32 last_c)
{
	if (*hook == p->hook)
		return 1;
	if (*hook && p->now_c - last_c < COARSE_SECOND) {
		count(p->class, COUNT_OTHER_HOOK);
		return 0;
	}
	*hook = p->hook;
	return 1;
}

/* The same for an attempt, which remembers its last SYN only. */
static __always_inline int attempt_owns(struct packet *p, const struct wire_attempt *a)
{
	if (a->hook == p->hook || (__u32)(packet_now(p) / 1000) - a->last_us >= 1000000)
		return 1;
	count(p->class, COUNT_OTHER_HOOK);
	return 0;
}

#endif
