// SPDX-License-Identifier: GPL-2.0
/* Drawing charts: see chart.h. */
#include "show/chart.h"

#include <math.h>
#include <string.h>

#include "show/html.h"
#include "when.h"

#define WIDTH  900.0
#define HEIGHT 230.0
#define LEFT   54.0
#define RIGHT  10.0
#define TOP    26.0
#define BOTTOM 34.0
#define PLOT_W (WIDTH - LEFT - RIGHT)
#define PLOT_H (HEIGHT - TOP - BOTTOM)
#define LABELS 6   /* of time */
#define CHAR_W 6.2 /* of a label, about */

static const char *const colours[CHART_COLOURS] = { "#d55e00", "#0072b2", "#009e73", "#cc79a7",
						    "#e69f00", "#56b4e9", "#555555", "#999999" };
static const char *const dashes[CHART_COLOURS] = { "", "7 3", "2 3", "9 3 2 3", "4 4", "1 4", "12 4", "5 2" };

static const char *colour_text(unsigned int colour)
{
	return colours[colour % CHART_COLOURS];
}

static double x_of(const struct chart *c, __s64 at)
{
	double share = (double)(at - c->from) / ((double)c->step_s * (double)c->n_steps);

	return LEFT + PLOT_W * fmin(1, fmax(0, share));
}

static double sum_at(const struct chart *c, size_t step)
{
	double sum = 0, most = 0;

	for (size_t i = 0; i < c->n_series; i++) {
		double v = c->series[i].values[step];

		sum += v > 0 ? v : 0;
		most = v > most ? v : most;
	}
	return c->lines ? most : sum;
}

/* 1, 2 or 5 times a power of ten, not below the greatest value. */
static double top_of(const struct chart *c)
{
	double most = 0, unit;

	if (c->most > 0)
		return c->most;
	for (size_t i = 0; i < c->n_steps; i++)
		most = fmax(most, sum_at(c, i));
	if (most <= 1)
		return 1;
	unit = pow(10, floor(log10(most)));
	return most <= unit ? unit : most <= 2 * unit ? 2 * unit : most <= 5 * unit ? 5 * unit : 10 * unit;
}

static void draw_axes(const struct chart *c, double top, FILE *to)
{
	bool days = c->step_s * (__s64)c->n_steps > 3 * 86400;
	char text[WHEN_TEXT];

	for (int i = 0; i <= 4; i++) {
		double y = TOP + PLOT_H * (1 - i / 4.0);

		html_print(to, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>", LEFT,
			   LEFT + PLOT_W, y, y);
		html_print(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"num\">%g</text>\n", LEFT - 6, y + 4,
			   top * i / 4);
	}
	for (int i = 0; i <= LABELS; i++) {
		__s64 at = c->from + c->step_s * (__s64)c->n_steps * i / LABELS;

		at -= at % (c->step_s < 3600 ? 60 : c->step_s < 86400 ? 3600 : 86400);
		when_minute(at, text); /* "2024-02-17 16:04" */
		if (days)
			text[10] = '\0';
		html_print(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x_of(c, at),
			   TOP + PLOT_H + 16,
			   i == 0	 ? "first"
			   : i == LABELS ? "last"
					 : "mid",
			   days ? text + 5 : text + 11);
	}
	when_minute(c->from, text);
	html_print(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"first\">from %s UTC</text>\n", LEFT, TOP + PLOT_H + 30,
		   text);
}

static void draw_unseen(const struct chart *c, FILE *to)
{
	for (size_t i = 0; i < c->n_steps; i++) {
		size_t end = i;

		while (end < c->n_steps && c->unseen[end])
			end++;
		if (end == i)
			continue;
		html_print(to,
			   "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"unseen\">"
			   "<title>not watched</title></rect>\n",
			   x_of(c, c->from + (__s64)i * c->step_s), TOP,
			   PLOT_W * (double)(end - i) / (double)c->n_steps, PLOT_H);
		i = end;
	}
}

