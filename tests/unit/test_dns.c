// SPDX-License-Identifier: GPL-2.0
/* DNS messages taken apart, and what is thought of an answer. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "dns_message.h"
#include "judge/dns.h"
#include "judge/nat64.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

static const struct wire_config nat64 = { .nat64_n = 1,
					  .nat64[0] = { .addr = { 0, 0x64, 0xff, 0x9b }, .plen = 96 } };

/* X's ranges: 104.244.42.0/24, 10.9.0.0/16 (a laboratory's), 2606:1f80::/32. */
static bool inside_x(void *arg, const struct dns_address *a)
{
	(void)arg;
	if (a->v6)
		return !memcmp(a->bytes, ((__u8[]){ 0x26, 0x06, 0x1f, 0x80 }), 4);
	return !memcmp(a->bytes + 12, ((__u8[]){ 104, 244, 42 }), 3) ||
	       !memcmp(a->bytes + 12, ((__u8[]){ 10, 9 }), 2);
}

static struct dns_address address_of(const char *text)
{
	struct dns_address a = { .v6 = strchr(text, ':') };

	if (a.v6) {
		assert_int_equal(inet_pton(AF_INET6, text, a.bytes), 1);
	} else {
		a.bytes[10] = a.bytes[11] = 0xff;
		assert_int_equal(inet_pton(AF_INET, text, a.bytes + 12), 1);
	}
	return a;
}

/* A heap copy of just this size, so that a byte read behind it is found. */
static int read_exactly(const __u8 *bytes, size_t n, struct dns_message *out)
{
	__u8 *copy = malloc(n ? n : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	err = dns_read(copy, n, out);
	free(copy);
	return err;
}

static enum dns_verdict verdict_of(const struct dns_text *d)
{
	struct dns_message m;

	assert_int_equal(read_exactly(d->bytes, d->n, &m), 0);
	return dns_judge(&m, &nat64, inside_x, NULL);
}

/* The verdict on an answer of these addresses, a space between them. */
static enum dns_verdict verdict_on(const char *addresses)
{
	char words[256], *word, *rest = words;
	struct dns_text d;

	dns_begin(&d, 7, DNS_ANSWER, "x.com", strchr(addresses, ':') ? DNS_TYPE_AAAA : DNS_TYPE_A);
	snprintf(words, sizeof(words), "%s", addresses);
	while ((word = strsep(&rest, " ")))
		dns_add_address(&d, word);
	return verdict_of(&d);
}

static void a_question_is_read(void **state)
{
	struct dns_message m;
	struct dns_text d;

	(void)state;
	dns_begin(&d, 7, DNS_QUERY, "aPi.X.com", DNS_TYPE_AAAA);
	assert_int_equal(read_exactly(d.bytes, d.n, &m), 0);
	assert_false(m.response);
	assert_int_equal(m.type, DNS_TYPE_AAAA);
	assert_int_equal(m.name_len, 9);
	assert_memory_equal(m.name, "api.x.com", 9);
	assert_int_equal(m.n, 0);
	assert_int_equal(verdict_of(&d), DNS_NONE);
}

static void addresses_are_read_at_the_end_of_the_chain(void **state)
{
	struct dns_text d, edge = { .n = 0 };
	struct dns_message m;

	(void)state;
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	dns_add_cname(&d, "Edge.X.com");
	dns_add_address(&d, "192.0.2.1"); /* of x.com itself, which has another name: not looked at */
	dns_put_name(&edge, "edge.x.COM");
	dns_put(&d, edge.bytes, edge.n);
	dns_put(&d, "\0\1\0\1\0\0\0\74\0\4\150\364\52\1", 14);
	d.bytes[7]++;
	assert_int_equal(read_exactly(d.bytes, d.n, &m), 0);
	assert_int_equal(m.n, 1);
	assert_memory_equal(m.addresses[0].bytes + 12, ((__u8[]){ 104, 244, 42, 1 }), 4);
	assert_false(m.cut);
	assert_int_equal(verdict_of(&d), DNS_OK);
}

static void the_order_of_a_chain_does_not_matter(void **state)
{
	static const char behind[] = "\0\1\0\1\0\0\0\74\0\4\150\364\52\1";
	struct dns_text d, edge = { .n = 0 };
	struct dns_message m;

	(void)state;
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	dns_put_name(&edge, "edge.x.com");
	dns_put(&d, edge.bytes, edge.n);
	dns_put(&d, behind, 14);
	d.bytes[7]++;
	dns_add_cname(&d, "edge.x.com");
	assert_int_equal(read_exactly(d.bytes, d.n, &m), 0);
	assert_int_equal(m.n, 1);
}

static void names_that_point_ahead_or_at_themselves_end_the_reading(void **state)
{
	static const unsigned int pointers[] = { 0xc017, 0xc01b, 0xc0ff, 0xffff };
	struct dns_message m;
	struct dns_text d;

	(void)state;
	for (size_t i = 0; i < N(pointers); i++) {
		dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A); /* its answers begin at byte 23, 0x17 */
		assert_int_equal(d.n, 0x17);
		dns_add_address(&d, "104.244.42.1");
		d.bytes[0x17] = (__u8)(pointers[i] >> 8);
		d.bytes[0x18] = (__u8)pointers[i];
		assert_int_equal(read_exactly(d.bytes, d.n, &m), 0);
		assert_int_equal(m.n, 0);
		assert_true(m.cut);
	}
	dns_begin(&d, 7, DNS_QUERY, "x.com", DNS_TYPE_A);
	d.bytes[12] = 0xc0;
	d.bytes[13] = 12;
	assert_int_equal(read_exactly(d.bytes, d.n, &m), -EINVAL);
}

