// SPDX-License-Identifier: GPL-2.0
/*
 * "It never learns who": traffic of clients with known addresses and one known port, then every byte of every map of the
 * object is looked through, per-CPU scratch and rings included.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../dns_message.h"
#include "rig.h"

#define CANARY_PORT 0xd3a7
#define CLIENTS	    64

static const __u8 canary4[4] = { 203, 0, 113, 0xc5 };
static const __u8 canary6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0xca, 0x4a, 0x71, 0xe5,
				  0x9b, 0x3d, 0x5f, 0xc1, 0x17, 0xee, 0xd9, 0x43 };

/* Beside the clients, within an IPv4 /24 and an IPv6 /48, and within a site of the operator's: where an ICMP error that
 * comes from there must not be told of. */
static const __u8 near4[4] = { 203, 0, 113, 0x3a };
static const __u8 near6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0xca, 0x4a, 0x5b, 0x92,
				0xd1, 0x6f, 0x38, 0xa7, 0xe4, 0x19, 0xc6, 0x8d };
static const __u8 inside4[4] = { 198, 19, 0xb7, 0x6c };
static const __u8 inside6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x55, 0xe1, 0x9c, 0x27,
				  0xb3, 0x4d, 0x86, 0xf5, 0x1a, 0xe8, 0x72, 0xcb };

/* ---- looking through memory --------------------------------------------------------------------------- */
struct pattern {
	const char *what;
	__u8 bytes[16];
	size_t n;
};

static struct pattern patterns[32];
static size_t n_patterns;

/* As it is, and backwards. */
static void add_pattern(const char *what, const __u8 *bytes, size_t n)
{
	for (int backwards = 0; backwards < 2; backwards++) {
		struct pattern *p = &patterns[n_patterns++];

		assert_true(n_patterns <= sizeof(patterns) / sizeof(*patterns));
		p->what = what;
		p->n = n;
		for (size_t i = 0; i < n; i++)
			p->bytes[i] = bytes[backwards ? n - 1 - i : i];
	}
}

static void make_patterns(void)
{
	n_patterns = 0;
	add_pattern("IPv4 address", canary4, 4);
	add_pattern("IPv6 address", canary6, 16);
	add_pattern("half of an IPv6 address", canary6, 8);
	add_pattern("half of an IPv6 address", canary6 + 8, 8);
	add_pattern("end of an IPv6 address", canary6 + 12, 4);
	add_pattern("IPv4 address near a client", near4, 4);
	add_pattern("end of an IPv6 address near a client", near6 + 8, 8);
	add_pattern("IPv4 address in a site", inside4, 4);
	add_pattern("end of an IPv6 address in a site", inside6 + 8, 8);
}

struct search {
	unsigned long long bytes, maps, hits;
	char first[128];
};

static void look_through(struct search *s, const char *map, const void *memory, size_t n)
{
	s->bytes += n;
	for (size_t i = 0; i < n_patterns; i++) {
		const __u8 *hit = memmem(memory, n, patterns[i].bytes, patterns[i].n);

		if (!hit)
			continue;
		if (!s->hits++)
			snprintf(s->first, sizeof(s->first), "%s in %s at %zu", patterns[i].what, map,
				 (size_t)(hit - (const __u8 *)memory));
	}
}

/* A place in a table's values where more than chance has the port. */
static void look_for_port(struct search *s, const char *map, const __u8 *values, size_t n, size_t size)
{
	for (size_t at = 0; at + 2 <= size; at++) {
		size_t found = 0;

		for (size_t i = 0; i < n; i++) {
			const __u8 *v = values + i * size + at;

			found += (v[0] << 8 | v[1]) == CANARY_PORT || (v[1] << 8 | v[0]) == CANARY_PORT;
		}
		if (found < 4)
			continue;
		if (!s->hits++)
			snprintf(s->first, sizeof(s->first), "port in %s at %zu, %zu times", map, at, found);
	}
}

/* ---- reading maps ------------------------------------------------------------------------------------- */
static void search_ring(struct search *s, const char *name, int fd, size_t size)
{
	long page = sysconf(_SC_PAGESIZE);
	/* the producer's page, then the data */
	void *at = mmap(NULL, page + size, PROT_READ, MAP_SHARED, fd, page);

	assert_ptr_not_equal(at, MAP_FAILED);
	look_through(s, name, at, page + size);
	munmap(at, page + size);
}

static size_t value_bytes(const struct bpf_map_info *info)
{
	bool per_cpu = info->type == BPF_MAP_TYPE_PERCPU_ARRAY || info->type == BPF_MAP_TYPE_PERCPU_HASH;

	return per_cpu ? (info->value_size + 7) / 8 * 8 * (size_t)libbpf_num_possible_cpus() : info->value_size;
}

