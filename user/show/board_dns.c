// SPDX-License-Identifier: GPL-2.0
/* DNS on the board: messages become cases, cases are counted, told, and put into words. */
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/nat64.h"
#include "show/board_state.h"
#include "show/clean.h"
#include "show/finding.h"

#define HEALTHY_S 600 /* over so long the group's flows are asked whether people get through */

/* ---- from messages to counts ------------------------------------------------------------------------------------- */
struct question {
	const struct board *b;
	__u8 group; /* of the rule, by slot */
};

/* In a range of the rule's own group, be it as shared space of a control's. */
static bool inside(void *arg, const struct dns_address *address)
{
	const struct question *q = arg;
	const struct range_prefix *p = ranges_find(q->b->list, address->bytes, address->v6);

	return p && (board_slot(q->b, p->group) == q->group ||
		     (p->shared_with && board_slot(q->b, p->shared_with - 1u) == q->group));
}

int board_dns_own(struct board *b, const struct setting_site *sites, unsigned int n)
{
	size_t all = 1;

	for (unsigned int i = 0; i < n; i++)
		all += sites[i].prefixes_count;
	b->own = calloc(all, sizeof(*b->own));
	if (!b->own)
		return -ENOMEM;
	settings_prefix("100.64.0.0/10", &b->own[b->n_own++]); /* customers behind a CGNAT: RFC 6598 */
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int j = 0; j < sites[i].prefixes_count; j++)
			/* one of all addresses says of none that it is a client's */
			b->n_own += !settings_prefix(sites[i].prefixes[j], &b->own[b->n_own]) &&
				    b->own[b->n_own].plen;
	return 0;
}

/* Bits of a prefix, of an address as all are held: IPv4 has 96 in front. */
static unsigned int bits_of(const struct setting_prefix *p)
{
	return p->plen + (p->v6 ? 0 : 96u);
}

static bool is_in(const struct dns_address *a, const struct setting_prefix *p)
{
	unsigned int bits = bits_of(p), rest = bits % 8;

	return a->v6 == p->v6 && !memcmp(a->bytes, p->addr, bits / 8) &&
	       (!rest || !((a->bytes[bits / 8] ^ p->addr[bits / 8]) >> (8 - rest)));
}

/* An IPv4 address that an IPv6 one stands for (DNS64, or mapped: RFC 6147, RFC 4291) as that. */
static struct dns_address plain_of(const struct board *b, const struct dns_address *a)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct dns_address plain = *a;

	if (!a->v6)
		return plain;
	if (nat64_inner(&b->nat64, a->bytes, plain.bytes + 12)) {
		memcpy(plain.bytes, mapped, sizeof(mapped));
		plain.v6 = false;
	} else if (!memcmp(a->bytes, mapped, sizeof(mapped))) {
		plain.v6 = false;
	}
	return plain;
}

/*
 * A router at home that answers with itself, or a resolver that somebody runs for others: an answer may hold a client's
 * address. What lies in the network of a site, or behind a CGNAT, is told as that network.
 */
static void hide(const struct board *b, struct dns_address *a)
{
	const struct setting_prefix *narrowest = NULL;
	struct dns_address plain = plain_of(b, a);

	for (size_t i = 0; i < b->n_own; i++)
		if (is_in(&plain, &b->own[i]) && (!narrowest || b->own[i].plen > narrowest->plen))
			narrowest = &b->own[i];
	if (!narrowest)
		return;
	memcpy(a->bytes, narrowest->addr, sizeof(a->bytes));
	a->v6 = narrowest->v6;
	a->plen = narrowest->plen;
}

/* Each address once: those of one network have become the same. */
static void hide_all(const struct board *b, struct dns_case *c)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < c->n; i++) {
		unsigned int same = 0;

		hide(b, &c->addresses[i]);
		while (same < n && (!c->addresses[i].plen || c->addresses[same].plen != c->addresses[i].plen ||
				    memcmp(c->addresses[same].bytes, c->addresses[i].bytes, 16)))
			same++;
		if (same == n)
			c->addresses[n++] = c->addresses[i];
	}
	c->n = n;
}

static void on_case(void *arg, const struct dns_case *c)
{
	struct board *b = arg;
	__s64 second = b->setup.wall(b->setup.arg, c->first_ns);
	struct dns_case told = *c;

	hide_all(b, &told);
	dns_tally_add(b->dns, &told, second);
	if (b->setup.dns)
		b->setup.dns(b->setup.arg, &told, second);
}

int board_dns_open(struct board *b)
{
	b->dns = dns_tally_new();
	b->pairs = dns_pairs_new(on_case, b);
	return b->dns && b->pairs ? 0 : -1;
}

void board_dns_close(struct board *b)
{
	dns_pairs_free(b->pairs);
	dns_tally_free(b->dns);
}

void board_dns(void *arg, const struct wire_dns *from)
{
	struct board *b = arg;
	struct dns_message m;
	struct dns_seen seen = { .key = from->key, .now_ns = from->now_ns, .site = from->site, .ttl = from->ttl };
	struct question q = { .b = b };

	if (from->len > sizeof(from->data) || dns_read(from->data, from->len, &m) || m.response != from->response)
		return;
	/* the kernel goes by hashes, and by the list in force when the message came */
	seen.rule = server_names_find(b->names, m.name, m.name_len);
	if (!seen.rule)
		return;
	q.group = seen.rule->group;
	seen.message = &m;
	seen.verdict = dns_judge(&m, &b->nat64, inside, &q);
	dns_pairs_add(b->pairs, &seen);
}

