/* SPDX-License-Identifier: GPL-2.0 */
/* Which form of the metrics a client asks for (RFC 9110, 12.5). Pure; NULL is an absent header. */
#ifndef XREACH_NEGOTIATE_H
#define XREACH_NEGOTIATE_H

#include <stdbool.h>

/* OpenMetrics only for who names it, in version 1.0.0, and does not rather have plain text. */
bool accept_openmetrics(const char *accept);
bool accept_gzip(const char *accept_encoding);

#endif
