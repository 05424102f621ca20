// SPDX-License-Identifier: GPL-2.0
/* The words of a ranges file: prefixes, names, shares, dates. */
#include "load/ranges_draft.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES	(sizeof(((struct range_name *)NULL)->name) - 1)
#define GROUP_MAX_BYTES (sizeof(((struct range_group *)NULL)->name) - 1)
#define LABEL_MAX_BYTES 63

/* No locale: what a letter is does not depend on the environment. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

const char *text_quote(const char *word, char out[64])
{
	size_t i;

	for (i = 0; word[i] && i < 60; i++)
		out[i] = word[i] >= ' ' && word[i] <= '~' ? word[i] : '?';
	strcpy(out + i, word[i] ? "..." : "");
	return out;
}

/* Continuation bytes only, no overlong forms, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		unsigned int more = *p < 0x80 ? 0 : *p >= 0xc2 && *p < 0xe0 ? 1 : (*p & 0xf0) == 0xe0 ? 2 : 3;
		unsigned int first = *p++;

		if (first >= 0x80 && (first < 0xc2 || first > 0xf4))
			return false;
		if ((first == 0xe0 && *p < 0xa0) || (first == 0xed && *p > 0x9f) || (first == 0xf0 && *p < 0x90) ||
		    (first == 0xf4 && *p > 0x8f))
			return false;
		while (more--)
			if ((*p++ & 0xc0) != 0x80)
				return false;
	}
	return true;
}

/* ---- prefixes --------------------------------------------------------------------------------------------- */

/* Clear what lies behind the first `bits` bits; was anything set there? */
static bool clear_host_bits(__u8 addr[16], unsigned int bits)
{
	bool set = false;

	for (unsigned int i = bits / 8; i < 16; i++) {
		__u8 keep = i > bits / 8 ? 0 : (__u8) ~(0xff >> bits % 8);

		set |= addr[i] & ~keep;
		addr[i] &= keep;
	}
	return set;
}

static void write_prefix(struct range_prefix *p)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(p->v6 ? AF_INET6 : AF_INET, p->v6 ? p->addr : p->addr + 12, text, sizeof(text));
	snprintf(p->text, sizeof(p->text), "%.42s/%u", text, p->plen);
}

/* At most three digits, no sign, no leading zero. */
static int read_length(const char *text, unsigned int most)
{
	unsigned int value = 0, digits;

	for (digits = 0; digits < 3 && is_digit(text[digits]); digits++)
		value = value * 10 + (unsigned int)(text[digits] - '0');
	return !digits || text[digits] || (digits > 1 && *text == '0') || value > most ? -1 : (int)value;
}

const char *text_prefix(const char *word, struct range_prefix *out, char *note, size_t n)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *slash = strchr(word, '/');
	char address[INET6_ADDRSTRLEN];
	struct range_prefix p = { .v6 = strchr(word, ':') };
	size_t len = slash ? (size_t)(slash - word) : strlen(word);
	unsigned int most = p.v6 ? 128 : 32;
	int plen;

	memcpy(p.addr, mapped, p.v6 ? 0 : sizeof(mapped));
	if (len >= sizeof(address))
		return "no address; write 192.0.2.0/24 or 2001:db8::/32";
	memcpy(address, word, len);
	address[len] = '\0';
	if (inet_pton(p.v6 ? AF_INET6 : AF_INET, address, p.v6 ? p.addr : p.addr + 12) != 1)
		return "no address; write 192.0.2.0/24 or 2001:db8::/32 (names go with 'name' and 'exact')";
	if (p.v6 && !memcmp(p.addr, mapped, sizeof(mapped)))
		return "an IPv4 address in IPv6 clothes; write it as IPv4";
	if (!slash) {
		snprintf(note, n, "no prefix length; write %s/%u for this address alone", address, most);
		return note;
	}
	plen = read_length(slash + 1, most);
	if (plen < 0) {
		snprintf(note, n, "no prefix length of %s; from /1 to /%u", p.v6 ? "IPv6" : "IPv4", most);
		return note;
	}
	if (!plen)
		return "all addresses there are; name the prefixes that are meant";
	p.plen = (__u8)plen;
	if (clear_host_bits(p.addr, (p.v6 ? 0 : 96) + p.plen)) {
		write_prefix(&p);
		snprintf(note, n, "has bits set behind its length; write %s, or %s/%u for the address alone",
			 p.text, address, most);
		return note;
	}
	write_prefix(&p);
	*out = p;
	return NULL;
}

