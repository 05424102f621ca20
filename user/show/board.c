// SPDX-License-Identifier: GPL-2.0
/* The board: from records and totals to findings, tallies and the books. */
#include "show/board.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judge/injection.h"
#include "show/board_state.h"
#include "show/clean.h"
#include "show/explain.h"
#include "show/finding.h"

/* The rules of a list, their groups by slot; places_set() comes before it. */
static int set_names(struct board *b, const struct ranges *ranges)
{
	struct name_rule *rules = calloc(ranges->n_names + 1, sizeof(*rules));
	size_t n = 0;
	int err;

	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < ranges->n_names; i++) {
		const struct range_name *from = &ranges->names[i];
		int slot = board_slot(b, from->group);

		if (slot < 0)
			continue;
		snprintf(rules[n].name, sizeof(rules[n].name), "%s", from->name);
		rules[n].exact = from->exact;
		rules[n++].group = (__u8)slot;
	}
	err = server_names_set(b->names, rules, n);
	free(rules);
	return err;
}

struct board *board_new(const struct board_setup *setup)
{
	struct board *b = calloc(1, sizeof(*b));
	char host[sizeof(b->host)] = "";

	if (!b)
		return NULL;
	b->setup = *setup;
	b->waits = setup->waits ? *setup->waits : waits_default;
	b->tally = tally_new();
	b->rtts = rtts_new();
	b->where = where_new();
	b->ways = ways_new();
	b->pace = pace_new();
	b->names = server_names_new();
	b->hellos = hellos_new(setup->flows);
	b->sites = calloc(setup->sites_count + 1, sizeof(*b->sites));
	if (!b->tally || !b->rtts || !b->where || !b->ways || !b->pace || !b->names || !b->hellos || !b->sites ||
	    board_dns_open(b) || places_set(&b->places, setup->ranges) || set_names(b, setup->ranges) ||
	    board_incidents_new(b)) {
		board_free(b);
		return NULL;
	}
	if (board_dns_own(b, setup->sites, setup->sites_count)) {
		board_free(b);
		return NULL;
	}
	for (unsigned int i = 0; i < setup->sites_count; i++)
		clean_copy(b->sites[i + 1], sizeof(b->sites[0]), setup->sites[i].name ? setup->sites[i].name : "");
	b->list = setup->ranges;
	if (setup->nat64)
		b->nat64 = *setup->nat64;
	b->setup.nat64 = NULL;
	b->setup.ranges = NULL;
	b->setup.sites = NULL;
	b->setup.waits = NULL;
	if (gethostname(host, sizeof(host) - 1))
		host[0] = '\0';
	clean_copy(b->host, sizeof(b->host), host);
	recent_init(&b->recent);
	b->books.balance = true;
	return b;
}

void board_free(struct board *b)
{
	if (!b)
		return;
	places_clear(&b->places);
	former_clear(&b->former);
	tally_free(b->tally);
	rtts_free(b->rtts);
	where_free(b->where);
	ways_free(b->ways);
	pace_free(b->pace);
	hellos_free(b->hellos); /* which point to rules */
	board_dns_close(b);	/* which do so too */
	server_names_free(b->names);
	incidents_free(b->incidents);
	free(b->past);
	free(b->sites);
	free(b->own);
	free(b->hooks);
	free(b);
}

/* ---- records --------------------------------------------------------------------------------------------- */

/* Seconds from the first packet to the RST that ended the flow: reckoned back from now, for the flow may have outlived
 * the 2^32 microseconds of its offset. */
static __u32 reset_after_s(const struct wire_record *record)
{
	const struct wire_flow *f = &record->flow;
	__u64 age_us = record->now_ns > f->first_ns ? (record->now_ns - f->first_ns) / 1000 : 0;
	__u32 ago_us = (__u32)age_us - f->rst.at_us;

	if ((__s32)ago_us < 0 || ago_us > age_us) /* the clock was read just before the RST came */
		ago_us = 0;
	return (__u32)((age_us - ago_us) / 1000000);
}

/* Seconds from the first packet to the client packet that decided the flow (spec: what counts, and when). */
static __u32 decided_after_s(const struct wire_record *record, const struct verdict *v)
{
	const struct wire_flow *f = &record->flow;
	__u32 coarse;

	switch (v->stage) {
	case STAGE_POST_ACK:
		return f->handshake_us / 1000000;
	case STAGE_POST_PSH:
		return f->up_data_us / 1000000;
	case STAGE_LATER:
		if (v->outcome == OUTCOME_RESET)
			return reset_after_s(record);
		if (v->outcome != OUTCOME_FROZEN || !f->wait_c)
			return f->up_data_us / 1000000;
		coarse = f->wait_c - f->first_c; /* units of 1,024 us */
		return (__u32)((__u64)coarse * 1024 / 1000000);
	default:
		return 0; /* the first SYN */
	}
}

