// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody else's TC program: counts the packets of one interface and direction and lets them go on. By TCX, in
 * front of all others or behind them, or as a filter of the clsact qdisc. While it runs its count is in FILE, or
 * "gone" when it was taken off.
 *
 *	foreign INTERFACE ingress|egress before|after|PRIORITY[:HANDLE] FILE
 */
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

/* newer than the headers of the oldest system that builds this */
#define TCX_INGRESS 46
#define TCX_EGRESS  47
#define TCX_BEFORE  (1U << 3)
#define TCX_AFTER   (1U << 4)

#define INSN(c, d, s, o, i) \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = sig;
}

/* count[0]++; return TCX_NEXT; */
static int load(int map)
{
	const struct bpf_insn program[] = {
		INSN(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 1),
		INSN(BPF_STX | BPF_ATOMIC | BPF_DW, 0, 1, 0, BPF_ADD),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, -1),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "foreign", "GPL", program,
			     sizeof(program) / sizeof(program[0]), NULL);
}

struct place {
	int index;
	bool egress;
	int link; /* TCX; -1: a filter */
	__u32 priority, handle;
};

static struct bpf_tc_hook hook_of(const struct place *p)
{
	return (struct bpf_tc_hook){ .sz = sizeof(struct bpf_tc_hook),
				     .ifindex = p->index,
				     .attach_point = p->egress ? BPF_TC_EGRESS : BPF_TC_INGRESS };
}

static int attach_filter(struct place *p, const char *where, int program)
{
	struct bpf_tc_hook hook = hook_of(p);
	LIBBPF_OPTS(bpf_tc_opts, at, .prog_fd = program);
	int err;

	if (sscanf(where, "%u:%x", &p->priority, &p->handle) < 1)
		return -EINVAL;
	if (!p->handle)
		p->handle = 1;
	at.priority = p->priority;
	at.handle = p->handle;
	err = bpf_tc_hook_create(&hook);
	if (err && err != -EEXIST)
		return err;
	return bpf_tc_attach(&hook, &at);
}

static int attach_tcx(struct place *p, const char *where, int program)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = strcmp(where, "before") ? TCX_AFTER : TCX_BEFORE);

	p->link = bpf_link_create(program, p->index, p->egress ? TCX_EGRESS : TCX_INGRESS, &opts);
	return p->link < 0 ? p->link : 0;
}

static bool is_there(const struct place *p)
{
	struct bpf_tc_hook hook = hook_of(p);
	LIBBPF_OPTS(bpf_tc_opts, at, .priority = p->priority, .handle = p->handle);
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);

	if (p->link < 0)
		return !bpf_tc_query(&hook, &at);
	/* the index lies where XDP has it, and is 0 once detached */
	return !bpf_obj_get_info_by_fd(p->link, &info, &len) && info.xdp.ifindex;
}

static bool tell(const char *path, int map, const struct place *p)
{
	uint64_t count = 0;
	char tmp[512];
	__u32 key = 0;
	FILE *f;

	bpf_map_lookup_elem(map, &key, &count);
	snprintf(tmp, sizeof(tmp), "%s.tmp", path);
	f = fopen(tmp, "we");
	if (!f)
		return false;
	if (is_there(p))
		fprintf(f, "%llu\n", (unsigned long long)count);
	else
		fprintf(f, "gone\n");
	return !fclose(f) && !rename(tmp, path);
}

int main(int argc, char **argv)
{
	struct place p = { .link = -1 };
	int map, program, err;

	if (argc != 5) {
		fprintf(stderr, "usage: foreign INTERFACE ingress|egress before|after|PRIORITY[:HANDLE] FILE\n");
		return 2;
	}
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	p.index = if_nametoindex(argv[1]);
	p.egress = !strcmp(argv[2], "egress");
	map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "foreign_count", sizeof(__u32), sizeof(uint64_t), 1, NULL);
	program = load(map);
	if (argv[3][0] >= '0' && argv[3][0] <= '9')
		err = attach_filter(&p, argv[3], program);
	else
		err = attach_tcx(&p, argv[3], program);
	if (err) {
		fprintf(stderr, "foreign: map %d, program %d: %s\n", map, program, strerror(-err));
		return 1;
	}
	while (!stop && tell(argv[4], map, &p))
		usleep(100000);
	if (p.link < 0 && is_there(&p)) {
		struct bpf_tc_hook hook = hook_of(&p);
		LIBBPF_OPTS(bpf_tc_opts, at, .priority = p.priority, .handle = p.handle);

		bpf_tc_detach(&hook, &at);
	}
	return 0;
}
