// SPDX-License-Identifier: GPL-2.0
/* TC programs onto interfaces and off again: see attach.h. */
#include "load/attach.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "load/attach_note.h"

/* Newer than the headers of the oldest system that builds this: kernel commit e420bed02507 (6.6). */
#define TCX_INGRESS 46
#define TCX_EGRESS  47
#define TCX_BEFORE  (1U << 3) /* in front: a program of others that drops must not make us blind */

#define OURS "xreach_"

/* ---- clsact ------------------------------------------------------------------------------------------ */
static struct bpf_tc_hook hook_of(int index, bool egress)
{
	return (struct bpf_tc_hook){
		.sz = sizeof(struct bpf_tc_hook),
		.ifindex = index,
		.attach_point = egress ? BPF_TC_EGRESS : BPF_TC_INGRESS,
	};
}

/* Who sits under our handle and priority? 1 we, 0 nobody, -EEXIST somebody else. Told by the name of the filter: to
 * look at its program would need CAP_SYS_ADMIN, which the daemon has given up. */
static int filter_owner(struct follow *f, int index, bool egress)
{
	char name[64];

	if (follow_filter(f, index, egress, ATTACH_HANDLE, ATTACH_PRIORITY, name, sizeof(name)) <= 0)
		return 0;
	return strncmp(name, OURS, strlen(OURS)) ? -EEXIST : 1;
}

static int filter_remove(int index, bool egress)
{
	struct bpf_tc_hook hook = hook_of(index, egress);
	LIBBPF_OPTS(bpf_tc_opts, at, .handle = ATTACH_HANDLE, .priority = ATTACH_PRIORITY);

	return bpf_tc_detach(&hook, &at);
}

/* The qdisc goes only if we made it and nobody has put a filter into it since. */
static void qdisc_remove(struct follow *f, int index)
{
	struct bpf_tc_hook hook = hook_of(index, false);

	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	if (follow_has_filters(f, index) == 0)
		bpf_tc_hook_destroy(&hook);
}

static int attach_clsact(struct follow *f, struct attach_note **note, struct attach *out, int prog_fd, char *why,
			 size_t why_size)
{
	struct bpf_tc_hook hook = hook_of(out->index, out->egress);
	LIBBPF_OPTS(bpf_tc_opts, at, .handle = ATTACH_HANDLE, .priority = ATTACH_PRIORITY, .prog_fd = prog_fd);
	int err;

	if (!*note)
		*note = note_new();
	if (!*note)
		return -ENOMEM;
	err = bpf_tc_hook_create(&hook);
	if (err && err != -EEXIST) {
		snprintf(why, why_size, "no clsact qdisc: %s%s", strerror(-err),
			 err == -ENOENT ? " (kernel module sch_ingress?)" : "");
		return err;
	}
	note_add(*note, out->index, !err); /* before the filter: whatever happens, it can be found */
	err = filter_owner(f, out->index, out->egress);
	if (err == 1)
		err = filter_remove(out->index, out->egress);
	if (!err)
		err = bpf_tc_attach(&hook, &at);
	if (err == -EEXIST)
		snprintf(why, why_size, "another filter has priority %d, handle 0x%x", ATTACH_PRIORITY,
			 ATTACH_HANDLE);
	else if (err)
		snprintf(why, why_size, "clsact: %s%s", strerror(-err),
			 out->egress ? " (an ingress qdisc that has no egress side?)" : "");
	else
		out->how = ATTACH_CLSACT;
	return err;
}

/* Nothing of ours is in one direction: the last of the two takes the qdisc with it, and the line in the note. */
static void forget_unused(struct follow *f, struct attach_note *note, int index, bool other_egress)
{
	if (filter_owner(f, index, other_egress) == 1)
		return;
	if (note_created(note, index))
		qdisc_remove(f, index);
	note_remove(note, index);
}

