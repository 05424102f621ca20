/* SPDX-License-Identifier: GPL-2.0 */
/* Names for parts of made-up groups, as detect/state_names.h wants them: "2-7" is the site of id 7. */
#ifndef XREACH_PART_NAMES_H
#define XREACH_PART_NAMES_H

#include <stdio.h>

#include "detect/detector.h"

static inline const char *part_name(const void *arg, enum stream_kind kind, __u32 id)
{
	static char name[32];

	(void)arg;
	snprintf(name, sizeof(name), "%u-%u", kind, id);
	return name;
}

static inline bool find_part(const void *arg, __u8 group, enum stream_kind kind, const char *name, __u32 *id)
{
	unsigned int of;

	(void)arg, (void)group;
	return sscanf(name, "%u-%u", &of, id) == 2 && of == kind;
}

#endif
