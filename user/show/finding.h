/* SPDX-License-Identifier: GPL-2.0 */
/* One finding as the contract's JSON object: a line of `replay --json` and of the event log. */
#ifndef XREACH_FINDING_H
#define XREACH_FINDING_H

#include <stddef.h>
#include <linux/types.h>

struct finding;

/* "104.244.42.1"; for IPv6, NAT64 too, the address as it was seen. `n`: at least FINDING_SERVER. */
#define FINDING_SERVER 46
void finding_server(const __u8 server[16], int v6, char *text, size_t n);

/* "2024-02-17T16:03:00Z": rounded down to the minute, because finer times could tell a person. */
#define FINDING_MINUTE 32
__s64 finding_minute(__s64 second);
void finding_minute_text(__s64 second, char *text, size_t n);

/* One line without its newline, to be freed; NULL when out of memory. Every key of the contract is there, in its
 * order. `group` and `prefix` are names, see board_finding_json(), which knows them. */
char *finding_to_json(const struct finding *f, const char *group, const char *prefix);

#endif
