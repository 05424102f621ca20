/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Put a program on one direction of one interface, and take off what is ours and nothing else. TCX links where
 * the kernel has them (6.6): they go when we go, however we go. Else clsact, under a handle and a priority of
 * our own; such filters outlive a crash, so each process writes down what it attached and holds a lock on that
 * note: a note whose lock is free was left by a dead one.
 */
#ifndef XREACH_ATTACH_H
#define XREACH_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include "load/follow.h"

#define ATTACH_DIR	"/run/xreach"
#define ATTACH_HANDLE	0x5852 /* "XR" */
#define ATTACH_PRIORITY 7

enum attach_how { ATTACH_NONE, ATTACH_TCX, ATTACH_CLSACT };

struct attach { /* one direction of one interface */
	int index;
	bool egress;
	enum attach_how how;
	int link_fd; /* TCX */
};

struct attach_note; /* what this process attached by clsact */

/* `clsact_only`: as if the kernel had no TCX. 0, with *out filled, or -errno with one line in why. *note is made
 * when it is first needed; the caller starts with NULL and gives it to attach_note_close in the end. */
int attach(struct follow *f, struct attach_note **note, int index, bool egress, int prog_fd, bool clsact_only,
	   struct attach *out, char *why, size_t why_size);
/* Is it still there? Others may have taken it off: a qdisc deleted with all its filters, a link detached by force. */
bool attach_holds(struct follow *f, const struct attach *at);
void attach_undo(struct follow *f, struct attach_note *note, struct attach *at);
/* After all was undone: forget, unless something could not be taken off. */
void attach_note_close(struct attach_note *note); /* NULL is fine */

/*
 * Take off what dead processes left in this network namespace; with `everywhere` also look at every interface
 * for filters that no note tells of. `say` hears of each thing (may be NULL). Returns how many things of living
 * processes were left alone, or -errno.
 */
int attach_leftovers(struct follow *f, bool everywhere, void (*say)(const char *what));

#endif
