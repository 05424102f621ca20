// SPDX-License-Identifier: GPL-2.0
/* Metrics of the program itself: what it runs with, its log, its readers, its process. */
#include <stddef.h>

#include "version.h"
#include "show/metrics_page.h"

static double one(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)page, (void)row, (void)arg;
	return 1;
}

static bool version_row(const struct metric_page *page, size_t row, const char **values)
{
	(void)page, (void)row;
	values[0] = XREACH_VERSION;
	return true;
}

static bool ranges_row(const struct metric_page *page, size_t row, const char **values)
{
	const struct places *places = &page->board->places;

	(void)row;
	values[0] = places->version;
	values[1] = places->date;
	values[2] = places->hash;
	return true;
}

static const struct metric_labels of_version = { { "version" }, NULL, version_row };
static const struct metric_labels of_ranges = { { "version", "date", "hash" }, NULL, ranges_row };

/* ---- numbers that the daemon hands over, by their place -------------------------------------------------- */
#define SOURCE(member)	offsetof(struct metrics_source, member)
#define PROCESS(member) offsetof(struct process, member)

static double source_u64(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row;
	return (double)*(const __u64 *)((const char *)page->from + arg);
}

static double process_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row;
	return *(const double *)((const char *)&page->process + arg);
}

static double clients(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return page->from->control_clients;
}

static double reload_ok(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return page->from->reloads.last_ok;
}

static double reload_time(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)page->from->reloads.last_ok_s;
}

/* ---- two rows: well, and not ------------------------------------------------------------------------------- */
static size_t two_rows(const struct metric_page *page)
{
	(void)page;
	return 2;
}

static bool result_row(const struct metric_page *page, size_t row, const char **values)
{
	(void)page;
	values[0] = row ? "failed" : "ok";
	return true;
}

static bool code_row(const struct metric_page *page, size_t row, const char **values)
{
	(void)page;
	values[0] = row ? "500" : "200";
	return true;
}

static double reloads(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)(row ? page->from->reloads.failed : page->from->reloads.ok);
}

static double requests(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)(row ? page->from->http.failed : page->from->http.ok);
}

static const struct metric_labels of_result = { { "result" }, two_rows, result_row };
static const struct metric_labels of_code = { { "code" }, two_rows, code_row };

/* ---- the table ------------------------------------------------------------------------------------------------ */
/* clang-format off */
static const struct metric rows[] = {
	{ "xreach_build", METRIC_INFO, "The program.",
	  &of_version, one, 0 },
	{ "xreach_ranges", METRIC_INFO, "The list of address ranges in force.",
	  &of_ranges, one, 0 },
	{ "xreach_reloads", METRIC_COUNTER, "Times the list of address ranges was read again.",
	  &of_result, reloads, 0 },
	{ "xreach_reload_last_successful", METRIC_GAUGE, "Whether the last reading of the list put it in force.",
	  NULL, reload_ok, 0 },
	{ "xreach_reload_last_success_timestamp_seconds", METRIC_GAUGE, "When the list in force was read.",
	  NULL, reload_time, 0 },
	{ "xreach_event_log_lines", METRIC_COUNTER, "Lines taken for the event log.",
	  NULL, source_u64, SOURCE(events.lines) },
	{ "xreach_event_log_lost", METRIC_COUNTER, "Lines that the event log could not take.",
	  NULL, source_u64, SOURCE(events.lost) },
	{ "xreach_event_log_errors", METRIC_COUNTER, "Writes to the event log that failed.",
	  NULL, source_u64, SOURCE(events.errors) },
	{ "xreach_keep_trouble", METRIC_GAUGE, "Whether history or evidence cannot be written.",
	  NULL, source_u64, SOURCE(keep.trouble) },
	{ "xreach_keep_set_aside", METRIC_COUNTER, "Corrupt files of history and evidence that were set aside.",
	  NULL, source_u64, SOURCE(keep.set_aside) },
	{ "xreach_history_steps", METRIC_COUNTER, "Steps written to the history.",
	  NULL, source_u64, SOURCE(keep.history_steps) },
	{ "xreach_history_troubles", METRIC_COUNTER, "Steps that could not be written, and were tried again.",
	  NULL, source_u64, SOURCE(keep.history_troubles) },
	{ "xreach_history_lost", METRIC_COUNTER, "Flows and notes that found no room to wait for the history.",
	  NULL, source_u64, SOURCE(keep.history_lost) },
	{ "xreach_history_waiting", METRIC_GAUGE, "Rows that wait to be written to the history.",
	  NULL, source_u64, SOURCE(keep.history_waiting) },
	{ "xreach_evidence_lines", METRIC_COUNTER, "Lines written to the evidence file.",
	  NULL, source_u64, SOURCE(keep.evidence_lines) },
	{ "xreach_evidence_troubles", METRIC_COUNTER, "Times the evidence file could not be written.",
	  NULL, source_u64, SOURCE(keep.evidence_troubles) },
	{ "xreach_evidence_lost", METRIC_COUNTER, "Lines that found no room to wait for the evidence file.",
	  NULL, source_u64, SOURCE(keep.evidence_lost) },
	{ "xreach_control_clients", METRIC_GAUGE, "Readers on the control socket.",
	  NULL, clients, 0 },
	{ "xreach_http_requests", METRIC_COUNTER, "Requests for this page before this one.",
	  &of_code, requests, 0 },
	{ "process_cpu_seconds", METRIC_COUNTER, "Total user and system CPU time spent in seconds.",
	  NULL, process_value, PROCESS(cpu_s) },
	{ "process_start_time_seconds", METRIC_GAUGE, "Start time of the process since unix epoch in seconds.",
	  NULL, process_value, PROCESS(start_s) },
	{ "process_resident_memory_bytes", METRIC_GAUGE, "Resident memory size in bytes.",
	  NULL, process_value, PROCESS(resident_bytes) },
	{ "process_virtual_memory_bytes", METRIC_GAUGE, "Virtual memory size in bytes.",
	  NULL, process_value, PROCESS(virtual_bytes) },
	{ "process_virtual_memory_max_bytes", METRIC_GAUGE, "Maximum amount of virtual memory available in bytes.",
	  NULL, process_value, PROCESS(virtual_max_bytes) },
	{ "process_open_fds", METRIC_GAUGE, "Number of open file descriptors.",
	  NULL, process_value, PROCESS(open_fds) },
	{ "process_max_fds", METRIC_GAUGE, "Maximum number of open file descriptors.",
	  NULL, process_value, PROCESS(max_fds) },
};
/* clang-format on */

const struct metric_table metrics_of_daemon = { rows, sizeof(rows) / sizeof(rows[0]) };
