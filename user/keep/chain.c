// SPDX-License-Identifier: GPL-2.0
/* Checking a chain line by line, in bounded memory: see chain.h. */
#include "keep/chain.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

void chain_hash(const char *bytes, size_t n, char hex[CHAIN_HASH])
{
	unsigned char digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, n, (const unsigned char *)bytes);
	sha256_digest(&context, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* ---- lines --------------------------------------------------------------------------------------------------- */
struct line {
	char *text; /* CHAIN_LINE_MAX bytes of room, and one */
	size_t length;
	bool newline, too_long;
	__u64 number, start;
};

/* The next line without its newline. 1, 0 at the end, -errno. */
static int next_line(FILE *file, struct line *l)
{
	int c = EOF;

	l->start += l->length + l->newline;
	l->length = 0;
	l->newline = l->too_long = false;
	while (!l->too_long && (c = getc_unlocked(file)) != EOF && c != '\n') {
		if (l->length == CHAIN_LINE_MAX)
			l->too_long = true;
		else
			l->text[l->length++] = (char)c;
	}
	if (ferror(file))
		return errno ? -errno : -EIO;
	l->newline = c == '\n';
	l->text[l->length] = '\0';
	if (!l->length && !l->newline)
		return 0;
	l->number++;
	return 1;
}

/* ---- what is wrong ------------------------------------------------------------------------------------------- */
__attribute__((format(printf, 4, 5))) static void breaks(struct chain_result *r, __u64 line, __u64 byte,
							 const char *format, ...)
{
	va_list args;

	r->whole = false;
	r->bad_line = line;
	r->bad_byte = byte;
	va_start(args, format);
	vsnprintf(r->why, sizeof(r->why), format, args);
	va_end(args);
}

/* The first of the torn lines that nothing explains. */
struct open_end {
	__u64 line, byte;
};

static bool explains(struct chain_result *r, const struct line *l, const json_t *torn)
{
	const char *after = json_string_value(json_object_get(torn, "after"));
	json_int_t lines = json_integer_value(json_object_get(torn, "lines"));
	json_int_t bytes = json_integer_value(json_object_get(torn, "bytes"));

	if (after && !strcmp(after, r->head) && lines >= 0 && (__u64)lines == r->open_lines && bytes >= 0 &&
	    (__u64)bytes == r->open_bytes)
		return true;
	breaks(r, l->number, l->start,
	       "it says that %lld lines (%lld bytes) before it are torn, after the line with the hash %.12s...; "
	       "there are %llu (%llu bytes), after %.12s...",
	       (long long)lines, (long long)bytes, after ? after : "none", (unsigned long long)r->open_lines,
	       (unsigned long long)r->open_bytes, r->head);
	return false;
}

static bool is_hash(const char *text)
{
	return text && strlen(text) == CHAIN_HASH - 1 && strspn(text, "0123456789abcdef") == CHAIN_HASH - 1;
}

/* A line that is an object: does it follow the one before? */
static bool check_object(struct chain_result *r, const struct line *l, const struct open_end *end, const json_t *o)
{
	const char *prev = json_string_value(json_object_get(o, "prev"));
	const char *kind = json_string_value(json_object_get(o, "kind"));
	const char *at = json_string_value(json_object_get(o, "at"));
	json_int_t seq = json_integer_value(json_object_get(o, "seq"));
	bool torn = kind && !strcmp(kind, "torn");

	if (!is_hash(prev) || !kind || !at || seq < 1) {
		breaks(r, l->number, l->start, "it has no %s: no line of an evidence file",
		       !is_hash(prev) ? "\"prev\" of 64 hex digits"
		       : !kind	      ? "\"kind\""
		       : !at	      ? "\"at\""
				      : "\"seq\"");
		return false;
	}
	if (r->open_lines && !torn) {
		breaks(r, end->line, end->byte,
		       "it is no whole line, and none after it says that it was torn by a kill");
		return false;
	}
	if (r->lines && !strcmp(kind, "genesis")) {
		breaks(r, l->number, l->start,
		       "it is a second beginning (kind \"genesis\"): another file was put behind this one");
		return false;
	}
	if (strcmp(prev, r->last)) {
		breaks(r, l->number, l->start,
		       r->lines
			       ? "its \"prev\" is %s, but the line before has the hash %s: one of the two was changed, or "
				 "lines between them are gone or new"
			       : "its \"prev\" is %s and not %s: lines before the first are gone",
		       prev, r->last);
		return false;
	}
	if ((__u64)seq != r->lines + 1) {
		breaks(r, l->number, l->start, "its \"seq\" is %lld, and should be %llu", (long long)seq,
		       (unsigned long long)r->lines + 1);
		return false;
	}
	if (!r->lines && strcmp(kind, "genesis")) {
		breaks(r, l->number, l->start, "a file begins with kind \"genesis\"");
		return false;
	}
	return !torn || explains(r, l, json_object_get(o, "torn"));
}

static void take_object(struct chain_result *r, const struct line *l, const json_t *o)
{
	const char *at = json_string_value(json_object_get(o, "at"));

	if (!r->lines++)
		snprintf(r->first_at, sizeof(r->first_at), "%s", at);
	snprintf(r->last_at, sizeof(r->last_at), "%s", at);
	r->torn += r->open_lines;
	r->open_lines = r->open_bytes = 0;
	chain_hash(l->text, l->length, r->head);
}

/* False: the chain is broken here. */
static bool check_line(struct chain_result *r, const struct line *l, struct open_end *end,
		       const struct chain_visit *visit)
{
	json_t *o = l->too_long ? NULL : json_loadb(l->text, l->length, JSON_REJECT_DUPLICATES, NULL);
	bool whole = json_is_object(o), good = true;

	if (l->too_long) {
		breaks(r, l->number, l->start, "it is longer than %d bytes: no line of an evidence file",
		       CHAIN_LINE_MAX);
		return false;
	}
	if (whole)
		good = check_object(r, l, end, o);
	if (whole && good) {
		take_object(r, l, o);
		if (visit)
			visit->line(visit->arg, l->number, r->head, o);
	}
	json_decref(o);
	if (!whole) {
		if (!r->open_lines++)
			*end = (struct open_end){ l->number, l->start };
		else
			r->open_bytes++;
		r->open_bytes += l->length;
	}
	chain_hash(l->text, l->length, r->last);
	return good;
}

int chain_walk(FILE *file, const struct chain_visit *visit, struct chain_result *out)
{
	struct chain_result r = { .whole = true, .last = NO_HASH, .head = NO_HASH };
	struct line l = { .text = malloc(CHAIN_LINE_MAX + 1) };
	struct open_end end = {};
	int more;

	if (!l.text)
		return -ENOMEM;
	errno = 0;
	while ((more = next_line(file, &l)) > 0 && check_line(&r, &l, &end, visit))
		r.no_newline = !l.newline;
	r.bytes = l.start + l.length + l.newline;
	free(l.text);
	if (more < 0)
		return more;
	r.reached_end = r.whole;
	/* torn lines at the end are no break while the last of them has no newline: nobody has closed them yet */
	if (r.whole && r.open_lines && !r.no_newline)
		breaks(&r, end.line, end.byte,
		       "it is no whole line, and none after it says that it was torn by a kill");
	if (r.whole && !r.lines)
		breaks(&r, 1, 0,
		       r.bytes ? "it is no whole line, and there is no other: no evidence file, or one that was torn at once"
			       : "there is none: the file is empty");
	*out = r;
	return 0;
}

int chain_verify(FILE *file, struct chain_result *out)
{
	return chain_walk(file, NULL, out);
}
