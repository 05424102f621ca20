// SPDX-License-Identifier: GPL-2.0
/*
 * The books: opened = open + handed out + lost, with tables and rings that are too small on purpose, with two CPUs and
 * the sweep racing, and with the key changing under load.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "rig.h"

static void settle(struct rig *r)
{
	for (int i = 0; i < 4; i++)
		rig_flush(r);
	assert_int_equal(r->object.open[0] + r->object.open[1], 0);
	assert_int_equal(r->object.left[0] + r->object.left[1], 0);
	rig_books(r);
}

static __u64 lost(struct rig *r)
{
	__u64 n = 0;

	for (int i = COUNT_LOST_FULL; i <= COUNT_LOST_KEY_RETIRED; i++)
		n += rig_count(r, i);
	return n;
}

/* ---- too small --------------------------------------------------------------------------------------- */
static void a_full_table_is_counted_per_syn_and_totals_stay_exact(void **state)
{
	struct rig r;
	struct talk t;
	enum { SLOTS = 16, N = 500 };

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = SLOTS, .flows = SLOTS });
	talk_start(&t, &r, CLIENT4, SERVER4);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < N; i++) {
			t.up.sport = 20000 + i;
			talk_syn(&t);
		}
		rig_wait(&r, r.us / 1000 + 1000);
	}
	rig_books(&r);
	assert_int_equal(r.object.open[0], SLOTS);
	assert_int_equal(rig_count(&r, COUNT_OPENED), 2 * N - SLOTS);
	assert_int_equal(rig_count(&r, COUNT_LOST_FULL), 2 * (N - SLOTS));
	assert_int_equal(rig_group(&r, GROUP_X, GROUP_SYN), 2 * N);
	assert_int_equal(rig_group(&r, GROUP_X, GROUP_PACKETS), 2 * N);
	assert_int_equal(rig_group(&r, GROUP_X, GROUP_OPENED), 2 * N - SLOTS);
	assert_int_equal(rig_count(&r, COUNT_MIDSTREAM), 0);
	settle(&r);
	rig_close(&r);
}

static void a_full_table_of_flows_loses_what_is_answered(void **state)
{
	struct rig r;
	struct talk t;
	enum { SLOTS = 16, N = 300 };

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = 1024, .flows = SLOTS });
	talk_start(&t, &r, CLIENT4, SERVER4);
	for (int i = 0; i < N; i++) {
		t.up.sport = t.down.dport = 20000 + i;
		talk_syn(&t);
		talk_synack(&t);
		talk_up(&t, ACK, 1, 1, 0);
	}
	rig_sweep(&r);
	rig_books(&r);
	assert_int_equal(r.object.open[1], SLOTS);
	assert_int_equal(rig_count(&r, COUNT_OPENED), N);
	assert_int_equal(rig_count(&r, COUNT_LOST_FULL), N - SLOTS);
	assert_int_equal(rig_group(&r, GROUP_X, GROUP_SYN), N);
	assert_int_equal(rig_group(&r, GROUP_X, GROUP_PACKETS), 3 * N);
	/* SYN with data and SYN-ACK without SYN go to flows at once */
	t.up.sport = t.down.dport = 30000;
	talk_up(&t, SYN, 0, 0, 100);
	t.up.sport = t.down.dport = 30001;
	talk_synack(&t);
	assert_int_equal(rig_count(&r, COUNT_OPENED), N + 2);
	assert_int_equal(rig_count(&r, COUNT_LOST_FULL), N - SLOTS + 2);
	assert_int_equal(rig_group(&r, GROUP_X, GROUP_PACKETS), 3 * N + 2);
	assert_int_equal(rig_count(&r, COUNT_MIDSTREAM), 0);
	settle(&r);
	rig_close(&r);
}

/* One call of the sweep program, without the draining that object_sweep does in between. */
static struct wire_sweep walk_once(struct rig *r, __u32 number)
{
	struct wire_sweep s = { .now_ns = r->base_ns + r->us * 1000, .number = number };
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &s, .ctx_size_in = sizeof(s));

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(r->object.skel->progs.xreach_sweep), &run), 0);
	return s;
}

