/* SPDX-License-Identifier: GPL-2.0 */
/* Text from the system (interface, host and site names) made fit for a screen and for JSON. */
#ifndef XREACH_CLEAN_H
#define XREACH_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at `text`, or 0 where it is no UTF-8, or a control character. */
size_t clean_character(const char *text);
/* Copy into `to`, cut between characters; what is no UTF-8, and each control character, becomes '?'. */
void clean_copy(char *to, size_t n, const char *from);
/* Is there nothing in it that clean_copy would replace? */
bool clean_is(const char *text);

#endif
