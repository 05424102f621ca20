// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet costs: ns over an empty TC program, by BPF_PROG_TEST_RUN, in pairs. An empty run and one of ours take
 * turns, so that a machine that slows down slows both; quoted are the median of the differences and their spread.
 * Each case also proves by the counters that the packet went the way that its name says.
 */
#include "frames.h"

#include <errno.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "load/object.h"
#include "xreach.skel.h"

#define PAIRS_MAX 101
#define PAYLOAD	  100
#define FIRST_SEQ 5001 /* of the server, see open_flow() */

/* Addresses of the ranges file beside this one. */
#define X4	 "104.244.42.1"
#define X6	 "2606:1f80:f000::1"
#define NEAR4	 "104.244.48.1" /* the same /16, another /24 */
#define NEAR6	 "2606:1f80:8000::1"
#define CONTROL4 "142.250.1.1"
#define CONTROL6 "2a00:1450::1"
#define OTHER4	 "198.51.100.80"
#define OTHER6	 "2001:db8:ffff::80"
#define CLIENT4	 "203.0.113.10"
#define CLIENT6	 "2001:db8:72::10"

enum shape { SHAPE_TCP, SHAPE_UDP, SHAPE_DNS, SHAPE_EXTENSION, SHAPE_ICMP };
enum way { WAY_UNWATCHED, WAY_DATA, WAY_ACK, WAY_NEW_FLOW };

struct bench_case {
	const char *name;
	enum shape shape;
	enum shell shell;
	const char *client, *server;
	enum way way;
	int limit_ns; /* that was asked for; 0: none was */
};

static const struct bench_case cases[] = {
	{ "IPv4 TCP", SHAPE_TCP, SHELL_NONE, CLIENT4, OTHER4, WAY_UNWATCHED, 3 },
	{ "IPv6 TCP", SHAPE_TCP, SHELL_NONE, CLIENT6, OTHER6, WAY_UNWATCHED, 5 },
	{ "IPv4 UDP", SHAPE_UDP, SHELL_NONE, CLIENT4, OTHER4, WAY_UNWATCHED, 5 },
	{ "IPv6 UDP", SHAPE_UDP, SHELL_NONE, CLIENT6, OTHER6, WAY_UNWATCHED, 6 },
	{ "VLAN tag, IPv4 TCP", SHAPE_TCP, SHELL_TAG, CLIENT4, OTHER4, WAY_UNWATCHED, 7 },
	{ "VLAN tag, IPv6 TCP", SHAPE_TCP, SHELL_TAG, CLIENT6, OTHER6, WAY_UNWATCHED, 7 },
	{ "PPPoE in QinQ, IPv4 TCP", SHAPE_TCP, SHELL_PPPOE_QINQ, CLIENT4, OTHER4, WAY_UNWATCHED, 8 },
	{ "PPPoE in QinQ, IPv6 TCP", SHAPE_TCP, SHELL_PPPOE_QINQ, CLIENT6, OTHER6, WAY_UNWATCHED, 8 },
	{ "ICMP error", SHAPE_ICMP, SHELL_NONE, CLIENT4, OTHER4, WAY_UNWATCHED, 30 },
	{ "ICMPv6 error", SHAPE_ICMP, SHELL_NONE, CLIENT6, OTHER6, WAY_UNWATCHED, 30 },
	{ "IPv6 extension header", SHAPE_EXTENSION, SHELL_NONE, CLIENT6, OTHER6, WAY_UNWATCHED, 30 },
	{ "DNS, another's name, IPv4", SHAPE_DNS, SHELL_NONE, CLIENT4, OTHER4, WAY_UNWATCHED, 0 },
	{ "DNS, another's name, IPv6", SHAPE_DNS, SHELL_NONE, CLIENT6, OTHER6, WAY_UNWATCHED, 0 },
	{ "near miss, IPv4", SHAPE_TCP, SHELL_NONE, CLIENT4, NEAR4, WAY_UNWATCHED, 15 },
	{ "near miss, IPv6", SHAPE_TCP, SHELL_NONE, CLIENT6, NEAR6, WAY_UNWATCHED, 15 },
	{ "control, sampled out, IPv4", SHAPE_TCP, SHELL_NONE, CLIENT4, CONTROL4, WAY_UNWATCHED, 10 },
	{ "control, sampled out, IPv6", SHAPE_TCP, SHELL_NONE, CLIENT6, CONTROL6, WAY_UNWATCHED, 10 },
	{ "watched data, IPv4", SHAPE_TCP, SHELL_NONE, CLIENT4, X4, WAY_DATA, 60 },
	{ "watched data, IPv6", SHAPE_TCP, SHELL_NONE, CLIENT6, X6, WAY_DATA, 60 },
	{ "watched data, VLAN tag", SHAPE_TCP, SHELL_TAG, CLIENT4, X4, WAY_DATA, 0 },
	{ "watched data, PPPoE, QinQ", SHAPE_TCP, SHELL_PPPOE_QINQ, CLIENT4, X4, WAY_DATA, 0 },
	{ "watched ACK, IPv4", SHAPE_TCP, SHELL_NONE, CLIENT4, X4, WAY_ACK, 0 },
	{ "new flow, IPv4", SHAPE_TCP, SHELL_NONE, CLIENT4, X4, WAY_NEW_FLOW, 900 },
	{ "new flow, IPv6", SHAPE_TCP, SHELL_NONE, CLIENT6, X6, WAY_NEW_FLOW, 900 },
};
#define CASES (sizeof(cases) / sizeof(*cases))

