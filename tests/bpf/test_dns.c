// SPDX-License-Identifier: GPL-2.0
/* Port 53: which messages leave the kernel, how much of them, and what query and answer have in common. */
#include <string.h>

#include <bpf/bpf.h>

#include "../dns_message.h"
#include "rig.h"

#define RESOLVER4 "198.51.100.53"
#define RESOLVER6 "2001:db8:53::53"

static int set_up(void **state)
{
	return rig_set_up(state, 64);
}

/* Between an asker and a resolver, over UDP or (`tcp`) TCP; templates for both directions. */
struct exchange {
	struct rig *r;
	struct packet_spec up, down;
	bool tcp;
};

static void start(struct exchange *e, void **state, const char *asker, const char *resolver)
{
	memset(e, 0, sizeof(*e));
	e->r = *state;
	packet_address(e->up.src, &e->up.v6, asker);
	packet_address(e->up.dst, &e->up.v6, resolver);
	e->up.transport = UDP;
	e->up.sport = 40053;
	e->up.dport = 53;
	e->up.ttl = 63;
	e->down = e->up;
	memcpy(e->down.src, e->up.dst, 16);
	memcpy(e->down.dst, e->up.src, 16);
	e->down.sport = 53;
	e->down.dport = 40053;
	e->down.ttl = 58;
}

static void push(struct exchange *e, struct packet_spec *s, const struct dns_text *d)
{
	struct dns_text framed = { .n = 0 };

	if (e->tcp) {
		dns_put16(&framed, (unsigned int)d->n);
		s->transport = TCP;
		s->flags = PSH | ACK;
		s->seq = 1000;
	}
	dns_put(&framed, d->bytes, d->n);
	s->payload = framed.bytes;
	s->len = (__u32)framed.n;
	rig_push(e->r, s);
	assert_int_equal(object_drain(&e->r->object), 0);
}

static void ask(struct exchange *e, unsigned int id, const char *name, unsigned int type)
{
	struct dns_text d;

	dns_begin(&d, id, DNS_QUERY, name, type);
	push(e, &e->up, &d);
}

static void answer(struct exchange *e, unsigned int id, const char *name, const char *address)
{
	struct dns_text d;

	dns_begin(&d, id, DNS_ANSWER, name, strchr(address, ':') ? DNS_TYPE_AAAA : DNS_TYPE_A);
	dns_add_address(&d, address);
	push(e, &e->down, &d);
}

/* How many messages left, and the last. */
static const struct wire_dns *sent(struct exchange *e, size_t n)
{
	assert_int_equal(e->r->n_dns, n);
	assert_int_equal(rig_count(e->r, COUNT_DNS_SENT), n);
	assert_int_equal(rig_count(e->r, COUNT_DNS_LOST), 0);
	return n ? &e->r->dns[(n - 1) % DNS_KEPT] : NULL;
}

static size_t skipped(struct exchange *e)
{
	return rig_count(e->r, COUNT_DNS_SKIPPED);
}

static void query_and_answer_meet(struct exchange *e)
{
	const struct wire_dns *d;
	__u64 key;

	rig_ms(e->r, 10);
	ask(e, 7, "api.x.com", DNS_TYPE_A);
	d = sent(e, 1);
	key = d->key;
	assert_int_equal(d->response, 0);
	assert_int_equal(d->ttl, 63);
	assert_int_equal(d->tcp, e->tcp);
	assert_int_equal(d->v6, e->up.v6);
	assert_int_equal(d->len, 12 + 11 + 4);
	rig_ms(e->r, 52);
	answer(e, 7, "api.x.com", "104.244.42.1");
	d = sent(e, 2);
	assert_int_equal(d->response, 1);
	assert_int_equal(d->ttl, 58);
	assert_int_equal(d->len, 12 + 11 + 4 + 16);
	assert_memory_equal(d->data + d->len - 4, ((__u8[]){ 104, 244, 42, 1 }), 4);
	assert_int_equal(d->now_ns - e->r->dns[0].now_ns, 42000000);
	assert_true(d->key == key && key);
	assert_int_equal(skipped(e), 0);
}

static void query_and_answer_have_a_key_in_common(void **state)
{
	struct exchange e;

	start(&e, state, CLIENT4, RESOLVER4);
	query_and_answer_meet(&e);
}

static void so_they_have_in_ipv6(void **state)
{
	struct exchange e;

	start(&e, state, CLIENT6, RESOLVER6);
	query_and_answer_meet(&e);
}

