// SPDX-License-Identifier: GPL-2.0
/* Metrics of what was found, by group: attempts, flows by verdict, prefixes, sites. */
#include <math.h>

#include "show/metrics_page.h"

#define WINDOW_S 60
#define CLASSES	 (TALLY_FAILURE + 1)

static const char *const class_names[CLASSES] = {
	[TALLY_NEITHER] = "neither",
	[TALLY_SUCCESS] = "success",
	[TALLY_FAILURE] = "failure",
};

/* ---- one row a group ------------------------------------------------------------------------------------- */
static size_t group_rows(const struct metric_page *page)
{
	return board_groups(page->board);
}

static bool group_row(const struct metric_page *page, size_t row, const char **values)
{
	values[0] = board_group_name(page->board, (unsigned int)row);
	values[1] = board_group_is_target(page->board, (unsigned int)row) ? "target" : "control";
	return true;
}

static double one(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)page, (void)row, (void)arg;
	return 1;
}

static double group_total(const struct metric_page *page, size_t row, unsigned int arg)
{
	return (double)board_group_totals(page->board, (unsigned int)row)->n[arg];
}

static double group_failing(const struct metric_page *page, size_t row, unsigned int arg)
{
	struct tally_window w;
	__u64 decided;

	(void)arg;
	tally_window(board_tally(page->board), (__u8)row, page->from->now, WINDOW_S, &w);
	decided = w.failed + w.succeeded;
	return decided ? (double)w.failed / (double)decided : NAN;
}

static double group_sample(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return page->board->places.groups[row].sample;
}

static double group_background(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)tally_background(board_tally(page->board), (__u8)row);
}

static const struct metric_labels of_group = { { "group" }, group_rows, group_row };
static const struct metric_labels of_group_role = { { "group", "role" }, group_rows, group_row };

/* ---- group and direction --------------------------------------------------------------------------------- */
static size_t direction_rows(const struct metric_page *page)
{
	return group_rows(page) * 2;
}

static bool direction_row(const struct metric_page *page, size_t row, const char **values)
{
	values[0] = board_group_name(page->board, (unsigned int)row / 2);
	values[1] = row % 2 ? "down" : "up";
	return true;
}

static double direction_resets(const struct metric_page *page, size_t row, unsigned int arg)
{
	return group_total(page, row / 2, row % 2 ? GROUP_RST_DOWN : arg);
}

static const struct metric_labels of_direction = { { "group", "direction" }, direction_rows, direction_row };

/* ---- group and class ------------------------------------------------------------------------------------- */
static size_t class_rows(const struct metric_page *page)
{
	return group_rows(page) * CLASSES;
}

static bool class_row(const struct metric_page *page, size_t row, const char **values)
{
	values[0] = board_group_name(page->board, (unsigned int)(row / CLASSES));
	values[1] = class_names[row % CLASSES];
	return true;
}

static double class_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)tally_class(board_tally(page->board), (__u8)(row / CLASSES),
				   (enum tally_class)(row % CLASSES));
}

/* ---- group and level of injection ------------------------------------------------------------------------ */
static size_t level_rows(const struct metric_page *page)
{
	return group_rows(page) * LEVELS;
}

static bool level_row(const struct metric_page *page, size_t row, const char **values)
{
	values[0] = board_group_name(page->board, (unsigned int)(row / LEVELS));
	values[1] = level_name((enum level)(row % LEVELS));
	return true;
}

static double level_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)tally_level(board_tally(page->board), (__u8)(row / LEVELS), (enum level)(row % LEVELS));
}

static const struct metric_labels of_level = { { "group", "level" }, level_rows, level_row };

/* ---- group and pattern that resets resemble --------------------------------------------------------------- */
static size_t pattern_rows(const struct metric_page *page)
{
	return (size_t)board_groups(page->board) * (PATTERNS - 1);
}

static enum pattern pattern_of(size_t row)
{
	return (enum pattern)(PATTERN_NONE + 1 + row % (PATTERNS - 1));
}

static bool pattern_row(const struct metric_page *page, size_t row, const char **values)
{
	values[0] = board_group_name(page->board, (unsigned int)(row / (PATTERNS - 1)));
	values[1] = pattern_name(pattern_of(row));
	return true;
}

static double pattern_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)tally_pattern(board_tally(page->board), (__u8)(row / (PATTERNS - 1)), pattern_of(row));
}

static const struct metric_labels of_pattern = { { "group", "pattern" }, pattern_rows, pattern_row };
static const struct metric_labels of_class = { { "group", "class" }, class_rows, class_row };

