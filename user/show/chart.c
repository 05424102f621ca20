// SPDX-License-Identifier: GPL-2.0
/* Drawing charts: see chart.h. */
#include "show/chart.h"

#include <math.h>
#include <string.h>

#include "show/html.h"
#include "when.h"

#define WIDTH  760.0
#define HEIGHT 250.0
#define LEFT   52.0
#define RIGHT  14.0
#define TOP    28.0
#define BOTTOM 42.0
#define PLOT_W (WIDTH - LEFT - RIGHT)
#define PLOT_H (HEIGHT - TOP - BOTTOM)
#define LABELS 9   /* of time, at most */
#define CHAR_W 8.0 /* of a label, about, in the larger letters that a phone shows */

/* Dark and light in turn, as a print in grey shows them. */
static const struct {
	const char *colour, *dash, *hatch; /* of lines; of bars, as a path in a square of 6 */
} looks[CHART_COLOURS] = {
	{ "#d55e00", "", "" },
	{ "#0072b2", "7 3", "M0 6L6 0" },
	{ "#e69f00", "2 3", "M0 0L6 6" },
	{ "#009e73", "9 3 2 3", "M0 3H6" },
	{ "#cc79a7", "4 4", "M3 0V6" },
	{ "#56b4e9", "1 4", "" },
	{ "#555555", "12 4", "M0 6L6 0M0 0L6 6" },
	{ "#cccccc", "5 2", "" },
};

void chart_begin(FILE *to)
{
	fputs("<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs>\n", to);
	for (int i = 0; i < CHART_COLOURS; i++)
		html_print(
			to,
			"<pattern id=\"look%d\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect "
			"width=\"6\" height=\"6\" fill=\"%s\"/><path d=\"%s\" stroke=\"#fff\" stroke-width=\"1.2\"/>"
			"</pattern>\n",
			i, looks[i].colour, looks[i].hatch);
	fputs("<pattern id=\"unseen\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect width=\"8\" "
	      "height=\"8\" fill=\"#eee\"/><path d=\"M0 8L8 0\" stroke=\"#aaa\"/></pattern>\n</defs></svg>\n",
	      to);
}

static unsigned int look(const struct chart_series *s)
{
	return s->colour % CHART_COLOURS;
}

static __s64 end_of(const struct chart *c)
{
	return c->from + c->step_s * (__s64)c->n_steps;
}

