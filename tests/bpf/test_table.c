// SPDX-License-Identifier: GPL-2.0
/* Every shape that a watched packet may have: it is found in each, and what cannot be taken apart is counted by reason. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"

static int set_up(void **state)
{
	return rig_set_up(state, 4096);
}

static int after_each(void **state)
{
	rig_sweep(*state);
	rig_books(*state);
	return 0;
}

static void talk_in(struct talk *t, struct rig *r, enum below below, bool v6)
{
	bool raw4 = below == BELOW_RAW && !v6;

	talk_start(t, r, v6 ? CLIENT6 : raw4 ? CLIENT_RAW : CLIENT4, v6 ? SERVER6 : raw4 ? SERVER_RAW : SERVER4);
	t->up.below = below;
	t->down.below = below;
}

/* SYN to timed-out answer, in every encapsulation and both families. */
static void a_flow_is_followed_in_every_encapsulation(void **state)
{
	struct rig *r = *state;

	for (int below = 0; below < BELOWS; below++) {
		for (int v6 = 0; v6 < 2; v6++) {
			struct talk t;
			const struct wire_flow *f;

			print_message("%s, IPv%d\n", below_name(below), v6 ? 6 : 4);
			rig_before_each(state);
			talk_in(&t, r, below, v6);
			t.up.padding = t.down.padding = 6;
			talk_handshake(&t);
			rig_ms(r, 50);
			talk_up(&t, PSH | ACK, 1, 1, 517);
			rig_ms(r, 90);
			talk_down(&t, PSH | ACK, 1, 518, 1000);
			rig_ms(r, 91);
			talk_down(&t, RST | ACK, 1001, 518, 0);
			assert_int_equal(rig_count(r, COUNT_OPENED), 1);
			assert_int_equal(rig_count(r, COUNT_WATCHED), 6);
			assert_int_equal(rig_count(r, COUNT_MIDSTREAM), 0);
			assert_int_equal(rig_unparsed(r), 0);
			rig_wait(r, 8000);
			f = &rig_final(r)->flow;
			assert_int_equal(f->prefix, v6 ? RANGE_X6 : below == BELOW_RAW ? RANGE_RAW : RANGE_X);
			assert_int_equal(!!(f->state & STATE_V6), v6);
			assert_int_equal(f->bytes_up, 517); /* padding is no payload */
			assert_int_equal(f->bytes_down, 1000);
			assert_int_equal(f->ttls[0], 52);
			assert_int_equal(f->rst.len, 0);
			assert_int_equal(f->rst.ipid, v6 ? 0 : t.down.ipid);
			if (v6)
				assert_memory_equal(f->server, t.up.dst, 16);
			else
				assert_memory_equal(f->server + 12, t.up.dst + 12, 4);
			after_each(state);
		}
	}
}

static void a_flow_is_followed_in_every_odd_shape_of_ip(void **state)
{
	static const struct {
		bool v6;
		unsigned int odd;
	} shapes[] = {
		{ false, ODD_OPTIONS },
		{ false, ODD_FIRST },
		{ false, ODD_OPTIONS | ODD_FIRST },
		{ true, ODD_HOP_BY_HOP },
		{ true, ODD_ROUTING },
		{ true, ODD_DST_OPTS },
		{ true, ODD_FIRST },
		{ true, ODD_ATOMIC },
		{ true, ODD_AH },
		{ true, ODD_HOP_BY_HOP | ODD_ROUTING | ODD_DST_OPTS | ODD_ATOMIC | ODD_AH },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		for (int below = 0; below < BELOWS; below++) {
			struct talk t;

			rig_before_each(state);
			talk_in(&t, r, below, shapes[i].v6);
			t.up.odd = t.down.odd = shapes[i].odd;
			talk_handshake(&t);
			rig_ms(r, 50);
			talk_up(&t, PSH | ACK, 1, 1, 517);
			rig_ms(r, 90);
			talk_down(&t, PSH | ACK, 1, 518, 1000);
			assert_int_equal(rig_count(r, COUNT_WATCHED), 5);
			assert_int_equal(rig_unparsed(r), 0);
			rig_wait(r, 95000);
			assert_int_equal(rig_final(r)->flow.bytes_up, 517);
			assert_int_equal(rig_final(r)->flow.bytes_down, 1000);
			after_each(state);
		}
	}
}

