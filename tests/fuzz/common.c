// SPDX-License-Identifier: GPL-2.0
/* What all fuzz targets share: see fuzz.h. Also the writing of seeds: `fuzz_NAME seeds DIRECTORY`. */
#include "fuzz/fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

_Noreturn void fuzz_fail(const char *file, int line, const char *claim)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, claim);
	abort();
}

__u32 fuzz_number(struct fuzz_input *in, size_t bytes)
{
	__u32 n = 0;

	while (bytes--) {
		n = n << 8 | (in->left ? *in->at : 0);
		if (!in->left)
			continue;
		in->at++;
		in->left--;
	}
	return n;
}

size_t fuzz_bytes(struct fuzz_input *in, size_t most, const __u8 **out)
{
	size_t n = most < in->left ? most : in->left;

	*out = in->at;
	in->at += n;
	in->left -= n;
	return n;
}

__u8 *fuzz_copy(const void *bytes, size_t n)
{
	__u8 *copy = malloc(n);

	if (n && !copy)
		abort();
	if (n)
		memcpy(copy, bytes, n);
	return copy;
}

char *fuzz_text(const __u8 *bytes, size_t n)
{
	char *text = malloc(n + 1);

	if (!text)
		abort();
	if (n)
		memcpy(text, bytes, n);
	text[n] = '\0';
	return text;
}

const char *fuzz_file(const __u8 *bytes, size_t n)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, bytes, n, 0) != (ssize_t)n) {
		perror("fuzz: a file in memory");
		abort();
	}
	return path;
}

static int write_seeds(const char *directory)
{
	static __u8 seed[FUZZ_INPUT_MAX];
	char path[4096];
	size_t size;

	for (unsigned int n = 0; (size = fuzz_seed(n, seed)); n++) {
		FILE *file;
		bool whole;

		snprintf(path, sizeof(path), "%s/seed-%u", directory, n);
		file = fopen(path, "w");
		whole = file && fwrite(seed, 1, size, file) == size;
		if ((file && fclose(file)) || !whole) {
			fprintf(stderr, "fuzz: %s: %s\n", path, strerror(errno));
			return 1;
		}
	}
	return 0;
}

/* libFuzzer has main(), and calls this first. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc == 3 && !strcmp((*argv)[1], "seeds"))
		exit(write_seeds((*argv)[2]));
	return 0;
}
