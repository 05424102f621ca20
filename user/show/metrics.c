// SPDX-License-Identifier: GPL-2.0
/* The page of metrics: a table of families, written row by row. */
#include "show/metrics.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "show/board.h"
#include "show/metrics_text.h"

struct metric_page {
	const struct metrics_source *from;
	struct books books;
};

static bool version_row(const struct metric_page *page, size_t row, const char **values)
{
	(void)page, (void)row;
	values[0] = XREACH_VERSION;
	return true;
}

static double one(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)page, (void)row, (void)arg;
	return 1;
}

static const struct metric_labels version_labels = { .names = { "version" }, .row = version_row };

static const struct metric families[] = {
	{ "xreach_build", METRIC_INFO, "The program.", &version_labels, one, 0 },
};

char *metrics_page(const struct metrics_source *source, bool openmetrics, size_t *length)
{
	struct metric_page page = { .from = source };
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	if (!out)
		return NULL;
	board_books(source->board, &page.books);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		metric_write(out, &families[i], &page, openmetrics);
	if (openmetrics)
		fputs("# EOF\n", out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
