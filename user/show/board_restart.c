// SPDX-License-Identifier: GPL-2.0
/* Incidents over a restart, with the names of the board's lists: see board_restart.h. */
#include "show/board_restart.h"

#include <stdio.h>
#include <stdlib.h>

#include "detect/state_names.h"
#include "show/board_names.h"
#include "show/board_state.h"
#include "show/clean.h"
#include "show/incident_json.h"

#define EVERY_STIRRED_S 1
#define EVERY_OPEN_S	10
#define EVERY_CALM_S	60

static const char *group(const void *arg, __u8 slot)
{
	const char *name = board_group_name(arg, slot);

	return *name ? name : NULL;
}

static const char *part(const void *arg, enum stream_kind kind, __u32 id)
{
	return board_part_name(arg, kind, id);
}

static bool find_group(const void *arg, const char *name, __u8 *slot)
{
	unsigned int found;
	bool is = board_find_group(arg, name, &found);

	*slot = is ? (__u8)found : 0;
	return is;
}

static bool find_part(const void *arg, __u8 slot, enum stream_kind kind, const char *name, __u32 *id)
{
	return board_find_part(arg, slot, kind, name, id);
}

static struct state_names names_of(const struct board *b)
{
	return (struct state_names){
		.group = group, .part = part, .find_group = find_group, .find_part = find_part, .arg = b
	};
}

void *board_save(const struct board *b, size_t *n)
{
	const struct state_names names = names_of(b);

	return incidents_save(b->incidents, &names, n);
}

const char *board_restore(struct board *b, const void *data, size_t n, __s64 now)
{
	const struct state_names names = names_of(b);
	const char *why = incidents_restore(b->incidents, &names, data, n, now);
	struct incident_report report;

	for (unsigned int slot = 0; !why && slot < b->places.n_groups; slot++)
		if (incidents_report(b->incidents, (__u8)slot, &report))
			board_incidents_remember(b, &report);
	return why;
}

char *board_open(const struct board *b)
{
	struct incident_report report;
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	if (!to)
		return NULL;
	fputc(',', to);
	for (unsigned int slot = 0; slot < b->places.n_groups; slot++) {
		char id[INCIDENT_ID], name[32];

		if (!incidents_report(b->incidents, (__u8)slot, &report) || !report.in.open)
			continue;
		clean_copy(name, sizeof(name), board_group_name(b, slot));
		incident_id(name, report.in.since, id, sizeof(id));
		fprintf(to, "%s,", id);
	}
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return text;
}

unsigned int board_save_every(const struct board *b)
{
	return incidents_stir(b->incidents)	  ? EVERY_STIRRED_S
	       : incidents_any_open(b->incidents) ? EVERY_OPEN_S
						  : EVERY_CALM_S;
}