static double x_of(const struct chart *c, __s64 at)
{
	double share = (double)(at - c->from) / (double)(end_of(c) - c->from);

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

/* 1, 2, 4 or 10 times a power of ten, not below the greatest value: a quarter of it can be read. */
static double top_of(const struct chart *c)
{
	double most = 0, unit;

	if (c->most > 0)
		return c->most;
	for (size_t i = 0; i < c->n_steps; i++)
		most = fmax(most, sum_at(c, i));
	if (most <= 4)
		return 4;
	unit = pow(10, floor(log10(most)));
	return most <= unit ? unit : most <= 2 * unit ? 2 * unit : most <= 4 * unit ? 4 * unit : 10 * unit;
}

/* ---- in words -------------------------------------------------------------------------------------------------- */
static void describe_series(const struct chart *c, const struct chart_series *s, FILE *to)
{
	double sum = 0, least = -1, most = -1;
	char text[WHEN_TEXT];
	size_t at = 0;

	for (size_t i = 0; i < c->n_steps; i++) {
		double v = s->values[i];

		if (v < 0)
			continue;
		sum += v;
		least = least < 0 ? v : fmin(v, least);
		at = v > most ? i : at;
		most = fmax(v, most);
	}
	if (most < 0) {
		html_print(to, " %s: no figures.", s->name);
		return;
	}
	if (c->lines)
		html_print(to, " %s: from %.1f%s to %.1f%s", s->name, least, c->suffix, most, c->suffix);
	else
		html_print(to, " %s: %.0f in all, at most %.0f", s->name, sum, most);
	if (most > 0)
		html_print(to, " (at %s)", when_minute(c->from + (__s64)at * c->step_s, text));
	fputc('.', to);
}

/* What a reader of the screen hears. */
static void describe(const struct chart *c, FILE *to)
{
	char from[WHEN_TEXT], until[WHEN_TEXT];
	size_t unseen = 0;

	html_print(to, "<title id=\"t%d\">%s</title>\n<desc id=\"d%d\">Figures: %s, from %s to %s UTC.",
		   (int)c->number, c->title, (int)c->number, c->unit, when_minute(c->from, from),
		   when_minute(end_of(c), until));
	for (size_t i = 0; i < c->n_series; i++)
		describe_series(c, &c->series[i], to);
	for (size_t i = 0; i < c->n_marks; i++)
		if (c->marks[i].to > c->from && c->marks[i].from < end_of(c))
			html_print(to, " Marked: %s, %s to %s.", c->marks[i].label,
				   when_minute(c->marks[i].from, from), when_minute(c->marks[i].to, until));
	for (size_t i = 0; i < c->n_steps; i++)
		unseen += c->unseen[i];
	if (unseen)
		html_print(to, " Of %llu steps %llu were not watched.", (unsigned long long)c->n_steps,
			   (unsigned long long)unseen);
	fputs("</desc>\n", to);
}

/* ---- axes ------------------------------------------------------------------------------------------------------ */
/* The shortest round piece of time of which at most LABELS fit. */
static __s64 tick_of(const struct chart *c)
{
	static const __s64 pieces[] = { 60,	   120,	      300,	  600,	      900,	 1800,
					3600,	   2 * 3600,  3 * 3600,	  6 * 3600,   12 * 3600, 86400,
					2 * 86400, 7 * 86400, 14 * 86400, 28 * 86400, 56 * 86400 };
	size_t i = 0;

	while (i + 1 < sizeof(pieces) / sizeof(pieces[0]) && (end_of(c) - c->from) / pieces[i] > LABELS)
		i++;
	return pieces[i];
}

static void draw_times(const struct chart *c, FILE *to)
{
	__s64 tick = tick_of(c), at = c->from + tick - 1;
	char text[WHEN_TEXT], last[WHEN_TEXT];
	double y = TOP + PLOT_H;

	for (at -= at % tick; at <= end_of(c); at += tick) {
		when_minute(at, text); /* "2024-02-17 16:04" */
		if (tick >= 86400 || !(at % 86400))
			text[10] = '\0';
		html_print(
			to,
			"<path d=\"M%.1f %.1fv5\" class=\"axis\"/><text x=\"%.1f\" y=\"%.1f\" class=\"mid\">%s</text>\n",
			x_of(c, at), y, x_of(c, at), y + 18, text + (text[10] ? 11 : 5));
	}
	when_minute(c->from, text);
	when_minute(end_of(c) - 1, last);
	text[10] = last[10] = '\0';
	html_print(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"mid\">%s%s%s, UTC</text>\n", LEFT + PLOT_W / 2, y + 36,
		   text, strcmp(text, last) ? " to " : "", strcmp(text, last) ? last : "");
}

static void draw_axes(const struct chart *c, double top, FILE *to)
{
	for (int i = 0; i <= 4; i++) {
		double y = TOP + PLOT_H * (1 - i / 4.0);

		html_print(to, "<path d=\"M%.1f %.1fH%.1f\" class=\"%s\"/>", LEFT, y, LEFT + PLOT_W,
			   i ? "grid" : "axis");
		html_print(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"num\">%g%s</text>\n", LEFT - 6, y + 4,
			   top * i / 4, c->suffix);
	}
	draw_times(c, to);
}

/* ---- spans ----------------------------------------------------------------------------------------------------- */
static void draw_unseen(const struct chart *c, FILE *to)
{
	for (size_t i = 0; i < c->n_steps; i++) {
		size_t end = i;

		while (end < c->n_steps && c->unseen[end])
			end++;
		if (end == i)
			continue;
		html_print(to,
			   "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"url(#unseen)\">"
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
		double x = x_of(c, m->from), width = fmax(x_of(c, m->to) - x, 1),
		       room = CHAR_W * (double)strlen(m->label);
		double at = fmax(0, fmin(x, WIDTH - room));

		if (m->to <= c->from || m->from >= end_of(c))
			continue;
		html_print(
			to,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"%s\"><title>%s</title>"
			"</rect><path d=\"M%.1f %.1fh%.1f\" class=\"%s\"/>\n",
			x, TOP, width, PLOT_H, m->grave ? "mark grave" : "mark", m->label, x, TOP - 2, width,
			m->grave ? "bar grave" : "bar");
		if (at < free_from)
			continue;
		html_print(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"state\">%s</text>\n", at, TOP - 8, m->label);
		free_from = at + room + 8;
	}
}

/* ---- figures --------------------------------------------------------------------------------------------------- */
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
			html_print(
				to,
				"<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"url(#look%d)\"/>",
				LEFT + width * (double)s, y, fmax(width - 0.6, 0.4), height,
				(int)look(&c->series[i]));
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
		   looks[look(series)].colour, series->colour ? 2. : 2.8, looks[look(series)].dash);
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
	for (size_t i = 0; i < c->n_series; i++) {
		const struct chart_series *s = &c->series[i];

		fputs("<span><svg width=\"28\" height=\"12\" aria-hidden=\"true\">", to);
		if (c->lines)
			html_print(to,
				   "<path d=\"M1 6H27\" stroke=\"%s\" stroke-width=\"3\" stroke-dasharray=\"%s\"/>",
				   looks[look(s)].colour, looks[look(s)].dash);
		else
			html_print(to, "<rect width=\"28\" height=\"12\" fill=\"url(#look%d)\"/>", (int)look(s));
		html_print(to, "</svg> %s</span> ", s->name);
	}
	fputs("</p>\n", to);
}

void chart_draw(const struct chart *c, FILE *to)
{
	double top = top_of(c);

	html_print(to, "<figure><figcaption>%s <small>(%s)</small></figcaption>\n", c->title, c->unit);
	html_print(to, "<svg viewBox=\"0 0 %g %g\" class=\"chart\" role=\"img\" aria-labelledby=\"t%d d%d\">\n",
		   WIDTH, HEIGHT, (int)c->number, (int)c->number);
	describe(c, to);
	draw_unseen(c, to);
	draw_marks(c, to);
	draw_axes(c, top, to);
	if (c->lines) /* the first last, on top of the others */
		for (size_t i = c->n_series; i-- > 0;)
			draw_line(c, &c->series[i], top, to);
	else
		draw_bars(c, top, to);
	fputs("</svg>\n", to);
	draw_legend(c, to);
	fputs("</figure>\n", to);
}
