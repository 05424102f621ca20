// SPDX-License-Identifier: GPL-2.0
/* The chain: whole files are found whole, and whatever is changed, taken out, put in or swapped is found where it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "keep/chain.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define LINES 6

/* A file being made in memory. */
struct made {
	char text[8192];
	size_t n;
	char last[CHAIN_HASH], good[CHAIN_HASH];
	unsigned int seq;
	size_t starts[32];
	unsigned int lines;
};

static void start(struct made *m)
{
	memset(m, 0, sizeof(*m));
	strcpy(m->last, ZEROS);
	strcpy(m->good, ZEROS);
}

static void put(struct made *m, const char *line, bool whole)
{
	m->starts[m->lines++] = m->n;
	chain_hash(line, strlen(line), m->last);
	if (whole)
		strcpy(m->good, m->last);
	m->n += (size_t)snprintf(m->text + m->n, sizeof(m->text) - m->n, "%s\n", line);
}

static void add(struct made *m, const char *kind, const char *more)
{
	char line[1024];

	m->seq++;
	snprintf(line, sizeof(line),
		 "{\"prev\":\"%s\",\"seq\":%u,\"at\":\"2024-02-17T12:%02u:00Z\",\"kind\":\"%s\"%s}", m->last,
		 m->seq, m->seq, kind, more);
	put(m, line, true);
}

static void explain(struct made *m, unsigned int lines, unsigned int bytes)
{
	char more[256];

	snprintf(more, sizeof(more), ",\"torn\":{\"lines\":%u,\"bytes\":%u,\"after\":\"%s\"}", lines, bytes,
		 m->good);
	add(m, "torn", more);
}

static void make(struct made *m)
{
	start(m);
	add(m, "genesis", "");
	for (int i = 1; i < LINES; i++)
		add(m, "incident", ",\"incident\":{\"state\":\"blocked\"}");
}

static struct chain_result verify(const char *text, size_t n)
{
	FILE *file = n ? fmemopen((char *)text, n, "r") : fopen("/dev/null", "re");
	struct chain_result r;

	assert_non_null(file);
	assert_int_equal(chain_verify(file, &r), 0);
	fclose(file);
	assert_int_equal(r.whole, !*r.why);
	return r;
}

static void assert_broken(const struct made *m, unsigned int line, const char *why)
{
	struct chain_result r = verify(m->text, m->n);

	assert_false(r.whole);
	if (r.bad_line != line || !strstr(r.why, why))
		fail_msg("line %llu: %s\nexpected line %u: %s", (unsigned long long)r.bad_line, r.why, line, why);
}

