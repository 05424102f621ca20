/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks that belong to the host and not to an interface: sockets on the root control group, and the drop
 * tracepoint. Each is optional; one that is missing says why.
 */
#ifndef XREACH_HOOKS_H
#define XREACH_HOOKS_H

#include "load/watch.h"

#define HOST_HOOKS 6

struct xreach_bpf;
struct bpf_link;

struct host_hooks {
	struct watch_hook rows[HOST_HOOKS];
	struct bpf_link *links[HOST_HOOKS];
};

/* The mount point of cgroup v2, found by its file system, in hybrid set-ups too. 0 or -ENOENT. */
int cgroup_root(char *path, size_t size);

/* What keeps the programs of the host from being loaded; "" for nothing. */
struct host_missing {
	char sockets[96], drops[96];
};

/* Attach what was loaded. Always fills *out, to be given to host_hooks_detach. Returns how many are attached. */
int host_hooks_attach(struct xreach_bpf *skel, const char *cgroup, const struct host_missing *missing,
		      struct host_hooks *out);
/* Look whether they are still attached; the rows tell. */
void host_hooks_check(struct host_hooks *hooks);
void host_hooks_detach(struct host_hooks *hooks);

#endif
