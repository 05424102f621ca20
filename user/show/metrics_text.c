// SPDX-License-Identifier: GPL-2.0
/* The two text formats of Prometheus. They differ in the family's name, the type of infos, and the end. */
#include "show/metrics_text.h"

#include <math.h>

#include "show/clean.h"

/* A single bad byte would make the whole page unreadable. */
static void write_label_value(FILE *out, const char *value)
{
	while (*value) {
		size_t length = clean_character(value);

		if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '\\' || *value == '"')
			fprintf(out, "\\%c", *value);
		else if (length)
			fwrite(value, 1, length, out);
		else
			fputc('?', out);
		value += length ? length : 1;
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
	static const char *const open[] = { "counter", "gauge", "info", "summary" };
	static const char *const plain[] = { "counter", "gauge", "gauge", "summary" };
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
