// SPDX-License-Identifier: GPL-2.0
/* Names for what was learnt, and back: see board_learnt.h. */
#include "show/board_learnt.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "show/board_names.h"
#include "show/board_state.h"

static const char *const kinds[STREAM_KINDS] = {
	[STREAM_GROUP] = "group",   [STREAM_PREFIX] = "prefix",	      [STREAM_SITE] = "site",
	[STREAM_FAMILY] = "family", [STREAM_TRANSPORT] = "transport",
};

char *board_learnt(const struct board *b)
{
	json_t *list = json_array();
	struct detect_base base;
	char *text;

	for (unsigned int n = 0; list && incidents_base(b->incidents, n, &base); n++) {
		const char *name = board_part_name(b, base.kind, base.id);

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
	    json_array_size(rho) < 3 || windows < 0 || !board_find_group(b, group, &slot))
		return false;
	while (base.kind < STREAM_KINDS && strcmp(kinds[base.kind], kind))
		base.kind++;
	if (base.kind == STREAM_KINDS || !board_find_part(b, slot, base.kind, name, &base.id))
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
