/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Socket hooks on the root control group: this host's own attempts, also those that a local rule stops before
 * a packet leaves. They observe; every path returns 1. Nothing is kept of process, user or control group.
 */
#ifndef XREACH_SOCK_H
#define XREACH_SOCK_H

#define AF_INET	 2
#define AF_INET6 10

static __always_inline int lit_any(struct packet *p)
{
	const __u32 *d = (const __u32 *)p->dst;

	if (!p->v6)
		return (lit16_bit(lit16_v4, (__u16)d[3]) & 1) && lit_v4(d[3]);
	return (lit16_bit(lit16_v6, (__u16)d[0]) & 1) && lit_v6(d);
}

/* IPv4 inside an AF_INET6 socket? */
static __always_inline int is_mapped(const __u32 *a)
{
	return !a[0] && !a[1] && a[2] == bpf_htonl(0xffff);
}

static __always_inline void set_v4(__u8 *addr, __u32 v4)
{
	*(__u32 *)(addr + 12) = v4;
	*(__u16 *)(addr + 10) = 0xffff;
}

/* "asked": an application on this host wanted to reach a watched address. */
static __always_inline void asked(struct packet *p)
{
	const struct wire_range *r;

	p->class = CLASS_SOCKET;
	if (!lit_any(p))
		return;
	r = range_find(p->dst, p->v6);
	if (!r)
		return;
	count(CLASS_SOCKET, COUNT_ASKED);
	count_group(CLASS_SOCKET, r->group, GROUP_ASKED, 1);
}

/* Another network namespace's address may be translated before TC sees it: it would count twice. */
static __always_inline int is_ours(__u64 netns_cookie)
{
	return !cfg.sockets_ours_only || netns_cookie == cfg.netns_cookie;
}

static __always_inline int asked_v4(struct bpf_sock_addr *ctx)
{
	struct packet p = {};

	if (!is_ours(bpf_get_netns_cookie(ctx)))
		return 1;
	set_v4(p.dst, ctx->user_ip4);
	asked(&p);
	return 1;
}

static __always_inline int asked_v6(struct bpf_sock_addr *ctx)
{
	struct packet p = {};
	__u32 *d = (__u32 *)p.dst;

	if (!is_ours(bpf_get_netns_cookie(ctx)))
		return 1;
	d[0] = ctx->user_ip6[0];
	d[1] = ctx->user_ip6[1];
	d[2] = ctx->user_ip6[2];
	d[3] = ctx->user_ip6[3];
	p.v6 = !is_mapped(d);
	asked(&p);
	return 1;
}

/* A UDP connect is no attempt (name resolution makes them all the time); sendmsg to 443 asks for QUIC. */
SEC("?cgroup/connect4")
int xreach_connect4(struct bpf_sock_addr *ctx)
{
	return ctx->protocol == IPPROTO_TCP ? asked_v4(ctx) : 1;
}

SEC("?cgroup/connect6")
int xreach_connect6(struct bpf_sock_addr *ctx)
{
	return ctx->protocol == IPPROTO_TCP ? asked_v6(ctx) : 1;
}

SEC("?cgroup/sendmsg4")
int xreach_sendmsg4(struct bpf_sock_addr *ctx)
{
	return ctx->user_port == bpf_htons(443) ? asked_v4(ctx) : 1;
}

SEC("?cgroup/sendmsg6")
int xreach_sendmsg6(struct bpf_sock_addr *ctx)
{
	return ctx->user_port == bpf_htons(443) ? asked_v6(ctx) : 1;
}

/* The tuple of a socket of ours, as TC will see it. 0: not watched. */
static __always_inline int sock_tuple(struct bpf_sock_ops *ctx, struct packet *p)
{
	__u32 *s = (__u32 *)p->src, *d = (__u32 *)p->dst;

	p->class = CLASS_SOCKET;
	if (ctx->family == AF_INET) {
		set_v4(p->src, ctx->local_ip4);
		set_v4(p->dst, ctx->remote_ip4);
	} else if (ctx->family == AF_INET6) {
		d[0] = ctx->remote_ip6[0];
		d[1] = ctx->remote_ip6[1];
		d[2] = ctx->remote_ip6[2];
		d[3] = ctx->remote_ip6[3];
		s[0] = ctx->local_ip6[0];
		s[1] = ctx->local_ip6[1];
		s[2] = ctx->local_ip6[2];
		s[3] = ctx->local_ip6[3];
		p->v6 = !is_mapped(d);
	} else {
		return 0;
	}
	p->sport = bpf_htons((__u16)ctx->local_port); /* host order in this context, remote_port not */
	p->dport = ctx->remote_port >> 16 ? ctx->remote_port >> 16 : (__u16)ctx->remote_port;
	return lit_any(p);
}

SEC("?sockops")
int xreach_sockops(struct bpf_sock_ops *ctx)
{
	struct packet p = {};
	struct found found;
	__u32 op = ctx->op;

	if (op != BPF_SOCK_OPS_TCP_CONNECT_CB && op != BPF_SOCK_OPS_STATE_CB)
		return 1;
	if (!sock_tuple(ctx, &p))
		return 1;
	if (!is_ours(bpf_get_netns_cookie(ctx)))
		return 1;
	p.now_c = clock_coarse();
	if (op == BPF_SOCK_OPS_TCP_CONNECT_CB) {
		/* or-ed in: other programs have flags of their own */
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
		if (!find(&p, 1, &found))
			attempt_open(&p, STATE_NO_ISN | STATE_LOCAL | STATE_SYN_OPTIONS);
		else if (found.attempt && state_of(found.attempt->state) != STATE_OPEN)
			attempt_restart(&p, found.attempt, STATE_NO_ISN | STATE_LOCAL | STATE_SYN_OPTIONS);
		return 1;
	}
	if (ctx->args[0] != BPF_TCP_SYN_SENT || !find(&p, 1, &found))
		return 1;
	if (found.attempt && state_of(found.attempt->state) == STATE_OPEN)
		__sync_fetch_and_or(&found.attempt->state,
				    ctx->args[1] == BPF_TCP_ESTABLISHED ? STATE_LOCAL_UP : STATE_LOCAL_DEAD);
	return 1;
}

#endif