static void tcp_options_are_skipped_and_timestamps_seen(void **state)
{
	struct rig *r = *state;

	for (int v6 = 0; v6 < 2; v6++) {
		struct talk t;
		const struct wire_flow *f;

		rig_before_each(state);
		talk_in(&t, r, BELOW_ETHERNET, v6);
		t.up.timestamps = t.down.timestamps = true;
		talk_handshake(&t);
		rig_ms(r, 50);
		talk_up(&t, PSH | ACK, 1, 1, 99);
		rig_wait(r, 13000);
		f = &rig_final(r)->flow;
		assert_true(f->state & STATE_SYN_TS);
		assert_true(f->state & STATE_SYN_OPTIONS);
		assert_true(f->seen & SEEN_DOWN_TS);
		assert_int_equal(f->bytes_up, 99);
		after_each(state);
	}
}

static void a_scanners_syn_bears_its_marks(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	t.up.transport = TCP;
	t.up.flags = SYN;
	t.up.ipid = 54321;
	rig_push(r, &t.up);
	rig_wait(r, 23000);
	assert_true(rig_final(r)->flow.state & STATE_SYN_SCANNER);
	assert_false(rig_final(r)->flow.state & (STATE_SYN_OPTIONS | STATE_SYN_TS));
}

static void a_super_packet_counts_as_its_segments(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	rig_ms(r, 50);
	r->segs = 3;
	talk_up(&t, PSH | ACK, 1, 1, 3000);
	t.down.zero_length = true; /* BIG TCP */
	r->segs = 2;
	talk_down(&t, PSH | ACK, 1, 3001, 2800);
	r->segs = 0;
	assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), 3 + 3 + 2);
	rig_wait(r, 95000);
	assert_int_equal(rig_final(r)->flow.bytes_up, 3000);
	assert_int_equal(rig_final(r)->flow.bytes_down, 2800);
}

/* ---- QUIC -------------------------------------------------------------------------------------------- */
static void quic_up(struct talk *t, unsigned int version, __u32 len)
{
	static __u8 initial[1300];

	packet_quic_initial(initial, sizeof(initial), version);
	t->up.transport = UDP;
	t->up.payload = initial;
	t->up.len = len;
	rig_push(t->r, &t->up);
}

static void quic_down(struct talk *t, __u32 len)
{
	t->down.transport = UDP;
	t->down.len = len;
	rig_push(t->r, &t->down);
}

static void quic_initials_and_their_answer_in_every_encapsulation(void **state)
{
	struct rig *r = *state;

	for (int below = 0; below < BELOWS; below++) {
		for (int v6 = 0; v6 < 2; v6++) {
			struct talk t;
			const struct wire_flow *f;

			rig_before_each(state);
			talk_in(&t, r, below, v6);
			quic_up(&t, 1 + v6, 1200);
			rig_ms(r, 300);
			quic_up(&t, 1 + v6, 1250);
			assert_int_equal(rig_count(r, COUNT_OPENED), 1);
			assert_int_equal(rig_group(r, GROUP_X, GROUP_SYN), 2);
			assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), 2);
			rig_ms(r, 340);
			quic_down(&t, 1200);
			quic_down(&t, 200);
			assert_int_equal(rig_group(r, GROUP_X, GROUP_PACKETS), 4);
			rig_wait(r, 95000);
			f = &rig_final(r)->flow;
			assert_true(f->state & STATE_QUIC);
			assert_int_equal(f->syns, 2);
			assert_int_equal(f->bytes_up, 2450);
			assert_int_equal(f->bytes_down, 1400);
			assert_int_equal(f->syn_us, 0);
			assert_int_equal(f->last_syn_us, 300000);
			assert_int_equal(f->synack_us, 340000);
			assert_int_equal(f->ttls[1], 52);
			assert_int_equal(rig_count(r, COUNT_HELLO_SENT), 2);
			after_each(state);
		}
	}
}

