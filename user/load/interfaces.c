// SPDX-License-Identifier: GPL-2.0
/* Wanted and watched interfaces, kept together: see interfaces.h. */
#include "load/interfaces.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "load/attach.h"
#include "wire.h"
#include "xreach.skel.h"

#define INTERFACES_MAX 256
#ifndef ARPHRD_IP6GRE
#define ARPHRD_IP6GRE 823 /* not in every C library's header */
#endif

struct watched {
	struct follow_link link;
	struct attach at[2]; /* in, out */
	char note[2][96];
	__u64 packets_before; /* counted before we came */
};

struct interfaces {
	const struct settings *settings;
	struct xreach_bpf *skel;
	struct follow *follow;
	struct attach_note *note;
	bool clsact_only;
	struct watched watched[INTERFACES_MAX];
	size_t n;
	__u64 packets_gone; /* of interfaces that are no more */
};

/* ---- which ones ---------------------------------------------------------------------------------------- */
static bool is_watched_role(const struct settings *s, const struct setting_interface *i)
{
	return !i->role || !strcmp(i->role, s->watch_role);
}

static struct watched *find_watched(const struct interfaces *in, int index)
{
	for (size_t i = 0; i < in->n; i++)
		if (in->watched[i].link.index == index)
			return (struct watched *)&in->watched[i];
	return NULL;
}

/* ---- programs -------------------------------------------------------------------------------------------- */
/* The program for a direction, by what stands before the IP header there; NULL for what cannot be read. */
static const struct bpf_program *program_for(const struct xreach_bpf *skel, unsigned short type, bool egress)
{
	switch (type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		return egress ? skel->progs.xreach_out : skel->progs.xreach_in;
	case ARPHRD_NONE: /* tun, WireGuard */
	case ARPHRD_PPP:
	case ARPHRD_RAWIP: /* modems */
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
		return egress ? skel->progs.xreach_out_ip : skel->progs.xreach_in_ip;
	default:
		return NULL;
	}
}

static void attach_missing(struct interfaces *in, struct watched *w)
{
	for (int egress = 0; egress < 2; egress++) {
		const struct bpf_program *program = program_for(in->skel, w->link.type, egress);

		if (w->at[egress].how != ATTACH_NONE)
			continue;
		w->note[egress][0] = '\0';
		if (program)
			attach(in->follow, &in->note, w->link.index, egress, bpf_program__fd(program),
			       in->clsact_only, &w->at[egress], w->note[egress], sizeof(w->note[egress]));
		else
			snprintf(w->note[egress], sizeof(w->note[egress]), "interfaces of type %u cannot be read",
				 w->link.type);
	}
}

static void add(struct interfaces *in, const struct follow_link *link)
{
	struct watched *w;

	if (find_watched(in, link->index) || in->n == INTERFACES_MAX)
		return;
	w = &in->watched[in->n++];
	memset(w, 0, sizeof(*w));
	w->link = *link;
	w->packets_before = link->packets;
}

static void drop(struct interfaces *in, struct watched *w)
{
	in->packets_gone += w->link.packets - w->packets_before;
	for (int egress = 0; egress < 2; egress++)
		attach_undo(in->follow, in->note, &w->at[egress]);
	*w = in->watched[--in->n];
}

/* As it is now. A driver may begin to count anew: then the sum goes on from what it had. */
static void update(struct interfaces *in, struct watched *w, const struct follow_link *now)
{
	if (now->packets < w->link.packets) {
		in->packets_gone += w->link.packets - w->packets_before;
		w->packets_before = 0;
	}
	w->link = *now;
}

/* What somebody else took off is put on again by attach_missing(). */
static void check(struct interfaces *in, struct watched *w)
{
	for (int egress = 0; egress < 2; egress++)
		if (w->at[egress].how != ATTACH_NONE && !attach_holds(in->follow, &w->at[egress]))
			attach_undo(in->follow, in->note, &w->at[egress]);
}

/* Names and counters as they are now; what has vanished is let go of. */
static void refresh(struct interfaces *in)
{
	for (size_t i = in->n; i-- > 0;) {
		struct watched *w = &in->watched[i];
		struct follow_link now;

		int err = follow_link(in->follow, w->link.index, NULL, &now);

		if (err == -ENODEV)
			drop(in, w);
		if (err) /* not told: as it was */
			continue;
		update(in, w, &now);
		check(in, w);
	}
}

/* What is named, or what carries a default route. An interface that was once watched stays so while it exists:
 * a default route that flaps, or a new name, is no reason to lose our place. */
static int add_wanted(struct interfaces *in)
{
	const struct settings *s = in->settings;
	int indices[INTERFACES_MAX], n;
	struct follow_link link;

	for (unsigned int i = 0; i < s->interfaces_count; i++)
		if (is_watched_role(s, &s->interfaces[i]) &&
		    !follow_link(in->follow, 0, s->interfaces[i].name, &link))
			add(in, &link);
	if (s->interfaces_count)
		return 0;
	n = follow_default_routes(in->follow, indices, INTERFACES_MAX);
	for (int i = 0; i < n; i++)
		if (!follow_link(in->follow, indices[i], NULL, &link))
			add(in, &link);
	return n < 0 ? n : 0;
}

int interfaces_reconcile(struct interfaces *in)
{
	int err;

	refresh(in);
	err = add_wanted(in);
	for (size_t i = 0; i < in->n; i++)
		attach_missing(in, &in->watched[i]);
	return err;
}

