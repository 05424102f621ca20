// SPDX-License-Identifier: GPL-2.0
/* A ranges file, statement by statement, into the draft of a list. */
#include "load/ranges_draft.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "suggest.h"

#define WORDS_MAX 6

struct parser {
	struct draft *d;
	struct draft_place at;
	struct draft_group *group; /* NULL in the head */
	bool has_format, has_version, has_date, has_sources;
};

static int refuse(struct parser *p, const char *word, const char *wrong)
{
	char quoted[64];

	return draft_refuse(p->d, p->at, "'%s' %s", text_quote(word, quoted), wrong);
}

static int out_of_memory(struct draft *d)
{
	snprintf(d->error, d->error_size, "out of memory");
	return -ENOMEM;
}

/* ---- the head ---------------------------------------------------------------------------------------------- */

static int take_format(struct parser *p, char **words)
{
	if (p->has_format)
		return draft_refuse(p->d, p->at, "a second line 'xreach-ranges'; give the files one by one");
	if (strcmp(words[1], RANGES_FORMAT))
		return refuse(p, words[1],
			      "is a format this program does not know (it reads " RANGES_FORMAT
			      "); take a newer program or an older list");
	p->has_format = true;
	return 0;
}

/* The first file's head is the list's; those of others are read and checked all the same. */
static int take_head(struct parser *p, char **words, bool *has, char *to, size_t n,
		     const char *(*check)(const char *))
{
	const char *wrong = check(words[1]);

	if (wrong)
		return refuse(p, words[1], wrong);
	if (*has)
		return draft_refuse(p->d, p->at, "a second '%s'; leave one", words[0]);
	*has = true;
	if (!p->at.file)
		snprintf(to, n, "%s", words[1]);
	return 0;
}

static int take_version(struct parser *p, char **words)
{
	return take_head(p, words, &p->has_version, p->d->version, sizeof(p->d->version), text_version);
}

static int take_date(struct parser *p, char **words)
{
	return take_head(p, words, &p->has_date, p->d->date, sizeof(p->d->date), text_date);
}

static const char *check_sources(const char *text)
{
	if (strlen(text) >= sizeof(((struct draft *)NULL)->sources))
		return "is too long for sources; 255 bytes at most";
	return text_is_utf8(text) ? NULL : "is not UTF-8; save the file as UTF-8";
}

static int take_sources(struct parser *p, char **words)
{
	return take_head(p, words, &p->has_sources, p->d->sources, sizeof(p->d->sources), check_sources);
}

static int check_head(struct parser *p)
{
	const char *lacks = !p->has_version   ? "version 2026-11-01"
			    : !p->has_date    ? "date 2026-11-01"
			    : !p->has_sources ? "sources where it is from"
					      : NULL;

	if (p->at.file || !lacks) /* a further file only adds to the first */
		return 0;
	return draft_refuse(p->d, p->at, "the head has no '%.*s'; add a line such as '%s'",
			    (int)strcspn(lacks, " "), lacks, lacks);
}

/* ---- groups --------------------------------------------------------------------------------------------------- */

static struct draft_group *find_group(struct draft *d, const char *name)
{
	for (__u32 i = 0; i < d->n_groups; i++)
		if (!strcmp(d->groups[i].g.name, name))
			return &d->groups[i];
	return NULL;
}

static int take_sample(struct parser *p, struct draft_group *g, const char *word)
{
	const char *wrong;
	double sample;

	if (g->g.role == ROLE_TARGET)
		return refuse(p, word, "cannot be: a target is always watched whole; leave 'sample' out");
	wrong = text_sample(word, &sample);
	if (wrong)
		return refuse(p, word, wrong);
	if (g->sampled && g->g.sample != sample)
		return draft_refuse(p->d, p->at, "group %s has another sampling at %s:%u; give it once", g->g.name,
				    p->d->files[g->place.file], g->place.line);
	g->g.sample = sample;
	g->sampled = true;
	return 0;
}