/* ---- names -------------------------------------------------------------------------------------------------- */

static bool is_name_char(char c)
{
	return is_lower(c) || is_digit(c) || c == '-' || c == '_';
}

/* One label of `len` bytes. */
static const char *check_label(const char *label, size_t len)
{
	if (!len)
		return "has an empty label (two dots, or one at an end); write x.com";
	if (len > LABEL_MAX_BYTES)
		return "has a label of more than 63 bytes, which DNS does not allow";
	if (label[0] == '-' || label[len - 1] == '-')
		return "has a label with a hyphen at its end, which DNS does not allow";
	return NULL;
}

const char *text_name(const char *word, char *out, size_t out_size)
{
	const char *wrong, *label;
	size_t len = strlen(word), labels = 0, i;
	struct in_addr ignored;

	if (strstr(word, "://") || strchr(word, '/'))
		return "is an URL; write only the name in it";
	if (*word == '*' || *word == '.')
		return "needs no wildcard; 'name x.com' covers what lies below it, 'exact x.com' does not";
	if (len && word[len - 1] == '.')
		return "ends in a dot; leave that out";
	if (len > NAME_MAX_BYTES || len >= out_size)
		return "is longer than 127 bytes";
	if (inet_pton(AF_INET, word, &ignored) == 1 || strchr(word, ':'))
		return "is an address (or has a port); names only, addresses go with 'own', 'dedicated', 'shared'";
	for (i = 0; i <= len; i++) {
		out[i] = to_lower(word[i]);
		if (word[i] & 0x80)
			return "is not ASCII; write its DNS form (xn--...)";
		if (i < len && word[i] != '.' && !is_name_char(out[i]))
			return "has a character that no name has; letters, digits, hyphens and dots";
	}
	for (label = out; label; labels++) {
		size_t end = strcspn(label, ".");

		wrong = check_label(label, end);
		if (wrong)
			return wrong;
		label = label[end] ? label + end + 1 : NULL;
	}
	if (labels < 2)
		return "is one label, a whole top-level domain; write x.com";
	return NULL;
}

/* ---- the rest ------------------------------------------------------------------------------------------------ */

const char *text_group(const char *word)
{
	size_t i;

	if (!is_lower(*word))
		return "is no group's name; it begins with a small letter";
	for (i = 0; word[i]; i++)
		if (!is_name_char(word[i]))
			return "is no group's name; small letters, digits, - and _";
	return i > GROUP_MAX_BYTES ? "is too long for a group's name; 31 bytes at most" : NULL;
}

/* 0 automatic, 1 whole, else the share. */
const char *text_sample(const char *word, double *out)
{
	static const char wrong[] = "is no sampling; write auto, all, or a share from 0.0001 to 1 such as 0.05";
	double value = 0, weight = 1;
	const char *p = word;

	if (!strcmp(word, "auto") || !strcmp(word, "all")) {
		*out = !strcmp(word, "all");
		return NULL;
	}
	if ((*p != '0' && *p != '1') || strlen(word) > 12)
		return wrong;
	value = *p++ - '0';
	if (*p == '.' && !*++p)
		return wrong;
	for (; is_digit(*p) && p > word + 1; p++) {
		weight /= 10;
		value += weight * (*p - '0');
	}
	if (*p || value < 0.0001 - 1e-12 || value > 1)
		return wrong;
	*out = value;
	return NULL;
}

const char *text_version(const char *word)
{
	size_t i;

	for (i = 0; word[i]; i++)
		if (!is_name_char(to_lower(word[i])) && word[i] != '.' && word[i] != '+')
			return "is no version; letters, digits and . + - _, such as 2026-11-01";
	return i >= sizeof(((struct ranges *)NULL)->version) ? "is too long for a version; 63 bytes at most" : NULL;
}

const char *text_date(const char *word)
{
	static const char wrong[] = "is no date; write it as 2026-11-01", form[] = "dddd-dd-dd";
	static const unsigned int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned int year, month, day;
	size_t i;

	for (i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? !is_digit(word[i]) : word[i] != form[i])
			return wrong;
	year = (unsigned int)atoi(word);
	month = (unsigned int)atoi(word + 5);
	day = (unsigned int)atoi(word + 8);
	if (year < 2000 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return wrong;
	if (month == 2 && day == 29 && (year % 4 || (year % 100 == 0 && year % 400)))
		return wrong;
	return NULL;
}
