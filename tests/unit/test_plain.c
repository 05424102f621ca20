// SPDX-License-Identifier: GPL-2.0
/* The live view line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/plain.h"
#include "unit/view_scene.h"

struct fixture {
	struct view_scene scene;
	struct plain plain;
	char text[128 * 1024];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	setenv("TZ", "UTC", 1);
	scene_init(&f->scene, 2);
	*state = f;
	return f ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static const char *lines(struct fixture *f)
{
	FILE *to = fmemopen(f->text, sizeof(f->text), "w");

	assert_non_null(to);
	plain_view(&f->plain, &f->scene.view, to);
	fclose(to);
	return f->text;
}

static void a_view_is_its_flows_and_a_line_of_groups(void **state)
{
	assert_string_equal(
		lines(*state),
		" 12:00 x lahore 104.244.42.1:443 104.244.40.0/21 tcp post_psh reset PSH+ACK->RST+ACK "
		"rtt 40.2 ms hops 2/3 ipv4\n"
		" 12:00 x lahore 104.244.42.2:443 104.244.40.0/21 tcp post_psh reset PSH+ACK->RST+ACK "
		"rtt 40.2 ms hops 2/3 ipv4\n"
		"12:00:30  *x 93% failing, 7.0/s, 1116 failed of 1200;  google 0% failing, 7.0/s, 0 failed "
		"of 400;  wikimedia - failing, 7.0/s, 0 failed of 0\n");
}

static void a_flow_has_one_line_only(void **state)
{
	struct fixture *f = *state;

	lines(f);
	assert_null(strstr(lines(f), "443"));
	scene_add_flow(&f->scene, 3, "199.59.148.1");
	assert_non_null(strstr(lines(f), "199.59.148.1:443"));
	assert_null(strstr(f->text, "104.244.42.2:443"));
	assert_null(strstr(lines(f), "443"));
}

static void flows_of_another_watch_are_new(void **state)
{
	struct fixture *f = *state;

	lines(f);
	f->scene.view.since += 60; /* the daemon was started again */
	assert_non_null(strstr(lines(f), "104.244.42.2:443"));
}

static void what_is_not_seen_is_told_when_it_changes(void **state)
{
	struct fixture *f = *state;

	assert_null(strstr(lines(f), "not seen"));
	f->scene.ledger[4].value = 3;
	assert_non_null(strstr(lines(f), "not seen: 3 attempts lost (full 3)\n"));
	assert_null(strstr(lines(f), "not seen"));
	f->scene.ledger[4].value = 4;
	assert_non_null(strstr(lines(f), "not seen: 4 attempts lost (full 4)\n"));
}

static void no_control_character_comes_through(void **state)
{
	struct fixture *f = *state;

	strcpy(f->scene.flows[0].site, "\x1b[31mred\n\t");
	strcpy(f->scene.view.groups[1].name, "\x1b]0;title\x07");
	memset(f->scene.view.groups[2].name, 'n', sizeof(f->scene.view.groups[2].name) - 1);
	for (const char *c = lines(f); *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= 0x20);
}

static void many_groups_end_within_the_line(void **state)
{
	struct fixture *f = *state;
	char name[32];

	for (int i = 0; i < WIRE_GROUPS_MAX - 3; i++) {
		snprintf(name, sizeof(name), "a-control-with-a-long-name-%d", i);
		scene_group(&f->scene.view, name, false, 0, 123456789012345ull);
	}
	assert_non_null(strstr(lines(f), "*x 93% failing")); /* the target is first, whatever is cut */
	assert_int_equal(f->text[strlen(f->text) - 1], '\n');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_view_is_its_flows_and_a_line_of_groups), TEST(a_flow_has_one_line_only),
		TEST(flows_of_another_watch_are_new),		TEST(what_is_not_seen_is_told_when_it_changes),
		TEST(no_control_character_comes_through),	TEST(many_groups_end_within_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
