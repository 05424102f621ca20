// SPDX-License-Identifier: GPL-2.0
/* Pieces of a stream in any order: see stream.h. */
#include "judge/stream.h"

void stream_put(struct stream *s, __u64 offset, const __u8 *data, size_t len)
{
	if (offset >= STREAM_MAX)
		return;
	if (len > STREAM_MAX - offset)
		len = STREAM_MAX - offset;
	for (size_t i = 0; i < len; i++) {
		size_t at = offset + i;
		__u64 bit = 1ULL << at % 64;

		if (s->have[at / 64] & bit)
			continue;
		s->have[at / 64] |= bit;
		s->bytes[at] = data[i];
	}
}

size_t stream_whole(const struct stream *s)
{
	for (size_t i = 0; i < STREAM_MAX / 64; i++) {
		if (~s->have[i])
			return i * 64 + (size_t)__builtin_ctzll(~s->have[i]);
	}
	return STREAM_MAX;
}