static void a_chain_of_cnames_that_is_a_ring_has_no_verdict(void **state)
{
	struct dns_text d;

	(void)state;
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	dns_add_cname(&d, "x.com");
	assert_int_equal(verdict_of(&d), DNS_NONE);
}

static void a_message_cut_anywhere_is_read_as_far_as_it_goes(void **state)
{
	struct dns_message m;
	struct dns_text d;
	size_t question;

	(void)state;
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	question = d.n;
	dns_add_address(&d, "104.244.42.1");
	dns_add_address(&d, "104.244.42.2");
	for (size_t n = 0; n <= d.n; n++) {
		int err = read_exactly(d.bytes, n, &m);

		assert_int_equal(err, n < question ? -EINVAL : 0);
		assert_int_equal(m.n, n < question ? 0 : (n - question) / 16);
		assert_int_equal(m.cut, n >= question && n < d.n);
	}
}

static void no_bytes_are_read_that_are_not_there(void **state)
{
	struct dns_text d;
	struct dns_message m;

	(void)state;
	srand(53);
	dns_begin(&d, 7, DNS_ANSWER, "api.x.com", DNS_TYPE_A);
	dns_add_cname(&d, "edge.x.com");
	dns_add_address(&d, "104.244.42.1");
	for (int i = 0; i < 20000; i++) {
		struct dns_text changed = d;

		for (int j = 0; j < 3; j++)
			changed.bytes[rand() % (int)d.n] = (__u8)rand();
		if (!read_exactly(changed.bytes, (size_t)(rand() % (int)d.n) + 1, &m)) {
			assert_true(m.name_len && m.name_len <= sizeof(m.name) && m.n <= DNS_ADDRESSES);
			dns_judge(&m, &nat64, inside_x, NULL);
		}
	}
}

static void more_addresses_than_are_kept_are_no_harm(void **state)
{
	struct dns_text d;
	struct dns_message m;

	(void)state;
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	for (int i = 0; i < 20; i++)
		dns_add_address(&d, "104.244.42.1");
	assert_int_equal(read_exactly(d.bytes, d.n, &m), 0);
	assert_int_equal(m.n, DNS_ADDRESSES);
	assert_false(m.cut);
}

