// SPDX-License-Identifier: GPL-2.0
/*
 * The drawing: for each block a line from the median delay to the 95th percentile on a logarithmic axis of seconds, with
 * Lorden's bound and the time to reach; below, how often something is said for nothing. One file, no scripts.
 */
#include "table.h"

#include <math.h>

#define LEFT   340
#define WIDTH  520
#define RIGHT  280
#define TOP    70
#define ROW    20
#define MOST_S 3600.
#define FONT   "font-family='sans-serif' font-size='12'"
#define INK    "#222"
#define GREY   "#999"
#define BLUE   "#0072b2" /* Okabe and Ito's, as in the reports */
#define RED    "#d55e00"

static double x_of(double seconds)
{
	return LEFT + WIDTH * log(fmax(1, fmin(MOST_S, seconds))) / log(MOST_S);
}

static void text(FILE *to, double x, double y, const char *colour, const char *what)
{
	fprintf(to, "<text x='%.0f' y='%.0f' fill='%s'>%s</text>\n", x, y, colour, what);
}

static void line(FILE *to, double x1, double y1, double x2, double y2, const char *colour, double width)
{
	fprintf(to, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s' stroke-width='%.1f'/>\n", x1, y1, x2,
		y2, colour, width);
}

static void axis(FILE *to, double bottom)
{
	static const struct {
		double at;
		const char *label;
	} ticks[] = { { 1, "1 s" }, { 3, "3" },	       { 10, "10 s" }, { 30, "30" },   { 60, "1 min" },
		      { 180, "3" }, { 600, "10 min" }, { 1800, "30" }, { 3600, "1 h" } };

	for (unsigned int i = 0; i < sizeof(ticks) / sizeof(*ticks); i++) {
		line(to, x_of(ticks[i].at), TOP - 10, x_of(ticks[i].at), bottom, "#ddd", 1);
		text(to, x_of(ticks[i].at) - 8, TOP - 14, INK, ticks[i].label);
	}
}

static void label(FILE *to, const struct cell *c, double y)
{
	fprintf(to, "<text x='10' y='%.0f' fill='" INK "'>%s, %g/s, %.0f %% fail, rho %g</text>\n", y + 4, c->name,
		c->rate, c->base * 100, c->rho);
}

static void block_row(FILE *to, const struct cell *c, const struct sums *s, double y)
{
	double half = sums_at(s, DETECTED, .5), most = sums_at(s, DETECTED, .95), bound = cell_bound_s(c);
	struct target target = c->to_reach ? c->to_reach[DETECTED] : (struct target){ 0 };

	label(to, c, y);
	if (target.most > 0)
		line(to, x_of(target.most), y - 7, x_of(target.most), y + 7, RED, 2);
	if (target.median > 0)
		line(to, x_of(target.median), y - 7, x_of(target.median), y + 7, RED, 1);
	if (c->share > 0)
		fprintf(to, "<path d='M%.1f %.1fl-4 8h8z' fill='" GREY "'/>\n", x_of(bound), y - 4);
	if (half >= 0) {
		line(to, x_of(half), y, x_of(most >= 0 ? most : MOST_S), y, BLUE, 3);
		fprintf(to, "<circle cx='%.1f' cy='%.1f' r='4' fill='" BLUE "'/>\n", x_of(half), y);
	}
	fprintf(to, "<text x='%d' y='%.0f' fill='%s'>", LEFT + WIDTH + 12, y + 4,
		claims_missed(c, s, false) ? RED : INK);
	if (half < 0)
		fprintf(to, "not found");
	else if (most < 0)
		fprintf(to, "%.0f s", half);
	else
		fprintf(to, "%.0f, %.0f s", half, most);
	if (s->missed)
		fprintf(to, "; missed %u of %u", s->missed, s->runs);
	if (s->n[SINCE_OFF])
		fprintf(to, "; since %.0f, %.0f off", sums_at(s, SINCE_OFF, .5), sums_at(s, SINCE_OFF, .95));
	fprintf(to, "</text>\n");
}

static void calm_row(FILE *to, const struct cell *c, const struct sums *s, double y)
{
	label(to, c, y);
	fprintf(to, "<text x='%d' y='%.0f' fill='%s'>%u false in %.2f years", LEFT, y + 4, s->alarms ? RED : INK,
		s->alarms, s->years);
	if (s->by_tail >= 0)
		fprintf(to, "; by the tail %.2g a year", s->by_tail);
	fprintf(to, "</text>\n");
}

static bool played(const struct sums *s)
{
	return s->runs || s->years > 0;
}

void figure_draw(FILE *to, const struct sums *sums, unsigned int n)
{
	unsigned int rows = 2;
	double y = TOP + ROW / 2.;

	for (unsigned int i = 0; i < n; i++)
		rows += played(&sums[i]);
	fprintf(to,
		"<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' " FONT " role='img'>\n"
		"<title>xreach: how soon a block is found, and what is said for nothing</title>\n"
		"<rect width='100%%' height='100%%' fill='white'/>\n",
		LEFT + WIDTH + RIGHT, TOP + (int)rows * ROW + 20);
	text(to, 10, 20, INK,
	     "Time until a block is found: dot the median, end of the line 95 % of the runs; without the verdict's own delay.");
	text(to, 10, 38, INK,
	     "Triangle: Lorden's bound, that no rule can beat in the mean. Red: to reach (thin: median).");
	axis(to, TOP + (rows - 1) * ROW);
	for (unsigned int i = 0; i < n; i++) {
		if (!played(&sums[i]) || cells[i].block == NONE)
			continue;
		block_row(to, &cells[i], &sums[i], y);
		y += ROW;
	}
	y += ROW;
	for (unsigned int i = 0; i < n; i++) {
		if (!played(&sums[i]) || cells[i].block != NONE)
			continue;
		calm_row(to, &cells[i], &sums[i], y);
		y += ROW;
	}
	fprintf(to, "</svg>\n");
}