struct bench {
	struct settings settings;
	struct object object;
	int empty, ours; /* programs */
	unsigned int pairs, repeat, flows;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static void drop_record(void *arg, const struct wire_record *record)
{
	(void)arg, (void)record;
}

#define INSN(c, d, s, o, i) \
	(struct bpf_insn) \
	{ \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) \
	}

static int load(const char *name, const struct bpf_insn *code, size_t n)
{
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "GPL", code, n, NULL);

	if (fd < 0)
		die(name, strerror(-fd));
	return fd;
}

static int load_empty(void)
{
	const struct bpf_insn code[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, -1),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};

	return load("empty", code, sizeof(code) / sizeof(*code));
}

/* A program that adds `step` to the 32 bits at `offset` of the frame and goes on in `target`, so that each run of a
 * thousand sees a new packet: new data, or a new client. The empty program stands behind one as well. */
static int load_stepper(int target, int offset, int step)
{
	int map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "steps", 4, 4, 1, NULL), fd, zero = 0;
	const struct bpf_insn code[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, offsetof(struct __sk_buff, data), 0),
		INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_3, BPF_REG_1, offsetof(struct __sk_buff, data_end), 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_4, BPF_REG_2, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_4, 0, 0, offset + 4),
		INSN(BPF_JMP | BPF_JGT | BPF_X, BPF_REG_4, BPF_REG_3, 9, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_5, BPF_REG_2, (short)offset, 0),
		INSN(BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_5, 0, 0, 32),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_5, 0, 0, step),
		INSN(BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_5, 0, 0, 32),
		INSN(BPF_STX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_5, (short)offset, 0),
		INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0), /* not reached: 0 is found by run() */
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};

	if (map < 0)
		die("steps", strerror(-map));
	fd = load("stepper", code, sizeof(code) / sizeof(*code));
	if (bpf_map_update_elem(map, &zero, &target, BPF_ANY))
		die("steps", strerror(errno));
	return fd; /* both live as long as the benchmark */
}

