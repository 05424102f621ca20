// SPDX-License-Identifier: GPL-2.0
/* A finding as the contract's JSON object, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "detect/tally.h"
#include "show/finding.h"

static const __u8 v4[16] = { [10] = 0xff, 0xff, 104, 244, 42, 1 };
static const __u8 v6[16] = { 0x26, 0x06, 0x1f, 0x80, 0xf0, [15] = 1 };

/* The example of the contract, as far as names and the scoring of resets are there. */
static struct finding example(void)
{
	struct finding f = {
		.v = { .stage = STAGE_POST_PSH,
		       .outcome = OUTCOME_RESET,
		       .signature = SIGNATURE_PSH_RSTACK,
		       .syns = 1,
		       .has_rtt = true,
		       .rtt_us = 81234,
		       .reset_ttl = 52,
		       .server_ttl = 47,
		       .answer_ttl = 52,
		       .bytes_up = 517 },
		.kind = RECORD_FINAL,
		.key = 0x1122334455667788,
		.prefix = 4242,
		.group = 1,
		.site = 9,
		.port = 443,
		.drop_reason = 77,
		.first_s = 1708185839, /* 16:03:59 */
		.serial = 31337,
	};

	memcpy(f.server, v4, sizeof(v4));
	return f;
}

static void assert_json(const struct finding *f, const char *expected)
{
	char *text = finding_to_json(f, "x", "104.244.42.0/24");

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void the_example_of_the_contract_is_written_as_it_stands_there(void **state)
{
	const struct finding f = example();

	(void)state;
	assert_json(&f, "{\"group\":\"x\",\"prefix\":\"104.244.42.0/24\",\"server\":\"104.244.42.1\",\"port\":443,"
			"\"family\":\"ipv4\",\"transport\":\"tcp\",\"stage\":\"post_psh\",\"outcome\":\"reset\","
			"\"why\":\"\",\"signature\":\"PSH+ACK->RST+ACK\",\"sni\":\"unknown\",\"rule\":\"\","
			"\"injection\":{\"level\":\"none\",\"score\":0,\"evidence\":[]},\"syns\":1,\"rtt_ms\":81.2,"
			"\"reset_ttl\":52,\"server_ttl\":47,\"bytes_up\":517,\"bytes_down\":0,"
			"\"first\":\"2024-02-17T16:03:00Z\"}");
}

static void what_was_not_seen_is_null_and_the_rest_still_there(void **state)
{
	struct finding f = {
		.v = { .stage = STAGE_POST_PSH,
		       .outcome = OUTCOME_UNJUDGED,
		       .why = REASON_CAPTURE_END,
		       .syns = 2,
		       .reset_ttl = -1,
		       .server_ttl = -1,
		       .answer_ttl = -1,
		       .quic = true,
		       .v6 = true },
		.port = 65535,
	};

	(void)state;
	memcpy(f.server, v6, sizeof(v6));
	assert_json(&f,
		    "{\"group\":\"x\",\"prefix\":\"104.244.42.0/24\",\"server\":\"2606:1f80:f000::1\","
		    "\"port\":65535,\"family\":\"ipv6\",\"transport\":\"quic\",\"stage\":\"post_psh\","
		    "\"outcome\":\"unjudged\",\"why\":\"capture_end\",\"signature\":\"none\",\"sni\":\"unknown\","
		    "\"rule\":\"\",\"injection\":{\"level\":\"none\",\"score\":0,\"evidence\":[]},\"syns\":2,"
		    "\"rtt_ms\":null,\"reset_ttl\":null,\"server_ttl\":null,\"bytes_up\":0,\"bytes_down\":0,"
		    "\"first\":\"1970-01-01T00:00:00Z\"}");
}

static void numbers_keep_their_whole_width(void **state)
{
	struct finding f = example();
	char *text;

	(void)state;
	f.v.bytes_up = 0x7fffffffffffffffull;
	f.v.bytes_down = 5000000000ull;
	f.v.syns = 255;
	f.v.reset_ttl = 0;
	f.v.server_ttl = 255;
	text = finding_to_json(&f, "x", "p");
	assert_non_null(strstr(text, "\"bytes_up\":9223372036854775807,\"bytes_down\":5000000000,"));
	assert_non_null(strstr(text, "\"syns\":255,"));
	assert_non_null(strstr(text, "\"reset_ttl\":0,\"server_ttl\":255,"));
	free(text);
}

static void round_trips_are_milliseconds_with_one_decimal(void **state)
{
	static const struct {
		__u32 us;
		const char *text;
	} rows[] = { { 0, "\"rtt_ms\":0.0," },	       { 49, "\"rtt_ms\":0.0," },
		     { 50, "\"rtt_ms\":0.1," },	       { 100, "\"rtt_ms\":0.1," },
		     { 81249, "\"rtt_ms\":81.2," },    { 81250, "\"rtt_ms\":81.3," },
		     { 999950, "\"rtt_ms\":1000.0," }, { 4294967295u, "\"rtt_ms\":4294967.3," } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct finding f = example();
		char *text;

		f.v.rtt_us = rows[i].us;
		text = finding_to_json(&f, "x", "p");
		if (!strstr(text, rows[i].text))
			fail_msg("%s is not in %s", rows[i].text, text);
		free(text);
	}
}

static void no_time_finer_than_a_minute_is_told(void **state)
{
	static const struct {
		__s64 second;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },		{ 59, "1970-01-01T00:00:00Z" },
		{ 60, "1970-01-01T00:01:00Z" },		{ -1, "1969-12-31T23:59:00Z" },
		{ -60, "1969-12-31T23:59:00Z" },	{ -61, "1969-12-31T23:58:00Z" },
		{ 1708185839, "2024-02-17T16:03:00Z" }, { 1709251199, "2024-02-29T23:59:00Z" },
		{ 4102444800, "2100-01-01T00:00:00Z" },
	};
	char text[FINDING_MINUTE];

	(void)state;
	setenv("TZ", "Asia/Karachi", 1); /* whatever time zone the host is in */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		finding_minute_text(rows[i].second, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
		assert_int_equal(finding_minute(rows[i].second) % 60, 0);
		assert_in_range(rows[i].second - finding_minute(rows[i].second), 0, 59);
	}
	unsetenv("TZ");
}

