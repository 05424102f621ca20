// SPDX-License-Identifier: GPL-2.0
/* The board and its incidents: records through to a state, a line of the log and the view; no client on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "detect/incidents.h"
#include "show/metrics.h"
#include "unit/board_scene.h"

struct story {
	struct board *board;
	struct list list;
	struct view view;
	struct incident_report told[16];
	unsigned int n_told;
	__s64 now;
	__u64 key;
};

/* Kernel times are seconds here, each a moment later than the last. */
static __s64 seconds(void *arg, __u64 ns)
{
	(void)arg;
	return WALL + (__s64)((ns / 1000 - SCENE_START_US) / 1000000);
}

static void on_incident(void *arg, const struct incident_report *report)
{
	struct story *s = arg;

	assert_true(s->n_told < 16);
	s->told[s->n_told++] = *report;
}

static int begin_story(void **state)
{
	static char lahore[] = "lahore";
	const struct setting_site sites[] = { { .name = lahore } };
	struct story *s = calloc(1, sizeof(*s));
	struct board_setup setup = { .ranges = &s->list.ranges,
				     .sites = sites,
				     .sites_count = 1,
				     .since = WALL,
				     .daemon = true,
				     .wall = seconds,
				     .incident = on_incident,
				     .arg = s };

	list_begin(&s->list, "1");
	list_group(&s->list, "x", ROLE_TARGET, 1);
	list_prefix(&s->list, P_X, "104.244.40.0/21", CLASS_OWN);
	list_prefix(&s->list, P_CDN, "162.159.140.229/32", CLASS_DEDICATED);
	list_group(&s->list, "google", ROLE_CONTROL, 1);
	list_prefix(&s->list, P_CTRL, "64.233.160.0/19", CLASS_OWN);
	list_group(&s->list, "github", ROLE_CONTROL, 1);
	list_prefix(&s->list, P_CTRL + 1, "140.82.112.0/20", CLASS_OWN);
	s->board = board_new(&setup);
	s->now = WALL;
	*state = s;
	return s->board ? 0 : -1;
}

static int end_story(void **state)
{
	struct story *s = *state;

	view_free(&s->view);
	board_free(s->board);
	free(s);
	return 0;
}

/* A flow of second s->now to this prefix, handed over in it: answered, or as its interim record has it. */
static void one(struct story *s, __u32 group, __u32 prefix, bool answered)
{
	struct scene made;

	if (answered)
		good(&made, ++s->key);
	else
		unanswered(&made, ++s->key);
	made.r.flow.prefix = prefix;
	made.r.flow.site = 1;
	made.r.flow.client = (__u16)(s->key * 2654435761u >> 8 & 0xfff) | 1 << 12;
	made.r.flow.state = (made.r.flow.state & ~STATE_GROUP_MASK) | group << STATE_GROUP_SHIFT;
	handed(&made, answered ? RECORD_FINAL : RECORD_INTERIM, WHY_NONE);
	made.r.flow.first_ns += (__u64)(s->now - WALL) * 1000000000;
	made.r.now_ns = made.r.flow.first_ns +
			3000000000; /* an interim record's; the other could have been earlier */
	board_record(s->board, &made.r);
}

static void pass(struct story *s, unsigned int n, __u32 prefix, bool answered)
{
	static const struct watch_totals totals;

	for (; n; n--, s->now++) {
		for (unsigned int i = 0; i < 4; i++)
			one(s, 0, prefix, answered);
		for (__u32 control = 0; control < 2; control++)
			for (unsigned int i = 0; i < 2; i++)
				one(s, 1 + control, P_CTRL + control, true);
		board_totals(s->board, &totals, s->now);
	}
}

static const struct view_group *group(struct story *s)
{
	view_free(&s->view);
	assert_int_equal(board_view(s->board, s->now, &s->view), 0);
	return &s->view.groups[0];
}

