// SPDX-License-Identifier: GPL-2.0
/* Questions and their answers: a queue in the order of their coming, and a table of chains into it. See dns_pairs.h. */
#include "detect/dns_pairs.h"

#include <stdlib.h>
#include <string.h>

#define HEADS 4096
#define NONE  (-1)

struct answer {
	struct dns_message message;
	__u64 at_ns;
	enum dns_verdict verdict;
	__u8 ttl;
};

struct pair {
	__u64 key;
	__u64 asked_ns; /* the last time before the first answer */
	const struct name_rule *rule;
	int next; /* in its chain */
	__u8 site;
	bool asked, open;
	bool conflict, any_ok; /* any_ok: one answer was of the ranges, kept or not */
	unsigned int n, more;  /* answers kept; others that differ from them */
	struct answer answers[DNS_ANSWERS];
};

struct dns_pairs {
	void (*decided)(void *arg, const struct dns_case *c);
	void *arg;
	int heads[HEADS];
	unsigned int first, n; /* of the queue */
	struct pair pairs[DNS_PAIRS];
};

struct dns_pairs *dns_pairs_new(void (*decided)(void *arg, const struct dns_case *c), void *arg)
{
	struct dns_pairs *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->decided = decided;
	p->arg = arg;
	for (unsigned int i = 0; i < HEADS; i++)
		p->heads[i] = NONE;
	return p;
}

void dns_pairs_free(struct dns_pairs *p)
{
	free(p);
}

/* ---- deciding --------------------------------------------------------------------------------------------------- */

/* How sure an answer is to be wrong, by itself; addresses tell more than none. */
static int badness(enum dns_verdict verdict)
{
	static const int order[DNS_VERDICTS] = {
		[DNS_OK] = 0, [DNS_NXDOMAIN] = 1, [DNS_OUTSIDE] = 2, [DNS_BOGON] = 3
	};

	return order[verdict];
}

static __u32 us_between(__u64 a, __u64 b)
{
	return (__u32)((a > b ? a - b : b - a) / 1000);
}

/* Do two answers contradict each other, and not only differ? */
static bool contradict(const struct answer *a, const struct answer *b)
{
	__u64 apart = a->at_ns > b->at_ns ? a->at_ns - b->at_ns : b->at_ns - a->at_ns;

	if (!dns_differ(&a->message, &b->message))
		return false;
	if (a->verdict == DNS_OK && b->verdict == DNS_OK)
		return apart <= DNS_BOTH_INSIDE_NS && !a->message.cut && !b->message.cut;
	return apart <= DNS_WINDOW_NS;
}

static void add_addresses(struct dns_case *c, const struct dns_message *m)
{
	for (unsigned int i = 0; m->rcode == DNS_NOERROR && i < m->n && c->n < DNS_ADDRESSES; i++)
		c->addresses[c->n++] = m->addresses[i];
}

/* The false addresses, as far as it is known which those are. */
static void tell_addresses(struct dns_case *c, const struct pair *pair, const struct answer *told)
{
	add_addresses(c, &told->message);
	for (unsigned int i = 0; pair->conflict && pair->any_ok && i < pair->n; i++)
		if (&pair->answers[i] != told && pair->answers[i].verdict != DNS_OK)
			add_addresses(c, &pair->answers[i].message);
}

static void decide(struct dns_pairs *p, const struct pair *pair)
{
	const struct answer *told = &pair->answers[0];
	struct dns_case c = { 0 };

	if (!pair->n)
		return;
	for (unsigned int i = 1; pair->conflict && i < pair->n; i++)
		if (badness(pair->answers[i].verdict) > badness(told->verdict))
			told = &pair->answers[i];
	c.verdict = pair->conflict ? DNS_CONFLICT : told->verdict;
	c.rule = pair->rule;
	c.site = pair->site;
	c.answers = pair->n + pair->more;
	tell_addresses(&c, pair, told);
	c.ttl = told->ttl;
	c.asked = pair->asked;
	if (pair->asked)
		c.after_us = us_between(told->at_ns, pair->asked_ns);
	c.first_ns = pair->asked ? pair->asked_ns : pair->answers[0].at_ns;
	for (unsigned int i = pair->n; pair->conflict && i-- > 0;)
		if (contradict(told, &pair->answers[i]))
			c.apart_us = us_between(told->at_ns, pair->answers[i].at_ns);
	p->decided(p->arg, &c);
}

