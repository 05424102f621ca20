// SPDX-License-Identifier: GPL-2.0
/* The view as JSON and back: nothing is lost, and nothing that comes over the socket is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/view.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* A view of `n` items a list in which no two members are alike; texts are as long as fits where `full`. */
static void fill_text(char *to, size_t size, unsigned int *next, bool full)
{
	size_t length;

	snprintf(to, size, "%u", (*next)++);
	length = strlen(to);
	if (full)
		memset(to + length, 'x', size - 1 - length);
	to[full ? size - 1 : length] = '\0';
}

static void fill(struct view *v, size_t n, bool full)
{
	unsigned int next = 1;

#define TEXT(at) fill_text(at, sizeof(at), &next, full)
	memset(v, 0, sizeof(*v));
	TEXT(v->version);
	TEXT(v->host);
	TEXT(v->ranges);
	TEXT(v->keeping);
	v->now = 1700000000;
	v->since = 1600000000;
	v->daemon = true;
	v->books_balance = true;
	v->n_groups = n < WIRE_GROUPS_MAX ? n : WIRE_GROUPS_MAX;
	for (size_t i = 0; i < v->n_groups; i++) {
		struct view_group *g = &v->groups[i];

		TEXT(g->name);
		g->target = i % 2;
		g->per_second = next++ + 0.25;
		g->failing = 0.125;
		g->attempts = next++;
		g->succeeded = next++;
		g->failed = next++;
		g->neither = 0x7fffffffffffffffull;
		for (int j = 0; j < VIEW_SPARK; j++)
			g->spark[j] = (signed char)(j * 101 / (VIEW_SPARK - 1) - 1);
		g->sample = 0.0625;
		g->least = 0.15;
		TEXT(g->state);
		g->state_since = 1700000000 + (time_t)next++;
		g->since_bound = i % 2;
		g->word_since = 1700000000 + (time_t)next++;
		TEXT(g->word_before);
		TEXT(g->note);
		TEXT(g->how);
		TEXT(g->from);
		TEXT(g->dns);
		TEXT(g->clients);
	}
	v->n_flows = n < VIEW_FLOWS ? n : VIEW_FLOWS;
	v->flows = calloc(v->n_flows + 1, sizeof(*v->flows));
	for (size_t i = 0; i < v->n_flows; i++) {
		struct view_flow *f = &v->flows[i];

		f->id = next++;
		f->minute = 60 * (time_t)next++;
		TEXT(f->group);
		TEXT(f->site);
		TEXT(f->server);
		TEXT(f->prefix);
		f->port = (unsigned short)(65535 - i);
		TEXT(f->transport);
		TEXT(f->family);
		TEXT(f->stage);
		TEXT(f->outcome);
		TEXT(f->why);
		TEXT(f->signature);
		f->rtt_ms = i % 2 ? -1 : next++ + 0.5;
		f->answer_hops = -1 + (int)(i % 257);
		f->server_hops = 255 - (int)(i % 257);
		f->interim = i % 2;
		f->dropped_here = !(i % 2);
		TEXT(f->drop_reason);
		TEXT(f->icmp_source);
	}
	v->n_prefixes = n < VIEW_PREFIXES ? n : VIEW_PREFIXES;
	v->prefixes = calloc(v->n_prefixes + 1, sizeof(*v->prefixes));
	for (size_t i = 0; i < v->n_prefixes; i++) {
		struct view_prefix *p = &v->prefixes[i];

		TEXT(p->prefix);
		TEXT(p->group);
		TEXT(p->class);
		p->attempts = next++;
		p->failed = next++;
		p->succeeded = next++;
		p->failing = -1;
		TEXT(p->worst);
		TEXT(p->state);
		TEXT(p->where);
	}
	v->n_signatures = n < VIEW_SIGNATURES ? n : VIEW_SIGNATURES;
	v->signatures = calloc(v->n_signatures + 1, sizeof(*v->signatures));
	for (size_t i = 0; i < v->n_signatures; i++) {
		struct view_signature *s = &v->signatures[i];

		TEXT(s->signature);
		TEXT(s->stage);
		TEXT(s->outcome);
		s->target = next++;
		s->control = next++;
	}
	v->n_hooks = n < VIEW_HOOKS ? n : VIEW_HOOKS;
	v->hooks = calloc(v->n_hooks + 1, sizeof(*v->hooks));
	for (size_t i = 0; i < v->n_hooks; i++) {
		struct view_hook *h = &v->hooks[i];

		TEXT(h->name);
		TEXT(h->where);
		TEXT(h->how);
		h->attached = i % 2;
		TEXT(h->note);
	}
	v->n_ledger = n < VIEW_LEDGER ? n : VIEW_LEDGER;
	v->ledger = calloc(v->n_ledger + 1, sizeof(*v->ledger));
	for (size_t i = 0; i < v->n_ledger; i++) {
		TEXT(v->ledger[i].name);
		v->ledger[i].value = next++;
	}
	v->n_incidents = n < VIEW_INCIDENTS ? n : VIEW_INCIDENTS;
	v->incidents = calloc(v->n_incidents + 1, sizeof(*v->incidents));
	for (size_t i = 0; i < v->n_incidents; i++) {
		struct view_incident *in = &v->incidents[i];

		TEXT(in->id);
		TEXT(in->group);
		TEXT(in->state);
		TEXT(in->now);
		in->since = 1700000000 + (time_t)next++;
		in->ended = i % 2 ? 0 : 1700000000 + (time_t)next++;
		in->uncertainty = i % 3 ? (int)next++ : -1;
		in->open = i % 2;
		in->target = !(i % 2);
		in->attempts = next++;
		in->failures = next++;
		in->failing = .25;
		in->baseline = -1;
		in->controls = .125;
		TEXT(in->how);
		TEXT(in->from);
		TEXT(in->scope);
		TEXT(in->seen);
		TEXT(in->clients);
		TEXT(in->could_be);
		TEXT(in->note);
	}
	v->n_sites = n < VIEW_SITES ? n : VIEW_SITES;
	v->sites = calloc(v->n_sites + 1, sizeof(*v->sites));
	for (size_t i = 0; i < v->n_sites; i++) {
		struct view_site *s = &v->sites[i];

		TEXT(s->group);
		TEXT(s->site);
		TEXT(s->state);
		s->attempts = next++;
		s->failed = next++;
		s->succeeded = next++;
	}
	v->n_astray = n < VIEW_ASTRAY ? n : VIEW_ASTRAY;
	v->astray = calloc(v->n_astray + 1, sizeof(*v->astray));
	for (size_t i = 0; i < v->n_astray; i++) {
		struct view_astray *a = &v->astray[i];

		TEXT(a->group);
		TEXT(a->rule);
		TEXT(a->verdict);
		TEXT(a->address);
		a->after_ms = i % 2 ? -1 : next++ + 0.5;
		a->apart_ms = i % 2 ? next++ + 0.5 : -1;
		a->hops = -1 + (int)(i % 257);
		a->times = next++;
		a->minute = 60 * (time_t)next++;
		TEXT(a->advice);
	}
#undef TEXT
}

