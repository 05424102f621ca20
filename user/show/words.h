/* SPDX-License-Identifier: GPL-2.0 */
/* What happened, in plain words: what was seen, what was not seen, what else could explain it. For every report alike. */
#ifndef XREACH_WORDS_H
#define XREACH_WORDS_H

#include <stddef.h>

struct past;
struct told;

/* Sentences, a line each; to be given to words_free(). */
struct words {
	char *headline; /* one sentence without its stop */
	char *seen, *not_seen, *else_;
};

/* 0 or -ENOMEM. `past` is the stretch that the incident lies in. */
int words_of_incident(const struct told *t, const struct past *past, struct words *out);
/* The stretch as a whole, also where there is no incident in it. */
int words_of_past(const struct past *past, struct words *out);
void words_free(struct words *w);

/* "blocked" for `blocked`, "likely blocked" for `likely_blocked`: a state as a word among words. */
const char *words_state(const char *state);
/* What a signature means, half a sentence; "" where it is not known. */
const char *words_signature(const char *signature);

#endif
