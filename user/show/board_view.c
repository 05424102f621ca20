// SPDX-License-Identifier: GPL-2.0
/* The board as a struct view: what the live view, `status` and the control socket show. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "version.h"
#include "show/board_state.h"

#define RATE_S	     10
#define SHARE_S	     60
#define SPARK_STEP_S 5

static double share(const struct tally_window *w)
{
	return w->failed + w->succeeded ? (double)w->failed / (double)(w->failed + w->succeeded) : -1;
}

static void view_spark(const struct board *b, __u8 slot, __s64 now, signed char *spark)
{
	/* steps end at whole multiples, so that bars move but do not change their height on the way */
	__s64 end = now - now % SPARK_STEP_S + SPARK_STEP_S - 1;
	struct tally_window w;

	for (int i = 0; i < VIEW_SPARK; i++) {
		tally_window(b->tally, slot, end - (__s64)(VIEW_SPARK - 1 - i) * SPARK_STEP_S, SPARK_STEP_S, &w);
		spark[i] = (signed char)(share(&w) < 0 ? -1 : share(&w) * 100 + 0.5);
	}
}

static void view_group(const struct board *b, unsigned int slot, __s64 now, struct view_group *g)
{
	const struct place_group *from = &b->places.groups[slot];
	__s64 watched = now - b->setup.since;
	struct tally_window w;

	memcpy(g->name, from->name, sizeof(g->name));
	g->target = from->role == ROLE_TARGET;
	g->sample = from->sample;
	tally_window(b->tally, (__u8)slot, now, RATE_S, &w);
	g->per_second = (double)w.opened / (watched >= RATE_S || watched < 1 ? RATE_S : (double)watched);
	tally_window(b->tally, (__u8)slot, now, SHARE_S, &w);
	g->failing = share(&w);
	g->succeeded = tally_class(b->tally, (__u8)slot, TALLY_SUCCESS);
	g->failed = tally_class(b->tally, (__u8)slot, TALLY_FAILURE);
	g->neither = tally_class(b->tally, (__u8)slot, TALLY_NEITHER);
	g->attempts = g->succeeded + g->failed + g->neither;
	view_spark(b, (__u8)slot, now, g->spark);
	board_view_state(b, slot, g);
	board_dns_text(b, slot, g->dns, sizeof(g->dns));
}

/* ---- prefixes -------------------------------------------------------------------------------------------- */

struct ranked {
	const struct place *place;
	__u64 attempts;
	bool target;
};

static int by_attempts(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->attempts != y->attempts)
		return (x->attempts < y->attempts) - (x->attempts > y->attempts);
	if (x->target != y->target)
		return y->target - x->target;
	return (x->place->id > y->place->id) - (x->place->id < y->place->id);
}

static void view_prefix(const struct board *b, const struct place *place, __s64 now, struct view_prefix *p)
{
	static const char *const classes[] = { "", "own", "dedicated", "shared" };
	enum signature worst;
	struct tally_window w;

	memcpy(p->prefix, place->text, sizeof(p->prefix));
	snprintf(p->group, sizeof(p->group), "%s", board_group_name(b, place->slot));
	snprintf(p->class, sizeof(p->class), "%s", (unsigned int)place->class < 4 ? classes[place->class] : "");
	p->succeeded = former_flows(&b->former, b->tally, place, TALLY_SUCCESS);
	p->failed = former_flows(&b->former, b->tally, place, TALLY_FAILURE);
	p->attempts = p->succeeded + p->failed + former_flows(&b->former, b->tally, place, TALLY_NEITHER);
	tally_prefix_window(b->tally, place->id, now, &w);
	p->failing = share(&w);
	if (tally_prefix_signature(b->tally, place->id, &worst))
		snprintf(p->worst, sizeof(p->worst), "%s", signature_name(worst));
	if (p->attempts) /* of most of a list there are none, and no state is to be said */
		board_view_part(b, place, p);
	if (p->failed)
		board_where_text(b, place->slot, place->id, now, p->where, sizeof(p->where));
}