/* Both were zeroed before they were filled, texts included, so bytes tell. */
static void assert_same(const struct view *a, const struct view *b)
{
	struct view x = *a, y = *b;

#define SAME(list) \
	do { \
		assert_int_equal(a->n_##list, b->n_##list); \
		if (a->n_##list) \
			assert_memory_equal(a->list, b->list, a->n_##list * sizeof(*a->list)); \
		x.list = NULL; \
		y.list = NULL; \
	} while (0)
	SAME(flows);
	SAME(prefixes);
	SAME(signatures);
	SAME(hooks);
	SAME(ledger);
	SAME(incidents);
	SAME(sites);
	SAME(astray);
#undef SAME
	assert_int_equal(a->n_groups, b->n_groups);
	assert_memory_equal(a->groups, b->groups, sizeof(a->groups));
	assert_memory_equal(&x, &y, sizeof(x));
}

static void go_round(size_t n, bool full)
{
	char error[128] = "", *text;
	struct view before, after;

	memset(&after, 0xa5, sizeof(after));
	fill(&before, n, full);
	text = view_to_json(&before);
	assert_non_null(text);
	assert_null(strchr(text, '\n'));
	if (view_from_json(text, &after, error, sizeof(error)))
		fail_msg("%s", error);
	assert_same(&before, &after);
	free(text);
	view_free(&before);
	view_free(&after);
	assert_null(after.flows);
	assert_int_equal(after.n_flows, 0);
}

static void every_member_goes_there_and_back(void **state)
{
	(void)state;
	go_round(2, false);
}

static void every_text_goes_there_and_back_at_its_full_length(void **state)
{
	(void)state;
	go_round(2, true);
}

static void an_empty_view_goes_there_and_back(void **state)
{
	(void)state;
	go_round(0, false);
}

static void lists_go_there_and_back_at_their_bounds(void **state)
{
	(void)state;
	go_round(100000, true);
}

static void more_than_the_bound_is_not_sent(void **state)
{
	struct view v, back;
	char error[128], *text;

	(void)state;
	fill(&v, VIEW_LEDGER, false);
	v.ledger = realloc(v.ledger, (VIEW_LEDGER + 10) * sizeof(*v.ledger));
	memset(v.ledger + VIEW_LEDGER, 0, 10 * sizeof(*v.ledger));
	v.n_ledger = VIEW_LEDGER + 10;
	text = view_to_json(&v);
	assert_int_equal(view_from_json(text, &back, error, sizeof(error)), 0);
	assert_int_equal(back.n_ledger, VIEW_LEDGER);
	free(text);
	view_free(&v);
	view_free(&back);
}

static void numbers_that_are_none_become_unseen(void **state)
{
	char error[128], *text;
	struct view v, back;

	(void)state;
	fill(&v, 1, false);
	v.groups[0].failing = NAN;
	v.groups[0].per_second = INFINITY;
	v.groups[0].attempts = ~0ull;
	text = view_to_json(&v);
	assert_int_equal(view_from_json(text, &back, error, sizeof(error)), 0);
	assert_true(back.groups[0].failing == -1);
	assert_true(back.groups[0].per_second == -1);
	assert_true(back.groups[0].attempts == 0x7fffffffffffffffull);
	free(text);
	view_free(&v);
	view_free(&back);
}

static void texts_are_made_fit_before_they_are_sent(void **state)
{
	char error[128], *text;
	struct view v, back;

	(void)state;
	fill(&v, 1, false);
	strcpy(v.host, "a\x1b[2J\xff");
	text = view_to_json(&v);
	assert_int_equal(view_from_json(text, &back, error, sizeof(error)), 0);
	assert_string_equal(back.host, "a?[2J?");
	free(text);
	view_free(&v);
	view_free(&back);
}

/* ---- what is not believed -------------------------------------------------------------------------------- */

static json_t *parsed_view(void)
{
	struct view v;
	json_t *json;
	char *text;

	fill(&v, 1, false);
	text = view_to_json(&v);
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	free(text);
	view_free(&v);
	return json;
}

static void assert_refused(json_t *json, const char *complaint)
{
	char *text = json_dumps(json, JSON_ENCODE_ANY), error[128] = "";
	struct view v;

	memset(&v, 0, sizeof(v));
	assert_int_equal(view_from_json(text, &v, error, sizeof(error)), -EINVAL);
	if (complaint)
		assert_string_equal(error, complaint);
	assert_memory_equal(error, "view: ", 6);
	assert_null(v.flows); /* nothing was written to it */
	free(text);
	json_decref(json);
}

/* In the first item of this list, or at the top where it is NULL. */
static void assert_value_refused(const char *list, const char *key, json_t *value, const char *complaint)
{
	json_t *json = parsed_view(), *at = list ? json_array_get(json_object_get(json, list), 0) : json;

	assert_non_null(json_object_get(at, key));
	json_object_set_new(at, key, value);
	assert_refused(json, complaint);
}

static void a_key_that_is_missing_is_refused_whichever_it_is(void **state)
{
	static const char *const lists[] = { NULL,    "groups", "flows",     "prefixes", "signatures",
					     "hooks", "ledger", "incidents", "sites",	 "astray" };
	unsigned int keys = 0;

	(void)state;
	for (size_t i = 0; i < N(lists); i++) {
		json_t *sample = parsed_view(),
		       *item = lists[i] ? json_array_get(json_object_get(sample, lists[i]), 0) : sample;
		const char *key;
		json_t *value;

		json_object_foreach(item, key, value)
		{
			json_t *json = parsed_view(),
			       *at = lists[i] ? json_array_get(json_object_get(json, lists[i]), 0) : json;
			char complaint[96];

			json_object_del(at, key);
			if (lists[i])
				snprintf(complaint, sizeof(complaint), "view: %s[0].%s: missing", lists[i], key);
			else
				snprintf(complaint, sizeof(complaint), "view: %s: %s", key,
					 json_is_array(value) ? "no array" : "missing");
			assert_refused(json, complaint);
			keys++;
		}
		json_decref(sample);
	}
	assert_int_equal(keys, 17 + 21 + 31 + 10 + 5 + 5 + 2 + 21 + 6 + 10);
}

static void a_value_of_another_type_is_refused(void **state)
{
	(void)state;
	assert_value_refused(NULL, "host", json_integer(1), "view: host: no string");
	assert_value_refused(NULL, "host", json_null(), "view: host: no string");
	assert_value_refused(NULL, "now", json_real(1.5), "view: now: no integer");
	assert_value_refused(NULL, "daemon", json_integer(1), "view: daemon: neither true nor false");
	assert_value_refused("groups", "attempts", json_string("1"), "view: groups[0].attempts: no integer");
	assert_value_refused("groups", "failing", json_string("1"), "view: groups[0].failing: no number");
	assert_value_refused("groups", "spark", json_object(),
			     "view: groups[0].spark: no array of the right length");
	assert_value_refused(NULL, "flows", json_object(), "view: flows: no array");
	assert_value_refused(NULL, "flows", json_pack("[[]]"), "view: flows[0].id: missing");
	assert_value_refused(NULL, "groups", json_pack("[n]"), "view: groups[0].name: missing");
}

static void a_number_beyond_its_bounds_is_refused(void **state)
{
	(void)state;
	assert_value_refused("flows", "port", json_integer(65536), "view: flows[0].port: out of range");
	assert_value_refused("flows", "port", json_integer(-1), "view: flows[0].port: out of range");
	assert_value_refused("flows", "answer_hops", json_integer(256), "view: flows[0].answer_hops: out of range");
	assert_value_refused("flows", "server_hops", json_integer(-2), "view: flows[0].server_hops: out of range");
	assert_value_refused("groups", "attempts", json_integer(-1), "view: groups[0].attempts: out of range");
	assert_value_refused("groups", "failing", json_real(-1.01), "view: groups[0].failing: out of range");
	assert_value_refused("groups", "per_second", json_real(1e300), "view: groups[0].per_second: out of range");
	assert_value_refused(NULL, "now", json_integer(253402300800), "view: now: out of range");
	assert_value_refused("flows", "minute", json_integer(-62135596801), "view: flows[0].minute: out of range");
}

static void a_spark_has_sixty_percentages(void **state)
{
	json_t *spark = json_array();

	(void)state;
	for (int i = 0; i < VIEW_SPARK - 1; i++)
		json_array_append_new(spark, json_integer(0));
	assert_value_refused("groups", "spark", json_deep_copy(spark),
			     "view: groups[0].spark: no array of the right length");
	json_array_append_new(spark, json_integer(101));
	assert_value_refused("groups", "spark", json_deep_copy(spark), "view: groups[0].spark: out of range");
	json_array_set_new(spark, VIEW_SPARK - 1, json_integer(-2));
	assert_value_refused("groups", "spark", json_deep_copy(spark), "view: groups[0].spark: out of range");
	json_array_set_new(spark, VIEW_SPARK - 1, json_integer(0));
	json_array_append_new(spark, json_integer(0));
	assert_value_refused("groups", "spark", spark, "view: groups[0].spark: no array of the right length");
}

static void a_text_too_long_or_unfit_to_show_is_refused(void **state)
{
	(void)state;
	assert_value_refused(NULL, "version", json_string("0123456789abcdef"), "view: version: too long");
	assert_value_refused(NULL, "host", json_string("a\x1b[2J"), "view: host: not fit to show");
	assert_value_refused(NULL, "host", json_string("a\n"), "view: host: not fit to show");
	assert_value_refused("hooks", "note",
			     json_string("\xc2\x9b"
					 "31m"),
			     "view: hooks[0].note: not fit to show");
	assert_value_refused("flows", "drop_reason", json_string("\x7f"),
			     "view: flows[0].drop_reason: not fit to show");
}

static void a_list_longer_than_its_bound_is_refused(void **state)
{
	static const struct {
		const char *list, *complaint;
		size_t bound;
	} rows[] = {
		{ "groups", "view: groups: too long", WIRE_GROUPS_MAX },
		{ "flows", "view: flows: too long", VIEW_FLOWS },
		{ "prefixes", "view: prefixes: too long", VIEW_PREFIXES },
		{ "signatures", "view: signatures: too long", VIEW_SIGNATURES },
		{ "hooks", "view: hooks: too long", VIEW_HOOKS },
		{ "ledger", "view: ledger: too long", VIEW_LEDGER },
		{ "astray", "view: astray: too long", VIEW_ASTRAY },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		json_t *json = parsed_view(), *list = json_object_get(json, rows[i].list);

		while (json_array_size(list) <= rows[i].bound)
			json_array_append(list, json_array_get(list, 0));
		assert_refused(json, rows[i].complaint);
	}
}

static void what_is_no_json_object_is_refused(void **state)
{
	static const char *const texts[] = { "",
					     "{",
					     "[]",
					     "1",
					     "null",
					     "{\"host\":\"a\\u0000b\"}",
					     "\xff\xfe",
					     "{\"now\":1,\"now\":2}",
					     "{\"now\":99999999999999999999}" };
	char deep[8192], error[128];
	struct view v;

	(void)state;
	for (size_t i = 0; i < N(texts); i++)
		assert_int_equal(view_from_json(texts[i], &v, error, sizeof(error)), -EINVAL);
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(view_from_json(deep, &v, error, sizeof(error)), -EINVAL);
	assert_string_equal(error, "view: no JSON");
}

static void a_text_cut_off_anywhere_is_refused(void **state)
{
	char error[128], *text;
	struct view v;
	size_t length;

	(void)state;
	fill(&v, 1, false);
	text = view_to_json(&v);
	view_free(&v);
	length = strlen(text);
	while (length--) {
		text[length] = '\0';
		assert_int_equal(view_from_json(text, &v, error, sizeof(error)), -EINVAL);
	}
	free(text);
}

static void a_key_said_twice_is_refused(void **state)
{
	char error[128] = "", *text, twice[8192];
	struct view v;

	(void)state;
	fill(&v, 0, false);
	text = view_to_json(&v);
	snprintf(twice, sizeof(twice), "%.*s,\"host\":\"x\"}", (int)strlen(text) - 1, text);
	assert_int_equal(view_from_json(twice, &v, error, sizeof(error)), -EINVAL);
	assert_string_equal(error, "view: no JSON");
	free(text);
	view_free(&v);
}

/* A daemon of a later version may say more. */
static void a_key_that_is_not_known_is_let_be(void **state)
{
	char *text, error[128] = "";
	json_t *json = parsed_view();
	struct view v;

	(void)state;
	json_object_set_new(json, "later", json_string("x"));
	text = json_dumps(json, 0);
	assert_int_equal(view_from_json(text, &v, error, sizeof(error)), 0);
	view_free(&v);
	free(text);
	json_decref(json);
}

static void a_state_is_written_as_the_contract_has_it_and_read_as_words(void **state)
{
	struct view v = { .n_groups = 1 }, back;
	char error[200], *text;

	(void)state;
	strcpy(v.groups[0].state, "likely blocked");
	strcpy(v.groups[0].word_before, "one direction");
	text = view_to_json(&v);
	assert_non_null(text);
	assert_non_null(strstr(text, "\"state\":\"likely_blocked\""));
	assert_non_null(strstr(text, "\"word_before\":\"one_direction\""));
	assert_int_equal(view_from_json(text, &back, error, sizeof(error)), 0);
	assert_string_equal(back.groups[0].state, "likely blocked");
	assert_string_equal(back.groups[0].word_before, "one direction");
	view_free(&back);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_is_written_as_the_contract_has_it_and_read_as_words),
		cmocka_unit_test(every_member_goes_there_and_back),
		cmocka_unit_test(every_text_goes_there_and_back_at_its_full_length),
		cmocka_unit_test(an_empty_view_goes_there_and_back),
		cmocka_unit_test(lists_go_there_and_back_at_their_bounds),
		cmocka_unit_test(more_than_the_bound_is_not_sent),
		cmocka_unit_test(numbers_that_are_none_become_unseen),
		cmocka_unit_test(texts_are_made_fit_before_they_are_sent),
		cmocka_unit_test(a_key_that_is_missing_is_refused_whichever_it_is),
		cmocka_unit_test(a_value_of_another_type_is_refused),
		cmocka_unit_test(a_number_beyond_its_bounds_is_refused),
		cmocka_unit_test(a_spark_has_sixty_percentages),
		cmocka_unit_test(a_text_too_long_or_unfit_to_show_is_refused),
		cmocka_unit_test(a_list_longer_than_its_bound_is_refused),
		cmocka_unit_test(what_is_no_json_object_is_refused),
		cmocka_unit_test(a_text_cut_off_anywhere_is_refused),
		cmocka_unit_test(a_key_said_twice_is_refused),
		cmocka_unit_test(a_key_that_is_not_known_is_let_be),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
