// SPDX-License-Identifier: GPL-2.0
/* Put ranges, sites and sampling into the loaded object. */
#include "load/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "wire.h"
#include "xreach.skel.h"

/* ---- lit cells and tries ------------------------------------------------------------------------------- */
/* Both cells lit while the tries change: a cell that differs must ask the trie. */
static __u8 merge_cells(__u8 a, __u8 b)
{
	__u8 out = 0;

	for (int shift = 0; shift < 8; shift += 2) {
		__u8 x = a >> shift & 3, y = b >> shift & 3;
		__u8 both = x == y || !y ? x : !x ? y : LIT_LOOK;

		out |= both << shift;
	}
	return out;
}

static void light_both(__u8 *dst, const __u8 *a, const __u8 *b, size_t n, bool cells)
{
	for (size_t i = 0; i < n; i++)
		dst[i] = cells ? merge_cells(a[i], b[i]) : a[i] | b[i];
}

static void light(struct xreach_bpf *s, const struct range_tables *t)
{
	memcpy(s->bss->lit16_v4, t->lit16_v4, sizeof(t->lit16_v4));
	memcpy(s->bss->lit16_v6, t->lit16_v6, sizeof(t->lit16_v6));
	memcpy(s->bss->lit24, t->lit24, sizeof(t->lit24));
	memcpy(s->bss->lit32, t->lit32, sizeof(t->lit32));
	memcpy(s->bss->lit48, t->lit48, sizeof(t->lit48));
}

static int trie_write(struct object *o, const struct ranges *list, const struct range_prefix *p, bool remove)
{
	struct wire_range value = {
		.prefix = p->id,
		.group = p->group,
		.role = list->groups[p->group].role,
		.class = p->class,
		.shared_with = p->shared_with,
	};
	struct wire_lpm4 k4 = { .prefixlen = p->plen };
	struct wire_lpm6 k6 = { .prefixlen = p->plen };
	int fd = bpf_map__fd(p->v6 ? o->skel->maps.ranges6 : o->skel->maps.ranges4);
	void *key = p->v6 ? (void *)&k6 : (void *)&k4;

	memcpy(k4.addr, p->addr + 12, 4);
	memcpy(k6.addr, p->addr, 16);
	if (remove)
		return bpf_map_delete_elem(fd, key) && errno != ENOENT ? -errno : 0;
	return bpf_map_update_elem(fd, key, &value, BPF_ANY) ? -errno : 0;
}

/* Take out of the tries what the new list no longer has; both lists are sorted alike. */
static int remove_gone(struct object *o, const struct ranges *old, const struct ranges *list)
{
	size_t j = 0;

	for (size_t i = 0; i < old->n_prefixes; i++) {
		const struct range_prefix *p = &old->prefixes[i];
		int err;

		while (j < list->n_prefixes && range_compare(&list->prefixes[j], p) < 0)
			j++;
		if (j < list->n_prefixes && !range_compare(&list->prefixes[j], p))
			continue;
		err = trie_write(o, old, p, true);
		if (err)
			return err;
	}
	return 0;
}

/* ---- sampling of controls ------------------------------------------------------------------------------ */
/* The share a group begins with. Automatic sampling starts low, since a large content network may be a great
 * part of all traffic, and adapts; replay watches everything, so that runs agree. */
static double first_share(const struct object *o, const struct range_group *g)
{
	if (g->role == ROLE_TARGET)
		return 1;
	if (g->sample > 0)
		return g->sample;
	return o->replay ? 1 : 1.0 / 16;
}

/* A group that was there under this name, with the same wish, keeps the share that it has come to. */
static double next_share(const struct object *o, const struct ranges *old, const double shares[WIRE_GROUPS_MAX],
			 const struct range_group *g)
{
	for (size_t i = 0; old && i < old->n_groups; i++)
		if (!strcmp(old->groups[i].name, g->name) && old->groups[i].sample == g->sample)
			return shares[i];
	return first_share(o, g);
}

