/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The evidence file (STATE_DIR/evidence.jsonl): what has to stand up to questions, in a chain (chain.h) that is only
 * ever appended to. Each line is one write() and is on the disk (fdatasync) before the next; each names the program's
 * version, the kernel, the ranges in force, the ledger and the rule that decided. Nothing of a client is in it.
 *
 * Trouble costs no line while at most EVIDENCE_WAITING wait; what is lost beyond is said in the chain.
 */
#ifndef XREACH_EVIDENCE_FILE_H
#define XREACH_EVIDENCE_FILE_H

#include <linux/types.h>
#include "keep/books.h"
#include "keep/trouble.h"

#define EVIDENCE_FILE	 "evidence.jsonl"
#define EVIDENCE_WAITING 256

struct evidence;

/* What held when a line was made; NULL texts are left out. */
struct evidence_context {
	const char *ranges_version, *ranges_hash;
	const char *rule;	  /* name and version of the rule that decided */
	struct keep_books ledger; /* since the start */
};

struct evidence_status {
	struct trouble trouble;
	__u64 lines, lost; /* written; found no room to wait, or could not be made */
	__u64 waiting;
	__u64 torn;	 /* lines that earlier kills had torn, closed since the start */
	__u64 set_aside; /* broken files */
};

/* `dir` as for the history. The file is opened by the first step. NULL when out of memory. */
struct evidence *evidence_new(const char *dir);
void evidence_free(struct evidence *e); /* what waits is lost; NULL is fine */
/*
 * Add a line of a kind ("incident", "start", "stop", "ranges"); it waits for the next step. `key`, `object`: a member
 * of the line and its value, as JSON text, which may be wrapped in an object of its own under that key; NULL for none. What is no JSON counts as lost.
 */
void evidence_add(struct evidence *e, __s64 at, const char *kind, const struct evidence_context *context,
		  const char *key, const char *object);
/*
 * Write what waits. Opens the file where it is not open: its chain is checked as a whole, a torn end closed with a line
 * that says so; a file that is broken elsewhere is set aside, and a new one begun that names it. One process at a time
 * may write. 0, -EAGAIN while no try is due, or -errno of trouble.
 */
int evidence_step(struct evidence *e, __s64 now);
const struct evidence_status *evidence_status(const struct evidence *e);

#endif
