// SPDX-License-Identifier: GPL-2.0
/* Numbers and times that people write, read within bounds. No locale: a decimal point is a point. */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Digits at *text, which is moved behind them. 0, or -EINVAL where there is none or too many. */
static int read_digits(const char **text, __u64 *out)
{
	const char *p = *text;
	__u64 value = 0;

	if (!isdigit((unsigned char)*p))
		return -EINVAL;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (__u64)(*p - '0'), &value))
			return -EINVAL;
	*text = p;
	*out = value;
	return 0;
}

int number_parse(const char *name, const char *text, __u64 low, __u64 high, __u64 *out, char *error, size_t n)
{
	const char *p = text;
	__u64 value;

	if (read_digits(&p, &value) || *p || value < low || value > high) {
		snprintf(error, n, "%s: '%s' is not a number from %llu to %llu", name, text, low, high);
		return -EINVAL;
	}
	*out = value;
	return 0;
}

/* Milliseconds of one unit, 0 for a unit we do not know. */
static __u32 unit_ms(const char *unit)
{
	static const struct {
		const char *unit;
		__u32 ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "min", 60000 } };
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].unit))
			return units[i].ms;
	return 0;
}

static int read_ms(const char *text, __u32 low, __u32 high, __u32 *out)
{
	__u64 whole, thousandths = 0, value;
	unsigned int weight = 100;
	const char *p = text;
	__u32 unit;

	if (read_digits(&p, &whole) || whole > high) /* so that nothing below overflows */
		return -EINVAL;
	if (*p == '.') {
		p++;
		if (!isdigit((unsigned char)*p))
			return -EINVAL;
		for (; isdigit((unsigned char)*p); p++) {
			thousandths += (__u64)(*p - '0') * weight;
			weight /= 10;
		}
	}
	while (*p == ' ')
		p++;
	unit = unit_ms(p);
	value = whole * unit + thousandths * unit / 1000;
	if (!unit || value < low || value > high)
		return -EINVAL;
	*out = (__u32)value;
	return 0;
}

int number_parse_ms(const char *name, const char *text, __u32 low, __u32 high, __u32 *out, char *error, size_t n)
{
	char low_text[16], high_text[16];
	int err = read_ms(text, low, high, out);

	if (err)
		snprintf(error, n, "%s: '%s' is not a time from %s to %s (seconds, or with ms, s, m)", name, text,
			 number_ms_text(low, low_text, sizeof(low_text)),
			 number_ms_text(high, high_text, sizeof(high_text)));
	return err;
}

const char *number_ms_text(__u32 ms, char *text, size_t n)
{
	if (ms && ms % 60000 == 0)
		snprintf(text, n, "%um", ms / 60000);
	else if (ms % 1000 == 0)
		snprintf(text, n, "%us", ms / 1000);
	else
		snprintf(text, n, "%ums", ms);
	return text;
}
