// SPDX-License-Identifier: GPL-2.0
/* Names for what was learnt, and back: see board_learnt.h. */
#include "show/board_learnt.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "show/board_state.h"

static const char *const kinds[STREAM_KINDS] = {
	[STREAM_GROUP] = "group",   [STREAM_PREFIX] = "prefix",	      [STREAM_SITE] = "site",
	[STREAM_FAMILY] = "family", [STREAM_TRANSPORT] = "transport",
};

/* Families and transports have the same number everywhere (detector.h). */
static const struct {
	enum stream_kind kind;
	__u32 id;
	const char *name;
} fixed[] = {
	{ STREAM_GROUP, 0, "" },	{ STREAM_FAMILY, 4, "ipv4" },	  { STREAM_FAMILY, 6, "ipv6" },
	{ STREAM_TRANSPORT, 6, "tcp" }, { STREAM_TRANSPORT, 17, "quic" },
};

/* NULL where it has no name (any more). */
static const char *name_of(const struct board *b, enum stream_kind kind, __u32 id)
{
	const char *name = kind == STREAM_PREFIX ? board_prefix_text(b, id)
			   : kind == STREAM_SITE ? board_site_name(b, id)
						 : "";

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (fixed[i].kind == kind && fixed[i].id == id)
			return fixed[i].name;
	return *name ? name : NULL;
}

static bool prefix_of(const struct board *b, unsigned int slot, const char *name, __u32 *id)
{
	for (size_t i = 0; i < b->places.n_now; i++) {
		const struct place *place = &b->places.now[i];

		if (place->slot != (int)slot || strcmp(place->text, name))
			continue;
		*id = place->id;
		return true;
	}
	return false;
}

static bool id_of(const struct board *b, unsigned int slot, enum stream_kind kind, const char *name, __u32 *id)
{
	if (kind == STREAM_PREFIX)
		return prefix_of(b, slot, name, id);
	if (kind == STREAM_SITE) {
		for (*id = 1; *id <= b->setup.sites_count; ++*id)
			if (!strcmp(board_site_name(b, *id), name))
				return true;
		return false;
	}
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (fixed[i].kind != kind || strcmp(fixed[i].name, name))
			continue;
		*id = fixed[i].id;
		return true;
	}
	return false;
}

static bool slot_of(const struct board *b, const char *name, unsigned int *slot)
{
	for (*slot = 0; *slot < b->places.n_groups; ++*slot)
		if (!strcmp(board_group_name(b, *slot), name))
			return true;
	return false;
}

char *board_learnt(const struct board *b)
{
	json_t *list = json_array();
	struct detect_base base;
	char *text;

	for (unsigned int n = 0; list && incidents_base(b->incidents, n, &base); n++) {
		const char *name = name_of(b, base.kind, base.id);

		if (name && *board_group_name(b, base.group))
			json_array_append_new(list, json_pack("{ss ss ss sf sf sf si s[f f f f]}", "group",
							      board_group_name(b, base.group), "kind",
							      kinds[base.kind], "name", name, "failures",
							      base.failures, "attempts", base.attempts, "share",
							      base.share, "windows", (int)base.windows, "rho",
							      (double)base.rho.pairs, (double)base.rho.squares,
							      (double)base.rho.over, (double)base.rho.windows));
	}
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}

/* The detector itself checks the numbers. */
static bool learn_one(struct board *b, const json_t *o)
{
	const char *group, *kind, *name;
	struct detect_base base = {};
	json_t *rho;
	unsigned int slot;
	int windows;

	if (json_unpack((json_t *)o, "{s:s s:s s:s s:F s:F s:F s:i s:o}", "group", &group, "kind", &kind, "name",
			&name, "failures", &base.failures, "attempts", &base.attempts, "share", &base.share,
			"windows", &windows, "rho", &rho) ||
	    json_array_size(rho) < 3 || windows < 0 || !slot_of(b, group, &slot))
		return false;
	while (base.kind < STREAM_KINDS && strcmp(kinds[base.kind], kind))
		base.kind++;
	if (base.kind == STREAM_KINDS || !id_of(b, slot, base.kind, name, &base.id))
		return false;
	base.group = (__u8)slot;
	base.windows = (unsigned int)windows;
	base.rho.pairs = json_number_value(json_array_get(rho, 0));
	base.rho.squares = json_number_value(json_array_get(rho, 1));
	base.rho.over = json_number_value(json_array_get(rho, 2));
	base.rho.windows = json_number_value(json_array_get(rho, 3)); /* of a file before it was kept: none */
	return incidents_know(b->incidents, &base);
}

unsigned int board_learn(struct board *b, const char *text)
{
	json_t *list = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	unsigned int n = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		n += learn_one(b, json_array_get(list, i));
	json_decref(list);
	return n;
}
