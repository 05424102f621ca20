// SPDX-License-Identifier: GPL-2.0
/* What a replay has found, taken in and printed as JSON: see results.h. */
#include "show/results.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "version.h"
#include "show/clean.h"
#include "show/ordered.h"

struct flow_line {
	struct results_at at;
	__u64 serial;
	bool late; /* changes the syns of the one before, if it is of the same flow */
	struct finding finding;
};

struct dns_line { /* an answered question */
	struct results_at at;
	__u64 serial;
	__s64 second;
	struct dns_case c;
};

static int compare(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

static int compare_at(const struct results_at *a, const struct results_at *b)
{
	int file = compare(a->file, b->file);

	return file ? file : compare(a->first_ns, b->first_ns);
}

/* By first packet. Two flows of one time do not come out of a replay; if they did, each would keep its late SYNs. */
static int compare_flows(const void *a, const void *b)
{
	const struct flow_line *x = a, *y = b;
	int at = compare_at(&x->at, &y->at), key = compare(x->finding.key, y->finding.key);

	return at ? at : key ? key : compare(x->serial, y->serial);
}

static int compare_dns(const void *a, const void *b)
{
	const struct dns_line *x = a, *y = b;
	int at = compare_at(&x->at, &y->at);

	return at ? at : compare(x->serial, y->serial);
}

int results_open(struct results *r, const struct results_setup *setup)
{
	size_t held = setup->held ? setup->held : RESULTS_HELD;

	memset(r, 0, sizeof(*r));
	r->to = setup->to;
	if (setup->json)
		r->flows = ordered_new(sizeof(struct flow_line), held, compare_flows);
	if (setup->dns)
		r->dns = ordered_new(sizeof(struct dns_line), held, compare_dns);
	return (setup->json && !r->flows) || (setup->dns && !r->dns) ? -ENOMEM : 0;
}

void results_free(struct results *r)
{
	ordered_free(r->flows);
	ordered_free(r->dns);
	free(r->kinds);
	free(r->incidents);
	memset(r, 0, sizeof(*r));
}

/* ---- taking in ------------------------------------------------------------------------------------------------ */
static bool is_alike(const struct finding *a, const struct finding *b)
{
	return a->group == b->group && a->v.stage == b->v.stage && a->v.outcome == b->v.outcome &&
	       a->v.signature == b->v.signature && a->v.why == b->v.why;
}

static struct results_kind *kind_of(struct results *r, const struct finding *f, const struct results_at *at)
{
	struct results_kind *kind = r->kinds;

	for (; kind < r->kinds + r->n_kinds; kind++)
		if (is_alike(&kind->example, f))
			return kind;
	kind = realloc(r->kinds, (r->n_kinds + 1) * sizeof(*kind));
	if (!kind) {
		r->err = -ENOMEM;
		return NULL;
	}
	r->kinds = kind;
	kind += r->n_kinds++;
	*kind = (struct results_kind){ .begun = *at, .example_at = *at, .example = *f };
	return kind;
}

static void add_to_kind(struct results *r, const struct finding *f, const struct results_at *at)
{
	struct results_kind *kind = kind_of(r, f, at);

	if (!kind)
		return;
	kind->flows++;
	kind->levels[f->v.level]++;
	if (compare_at(at, &kind->begun) < 0)
		kind->begun = *at;
	if (f->v.score > kind->example.v.score ||
	    (f->v.score == kind->example.v.score && compare_at(at, &kind->example_at) < 0)) {
		kind->example = *f;
		kind->example_at = *at;
	}
}

static void keep_line(struct results *r, const struct results_at *at, const struct finding *f, bool late)
{
	const struct flow_line line = { .at = *at, .serial = ++r->serial, .late = late, .finding = *f };
	int err = r->flows ? ordered_put(r->flows, &line) : 0;

	if (err)
		r->err = err;
}

void results_add(void *arg, const struct finding *f, const struct wire_record *record)
{
	struct results *r = arg;
	const struct results_at at = { .file = r->file, .first_ns = record->flow.first_ns };
	__s64 decided = f->first_s + f->decided_after_s;

	r->n++;
	r->last_decided = decided > r->last_decided ? decided : r->last_decided;
	if (r->flows)
		keep_line(r, &at, f, false);
	else
		add_to_kind(r, f, &at);
}

void results_late_syns(struct results *r, const struct wire_record *record)
{
	const struct results_at at = { .file = r->file, .first_ns = record->flow.first_ns };
	const struct finding late = { .key = record->flow.key, .v.syns = record->flow.syns };

	if (r->flows)
		keep_line(r, &at, &late, true);
	for (struct results_kind *kind = r->kinds; kind < r->kinds + r->n_kinds; kind++)
		if (kind->example.key == late.key && !compare_at(&kind->example_at, &at))
			kind->example.v.syns = late.v.syns;
}

void results_add_dns(void *arg, const struct dns_case *c, __s64 second)
{
	struct results *r = arg;
	const struct dns_line line = {
		.at = { .file = r->file, .first_ns = c->first_ns }, .serial = ++r->serial, .second = second, .c = *c
	};
	int err = r->dns ? ordered_put(r->dns, &line) : 0;

	if (err)
		r->err = err;
}

/* ---- JSON ---------------------------------------------------------------------------------------------------- */
struct printing {
	struct results *r;
	const struct board *b;
	struct finding finding; /* its late SYNs come next, if there are any */
	struct results_at at;
	bool waits, any;
};

static void print_line(struct results *r, char *line)
{
	if (line)
		fprintf(r->to, "%s\n", line);
	else
		r->err = -ENOMEM;
	free(line);
}

static void print_waiting(struct printing *p)
{
	if (p->waits)
		print_line(p->r, board_finding_json(p->b, &p->finding));
	p->any |= p->waits;
	p->waits = false;
}

static void print_flow(void *arg, const void *thing)
{
	const struct flow_line *line = thing;
	struct printing *p = arg;

	if (!line->late) {
		print_waiting(p);
		p->finding = line->finding;
		p->at = line->at;
		p->waits = true;
	} else if (p->waits && p->finding.key == line->finding.key && !compare_at(&p->at, &line->at)) {
		p->finding.v.syns = line->finding.v.syns;
	}
}

static void print_until(struct results *r, const struct board *b, const struct flow_line *limit)
{
	struct printing p = { .r = r, .b = b };
	int err = r->flows ? ordered_take(r->flows, limit, print_flow, &p) : 0;

	print_waiting(&p);
	if (p.any)
		fflush(r->to); /* for whoever reads along */
	if (err)
		r->err = err;
}

void results_print_json(struct results *r, const struct board *b, __u64 before_ns)
{
	const struct flow_line limit = { .at = { .file = r->file, .first_ns = before_ns } };

	print_until(r, b, &limit);
}

void results_next_capture(struct results *r, const struct board *b)
{
	print_until(r, b, NULL);
	r->file++;
}

static void print_case(void *arg, const void *thing)
{
	const struct dns_line *line = thing;
	struct printing *p = arg;

	print_line(p->r, board_dns_json(p->b, &line->c, line->second));
}

void results_print_dns(struct results *r, const struct board *b)
{
	struct printing p = { .r = r, .b = b };
	int err = r->dns ? ordered_take(r->dns, NULL, print_case, &p) : 0;

	if (err)
		r->err = err;
}

const char *const results_counters[COUNTERS] = {
#define X(name, label) [COUNT_##name] = label,
	WIRE_COUNTERS(X)
#undef X
};

static json_t *by_reason(const struct watch_totals *t, int first, int last)
{
	json_t *o = json_object();

	for (int i = first; i <= last; i++)
		json_object_set_new(o, results_counters[i], json_integer(t->n[i]));
	return o;
}

void results_print_ledger(const struct results *r, const struct board *b, const char *ranges)
{
	const struct watch_totals *t = board_last_totals(b);
	char clean[256], *text; /* no list may cost the line by its name */
	struct books books;
	json_t *line;

	clean_copy(clean, sizeof(clean), ranges);
	board_books(b, &books);
	line = json_pack("{s{sI sI so sI sI sI sI so ss ss}}", "summary", "packets", (json_int_t)t->packets,
			 "watched", (json_int_t)t->n[COUNT_WATCHED], "unparsed",
			 by_reason(t, COUNT_UNPARSED_SHORT, COUNT_UNPARSED_QUOTE), "midstream",
			 (json_int_t)t->n[COUNT_MIDSTREAM], "opened", (json_int_t)books.opened, "judged",
			 (json_int_t)books.judged, "forgotten", (json_int_t)books.forgotten, "lost",
			 by_reason(t, COUNT_LOST_FULL, COUNT_LOST_KEY_RETIRED), "ranges", clean, "version",
			 XREACH_VERSION);
	text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	if (text)
		fprintf(r->to, "%s\n", text);
	free(text);
	json_decref(line);
}