static void so_they_have_over_tcp(void **state)
{
	struct exchange e;

	start(&e, state, CLIENT4, RESOLVER4);
	e.tcp = true;
	query_and_answer_meet(&e);
}

static void so_they_have_behind_whatever_lies_below_ip(void **state)
{
	for (enum below below = 0; below < BELOW_RAW; below++) {
		for (int v6 = 0; v6 < 2; v6++) {
			struct exchange e;

			start(&e, state, v6 ? CLIENT6 : CLIENT4, v6 ? RESOLVER6 : RESOLVER4);
			e.up.below = e.down.below = below;
			query_and_answer_meet(&e);
			rig_reset(e.r);
		}
	}
}

static void so_they_have_behind_options_and_extension_headers(void **state)
{
	static const unsigned int odd6[] = { ODD_HOP_BY_HOP, ODD_ROUTING | ODD_DST_OPTS, ODD_ATOMIC, ODD_FIRST };
	struct exchange e;

	for (size_t i = 0; i < sizeof(odd6) / sizeof(*odd6); i++) {
		start(&e, state, CLIENT6, RESOLVER6);
		e.up.odd = e.down.odd = odd6[i];
		query_and_answer_meet(&e);
		rig_reset(e.r);
	}
	start(&e, state, CLIENT4, RESOLVER4);
	e.up.odd = e.down.odd = ODD_FIRST;
	query_and_answer_meet(&e);
}

static void a_later_fragment_says_nothing(void **state)
{
	struct exchange e;

	for (int v6 = 0; v6 < 2; v6++) {
		start(&e, state, v6 ? CLIENT6 : CLIENT4, v6 ? RESOLVER6 : RESOLVER4);
		e.down.odd = ODD_LATER;
		answer(&e, 7, "api.x.com", "104.244.42.1");
		sent(&e, 0);
	}
}

static void another_id_port_asker_resolver_question_or_transport_is_another_key(void **state)
{
	struct exchange e;
	__u64 keys[7];
	size_t n = 0;

	start(&e, state, CLIENT4, RESOLVER4);
	ask(&e, 7, "api.x.com", DNS_TYPE_A);
	keys[n] = sent(&e, 1)->key;
	ask(&e, 8, "api.x.com", DNS_TYPE_A);
	keys[++n] = sent(&e, 2)->key;
	ask(&e, 7, "api.x.com", DNS_TYPE_AAAA);
	keys[++n] = sent(&e, 3)->key;
	ask(&e, 7, "ape.x.com", DNS_TYPE_A);
	keys[++n] = sent(&e, 4)->key;
	e.up.sport++;
	ask(&e, 7, "api.x.com", DNS_TYPE_A);
	keys[++n] = sent(&e, 5)->key;
	e.up.sport--;
	e.up.src[15]++;
	ask(&e, 7, "api.x.com", DNS_TYPE_A);
	keys[++n] = sent(&e, 6)->key;
	e.up.src[15]--;
	e.up.dst[15]++;
	ask(&e, 7, "api.x.com", DNS_TYPE_A);
	keys[++n] = sent(&e, 7)->key;
	for (size_t i = 0; i <= n; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(keys[i] != keys[j]);
}

static void a_name_that_no_rule_speaks_of_stays(void **state)
{
	/* t.co ends the text of reddit.com's neighbours, x.com that of netflix.com */
	static const char *const names[] = { "example.com", "reddit.com", "bot.com",	   "netflix.com", "ax.com",
					     "x.comm",	    "com",	  "x.com.example", "xt.co",	  "co",
					     "t.co.uk",	    "x.net",	  "a.exact.x.net", "exact.x.nets" };
	struct exchange e;

	start(&e, state, CLIENT4, RESOLVER4);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ask(&e, (unsigned int)i, names[i], DNS_TYPE_A);
		answer(&e, (unsigned int)i, names[i], "192.0.2.1");
		sent(&e, 0);
	}
	assert_int_equal(skipped(&e), 0);
}

static void a_rules_name_and_what_lies_below_it_goes(void **state)
{
	static const char *const names[] = { "x.com", "api.x.com",  "a.b.c.d.x.com",
					     "t.co",  "x.com.t.co", "exact.x.net" };
	struct exchange e;

	start(&e, state, CLIENT4, RESOLVER4);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ask(&e, (unsigned int)i, names[i], DNS_TYPE_A);
		sent(&e, i + 1);
	}
}

static void case_tells_no_names_apart(void **state)
{
	struct exchange e;
	__u64 key;

	start(&e, state, CLIENT4, RESOLVER4);
	ask(&e, 7, "aPi.X.cOm", DNS_TYPE_A);
	key = sent(&e, 1)->key;
	answer(&e, 7, "api.x.com", "104.244.42.1");
	assert_true(sent(&e, 2)->key == key);
}