/* group NAME target|control [sample HOW]. A further one with the same name goes on with that group. */
static int take_group(struct parser *p, char **words)
{
	static const char form[] = "write 'group x target' or 'group google control sample auto'";
	const char *name = words[1], *wrong = text_group(name);
	struct draft *d = p->d;
	struct draft_group *g;
	enum role role;
	char quoted[64];
	int err;

	err = check_head(p);
	if (err)
		return err;
	if (wrong)
		return refuse(p, name, wrong);
	if (!words[2])
		return draft_refuse(d, p->at, "group %s has no role; %s", name, form);
	role = !strcmp(words[2], "target") ? ROLE_TARGET : !strcmp(words[2], "control") ? ROLE_CONTROL : 0;
	if (!role)
		return refuse(p, words[2], "is no role; target or control");
	if (words[3] && (strcmp(words[3], "sample") || !words[4]))
		return draft_refuse(d, p->at, "'%s' is out of place; %s", text_quote(words[3], quoted), form);
	g = find_group(d, name);
	if (g && g->g.role != role)
		return draft_refuse(d, p->at, "group %s is a %s at %s:%u; give it one role", name,
				    g->g.role == ROLE_TARGET ? "target" : "control", d->files[g->place.file],
				    g->place.line);
	if (!g) {
		if (d->n_groups == WIRE_GROUPS_MAX)
			return draft_refuse(d, p->at, "group %s is one too many; %u at most", name,
					    WIRE_GROUPS_MAX);
		g = &d->groups[d->n_groups++];
		*g = (struct draft_group){ .g.role = role, .g.sample = role == ROLE_TARGET, .place = p->at };
		snprintf(g->g.name, sizeof(g->g.name), "%s", name);
	}
	p->group = g;
	return words[3] ? take_sample(p, g, words[4]) : 0;
}

/* ---- prefixes and names ------------------------------------------------------------------------------------------ */

/* Room for one more of `size` bytes. */
static int grow(void **array, __u32 n, __u32 *room, size_t size)
{
	__u32 more = *room ? *room * 2 : 256;
	void *bigger;

	if (n < *room)
		return 0;
	bigger = reallocarray(*array, more, size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*room = more;
	return 0;
}

static int take_prefix(struct parser *p, const char *word, enum class class)
{
	struct draft *d = p->d;
	struct range_prefix prefix;
	char note[128];
	const char *wrong = text_prefix(word, &prefix, note, sizeof(note));

	if (wrong)
		return refuse(p, word, wrong);
	if (grow((void **)&d->prefixes, d->n_prefixes, &d->room_prefixes, sizeof(*d->prefixes)))
		return out_of_memory(d);
	prefix.group = (__u8)(p->group - d->groups);
	prefix.class = class;
	prefix.written = WRITTEN_GROUP;
	d->prefixes[d->n_prefixes++] = (struct draft_prefix){ .p = prefix, .place = p->at };
	p->group->used = true;
	return 0;
}

static int take_own(struct parser *p, char **words)
{
	return take_prefix(p, words[1], CLASS_OWN);
}

static int take_dedicated(struct parser *p, char **words)
{
	return take_prefix(p, words[1], CLASS_DEDICATED);
}

static int take_shared(struct parser *p, char **words)
{
	if (p->group->g.role == ROLE_CONTROL)
		return refuse(p, words[1], "cannot be shared: a control counts by address alone; write 'own'");
	return take_prefix(p, words[1], CLASS_SHARED);
}

static int take_name_of(struct parser *p, const char *word, bool exact)
{
	struct draft *d = p->d;
	struct draft_name name = { .n = { .exact = exact, .group = (__u8)(p->group - d->groups) }, .place = p->at };
	const char *wrong = text_name(word, name.n.name, sizeof(name.n.name));

	if (wrong)
		return refuse(p, word, wrong);
	if (grow((void **)&d->names, d->n_names, &d->room_names, sizeof(*d->names)))
		return out_of_memory(d);
	d->names[d->n_names++] = name;
	return 0;
}

static int take_name(struct parser *p, char **words)
{
	return take_name_of(p, words[1], false);
}

static int take_exact(struct parser *p, char **words)
{
	return take_name_of(p, words[1], true);
}

/* ---- statements --------------------------------------------------------------------------------------------------- */

enum part { FORMAT, HEAD, GROUP, BODY };

static const struct statement {
	const char *word;
	enum part part;
	bool free_text;	   /* all of the line is one word */
	unsigned int most; /* words behind the first */
	int (*take)(struct parser *p, char **words);
	const char *form;
} statements[] = {
	{ "xreach-ranges", FORMAT, false, 1, take_format, "xreach-ranges " RANGES_FORMAT },
	{ "version", HEAD, false, 1, take_version, "version 2026-11-01" },
	{ "date", HEAD, false, 1, take_date, "date 2026-11-01" },
	{ "sources", HEAD, true, 1, take_sources, "sources where it is from" },
	{ "group", GROUP, false, 4, take_group, "group x target" },
	{ "own", BODY, false, 1, take_own, "own 192.0.2.0/24" },
	{ "dedicated", BODY, false, 1, take_dedicated, "dedicated 192.0.2.1/32" },
	{ "shared", BODY, false, 1, take_shared, "shared 192.0.2.0/24" },
	{ "name", BODY, false, 1, take_name, "name x.com" },
	{ "exact", BODY, false, 1, take_exact, "exact video.x.com" },
};

#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

static const struct statement *find_statement(const char *word)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		if (!strcmp(statements[i].word, word))
			return &statements[i];
	return NULL;
}

