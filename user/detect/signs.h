/* SPDX-License-Identifier: GPL-2.0 */
/*
 * By which signatures the flows of a part fail, since a time: the mechanisms of an incident by weight. Running counts, with
 * what they were at each of the last minutes, so that an incident can be told from its change point on. Pure.
 */
#ifndef XREACH_SIGNS_H
#define XREACH_SIGNS_H

#include "judge/verdict.h"

#define SIGNS_MINUTES 32

/* All zero to begin with. */
struct signs {
	__u64 now[SIGNATURES];
	struct signs_minute {
		__s64 minute; /* at whose beginning it stood so; 0 for none */
		__u64 n[SIGNATURES];
	} before[SIGNS_MINUTES];
};

/* A failed flow, told of at second `now`; `n` -1 takes one back. */
void signs_add(struct signs *s, enum signature signature, __s64 now, int n);
/* What had been counted by the minute of second `at`, or the oldest that is remembered. */
void signs_until(const struct signs *s, __s64 at, __u64 out[static SIGNATURES]);

/* Forget the past minutes: the clock was set back. */
void signs_restart(struct signs *s);

/* Counts, and all of it, over a restart. What cannot be makes `in` bad. */
struct packed;
struct unpack;
void signs_save_counts(const __u64 n[static SIGNATURES], struct packed *out);
void signs_restore_counts(__u64 n[static SIGNATURES], struct unpack *in);
void signs_save(const struct signs *s, struct packed *out);
void signs_restore(struct signs *s, struct unpack *in);

#endif
