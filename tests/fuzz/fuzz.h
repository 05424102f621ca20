/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a fuzz target is: one file fuzz_NAME.c that does something with an input (LLVMFuzzerTestOneInput), says what has
 * to be true of it whatever the input is (CHECK), and gives the inputs to begin with (fuzz_seed). Nothing else has to be
 * written anywhere: the Makefile and `run` take whatever files there are.
 */
#ifndef XREACH_FUZZ_H
#define XREACH_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include "wire.h"

#define FUZZ_INPUT_MAX 8192 /* `run` asks for no longer ones */

/* ---- of a target ------------------------------------------------------------------------------------------------- */
int LLVMFuzzerTestOneInput(const __u8 *data, size_t size); /* 0: worth keeping; -1: not */

/* The n-th input to begin with, beside the files of corpus/NAME; returns its length, 0 behind the last. */
size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX]);

/* ---- for targets ------------------------------------------------------------------------------------------------- */
/* What is not true ends the run, and the fuzzer writes the input down. */
#define CHECK(claim) ((claim) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #claim))
_Noreturn void fuzz_fail(const char *file, int line, const char *claim);

/* An input as choices, one after another; behind its end all are 0. */
struct fuzz_input {
	const __u8 *at;
	size_t left;
};
__u32 fuzz_number(struct fuzz_input *in, size_t bytes);			 /* big-endian, of 1 to 4 bytes */
size_t fuzz_bytes(struct fuzz_input *in, size_t most, const __u8 **out); /* so many, or what is left */

/* A copy in memory of just that size, so that a sanitizer sees a read beyond it. To be freed. */
__u8 *fuzz_copy(const void *bytes, size_t n);

/* The same with a 0 behind it. To be freed. */
char *fuzz_text(const __u8 *bytes, size_t n);

/* A path to a file with these bytes, for what reads files; it is the same one with each call. */
const char *fuzz_file(const __u8 *bytes, size_t n);

#endif
