// SPDX-License-Identifier: GPL-2.0
/* States, incidents and sites as parts of a struct view. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "show/board_state.h"
#include "show/clean.h"
#include "show/incident_json.h"
#include "show/incident_text.h"

/* Since when it is in the word that it is in, and what it was before: a block of this hour may be in an incident of days. */
static void view_word(const struct incident *in, struct view_group *out)
{
	const struct incident_phase *first = in->phases, *last = in->phases + in->n_phases - 1;
	bool lifted = false;

	for (const struct incident_phase *p = first; p < last; p++)
		lifted |= p[1].from > p->to;
	out->state_since = (time_t)in->since;
	out->since_bound = in->since_bound;
	out->word_since = (time_t)last->from;
	if (last == first || last->from == in->since)
		return;
	snprintf(out->word_before, sizeof(out->word_before), "%s",
		 lifted			       ? "on and off"
		 : first->state != last->state ? incident_word_text((int)first->state)
					       : "changing");
}

void board_view_state(const struct board *b, unsigned int slot, struct view_group *out)
{
	enum word word = incidents_state(b->incidents, (__u8)slot);
	struct incident_report r;

	incidents_clients(b->incidents, (__u8)slot, out->clients);
	out->least = incidents_least(b->incidents, (__u8)slot);
	snprintf(out->state, sizeof(out->state), "%s", incident_word_text((int)word));
	if (!incidents_report(b->incidents, (__u8)slot, &r) || !r.in.open)
		return;
	view_word(&r.in, out);
	incident_note_text(&r, out->note, sizeof(out->note));
	incident_mechanism_text(&r, out->how, sizeof(out->how));
	incident_responder_text(&r, out->from, sizeof(out->from));
}

void board_view_part(const struct board *b, const struct place *place, struct view_prefix *out)
{
	snprintf(out->state, sizeof(out->state), "%s",
		 incident_word_text((int)incidents_prefix(b->incidents, place->slot, place->id)));
}

static void view_incident(const struct board *b, const struct incident_report *r, struct view_incident *out)
{
	const struct incident *in = &r->in;

	incident_id(board_group_name(b, in->group), in->since, out->id, sizeof(out->id));
	clean_copy(out->group, sizeof(out->group), board_group_name(b, in->group));
	snprintf(out->state, sizeof(out->state), "%s", incident_word_text((int)in->worst));
	snprintf(out->now, sizeof(out->now), "%s",
		 !in->open	  ? "over"
		 : in->unobserved ? "unobserved"
				  : incident_word_text((int)in->state));
	out->since = (time_t)in->since;
	out->ended = (time_t)in->ended;
	out->uncertainty = in->since_bound ? -1 : (int)in->since_uncertainty_s;
	out->open = in->open;
	out->target = board_group_is_target(b, in->group);
	out->attempts = in->attempts;
	out->failures = in->failures;
	out->failing = in->attempts && in->worst != WORD_VANISHED ? (double)in->failures / (double)in->attempts
								  : -1;
	out->baseline = in->baseline;
	out->controls = in->control_share;
	incident_mechanism_text(r, out->how, sizeof(out->how));
	incident_responder_text(r, out->from, sizeof(out->from));
	incident_scope_text(b, r, out->scope, sizeof(out->scope));
	incident_affected_text(b, r, out->seen, sizeof(out->seen));
	snprintf(out->clients, sizeof(out->clients), "%s", in->worst != WORD_VANISHED ? r->clients : "");
	incident_could_be_text(r, out->could_be, sizeof(out->could_be));
	incident_note_text(r, out->note, sizeof(out->note));
}

/* What is told of an open one is what it was at its last change; how it is now, only the detector knows. */
static void view_newest(const struct board *b, const struct incident_report *past, struct view_incident *out)
{
	struct incident_report now;

	if (past->in.open && incidents_report(b->incidents, past->in.group, &now) && now.in.since == past->in.since)
		view_incident(b, &now, out);
	else
		view_incident(b, past, out);
}

static void view_site(const struct board *b, __u8 slot, unsigned int site, struct view_site *out)
{
	clean_copy(out->group, sizeof(out->group), board_group_name(b, slot));
	clean_copy(out->site, sizeof(out->site), board_site_name(b, site));
	snprintf(out->state, sizeof(out->state), "%s",
		 incident_word_text((int)incidents_site(b->incidents, slot, (__u8)site)));
	out->succeeded = tally_site(b->tally, slot, (__u8)site, TALLY_SUCCESS);
	out->failed = tally_site(b->tally, slot, (__u8)site, TALLY_FAILURE);
	out->attempts = out->succeeded + out->failed + tally_site(b->tally, slot, (__u8)site, TALLY_NEITHER);
}

/* The targets' first. */
static void view_sites(const struct board *b, struct view *out)
{
	for (int target = 1; target >= 0; target--)
		for (unsigned int slot = 0; slot < b->places.n_groups; slot++)
			for (unsigned int site = 1; site <= b->setup.sites_count; site++) {
				if (board_group_is_target(b, slot) != target || !b->places.groups[slot].in_force ||
				    out->n_sites == VIEW_SITES)
					continue;
				view_site(b, (__u8)slot, site, &out->sites[out->n_sites++]);
			}
}

int board_view_incidents(const struct board *b, struct view *out)
{
	size_t sites = (size_t)b->places.n_groups * b->setup.sites_count;

	out->incidents = calloc(b->n_past + 1, sizeof(*out->incidents));
	out->sites = calloc((sites < VIEW_SITES ? sites : VIEW_SITES) + 1, sizeof(*out->sites));
	if (!out->incidents || !out->sites)
		return -ENOMEM;
	for (size_t i = b->n_past; i-- > 0;)
		view_newest(b, &b->past[i], &out->incidents[out->n_incidents++]);
	view_sites(b, out);
	return 0;
}