static void first_payloads_are_joined_to_their_flow(void **state)
{
	static const __u8 hello[] = { 0x16, 3, 1, 0, 200 };
	struct rig *r = *state;
	struct talk t, quic;

	rig_at(r, 500);
	r->object.skel->bss->replay_ns += 567; /* no round microsecond */
	talk_start(&quic, r, CLIENT4, SERVER4);
	quic_up(&quic, 1, 1200);
	r->object.skel->bss->replay_ns += 1000333;
	quic_up(&quic, 1, 1200);
	talk_start(&t, r, CLIENT4, SERVER4);
	talk_syn(&t);
	rig_ms(r, 40);
	talk_synack(&t);
	t.up.payload = hello;
	talk_up(&t, PSH | ACK, 1, 1, sizeof(hello));
	for (int i = 0; i < 3; i++)
		rig_flush(r);
	assert_int_equal(rig_finals(r), 2);
	assert_int_equal(r->n_hellos, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct wire_flow *f = NULL;

		for (size_t j = 0; j < r->n_records; j++)
			if (r->records[j].kind == RECORD_FINAL && r->records[j].flow.key == r->hellos[i].key)
				f = &r->records[j].flow;
		assert_non_null(f);
		assert_int_equal(f->first_ns, r->hellos[i].first_ns);
		assert_int_equal(r->hellos[i].offset, i < 2 ? i + 1 : 0);
		assert_int_equal(r->hellos[i].len, i < 2 ? 1200 : sizeof(hello));
	}
	assert_memory_equal(r->hellos[2].data, hello, sizeof(hello));
}

static void a_large_first_payload_goes_in_two_pieces(void **state)
{
	static __u8 hello[5000] = { 0x16, 3, 1 };
	struct rig *r = *state;
	struct talk t;

	for (size_t i = 3; i < sizeof(hello); i++)
		hello[i] = (__u8)(i * 7);
	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	t.up.payload = hello;
	talk_up(&t, PSH | ACK, 1, 1, 3000);
	rig_sweep(r);
	assert_int_equal(r->n_hellos, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(r->hellos[i].offset, i * WIRE_HELLO_CHUNK);
		assert_int_equal(r->hellos[i].len, i ? 3000 - WIRE_HELLO_CHUNK : WIRE_HELLO_CHUNK);
		assert_memory_equal(r->hellos[i].data, hello + i * WIRE_HELLO_CHUNK, r->hellos[i].len);
	}
	t.up.payload = hello + 3000; /* beyond what is looked at, but for its beginning */
	talk_up(&t, PSH | ACK, 3001, 1, 2000);
	rig_sweep(r);
	assert_int_equal(r->n_hellos, 3);
	assert_int_equal(r->hellos[2].offset, 3000);
}

/* What was read stays in the ring's memory until it is written over: look there, as user space sees it. */
static void what_was_read_is_wiped_from_the_ring(void **state)
{
	static const char secret[] = "\x16\x03\x01 nobody-must-know.x.com";
	struct rig *r = *state;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = WIRE_HELLO_RING;
	const void *ring = mmap(NULL, page + size, PROT_READ, MAP_SHARED, bpf_map__fd(r->object.skel->maps.hellos),
				(off_t)page);
	struct talk t;

	assert_true(ring != MAP_FAILED);
	for (int round = 0; round < 3; round++) {
		talk_start(&t, r, CLIENT4, SERVER4);
		t.up.sport = 40000 + round;
		talk_handshake(&t);
		t.up.payload = (const __u8 *)secret;
		talk_up(&t, PSH | ACK, 1, 1, sizeof(secret));
		rig_sweep(r);
		assert_int_equal(r->n_hellos, round + 1);
		assert_non_null(memmem(ring, page + size, secret, sizeof(secret)));
		assert_int_equal(object_wipe(&r->object), 0);
		assert_null(memmem(ring, page + size, secret, sizeof(secret)));
		assert_int_equal(object_wipe(&r->object), 0); /* nothing to do */
	}
	munmap((void *)ring, page + size);
}

static void plain_text_and_controls_send_no_payload(void **state)
{
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	talk_handshake(&t);
	t.up.payload = (const __u8 *)"GET / HTTP/1.1\r\nCookie: auth=1\r\n";
	talk_up(&t, PSH | ACK, 1, 1, 32);
	talk_start(&t, r, CLIENT4, "198.35.26.96");
	talk_handshake(&t);
	t.up.payload = (const __u8 *)"\x16\x03\x01";
	talk_up(&t, PSH | ACK, 1, 1, 3);
	rig_sweep(r);
	assert_int_equal(r->n_hellos, 0);
	assert_int_equal(rig_count(r, COUNT_OPENED), 2);
}

