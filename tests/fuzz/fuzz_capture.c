// SPDX-License-Identifier: GPL-2.0
/*
 * Capture files, which people send to have them judged again: whatever is in one, each frame is as long as it says, fits
 * into what the programs take, and the file comes to an end, or to an error of one line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "load/capture.h"
#include "unit/hello_scene.h"

#define WIRE_LEN_MAX ((1 << 24) + 14)		  /* what the reader believes of a frame, and an Ethernet header */
#define YEAR_2243    (8615289600ULL * 1000000000) /* and of a time */

static void check_error(const char *error, const char *path)
{
	CHECK(!strncmp(error, path, strlen(path)));
	for (const char *c = error; *c; c++)
		CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
}

static void check_frame(const struct capture_frame *f)
{
	__u8 *copy = fuzz_copy(f->bytes, f->len); /* all of it can be read */

	free(copy);
	CHECK(f->bytes);
	CHECK(f->len <= CAPTURE_FRAME_MAX);
	CHECK(f->wire_len >= f->len || f->len == CAPTURE_FRAME_MAX);
	CHECK(f->wire_len <= WIRE_LEN_MAX);
	CHECK(f->ns < YEAR_2243);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	const char *path = fuzz_file(data, size);
	struct capture *c = NULL;
	struct capture_frame f;
	char error[512] = "";
	size_t frames = 0;
	int err = capture_open(path, &c, error, sizeof(error));

	if (err) {
		CHECK(err < 0 && !c);
		check_error(error, path);
		return 0;
	}
	while ((err = capture_next(c, &f, error, sizeof(error))) == 1) {
		double progress = capture_progress(c);

		CHECK(progress >= 0 && progress <= 1);
		check_frame(&f);
		CHECK(++frames <= size); /* each has a header at least */
	}
	CHECK(err <= 0);
	if (err)
		check_error(error, path);
	capture_close(c);
	return 0;
}

/* ---- seeds: an IPv4 SYN below each link header that is read ------------------------------------------------------ */
static const struct link {
	unsigned int type; /* LINKTYPE_... */
	const char *header;
	size_t n;
} links[] = {
	{ 1, "\2\0\0\0\0\1\2\0\0\0\0\2\10\0", 14 }, /* Ethernet */
	{ 101, "", 0 },				    /* raw IP */
	{ 113, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\10\0", 16 },
	{ 276, "\10\0\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0", 20 },
	{ 9, "\xff\3\0\x21", 4 },
	{ 0, "\2\0\0\0", 4 },
};

static void put_little(struct bytes *b, __u32 n, size_t width)
{
	while (width--) {
		put(b, n & 0xff, 1);
		n >>= 8;
	}
}

static void put_packet(struct bytes *b, const struct link *link)
{
	memcpy(b->at + b->n, link->header, link->n);
	b->n += link->n;
	put(b, 0x45000028, 4);
	put(b, 0x00014000, 4);
	put(b, 0x40060000, 4);
	put(b, 0xc0000201, 4); /* 192.0.2.1, documentation (RFC 5737) */
	put(b, 0xcb007101, 4); /* 203.0.113.1, too */
	put(b, 0xc00001bb, 4);
	put(b, 1, 8);
	put(b, 0x5002ffff, 4);
	put(b, 0, 4);
}

static void put_pcap(struct bytes *b, const struct link *link)
{
	__u32 n = (__u32)link->n + 40;

	put_little(b, 0xa1b2c3d4, 4);
	put_little(b, 2, 2);
	put_little(b, 4, 2);
	put_little(b, 0, 8);
	put_little(b, 65535, 4);
	put_little(b, link->type, 4);
	for (int i = 0; i < 2; i++) {
		put_little(b, 1700000000 + i, 4);
		put_little(b, 999999, 4);
		put_little(b, n, 4);
		put_little(b, n, 4);
		put_packet(b, link);
	}
}

/* A frame longer than the programs take. */
static void put_long(struct bytes *b, const struct link *link)
{
	__u32 n = (__u32)link->n + 4200;

	put_pcap(b, link);
	put_little(b, 1700000002, 4);
	put_little(b, 0, 4);
	put_little(b, n, 4);
	put_little(b, n, 4);
	put_packet(b, link);
	put_filler(b, 4200 - 40);
}

/* Section header, interface description, enhanced packet. */
static void put_pcapng(struct bytes *b, const struct link *link)
{
	__u32 n = (__u32)link->n + 40, padded = (n + 3) & ~3u;

	put_little(b, 0x0a0d0d0a, 4);
	put_little(b, 28, 4);
	put_little(b, 0x1a2b3c4d, 4);
	put_little(b, 1, 4);
	put(b, ~0ULL, 8);
	put_little(b, 28, 4);
	put_little(b, 1, 4);
	put_little(b, 20, 4);
	put_little(b, link->type, 4);
	put_little(b, 65535, 4);
	put_little(b, 20, 4);
	put_little(b, 6, 4);
	put_little(b, 32 + padded, 4);
	put_little(b, 0, 4);
	put_little(b, 0x0006, 4);
	put_little(b, 0x12345678, 4);
	put_little(b, n, 4);
	put_little(b, n, 4);
	put_packet(b, link);
	put(b, 0, padded - n);
	put_little(b, 32 + padded, 4);
}

size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	static void (*const files[])(struct bytes *, const struct link *) = { put_pcap, put_pcapng, put_long };
	const size_t many = sizeof(links) / sizeof(*links);
	static struct bytes seed;

	if (n >= sizeof(files) / sizeof(*files) * many)
		return 0;
	seed.n = 0;
	files[n / many](&seed, &links[n % many]);
	memcpy(out, seed.at, seed.n);
	return seed.n;
}
