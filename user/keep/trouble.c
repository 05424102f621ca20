// SPDX-License-Identifier: GPL-2.0
/* Trouble with a file, and pauses between tries: see trouble.h. */
#include "keep/trouble.h"

#include <stdio.h>

bool trouble_may_try(const struct trouble *t, __s64 now)
{
	return now >= t->next_try || t->next_try - now > TROUBLE_RETRY_MOST_S;
}

void trouble_begin(struct trouble *t, __s64 now, bool again, const char *path, const char *what)
{
	t->on = true;
	t->times++;
	t->pause_s = again ? 0 : t->pause_s ? t->pause_s * 2 : TROUBLE_RETRY_LEAST_S;
	if (t->pause_s > TROUBLE_RETRY_MOST_S)
		t->pause_s = TROUBLE_RETRY_MOST_S;
	t->next_try = now + t->pause_s;
	snprintf(t->text, sizeof(t->text), "%.240s: %.260s", path, what);
}

void trouble_end(struct trouble *t)
{
	t->on = false;
	t->next_try = 0;
	t->pause_s = 0;
}
