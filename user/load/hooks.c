// SPDX-License-Identifier: GPL-2.0
/* Socket hooks on the root control group and the drop tracepoint: see hooks.h. */
#include "load/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "wire.h"
#include "xreach.skel.h"

#define CGROUP2_MAGIC 0x63677270 /* linux/magic.h: CGROUP2_SUPER_MAGIC */

int cgroup_root(char *path, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *m;
	int err = -ENOENT;

	while (err && mounts && (m = getmntent(mounts))) {
		struct statfs fs;

		if (strcmp(m->mnt_type, "cgroup2") || statfs(m->mnt_dir, &fs) || fs.f_type != CGROUP2_MAGIC)
			continue; /* the table may name what another mount hides */
		if (strlen(m->mnt_dir) < size) {
			strcpy(path, m->mnt_dir);
			err = 0;
		}
	}
	if (mounts)
		endmntent(mounts);
	return err;
}

static void explain(int err, char *note, size_t size)
{
	if (err == -EPERM)
		snprintf(note, size,
			 "refused: another program holds this group alone; --no-socket-hooks goes without");
	else
		snprintf(note, size, "%s", strerror(-err));
}

int host_hooks_attach(struct xreach_bpf *skel, const char *cgroup, const struct host_missing *missing,
		      struct host_hooks *out)
{
	const struct {
		const char *name;
		struct bpf_program *program;
		bool socket;
	} table[HOST_HOOKS] = {
		{ "connect4", skel->progs.xreach_connect4, true },
		{ "connect6", skel->progs.xreach_connect6, true },
		{ "sendmsg4", skel->progs.xreach_sendmsg4, true },
		{ "sendmsg6", skel->progs.xreach_sendmsg6, true },
		{ "sockops", skel->progs.xreach_sockops, true },
		{ "kfree_skb",
		  bpf_program__autoload(skel->progs.xreach_drop) ? skel->progs.xreach_drop
								 : skel->progs.xreach_dropold,
		  false },
	};
	int fd = *missing->sockets ? -1 : open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int no_group = errno, attached = 0;

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < HOST_HOOKS; i++) {
		struct watch_hook *row = &out->rows[i];
		const char *why = table[i].socket ? missing->sockets : missing->drops;
		struct bpf_link *link = NULL;

		snprintf(row->name, sizeof(row->name), "%s", table[i].name);
		snprintf(row->where, sizeof(row->where), "%.31s",
			 !table[i].socket ? "tracepoint"
			 : *cgroup	  ? cgroup
					  : "cgroup v2");
		snprintf(row->how, sizeof(row->how), "%s", table[i].socket ? "cgroup link" : "tp_btf");
		snprintf(row->note, sizeof(row->note), "%s", why);
		if (*why)
			continue;
		errno = no_group;
		if (!table[i].socket)
			link = bpf_program__attach(table[i].program);
		else if (fd >= 0)
			link = bpf_program__attach_cgroup(table[i].program, fd);
		if (!link) {
			explain(-errno, row->note, sizeof(row->note));
			continue;
		}
		out->links[i] = link;
		row->attached = true;
		attached++;
	}
	if (fd >= 0)
		close(fd);
	return attached;
}

void host_hooks_check(struct host_hooks *hooks)
{
	for (int i = 0; i < HOST_HOOKS; i++) {
		struct watch_hook *row = &hooks->rows[i];
		struct bpf_link_info info = { 0 };
		__u32 len = sizeof(info);

		if (!row->attached || strcmp(row->how, "cgroup link"))
			continue; /* nobody else can detach a tracepoint */
		if (bpf_obj_get_info_by_fd(bpf_link__fd(hooks->links[i]), &info, &len) || info.cgroup.cgroup_id)
			continue;
		row->attached = false;
		snprintf(row->note, sizeof(row->note), "detached by somebody else; start again to have it back");
	}
}

void host_hooks_detach(struct host_hooks *hooks)
{
	for (int i = 0; i < HOST_HOOKS; i++) {
		bpf_link__destroy(hooks->links[i]);
		hooks->links[i] = NULL;
		hooks->rows[i].attached = false;
	}
}
