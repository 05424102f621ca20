// SPDX-License-Identifier: GPL-2.0
/* From the draft of a list to the list: sorted, merged, numbered, compared with the one in force. */
#include "load/ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "load/ranges_draft.h"

#define DEPTH_MAX 130 /* prefixes of one family within one another, and a bit */

/* ---- order ------------------------------------------------------------------------------------------------- */

static int compare_places(const struct draft_place *a, const struct draft_place *b)
{
	if (a->file != b->file)
		return (a->file > b->file) - (a->file < b->file);
	return (a->line > b->line) - (a->line < b->line);
}

static int compare_drafts(const void *x, const void *y)
{
	const struct draft_prefix *a = x, *b = y;
	int c = range_compare(&a->p, &b->p);

	return c ? c : compare_places(&a->place, &b->place);
}

static int compare_names(const void *x, const void *y)
{
	const struct draft_name *a = *(const struct draft_name *const *)x;
	const struct draft_name *b = *(const struct draft_name *const *)y;
	int c = strcmp(a->n.name, b->n.name);

	return c ? c : compare_places(&a->place, &b->place);
}

/* ---- one value for each prefix ------------------------------------------------------------------------------- */

/* May a target share this prefix with a control whose own it is? */
static bool may_share(const struct draft *d, const struct range_prefix *target, const struct range_prefix *control)
{
	return d->groups[target->group].g.role == ROLE_TARGET && target->class == CLASS_SHARED &&
	       d->groups[control->group].g.role == ROLE_CONTROL;
}

static int refuse_twice(struct draft *d, const struct draft_prefix *first, const struct draft_prefix *second)
{
	const char *mine = d->groups[second->p.group].g.name, *other = d->groups[first->p.group].g.name;
	const char *file = d->files[first->place.file];

	if (first->p.group == second->p.group)
		return draft_refuse(d, second->place, "%s is in group %s a second time, after %s:%u; leave one",
				    second->p.text, mine, file, first->place.line);
	return draft_refuse(d, second->place,
			    "%s of group %s is in group %s too, at %s:%u; leave it to one of them", second->p.text,
			    mine, other, file, first->place.line);
}

/* Sort, and make one of what a target shares with a control. */
static int merge_same(struct draft *d)
{
	__u32 n = 0;

	if (d->n_prefixes)
		qsort(d->prefixes, d->n_prefixes, sizeof(*d->prefixes), compare_drafts);
	for (__u32 i = 0; i < d->n_prefixes; i++) {
		struct draft_prefix *last = n ? &d->prefixes[n - 1] : NULL, *next = &d->prefixes[i];
		bool both = last && !range_compare(&last->p, &next->p);

		if (!both) {
			d->prefixes[n++] = *next;
		} else if (!last->p.shared_with && may_share(d, &next->p, &last->p)) {
			last->p.shared_with = 1 + next->p.group;
			last->p.written |= WRITTEN_SHARED;
		} else if (!last->p.shared_with && may_share(d, &last->p, &next->p)) {
			__u8 target = last->p.group;

			*last = *next;
			last->p.shared_with = 1 + target;
			last->p.written |= WRITTEN_SHARED;
		} else {
			return refuse_twice(d, last, next);
		}
	}
	d->n_prefixes = n;
	return 0;
}

/*
 * What `p` means within the prefix `outer`, whose own meaning is settled. Only two things reach inwards: shared
 * space within a control's is the control's, and the target's with a matching name; so is a control's space within
 * shared space. All else is settled by the longer prefix.
 */
static void settle(const struct draft *d, struct range_prefix *p, const struct range_prefix *outer)
{
	bool outer_is_control = d->groups[outer->group].g.role == ROLE_CONTROL;

	if (d->groups[p->group].g.role == ROLE_CONTROL) {
		if (p->shared_with)
			return;
		if (outer_is_control)
			p->shared_with = outer->shared_with;
		else if (outer->class == CLASS_SHARED)
			p->shared_with = 1 + outer->group;
	} else if (p->class == CLASS_SHARED && outer_is_control) {
		p->shared_with = 1 + p->group;
		p->group = outer->group;
		p->class = outer->class;
		p->written = WRITTEN_SHARED;
	}
}

static void settle_nested(struct draft *d)
{
	const struct range_prefix *stack[DEPTH_MAX];
	unsigned int depth = 0;

	for (__u32 i = 0; i < d->n_prefixes; i++) {
		struct range_prefix *p = &d->prefixes[i].p;

		while (depth && !range_holds(stack[depth - 1], p->addr, p->v6))
			depth--;
		if (depth)
			settle(d, p, stack[depth - 1]);
		stack[depth++] = p;
	}
}

