/* SPDX-License-Identifier: GPL-2.0 */
/* An object of JSON that may be wrapped in another: a line of the event log is {"incident":{...}}. */
#ifndef XREACH_WRAPPED_H
#define XREACH_WRAPPED_H

struct json_t;
/* What the text holds under `key`, or all of it where it has none; the caller's, NULL where it is no JSON. */
struct json_t *wrapped_value(const char *key, const char *text);

#endif
