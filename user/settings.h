/* SPDX-License-Identifier: GPL-2.0 */
/* Everything a user can choose, from /etc/xreach/xreach.yaml and the command line (which wins). */
#ifndef XREACH_SETTINGS_H
#define XREACH_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "waits.h"

#define SETTINGS_FILE	      "/etc/xreach/xreach.yaml"
#define SETTINGS_SOCKET	      "/run/xreach/xreach.sock"
#define SETTINGS_LISTEN	      "127.0.0.1:10477"
#define SETTINGS_STATE_DIR    "/var/lib/xreach"
#define SETTINGS_WAIT_LOW_MS  100
#define SETTINGS_WAIT_HIGH_MS 3600000
#define SETTINGS_TABLE_LOW    16
#define SETTINGS_TABLE_HIGH   4194304 /* about 1 GB of flows */

struct setting_interface {
	char *name;
	char *role; /* "inside" or "outside" of the operator's NAT; NULL: not said */
};

struct setting_site {
	char *name;
	char **prefixes; /* /20 or wider (IPv4), /40 or wider (IPv6): checked when loaded */
	unsigned int prefixes_count;
};

struct settings {
	struct setting_interface *interfaces; /* none: those that carry a default route */
	unsigned int interfaces_count;
	char *watch_role; /* the one role that is watched; default "inside" */
	struct setting_site *sites;
	unsigned int sites_count;
	char **ranges; /* the installed file unless others are named; never none */
	unsigned int ranges_count;
	char **nat64; /* 64:ff9b::/96 unless others are named; never none */
	unsigned int nat64_count;
	char *listen;	 /* metrics endpoint; "" for none */
	char *event_log; /* path; NULL for none; "-" for standard output */
	char *socket;	 /* control socket */
	char *state_dir; /* history and evidence; "" for none */
	struct waits waits;
	unsigned int attempts_max, flows_max; /* table sizes */
	bool no_socket_hooks;
	bool no_dns;
	bool force; /* accept a ranges file that lost half its space */
};

struct setting_prefix {
	unsigned char addr[16]; /* IPv4 as ::ffff:a.b.c.d */
	unsigned char plen;	/* within its own family: 0..32 or 0..128 */
	bool v6;
};

/* The values in force when nothing is said. `s` is overwritten; 0 or -ENOMEM. */
int settings_default(struct settings *s);
/*
 * The defaults, then what the file says. A missing file is an error only if must_exist. On failure -errno and
 * one line "FILE:LINE: what, value, remedy" in error; `s` then holds nothing.
 */
int settings_load(struct settings *s, const char *file, bool must_exist, char *error, size_t n);
void settings_free(struct settings *s); /* what it points to, not itself */

/*
 * Is every value sensible, and do they fit together? On failure -EINVAL, one line in error, and in `where`
 * (at least SETTINGS_WHERE bytes; may be NULL) the place in the file, such as "sites/2/prefixes/0".
 */
#define SETTINGS_WHERE 48
int settings_check(const struct settings *s, char *where, char *error, size_t n);

/* "100.72.0.0/16", or an address alone. -EINVAL: no prefix; -ERANGE: bits set below it (cleared in *out). */
int settings_prefix(const char *text, struct setting_prefix *out);
/* "127.0.0.1:10477", "[::1]:10477": numeric host without brackets, and port. 0 or -EINVAL. */
int settings_listen(const char *text, char *host, size_t n, unsigned short *port);

/* What the command line adds; 0 or -ENOMEM. */
int settings_set_text(char **at, const char *text);
int settings_add_text(char ***list, unsigned int *count, const char *text);
int settings_add_interface(struct settings *s, const char *name, const char *role);
int settings_add_site(struct settings *s, const char *name, const char *prefix);
void settings_clear_texts(char ***list, unsigned int *count);
void settings_clear_interfaces(struct settings *s);
void settings_clear_sites(struct settings *s);

/* A short summary of what is in force, for --check-config. */
void settings_print(const struct settings *s, FILE *to);

#endif
