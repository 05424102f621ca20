// SPDX-License-Identifier: GPL-2.0
/*
 * struct view as JSON and back. Each struct has one table of its members, which both ways go by. What comes from
 * the socket is believed in nothing: every key must be there, of its type, within its bounds, and fit to show.
 */
#include "show/view.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/clean.h"

/* WORD: a state, in words here and as the contract writes it there */
enum type { TEXT, WORD, FLAG, COUNT, TIME, PORT, SMALL, LONG, REAL, SPARK };

struct member {
	const char *key;
	enum type type;
	size_t at, size;
};

struct list {
	const char *key;
	const struct member *members;
	size_t n_members, item, max;
	size_t at, n_at; /* of the pointer (or of the array itself) and of the count in struct view */
	bool within;	 /* an array within struct view */
};

#define MEMBER(s, m, t) \
	{ \
#m, t, offsetof(struct s, m), sizeof(((struct s *)0)->m) \
	}
#define N(table) (sizeof(table) / sizeof((table)[0]))

static const struct member view_members[] = {
	MEMBER(view, version, TEXT),	   MEMBER(view, host, TEXT),	MEMBER(view, ranges, TEXT),
	MEMBER(view, now, TIME),	   MEMBER(view, since, TIME),	MEMBER(view, daemon, FLAG),
	MEMBER(view, books_balance, FLAG), MEMBER(view, keeping, TEXT),
};

static const struct member group_members[] = {
	MEMBER(view_group, name, TEXT),	       MEMBER(view_group, target, FLAG),
	MEMBER(view_group, per_second, REAL),  MEMBER(view_group, failing, REAL),
	MEMBER(view_group, attempts, COUNT),   MEMBER(view_group, succeeded, COUNT),
	MEMBER(view_group, failed, COUNT),     MEMBER(view_group, neither, COUNT),
	MEMBER(view_group, spark, SPARK),      MEMBER(view_group, sample, REAL),
	MEMBER(view_group, least, REAL),       MEMBER(view_group, state, WORD),
	MEMBER(view_group, state_since, TIME), MEMBER(view_group, since_bound, FLAG),
	MEMBER(view_group, word_since, TIME),  MEMBER(view_group, word_before, WORD),
	MEMBER(view_group, note, TEXT),	       MEMBER(view_group, how, TEXT),
	MEMBER(view_group, from, TEXT),	       MEMBER(view_group, dns, TEXT),
	MEMBER(view_group, clients, TEXT),
};

static const struct member flow_members[] = {
	MEMBER(view_flow, id, COUNT),	       MEMBER(view_flow, minute, TIME),
	MEMBER(view_flow, group, TEXT),	       MEMBER(view_flow, site, TEXT),
	MEMBER(view_flow, server, TEXT),       MEMBER(view_flow, prefix, TEXT),
	MEMBER(view_flow, port, PORT),	       MEMBER(view_flow, transport, TEXT),
	MEMBER(view_flow, family, TEXT),       MEMBER(view_flow, stage, TEXT),
	MEMBER(view_flow, outcome, TEXT),      MEMBER(view_flow, why, TEXT),
	MEMBER(view_flow, signature, TEXT),    MEMBER(view_flow, rtt_ms, REAL),
	MEMBER(view_flow, sni, TEXT),	       MEMBER(view_flow, rule, TEXT),
	MEMBER(view_flow, syns, COUNT),	       MEMBER(view_flow, bytes_up, COUNT),
	MEMBER(view_flow, bytes_down, COUNT),  MEMBER(view_flow, goodput, COUNT),
	MEMBER(view_flow, answer_ms, REAL),    MEMBER(view_flow, level, TEXT),
	MEMBER(view_flow, evidence, COUNT),    MEMBER(view_flow, resembles, TEXT),
	MEMBER(view_flow, injected, TEXT),     MEMBER(view_flow, answer_hops, SMALL),
	MEMBER(view_flow, server_hops, SMALL), MEMBER(view_flow, interim, FLAG),
	MEMBER(view_flow, dropped_here, FLAG), MEMBER(view_flow, drop_reason, TEXT),
	MEMBER(view_flow, icmp_source, TEXT),
};

