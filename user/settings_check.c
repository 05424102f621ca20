// SPDX-License-Identifier: GPL-2.0
/* What settings must hold to be sensible, above all: no site so small that it points at people. */
#include "settings.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include "number.h"
#include "wire.h"

#define SITE_V4_FINEST	   20
#define SITE_V6_FINEST	   40
#define SITE_NAME_MAX	   31
#define SITE_PREFIXES_MAX  1024 /* of a family: what the kernel's table of sites holds */
#define STATE_DIR_MAX	   3840 /* leaves room for the names in it */
#define INTERFACE_NAME_MAX 15	/* IFNAMSIZ - 1 */

/* Where to say what is wrong, and where in the file it stands. */
struct complaint {
	char *where, *error;
	size_t n;
};

__attribute__((format(printf, 2, 3))) static int complain(const struct complaint *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->error, c->n, format, args);
	va_end(args);
	return -EINVAL;
}

__attribute__((format(printf, 2, 3))) static void at(const struct complaint *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->where, SETTINGS_WHERE, format, args);
	va_end(args);
}

static void mask_prefix(struct setting_prefix *p)
{
	unsigned int keep = p->plen + (p->v6 ? 0 : 96), i;

	for (i = 0; i < sizeof(p->addr); i++) {
		unsigned int bits = keep > i * 8 ? keep - i * 8 : 0;

		if (bits < 8)
			p->addr[i] &= (unsigned char)(0xff00 >> bits);
	}
}

static void prefix_text(const struct setting_prefix *p, char *text, size_t n)
{
	char addr[INET6_ADDRSTRLEN] = "";

	inet_ntop(p->v6 ? AF_INET6 : AF_INET, p->addr + (p->v6 ? 0 : 12), addr, sizeof(addr));
	snprintf(text, n, "%s/%u", addr, p->plen);
}

int settings_prefix(const char *text, struct setting_prefix *out)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct setting_prefix p = {}, whole;
	char addr[INET6_ADDRSTRLEN], ignored[64];
	const char *slash = strchrnul(text, '/');
	__u64 plen;

	if ((size_t)(slash - text) >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = '\0';
	if (inet_pton(AF_INET, addr, p.addr + 12) == 1)
		memcpy(p.addr, mapped, sizeof(mapped));
	else if (inet_pton(AF_INET6, addr, p.addr) == 1)
		p.v6 = true;
	else
		return -EINVAL;
	plen = p.v6 ? 128 : 32;
	if (*slash && number_parse("", slash + 1, 0, plen, &plen, ignored, sizeof(ignored)))
		return -EINVAL;
	p.plen = (unsigned char)plen;
	whole = p;
	mask_prefix(&p);
	*out = p;
	return memcmp(p.addr, whole.addr, sizeof(p.addr)) ? -ERANGE : 0;
}

/* Read a prefix that has no bits set below its length. */
static int check_prefix(const struct complaint *c, const char *what, const char *text, struct setting_prefix *p)
{
	char right[64];
	int err = settings_prefix(text, p);

	if (err == -ERANGE) {
		prefix_text(p, right, sizeof(right));
		return complain(c, "%s: '%s' has bits set below its length; write %s", what, text, right);
	}
	if (err)
		return complain(c, "%s: '%s' is no prefix; write it as 100.72.0.0/16 or 2001:db8::/32", what, text);
	return 0;
}

static bool is_role(const char *role)
{
	return !strcmp(role, "inside") || !strcmp(role, "outside");
}

