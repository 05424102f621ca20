// SPDX-License-Identifier: GPL-2.0
/* From first payloads to `sni`: pieces, order, room, and that nothing of a name stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "judge/hellos.h"
#include "unit/quic_scene.h"

#define FIRST_NS 7000000000ULL

static const struct name_rule rules[] = { { "x.com", false, 0 }, { "twimg.com", false, 0 } };
static struct server_names *names;
static struct hellos *hellos;
static struct bytes message, stream;

static int set_up(void **state)
{
	(void)state;
	message.n = 0;
	stream.n = 0;
	names = server_names_new();
	hellos = hellos_new(64);
	return !names || !hellos || server_names_set(names, rules, 2);
}

static int tear_down(void **state)
{
	(void)state;
	hellos_free(hellos);
	server_names_free(names);
	return 0;
}

static void speak(const char *name, size_t key_share, size_t record)
{
	put_hello(&message, name, key_share);
	put_records(&stream, &message, record);
}

/* Bytes `from` up to `to` of the stream, as the kernel sends them. */
static void add_piece(__u64 key, size_t from, size_t to)
{
	static struct wire_hello h;

	h = (struct wire_hello){
		.key = key, .first_ns = FIRST_NS, .offset = (__u32)from, .len = (__u16)(to - from)
	};
	assert_true(to - from <= sizeof(h.data));
	memcpy(h.data, stream.at + from, to - from);
	hellos_add(hellos, names, &h);
}

static enum sni find(__u64 key, const struct name_rule **rule)
{
	return hellos_find(hellos, names, key, FIRST_NS, false, rule);
}

#define assert_sni(key, want, want_rule) \
	do { \
		const struct name_rule *rule_; \
		assert_string_equal(sni_name(find(key, &rule_)), want); \
		assert_string_equal(rule_ ? rule_->name : "", want_rule); \
	} while (0)

static void a_name_in_one_piece_is_known(void **state)
{
	(void)state;
	speak("api.x.com", 36, 16384);
	add_piece(1, 0, stream.n);
	assert_sni(1, "match", "x.com");
}

static void another_name_is_other(void **state)
{
	(void)state;
	speak("reddit.com", 36, 16384);
	add_piece(1, 0, stream.n);
	assert_sni(1, "other", "");
}

static void without_the_extension_it_is_none(void **state)
{
	(void)state;
	speak(NULL, 36, 16384);
	add_piece(1, 0, stream.n);
	assert_sni(1, "none", "");
}

static void a_public_name_beside_ech_is_ech_and_alone_it_is_a_name(void **state)
{
	static const char *const want[] = { "other", "ech", "other" };

	(void)state;
	for (int i = 0; i < 3; i++) { /* without; with; another name with it, which is GREASE */
		const char *name = i < 2 ? "cloudflare-ech.com" : "lh3.google.com";
		struct hello_lengths lengths;

		message.n = 0;
		stream.n = 0;
		lengths = open_hello(&message);
		put_server_name(&message, name, strlen(name));
		if (i)
			put_extension(&message, EXT_ECH, 186);
		close_hello(&message, lengths);
		put_records(&stream, &message, 16384);
		add_piece(1 + i, 0, stream.n);
		assert_sni(1 + i, want[i], "");
	}
}

static void pieces_join_in_any_order_and_over_records(void **state)
{
	(void)state;
	speak("pbs.twimg.com", 1216, 700);
	add_piece(1, 1200, stream.n);
	assert_sni(1, "unknown", "");
	add_piece(1, 0, 600);
	assert_sni(1, "unknown", "");
	add_piece(1, 600, 1200);
	assert_sni(1, "match", "twimg.com");
}

static void of_two_versions_of_a_byte_the_first_counts(void **state)
{
	size_t half;

	(void)state;
	speak("x.com", 36, 16384);
	half = stream.n - 30;
	add_piece(1, 0, half);
	memset(stream.at, 0x17, half);
	add_piece(1, 0, stream.n);
	assert_sni(1, "match", "x.com");
}

