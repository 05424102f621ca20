/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What rtnetlink tells of interfaces: which carry a default route, what they are, and that something changed.
 * Nothing is ever changed here.
 */
#ifndef XREACH_FOLLOW_H
#define XREACH_FOLLOW_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct follow;

struct follow_link {
	int index;
	char name[IF_NAMESIZE];
	unsigned short type; /* ARPHRD_* */
	__u64 packets;	     /* received and sent since it exists, by its own statistics */
};

/* Listen for changes of links and, with `routes`, of default routes. 0 or -errno. */
int follow_open(bool routes, struct follow **out);
void follow_close(struct follow *f);   /* NULL is fine */
int follow_fd(const struct follow *f); /* readable: call follow_changed */
/* Read what has come; true when interfaces or default routes may have changed since the last call. */
bool follow_changed(struct follow *f);

/* One interface by its index, or by its name when index is 0. 0, -ENODEV, or another -errno. */
int follow_link(struct follow *f, int index, const char *name, struct follow_link *out);
/* Indices of the interfaces that carry a default route, IPv4 or IPv6, any table; each once. At most `max`
 * are written. Returns how many, or -errno. */
int follow_default_routes(struct follow *f, int *indices, size_t max);

/* The filter of one direction's clsact qdisc with this handle and priority: 1 with its name (of its program; "" where
 * it is no BPF filter), 0 when there is none, or -errno. Unlike the program itself, its name may be seen by anybody. */
int follow_filter(struct follow *f, int index, bool egress, __u32 handle, __u16 priority, char *name, size_t size);
/* Does the clsact qdisc of an interface hold any filter, in either direction? 1, 0, or -errno. */
int follow_has_filters(struct follow *f, int index);

#endif
