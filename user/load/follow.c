// SPDX-License-Identifier: GPL-2.0
/* Questions to rtnetlink, and its news: see follow.h. */
#include "load/follow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

struct follow {
	struct mnl_socket *news; /* groups only, never blocks */
	struct mnl_socket *ask;
	unsigned int seq;
};

static struct mnl_socket *open_socket(unsigned int groups, int flags)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | flags);

	if (s && mnl_socket_bind(s, groups, MNL_SOCKET_AUTOPID) < 0) {
		int err = errno;

		mnl_socket_close(s);
		errno = err;
		return NULL;
	}
	return s;
}

int follow_open(bool routes, struct follow **out)
{
	struct follow *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->news = open_socket(RTMGRP_LINK | (routes ? RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE : 0), SOCK_NONBLOCK);
	f->ask = f->news ? open_socket(0, 0) : NULL;
	if (!f->ask) {
		err = -errno;
		follow_close(f);
		return err;
	}
	f->seq = time(NULL);
	*out = f;
	return 0;
}

void follow_close(struct follow *f)
{
	if (!f)
		return;
	if (f->news)
		mnl_socket_close(f->news);
	if (f->ask)
		mnl_socket_close(f->ask);
	free(f);
}

int follow_fd(const struct follow *f)
{
	return mnl_socket_get_fd(f->news);
}

/* Any link news count; of routes only default ones: a router's table may change a thousand times a second. */
static int is_news(const struct nlmsghdr *h, void *changed)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(h);

	if (h->nlmsg_type == RTM_NEWLINK || h->nlmsg_type == RTM_DELLINK ||
	    ((h->nlmsg_type == RTM_NEWROUTE || h->nlmsg_type == RTM_DELROUTE) && !rt->rtm_dst_len))
		*(bool *)changed = true;
	return MNL_CB_OK;
}

bool follow_changed(struct follow *f)
{
	char buf[32768];
	bool changed = false;
	ssize_t n;

	for (;;) {
		n = mnl_socket_recvfrom(f->news, buf, sizeof(buf));
		if (n < 0 && errno == ENOBUFS) { /* news were lost: look for ourselves */
			changed = true;
			continue;
		}
		if (n <= 0)
			return changed;
		mnl_cb_run(buf, n, 0, 0, is_news, &changed);
	}
}

/* Send a request and give every answer to `each`. 0 or -errno. */
static int ask(struct follow *f, struct nlmsghdr *h, mnl_cb_t each, void *arg)
{
	unsigned int port = mnl_socket_get_portid(f->ask);
	char buf[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *got = (const struct nlmsghdr *)buf;
	ssize_t n;
	int more;

	h->nlmsg_flags |= NLM_F_REQUEST;
	h->nlmsg_seq = ++f->seq;
	if (mnl_socket_sendto(f->ask, h, h->nlmsg_len) < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(f->ask, buf, sizeof(buf));
		if (n < 0)
			return -errno;
		/* the rest of an answer that was given up, a list that changed while it was read: all of one
		 * message are of one number */
		more = 1;
		if (n >= (ssize_t)sizeof(*got) && got->nlmsg_seq != f->seq)
			continue;
		more = mnl_cb_run(buf, n, f->seq, port, each, arg);
	} while (more > 0);
	return more < 0 ? -errno : 0;
}

static int read_link(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
	struct follow_link *out = arg;
	struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	out->index = info->ifi_index;
	out->type = info->ifi_type;
	mnl_attr_for_each(a, h, sizeof(*info))
	{
		if (mnl_attr_get_type(a) == IFLA_IFNAME) {
			strncpy(out->name, mnl_attr_get_str(a), sizeof(out->name) - 1);
		} else if (mnl_attr_get_type(a) == IFLA_STATS64) {
			struct rtnl_link_stats64 s = { 0 };
			size_t len = mnl_attr_get_payload_len(a);

			memcpy(&s, mnl_attr_get_payload(a), len < sizeof(s) ? len : sizeof(s));
			out->packets = s.rx_packets + s.tx_packets;
		}
	}
	return MNL_CB_OK;
}

int follow_link(struct follow *f, int index, const char *name, struct follow_link *out)
{
	char buf[MNL_NLMSG_HDRLEN + 256] = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *info;
	int err;

	h->nlmsg_type = RTM_GETLINK;
	h->nlmsg_flags = NLM_F_ACK; /* so that a single answer has an end, too */
	info = mnl_nlmsg_put_extra_header(h, sizeof(*info));
	info->ifi_index = index;
	if (!index) {
		if (strlen(name) >= IF_NAMESIZE)
			return -ENODEV;
		mnl_attr_put_strz(h, IFLA_IFNAME, name);
	}
	memset(out, 0, sizeof(*out));
	err = ask(f, h, read_link, out);
	return err ? err : out->index ? 0 : -ENODEV;
}

struct indices {
	int *at;
	size_t n, max;
};

static void add_index(struct indices *list, int index)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i] == index)
			return;
	if (list->n < list->max)
		list->at[list->n++] = index;
}

