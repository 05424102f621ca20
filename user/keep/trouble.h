/* SPDX-License-Identifier: GPL-2.0 */
/* What is wrong with a file, how often it was, and when it is worth another try. */
#ifndef XREACH_TROUBLE_H
#define XREACH_TROUBLE_H

#include <stdbool.h>
#include <linux/types.h>

#define TROUBLE_RETRY_LEAST_S 5
#define TROUBLE_RETRY_MOST_S  600

struct trouble {
	bool on;	/* the last try failed */
	char text[512]; /* of the last failure: file, what, remedy; "" if there was none */
	__u64 times;	/* tries that failed */
	__s64 next_try; /* second; 0: no trouble */
	__s64 pause_s;
};

/* May it be tried at second `now`? A clock that was set back does not put it off for longer than the longest pause. */
bool trouble_may_try(const struct trouble *t, __s64 now);
/* A try has failed: the next after 5 s, then twice as long each time, 10 min at most; at once with `again`. */
void trouble_begin(struct trouble *t, __s64 now, bool again, const char *path, const char *what);
void trouble_end(struct trouble *t);

#endif
