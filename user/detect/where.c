// SPDX-License-Identifier: GPL-2.0
/* Distances of answerers and servers: see where.h. */
#include "detect/where.h"

#include <stdlib.h>
#include <string.h>

#define HOPS  64 /* a longer way is counted as 63 */
#define STAYS 16 /* what is fewer is halved no more: an answer a day is still known */

struct distances {
	__u32 hops[HOPS], us[SPREAD_BUCKETS];
};
struct where_counts {
	struct distances answerer, server;
};
struct row {
	bool used;
	__u8 group;
	__u8 signature;
	__u32 prefix;
	struct where_counts lately, incident;
};
struct where {
	struct row rows[WHERE_ROWS];
	bool on[WIRE_GROUPS_MAX]; /* an incident */
	__s64 hour;
	__u32 answered[WIRE_GROUPS_MAX]; /* bit per signature: somebody answered */
	__u64 full;
};
_Static_assert(SIGNATURES <= 32, "a bit for each signature");

struct where *where_new(void)
{
	return calloc(1, sizeof(struct where));
}

void where_free(struct where *w)
{
	free(w);
}

/* The row of a pair, or the free one where it would be; NULL where all are another's. */
static const struct row *find(const struct where *w, __u8 group, __u32 prefix, enum signature signature)
{
	__u32 at = (prefix * 0x9e3779b1u ^ (__u32)signature * 0x85ebca6bu) >> 7;

	for (unsigned int i = 0; i < WHERE_ROWS; i++) {
		const struct row *row = &w->rows[(at + i) % WHERE_ROWS];

		if (!row->used || (row->prefix == prefix && row->signature == signature && row->group == group))
			return row;
	}
	return NULL;
}

static struct row *row_of(struct where *w, const struct finding *f)
{
	struct row *row = (struct row *)find(w, f->group, f->prefix, f->v.signature);

	if (row) {
		row->used = true;
		row->group = f->group;
		row->prefix = f->prefix;
		row->signature = (__u8)f->v.signature;
	}
	return row;
}

static void count(struct distances *d, int hops, __u32 us)
{
	if (hops >= 0)
		d->hops[hops < HOPS ? hops : HOPS - 1]++;
	if (us)
		d->us[spread_bucket(us)]++;
}

static void merge_counts(__u32 *sum, const __u32 *n, unsigned int buckets)
{
	for (unsigned int i = 0; i < buckets; i++)
		sum[i] += n[i];
}

static void merge(struct distances *sum, const struct distances *d)
{
	merge_counts(sum->hops, d->hops, HOPS);
	merge_counts(sum->us, d->us, SPREAD_BUCKETS);
}

/* What is left over of a bucket goes on to the next, so that the whole is halved. */
static void halve_counts(__u32 *n, unsigned int buckets)
{
	__u32 all = 0, over = 0;

	for (unsigned int i = 0; i < buckets; i++)
		all += n[i];
	for (unsigned int i = 0; all >= STAYS && i < buckets; i++) {
		over += n[i];
		n[i] = over / 2;
		over %= 2;
	}
}

static void halve(struct distances *d)
{
	halve_counts(d->hops, HOPS);
	halve_counts(d->us, SPREAD_BUCKETS);
}

static void pass_hours(struct where *w, __s64 hour)
{
	__s64 passed = !w->hour ? 0 : hour - w->hour > 32 ? 32 : hour - w->hour;

	if (hour <= w->hour)
		return;
	w->hour = hour;
	for (; passed > 0; passed--) {
		for (unsigned int i = 0; i < WHERE_ROWS; i++) {
			if (!w->rows[i].used)
				continue;
			halve(&w->rows[i].lately.answerer);
			halve(&w->rows[i].lately.server);
		}
	}
}

void where_incident(struct where *w, __u8 group, bool on)
{
	if (group >= WIRE_GROUPS_MAX || w->on[group] == on)
		return;
	w->on[group] = on;
	for (unsigned int i = 0; !on && i < WHERE_ROWS; i++) {
		struct row *row = &w->rows[i];

		if (!row->used || row->group != group)
			continue;
		merge(&row->lately.answerer, &row->incident.answerer);
		merge(&row->lately.server, &row->incident.server);
		memset(&row->incident, 0, sizeof(row->incident));
	}
}

void where_add(struct where *w, const struct finding *f)
{
	const struct verdict *v = &f->v;
	bool answered = v->answer_ttl >= 0;
	struct where_counts *counts;
	struct row *row;

	if (f->kind != RECORD_FINAL || f->forgotten || f->group >= WIRE_GROUPS_MAX)
		return;
	if (!answered && v->server_ttl < 0 && !v->has_rtt)
		return;
	row = row_of(w, f);
	if (!row) {
		w->full++;
		return;
	}
	pass_hours(w, (f->first_s + f->decided_after_s) / 3600);
	counts = w->on[f->group] ? &row->incident : &row->lately;
	if (answered) {
		/* the delay is that of a RST: an ICMP error that ended it has none that is known */
		count(&counts->answerer, hops_from_ttl(v->answer_ttl),
		      v->outcome == OUTCOME_RESET ? v->answer_us : 0);
		w->answered[f->group] |= 1u << v->signature;
	}
	count(&counts->server, hops_from_ttl(v->server_ttl), v->has_rtt ? v->rtt_us : 0);
}

__u64 where_full(const struct where *w)
{
	return w->full;
}

static void side(const struct distances *d, struct where_side *out)
{
	spread_of_small(d->hops, HOPS, &out->hops);
	spread_of(d->us, &out->us);
}

static bool about(const struct where *w, __u8 group, __u32 prefix, enum signature signature, bool all,
		  struct where_about *out)
{
	struct distances answerer = { 0 }, server = { 0 };
	__u32 wanted = signature < SIGNATURES ? 1u << signature : ~0u;

	memset(out, 0, sizeof(*out));
	if (group >= WIRE_GROUPS_MAX || !(w->answered[group] & wanted))
		return false;
	for (unsigned int i = 0; i < (prefix ? SIGNATURES : WHERE_ROWS); i++) {
		const struct row *row = prefix ? find(w, group, prefix, (enum signature)i) : &w->rows[i];

		if (!row || !row->used || row->group != group)
			continue;
		if (wanted & 1u << row->signature) {
			merge(&answerer, &row->incident.answerer);
			if (all)
				merge(&answerer, &row->lately.answerer);
		}
		merge(&server, &row->incident.server);
		if (all)
			merge(&server, &row->lately.server);
	}
	side(&answerer, &out->answerer);
	side(&server, &out->server);
	return out->answerer.hops.n > 0;
}

bool where_about(const struct where *w, __u8 group, __u32 prefix, enum signature signature, struct where_about *out)
{
	return about(w, group, prefix, signature, true, out);
}

bool where_in_incident(const struct where *w, __u8 group, __u32 prefix, enum signature signature,
		       struct where_about *out)
{
	return about(w, group, prefix, signature, false, out);
}