static void only_questions_for_addresses_go(void **state)
{
	static const unsigned int types[] = { 2, DNS_TYPE_CNAME, 15, 16, DNS_TYPE_HTTPS, 255 };
	struct dns_text d;
	struct exchange e;

	start(&e, state, CLIENT4, RESOLVER4);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		ask(&e, 7, "x.com", types[i]);
	dns_begin(&d, 7, DNS_QUERY | 5 << 11, "x.com", DNS_TYPE_A); /* an update */
	push(&e, &e.up, &d);
	dns_begin(&d, 7, DNS_QUERY, "x.com", DNS_TYPE_A);
	d.bytes[d.n - 1] = 3; /* of class CHAOS */
	push(&e, &e.up, &d);
	sent(&e, 0);
	assert_int_equal(skipped(&e), 0);
}

static void an_answer_comes_from_port_53(void **state)
{
	struct exchange e;
	struct dns_text d;

	start(&e, state, CLIENT4, RESOLVER4);
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	push(&e, &e.up, &d);
	dns_begin(&d, 7, DNS_QUERY, "x.com", DNS_TYPE_A);
	push(&e, &e.down, &d);
	sent(&e, 0);
	e.up.dport = e.down.sport = 5353;
	ask(&e, 7, "x.com", DNS_TYPE_A);
	answer(&e, 7, "x.com", "192.0.2.1");
	sent(&e, 0);
	e.up.sport = e.up.dport = 53; /* as old servers ask each other */
	ask(&e, 7, "x.com", DNS_TYPE_A);
	sent(&e, 1);
}

static void what_stands_behind_the_answers_stays(void **state)
{
	static const __u8 network[3] = { 203, 0, 113 };
	static const __u8 secret[8] = "authorit";
	struct exchange e;
	struct dns_text d;
	size_t whole;

	start(&e, state, CLIENT4, RESOLVER4);
	dns_begin(&d, 7, DNS_QUERY, "x.com", DNS_TYPE_A);
	whole = d.n;
	dns_add_edns(&d, network);
	push(&e, &e.up, &d);
	assert_int_equal(sent(&e, 1)->len, whole);
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	dns_add_cname(&d, "edge.x.com");
	dns_add_address(&d, "104.244.42.1");
	whole = d.n;
	dns_add(&d, 8, 2, secret, sizeof(secret));
	dns_add_edns(&d, network);
	push(&e, &e.down, &d);
	assert_int_equal(sent(&e, 2)->len, whole);
	/* one that counts EDNS among its answers */
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	whole = d.n;
	d.bytes[7] = 1;
	dns_add_edns(&d, network);
	push(&e, &e.down, &d);
	assert_int_equal(sent(&e, 3)->len, whole);
	for (size_t i = 0; i < 3; i++) {
		assert_null(memmem(e.r->dns[i].data, e.r->dns[i].len, network, 3));
		assert_null(memmem(e.r->dns[i].data, e.r->dns[i].len, secret, sizeof(secret)));
	}
}

static void an_asker_is_not_told_of_by_an_answer(void **state)
{
	struct exchange e;
	struct dns_text d;
	size_t whole;

	for (int v6 = 0; v6 < 2; v6++) {
		start(&e, state, v6 ? CLIENT6 : CLIENT4, v6 ? RESOLVER6 : RESOLVER4);
		dns_begin(&d, 7, DNS_ANSWER, "whoami.x.com", v6 ? DNS_TYPE_AAAA : DNS_TYPE_A);
		dns_add_address(&d, v6 ? "2606:1f80::1" : "104.244.42.1");
		whole = d.n;
		dns_add_address(&d, v6 ? CLIENT6 : CLIENT4);
		dns_add_address(&d, v6 ? "2606:1f80::1" : "104.244.42.1");
		push(&e, &e.down, &d);
		assert_int_equal(sent(&e, v6 + 1)->len, whole);
	}
}

