// SPDX-License-Identifier: GPL-2.0
/* What a report says of the evidence file: see evidence_told.h. */
#include "show/evidence_told.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keep/evidence_file.h"
#include "keep/history_read.h"
#include "keep/wrapped.h"
#include "show/clean.h"

struct looking {
	const struct past *past;
	json_t **objects; /* of its incidents, as the history tells them */
	struct evidence_says *says;
};

static void look_at(void *arg, __u64 number, const char hash[static CHAIN_HASH], const struct json_t *line)
{
	const struct looking *l = arg;
	const json_t *told = json_object_get(line, "incident");
	const char *id = json_string_value(json_object_get(told, "id"));

	(void)hash;
	for (size_t i = 0; id && i < l->past->n_incidents; i++) {
		if (strcmp(l->past->incidents[i].id, id))
			continue;
		l->says[i].last = number;
		if (json_equal(l->objects[i], told))
			l->says[i].same = number;
	}
}

static int walk(FILE *file, const struct past *past, struct evidence_told *e)
{
	struct looking l = { .past = past,
			     .objects = calloc(past->n_incidents + 1, sizeof(json_t *)),
			     .says = e->says };
	const struct chain_visit visit = { look_at, &l };
	int err = -ENOMEM;

	if (l.objects && l.says) {
		for (size_t i = 0; i < past->n_incidents; i++)
			l.objects[i] = wrapped_value("incident", past->incidents[i].object);
		err = chain_walk(file, &visit, &e->chain);
		for (size_t i = 0; i < past->n_incidents; i++)
			json_decref(l.objects[i]);
	}
	free(l.objects);
	return err;
}

void evidence_look(const char *dir, const struct past *past, struct evidence_told *out)
{
	char path[PATH_MAX];
	FILE *file = NULL;

	*out = (struct evidence_told){ .err = -ENAMETOOLONG,
				       .says = calloc(past->n_incidents + 1, sizeof(struct evidence_says)) };
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, EVIDENCE_FILE) < sizeof(path)) {
		file = fopen(path, "re");
		out->err = file ? walk(file, past, out) : -errno;
	}
	if (file)
		fclose(file);
}

void evidence_forget(struct evidence_told *e)
{
	free(e->says);
	e->says = NULL;
}

const char *evidence_of(const struct evidence_told *e, size_t n, char text[EVIDENCE_TOLD])
{
	const struct evidence_says *s = e->says && !e->err ? &e->says[n] : NULL;
	unsigned long long last = s ? s->last : 0, same = s ? s->same : 0;

	if (!s)
		*text = '\0';
	else if (!last)
		snprintf(text, EVIDENCE_TOLD, EVIDENCE_FILE " has no line of it%s",
			 e->chain.whole ? "" : ", as far as that is whole");
	else if (same == last)
		snprintf(text, EVIDENCE_TOLD, "line %llu of " EVIDENCE_FILE " says the same", last);
	else if (same)
		snprintf(text, EVIDENCE_TOLD,
			 "line %llu of " EVIDENCE_FILE " says the same; it was told once more in line %llu", same,
			 last);
	else if (!e->chain.whole)
		snprintf(text, EVIDENCE_TOLD,
			 "no line of " EVIDENCE_FILE " says the same, as far as that is whole");
	else
		snprintf(text, EVIDENCE_TOLD,
			 "line %llu of " EVIDENCE_FILE
			 ", the last about it, says OTHERWISE: one of the two was changed, or "
			 "the last of it could not be written there",
			 last);
	return text;
}

/* Times and reasons come out of a file that somebody may have been at. */
const char *evidence_text(const struct evidence_told *e, char text[EVIDENCE_TOLD])
{
	char first[32], last[32], why[400];

	clean_copy(first, sizeof(first), e->chain.first_at);
	clean_copy(last, sizeof(last), e->chain.last_at);
	clean_copy(why, sizeof(why), e->chain.why);
	if (e->err == -ENOENT)
		snprintf(text, EVIDENCE_TOLD, "there is no " EVIDENCE_FILE " beside the history");
	else if (e->err)
		snprintf(text, EVIDENCE_TOLD, EVIDENCE_FILE " cannot be read: %s", strerror(-e->err));
	else if (!e->chain.whole)
		snprintf(text, EVIDENCE_TOLD, EVIDENCE_FILE " is BROKEN at line %llu: %s",
			 (unsigned long long)e->chain.bad_line, why);
	else
		snprintf(text, EVIDENCE_TOLD,
			 EVIDENCE_FILE " is whole%s: %llu line%s, from %s to %s; the head of its chain is %s",
			 e->chain.no_newline ? " but for its last line, which is unfinished" : "",
			 (unsigned long long)e->chain.lines, e->chain.lines == 1 ? "" : "s", first, last,
			 e->chain.head);
	return text;
}
