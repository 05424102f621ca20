// SPDX-License-Identifier: GPL-2.0
/* QUIC Initials: the keys of the RFCs, and CRYPTO frames out of packets in every arrangement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "judge/quic.h"
#include "unit/quic_scene.h"

static const struct quic_packet first = { .version = QUIC_V1, .number = 0, .cid = "8bytes!!" };
static struct bytes frames, datagram;
static struct quic_hello quic;
static struct stream crypto;

static int set_up(void **state)
{
	(void)state;
	memset(&quic, 0, sizeof(quic));
	memset(&crypto, 0, sizeof(crypto));
	frames.n = 0;
	datagram.n = 0;
	return 0;
}

/* From memory of just this size, so that a read behind it is caught. */
static bool receive(const struct bytes *b, size_t len)
{
	__u8 *copy = malloc(len ? len : 1);
	bool opened;

	assert_non_null(copy);
	memcpy(copy, b->at, len);
	opened = quic_hello_datagram(&quic, copy, len, &crypto);
	free(copy);
	return opened;
}

static bool send_packet(const struct quic_packet *p)
{
	datagram.n = 0;
	put_quic(&datagram, p, &frames);
	return receive(&datagram, datagram.n);
}

static void put_text(__u64 offset, const char *text)
{
	put_crypto(&frames, offset, (const __u8 *)text, strlen(text));
}

#define assert_crypto(want) \
	do { \
		assert_int_equal(stream_whole(&crypto), strlen(want)); \
		assert_memory_equal(crypto.bytes, want, strlen(want)); \
	} while (0)

/* ---- keys ------------------------------------------------------------------------------------------------------ */
static void keys_are_those_of_the_rfcs(void **state)
{
	static const __u8 cid[] = { 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08 };
	static const struct {
		__u32 version;
		struct quic_keys keys;
	} want[] = {
		{ QUIC_V1, /* RFC 9001, A.1 */
		  { { 0x1f, 0x36, 0x96, 0x13, 0xdd, 0x76, 0xd5, 0x46, 0x77, 0x30, 0xef, 0xcb, 0xe3, 0xb1, 0xa2,
		      0x2d },
		    { 0xfa, 0x04, 0x4b, 0x2f, 0x42, 0xa3, 0xfd, 0x3b, 0x46, 0xfb, 0x25, 0x5c },
		    { 0x9f, 0x50, 0x44, 0x9e, 0x04, 0xa0, 0xe8, 0x10, 0x28, 0x3a, 0x1e, 0x99, 0x33, 0xad, 0xed,
		      0xd2 } } },
		{ QUIC_V2, /* RFC 9369, A.1 */
		  { { 0x8b, 0x1a, 0x0b, 0xc1, 0x21, 0x28, 0x42, 0x90, 0xa2, 0x9e, 0x09, 0x71, 0xb5, 0xcd, 0x04,
		      0x5d },
		    { 0x91, 0xf7, 0x3e, 0x23, 0x51, 0xd8, 0xfa, 0x91, 0x66, 0x0e, 0x90, 0x9f },
		    { 0x45, 0xb9, 0x5e, 0x15, 0x23, 0x5d, 0x6f, 0x45, 0xa6, 0xb1, 0x9c, 0xbc, 0xb0, 0x29, 0x4b,
		      0xa9 } } },
	};
	struct quic_keys keys;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_true(quic_keys_client(want[i].version, cid, sizeof(cid), &keys));
		assert_memory_equal(&keys, &want[i].keys, sizeof(keys));
	}
	assert_false(quic_keys_client(0xff00001d, cid, sizeof(cid), &keys));
	assert_false(quic_keys_client(QUIC_V1, cid, 21, &keys));
}

static void the_mask_is_that_of_the_rfc(void **state) /* RFC 9001, A.2 */
{
	static const struct quic_keys keys = {
		.hp = { 0x9f, 0x50, 0x44, 0x9e, 0x04, 0xa0, 0xe8, 0x10, 0x28, 0x3a, 0x1e, 0x99, 0x33, 0xad, 0xed,
			0xd2 },
	};
	static const __u8 sample[16] = { 0xd1, 0xb1, 0xc9, 0x8d, 0xd7, 0x68, 0x9f, 0xb8,
					 0xec, 0x11, 0xd2, 0x42, 0xb1, 0x23, 0xdc, 0x9b };
	static const __u8 want[5] = { 0x43, 0x7b, 0x9a, 0xec, 0x36 };
	__u8 mask[5];

	(void)state;
	quic_keys_mask(&keys, sample, mask);
	assert_memory_equal(mask, want, sizeof(want));
}

