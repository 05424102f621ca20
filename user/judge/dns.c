// SPDX-License-Identifier: GPL-2.0
/* DNS messages, and what is to be thought of an answer: see dns.h. */
#include "judge/dns.h"

#include <errno.h>
#include <string.h>

#include "judge/nat64.h"
#include "judge/server_name.h"

#define HEADER	   12
#define QUESTION   4  /* type and class, behind its name */
#define RECORD	   10 /* type, class, TTL, length, behind its name */
#define NAME_BYTES 255
#define POINTERS   16 /* in one name */
#define CHAIN	   8  /* CNAMEs that are followed, as many as resolvers do */

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, CLASS_IN = 1 };

struct name {
	__u8 text
		[NAME_BYTES]; /* lower case, with dots between labels, and no NUL in it but those that were there */
	size_t n;
};

struct reader {
	const __u8 *data;
	size_t len, at;
};

static unsigned int word_at(const __u8 *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

/* ---- names ------------------------------------------------------------------------------------------------------ */

/* One label more. A dot or a NUL in it, which no host name has, becomes a byte that no rule has. */
static bool add_label(struct name *name, const __u8 *label, size_t n)
{
	if (n + 1 > sizeof(name->text) - name->n)
		return false;
	if (name->n)
		name->text[name->n++] = '.';
	for (size_t i = 0; i < n; i++)
		name->text[name->n++] = label[i] == '.' || !label[i] ? 0xff : server_name_lower(label[i]);
	return true;
}

/* A name, at r->at, which is then behind it. Pointers lead back only, each behind the one before, so there is no loop. */
static bool read_name(struct reader *r, struct name *name)
{
	size_t at = r->at, lowest = r->at;
	bool jumped = false;

	name->n = 0;
	for (unsigned int pointers = 0; at < r->len;) {
		__u8 n = r->data[at];

		if ((n & 0xc0) == 0xc0) {
			size_t to;

			if (r->len - at < 2 || ++pointers > POINTERS)
				return false;
			to = word_at(r->data + at) & 0x3fff;
			if (!jumped)
				r->at = at + 2;
			jumped = true;
			if (to >= lowest)
				return false;
			at = lowest = to;
			continue;
		}
		if (n & 0xc0)
			return false;
		at++;
		if (!n) {
			if (!jumped)
				r->at = at;
			return true;
		}
		if (n > r->len - at || !add_label(name, r->data + at, n))
			return false;
		at += n;
	}
	return false;
}

static bool same_name(const struct name *a, const struct name *b)
{
	return a->n == b->n && !memcmp(a->text, b->text, a->n);
}

/* ---- records ---------------------------------------------------------------------------------------------------- */
struct record {
	struct name owner;
	unsigned int type, class;
	size_t data, n; /* where its data lies */
};

static bool read_record(struct reader *r, struct record *record)
{
	if (!read_name(r, &record->owner) || r->len - r->at < RECORD)
		return false;
	record->type = word_at(r->data + r->at);
	record->class = word_at(r->data + r->at + 2);
	record->n = word_at(r->data + r->at + 8);
	r->at += RECORD;
	record->data = r->at;
	if (record->n > r->len - r->at)
		return false;
	r->at += record->n;
	return true;
}

/* The CNAME of a name, in its place. False where it has none. */
static bool follow(struct reader answers, unsigned int n, struct name *name)
{
	struct record record;

	for (unsigned int i = 0; i < n && read_record(&answers, &record); i++) {
		struct reader target = { answers.data, answers.len, record.data };

		if (record.type == TYPE_CNAME && record.class == CLASS_IN && same_name(&record.owner, name))
			return read_name(&target, name);
	}
	return false;
}

static void add_address(struct dns_message *m, const struct record *record, const __u8 *bytes)
{
	struct dns_address *a = &m->addresses[m->n];

	if (m->n == DNS_ADDRESSES)
		return;
	memset(a, 0, sizeof(*a));
	if (record->type == TYPE_A && record->n == 4) {
		a->bytes[10] = a->bytes[11] = 0xff;
		memcpy(a->bytes + 12, bytes, 4);
	} else if (record->type == TYPE_AAAA && record->n == 16) {
		a->v6 = true;
		memcpy(a->bytes, bytes, 16);
	} else {
		return;
	}
	m->n++;
}

static void read_answers(const struct reader *answers, unsigned int n, struct name *name, struct dns_message *out)
{
	struct reader r = *answers;
	struct record record;
	unsigned int i;

	for (i = 0; i < CHAIN && follow(*answers, n, name); i++)
		;
	for (i = 0; i < n && read_record(&r, &record); i++)
		if (record.class == CLASS_IN && same_name(&record.owner, name))
			add_address(out, &record, answers->data + record.data);
	out->cut = i < n;
}

int dns_read(const __u8 *data, size_t len, struct dns_message *out)
{
	struct reader r = { data, len, HEADER };
	struct name name;

	memset(out, 0, sizeof(*out));
	if (len < HEADER || word_at(data + 4) != 1 || !read_name(&r, &name) || !name.n || r.len - r.at < QUESTION ||
	    name.n > sizeof(out->name))
		return -EINVAL;
	out->response = data[2] >> 7;
	out->rcode = data[3] & 0x0f;
	out->type = (__u16)word_at(data + r.at);
	out->name_len = (__u16)name.n;
	memcpy(out->name, name.text, name.n);
	r.at += QUESTION;
	if (out->response)
		read_answers(&r, word_at(data + 6), &name, out);
	return 0;
}

/* ---- verdicts --------------------------------------------------------------------------------------------------- */
const char *dns_verdict_name(enum dns_verdict verdict)
{
	static const char *const names[] = {
#define X(name, label) [DNS_##name] = label,
		DNS_VERDICT_TABLE(X)
#undef X
	};

	return (unsigned int)verdict < DNS_VERDICTS ? names[verdict] : "none";
}

static enum dns_verdict judge_address(const struct dns_address *address, const struct wire_config *nat64,
				      dns_inside *inside, void *arg)
{
	struct dns_address plain = *address;

	if (address->v6 && nat64_inner(nat64, address->bytes, plain.bytes + 12)) {
		memset(plain.bytes, 0, 10);
		plain.bytes[10] = plain.bytes[11] = 0xff;
		plain.v6 = false;
	}
	if (inside(arg, &plain))
		return DNS_OK;
	return dns_is_bogon(&plain) ? DNS_BOGON : DNS_OUTSIDE;
}

enum dns_verdict dns_judge(const struct dns_message *m, const struct wire_config *nat64, dns_inside *inside,
			   void *arg)
{
	enum dns_verdict verdict = DNS_OUTSIDE;

	if (m->response && m->rcode == DNS_NXDOMAIN_CODE)
		return DNS_NXDOMAIN;
	if (!m->response || m->rcode != DNS_NOERROR || !m->n)
		return DNS_NONE;
	for (unsigned int i = 0; i < m->n; i++) {
		enum dns_verdict one = judge_address(&m->addresses[i], nat64, inside, arg);

		if (one == DNS_BOGON)
			return DNS_BOGON;
		if (one == DNS_OK)
			verdict = DNS_OK;
	}
	return verdict;
}

static bool says_something(const struct dns_message *m)
{
	return m->rcode == DNS_NXDOMAIN_CODE || (m->rcode == DNS_NOERROR && m->n);
}

bool dns_differ(const struct dns_message *a, const struct dns_message *b)
{
	if (!says_something(a) || !says_something(b) || a->type != b->type)
		return false;
	if (a->rcode != b->rcode)
		return true;
	if (a->rcode == DNS_NXDOMAIN_CODE)
		return false;
	for (unsigned int i = 0; i < a->n; i++)
		for (unsigned int j = 0; j < b->n; j++)
			if (!memcmp(a->addresses[i].bytes, b->addresses[j].bytes, 16))
				return false;
	return true;
}
