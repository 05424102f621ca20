/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Things of one size, given out in order, in memory that does not grow with their number. What is too much to be held waits
 * in files without a name, in $TMPDIR or /var/tmp. They are written under a key (ChaCha20) that is made for this, stays in
 * memory and goes with it: nobody else can read there when whom of the network did what, neither meanwhile nor afterwards.
 */
#ifndef XREACH_ORDERED_H
#define XREACH_ORDERED_H

#include <stddef.h>
#include <linux/types.h>

struct ordered;

/* Things of `size` bytes, of which `most` are held in memory. `compare` is as for qsort(), and never 0 for two things.
 * NULL when out of memory. */
struct ordered *ordered_new(size_t size, size_t most, int (*compare)(const void *a, const void *b));
void ordered_free(struct ordered *o); /* NULL is fine; what is still in there is gone */

/* Put a copy in. 0, or -errno when it can be kept nowhere: it is lost then, and so are all that come later. */
int ordered_put(struct ordered *o, const void *thing);
/* Take out, in order, all that come before `limit` (itself a thing; NULL: all). 0 or -errno. */
int ordered_take(struct ordered *o, const void *limit, void (*each)(void *arg, const void *thing), void *arg);

/* Things that were put into files, and files there are now: for who looks whether the bounds hold. */
__u64 ordered_spilt(const struct ordered *o);
size_t ordered_files(const struct ordered *o);
/* Where those files are. */
const char *ordered_directory(void);

#endif