/* ---- packets --------------------------------------------------------------------------------------------------- */
static void crypto_frames_come_out_in_any_order(void **state)
{
	(void)state;
	put_text(8, "three");
	put(&frames, 1, 1); /* PING */
	put_text(0, "one ");
	put(&frames, 0, 4); /* PADDING */
	put_text(4, "two ");
	assert_true(send_packet(&first));
	assert_crypto("one two three");
}

static void version_2_is_opened_too(void **state)
{
	struct quic_packet p = first;

	(void)state;
	p.version = QUIC_V2;
	put_text(0, "hello");
	put(&frames, 0, 4);
	assert_true(send_packet(&p));
	assert_crypto("hello");
}

static void frames_join_over_datagrams(void **state)
{
	struct quic_packet second = first;

	(void)state;
	second.number = 1;
	put_text(5, " there");
	assert_true(send_packet(&second));
	frames.n = 0;
	put_text(0, "hello");
	put(&frames, 0, 4);
	assert_true(send_packet(&first));
	assert_crypto("hello there");
}

/* Having heard of the server, the client goes over to its connection id, and keeps its keys. */
static void keys_outlive_the_connection_id(void **state)
{
	struct quic_packet second = first;

	(void)state;
	put_text(0, "hello");
	put(&frames, 0, 4);
	assert_true(send_packet(&first));
	frames.n = 0;
	put_text(5, " there");
	second.cid = "servers";
	second.keys_cid = first.cid;
	second.number = 1;
	assert_true(send_packet(&second));
	assert_crypto("hello there");
}

static void after_a_retry_the_keys_are_the_new_ids(void **state)
{
	struct quic_packet again = first;

	(void)state;
	put_text(0, "hello");
	put(&frames, 0, 4);
	assert_true(send_packet(&first));
	frames.n = 0;
	put_text(5, " there");
	again.cid = "from-the-retry";
	again.token = 80;
	again.number = 1;
	assert_true(send_packet(&again));
	again.keys_cid = again.cid;
	again.cid = "servers";
	again.number = 2;
	frames.n = 0;
	put_text(11, "!");
	put(&frames, 0, 4);
	assert_true(send_packet(&again));
	assert_crypto("hello there!");
}

static void packets_before_it_in_the_datagram_are_stepped_over(void **state)
{
	struct quic_packet other = first;
	struct bytes noise = { .n = 0 };

	(void)state;
	put_filler(&noise, 50);
	other.type = 1; /* 0-RTT */
	put_quic(&datagram, &other, &noise);
	other.type = 2; /* Handshake */
	put_quic(&datagram, &other, &noise);
	put_text(0, "hello");
	put(&frames, 0, 4);
	put_quic(&datagram, &first, &frames);
	put_filler(&datagram, 100); /* padding behind it */
	assert_true(receive(&datagram, datagram.n));
	assert_crypto("hello");
}

static void an_ack_before_the_crypto_frame_is_stepped_over(void **state)
{
	(void)state;
	for (unsigned int ecn = 0; ecn < 2; ecn++) {
		set_up(state);
		put(&frames, 2 + ecn, 1);
		put_varint(&frames, 70000, 4); /* largest */
		put_varint(&frames, 3, 1);     /* delay */
		put_varint(&frames, 2, 1);     /* ranges beside the first */
		for (int i = 0; i < 1 + 2 * 2 + (ecn ? 3 : 0); i++)
			put_varint(&frames, 1, 1);
		put_text(0, "hello");
		assert_true(send_packet(&first));
		assert_crypto("hello");
	}
}

static void behind_a_close_nothing_is_read(void **state)
{
	(void)state;
	put_text(0, "hello");
	put(&frames, 0x1c, 1);
	put_text(5, "!!!!!!!!!!");
	assert_true(send_packet(&first));
	assert_crypto("hello");
}

