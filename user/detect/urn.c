// SPDX-License-Identifier: GPL-2.0
/*
 * Polya-urn CUSUM. Of the beta-binomial likelihood of n attempts, i of them failed, under mean p and correlation rho
 * (a = p s, b = (1 - p) s, s = (1 - rho) / rho), the i-th failure has the factor (a + i - 1), the j-th success
 * (b + j - 1), and the rest cancels between p1 and p0, as s is the same. So order within a step does not matter.
 */
#include "detect/urn.h"

#include <math.h>
#include <string.h>

#define FAST_MEMORY_S 300.
#define SLOW_MEMORY_S (4 * 3600.)
#define LATE_S \
	60 /* verdicts come so late, and are noted where they belong: a zero of the statistic may be theirs */
#define SINCE_NATS 2. /* how much less likely a change point may be and still be one */
/* A prior of what is not known yet: as if RHO_PRIOR had been seen in so many windows, and in so many pairs. */
#define RHO_PRIOR   .01
#define RHO_WINDOWS 24.
#define RHO_PAIRS   2000.
/* Variance of one window's squared deviation over the square of its mean: of a beta share of mean .03 to .05, about. */
#define RHO_SPREAD  4.
#define RHO_KEPT    .9976 /* of five minutes: a half-life of 24 hours */
#define RHO_MARGIN  1.
#define RHO_MOST    .2
#define SKEWED_FROM .05 /* a usual share from which on its tail is as the urn has it ... */
#define SKEWED_TO   .01 /* ... and where it is so much heavier as RHO_SKEWED makes it */
#define RHO_SKEWED  .7

const double urn_shares[URN_SHARES] = { .07, .15, .3, .5, .75, .96 };
const double urn_nats[URN_SHARES] = { 11.5, 14.5, 15, 18, 18, 18 };

double urn_excess(double f, double b)
{
	return b < 1 ? (f - b) / (1 - b) : 0;
}

static double with_excess(double p0, double e)
{
	return p0 + e * (1 - p0);
}

/* ---- evidence ---------------------------------------------------------------------------------------- */

/* ln of Gamma(x) for x >= 8, by Stirling's series: within 1e-12 of it. */
static double ln_gamma_big(double x)
{
	double x2 = x * x;

	return (x - .5) * log(x) - x + .91893853320467274178 +
	       (1 / 12. - (1 / 360. - (1 / 1260. - 1 / (1680. * x2)) / x2) / x2) / x;
}

/* ln of Gamma(x + n) / Gamma(x), n >= 0 and perhaps no whole number. */
static double ln_rising(double x, double n)
{
	double from = 1, to = 1, y = x + n;

	for (; x < 8; x++)
		from *= x;
	for (; y < 8; y++)
		to *= y;
	return ln_gamma_big(y) - log(to) - ln_gamma_big(x) + log(from);
}

/* Of n more of a kind, `had` having gone before: sum of ln((one + had + i) / (zero + had + i)). */
static double ln_more(double one, double zero, double had, double n)
{
	double product = 1;

	if (n <= 0)
		return 0;
	one += had;
	zero += had;
	if (n > 16 || n != floor(n))
		return ln_rising(one, n) - ln_rising(zero, n);
	for (; n >= 1; n--)
		product *= one++ / zero++;
	return log(product);
}

static double ln_urn(double had_failed, double had_not, double failures, double successes, double p0, double p1,
		     double rho)
{
	double s = (1 - rho) / rho;

	return ln_more(p1 * s, p0 * s, had_failed, failures) +
	       ln_more((1 - p1) * s, (1 - p0) * s, had_not, successes);
}

double urn_evidence(double failures, double attempts, double p0, double p1, double rho)
{
	return ln_urn(0, 0, failures, attempts - failures, p0, p1, rho);
}

double urn_evidence_most(double failures, double attempts, double p0, double rho)
{
	double most = 0;

	for (unsigned int i = 0; i < URN_SHARES; i++)
		most = fmax(most, urn_evidence(failures, attempts, p0, with_excess(p0, urn_shares[i]), rho));
	return most;
}