static void an_answer_is_what_its_addresses_are(void **state)
{
	static const struct {
		const char *addresses;
		enum dns_verdict wanted;
	} rows[] = {
		{ "104.244.42.1", DNS_OK },
		{ "104.244.43.1", DNS_OUTSIDE },
		{ "1.2.3.4 104.244.42.1", DNS_OK },	   /* a list may lack one */
		{ "104.244.42.1 10.10.34.34", DNS_BOGON }, /* no server sends that */
		{ "1.2.3.4 10.10.34.34", DNS_BOGON },
		{ "2606:1f80::1", DNS_OK },
		{ "2606:4700::1", DNS_OUTSIDE },
		{ "10.9.0.1", DNS_OK }, /* in the operator's own list */
		{ "10.10.34.34", DNS_BOGON },
		{ "10.10.34.36", DNS_BOGON },
		{ "127.0.0.1", DNS_BOGON },
		{ "0.0.0.0", DNS_BOGON },
		{ "2001::6ca0:a73d", DNS_BOGON }, /* Teredo */
		{ "64:ff9b::104.244.42.1", DNS_OK },
		{ "64:ff9b::1.2.3.4", DNS_OUTSIDE },
		{ "64:ff9b::10.10.34.34", DNS_BOGON },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		if (verdict_on(rows[i].addresses) != rows[i].wanted)
			fail_msg("%s: %s", rows[i].addresses, dns_verdict_name(verdict_on(rows[i].addresses)));
}

static void what_a_resolver_says_of_itself_is_no_verdict(void **state)
{
	static const unsigned int flags[] = { DNS_SERVFAIL, DNS_REFUSED, 0x8181, 0x8184 };
	struct dns_text d;

	(void)state;
	for (size_t i = 0; i < N(flags); i++) {
		dns_begin(&d, 7, flags[i], "x.com", DNS_TYPE_A);
		assert_int_equal(verdict_of(&d), DNS_NONE);
	}
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_AAAA); /* no such record */
	assert_int_equal(verdict_of(&d), DNS_NONE);
	dns_add_cname(&d, "edge.x.com");
	assert_int_equal(verdict_of(&d), DNS_NONE);
	dns_begin(&d, 7, DNS_NO_NAME, "x.com", DNS_TYPE_A);
	assert_int_equal(verdict_of(&d), DNS_NXDOMAIN);
}

static void bogons_end_where_the_registries_say(void **state)
{
	static const struct {
		const char *first, *last;
	} blocks[] = {
		{ "0.0.0.0", "0.255.255.255" },	      { "10.0.0.0", "10.255.255.255" },
		{ "100.64.0.0", "100.127.255.255" },  { "127.0.0.0", "127.255.255.255" },
		{ "169.254.0.0", "169.254.255.255" }, { "172.16.0.0", "172.31.255.255" },
		{ "192.168.0.0", "192.168.255.255" }, { "198.18.0.0", "198.19.255.255" },
		{ "203.0.113.0", "203.0.113.255" },   { "224.0.0.0", "255.255.255.255" },
		{ "2001::", "2001:0:ffff::" },	      { "2001:db8::", "2001:db8:ffff::" },
		{ "fc00::", "fdff:ffff::" },	      { "fe80::", "febf::1" },
	};
	static const char *const others[] = { "1.0.0.0",     "9.255.255.255",	"11.0.0.0",	  "100.63.255.255",
					      "100.128.0.0", "126.255.255.255", "128.0.0.0",	  "172.15.255.255",
					      "172.32.0.0",  "192.167.255.255", "198.17.255.255", "198.20.0.0",
					      "203.0.114.0", "223.255.255.255", "2001:1::",	  "2001:4860::",
					      "2001:db7::1", "2606:1f80::1",	"fe00::",	  "fec0::" };
	struct dns_address a;

	(void)state;
	for (size_t i = 0; i < N(blocks); i++) {
		a = address_of(blocks[i].first);
		assert_true(dns_is_bogon(&a));
		a = address_of(blocks[i].last);
		assert_true(dns_is_bogon(&a));
	}
	for (size_t i = 0; i < N(others); i++) {
		a = address_of(others[i]);
		if (dns_is_bogon(&a))
			fail_msg("%s", others[i]);
	}
}

