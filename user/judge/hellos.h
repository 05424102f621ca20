/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the first payloads that the kernel sends up to what the contract calls `sni`. A ClientHello may come in any
 * number of pieces and in any order; it is put together for as long as that takes and no longer. What stays of it is
 * which rule it matched, or that it matched none: the name itself is gone when these functions return, and so is all
 * else that was in it.
 */
#ifndef XREACH_HELLOS_H
#define XREACH_HELLOS_H

#include "judge/server_name.h"
#include "judge/verdict.h"

#define HELLOS_IN_PIECES \
	256 /* that can be put together at a time, of 4 KB each; the one that waited longest gives way */

struct hellos;
/* For about so many flows at a time. NULL when out of memory. */
struct hellos *hellos_new(size_t flows);
void hellos_free(struct hellos *h); /* NULL is fine */

/* One first payload. The caller wipes his. */
void hellos_add(struct hellos *h, const struct server_names *names, const struct wire_hello *hello);

/*
 * What is known of a flow's name: SNI_UNKNOWN where nothing came, or too little. `rule` is the rule of a match, else
 * NULL; it lives as long as the names. `forget`: nobody will ask for this flow again.
 */
enum sni hellos_find(struct hellos *h, const struct server_names *names, __u64 key, __u64 first_ns, bool forget,
		     const struct name_rule **rule);

/* Once a second or so, `now` in seconds of any clock: give up what nobody asks for any more, and keep of it what can be
 * made of the pieces that came. A flow whose record was lost would leave them here for good. */
#define HELLOS_PIECE_S 180 /* longer than a silent flow is kept open; in a replay it may be */
void hellos_expire(struct hellos *h, const struct server_names *names, __s64 now);

/* Bytes at the pointer, all that ClientHellos are put together in: for who looks whether something stayed. */
size_t hellos_bytes(void);

/* Flows that had to be given up, for want of room, before their name was known. */
__u64 hellos_given_up(const struct hellos *h);

#endif