static int check_names(struct draft *d)
{
	const struct draft_name **sorted = calloc(d->n_names + 1, sizeof(*sorted));
	int err = 0;

	if (!sorted) {
		snprintf(d->error, d->error_size, "out of memory");
		return -ENOMEM;
	}
	for (__u32 i = 0; i < d->n_names; i++)
		sorted[i] = &d->names[i];
	qsort(sorted, d->n_names, sizeof(*sorted), compare_names);
	for (__u32 i = 1; i < d->n_names && !err; i++)
		if (!strcmp(sorted[i - 1]->n.name, sorted[i]->n.name))
			err = draft_refuse(d, sorted[i]->place,
					   "name %s of group %s is in group %s already, at %s:%u; leave one",
					   sorted[i]->n.name, d->groups[sorted[i]->n.group].g.name,
					   d->groups[sorted[i - 1]->n.group].g.name,
					   d->files[sorted[i - 1]->place.file], sorted[i - 1]->place.line);
	free(sorted);
	return err;
}

static int check_groups(struct draft *d)
{
	struct draft_place whole = {};
	bool target = false;

	if (!d->n_prefixes)
		return draft_refuse(d, whole, "has no prefix; a list needs a target group with addresses");
	for (__u32 i = 0; i < d->n_groups; i++) {
		if (!d->groups[i].used)
			return draft_refuse(d, d->groups[i].place,
					    "group %s has no prefix; add some, or leave it out",
					    d->groups[i].g.name);
		target |= d->groups[i].g.role == ROLE_TARGET;
	}
	if (!target)
		return draft_refuse(d, whole, "has no target group; one must be such as 'group x target'");
	return 0;
}

/* ---- the list -------------------------------------------------------------------------------------------------- */

static int group_of(const struct ranges *r, const char *name)
{
	for (size_t i = 0; i < r->n_groups; i++)
		if (!strcmp(r->groups[i].name, name))
			return (int)i;
	return -1;
}

/* The groups of the list in force first, in its order, so that they mostly keep their numbers: open flows know
 * their group by its number. `number`: from that in the draft. */
static void order_groups(const struct draft *d, const struct ranges *previous, struct ranges *r,
			 __u8 number[WIRE_GROUPS_MAX])
{
	for (size_t i = 0; previous && i < previous->n_groups; i++)
		for (__u32 j = 0; j < d->n_groups; j++)
			if (!strcmp(previous->groups[i].name, d->groups[j].g.name)) {
				number[j] = (__u8)r->n_groups;
				r->groups[r->n_groups++] = d->groups[j].g;
			}
	for (__u32 j = 0; j < d->n_groups; j++)
		if (!previous || group_of(previous, d->groups[j].g.name) < 0) {
			number[j] = (__u8)r->n_groups;
			r->groups[r->n_groups++] = d->groups[j].g;
		}
}

static int compare_ids(const void *x, const void *y, void *arg)
{
	const struct range_prefix *p = arg;
	__u32 a = p[*(const __u32 *)x].id, b = p[*(const __u32 *)y].id;

	return (a > b) - (a < b);
}

/* Both lists are sorted alike: what is in both under the same group keeps its id, the rest gets new ones. */
static void give_ids(struct ranges *r, const struct ranges *previous)
{
	size_t j = 0;

	r->next_id = previous ? previous->next_id : 1;
	for (size_t i = 0; i < r->n_prefixes; i++) {
		struct range_prefix *p = &r->prefixes[i];
		int c = 1;

		while (previous && j < previous->n_prefixes && (c = range_compare(&previous->prefixes[j], p)) < 0)
			j++;
		if (!c && j < previous->n_prefixes &&
		    !strcmp(previous->groups[previous->prefixes[j].group].name, r->groups[p->group].name))
			p->id = previous->prefixes[j].id;
		else
			p->id = r->next_id++;
		r->by_id[i] = (__u32)i;
	}
	qsort_r(r->by_id, r->n_prefixes, sizeof(*r->by_id), compare_ids, r->prefixes);
}