static void a_full_ring_stops_the_walk_and_nothing_is_lost(void **state)
{
	struct rig r;
	struct talk t;
	struct wire_sweep s;
	enum { N = 10000 };

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = N, .flows = 16 });
	assert_int_equal(r.object.shards, 1);
	talk_start(&t, &r, CLIENT4, SERVER4);
	for (int i = 0; i < N; i++) {
		t.up.sport = 20000 + i;
		talk_syn(&t);
	}
	rig_ms(&r, 21000);
	s = walk_once(&r, 1); /* closes them */
	assert_int_equal(s.stopped, 0);
	s = walk_once(&r, 2);
	assert_int_equal(s.stopped, 1);
	assert_in_range(rig_count(&r, COUNT_HANDED), 1000, N - 1000);
	s = walk_once(&r, 2);
	assert_int_equal(s.stopped, 1);
	r.object.sweeps = 2;
	rig_sweep(&r);
	assert_int_equal(rig_finals(&r), N);
	assert_int_equal(rig_count(&r, COUNT_OPENED), N);
	assert_int_equal(lost(&r), 0);
	rig_books(&r);
	settle(&r);
	rig_close(&r);
}

static void a_full_ring_at_a_new_isn_is_a_loss_that_is_counted(void **state)
{
	struct rig r;
	struct talk t;
	enum { N = 5000 };

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = 64, .flows = 16 });
	talk_start(&t, &r, CLIENT4, SERVER4);
	for (int i = 0; i < N; i++) {
		t.isn_up += 100000;
		talk_syn(&t);
	}
	assert_int_equal(rig_count(&r, COUNT_OPENED), N);
	assert_in_range(rig_count(&r, COUNT_LOST_RECYCLED), 1, N);
	rig_sweep(&r);
	rig_books(&r);
	settle(&r);
	rig_close(&r);
}

/* ---- two CPUs and the sweep --------------------------------------------------------------------------- */
enum { TUPLES = 256 };

struct load {
	struct rig *rig;
	int cpu;
	unsigned int seed;
	unsigned int tuples_from, tuples;
	__u64 packets, syns; /* pushed */
	int err;
};

static atomic_bool load_stops;
static atomic_uint load_isns[TUPLES * 2];
static atomic_uint load_isn;

static int load_push(struct load *l, const struct packet_spec *s)
{
	__u8 frame[FRAME_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = packet_build(s, frame));
	int err = bpf_prog_test_run_opts(bpf_program__fd(l->rig->object.skel->progs.xreach_in), &run);

	if (err || (int)run.retval != -1)
		l->err = err ? err : -EPROTO;
	l->packets++;
	return l->err;
}

/* A random packet of a random tuple: whatever may come, in whatever order. */
static void load_step(struct load *l, struct talk *t)
{
	unsigned int what = rand_r(&l->seed) % 16, n = l->tuples_from + rand_r(&l->seed) % l->tuples;
	struct packet_spec *s = what < 10 ? &t->up : &t->down;

	t->up.sport = t->down.dport = 10000 + n;
	if (what == 0)
		atomic_store(&load_isns[n], atomic_fetch_add(&load_isn, 1) * 100003u);
	t->isn_up = atomic_load(&load_isns[n]);
	t->up.seq = t->isn_up + (what < 6 ? 0 : 1);
	t->up.ack = t->isn_down + 1;
	t->down.seq = t->isn_down + (what < 13 ? 0 : 1);
	t->down.ack = t->isn_up + 1;
	s->transport = TCP;
	s->ipid++;
	s->len = what == 8 || what == 15 ? 100 : what == 5 ? 10 : 0;
	s->flags = what < 6	? SYN
		   : what < 9	? ACK
		   : what == 9	? RST | ACK
		   : what < 13	? SYN | ACK
		   : what == 13 ? RST | ACK
				: ACK;
	l->syns += s->flags == SYN;
	load_push(l, s);
}

static void *load_run(void *arg)
{
	struct load *l = arg;
	struct talk t;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(l->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	talk_start(&t, l->rig, CLIENT4, SERVER4);
	while (!atomic_load(&load_stops) && !l->err)
		load_step(l, &t);
	return NULL;
}

static int compare_records(const void *a, const void *b)
{
	const struct wire_flow *x = &((const struct wire_record *)a)->flow,
			       *y = &((const struct wire_record *)b)->flow;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	return x->isn_up < y->isn_up ? -1 : x->isn_up > y->isn_up;
}

static void assert_none_twice(struct rig *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_records; i++)
		if (r->records[i].kind == RECORD_FINAL)
			r->records[n++] = r->records[i];
	r->n_records = n;
	qsort(r->records, n, sizeof(*r->records), compare_records);
	for (size_t i = 1; i < n; i++)
		assert_int_not_equal(compare_records(&r->records[i - 1], &r->records[i]), 0);
}

