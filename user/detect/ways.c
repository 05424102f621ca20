// SPDX-License-Identifier: GPL-2.0
/* Successes and failures by the way taken: see ways.h. */
#include "detect/ways.h"

#include <stdlib.h>
#include <string.h>

#define WAYS (WAY_NAMES * 8)

struct minute {
	__s64 minute;
	__u32 failed[WAYS], passed[WAYS];
};
struct cells {
	__u32 prefix;
	struct minute minutes[WAYS_MINUTES];
};
struct ways {
	struct cells groups[WIRE_GROUPS_MAX];
	struct cells prefixes[WAYS_PREFIXES];
	__u64 full;
};

struct ways *ways_new(void)
{
	return calloc(1, sizeof(struct ways));
}

void ways_free(struct ways *w)
{
	free(w);
}

/* The cells of a range, or the free ones where they would be; NULL where all are another's. */
static const struct cells *find(const struct ways *w, __u32 prefix)
{
	__u32 at = (prefix * 0x9e3779b1u) >> 7;

	for (unsigned int i = 0; i < WAYS_PREFIXES; i++) {
		const struct cells *c = &w->prefixes[(at + i) % WAYS_PREFIXES];

		if (!c->prefix || c->prefix == prefix)
			return c;
	}
	return NULL;
}

static enum way_name name_of(const struct verdict *v)
{
	static const enum way_name names[SNIS] = {
		[SNI_UNKNOWN] = WAY_UNKNOWN, [SNI_MATCH] = WAY_MATCH, [SNI_OTHER] = WAY_OTHER,
		[SNI_NONE] = WAY_NONE,	     [SNI_ECH] = WAY_UNKNOWN,
	};

	/* QUIC sends its name with the first packet */
	if (!v->quic && (v->stage == STAGE_POST_SYN || v->stage == STAGE_POST_ACK))
		return WAY_UNSENT;
	return names[v->sni];
}

static void count(struct cells *c, unsigned int way, __s64 minute, bool failed)
{
	struct minute *m = &c->minutes[minute % WAYS_MINUTES];

	if (m->minute > minute) /* so late that its place is another's */
		return;
	if (m->minute < minute) {
		memset(m, 0, sizeof(*m));
		m->minute = minute;
	}
	(failed ? m->failed : m->passed)[way]++;
}

void ways_add(struct ways *w, const struct finding *f)
{
	enum tally_class class = verdict_class(&f->v);
	__s64 minute = (f->first_s + f->decided_after_s) / 60;
	struct cells *c;
	unsigned int way;

	if (f->kind != RECORD_FINAL || f->forgotten || f->group >= WIRE_GROUPS_MAX || minute < 0 ||
	    class == TALLY_NEITHER)
		return;
	way = (unsigned int)name_of(&f->v) * 8 + f->v.quic * 4u + f->v.v6 * 2u + (f->port != 443);
	count(&w->groups[f->group], way, minute, class == TALLY_FAILURE);
	if (!f->prefix)
		return;
	c = (struct cells *)find(w, f->prefix);
	if (!c) {
		w->full++;
		return;
	}
	c->prefix = f->prefix;
	count(c, way, minute, class == TALLY_FAILURE);
}

__u64 ways_full(const struct ways *w)
{
	return w->full;
}

static void sum(struct way_counts *to, __u32 failed, __u32 passed)
{
	to->failed += failed;
	to->passed += passed;
}

static void sum_cells(const struct cells *c, __s64 oldest, __s64 newest, struct ways_about *out)
{
	for (unsigned int i = 0; c && i < WAYS_MINUTES; i++) {
		const struct minute *m = &c->minutes[i];

		if (m->minute > newest || m->minute < oldest)
			continue;
		for (unsigned int way = 0; way < WAYS; way++) {
			sum(&out->name[way / 8], m->failed[way], m->passed[way]);
			sum(&out->quic[way / 4 % 2], m->failed[way], m->passed[way]);
			sum(&out->v6[way / 2 % 2], m->failed[way], m->passed[way]);
			sum(&out->elsewhere[way % 2], m->failed[way], m->passed[way]);
			sum(&out->all, m->failed[way], m->passed[way]);
		}
	}
}

void ways_since(const struct ways *w, __u8 group, const __u32 *prefixes, unsigned int n, __s64 since, __s64 now,
		struct ways_about *out)
{
	__s64 oldest = now / 60 - WAYS_MINUTES + 1;

	if ((since + 59) / 60 > oldest)
		oldest = (since + 59) / 60;
	memset(out, 0, sizeof(*out));
	for (unsigned int i = 0; i < n; i++)
		sum_cells(find(w, prefixes[i]), oldest, now / 60, out);
	if (!n && group < WIRE_GROUPS_MAX)
		sum_cells(&w->groups[group], oldest, now / 60, out);
}

void ways_about(const struct ways *w, __u8 group, __u32 prefix, __s64 now, struct ways_about *out)
{
	ways_since(w, group, &prefix, prefix > 0, 0, now, out);
}