/* ---- both -------------------------------------------------------------------------------------------- */
int attach(struct follow *f, struct attach_note **note, int index, bool egress, int prog_fd, bool clsact_only,
	   struct attach *out, char *why, size_t why_size)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = TCX_BEFORE);
	int fd = -EINVAL, err;

	*out = (struct attach){ .index = index, .egress = egress, .link_fd = -1 };
	if (!clsact_only)
		fd = bpf_link_create(prog_fd, index, (enum bpf_attach_type)(egress ? TCX_EGRESS : TCX_INGRESS),
				     &opts);
	if (fd >= 0) {
		out->link_fd = fd;
		out->how = ATTACH_TCX;
		return 0;
	}
	if (fd != -EINVAL) { /* a kernel without TCX says EINVAL */
		snprintf(why, why_size, "TCX: %s", strerror(-fd));
		return fd;
	}
	err = attach_clsact(f, note, out, prog_fd, why, why_size);
	if (err && *note)
		forget_unused(f, *note, index, !egress);
	return err;
}

bool attach_holds(struct follow *f, const struct attach *at)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);

	if (at->how == ATTACH_CLSACT)
		return filter_owner(f, at->index, at->egress) == 1;
	/* the index lies where XDP has it (union; our headers may be older than TCX), and is 0 once detached */
	return at->how == ATTACH_TCX && !bpf_obj_get_info_by_fd(at->link_fd, &info, &len) && info.xdp.ifindex;
}

void attach_undo(struct follow *f, struct attach_note *note, struct attach *at)
{
	if (at->how == ATTACH_TCX)
		close(at->link_fd);
	if (at->how == ATTACH_CLSACT) {
		if (filter_owner(f, at->index, at->egress) == 1)
			filter_remove(at->index, at->egress);
		forget_unused(f, note, at->index, !at->egress);
	}
	at->how = ATTACH_NONE;
	at->link_fd = -1;
}

void attach_note_close(struct attach_note *note)
{
	if (note)
		note_free(note, note->n > 0);
}

/* ---- what others of us left ---------------------------------------------------------------------------- */
struct leftovers {
	struct follow *f;
	void (*say)(const char *what);
	int living[NOTE_LINKS_MAX]; /* interfaces on which a living process has filters */
	int n_living;
};

static bool clean_link(struct leftovers *l, int index, bool created)
{
	bool found = false;
	char name[IF_NAMESIZE], what[96];

	if (!if_indextoname(index, name)) /* gone, and its filters with it */
		return false;
	for (int egress = 0; egress < 2; egress++)
		if (filter_owner(l->f, index, egress) == 1 && !filter_remove(index, egress))
			found = true;
	if (created)
		qdisc_remove(l->f, index);
	if (found && l->say) {
		snprintf(what, sizeof(what), "%s: filters%s of an xreach that was killed", name,
			 created ? " and qdisc" : "");
		l->say(what);
	}
	return found;
}

static bool clean_note(void *arg, const struct attach_note *note, bool alive)
{
	struct leftovers *l = arg;
	char what[96];

	if (alive && note->n && l->say) {
		snprintf(what, sizeof(what), "process %d is watching; left alone (stop it first)", (int)note->pid);
		l->say(what);
	}
	for (int i = 0; i < note->n; i++) {
		if (!alive)
			clean_link(l, note->links[i].index, note->links[i].created);
		else if (l->n_living < NOTE_LINKS_MAX)
			l->living[l->n_living++] = note->links[i].index;
	}
	return !alive;
}

static bool is_living(const struct leftovers *l, int index)
{
	for (int i = 0; i < l->n_living; i++)
		if (l->living[i] == index)
			return true;
	return false;
}

int attach_leftovers(struct follow *f, bool everywhere, void (*say)(const char *what))
{
	struct leftovers l = { .f = f, .say = say };
	struct if_nameindex *all;
	int err = note_each(clean_note, &l);

	if (err || !everywhere)
		return err ? err : l.n_living;
	all = if_nameindex();
	if (!all)
		return -errno;
	for (struct if_nameindex *i = all; i->if_index; i++)
		if (!is_living(&l, i->if_index))
			clean_link(&l, i->if_index, false);
	if_freenameindex(all);
	return l.n_living;
}