/* With no traffic: each key once in its table, and open in one table at most. */
static void assert_no_double_key(struct rig *r)
{
	for (__u32 shard = 0; shard < r->object.shards; shard++) {
		int attempts = r->object.shard_fd[0][shard], flows = r->object.shard_fd[1][shard];
		__u64 key, *before = NULL;

		while (!bpf_map_get_next_key(attempts, before, &key)) {
			struct wire_attempt a;
			struct wire_flow f;

			before = &key;
			assert_int_equal(bpf_map_lookup_elem(attempts, &key, &a), 0);
			assert_int_equal(a.key32, (__u32)key);
			if ((a.state & STATE_MASK) != STATE_OPEN || bpf_map_lookup_elem(flows, &key, &f))
				continue;
			assert_int_not_equal(f.state & STATE_MASK, STATE_OPEN);
			assert_int_not_equal(f.state & STATE_MASK, STATE_ENDED);
		}
	}
}

static void load_and_sweep(struct rig *r, bool same_flows, unsigned int changes)
{
	struct load loads[2];
	pthread_t threads[2];
	struct timespec pause = { .tv_nsec = 3000000 };
	__u64 syns = 0, packets = 0;

	atomic_store(&load_stops, false);
	for (int i = 0; i < 2; i++) {
		loads[i] = (struct load){ .rig = r,
					  .cpu = i % (int)sysconf(_SC_NPROCESSORS_ONLN),
					  .seed = 7 + i,
					  .tuples_from = same_flows ? 0 : i * TUPLES,
					  .tuples = TUPLES };
		assert_int_equal(pthread_create(&threads[i], NULL, load_run, &loads[i]), 0);
	}
	for (int i = 0; i < 400; i++) {
		struct watch_totals t;
		__u64 closed = 0;

		nanosleep(&pause, NULL);
		rig_sweep(r);
		object_totals(&r->object, &t);
		for (int c = COUNT_HANDED; c <= COUNT_LOST_KEY_RETIRED; c++)
			closed += t.n[c];
		assert_true(t.n[COUNT_OPENED] >= closed); /* open is never negative */
		if (changes && i % (400 / changes) == 0)
			assert_int_equal(object_change_key(&r->object), 0);
		object_retire_key(&r->object);
	}
	atomic_store(&load_stops, true);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(loads[i].err, 0);
		syns += loads[i].syns;
		packets += loads[i].packets;
	}
	rig_sweep(r);
	rig_books(r);
	assert_no_double_key(r);
	print_message("%llu packets, %llu opened, %llu handed out, %llu lost, %llu late, %llu copies\n",
		      (unsigned long long)packets, (unsigned long long)rig_count(r, COUNT_OPENED),
		      (unsigned long long)rig_count(r, COUNT_HANDED), (unsigned long long)lost(r),
		      (unsigned long long)rig_count(r, COUNT_LATE),
		      (unsigned long long)rig_count(r, COUNT_DUPLICATE));
	assert_true(rig_count(r, COUNT_OPENED) > 1000);
	/* every packet is counted once, or a copy */
	assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS) + rig_count(r, COUNT_DUPLICATE), packets);
	assert_true(rig_group(r, GROUP_X, GROUP_SYN) <= syns);
	assert_true(rig_group(r, GROUP_X, GROUP_SYN) + rig_count(r, COUNT_DUPLICATE) >= syns);
	settle(r);
	assert_none_twice(r);
}

static void the_books_balance_with_two_cpus_on_the_same_flows(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = 2048, .flows = 2048, .live = true, .hasty = 20 });
	load_and_sweep(&r, true, 0);
	rig_close(&r);
}

static void the_books_balance_with_two_cpus_on_flows_of_their_own(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = 2048, .flows = 2048, .live = true, .hasty = 20 });
	load_and_sweep(&r, false, 0);
	rig_close(&r);
}