static const struct member prefix_members[] = {
	MEMBER(view_prefix, prefix, TEXT),  MEMBER(view_prefix, group, TEXT),
	MEMBER(view_prefix, class, TEXT),   MEMBER(view_prefix, attempts, COUNT),
	MEMBER(view_prefix, failed, COUNT), MEMBER(view_prefix, succeeded, COUNT),
	MEMBER(view_prefix, failing, REAL), MEMBER(view_prefix, worst, TEXT),
	MEMBER(view_prefix, state, WORD),   MEMBER(view_prefix, where, TEXT),
};

static const struct member signature_members[] = {
	MEMBER(view_signature, signature, TEXT), MEMBER(view_signature, stage, TEXT),
	MEMBER(view_signature, outcome, TEXT),	 MEMBER(view_signature, target, COUNT),
	MEMBER(view_signature, control, COUNT),
};

static const struct member hook_members[] = {
	MEMBER(view_hook, name, TEXT),	   MEMBER(view_hook, where, TEXT), MEMBER(view_hook, how, TEXT),
	MEMBER(view_hook, attached, FLAG), MEMBER(view_hook, note, TEXT),
};

static const struct member ledger_members[] = {
	MEMBER(view_ledger, name, TEXT),
	MEMBER(view_ledger, value, COUNT),
};

static const struct member incident_members[] = {
	MEMBER(view_incident, id, TEXT),	  MEMBER(view_incident, group, TEXT),
	MEMBER(view_incident, state, WORD),	  MEMBER(view_incident, now, WORD),
	MEMBER(view_incident, since, TIME),	  MEMBER(view_incident, ended, TIME),
	MEMBER(view_incident, uncertainty, LONG), MEMBER(view_incident, open, FLAG),
	MEMBER(view_incident, target, FLAG),	  MEMBER(view_incident, attempts, COUNT),
	MEMBER(view_incident, failures, COUNT),	  MEMBER(view_incident, failing, REAL),
	MEMBER(view_incident, baseline, REAL),	  MEMBER(view_incident, controls, REAL),
	MEMBER(view_incident, how, TEXT),	  MEMBER(view_incident, from, TEXT),
	MEMBER(view_incident, scope, TEXT),	  MEMBER(view_incident, seen, TEXT),
	MEMBER(view_incident, clients, TEXT),	  MEMBER(view_incident, could_be, TEXT),
	MEMBER(view_incident, note, TEXT),
};

static const struct member site_members[] = {
	MEMBER(view_site, group, TEXT),	    MEMBER(view_site, site, TEXT),    MEMBER(view_site, state, WORD),
	MEMBER(view_site, attempts, COUNT), MEMBER(view_site, failed, COUNT), MEMBER(view_site, succeeded, COUNT),
};

static const struct member astray_members[] = {
	MEMBER(view_astray, group, TEXT),    MEMBER(view_astray, rule, TEXT),
	MEMBER(view_astray, verdict, TEXT),  MEMBER(view_astray, address, TEXT),
	MEMBER(view_astray, after_ms, REAL), MEMBER(view_astray, apart_ms, REAL),
	MEMBER(view_astray, hops, SMALL),    MEMBER(view_astray, times, COUNT),
	MEMBER(view_astray, minute, TIME),   MEMBER(view_astray, advice, TEXT),
};