static void search_map(struct search *s, int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	__u8 *key, *next, *value, *all = NULL;
	size_t n = 0, each;
	bool any = false;

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &size), 0);
	s->maps++;
	if (info.type == BPF_MAP_TYPE_RINGBUF) {
		search_ring(s, info.name, fd, info.max_entries);
		return;
	}
	each = value_bytes(&info);
	key = calloc(1, info.key_size);
	next = calloc(1, info.key_size);
	value = malloc(each);
	while (!bpf_map_get_next_key(fd, any ? key : NULL, next)) {
		memcpy(key, next, info.key_size);
		any = true;
		if (bpf_map_lookup_elem(fd, key, value))
			continue;
		look_through(s, info.name, key, info.key_size);
		look_through(s, info.name, value, each);
		if (info.type == BPF_MAP_TYPE_HASH) {
			all = realloc(all, (n + 1) * each);
			memcpy(all + n++ * each, value, each);
		}
	}
	look_for_port(s, info.name, all, n, each);
	free(all);
	free(value);
	free(next);
	free(key);
}

static struct search search_all(struct rig *r)
{
	struct search s = { 0 };
	struct bpf_map *m;

	bpf_object__for_each_map(m, r->object.skel->obj)
	{
		if (bpf_map__fd(m) >= 0)
			search_map(&s, bpf_map__fd(m));
	}
	for (int t = 0; t < 2; t++)
		for (unsigned int i = 0; i < r->object.shards; i++)
			search_map(&s, r->object.shard_fd[t][i]);
	return s;
}

/* ---- traffic ------------------------------------------------------------------------------------------ */
static void canary_talk(struct talk *t, struct rig *r, const char *server, int n)
{
	bool v6 = strchr(server, ':');

	talk_start(t, r, v6 ? CLIENT6 : CLIENT4, server);
	memcpy(t->up.src, v6 ? canary6 : t->up.src, 16);
	if (!v6)
		memcpy(t->up.src + 12, canary4, 4);
	if (n) /* others beside it, with the same port: for the search for the port */
		t->up.src[v6 ? 7 : 14] ^= n;
	memcpy(t->down.dst, t->up.src, 16);
	t->up.sport = t->down.dport = CANARY_PORT;
}

enum from { NEAR, ITSELF, INSIDE, FROM }; /* the first for the canary, whose /24 it is */
static void canary_error(struct talk *t, struct rig *r, enum from from)
{
	struct packet_spec error = { .transport = ICMP_ERROR,
				     .v6 = t->up.v6,
				     .ttl = 60,
				     .quoted = &t->up,
				     .icmp_type = t->up.v6 ? 1 : 3,
				     .icmp_code = 1 };

	memcpy(error.dst, t->up.src, 16);
	memcpy(error.src, t->up.src, 16);
	if (from == INSIDE)
		memcpy(error.src + (error.v6 ? 0 : 12), error.v6 ? inside6 : inside4, error.v6 ? 16 : 4);
	else if (from == NEAR && error.v6)
		memcpy(error.src + 6, near6 + 6, 10);
	else if (from == NEAR)
		error.src[15] = near4[3];
	rig_push(r, &error);
}

/* A question and its answer, with the asker's address in EDNS as resolvers hand it on; of a rule's name and of another. */
static void dns(struct rig *r, const char *server, int n)
{
	static const char *const names[] = { "x.com", "who.asks.example" };
	struct dns_text d;
	struct talk t;

	for (int i = 0; i < 4; i++) {
		struct packet_spec *s = i & 1 ? &t.down : &t.up;

		canary_talk(&t, r, server, n);
		s->transport = UDP;
		*(i & 1 ? &s->sport : &s->dport) = 53;
		dns_begin(&d, CANARY_PORT, i & 1 ? DNS_ANSWER : DNS_QUERY, names[i / 2], DNS_TYPE_A);
		if (i & 1)
			dns_add_address(&d, "104.244.42.1");
		dns_add(&d, 10, DNS_TYPE_OPT, t.up.src, 16);
		s->payload = d.bytes;
		s->len = (__u32)d.n;
		rig_push(r, s);
	}
}