/* A ClientHello over two Initials of one connection, which came in the wrong order. */
static void a_name_in_quic_is_known(void **state)
{
	struct quic_packet p = { .version = QUIC_V1, .number = 1, .cid = "8bytes!!" };
	static struct wire_hello h;

	(void)state;
	put_hello(&message, "api.x.com", 1216);
	for (int second = 1; second >= 0; second--) {
		struct bytes frames = { .n = 0 }, datagram = { .n = 0 };
		size_t from = second ? 900 : 0, to = second ? message.n : 900;

		put_crypto(&frames, from, message.at + from, to - from);
		p.number = (__u32)second;
		put_quic(&datagram, &p, &frames);
		h = (struct wire_hello){ .key = 1, .first_ns = FIRST_NS, .offset = 1, .quic = 1 };
		h.len = (__u16)datagram.n;
		memcpy(h.data, datagram.at, datagram.n);
		hellos_add(hellos, names, &h);
		assert_sni(1, second ? "unknown" : "match", second ? "" : "x.com");
	}
}

static void no_tls_and_holes_are_unknown(void **state)
{
	(void)state;
	speak("x.com", 36, 16384);
	add_piece(1, 1, stream.n);
	assert_sni(1, "unknown", "");
	stream.at[0] = 'G';
	add_piece(2, 0, stream.n);
	assert_sni(2, "unknown", "");
	stream.at[0] = 0x16;
	add_piece(2, 0, stream.n); /* decided already */
	assert_sni(2, "unknown", "");
}

/* The flow was stopped in the middle of its ClientHello: what has come is made use of when it is asked for. */
static void a_name_counts_though_the_rest_never_came(void **state)
{
	(void)state;
	speak("x.com", 36, 16384);
	add_piece(1, 0, stream.n - 5);
	assert_sni(1, "match", "x.com");
	message.n = 0;
	stream.n = 0;
	speak("reddit.com", 36, 16384);
	add_piece(2, 0, stream.n - 5);
	assert_sni(2, "other", "");
	message.n = 0;
	stream.n = 0;
	speak("cloudflare-ech.com", 36, 16384); /* the ECH mark may have been on its way */
	add_piece(3, 0, stream.n - 5);
	assert_sni(3, "unknown", "");
	add_piece(3, stream.n - 5, stream.n);
	assert_sni(3, "other", "");
}

static void a_hello_longer_than_what_is_kept_is_unknown(void **state)
{
	(void)state;
	speak("x.com", WIRE_HELLO_MAX, 16384);
	for (size_t at = 0; at < WIRE_HELLO_MAX; at += WIRE_HELLO_CHUNK)
		add_piece(1, at, at + WIRE_HELLO_CHUNK);
	assert_sni(1, "unknown", "");
	assert_int_equal(hellos_given_up(hellos), 0);
}

static void a_flow_is_known_by_its_key_and_its_first_packet(void **state)
{
	const struct name_rule *rule;

	(void)state;
	speak("x.com", 36, 16384);
	add_piece(1, 0, stream.n);
	assert_int_equal(hellos_find(hellos, names, 1, FIRST_NS + 1000, false, &rule), SNI_UNKNOWN);
	assert_int_equal(hellos_find(hellos, names, 2, FIRST_NS, false, &rule), SNI_UNKNOWN);
	assert_null(rule);
}

static void what_is_forgotten_is_gone(void **state)
{
	const struct name_rule *rule;

	(void)state;
	speak("x.com", 36, 16384);
	add_piece(1, 0, stream.n);
	assert_int_equal(hellos_find(hellos, names, 1, FIRST_NS, true, &rule), SNI_MATCH);
	assert_int_equal(hellos_find(hellos, names, 1, FIRST_NS, true, &rule), SNI_UNKNOWN);
}

/* One more in pieces than there is room for: the one that waited longest gives way and is counted, the others go on. */
static void the_longest_in_pieces_gives_way(void **state)
{
	(void)state;
	hellos_free(hellos);
	hellos = hellos_new(4096);
	speak("x.com", 36, 16384);
	for (__u64 key = 1; key <= HELLOS_IN_PIECES + 1; key++)
		add_piece(key, 0, 20);
	assert_int_equal(hellos_given_up(hellos), 1);
	for (__u64 key = 1; key <= HELLOS_IN_PIECES + 1; key++)
		add_piece(key, 20, stream.n);
	assert_sni(1, "unknown", "");
	for (__u64 key = 2; key <= HELLOS_IN_PIECES + 1; key++)
		assert_sni(key, "match", "x.com");
}

