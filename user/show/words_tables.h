/* SPDX-License-Identifier: GPL-2.0 */
/* The words of the contracts as people say them; beside words_state() and words_signature(), which others ask for, too. */
#ifndef XREACH_WORDS_TABLES_H
#define XREACH_WORDS_TABLES_H

struct phrase {
	const char *word, *text;
};
/* What a block goes by: "by the name ..."; the last has no word. */
extern const struct phrase words_ways[];
/* "A block, by somebody ...": of `could_be`, or what it says itself. */
const char *words_explanation(const char *could_be);

#endif
