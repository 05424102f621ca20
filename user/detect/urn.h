/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Has the failing share of a stream of attempts risen, since when, and by how much? A CUSUM (Page 1954) of Polya urns:
 * attempts fail with a share that itself wanders (beta-binomial, correlation rho over some minutes), against the same
 * with an excess share e on top, for several e in parallel. Evidence of a share that wanders saturates, so a benign
 * clump of failures does not add up to a block, however many attempts it has. Pure; seconds are an argument.
 */
#ifndef XREACH_URN_H
#define XREACH_URN_H

#include <stdbool.h>
#include <linux/types.h>

#define URN_SHARES	 6
#define URN_RHO_FLOOR	 .0075
#define URN_HOLD_S	 5  /* an excursion shorter than this is a burst: a page of one client, a cable pulled */
#define URN_MORE_STREAM	 3. /* nats on top for each of the streams within the groups, for there are some twenty: */
#define URN_STREAMS	 20.
#define URN_MORE_CONTROL 3.		    /* ... for controls: four more groups, and only witnesses */
extern const double urn_shares[URN_SHARES]; /* the excess shares, rising */
/*
 * Thresholds of a target group, in nats, by excess share. What `make simulate` fits to the tails of shares that wander by .01:
 * each is crossed by chance some .02 to .2 times a year. A small excess has the lower one, for its evidence saturates sooner.
 */
extern const double urn_nats[URN_SHARES];

/* Polya's urn: what an attempt of each kind adds to the evidence for p1 against p0, counts going before it. */
struct urn {
	double failures, successes; /* since the last zero, forgotten exponentially */
	double sum;		    /* the statistic S, nats */
	__s64 zero;		    /* the last second in which S was 0 */
};

/*
 * The statistic over all excess shares, with a ring of what came in each slot of time, from which the change point is
 * found. The fast bank's slot is a second and its memory minutes; the slow one's a minute, and hours.
 */
#define URN_SLOTS 1024
struct urn_slot {
	__s64 at; /* number of the slot: seconds / slot_s */
	__u32 failures, attempts;
	__u32 proofs; /* failures that were no mere silence */
};

struct urn_bank {
	unsigned int slot_s; /* seconds of a slot */
	double memory_s;     /* time constant of forgetting */
	__s64 now;	     /* where the ring ends */
	__s64 stepped;	     /* the last step */
	struct urn urns[URN_SHARES];
	struct urn_slot ring[URN_SLOTS];
	__s64 recent; /* the slot from which on the two below count what is in the ring */
	__u64 recent_f, recent_n;
};

void urn_bank_fast(struct urn_bank *b);
void urn_bank_slow(struct urn_bank *b);

/* The ring ends at second `now`, not before where it ended; no step of the statistic. */
void urn_bank_until(struct urn_bank *b, __s64 now);
/* Write down attempts decided in second `at`; they need not come in order. For urn_since only. */
void urn_bank_note(struct urn_bank *b, __s64 at, __u32 failures, __u32 attempts);
/* `by` more (or fewer) of the failures noted for second `at` were no mere silence. */
void urn_bank_prove(struct urn_bank *b, __s64 at, int by);
/* How many of those that the ring holds from second `from` on. */
__u64 urn_bank_proofs(const struct urn_bank *b, __s64 from);
/* Strike out again what was noted; nothing where its second has left the ring. */
void urn_bank_take_back(struct urn_bank *b, __s64 at, __u32 failures, __u32 attempts);
/*
 * One step of the statistic: attempts told of since the step before, under a benign share p0 (0 < p0 < 1) that wanders
 * by rho (0 < rho < 1). `now` never goes back; a step for every second is not needed.
 */
void urn_bank_step(struct urn_bank *b, __s64 now, __u32 failures, __u32 attempts, double p0, double rho);
/* The highest S, nats, and which excess share it is of (index into urn_shares, NULL allowed). */
double urn_bank_top(const struct urn_bank *b, unsigned int *share);
/* How far the statistic is over its threshold with `more` nats on top, by the excess share of which that is most (NULL
 * allowed); below 0 it is under it, and where every excursion is too young -URN_NEVER. */
#define URN_NEVER 1000.
double urn_bank_over(const struct urn_bank *b, double more, unsigned int *share);
/* Forget the evidence and keep the ring: an incident took it over. */
void urn_bank_reset(struct urn_bank *b, __s64 now);
/* Forget the ring as well, and go on from `now`, also where that is earlier: the clock was set. */
void urn_bank_restart(struct urn_bank *b, __s64 now);

/* The second from which excess share e explains the ring best, looking back to the last zero of that share. */
struct urn_since {
	__s64 at;
	unsigned int uncertainty_s; /* to both sides: as likely within two nats */
	bool bound;		    /* it is where the ring begins: may have been before */
	__u64 failures, attempts;   /* from there on */
};
void urn_since(const struct urn_bank *b, unsigned int share, double p0, struct urn_since *out);

/* The same from which second the failing share p1 explains it better than p0 (either may be the greater), not looking
 * back beyond second `after`, or a minute before: verdicts come late, and are noted where they belong. */
void urn_since_after(const struct urn_bank *b, __s64 after, double p0, double p1, struct urn_since *out);

/* What the ring holds of the slots from second `from` on. Of the last URN_RECENT slots it is kept as a sum, for it is asked
 * for each second. */
#define URN_RECENT 120
void urn_bank_sum(const struct urn_bank *b, __s64 from, __u64 *failures, __u64 *attempts);

/* Evidence of a sum (nats): `failures` of `attempts` from an urn of mean p1 rather than p0, both of correlation rho. */
double urn_evidence(double failures, double attempts, double p0, double p1, double rho);
/* The most of it for any of the excess shares. */
double urn_evidence_most(double failures, double attempts, double p0, double rho);
/* What evidence for e comes to in one correlation time of n attempts, if it is true: under the threshold, it cannot be
 * told (M in the simulation's table). */
double urn_saturation(double attempts, double p0, double e, double rho);
/* Lorden's bound: attempts that any rule needs, in the mean, with `nats` of false-alarm exponent. */
double urn_lorden(double nats, double p0, double e);
/* Excess share of a failing share f over b. */
double urn_excess(double f, double b);

/* How far the benign share wanders over five minutes, learnt from sums of five minutes. All zero is "nothing known". */
struct urn_rho {
	double over, pairs, squares; /* sums of excess variance, of what it is a share of, of the noise of it */
	double windows;		     /* how many five minutes they are of, forgotten as they are */
};
void urn_rho_learn(struct urn_rho *r, double failures, double attempts, double p0);
/* With a margin upward of one standard error, of chance within the windows and of their number, from URN_RHO_FLOOR to .2. */
double urn_rho_told(const struct urn_rho *r);

/* The rho to step a bank with, in the same bounds, where the usual share (over 0) is this. Within the five minutes of which rho
 * is learnt a share wanders more than their means do; where it is small that is nothing for hours and then much. Measured by
 * `make simulate`: at a usual 1 % with rho itself an excess of .07 or .15 was found by chance some ten times a year, with 1.7 of
 * it .2 times. */
double urn_rho_within(const struct urn_rho *r, double usual);

#endif
