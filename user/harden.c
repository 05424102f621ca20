// SPDX-License-Identifier: GPL-2.0
/* No core files: one would hold the hash key and payload in flight. */
#include "harden.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int harden(void)
{
	const struct rlimit none = { 0, 0 };

	/* The limit alone does not stop a core that is piped to a program; not being dumpable does, and
	 * it also refuses ptrace and /proc/PID/mem to others. */
	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return 0;
}