static void what_is_no_initial_opens_nothing(void **state)
{
	static const __u8 short_header[20] = { 0x43 }, zero_version[20] = { 0xc3 };
	static const __u8 handshake[20] = { 0xe3, 0, 0, 0, 1 };
	static const __u8 *const payloads[] = { short_header, zero_version, handshake };
	struct rig *r = *state;
	struct talk t;

	talk_start(&t, r, CLIENT4, SERVER4);
	t.up.transport = UDP;
	for (size_t i = 0; i < 3; i++) {
		t.up.payload = payloads[i];
		t.up.len = 20;
		rig_push(r, &t.up);
	}
	t.up.len = 4;
	rig_push(r, &t.up);
	quic_down(&t, 100);
	assert_int_equal(rig_count(r, COUNT_MIDSTREAM), 5);
	t.up.dport = 3478; /* not QUIC's port: none of ours */
	rig_push(r, &t.up);
	assert_int_equal(rig_count(r, COUNT_MIDSTREAM), 5);
	assert_int_equal(rig_count(r, COUNT_OPENED), 0);
}

/* ---- ICMP -------------------------------------------------------------------------------------------- */
static void an_icmp_error_is_understood_in_every_encapsulation(void **state)
{
	struct rig *r = *state;

	for (int below = 0; below < BELOWS; below++) {
		for (int v6 = 0; v6 < 2; v6++) {
			for (int options = 0; options < 2; options++) {
				struct talk t;
				struct packet_spec error = { .transport = ICMP_ERROR, .ttl = 249 };

				rig_before_each(state);
				talk_in(&t, r, below, v6);
				t.up.odd = options ? v6 ? ODD_DST_OPTS : ODD_OPTIONS : ODD_NONE;
				talk_syn(&t);
				rig_ms(r, 7);
				error = (struct packet_spec){ .transport = ICMP_ERROR,
							      .below = below,
							      .ttl = 249,
							      .quoted = &t.up,
							      .icmp_type = v6 ? 1 : 3,
							      .icmp_code = 1 };
				packet_address(error.src, &error.v6,
					       v6		    ? "2001:db8:86dd::1"
					       : below == BELOW_RAW ? "8.0.1.1"
								    : "198.51.100.1");
				memcpy(error.dst, t.up.src, 16);
				rig_push(r, &error);
				rig_wait(r, 8000);
				assert_true(rig_final(r)->flow.seen & SEEN_ICMP);
				assert_int_equal(rig_final(r)->flow.icmp_ttl, 249);
				assert_int_equal(rig_final(r)->flow.icmp_us, 7000);
				assert_int_equal(rig_unparsed(r), 0);
				after_each(state);
			}
		}
	}
}

static void a_quote_too_short_is_counted(void **state)
{
	struct rig *r = *state;
	struct talk t;

	for (int v6 = 0; v6 < 2; v6++) {
		struct packet_spec error;

		rig_before_each(state);
		talk_in(&t, r, BELOW_ETHERNET, v6);
		talk_syn(&t);
		error = (struct packet_spec){ .transport = ICMP_ERROR,
					      .ttl = 249,
					      .quoted = &t.up,
					      .v6 = v6,
					      .icmp_type = v6 ? 1 : 3,
					      .icmp_code = 1 };
		memcpy(error.src, t.up.dst, 16);
		memcpy(error.dst, t.up.src, 16);
		for (error.quote = 1; error.quote < (v6 ? 48u : 28u); error.quote++)
			rig_push(r, &error);
		assert_int_equal(rig_count(r, COUNT_UNPARSED_QUOTE), v6 ? 47 : 27);
		rig_push(r, &error);
		assert_int_equal(rig_group(r, GROUP_X, GROUP_ICMP), 1);
	}
}

static void an_icmp_error_on_quic(void **state)
{
	struct rig *r = *state;
	struct talk t;
	struct packet_spec error;

	talk_start(&t, r, CLIENT4, SERVER4);
	quic_up(&t, 1, 1200);
	rig_ms(r, 5);
	error = (struct packet_spec){
		.transport = ICMP_ERROR, .ttl = 249, .quoted = &t.up, .icmp_type = 3, .icmp_code = 10
	};
	packet_address(error.src, &error.v6, "198.51.100.1");
	rig_push(r, &error);
	rig_wait(r, 8000);
	assert_true(rig_final(r)->flow.seen & SEEN_ICMP);
	assert_int_equal(rig_final(r)->flow.icmp_code, 10);
}