static void a_hash_is_sha_256_of_fips_180(void **state)
{
	char hex[CHAIN_HASH];

	(void)state;
	chain_hash("abc", 3, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	chain_hash("", 0, hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void a_whole_file_is_found_whole(void **state)
{
	struct chain_result r;
	struct made m;

	(void)state;
	make(&m);
	r = verify(m.text, m.n);
	assert_true(r.whole);
	assert_int_equal(r.lines, LINES);
	assert_int_equal(r.torn, 0);
	assert_int_equal(r.bytes, m.n);
	assert_string_equal(r.head, m.last);
	assert_string_equal(r.last, m.last);
	assert_string_equal(r.first_at, "2024-02-17T12:01:00Z");
	assert_string_equal(r.last_at, "2024-02-17T12:06:00Z");
	assert_false(r.no_newline);
}

/* Every byte of the file, one after another, to two other values: only what no later line depends on can pass. */
static void no_byte_of_a_line_but_the_last_can_be_changed_unseen(void **state)
{
	struct made m;

	(void)state;
	make(&m);
	for (size_t i = 0; i < m.starts[LINES - 1]; i++) {
		static const char other[] = "X\n ";
		char was = m.text[i];

		for (const char *c = other; *c; c++) {
			struct chain_result r;

			if (*c == was)
				continue;
			m.text[i] = *c;
			r = verify(m.text, m.n);
			if (r.whole)
				fail_msg("byte %zu changed from '%c' to '%c' unseen", i, was, *c);
			assert_in_range(r.bad_byte, 0, m.n);
		}
		m.text[i] = was;
	}
	assert_true(verify(m.text, m.n).whole);
}

static void a_change_is_found_at_the_line_after_it(void **state)
{
	struct made m;
	struct chain_result r;

	(void)state;
	make(&m);
	memcpy(strstr(m.text + m.starts[2], "blocked"), "allowed", 7);
	assert_broken(&m, 4, "one of the two was changed");
	r = verify(m.text, m.n);
	assert_int_equal(r.bad_byte, m.starts[3]);
	assert_int_equal(r.lines, 3);
}

static void a_line_taken_out_put_in_or_swapped_is_found(void **state)
{
	struct made m, other;
	size_t length;

	(void)state;
	for (unsigned int gone = 0; gone + 1 < LINES; gone++) {
		make(&m);
		length = m.starts[gone + 1] - m.starts[gone];
		memmove(m.text + m.starts[gone], m.text + m.starts[gone + 1], m.n - m.starts[gone + 1]);
		m.n -= length;
		assert_broken(&m, gone + 1,
			      gone ? "lines between them are gone" : "lines before the first are gone");
	}
	make(&m);
	make(&other);
	length = other.starts[3] - other.starts[2];
	memmove(m.text + m.starts[3] + length, m.text + m.starts[3], m.n - m.starts[3]);
	memcpy(m.text + m.starts[3], other.text + other.starts[2], length);
	m.n += length;
	assert_broken(&m, 4, "one of the two was changed");
	make(&m); /* lines 3 and 4, of one length */
	memcpy(m.text + m.starts[2], other.text + other.starts[3], length);
	memcpy(m.text + m.starts[3], other.text + other.starts[2], length);
	assert_broken(&m, 3, "one of the two was changed");
}

static void a_line_torn_at_any_byte_and_explained_is_whole(void **state)
{
	struct made whole;
	size_t length;

	(void)state;
	make(&whole);
	length = whole.starts[LINES - 1] - whole.starts[LINES - 2] - 1;
	for (size_t cut = 1; cut < length; cut++) {
		struct chain_result r;
		char fragment[1024];
		struct made m;

		start(&m);
		add(&m, "genesis", "");
		snprintf(fragment, cut + 1, "%s", whole.text + whole.starts[LINES - 2]);
		put(&m, fragment, false);
		r = verify(m.text, m.n - 1); /* as the kill left it */
		assert_true(r.whole);
		assert_true(r.no_newline);
		assert_int_equal(r.open_lines, 1);
		assert_int_equal(r.open_bytes, cut);
		assert_broken(&m, 2, "it is no whole line, and none after it says that it was torn by a kill");
		explain(&m, 1, (unsigned int)cut);
		add(&m, "incident", "");
		r = verify(m.text, m.n);
		if (!r.whole)
			fail_msg("cut at %zu: line %llu: %s", cut, (unsigned long long)r.bad_line, r.why);
		assert_int_equal(r.torn, 1);
		assert_int_equal(r.lines, 3);
	}
}

static void two_torn_lines_in_a_row_are_explained_by_one(void **state)
{
	struct chain_result r;
	struct made m;

	(void)state;
	start(&m);
	add(&m, "genesis", "");
	put(&m, "{\"prev\":", false);
	put(&m, "{\"prev\":\"0", false); /* the explanation itself, torn */
	explain(&m, 2, 8 + 1 + 10);
	r = verify(m.text, m.n);
	assert_true(r.whole);
	assert_int_equal(r.torn, 2);
}

static void an_explanation_that_does_not_fit_is_a_break(void **state)
{
	static const unsigned int wrong[][2] = { { 2, 5 }, { 1, 4 }, { 0, 0 } };
	struct made m;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		start(&m);
		add(&m, "genesis", "");
		put(&m, "{\"pre", false);
		explain(&m, wrong[i][0], wrong[i][1]);
		assert_broken(&m, 3, "before it are torn");
	}
	start(&m);
	add(&m, "genesis", "");
	put(&m, "{\"pre", false);
	add(&m, "torn", ",\"torn\":{\"lines\":1,\"bytes\":5,\"after\":\"" ZEROS "\"}");
	assert_broken(&m, 3, "after the line with the hash 000000000000...");
	start(&m);
	add(&m, "genesis", "");
	put(&m, "{\"pre", false);
	add(&m, "incident", "");
	assert_broken(&m, 2, "it is no whole line, and none after it says that it was torn by a kill");
}

static void lines_that_are_no_evidence_are_told_for_what_they_lack(void **state)
{
	static const struct {
		const char *line, *why;
	} rows[] = {
		{ "{}", "no \"prev\" of 64 hex digits" },
		{ "{\"prev\":\"" ZEROS "0\",\"seq\":1,\"at\":\"\",\"kind\":\"genesis\"}",
		  "no \"prev\" of 64 hex digits" },
		{ "{\"prev\":\"" ZEROS "\",\"seq\":1,\"at\":\"\"}", "no \"kind\"" },
		{ "{\"prev\":\"" ZEROS "\",\"seq\":1,\"kind\":\"genesis\"}", "no \"at\"" },
		{ "{\"prev\":\"" ZEROS "\",\"at\":\"\",\"kind\":\"genesis\"}", "no \"seq\"" },
		{ "{\"prev\":\"" ZEROS "\",\"seq\":2,\"at\":\"\",\"kind\":\"genesis\"}",
		  "\"seq\" is 2, and should be 1" },
		{ "{\"prev\":\"" ZEROS "\",\"seq\":1,\"at\":\"\",\"kind\":\"incident\"}",
		  "begins with kind \"genesis\"" },
		{ "[]", "no whole line" },
		{ "", "no whole line" },
		{ "{\"prev\":\"" ZEROS "\",\"seq\":1,\"seq\":1,\"at\":\"\",\"kind\":\"genesis\"}",
		  "no whole line" },
	};
	struct made m;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(&m);
		put(&m, rows[i].line, false);
		assert_broken(&m, 1, rows[i].why);
	}
	start(&m);
	add(&m, "genesis", "");
	add(&m, "genesis", "");
	assert_broken(&m, 2, "second beginning");
	start(&m);
	add(&m, "genesis", "");
	add(&m, "start", "");
	put(&m, "{\"prev\":\"" ZEROS "\",\"seq\":1,\"at\":\"\",\"kind\":\"genesis\"}", false);
	assert_broken(&m, 3, "second beginning"); /* two files, one behind the other: nobody was at either */
}

static void an_empty_file_is_no_evidence_and_endless_lines_cost_no_memory(void **state)
{
	struct chain_result r = verify("", 0);
	size_t n = CHAIN_LINE_MAX + 2;
	char *text = malloc(n);

	(void)state;
	assert_false(r.whole);
	assert_non_null(strstr(r.why, "the file is empty"));
	memset(text, 'x', n);
	r = verify(text, n);
	assert_false(r.whole);
	assert_non_null(strstr(r.why, "longer than 1048576 bytes"));
	assert_int_equal(r.bad_line, 1);
	free(text);
}

static void nul_bytes_in_a_line_are_part_of_it(void **state)
{
	struct made m;

	(void)state;
	make(&m);
	m.text[m.starts[3] - 3] = '\0';
	assert_false(verify(m.text, m.n).whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_is_sha_256_of_fips_180),
		cmocka_unit_test(a_whole_file_is_found_whole),
		cmocka_unit_test(no_byte_of_a_line_but_the_last_can_be_changed_unseen),
		cmocka_unit_test(a_change_is_found_at_the_line_after_it),
		cmocka_unit_test(a_line_taken_out_put_in_or_swapped_is_found),
		cmocka_unit_test(a_line_torn_at_any_byte_and_explained_is_whole),
		cmocka_unit_test(two_torn_lines_in_a_row_are_explained_by_one),
		cmocka_unit_test(an_explanation_that_does_not_fit_is_a_break),
		cmocka_unit_test(lines_that_are_no_evidence_are_told_for_what_they_lack),
		cmocka_unit_test(an_empty_file_is_no_evidence_and_endless_lines_cost_no_memory),
		cmocka_unit_test(nul_bytes_in_a_line_are_part_of_it),
	};

	return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
