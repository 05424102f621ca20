// SPDX-License-Identifier: GPL-2.0
/* Metrics of what a block goes by, of how far off answerers and servers are, and of how fast groups go. */
#include <math.h>

#include "show/metrics_page.h"

#define PACE_SHOWN 10 /* minutes */
#define QUANTILES  3
static const char *const quantiles[QUANTILES] = { "0.1", "0.5", "0.9" };

static double quantile(const struct spread *s, size_t which)
{
	return (double)(which == 0 ? s->p10 : which == 1 ? s->p50 : s->p90);
}

/* ---- group and mechanism --------------------------------------------------------------------------------- */
static size_t mechanism_rows(const struct metric_page *page)
{
	return board_groups(page->board) * (size_t)MECHANISMS;
}

static bool mechanism_row(const struct metric_page *page, size_t row, const char **values)
{
	values[0] = board_group_name(page->board, (unsigned int)(row / MECHANISMS));
	values[1] = mechanism_name((enum mechanism)(row % MECHANISMS));
	return true;
}

static double mechanism_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	struct ways_about about;

	(void)arg;
	ways_about(page->board->ways, (__u8)(row / MECHANISMS), 0, page->from->now, &about);
	return mechanisms_of(&about) >> (row % MECHANISMS) & 1;
}

static const struct metric_labels of_mechanism = { { "group", "mechanism" }, mechanism_rows, mechanism_row };

/* ---- group, signature and quantile: only while seen ------------------------------------------------------- */
enum distance { ANSWERER_HOPS, ANSWERER_US, SERVER_HOPS, SERVER_US };

static bool distance(const struct metric_page *page, size_t place, enum distance what, struct spread *out)
{
	size_t group = place / SIGNATURES, signature = place % SIGNATURES;
	struct where_about about;

	if (!where_about(page->board->where, (__u8)group, 0, (enum signature)signature, &about))
		return false;
	*out = what == ANSWERER_HOPS ? about.answerer.hops
	       : what == ANSWERER_US ? about.answerer.us
	       : what == SERVER_HOPS ? about.server.hops
				     : about.server.us;
	return out->n > 0;
}

static size_t distance_rows(const struct metric_page *page)
{
	return board_groups(page->board) * (size_t)SIGNATURES * QUANTILES;
}

static bool distance_row(const struct metric_page *page, size_t row, const char **values, enum distance what)
{
	size_t place = row / QUANTILES;
	struct spread s;

	if (!distance(page, place, what, &s))
		return false;
	values[0] = board_group_name(page->board, (unsigned int)(place / SIGNATURES));
	values[1] = signature_name((enum signature)(place % SIGNATURES));
	values[2] = quantiles[row % QUANTILES];
	return true;
}

static double distance_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	struct spread s = { 0 };

	if (!distance(page, row / QUANTILES, (enum distance)arg, &s))
		return NAN;
	return quantile(&s, row % QUANTILES) / (arg == ANSWERER_US || arg == SERVER_US ? 1e6 : 1);
}

#define DISTANCE(name, what) \
	static bool name##_row(const struct metric_page *page, size_t row, const char **values) \
	{ \
		return distance_row(page, row, values, what); \
	} \
	static const struct metric_labels of_##name = { { "group", "signature", "quantile" }, \
							distance_rows, \
							name##_row }

DISTANCE(answerer_hops, ANSWERER_HOPS);
DISTANCE(answerer_us, ANSWERER_US);
DISTANCE(server_hops, SERVER_HOPS);
DISTANCE(server_us, SERVER_US);

/* ---- group and quantile: NaN where there was nothing ------------------------------------------------------ */
static size_t pace_rows(const struct metric_page *page)
{
	return board_groups(page->board) * (size_t)QUANTILES;
}

static bool pace_row(const struct metric_page *page, size_t row, const char **values)
{
	values[0] = board_group_name(page->board, (unsigned int)(row / QUANTILES));
	values[1] = quantiles[row % QUANTILES];
	return true;
}

static double pace_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	struct spread s;

	pace_spread(page->board->pace, (__u8)(row / QUANTILES), (enum pace_what)arg, page->from->now, PACE_SHOWN,
		    &s);
	if (!s.n)
		return NAN;
	return quantile(&s, row % QUANTILES) / (arg == PACE_HANDSHAKE ? 1e6 : 8); /* microseconds, bits */
}

static const struct metric_labels of_pace = { { "group", "quantile" }, pace_rows, pace_row };

/* ---- the table ------------------------------------------------------------------------------------------- */
static double where_uncounted(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)where_full(page->board->where);
}

static double ways_uncounted(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)ways_full(page->board->ways);
}

/* clang-format off */
static const struct metric rows[] = {
	{ "xreach_mechanism", METRIC_GAUGE, "1 for what a block of the group goes by, from the flows of the last ten minutes.",
	  &of_mechanism, mechanism_value, 0 },
	{ "xreach_answerer_hops", METRIC_SUMMARY, "Routers to whoever ended flows in the server's name.",
	  &of_answerer_hops, distance_value, ANSWERER_HOPS },
	{ "xreach_answerer_seconds", METRIC_SUMMARY, "Time from a packet to the RST that answered it.",
	  &of_answerer_us, distance_value, ANSWERER_US },
	{ "xreach_server_hops", METRIC_SUMMARY, "Routers to the group's servers, beside each signature of an answerer.",
	  &of_server_hops, distance_value, SERVER_HOPS },
	{ "xreach_server_seconds", METRIC_SUMMARY, "Round trip to the group's servers, beside each signature of an answerer.",
	  &of_server_us, distance_value, SERVER_US },
	{ "xreach_handshake_seconds", METRIC_SUMMARY, "Time from a SYN to its answer, over the last ten minutes; NaN without any.",
	  &of_pace, pace_value, PACE_HANDSHAKE },
	{ "xreach_goodput_bytes_per_second", METRIC_SUMMARY, "Rate of flows with 64 KB or more from the server, over the last ten minutes; NaN without any.",
	  &of_pace, pace_value, PACE_GOODPUT },
	{ "xreach_distance_uncounted", METRIC_COUNTER, "Flows whose distances were left out, too many ranges having had some.",
	  NULL, where_uncounted, 0 },
	{ "xreach_way_uncounted", METRIC_COUNTER, "Flows that tell of their group's mechanism only, too many ranges having had some.",
	  NULL, ways_uncounted, 0 },
};
/* clang-format on */

const struct metric_table metrics_of_where = { rows, sizeof(rows) / sizeof(rows[0]) };
