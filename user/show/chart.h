/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Charts over time as inline SVG: bars on top of each other, and lines, over steps of equal length. Colours are those of
 * Okabe and Ito, which people who cannot tell red from green can tell apart; bars bear hatchings and lines dashes, too, so
 * that a print in black serves. What a chart shows is also in it as a text, for those who cannot see it.
 */
#ifndef XREACH_CHART_H
#define XREACH_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

#define CHART_COLOURS 8

struct chart_series {
	const char *name;
	const double *values; /* n_steps; below 0: none */
	unsigned int colour;  /* 0 .. CHART_COLOURS - 1; 0 is the one for what failed */
};

/* A span of time that stands out: a phase of an incident. */
struct chart_mark {
	__s64 from, to;
	const char *label;
	bool grave; /* darker */
};

struct chart {
	unsigned int number;	  /* of the page, from 1 */
	const char *title, *unit; /* what the figures are */
	const char *suffix;	  /* of a figure at the axis: " %", or "" */
	__s64 from, step_s;
	size_t n_steps;
	const bool *unseen; /* n_steps: nobody watched; hatched */
	bool lines;	    /* else bars on top of each other, the first at the bottom */
	double most;	    /* top of the axis; 0: by the values */
	const struct chart_series *series;
	size_t n_series;
	const struct chart_mark *marks;
	size_t n_marks;
};

/* The hatchings of all charts of a page: once, before the first of them. */
void chart_begin(FILE *to);
void chart_draw(const struct chart *c, FILE *to);

#endif