static void the_books_balance_with_two_cpus_and_tables_too_small(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = 64, .flows = 48, .live = true, .hasty = 20 });
	load_and_sweep(&r, true, 0);
	rig_close(&r);
}

static void the_books_balance_with_the_key_changing_under_load(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = 2048, .flows = 2048, .live = true, .hasty = 300 });
	load_and_sweep(&r, true, 20);
	rig_close(&r);
}

/* ---- the key ----------------------------------------------------------------------------------------- */
static bool is_wiped(const struct rig *r, unsigned int slot)
{
	const struct wire_keys *keys = &r->object.skel->bss->keys;

	return !keys->k[slot][0] && !keys->k[slot][1];
}

static void an_open_flow_outlives_a_change_of_key(void **state)
{
	struct rig r;
	struct talk t, attempt;

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = 64, .flows = 64, .live = true });
	talk_start(&t, &r, CLIENT4, SERVER4);
	talk_handshake(&t);
	talk_start(&attempt, &r, CLIENT6, SERVER6);
	talk_syn(&attempt);
	assert_int_equal(object_change_key(&r.object), 0);
	talk_up(&t, PSH | ACK, 1, 1, 100);
	talk_down(&t, PSH | ACK, 1, 101, 300);
	talk_synack(&attempt);
	talk_up(&attempt, ACK, 1, 1, 0);
	assert_int_equal(rig_count(&r, COUNT_MIDSTREAM), 0);
	assert_int_equal(rig_count(&r, COUNT_OPENED), 2);
	object_retire_key(&r.object);
	assert_false(is_wiped(&r, 0)); /* both live under it */
	/* the next change closes them with what is known */
	assert_int_equal(object_change_key(&r.object), 0);
	assert_int_equal(rig_finals(&r), 2);
	for (size_t i = 0; i < r.n_records; i++)
		assert_int_equal(r.records[i].why, WHY_KEY_RETIRED);
	assert_int_equal(r.records[0].flow.bytes_down + r.records[1].flow.bytes_down, 300);
	rig_books(&r);
	talk_up(&t, PSH | ACK, 101, 301, 100);
	assert_int_equal(rig_count(&r, COUNT_MIDSTREAM), 1);
	rig_close(&r);
}

static void the_previous_key_is_wiped_when_nothing_lives_under_it(void **state)
{
	struct rig r;
	struct talk t;
	__u64 first;

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = 64, .flows = 64, .live = true, .hasty = 1 });
	first = r.object.skel->bss->keys.k[0][0];
	talk_start(&t, &r, CLIENT4, SERVER4);
	talk_syn(&t);
	assert_int_equal(object_change_key(&r.object), 0);
	assert_int_equal(r.object.skel->bss->keys.k[0][0], first);
	object_retire_key(&r.object);
	assert_false(is_wiped(&r, 0));
	for (int i = 0; i < 3; i++) {
		usleep(3000);
		rig_sweep(&r);
	}
	assert_int_equal(rig_finals(&r), 1);
	object_retire_key(&r.object);
	assert_true(is_wiped(&r, 0));
	assert_false(is_wiped(&r, 1));
	assert_int_equal(r.object.skel->bss->keys.previous, 0);
	rig_books(&r);
	assert_int_equal(object_change_key(&r.object), 0);
	assert_false(is_wiped(&r, 0));
	assert_int_not_equal(r.object.skel->bss->keys.k[0][0], first);
	rig_close(&r);
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(a_full_table_is_counted_per_syn_and_totals_stay_exact),
		T(a_full_table_of_flows_loses_what_is_answered),
		T(a_full_ring_stops_the_walk_and_nothing_is_lost),
		T(a_full_ring_at_a_new_isn_is_a_loss_that_is_counted),
		T(the_books_balance_with_two_cpus_on_the_same_flows),
		T(the_books_balance_with_two_cpus_on_flows_of_their_own),
		T(the_books_balance_with_two_cpus_and_tables_too_small),
		T(the_books_balance_with_the_key_changing_under_load),
		T(an_open_flow_outlives_a_change_of_key),
		T(the_previous_key_is_wiped_when_nothing_lives_under_it),
	};

	return cmocka_run_group_tests_name("books", tests, NULL, NULL);
}
