// SPDX-License-Identifier: GPL-2.0
/* Names for what the detector knows by numbers, and back: see board_names.h. */
#include "show/board_names.h"

#include <string.h>

#include "show/board_state.h"

/* Families and transports have the same number everywhere (detector.h). */
static const struct {
	enum stream_kind kind;
	__u32 id;
	const char *name;
} fixed[] = {
	{ STREAM_GROUP, 0, "" },	{ STREAM_FAMILY, 4, "ipv4" },	  { STREAM_FAMILY, 6, "ipv6" },
	{ STREAM_TRANSPORT, 6, "tcp" }, { STREAM_TRANSPORT, 17, "quic" },
};

const char *board_part_name(const struct board *b, enum stream_kind kind, __u32 id)
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

		if ((place->slot != (int)slot && place->shared_with != (int)slot) || strcmp(place->text, name))
			continue;
		*id = place->id;
		return true;
	}
	return false;
}

bool board_find_part(const struct board *b, unsigned int slot, enum stream_kind kind, const char *name, __u32 *id)
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

bool board_find_group(const struct board *b, const char *name, unsigned int *slot)
{
	for (*slot = 0; *slot < b->places.n_groups; ++*slot)
		if (!strcmp(board_group_name(b, *slot), name))
			return true;
	return false;
}
