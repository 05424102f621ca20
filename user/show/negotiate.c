// SPDX-License-Identifier: GPL-2.0
/* Content negotiation: Accept and Accept-Encoding. */
#include "show/negotiate.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define UNSAID (-1)

struct offer { /* one element of the list; names beyond these lengths match nothing */
	char name[64], version[16];
	int quality; /* in thousandths */
};

static size_t skip_blanks(const char *s)
{
	return strspn(s, " \t");
}

/* Copy up to one of `ends`, without trailing blanks and quotes; 0 characters when it does not fit. */
static const char *take_word(const char *s, const char *ends, char *out, size_t size)
{
	size_t length, all;

	s += skip_blanks(s);
	all = strcspn(s, ends);
	length = all;
	while (length && strchr(" \t\"", s[length - 1]))
		length--;
	if (length && *s == '"') {
		memmove(out, s + 1, length - 1 < size ? length - 1 : 0);
		out[length - 1 < size ? length - 1 : 0] = '\0';
		return s + all;
	}
	if (length >= size)
		length = 0;
	memcpy(out, s, length);
	out[length] = '\0';
	return s + all;
}

/* qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ); what is none counts as 0: not wanted. */
static int parse_quality(const char *s)
{
	int value, unit = 100;

	if ((*s != '0' && *s != '1') || (s[1] && s[1] != '.'))
		return 0;
	value = *s == '1' ? 1000 : 0;
	for (s += s[1] ? 2 : 1; *s; s++, unit /= 10) {
		if (!isdigit((unsigned char)*s) || !unit)
			return 0;
		value += (*s - '0') * unit;
	}
	return value > 1000 ? 0 : value;
}

/* Take one element off the list: what follows it, or NULL when there was none. */
static const char *next_offer(const char *s, struct offer *offer)
{
	char name[16], value[16];

	s += strspn(s, " \t,");
	if (!*s)
		return NULL;
	*offer = (struct offer){ .quality = 1000 };
	s = take_word(s, ";,", offer->name, sizeof(offer->name));
	while (*s == ';') {
		s = take_word(s + 1, "=;,", name, sizeof(name));
		value[0] = '\0';
		if (*s == '=')
			s = take_word(s + 1, ";,", value, sizeof(value));
		if (!strcasecmp(name, "q"))
			offer->quality = parse_quality(value);
		else if (!strcasecmp(name, "version"))
			strcpy(offer->version, value[0] ? value : "?");
	}
	return s;
}

static int better(int a, int b)
{
	return a > b ? a : b;
}

bool accept_openmetrics(const char *accept)
{
	int open = UNSAID, plain = UNSAID, any_text = UNSAID, any = UNSAID;
	struct offer offer;

	while (accept && (accept = next_offer(accept, &offer))) {
		if (!strcasecmp(offer.name, "application/openmetrics-text") &&
		    (!offer.version[0] || !strcmp(offer.version, "1.0.0")))
			open = better(open, offer.quality);
		else if (!strcasecmp(offer.name, "text/plain"))
			plain = better(plain, offer.quality);
		else if (!strcasecmp(offer.name, "text/*"))
			any_text = better(any_text, offer.quality);
		else if (!strcmp(offer.name, "*/*"))
			any = better(any, offer.quality);
	}
	if (plain == UNSAID) /* the most specific range speaks for it */
		plain = any_text != UNSAID ? any_text : any;
	return open > 0 && open >= plain;
}

bool accept_gzip(const char *accept_encoding)
{
	int gzip = UNSAID, identity = UNSAID, any = UNSAID;
	struct offer offer;

	while (accept_encoding && (accept_encoding = next_offer(accept_encoding, &offer))) {
		if (!strcasecmp(offer.name, "gzip") || !strcasecmp(offer.name, "x-gzip"))
			gzip = better(gzip, offer.quality);
		else if (!strcasecmp(offer.name, "identity"))
			identity = better(identity, offer.quality);
		else if (!strcmp(offer.name, "*"))
			any = better(any, offer.quality);
	}
	if (gzip == UNSAID)
		gzip = any;
	return gzip > 0 && gzip >= identity;
}
