// SPDX-License-Identifier: GPL-2.0
/* The loaded object under test: see rig.h. */
#include "rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "judge/verdict.h"

#define START_NS 5000000000000ull /* of the clock at a rig's opening */

static const struct {
	const char *prefix;
	enum range_id id;
	enum range_group_id group;
	enum class class;
} rows[] = {
	/* sorted by family, address, length */
	{ "8.0.7.0/24", RANGE_RAW, GROUP_X, CLASS_OWN },
	{ "64.233.160.0/19", RANGE_CONTROL, GROUP_SAMPLED, CLASS_OWN },
	{ "104.244.40.0/21", RANGE_X, GROUP_X, CLASS_OWN },
	{ "151.101.0.0/16", RANGE_SHARED, GROUP_X, CLASS_SHARED },
	{ "162.159.140.229/32", RANGE_DEDICATED, GROUP_X, CLASS_DEDICATED },
	{ "198.35.26.0/23", RANGE_WHOLE, GROUP_WHOLE, CLASS_OWN },
	{ "2400:6680:f000::/48", RANGE_X6_48, GROUP_X, CLASS_OWN },
	{ "2606:1f80::/32", RANGE_X6, GROUP_X, CLASS_OWN },
	{ "2a00:1450::/32", RANGE_CONTROL6, GROUP_SAMPLED, CLASS_OWN },
};

static const struct range_name names[] = {
	{ "x.com", false, GROUP_X },
	{ "t.co", false, GROUP_X },
	{ "exact.x.net", true, GROUP_X },
};

static void make_ranges(struct rig *r)
{
	struct ranges *list = &r->ranges;

	strcpy(list->version, "test");
	list->groups[GROUP_X] = (struct range_group){ .name = "x", .role = ROLE_TARGET, .sample = 1 };
	list->groups[GROUP_SAMPLED] =
		(struct range_group){ .name = "sampled", .role = ROLE_CONTROL, .sample = 0.25 };
	list->groups[GROUP_WHOLE] = (struct range_group){ .name = "whole", .role = ROLE_CONTROL, .sample = 1 };
	list->n_groups = 3;
	memcpy(r->names, names, sizeof(names));
	list->names = r->names;
	list->n_names = sizeof(names) / sizeof(*names);
	list->prefixes = r->prefixes;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct range_prefix *p = &list->prefixes[list->n_prefixes++];
		struct setting_prefix parsed;

		assert_int_equal(settings_prefix(rows[i].prefix, &parsed), 0);
		p->id = rows[i].id;
		memcpy(p->addr, parsed.addr, 16);
		p->plen = parsed.plen;
		p->v6 = parsed.v6;
		p->group = rows[i].group;
		p->class = rows[i].class;
		snprintf(p->text, sizeof(p->text), "%s", rows[i].prefix);
	}
}

static void keep_record(void *arg, const struct wire_record *record)
{
	struct rig *r = arg;

	if (r->n_records == r->room) {
		r->room = r->room ? r->room * 2 : 256;
		r->records = realloc(r->records, r->room * sizeof(*r->records));
		assert_non_null(r->records);
	}
	memset(&r->records[r->n_records], 0, sizeof(*record));
	memcpy(&r->records[r->n_records++], record, record->has_evidence ? sizeof(*record) : WIRE_RECORD_SHORT);
}

static void keep_hello(void *arg, const struct wire_hello *hello)
{
	struct rig *r = arg;

	memcpy(&r->hellos[r->n_hellos++ % HELLOS_KEPT], hello, sizeof(*hello));
}

static void keep_dns(void *arg, const struct wire_dns *message)
{
	struct rig *r = arg;

	memcpy(&r->dns[r->n_dns++ % DNS_KEPT], message, sizeof(*message));
}

