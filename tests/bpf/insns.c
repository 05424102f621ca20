// SPDX-License-Identifier: GPL-2.0
/* An abstract walk over BPF instructions: see insns.h. */
#include "insns.h"

#include <stdlib.h>
#include <string.h>

enum taint {
	CTX = 1,   /* may point into the context */
	PKT = 2,   /* ... into the packet */
	STACK = 4, /* derived from the function's own frame pointer */
};

#define SLOTS	  64 /* of 8 bytes on the stack */
#define FUNCTIONS 256

struct value {
	unsigned char taint, known; /* known: `constant` holds on every way here */
	long long constant;
};

struct frame {
	bool reached;
	struct value reg[11];
	unsigned char slot[SLOTS]; /* taints of what was spilled */
};

struct function {
	int entry;
	struct frame in; /* joined over its callers */
	unsigned char returns;
};

struct walk {
	const struct bpf_insn *insns;
	int n;
	bool calls;
	struct frame *at; /* before each instruction, of the function being walked */
	int *queue, queued;
	bool *waiting, *stored;
	struct function functions[FUNCTIONS];
	int n_functions;
	bool changed, bad;
	struct insns_found *out;
};

static bool join_value(struct value *a, const struct value *b)
{
	struct value old = *a;

	a->taint |= b->taint;
	if (!b->known || a->constant != b->constant)
		a->known = 0;
	return old.taint != a->taint || old.known != a->known;
}

static bool join(struct frame *a, const struct frame *b)
{
	bool changed = false;

	if (!a->reached) {
		*a = *b;
		a->reached = true;
		return true;
	}
	for (int i = 0; i < 11; i++)
		changed |= join_value(&a->reg[i], &b->reg[i]);
	for (int i = 0; i < SLOTS; i++) {
		changed |= b->slot[i] & ~a->slot[i];
		a->slot[i] |= b->slot[i];
	}
	return changed;
}

static void go(struct walk *w, int to, const struct frame *f)
{
	if (to < 0 || to >= w->n) {
		w->bad = true;
		return;
	}
	if (join(&w->at[to], f) && !w->waiting[to]) {
		w->waiting[to] = true;
		w->queue[w->queued++] = to;
	}
}

static struct function *function_at(struct walk *w, int entry)
{
	for (int i = 0; i < w->n_functions; i++)
		if (w->functions[i].entry == entry)
			return &w->functions[i];
	if (w->n_functions == FUNCTIONS) {
		w->bad = true;
		return &w->functions[0];
	}
	w->changed = true;
	w->functions[w->n_functions].entry = entry;
	return &w->functions[w->n_functions++];
}

/* Arguments of a call; `f` NULL for a callback, which gets nothing of ours but the stack. What a caller has spilled is not
 * looked for through the objects that it hands down: none of them holds a pointer. */
static struct function *enter(struct walk *w, int entry, const struct frame *f)
{
	struct function *to = function_at(w, entry);
	struct frame in = { .reg[10] = { .taint = STACK } };

	for (int i = 1; f && i <= 5; i++) {
		in.reg[i] = f->reg[i];
		in.reg[i].taint &= ~STACK;
	}
	w->changed |= join(&to->in, &in);
	return to;
}

/* ---- memory ------------------------------------------------------------------------------------------ */
static int slot_of(const struct bpf_insn *i, int base)
{
	return base == BPF_REG_10 && i->off < 0 && i->off >= -SLOTS * 8 ? (i->off + SLOTS * 8) / 8 : -1;
}

static void store(struct walk *w, int at, struct frame *f)
{
	const struct bpf_insn *i = &w->insns[at];
	unsigned char base = f->reg[i->dst_reg].taint;
	unsigned char what = BPF_CLASS(i->code) == BPF_STX ? f->reg[i->src_reg].taint & (CTX | PKT) : 0;
	int slot = slot_of(i, i->dst_reg);
	bool spill = slot >= 0 && BPF_SIZE(i->code) == BPF_DW && BPF_MODE(i->code) == BPF_MEM;

	if ((base & (CTX | PKT)) || (what && !spill)) {
		if (!w->stored[at]) {
			w->stored[at] = true;
			w->out->stores_outside++;
			if (w->out->first_store < 0)
				w->out->first_store = at;
		}
	}
	if (spill)
		f->slot[slot] = what;
	else if (slot >= 0)
		f->slot[slot] = 0; /* a part overwritten: no pointer any more */
}

static void load(struct walk *w, int at, struct frame *f)
{
	const struct bpf_insn *i = &w->insns[at];
	unsigned char base = f->reg[i->src_reg].taint, got = 0;
	int slot = slot_of(i, i->src_reg);

	if (base & CTX) {
		/* the packet's ends; other members are numbers */
		if (i->off == offsetof(struct __sk_buff, data) || i->off == offsetof(struct __sk_buff, data_end) ||
		    i->off == offsetof(struct __sk_buff, data_meta) || BPF_SIZE(i->code) == BPF_DW)
			got = PKT;
	} else if (slot >= 0) {
		got = BPF_SIZE(i->code) == BPF_DW ? f->slot[slot] : 0;
	} else if (base & STACK && BPF_SIZE(i->code) == BPF_DW) {
		for (int s = 0; s < SLOTS; s++)
			got |= f->slot[s];
	}
	f->reg[i->dst_reg] = (struct value){ .taint = got };
}

