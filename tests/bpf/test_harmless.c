// SPDX-License-Identifier: GPL-2.0
/*
 * "It never touches traffic": proved for every program of the object from its instructions. The proof itself is tried
 * on programs that do touch it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "insns.h"
#include "rig.h"

#define UNSPEC (-1) /* TC_ACT_UNSPEC, TCX_NEXT */
#define ANY    99

/* None of these writes to a packet, sends, redirects, resizes or drops one. */
static const int allowed[] = {
	BPF_FUNC_map_lookup_elem,	BPF_FUNC_map_update_elem, BPF_FUNC_map_delete_elem,
	BPF_FUNC_for_each_map_elem,	BPF_FUNC_ktime_get_ns,	  BPF_FUNC_jiffies64,
	BPF_FUNC_ringbuf_reserve,	BPF_FUNC_ringbuf_submit,  BPF_FUNC_ringbuf_discard,
	BPF_FUNC_ringbuf_output,	BPF_FUNC_skb_load_bytes,  BPF_FUNC_get_netns_cookie,
	BPF_FUNC_probe_read_kernel,	/* of the skb that the drop tracepoint shows */
	BPF_FUNC_sock_ops_cb_flags_set, /* asks to be told of a socket's state */
};

static bool is_allowed(int helper)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		if (allowed[i] == helper)
			return true;
	return false;
}

/* NULL when harmless, else what is wrong. */
static const char *verdict_of(const struct bpf_insn *insns, size_t n, int fd, int wanted)
{
	static char text[128];
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	struct insns_found found, loaded;
	struct bpf_insn *xlated;
	int err;

	if (insns_walk(insns, n, true, &found))
		return "not understood";
	if (bpf_obj_get_info_by_fd(fd, &info, &size) || !info.xlated_prog_len)
		return "the kernel does not show what it loaded";
	xlated = malloc(info.xlated_prog_len);
	size = info.xlated_prog_len;
	info = (struct bpf_prog_info){ .xlated_prog_len = size, .xlated_prog_insns = (__u64)(unsigned long)xlated };
	size = sizeof(info);
	err = bpf_obj_get_info_by_fd(fd, &info, &size);
	if (!err)
		err = insns_walk(xlated, info.xlated_prog_len / sizeof(*xlated), false, &loaded);
	free(xlated);
	if (err)
		return "what the kernel loaded is not understood";
	if (wanted != ANY && found.stores_outside) { /* the sweep answers in its context, which is ours */
		snprintf(text, sizeof(text), "%u stores into context or packet, first at %d", found.stores_outside,
			 found.first_store);
		return text;
	}
	if (wanted != ANY && (!found.returns_one_value || found.value != wanted))
		return "returns something else";
	if (wanted != ANY && (!loaded.returns_one_value || loaded.value != wanted))
		return "returns something else, as loaded";
	if (found.kfuncs || loaded.kfuncs)
		return "calls kernel functions";
	for (int h = 0; h < (int)sizeof(found.helpers); h++) {
		if (found.helpers[h] && !is_allowed(h)) {
			snprintf(text, sizeof(text), "calls helper %d", h);
			return text;
		}
	}
	return NULL;
}

/* ---- our programs ------------------------------------------------------------------------------------- */
static int wanted_of(const struct bpf_program *p)
{
	switch (bpf_program__type(p)) {
	case BPF_PROG_TYPE_SCHED_CLS:
		return UNSPEC;
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
	case BPF_PROG_TYPE_SOCK_OPS:
		return 1;
	case BPF_PROG_TYPE_TRACING:
		return 0;
	default:
		return ANY; /* the sweep is called by ourselves and sees no packet */
	}
}

static const struct variant {
	bool replay;
	enum drop_variant drops;
	unsigned int programs;
} variants[] = {
	{ false, DROP_REASON, 4 + 5 + 1 + 2 }, /* TC, sockets, the drop tracepoint; sweep and wipe */
	{ false, DROP_PLAIN, 4 + 5 + 1 + 2 },
	{ true, DROP_NONE, 4 + 2 },
};

static void check_programs(const struct object *o, unsigned int wanted)
{
	struct bpf_program *p;
	unsigned int seen = 0;

	bpf_object__for_each_program(p, o->skel->obj)
	{
		struct bpf_prog_info info = { 0 };
		__u32 size = sizeof(info);
		const char *wrong;

		if (bpf_program__fd(p) < 0)
			continue;
		wrong = verdict_of(bpf_program__insns(p), bpf_program__insn_cnt(p), bpf_program__fd(p),
				   wanted_of(p));
		assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &size), 0);
		print_message("%-16s %5zu instructions, %7u verified%s%s\n", bpf_program__name(p),
			      bpf_program__insn_cnt(p), info.verified_insns, wrong ? ": " : "", wrong ? wrong : "");
		assert_null(wrong);
		seen++;
	}
	assert_int_equal(seen, wanted);
}

static void every_program_is_harmless(void **state)
{
	const struct watch_sink sink = { 0 };
	struct settings settings;

	(void)state;
	assert_int_equal(settings_default(&settings), 0);
	settings.attempts_max = settings.flows_max = 64;
	for (size_t i = 0; i < sizeof(variants) / sizeof(*variants); i++) {
		const struct object_options options = { .settings = &settings,
							.replay = variants[i].replay,
							.sockets = !variants[i].replay,
							.drops = variants[i].drops };
		struct object o;
		char error[256] = "";

		if (object_load(&o, &options, &sink, error, sizeof(error)))
			fail_msg("%s", error);
		check_programs(&o, variants[i].programs);
		object_close(&o);
	}
	settings_free(&settings);
}

