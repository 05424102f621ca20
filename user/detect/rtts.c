// SPDX-License-Identifier: GPL-2.0
/* Medians by prefix: an open hash of small rings, see rtts.h. */
#include "detect/rtts.h"

#include <stdlib.h>
#include <string.h>

#define CELLS (RTTS_PREFIXES * 2)

struct ring {
	__u32 prefix, n; /* n of all time; 0: none here yet */
	__u32 us[RTTS_LAST];
};

struct rtts {
	struct ring *cells[CELLS];
	unsigned int used;
};

struct rtts *rtts_new(void)
{
	return calloc(1, sizeof(struct rtts));
}

void rtts_free(struct rtts *r)
{
	if (r)
		rtts_clear(r);
	free(r);
}

void rtts_clear(struct rtts *r)
{
	for (unsigned int i = 0; i < CELLS; i++)
		free(r->cells[i]);
	memset(r, 0, sizeof(*r));
}

/* The prefix's cell, or the empty one where it would be: half of the cells stay empty. */
static unsigned int cell_of(const struct rtts *r, __u32 prefix)
{
	unsigned int i = (prefix * 0x9e3779b1u) % CELLS;

	while (r->cells[i] && r->cells[i]->prefix != prefix)
		i = (i + 1) % CELLS;
	return i;
}

static int by_size(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return x < y ? -1 : x > y;
}

__u32 rtts_median(const struct rtts *r, __u32 prefix)
{
	const struct ring *ring = r->cells[cell_of(r, prefix)];
	__u32 sorted[RTTS_LAST];
	size_t n;

	if (!ring)
		return 0;
	n = ring->n < RTTS_LAST ? ring->n : RTTS_LAST;
	memcpy(sorted, ring->us, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_size);
	return sorted[(n - 1) / 2];
}

void rtts_add(struct rtts *r, __u32 prefix, __u32 rtt_us)
{
	unsigned int at = cell_of(r, prefix);
	struct ring *ring = r->cells[at];

	if (!ring) {
		if (r->used == RTTS_PREFIXES)
			return;
		ring = calloc(1, sizeof(*ring));
		if (!ring)
			return;
		ring->prefix = prefix;
		r->cells[at] = ring;
		r->used++;
	}
	ring->us[ring->n % RTTS_LAST] = rtt_us;
	ring->n++;
}
