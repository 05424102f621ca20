// SPDX-License-Identifier: GPL-2.0
/* Metrics of how far the others can be relied on: the books, what was not understood, hooks, tables. */
#include "show/metrics_page.h"

/* ---- counters of the kernel side --------------------------------------------------------------------------- */
static double counter(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row;
	return (double)page->board->totals.n[arg];
}

struct count_of {
	const char *name;
	enum counter counter;
};
#define X(name, label) { label, COUNT_##name },
static const struct count_of lost_reasons[] = { WIRE_LOST(X) };
static const struct count_of unparsed_reasons[] = { WIRE_UNPARSED(X) };
#undef X
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static size_t lost_rows(const struct metric_page *page)
{
	(void)page;
	return ROWS(lost_reasons);
}

static bool lost_row(const struct metric_page *page, size_t row, const char **values)
{
	(void)page;
	values[0] = lost_reasons[row].name;
	return true;
}

static double lost_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return counter(page, 0, lost_reasons[row].counter);
}

static size_t unparsed_rows(const struct metric_page *page)
{
	(void)page;
	return ROWS(unparsed_reasons);
}

static bool unparsed_row(const struct metric_page *page, size_t row, const char **values)
{
	(void)page;
	values[0] = unparsed_reasons[row].name;
	return true;
}

static double unparsed_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return counter(page, 0, unparsed_reasons[row].counter);
}

static const struct metric_labels of_lost = { { "reason" }, lost_rows, lost_row };
static const struct metric_labels of_unparsed = { { "reason" }, unparsed_rows, unparsed_row };

/* ---- the books --------------------------------------------------------------------------------------------- */
enum book { BOOK_OPENED, BOOK_OPEN, BOOK_JUDGED, BOOK_FORGOTTEN, BOOK_BALANCED };

static double book(const struct metric_page *page, size_t row, unsigned int arg)
{
	const struct books *b = &page->books;

	(void)row;
	switch ((enum book)arg) {
	case BOOK_OPENED:
		return (double)b->opened;
	case BOOK_OPEN:
		return (double)b->open; /* as it is, also below zero: then something is wrong */
	case BOOK_JUDGED:
		return (double)b->judged;
	case BOOK_FORGOTTEN:
		return (double)b->forgotten;
	case BOOK_BALANCED:
		return b->balance;
	}
	return 0;
}

/* ---- hooks --------------------------------------------------------------------------------------------------- */
static size_t hook_rows(const struct metric_page *page)
{
	return page->board->n_hooks;
}

static bool hook_row(const struct metric_page *page, size_t row, const char **values)
{
	values[0] = page->board->hooks[row].name;
	values[1] = page->board->hooks[row].where;
	return true;
}

static double hook_value(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return page->board->hooks[row].attached;
}

static const struct metric_labels of_hook = { { "hook", "where" }, hook_rows, hook_row };

/* ---- tables and sweeps ----------------------------------------------------------------------------------------- */
static size_t table_rows(const struct metric_page *page)
{
	(void)page;
	return 2;
}

static bool table_row(const struct metric_page *page, size_t row, const char **values)
{
	(void)page;
	values[0] = row ? "flows" : "attempts";
	return true;
}

static double table_used(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)page->board->totals.tables[row].used;
}

static double table_room(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)arg;
	return (double)page->board->totals.tables[row].room;
}

static double sweeps(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)page->board->totals.sweeps;
}

static double sweep_seconds(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)page->board->totals.sweep_ns / 1e9;
}

static double packets(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)page->board->totals.packets;
}

static double late_syns(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)page->board->late_syns;
}

static double interim_full(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)tally_interim_full(board_tally(page->board));
}

static double hello_given_up(const struct metric_page *page, size_t row, unsigned int arg)
{
	(void)row, (void)arg;
	return (double)hellos_given_up(page->board->hellos);
}

static const struct metric_labels of_table = { { "table" }, table_rows, table_row };

