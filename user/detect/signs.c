// SPDX-License-Identifier: GPL-2.0
/* Counts of failures by signature, with their past minutes: see signs.h. */
#include "detect/signs.h"

#include <stdlib.h>
#include <string.h>

#include "detect/packed.h"

struct signs_group {
	__u64 now[SIGNATURES];
	struct {
		__s64 minute; /* at whose beginning it stood so; 0 for none */
		__u64 n[SIGNATURES];
	} before[SIGNS_MINUTES];
};
struct signs {
	struct signs_group groups[WIRE_GROUPS_MAX];
};

struct signs *signs_new(void)
{
	return calloc(1, sizeof(struct signs));
}

void signs_free(struct signs *s)
{
	free(s);
}

void signs_add(struct signs *s, __u8 group, enum signature signature, __s64 now, int n)
{
	unsigned int i = (unsigned int)((__u64)(now / 60) % SIGNS_MINUTES);
	struct signs_group *g;

	if (group >= WIRE_GROUPS_MAX || (unsigned int)signature >= SIGNATURES)
		return;
	g = &s->groups[group];
	if (g->before[i].minute != now / 60) {
		g->before[i].minute = now / 60;
		memcpy(g->before[i].n, g->now, sizeof(g->now));
	}
	if (n > 0)
		g->now[signature]++;
	else
		g->now[signature] -= g->now[signature] > 0;
}

/* The earliest minute that is not before that of `at`: in the minutes between nothing failed. Where all are older,
 * nothing has failed since. */
void signs_until(const struct signs *s, __u8 group, __s64 at, __u64 out[static SIGNATURES])
{
	const struct signs_group *g = &s->groups[group < WIRE_GROUPS_MAX ? group : 0];
	const __u64 *best = g->now;
	__s64 minute = 0;

	for (unsigned int i = 0; i < SIGNS_MINUTES; i++) {
		if (g->before[i].minute < at / 60 || (minute && g->before[i].minute >= minute))
			continue;
		minute = g->before[i].minute;
		best = g->before[i].n;
	}
	memcpy(out, best, sizeof(g->now));
}

void signs_now(const struct signs *s, __u8 group, __u64 out[static SIGNATURES])
{
	memcpy(out, s->groups[group < WIRE_GROUPS_MAX ? group : 0].now, sizeof(s->groups[0].now));
}

/* ---- over a restart ----------------------------------------------------------------------------------------- */

static void save_counts(const __u64 n[SIGNATURES], struct packed *out)
{
	for (unsigned int i = 0; i < SIGNATURES; i++)
		pack_number(out, n[i]);
}

static void restore_counts(__u64 n[SIGNATURES], struct unpack *in)
{
	for (unsigned int i = 0; i < SIGNATURES; i++)
		n[i] = unpack_number(in, 1ull << 50);
}

void signs_save(const struct signs *s, __u8 group, struct packed *out)
{
	const struct signs_group *g = &s->groups[group];

	save_counts(g->now, out);
	for (unsigned int i = 0; i < SIGNS_MINUTES; i++) {
		pack_signed(out, g->before[i].minute);
		if (g->before[i].minute)
			save_counts(g->before[i].n, out);
	}
}

void signs_restore(struct signs *s, __u8 group, struct unpack *in)
{
	struct signs_group *g = &s->groups[group];

	restore_counts(g->now, in);
	for (unsigned int i = 0; i < SIGNS_MINUTES; i++) {
		g->before[i].minute = unpack_signed(in, 0, 1ll << 40);
		if (g->before[i].minute)
			restore_counts(g->before[i].n, in);
	}
}
