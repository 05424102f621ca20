// SPDX-License-Identifier: GPL-2.0
/* xreach ranges: show, check and compare lists. */
#include "cmd_ranges.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "options.h"
#include "output.h"
#include "suggest.h"

#define STATUS_DIFFER  1 /* as diff(1) */
#define STATUS_TROUBLE 2
#define STATUS_USAGE   2
#define ERROR_SIZE     1024

/* Files named behind the verb, or else those of the settings: what the daemon would read. */
static size_t files_of(const struct options *o, const char *const **files)
{
	if (o->operands_count > 1) {
		*files = (const char *const *)o->operands + 1;
		return (size_t)o->operands_count - 1;
	}
	*files = (const char *const *)o->settings.ranges;
	return o->settings.ranges_count;
}

/* The list, or NULL with its fault told. */
static struct ranges *load(const char *const *files, size_t n, const struct ranges *previous, bool force)
{
	struct ranges *r = NULL;
	char error[ERROR_SIZE];

	if (ranges_load(files, n, previous, force, &r, error, sizeof(error)))
		fprintf(stderr, "xreach ranges: %s\n", error);
	return r;
}

static int run_show(const struct options *o)
{
	const char *const *files;
	size_t n = files_of(o, &files);
	struct ranges *r = load(files, n, NULL, false);

	if (!r)
		return EXIT_FAILURE;
	ranges_show(r, files, n);
	ranges_free(r);
	return EXIT_SUCCESS;
}

static int run_check(const struct options *o)
{
	const char *const *files;
	size_t n = files_of(o, &files);
	struct ranges *r = load(files, n, NULL, false);
	char version[128];
	size_t lines = 0; /* what a target shares with a control is one prefix, but written by both */
	enum class class;

	if (!r)
		return EXIT_FAILURE;
	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? " + " : "", files[i]);
	for (unsigned int g = 0; g < r->n_groups; g++)
		for (size_t i = 0; i < r->n_prefixes; i++)
			lines += range_written_by(&r->prefixes[i], g, &class);
	printf(": ok\n  version %s\n  %zu groups, %zu prefixes, %zu names\n", ranges_version_text(r, version),
	       r->n_groups, lines, r->n_names);
	ranges_free(r);
	return EXIT_SUCCESS;
}

static void print_head(const char *mark, const char *file, const struct ranges *r)
{
	char version[128];

	printf("%s %s\n    version %s\n", mark, file, ranges_version_text(r, version));
}

/* Would a daemon with the old list take the new one? */
static void tell_reload(const char *const *new_file, const struct ranges *old)
{
	struct ranges *again = NULL;
	char error[ERROR_SIZE];

	if (!ranges_load(new_file, 1, old, false, &again, error, sizeof(error)))
		puts("A daemon with the old list would take the new one.");
	else
		ranges_wrap("A daemon with the old list would refuse the new one: ", error);
	ranges_free(again);
}

static int run_diff(const struct options *o)
{
	const char *const *files = (const char *const *)o->operands + 1;
	struct ranges *old, *new;
	int differ;

	if (o->operands_count != 3) {
		fprintf(stderr, "xreach ranges: diff compares two files, not %d: xreach ranges diff OLD NEW\n",
			o->operands_count - 1);
		return STATUS_USAGE;
	}
	old = load(files, 1, NULL, true);
	new = old ? load(files + 1, 1, old, true) : NULL;
	if (!new) {
		ranges_free(old);
		return STATUS_TROUBLE;
	}
	if (strcmp(old->hash, new->hash)) {
		print_head("---", files[0], old);
		print_head("+++", files[1], new);
	}
	differ = ranges_diff(old, new);
	if (differ < 0)
		fprintf(stderr, "xreach ranges: %s\n", strerror(-differ));
	else if (!differ)
		puts("The lists say the same.");
	else if (!o->settings.force)
		tell_reload(files + 1, old);
	ranges_free(old);
	ranges_free(new);
	return differ < 0 ? STATUS_TROUBLE : differ ? STATUS_DIFFER : EXIT_SUCCESS;
}

static const struct verb {
	const char *name;
	int (*run)(const struct options *o);
	int trouble; /* exit status where the answer could not be written */
} verbs[] = {
	{ "show", run_show, EXIT_FAILURE },
	{ "check", run_check, EXIT_FAILURE },
	{ "diff", run_diff, STATUS_TROUBLE },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *find_verb(const char *name)
{
	const char *names[VERBS], *meant;

	for (size_t i = 0; i < VERBS; i++) {
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
		names[i] = verbs[i].name;
	}
	meant = suggest(name, names, VERBS);
	fprintf(stderr, "xreach ranges: '%s' is none of show, check, diff", name);
	if (meant)
		fprintf(stderr, "; did you mean '%s'?", meant);
	fputs("\nTry: xreach help ranges\n", stderr);
	return NULL;
}

int cmd_ranges(int argc, char **argv)
{
	const struct verb *verb;
	struct options options;
	int status;

	if (options_parse("ranges", argc, argv, &options))
		return options.status;
	verb = find_verb(options.operands[0]);
	status = verb ? verb->run(&options) : STATUS_USAGE;
	if (verb && output_failed("xreach ranges"))
		status = verb->trouble;
	options_free(&options);
	return status;
}
