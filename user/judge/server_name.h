/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Host names and the rules that they match: a rule's own name and, unless it is exact, whatever lies below it. On label
 * borders only: a rule for t.co that matched as text slowed reddit.com down in March 2021.
 */
#ifndef XREACH_SERVER_NAME_H
#define XREACH_SERVER_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include "wire.h"

struct name_rule {
	char name[128]; /* lower case, no dot at the end */
	bool exact;	/* not what lies below it */
	__u8 group;	/* the caller's number of a group */
};

struct server_names;
struct server_names *server_names_new(void); /* without rules; NULL when out of memory */
void server_names_free(struct server_names *s);

/* Put other rules in force; copied. Every rule that ever was keeps its place in memory until the end, for flows that
 * were found to match it. 0 or -ENOMEM; then nothing changes. */
int server_names_set(struct server_names *s, const struct name_rule *rules, size_t n);

/* The rule of the longest name that a host name matches, or NULL. The name is in any case, may end in one dot, and is
 * not looked at behind `len`; bytes that no host name has match nothing. */
const struct name_rule *server_names_find(const struct server_names *s, const __u8 *name, size_t len);

/* ASCII only, and no locale's opinion of it. */
static inline __u8 server_name_lower(__u8 c)
{
	return c >= 'A' && c <= 'Z' ? (__u8)(c | 0x20) : c;
}

/* Is it one of those that stand outside where the real one is encrypted (ECH)? */
bool server_name_is_public_ech(const __u8 *name, size_t len);

#endif
