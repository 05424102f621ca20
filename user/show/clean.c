// SPDX-License-Identifier: GPL-2.0
/* UTF-8 (RFC 3629) without the control characters, C1 included: a terminal acts on them. */
#include "show/clean.h"

#include <stdint.h>
#include <string.h>

size_t clean_character(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
	uint32_t code = length > 1 ? s[0] & (0x7fu >> length) : s[0];

	for (size_t i = 1; i < length; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (!length || code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : length;
}

void clean_copy(char *to, size_t n, const char *from)
{
	size_t used = 0;

	if (!n)
		return;
	while (*from) {
		size_t length = clean_character(from);
		size_t step = length ? length : 1;

		if (step >= n - used)
			break;
		if (length)
			memcpy(to + used, from, length);
		else
			to[used] = '?';
		used += step;
		from += step;
	}
	to[used] = '\0';
}

bool clean_is(const char *text)
{
	while (*text) {
		size_t length = clean_character(text);

		if (!length)
			return false;
		text += length;
	}
	return true;
}
