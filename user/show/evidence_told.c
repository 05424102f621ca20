// SPDX-License-Identifier: GPL-2.0
/* What a report says of the evidence file: see evidence_told.h. */
#include "show/evidence_told.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "keep/evidence_file.h"
#include "show/clean.h"

void evidence_look(const char *dir, struct evidence_told *out)
{
	struct evidence_told e = { .err = -ENAMETOOLONG };
	char path[PATH_MAX];
	FILE *file = NULL;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, EVIDENCE_FILE) < sizeof(path)) {
		file = fopen(path, "re");
		e.err = file ? chain_verify(file, &e.chain) : -errno;
	}
	if (file)
		fclose(file);
	*out = e;
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
			 EVIDENCE_FILE " is whole: %llu lines, from %s to %s; the head of its chain is %s",
			 (unsigned long long)e->chain.lines, first, last, e->chain.head);
	return text;
}
