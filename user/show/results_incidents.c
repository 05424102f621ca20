// SPDX-License-Identifier: GPL-2.0
/* The incidents of a replay: each kept as it was told last, and printed a line each. */
#include <errno.h>
#include <stdlib.h>

#include "show/results.h"

/* The last ones are looked at first: a change is of an incident that opened lately. */
static struct incident_report *place(struct results *r, const struct incident_report *report)
{
	for (size_t i = r->n_incidents; i-- > 0;)
		if (r->incidents[i].in.group == report->in.group && r->incidents[i].in.since == report->in.since)
			return &r->incidents[i];
	if (r->n_incidents == RESULTS_INCIDENTS) {
		r->left_out++;
		return NULL;
	}
	if (r->n_incidents == r->room_incidents) {
		size_t room = r->room_incidents ? r->room_incidents * 2 : 16;
		struct incident_report *more = realloc(r->incidents, room * sizeof(*more));

		if (!more) {
			r->err = -ENOMEM;
			return NULL;
		}
		r->incidents = more;
		r->room_incidents = room;
	}
	return &r->incidents[r->n_incidents++];
}

void results_incident(void *arg, const struct incident_report *report)
{
	struct incident_report *at = place(arg, report);

	if (at)
		*at = *report;
}

void results_second(struct results *r, const struct board *b)
{
	r->distrusted_s += incidents_untrusted(board_incidents(b)) > TRUST_MOST;
}

void results_open_incidents(struct results *r, const struct board *b)
{
	struct incident_report report;

	for (unsigned int slot = 0; slot < board_groups(b); slot++)
		if (incidents_report(board_incidents(b), (__u8)slot, &report) && report.in.open)
			results_incident(r, &report);
}

void results_print_incidents(const struct results *r, const struct board *b)
{
	for (size_t i = 0; i < r->n_incidents; i++) {
		char *line = board_incident_json(b, &r->incidents[i]);

		if (line)
			fprintf(r->to, "%s\n", line);
		free(line);
	}
}
