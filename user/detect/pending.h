/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interim findings that stand in a window until their final one takes them back: a table by keyed hash.
 *
 * Bounded twice: an entry is of no use once its second has left the longest window, so those are dropped when
 * room is needed; and there are never more than PENDING_MAX. Beyond that an interim finding is not taken, and
 * so not shown before it is final.
 */
#ifndef XREACH_PENDING_H
#define XREACH_PENDING_H

#include <stdbool.h>
#include <linux/types.h>

#define PENDING_MAX 131072

struct pending_entry {
	__u64 key;
	__s64 second; /* where in the windows it was counted */
	__u32 prefix;
	__u8 group, class;
	bool used : 1;
	/* what else is needed to take it back from the detector: see detect_flow */
	bool v6 : 1, quic : 1, alive : 1, proof : 1;
	__u8 site, signature, cdn, weighed;
	__u16 client; /* wire_flow.client */
};

struct pending {
	struct pending_entry *slots;
	unsigned int room, used; /* room: a power of two, at most half of it used */
	bool full;		 /* ... when last tried, at full_at */
	__s64 full_at;
};

void pending_clear(struct pending *p);
/* Remember one; entries of `oldest` or before may be dropped for it. It, until the next call; NULL: there is no room. The
 * key must not be in the table. */
struct pending_entry *pending_put(struct pending *p, const struct pending_entry *entry, __s64 oldest);
/* Remove the entry of this key, if there is one, and hand it out. */
bool pending_take(struct pending *p, __u64 key, struct pending_entry *out);

#endif
