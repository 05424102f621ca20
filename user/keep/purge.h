/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dropping counts from the history before their time, because somebody asks for it: also while the daemon writes, and in
 * pieces so small that it never has to wait. Incidents, changes of the ranges and the evidence file stay: a record from
 * which chapters can be taken out is none. That counts were dropped is noted, and told by every report.
 */
#ifndef XREACH_PURGE_H
#define XREACH_PURGE_H

#include <stddef.h>
#include <linux/types.h>

#define PURGE_NOTE "purged" /* in the table `state`: when, and "SECOND" before which counts were dropped */

struct purge_result {
	__s64 before;		 /* as it was done: whole hours */
	__u64 dropped;		 /* rows of counts */
	__u64 incidents, ranges; /* rows that stay, for ever */
};

/*
 * Drop the counts of DIR's history from before second `before`, rounded down to a whole hour. 0; or -ENOENT (there is
 * none), -EEXIST, -ENOTSUP (it is not ours to change), -EBADMSG (corrupt), -EIO ... with one line in error. What was
 * dropped before an error stays dropped; the same call goes on from there.
 */
int purge_history(const char *dir, __s64 before, __s64 now, struct purge_result *out, char *error, size_t n);

#endif
