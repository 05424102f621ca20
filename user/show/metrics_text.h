/* SPDX-License-Identifier: GPL-2.0 */
/* How a metric is written: Prometheus text 0.0.4 and OpenMetrics 1.0. Knows nothing of what is measured. */
#ifndef XREACH_METRICS_TEXT_H
#define XREACH_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define METRIC_LABELS 6

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_INFO, METRIC_SUMMARY /* of quantiles only */ };

struct metric_page; /* what the getters read from */

/* The rows of a metric: how many, and each one's label values. */
struct metric_labels {
	const char *names[METRIC_LABELS + 1];
	size_t (*rows)(const struct metric_page *page);
	/* False: there is no such row. Values must live until the next call. */
	bool (*row)(const struct metric_page *page, size_t row, const char **values);
};

struct metric {
	const char *name; /* without the _total or _info that its type adds */
	enum metric_type type;
	const char *help;
	const struct metric_labels *labels; /* NULL: one row without labels */
	double (*value)(const struct metric_page *page, size_t row, unsigned int arg);
	unsigned int arg;
};

/* Write one family with all its rows. Returns the number of rows. */
size_t metric_write(FILE *out, const struct metric *metric, const struct metric_page *page, bool openmetrics);

#endif
