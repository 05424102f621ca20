/* SPDX-License-Identifier: GPL-2.0 */
/* The figures of a stretch as tables of the page (report_html.c): by group, signature, addresses, site, day. */
#ifndef XREACH_REPORT_TABLES_H
#define XREACH_REPORT_TABLES_H

#include <stdio.h>

struct past;

/* Sections with a head of their own, each table with its caption. */
void report_tables(const struct past *past, FILE *to);

#endif
