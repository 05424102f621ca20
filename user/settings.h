/* SPDX-License-Identifier: GPL-2.0 */
/* Everything a user can choose, from /etc/xreach/xreach.yaml and the command line (which wins). */
#ifndef XREACH_SETTINGS_H
#define XREACH_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include "judge/verdict.h"

#define SETTINGS_FILE "/etc/xreach/xreach.yaml"
#define SETTINGS_SOCKET "/run/xreach/xreach.sock"
#define SETTINGS_LISTEN "127.0.0.1:10477"

struct setting_interface {
	char *name;
	char *role;		/* "inside" or "outside" of the operator's NAT; NULL: not said */
};

struct setting_site {
	char *name;
	char **prefixes;	/* /20 or wider (IPv4), /40 or wider (IPv6): checked when loaded */
	unsigned int prefixes_count;
};

struct settings {
	struct setting_interface *interfaces;	/* none: those that carry a default route */
	unsigned int interfaces_count;
	char *watch_role;			/* the one role that is watched; default "inside" */
	struct setting_site *sites;
	unsigned int sites_count;
	char **ranges;				/* none: the installed file */
	unsigned int ranges_count;
	char **nat64;				/* none: 64:ff9b::/96 */
	unsigned int nat64_count;
	char *listen;				/* metrics endpoint; "" for none */
	char *event_log;			/* path; NULL for none; "-" for standard output */
	char *socket;				/* control socket */
	struct waits waits;
	unsigned int attempts_max, flows_max;	/* table sizes */
	bool no_socket_hooks;
	bool force;				/* accept a ranges file that lost half its space */
};

#endif
