/* SPDX-License-Identifier: GPL-2.0 */
/* An incident as the contract's JSON object: a line of the event log and of `replay --json --incidents`. */
#ifndef XREACH_INCIDENT_JSON_H
#define XREACH_INCIDENT_JSON_H

#include <stddef.h>
#include <linux/types.h>

struct board;
struct incident_report;

/* "x-20240217T160410Z": group and change point. */
#define INCIDENT_ID 64
void incident_id(const char *group, __s64 since, char *text, size_t n);

/* One line without its newline, to be freed; NULL when out of memory. The board knows the names. */
char *incident_to_json(const struct board *b, const struct incident_report *report);

#endif