/* ---- which addresses --------------------------------------------------------------------------------- */
static void syn_to(struct rig *r, const char *client, const char *server, __u16 port)
{
	struct talk t;

	talk_start(&t, r, client, server);
	t.up.sport = port;
	talk_syn(&t);
}

static void near_misses_are_left_alone(void **state)
{
	static const char *const misses[] = { "104.244.39.255",	 "104.244.48.0",    "162.159.140.228",
					      "162.159.140.230", "151.100.255.255", "151.102.0.0",
					      "64.233.159.255",	 "64.233.192.0",    "198.35.25.255",
					      "198.35.28.0",	 "192.0.2.1" };
	static const char *const misses6[] = { "2606:1f7f:ffff::1",
					       "2606:1f81::1",
					       "2400:6680:efff::1",
					       "2400:6680:f001::1",
					       "2a00:144f::1",
					       "2001:db8:1::1",
					       "64:ff9b::104.244.48.0",
					       "64:ff9b:1::104.244.42.1",
					       "64:ff9b::1:0:104.244.42.1",
					       "64:ff9b:0:0:100::104.244.42.1" };
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(misses) / sizeof(*misses); i++)
		syn_to(r, CLIENT4, misses[i], 40000);
	for (size_t i = 0; i < sizeof(misses6) / sizeof(*misses6); i++)
		syn_to(r, CLIENT6, misses6[i], 40000);
	assert_int_equal(rig_count(r, COUNT_OPENED), 0);
	assert_int_equal(rig_count(r, COUNT_MIDSTREAM), 0);
	assert_int_equal(rig_count(r, COUNT_WATCHED), 0);
	assert_int_equal(rig_unparsed(r), 0);
}

static void the_first_and_the_last_address_of_a_range_are_watched(void **state)
{
	static const struct {
		const char *server;
		enum range_id id;
	} hits[] = {
		{ "104.244.40.0", RANGE_X },
		{ "104.244.47.255", RANGE_X },
		{ "162.159.140.229", RANGE_DEDICATED },
		{ "151.101.0.0", RANGE_SHARED },
		{ "151.101.255.255", RANGE_SHARED },
		{ "198.35.26.0", RANGE_WHOLE },
		{ "198.35.27.255", RANGE_WHOLE },
		{ "2606:1f80::", RANGE_X6 },
		{ "2606:1f80:ffff:ffff:ffff:ffff:ffff:ffff", RANGE_X6 },
		{ "2400:6680:f000::", RANGE_X6_48 },
		{ "2400:6680:f000:ffff:ffff:ffff:ffff:ffff", RANGE_X6_48 },
		{ NAT64("104.244.42.1"), RANGE_X },
		{ NAT64("162.159.140.229"), RANGE_DEDICATED },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(hits) / sizeof(*hits); i++) {
		bool v6 = strchr(hits[i].server, ':');
		const struct wire_flow *f;

		rig_before_each(state);
		syn_to(r, v6 ? CLIENT6 : CLIENT4, hits[i].server, 40000);
		rig_wait(r, 23000);
		f = &rig_final(r)->flow;
		assert_int_equal(f->prefix, hits[i].id);
		assert_int_equal(!!(f->state & STATE_V6), v6);
		assert_int_equal(!!(f->state & STATE_SHARED), hits[i].id == RANGE_SHARED);
		assert_int_equal(!!(f->state & STATE_CONTROL), hits[i].id == RANGE_WHOLE);
		assert_int_equal(!!(f->state & STATE_HELLO), hits[i].id != RANGE_WHOLE);
		after_each(state);
	}
}

static void a_control_is_sampled_alike_in_both_directions(void **state)
{
	struct rig *r = *state;
	enum { N = 2000 };
	__u64 opened;

	for (int v6 = 0; v6 < 2; v6++) {
		rig_before_each(state);
		for (int i = 0; i < N; i++) {
			struct talk t;

			talk_start(&t, r, v6 ? CLIENT6 : CLIENT4, v6 ? "2a00:1450::5" : "64.233.161.5");
			t.up.sport = t.down.dport = 10000 + i;
			if (i & 1) /* the rarer way must come to the same answer */
				t.up.odd = v6 ? ODD_DST_OPTS : ODD_OPTIONS;
			talk_syn(&t);
			t.down.below = i & 2 ? BELOW_QINQ : BELOW_ETHERNET;
			talk_synack(&t);
			t.up.odd = ODD_NONE;
			talk_up(&t, ACK, 1, 1, 0);
		}
		opened = rig_count(r, COUNT_OPENED);
		assert_in_range(opened, N / 5, N * 3 / 10); /* a quarter was asked for */
		assert_int_equal(rig_count(r, COUNT_WATCHED), opened * 3);
		assert_int_equal(rig_count(r, COUNT_MIDSTREAM), 0);
		assert_int_equal(rig_group(r, GROUP_SAMPLED, GROUP_SYNACK), opened);
	}
}