static void open_bench(struct bench *b, const char *file)
{
	const struct watch_sink sink = { .record = drop_record };
	const struct object_options options = { .settings = &b->settings };
	struct wire_config nat64 = { 0 };
	struct ranges *ranges;
	char error[512];

	if (settings_default(&b->settings))
		die("settings", "out of memory");
	if (ranges_load(&file, 1, NULL, false, &ranges, error, sizeof(error)) ||
	    object_load(&b->object, &options, &sink, error, sizeof(error)) ||
	    object_nat64(&b->settings, &nat64, error, sizeof(error)) ||
	    object_ranges(&b->object, NULL, ranges, &nat64, error, sizeof(error)))
		die("load", error);
	/* as on a busy edge: nearly all of a control group's flows are left out */
	for (size_t g = 0; g < ranges->n_groups; g++)
		if (ranges->groups[g].role == ROLE_CONTROL)
			object_sample(&b->object, (__u8)g, 1e-7);
	object_sample_apply(&b->object, ranges, &nat64, true);
	ranges_free(ranges);
	b->empty = load_empty();
	b->ours = bpf_program__fd(b->object.skel->progs.xreach_in);
}

static void close_bench(struct bench *b)
{
	object_close(&b->object);
	settings_free(&b->settings);
}

/* ns a run, as the kernel measured it. */
static double run(int prog, const struct frame *f, unsigned int repeat)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = f->bytes, .data_size_in = (__u32)f->len,
		    .repeat = (int)repeat);
	int err = bpf_prog_test_run_opts(prog, &opts);

	if (err)
		die("BPF_PROG_TEST_RUN", strerror(err < 0 ? -err : err));
	if ((int)opts.retval != -1)
		die("BPF_PROG_TEST_RUN", "the program did not return TC_ACT_UNSPEC");
	return opts.duration;
}

static void make_frame(const struct bench_case *c, const struct endpoints *e, struct frame *f)
{
	switch (c->shape) {
	case SHAPE_TCP:
		if (c->way == WAY_NEW_FLOW)
			frame_tcp(f, c->shell, e, 0x02, 1, 0, 0);
		else if (c->way == WAY_ACK)
			frame_tcp(f, c->shell, e, 0x10, 2101, FIRST_SEQ, 0);
		else
			frame_tcp(f, c->shell, e, 0x10, FIRST_SEQ, 2101, PAYLOAD);
		break;
	case SHAPE_UDP:
		frame_udp(f, e, PAYLOAD);
		break;
	case SHAPE_DNS:
		frame_dns(f, e);
		break;
	case SHAPE_EXTENSION:
		frame_extension(f, e);
		break;
	case SHAPE_ICMP:
		frame_icmp_error(f, e);
		break;
	}
}

