// SPDX-License-Identifier: GPL-2.0
/* Counts of DNS verdicts and the last addresses that led astray: see dns_tally.h. */
#include "detect/dns_tally.h"

#include <stdlib.h>
#include <string.h>

struct group {
	__u64 by[DNS_VERDICTS];
	unsigned int n;
	struct dns_astray astray[DNS_ASTRAY]; /* latest first */
};

struct dns_tally {
	struct group groups[WIRE_GROUPS_MAX];
};

struct dns_tally *dns_tally_new(void)
{
	return calloc(1, sizeof(struct dns_tally));
}

void dns_tally_free(struct dns_tally *t)
{
	free(t);
}

static bool is_same(const struct dns_astray *a, const struct dns_astray *b)
{
	return a->rule == b->rule && a->verdict == b->verdict && a->has_address == b->has_address &&
	       a->address.v6 == b->address.v6 && a->address.plen == b->address.plen &&
	       !memcmp(a->address.bytes, b->address.bytes, sizeof(a->address.bytes));
}

/* To the front, with what was counted of it before. */
static void note(struct group *g, const struct dns_astray *astray)
{
	unsigned int i = 0;
	__u64 times;

	while (i < g->n && !is_same(&g->astray[i], astray))
		i++;
	times = i < g->n ? g->astray[i].times : 0;
	if (i == g->n && g->n < DNS_ASTRAY)
		g->n++;
	else if (i == g->n)
		i--; /* the last one gives way */
	memmove(g->astray + 1, g->astray, i * sizeof(*g->astray));
	g->astray[0] = *astray;
	g->astray[0].times = times + 1;
}

void dns_tally_add(struct dns_tally *t, const struct dns_case *c, __s64 second)
{
	struct group *g = &t->groups[c->rule->group % WIRE_GROUPS_MAX];
	struct dns_astray astray = {
		.rule = c->rule,
		.verdict = c->verdict,
		.ttl = c->ttl,
		.asked = c->asked,
		.after_us = c->after_us,
		.apart_us = c->apart_us,
		.second = second,
	};

	g->by[c->verdict]++;
	if (c->verdict == DNS_OK)
		return;
	if (!c->n)
		note(g, &astray);
	for (unsigned int i = c->n; i-- > 0;) { /* so that the first is in front */
		astray.has_address = true;
		astray.address = c->addresses[i];
		note(g, &astray);
	}
}

__u64 dns_tally_count(const struct dns_tally *t, __u8 group, enum dns_verdict verdict)
{
	return group < WIRE_GROUPS_MAX && verdict < DNS_VERDICTS ? t->groups[group].by[verdict] : 0;
}

unsigned int dns_tally_astray(const struct dns_tally *t, __u8 group, struct dns_astray *out)
{
	const struct group *g = &t->groups[group % WIRE_GROUPS_MAX];

	memcpy(out, g->astray, g->n * sizeof(*out));
	return g->n;
}