/* Those with attempts, most first, then the target's that had none: an operator looks for them. */
static int view_prefixes(const struct board *b, __s64 now, struct view *out)
{
	const struct places *places = &b->places;
	struct ranked *ranked = calloc(places->n_now + 1, sizeof(*ranked));
	size_t n = 0;

	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < places->n_now; i++) {
		struct ranked r = { &places->now[i], 0, board_group_is_target(b, places->now[i].slot) };

		for (int class = TALLY_NEITHER; class <= TALLY_FAILURE; class ++)
			r.attempts += former_flows(&b->former, b->tally, r.place, class);
		if (r.attempts || r.target)
			ranked[n++] = r;
	}
	qsort(ranked, n, sizeof(*ranked), by_attempts);
	n = n < VIEW_PREFIXES ? n : VIEW_PREFIXES;
	out->prefixes = calloc(n + 1, sizeof(*out->prefixes));
	for (size_t i = 0; out->prefixes && i < n; i++)
		view_prefix(b, ranked[i].place, now, &out->prefixes[out->n_prefixes++]);
	free(ranked);
	return out->prefixes ? 0 : -ENOMEM;
}

/* ---- signatures ------------------------------------------------------------------------------------------ */

static int view_signatures(const struct board *b, struct view *out)
{
	out->signatures = calloc(n_verdict_combos + 1, sizeof(*out->signatures));
	if (!out->signatures)
		return -ENOMEM;
	for (unsigned int combo = 0; combo < n_verdict_combos && out->n_signatures < VIEW_SIGNATURES; combo++) {
		struct view_signature *s = &out->signatures[out->n_signatures];
		unsigned long long n[2] = { 0, 0 };

		for (unsigned int slot = 0; slot < b->places.n_groups; slot++)
			for (unsigned int i = 0; i < 4; i++)
				n[board_group_is_target(b, slot)] +=
					tally_flows(b->tally, (__u8)slot, i & 1, i & 2, combo);
		if (!n[0] && !n[1])
			continue;
		snprintf(s->signature, sizeof(s->signature), "%s", signature_name(verdict_combos[combo].signature));
		snprintf(s->stage, sizeof(s->stage), "%s", stage_name(verdict_combos[combo].stage));
		snprintf(s->outcome, sizeof(s->outcome), "%s", outcome_name(verdict_combos[combo].outcome));
		s->control = n[0];
		s->target = n[1];
		out->n_signatures++;
	}
	return 0;
}

/* ---- answers that led astray ----------------------------------------------------------------------------- */
static_assert(VIEW_ASTRAY >= WIRE_GROUPS_MAX * DNS_ASTRAY, "not every group's would fit");

static int view_astrays(const struct board *b, __s64 now, struct view *out)
{
	out->astray = calloc(VIEW_ASTRAY, sizeof(*out->astray));
	if (!out->astray)
		return -ENOMEM;
	for (unsigned int slot = 0; slot < b->places.n_groups; slot++)
		out->n_astray += board_dns_astray(b, slot, now, out->astray + out->n_astray);
	return 0;
}

/* ---- the ledger ------------------------------------------------------------------------------------------ */

static void ledger_row(struct view *out, const char *name, __u64 value)
{
	struct view_ledger *row = &out->ledger[out->n_ledger];

	if (out->n_ledger == VIEW_LEDGER)
		return;
	snprintf(row->name, sizeof(row->name), "%s", name);
	row->value = value;
	out->n_ledger++;
}

static __u64 background(const struct board *b)
{
	__u64 sum = 0;

	for (unsigned int slot = 0; slot < b->places.n_groups; slot++)
		sum += tally_background(b->tally, (__u8)slot);
	return sum;
}