static int refuse_word(struct parser *p, const char *word)
{
	const char *words[STATEMENTS], *meant;
	struct range_prefix ignored;
	char quoted[64], note[128];

	for (size_t i = 0; i < STATEMENTS; i++)
		words[i] = statements[i].word;
	text_quote(word, quoted);
	if (!text_prefix(word, &ignored, note, sizeof(note)))
		return draft_refuse(p->d, p->at, "'%s' stands alone; write 'own %s', or dedicated, or shared",
				    quoted, quoted);
	meant = suggest(word, words, STATEMENTS);
	if (meant)
		return draft_refuse(p->d, p->at, "'%s' is no statement; did you mean '%s'?", quoted, meant);
	return draft_refuse(p->d, p->at,
			    "'%s' is no statement; group, own, dedicated, shared, name, exact (or version, date, "
			    "sources in the head)",
			    quoted);
}

static const char *out_of_order(const struct parser *p, const struct statement *s)
{
	if (s->part == HEAD && p->group)
		return "belongs into the head, before the first group";
	if (s->part == BODY && !p->group)
		return "needs a group before it; write a line such as 'group x target'";
	return NULL;
}

/* `line` without comment and without blanks at its ends; not empty. */
static int take_line(struct parser *p, char *line)
{
	char *words[WORDS_MAX + 1] = {}, *rest = line, *first = line;
	const struct statement *s;
	unsigned int n = 0;
	const char *wrong;
	char quoted[64];

	rest = line + strcspn(line, " \t");
	if (*rest) {
		*rest++ = '\0';
		rest += strspn(rest, " \t");
	}
	s = find_statement(first);
	if (!p->has_format && (!s || s->part != FORMAT))
		return draft_refuse(p->d, p->at,
				    "'%s' comes before the line 'xreach-ranges " RANGES_FORMAT
				    "'; is this a ranges file?",
				    text_quote(first, quoted));
	if (!s)
		return refuse_word(p, first);
	words[n++] = first;
	while (*rest && n < WORDS_MAX) {
		words[n++] = rest;
		if (s->free_text)
			break;
		rest += strcspn(rest, " \t");
		if (*rest) {
			*rest++ = '\0';
			rest += strspn(rest, " \t");
		}
	}
	wrong = out_of_order(p, s);
	if (wrong)
		return refuse(p, first, wrong);
	if (n == 1)
		return draft_refuse(p->d, p->at, "'%s' has nothing behind it; write '%s'", first, s->form);
	if (n > s->most + 1)
		return draft_refuse(p->d, p->at, "'%s' is one word too many behind '%s'; one statement a line",
				    text_quote(words[s->most + 1], quoted), first);
	return s->take(p, words);
}

/* Cut the comment and the blanks at both ends. */
static char *trim(char *line)
{
	size_t len;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t");
	len = strlen(line);
	while (len && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		line[--len] = '\0';
	return line;
}

/* The byte that no text has, or NULL. Bytes above 127 are left to comments and sources. */
static const char *find_control(const char *line)
{
	for (; *line; line++)
		if (((unsigned char)*line < ' ' && *line != '\t') || *line == 0x7f)
			return line;
	return NULL;
}

static int check_line(struct parser *p, const char *line, size_t len)
{
	const char *control;

	if (len > RANGES_LINE_MAX)
		return draft_refuse(p->d, p->at, "a line of %zu bytes; %d at most: one statement a line", len,
				    RANGES_LINE_MAX);
	control = find_control(line);
	if (control)
		return draft_refuse(p->d, p->at, "byte 0x%02x in column %zu, so it is no text; name a ranges file",
				    (unsigned char)*control, (size_t)(control - line) + 1);
	return 0;
}

int draft_parse(struct draft *d, __u32 file, char *text)
{
	struct parser p = { .d = d, .at.file = file };
	char *line = text, *next;
	int err = 0;

	if (!strncmp(line, "\xef\xbb\xbf", 3)) /* some editors put a mark before UTF-8 */
		line += 3;
	for (; !err && line; line = next) {
		size_t len = strcspn(line, "\n");

		next = line[len] ? line + len + 1 : NULL;
		line[len] = '\0';
		if (len && line[len - 1] == '\r')
			line[--len] = '\0';
		p.at.line++;
		err = check_line(&p, line, len);
		if (err)
			break;
		line = trim(line);
		if (*line)
			err = take_line(&p, line);
	}
	if (!err && !p.has_format) {
		p.at.line = 1;
		err = draft_refuse(d, p.at, "no line 'xreach-ranges " RANGES_FORMAT "'; is this a ranges file?");
	}
	return err ? err : check_head(&p);
}

void draft_free(struct draft *d)
{
	free(d->prefixes);
	free(d->names);
	d->prefixes = NULL;
	d->names = NULL;
}