/*
 * The name asked for. A rule counts for its own group only: in the target's space for the target, and in a control's
 * space that serves the target, too, it makes the flow the target's.
 */
static void find_name(struct board *b, const struct place *place, struct finding *f, __u64 first_ns)
{
	const struct name_rule *rule;

	f->v.sni = hellos_find(b->hellos, b->names, f->key, first_ns, f->kind == RECORD_FINAL, &rule);
	if (!rule)
		return;
	if (place && place->shared_with == (int)rule->group)
		f->group = rule->group;
	if (rule->group == f->group)
		f->rule = rule->name;
	else
		f->v.sni = SNI_OTHER;
}

/*
 * A shared range counts only with a matching name. A control's own space that also serves the target stays the
 * control's without one. A flow whose group no list knows any more (open over two reloads) is forgotten too:
 * there is nothing it could be counted under.
 */
static bool is_forgotten(const struct finding *f, __u32 state, bool known)
{
	return !known || ((state & STATE_SHARED) && !(state & STATE_CONTROL) && f->v.sni != SNI_MATCH);
}

static void make_finding(struct board *b, const struct wire_record *record, struct finding *f)
{
	const struct wire_flow *flow = &record->flow;
	const struct place *place = places_find(&b->places, flow->prefix);
	int slot = place ? place->slot : board_slot(b, (flow->state & STATE_GROUP_MASK) >> STATE_GROUP_SHIFT);

	memset(f, 0, sizeof(*f));
	/* a median is sorted out of its flows: only where there is a RST to hold against it */
	judge(record, &b->waits,
	      record->has_evidence && record->evidence.n_down ? rtts_median(b->rtts, flow->prefix) : 0, &f->v);
	f->kind = record->kind;
	f->key = flow->key;
	f->prefix = flow->prefix;
	f->group = slot < 0 ? 0 : (__u8)slot;
	f->site = flow->site;
	find_name(b, place, f, flow->first_ns);
	memcpy(f->server, flow->server, sizeof(f->server));
	f->port = ntohs(flow->port_be);
	f->drop_reason = flow->drop_reason;
	if (record->has_evidence && record->evidence.has_icmp_source &&
	    (f->v.outcome == OUTCOME_PROHIBITED || f->v.outcome == OUTCOME_UNREACHABLE)) {
		f->has_icmp_source = true;
		memcpy(f->icmp_source, record->evidence.icmp_source, sizeof(f->icmp_source));
	}
	f->told = flow->state & STATE_TOLD;
	f->told_later = flow->state & STATE_TOLD_LATER;
	f->forgotten = is_forgotten(f, flow->state, slot >= 0);
	f->first_s = b->setup.wall(b->setup.arg, flow->first_ns);
	f->decided_after_s = decided_after_s(record, &f->v);
	f->serial = ++b->serial;
}

/* "high (8): too_fast, alive_after_reset" */
static void injected_text(const struct verdict *v, char *text, size_t n)
{
	const char *comma = "";
	size_t at;

	text[0] = '\0';
	if (!v->evidence)
		return;
	at = (size_t)snprintf(text, n, "%s (%u): ", level_name(v->level), v->score);
	for (unsigned int i = 0; i < INJECTION_ROWS && at < n; i++) {
		if (!(v->evidence >> i & 1))
			continue;
		at += (size_t)snprintf(text + at, n - at, "%s%s", comma, evidence_name(i));
		comma = ", ";
	}
}

