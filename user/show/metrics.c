// SPDX-License-Identifier: GPL-2.0
/* The page of metrics as a whole. The families themselves are rows in the tables of metrics_*.c. */
#include "show/metrics.h"

#include <stdio.h>
#include <stdlib.h>

#include "show/metrics_page.h"

static bool is_target(const struct board *board, const struct place *place)
{
	return board_group_is_target(board, place->slot);
}

/* The target's first, each in the order of ids: a longer list takes series from nobody but the last. */
static int choose_prefixes(struct metric_page *page)
{
	const struct places *places = &page->board->places;

	page->prefixes = calloc(METRICS_PREFIXES, sizeof(*page->prefixes));
	if (!page->prefixes)
		return -1;
	for (int target = 1; target >= 0; target--)
		for (size_t i = 0; i < places->n_now && page->n_prefixes < METRICS_PREFIXES; i++)
			if (is_target(page->board, &places->now[i]) == target)
				page->prefixes[page->n_prefixes++] = &places->now[i];
	return 0;
}

char *metrics_page(const struct metrics_source *source, bool openmetrics, size_t *length)
{
	static const struct metric_table *const all[] = { &metrics_of_groups, &metrics_of_incidents,
							  &metrics_of_where, &metrics_of_books,
							  &metrics_of_daemon };
	struct metric_page page = { .from = source, .board = source->board };
	char *text = NULL;
	FILE *out;
	bool failed;

	if (choose_prefixes(&page))
		return NULL;
	out = open_memstream(&text, length);
	if (!out) {
		free(page.prefixes);
		return NULL;
	}
	board_books(source->board, &page.books);
	process_read(&page.process);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (size_t j = 0; j < all[i]->n; j++)
			metric_write(out, &all[i]->rows[j], &page, openmetrics);
	if (openmetrics)
		fputs("# EOF\n", out);
	failed = ferror(out);
	failed |= fclose(out) != 0;
	free(page.prefixes);
	if (!failed)
		return text;
	free(text);
	return NULL;
}