void object_sample(struct object *o, __u8 group, double share)
{
	if (group >= WIRE_GROUPS_MAX)
		return;
	o->sample[group] = share < 1 ? share : 1;
	o->skel->bss->groups[group].sample = share >= 1 ? 0xffffffffu : (__u32)(share * 4294967296.0);
}

/* The tables, with the groups that are watched whole lit as such. */
static void fill_tables(struct object *o, struct range_tables *t, const struct ranges *list,
			const struct wire_config *nat64)
{
	struct ranges marked = *list; /* borrows its prefixes */

	for (size_t g = 0; g < marked.n_groups; g++)
		if (marked.groups[g].role == ROLE_CONTROL)
			marked.groups[g].sample = o->whole[g] ? 1 : 0;
	range_tables_fill(t, &marked, nat64);
}

static bool mark_whole(struct object *o, const struct ranges *list, bool settled)
{
	bool changed = false;

	for (size_t g = 0; g < list->n_groups; g++) {
		bool whole = o->sample[g] >= 1 || (o->whole[g] && !settled);

		changed |= whole != o->whole[g];
		o->whole[g] = whole;
	}
	return changed;
}

/* The filter before any lookup lets pass what any group whose cells ask for it may want. */
static void set_pass(struct object *o, const struct ranges *list, bool settled)
{
	__u32 highest = 0, *pass = &o->skel->data->sample_pass;

	for (size_t g = 0; g < list->n_groups; g++)
		if (list->groups[g].role == ROLE_CONTROL && !o->whole[g] &&
		    o->skel->bss->groups[g].sample > highest)
			highest = o->skel->bss->groups[g].sample;
	if (settled || highest > *pass)
		*pass = highest;
}

int object_sample_apply(struct object *o, const struct ranges *list, const struct wire_config *nat64, bool settled)
{
	if (mark_whole(o, list, settled)) {
		struct range_tables *next = calloc(1, sizeof(*next));

		if (!next)
			return -ENOMEM;
		fill_tables(o, next, list, nat64);
		light(o->skel, next);
		free(o->tables);
		o->tables = next;
	}
	set_pass(o, list, settled);
	return 0;
}

/* ---- names ----------------------------------------------------------------------------------------------- */
static __u64 hash_of(const char *name)
{
	__u64 hash = WIRE_NAME_HASH;

	for (size_t i = strlen(name); i-- > 0;)
		hash = wire_name_hash(hash, (__u8)name[i]);
	return wire_name_hash(hash, '.');
}

struct asked {
	__u64 hash;
	__u32 how; /* enum wire_name */
};