static void a_block_reaches_the_view_the_log_and_the_site(void **state)
{
	struct story *s = *state;
	__s64 begin;
	char *line;

	assert_string_equal(group(s)->state, "insufficient");
	pass(s, 600, P_CDN, true);
	assert_string_equal(group(s)->state, "ok");
	assert_int_equal(group(s)->state_since, 0);
	assert_int_equal(s->view.n_incidents, 0);
	begin = s->now;
	pass(s, 120, P_CDN, false);
	assert_string_equal(group(s)->state, "blocked"); /* silence, but beside others of a CDN that answer */
	assert_in_range(group(s)->state_since, begin - 1, begin + 1);
	assert_string_equal(s->view.groups[0].how, "SYN->0 100 %");
	assert_int_equal(s->view.n_incidents, 1);
	assert_string_equal(s->view.incidents[0].now, "blocked");
	assert_true(s->view.incidents[0].open);
	assert_int_equal(s->view.n_sites, 3);
	assert_string_equal(s->view.sites[0].site, "lahore");
	assert_string_equal(s->view.sites[0].group, "x");
	assert_string_equal(s->view.sites[0].state, "blocked");
	assert_string_equal(s->view.sites[1].state, "ok");
	assert_string_equal(s->view.prefixes[0].state, "blocked");
	assert_int_equal(s->n_told, 3); /* the last a minute after the word, of more attempts */
	line = board_incident_json(s->board, &s->told[1]);
	assert_non_null(line);
	assert_non_null(strstr(line, "\"group\":\"x\",\"site\":\"all\",\"state\":\"blocked\""));
	assert_non_null(strstr(line, "\"sites\":[\"lahore\"]"));
	free(line);
}

static void a_block_in_an_older_incident_has_a_time_of_its_own(void **state)
{
	struct story *s = *state;
	__s64 begin, full;

	pass(s, 600, P_CDN, true);
	assert_string_equal(group(s)->word_before, "");
	begin = s->now;
	for (unsigned int i = 0; i < 100; i++) {
		pass(s, 3, P_CDN, false);
		pass(s, 1, P_CDN, true);
	}
	assert_string_equal(group(s)->state, "likely blocked");
	full = s->now;
	pass(s, 150, P_CDN, false);
	assert_string_equal(group(s)->state, "blocked");
	assert_in_range(group(s)->state_since, begin - 20, begin + 20);
	assert_in_range(group(s)->word_since, full - 20, full + 20);
	assert_string_equal(group(s)->word_before, "likely blocked");
	assert_false(group(s)->since_bound);
}

static void silence_on_own_addresses_is_likely_at_most(void **state)
{
	struct story *s = *state;

	pass(s, 600, P_X, true);
	pass(s, 200, P_X, false);
	assert_string_equal(group(s)->state, "likely blocked");
	assert_string_equal(s->view.incidents[0].could_be,
			    "a block, or an outage of the platform, or a lost route to it");
}

static void one_that_is_over_stays_in_the_list(void **state)
{
	struct story *s = *state;

	pass(s, 600, P_CDN, true);
	pass(s, 120, P_CDN, false);
	pass(s, 200, P_CDN, true);
	assert_string_equal(group(s)->state, "ok");
	assert_int_equal(group(s)->state_since, 0);
	assert_int_equal(s->view.n_incidents, 1);
	assert_string_equal(s->view.incidents[0].now, "over");
	assert_string_equal(s->view.incidents[0].state, "blocked");
	assert_true(s->view.incidents[0].ended > s->view.incidents[0].since);
}

static void a_list_without_that_control_asks_it_no_more(void **state)
{
	struct story *s = *state;

	pass(s, 600, P_CDN, true);
	list_begin(&s->list, "2");
	list_group(&s->list, "x", ROLE_TARGET, 1);
	list_prefix(&s->list, P_CDN, "162.159.140.229/32", CLASS_DEDICATED);
	assert_int_equal(board_ranges(s->board, &s->list.ranges), 0);
	pass(s, 120, P_CDN, false);
	assert_string_equal(group(s)->state, "insufficient");
	assert_int_equal(s->n_told, 0);
}

static void says(struct story *s, const char *line)
{
	const struct metrics_source source = { .board = s->board, .now = s->now };
	size_t length;
	char *page = metrics_page(&source, false, &length);

	assert_non_null(page);
	if (!strstr(page, line))
		fail_msg("/metrics has no line %s", line);
	free(page);
}

