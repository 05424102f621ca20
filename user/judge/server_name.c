// SPDX-License-Identifier: GPL-2.0
/* Host names against rules: see server_name.h. */
#include "judge/server_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_BYTES 253 /* RFC 1035, 2.3.4, written with dots */

struct server_names {
	const struct name_rule **all; /* whatever was a rule; each by itself, so that it stays where it is */
	const struct name_rule **in_force;
	size_t n_all, n; /* both sorted */
};

struct server_names *server_names_new(void)
{
	return calloc(1, sizeof(struct server_names));
}

void server_names_free(struct server_names *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_all; i++)
		free((void *)s->all[i]);
	free(s->all);
	free(s->in_force);
	free(s);
}

/* ---- the rules in force ---------------------------------------------------------------------------------------- */

/* By name, an exact one before the other of its name, the first group before the next. */
static int by_name(const void *a, const void *b)
{
	const struct name_rule *x = *(const struct name_rule *const *)a, *y = *(const struct name_rule *const *)b;
	int order = strcmp(x->name, y->name);

	if (!order)
		order = y->exact - x->exact;
	return order ? order : x->group - y->group;
}

/* The place of the first rule that is not below. */
static size_t place_of(const struct name_rule *const *sorted, size_t n, const struct name_rule *rule)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_name(&sorted[middle], &rule) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The same rule as of now or before, or a copy that stays. */
static const struct name_rule *keep(struct server_names *s, const struct name_rule *rule)
{
	size_t place = place_of(s->all, s->n_all, rule);
	const struct name_rule **more;
	struct name_rule *copy;

	if (place < s->n_all && !by_name(&s->all[place], &rule))
		return s->all[place];
	more = realloc(s->all, (s->n_all + 1) * sizeof(*more));
	if (!more)
		return NULL;
	s->all = more;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *rule;
	memmove(more + place + 1, more + place, (s->n_all++ - place) * sizeof(*more));
	more[place] = copy;
	return copy;
}

int server_names_set(struct server_names *s, const struct name_rule *rules, size_t n)
{
	const struct name_rule **in_force = calloc(n ? n : 1, sizeof(*in_force));

	if (!in_force)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		in_force[i] = keep(s, &rules[i]);
		if (!in_force[i]) {
			free(in_force);
			return -ENOMEM;
		}
	}
	qsort(in_force, n, sizeof(*in_force), by_name);
	free(s->in_force);
	s->in_force = in_force;
	s->n = n;
	return 0;
}

/* ---- looking up ------------------------------------------------------------------------------------------------ */

/* Length of a name without the dot that may end it; 0 where it is no host name. */
static size_t plain_length(const __u8 *name, size_t len)
{
	if (len && name[len - 1] == '.')
		len--;
	if (len > NAME_MAX_BYTES)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!name[i])
			return 0; /* it would end a rule's name sooner than its own */
	return len;
}

/* The rule of just this name and kind, of the first group that has it. */
static const struct name_rule *rule_of(const struct server_names *s, const struct name_rule *wanted)
{
	size_t place = place_of(s->in_force, s->n, wanted);
	const struct name_rule *rule = place < s->n ? s->in_force[place] : NULL;

	return rule && !strcmp(rule->name, wanted->name) && rule->exact == wanted->exact ? rule : NULL;
}

const struct name_rule *server_names_find(const struct server_names *s, const __u8 *name, size_t len)
{
	const struct name_rule *found = NULL;
	struct name_rule wanted = { .exact = true };

	len = plain_length(name, len);
	for (size_t from = 0; from < len && !found; from++) {
		size_t rest = len - from;

		if ((from && name[from - 1] != '.') || rest >= sizeof(wanted.name))
			continue;
		for (size_t i = 0; i < rest; i++)
			wanted.name[i] = (char)server_name_lower(name[from + i]);
		wanted.name[rest] = '\0';
		if (!from)
			found = rule_of(s, &wanted);
		wanted.exact = false;
		if (!found)
			found = rule_of(s, &wanted);
	}
	explicit_bzero(&wanted, sizeof(wanted));
	return found;
}

bool server_name_is_public_ech(const __u8 *name, size_t len)
{
	static const char *const names[] = { "cloudflare-ech.com" };

	len = plain_length(name, len);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (len == strlen(names[i]) && !strncasecmp((const char *)name, names[i], len))
			return true;
	return false;
}
