// SPDX-License-Identifier: GPL-2.0
/*
 * Any frame through the BPF side's parser, compiled natively: an answer of those there are, headers and end within the
 * frame, and no difference made by what lies behind the packet's end. The first byte tells whether the frame begins with
 * Ethernet.
 */
#include "unit/native_parse.h" /* before other headers: see there */

#include "fuzz/fuzz.h"

static void check_answer(const struct parsed *p, size_t n)
{
	size_t ip = p->l3.v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);

	if (p->err) {
		CHECK(p->err == PARSE_NOT_IP ||
		      (-2 - p->err >= (int)COUNT_UNPARSED_SHORT && -2 - p->err <= (int)COUNT_UNPARSED_QUOTE));
		return;
	}
	CHECK(p->l3.off + ip <= n);
	CHECK(p->l4.off >= p->l3.off + ip);
	CHECK(p->l4.end <= n);
}

/* Ethernet's padding, or what a capture has behind a packet. */
static void check_without_rest(const __u8 *bytes, bool raw, const struct parsed *whole)
{
	struct parsed p;

	if (whole->err || whole->l4.end < whole->l4.off)
		return; /* its lengths lie, so the frame's end is all there is */
	p = parse(bytes, whole->l4.end, raw);
	CHECK(p.err == PARSE_OK);
	CHECK(p.l3.off == whole->l3.off && p.l3.v6 == whole->l3.v6);
	CHECK(p.l4.off == whole->l4.off && p.l4.end == whole->l4.end && p.l4.proto == whole->l4.proto);
	CHECK(p.l4.ttl == whole->l4.ttl && p.l4.ipid == whole->l4.ipid);
	CHECK(p.l4.first_fragment == whole->l4.first_fragment);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct parsed p;
	bool raw;

	if (!size)
		return -1;
	raw = data[0] & 1;
	p = parse(data + 1, size - 1, raw);
	check_answer(&p, size - 1);
	check_without_rest(data + 1, raw, &p);
	return 0;
}

/* Each thing that may lie below IP, with IP in some odd shape, of both families. */
size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	static const unsigned int odds[] = {
		ODD_OPTIONS, ODD_FIRST, ODD_LATER, ODD_HOP_BY_HOP | ODD_ROUTING | ODD_AH, ODD_ATOMIC | ODD_DST_OPTS,
		ODD_DEEP,
	};
	struct packet_spec s = {
		.below = n / 2,
		.odd = odds[n / 2 % (sizeof(odds) / sizeof(*odds))],
		.transport = TCP,
		.flags = SYN,
		.ttl = 57,
		.len = 40,
		.padding = 6,
	};

	if (n >= 2 * BELOWS)
		return 0;
	packet_address(s.src, &s.v6, n & 1 ? "2001:db8::1" : "192.0.2.1");
	packet_address(s.dst, &s.v6, n & 1 ? "2606:1f80::1" : "104.244.42.1");
	out[0] = s.below == BELOW_RAW;
	return 1 + packet_build(&s, out + 1);
}
