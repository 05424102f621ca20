// SPDX-License-Identifier: GPL-2.0
/* What is known not to be seen, from the hooks and the ledger of a view. */
#include "show/unseen.h"

#include <stdio.h>
#include <string.h>
#include "show/columns.h"
#include "show/view.h"

struct line {
	char *out;
	size_t size, used;
};

static void put(struct line *line, const char *text)
{
	int n;

	if (line->used >= line->size)
		return;
	n = snprintf(line->out + line->used, line->size - line->used, "%s", text);
	line->used += n > 0 ? (size_t)n : 0;
}

static void begin(struct line *line)
{
	if (line->used)
		put(line, "; ");
}

static void missing_hooks(const struct view *view, struct line *line)
{
	size_t i, n = 0;

	for (i = 0; i < view->n_hooks; i++) {
		const struct view_hook *h = &view->hooks[i];

		if (h->attached)
			continue;
		if (!n++)
			begin(line);
		put(line, n == 1 ? "no hook " : ", ");
		put(line, h->name);
		if (!strncmp(h->name, "tc", 2) && h->where[0]) {
			put(line, " ");
			put(line, h->where);
		}
	}
}

/* All lines of the ledger that begin so, summed up, and each by its reason. */
static void counted(const struct view *view, const char *prefix, const char *what, struct line *line)
{
	unsigned long long sum = 0;
	size_t length = strlen(prefix), i, n = 0;
	char count[16], text[96];

	for (i = 0; i < view->n_ledger; i++)
		if (!strncmp(view->ledger[i].name, prefix, length))
			sum += view->ledger[i].value;
	if (!sum)
		return;
	begin(line);
	count_text(sum, count, sizeof(count));
	snprintf(text, sizeof(text), "%s %s", count, what);
	put(line, text);
	for (i = 0; i < view->n_ledger; i++) {
		const struct view_ledger *l = &view->ledger[i];

		if (strncmp(l->name, prefix, length) || !l->value || !l->name[length])
			continue;
		count_text(l->value, count, sizeof(count));
		snprintf(text, sizeof(text), "%s%s %s", n++ ? ", " : " (", l->name + length, count);
		put(line, text);
	}
	if (n)
		put(line, ")");
}

bool unseen_text(const struct view *view, char *out, size_t size)
{
	struct line line = { out, size, 0 };

	if (size)
		out[0] = '\0';
	missing_hooks(view, &line);
	counted(view, "lost/", "attempts lost", &line);
	counted(view, "unparsed/", "packets not parsed", &line);
	counted(view, "hello_lost", "first payloads lost", &line);
	counted(view, "hello_given_up", "names given up", &line);
	counted(view, "dns_lost", "DNS messages lost", &line);
	counted(view, "prefix_full", "flows of prefixes beyond the table", &line);
	counted(view, "interim_full", "interim findings beyond the table", &line);
	if (view->keeping[0]) {
		begin(&line);
		put(&line, "not kept: ");
		put(&line, view->keeping);
	}
	return line.used;
}
