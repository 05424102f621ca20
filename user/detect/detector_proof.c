// SPDX-License-Identifier: GPL-2.0
/*
 * The detector: is it more than silence? From one place a silent block of X's own space cannot be told from an outage of X,
 * or a lost route to it (incidents contract, "States"). Two things can: injection, and silence on those of X's addresses
 * that lie in a content network whose other addresses answer.
 */
#include <math.h>

#include "detect/detector_parts.h"

#define PROOFS	    5  /* failures by injection, and ... */
#define PROOF_SHARE .1 /* ... of all failures: some customer's firewall resets in an outage of X, too */
#define CDN_LEAST   8  /* attempts at X's addresses within a content network */
#define CDN_NATS    5. /* evidence that the network's others are well */

static bool injected(const struct stream *s, __s64 from)
{
	__u64 f, n, proofs = urn_bank_proofs(stream_bank(s, from), from);

	stream_count(s, from, &f, &n);
	return proofs >= PROOFS && (double)proofs >= PROOF_SHARE * (double)f;
}

/* X's addresses in the content network that is control `cdn` - 1 fail, and the network's own do not. */
static bool silent_amid_answers(const struct detector *d, const struct stream *s, __u8 cdn, __s64 from)
{
	const struct stream *others = d->groups[cdn - 1].streams;
	__u64 failures = 0, attempts = 0, f, n;
	double e, b, p0 = 0;

	if (!others || !(d->controls >> (cdn - 1) & 1))
		return false;
	for (const struct stream *p = d->groups[s->group].streams; p; p = p->next) {
		if (p->kind != STREAM_PREFIX || p->cdn != cdn || (s->kind == STREAM_PREFIX && p != s))
			continue;
		stream_count(p, from, &f, &n);
		failures += f;
		attempts += n;
		p0 = fmax(p0, stream_baseline(d, p));
	}
	e = urn_excess(share_bound((double)failures, (double)attempts, Z95), p0);
	if (attempts < CDN_LEAST || e < BORDER_LIKELY)
		return false;
	stream_count(others, from, &f, &n);
	b = stream_baseline(d, others);
	return urn_evidence((double)f, (double)n, b, b + e * (1 - b), urn_rho_told(&others->rho)) <= -CDN_NATS;
}

bool stream_proven(const struct detector *d, const struct stream *s, __s64 from)
{
	if (injected(s, from))
		return true;
	for (__u8 cdn = 1; cdn <= WIRE_GROUPS_MAX; cdn++)
		if ((s->kind != STREAM_PREFIX || s->cdn == cdn) && silent_amid_answers(d, s, cdn, from))
			return true;
	return false;
}