/* SYN, SYN-ACK, request: from here on server data is what most watched packets are. */
static void open_flow(struct bench *b, struct endpoints e, struct frame *f)
{
	e.down = 0;
	frame_tcp(f, SHELL_NONE, &e, 0x02, 2000, 0, 0);
	run(b->ours, f, 1);
	e.down = 1;
	frame_tcp(f, SHELL_NONE, &e, 0x12, FIRST_SEQ - 1, 2001, 0);
	run(b->ours, f, 1);
	e.down = 0;
	frame_tcp(f, SHELL_NONE, &e, 0x18, 2001, FIRST_SEQ, PAYLOAD);
	run(b->ours, f, 1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static __u64 watched(const struct bench *b)
{
	struct watch_totals t;

	object_totals(&b->object, &t);
	return t.n[COUNT_WATCHED] + t.n[COUNT_OPENED];
}

/* Each run a new packet, where packets that are alike would go another way. */
static void choose_programs(struct bench *b, const struct bench_case *c, const struct endpoints *e, int programs[2])
{
	int targets[2] = { b->empty, b->ours };

	for (int i = 0; i < 2; i++) {
		if (c->way == WAY_DATA)
			programs[i] = load_stepper(targets[i], frame_seq(c->shell, e), PAYLOAD);
		else if (c->way == WAY_ACK)
			programs[i] = load_stepper(targets[i], frame_seq(c->shell, e) + 4, PAYLOAD);
		else if (c->way == WAY_NEW_FLOW)
			programs[i] = load_stepper(targets[i], frame_client(e), 1);
		else
			programs[i] = targets[i];
	}
}

static void sweep_all(struct bench *b)
{
	for (int i = 0; i < 3; i++)
		object_sweep(&b->object, 0, WHY_CAPTURE_END, 0);
}

static void measure_case(struct bench *b, const struct bench_case *c)
{
	unsigned int repeat = c->way == WAY_NEW_FLOW ? b->flows : b->repeat;
	struct endpoints e = { c->client, c->server, 40000, c->shape == SHAPE_DNS ? 53 : 443, c->way == WAY_DATA };
	double diff[PAIRS_MAX];
	__u64 before = watched(b), after, want = 0;
	int programs[2];
	struct frame f;

	if (c->way == WAY_DATA || c->way == WAY_ACK)
		open_flow(b, e, &f);
	make_frame(c, &e, &f);
	choose_programs(b, c, &e, programs);
	for (unsigned int i = 0; i < b->pairs; i++) {
		double base = run(programs[0], &f, repeat);

		if (c->way == WAY_NEW_FLOW) /* other clients than before */
			f.bytes[frame_client(&e)] = (__u8)(1 + i);
		diff[i] = run(programs[1], &f, repeat) - base;
	}
	after = watched(b) - before;
	if (c->way != WAY_UNWATCHED)
		want = (__u64)b->pairs * repeat;
	if (c->way == WAY_UNWATCHED ? after != 0 : after < want)
		die(c->name, "the counters say that this packet went another way");
	qsort(diff, b->pairs, sizeof(*diff), compare);
	printf("| %-26s | %6.0f | %6.0f .. %-6.0f | ", c->name, diff[b->pairs / 2], diff[0], diff[b->pairs - 1]);
	if (c->limit_ns)
		printf("%4d |%s\n", c->limit_ns, diff[b->pairs / 2] > c->limit_ns ? " over" : "");
	else
		printf("     |\n");
	fflush(stdout);
	sweep_all(b);
}

/* What the kernel accounts for one map. */
static __u64 map_bytes(int fd)
{
	char path[64], line[128];
	__u64 bytes = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			break;
	if (f)
		fclose(f);
	return bytes;
}

static void print_memory(const struct bench *b)
{
	__u64 all = 0, tables[2] = { 0, 0 };
	const struct bpf_map *map;

	bpf_object__for_each_map(map, b->object.skel->obj) all += map_bytes(bpf_map__fd(map));
	for (int t = 0; t < 2; t++)
		for (unsigned int i = 0; i < b->object.shards; i++)
			tables[t] += map_bytes(b->object.shard_fd[t][i]);
	printf("\nkernel memory: %.0f MB for %u attempts, %.0f MB for %u flows, %.0f MB for the rest\n",
	       (double)tables[0] / 1e6, b->object.entries[0], (double)tables[1] / 1e6, b->object.entries[1],
	       (double)all / 1e6);
}

int main(int argc, char **argv)
{
	struct bench b = { .pairs = 31, .repeat = 1000000, .flows = 4000 };
	const char *ranges = "tests/bench/bench.ranges";
	struct utsname u;
	int c;

	while ((c = getopt(argc, argv, "p:n:r:")) != -1) {
		if (c == 'p' && atoi(optarg) > 0 && atoi(optarg) <= PAIRS_MAX)
			b.pairs = (unsigned int)atoi(optarg);
		else if (c == 'n' && atoi(optarg) > 0)
			b.repeat = (unsigned int)atoi(optarg);
		else if (c == 'r')
			ranges = optarg;
		else
			die("usage", "bench [-p PAIRS] [-n REPEATS] [-r RANGES] [PART OF A CASE'S NAME...]");
	}
	open_bench(&b, ranges);
	uname(&u);
	printf("ns a packet over an empty TC program; %u pairs of %u runs, kernel %s\n\n", b.pairs, b.repeat,
	       u.release);
	printf("| packet                     | median | least .. most    | goal |\n");
	printf("| -------------------------- | ------ | ---------------- | ---- |\n");
	for (size_t i = 0; i < CASES; i++) {
		int wanted = optind == argc;

		for (int j = optind; j < argc; j++)
			wanted |= !!strstr(cases[i].name, argv[j]);
		if (wanted)
			measure_case(&b, &cases[i]);
	}
	print_memory(&b);
	close_bench(&b);
	return EXIT_SUCCESS;
}
