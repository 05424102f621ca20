// SPDX-License-Identifier: GPL-2.0
/* Moments, read and written: see when.h. */
#include "when.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "number.h"

#define AGO_MOST 100000

static int parse_ago(const char *text, __s64 now, __s64 *out)
{
	static const struct {
		char unit;
		__s64 seconds;
	} units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
	size_t digits = strspn(text, "0123456789");
	char number[16], ignored[64];
	__u64 n;

	if (!digits || digits >= sizeof(number) || !text[digits] || text[digits + 1])
		return -EINVAL;
	memcpy(number, text, digits);
	number[digits] = '\0';
	if (number_parse("", number, 1, AGO_MOST, &n, ignored, sizeof(ignored)))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].unit != text[digits])
			continue;
		*out = now - (__s64)n * units[i].seconds;
		return 0;
	}
	return -EINVAL;
}

static int parse_date(const char *text, __s64 *out)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%MZ",
					     "%Y-%m-%dT%H:%M",	   "%Y-%m-%d %H:%M",	"%Y-%m-%d" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm utc = {}, said;
		const char *end = strptime(text, forms[i], &utc);
		time_t at;

		if (!end || *end)
			continue;
		said = utc;
		at = timegm(&utc);
		/* the 31st of February would become the 2nd of March */
		if (utc.tm_mday != said.tm_mday || utc.tm_year < 70)
			return -EINVAL;
		*out = at;
		return 0;
	}
	return -EINVAL;
}

int when_parse(const char *name, const char *text, __s64 now, __s64 *out, char *error, size_t n)
{
	if (!parse_ago(text, now, out) || !parse_date(text, out))
		return 0;
	snprintf(error, n,
		 "%s: '%.60s' is no moment; write 2024-02-17, 2024-02-17T16:04, or 6h, 14d for so long ago", name,
		 text);
	return -EINVAL;
}

static const char *form(__s64 second, const char *how, char *text)
{
	time_t at = (time_t)second;
	struct tm utc;

	if (!gmtime_r(&at, &utc) || !strftime(text, WHEN_TEXT, how, &utc))
		text[0] = '\0';
	return text;
}

const char *when_minute(__s64 second, char text[WHEN_TEXT])
{
	return form(second, "%Y-%m-%d %H:%M", text);
}

const char *when_second(__s64 second, char text[WHEN_TEXT])
{
	return form(second, "%Y-%m-%d %H:%M:%S", text);
}

const char *when_iso(__s64 second, char text[WHEN_TEXT])
{
	return form(second, "%Y-%m-%dT%H:%M:%SZ", text);
}

const char *when_long(__s64 seconds, char text[WHEN_TEXT])
{
	long long s = seconds < 0 ? -seconds : seconds, minutes = (s + 30) / 60, hours = (s + 1800) / 3600;

	if (s < 120)
		snprintf(text, WHEN_TEXT, "%lld s", s);
	else if (s < 2 * 3600)
		snprintf(text, WHEN_TEXT, s % 60 ? "%lld min %lld s" : "%lld min", s / 60, s % 60);
	else if (minutes < 2 * 24 * 60)
		snprintf(text, WHEN_TEXT, minutes % 60 ? "%lld h %lld min" : "%lld h", minutes / 60, minutes % 60);
	else
		snprintf(text, WHEN_TEXT, hours % 24 ? "%lld days %lld h" : "%lld days", hours / 24, hours % 24);
	return text;
}
