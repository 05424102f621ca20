/* SPDX-License-Identifier: GPL-2.0 */
/* The note of a process about its clsact filters, so that what a killed one left can be found and removed. */
#ifndef XREACH_ATTACH_NOTE_H
#define XREACH_ATTACH_NOTE_H

#include <stdbool.h>
#include <sys/types.h>

#define NOTE_LINKS_MAX 256

struct attach_note {
	int fd; /* locked while the process lives; -1: could not be made, nothing is written down */
	char path[64];
	pid_t pid;
	unsigned long netns; /* inode of the network namespace */
	struct noted {
		int index;
		bool created; /* the qdisc was made by us */
	} links[NOTE_LINKS_MAX];
	int n;
};

/* This process's own. Never fails: without a file it only remembers. NULL when out of memory. */
struct attach_note *note_new(void);
/* Remember an interface, once. `created`: also that the qdisc is ours. */
void note_add(struct attach_note *note, int index, bool created);
bool note_created(const struct attach_note *note, int index);
void note_remove(struct attach_note *note, int index);
void note_free(struct attach_note *note, bool keep_file);

/* Call `each` for every note of this network namespace; `alive`: its process still is. What `each` returns true
 * for is removed. 0 or -errno; no directory is no error. */
int note_each(bool (*each)(void *arg, const struct attach_note *note, bool alive), void *arg);

#endif