static void make_flow(const struct board *b, const struct finding *f, struct view_flow *out)
{
	const struct verdict *v = &f->v;
	const char *reason =
		f->drop_reason && b->setup.drop_reason ? b->setup.drop_reason(b->setup.arg, f->drop_reason) : "";

	memset(out, 0, sizeof(*out));
	out->id = f->serial;
	out->minute = (time_t)finding_minute(f->first_s);
	clean_copy(out->group, sizeof(out->group), board_group_name(b, f->group));
	clean_copy(out->site, sizeof(out->site), board_site_name(b, f->site));
	finding_server(f->server, v->v6, out->server, sizeof(out->server));
	if (f->has_icmp_source)
		finding_server(f->icmp_source, v->v6, out->icmp_source, sizeof(out->icmp_source));
	clean_copy(out->prefix, sizeof(out->prefix), board_prefix_text(b, f->prefix));
	out->port = f->port;
	clean_copy(out->transport, sizeof(out->transport), v->quic ? "quic" : "tcp");
	clean_copy(out->family, sizeof(out->family), v->v6 ? "ipv6" : "ipv4");
	clean_copy(out->stage, sizeof(out->stage), stage_name(v->stage));
	clean_copy(out->outcome, sizeof(out->outcome), outcome_name(v->outcome));
	clean_copy(out->why, sizeof(out->why), reason_name(v->why));
	clean_copy(out->signature, sizeof(out->signature), signature_name(v->signature));
	clean_copy(out->sni, sizeof(out->sni), sni_name(v->sni));
	clean_copy(out->rule, sizeof(out->rule), f->rule ? f->rule : "");
	out->syns = v->syns;
	out->bytes_up = v->bytes_up;
	out->bytes_down = v->bytes_down;
	out->goodput = v->goodput;
	out->answer_ms = v->answer_us / 1000.0;
	out->evidence = v->evidence;
	clean_copy(out->resembles, sizeof(out->resembles), pattern_words((enum pattern)v->resembles));
	clean_copy(out->level, sizeof(out->level), level_name(v->level));
	out->rtt_ms = v->has_rtt ? v->rtt_us / 1000.0 : -1;
	out->answer_hops = hops_from_ttl(v->answer_ttl);
	out->server_hops = hops_from_ttl(v->server_ttl);
	injected_text(v, out->injected, sizeof(out->injected));
	out->interim = f->kind == RECORD_INTERIM;
	out->dropped_here = v->dropped_here;
	clean_copy(out->drop_reason, sizeof(out->drop_reason), reason ? reason : "");
}

void board_record(void *arg, const struct wire_record *record)
{
	struct board *b = arg;
	struct view_flow flow;
	struct finding f;
	bool show;

	if (record->kind == RECORD_LATE_SYNS) {
		b->late_syns++; /* counted as final before; that stays so */
		return;
	}
	if (record->kind != RECORD_INTERIM && record->kind != RECORD_FINAL)
		return;
	make_finding(b, record, &f);
	tally_add(b->tally, &f);
	if (f.kind == RECORD_FINAL && f.v.has_rtt && !f.v.quic) /* after it was judged itself */
		rtts_add(b->rtts, f.prefix, f.v.rtt_us);
	where_add(b->where, &f);
	ways_add(b->ways, &f);
	pace_add(b->pace, &f);
	board_incidents_record(b, record, &f);
	if (f.forgotten)
		return;
	show = f.v.outcome != OUTCOME_OK && f.v.outcome != OUTCOME_CLIENT_ABORT && f.v.outcome != OUTCOME_UNJUDGED;
	if (show)
		make_flow(b, &f, &flow);
	recent_note(&b->recent, f.key, f.told, show ? &flow : NULL);
	if (f.kind == RECORD_FINAL && b->setup.finding)
		b->setup.finding(b->setup.arg, &f, record);
}

void board_hello(void *arg, const struct wire_hello *hello)
{
	struct board *b = arg;

	hellos_add(b->hellos, b->names, hello);
}

void board_next_capture(struct board *b)
{
	rtts_clear(b->rtts);
	dns_pairs_flush(b->pairs);
}

/* ---- totals and the books -------------------------------------------------------------------------------- */

static __u64 sum_lost(const __u64 n[COUNTERS])
{
#define X(name, label) +n[COUNT_##name]
	return 0 WIRE_LOST(X);
#undef X
}

/*
 * Does it add up? What was handed out must have arrived, exactly, whenever nothing was handed out since the last
 * totals. While records flow, some may be on their way; then all that was handed out by the last totals must be
 * here, and no more may have been here by then than is handed out now.
 */
static void close_books(struct books *books, const __u64 n[COUNTERS], __u64 judged, __u64 forgotten)
{
	const struct books last = *books;
	__u64 here = judged + forgotten;

	books->opened = n[COUNT_OPENED];
	books->judged = judged;
	books->forgotten = forgotten;
	books->lost = sum_lost(n);
	books->handed = n[COUNT_HANDED];
	books->open = (__s64)(books->opened - books->lost - here);
	books->in_ring = (__s64)(books->handed - here);
	books->balance = books->open >= 0 &&
			 (!books->in_ring || (books->handed != last.handed && here >= last.handed &&
					      last.judged + last.forgotten <= books->handed));
}

