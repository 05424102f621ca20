/* SPDX-License-Identifier: GPL-2.0 */
/*
 * By which signatures a group's flows fail, since a time: the mechanisms of an incident by weight. Running counts, with
 * what they were at each of the last minutes, so that an incident can be told from its change point on. Pure.
 */
#ifndef XREACH_SIGNS_H
#define XREACH_SIGNS_H

#include "judge/verdict.h"

#define SIGNS_MINUTES 32

struct signs;		       /* all zero to begin with */
struct signs *signs_new(void); /* NULL when out of memory */
void signs_free(struct signs *s);

/* A failed flow, told of at second `now`; `n` -1 takes one back. */
void signs_add(struct signs *s, __u8 group, enum signature signature, __s64 now, int n);
/* What had been counted by the minute of second `at`, or the oldest that is remembered. */
void signs_until(const struct signs *s, __u8 group, __s64 at, __u64 out[static SIGNATURES]);
void signs_now(const struct signs *s, __u8 group, __u64 out[static SIGNATURES]);

/* A group's, over a restart. What cannot be makes `in` bad. */
struct packed;
struct unpack;
void signs_save(const struct signs *s, __u8 group, struct packed *out);
void signs_restore(struct signs *s, __u8 group, struct unpack *in);

#endif