double urn_saturation(double attempts, double p0, double e, double rho)
{
	double p1 = with_excess(p0, e);

	return urn_evidence(p1 * attempts, attempts, p0, p1, rho);
}

double urn_lorden(double nats, double p0, double e)
{
	double p1 = with_excess(p0, e);

	return nats / (p1 * log(p1 / p0) + (1 - p1) * log((1 - p1) / (1 - p0)));
}

/* ---- banks ------------------------------------------------------------------------------------------- */

void urn_bank_fast(struct urn_bank *b)
{
	memset(b, 0, sizeof(*b));
	b->slot_s = 1;
	b->memory_s = FAST_MEMORY_S;
}

void urn_bank_slow(struct urn_bank *b)
{
	memset(b, 0, sizeof(*b));
	b->slot_s = 60;
	b->memory_s = SLOW_MEMORY_S;
}

static struct urn_slot *slot_of(struct urn_bank *b, __s64 slot)
{
	return &b->ring[(__u64)slot % URN_SLOTS];
}

/* What was in this slot is out of it. */
static void recent_less(struct urn_bank *b, const struct urn_slot *s)
{
	if (s->at < b->recent)
		return;
	b->recent_f -= s->failures;
	b->recent_n -= s->attempts;
}

void urn_bank_until(struct urn_bank *b, __s64 now)
{
	__s64 from = now / b->slot_s - URN_RECENT, at = b->recent;

	if (now < b->now)
		return;
	b->now = now;
	b->recent = from;
	if (from - at < URN_SLOTS) {
		for (; at < from; at++) {
			const struct urn_slot *s = slot_of(b, at);

			b->recent_f -= s->at == at ? s->failures : 0;
			b->recent_n -= s->at == at ? s->attempts : 0;
		}
		return;
	}
	b->recent_f = b->recent_n = 0; /* after a long silence, perhaps what is noted ahead of its time */
	for (unsigned int i = 0; i < URN_SLOTS; i++) {
		b->recent_f += b->ring[i].at >= from ? b->ring[i].failures : 0;
		b->recent_n += b->ring[i].at >= from ? b->ring[i].attempts : 0;
	}
}

void urn_bank_note(struct urn_bank *b, __s64 at, __u32 failures, __u32 attempts)
{
	__s64 slot = at / b->slot_s;
	struct urn_slot *s = slot_of(b, slot);

	if (s->at > slot)
		return; /* too late to be of use */
	if (s->at != slot) {
		recent_less(b, s);
		*s = (struct urn_slot){ .at = slot };
	}
	s->failures += failures;
	s->attempts += attempts;
	if (slot < b->recent)
		return;
	b->recent_f += failures;
	b->recent_n += attempts;
}

void urn_bank_take_back(struct urn_bank *b, __s64 at, __u32 failures, __u32 attempts)
{
	struct urn_slot *s = slot_of(b, at / b->slot_s), less;

	if (s->at != at / b->slot_s)
		return;
	less = (struct urn_slot){
		.at = s->at,
		.failures = s->failures < failures ? s->failures : failures,
		.attempts = s->attempts < attempts ? s->attempts : attempts,
	};
	s->failures -= less.failures;
	s->attempts -= less.attempts;
	recent_less(b, &less);
}

void urn_bank_prove(struct urn_bank *b, __s64 at, int by)
{
	struct urn_slot *s = slot_of(b, at / b->slot_s);

	if (s->at == at / b->slot_s && (by > 0 || s->proofs >= (__u32)-by))
		s->proofs += (__u32)by;
}

__u64 urn_bank_proofs(const struct urn_bank *b, __s64 from)
{
	__s64 newest = b->now / b->slot_s, oldest = newest - URN_SLOTS + 1;
	__u64 proofs = 0;

	for (__s64 at = from / b->slot_s > oldest ? from / b->slot_s : oldest; at <= newest; at++) {
		const struct urn_slot *s = &b->ring[(__u64)at % URN_SLOTS];

		proofs += s->at == at ? s->proofs : 0;
	}
	return proofs;
}

