/* SPDX-License-Identifier: GPL-2.0 */
/* The version, as --version, metrics and every record of a verdict tell it. */
#ifndef XREACH_VERSION_H
#define XREACH_VERSION_H

#define XREACH_VERSION "0.1.0"

#endif
