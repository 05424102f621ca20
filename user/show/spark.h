/* SPDX-License-Identifier: GPL-2.0 */
/* Sparklines: percentages as a row of bars, one character each. */
#ifndef XREACH_SPARK_H
#define XREACH_SPARK_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* The widest line of at most `room` characters in which each stands for the same number of the n steps; 0 where
 * none has. */
size_t spark_width(size_t n, size_t room);
/* The step of n that a character of such a line stands for: the worst of its steps; -1 where none has a value. */
int spark_value(const signed char *steps, size_t n, size_t width, size_t at);
/* The character for a percentage: blank for -1. What is above nothing never looks like nothing. */
wchar_t spark_char(int percent, bool utf8);
/* The whole line as text for a terminal of that kind; cut where `out` ends. */
void spark_text(const signed char *steps, size_t n, size_t width, bool utf8, char *out, size_t size);

#endif
