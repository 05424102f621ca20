/* SPDX-License-Identifier: GPL-2.0 */
/* The same end of a flow in the words of others: OONI's failure strings, Censored Planet's outcomes, Cloudflare Radar's
 * stages. So that figures can be laid side by side, with what cannot be compared said. */
#ifndef XREACH_COMPARE_H
#define XREACH_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

struct compare_row {
	const char *stage, *outcome, *signature; /* signature NULL: any */
	const char *ooni;			 /* data-formats/df-007-errors.md of ooni/spec; "null" is success */
	const char *censored_planet;		 /* hyperquack: docs/tables.md of censoredplanet-analysis */
	const char *radar;			 /* summary keys of the TCP resets and timeouts API */
};

/* What others would call it; "-" in a column where they have no word, or do not see it. Never NULL. */
const struct compare_row *compare_find(const char *stage, const char *outcome, const char *signature, bool quic);
/* What has to be kept in mind with each column: a sentence each, NULL at the end. */
extern const char *const compare_notes[];

#endif
