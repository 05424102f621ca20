// SPDX-License-Identifier: GPL-2.0
/* A list on the screen: its head, and for each group what it holds. */
#include "cmd_ranges.h"

#include <stdlib.h>
#include <string.h>

#include "show/clean.h"

#define ALL_CLASSES (1 << CLASS_OWN | 1 << CLASS_DEDICATED | 1 << CLASS_SHARED)
#define CLASSES	    (CLASS_SHARED + 1)

const char *ranges_class(enum class class)
{
	static const char *const names[CLASSES] = { "", "own", "dedicated", "shared" };

	return names[class];
}

const char *ranges_version_text(const struct ranges *r, char text[128])
{
	bool dated = strcmp(r->version, r->date);

	snprintf(text, 128, "%s%s%s, hash %s", r->version, dated ? " of " : "", dated ? r->date : "", r->hash);
	return text;
}

const char *ranges_space_text(unsigned __int128 space, bool v6, char text[64])
{
	char digits[48];
	size_t n = 0, len = 0;

	if (v6)
		space >>= 128 - 48;
	do {
		if (n % 4 == 3)
			digits[n++] = ',';
		digits[n++] = (char)('0' + (int)(space % 10));
		space /= 10;
	} while (space);
	while (n)
		text[len++] = digits[--n];
	text[len] = '\0';
	return text;
}

void ranges_wrap(const char *lead, const char *text)
{
	const size_t indent = strlen(lead) < RANGES_WIDTH / 2 ? strlen(lead) : 2;
	size_t column = strlen(lead);
	bool first = true;

	fputs(lead, stdout);
	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");

		if (!first && column + 1 + len > RANGES_WIDTH) {
			printf("\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)len, text);
		column += len;
		text += len;
		first = false;
	}
	putchar('\n');
}

static void count(const struct ranges *r, unsigned int group, size_t n[CLASSES])
{
	enum class class;

	for (size_t i = 0; i < r->n_prefixes; i++)
		if (range_written_by(&r->prefixes[i], group, &class))
			n[class]++;
}

static size_t count_names(const struct ranges *r, unsigned int group)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_names; i++)
		n += r->names[i].group == group;
	return n;
}

static const char *sampling(const struct range_group *g, char text[16])
{
	if (g->sample > 0 && g->sample < 1)
		snprintf(text, 16, "%g", g->sample);
	else
		snprintf(text, 16, "%s", g->sample > 0 ? "all" : "auto");
	return text;
}

static void show_group(const struct ranges *r, unsigned int group)
{
	const struct range_group *g = &r->groups[group];
	char v4[64], v6[64], sample[16];
	size_t n[CLASSES] = {};

	count(r, group, n);
	printf("%-12s%-8s%-7s%4zu%10zu%7zu%6zu%13s%12s\n", g->name, g->role == ROLE_TARGET ? "target" : "control",
	       sampling(g, sample), n[CLASS_OWN], n[CLASS_DEDICATED], n[CLASS_SHARED], count_names(r, group),
	       ranges_space_text(ranges_space(r, false, (int)group, ALL_CLASSES), false, v4),
	       ranges_space_text(ranges_space(r, true, (int)group, ALL_CLASSES), true, v6));
}

/* Names of a group, with a leading = where nothing below them counts. */
static void show_names(const struct ranges *r, unsigned int group)
{
	char lead[48], *text = NULL;
	size_t length = 0;
	FILE *to;

	if (!count_names(r, group))
		return;
	to = open_memstream(&text, &length);
	if (!to)
		return;
	for (size_t i = 0; i < r->n_names; i++)
		if (r->names[i].group == group)
			fprintf(to, "%s%s ", r->names[i].exact ? "=" : "", r->names[i].name);
	if (!fclose(to)) {
		snprintf(lead, sizeof(lead), "%s: ", r->groups[group].name);
		ranges_wrap(lead, text);
	}
	free(text);
}

void ranges_show(const struct ranges *r, const char *const *files, size_t n_files)
{
	char sources[sizeof(r->sources)], version[128];
	bool named = false;

	for (size_t i = 0; i < n_files; i++)
		printf("%-9s%s\n", i ? "" : "files", files[i]);
	printf("%-9s%s\n", "version", ranges_version_text(r, version));
	clean_copy(sources, sizeof(sources), r->sources);
	ranges_wrap("sources  ", sources);
	printf("\n%-12s%-8s%-7s%4s%10s%7s%6s%13s%12s\n", "group", "role", "sample", "own", "dedicated", "shared",
	       "names", "IPv4", "IPv6 /48s");
	for (unsigned int g = 0; g < r->n_groups; g++)
		show_group(r, g);
	for (unsigned int g = 0; g < r->n_groups; g++)
		named |= count_names(r, g) > 0;
	if (!named)
		return;
	puts("\nnames, with what lies below them (= without):");
	for (unsigned int g = 0; g < r->n_groups; g++)
		show_names(r, g);
}