static void a_wrong_tag_opens_nothing(void **state)
{
	(void)state;
	put_text(0, "hello");
	put(&frames, 0, 8);
	put_quic(&datagram, &first, &frames);
	for (size_t i = 0; i < datagram.n; i++) {
		struct bytes spoilt = datagram;

		spoilt.at[i] ^= 4;
		assert_false(receive(&spoilt, spoilt.n));
	}
	assert_int_equal(stream_whole(&crypto), 0);
	assert_true(receive(&datagram, datagram.n));
}

static void cut_anywhere_it_opens_nothing(void **state)
{
	(void)state;
	put_text(0, "hello");
	put(&frames, 0, 8);
	put_quic(&datagram, &first, &frames);
	for (size_t n = 0; n < datagram.n; n++)
		assert_false(receive(&datagram, n));
	assert_int_equal(stream_whole(&crypto), 0);
}

static void frames_that_end_beyond_the_packet_are_left(void **state)
{
	(void)state;
	put_text(0, "hello");
	put(&frames, 6, 1);
	put_varint(&frames, 5, 4);
	put_varint(&frames, 5000, 2); /* longer than what there is */
	put_filler(&frames, 10);
	assert_true(send_packet(&first));
	assert_crypto("hello");
	frames.n = 0;
	put(&frames, 2, 1); /* an ACK of more ranges than there is room for */
	put_varint(&frames, 1, 1);
	put_varint(&frames, 1, 1);
	put_varint(&frames, 0x3fffffffffffffff, 8);
	put_text(0, "x");
	assert_true(send_packet(&first));
	assert_crypto("hello");
}

static void absurd_offsets_are_left_out(void **state)
{
	(void)state;
	put_text(0x3ffffffffffffff0, "far away");
	put_text(STREAM_MAX - 2, "beyond");
	put_text(0, "hello");
	assert_true(send_packet(&first));
	assert_crypto("hello");
}

static void other_datagrams_are_none(void **state)
{
	static const __u8 some[][24] = {
		{ 0 },
		{ 0x43, 1, 2, 3, 4, 5 },	     /* short header */
		{ 0xc3, 0, 0, 0, 0, 1, 1, 1, 1 },    /* Version Negotiation */
		{ 0xc3, 0xba, 0xba, 0xba, 0xba, 0 }, /* a version that nobody knows */
		{ 0xf0, 0, 0, 0, 1, 4, 1, 2, 3, 4 }, /* Retry */
		{ 0xc3, 0, 0, 0, 1, 21 },	     /* a connection id longer than there are */
		{ 0xc3, 0, 0, 0, 1, 0, 0, 0, 4 },    /* too short for a sample */
	};
	struct bytes b;

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
		memcpy(b.at, some[i], sizeof(some[i]));
		b.n = sizeof(some[i]);
		assert_false(receive(&b, b.n));
	}
	assert_int_equal(stream_whole(&crypto), 0);
}

/* The same bytes as an Initial of version 2 are a 0-RTT packet of version 1: its type decides, not its place. */
static void only_initials_are_opened(void **state)
{
	struct quic_packet p = first;

	(void)state;
	put_text(0, "hello");
	put(&frames, 0, 4);
	p.type = 2;
	assert_false(send_packet(&p));
	p.version = QUIC_V2;
	assert_false(send_packet(&p));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_are_those_of_the_rfcs),
		TEST(the_mask_is_that_of_the_rfc),
		TEST(crypto_frames_come_out_in_any_order),
		TEST(version_2_is_opened_too),
		TEST(frames_join_over_datagrams),
		TEST(keys_outlive_the_connection_id),
		TEST(after_a_retry_the_keys_are_the_new_ids),
		TEST(packets_before_it_in_the_datagram_are_stepped_over),
		TEST(an_ack_before_the_crypto_frame_is_stepped_over),
		TEST(behind_a_close_nothing_is_read),
		TEST(a_wrong_tag_opens_nothing),
		TEST(cut_anywhere_it_opens_nothing),
		TEST(frames_that_end_beyond_the_packet_are_left),
		TEST(absurd_offsets_are_left_out),
		TEST(other_datagrams_are_none),
		TEST(only_initials_are_opened),
	};

	return cmocka_run_group_tests_name("quic", tests, NULL, NULL);
}