static void a_year_beyond_all_calendars_is_no_crash(void **state)
{
	char text[FINDING_MINUTE];

	(void)state;
	finding_minute_text(0x7fffffffffffff00ll, text, sizeof(text));
	assert_true(strlen(text) >= strlen("1970-01-01T00:00:00Z"));
	finding_minute_text(-0x7fffffffffffff00ll, text, sizeof(text));
	assert_true(strlen(text) >= strlen("1970-01-01T00:00:00Z"));
}

/* Two flows that differ in nothing that may be told are one line. */
static void what_the_program_knows_for_itself_is_not_told(void **state)
{
	struct finding f = example(), g = example();
	char *one, *other;

	(void)state;
	g.key = 1;
	g.serial = 2;
	g.site = 3;
	g.drop_reason = 4;
	g.first_s -= 30;
	g.decided_after_s = 5;
	g.told = g.told_later = true;
	one = finding_to_json(&f, "x", "p");
	other = finding_to_json(&g, "x", "p");
	assert_string_equal(one, other);
	free(one);
	free(other);
}

static void names_that_are_no_text_are_made_fit(void **state)
{
	const struct finding f = example();
	char *text = finding_to_json(&f, "a\xff\x1b\"", "p\n");

	(void)state;
	assert_non_null(text);
	assert_non_null(strstr(text, "{\"group\":\"a??\\\"\",\"prefix\":\"p?\","));
	free(text);
}

static void each_name_of_the_contract_is_a_string_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < SIGNATURES; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(signature_name(i), signature_name(j));
	for (int i = 0; i < OUTCOMES; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(outcome_name(i), outcome_name(j));
	assert_string_equal(stage_name(STAGES), "unknown");
	assert_string_equal(signature_name(SIGNATURES), "unknown");
	assert_string_equal(outcome_name(-1), "unknown");
	assert_string_equal(reason_name(REASONS), "unknown");
	assert_string_equal(sni_name(SNIS), "unknown");
	assert_string_equal(level_name(LEVELS), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_contract_is_written_as_it_stands_there),
		cmocka_unit_test(what_was_not_seen_is_null_and_the_rest_still_there),
		cmocka_unit_test(numbers_keep_their_whole_width),
		cmocka_unit_test(round_trips_are_milliseconds_with_one_decimal),
		cmocka_unit_test(no_time_finer_than_a_minute_is_told),
		cmocka_unit_test(a_year_beyond_all_calendars_is_no_crash),
		cmocka_unit_test(what_the_program_knows_for_itself_is_not_told),
		cmocka_unit_test(names_that_are_no_text_are_made_fit),
		cmocka_unit_test(each_name_of_the_contract_is_a_string_of_its_own),
	};

	return cmocka_run_group_tests_name("finding", tests, NULL, NULL);
}