/* ---- the rest ---------------------------------------------------------------------------------------- */
static void arithmetic(const struct bpf_insn *i, struct frame *f)
{
	struct value *d = &f->reg[i->dst_reg];
	const struct value s = BPF_SRC(i->code) == BPF_X ? f->reg[i->src_reg]
							 : (struct value){ .known = 1, .constant = i->imm };
	bool narrow = BPF_CLASS(i->code) == BPF_ALU;

	if (BPF_OP(i->code) == BPF_MOV) {
		*d = s;
		if (narrow) {
			d->constant = (__u32)d->constant;
			d->taint = 0; /* half a pointer is a number */
		}
		return;
	}
	if (BPF_OP(i->code) != BPF_NEG && BPF_OP(i->code) != BPF_END)
		d->taint |= s.taint;
	if (narrow)
		d->taint = 0;
	d->known = 0;
}

static void call(struct walk *w, int at, struct frame *f)
{
	const struct bpf_insn *i = &w->insns[at];
	unsigned char returned = 0;

	if (i->src_reg == BPF_PSEUDO_CALL) {
		if (w->calls) {
			struct function *to = enter(w, at + i->imm + 1, f);

			returned = to->returns;
		}
	} else if (i->src_reg == BPF_PSEUDO_KFUNC_CALL) {
		w->out->kfuncs++;
	} else if (w->calls) {
		if (i->imm < 0 || i->imm >= (int)sizeof(w->out->helpers))
			w->bad = true;
		else
			w->out->helpers[i->imm] = 1;
	}
	memset(f->reg, 0, 6 * sizeof(f->reg[0]));
	f->reg[0].taint = returned;
}

static void leave(struct walk *w, struct function *in, const struct frame *f)
{
	struct insns_found *out = w->out;

	if ((in->returns | f->reg[0].taint) != in->returns) {
		in->returns |= f->reg[0].taint;
		w->changed = true;
	}
	if (in != &w->functions[0])
		return;
	if (!f->reg[0].known || (out->exits && out->value != (int)f->reg[0].constant))
		out->returns_one_value = false;
	out->value = (int)f->reg[0].constant;
	out->exits++;
}

static void jump(struct walk *w, struct function *in, int at, struct frame *f)
{
	const struct bpf_insn *i = &w->insns[at];

	switch (BPF_OP(i->code)) {
	case BPF_EXIT:
		leave(w, in, f);
		return;
	case BPF_CALL:
		call(w, at, f);
		break;
	case BPF_JA:
		go(w, at + 1 + (BPF_CLASS(i->code) == BPF_JMP32 ? i->imm : i->off), f);
		return;
	default:
		go(w, at + 1 + i->off, f);
	}
	go(w, at + 1, f);
}

static void step(struct walk *w, struct function *in, int at)
{
	const struct bpf_insn *i = &w->insns[at];
	struct frame f = w->at[at];

	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		arithmetic(i, &f);
		break;
	case BPF_LD:
		if (i->code != (BPF_LD | BPF_IMM | BPF_DW)) {
			w->bad = true; /* the old packet loads, which nobody uses any more */
			return;
		}
		if (i->src_reg == BPF_PSEUDO_FUNC && w->calls)
			enter(w, at + i->imm + 1, NULL);
		f.reg[i->dst_reg] = (struct value){ 0 };
		go(w, at + 2, &f);
		return;
	case BPF_LDX:
		load(w, at, &f);
		break;
	case BPF_ST:
	case BPF_STX:
		store(w, at, &f);
		if (BPF_CLASS(i->code) == BPF_STX && BPF_MODE(i->code) == BPF_ATOMIC && i->imm & BPF_FETCH)
			f.reg[i->imm == BPF_CMPXCHG ? 0 : i->src_reg] = (struct value){ 0 };
		break;
	default:
		jump(w, in, at, &f);
		return;
	}
	go(w, at + 1, &f);
}

static void walk_function(struct walk *w, struct function *in)
{
	memset(w->at, 0, w->n * sizeof(*w->at));
	if (in == &w->functions[0]) {
		w->out->exits = 0;
		w->out->returns_one_value = true;
	}
	go(w, in->entry, &in->in);
	while (w->queued && !w->bad) {
		int at = w->queue[--w->queued];

		w->waiting[at] = false;
		step(w, in, at);
	}
}

int insns_walk(const struct bpf_insn *insns, size_t n, bool calls, struct insns_found *out)
{
	struct walk *w = calloc(1, sizeof(*w));
	int err;

	memset(out, 0, sizeof(*out));
	out->first_store = -1;
	*w = (struct walk){ .insns = insns, .n = (int)n, .calls = calls, .out = out };
	w->at = calloc(n, sizeof(*w->at));
	w->queue = calloc(n, sizeof(*w->queue));
	w->waiting = calloc(n, sizeof(*w->waiting));
	w->stored = calloc(n, sizeof(*w->stored));
	w->functions[0].in =
		(struct frame){ .reached = true, .reg = { [1] = { .taint = CTX }, [10] = { .taint = STACK } } };
	w->n_functions = 1;
	do { /* until no caller hands anything new to a function, and none returns anything new */
		w->changed = false;
		for (int i = 0; i < w->n_functions && !w->bad; i++)
			walk_function(w, &w->functions[i]);
	} while (w->changed && !w->bad);
	out->functions = w->n_functions;
	err = w->bad || !out->exits ? -1 : 0;
	free(w->at);
	free(w->queue);
	free(w->waiting);
	free(w->stored);
	free(w);
	return err;
}
