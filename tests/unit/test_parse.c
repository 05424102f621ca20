// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF side's parser, compiled natively: every encapsulation at every cut length, also those that BPF_PROG_TEST_RUN
 * refuses, and frames with bytes changed at random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "unit/native_parse.h"

static size_t build(__u8 *out, int below, bool v6, unsigned int odd)
{
	struct packet_spec s = { .below = below, .odd = odd, .transport = TCP, .flags = SYN, .ttl = 57, .len = 40 };

	packet_address(s.src, &s.v6, v6 ? "2001:db8::1" : "192.0.2.1");
	packet_address(s.dst, &s.v6, v6 ? "2606:1f80::1" : "104.244.42.1");
	s.ipid = 4660;
	s.padding = 9;
	return packet_build(&s, out);
}

/* What the parser should find, from how the frame was made. */
static const size_t l2_sizes[BELOWS] = {
	[BELOW_ETHERNET] = 14,	 [BELOW_VLAN] = 18,	      [BELOW_QINQ] = 22,   [BELOW_QINQ_AD] = 22,
	[BELOW_QINQ_OLD] = 22,	 [BELOW_VLAN_3] = 26,	      [BELOW_PPPOE] = 22,  [BELOW_PPPOE_VLAN] = 26,
	[BELOW_PPPOE_QINQ] = 30, [BELOW_MPLS] = 18,	      [BELOW_MPLS_6] = 38, [BELOW_MPLS_VLAN] = 26,
	[BELOW_RAW] = 0,	 [BELOW_MPLS_MULTICAST] = 18,
};

static size_t ip_size(bool v6, unsigned int odd)
{
	static const struct {
		unsigned int odd;
		size_t size;
	} extensions[] = {
		{ ODD_HOP_BY_HOP, 16 }, { ODD_ROUTING, 24 }, { ODD_DST_OPTS, 8 },
		{ ODD_AH, 24 },		{ ODD_FIRST, 8 },    { ODD_ATOMIC, 8 },
	};
	size_t size = v6 ? 40 : odd & ODD_OPTIONS ? 28 : 20;

	for (size_t i = 0; v6 && i < sizeof(extensions) / sizeof(*extensions); i++)
		size += odd & extensions[i].odd ? extensions[i].size : 0;
	return size;
}

static const unsigned int odds[] = {
	ODD_NONE,
	ODD_OPTIONS,
	ODD_FIRST,
	ODD_ATOMIC,
	ODD_AH,
	ODD_HOP_BY_HOP | ODD_DST_OPTS,
	ODD_HOP_BY_HOP | ODD_ROUTING | ODD_DST_OPTS | ODD_ATOMIC | ODD_AH,
};

static void each_shape_is_found_where_it_lies(void **state)
{
	__u8 frame[FRAME_MAX];

	(void)state;
	for (int below = 0; below < BELOWS; below++) {
		for (int v6 = 0; v6 < 2; v6++) {
			for (size_t i = 0; i < sizeof(odds) / sizeof(*odds); i++) {
				size_t n = build(frame, below, v6, odds[i]);
				struct parsed p = parse(frame, n, below == BELOW_RAW);

				assert_int_equal(p.err, PARSE_OK);
				assert_int_equal(p.l3.v6, v6);
				assert_int_equal(p.l3.off, l2_sizes[below]);
				assert_int_equal(p.l4.off, l2_sizes[below] + ip_size(v6, odds[i]));
				assert_int_equal(p.l4.end, n - 9); /* the padding is not the packet's */
				assert_int_equal(p.l4.proto, IPPROTO_TCP);
				assert_int_equal(p.l4.ttl, 57);
				assert_int_equal(p.l4.ipid, v6 ? 0 : 4660);
				assert_int_equal(p.l4.first_fragment, !!(odds[i] & ODD_FIRST));
			}
		}
	}
}

/* A frame cut anywhere is short as long as a header is missing, and never read beyond its end. */
static void each_cut_is_short_until_the_headers_are_there(void **state)
{
	__u8 frame[FRAME_MAX];

	(void)state;
	for (int below = 0; below < BELOWS; below++) {
		for (int v6 = 0; v6 < 2; v6++) {
			for (size_t i = 0; i < sizeof(odds) / sizeof(*odds); i++) {
				bool raw = below == BELOW_RAW;
				size_t n = build(frame, below, v6, odds[i]);
				/* an extension header is read by its first 8 bytes, IPv4's options not at all */
				size_t fixed = l2_sizes[below] + (v6 ? 40 : 20);
				size_t whole = l2_sizes[below] + ip_size(v6, odds[i]);

				/* without its first byte a raw frame has no version; the kernel says it there */
				for (size_t cut = raw ? 1 : 0; cut <= n; cut++) {
					struct parsed p = parse(frame, cut, raw);

					if (cut < fixed)
						assert_int_equal(p.err, PARSE_FAIL(SHORT));
					if (cut >= whole || (!v6 && cut >= fixed))
						assert_int_equal(p.err, PARSE_OK);
					if (!p.err)
						assert_true(p.l4.end <= cut);
				}
			}
		}
	}
}

