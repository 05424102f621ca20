/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The loaded object under test: packets in by BPF_PROG_TEST_RUN, records out, on a clock that the test sets. Every run
 * is checked for the harmless return value and for a packet that came out as it went in.
 */
#ifndef XREACH_TEST_RIG_H
#define XREACH_TEST_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <cmocka.h>

#include "load/object.h"
#include "packet.h"
#include "settings.h"
#include "wire.h"
#include "xreach.skel.h"

/* Ids of the ranges that every rig holds; see rig.c. */
enum range_id {
	RANGE_X = 1,	 /* 104.244.40.0/21, own */
	RANGE_DEDICATED, /* 162.159.140.229/32 */
	RANGE_SHARED,	 /* 151.101.0.0/16 */
	RANGE_RAW,	 /* 8.0.7.0/24: a raw device's packets are told by bytes 12 and 13, see rig_push */
	RANGE_X6,	 /* 2606:1f80::/32 */
	RANGE_X6_48,	 /* 2400:6680:f000::/48 */
	RANGE_CONTROL,	 /* 64.233.160.0/19, of the sampled group */
	RANGE_CONTROL6,	 /* 2a00:1450::/32 */
	RANGE_WHOLE,	 /* 198.35.26.0/23, of a control group that is watched whole */
};
/* Its rules are x.com and t.co with what lies below, and exact.x.net alone. */
enum range_group_id { GROUP_X, GROUP_SAMPLED, GROUP_WHOLE };

#define CLIENT4	   "192.0.2.77"
#define CLIENT6	   "2001:db8:86dd::77" /* bytes 4 and 5 are IPv6's ethertype: good for a raw device, too */
#define CLIENT_RAW "8.0.9.77"
#define SERVER4	   "104.244.42.1"
#define SERVER6	   "2606:1f80:86dd::1"
#define SERVER_RAW "8.0.7.1"
#define NAT64(v4)  "64:ff9b::" v4

enum hook { HOOK_IN, HOOK_OUT };

struct rig {
	struct object object;
	struct settings settings;
	struct ranges ranges;
	struct range_prefix prefixes[16];
	struct range_name names[4];
	struct wire_config nat64;
	bool live;
	__u64 us; /* the clock, since the rig was opened or reset */
	__u64 base_ns;
	struct watch_totals before; /* as at the last reset */
	struct wire_record *records;
	size_t n_records, room;
	struct wire_hello *hellos; /* the last of them */
	size_t n_hellos;
	struct wire_dns *dns; /* the last of them */
	size_t n_dns;
	__u32 segs; /* gso_segs of the next packets; 0: not set */
	enum hook hook;
	__u64 runs;
};

#define HELLOS_KEPT 16
#define DNS_KEPT    16

struct rig_size {
	unsigned int attempts, flows;
	bool live;	    /* the kernel's own clock */
	unsigned int hasty; /* ms; if set, every waiting time */
	bool no_dns;
};

/* Load; fails the test when that fails. */
void rig_open(struct rig *r, const struct rig_size *size);
void rig_close(struct rig *r);
/* Forget all flows and counters, begin at time 0 again. */
void rig_reset(struct rig *r);

/* Fixtures for cmocka: one rig for all tests of a program, with `entries` in either table, reset before each. */
int rig_set_up(void **state, unsigned int entries);
int rig_tear_down(void **state);
int rig_before_each(void **state);

/* Set the clock, in microseconds since the start; it may not run backwards. */
void rig_at(struct rig *r, __u64 us);
static inline void rig_ms(struct rig *r, __u64 ms)
{
	rig_at(r, ms * 1000);
}
/* Push a frame through the hook set in r->hook. `raw`: through the program for devices without Ethernet headers.
 * Returns -EINVAL where BPF_PROG_TEST_RUN refuses the frame, else 0; the program's doings are asserted harmless. */
int rig_push_frame(struct rig *r, const __u8 *frame, size_t n, bool raw);
void rig_push(struct rig *r, const struct packet_spec *s);
/* Walk the tables at the time set, or for another reason. */
void rig_sweep(struct rig *r);
void rig_flush(struct rig *r);
/* Sweep every second until `ms`, as a watch does. */
void rig_wait(struct rig *r, __u64 ms);

/* Since the last reset. */
__u64 rig_count(struct rig *r, enum counter counter);
__u64 rig_group(struct rig *r, unsigned int group, enum group_counter counter);
__u64 rig_unparsed(struct rig *r); /* of all reasons */
/* opened = open + handed out + lost. `open` as the last sweep found it. */
void rig_books(struct rig *r);
/* The only final record since the reset (NULL and a failed test if there is none or more). */
const struct wire_record *rig_final(struct rig *r);
size_t rig_finals(const struct rig *r);

/* ---- a connection, spoken in one line a packet --------------------------------------------------------- */
struct talk {
	struct rig *r;
	struct packet_spec up, down; /* templates: addresses, ports, TTLs */
	__u32 isn_up, isn_down;
};

void talk_start(struct talk *t, struct rig *r, const char *client, const char *server);
/* seq and ack are counted from the sides' ISNs: 0 is the SYN. */
void talk_up(struct talk *t, __u8 flags, __u32 seq, __u32 ack, __u32 len);
void talk_down(struct talk *t, __u8 flags, __u32 seq, __u32 ack, __u32 len);
void talk_syn(struct talk *t);
void talk_synack(struct talk *t);
/* SYN, SYN-ACK, ACK at the times 0, 40 and 41 ms from now. */
void talk_handshake(struct talk *t);

#endif
