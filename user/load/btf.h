/* SPDX-License-Identifier: GPL-2.0 */
/* What the running kernel's own type information (BTF) tells of its drop reasons. Never a table of ours: the
 * numbers differ between kernels. */
#ifndef XREACH_BTF_H
#define XREACH_BTF_H

#include "load/object.h"

#define BTF_REASONS 256 /* 255 stands for all above 254, as in the records */

struct drop_reasons {
	enum drop_variant variant;	 /* which of the two programs fits the tracepoint; DROP_NONE without BTF */
	__u64 ignored[BTF_REASONS / 64]; /* a bit for each reason that stops nobody */
	char *names[BTF_REASONS];	 /* without SKB_DROP_REASON_; NULL where the kernel has none */
	char note[96];			 /* with DROP_NONE: why, and what to do */
};

/* Always fills *out, to be given to drop_reasons_free. */
void drop_reasons_read(struct drop_reasons *out);
void drop_reasons_free(struct drop_reasons *reasons);

#endif
