// SPDX-License-Identifier: GPL-2.0
/* Bytes of seven bits each for numbers, the least first; see packed.h. */
#include "detect/packed.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 4096

static void put(struct packed *p, const void *data, size_t n)
{
	size_t room = p->room ? p->room : ROOM_FIRST;
	__u8 *longer;

	if (p->failed)
		return;
	while (room - p->n < n)
		room *= 2;
	if (room != p->room) {
		longer = realloc(p->data, room);
		if (!longer) {
			p->failed = true;
			return;
		}
		p->data = longer;
		p->room = room;
	}
	memcpy(p->data + p->n, data, n);
	p->n += n;
}

void pack_number(struct packed *p, __u64 n)
{
	__u8 bytes[10];
	size_t used = 0;

	for (; n >= 0x80; n >>= 7)
		bytes[used++] = (__u8)(n | 0x80);
	bytes[used++] = (__u8)n;
	put(p, bytes, used);
}

/* 0, -1, 1, -2 ... as 0, 1, 2, 3 */
void pack_signed(struct packed *p, __s64 n)
{
	pack_number(p, n < 0 ? ~((__u64)n << 1) : (__u64)n << 1);
}

void pack_real(struct packed *p, double x)
{
	__u8 bytes[8];
	__u64 bits;

	memcpy(&bits, &x, sizeof(bits));
	for (unsigned int i = 0; i < 8; i++)
		bytes[i] = (__u8)(bits >> 8 * i);
	put(p, bytes, sizeof(bytes));
}

void pack_text(struct packed *p, const char *text)
{
	size_t n = strlen(text);

	pack_number(p, n);
	put(p, text, n);
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

__u64 unpack_number(struct unpack *u, __u64 most)
{
	__u64 n = 0;

	for (unsigned int shift = 0; !u->bad; shift += 7) {
		__u8 byte;

		if (u->at >= u->n || shift > 63 || (shift == 63 && u->data[u->at] > 1))
			break;
		byte = u->data[u->at++];
		n |= (__u64)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (n > most)
			break;
		return n;
	}
	u->bad = true;
	return 0;
}

__s64 unpack_signed(struct unpack *u, __s64 least, __s64 most)
{
	__u64 bits = unpack_number(u, ~0ull);
	__s64 n = bits & 1 ? (__s64) ~(bits >> 1) : (__s64)(bits >> 1);

	if (!u->bad && n >= least && n <= most)
		return n;
	u->bad = true;
	return 0;
}

double unpack_real(struct unpack *u, double least, double most)
{
	__u64 bits = 0;
	double x;

	if (u->bad || u->n - u->at < 8) {
		u->bad = true;
		return 0;
	}
	for (unsigned int i = 0; i < 8; i++)
		bits |= (__u64)u->data[u->at++] << 8 * i;
	memcpy(&x, &bits, sizeof(x));
	if (x >= least && x <= most) /* no NaN is */
		return x;
	u->bad = true;
	return 0;
}

void unpack_text(struct unpack *u, char *out, size_t size)
{
	__u64 n = unpack_number(u, size - 1);

	*out = '\0';
	if (u->bad || n > u->n - u->at || memchr(u->data + u->at, 0, n)) {
		u->bad = true;
		return;
	}
	memcpy(out, u->data + u->at, n);
	out[n] = '\0';
	u->at += n;
}

__u64 packed_sum(const __u8 *data, size_t n)
{
	__u64 sum = 14695981039346656037ull;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ data[i]) * 1099511628211ull;
	return sum;
}
