// SPDX-License-Identifier: GPL-2.0
/* What a struct settings holds: its defaults, how it is added to, shown and freed. */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "load/ranges.h"
#include "number.h"

#define TABLE_SIZE	 131072 /* attempts, and flows: 1,300 attempts/s under a total block, see the README */
#define NAT64_WELL_KNOWN "64:ff9b::/96"

int settings_default(struct settings *s)
{
	int err = 0;

	*s = (struct settings){ .waits = waits_default, .attempts_max = TABLE_SIZE, .flows_max = TABLE_SIZE };
	if (settings_set_text(&s->watch_role, "inside") || settings_set_text(&s->listen, SETTINGS_LISTEN) ||
	    settings_set_text(&s->socket, SETTINGS_SOCKET) ||
	    settings_set_text(&s->state_dir, SETTINGS_STATE_DIR) ||
	    settings_add_text(&s->ranges, &s->ranges_count, ranges_default_file()) ||
	    settings_add_text(&s->nat64, &s->nat64_count, NAT64_WELL_KNOWN)) {
		err = -ENOMEM;
		settings_free(s);
	}
	return err;
}

int settings_set_text(char **at, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*at);
	*at = copy;
	return 0;
}

int settings_add_text(char ***list, unsigned int *count, const char *text)
{
	char **longer = realloc(*list, (*count + 1) * sizeof(**list));

	if (!longer)
		return -ENOMEM;
	*list = longer;
	longer[*count] = strdup(text);
	if (!longer[*count])
		return -ENOMEM;
	(*count)++;
	return 0;
}

int settings_add_interface(struct settings *s, const char *name, const char *role)
{
	struct setting_interface *longer, *new;

	longer = realloc(s->interfaces, (s->interfaces_count + 1) * sizeof(*longer));
	if (!longer)
		return -ENOMEM;
	s->interfaces = longer;
	new = &longer[s->interfaces_count];
	*new = (struct setting_interface){ .name = strdup(name), .role = role ? strdup(role) : NULL };
	s->interfaces_count++;
	return new->name && (!role || new->role) ? 0 : -ENOMEM;
}

int settings_add_site(struct settings *s, const char *name, const char *prefix)
{
	struct setting_site *longer, *site;
	unsigned int i;

	for (i = 0; i < s->sites_count; i++) {
		site = &s->sites[i];
		if (!strcmp(site->name, name))
			return settings_add_text(&site->prefixes, &site->prefixes_count, prefix);
	}
	longer = realloc(s->sites, (s->sites_count + 1) * sizeof(*longer));
	if (!longer)
		return -ENOMEM;
	s->sites = longer;
	site = &longer[s->sites_count];
	*site = (struct setting_site){ .name = strdup(name) };
	if (!site->name)
		return -ENOMEM;
	s->sites_count++;
	return settings_add_text(&site->prefixes, &site->prefixes_count, prefix);
}

void settings_clear_texts(char ***list, unsigned int *count)
{
	while (*count)
		free((*list)[--*count]);
	free(*list);
	*list = NULL;
}

void settings_clear_interfaces(struct settings *s)
{
	while (s->interfaces_count) {
		struct setting_interface *last = &s->interfaces[--s->interfaces_count];

		free(last->name);
		free(last->role);
	}
	free(s->interfaces);
	s->interfaces = NULL;
}

void settings_clear_sites(struct settings *s)
{
	while (s->sites_count) {
		struct setting_site *last = &s->sites[--s->sites_count];

		settings_clear_texts(&last->prefixes, &last->prefixes_count);
		free(last->name);
	}
	free(s->sites);
	s->sites = NULL;
}

void settings_free(struct settings *s)
{
	settings_clear_interfaces(s);
	settings_clear_sites(s);
	settings_clear_texts(&s->ranges, &s->ranges_count);
	settings_clear_texts(&s->nat64, &s->nat64_count);
	free(s->watch_role);
	free(s->listen);
	free(s->event_log);
	free(s->socket);
	free(s->state_dir);
	*s = (struct settings){};
}

static void print_texts(const char *label, char *const *list, unsigned int count, FILE *to)
{
	unsigned int i;

	fprintf(to, "  %-13s", label);
	for (i = 0; i < count; i++)
		fprintf(to, "%s%s", i ? ", " : "", list[i]);
	fputs("\n", to);
}

static void print_waits(const struct waits *waits, FILE *to)
{
	const struct {
		const char *name;
		__u32 ms;
	} rows[] = {
		{ "syn_live", waits->syn_live_ms }, { "syn", waits->syn_final_ms },
		{ "payload", waits->payload_ms },   { "post_ack", waits->post_ack_ms },
		{ "frozen", waits->frozen_ms },	    { "idle", waits->idle_ms },
	};
	char text[16];
	size_t i;

	fprintf(to, "  %-13s", "waits");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(to, "%s%s %s", i ? ", " : "", rows[i].name, number_ms_text(rows[i].ms, text, sizeof(text)));
	fputs("\n", to);
}

static const char *or_none(const char *text)
{
	return text && *text ? text : "none";
}

void settings_print(const struct settings *s, FILE *to)
{
	unsigned int i;

	fprintf(to, "  %-13s", "interfaces");
	for (i = 0; i < s->interfaces_count; i++)
		fprintf(to, "%s%s (%s)", i ? ", " : "", s->interfaces[i].name,
			s->interfaces[i].role ? s->interfaces[i].role : s->watch_role);
	fprintf(to, "%s; watched: %s\n", s->interfaces_count ? "" : "those with a default route", s->watch_role);
	fprintf(to, "  %-13s", "sites");
	for (i = 0; i < s->sites_count; i++)
		fprintf(to, "%s%s (%u)", i ? ", " : "", s->sites[i].name, s->sites[i].prefixes_count);
	fprintf(to, "%s\n", s->sites_count ? "" : "none");
	print_texts("ranges", s->ranges, s->ranges_count, to);
	print_texts("nat64", s->nat64, s->nat64_count, to);
	fprintf(to, "  %-13s%s\n", "listen", or_none(s->listen));
	fprintf(to, "  %-13s%s\n", "event log", or_none(s->event_log));
	fprintf(to, "  %-13s%s\n", "socket", or_none(s->socket));
	fprintf(to, "  %-13s%s\n", "state dir", or_none(s->state_dir));
	print_waits(&s->waits, to);
	fprintf(to, "  %-13sattempts %u, flows %u\n", "tables", s->attempts_max, s->flows_max);
	fprintf(to, "  %-13s%s\n", "socket hooks", s->no_socket_hooks ? "no" : "yes");
	fprintf(to, "  %-13s%s\n", "dns", s->no_dns ? "no" : "yes");
}
