// SPDX-License-Identifier: GPL-2.0
/* Reading an incident's object back: see told.h. */
#include "show/told.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "keep/history_read.h"
#include "keep/wrapped.h"
#include "show/clean.h"

/* "2024-02-17T16:04:10Z"; 0 where it is none. */
static __s64 time_of(const char *text)
{
	struct tm utc = {};
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc) : NULL;

	return end && !*end ? timegm(&utc) : 0;
}

static void take_text(char *to, size_t n, const json_t *o)
{
	clean_copy(to, n, json_is_string(o) ? json_string_value(o) : "");
}
#define TEXT(field, key) take_text(t->field, sizeof(t->field), json_object_get(o, key))

/* "a, b, and 3 more": or more than these, where the object itself has as many as it may. */
static void take_list(char to[TOLD_LIST], const json_t *array)
{
	size_t n = json_array_size(array), used = 0;

	to[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		char one[64];

		take_text(one, sizeof(one), json_array_get(array, i));
		if (used + strlen(one) + 32 > TOLD_LIST) {
			snprintf(to + used, TOLD_LIST - used, ", and %zu %smore", n - i,
				 n < INCIDENT_SCOPE ? "" : "or ");
			return;
		}
		used += (size_t)snprintf(to + used, TOLD_LIST - used, "%s%s", used ? ", " : "", one);
	}
}

static double number(const json_t *o)
{
	double value = json_is_number(o) ? json_number_value(o) : -1;

	return isfinite(value) && value >= 0 ? value : -1;
}

static __u64 count(const json_t *o)
{
	json_int_t value = json_integer_value(o);

	return value > 0 ? (__u64)value : 0;
}

static void take_phases(struct told *t, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array) && t->n_phases < TOLD_PHASES; i++) {
		const json_t *o = json_array_get(array, i);

		t->phases[t->n_phases].from = time_of(json_string_value(json_object_get(o, "from")));
		t->phases[t->n_phases].to = time_of(json_string_value(json_object_get(o, "to")));
		take_text(t->phases[t->n_phases].state, sizeof(t->phases[0].state), json_object_get(o, "state"));
		if (t->phases[t->n_phases].from)
			t->n_phases++;
	}
}

static void take_signatures(struct told *t, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array) && t->n_signatures < TOLD_SIGNATURES;
	     i++, t->n_signatures++) {
		const json_t *o = json_array_get(array, i);

		take_text(t->signatures[i].signature, sizeof(t->signatures[0].signature),
			  json_object_get(o, "signature"));
		t->signatures[i].share = number(json_object_get(o, "share"));
	}
}

static void take_could_be(struct told *t, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array) && t->n_could_be < TOLD_COULD_BE; i++)
		take_text(t->could_be[t->n_could_be++], sizeof(t->could_be[0]), json_array_get(array, i));
}

static void take_object(struct told *t, const json_t *o)
{
	const json_t *scope = json_object_get(o, "scope"), *responder = json_object_get(o, "responder");

	TEXT(id, "id");
	TEXT(group, "group");
	TEXT(site, "site");
	TEXT(state, "state");
	TEXT(part_state, "part_state");
	TEXT(clients, "clients");
	TEXT(rule, "rule");
	TEXT(ranges, "ranges");
	TEXT(version, "version");
	t->since = time_of(json_string_value(json_object_get(o, "since")));
	t->detected = time_of(json_string_value(json_object_get(o, "detected")));
	t->ended = time_of(json_string_value(json_object_get(o, "ended")));
	t->uncertainty_s = number(json_object_get(o, "since_uncertainty_s"));
	t->since_bound = json_is_true(json_object_get(o, "since_bound"));
	t->unobserved = json_is_true(json_object_get(o, "unobserved"));
	t->common = json_is_true(json_object_get(o, "common"));
	t->few_clients = json_is_true(json_object_get(o, "few_clients"));
	t->interruptions = count(json_object_get(o, "interruptions"));
	t->unwatched_s = count(json_object_get(o, "unwatched_s"));
	take_phases(t, json_object_get(o, "phases"));
	take_list(t->scope_sites, json_object_get(scope, "sites"));
	take_list(t->scope_prefixes, json_object_get(scope, "prefixes"));
	take_list(t->scope_families, json_object_get(scope, "families"));
	take_list(t->scope_transports, json_object_get(scope, "transports"));
	take_list(t->by, json_object_get(o, "by"));
	take_list(t->sites, json_object_get(o, "sites"));
	take_list(t->prefixes, json_object_get(o, "prefixes"));
	take_list(t->families, json_object_get(o, "families"));
	take_list(t->transports, json_object_get(o, "transports"));
	take_could_be(t, json_object_get(o, "could_be"));
	take_signatures(t, json_object_get(o, "mechanisms"));
	t->attempts = count(json_object_get(o, "attempts"));
	t->failures = count(json_object_get(o, "failures"));
	t->baseline_ratio = number(json_object_get(o, "baseline_ratio"));
	t->control_ratio = number(json_object_get(o, "control_failure_ratio"));
	t->hops = number(json_object_get(responder, "hops"));
	t->rtt_ms = number(json_object_get(responder, "rtt_ms"));
	t->server_hops = number(json_object_get(responder, "server_hops"));
	t->server_rtt_ms = number(json_object_get(responder, "server_rtt_ms"));
}

int told_parse(const char *text, struct told *out)
{
	json_t *o = wrapped_value("incident", text);
	struct told t = {};
	int err = json_is_object(o) ? 0 : -EINVAL;

	if (!err)
		take_object(&t, o);
	if (!err && (!*t.group || !*t.state || !t.since))
		err = -EINVAL;
	json_decref(o);
	if (!err)
		*out = t;
	return err;
}

int told_record(const struct past_incident *record, struct told *out)
{
	int err = told_parse(record->object, out);

	if (err)
		return err;
	out->last_known = out->ended ? 0 : record->ended;
	out->told_at = record->changed;
	return 0;
}