/* One of every kind: stuck at the SYN, stuck at its payload, reset, refused, answered, QUIC, midstream. */
static void traffic(struct rig *r, const char *server, int n)
{
	static const __u8 hello[64] = { 0x16, 3, 1 };
	__u8 initial[1200];
	struct talk t;

	packet_quic_initial(initial, sizeof(initial), 1);
	for (int kind = 0; kind < 8; kind++) {
		canary_talk(&t, r, server, n);
		t.up.below = t.down.below = kind % 2 ? BELOW_PPPOE_QINQ : BELOW_ETHERNET;
		t.up.dport = t.down.sport = 443 + kind;
		if (kind == 7) {
			t.up.dport = t.down.sport = 443;
			t.up.transport = UDP;
			t.up.payload = initial;
			t.up.len = sizeof(initial);
			rig_push(r, &t.up);
			continue;
		}
		if (kind == 6) {
			talk_up(&t, ACK, 5, 5, 10);
			continue;
		}
		talk_syn(&t);
		if (kind == 1)
			canary_error(&t, r, n % FROM);
		if (kind == 2)
			talk_down(&t, RST | ACK, 0, 1, 0);
		if (kind < 3)
			continue;
		talk_synack(&t);
		t.up.payload = hello;
		talk_up(&t, PSH | ACK, 1, 1, sizeof(hello));
		if (kind == 4)
			talk_down(&t, PSH | ACK, 1, 65, 900);
		if (kind == 5)
			talk_up(&t, RST, 65, 0, 0);
	}
}

static void no_map_holds_a_client(void **state)
{
	static const char *const servers[] = { SERVER4, SERVER6, NAT64("104.244.42.1"), "198.35.26.96",
					       "64.233.161.5" };
	char *prefixes[] = { "198.19.0.0/16", "2001:db8:5500::/40" }, error[256];
	struct setting_site site = { .name = "lahore", .prefixes = prefixes, .prefixes_count = 2 };
	const struct settings sites = { .sites = &site, .sites_count = 1 };
	struct rig r;

	(void)state;
	make_patterns();
	rig_open(&r, &(struct rig_size){ .attempts = 4096, .flows = 4096 });
	assert_int_equal(object_sites(&r.object, &sites, error, sizeof(error)), 0);
	for (int n = 0; n < CLIENTS; n++)
		for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++)
			traffic(&r, servers[i], n), dns(&r, servers[i], n);
	assert_true(rig_count(&r, COUNT_OPENED) > CLIENTS * 20);
	assert_true(rig_count(&r, COUNT_DNS_SENT) > CLIENTS * 6);
	for (int i = 0; i < 6; i++) { /* open, told, closed, handed out: at each step */
		struct search s = search_all(&r);

		if (s.hits)
			fail_msg("%llu hits; %s", s.hits, s.first);
		print_message("%llu bytes of %llu maps\n", s.bytes, s.maps);
		assert_true(s.maps >= 12 && s.bytes > 10000000);
		if (i < 3)
			rig_wait(&r, (i + 1) * 4000);
		else
			rig_flush(&r);
	}
	for (size_t i = 0; i < r.n_records; i++) {
		struct search s = { 0 };

		look_through(&s, "a record", &r.records[i], sizeof(r.records[i]));
		assert_int_equal(s.hits, 0);
	}
	rig_close(&r);
}

/* The search itself: what is planted is found, wherever. */
static void a_planted_client_is_found(void **state)
{
	struct rig r;
	struct wire_attempt a = { .state = STATE_OPEN };
	struct wire_flow f = { .state = STATE_OPEN };
	__u64 key;

	(void)state;
	make_patterns();
	rig_open(&r, &(struct rig_size){ .attempts = 64, .flows = 64 });
	assert_int_equal(search_all(&r).hits, 0);
	memcpy(f.server + 4, canary4, 4);
	key = 1;
	assert_int_equal(bpf_map_update_elem(r.object.shard_fd[1][0], &key, &f, BPF_ANY), 0);
	assert_int_equal(search_all(&r).hits, 1);
	bpf_map_delete_elem(r.object.shard_fd[1][0], &key);
	for (key = 0; key < 4; key++) {
		a.client = CANARY_PORT;
		a.isn = (__u32)key * 7777;
		assert_int_equal(bpf_map_update_elem(r.object.shard_fd[0][0], &key, &a, BPF_ANY), 0);
	}
	assert_int_equal(search_all(&r).hits, 1);
	for (key = 0; key < 4; key++)
		bpf_map_delete_elem(r.object.shard_fd[0][0], &key);
	for (int i = 0; i < 16; i++)
		((__u8 *)r.object.skel->bss->lit48)[5000 + i] = canary6[15 - i];
	assert_true(search_all(&r).hits > 0);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_planted_client_is_found),
		cmocka_unit_test(no_map_holds_a_client),
	};

	return cmocka_run_group_tests_name("canary", tests, NULL, NULL);
}
