/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a report says of the evidence file that lies beside its history: whoever notes down the head of the chain with
 * the report can show later that nothing of it was changed, taken out or cut off.
 */
#ifndef XREACH_EVIDENCE_TOLD_H
#define XREACH_EVIDENCE_TOLD_H

#include <stddef.h>
#include "keep/chain.h"

struct evidence_told {
	int err; /* 0; -ENOENT: there is none; or -errno of reading it */
	struct chain_result chain;
};

/* Check DIR's evidence file as it is now. */
void evidence_look(const char *dir, struct evidence_told *out);
/* One sentence, without its full stop. */
#define EVIDENCE_TOLD 640
const char *evidence_text(const struct evidence_told *e, char text[EVIDENCE_TOLD]);

#endif