/* More since last time; a counter that went back started anew. */
static __u64 grown(__u64 now, __u64 before)
{
	return now >= before ? now - before : now;
}

void board_totals(struct board *b, const struct watch_totals *totals, __s64 now)
{
	__u64 opened[WIRE_GROUPS_MAX] = { 0 };

	for (unsigned int group = 0; group < WIRE_GROUPS_MAX; group++) {
		int slot = board_slot(b, group);

		for (unsigned int i = 0; slot >= 0 && i < GROUP_COUNTERS; i++) {
			__u64 more = grown(totals->groups[group].n[i], b->totals.groups[group].n[i]);

			b->groups[slot].n[i] += more;
			opened[slot] += i == GROUP_OPENED ? more : 0;
		}
	}
	for (unsigned int slot = 0; slot < b->places.n_groups; slot++)
		tally_opened(b->tally, (__u8)slot, opened[slot], now);
	hellos_expire(b->hellos, b->names, now);
	close_books(&b->books, totals->n, tally_judged(b->tally), tally_forgotten(b->tally));
	b->totals = *totals;
	board_incidents_totals(b, now);
}

int board_ranges(struct board *b, const struct ranges *ranges)
{
	int err = former_reserve(&b->former, b->places.n_now);

	if (!err)
		err = places_set(&b->places, ranges);
	if (!err)
		err = set_names(b, ranges);
	if (err)
		return err;
	b->list = ranges;
	former_note(&b->former, &b->places, b->tally);
	board_incidents_ranges(b);
	return 0;
}

int board_hooks(struct board *b, const struct watch_hook *hooks, size_t n)
{
	struct view_hook *copy;

	n = n < VIEW_HOOKS ? n : VIEW_HOOKS;
	copy = calloc(n + 1, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		clean_copy(copy[i].name, sizeof(copy[i].name), hooks[i].name);
		clean_copy(copy[i].where, sizeof(copy[i].where), hooks[i].where);
		clean_copy(copy[i].how, sizeof(copy[i].how), hooks[i].how);
		clean_copy(copy[i].note, sizeof(copy[i].note), hooks[i].note);
		copy[i].attached = hooks[i].attached;
	}
	free(b->hooks);
	b->hooks = copy;
	b->n_hooks = n;
	return 0;
}

void board_sample(struct board *b, unsigned int slot, double share)
{
	if (slot < b->places.n_groups)
		b->places.groups[slot].sample = share;
}

/* ---- for others ------------------------------------------------------------------------------------------ */

const struct tally *board_tally(const struct board *b)
{
	return b->tally;
}

unsigned int board_groups(const struct board *b)
{
	return b->places.n_groups;
}

const char *board_group_name(const struct board *b, unsigned int slot)
{
	return slot < b->places.n_groups ? b->places.groups[slot].name : "";
}

double board_group_sample(const struct board *b, unsigned int slot)
{
	return slot < WIRE_GROUPS_MAX && b->places.groups[slot].in_force ? b->places.groups[slot].sample : -1;
}

bool board_group_is_target(const struct board *b, unsigned int slot)
{
	return slot < b->places.n_groups && b->places.groups[slot].role == ROLE_TARGET;
}

int board_slot(const struct board *b, unsigned int group)
{
	return group < WIRE_GROUPS_MAX ? b->places.slots[group] : -1;
}

const char *board_ranges_version(const struct board *b)
{
	return b->places.version;
}

const char *board_ranges_hash(const struct board *b)
{
	return b->places.hash;
}

const char *board_prefix_text(const struct board *b, __u32 prefix)
{
	const struct place *place = places_find(&b->places, prefix);

	return place ? place->text : "";
}

const char *board_site_name(const struct board *b, unsigned int site)
{
	return site <= b->setup.sites_count ? b->sites[site] : "";
}

char *board_finding_json(const struct board *b, const struct finding *f)
{
	return finding_to_json(f, board_group_name(b, f->group), board_prefix_text(b, f->prefix));
}

const char *board_explain(const struct board *b, const struct finding *f, char *text)
{
	struct view_flow flow;

	make_flow(b, f, &flow);
	explain_flow(&flow, text);
	return explain_limits(&flow);
}

void board_books(const struct board *b, struct books *out)
{
	*out = b->books;
}

const struct watch_totals *board_last_totals(const struct board *b)
{
	return &b->totals;
}

const struct wire_group_totals *board_group_totals(const struct board *b, unsigned int slot)
{
	return &b->groups[slot < WIRE_GROUPS_MAX ? slot : 0];
}