static bool is_interface_name(const char *name)
{
	const char *p;

	if (!*name || strlen(name) > INTERFACE_NAME_MAX || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (p = name; *p; p++)
		if (*p == '/' || *p == ':' || !isgraph((unsigned char)*p))
			return false;
	return true;
}

static int check_interfaces(const struct settings *s, const struct complaint *c)
{
	bool watched = !s->interfaces_count;
	unsigned int i, j;

	at(c, "watch_role");
	if (!is_role(s->watch_role))
		return complain(c, "watch_role: '%s' is no role; write inside or outside", s->watch_role);
	for (i = 0; i < s->interfaces_count; i++) {
		const struct setting_interface *one = &s->interfaces[i];

		at(c, "interfaces/%u/name", i);
		if (!is_interface_name(one->name))
			return complain(c, "interfaces: '%s' cannot be an interface's name; see ip link",
					one->name);
		for (j = 0; j < i; j++)
			if (!strcmp(one->name, s->interfaces[j].name))
				return complain(c, "interfaces: '%s' is given twice; leave one out", one->name);
		at(c, "interfaces/%u/role", i);
		if (one->role && !is_role(one->role))
			return complain(c, "interfaces: %s: '%s' is no role; write inside or outside (of your NAT)",
					one->name, one->role);
		watched |= !one->role || !strcmp(one->role, s->watch_role);
	}
	at(c, "interfaces");
	if (!watched)
		return complain(c, "interfaces: none is '%s', the role to watch; change a role or watch_role",
				s->watch_role);
	return 0;
}

static bool is_site_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len && len <= SITE_NAME_MAX && !name[len];
}

/* The same prefix in two places would make a client's site a matter of luck; nested ones are fine. */
struct site_prefix {
	struct setting_prefix prefix;
	unsigned int site;
};

static int check_site_prefix(const struct settings *s, const struct complaint *c, unsigned int site,
			     const char *text, struct site_prefix *known, unsigned int n_known)
{
	const struct setting_prefix *p = &known[n_known].prefix;
	unsigned int finest, family = 0, i;
	char what[64];

	snprintf(what, sizeof(what), "sites: %s", s->sites[site].name);
	known[n_known] = (struct site_prefix){ .site = site };
	if (check_prefix(c, what, text, &known[n_known].prefix))
		return -EINVAL;
	finest = p->v6 ? SITE_V6_FINEST : SITE_V4_FINEST;
	if (p->plen > finest)
		return complain(c,
				"%s: '%s' would point at people: a site is /%u or wider; join it with its "
				"neighbours",
				what, text, finest);
	for (i = 0; i < n_known; i++) {
		family += known[i].prefix.v6 == p->v6;
		if (!memcmp(&known[i].prefix, p, sizeof(*p)))
			return complain(c, "%s: '%s' is in site %s already; leave one out", what, text,
					s->sites[known[i].site].name);
	}
	if (family == SITE_PREFIXES_MAX)
		return complain(c, "%s: '%s' is one prefix too many (%u of a family); join some", what, text,
				SITE_PREFIXES_MAX);
	return 0;
}

static int check_sites(const struct settings *s, const struct complaint *c)
{
	struct site_prefix *known;
	unsigned int n_known = 0, total = 0, i, j;
	int err = 0;

	at(c, "sites");
	if (s->sites_count > WIRE_SITES_MAX)
		return complain(c, "sites: %u are too many; at most %u, so join some", s->sites_count,
				WIRE_SITES_MAX);
	for (i = 0; i < s->sites_count; i++)
		total += s->sites[i].prefixes_count;
	known = calloc(total + 1, sizeof(*known));
	if (!known)
		return -ENOMEM;
	for (i = 0; !err && i < s->sites_count; i++) {
		const struct setting_site *site = &s->sites[i];

		at(c, "sites/%u/name", i);
		if (!is_site_name(site->name))
			err = complain(c,
				       "sites: '%s' cannot be a site's name; use a-z, 0-9, _ and -, at most %u "
				       "of them",
				       site->name, SITE_NAME_MAX);
		else if (!strcmp(site->name, "all"))
			err = complain(c, "sites: 'all' stands for the whole network; give this site another name");
		for (j = 0; !err && j < i; j++)
			if (!strcmp(site->name, s->sites[j].name))
				err = complain(c, "sites: '%s' is given twice; put its prefixes into one",
					       site->name);
		if (!err && !site->prefixes_count)
			err = complain(c, "sites: %s: has no prefix; give it at least one", site->name);
		for (j = 0; !err && j < site->prefixes_count; j++) {
			at(c, "sites/%u/prefixes/%u", i, j);
			err = check_site_prefix(s, c, i, site->prefixes[j], known, n_known++);
		}
	}
	free(known);
	return err;
}

