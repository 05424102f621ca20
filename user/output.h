/* SPDX-License-Identifier: GPL-2.0 */
/* Standard output at the end of a subcommand. */
#ifndef XREACH_OUTPUT_H
#define XREACH_OUTPUT_H

#include <stdbool.h>

/* Write out what is left. True where something could not be written, which it says on standard error after `who`. */
bool output_failed(const char *who);

#endif
