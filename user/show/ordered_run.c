// SPDX-License-Identifier: GPL-2.0
/* A sorted file without a name: see ordered_run.h. */
#include "show/ordered_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define BLOCK 64 /* things that are read and written at a time */

int run_keeping_open(struct run_keeping *k, size_t size)
{
	unsigned char key[CHACHA_KEY_SIZE];

	memset(k, 0, sizeof(*k));
	k->size = size;
	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return -EIO;
	chacha_set_key(&k->cipher, key);
	explicit_bzero(key, sizeof(key));
	return 0;
}

const char *run_directory(void)
{
	const char *named = secure_getenv("TMPDIR");

	return named && *named ? named : "/var/tmp"; /* /tmp is often memory, which is what is to be saved */
}

/* A file that has no name, or has none any more. -errno. */
static int open_nameless(void)
{
	const char *directory = run_directory();
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *path = NULL;

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd >= 0 ? fd : -errno;
	if (asprintf(&path, "%s/xreach-XXXXXX", directory) < 0)
		return -ENOMEM;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	else
		unlink(path);
	free(path);
	return fd;
}

static void crypt_block(struct run_keeping *k, __u64 nonce, unsigned char *block, size_t length)
{
	unsigned char text[CHACHA_NONCE_SIZE];

	memcpy(text, &nonce, sizeof(text));
	chacha_set_nonce(&k->cipher, text);
	chacha_crypt(&k->cipher, length, block, block);
}

static size_t things_in(const struct run *run, __u64 block)
{
	return run->n - block * BLOCK < BLOCK ? (size_t)(run->n - block * BLOCK) : BLOCK;
}

/* The block whose last thing was just appended. */
static int write_block(struct run_keeping *k, struct run *run)
{
	__u64 block = (run->n - 1) / BLOCK;
	size_t length = things_in(run, block) * k->size;
	off_t at = (off_t)(block * BLOCK * k->size);

	crypt_block(k, run->nonce + block, run->block, length);
	k->nonce = run->nonce + block + 1;
	for (size_t done = 0; done < length;) {
		ssize_t n = pwrite(run->fd, run->block + done, length - done, at + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENOSPC;
		done += (size_t)n;
	}
	return 0;
}

static int read_block(struct run_keeping *k, struct run *run)
{
	__u64 block = run->next / BLOCK;
	size_t length = things_in(run, block) * k->size;
	off_t at = (off_t)(block * BLOCK * k->size);

	for (size_t done = 0; done < length;) {
		ssize_t n = pread(run->fd, run->block + done, length - done, at + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		done += (size_t)n;
	}
	crypt_block(k, run->nonce + block, run->block, length);
	return 0;
}

void run_close(const struct run_keeping *k, struct run *run)
{
	if (run->block)
		explicit_bzero(run->block, BLOCK * k->size);
	free(run->block);
	if (run->fd >= 0)
		close(run->fd);
	memset(run, 0, sizeof(*run));
	run->fd = -1;
}

int run_open(struct run_keeping *k, unsigned int rank, struct run *run)
{
	memset(run, 0, sizeof(*run));
	run->rank = rank;
	run->nonce = k->nonce;
	run->fd = open_nameless();
	if (run->fd < 0)
		return run->fd;
	run->block = malloc(BLOCK * k->size);
	return run->block ? 0 : -ENOMEM;
}

int run_append(struct run_keeping *k, struct run *run, const void *thing)
{
	memcpy(run->block + run->n % BLOCK * k->size, thing, k->size);
	run->n++;
	return run->n % BLOCK ? 0 : write_block(k, run);
}

int run_finish(struct run_keeping *k, struct run *run)
{
	int err = run->n % BLOCK ? write_block(k, run) : 0;

	return err ? err : read_block(k, run);
}

const void *run_head(const struct run_keeping *k, const struct run *run)
{
	return run->block + run->next % BLOCK * k->size;
}

int run_advance(struct run_keeping *k, struct run *run)
{
	int err = 0;

	run->next++;
	if (run->next < run->n && run->next % BLOCK == 0)
		err = read_block(k, run);
	if (err || run->next == run->n)
		run_close(k, run);
	return err;
}