/* ---- group and verdict of DNS ----------------------------------------------------------------------------- */
static size_t dns_rows(const struct metric_page *page)
{
	return group_rows(page) * DNS_VERDICTS;
}

static bool dns_row(const struct metric_page *page, size_t row, const char **values)
{
	values[0] = board_group_name(page->board, (unsigned int)(row / DNS_VERDICTS));
	values[1] = dns_verdict_name((enum dns_verdict)(row % DNS_VERDICTS));
	return true;
}

static double dns_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)board_dns_count(page->board, (unsigned int)(row / DNS_VERDICTS),
				       (enum dns_verdict)(row % DNS_VERDICTS));
}

static const struct metric_labels of_dns = { { "group", "verdict" }, dns_rows, dns_row };

/* ---- verdicts -------------------------------------------------------------------------------------------- */
struct flow_place {
	unsigned int group, combo;
	bool v6, quic;
};

static struct flow_place flow_place(size_t row)
{
	return (struct flow_place){
		.combo = (unsigned int)(row % n_verdict_combos),
		.quic = row / n_verdict_combos % 2,
		.v6 = row / n_verdict_combos / 2 % 2,
		.group = (unsigned int)(row / n_verdict_combos / 4),
	};
}

static size_t flow_rows(const struct metric_page *page)
{
	return group_rows(page) * 4 * n_verdict_combos;
}

static double flow_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	const struct flow_place p = flow_place(row);

	(void)arg;
	return (double)tally_flows(board_tally(page->board), (__u8)p.group, p.v6, p.quic, p.combo);
}

/* A QUIC flow has no handshake of its own in the contract, and no RST. */
static bool is_possible(const struct verdict_combo *c, bool quic)
{
	bool quic_only = c->signature == SIGNATURE_QUIC_0 || c->signature == SIGNATURE_QUIC_ICMP;

	if (!quic || quic_only)
		return quic == quic_only;
	return c->stage >= STAGE_POST_PSH && c->outcome != OUTCOME_RESET && c->signature <= SIGNATURE_OTHER;
}

static bool flow_row(const struct metric_page *page, size_t row, const char **values)
{
	const struct flow_place p = flow_place(row);
	const struct verdict_combo *c = &verdict_combos[p.combo];

	if (!is_possible(c, p.quic) && !(flow_value(page, row, 0) > 0)) /* but nothing that was counted is hidden */
		return false;
	values[0] = board_group_name(page->board, p.group);
	values[1] = p.v6 ? "ipv6" : "ipv4";
	values[2] = p.quic ? "quic" : "tcp";
	values[3] = stage_name(c->stage);
	values[4] = outcome_name(c->outcome);
	values[5] = signature_name(c->signature);
	return true;
}

static const struct metric_labels of_flow = { { "group", "family", "transport", "stage", "outcome", "signature" },
					      flow_rows,
					      flow_row };

/* ---- prefixes -------------------------------------------------------------------------------------------- */
static size_t prefix_rows(const struct metric_page *page)
{
	return page->n_prefixes * CLASSES;
}

static bool prefix_row(const struct metric_page *page, size_t row, const char **values)
{
	const struct place *place = page->prefixes[row / CLASSES];

	values[0] = board_group_name(page->board, place->slot);
	values[1] = place->text;
	values[2] = class_names[row % CLASSES];
	return true;
}

static double prefix_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)former_flows(&page->board->former, board_tally(page->board), page->prefixes[row / CLASSES],
				    (enum tally_class)(row % CLASSES));
}

static double prefixes_listed(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)page->board->places.n_now;
}

static double prefixes_alone(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)(page->board->places.n_now - page->n_prefixes);
}

static double prefixes_full(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)tally_prefixes_full(board_tally(page->board));
}

static const struct metric_labels of_prefix = { { "group", "prefix", "class" }, prefix_rows, prefix_row };

/* ---- sites ----------------------------------------------------------------------------------------------- */
struct site_place {
	unsigned int group, site, class;
};

static struct site_place site_place(const struct metric_page *page, size_t row)
{
	unsigned int sites = page->board->setup.sites_count + 1;

	return (struct site_place){
		.class = (unsigned int)(row % CLASSES),
		.site = (unsigned int)(row / CLASSES % sites),
		.group = (unsigned int)(row / CLASSES / sites),
	};
}

static size_t site_rows(const struct metric_page *page)
{
	return group_rows(page) * (page->board->setup.sites_count + 1) * CLASSES;
}