static int make(const struct draft *d, const struct ranges *previous, struct ranges **out)
{
	struct ranges *r = calloc(1, sizeof(*r));
	__u8 number[WIRE_GROUPS_MAX] = {};

	if (!r)
		return -ENOMEM;
	r->prefixes = calloc(d->n_prefixes, sizeof(*r->prefixes));
	r->by_id = calloc(d->n_prefixes, sizeof(*r->by_id));
	r->names = calloc(d->n_names + 1, sizeof(*r->names));
	if (!r->prefixes || !r->by_id || !r->names) {
		ranges_free(r);
		return -ENOMEM;
	}
	memcpy(r->version, d->version, sizeof(r->version));
	memcpy(r->date, d->date, sizeof(r->date));
	memcpy(r->sources, d->sources, sizeof(r->sources));
	order_groups(d, previous, r, number);
	r->n_prefixes = d->n_prefixes;
	for (size_t i = 0; i < r->n_prefixes; i++) {
		struct range_prefix *p = &r->prefixes[i];

		*p = d->prefixes[i].p;
		p->group = number[p->group];
		if (p->shared_with)
			p->shared_with = 1 + number[p->shared_with - 1];
	}
	r->n_names = d->n_names;
	for (size_t i = 0; i < r->n_names; i++) {
		r->names[i] = d->names[i].n;
		r->names[i].group = number[r->names[i].group];
	}
	give_ids(r, previous);
	*out = r;
	return 0;
}

/* ---- against the list in force ----------------------------------------------------------------------------------- */

static int check_space(struct draft *d, const struct ranges *r, const struct ranges *old, int group, int old_group,
		       unsigned int classes)
{
	const struct draft_place whole = {};

	for (int v6 = 0; v6 < 2; v6++) {
		unsigned __int128 now = ranges_space(r, v6, group, classes);
		unsigned __int128 before = ranges_space(old, v6, old_group, classes);

		if (now >= before || now >= before - now)
			continue;
		return draft_refuse(
			d, whole,
			"%s%s keeps %.1f %% of the %s space of the list in force, less than half; look at "
			"it with 'xreach ranges diff', take it with --force",
			group < 0 ? "the list" : "group ", group < 0 ? "" : r->groups[group].name,
			(double)now * 100 / (double)before, v6 ? "IPv6" : "IPv4");
	}
	return 0;
}

/* The whole, and what counts by address alone of each target: lost, that would hide behind the controls' space. */
static int check_lost(struct draft *d, const struct ranges *r, const struct ranges *old)
{
	int err = check_space(d, r, old, -1, -1, 0);

	for (size_t g = 0; g < old->n_groups && !err; g++) {
		int now = group_of(r, old->groups[g].name);

		if (old->groups[g].role != ROLE_TARGET)
			continue;
		if (now < 0 || r->groups[now].role != ROLE_TARGET)
			err = draft_refuse(d, (struct draft_place){},
					   "target %s of the list in force is gone; take the list with --force",
					   old->groups[g].name);
		else
			err = check_space(d, r, old, now, (int)g, 1 << CLASS_OWN | 1 << CLASS_DEDICATED);
	}
	return err;
}

/* ---- loading ------------------------------------------------------------------------------------------------------- */

static void hash_text(struct sha256_ctx *sha, char hash[17])
{
	__u8 digest[SHA256_DIGEST_SIZE];

	sha256_digest(sha, sizeof(digest), digest);
	for (int i = 0; i < 8; i++)
		snprintf(hash + 2 * i, 3, "%02x", digest[i]);
}

static int read_files(struct draft *d, size_t n_files, char hash[17])
{
	struct sha256_ctx sha;
	int err = 0;

	sha256_init(&sha);
	for (__u32 i = 0; i < n_files && !err; i++) {
		char *text = NULL;
		size_t length = 0;

		err = draft_read(d, i, &text, &length);
		if (err)
			return err;
		sha256_update(&sha, length, (const uint8_t *)text);
		err = draft_parse(d, i, text);
		free(text);
	}
	hash_text(&sha, hash);
	return err;
}

int ranges_load(const char *const *files, size_t n_files, const struct ranges *previous, bool force,
		struct ranges **out, char *error, size_t error_size)
{
	struct draft d = { .files = files, .error = error, .error_size = error_size };
	struct ranges *r = NULL;
	char hash[17] = "";
	int err;

	if (!n_files) {
		snprintf(error, error_size, "no ranges file; name one with --ranges");
		return -EINVAL;
	}
	err = read_files(&d, n_files, hash);
	if (!err)
		err = check_groups(&d);
	if (!err)
		err = check_names(&d);
	if (!err)
		err = merge_same(&d);
	if (err)
		goto out;
	settle_nested(&d);
	err = make(&d, previous, &r);
	if (err) {
		snprintf(error, error_size, "out of memory");
		goto out;
	}
	memcpy(r->hash, hash, sizeof(r->hash));
	if (previous && !force)
		err = check_lost(&d, r, previous);
	if (err)
		goto out;
	*out = r;
	r = NULL;
out:
	ranges_free(r);
	draft_free(&d);
	return err;
}