void rig_open(struct rig *r, const struct rig_size *size)
{
	struct object_options options = { .settings = &r->settings, .replay = !size->live };
	const struct watch_sink sink = { keep_record, keep_hello, keep_dns, r };
	char error[256] = "";

	memset(r, 0, sizeof(*r));
	r->live = size->live;
	r->hellos = calloc(HELLOS_KEPT, sizeof(*r->hellos));
	r->dns = calloc(DNS_KEPT, sizeof(*r->dns));
	assert_int_equal(settings_default(&r->settings), 0);
	r->settings.attempts_max = size->attempts;
	r->settings.flows_max = size->flows;
	r->settings.no_dns = size->no_dns;
	if (size->hasty)
		r->settings.waits = (struct waits){ size->hasty, size->hasty, size->hasty, size->hasty,
						    size->hasty, size->hasty, size->hasty, size->hasty };
	make_ranges(r);
	if (object_load(&r->object, &options, &sink, error, sizeof(error)) ||
	    object_nat64(&r->settings, &r->nat64, error, sizeof(error)) ||
	    object_ranges(&r->object, NULL, &r->ranges, &r->nat64, error, sizeof(error)))
		fail_msg("%s", error);
	r->base_ns = START_NS;
	rig_at(r, 0);
	object_totals(&r->object, &r->before);
}

void rig_close(struct rig *r)
{
	object_close(&r->object);
	settings_free(&r->settings);
	free(r->records);
	free(r->hellos);
	free(r->dns);
	memset(r, 0, sizeof(*r));
}

void rig_reset(struct rig *r)
{
	for (int i = 0; i < 8; i++)
		rig_flush(r);
	assert_int_equal(r->object.left[0] + r->object.left[1], 0);
	r->base_ns += (r->us + 1000000000) * 1000;
	r->us = 0;
	rig_at(r, 0);
	r->segs = 0;
	r->hook = HOOK_IN;
	r->n_records = 0;
	r->n_hellos = 0;
	r->n_dns = 0;
	object_totals(&r->object, &r->before);
}

int rig_set_up(void **state, unsigned int entries)
{
	static struct rig rig;

	rig_open(&rig, &(struct rig_size){ .attempts = entries, .flows = entries });
	*state = &rig;
	return 0;
}

int rig_tear_down(void **state)
{
	rig_close(*state);
	return 0;
}

int rig_before_each(void **state)
{
	rig_reset(*state);
	return 0;
}

void rig_at(struct rig *r, __u64 us)
{
	assert_true(us >= r->us);
	r->us = us;
	r->object.skel->bss->replay_ns = r->base_ns + us * 1000;
}

int rig_push_frame(struct rig *r, const __u8 *frame, size_t n, bool raw)
{
	struct bpf_program *programs[2][2] = {
		{ r->object.skel->progs.xreach_in, r->object.skel->progs.xreach_out },
		{ r->object.skel->progs.xreach_in_ip, r->object.skel->progs.xreach_out_ip },
	};
	struct __sk_buff ctx = { .gso_segs = r->segs };
	__u8 out[FRAME_MAX + 64];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = n, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));
	int err = bpf_prog_test_run_opts(bpf_program__fd(programs[raw][r->hook]), &run);

	r->runs++;
	if (err)
		return err < 0 ? err : -err;
	assert_int_equal((int)run.retval, -1); /* TC_ACT_UNSPEC */
	assert_int_equal(run.data_size_out, n);
	assert_memory_equal(out, frame, n);
	return 0;
}

void rig_push(struct rig *r, const struct packet_spec *s)
{
	__u8 frame[FRAME_MAX];
	size_t n = packet_build(s, frame);

	assert_int_equal(rig_push_frame(r, frame, n, s->below == BELOW_RAW), 0);
}

static void sweep(struct rig *r, enum record_why why)
{
	__u64 now = r->live ? 0 : r->base_ns + r->us * 1000;

	assert_int_equal(object_sweep(&r->object, now, why, 0), 0);
}

void rig_sweep(struct rig *r)
{
	sweep(r, WHY_NONE);
}

void rig_flush(struct rig *r)
{
	sweep(r, WHY_CAPTURE_END);
}

void rig_wait(struct rig *r, __u64 ms)
{
	while (r->us < ms * 1000) {
		rig_at(r, r->us + 1000000 < ms * 1000 ? r->us + 1000000 : ms * 1000);
		rig_sweep(r);
	}
}

/* ---- counters ---------------------------------------------------------------------------------------- */
__u64 rig_count(struct rig *r, enum counter counter)
{
	struct watch_totals t;

	object_totals(&r->object, &t);
	return t.n[counter] - r->before.n[counter];
}

