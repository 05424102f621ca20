/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the history's database holds, by version: a file of an older xreach is brought up to date step by step.
 * No table has a column that could hold a client, and every time in it is a whole minute, but for incidents, whose
 * times are of the network, and the detector's state, which has attempts and failures by second of the last 17 minutes
 * and is replaced each time.
 */
#ifndef XREACH_SCHEMA_H
#define XREACH_SCHEMA_H

#include <stddef.h>

struct sqlite3;

/* "XRCH": the database says in its header whose it is, so that another program's is left alone. */
#define SCHEMA_APPLICATION 0x58524348
#define SCHEMA_VERSION	   3

/*
 * Bring the database to `version` (SCHEMA_VERSION, but for tests). Each step is a transaction of its own with the
 * number in it, so a kill leaves one version or the next. 0; -EEXIST: it belongs to another program, -ENOTSUP: to a
 * newer xreach (both are left as they are); or -EIO: ask sqlite3_errcode(). One line in error.
 */
int schema_update(struct sqlite3 *db, int version, char *error, size_t n);
/* The version of a database that is xreach's, or -EEXIST or -EIO as above. 0: it is empty. */
int schema_version(struct sqlite3 *db, char *error, size_t n);

#endif
