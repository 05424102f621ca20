/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ranges file: which addresses are X's, which are controls. Parsed, checked, compared, and turned into
 * the kernel's lookup tables.
 */
#ifndef XREACH_RANGES_H
#define XREACH_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "wire.h"

struct range_group {
	char name[32];
	enum role role;
	double sample; /* 1: whole; 0 < sample < 1: fixed share; 0: automatic, about 2 flows/s */
};

struct range_prefix {
	__u32 id;      /* stable across reloads for the same prefix and group */
	__u8 addr[16]; /* IPv4 as ::ffff:a.b.c.d */
	__u8 plen;     /* within its own family: 0..32 or 0..128 */
	bool v6;
	__u8 group; /* index into groups */
	enum class class;
	__u8 shared_with; /* see wire_range */
	__u8 written;	  /* enum range_written */
	char text[48];	  /* "104.244.40.0/21" */
};

/*
 * A prefix has one value, but two groups may have written it: a target as shared space, a control as its own.
 * Where a prefix of the one lies in a prefix of the other, the longer one stands for both, as the control's with
 * shared_with set, so that a single lookup of the longest prefix tells both.
 */
enum range_written {
	WRITTEN_GROUP = 1 << 0,	 /* there is a line for it in `group` */
	WRITTEN_SHARED = 1 << 1, /* ... in the target `shared_with` - 1, of class shared */
};

struct range_name { /* names of a group, for SNI and DNS; whole labels */
	char name[128];
	bool exact; /* not what lies below it */
	__u8 group;
};

struct ranges {
	char version[64], date[16], sources[256];
	char hash[17]; /* first 16 hex digits of SHA-256 over the files */
	struct range_group groups[WIRE_GROUPS_MAX];
	size_t n_groups;
	struct range_prefix *prefixes; /* sorted by family, address, length */
	size_t n_prefixes;
	__u32 *by_id;  /* indexes of prefixes, sorted by id */
	__u32 next_id; /* above every id given so far, over all lists since the first */
	struct range_name *names;
	size_t n_names;
};

/*
 * Read the files in order into one list. `previous` (may be NULL) is the list in force: ids and the order of
 * groups are kept, and a list that covers less than half of its space (IPv4, IPv6; all of it, and each target's
 * own and dedicated) is refused unless `force`. On failure returns -errno, leaves *out untouched, and writes
 * "file:line: what, value, remedy" into error.
 */
int ranges_load(const char *const *files, size_t n_files, const struct ranges *previous, bool force,
		struct ranges **out, char *error, size_t error_size);
void ranges_free(struct ranges *ranges);
/* The list of the build tree this binary lies in, or else the installed one. Never NULL; may not exist. */
const char *ranges_default_file(void);

/* Longest prefix that holds the address (v4-mapped for IPv4; NAT64 is the caller's), or NULL. */
const struct range_prefix *ranges_find(const struct ranges *ranges, const __u8 addr[16], bool v6);
const struct range_prefix *ranges_by_id(const struct ranges *ranges, __u32 id);

/* The order of a list: family, address, length. */
int range_compare(const struct range_prefix *a, const struct range_prefix *b);
/* Does the prefix hold the address? */
bool range_holds(const struct range_prefix *p, const __u8 addr[16], bool v6);

/* Address space without overlaps, in addresses; all bits set for 2^128. `group` -1: the whole list, else what the
 * group wrote in the classes of the mask (1 << CLASS_OWN ...). */
unsigned __int128 ranges_space(const struct ranges *ranges, bool v6, int group, unsigned int classes);
/* Did the group write this prefix? Then true, and its class there. */
bool range_written_by(const struct range_prefix *p, unsigned int group, enum class *class);

/* The same lookups as the kernel does them; the arrays of wire.h's steps 1 and 2. About 4.8 MB. */
struct range_tables {
	__u8 lit16_v4[LIT16_BYTES], lit16_v6[LIT16_BYTES];
	__u8 lit24[LIT24_BYTES], lit32[LIT32_BYTES], lit48[LIT48_BYTES];
};
/* Light every cell that holds a prefix; `nat64` prefixes are lit as LIT_LOOK, so that the kernel asks.
 * lit16 is indexed by the first two address bytes in network order read as a big-endian number. A group
 * that is watched whole, a target, a shared prefix: LIT_LOOK; a sampled control alone in its cell:
 * LIT_CONTROL; both in one cell: LIT_LOOK. */
void range_tables_fill(struct range_tables *tables, const struct ranges *ranges, const struct wire_config *nat64);

#endif
