// SPDX-License-Identifier: GPL-2.0
/* Metrics of what the detector finds: states, incidents, and what they rest on. */
#include <math.h>

#include "show/metrics_page.h"

/* NaN: not known. */
static double known(double value)
{
	return value < 0 ? NAN : value;
}

/* ---- group ------------------------------------------------------------------------------------------------ */
static size_t group_rows(const struct metric_page *page)
{
	return board_groups(page->board);
}

static bool group_row(const struct metric_page *page, size_t row, const char **values)
{
	values[0] = board_group_name(page->board, (unsigned int)row);
	return true;
}

static double baseline(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return known(incidents_baseline(page->board->incidents, (__u8)row));
}

static double least(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return known(incidents_least(page->board->incidents, (__u8)row));
}

static double controls(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return known(incidents_controls_failing(page->board->incidents, (__u8)row));
}

static double counted(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return known(incidents_failing(page->board->incidents, (__u8)row));
}

static double opened(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)incidents_opened(page->board->incidents, (__u8)row);
}

static bool open_one(const struct metric_page *page, size_t row, struct incident_report *out)
{
	return incidents_report(page->board->incidents, (__u8)row, out) && out->in.open;
}

static double active(const struct metric_page *page, size_t row, unsigned int arg)
{
	struct incident_report r;

	(void)arg;
	return open_one(page, row, &r);
}

static double since(const struct metric_page *page, size_t row, unsigned int arg)
{
	struct incident_report r;

	(void)arg;
	return open_one(page, row, &r) ? (double)r.in.since : NAN;
}

static double share(const struct metric_page *page, size_t row, unsigned int arg)
{
	struct incident_report r;

	(void)arg;
	return open_one(page, row, &r) && r.in.attempts && r.in.worst != WORD_VANISHED
		       ? (double)r.in.failures / (double)r.in.attempts
		       : NAN;
}

static double clients(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)incidents_clients_least(page->board->incidents, (__u8)row);
}

static const struct metric_labels of_group = { { "group" }, group_rows, group_row };

/* ---- group, site and state: 1 for the one that is ---------------------------------------------------------- */
struct state_place {
	unsigned int group, site, word;
};

static struct state_place state_place(const struct metric_page *page, size_t row)
{
	unsigned int sites = page->board->setup.sites_count + 1;

	return (struct state_place){
		.word = (unsigned int)(row % WORDS),
		.site = (unsigned int)(row / WORDS % sites),
		.group = (unsigned int)(row / WORDS / sites),
	};
}

static size_t state_rows(const struct metric_page *page)
{
	return group_rows(page) * (page->board->setup.sites_count + 1) * WORDS;
}

static bool state_row(const struct metric_page *page, size_t row, const char **values)
{
	const struct state_place p = state_place(page, row);

	values[0] = board_group_name(page->board, p.group);
	values[1] = p.site ? board_site_name(page->board, p.site) : "all";
	values[2] = word_names[p.word];
	return true;
}

static double state_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	const struct state_place p = state_place(page, row);
	const struct incidents *i = page->board->incidents;

	(void)arg;
	return (p.site ? incidents_site(i, (__u8)p.group, (__u8)p.site) : incidents_state(i, (__u8)p.group)) ==
	       p.word;
}

static const struct metric_labels of_state = { { "group", "site", "state" }, state_rows, state_row };

/* ---- what it rests on ---------------------------------------------------------------------------------------- */
static double untrusted(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return incidents_untrusted(page->board->incidents);
}

static double trusted(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return incidents_untrusted(page->board->incidents) <= TRUST_MOST;
}

static double streams_full(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)incidents_streams_full(page->board->incidents);
}

static double interim_full(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)incidents_interim_full(page->board->incidents);
}

/* ---- the table ----------------------------------------------------------------------------------------------- */
/* clang-format off */
static const struct metric rows[] = {
	{ "xreach_state", METRIC_GAUGE, "The state of a group, of the whole host (site \"all\") and by site: 1 for the one that it is in.",
	  &of_state, state_value, 0 },
	{ "xreach_incident_active", METRIC_GAUGE, "Whether an incident of this group is on.",
	  &of_group, active, 0 },
	{ "xreach_incident_since_timestamp_seconds", METRIC_GAUGE, "Change point of the incident that is on; NaN without one.",
	  &of_group, since, 0 },
	{ "xreach_incident_failing_ratio", METRIC_GAUGE, "Failing share since then; NaN without one.",
	  &of_group, share, 0 },
	{ "xreach_incidents", METRIC_COUNTER, "Incidents of a group since the start.",
	  &of_group, opened, 0 },
	{ "xreach_counted_failing_ratio", METRIC_GAUGE, "Failing share of the last minute of what the detector counts; NaN without attempts.",
	  &of_group, counted, 0 },
	{ "xreach_controls_failing_ratio", METRIC_GAUGE, "The same of a group's controls together.",
	  &of_group, controls, 0 },
	{ "xreach_baseline_failing_ratio", METRIC_GAUGE, "Usual failing share of a group; NaN until it is learnt.",
	  &of_group, baseline, 0 },
	{ "xreach_least_told_ratio", METRIC_GAUGE, "Least share of a group's attempts whose block is told within five minutes; NaN where not even a full block is.",
	  &of_group, least, 0 },
	{ "xreach_clients_at_least", METRIC_GAUGE, "Distinct clients of a group on this day (UTC), rounded down: 0 for under 20, then 20, 50, 100, 200 ...",
	  &of_group, clients, 0 },
	{ "xreach_untrusted_ratio", METRIC_GAUGE, "The greater share, over ten minutes, of attempts lost or of packets not understood.",
	  NULL, untrusted, 0 },
	{ "xreach_trusted", METRIC_GAUGE, "Whether that is little enough for the detector to speak.",
	  NULL, trusted, 0 },
	{ "xreach_detector_streams_full", METRIC_COUNTER, "Flows counted in fewer parts of their group, too many parts being watched.",
	  NULL, streams_full, 0 },
	{ "xreach_detector_interim_full", METRIC_COUNTER, "Interim failures that count only once they are final, too many being open.",
	  NULL, interim_full, 0 },
};
/* clang-format on */

const struct metric_table metrics_of_incidents = { rows, sizeof(rows) / sizeof(rows[0]) };
