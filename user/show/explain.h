/* SPDX-License-Identifier: GPL-2.0 */
/* A verdict in a sentence: what happened, what speaks for whom, and what else could look like it. */
#ifndef XREACH_EXPLAIN_H
#define XREACH_EXPLAIN_H

#include "show/view.h"

#define EXPLAIN_MAX 1024

/* "reset after ClientHello for x.com; came 7 ms after it while the server is 318 ms away; the server went on sending; hop
 * count 6 against 14: injected, high". Always ends the text, which holds EXPLAIN_MAX bytes. */
void explain_flow(const struct view_flow *f, char text[EXPLAIN_MAX]);

/* What may look the same and be none, in a sentence; "" where there is nothing to add (spec: "Limits to say where
 * verdicts are explained"). */
const char *explain_limits(const struct view_flow *f);

/* What a row of evidence (judge/injection.h) means, in a few words. */
const char *explain_evidence(unsigned int row);

#endif
