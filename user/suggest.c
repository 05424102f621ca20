// SPDX-License-Identifier: GPL-2.0
/*
 * The word that was probably meant: the least number of letters to insert, delete, replace or
 * exchange with their neighbours.
 */
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
	size_t rows[3][LONGEST + 1], len_a = strlen(a), len_b = strlen(b), i, j;

	if (len_a > LONGEST || len_b > LONGEST)
		return SIZE_MAX;
	for (j = 0; j <= len_b; j++)
		rows[0][j] = j;
	for (i = 1; i <= len_a; i++) {
		size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];
		const size_t *two_above = rows[(i + 1) % 3];

		row[0] = i;
		for (j = 1; j <= len_b; j++) {
			row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smaller(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[len_a % 3][len_b];
}

const char *suggest(const char *word, const char *const *words, size_t n)
{
	size_t least = strlen(word) < 4 ? 1 : 1 + strlen(word) / 3, i; /* a third of it may be wrong */
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
