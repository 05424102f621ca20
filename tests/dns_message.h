/* SPDX-License-Identifier: GPL-2.0 */
/* DNS messages for tests, put together record by record (RFC 1035, 4.1; EDNS: RFC 6891, 7871). */
#ifndef XREACH_TEST_DNS_MESSAGE_H
#define XREACH_TEST_DNS_MESSAGE_H

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>
#include <linux/types.h>

#define DNS_MESSAGE_MAX 1400

enum { DNS_TYPE_A = 1, DNS_TYPE_CNAME = 5, DNS_TYPE_AAAA = 28, DNS_TYPE_OPT = 41, DNS_TYPE_HTTPS = 65 };
enum { DNS_QUERY = 0x0100, DNS_ANSWER = 0x8180, DNS_NO_NAME = 0x8183, DNS_SERVFAIL = 0x8182, DNS_REFUSED = 0x8185 };

struct dns_text {
	__u8 bytes[DNS_MESSAGE_MAX];
	size_t n;
};

static inline void dns_put16(struct dns_text *d, unsigned int word)
{
	assert(d->n + 2 <= sizeof(d->bytes));
	d->bytes[d->n++] = (__u8)(word >> 8);
	d->bytes[d->n++] = (__u8)word;
}

static inline void dns_put(struct dns_text *d, const void *bytes, size_t n)
{
	assert(n <= sizeof(d->bytes) - d->n);
	memcpy(d->bytes + d->n, bytes, n);
	d->n += n;
}

/* "api.x.com", label by label. */
static inline void dns_put_name(struct dns_text *d, const char *name)
{
	while (*name) {
		size_t label = strcspn(name, ".");
		__u8 len = (__u8)label;

		dns_put(d, &len, 1);
		dns_put(d, name, label);
		name += label + (name[label] == '.');
	}
	dns_put(d, "", 1);
}

/* A message with this one question, which is record number 0 of it: at byte 12. */
static inline void dns_begin(struct dns_text *d, unsigned int id, unsigned int flags, const char *name,
			     unsigned int type)
{
	d->n = 0;
	dns_put16(d, id);
	dns_put16(d, flags);
	dns_put16(d, 1);
	dns_put16(d, 0);
	dns_put16(d, 0);
	dns_put16(d, 0);
	dns_put_name(d, name);
	dns_put16(d, type);
	dns_put16(d, 1);
}

/* One record more, of the question's name, in the section whose count stands at `count`: 6 answers, 10 additional. */
static inline void dns_add(struct dns_text *d, size_t count, unsigned int type, const void *data, size_t n)
{
	unsigned int more = d->bytes[count] << 8 | d->bytes[count + 1];

	more++;
	d->bytes[count] = (__u8)(more >> 8);
	d->bytes[count + 1] = (__u8)more;
	dns_put16(d, 0xc00c);
	dns_put16(d, type);
	dns_put16(d, 1);
	dns_put16(d, 0);
	dns_put16(d, 60);
	dns_put16(d, (unsigned int)n);
	dns_put(d, data, n);
}

/* An answer's address, by its text. */
static inline void dns_add_address(struct dns_text *d, const char *text)
{
	__u8 address[16];

	if (inet_pton(AF_INET, text, address) == 1)
		dns_add(d, 6, DNS_TYPE_A, address, 4);
	else if (inet_pton(AF_INET6, text, address) == 1)
		dns_add(d, 6, DNS_TYPE_AAAA, address, 16);
	else
		assert(!"an address");
}

static inline void dns_add_cname(struct dns_text *d, const char *name)
{
	struct dns_text target = { .n = 0 };

	dns_put_name(&target, name);
	dns_add(d, 6, DNS_TYPE_CNAME, target.bytes, target.n);
}

/* EDNS with the asker's network in it: 00 08 (client subnet), family 1, /24, /0, three bytes. */
static inline void dns_add_edns(struct dns_text *d, const __u8 network[3])
{
	__u8 option[11] = { 0, 8, 0, 7, 0, 1, 24, 0 };

	memcpy(option + 8, network, 3);
	d->bytes[11]++;
	dns_put(d, "", 1);
	dns_put16(d, DNS_TYPE_OPT);
	dns_put16(d, 1232);
	dns_put16(d, 0);
	dns_put16(d, 0);
	dns_put16(d, sizeof(option));
	dns_put(d, option, sizeof(option));
}

#endif
