// SPDX-License-Identifier: GPL-2.0
/* The name out of a ClientHello, whole, cut anywhere, and broken anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "judge/client_hello.h"
#include "judge/stream.h"
#include "unit/hello_scene.h"

static struct bytes message, records;
static struct client_hello hello;

static int set_up(void **state)
{
	(void)state;
	message.n = 0;
	records.n = 0;
	memset(&hello, 0, sizeof(hello));
	return 0;
}

/* From memory of just this size, so that a read behind it is caught. */
static enum hello_state read_first(const struct bytes *b, size_t n)
{
	static __u8 *copy;

	free(copy);
	copy = malloc(n ? n : 1);
	assert_non_null(copy);
	memcpy(copy, b->at, n);
	return client_hello_read(copy, n, &hello);
}

#define assert_name(want) \
	do { \
		assert_non_null(hello.name); \
		assert_int_equal(hello.name_len, strlen(want)); \
		assert_memory_equal(hello.name, want, strlen(want)); \
	} while (0)

static void a_name_is_found_behind_a_post_quantum_key(void **state)
{
	(void)state;
	put_hello(&message, "api.x.com", 1216);
	assert_int_equal(read_first(&message, message.n), HELLO_READ);
	assert_name("api.x.com");
	assert_false(hello.ech);
}

static void without_the_extension_there_is_no_name(void **state)
{
	(void)state;
	put_hello(&message, NULL, 32);
	assert_int_equal(read_first(&message, message.n), HELLO_READ);
	assert_null(hello.name);
}

static void without_any_extensions_there_is_no_name(void **state)
{
	struct hello_lengths lengths;

	(void)state;
	lengths = open_hello(&message);
	message.n -= 2; /* TLS 1.0 had none */
	close_length(&message, lengths.message, 3);
	assert_int_equal(read_first(&message, message.n), HELLO_READ);
	assert_null(hello.name);
}

static void esni_leaves_no_name(void **state)
{
	struct hello_lengths lengths = open_hello(&message);

	(void)state;
	put_extension(&message, EXT_ESNI, 300);
	close_hello(&message, lengths);
	assert_int_equal(read_first(&message, message.n), HELLO_READ);
	assert_null(hello.name);
	assert_false(hello.ech);
}

static void ech_is_seen_before_and_behind_the_name(void **state)
{
	struct hello_lengths lengths;

	(void)state;
	for (int behind = 0; behind < 2; behind++) {
		message.n = 0;
		lengths = open_hello(&message);
		if (!behind)
			put_extension(&message, EXT_ECH, 200);
		put_server_name(&message, "cloudflare-ech.com", 18);
		if (behind)
			put_extension(&message, EXT_ECH, 200);
		close_hello(&message, lengths);
		assert_int_equal(read_first(&message, message.n), HELLO_READ);
		assert_name("cloudflare-ech.com");
		assert_true(hello.ech);
	}
}

/* Cut anywhere it asks for more, and the name is there as soon as its last byte is. */
static void cut_anywhere_it_asks_for_more(void **state)
{
	size_t named = 0;

	(void)state;
	put_hello(&message, "x.com", 40);
	for (size_t n = 0; n < message.n; n++) {
		assert_int_equal(read_first(&message, n), HELLO_MORE);
		if (hello.name && !named)
			named = n;
	}
	assert_int_equal(named, message.n - (2 + 2 + 7)); /* what stands behind the name */
}

static void what_follows_the_message_is_not_looked_at(void **state)
{
	(void)state;
	put_hello(&message, "x.com", 40);
	put_filler(&message, 100);
	assert_int_equal(read_first(&message, message.n), HELLO_READ);
	assert_name("x.com");
}

static void another_message_is_none(void **state)
{
	(void)state;
	put_hello(&message, "x.com", 40);
	message.at[0] = 2; /* ServerHello */
	assert_int_equal(read_first(&message, message.n), HELLO_NOT);
	assert_null(hello.name);
}

static void lengths_that_contradict_each_other_are_none(void **state)
{
	size_t session = HELLO_BEFORE_SESSION, extensions = session + 1 + 32 + 6 + 2;

	(void)state;
	put_hello(&message, "x.com", 40);
	message.at[extensions]++; /* longer than the message by 256 */
	assert_int_equal(read_first(&message, message.n), HELLO_NOT);
	message.at[extensions]--;
	message.at[extensions + 2 + 3] = 0xff; /* the first extension: longer than all of them */
	assert_int_equal(read_first(&message, message.n), HELLO_NOT);
}

static void a_list_without_a_host_name_has_no_name(void **state)
{
	struct hello_lengths lengths = open_hello(&message);
	size_t at = message.n;

	(void)state;
	put_server_name(&message, "x.com", 5);
	message.at[at + 6] = 7; /* a name of another type */
	close_hello(&message, lengths);
	assert_int_equal(read_first(&message, message.n), HELLO_READ);
	assert_null(hello.name);
}

static enum hello_state read_records(size_t n)
{
	static __u8 scratch[STREAM_MAX];

	return client_hello_from_records(records.at, n, scratch, &hello);
}

static void records_may_cut_the_message_anywhere(void **state)
{
	(void)state;
	put_hello(&message, "pbs.twimg.com", 64);
	for (size_t each = 1; each <= message.n; each++) {
		records.n = 0;
		put_records(&records, &message, each);
		if (records.n > STREAM_MAX)
			continue;
		assert_int_equal(read_records(records.n), HELLO_READ);
		assert_name("pbs.twimg.com");
		assert_int_equal(read_records(records.n - 1), HELLO_MORE);
	}
}

static void other_records_are_none(void **state)
{
	static const struct {
		size_t at;
		__u8 value;
	} wrong[] = {
		{ 0, 0x17 }, /* application data */
		{ 1, 2 },    /* SSL 2 */
		{ 3, 0x41 }, /* longer than a record may be */
	};

	(void)state;
	put_hello(&message, "x.com", 40);
	put_records(&records, &message, 16384);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		__u8 right = records.at[wrong[i].at];

		records.at[wrong[i].at] = wrong[i].value;
		assert_int_equal(read_records(records.n), HELLO_NOT);
		records.at[wrong[i].at] = right;
	}
	assert_int_equal(read_records(records.n), HELLO_READ);
	memset(records.at + 3, 0, 2);
	assert_int_equal(read_records(records.n), HELLO_NOT); /* empty */
}

static void an_alert_between_two_records_is_none(void **state)
{
	(void)state;
	put_hello(&message, "x.com", 40);
	put_records(&records, &message, 60);
	records.at[65] = 0x15;
	assert_int_equal(read_records(records.n), HELLO_NOT);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_is_found_behind_a_post_quantum_key),   TEST(without_the_extension_there_is_no_name),
		TEST(without_any_extensions_there_is_no_name),	   TEST(esni_leaves_no_name),
		TEST(ech_is_seen_before_and_behind_the_name),	   TEST(cut_anywhere_it_asks_for_more),
		TEST(what_follows_the_message_is_not_looked_at),   TEST(another_message_is_none),
		TEST(lengths_that_contradict_each_other_are_none), TEST(a_list_without_a_host_name_has_no_name),
		TEST(records_may_cut_the_message_anywhere),	   TEST(other_records_are_none),
		TEST(an_alert_between_two_records_is_none),
	};

	return cmocka_run_group_tests_name("client_hello", tests, NULL, NULL);
}
