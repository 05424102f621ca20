// SPDX-License-Identifier: GPL-2.0
/* Counts of failures by signature, with their past minutes: see signs.h. */
#include "detect/signs.h"

#include <string.h>

#include "detect/packed.h"

#define COUNT_MOST (1ull << 50)

void signs_add(struct signs *s, enum signature signature, __s64 now, int n)
{
	struct signs_minute *minute = &s->before[(__u64)(now / 60) % SIGNS_MINUTES];

	if ((unsigned int)signature >= SIGNATURES)
		return;
	if (minute->minute != now / 60) {
		minute->minute = now / 60;
		memcpy(minute->n, s->now, sizeof(s->now));
	}
	if (n > 0)
		s->now[signature]++;
	else
		s->now[signature] -= s->now[signature] > 0;
}

/* The earliest minute that is not before that of `at`: in the minutes between nothing failed. Where all are older,
 * nothing has failed since. */
void signs_until(const struct signs *s, __s64 at, __u64 out[static SIGNATURES])
{
	const __u64 *best = s->now;
	__s64 minute = 0;

	for (unsigned int i = 0; i < SIGNS_MINUTES; i++) {
		if (s->before[i].minute < at / 60 || (minute && s->before[i].minute >= minute))
			continue;
		minute = s->before[i].minute;
		best = s->before[i].n;
	}
	memcpy(out, best, sizeof(s->now));
}

void signs_restart(struct signs *s)
{
	memset(s->before, 0, sizeof(s->before));
}

/* ---- over a restart ----------------------------------------------------------------------------------------- */

/* Most signatures are never seen: those that are, by their number. */
void signs_save_counts(const __u64 n[static SIGNATURES], struct packed *out)
{
	unsigned int some = 0;

	for (unsigned int i = 0; i < SIGNATURES; i++)
		some += n[i] > 0;
	pack_number(out, some);
	for (unsigned int i = 0; i < SIGNATURES; i++) {
		if (!n[i])
			continue;
		pack_number(out, i);
		pack_number(out, n[i]);
	}
}

void signs_restore_counts(__u64 n[static SIGNATURES], struct unpack *in)
{
	__u64 some = unpack_number(in, SIGNATURES);

	memset(n, 0, SIGNATURES * sizeof(*n));
	while (some--) {
		__u64 i = unpack_number(in, SIGNATURES - 1);

		n[i] = unpack_number(in, COUNT_MOST);
	}
}

void signs_save(const struct signs *s, struct packed *out)
{
	unsigned int some = 0;

	for (unsigned int i = 0; i < SIGNS_MINUTES; i++)
		some += s->before[i].minute > 0;
	signs_save_counts(s->now, out);
	pack_number(out, some);
	for (unsigned int i = 0; i < SIGNS_MINUTES; i++) {
		if (s->before[i].minute <= 0)
			continue;
		pack_signed(out, s->before[i].minute);
		signs_save_counts(s->before[i].n, out);
	}
}

void signs_restore(struct signs *s, struct unpack *in)
{
	__u64 some;

	memset(s, 0, sizeof(*s));
	signs_restore_counts(s->now, in);
	some = unpack_number(in, SIGNS_MINUTES);
	while (some--) {
		__s64 minute = unpack_signed(in, 0, 1ll << 40);
		struct signs_minute *m = &s->before[(__u64)minute % SIGNS_MINUTES];

		m->minute = minute;
		signs_restore_counts(m->n, in);
	}
}
