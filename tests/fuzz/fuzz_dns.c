// SPDX-License-Identifier: GPL-2.0
/*
 * DNS messages: read, judged, held against each other, met by their key. An input is messages one after another, each
 * behind its length in one byte (as a client of TCP would, but for short ones).
 */
#include <stdlib.h>
#include <string.h>

#include "detect/dns_pairs.h"
#include "dns_message.h"
#include "fuzz/fuzz.h"

#define MESSAGES_MAX 8

static const struct name_rule rule = { .name = "x.com" };
static unsigned int told;

static bool inside(void *arg, const struct dns_address *a)
{
	(void)arg;
	CHECK(a->v6 || (a->bytes[10] == 0xff && a->bytes[11] == 0xff));
	return a->bytes[15] & 1;
}

static void on_case(void *arg, const struct dns_case *c)
{
	(void)arg;
	CHECK((unsigned int)c->verdict < DNS_VERDICTS && c->rule == &rule);
	CHECK(c->answers && c->n <= DNS_ADDRESSES);
	CHECK(c->verdict != DNS_CONFLICT || c->answers > 1);
	told++;
}

static void check_message(const struct dns_message *m)
{
	CHECK(m->name_len && m->name_len <= sizeof(m->name) && m->n <= DNS_ADDRESSES);
	CHECK(!memchr(m->name, 0, m->name_len) && m->name[0] != '.' && m->name[m->name_len - 1] != '.');
	for (unsigned int i = 0; i < m->name_len; i++)
		CHECK(m->name[i] < 'A' || m->name[i] > 'Z');
	CHECK(m->response || (!m->n && !m->cut));
	CHECK(!dns_differ(m, m));
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	static const struct wire_config nat64 = { .nat64_n = 1,
						  .nat64[0] = { .addr = { 0, 0x64, 0xff, 0x9b }, .plen = 96 } };
	static struct dns_message read[MESSAGES_MAX];
	struct dns_pairs *pairs = dns_pairs_new(on_case, NULL);
	unsigned int n = 0, answers = 0;

	CHECK(pairs);
	told = 0;
	while (size && n < MESSAGES_MAX) {
		size_t len = data[0] < size ? data[0] : size - 1;
		struct dns_message *m = &read[n];
		__u8 *exact = fuzz_copy(data + 1, len);
		struct dns_seen seen = { .key = n & 1, .now_ns = 1000000000ull * n, .rule = &rule, .message = m };

		if (!dns_read(exact, len, m)) {
			check_message(m);
			seen.verdict = dns_judge(m, &nat64, inside, NULL);
			CHECK((unsigned int)seen.verdict <= DNS_VERDICTS && seen.verdict != DNS_CONFLICT);
			answers += seen.verdict != DNS_NONE;
			for (unsigned int i = 0; i < n; i++)
				CHECK(dns_differ(&read[i], m) == dns_differ(m, &read[i]));
			dns_pairs_add(pairs, &seen);
			n++;
		} else {
			CHECK(!m->n && !m->name_len);
		}
		free(exact);
		data += len + 1;
		size -= len + 1;
	}
	dns_pairs_flush(pairs);
	CHECK(told <= answers && !told == !answers);
	dns_pairs_free(pairs);
	return 0;
}

static size_t add(__u8 *out, size_t at, const struct dns_text *d)
{
	out[at] = (__u8)d->n;
	memcpy(out + at + 1, d->bytes, d->n);
	return at + 1 + d->n;
}

size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	static const char *const addresses[][3] = {
		{ "104.244.42.1", "104.244.42.2", NULL },
		{ "10.10.34.34", "127.0.0.1", "0.0.0.0" },
		{ "2001::6ca0:a73d", "2606:1f80::1", "64:ff9b::68f4:2a01" },
	};
	struct dns_text d;
	size_t at = 0;

	if (n >= sizeof(addresses) / sizeof(*addresses))
		return 0;
	dns_begin(&d, 7, DNS_QUERY, "aPi.x.com", DNS_TYPE_A);
	at = add(out, at, &d);
	dns_begin(&d, 7, n == 1 ? DNS_NO_NAME : DNS_ANSWER, "api.x.com", n == 2 ? DNS_TYPE_AAAA : DNS_TYPE_A);
	dns_add_cname(&d, n ? "edge.x.com" : "api.x.com");
	at = add(out, at, &d);
	for (int i = 0; i < 3 && addresses[n][i]; i++) {
		dns_begin(&d, 7, DNS_ANSWER, "api.x.com", n == 2 ? DNS_TYPE_AAAA : DNS_TYPE_A);
		dns_add_address(&d, addresses[n][i]);
		at = add(out, at, &d);
	}
	return at;
}
