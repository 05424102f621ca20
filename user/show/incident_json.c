// SPDX-License-Identifier: GPL-2.0
/* One incident as the contract's JSON object: see incident_json.h. */
#include "show/incident_json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "version.h"
#include "show/board_state.h"
#include "show/clean.h"

#define TIME_TEXT 32
static void utc(__s64 second, const char *format, char *text, size_t n)
{
	time_t t = (time_t)second;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text, n, format, &tm))
		snprintf(text, n, "?");
}

/* "2024-02-17T16:04:10Z": to the second, for it is of the network and of no person. */
static void time_text(__s64 second, char *text, size_t n)
{
	utc(second, "%Y-%m-%dT%H:%M:%SZ", text, n);
}

void incident_id(const char *group, __s64 since, char *text, size_t n)
{
	char time[TIME_TEXT];

	utc(since, "%Y%m%dT%H%M%SZ", time, sizeof(time));
	snprintf(text, n, "%s-%s", group, time);
}

/* 0 is "not yet", or "never known". */
static json_t *moment(__s64 second)
{
	char text[TIME_TEXT];

	if (!second)
		return json_null();
	time_text(second, text, sizeof(text));
	return json_string(text);
}

static json_t *decimals(double value, double unit)
{
	return value < 0 || !isfinite(value) ? json_null() : json_real(round(value / unit) * unit);
}

static json_t *whole(int value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *phases(const struct incident *in)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < in->n_phases; i++) {
		/* of one that was closed without an end the last phase has none either */
		bool ends = i + 1 < in->n_phases || in->open || in->ended;

		json_array_append_new(array, json_pack("{so so ss}", "from", moment(in->phases[i].from), "to",
						       moment(ends ? in->phases[i].to : 0), "state",
						       word_names[in->phases[i].state]));
	}
	return array;
}

/* Names of ids of a kind. What has left the lists is not known any more and left out. */
static json_t *names(const struct board *b, enum stream_kind kind, const __u32 *ids, unsigned int n)
{
	json_t *array = json_array();
	char text[48];

	for (unsigned int i = 0; i < n; i++) {
		switch (kind) {
		case STREAM_PREFIX:
			clean_copy(text, sizeof(text), board_prefix_text(b, ids[i]));
			break;
		case STREAM_SITE:
			clean_copy(text, sizeof(text), board_site_name(b, ids[i]));
			break;
		case STREAM_FAMILY:
			snprintf(text, sizeof(text), "%s", ids[i] == 6 ? "ipv6" : "ipv4");
			break;
		default:
			snprintf(text, sizeof(text), "%s", ids[i] == 17 ? "quic" : "tcp");
			break;
		}
		if (*text)
			json_array_append_new(array, json_string(text));
	}
	return array;
}

static json_t *scope(const struct board *b, const struct incident *in, enum stream_kind kind)
{
	return names(b, kind, in->scope[kind], in->n_scope[kind]);
}

static json_t *affected(const struct board *b, const struct incident *in, enum stream_kind kind)
{
	return names(b, kind, in->affected[kind], in->n_affected[kind]);
}

static json_t *mechanisms(const struct incident_report *r)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < r->n_signatures; i++)
		json_array_append_new(array,
				      json_pack("{ss so}", "signature", signature_name(r->signatures[i].signature),
						"share", decimals(r->signatures[i].share, .001)));
	return array;
}

static json_t *by(const struct incident_report *r)
{
	json_t *array = json_array();

	for (int m = 0; m < MECHANISMS; m++)
		if (r->by >> m & 1)
			json_array_append_new(array, json_string(mechanism_name((enum mechanism)m)));
	return array;
}

static json_t *could_be(const struct incident_report *r)
{
	json_t *array = json_array();

	for (int c = 0; c < COULD_BES; c++)
		if (r->could_be >> c & 1)
			json_array_append_new(array, json_string(could_be_name((enum could_be)c)));
	return array;
}

/* Of a key in the order of the contract; NULL when out of memory. */
static json_t *object_of(const struct board *b, const struct incident_report *r)
{
	const struct incident *in = &r->in;
	char id[INCIDENT_ID], group[32], ranges[80];
	double ratio = in->attempts && in->worst != WORD_VANISHED ? (double)in->failures / (double)in->attempts
								  : -1;

	clean_copy(group, sizeof(group), board_group_name(b, in->group));
	clean_copy(ranges, sizeof(ranges), *b->places.date ? b->places.date : b->places.version);
	incident_id(group, in->since, id, sizeof(id));
	return json_pack("{s{ss ss ss ss so si sb so so so sb s{so so so so} sI sI so so so sb so so so so so so so"
			 " s{so so so so} ss ss ss ss}}",
			 "incident", "id", id, "group", group, "site", "all", "state", word_names[in->worst],
			 "since", moment(in->since), "since_uncertainty_s", (int)in->since_uncertainty_s,
			 "since_bound", (int)in->since_bound, "detected", moment(in->detected), "ended",
			 moment(in->ended), "phases", phases(in), "unobserved", (int)in->unobserved, "scope",
			 "sites", scope(b, in, STREAM_SITE), "prefixes", scope(b, in, STREAM_PREFIX), "families",
			 scope(b, in, STREAM_FAMILY), "transports", scope(b, in, STREAM_TRANSPORT), "attempts",
			 (json_int_t)in->attempts, "failures", (json_int_t)in->failures, "failure_ratio",
			 decimals(ratio, .001), "baseline_ratio", decimals(in->baseline, .001),
			 "control_failure_ratio", decimals(in->control_share, .001), "common", (int)in->common,
			 "could_be", could_be(r), "mechanisms", mechanisms(r), "by", by(r), "transports",
			 affected(b, in, STREAM_TRANSPORT), "families", affected(b, in, STREAM_FAMILY), "prefixes",
			 affected(b, in, STREAM_PREFIX), "sites", affected(b, in, STREAM_SITE), "responder", "hops",
			 whole(r->hops), "rtt_ms", decimals(r->ms, .1), "server_hops", whole(r->server_hops),
			 "server_rtt_ms", decimals(r->server_ms, .1), "clients", r->clients, "rule", INCIDENT_RULE,
			 "ranges", ranges, "version", XREACH_VERSION);
}

static bool is_of_parts(const struct incident *in)
{
	for (unsigned int kind = 0; kind < STREAM_KINDS; kind++)
		if (in->n_scope[kind])
			return true;
	return false;
}

/*
 * What the contract asks to be told but has no key for, where there is any of it: the state of the named parts by
 * themselves, why no more than `likely_blocked` is said, and what an interrupted watch has not seen.
 */
static void add_more(json_t *object, const struct incident *in)
{
	json_t *inner = json_object_get(object, "incident");

	if (is_of_parts(in) && in->named != WORD_INSUFFICIENT && in->named != in->worst)
		json_object_set_new(inner, "part_state", json_string(word_names[in->named]));
	if (in->few_clients)
		json_object_set_new(inner, "few_clients", json_true());
	if (!in->interruptions)
		return;
	json_object_set_new(inner, "interruptions", json_integer(in->interruptions));
	json_object_set_new(inner, "unwatched_s", json_integer(in->unwatched_s));
}

char *incident_to_json(const struct board *b, const struct incident_report *report)
{
	json_t *object = object_of(b, report);
	char *text;

	add_more(object, &report->in);
	/* fifteen digits show a decimal as it was rounded, not as a double holds it */
	text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

	json_decref(object);
	return text;
}
