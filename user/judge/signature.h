/* SPDX-License-Identifier: GPL-2.0 */
/* How a flow failed, in the paper's notation: from stage and outcome, and from the resets that were counted. */
#ifndef XREACH_SIGNATURE_H
#define XREACH_SIGNATURE_H

#include "judge/verdict.h"

/* Of a flow that a RST in the server's name ended at `stage`. */
enum signature signature_of_resets(enum stage stage, const struct wire_reset *resets);

/* Of every other outcome. */
enum signature signature_of_outcome(enum stage stage, enum outcome outcome, bool quic);

#endif
