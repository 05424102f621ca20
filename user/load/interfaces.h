/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interfaces that are watched: which ones are wanted, what is attached to each, and keeping the two together
 * while interfaces come, go and change their names.
 */
#ifndef XREACH_INTERFACES_H
#define XREACH_INTERFACES_H

#include "load/watch.h"

struct interfaces;
struct xreach_bpf;

/* 0 or -errno with one line in error. Nothing is attached yet. The settings must outlive it. */
int interfaces_open(const struct settings *settings, struct xreach_bpf *skel, struct interfaces **out, char *error,
		    size_t error_size);
void interfaces_close(struct interfaces *in);	/* NULL is fine; leaves nothing attached */
int interfaces_fd(const struct interfaces *in); /* readable: call interfaces_changed */
bool interfaces_changed(struct interfaces *in); /* has netlink told of something? */
/* Attach where something is missing, let go of what is gone. 0 or -errno. */
int interfaces_reconcile(struct interfaces *in);

/* Two rows for each interface, wanted or watched; at most `max` are written. Returns how many. */
size_t interfaces_rows(const struct interfaces *in, struct watch_hook *rows, size_t max);
unsigned int interfaces_attached(const struct interfaces *in); /* directions with a program */
__u64 interfaces_packets(struct interfaces *in);	       /* of all watched ones, since they are watched */

#endif
