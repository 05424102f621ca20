/* SPDX-License-Identifier: GPL-2.0 */
/* What the detector remembers, and what its parts ask of each other: for detector*.c only. */
#ifndef XREACH_DETECTOR_PARTS_H
#define XREACH_DETECTOR_PARTS_H

#include "detect/detector.h"
#include "detect/hll.h"
#include "detect/signs.h"
#include "detect/urn.h"

#define GATE_NATS     7. /* the witnesses speak for, or against */
#define FEW_CLIENTS   10.
#define BASE_UNKNOWN  .25
#define KNOWN_WINDOWS 12 /* of five minutes: then there is a baseline */
#define NEVER_ANSWERS .9
#define BASE_MOST     .95 /* a raised p0 */
#define BORDER_LIKELY .5
#define COMMON_EXCESS .07 /* of the controls */
#define WORSE_HOLD_S  60
#define THIN_MINUTE   HLL_FLOOR /* attempts: of a minute with fewer the seconds are not kept over a restart */
#define Z95	      1.645
#define LOST_S	      (24 * 3600) /* unseen for so long, its end will never be known */

/* Two bits for each client bucket. */
struct twos {
	__u8 bits[HLL_BUCKETS / 4];
};

/* Five minutes' failures and attempts. */
struct window {
	__u32 f, n;
};
#define HELD_WINDOWS 48 /* four hours, as the slow bank remembers */

struct stream {
	enum stream_kind kind;
	__u8 group;
	__u32 id;
	struct stream *next; /* of its group */
	struct urn_bank fast, slow;
	__u32 failures, attempts;	  /* since the last tick, weighted by client */
	__u32 seen_f, seen_n;		  /* the same without the cap of an excursion */
	__u32 window_f, window_n;	  /* since the last learning */
	struct window held[HELD_WINDOWS]; /* windows before, of an excursion that may be none of the baseline's */
	unsigned int n_held;
	double known_f, known_n; /* the baseline, forgotten slowly */
	double base;		 /* failing share, once there is one */
	unsigned int windows;
	struct urn_rho rho;
	struct twos failed; /* failures of each client in this excursion */
	__s64 calm_at;	    /* the last second before it */
	struct twos step;   /* prefixes: flows of each client in this step */
	__s64 step_at;
	__u8 cdn;	       /* dedicated prefixes: see detect_flow */
	__s64 mixed_since;     /* the witnesses contradict each other for so long; 0: they do not */
	__u64 asked, found;    /* prefixes and the group: attempts in this life, and those that found anybody */
	bool late;	       /* not there from the start */
	__u32 owed, owed_well; /* failures, and successes, taken back after the statistic had them */
	struct signs signs;
	/* of the open incident's last phase, see detector_scope.c */
	bool fails, named, was_named; /* as the incident does; it is about this part; it was until now */
	__s64 in_from;		      /* what is counted of it begins here */
	__u64 in_f, in_n;	      /* its failures and attempts from there on */
	__u64 in_before[SIGNATURES];  /* failures before it */
};

struct group {
	struct stream *streams; /* the group's own first */
	struct hll clients;	/* of this day */
	struct hll hurt;	/* those of them with failures of the open incident */
	double usual_clients;
	bool few; /* clients: see FEW_CLIENTS */
	struct incident incident;
	/* of what it was about before: in earlier phases, or other parts */
	__u64 before_n, before_f, before_by[SIGNATURES];
	__s64 counted_from;  /* where what the streams count begins: with the last phase */
	struct stream *lead; /* the narrowest stream that explains the incident */
	double p0;	     /* frozen while it is open */
	double end_sum;
	__s64 end_zero; /* where the end, if it is one, begins */
	unsigned int end_attempts;
	enum word wanted;
	__s64 wanted_since, scope_at, quiet_since;
	enum word word;
};

/* From the last second that was seen to the first one again. */
struct unwatched {
	__s64 from, to;
};
#define UNWATCHED_MOST 64 /* the newest are remembered */

struct detector {
	__u32 controls;
	__s64 start, now, learnt, day;
	__s64 restored; /* what is known of before this second is from the disk (see THIN_MINUTE); 0: nothing is */
	bool distrusted;
	unsigned int n_streams;
	__u64 streams_full;
	struct unwatched unwatched[UNWATCHED_MOST]; /* in their order */
	unsigned int n_unwatched;
	struct group groups[WIRE_GROUPS_MAX];
};

/* ---- detector.c ---- */
/* Were there too few attempts in the last ten minutes to say anything? */
bool stream_seldom(const struct detector *d, const struct stream *s);

/* ---- detector_absence.c ---- */
/* Seconds since `from` in which somebody watched. */
__s64 watched_since(const struct detector *d, __s64 from);
/* The time from the last second on to `now` is one of them. */
void gap_remember(struct detector *d, __s64 now);
/* Seconds in which nothing was seen of an open one. */
void incident_absence(struct group *g, __s64 gone);
/* A change point that may lie in a time in which nobody watched has all of that for its interval. */
void since_unwatched(const struct detector *d, const struct stream *s, struct urn_since *since);

/* ---- detector_turn.c ---- */
/* Is the last minute of a phase that began at `from` another by its failing share, and since when? */
bool phase_turn(const struct detector *d, const struct stream *s, __s64 from, __s64 *at);

/* ---- detector_state.c: an incident, for whoever keeps it beside the detector ---- */
struct packed;
struct state_names;
struct unpack;
void incident_save(const struct incident *in, const struct state_names *names, struct packed *out);
/* `group` -1: it is read and passed over. */
void incident_restore(struct incident *in, int group, const struct state_names *names, struct unpack *u);