/* ---- what cannot be taken apart ---------------------------------------------------------------------- */
static void the_unparsed_are_counted_by_reason(void **state)
{
	static const struct {
		const char *what;
		int reason; /* -1: nothing that we could be blind to */
		struct packet_spec spec;
		__u16 type; /* Ethertype to write over the last one */
	} cases[] = {
		{ "later fragment", COUNT_UNPARSED_FRAGMENT, { .odd = ODD_LATER }, 0 },
		{ "later fragment, IPv6", COUNT_UNPARSED_FRAGMENT, { .v6 = true, .odd = ODD_LATER }, 0 },
		{ "nine extension headers", COUNT_UNPARSED_DEPTH, { .v6 = true, .odd = ODD_DEEP }, 0 },
		{ "GRE", COUNT_UNPARSED_TUNNEL, { .transport = OTHER, .proto = 47, .len = 40 }, 0 },
		{ "IP in IP", COUNT_UNPARSED_TUNNEL, { .transport = OTHER, .proto = 4, .len = 40 }, 0 },
		{ "ESP, IPv6",
		  COUNT_UNPARSED_TUNNEL,
		  { .v6 = true, .transport = OTHER, .proto = 50, .len = 40 },
		  0 },
		{ "OSPF", -1, { .transport = OTHER, .proto = 89, .len = 40 }, 0 },
		{ "ARP", -1, { .len = 40 }, 0x0806 },
		{ "LLDP", -1, { .len = 40 }, 0x88cc },
		{ "802.3", -1, { .len = 40 }, 0x0040 },
		{ "NSH", COUNT_UNPARSED_ETHERTYPE, { .len = 40 }, 0x894f },
		{ "ARP in VLAN", -1, { .below = BELOW_VLAN, .len = 40 }, 0x0806 },
		{ "four tags", COUNT_UNPARSED_DEPTH, { .below = BELOW_VLAN_3, .len = 40 }, 0x8100 },
		{ "PPP's control", -1, { .below = BELOW_PPPOE, .len = 40 }, 0xc021 },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct packet_spec s = cases[i].spec;
		__u8 frame[FRAME_MAX];
		bool v6;
		size_t n;

		print_message("%s\n", cases[i].what);
		rig_before_each(state);
		packet_address(s.src, &v6, s.v6 ? CLIENT6 : CLIENT4);
		packet_address(s.dst, &v6, s.v6 ? SERVER6 : SERVER4);
		s.ttl = 60;
		s.flags = SYN;
		n = packet_build(&s, frame);
		if (cases[i].type) {
			size_t at = s.below == BELOW_VLAN_3	? 24
				    : s.below == BELOW_ETHERNET ? 12
				    : s.below == BELOW_VLAN	? 16
								: 20;

			frame[at] = cases[i].type >> 8;
			frame[at + 1] = cases[i].type & 0xff;
		}
		assert_int_equal(rig_push_frame(r, frame, n, false), 0);
		assert_int_equal(rig_count(r, COUNT_OPENED), 0);
		assert_int_equal(rig_unparsed(r), cases[i].reason < 0 ? 0 : 1);
		if (cases[i].reason >= 0)
			assert_int_equal(rig_count(r, cases[i].reason), 1);
	}
}

