/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a BPF program can do, proved from its instructions: an abstract walk over every path that keeps, for each register
 * and each spilled one, whether it may point into the context or the packet, and its value where that is constant.
 */
#ifndef XREACH_TEST_INSNS_H
#define XREACH_TEST_INSNS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>

struct insns_found {
	bool returns_one_value; /* each exit of the main function returns `value` */
	int value;
	unsigned int exits, functions;
	unsigned int stores_outside; /* through a pointer into the context or the packet, or of such a pointer */
	int first_store;	     /* the instruction; -1 for none */
	unsigned int kfuncs;
	unsigned char helpers[512]; /* by id: called at all */
};

/* `calls`: instructions as given to the kernel, whose calls are followed; else as the kernel translated them, of which
 * the main function alone is walked and only its exits are looked at. 0, or -1 for what is not understood. */
int insns_walk(const struct bpf_insn *insns, size_t n, bool calls, struct insns_found *out);

#endif