static void headers_that_lie_are_refused_by_reason(void **state)
{
	static const struct {
		int below;
		bool v6;
		unsigned int odd;
		size_t at;
		__u8 value;
		int err;
	} lies[] = {
		{ BELOW_ETHERNET, false, 0, 14, 0x65, PARSE_FAIL(HEADER) },
		{ BELOW_ETHERNET, false, 0, 14, 0x44, PARSE_FAIL(HEADER) },
		{ BELOW_ETHERNET, false, 0, 17, 19, PARSE_FAIL(HEADER) },
		{ BELOW_ETHERNET, true, 0, 14, 0x40, PARSE_FAIL(HEADER) },
		{ BELOW_ETHERNET, false, ODD_LATER, 14, 0x45, PARSE_FAIL(FRAGMENT) },
		{ BELOW_ETHERNET, true, ODD_LATER, 14, 0x60, PARSE_FAIL(FRAGMENT) },
		{ BELOW_ETHERNET, true, ODD_DEEP, 14, 0x60, PARSE_FAIL(DEPTH) },
		{ BELOW_ETHERNET, false, 0, 12, 0x88, PARSE_FAIL(ETHERTYPE) },
		{ BELOW_VLAN_3, false, 0, 24, 0x81, PARSE_FAIL(DEPTH) },
		{ BELOW_MPLS_6, false, 0, 36, 0, PARSE_FAIL(DEPTH) },	   /* no bottom of the stack */
		{ BELOW_MPLS, false, 0, 18, 0x05, PARSE_FAIL(ETHERTYPE) }, /* a control word */
		{ BELOW_PPPOE, false, 0, 20, 0xc0, PARSE_NOT_IP },
	};
	__u8 frame[FRAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		size_t n = build(frame, lies[i].below, lies[i].v6, lies[i].odd);

		frame[lies[i].at] = lies[i].value;
		assert_int_equal(parse(frame, n, false).err, lies[i].err);
	}
}

static void pppoe_and_ip_each_may_end_a_packet(void **state)
{
	__u8 frame[FRAME_MAX];
	size_t n = build(frame, BELOW_PPPOE, false, 0);

	(void)state;
	frame[19] -= 10; /* PPPoE's length */
	assert_int_equal(parse(frame, n, false).l4.end, n - 9 - 10);
	frame[22 + 3] -= 20; /* IP's */
	assert_int_equal(parse(frame, n, false).l4.end, n - 9 - 20);
	frame[22 + 2] = frame[22 + 3] = 0; /* a super-packet: only what lies below tells */
	assert_int_equal(parse(frame, n, false).l4.end, n - 9 - 10);
	n = build(frame, BELOW_ETHERNET, true, 0);
	frame[14 + 4] = frame[14 + 5] = 0;
	assert_int_equal(parse(frame, n, false).l4.end, n);
}

/* Whatever the bytes: an answer, and an end within the frame. */
static void random_bytes_do_no_harm(void **state)
{
	unsigned int seed = 20240217, ok = 0, failed = 0;
	__u8 frame[FRAME_MAX];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		int below = rand_r(&seed) % BELOWS;
		size_t n = build(frame, below, rand_r(&seed) & 1,
				 odds[rand_r(&seed) % (sizeof(odds) / sizeof(*odds))]);
		struct parsed p;

		for (int changes = rand_r(&seed) % 6; changes > 0; changes--)
			frame[rand_r(&seed) % n] = rand_r(&seed);
		if (rand_r(&seed) & 1)
			n = 1 + rand_r(&seed) % n;
		p = parse(frame, n, below == BELOW_RAW);
		assert_true(p.err == PARSE_OK || p.err == PARSE_NOT_IP ||
			    (-2 - p.err >= (int)COUNT_UNPARSED_SHORT && -2 - p.err <= (int)COUNT_UNPARSED_QUOTE));
		assert_true(p.err || p.l4.end <= n);
		p.err ? failed++ : ok++;
	}
	assert_true(ok > 10000 && failed > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_shape_is_found_where_it_lies),
		cmocka_unit_test(each_cut_is_short_until_the_headers_are_there),
		cmocka_unit_test(headers_that_lie_are_refused_by_reason),
		cmocka_unit_test(pppoe_and_ip_each_may_end_a_packet),
		cmocka_unit_test(random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