/* ---- the proof, tried on others ----------------------------------------------------------------------- */
#define MOV32(r, v) \
	{ \
		.code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = (r), .imm = (v) \
	}
#define MOV(r, s) \
	{ \
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (r), .src_reg = (s) \
	}
#define ADD(r, v) \
	{ \
		.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (r), .imm = (v) \
	}
#define LOAD(size, r, s, o) \
	{ \
		.code = BPF_LDX | BPF_MEM | (size), .dst_reg = (r), .src_reg = (s), .off = (o) \
	}
#define STORE(size, r, o, s) \
	{ \
		.code = BPF_STX | BPF_MEM | (size), .dst_reg = (r), .src_reg = (s), .off = (o) \
	}
#define JUMP(op, r, s, o) \
	{ \
		.code = BPF_JMP | (op) | BPF_X, .dst_reg = (r), .src_reg = (s), .off = (o) \
	}
#define JUMP_K(op, r, v, o) \
	{ \
		.code = BPF_JMP | (op) | BPF_K, .dst_reg = (r), .imm = (v), .off = (o) \
	}
#define HELPER(id) \
	{ \
		.code = BPF_JMP | BPF_CALL, .imm = (id) \
	}
#define CALL(o) \
	{ \
		.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = (o) \
	}
#define EXIT \
	{ \
		.code = BPF_JMP | BPF_EXIT \
	}
#define SKB(member) offsetof(struct __sk_buff, member)

static const struct planted {
	const char *what;
	const char *wrong; /* how it begins; NULL: it is harmless */
	size_t n;
	struct bpf_insn insns[16];
} planted[] = {
	{ "does nothing", NULL, 2, { MOV32(0, -1), EXIT } },
	{ "returns TC_ACT_OK", "returns something else", 2, { MOV32(0, 0), EXIT } },
	{ "drops on one path",
	  "returns something else",
	  6,
	  { LOAD(BPF_W, 2, 1, SKB(len)), JUMP_K(BPF_JGT, 2, 1000, 2), MOV32(0, -1), EXIT, MOV32(0, 2), EXIT } },
	{ "returns a length", "returns something else", 2, { LOAD(BPF_W, 0, 1, SKB(len)), EXIT } },
	{ "returns what a function of its own returns",
	  "returns something else",
	  4,
	  { CALL(1), EXIT, MOV32(0, -1), EXIT } },
	{ "sets the mark", "1 stores", 4, { MOV32(2, 7), STORE(BPF_W, 1, SKB(mark), 2), MOV32(0, -1), EXIT } },
	{ "writes to the packet",
	  "1 stores",
	  9,
	  { LOAD(BPF_W, 2, 1, SKB(data)), LOAD(BPF_W, 3, 1, SKB(data_end)), MOV(4, 2), ADD(4, 14),
	    JUMP(BPF_JGT, 4, 3, 2), MOV32(5, 0), STORE(BPF_B, 2, 0, 5), MOV32(0, -1), EXIT } },
	{ "sets the mark through a spilled pointer",
	  "1 stores",
	  6,
	  { STORE(BPF_DW, 10, -8, 1), LOAD(BPF_DW, 6, 10, -8), MOV32(2, 7), STORE(BPF_W, 6, SKB(mark), 2),
	    MOV32(0, -1), EXIT } },
	{ "sets the mark in a function of its own",
	  "1 stores",
	  7,
	  { CALL(2), MOV32(0, -1), EXIT, MOV32(2, 7), STORE(BPF_W, 1, SKB(mark), 2), MOV32(0, 0), EXIT } },
	{ "redirects",
	  "calls helper 13",
	  6,
	  { MOV32(2, 1), MOV32(3, 0), HELPER(BPF_FUNC_clone_redirect), MOV32(0, -1), EXIT, EXIT } },
	{ "stores bytes by a helper",
	  "calls helper 9",
	  9,
	  { MOV32(2, 0), STORE(BPF_DW, 10, -8, 2), MOV(3, 10), ADD(3, -8), MOV32(4, 1), MOV32(5, 0),
	    HELPER(BPF_FUNC_skb_store_bytes), MOV32(0, -1), EXIT } },
	{ "pulls data", "calls helper 39", 4, { MOV32(2, 0), HELPER(BPF_FUNC_skb_pull_data), MOV32(0, -1), EXIT } },
	{ "keeps a number on its stack",
	  NULL,
	  6,
	  { LOAD(BPF_W, 2, 1, SKB(len)), STORE(BPF_DW, 10, -8, 2), LOAD(BPF_DW, 3, 10, -8), MOV(4, 3), MOV32(0, -1),
	    EXIT } },
};

static void what_is_not_harmless_is_found_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(planted) / sizeof(*planted); i++) {
		const struct planted *p = &planted[i];
		size_t n = p->n;
		const char *wrong;
		int fd;

		if (p->insns[n - 1].code == (BPF_JMP | BPF_EXIT) && p->insns[n - 2].code == (BPF_JMP | BPF_EXIT))
			n--;
		/* the kernel takes each: it is our rule that they break, not its */
		fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "planted", "GPL", p->insns, n, NULL);
		if (fd < 0)
			fail_msg("%s: the kernel refuses it: %s", p->what, strerror(errno));
		wrong = verdict_of(p->insns, n, fd, UNSPEC);
		close(fd);
		print_message("%s: %s\n", p->what, wrong ? wrong : "harmless");
		if (!p->wrong) {
			assert_null(wrong);
			continue;
		}
		assert_non_null(wrong);
		assert_int_equal(strncmp(wrong, p->wrong, strlen(p->wrong)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_program_is_harmless),
		cmocka_unit_test(what_is_not_harmless_is_found_out),
	};

	return cmocka_run_group_tests_name("harmless", tests, NULL, NULL);
}
