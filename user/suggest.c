// SPDX-License-Identifier: GPL-2.0
/* The word that was probably meant: the least number of letters to insert, delete or replace. */
#include "suggest.h"

#include <stdint.h>
#include <string.h>

#define LONGEST 32 /* what is longer is like no other word */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST + 1], len_a = strlen(a), len_b = strlen(b), i, j;

	if (len_a > LONGEST || len_b > LONGEST)
		return SIZE_MAX;
	for (j = 0; j <= len_b; j++)
		row[j] = j;
	for (i = 1; i <= len_a; i++) {
		size_t before = row[0]; /* of the row above, one column back */

		row[0] = i;
		for (j = 1; j <= len_b; j++) {
			size_t above = row[j];

			row[j] = smaller(smaller(above, row[j - 1]) + 1, before + (a[i - 1] != b[j - 1]));
			before = above;
		}
	}
	return row[len_b];
}

const char *suggest(const char *word, const char *const *words, size_t n)
{
	/* a third of it may be wrong, and two letters changed places; of three letters only one */
	size_t least = strlen(word) < 4 ? 1 : 1 + strlen(word) / 3, i;
	const char *best = NULL;

	for (i = 0; i < n; i++) {
		size_t d = distance(word, words[i]);

		if (strlen(word) >= 2 && !strncmp(word, words[i], strlen(word)))
			return words[i];
		if (d <= least && (!best || d < least)) {
			best = words[i];
			least = d;
		}
	}
	return best;
}
