// SPDX-License-Identifier: GPL-2.0
/* Drop reasons and the prototype of their tracepoint, out of the running kernel's BTF. */
#include "load/btf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#define PREFIX	   "SKB_DROP_REASON_"
#define ARGS_PLAIN 3 /* void *, skb, location */

/*
 * No block: what lies below NOT_SPECIFIED is consumed, not dropped; and an end host's own TCP drops what it has no
 * more use for, such as the very RST that ends a connection. A wrong checksum is another matter.
 */
static bool stops_nobody(const char *name)
{
	return !strcmp(name, "NO_SOCKET") || (!strncmp(name, "TCP_", 4) && strcmp(name, "TCP_CSUM"));
}

static void ignore(struct drop_reasons *out, int reason)
{
	out->ignored[reason / 64] |= 1ull << (reason % 64);
}

/* Names above 254 (subsystems' reasons) are not told apart in a record of one byte. */
static void read_names(const struct btf *btf, const struct btf_type *t, struct drop_reasons *out)
{
	const struct btf_enum *e = btf_enum(t);

	for (int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, e[i].name_off);

		if (!name || strncmp(name, PREFIX, strlen(PREFIX)) || e[i].val < 0 || e[i].val >= BTF_REASONS - 1)
			continue;
		name += strlen(PREFIX);
		if (stops_nobody(name))
			ignore(out, e[i].val);
		for (int below = 0; !strcmp(name, "NOT_SPECIFIED") && below < e[i].val; below++)
			ignore(out, below);
		if (!out->names[e[i].val])
			out->names[e[i].val] = strdup(name);
	}
}

/* Number of arguments of the tracepoint's handler, the leading void * included; 0 when it is not there. */
static int tracepoint_args(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "btf_trace_kfree_skb", BTF_KIND_TYPEDEF);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;

	t = t ? btf__type_by_id(btf, t->type) : NULL; /* pointer to ... */
	t = t && btf_is_ptr(t) ? btf__type_by_id(btf, t->type) : NULL;
	return t && btf_is_func_proto(t) ? btf_vlen(t) : 0;
}

void drop_reasons_read(struct drop_reasons *out)
{
	struct btf *btf;
	int id, args;

	memset(out, 0, sizeof(*out));
	btf = btf__load_vmlinux_btf();
	if (!btf) {
		snprintf(out->note, sizeof(out->note),
			 "no kernel BTF (CONFIG_DEBUG_INFO_BTF): drop reasons cannot be read");
		return;
	}
	args = tracepoint_args(btf);
	id = btf__find_by_name_kind(btf, "skb_drop_reason", BTF_KIND_ENUM);
	if (id > 0)
		read_names(btf, btf__type_by_id(btf, id), out);
	if (args >= ARGS_PLAIN)
		out->variant = args > ARGS_PLAIN && id > 0 ? DROP_REASON : DROP_PLAIN;
	else
		snprintf(out->note, sizeof(out->note), "this kernel has no tracepoint kfree_skb that xreach knows");
	btf__free(btf);
}

void drop_reasons_free(struct drop_reasons *reasons)
{
	for (int i = 0; i < BTF_REASONS; i++)
		free(reasons->names[i]);
	memset(reasons, 0, sizeof(*reasons));
}