/* A label that would lie over the one before is left out; its title is still there. */
static void draw_marks(const struct chart *c, FILE *to)
{
	double free_from = 0;

	for (size_t i = 0; i < c->n_marks; i++) {
		const struct chart_mark *m = &c->marks[i];
		double x = x_of(c, m->from), end = x_of(c, m->to);

		if (m->to <= c->from || m->from >= c->from + c->step_s * (__s64)c->n_steps)
			continue;
		html_print(
			to,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"%s\"><title>%s</title>"
			"</rect>\n",
			x, TOP, fmax(end - x, 1), PLOT_H, m->grave ? "mark grave" : "mark", m->label);
		if (x < free_from)
			continue;
		html_print(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"first\">%s</text>\n", x, TOP - 6, m->label);
		free_from = x + CHAR_W * (double)strlen(m->label) + 8;
	}
}

static void draw_bars(const struct chart *c, double top, FILE *to)
{
	double width = PLOT_W / (double)c->n_steps;

	for (size_t s = 0; s < c->n_steps; s++) {
		double y = TOP + PLOT_H;

		for (size_t i = 0; i < c->n_series; i++) {
			double v = c->series[i].values[s], height = v > 0 ? PLOT_H * fmin(v / top, 1) : 0;

			if (height <= 0)
				continue;
			y -= height;
			html_print(to, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>",
				   LEFT + width * (double)s, y, fmax(width - 0.4, 0.4), height,
				   colour_text(c->series[i].colour));
		}
	}
	fputc('\n', to);
}

/* Broken where there is no value; a value alone between two gaps is a dot. */
static void draw_line(const struct chart *c, const struct chart_series *series, double top, FILE *to)
{
	bool open = false;

	html_print(to,
		   "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%g\" stroke-dasharray=\"%s\" stroke-linecap="
		   "\"round\" d=\"",
		   colour_text(series->colour), series->colour ? 1.6 : 2.6, dashes[series->colour % CHART_COLOURS]);
	for (size_t s = 0; s < c->n_steps; s++) {
		double v = series->values[s];

		if (v >= 0)
			html_print(to, open ? "L%.1f %.1f" : "M%.1f %.1fh.1",
				   LEFT + PLOT_W * ((double)s + .5) / (double)c->n_steps,
				   TOP + PLOT_H * (1 - fmin(v / top, 1)));
		open = v >= 0;
	}
	fputs("\"/>\n", to);
}

static void draw_legend(const struct chart *c, FILE *to)
{
	fputs("<p class=\"legend\">", to);
	for (size_t i = 0; i < c->n_series; i++)
		html_print(
			to,
			"<span><svg width=\"26\" height=\"10\" aria-hidden=\"true\"><line x1=\"1\" x2=\"25\" y1=\"5\" "
			"y2=\"5\" stroke=\"%s\" stroke-width=\"%d\" stroke-dasharray=\"%s\"/></svg> %s</span> ",
			colour_text(c->series[i].colour), c->lines ? 3 : 9,
			c->lines ? dashes[c->series[i].colour % CHART_COLOURS] : "", c->series[i].name);
	fputs("</p>\n", to);
}

void chart_draw(const struct chart *c, FILE *to)
{
	double top = top_of(c);

	html_print(to, "<figure><figcaption>%s <small>(%s)</small></figcaption>\n", c->title, c->unit);
	html_print(to, "<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT, c->title);
	draw_axes(c, top, to);
	draw_unseen(c, to);
	draw_marks(c, to);
	if (c->lines) /* the first last, on top of the others */
		for (size_t i = c->n_series; i-- > 0;)
			draw_line(c, &c->series[i], top, to);
	else
		draw_bars(c, top, to);
	fputs("</svg>\n", to);
	draw_legend(c, to);
	fputs("</figure>\n", to);
}