static void answers_are_cut_between_two_records(void **state)
{
	struct exchange e;
	struct dns_text d;
	size_t question;

	start(&e, state, CLIENT4, RESOLVER4);
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	question = d.n;
	for (int i = 0; i < 40; i++)
		dns_add_address(&d, "104.244.42.1");
	push(&e, &e.down, &d);
	assert_int_equal(sent(&e, 1)->len, question + 24 * 16); /* DNS_RECORDS */
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_AAAA);
	for (int i = 0; i < 24; i++)
		dns_add_address(&d, "2606:1f80::1");
	push(&e, &e.down, &d);
	assert_int_equal(sent(&e, 2)->len, question + (WIRE_DNS_MAX - question) / 28 * 28);
	dns_begin(&d, 7, DNS_ANSWER, "x.com", DNS_TYPE_A);
	dns_add_address(&d, "104.244.42.1");
	dns_add_address(&d, "104.244.42.2");
	d.n -= 3; /* as a first fragment ends */
	push(&e, &e.down, &d);
	assert_int_equal(sent(&e, 3)->len, question + 16);
}

static void what_cannot_be_read_is_counted(void **state)
{
	char name[256] = "", *end = name;
	struct exchange e;
	struct dns_text d;

	start(&e, state, CLIENT4, RESOLVER4);
	for (int i = 0; i < 12; i++) /* ".0123456789" is 11 bytes */
		end += sprintf(end, "0123456789.");
	strcpy(end, "x.com");
	ask(&e, 7, name, DNS_TYPE_A); /* 132 + 6 */
	assert_int_equal(skipped(&e), 1);
	ask(&e, 7, name + 11, DNS_TYPE_A); /* 121 + 6: 127 are just looked at */
	sent(&e, 1);
	ask(&e, 7, name + 10, DNS_TYPE_A);
	sent(&e, 1);
	dns_begin(&d, 7, DNS_QUERY, "x.com", DNS_TYPE_A);
	for (size_t n = 1; n < d.n; n++) {
		struct dns_text cut = d;

		cut.n = n;
		push(&e, &e.up, &cut);
	}
	d.bytes[5] = 2; /* two questions */
	push(&e, &e.up, &d);
	d.bytes[5] = 1;
	d.bytes[12] = 0xc0; /* compressed */
	push(&e, &e.up, &d);
	sent(&e, 1);
	/* "\10example.x\3com": a dot inside a label is no border of labels */
	dns_begin(&d, 7, DNS_QUERY, "examplexx.com", DNS_TYPE_A);
	d.bytes[12 + 8] = '.';
	push(&e, &e.up, &d);
	sent(&e, 1);
	assert_true(skipped(&e) >= 24);
}

static void over_tcp_only_what_lies_whole_in_its_segment(void **state)
{
	struct dns_text d, two = { .n = 0 };
	struct exchange e;

	start(&e, state, CLIENT4, RESOLVER4);
	e.up.transport = TCP;
	e.up.flags = SYN;
	rig_push(e.r, &e.up);
	e.up.flags = ACK;
	e.up.len = 0;
	rig_push(e.r, &e.up);
	assert_int_equal(skipped(&e), 0);
	dns_begin(&d, 7, DNS_QUERY, "x.com", DNS_TYPE_A);
	e.up.payload = two.bytes;
	dns_put16(&two, (unsigned int)d.n);
	dns_put(&two, d.bytes, d.n);
	e.up.len = (__u32)two.n - 1;
	rig_push(e.r, &e.up);
	assert_int_equal(skipped(&e), 1);
	dns_put(&two, "\0\50and more of the next", 16); /* several in one: the first */
	e.up.len = (__u32)two.n;
	rig_push(e.r, &e.up);
	object_drain(&e.r->object);
	assert_int_equal(sent(&e, 1)->len, d.n);
}

static void a_resolver_in_a_watched_range_is_watched_as_ever(void **state)
{
	struct exchange e;

	start(&e, state, CLIENT4, SERVER4);
	e.up.transport = TCP;
	e.up.flags = SYN;
	rig_push(e.r, &e.up);
	assert_int_equal(rig_count(e.r, COUNT_OPENED), 1);
	start(&e, state, CLIENT4, SERVER4);
	ask(&e, 7, "x.com", DNS_TYPE_A);
	sent(&e, 1);
}

static void a_full_ring_loses_and_counts(void **state)
{
	struct exchange e;
	struct dns_text d;
	__u64 got;

	start(&e, state, CLIENT4, RESOLVER4);
	dns_begin(&d, 7, DNS_QUERY, "x.com", DNS_TYPE_A);
	e.up.payload = d.bytes;
	e.up.len = (__u32)d.n;
	for (int i = 0; i < 600; i++)
		rig_push(e.r, &e.up);
	got = rig_count(e.r, COUNT_DNS_SENT);
	assert_true(got > 400 && got < 600);
	assert_int_equal(rig_count(e.r, COUNT_DNS_LOST), 600 - got);
	object_drain(&e.r->object);
	assert_int_equal(e.r->n_dns, got);
}