/* ---- the table ------------------------------------------------------------------------------------------------- */
/* clang-format off */
static const struct metric rows[] = {
	{ "xreach_books_opened", METRIC_COUNTER, "Attempts opened = open + judged + forgotten + lost.",
	  NULL, book, BOOK_OPENED },
	{ "xreach_books_open", METRIC_GAUGE, "Attempts and flows without a final verdict so far.",
	  NULL, book, BOOK_OPEN },
	{ "xreach_books_judged", METRIC_COUNTER, "Attempts with a final verdict.",
	  NULL, book, BOOK_JUDGED },
	{ "xreach_books_forgotten", METRIC_COUNTER, "Flows to shared ranges without a matching name: not the group's.",
	  NULL, book, BOOK_FORGOTTEN },
	{ "xreach_books_lost", METRIC_COUNTER, "Attempts without a verdict, by what they were lost to.",
	  &of_lost, lost_value, 0 },
	{ "xreach_books_balanced", METRIC_GAUGE, "Whether the books balance; if not, nothing here can be relied on.",
	  NULL, book, BOOK_BALANCED },
	{ "xreach_hook_attached", METRIC_GAUGE, "Whether a hook is attached.",
	  &of_hook, hook_value, 0 },
	{ "xreach_interface_packets", METRIC_COUNTER, "All packets of the watched interfaces, by their own statistics.",
	  NULL, packets, 0 },
	{ "xreach_watched_packets", METRIC_COUNTER, "Segments to and from watched ranges.",
	  NULL, counter, COUNT_WATCHED },
	{ "xreach_unparsed", METRIC_COUNTER, "Packets that could not be read, by reason.",
	  &of_unparsed, unparsed_value, 0 },
	{ "xreach_midstream", METRIC_COUNTER, "Packets of watched ranges whose flow was not seen to begin.",
	  NULL, counter, COUNT_MIDSTREAM },
	{ "xreach_duplicates", METRIC_COUNTER, "Packets seen twice on one hook within 100 microseconds; counted once.",
	  NULL, counter, COUNT_DUPLICATE },
	{ "xreach_other_hook", METRIC_COUNTER, "Packets seen again on another hook than the one that counts their flow.",
	  NULL, counter, COUNT_OTHER_HOOK },
	{ "xreach_late_packets", METRIC_COUNTER, "Packets that came after their flow was judged.",
	  NULL, counter, COUNT_LATE },
	{ "xreach_late_syns", METRIC_COUNTER, "Attempts whose client tried again after they were judged.",
	  NULL, late_syns, 0 },
	{ "xreach_interim_full", METRIC_COUNTER, "Verdicts not shown before they were final, too many being open.",
	  NULL, interim_full, 0 },
	{ "xreach_icmp_stray", METRIC_COUNTER, "ICMP errors about watched ranges that fit no flow.",
	  NULL, counter, COUNT_ICMP_STRAY },
	{ "xreach_hello_sent", METRIC_COUNTER, "Pieces of first payload handed to user space.",
	  NULL, counter, COUNT_HELLO_SENT },
	{ "xreach_hello_lost", METRIC_COUNTER, "Pieces of first payload for which there was no room.",
	  NULL, counter, COUNT_HELLO_LOST },
	{ "xreach_dns_sent", METRIC_COUNTER, "Questions and answers for names of the rules that were looked at.",
	  NULL, counter, COUNT_DNS_SENT },
	{ "xreach_dns_lost", METRIC_COUNTER, "Questions and answers for which there was no room.",
	  NULL, counter, COUNT_DNS_LOST },
	{ "xreach_dns_skipped", METRIC_COUNTER, "Messages on port 53 that could not be read: cut, too long a name, in pieces over TCP.",
	  NULL, counter, COUNT_DNS_SKIPPED },
	{ "xreach_hello_given_up", METRIC_COUNTER, "Flows whose name was given up while it came in pieces, for want of room.",
	  NULL, hello_given_up, 0 },
	{ "xreach_table_entries", METRIC_GAUGE, "Entries in a table of the kernel side, after the last sweep.",
	  &of_table, table_used, 0 },
	{ "xreach_table_room", METRIC_GAUGE, "Entries that a table of the kernel side can hold.",
	  &of_table, table_room, 0 },
	{ "xreach_sweeps", METRIC_COUNTER, "Walks over the tables; there is none while they are empty.",
	  NULL, sweeps, 0 },
	{ "xreach_sweep_seconds", METRIC_COUNTER, "Time that those took.",
	  NULL, sweep_seconds, 0 },
};
/* clang-format on */

const struct metric_table metrics_of_books = { rows, sizeof(rows) / sizeof(rows[0]) };