static void an_ipv4_address_is_found_in_every_prefix_of_rfc_6052(void **state)
{
	/* RFC 6052, 2.4 */
	static const struct {
		const char *prefix, *address;
		unsigned int plen;
	} rows[] = {
		{ "2001:db8::", "2001:db8:c000:221::", 32 },
		{ "2001:db8:100::", "2001:db8:1c0:2:21::", 40 },
		{ "2001:db8:122::", "2001:db8:122:c000:2:2100::", 48 },
		{ "2001:db8:122:300::", "2001:db8:122:3c0:0:221::", 56 },
		{ "2001:db8:122:344::", "2001:db8:122:344:c0:2:2100::", 64 },
		{ "2001:db8:122:344::", "2001:db8:122:344::192.0.2.33", 96 },
	};
	__u8 v4[4];

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct dns_address prefix = address_of(rows[i].prefix), a = address_of(rows[i].address);
		struct wire_config cfg = { .nat64_n = 1, .nat64[0].plen = rows[i].plen };

		memcpy(cfg.nat64[0].addr, prefix.bytes, 16);
		assert_true(nat64_inner(&cfg, a.bytes, v4));
		assert_memory_equal(v4, ((__u8[]){ 192, 0, 2, 33 }), 4);
		a.bytes[2] ^= 1;
		assert_false(nat64_inner(&cfg, a.bytes, v4));
	}
}

/* Do answers of these addresses ("" for NXDOMAIN, "-" for none) differ, whichever is first? */
static bool differ(const char *first, const char *second)
{
	const char *texts[2] = { first, second };
	struct dns_message m[2];

	for (int i = 0; i < 2; i++) {
		struct dns_text d;

		dns_begin(&d, 7, *texts[i] ? DNS_ANSWER : DNS_NO_NAME, "x.com", DNS_TYPE_A);
		if (*texts[i] && *texts[i] != '-')
			dns_add_address(&d, texts[i]);
		if (*texts[i] == '1')
			dns_add_address(&d, "104.244.42.200");
		assert_int_equal(read_exactly(d.bytes, d.n, &m[i]), 0);
	}
	assert_int_equal(dns_differ(&m[0], &m[1]), dns_differ(&m[1], &m[0]));
	return dns_differ(&m[0], &m[1]);
}

static void answers_differ_that_have_no_address_in_common(void **state)
{
	(void)state;
	assert_false(differ("10.10.34.34", "10.10.34.34"));
	assert_false(differ("104.244.42.1", "104.244.42.129")); /* .200 in both */
	assert_true(differ("31.13.80.1", "93.46.8.90"));
	assert_true(differ("93.46.8.90", "104.244.42.1"));
	assert_true(differ("", "104.244.42.1"));
	assert_false(differ("", ""));
	assert_false(differ("-", "104.244.42.1"));
	assert_false(differ("-", ""));
}

static void answers_to_two_questions_do_not_differ(void **state)
{
	struct dns_message a, aaaa;
	struct dns_text d;

	(void)state;
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	dns_add_address(&d, "104.244.42.1");
	assert_int_equal(read_exactly(d.bytes, d.n, &a), 0);
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_AAAA);
	dns_add_address(&d, "2606:1f80::1");
	assert_int_equal(read_exactly(d.bytes, d.n, &aaaa), 0);
	assert_false(dns_differ(&a, &aaaa));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_read),
		cmocka_unit_test(addresses_are_read_at_the_end_of_the_chain),
		cmocka_unit_test(the_order_of_a_chain_does_not_matter),
		cmocka_unit_test(names_that_point_ahead_or_at_themselves_end_the_reading),
		cmocka_unit_test(a_chain_of_cnames_that_is_a_ring_has_no_verdict),
		cmocka_unit_test(a_message_cut_anywhere_is_read_as_far_as_it_goes),
		cmocka_unit_test(no_bytes_are_read_that_are_not_there),
		cmocka_unit_test(more_addresses_than_are_kept_are_no_harm),
		cmocka_unit_test(an_answer_is_what_its_addresses_are),
		cmocka_unit_test(what_a_resolver_says_of_itself_is_no_verdict),
		cmocka_unit_test(bogons_end_where_the_registries_say),
		cmocka_unit_test(an_ipv4_address_is_found_in_every_prefix_of_rfc_6052),
		cmocka_unit_test(answers_differ_that_have_no_address_in_common),
		cmocka_unit_test(answers_to_two_questions_do_not_differ),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