/* ---- opening and closing ------------------------------------------------------------------------------ */
static int check_names(struct interfaces *in, char *error, size_t error_size)
{
	const struct settings *s = in->settings;
	struct if_nameindex *all;
	struct follow_link link;
	int len;

	if (!s->interfaces_count)
		return 0;
	for (unsigned int i = 0; i < s->interfaces_count; i++)
		if (is_watched_role(s, &s->interfaces[i]) &&
		    !follow_link(in->follow, 0, s->interfaces[i].name, &link))
			return 0;
	len = snprintf(error, error_size, "no interface %s here%s; there are:", s->interfaces[0].name,
		       is_watched_role(s, &s->interfaces[0]) ? "" : " with the role that is watched");
	all = if_nameindex();
	for (struct if_nameindex *i = all; i && i->if_index && len > 0 && (size_t)len < error_size; i++)
		len += snprintf(error + len, error_size - len, " %s", i->if_name);
	if_freenameindex(all);
	return -ENODEV;
}

int interfaces_open(const struct settings *settings, struct xreach_bpf *skel, struct interfaces **out, char *error,
		    size_t error_size)
{
	const char *how = getenv("XREACH_TC");
	struct interfaces *in = calloc(1, sizeof(*in));
	int err = in ? 0 : -ENOMEM;

	if (!err) {
		in->settings = settings;
		in->skel = skel;
		in->clsact_only = how && !strcmp(how, "clsact");
		err = follow_open(!settings->interfaces_count, &in->follow);
	}
	if (err) {
		snprintf(error, error_size, "cannot follow interfaces: %s", strerror(-err));
	} else {
		attach_leftovers(in->follow, false, NULL);
		err = check_names(in, error, error_size);
	}
	if (err) {
		interfaces_close(in);
		return err;
	}
	*out = in;
	return 0;
}

void interfaces_close(struct interfaces *in)
{
	if (!in)
		return;
	while (in->n)
		drop(in, &in->watched[in->n - 1]);
	attach_note_close(in->note);
	follow_close(in->follow);
	free(in);
}

int interfaces_fd(const struct interfaces *in)
{
	return follow_fd(in->follow);
}

bool interfaces_changed(struct interfaces *in)
{
	return follow_changed(in->follow);
}

/* ---- telling of it -------------------------------------------------------------------------------------- */
/* The records hold a hook in eight bits: two that share a number pass for one. */
static const char *same_number(const struct interfaces *in, const struct watched *w, bool egress)
{
	__u8 number = wire_hook(w->link.index, egress);

	for (size_t i = 0; i < in->n; i++) {
		const struct watched *other = &in->watched[i];

		if (other != w &&
		    (wire_hook(other->link.index, 0) == number || wire_hook(other->link.index, 1) == number))
			return other->link.name;
	}
	return NULL;
}

static void fill_row(const struct interfaces *in, const struct watched *w, bool egress, struct watch_hook *row)
{
	static const char *const how[] = { "", "tcx", "clsact" };
	const char *twin = same_number(in, w, egress);

	memset(row, 0, sizeof(*row));
	snprintf(row->name, sizeof(row->name), "tc/%s", egress ? "egress" : "ingress");
	snprintf(row->where, sizeof(row->where), "%s", w->link.name);
	snprintf(row->how, sizeof(row->how), "%s", how[w->at[egress].how]);
	row->attached = w->at[egress].how != ATTACH_NONE;
	snprintf(row->note, sizeof(row->note), "%s", w->note[egress]);
	if (row->attached && twin)
		snprintf(row->note, sizeof(row->note),
			 "same hook number as %s: a flow that passes both counts twice", twin);
}

static bool is_here(const struct interfaces *in, const char *name)
{
	for (size_t i = 0; i < in->n; i++)
		if (!strcmp(in->watched[i].link.name, name))
			return true;
	return false;
}

size_t interfaces_rows(const struct interfaces *in, struct watch_hook *rows, size_t max)
{
	const struct settings *s = in->settings;
	size_t n = 0;

	for (size_t i = 0; i < in->n; i++)
		for (int egress = 0; egress < 2 && n < max; egress++)
			fill_row(in, &in->watched[i], egress, &rows[n++]);
	for (unsigned int i = 0; i < s->interfaces_count; i++) {
		if (!is_watched_role(s, &s->interfaces[i]) || is_here(in, s->interfaces[i].name))
			continue;
		for (int egress = 0; egress < 2 && n < max; egress++) {
			struct watch_hook *row = &rows[n++];

			memset(row, 0, sizeof(*row));
			snprintf(row->name, sizeof(row->name), "tc/%s", egress ? "egress" : "ingress");
			snprintf(row->where, sizeof(row->where), "%.31s", s->interfaces[i].name);
			snprintf(row->note, sizeof(row->note), "no such interface; watched as soon as it comes");
		}
	}
	return n;
}

unsigned int interfaces_attached(const struct interfaces *in)
{
	unsigned int n = 0;

	for (size_t i = 0; i < in->n; i++)
		n += (in->watched[i].at[0].how != ATTACH_NONE) + (in->watched[i].at[1].how != ATTACH_NONE);
	return n;
}

__u64 interfaces_packets(struct interfaces *in)
{
	__u64 sum = 0;

	for (size_t i = 0; i < in->n; i++) {
		struct watched *w = &in->watched[i];
		struct follow_link now;

		if (!follow_link(in->follow, w->link.index, NULL, &now))
			update(in, w, &now);
		sum += w->link.packets - w->packets_before;
	}
	return sum + in->packets_gone;
}
