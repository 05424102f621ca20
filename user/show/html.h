/* SPDX-License-Identifier: GPL-2.0 */
/* Text into HTML and SVG: nothing that comes from a file can become markup. */
#ifndef XREACH_HTML_H
#define XREACH_HTML_H

#include <stdio.h>

/* As printf, but each %s is escaped for an element or a quoted attribute, control characters and what is no UTF-8 becoming
 * '?'; %% and numbers as usual. Markup is what stands in `format` itself. */
__attribute__((format(printf, 2, 3))) void html_print(FILE *to, const char *format, ...);
/* "<li>...</li>" for each line of `lines`. */
void html_items(FILE *to, const char *lines);

#endif
