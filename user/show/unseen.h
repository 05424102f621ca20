/* SPDX-License-Identifier: GPL-2.0 */
/* What this watch does not see, in one line: losses, what was not parsed, hooks that are missing. */
#ifndef XREACH_UNSEEN_H
#define XREACH_UNSEEN_H

#include <stdbool.h>
#include <stddef.h>

struct view;

/* False, and "" in out, when nothing is known to be missing. The worst comes first: the end may be cut. */
bool unseen_text(const struct view *view, char *out, size_t size);

#endif