/* ---- the table -------------------------------------------------------------------------------------------------- */
static int *head_of(struct dns_pairs *p, __u64 key)
{
	return &p->heads[(key ^ key >> 32) % HEADS];
}

static struct pair *find(struct dns_pairs *p, __u64 key)
{
	for (int i = *head_of(p, key); i != NONE; i = p->pairs[i].next)
		if (p->pairs[i].key == key)
			return &p->pairs[i];
	return NULL;
}

/* Decide a pair and take it out of its chain; its place in the queue stays until it is the first. */
static void close_pair(struct dns_pairs *p, struct pair *pair)
{
	int *link = head_of(p, pair->key);

	while (&p->pairs[*link] != pair)
		link = &p->pairs[*link].next;
	*link = pair->next;
	pair->open = false;
	decide(p, pair);
	memset(pair->answers, 0, sizeof(pair->answers));
}

static void close_first(struct dns_pairs *p)
{
	struct pair *pair = &p->pairs[p->first];

	if (pair->open)
		close_pair(p, pair);
	p->first = (p->first + 1) % DNS_PAIRS;
	p->n--;
}

static struct pair *open_pair(struct dns_pairs *p, const struct dns_seen *seen)
{
	int *head = head_of(p, seen->key), at;
	struct pair *pair;

	if (p->n == DNS_PAIRS)
		close_first(p);
	at = (int)((p->first + p->n++) % DNS_PAIRS);
	pair = &p->pairs[at];
	memset(pair, 0, sizeof(*pair));
	pair->key = seen->key;
	pair->rule = seen->rule;
	pair->site = seen->site;
	pair->open = true;
	pair->next = *head;
	*head = at;
	return pair;
}

static bool is_over(const struct pair *pair, __u64 now_ns)
{
	__u64 since = pair->n ? pair->answers[0].at_ns : pair->asked_ns;

	return now_ns > since && now_ns - since > DNS_WINDOW_NS;
}

/* ---- messages --------------------------------------------------------------------------------------------------- */
static void add_answer(struct pair *pair, const struct dns_seen *seen)
{
	struct answer *a;

	for (unsigned int i = 0; i < pair->n; i++)
		if (!dns_differ(&pair->answers[i].message, seen->message))
			return; /* said before: seen at another interface, or sent again */
	pair->any_ok |= seen->verdict == DNS_OK;
	if (pair->n == DNS_ANSWERS) {
		pair->more++;
		return;
	}
	a = &pair->answers[pair->n++];
	a->message = *seen->message;
	a->at_ns = seen->now_ns;
	a->verdict = seen->verdict;
	a->ttl = seen->ttl;
	for (unsigned int i = 0; i + 1 < pair->n; i++)
		pair->conflict |= contradict(&pair->answers[i], a);
}

void dns_pairs_add(struct dns_pairs *p, const struct dns_seen *seen)
{
	bool response = seen->message->response;
	struct pair *pair = find(p, seen->key);

	if (response && seen->verdict >= DNS_CONFLICT)
		return;
	if (pair && (is_over(pair, seen->now_ns) || (!response && pair->n))) {
		close_pair(p, pair);
		pair = NULL;
	}
	if (!pair)
		pair = open_pair(p, seen);
	if (response) {
		add_answer(pair, seen);
	} else {
		pair->asked = true;
		pair->asked_ns = seen->now_ns;
	}
}

void dns_pairs_due(struct dns_pairs *p, __u64 now_ns)
{
	while (p->n && (!p->pairs[p->first].open || is_over(&p->pairs[p->first], now_ns)))
		close_first(p);
}

void dns_pairs_flush(struct dns_pairs *p)
{
	while (p->n)
		close_first(p);
}