__u64 rig_group(struct rig *r, unsigned int group, enum group_counter counter)
{
	struct watch_totals t;

	object_totals(&r->object, &t);
	return t.groups[group].n[counter] - r->before.groups[group].n[counter];
}

__u64 rig_unparsed(struct rig *r)
{
	__u64 n = 0;

	for (int i = COUNT_UNPARSED_SHORT; i <= COUNT_UNPARSED_QUOTE; i++)
		n += rig_count(r, i);
	return n;
}

void rig_books(struct rig *r)
{
	struct watch_totals t;
	__u64 closed, open = r->object.open[0] + r->object.open[1];

	object_totals(&r->object, &t);
	closed = t.n[COUNT_HANDED];
	for (int i = COUNT_LOST_FULL; i <= COUNT_LOST_KEY_RETIRED; i++)
		closed += t.n[i];
	assert_int_equal(t.n[COUNT_OPENED], open + closed);
	assert_int_equal(t.n[COUNT_OPENED], t.n[COUNT_OPENED_EPOCH0] + t.n[COUNT_OPENED_EPOCH1]);
	assert_int_equal(closed, t.n[COUNT_CLOSED_EPOCH0] + t.n[COUNT_CLOSED_EPOCH1]);
	assert_int_equal(rig_finals(r), t.n[COUNT_HANDED] - r->before.n[COUNT_HANDED]);
}

size_t rig_finals(const struct rig *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_records; i++)
		n += r->records[i].kind == RECORD_FINAL;
	return n;
}

const struct wire_record *rig_final(struct rig *r)
{
	const struct wire_record *found = NULL;

	assert_int_equal(rig_finals(r), 1);
	for (size_t i = 0; i < r->n_records; i++)
		if (r->records[i].kind == RECORD_FINAL)
			found = &r->records[i];
	return found;
}

/* ---- a connection ------------------------------------------------------------------------------------ */
void talk_start(struct talk *t, struct rig *r, const char *client, const char *server)
{
	bool v6;

	memset(t, 0, sizeof(*t));
	t->r = r;
	t->isn_up = 0xfffffe00; /* both wrap around within the first kilobyte */
	t->isn_down = 0xffffff00;
	packet_address(t->up.src, &v6, client);
	packet_address(t->up.dst, &t->up.v6, server);
	assert_int_equal(v6, t->up.v6);
	t->up.sport = 40001;
	t->up.dport = 443;
	t->up.ttl = 63;
	t->up.ipid = 1000;
	t->up.window = 64240;
	t->down = t->up;
	memcpy(t->down.src, t->up.dst, 16);
	memcpy(t->down.dst, t->up.src, 16);
	t->down.sport = t->up.dport;
	t->down.dport = t->up.sport;
	t->down.ttl = 52;
	t->down.ipid = 7000;
	t->down.window = 65535;
}

static void say(struct talk *t, struct packet_spec *side, __u8 flags, __u32 seq, __u32 ack, __u32 len)
{
	bool up = side == &t->up;

	side->transport = TCP;
	side->flags = flags;
	side->seq = (up ? t->isn_up : t->isn_down) + seq;
	side->ack = flags & ACK ? (up ? t->isn_down : t->isn_up) + ack : ack;
	side->len = len;
	side->options = flags & SYN;
	side->ipid++;
	rig_push(t->r, side);
}

void talk_up(struct talk *t, __u8 flags, __u32 seq, __u32 ack, __u32 len)
{
	say(t, &t->up, flags, seq, ack, len);
}

void talk_down(struct talk *t, __u8 flags, __u32 seq, __u32 ack, __u32 len)
{
	say(t, &t->down, flags, seq, ack, len);
}

void talk_syn(struct talk *t)
{
	talk_up(t, SYN, 0, 0, 0);
}

void talk_synack(struct talk *t)
{
	talk_down(t, SYN | ACK, 0, 1, 0);
}

void talk_handshake(struct talk *t)
{
	__u64 us = t->r->us;

	talk_syn(t);
	rig_at(t->r, us + 40000);
	talk_synack(t);
	rig_at(t->r, us + 41000);
	talk_up(t, ACK, 1, 1, 0);
}
