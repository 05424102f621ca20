/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel says of this process, for the usual process_ metrics. */
#ifndef XREACH_PROCESS_H
#define XREACH_PROCESS_H

struct process { /* NAN where the kernel does not say */
	double cpu_s, start_s, resident_bytes, virtual_bytes, virtual_max_bytes, open_fds, max_fds;
};

void process_read(struct process *out);

#endif
