/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers of groups, prefixes and sites are one process's: state that outlives it goes by names. Whoever has the lists
 * lends them in this way.
 */
#ifndef XREACH_STATE_NAMES_H
#define XREACH_STATE_NAMES_H

#include "detect/detector.h"

#define STATE_NAME 64 /* longest name, with its end */

struct state_names {
	/* NULL where it has none (any more): what belongs to it is not kept. */
	const char *(*group)(const void *arg, __u8 group);
	const char *(*part)(const void *arg, enum stream_kind kind, __u32 id);
	/* False where the name is not in the lists: what belongs to it is passed over. */
	bool (*find_group)(const void *arg, const char *name, __u8 *group);
	bool (*find_part)(const void *arg, __u8 group, enum stream_kind kind, const char *name, __u32 *id);
	const void *arg;
};

#endif