/* ---- detector_flow.c ---- */
/* The stream, made if need be; NULL where there is no room. */
struct stream *stream_get(struct detector *d, __u8 group, enum stream_kind kind, __u32 id);
struct stream *stream_find(const struct detector *d, __u8 group, enum stream_kind kind, __u32 id);
/* Distinct clients with failures since second `from`, about: linear counting over the buckets of this excursion (Whang
 * 1990). 0 where that began long before, or on another day, when everybody's bucket was another. */
double stream_clients(const struct detector *d, const struct stream *s, __s64 from);

/* ---- detector_base.c ---- */
bool stream_known(const struct stream *s); /* its baseline */
double stream_baseline(const struct detector *d, const struct stream *s);
/* The clients' key changes with the day, and with it who is who. */
void detector_day(struct detector *d, __s64 now);
/* What came since the last learning is not learnt. */
void stream_unlearn(struct stream *s);
/* Each second; learns every five minutes. */
void detector_learn(struct detector *d, __s64 now);

/* ---- detector_witness.c ---- */
/* The one of its rings that reaches back to second `from`, and what it holds from there on. */
const struct urn_bank *stream_bank(const struct stream *s, __s64 from);
void stream_count(const struct stream *s, __s64 from, __u64 *failures, __u64 *attempts);
struct witnesses {
	double nats; /* for the controls failing too */
	unsigned int groups;
	unsigned int of;	/* so many could have spoken */
	unsigned int ill, well; /* of those that speak clearly */
	bool unheard; /* those that fail would be an outage, but most of those with flows lately have not said so yet */
	double share;  /* their failing share; -1: they had no flows */
	bool common;   /* half of them fail more than they do, whatever that says of this stream */
	bool indirect; /* none has flows of that very site, family or transport: they speak of all of theirs */
};
/* Of the controls, from second `from` on, about an excess share `e` such as stream `s` shows: of a site, a family or a
 * transport they speak by their own flows of it, where they have any. */
struct witnesses witnesses_ask(const struct detector *d, const struct stream *s, __s64 from, double e);
/* How far the controls are above their own baselines in the last two minutes, for the same. */
double witnesses_excess(const struct detector *d, const struct stream *s);
/* Do they fail right now, about a share such as e? Of a site or a family they may have had no flow so lately: what they say
 * of all is asked, too. */
bool witnesses_ill_now(const struct detector *d, const struct stream *s, double e);
/* They fail by now: when did they begin to? True where from second `from` until then, for ten minutes at least, they were
 * well: so late no outage of all reaches them. */
#define FELL_LEAST_S 600
bool witnesses_fell(const struct detector *d, const struct stream *s, __s64 from, double e, __s64 *at);

/* ---- detector_proof.c ---- */
/* Have the failures of this stream since second `from` been more than silence, which an outage of X is as well? */
bool stream_proven(const struct detector *d, const struct stream *s, __s64 from);

/* ---- detector_open.c ---- */
/* Lower (z > 0) bound of a share, Wilson 1927. */
double share_bound(double failures, double attempts, double z);
/* Nats that a stream needs on top of a target group's thresholds: one of many, or a control's. */
double stream_more(const struct detector *d, const struct stream *s);
/* How far one of a stream's banks is over its threshold (nats, see urn_bank_over). */
double stream_over(const struct detector *d, const struct stream *s, const struct urn_bank *b, unsigned int *share);
bool incident_try_open(struct detector *d, struct group *g, struct stream *s);
bool incident_try_down(struct detector *d, struct group *g, double raised);

/* ---- detector_scope.c ---- */
/* Find the parts that fail while others of their kind do not, by name. */
void incident_find_scope(const struct detector *d, struct group *g);
/* Is the last phase so new that its parts are still being found? */
bool incident_scope_young(const struct detector *d, const struct incident *in);
/* What an incident counts: the flows of the parts that it is about, or of all of the group, in each phase. */
void incident_count(struct group *g);
/* The first phase begins at second `at`, or one after an end; another begins, and what came before stays counted as it is;
 * it ends. */
void incident_count_from(struct group *g, __s64 at);
void incident_turn(const struct detector *d, struct group *g, __s64 at);
void incident_stop(struct group *g, __s64 at);
/* After a restart, which leaves out what the parts count that are not named. */
void incident_recount(struct group *g);
/* Where all of the group fails as the part does that was found first, the incident is followed, and ended, by all. */
void incident_widen(const struct detector *d, struct group *g);

/* ---- detector_follow.c ---- */
void incident_say(const struct detector *d, struct group *g, enum word word, __s64 at);
/* Note how many clients the day has had in it so far. */
void incident_clients(struct group *g);
/* End one whose end will never be known. */
void incident_lose(struct group *g, __s64 now);
/* From where on the last phases hold together without a break. */
__s64 incident_run_from(const struct incident *in);
/* The word where the controls fail alike: where it is under half of them, or of this, all are impaired. */
enum word outage_word(const struct witnesses *w, double excess);
/* The word for a stream's excess share (its lower bound) since second `from`, by what the witnesses say. */
enum word incident_word(const struct detector *d, const struct stream *s, const struct witnesses *w, double excess,
			__s64 from);
/* A second of an open one: `failures` of `attempts` were told of since the last. */
void incident_follow(struct detector *d, struct group *g, __u32 failures, __u32 attempts);

#endif
