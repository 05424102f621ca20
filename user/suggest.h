/* SPDX-License-Identifier: GPL-2.0 */
/* The word that was probably meant. */
#ifndef XREACH_SUGGEST_H
#define XREACH_SUGGEST_H

#include <stddef.h>

/* The nearest of the words, or NULL where none is near. */
const char *suggest(const char *word, const char *const *words, size_t n);

#endif