static void headers_that_lie_are_counted(void **state)
{
	static const struct {
		const char *what;
		bool v6;
		size_t at;
		__u8 value;
		enum counter reason;
	} lies[] = {
		{ "IPv4 of version 5", false, 14, 0x55, COUNT_UNPARSED_HEADER },
		{ "header of 16 bytes", false, 14, 0x44, COUNT_UNPARSED_HEADER },
		{ "shorter than its header", false, 17, 0x10, COUNT_UNPARSED_HEADER },
		{ "TCP header cut off", false, 17, 39, COUNT_UNPARSED_TRANSPORT },
		{ "TCP header of 16 bytes", false, 14 + 20 + 12, 0x40, COUNT_UNPARSED_TRANSPORT },
		{ "TCP options beyond the packet", false, 14 + 20 + 12, 0xf0, COUNT_UNPARSED_TRANSPORT },
		{ "IPv6 of version 5", true, 14, 0x50, COUNT_UNPARSED_HEADER },
		{ "TCP header cut off, IPv6", true, 14 + 5, 19, COUNT_UNPARSED_TRANSPORT },
		{ "TCP options beyond the packet, IPv6", true, 14 + 40 + 12, 0xf0, COUNT_UNPARSED_TRANSPORT },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		struct packet_spec s = { .transport = TCP, .flags = SYN, .v6 = lies[i].v6, .ttl = 9, .len = 10 };
		__u8 frame[FRAME_MAX];
		bool v6;
		size_t n;

		print_message("%s\n", lies[i].what);
		rig_before_each(state);
		packet_address(s.src, &v6, s.v6 ? CLIENT6 : CLIENT4);
		packet_address(s.dst, &v6, s.v6 ? SERVER6 : SERVER4);
		n = packet_build(&s, frame);
		frame[lies[i].at] = lies[i].value;
		assert_int_equal(rig_push_frame(r, frame, n, false), 0);
		assert_int_equal(rig_count(r, COUNT_OPENED), 0);
		assert_int_equal(rig_count(r, lies[i].reason), 1);
		assert_int_equal(rig_unparsed(r), 1);
	}
}

/*
 * Every length at which a frame may be cut, of a SYN in every encapsulation. Below its IP and TCP headers it opens
 * nothing and is counted, once, unless the kernel does not take it (tests/unit/test_parse.c goes on from there).
 */
static void every_cut_length_is_counted_or_opens(void **state)
{
	struct rig *r = *state;
	unsigned int refused = 0, pushed = 0;

	for (int below = 0; below < BELOWS; below++) {
		for (int v6 = 0; v6 < 2; v6++) {
			__u8 frame[FRAME_MAX];
			struct talk t;
			size_t n;

			talk_in(&t, r, below, v6);
			t.up.transport = TCP;
			t.up.flags = SYN;
			t.up.options = t.up.timestamps = true;
			n = packet_build(&t.up, frame);
			for (size_t cut = 1; cut <= n; cut++) {
				int err;

				rig_before_each(state);
				err = rig_push_frame(r, frame, cut, below == BELOW_RAW);
				if (err) {
					assert_int_equal(err, -EINVAL);
					assert_in_range(cut, 1, 14 + 40);
					refused++;
					continue;
				}
				pushed++;
				assert_int_equal(rig_count(r, COUNT_OPENED), cut == n);
				/* a raw device's type is in bytes 12 and 13 here: without them it is not IP */
				if (cut < n)
					assert_int_equal(rig_unparsed(r), 1);
			}
		}
	}
	print_message("%u frames, %u of them refused by the kernel\n", pushed + refused, refused);
	assert_true(pushed > 1000);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_before_each, after_each)
	const struct CMUnitTest tests[] = {
		T(a_flow_is_followed_in_every_encapsulation),
		T(a_flow_is_followed_in_every_odd_shape_of_ip),
		T(tcp_options_are_skipped_and_timestamps_seen),
		T(a_scanners_syn_bears_its_marks),
		T(a_super_packet_counts_as_its_segments),
		T(quic_initials_and_their_answer_in_every_encapsulation),
		T(first_payloads_are_joined_to_their_flow),
		T(a_large_first_payload_goes_in_two_pieces),
		T(what_was_read_is_wiped_from_the_ring),
		T(plain_text_and_controls_send_no_payload),
		T(what_is_no_initial_opens_nothing),
		T(an_icmp_error_is_understood_in_every_encapsulation),
		T(a_quote_too_short_is_counted),
		T(an_icmp_error_on_quic),
		T(near_misses_are_left_alone),
		T(the_first_and_the_last_address_of_a_range_are_watched),
		T(a_control_is_sampled_alike_in_both_directions),
		T(the_unparsed_are_counted_by_reason),
		T(headers_that_lie_are_counted),
		T(every_cut_length_is_counted_or_opens),
	};

	return cmocka_run_group_tests_name("table", tests, set_up, rig_tear_down);
}
