// SPDX-License-Identifier: GPL-2.0
/* Where answers come from and what a block goes by, in one line of words. */
#include <stdarg.h>
#include <stdio.h>

#include "show/board_state.h"

__attribute__((format(printf, 4, 5))) static size_t append(char *text, size_t n, size_t used, const char *format,
							   ...)
{
	va_list args;
	int more;

	va_start(args, format);
	more = used < n ? vsnprintf(text + used, n - used, format, args) : 0;
	va_end(args);
	return used + (more > 0 ? (size_t)more : 0);
}

/* "6 (6..7) hops, 7 (5..9) ms": the median, and from the lowest to the highest tenth. */
static size_t side_text(const struct where_side *s, char *text, size_t n, size_t used)
{
	if (s->hops.n)
		used = append(text, n, used, "%llu (%llu..%llu) hops", (unsigned long long)s->hops.p50,
			      (unsigned long long)s->hops.p10, (unsigned long long)s->hops.p90);
	if (s->us.n)
		used = append(text, n, used, "%s%.3g (%.3g..%.3g) ms", s->hops.n ? ", " : "",
			      (double)s->us.p50 / 1000, (double)s->us.p10 / 1000, (double)s->us.p90 / 1000);
	return used;
}

bool board_where_text(const struct board *b, unsigned int slot, __u32 prefix, __s64 now, char *text, size_t n)
{
	struct where_about where;
	struct ways_about ways;
	unsigned int found;
	size_t used = 0;
	bool first = true;

	text[0] = '\0';
	if (where_about(b->where, (__u8)slot, prefix, SIGNATURES, &where)) {
		used = append(text, n, used, "answerer ");
		used = side_text(&where.answerer, text, n, used);
		if (where.server.hops.n || where.server.us.n) {
			used = append(text, n, used, " against ");
			used = side_text(&where.server, text, n, used);
			used = append(text, n, used, " of the server");
		}
	}
	ways_about(b->ways, (__u8)slot, prefix, now, &ways);
	found = mechanisms_of(&ways);
	for (int m = 0; m < MECHANISMS; m++) {
		if (!(found >> m & 1))
			continue;
		used = append(text, n, used, "%s%s", first ? (used ? "; mechanism: " : "mechanism: ") : " or ",
			      mechanism_name((enum mechanism)m));
		first = false;
	}
	return used > 0;
}
