// SPDX-License-Identifier: GPL-2.0
/* Escaping for HTML and SVG: see html.h. */
#include "show/html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "show/clean.h"

static void escape(FILE *to, const char *text)
{
	while (*text) {
		size_t length = clean_character(text);

		switch (*text) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		case '\'':
			fputs("&#39;", to);
			break;
		default:
			if (length)
				fwrite(text, 1, length, to);
			else
				fputc('?', to);
		}
		text += length ? length : 1;
	}
}

/*
 * One conversion at a time: those with a string are escaped, the others go to vfprintf with their own argument. The
 * formats are all our own, so only what they use is known here.
 */
void html_print(FILE *to, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	while (*format) {
		size_t plain = strcspn(format, "%"), length;
		char one[32];

		fwrite(format, 1, plain, to);
		format += plain;
		if (!*format)
			break;
		length = 1 + strspn(format + 1, "0123456789.-+ l");
		if (format[length] == '%') {
			fputc('%', to);
		} else if (format[length] == 's') {
			escape(to, va_arg(args, const char *));
		} else if (length + 2 < sizeof(one)) {
			memcpy(one, format, length + 1);
			one[length + 1] = '\0';
			if (strchr("fg", format[length]))
				fprintf(to, one, va_arg(args, double));
			else if (format[length - 1] == 'l' && format[length - 2] == 'l')
				fprintf(to, one, va_arg(args, long long));
			else if (format[length - 1] != 'l')
				fprintf(to, one, va_arg(args, int));
			else
				abort(); /* a format that nobody has tried */
		}
		format += length + 1;
	}
	va_end(args);
}

void html_items(FILE *to, const char *lines)
{
	while (*lines) {
		size_t length = strcspn(lines, "\n");
		char *line = strndup(lines, length);

		if (line)
			html_print(to, "<li>%s</li>\n", line);
		free(line);
		lines += length + (lines[length] == '\n');
	}
}
