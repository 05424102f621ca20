/* SPDX-License-Identifier: GPL-2.0 */
/* Keep this process's memory to itself: no core file, no reading by another process of the same user. */
#ifndef XREACH_HARDEN_H
#define XREACH_HARDEN_H

/* First thing in every command that sees traffic: the key and payloads pass through its memory. 0 or -errno. */
int harden(void);

#endif
