// SPDX-License-Identifier: GPL-2.0
/* Put ranges, sites and sampling into the loaded object. */
#include "load/object.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "wire.h"
#include "xreach.skel.h"

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

static int compare_prefixes(const struct range_prefix *a, const struct range_prefix *b)
{
	int c = a->v6 - b->v6;

	if (!c)
		c = memcmp(a->addr, b->addr, 16);
	return c ? c : (a->plen > b->plen) - (a->plen < b->plen);
}

/* Take out of the tries what the new list no longer has; both lists are sorted alike. */
static int remove_gone(struct object *o, const struct ranges *old, const struct ranges *list)
{
	size_t j = 0;

	for (size_t i = 0; i < old->n_prefixes; i++) {
		const struct range_prefix *p = &old->prefixes[i];
		int err;

		while (j < list->n_prefixes && compare_prefixes(&list->prefixes[j], p) < 0)
			j++;
		if (j < list->n_prefixes && !compare_prefixes(&list->prefixes[j], p))
			continue;
		err = trie_write(o, old, p, true);
		if (err)
			return err;
	}
	return 0;
}

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

int object_ranges(struct object *o, const struct ranges *old, const struct ranges *list,
		  const struct wire_config *nat64, char *error, size_t error_size)
{
	struct xreach_bpf *s = o->skel;
	struct range_tables *next = calloc(1, sizeof(*next));
	int err = next ? 0 : -ENOMEM;

	if (err)
		goto out;
	range_tables_fill(next, list, nat64);
	light_both(s->bss->lit16_v4, o->tables->lit16_v4, next->lit16_v4, LIT16_BYTES, false);
	light_both(s->bss->lit16_v6, o->tables->lit16_v6, next->lit16_v6, LIT16_BYTES, false);
	light_both(s->bss->lit24, o->tables->lit24, next->lit24, LIT24_BYTES, true);
	light_both(s->bss->lit32, o->tables->lit32, next->lit32, LIT32_BYTES, true);
	light_both(s->bss->lit48, o->tables->lit48, next->lit48, LIT48_BYTES, true);
	for (size_t g = 0; g < list->n_groups; g++) {
		s->bss->groups[g].role = list->groups[g].role;
		if (!old || g >= old->n_groups || strcmp(old->groups[g].name, list->groups[g].name) ||
		    old->groups[g].sample != list->groups[g].sample)
			object_sample(o, g, first_share(o, &list->groups[g]));
	}
	if (!old)
		object_sample_settle(o);
	for (size_t i = 0; i < list->n_prefixes && !err; i++)
		err = trie_write(o, list, &list->prefixes[i], false);
	if (!err && old)
		err = remove_gone(o, old, list);
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

static __u32 highest_sample(const struct object *o)
{
	__u32 highest = 0;

	for (int g = 0; g < WIRE_GROUPS_MAX; g++)
		if (o->skel->bss->groups[g].role == ROLE_CONTROL && o->skel->bss->groups[g].sample > highest)
			highest = o->skel->bss->groups[g].sample;
	return highest;
}

void object_sample(struct object *o, __u8 group, double share)
{
	__u32 highest;

	if (group >= WIRE_GROUPS_MAX)
		return;
	o->sample[group] = share < 1 ? share : 1;
	o->skel->bss->groups[group].sample = share >= 1 ? 0xffffffffu : (__u32)(share * 4294967296.0);
	highest = highest_sample(o);
	if (highest > o->skel->data->sample_pass || !o->sampled)
		o->skel->data->sample_pass = highest;
	o->sampled = true;
}

void object_sample_settle(struct object *o)
{
	o->skel->data->sample_pass = highest_sample(o);
}

static int site_write(struct object *o, const char *text, __u32 number)
{
	char buf[64], *slash;
	struct wire_lpm4 k4 = { 0 };
	struct wire_lpm6 k6 = { 0 };
	bool v6;

	snprintf(buf, sizeof(buf), "%s", text);
	slash = strchr(buf, '/');
	if (!slash)
		return -EINVAL;
	*slash = '\0';
	k4.prefixlen = k6.prefixlen = strtoul(slash + 1, NULL, 10);
	v6 = strchr(buf, ':');
	if (inet_pton(v6 ? AF_INET6 : AF_INET, buf, v6 ? k6.addr : k4.addr) != 1)
		return -EINVAL;
	if (k4.prefixlen > (v6 ? 40 : 20)) /* checked with the settings; here so that no path leads past it */
		return -EINVAL;
	return bpf_map_update_elem(bpf_map__fd(v6 ? o->skel->maps.sites6 : o->skel->maps.sites4),
				   v6 ? (void *)&k6 : (void *)&k4, &number, BPF_ANY)
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
