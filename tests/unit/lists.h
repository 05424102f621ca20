/* SPDX-License-Identifier: GPL-2.0 */
/* Ranges files for tests, in memory: nothing to clean up after an interrupted run. */
#ifndef XREACH_TEST_LISTS_H
#define XREACH_TEST_LISTS_H

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "load/ranges.h"

#define LIST_HEAD "xreach-ranges 1\nversion v1\ndate 2026-11-01\nsources a test\n" /* lines 1 to 4 */

struct list_file {
	int fd;
	char path[32];
};

static inline struct list_file list_file(const char *text, size_t length)
{
	struct list_file f = { .fd = memfd_create("ranges", MFD_CLOEXEC) };

	assert_true(f.fd >= 0);
	assert_int_equal(write(f.fd, text, length), length);
	snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
	return f;
}

/* Load one text; 0 or -errno. */
static inline int list_load(const char *text, const struct ranges *previous, bool force, struct ranges **out,
			    char *error, size_t n)
{
	struct list_file f = list_file(text, strlen(text));
	const char *path = f.path;
	int err = ranges_load(&path, 1, previous, force, out, error, n);

	close(f.fd);
	return err;
}

/* A list that must be taken. */
static inline struct ranges *list_of(const char *text, const struct ranges *previous)
{
	struct ranges *r = NULL;
	char error[512] = "";

	if (list_load(text, previous, true, &r, error, sizeof(error)))
		print_message("%s\n", error);
	assert_non_null(r);
	return r;
}

/* "192.0.2.1" or "2001:db8::1"; returns whether it is IPv6. */
static inline bool list_address(const char *text, __u8 addr[16])
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v6 = strchr(text, ':');

	memcpy(addr, mapped, sizeof(mapped));
	assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, text, v6 ? addr : addr + 12), 1);
	return v6;
}

static inline const struct range_prefix *list_find(const struct ranges *r, const char *text)
{
	__u8 addr[16];
	bool v6 = list_address(text, addr);

	return ranges_find(r, addr, v6);
}

/* Text of the prefix that holds the address, or "". */
static inline const char *list_text(const struct ranges *r, const char *address)
{
	const struct range_prefix *p = list_find(r, address);

	return p ? p->text : "";
}

/* Numbers that look random and are the same in each run. */
static inline __u32 list_random(__u64 *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (__u32)(*state >> 33);
}

#endif