static int view_ledger(const struct board *b, struct view *out)
{
	const __u64 *n = b->totals.n;
	const struct books *books = &b->books;

	out->ledger = calloc(VIEW_LEDGER, sizeof(*out->ledger));
	if (!out->ledger)
		return -ENOMEM;
	ledger_row(out, "opened", books->opened);
	ledger_row(out, "open", books->open > 0 ? (__u64)books->open : 0);
	ledger_row(out, "judged", books->judged);
	ledger_row(out, "forgotten", books->forgotten);
#define X(name, label) ledger_row(out, "lost/" label, n[COUNT_##name]);
	WIRE_LOST(X)
#undef X
#define X(name, label) ledger_row(out, "unparsed/" label, n[COUNT_##name]);
	WIRE_UNPARSED(X)
#undef X
	ledger_row(out, "watched", n[COUNT_WATCHED]);
	ledger_row(out, "midstream", n[COUNT_MIDSTREAM]);
	ledger_row(out, "duplicate", n[COUNT_DUPLICATE]);
	ledger_row(out, "other_hook", n[COUNT_OTHER_HOOK]);
	ledger_row(out, "late", n[COUNT_LATE]);
	ledger_row(out, "background", background(b));
	ledger_row(out, "late_syns", b->late_syns);
	ledger_row(out, "hello_sent", n[COUNT_HELLO_SENT]);
	ledger_row(out, "hello_lost", n[COUNT_HELLO_LOST]);
	ledger_row(out, "hello_given_up", hellos_given_up(b->hellos));
	ledger_row(out, "dns_sent", n[COUNT_DNS_SENT]);
	ledger_row(out, "dns_lost", n[COUNT_DNS_LOST]);
	ledger_row(out, "dns_skipped", n[COUNT_DNS_SKIPPED]);
	ledger_row(out, "icmp_stray", n[COUNT_ICMP_STRAY]);
	ledger_row(out, "asked", n[COUNT_ASKED]);
	ledger_row(out, "dropped_here", n[COUNT_DROPPED_HERE]);
	ledger_row(out, "packets", b->totals.packets);
	ledger_row(out, "prefix_full", tally_prefixes_full(b->tally));
	ledger_row(out, "interim_full", tally_interim_full(b->tally));
	return 0;
}

/* ---- all of it ------------------------------------------------------------------------------------------- */

int board_view(const struct board *b, __s64 now, struct view *out)
{
	struct view view;
	int err = -ENOMEM;

	memset(&view, 0, sizeof(view));
	snprintf(view.version, sizeof(view.version), "%s", XREACH_VERSION);
	memcpy(view.host, b->host, sizeof(view.host));
	memcpy(view.ranges, b->places.ranges, sizeof(view.ranges));
	view.now = (time_t)now;
	view.since = (time_t)b->setup.since;
	view.daemon = b->setup.daemon;
	view.books_balance = b->books.balance;
	/* a group that has left the list stays while it has something to tell */
	for (unsigned int slot = 0; slot < b->places.n_groups; slot++) {
		view_group(b, slot, now, &view.groups[view.n_groups]);
		if (b->places.groups[slot].in_force || view.groups[view.n_groups].attempts ||
		    view.groups[view.n_groups].dns[0])
			view.n_groups++;
	}
	view.flows = calloc(b->recent.n + 1, sizeof(*view.flows));
	view.hooks = calloc(b->n_hooks + 1, sizeof(*view.hooks));
	if (!view.flows || !view.hooks)
		goto out;
	view.n_flows = recent_copy(&b->recent, view.flows);
	if (b->n_hooks)
		memcpy(view.hooks, b->hooks, b->n_hooks * sizeof(*view.hooks));
	view.n_hooks = b->n_hooks;
	err = view_prefixes(b, now, &view);
	if (!err)
		err = view_signatures(b, &view);
	if (!err)
		err = view_astrays(b, now, &view);
	if (!err)
		err = view_ledger(b, &view);
	if (!err)
		err = board_view_incidents(b, &view);
out:
	if (err)
		view_free(&view);
	else
		*out = view;
	return err;
}
