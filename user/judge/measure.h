/* SPDX-License-Identifier: GPL-2.0 */
/* What a record tells besides how the flow ended: round trip, hop limits, amounts, rate. */
#ifndef XREACH_MEASURE_H
#define XREACH_MEASURE_H

#include "judge/verdict.h"

/* Fill in whatever does not depend on the rules. */
void measure(const struct wire_record *record, struct verdict *out);

/* Does server payload flow at a policed rate? For TCP in `later` only. */
bool is_throttled(const struct wire_flow *flow);

#endif
