// SPDX-License-Identifier: GPL-2.0
/* The live view line by line. */
#include "show/plain.h"

#include <string.h>
#include <time.h>
#include "show/clean.h"
#include "show/columns.h"
#include "show/unseen.h"
#include "show/view.h"

static void line(const char *text, FILE *to)
{
	char clean[1024];

	clean_copy(clean, sizeof(clean), text);
	fprintf(to, "%s\n", clean);
}

static void flow_line(const struct view_flow *f, FILE *to)
{
	const struct table *table = &tables[TABLE_FLOWS];
	char text[1024] = "", cell[CELL_MAX];
	size_t used = 0;

	for (size_t i = 0; i < table->n_columns; i++) {
		column_text(&table->columns[i], f, cell, sizeof(cell));
		if (!cell[0] || used >= sizeof(text))
			continue;
		if (table->columns[i].cell == CELL_MS)
			used += (size_t)snprintf(text + used, sizeof(text) - used, " rtt %s ms", cell);
		else if (table->columns[i].right)
			used += (size_t)snprintf(text + used, sizeof(text) - used, " hops %s", cell);
		else
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "", cell);
	}
	line(text, to);
}

static void groups_line(const struct view *view, FILE *to)
{
	char text[1024], share[8];
	struct tm tm;
	size_t used;

	used = localtime_r(&view->now, &tm) ? strftime(text, sizeof(text), "%H:%M:%S", &tm) : 0;
	for (int target = 1; target >= 0; target--) {
		for (size_t i = 0; i < view->n_groups && used < sizeof(text); i++) {
			const struct view_group *g = &view->groups[i];

			if (g->target != target)
				continue;
			share_text(g->failing, share, sizeof(share));
			used += (size_t)snprintf(text + used, sizeof(text) - used,
						 "  %s%s %s failing, %.1f/s, %llu failed of %llu;",
						 target ? "*" : "", g->name, share, g->per_second, g->failed,
						 g->attempts);
		}
	}
	if (used < sizeof(text) && used && text[used - 1] == ';')
		text[used - 1] = '\0';
	line(text, to);
}

void plain_view(struct plain *plain, const struct view *view, FILE *to)
{
	char unseen[sizeof(plain->unseen)], text[sizeof(unseen) + 16];
	unsigned long long newest;

	if (plain->since != view->since)
		*plain = (struct plain){ .since = view->since };
	newest = plain->told;
	for (size_t i = view->n_flows; i-- > 0;) {
		if (view->flows[i].id <= plain->told && plain->begun)
			continue;
		flow_line(&view->flows[i], to);
		if (view->flows[i].id > newest)
			newest = view->flows[i].id;
	}
	plain->told = newest;
	unseen_text(view, unseen, sizeof(unseen));
	if (strcmp(unseen, plain->unseen)) {
		snprintf(text, sizeof(text), "not seen: %s", unseen[0] ? unseen : "nothing any more");
		line(text, to);
		memcpy(plain->unseen, unseen, sizeof(unseen));
	}
	if (!view->books_balance)
		line("BOOKS DO NOT BALANCE", to);
	groups_line(view, to);
	plain->begun = true;
}

void plain_grid(const struct grid *grid, FILE *to)
{
	char text[4096];
	int last = grid->rows;

	while (last && (grid_text(grid, last - 1, text, sizeof(text)), !text[0]))
		last--;
	for (int row = 0; row < last; row++) {
		grid_text(grid, row, text, sizeof(text));
		fprintf(to, "%s\n", text);
	}
}