static void the_metrics_have_every_state_from_the_start_and_one_of_them_is_on(void **state)
{
	struct story *s = *state;
	char since[96];
	__s64 begin;

	says(s, "\nxreach_state{group=\"x\",site=\"all\",state=\"blocked\"} 0\n");
	says(s, "\nxreach_state{group=\"x\",site=\"all\",state=\"insufficient\"} 1\n");
	says(s, "\nxreach_state{group=\"github\",site=\"lahore\",state=\"down\"} 0\n");
	says(s, "\nxreach_incident_active{group=\"x\"} 0\n");
	says(s, "\nxreach_incident_since_timestamp_seconds{group=\"x\"} NaN\n");
	says(s, "\nxreach_baseline_failing_ratio{group=\"x\"} NaN\n");
	says(s, "\nxreach_least_told_ratio{group=\"x\"} NaN\n");
	says(s, "\nxreach_trusted 1\n");
	says(s, "\nxreach_clients_at_least{group=\"x\"} 0\n");
	pass(s, 600, P_CDN, true);
	says(s, "\nxreach_least_told_ratio{group=\"x\"} 0.5\n"); /* before a baseline is learnt */
	begin = s->now;
	pass(s, 120, P_CDN, false);
	says(s, "\nxreach_state{group=\"x\",site=\"all\",state=\"blocked\"} 1\n");
	says(s, "\nxreach_state{group=\"x\",site=\"all\",state=\"ok\"} 0\n");
	says(s, "\nxreach_state{group=\"x\",site=\"lahore\",state=\"blocked\"} 1\n");
	says(s, "\nxreach_state{group=\"github\",site=\"lahore\",state=\"ok\"} 1\n");
	says(s, "\nxreach_incident_active{group=\"x\"} 1\n");
	says(s, "\nxreach_incidents_total{group=\"x\"} 1\n");
	says(s, "\nxreach_incidents_total{group=\"github\"} 0\n");
	says(s, "\nxreach_counted_failing_ratio{group=\"x\"} 1\n");
	says(s, "\nxreach_controls_failing_ratio{group=\"x\"} 0\n");
	says(s, "\nxreach_incident_failing_ratio{group=\"x\"} 1\n");
	snprintf(since, sizeof(since), "\nxreach_incident_since_timestamp_seconds{group=\"x\"} %lld\n",
		 (long long)begin);
	says(s, since);
	says(s, "\nxreach_clients_at_least{group=\"x\"} 2000\n");
	assert_string_equal(group(s)->clients, "2000-4999");
}

static void what_is_lost_silences_the_metrics_too(void **state)
{
	struct watch_totals totals = { .packets = 100000 };
	struct story *s = *state;

	pass(s, 300, P_CDN, true);
	board_totals(s->board, &totals, s->now);
	s->now += 20;
	totals.n[COUNT_OPENED] = 1000;
	totals.n[COUNT_LOST_FULL] = 30;
	totals.packets += 100000;
	board_totals(s->board, &totals, s->now);
	says(s, "\nxreach_trusted 0\n");
	says(s, "\nxreach_untrusted_ratio 0.03\n");
	says(s, "\nxreach_state{group=\"x\",site=\"all\",state=\"insufficient\"} 1\n");
}

static void packets_that_are_no_ip_speak_of_no_loss(void **state)
{
	struct watch_totals totals = { .packets = 100000 };
	struct story *s = *state;

	pass(s, 300, P_CDN, true);
	board_totals(s->board, &totals, s->now);
	s->now += 20;
	totals.packets += 100000;
	totals.n[COUNT_UNPARSED_ETHERTYPE] = 90000;
	board_totals(s->board, &totals, s->now);
	says(s, "\nxreach_trusted 1\n");
	totals.n[COUNT_UNPARSED_TUNNEL] = 10000;
	board_totals(s->board, &totals, s->now);
	says(s, "\nxreach_trusted 0\n");
}

#define with_story(test) cmocka_unit_test_setup_teardown(test, begin_story, end_story)
int main(void)
{
	const struct CMUnitTest tests[] = {
		with_story(a_block_reaches_the_view_the_log_and_the_site),
		with_story(a_block_in_an_older_incident_has_a_time_of_its_own),
		with_story(silence_on_own_addresses_is_likely_at_most),
		with_story(one_that_is_over_stays_in_the_list),
		with_story(a_list_without_that_control_asks_it_no_more),
		with_story(the_metrics_have_every_state_from_the_start_and_one_of_them_is_on),
		with_story(what_is_lost_silences_the_metrics_too),
		with_story(packets_that_are_no_ip_speak_of_no_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
