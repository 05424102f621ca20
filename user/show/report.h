/* SPDX-License-Identifier: GPL-2.0 */
/* A stretch of history in four forms. All of them tell the same figures; a step that nobody watched has none. */
#ifndef XREACH_REPORT_H
#define XREACH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

struct past;
struct evidence_told;

struct report_form {
	size_t width; /* columns of the terminal, for text */
	bool fold;    /* somebody reads it there: a row that does not fit is two; else a program may */
	bool utf8;    /* bars of eighths, else of ASCII */
	bool compare; /* the table of other people's words, and nothing else; HTML always has it beside the rest */
	__s64 now;    /* when the report is made */
	const struct evidence_told *evidence; /* NULL: nobody looked */
};

/* What is missing at the end of memory is left out; whether `to` took it all is the caller's to ask. */
void report_text(const struct past *past, const struct report_form *form, FILE *to);
/* One object, its incidents as they were told; see xreach(8). */
void report_json(const struct past *past, const struct report_form *form, FILE *to);
/* Times by group, one row each (RFC 4180, with a line of names); with `compare` that table. */
void report_csv(const struct past *past, const struct report_form *form, FILE *to);
/* One page that needs nothing else: no script, no font, no picture from elsewhere. */
void report_html(const struct past *past, const struct report_form *form, FILE *to);

#endif