void urn_bank_step(struct urn_bank *b, __s64 now, __u32 failures, __u32 attempts, double p0, double rho)
{
	double successes = attempts > failures ? attempts - failures : 0, kept;
	__s64 before = b->stepped;

	urn_bank_until(b, now);
	b->stepped = b->now;
	if (!failures && !urn_bank_top(b, NULL)) { /* successes alone leave it at zero */
		for (unsigned int i = 0; i < URN_SHARES; i++)
			b->urns[i].zero = now;
		return;
	}
	kept = now > before && before ? exp((double)(before - now) / b->memory_s) : 1;
	for (unsigned int i = 0; i < URN_SHARES; i++) {
		struct urn *u = &b->urns[i];

		u->failures *= kept;
		u->successes *= kept;
		if (!u->sum && !failures) {
			u->zero = now;
			continue;
		}
		u->sum += ln_urn(u->failures, u->successes, failures, successes, p0, with_excess(p0, urn_shares[i]),
				 rho);
		u->failures += failures;
		u->successes += successes;
		if (u->sum > 0)
			continue;
		u->sum = u->failures = u->successes = 0;
		u->zero = now;
	}
}

double urn_bank_top(const struct urn_bank *b, unsigned int *share)
{
	unsigned int top = 0;

	for (unsigned int i = 1; i < URN_SHARES; i++)
		if (b->urns[i].sum > b->urns[top].sum)
			top = i;
	if (share)
		*share = top;
	return b->urns[top].sum;
}

double urn_bank_over(const struct urn_bank *b, double more, unsigned int *share)
{
	double over = -URN_NEVER;

	for (unsigned int i = 0; i < URN_SHARES; i++) {
		double by = b->urns[i].sum - urn_nats[i] - more;

		if (by <= over || b->stepped - b->urns[i].zero < URN_HOLD_S)
			continue;
		over = by;
		if (share)
			*share = i;
	}
	return over;
}

void urn_bank_reset(struct urn_bank *b, __s64 now)
{
	for (unsigned int i = 0; i < URN_SHARES; i++)
		b->urns[i] = (struct urn){ .zero = now };
}

void urn_bank_restart(struct urn_bank *b, __s64 now)
{
	memset(b->ring, 0, sizeof(b->ring));
	b->recent = b->recent_f = b->recent_n = 0;
	b->now = b->stepped = 0;
	urn_bank_until(b, now);
	b->stepped = now;
	urn_bank_reset(b, now);
}

/* ---- the change point ----------------------------------------------------------------------------------- */

/*
 * The second from which a failure's and a success's evidence add up to most, not before slot `from`: of equally likely ones,
 * as there are where nobody tried, the middle. What is told reaches from there to either end of what is likely, and into the
 * slot before, in which the change may have followed the last attempt. (Of a full block, at .1 to 10 attempts a second that
 * come at random, .97 or more of the true ones lie in it, and the median error is 4 s to none; of half blocked .78 to .99.)
 */
static void change_point(const struct urn_bank *b, __s64 from, double failure, double success,
			 struct urn_since *out)
{
	__s64 newest = b->now / b->slot_s, oldest = newest - URN_SLOTS + 1, begins, ends;
	double after[URN_SLOTS], sum = 0, most = -1;
	unsigned int n = 0, first, last, best = 0, equal = 0;
	__u64 failures = 0, attempts = 0;

	memset(out, 0, sizeof(*out));
	out->at = b->now;
	if (from > oldest)
		oldest = from;
	for (__s64 at = newest; at >= oldest; at--, n++) {
		const struct urn_slot *s = &b->ring[(__u64)at % URN_SLOTS];

		if (s->at == at) {
			sum += s->failures * failure + (s->attempts - (double)s->failures) * success;
			failures += s->failures;
			attempts += s->attempts;
		}
		after[n] = sum;
		if (sum <= most) {
			equal += sum == most && equal + 1 == n;
			continue;
		}
		most = sum;
		best = equal = n; /* the newest and the oldest of them */
		out->failures = failures;
		out->attempts = attempts;
	}
	if (!out->attempts) /* nothing speaks for one yet */
		return;
	for (first = 0; first + 1 < n && after[first] < most - SINCE_NATS; first++)
		;
	for (last = n ? n - 1 : 0; last > first && after[last] < most - SINCE_NATS; last--)
		;
	out->bound = n == URN_SLOTS && last == n - 1;
	if (out->bound) /* nothing was seen before, so that there is no middle */
		equal = last = best;
	ends = (newest - first + 1) * b->slot_s - 1;
	begins = (newest - last - 1) * b->slot_s;
	out->at = (newest - best - (equal - best + 1) / 2) * b->slot_s;
	out->uncertainty_s = (unsigned int)(ends - out->at > out->at - begins ? ends - out->at : out->at - begins);
}

