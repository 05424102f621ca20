/* SPDX-License-Identifier: GPL-2.0 */
/* What a figure is worth: how many attempts were opened, judged, left out and lost while it was counted. */
#ifndef XREACH_KEEP_BOOKS_H
#define XREACH_KEEP_BOOKS_H

#include <linux/types.h>

struct keep_books {
	__u64 opened, judged, forgotten, lost, unparsed; /* attempts, but for the last: packets */
};

#endif