static bool site_row(const struct metric_page *page, size_t row, const char **values)
{
	const struct site_place p = site_place(page, row);

	values[0] = board_group_name(page->board, p.group);
	values[1] = board_site_name(page->board, p.site);
	values[2] = class_names[p.class];
	return true;
}

static double site_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	const struct site_place p = site_place(page, row);

	(void)arg;
	return (double)tally_site(board_tally(page->board), (__u8)p.group, (__u8)p.site, (enum tally_class)p.class);
}

static const struct metric_labels of_site = { { "group", "site", "class" }, site_rows, site_row };

/* ---- the table ------------------------------------------------------------------------------------------- */
/* clang-format off */
static const struct metric rows[] = {
	{ "xreach_group", METRIC_INFO, "A group of the ranges: what is watched, and what it is compared with.",
	  &of_group_role, one, 0 },
	{ "xreach_sample_ratio", METRIC_GAUGE, "Share of a group's flows that is watched; all counts are of these.",
	  &of_group, group_sample, 0 },
	{ "xreach_attempts_opened", METRIC_COUNTER, "Attempts to connect that were seen to begin.",
	  &of_group, group_total, GROUP_OPENED },
	{ "xreach_failing_ratio", METRIC_GAUGE, "Share of the attempts decided in the last minute that failed; NaN without any.",
	  &of_group, group_failing, 0 },
	{ "xreach_judged", METRIC_COUNTER, "Flows with a final verdict, by what it means to whoever counts.",
	  &of_class, class_value, 0 },
	{ "xreach_background", METRIC_COUNTER, "Attempts that were likely scans and other background radiation; judged as neither.",
	  &of_group, group_background, 0 },
	{ "xreach_flows", METRIC_COUNTER, "Flows with a final verdict, by verdict.",
	  &of_flow, flow_value, 0 },
	{ "xreach_resets_judged", METRIC_COUNTER, "Flows that a RST in the server's name ended, by how much speaks for its injection.",
	  &of_level, level_value, 0 },
	{ "xreach_resets_resembling", METRIC_COUNTER, "Flows whose resets resemble a published pattern; no claim of who it was.",
	  &of_pattern, pattern_value, 0 },
	{ "xreach_dns_answers", METRIC_COUNTER, "Questions for a group's names that were answered, by what the answers say.",
	  &of_dns, dns_value, 0 },
	{ "xreach_prefix_flows", METRIC_COUNTER, "Flows with a final verdict, by address range.",
	  &of_prefix, prefix_value, 0 },
	{ "xreach_site_flows", METRIC_COUNTER, "Flows with a final verdict, by site of the operator; empty for none of them.",
	  &of_site, site_value, 0 },
	{ "xreach_prefixes", METRIC_GAUGE, "Address ranges in force.",
	  NULL, prefixes_listed, 0 },
	{ "xreach_prefixes_without_series", METRIC_GAUGE, "Address ranges in force beyond those that xreach_prefix_flows shows.",
	  NULL, prefixes_alone, 0 },
	{ "xreach_prefix_uncounted", METRIC_COUNTER, "Verdicts counted in their group only, too many ranges having had some.",
	  NULL, prefixes_full, 0 },
	{ "xreach_group_packets", METRIC_COUNTER, "Segments to and from a group.",
	  &of_group, group_total, GROUP_PACKETS },
	{ "xreach_group_syns", METRIC_COUNTER, "SYNs and QUIC Initials to a group.",
	  &of_group, group_total, GROUP_SYN },
	{ "xreach_group_synacks", METRIC_COUNTER, "SYN-ACKs from a group.",
	  &of_group, group_total, GROUP_SYNACK },
	{ "xreach_group_resets", METRIC_COUNTER, "RSTs to a group (up) and in its name (down).",
	  &of_direction, direction_resets, GROUP_RST_UP },
	{ "xreach_group_icmp_errors", METRIC_COUNTER, "ICMP errors about packets to a group.",
	  &of_group, group_total, GROUP_ICMP },
	{ "xreach_group_asked", METRIC_COUNTER, "Calls of connect() and sendmsg() of this very host to a group.",
	  &of_group, group_total, GROUP_ASKED },
	{ "xreach_group_dropped_here", METRIC_COUNTER, "Packets of a group that this very host dropped.",
	  &of_group, group_total, GROUP_DROPPED_HERE },
};
/* clang-format on */

const struct metric_table metrics_of_groups = { rows, sizeof(rows) / sizeof(rows[0]) };