#define LIST(list, type, members, max, within) \
	{ \
#list, members, N(members), sizeof(struct type), max, offsetof(struct view, list), \
			offsetof(struct view, n_##list), within \
	}
static const struct list lists[] = {
	LIST(groups, view_group, group_members, WIRE_GROUPS_MAX, true),
	LIST(flows, view_flow, flow_members, VIEW_FLOWS, false),
	LIST(prefixes, view_prefix, prefix_members, VIEW_PREFIXES, false),
	LIST(signatures, view_signature, signature_members, VIEW_SIGNATURES, false),
	LIST(hooks, view_hook, hook_members, VIEW_HOOKS, false),
	LIST(ledger, view_ledger, ledger_members, VIEW_LEDGER, false),
	LIST(incidents, view_incident, incident_members, VIEW_INCIDENTS, false),
	LIST(sites, view_site, site_members, VIEW_SITES, false),
	LIST(astray, view_astray, astray_members, VIEW_ASTRAY, false),
};

static size_t *list_count(const struct view *view, const struct list *list)
{
	return (size_t *)((char *)view + list->n_at);
}

static char *list_items(const struct view *view, const struct list *list)
{
	char *at = (char *)view + list->at, *items;

	if (list->within)
		return at;
	memcpy(&items, at, sizeof(items));
	return items;
}

/* The pointers are of many types; they are copied as bytes, so that no type is pretended. */
static void list_set(struct view *view, const struct list *list, char *items, size_t n)
{
	if (!list->within)
		memcpy((char *)view + list->at, &items, sizeof(items));
	*list_count(view, list) = n;
}

void view_free(struct view *view)
{
	for (size_t i = 0; i < N(lists); i++) {
		if (lists[i].within)
			continue;
		free(list_items(view, &lists[i]));
		list_set(view, &lists[i], NULL, 0);
	}
}

/* ---- to JSON --------------------------------------------------------------------------------------------- */

static json_t *text_to_json(const char *text, size_t size)
{
	char clean[256];

	clean_copy(clean, size < sizeof(clean) ? size : sizeof(clean), text);
	return json_string(clean);
}

static json_t *spark_to_json(const signed char *spark)
{
	json_t *array = json_array();

	for (int i = 0; array && i < VIEW_SPARK; i++) {
		if (json_array_append_new(array, json_integer(spark[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static void replace(char *text, char old, char new)
{
	while ((text = strchr(text, old)))
		*text = new;
}

static json_t *word_to_json(const char *text, size_t size)
{
	char word[64];

	snprintf(word, sizeof(word), "%.*s", (int)size, text);
	replace(word, ' ', '_');
	return text_to_json(word, sizeof(word));
}

static json_t *member_to_json(const struct member *m, const char *from)
{
	const void *at = from + m->at;

	switch (m->type) {
	case TEXT:
		return text_to_json(at, m->size);
	case WORD:
		return word_to_json(at, m->size);
	case FLAG:
		return json_boolean(*(const bool *)at);
	case COUNT: {
		unsigned long long n = *(const unsigned long long *)at;

		return json_integer(n > LLONG_MAX ? LLONG_MAX : (json_int_t)n);
	}
	case TIME:
		return json_integer(*(const time_t *)at);
	case PORT:
		return json_integer(*(const unsigned short *)at);
	case SMALL:
	case LONG:
		return json_integer(*(const int *)at);
	case REAL:
		return json_real(isfinite(*(const double *)at) ? *(const double *)at : -1);
	case SPARK:
		return spark_to_json(at);
	}
	return NULL;
}

/* Adds the members to `object`. 0 or -ENOMEM. */
static int members_to_json(const struct member *members, size_t n, const char *from, json_t *object)
{
	for (size_t i = 0; i < n; i++)
		if (json_object_set_new_nocheck(object, members[i].key, member_to_json(&members[i], from)))
			return -ENOMEM;
	return 0;
}

static int list_to_json(const struct view *view, const struct list *list, json_t *object)
{
	json_t *array = json_array(), *item;
	size_t n = *list_count(view, list);

	if (json_object_set_new_nocheck(object, list->key, array))
		return -ENOMEM;
	for (size_t i = 0; i < n && i < list->max; i++) {
		item = json_object();
		if (json_array_append_new(array, item) ||
		    members_to_json(list->members, list->n_members, list_items(view, list) + i * list->item, item))
			return -ENOMEM;
	}
	return 0;
}

char *view_to_json(const struct view *view)
{
	json_t *object = json_object();
	char *text = NULL;
	int err;

	if (!object)
		return NULL;
	err = members_to_json(view_members, N(view_members), (const char *)view, object);
	for (size_t i = 0; !err && i < N(lists); i++)
		err = list_to_json(view, &lists[i], object);
	if (!err)
		text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(object);
	return text;
}

/* ---- from JSON ------------------------------------------------------------------------------------------- */

/* An integer within bounds. */
static const char *read_integer(const json_t *json, long long low, long long high, long long *out)
{
	if (!json_is_integer(json))
		return "no integer";
	*out = json_integer_value(json);
	return *out < low || *out > high ? "out of range" : NULL;
}

static const char *read_text(const json_t *json, char *to, size_t size)
{
	if (!json_is_string(json))
		return "no string";
	if (json_string_length(json) >= size)
		return "too long";
	if (!clean_is(json_string_value(json)))
		return "not fit to show";
	memcpy(to, json_string_value(json), json_string_length(json) + 1);
	return NULL;
}

static const char *read_spark(const json_t *json, signed char *to)
{
	const char *wrong = NULL;
	long long n = 0;

	if (json_array_size(json) != VIEW_SPARK)
		return "no array of the right length";
	for (size_t i = 0; !wrong && i < VIEW_SPARK; i++) {
		wrong = read_integer(json_array_get(json, i), -1, 100, &n);
		to[i] = (signed char)n;
	}
	return wrong;
}

/* NULL, or what is wrong with it. */
static const char *member_from_json(const struct member *m, const json_t *json, char *to)
{
	const char *wrong = NULL;
	void *at = to + m->at;
	long long n = 0;

	switch (m->type) {
	case TEXT:
		return read_text(json, at, m->size);
	case WORD:
		wrong = read_text(json, at, m->size);
		if (!wrong)
			replace(at, '_', ' ');
		return wrong;
	case FLAG:
		*(bool *)at = json_is_true(json);
		return json_is_boolean(json) ? NULL : "neither true nor false";
	case COUNT:
		wrong = read_integer(json, 0, LLONG_MAX, &n);
		*(unsigned long long *)at = (unsigned long long)n;
		return wrong;
	case TIME: /* within what a calendar of four-digit years can show */
		wrong = read_integer(json, -62135596800, 253402300799, &n);
		*(time_t *)at = n;
		return wrong;
	case PORT:
		wrong = read_integer(json, 0, 65535, &n);
		*(unsigned short *)at = (unsigned short)n;
		return wrong;
	case SMALL:
		wrong = read_integer(json, -1, 255, &n);
		*(int *)at = (int)n;
		return wrong;
	case LONG:
		wrong = read_integer(json, -1, INT_MAX, &n);
		*(int *)at = (int)n;
		return wrong;
	case REAL: /* all of them are shares, rates and milliseconds */
		*(double *)at = json_number_value(json);
		if (!json_is_number(json))
			return "no number";
		return *(double *)at >= -1 && *(double *)at <= 1e12 ? NULL : "out of range";
	case SPARK:
		return read_spark(json, at);
	}
	return "of no known type";
}

static int members_from_json(const struct member *members, size_t n, const json_t *object, char *to,
			     const char *where, char *error, size_t error_size)
{
	const char *wrong;

	for (size_t i = 0; i < n; i++) {
		const json_t *json = json_object_get(object, members[i].key);

		wrong = json ? member_from_json(&members[i], json, to) : "missing";
		if (!wrong)
			continue;
		snprintf(error, error_size, "view: %s%s: %s", where, members[i].key, wrong);
		return -EINVAL;
	}
	return 0;
}

static int list_from_json(const json_t *object, const struct list *list, struct view *view, char *error,
			  size_t error_size)
{
	const json_t *array = json_object_get(object, list->key);
	size_t n = json_array_size(array);
	char where[48], *items = NULL;
	int err = 0;

	if (!json_is_array(array) || n > list->max) {
		snprintf(error, error_size, "view: %s: %s", list->key,
			 json_is_array(array) ? "too long" : "no array");
		return -EINVAL;
	}
	if (!list->within && n) {
		items = calloc(n, list->item);
		if (!items) {
			snprintf(error, error_size, "view: out of memory");
			return -ENOMEM;
		}
	}
	list_set(view, list, items, n);
	for (size_t i = 0; !err && i < n; i++) {
		snprintf(where, sizeof(where), "%s[%zu].", list->key, i);
		err = members_from_json(list->members, list->n_members, json_array_get(array, i),
					list_items(view, list) + i * list->item, where, error, error_size);
	}
	return err;
}

int view_from_json(const char *text, struct view *view, char *error, size_t error_size)
{
	struct view new;
	json_error_t wrong;
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &wrong);
	int err = 0;

	memset(&new, 0, sizeof(new));
	if (!json_is_object(object)) {
		snprintf(error, error_size, "view: %s", object ? "no JSON object" : "no JSON");
		err = -EINVAL;
		goto out;
	}
	err = members_from_json(view_members, N(view_members), object, (char *)&new, "", error, error_size);
	for (size_t i = 0; !err && i < N(lists); i++)
		err = list_from_json(object, &lists[i], &new, error, error_size);
out:
	json_decref(object);
	if (err)
		view_free(&new);
	else
		*view = new;
	return err;
}