void urn_since_after(const struct urn_bank *b, __s64 after, double p0, double p1, struct urn_since *out)
{
	change_point(b, (after - LATE_S) / b->slot_s, log(p1 / p0), log((1 - p1) / (1 - p0)), out);
}

void urn_since(const struct urn_bank *b, unsigned int share, double p0, struct urn_since *out)
{
	urn_since_after(b, b->urns[share].zero, p0, with_excess(p0, urn_shares[share]), out);
}

/* Of the slots from `oldest` to before `end`. */
static void sum_slots(const struct urn_bank *b, __s64 oldest, __s64 end, __u64 *failures, __u64 *attempts)
{
	*failures = *attempts = 0;
	for (__s64 at = oldest; at < end; at++) {
		const struct urn_slot *s = &b->ring[(__u64)at % URN_SLOTS];

		if (s->at != at)
			continue;
		*failures += s->failures;
		*attempts += s->attempts;
	}
}

void urn_bank_sum(const struct urn_bank *b, __s64 from, __u64 *failures, __u64 *attempts)
{
	__s64 newest = b->now / b->slot_s, oldest = from / b->slot_s;
	__u64 f, n;

	/* those of other groups may have stepped a second before */
	if (oldest >= b->recent && oldest <= b->recent + 1) {
		sum_slots(b, b->recent, oldest, &f, &n);
		*failures = b->recent_f - f;
		*attempts = b->recent_n - n;
		return;
	}
	if (oldest <= newest - URN_SLOTS)
		oldest = newest - URN_SLOTS + 1;
	sum_slots(b, oldest, newest + 1, failures, attempts);
}

/* ---- rho --------------------------------------------------------------------------------------------- */

void urn_rho_learn(struct urn_rho *r, double failures, double attempts, double p0)
{
	double variance = p0 * (1 - p0), off = failures - attempts * p0, expected = attempts * variance;
	double told = urn_rho_told(r), limit = 16 * expected * (1 + (attempts - 1) * told), square = off * off;

	if (attempts < 2)
		return;
	r->over = r->over * RHO_KEPT + (square < limit ? square : limit) - expected;
	r->pairs = r->pairs * RHO_KEPT + attempts * (attempts - 1) * variance;
	r->squares = r->squares * RHO_KEPT + 2 * expected * expected;
	r->windows = r->windows * RHO_KEPT + 1;
}

/* Before floor and ceiling. */
static double learnt(const struct urn_rho *r)
{
	double pairs = r->pairs + RHO_PAIRS, seen = (r->over + RHO_PRIOR * RHO_PAIRS) / pairs;
	double windows = r->windows + RHO_WINDOWS, noise = sqrt(r->squares) / pairs;
	double mean = (seen * r->windows + RHO_PRIOR * RHO_WINDOWS) / windows;

	return mean + RHO_MARGIN * sqrt(noise * noise + RHO_SPREAD / windows * mean * mean);
}

static double within_bounds(double rho)
{
	return rho < URN_RHO_FLOOR ? URN_RHO_FLOOR : rho > RHO_MOST ? RHO_MOST : rho;
}

double urn_rho_told(const struct urn_rho *r)
{
	return within_bounds(learnt(r));
}

double urn_rho_within(const struct urn_rho *r, double usual)
{
	double skewed = log(SKEWED_FROM / usual) / log(SKEWED_FROM / SKEWED_TO);

	return within_bounds(learnt(r) * (1 + RHO_SKEWED * fmax(0, fmin(1, skewed))));
}
