/* SPDX-License-Identifier: GPL-2.0 */
/* Tell the service manager how we are (sd_notify(3)): to a socket by path or by abstract name; nothing without one. */
#ifndef XREACH_NOTIFY_H
#define XREACH_NOTIFY_H

#include <stddef.h>
#include <linux/types.h>

struct notify {
	int fd;		   /* -1: nobody wants to know */
	__u64 watchdog_ms; /* how often we should give a sign of life; 0 for never */
};

/* Where to is taken from the environment, which is then cleared of it: children are not us. */
void notify_open(struct notify *n);
void notify_close(struct notify *n);
/* "READY=1", "STATUS=..." and so on; several lines may be given. Never waits. */
void notify_send(const struct notify *n, const char *text);
void notify_reloading(const struct notify *n); /* to be followed by READY=1 */

#endif
