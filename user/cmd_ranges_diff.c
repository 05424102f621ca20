// SPDX-License-Identifier: GPL-2.0
/* What a new list changes: prefixes, names and space, group by group. */
#include "cmd_ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "show/clean.h"

/* A group under the same name in both lists; -1 where one does not have it. */
struct pair {
	const struct ranges *old, *new;
	int in_old, in_new;
	const char *name;
	bool told; /* its name stands on the screen */
};

/* The group's name goes before the first difference in it. */
static void begin(struct pair *p)
{
	if (!p->told)
		printf("group %s\n", p->name);
	p->told = true;
}

static int find_group(const struct ranges *r, const char *name)
{
	for (size_t i = 0; i < r->n_groups; i++)
		if (!strcmp(r->groups[i].name, name))
			return (int)i;
	return -1;
}

static void print_group(char mark, const struct range_group *g)
{
	printf("  %c group %s %s", mark, g->name, g->role == ROLE_TARGET ? "target" : "control");
	if (g->role == ROLE_CONTROL && (g->sample <= 0 || g->sample >= 1))
		printf(" sample %s", g->sample > 0 ? "all" : "auto");
	else if (g->role == ROLE_CONTROL)
		printf(" sample %g", g->sample);
	putchar('\n');
}

static void diff_group(struct pair *p)
{
	const struct range_group *old = p->in_old < 0 ? NULL : &p->old->groups[p->in_old];
	const struct range_group *new = p->in_new < 0 ? NULL : &p->new->groups[p->in_new];

	if (old && new && old->role == new->role && old->sample == new->sample)
		return;
	begin(p);
	if (old)
		print_group('-', old);
	if (new)
		print_group('+', new);
}

/* ---- prefixes ------------------------------------------------------------------------------------------------ */

/* From prefix *i on, the next one that the group wrote, or NULL at the end. */
static const struct range_prefix *next_prefix(const struct ranges *r, int group, size_t *i, enum class *class)
{
	for (; group >= 0 && *i < r->n_prefixes; (*i)++)
		if (range_written_by(&r->prefixes[*i], (unsigned int)group, class))
			return &r->prefixes[*i];
	return NULL;
}

static void diff_prefixes(struct pair *p)
{
	enum class a_class = CLASS_OWN, b_class = CLASS_OWN;
	size_t i = 0, j = 0;

	for (;;) {
		const struct range_prefix *a = next_prefix(p->old, p->in_old, &i, &a_class);
		const struct range_prefix *b = next_prefix(p->new, p->in_new, &j, &b_class);
		int c = !a ? 1 : !b ? -1 : range_compare(a, b);

		if (!a && !b)
			return;
		if (c || a_class != b_class)
			begin(p);
		if (a && (c < 0 || (!c && a_class != b_class)))
			printf("  - %s %s\n", ranges_class(a_class), a->text);
		if (b && (c > 0 || (!c && a_class != b_class)))
			printf("  + %s %s\n", ranges_class(b_class), b->text);
		i += c <= 0;
		j += c >= 0;
	}
}

/* ---- names ----------------------------------------------------------------------------------------------------- */

static int compare_names(const void *x, const void *y)
{
	const struct range_name *a = *(const struct range_name *const *)x;
	const struct range_name *b = *(const struct range_name *const *)y;
	int c = strcmp(a->name, b->name);

	return c ? c : a->exact - b->exact;
}

/* Pointers to the group's names, sorted, with NULL behind them, to be freed; NULL without memory. */
static const struct range_name **sort_names(const struct ranges *r, int group)
{
	const struct range_name **sorted = calloc(r->n_names + 1, sizeof(*sorted));
	size_t n = 0;

	for (size_t i = 0; sorted && i < r->n_names; i++)
		if (r->names[i].group == group)
			sorted[n++] = &r->names[i];
	if (n)
		qsort(sorted, n, sizeof(*sorted), compare_names);
	return sorted;
}

static void print_name(char mark, const struct range_name *n)
{
	printf("  %c %s %s\n", mark, n->exact ? "exact" : "name", n->name);
}

static int diff_names(struct pair *p)
{
	const struct range_name **olds = sort_names(p->old, p->in_old), **a = olds;
	const struct range_name **news = sort_names(p->new, p->in_new), **b = news;

	while (a && b && (*a || *b)) {
		int c = !*a ? 1 : !*b ? -1 : compare_names(a, b);

		if (c)
			begin(p);
		if (c < 0)
			print_name('-', *a);
		if (c > 0)
			print_name('+', *b);
		a += c <= 0;
		b += c >= 0;
	}
	free(olds);
	free(news);
	return a && b ? 0 : -ENOMEM;
}

/* ---- space ------------------------------------------------------------------------------------------------------- */

static void print_change(const char *what, unsigned __int128 old, unsigned __int128 new, bool v6)
{
	char old_text[64], new_text[64];

	if (old == new)
		return;
	printf("  %s %s: %s -> %s", v6 ? "IPv6 /48s" : "IPv4 addresses", what, ranges_space_text(old, v6, old_text),
	       ranges_space_text(new, v6, new_text));
	if (old)
		printf(" (%+.1f %%)", ((double)new - (double)old) * 100 / (double)old);
	putchar('\n');
}

static void diff_space(const struct pair *p)
{
	static const struct {
		const char *what;
		unsigned int classes;
	} kinds[] = {
		{ "by address alone", 1 << CLASS_OWN | 1 << CLASS_DEDICATED },
		{ "shared", 1 << CLASS_SHARED },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (int v6 = 0; v6 < 2; v6++)
			print_change(kinds[i].what,
				     p->in_old < 0 ? 0 : ranges_space(p->old, v6, p->in_old, kinds[i].classes),
				     p->in_new < 0 ? 0 : ranges_space(p->new, v6, p->in_new, kinds[i].classes), v6);
}

/* 1 where they differ, 0, or -ENOMEM. */
static int diff_pair(const struct ranges *old, const struct ranges *new, const char *name)
{
	struct pair p = { old, new, find_group(old, name), find_group(new, name), name, false };
	int err;

	diff_group(&p);
	diff_prefixes(&p);
	err = diff_names(&p);
	diff_space(&p);
	return err ? err : p.told;
}

static bool diff_head(const char *what, const char *old, const char *new)
{
	char old_text[256], new_text[256];

	if (!strcmp(old, new))
		return false;
	clean_copy(old_text, sizeof(old_text), old);
	clean_copy(new_text, sizeof(new_text), new);
	printf("- %s %s\n+ %s %s\n", what, old_text, what, new_text);
	return true;
}

int ranges_diff(const struct ranges *old, const struct ranges *new)
{
	int differ = 0, one = 0;

	differ |= diff_head("version", old->version, new->version);
	differ |= diff_head("date", old->date, new->date);
	differ |= diff_head("sources", old->sources, new->sources);
	for (size_t i = 0; i < old->n_groups && one >= 0; i++) {
		one = diff_pair(old, new, old->groups[i].name);
		differ |= one;
	}
	for (size_t i = 0; i < new->n_groups &&one >= 0; i++) {
		if (find_group(old, new->groups[i].name) >= 0)
			continue;
		one = diff_pair(old, new, new->groups[i].name);
		differ |= one;
	}
	return one < 0 ? one : differ;
}
