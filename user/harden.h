/* SPDX-License-Identifier: GPL-2.0 */
/* Keep this process's memory to itself, and give up what it will not need. */
#ifndef XREACH_HARDEN_H
#define XREACH_HARDEN_H

#include <stdbool.h>

/* First thing in every command that sees traffic: the key and payloads pass through its memory. No core file, no
 * reading by another process of the same user. 0 or -errno. */
int harden(void);

/* Has this process the rights without which nothing can be watched? (Older kernels may want more: loading tells.) */
bool harden_may_watch(void);

/*
 * For the daemon, before it opens its files: whatever works after this works for as long as it runs. Of all
 * capabilities only those for BPF programs, tracepoints and interfaces stay (as far as they were there), none can
 * be won back, and no program can be started, no process traced, no packet socket opened. As much of it as can be
 * done; 0, or -errno of what could not.
 */
int harden_confine(void);

#endif
