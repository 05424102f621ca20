/* SPDX-License-Identifier: GPL-2.0 */
/* Names for what the detector knows by numbers, and back: numbers are one process's, names outlive it. */
#ifndef XREACH_BOARD_NAMES_H
#define XREACH_BOARD_NAMES_H

#include <stdbool.h>
#include "detect/detector.h"

struct board;

/* Of a part of a group; NULL where it has no name (any more). */
const char *board_part_name(const struct board *b, enum stream_kind kind, __u32 id);
/* False where the lists in force have none of that name. */
bool board_find_part(const struct board *b, unsigned int slot, enum stream_kind kind, const char *name, __u32 *id);
bool board_find_group(const struct board *b, const char *name, unsigned int *slot);

#endif