static void more_flows_than_there_is_room_for_are_counted(void **state)
{
	unsigned int known = 0, flows = 4096;
	const struct name_rule *rule;

	(void)state;
	speak("x.com", 36, 16384);
	for (__u64 key = 1; key <= flows; key++)
		add_piece(key, 0, stream.n);
	for (__u64 key = 1; key <= flows; key++)
		known += find(key, &rule) == SNI_MATCH;
	assert_true(known >= 64);
	assert_int_equal(hellos_given_up(hellos), flows - known);
}

/* Whatever lay in the table's memory while a ClientHello was put together, none of it is there afterwards. */
static void nothing_of_a_name_stays(void **state)
{
	const struct name_rule *rule;
	size_t size = hellos_bytes(), cut;

	(void)state;
	speak("nobody-must-know.x.com", 36, 16384);
	cut = stream.n - 13; /* behind the name stand eleven bytes */
	add_piece(1, 0, cut);
	assert_non_null(memmem(hellos, size, "nobody-must-know", 16));
	add_piece(1, cut, stream.n);
	assert_sni(1, "match", "x.com");
	assert_null(memmem(hellos, size, "nobody-must-know", 16));
	add_piece(2, 0, cut);
	assert_non_null(memmem(hellos, size, "nobody-must-know", 16));
	assert_int_equal(hellos_find(hellos, names, 2, FIRST_NS, true, &rule), SNI_UNKNOWN);
	assert_null(memmem(hellos, size, "nobody-must-know", 16));
}

/* Its record was lost, so nobody will ask. */
static void pieces_that_nobody_asks_for_are_wiped(void **state)
{
	size_t size = hellos_bytes();

	(void)state;
	speak("nobody-must-know.x.com", 36, 16384);
	add_piece(1, 0, stream.n - 13);
	for (__s64 now = 1000; now <= 1000 + HELLOS_PIECE_S; now++)
		hellos_expire(hellos, names, now);
	assert_non_null(memmem(hellos, size, "nobody-must-know", 16));
	hellos_expire(hellos, names, 1001 + HELLOS_PIECE_S);
	assert_null(memmem(hellos, size, "nobody-must-know", 16));
	assert_int_equal(hellos_given_up(hellos), 1);
	add_piece(1, 0, stream.n);
	assert_sni(1, "unknown", "");
}

/* A flow may live on for long after its ClientHello was cut off. */
static void what_the_pieces_told_stays_when_they_are_given_up(void **state)
{
	(void)state;
	speak("reddit.com", 36, 16384);
	add_piece(1, 0, stream.n - 5);
	for (__s64 now = 1000; now <= 1001 + HELLOS_PIECE_S; now++)
		hellos_expire(hellos, names, now);
	assert_int_equal(hellos_given_up(hellos), 1);
	assert_sni(1, "other", "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_in_one_piece_is_known),
		TEST(another_name_is_other),
		TEST(without_the_extension_it_is_none),
		TEST(a_public_name_beside_ech_is_ech_and_alone_it_is_a_name),
		TEST(pieces_join_in_any_order_and_over_records),
		TEST(of_two_versions_of_a_byte_the_first_counts),
		TEST(a_name_in_quic_is_known),
		TEST(no_tls_and_holes_are_unknown),
		TEST(a_name_counts_though_the_rest_never_came),
		TEST(a_hello_longer_than_what_is_kept_is_unknown),
		TEST(a_flow_is_known_by_its_key_and_its_first_packet),
		TEST(what_is_forgotten_is_gone),
		TEST(the_longest_in_pieces_gives_way),
		TEST(more_flows_than_there_is_room_for_are_counted),
		TEST(nothing_of_a_name_stays),
		TEST(pieces_that_nobody_asks_for_are_wiped),
		TEST(what_the_pieces_told_stays_when_they_are_given_up),
	};

	return cmocka_run_group_tests_name("hellos", tests, NULL, NULL);
}
