// SPDX-License-Identifier: GPL-2.0
/* Sparklines: from percentages to characters. */
#include "show/spark.h"

#include <string.h>

#define LEVELS	   8
#define LOWEST_BAR 0x2581 /* U+2581 to U+2588: one to eight eighths */

size_t spark_width(size_t n, size_t room)
{
	size_t width = n < room ? n : room;

	while (width && n % width)
		width--;
	return width;
}

int spark_value(const signed char *steps, size_t n, size_t width, size_t at)
{
	size_t each = width ? n / width : 0, i;
	int worst = -1;

	for (i = at * each; i < (at + 1) * each && i < n; i++)
		if (steps[i] > worst)
			worst = steps[i];
	return worst > 100 ? 100 : worst;
}

wchar_t spark_char(int percent, bool utf8)
{
	static const char ascii[LEVELS + 1] = "_.:-=+*#";
	int level;

	if (percent < 0)
		return L' ';
	if (percent > 100)
		percent = 100;
	level = percent ? 1 + (percent - 1) * (LEVELS - 1) / 100 : 0;
	return utf8 ? LOWEST_BAR + level : ascii[level];
}

void spark_text(const signed char *steps, size_t n, size_t width, bool utf8, char *out, size_t size)
{
	size_t used = 0, at;

	for (at = 0; at < width; at++) {
		wchar_t c = spark_char(spark_value(steps, n, width, at), utf8);

		if (size - used < 4)
			break;
		if (c < 0x80) {
			out[used++] = (char)c;
			continue;
		}
		out[used++] = (char)(0xe0 | c >> 12);
		out[used++] = (char)(0x80 | (c >> 6 & 0x3f));
		out[used++] = (char)(0x80 | (c & 0x3f));
	}
	if (size)
		out[used] = '\0';
}