static void add_nexthops(struct indices *list, const struct nlattr *a)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(a);
	int left = mnl_attr_get_payload_len(a);

	for (; RTNH_OK(hop, left); left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop))
		add_index(list, hop->rtnh_ifindex);
}

static int read_route(const struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(h);
	struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWROUTE || rt->rtm_dst_len || rt->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_for_each(a, h, sizeof(*rt))
	{
		if (mnl_attr_get_type(a) == RTA_OIF)
			add_index(arg, mnl_attr_get_u32(a));
		else if (mnl_attr_get_type(a) == RTA_MULTIPATH)
			add_nexthops(arg, a);
	}
	return MNL_CB_OK;
}

int follow_default_routes(struct follow *f, int *indices, size_t max)
{
	static const unsigned char families[] = { AF_INET, AF_INET6 };
	struct indices list = { .at = indices, .max = max };

	for (size_t i = 0; i < sizeof(families); i++) {
		char buf[MNL_NLMSG_HDRLEN + 64] = { 0 };
		struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
		struct rtmsg *rt;
		int err;

		h->nlmsg_type = RTM_GETROUTE;
		h->nlmsg_flags = NLM_F_DUMP;
		rt = mnl_nlmsg_put_extra_header(h, sizeof(*rt));
		rt->rtm_family = families[i];
		err = ask(f, h, read_route, &list);
		if (err && err != -EINTR && err != -EOPNOTSUPP) /* EINTR: changed meanwhile; news will tell */
			return err;
	}
	return list.n;
}

/* ---- filters -------------------------------------------------------------------------------------------- */
static int ask_filters(struct follow *f, int index, bool egress, mnl_cb_t each, void *arg)
{
	char buf[MNL_NLMSG_HDRLEN + 64] = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct tcmsg *tc;

	h->nlmsg_type = RTM_GETTFILTER;
	h->nlmsg_flags = NLM_F_DUMP;
	tc = mnl_nlmsg_put_extra_header(h, sizeof(*tc));
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = index;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
	return ask(f, h, each, arg);
}

struct wanted_filter {
	__u32 handle;
	__u16 priority;
	char *name;
	size_t size;
	bool found;
};

static int read_filter(const struct nlmsghdr *h, void *arg)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(h);
	struct wanted_filter *wanted = arg;
	const struct nlattr *a, *option;

	if (h->nlmsg_type != RTM_NEWTFILTER || tc->tcm_handle != wanted->handle ||
	    TC_H_MAJ(tc->tcm_info) >> 16 != wanted->priority)
		return MNL_CB_OK;
	wanted->found = true;
	mnl_attr_for_each(a, h, sizeof(*tc))
	{
		if (mnl_attr_get_type(a) != TCA_OPTIONS)
			continue;
		mnl_attr_for_each_nested(option, a)
		{
			/* the numbers of other classifiers' options mean other things: a text only */
			if (mnl_attr_get_type(option) == TCA_BPF_NAME &&
			    mnl_attr_validate(option, MNL_TYPE_NUL_STRING) >= 0)
				snprintf(wanted->name, wanted->size, "%s", mnl_attr_get_str(option));
		}
	}
	return MNL_CB_OK;
}

int follow_filter(struct follow *f, int index, bool egress, __u32 handle, __u16 priority, char *name, size_t size)
{
	struct wanted_filter wanted = { handle, priority, name, size, false };
	int err;

	*name = '\0';
	err = ask_filters(f, index, egress, read_filter, &wanted);
	return err ? err : wanted.found;
}

static int is_filter(const struct nlmsghdr *h, void *found)
{
	if (h->nlmsg_type == RTM_NEWTFILTER)
		*(bool *)found = true;
	return MNL_CB_OK;
}

int follow_has_filters(struct follow *f, int index)
{
	bool found = false;

	for (int egress = 0; egress < 2; egress++) {
		int err = ask_filters(f, index, egress, is_filter, &found);

		if (err)
			return err;
	}
	return found;
}
