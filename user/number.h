/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers and times that people write, read within bounds. */
#ifndef XREACH_NUMBER_H
#define XREACH_NUMBER_H

#include <linux/types.h>
#include <stddef.h>

/* On failure -EINVAL, and name, value and range in error; *out is left alone. */
int number_parse(const char *name, const char *text, __u64 low, __u64 high, __u64 *out, char *error, size_t n);
/* "3", "3s", "0.5", "1500ms", "2m": seconds where no unit is given. */
int number_parse_ms(const char *name, const char *text, __u32 low, __u32 high, __u32 *out, char *error, size_t n);
/* "3s", "1.5s", "2m": as short as it is exact. */
const char *number_ms_text(__u32 ms, char *text, size_t n);

#endif