void board_dns_due(struct board *b, __u64 now_ns)
{
	dns_pairs_due(b->pairs, now_ns);
}

/* ---- in words ----------------------------------------------------------------------------------------------------- */
__u64 board_dns_count(const struct board *b, unsigned int slot, enum dns_verdict verdict)
{
	return dns_tally_count(b->dns, (__u8)slot, verdict);
}

bool board_dns_text(const struct board *b, unsigned int slot, char *text, size_t n)
{
	size_t used = 0;

	text[0] = '\0';
	for (int v = 0; v < DNS_VERDICTS && used < n; v++) {
		unsigned long long count = board_dns_count(b, slot, v);

		if (count)
			used += (size_t)snprintf(text + used, n - used, "%s%llu %s", used ? ", " : "", count,
						 dns_verdict_name(v));
	}
	return used;
}

/*
 * Addresses outside the ranges are what a poisoned answer has, and what a list has that is out of date. Where people get
 * through, and nothing else speaks of poison, it is the list.
 */
const char *board_dns_advice(const struct board *b, unsigned int slot, __s64 now)
{
	struct tally_window w;

	if (board_dns_count(b, slot, DNS_CONFLICT) || board_dns_count(b, slot, DNS_BOGON))
		return "somebody gives false answers for these names";
	if (board_dns_count(b, slot, DNS_NXDOMAIN))
		return "somebody says that a name does not exist; ask another resolver whether it does";
	if (!board_dns_count(b, slot, DNS_OUTSIDE))
		return "";
	tally_window(b->tally, (__u8)slot, now, HEALTHY_S, &w);
	if (w.succeeded && w.failed * 20 < w.succeeded + w.failed)
		return "people get through: your ranges are out of date, and those addresses are missing";
	return "either your ranges are out of date, or these answers lead people astray: see who holds those addresses";
}

static void address_text(const struct dns_address *a, char *text, size_t n)
{
	size_t used;

	finding_server(a->bytes, a->v6, text, n);
	used = strlen(text);
	if (a->plen && used < n)
		snprintf(text + used, n - used, "/%u", a->plen);
}

size_t board_dns_astray(const struct board *b, unsigned int slot, __s64 now, struct view_astray *out)
{
	struct dns_astray rows[DNS_ASTRAY];
	size_t n = dns_tally_astray(b->dns, (__u8)slot, rows);

	for (size_t i = 0; i < n; i++) {
		const struct dns_astray *from = &rows[i];
		struct view_astray *to = &out[i];

		memset(to, 0, sizeof(*to));
		clean_copy(to->group, sizeof(to->group), board_group_name(b, slot));
		clean_copy(to->rule, sizeof(to->rule), from->rule->name);
		clean_copy(to->verdict, sizeof(to->verdict), dns_verdict_name(from->verdict));
		if (from->has_address)
			address_text(&from->address, to->address, sizeof(to->address));
		to->hops = hops_from_ttl(from->ttl);
		to->after_ms = from->asked ? from->after_us / 1000.0 : -1;
		to->apart_ms = from->verdict == DNS_CONFLICT ? from->apart_us / 1000.0 : -1;
		to->times = from->times;
		to->minute = (time_t)finding_minute(from->second);
		clean_copy(to->advice, sizeof(to->advice), board_dns_advice(b, slot, now));
	}
	return n;
}

void view_astray_text(const struct view_astray *a, char *text, size_t n)
{
	char after[48] = "", apart[80] = "", hops[32] = "", times[32] = "once";

	if (a->after_ms >= 0)
		snprintf(after, sizeof(after), ", %.1f ms after the question", a->after_ms);
	if (a->apart_ms >= 0)
		snprintf(apart, sizeof(apart), ", %.1f ms from an answer that contradicts it", a->apart_ms);
	if (a->hops >= 0)
		snprintf(hops, sizeof(hops), ", from %d hops away", a->hops);
	if (a->times > 1)
		snprintf(times, sizeof(times), "%llu times", a->times);
	snprintf(text, n, "%s: %s for %s%s%s%s; %s", a->verdict, a->address[0] ? a->address : "no such name",
		 a->rule, hops, after, apart, times);
}

/* ---- JSON --------------------------------------------------------------------------------------------------------- */
static json_t *ms(bool known, __u32 us)
{
	return known ? json_real(round(us / 100.0) / 10.0) : json_null();
}

static json_t *addresses(const struct dns_case *c)
{
	json_t *array = json_array();
	char text[FINDING_SERVER + 4]; /* and a length */

	for (unsigned int i = 0; i < c->n; i++) {
		address_text(&c->addresses[i], text, sizeof(text));
		json_array_append_new(array, json_string(text));
	}
	return array;
}

char *board_dns_json(const struct board *b, const struct dns_case *c, __s64 second)
{
	char first[FINDING_MINUTE], group[32], rule[128], *text;
	int hops = hops_from_ttl(c->ttl);
	json_t *object;

	finding_minute_text(second, first, sizeof(first));
	clean_copy(group, sizeof(group), board_group_name(b, c->rule->group));
	clean_copy(rule, sizeof(rule), c->rule->name);
	object = json_pack("{s{ss ss ss so si so so so ss}}", "dns", "group", group, "rule", rule, "verdict",
			   dns_verdict_name(c->verdict), "addresses", addresses(c), "answers", (int)c->answers,
			   "ms", ms(c->asked, c->after_us), "apart_ms", ms(c->verdict == DNS_CONFLICT, c->apart_us),
			   "hops", hops >= 0 ? json_integer(hops) : json_null(), "first", first);
	if (!object)
		return NULL;
	text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(object);
	return text;
}
