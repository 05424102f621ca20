// SPDX-License-Identifier: GPL-2.0
/* The board and its incidents: records, totals and lists handed on to user/detect, and what is said of them there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "show/board_state.h"
#include "show/incident_json.h"

static __u32 controls(const struct board *b)
{
	__u32 bits = 0;

	for (unsigned int slot = 0; slot < b->places.n_groups && slot < WIRE_GROUPS_MAX; slot++)
		bits |= (__u32)(b->places.groups[slot].role == ROLE_CONTROL && b->places.groups[slot].in_force)
			<< slot;
	return bits;
}

void board_incidents_remember(struct board *b, const struct incident_report *report)
{
	size_t i = b->n_past;

	while (i && (b->past[i - 1].in.group != report->in.group || b->past[i - 1].in.since != report->in.since))
		i--;
	if (i) {
		b->past[i - 1] = *report;
		return;
	}
	if (b->n_past == BOARD_INCIDENTS)
		memmove(b->past, b->past + 1, --b->n_past * sizeof(*b->past));
	b->past[b->n_past++] = *report;
}

static void on_change(void *arg, const struct incident_report *report)
{
	struct board *b = arg;

	board_incidents_remember(b, report);
	if (b->setup.incident)
		b->setup.incident(b->setup.arg, report);
}

int board_incidents_new(struct board *b)
{
	const struct incidents_setup setup = {
		.controls = controls(b), .where = b->where, .ways = b->ways, .changed = on_change, .arg = b
	};

	b->past = calloc(BOARD_INCIDENTS, sizeof(*b->past));
	b->incidents = incidents_new(&setup);
	return b->past && b->incidents ? 0 : -ENOMEM;
}

void board_incidents_ranges(struct board *b)
{
	incidents_controls(b->incidents, controls(b));
}

/* A second is evaluated once all that was judged in it has come: the one of this record is not over yet. */
void board_incidents_record(struct board *b, const struct wire_record *record, const struct finding *f)
{
	const struct place *place = places_find(&b->places, f->prefix);

	incidents_until(b->incidents, b->setup.wall(b->setup.arg, record->now_ns) - 1);
	incidents_finding(b->incidents, f, record->flow.client, place ? place->cdn : 0);
}

/*
 * Packets that are no IP at all (`ethertype`) speak of no loss: ARP and spanning tree are everywhere. Whatever else was
 * not understood may have hidden a flow.
 */
static __u64 unparsed(const __u64 n[COUNTERS])
{
#define X(name, label) +n[COUNT_##name]
	return 0 WIRE_UNPARSED(X) - n[COUNT_UNPARSED_ETHERTYPE];
#undef X
}

void board_incidents_totals(struct board *b, __s64 now)
{
	const struct trust_counts counts = {
		.opened = b->books.opened,
		.lost = b->books.lost,
		.packets = b->totals.packets,
		.unparsed = unparsed(b->totals.n),
	};

	for (unsigned int slot = 0; slot < b->places.n_groups; slot++)
		incidents_sample(b->incidents, (__u8)slot, b->places.groups[slot].sample);
	incidents_until(b->incidents, now);
	incidents_ledger(b->incidents, &counts);
}

const struct incidents *board_incidents(const struct board *b)
{
	return b->incidents;
}

char *board_incident_json(const struct board *b, const struct incident_report *report)
{
	return incident_to_json(b, report);
}
