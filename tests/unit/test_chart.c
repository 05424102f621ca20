// SPDX-License-Identifier: GPL-2.0
/* A chart by itself: round times and figures at its axes, labels within its edges, and nothing drawn that is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "show/chart.h"

#define NOON  1708171200ll /* 2024-02-17 12:00:00 UTC */
#define STEPS 200

static double values[STEPS];
static bool unseen[STEPS];

static char *draw(struct chart *c)
{
	static char *text; /* gcc 12 thinks that what is in it dies with it */
	static size_t n;
	FILE *to = open_memstream(&text, &n);

	c->number = 1;
	c->title = "Attempts";
	c->unit = "in each minute";
	c->suffix = "";
	c->unseen = unseen;
	chart_draw(c, to);
	fclose(to);
	return text;
}

static unsigned int times(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void has(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no '%s' in:\n%s", what, text);
}

static void times_at_the_axis_are_round_and_few(void **state)
{
	static const struct {
		__s64 from, step_s;
		size_t steps;
		const char *label, *not ;
	} cases[] = {
		{ NOON + 180, 60, 31, ">12:05</text>", ">12:03</text>" },
		{ NOON + 180, 60, 200, ">12:30</text>", ">12:03</text>" },
		{ NOON, 900, 96, ">02-18</text>", ">00:00</text>" }, /* midnight has a date */
		{ NOON, 3 * 3600, 112, ">02-19</text>", ">12:00</text>" },
		{ NOON, 7 * 86400, 60, ">04-11</text>", ">12:00</text>" },
	};
	const struct chart_series series = { "failed", values, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct chart c = { .from = cases[i].from,
				   .step_s = cases[i].step_s,
				   .n_steps = cases[i].steps,
				   .series = &series,
				   .n_series = 1 };
		char *text = draw(&c);

		has(text, cases[i].label);
		assert_null(strstr(text, cases[i].not ));
		/* one mark of time each, and the axis itself */
		assert_in_range(times(text, "class=\"axis\""), 4, 11);
		free(text);
	}
}

static void the_axis_ends_at_a_figure_whose_quarter_can_be_read(void **state)
{
	static const struct {
		double most;
		const char *top, *quarter;
	} cases[] = {
		{ 0, ">4</text>", ">1</text>" },
		{ 3, ">4</text>", ">1</text>" },
		{ 5, ">10</text>", ">2.5</text>" },
		{ 17, ">20</text>", ">5</text>" },
		{ 240, ">400</text>", ">100</text>" },
		{ 401, ">1000</text>", ">250</text>" },
		{ 19999, ">20000</text>", ">5000</text>" },
	};
	const struct chart_series series = { "failed", values, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct chart c = { .from = NOON, .step_s = 60, .n_steps = 10, .series = &series, .n_series = 1 };
		char *text;

		values[3] = cases[i].most;
		text = draw(&c);
		has(text, cases[i].top);
		has(text, cases[i].quarter);
		assert_int_equal(times(text, "fill=\"url(#look0)\""),
				 cases[i].most > 0 ? 2 : 1); /* and the legend */
		free(text);
		values[3] = 0;
	}
}

static void a_label_stays_within_the_edges_and_off_the_one_before(void **state)
{
	const struct chart_mark marks[] = { { NOON - 900, NOON + 60, "impaired", false },
					    { NOON + 120, NOON + 180, "blocked", true }, /* no room beside it */
					    { NOON + 3540, NOON + 7200, "likely blocked", true },
					    { NOON + 7200, NOON + 9999, "after the end", true } };
	struct chart c = { .from = NOON, .step_s = 60, .n_steps = 60, .marks = marks, .n_marks = 4 };
	char *text = draw(&c), *label = strstr(text, "class=\"state\">likely blocked<");
	double x;

	(void)state;
	has(text, "class=\"state\">impaired<");
	assert_null(strstr(text, "class=\"state\">blocked<"));
	has(text, "<title>blocked</title>");
	assert_non_null(label);
	while (strncmp(label, "x=\"", 3))
		label--;
	x = atof(label + 3);
	assert_true(x > 600 && x + 7 * 14 < 760);
	assert_null(strstr(text, "after the end"));
	free(text);
}

static void what_is_not_known_is_no_line_and_said_to_be_so(void **state)
{
	double known[] = { 10, -1, 30, -1, -1, 60, 60, -1 }, none[] = { -1, -1, -1, -1, -1, -1, -1, -1 };
	const struct chart_series series[] = { { "x", known, 0 }, { "controls", none, 1 } };
	struct chart c = { .from = NOON,
			   .step_s = 60,
			   .n_steps = 8,
			   .lines = true,
			   .most = 100,
			   .series = series,
			   .n_series = 2 };
	char *text, *line;

	(void)state;
	unseen[1] = true;
	text = draw(&c);
	unseen[1] = false;
	has(text,
	    " x: from 10.0 to 60.0 (at 2024-02-17 12:05). controls: no figures. Of 8 steps 1 were not watched.");
	line = strstr(text, "stroke=\"#d55e00\"");
	line[strcspn(line, "/")] = '\0';
	assert_int_equal(times(line, "M"), 3); /* broken at each gap */
	assert_int_equal(times(line, "L"), 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_at_the_axis_are_round_and_few),
		cmocka_unit_test(the_axis_ends_at_a_figure_whose_quarter_can_be_read),
		cmocka_unit_test(a_label_stays_within_the_edges_and_off_the_one_before),
		cmocka_unit_test(what_is_not_known_is_no_line_and_said_to_be_so),
	};

	return cmocka_run_group_tests_name("chart", tests, NULL, NULL);
}
