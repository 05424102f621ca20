// SPDX-License-Identifier: GPL-2.0
/* The phases of an incident: see phases.h. */
#include "detect/phases.h"

#include <string.h>

void phases_add(struct incident *in, __s64 at, enum word state)
{
	struct incident_phase *first = in->phases;

	if (in->n_phases == INCIDENT_PHASES) {
		first[0].to = first[1].to;
		memmove(first + 1, first + 2, (--in->n_phases - 1) * sizeof(*first));
	}
	in->phases[in->n_phases++] = (struct incident_phase){ .from = at, .state = state };
	if (in->n_phases == INCIDENT_PHASES)
		first[0].state = WORD_IMPAIRED;
}
