/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a report says of the evidence file that lies beside its history: whoever notes down the head of the chain with
 * the report can show later that nothing of it was changed, taken out or cut off. And whether it says the same of an
 * incident as the history, which anybody with the rights to it can change.
 */
#ifndef XREACH_EVIDENCE_TOLD_H
#define XREACH_EVIDENCE_TOLD_H

#include <stddef.h>
#include "keep/chain.h"

struct past;
/* Of an incident: the last line about it, and the last that says the same; 0: none. */
struct evidence_says {
	__u64 last, same;
};
struct evidence_told {
	int err; /* 0; -ENOENT: there is none; or -errno of reading it */
	struct chain_result chain;
	struct evidence_says *says; /* of each incident of the past, in its order */
};

/* Check DIR's evidence file as it is now, against what is told in `past`. To be given to evidence_forget(). */
void evidence_look(const char *dir, const struct past *past, struct evidence_told *out);
void evidence_forget(struct evidence_told *e);
/* One sentence, without its full stop. */
#define EVIDENCE_TOLD 640
const char *evidence_text(const struct evidence_told *e, char text[EVIDENCE_TOLD]);
/* Of the n-th incident, likewise; "" where there is no such file, or memory. */
const char *evidence_of(const struct evidence_told *e, size_t n, char text[EVIDENCE_TOLD]);

#endif