static int by_hash(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* A list's rules as the kernel looks them up, sorted; those of one name say together what is asked for. NULL when out
 * of memory. */
static struct asked *asked_by(const struct ranges *list, size_t *n)
{
	struct asked *all = calloc(list->n_names + 1, sizeof(*all));

	*n = 0;
	if (!all)
		return NULL;
	for (size_t i = 0; i < list->n_names; i++) {
		all[i].hash = hash_of(list->names[i].name);
		all[i].how = WIRE_NAME_ITSELF | (list->names[i].exact ? 0 : WIRE_NAME_BELOW);
	}
	qsort(all, list->n_names, sizeof(*all), by_hash);
	for (size_t i = 0; i < list->n_names; i++) {
		if (*n && all[*n - 1].hash == all[i].hash)
			all[*n - 1].how |= all[i].how;
		else
			all[(*n)++] = all[i];
	}
	return all;
}

/* The names that questions are looked up by: those of the list, and no other. */
static int names_write(struct object *o, const struct ranges *old, const struct ranges *list)
{
	int fd = bpf_map__fd(o->skel->maps.dns_names), err = 0;
	size_t n = 0, gone = 0;
	struct asked *now = asked_by(list, &n), *before = old ? asked_by(old, &gone) : NULL;

	if (!now || (old && !before))
		err = -ENOMEM;
	for (size_t i = 0; !err && i < n; i++)
		if (bpf_map_update_elem(fd, &now[i].hash, &now[i].how, BPF_ANY))
			err = -errno;
	for (size_t i = 0; !err && i < gone; i++)
		if (!bsearch(&before[i], now, n, sizeof(*now), by_hash) &&
		    bpf_map_delete_elem(fd, &before[i].hash) && errno != ENOENT)
			err = -errno;
	free(now);
	free(before);
	return err;
}

/* ---- a list in force ----------------------------------------------------------------------------------- */
static void set_groups(struct object *o, const struct ranges *old, const struct ranges *list)
{
	double shares[WIRE_GROUPS_MAX];

	memcpy(shares, o->sample, sizeof(shares));
	for (size_t g = 0; g < list->n_groups; g++) {
		o->skel->bss->groups[g].role = list->groups[g].role;
		object_sample(o, (__u8)g, next_share(o, old, shares, &list->groups[g]));
	}
	mark_whole(o, list, true);
	/* groups may have another number now: what is open goes on until the sampling settles */
	if (old)
		o->skel->data->sample_pass = 0xffffffff;
	else
		set_pass(o, list, true);
}

int object_ranges(struct object *o, const struct ranges *old, const struct ranges *list,
		  const struct wire_config *nat64, char *error, size_t error_size)
{
	struct xreach_bpf *s = o->skel;
	struct range_tables *next = calloc(1, sizeof(*next));
	int err = next ? 0 : -ENOMEM;

	if (err)
		goto out;
	set_groups(o, old, list);
	fill_tables(o, next, list, nat64);
	light_both(s->bss->lit16_v4, o->tables->lit16_v4, next->lit16_v4, LIT16_BYTES, false);
	light_both(s->bss->lit16_v6, o->tables->lit16_v6, next->lit16_v6, LIT16_BYTES, false);
	light_both(s->bss->lit24, o->tables->lit24, next->lit24, LIT24_BYTES, true);
	light_both(s->bss->lit32, o->tables->lit32, next->lit32, LIT32_BYTES, true);
	light_both(s->bss->lit48, o->tables->lit48, next->lit48, LIT48_BYTES, true);
	for (size_t i = 0; i < list->n_prefixes && !err; i++)
		err = trie_write(o, list, &list->prefixes[i], false);
	if (!err && old)
		err = remove_gone(o, old, list);
	if (!err)
		err = names_write(o, old, list);
	if (err)
		goto out;
	light(s, next);
	memcpy(o->tables, next, sizeof(*next));
out:
	if (err)
		snprintf(error, error_size, "cannot put the ranges in force: %s", strerror(-err));
	free(next);
	return err;
}

/* ---- sites --------------------------------------------------------------------------------------------- */
static int site_write(struct object *o, const char *text, __u32 number)
{
	struct setting_prefix p;
	struct wire_lpm4 k4;
	struct wire_lpm6 k6;
	int err = settings_prefix(text, &p);

	if (err)
		return err;
	if (p.plen > (p.v6 ? 40 : 20)) /* checked with the settings; here so that no path leads past it */
		return -EINVAL;
	k4.prefixlen = k6.prefixlen = p.plen;
	memcpy(k4.addr, p.addr + 12, sizeof(k4.addr));
	memcpy(k6.addr, p.addr, sizeof(k6.addr));
	return bpf_map_update_elem(bpf_map__fd(p.v6 ? o->skel->maps.sites6 : o->skel->maps.sites4),
				   p.v6 ? (void *)&k6 : (void *)&k4, &number, BPF_ANY)
		       ? -errno
		       : 0;
}

int object_sites(struct object *o, const struct settings *settings, char *error, size_t error_size)
{
	for (unsigned int i = 0; i < settings->sites_count; i++) {
		const struct setting_site *site = &settings->sites[i];

		for (unsigned int j = 0; j < site->prefixes_count; j++) {
			int err = site_write(o, site->prefixes[j], i + 1);

			if (err) {
				snprintf(error, error_size, "site %s: cannot use prefix %s: %s", site->name,
					 site->prefixes[j], strerror(-err));
				return err;
			}
		}
	}
	return 0;
}