static void a_reload_brings_other_names(void **state)
{
	struct range_name other[] = { { "t.co", true, GROUP_X }, { "other.example", false, GROUP_X } };
	struct rig *r = *state;
	struct ranges next = r->ranges;
	struct exchange e;
	char error[256];

	next.names = other;
	next.n_names = 2;
	assert_int_equal(object_ranges(&r->object, &r->ranges, &next, &r->nat64, error, sizeof(error)), 0);
	start(&e, state, CLIENT4, RESOLVER4);
	ask(&e, 7, "x.com", DNS_TYPE_A);
	ask(&e, 7, "a.t.co", DNS_TYPE_A);
	sent(&e, 0);
	ask(&e, 7, "t.co", DNS_TYPE_A);
	ask(&e, 7, "a.other.example", DNS_TYPE_A);
	sent(&e, 2);
	assert_int_equal(object_ranges(&r->object, &next, &r->ranges, &r->nat64, error, sizeof(error)), 0);
	ask(&e, 7, "x.com", DNS_TYPE_A);
	ask(&e, 7, "a.t.co", DNS_TYPE_A);
	ask(&e, 7, "a.other.example", DNS_TYPE_A);
	sent(&e, 4);
}

static void the_site_is_the_askers(void **state)
{
	struct rig *r = *state;
	char *prefix[] = { "192.0.0.0/20" };
	struct setting_site site = { .name = "here", .prefixes = prefix, .prefixes_count = 1 };
	struct settings settings = { .sites = &site, .sites_count = 1 };
	struct wire_lpm4 key = { .prefixlen = 20, .addr = { 192 } };
	struct exchange e;
	char error[256];

	assert_int_equal(object_sites(&r->object, &settings, error, sizeof(error)), 0);
	start(&e, state, CLIENT4, RESOLVER4);
	ask(&e, 7, "x.com", DNS_TYPE_A);
	assert_int_equal(sent(&e, 1)->site, 1);
	answer(&e, 7, "x.com", "104.244.42.1");
	assert_int_equal(sent(&e, 2)->site, 1);
	start(&e, state, "203.0.113.9", CLIENT4);
	ask(&e, 7, "x.com", DNS_TYPE_A);
	assert_int_equal(sent(&e, 3)->site, 0);
	assert_int_equal(bpf_map_delete_elem(bpf_map__fd(r->object.skel->maps.sites4), &key), 0);
}

static void left_out_it_is_not_looked_at(void **state)
{
	struct rig r;
	void *mine = &r;
	struct exchange e;

	(void)state;
	rig_open(&r, &(struct rig_size){ .attempts = 64, .flows = 64, .no_dns = true });
	for (int v6 = 0; v6 < 2; v6++) {
		start(&e, &mine, v6 ? CLIENT6 : CLIENT4, v6 ? RESOLVER6 : RESOLVER4);
		ask(&e, 7, "x.com", DNS_TYPE_A);
		e.up.below = BELOW_MPLS;
		ask(&e, 7, "x.com", DNS_TYPE_A);
		e.up.odd = ODD_DST_OPTS;
		ask(&e, 7, "x.com", DNS_TYPE_A);
		sent(&e, 0);
	}
	rig_close(&r);
}

#define T(name) cmocka_unit_test_setup(name, rig_before_each)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(query_and_answer_have_a_key_in_common),
		T(so_they_have_in_ipv6),
		T(so_they_have_over_tcp),
		T(so_they_have_behind_whatever_lies_below_ip),
		T(so_they_have_behind_options_and_extension_headers),
		T(a_later_fragment_says_nothing),
		T(another_id_port_asker_resolver_question_or_transport_is_another_key),
		T(a_name_that_no_rule_speaks_of_stays),
		T(a_rules_name_and_what_lies_below_it_goes),
		T(case_tells_no_names_apart),
		T(only_questions_for_addresses_go),
		T(an_answer_comes_from_port_53),
		T(what_stands_behind_the_answers_stays),
		T(an_asker_is_not_told_of_by_an_answer),
		T(answers_are_cut_between_two_records),
		T(what_cannot_be_read_is_counted),
		T(over_tcp_only_what_lies_whole_in_its_segment),
		T(a_resolver_in_a_watched_range_is_watched_as_ever),
		T(a_full_ring_loses_and_counts),
		T(a_reload_brings_other_names),
		T(the_site_is_the_askers),
		T(left_out_it_is_not_looked_at),
	};

	return cmocka_run_group_tests_name("dns", tests, set_up, rig_tear_down);
}
