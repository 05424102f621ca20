// SPDX-License-Identifier: GPL-2.0
/* Joining the kinds of flows that others would not tell apart: see comparison.h. */
#include "show/comparison.h"

#include <stdlib.h>
#include <string.h>

#include "keep/history_read.h"

static int by_group_and_number(const void *a, const void *b)
{
	const struct comparison *x = a, *y = b;
	int c = strcmp(x->group, y->group);

	return c ? c : (x->flows < y->flows) - (x->flows > y->flows);
}

static struct comparison *place(struct comparison *rows, size_t *n, const struct past_kind *k)
{
	struct comparison *row;

	for (size_t i = 0; i < *n; i++) {
		row = &rows[i];
		if (!strcmp(row->group, k->group) && !strcmp(row->transport, k->transport) &&
		    !strcmp(row->stage, k->stage) && !strcmp(row->outcome, k->outcome) &&
		    !strcmp(row->signature, k->signature))
			return row;
	}
	row = &rows[(*n)++];
	memcpy(row->group, k->group, sizeof(row->group));
	memcpy(row->transport, k->transport, sizeof(row->transport));
	memcpy(row->stage, k->stage, sizeof(row->stage));
	memcpy(row->outcome, k->outcome, sizeof(row->outcome));
	memcpy(row->signature, k->signature, sizeof(row->signature));
	row->others = compare_find(k->stage, k->outcome, k->signature, !strcmp(k->transport, "quic"));
	return row;
}

struct comparison *comparison_of(const struct past *past, size_t *n)
{
	struct comparison *rows = past->n_kinds ? calloc(past->n_kinds, sizeof(*rows)) : NULL;

	*n = 0;
	for (size_t i = 0; rows && i < past->n_kinds; i++)
		if (past->kinds[i].target)
			place(rows, n, &past->kinds[i])->flows += past->kinds[i].flows;
	if (*n)
		qsort(rows, *n, sizeof(*rows), by_group_and_number);
	return rows;
}
