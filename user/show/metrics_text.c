// SPDX-License-Identifier: GPL-2.0
/* The two text formats of Prometheus. They differ in the family's name, the type of infos, and the end. */
#include "show/metrics_text.h"

#include <math.h>
#include <stdint.h>

/* Length of the UTF-8 character at s, or 0: a single bad byte would make the whole page unreadable. */
static unsigned int utf8_length(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int length = s[0] < 0x80	  ? 1
			      : s[0] >> 5 == 0x6  ? 2
			      : s[0] >> 4 == 0xe  ? 3
			      : s[0] >> 3 == 0x1e ? 4
						  : 0;
	uint32_t code = length > 1 ? s[0] & (0x7fu >> length) : s[0];

	for (unsigned int i = 1; i < length; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (length > 1 && (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)))
		return 0;
	return length;
}

static void write_label_value(FILE *out, const char *value)
{
	const unsigned char *s = (const unsigned char *)value;

	while (*s) {
		unsigned int length = utf8_length(s);

		if (*s == '\n') {
			fputs("\\n", out);
		} else if (*s == '\\' || *s == '"') {
			fputc('\\', out);
			fputc(*s, out);
		} else if (!length || *s < 0x20 || *s == 0x7f) {
			fputc('?', out);
		} else {
			fwrite(s, 1, length, out);
		}
		s += length ? length : 1;
	}
}

static void write_number(FILE *out, double value)
{
	if (isnan(value))
		fputs("NaN", out);
	else if (isinf(value))
		fputs(value > 0 ? "+Inf" : "-Inf", out);
	else if (fabs(value) < 9007199254740992.0 && trunc(value) == value)
		fprintf(out, "%.0f", value);
	else
		fprintf(out, "%.15g", value);
}

static const char *suffix(enum metric_type type)
{
	return type == METRIC_COUNTER ? "_total" : type == METRIC_INFO ? "_info" : "";
}

static void write_head(FILE *out, const struct metric *metric, bool openmetrics)
{
	static const char *const open[] = { "counter", "gauge", "info" };
	static const char *const plain[] = { "counter", "gauge", "gauge" };
	const char *end = openmetrics ? "" : suffix(metric->type);

	fprintf(out, "# HELP %s%s %s\n# TYPE %s%s %s\n", metric->name, end, metric->help, metric->name, end,
		openmetrics ? open[metric->type] : plain[metric->type]);
}

size_t metric_write(FILE *out, const struct metric *metric, const struct metric_page *page, bool openmetrics)
{
	const struct metric_labels *labels = metric->labels;
	size_t rows = labels && labels->rows ? labels->rows(page) : 1, written = 0;

	write_head(out, metric, openmetrics);
	for (size_t row = 0; row < rows; row++) {
		const char *values[METRIC_LABELS] = { NULL };

		if (labels && !labels->row(page, row, values))
			continue;
		fprintf(out, "%s%s", metric->name, suffix(metric->type));
		for (int i = 0; labels && labels->names[i]; i++) {
			fprintf(out, "%c%s=\"", i ? ',' : '{', labels->names[i]);
			write_label_value(out, values[i] ? values[i] : "");
			fputc('"', out);
		}
		fputs(labels ? "} " : " ", out);
		write_number(out, metric->value(page, row, metric->arg));
		fputc('\n', out);
		written++;
	}
	return written;
}
