// SPDX-License-Identifier: GPL-2.0
/* Ids of prefixes that left the list, found by group and text. */
#include "show/former.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct former_prefix *x = a, *y = b;

	return x->slot != y->slot ? (x->slot > y->slot) - (x->slot < y->slot) : strcmp(x->text, y->text);
}

int former_reserve(struct former *f, size_t more)
{
	struct former_prefix *prefixes = realloc(f->prefixes, (f->n + more + 1) * sizeof(*prefixes));

	if (!prefixes)
		return -ENOMEM;
	f->prefixes = prefixes;
	return 0;
}

static bool has_counted(const struct tally *tally, __u32 id)
{
	for (int class = TALLY_NEITHER; class <= TALLY_FAILURE; class ++)
		if (tally_prefix(tally, id, (enum tally_class) class))
			return true;
	return false;
}

/* Those of this prefix; *n of them. `known` is how many are sorted. */
static const struct former_prefix *ids_of(const struct former *f, size_t known, const struct place *place,
					  size_t *n)
{
	struct former_prefix key = { .slot = place->slot };
	const struct former_prefix *first, *end = f->prefixes + known;

	*n = 0;
	memcpy(key.text, place->text, sizeof(key.text));
	first = known ? bsearch(&key, f->prefixes, known, sizeof(key), compare) : NULL;
	while (first && first > f->prefixes && !compare(first - 1, &key))
		first--;
	for (const struct former_prefix *at = first; at && at < end && !compare(at, &key); at++)
		++*n;
	return first;
}

/* It is when a list was tried, could not be put in force, and the one before came back with the same ids. */
static bool is_known(const struct former *f, size_t known, const struct place *place)
{
	size_t n;
	const struct former_prefix *ids = ids_of(f, known, place, &n);

	while (n)
		if (ids[--n].id == place->id)
			return true;
	return false;
}

/* The tally counts a bounded number of prefixes, so this is bounded too. */
void former_note(struct former *f, const struct places *places, const struct tally *tally)
{
	size_t known = f->n, j = 0;

	for (size_t i = 0; i < places->n_before; i++) { /* both are sorted by id */
		const struct place *old = &places->before[i];

		while (j < places->n_now && places->now[j].id < old->id)
			j++;
		if ((j < places->n_now && places->now[j].id == old->id) || !has_counted(tally, old->id) ||
		    is_known(f, known, old))
			continue;
		f->prefixes[f->n] = (struct former_prefix){ .id = old->id, .slot = old->slot };
		memcpy(f->prefixes[f->n++].text, old->text, sizeof(old->text));
	}
	if (f->n)
		qsort(f->prefixes, f->n, sizeof(*f->prefixes), compare);
}

void former_clear(struct former *f)
{
	free(f->prefixes);
	*f = (struct former){ 0 };
}

__u64 former_flows(const struct former *f, const struct tally *tally, const struct place *place,
		   enum tally_class class)
{
	__u64 sum = tally_prefix(tally, place->id, class);
	size_t n;
	const struct former_prefix *ids = ids_of(f, f->n, place, &n);

	while (n)
		if (ids[--n].id != place->id)
			sum += tally_prefix(tally, ids[n].id, class);
	return sum;
}