/* RFC 6052: these lengths only, and bits 64 to 71 are zero. */
static int check_nat64(const struct settings *s, const struct complaint *c)
{
	static const unsigned char lengths[] = { 32, 40, 48, 56, 64, 96 };
	struct setting_prefix p;
	unsigned int i;

	at(c, "nat64");
	if (s->nat64_count > WIRE_NAT64_MAX)
		return complain(c, "nat64: %u prefixes are too many; at most %u", s->nat64_count, WIRE_NAT64_MAX);
	for (i = 0; i < s->nat64_count; i++) {
		at(c, "nat64/%u", i);
		if (check_prefix(c, "nat64", s->nat64[i], &p))
			return -EINVAL;
		if (!p.v6 || !memchr(lengths, p.plen, sizeof(lengths)) || p.addr[8])
			return complain(c,
					"nat64: '%s' is no NAT64 prefix; RFC 6052 has IPv6 of length 32, 40, "
					"48, 56, 64 or 96",
					s->nat64[i]);
	}
	return 0;
}

int settings_listen(const char *text, char *host, size_t n, unsigned short *port)
{
	const char *colon = strrchr(text, ':');
	char addr[INET6_ADDRSTRLEN], ignored[64];
	unsigned char binary[16];
	bool v6 = text[0] == '[';
	size_t len;
	__u64 number;

	if (!colon || number_parse("", colon + 1, 1, 65535, &number, ignored, sizeof(ignored)))
		return -EINVAL;
	len = (size_t)(colon - text);
	if (v6) {
		if (len < 2 || text[len - 1] != ']')
			return -EINVAL;
		text++;
		len -= 2;
	}
	if (len >= sizeof(addr) || len >= n)
		return -EINVAL;
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (inet_pton(v6 ? AF_INET6 : AF_INET, addr, binary) != 1)
		return -EINVAL;
	memcpy(host, addr, len + 1);
	*port = (unsigned short)number;
	return 0;
}

static int check_places(const struct settings *s, const struct complaint *c)
{
	char host[INET6_ADDRSTRLEN];
	unsigned short port;
	unsigned int i;

	at(c, "listen");
	if (*s->listen && settings_listen(s->listen, host, sizeof(host), &port))
		return complain(c,
				"listen: '%s' is no address with a port; write 127.0.0.1:10477, "
				"\"[::1]:10477\", or \"\" for none",
				s->listen);
	at(c, "socket");
	if (!*s->socket || strlen(s->socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return complain(c, "socket: '%s' cannot be a socket's path; from 1 to %zu bytes", s->socket,
				sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1);
	at(c, "state_dir");
	if (*s->state_dir && (*s->state_dir != '/' || strlen(s->state_dir) >= STATE_DIR_MAX))
		return complain(c,
				"state_dir: '%.200s' is no absolute path of at most %u bytes; write "
				"/var/lib/xreach, or \"\" for none",
				s->state_dir, STATE_DIR_MAX - 1);
	for (i = 0; i < s->ranges_count; i++) {
		at(c, "ranges/%u", i);
		if (!*s->ranges[i])
			return complain(c, "ranges: '' is no file; name one, or leave ranges out");
	}
	at(c, "waits/syn_live");
	if (s->waits.syn_live_ms > s->waits.syn_final_ms)
		return complain(c, "waits: syn_live: %u ms is longer than syn (%u ms); make it shorter",
				s->waits.syn_live_ms, s->waits.syn_final_ms);
	at(c, "waits/frozen");
	if (s->waits.frozen_ms >= s->waits.idle_ms)
		return complain(c,
				"waits: frozen: %u ms is not shorter than idle (%u ms), which closes a flow; "
				"make it shorter",
				s->waits.frozen_ms, s->waits.idle_ms);
	return 0;
}

int settings_check(const struct settings *s, char *where, char *error, size_t n)
{
	char nowhere[SETTINGS_WHERE];
	const struct complaint c = { .where = where ? where : nowhere, .error = error, .n = n };
	int err;

	err = check_interfaces(s, &c);
	if (!err)
		err = check_sites(s, &c);
	if (!err)
		err = check_nat64(s, &c);
	if (!err)
		err = check_places(s, &c);
	if (err == -ENOMEM)
		snprintf(error, n, "out of memory");
	return err;
}
