// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet costs: ns over an empty TC program, by BPF_PROG_TEST_RUN, in pairs. An empty run and one of ours take
 * turns, so that a machine that slows down slows both; quoted are the median of the differences and their spread.
 * Each case also proves by the counters that the packet went the way that its name says.
 */
#include "frames.h"

#include <arpa/inet.h>
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

enum shape { SHAPE_TCP, SHAPE_UDP, SHAPE_EXTENSION, SHAPE_ICMP };
enum way { WAY_UNWATCHED, WAY_DATA, WAY_NEW_FLOW };

struct bench_case {
	const char *name;
	enum shape shape;
	enum shell shell;
	const char *client, *server;
	enum way way;
	int limit_ns; /* of the issue that asked for it */
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
	{ "near miss, IPv4", SHAPE_TCP, SHELL_NONE, CLIENT4, NEAR4, WAY_UNWATCHED, 15 },
	{ "near miss, IPv6", SHAPE_TCP, SHELL_NONE, CLIENT6, NEAR6, WAY_UNWATCHED, 15 },
	{ "control, sampled out, IPv4", SHAPE_TCP, SHELL_NONE, CLIENT4, CONTROL4, WAY_UNWATCHED, 10 },
	{ "control, sampled out, IPv6", SHAPE_TCP, SHELL_NONE, CLIENT6, CONTROL6, WAY_UNWATCHED, 10 },
	{ "watched data, IPv4", SHAPE_TCP, SHELL_NONE, CLIENT4, X4, WAY_DATA, 60 },
	{ "watched data, IPv6", SHAPE_TCP, SHELL_NONE, CLIENT6, X6, WAY_DATA, 60 },
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

static int load_empty(void)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "empty", "GPL", code, 2, NULL);

	if (fd < 0)
		die("the empty program", strerror(-fd));
	return fd;
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
		frame_tcp(f, c->shell, e, 0x10, 2001, 5001, 100);
		break;
	case SHAPE_UDP:
		frame_udp(f, e, 100);
		break;
	case SHAPE_EXTENSION:
		frame_extension(f, e);
		break;
	case SHAPE_ICMP:
		frame_icmp_error(f, e);
		break;
	}
}

/* SYN, SYN-ACK, ACK with the request, answer: from here on server data is what most watched packets are. */
static void open_flow(struct bench *b, struct endpoints e, struct frame *f)
{
	e.down = 0;
	frame_tcp(f, SHELL_NONE, &e, 0x02, 2000, 0, 0);
	run(b->ours, f, 1);
	e.down = 1;
	frame_tcp(f, SHELL_NONE, &e, 0x12, 5000, 2001, 0);
	run(b->ours, f, 1);
	e.down = 0;
	frame_tcp(f, SHELL_NONE, &e, 0x18, 2001, 5001, 100);
	run(b->ours, f, 1);
	e.down = 1;
	frame_tcp(f, SHELL_NONE, &e, 0x10, 5001, 2101, 100);
	run(b->ours, f, 1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* One SYN a run: the port makes each a new flow. Both programs get the same frames, one run at a time. */
static double new_flow_difference(struct bench *b, const struct bench_case *c, unsigned int pair)
{
	struct endpoints e = { c->client, c->server, 1024, 443, 0 };
	double sum[2] = { 0, 0 };
	struct frame f;
	size_t at;

	frame_tcp(&f, SHELL_NONE, &e, 0x02, 1, 0, 0);
	at = frame_client_port(&e);
	for (unsigned int i = 0; i < b->flows; i++) {
		__u16 port = htons((__u16)(1024 + i));

		memcpy(f.bytes + at, &port, sizeof(port));
		f.bytes[at - 1] = (__u8)pair; /* another client each time */
		sum[0] += run(b->empty, &f, 1);
		sum[1] += run(b->ours, &f, 1);
	}
	return (sum[1] - sum[0]) / b->flows;
}

static __u64 watched(const struct bench *b)
{
	struct watch_totals t;

	object_totals(&b->object, &t);
	return t.n[COUNT_WATCHED] + t.n[COUNT_OPENED];
}

static void measure_case(struct bench *b, const struct bench_case *c)
{
	struct endpoints e = { c->client, c->server, 40000, 443, c->way == WAY_DATA };
	double diff[PAIRS_MAX], base[PAIRS_MAX];
	__u64 before = watched(b), after, want;
	unsigned int i;
	struct frame f;

	if (c->way == WAY_DATA)
		open_flow(b, e, &f);
	make_frame(c, &e, &f);
	for (i = 0; i < b->pairs; i++) {
		if (c->way == WAY_NEW_FLOW) {
			base[i] = 0;
			diff[i] = new_flow_difference(b, c, i);
			continue;
		}
		base[i] = run(b->empty, &f, b->repeat);
		diff[i] = run(b->ours, &f, b->repeat) - base[i];
	}
	after = watched(b) - before;
	want = c->way == WAY_NEW_FLOW ? (__u64)b->pairs * b->flows
	       : c->way == WAY_DATA   ? (__u64)b->pairs * b->repeat
				      : 0;
	if (c->way == WAY_UNWATCHED ? after != 0 : after < want)
		die(c->name, "the counters say that this packet went another way");
	qsort(diff, b->pairs, sizeof(*diff), compare);
	printf("| %-26s | %6.1f | %6.1f .. %-6.1f | %4d |%s\n", c->name, diff[b->pairs / 2], diff[0],
	       diff[b->pairs - 1], c->limit_ns, diff[b->pairs / 2] > c->limit_ns ? " over" : "");
	fflush(stdout);
	object_sweep(&b->object, 0, WHY_CAPTURE_END, 0);
	object_sweep(&b->object, 0, WHY_CAPTURE_END, 0);
	object_sweep(&b->object, 0, WHY_CAPTURE_END, 0);
}

int main(int argc, char **argv)
{
	struct bench b = { .pairs = 15, .repeat = 1000000, .flows = 2000 };
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
	close_bench(&b);
	return EXIT_SUCCESS;
}
