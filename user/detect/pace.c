// SPDX-License-Identifier: GPL-2.0
/* Handshake times and goodput by the minute: see pace.h. */
#include "detect/pace.h"

#include <stdlib.h>
#include <string.h>

struct minute {
	__s64 minute;
	__u32 counts[PACES][SPREAD_BUCKETS];
};
struct pace {
	struct minute minutes[WIRE_GROUPS_MAX][PACE_MINUTES];
};

struct pace *pace_new(void)
{
	return calloc(1, sizeof(struct pace));
}

void pace_free(struct pace *p)
{
	free(p);
}

void pace_add(struct pace *p, const struct finding *f)
{
	const struct verdict *v = &f->v;
	__s64 minute = (f->first_s + f->decided_after_s) / 60;
	struct minute *m;

	if (f->kind != RECORD_FINAL || f->forgotten || f->group >= WIRE_GROUPS_MAX || minute < 0)
		return;
	m = &p->minutes[f->group][minute % PACE_MINUTES];
	if (m->minute > minute) /* so late that its place is another's */
		return;
	if (m->minute < minute) {
		memset(m, 0, sizeof(*m));
		m->minute = minute;
	}
	if (v->has_rtt)
		m->counts[PACE_HANDSHAKE][spread_bucket(v->rtt_us)]++;
	if (v->goodput && !v->quic && v->stage == STAGE_LATER && v->bytes_down >= PACE_BYTES)
		m->counts[PACE_GOODPUT][spread_bucket(v->goodput)]++;
}

void pace_spread(const struct pace *p, __u8 slot, enum pace_what what, __s64 now, unsigned int minutes,
		 struct spread *out)
{
	__u32 sum[SPREAD_BUCKETS] = { 0 };

	for (unsigned int i = 0; slot < WIRE_GROUPS_MAX && i < PACE_MINUTES; i++) {
		const struct minute *m = &p->minutes[slot][i];

		if (m->minute > now / 60 || m->minute <= now / 60 - (__s64)minutes)
			continue;
		for (unsigned int bucket = 0; bucket < SPREAD_BUCKETS; bucket++)
			sum[bucket] += m->counts[what][bucket];
	}
	spread_of(sum, out);
}
