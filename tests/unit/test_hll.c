// SPDX-License-Identifier: GPL-2.0
/* Distinct clients: within the error that is stated, a client twice is one client, and few are never told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "detect/hll.h"

/* splitmix64: hashes that are as good as the kernel's, the same in each run. */
static __u64 hash(__u64 i)
{
	i += 0x9e3779b97f4a7c15ull;
	i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9ull;
	i = (i ^ i >> 27) * 0x94d049bb133111ebull;
	return i ^ i >> 31;
}

/* As bpf/flow.h makes it (place_client). */
static __u16 client(__u64 id)
{
	__u64 h = hash(id);
	__u32 rest = h >> 32, rank = 1;

	for (int i = 0; i < 14 && !(rest & 1); i++, rest >>= 1)
		rank++;
	return (h & 0xfff) | rank << 12;
}

static void fill(struct hll *h, __u64 from, __u64 n)
{
	memset(h, 0, sizeof(*h));
	for (__u64 i = 0; i < n; i++)
		hll_add(h, client(from + i));
}

static void the_error_is_the_stated_one(void **state)
{
	static const __u64 sizes[] = { 10, 100, 1000, 5000, 20000, 100000, 1000000 };
	const unsigned int runs = 40;
	struct hll h;

	(void)state;
	for (unsigned int s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		double squares = 0, sum = 0;

		for (unsigned int run = 0; run < runs; run++) {
			double off;

			fill(&h, (s * 100ull + run) << 32, sizes[s]);
			off = hll_estimate(&h) / (double)sizes[s] - 1;
			squares += off * off;
			sum += off;
			assert_true(fabs(off) < 5 * HLL_ERROR || sizes[s] < 100);
		}
		/* 40 runs know a standard deviation to 11 %, a mean to 16 % of it: both with three times that to spare */
		assert_true(sqrt(squares / runs) < HLL_ERROR * 1.35);
		assert_true(fabs(sum / runs) < HLL_ERROR * 0.5);
	}
}

static void a_client_seen_twice_is_one(void **state)
{
	struct hll once, twice;

	(void)state;
	fill(&once, 7, 1000);
	twice = once;
	for (__u64 i = 0; i < 1000; i++)
		hll_add(&twice, client(7 + i));
	assert_memory_equal(&once, &twice, sizeof(once));
}

static void merged_sketches_are_the_sketch_of_all(void **state)
{
	struct hll left, right, all;

	(void)state;
	fill(&left, 0, 3000);
	fill(&right, 2000, 3000);
	fill(&all, 0, 5000);
	hll_merge(&left, &right);
	assert_memory_equal(&left, &all, sizeof(all));
}

static void none_and_all_saturated_are_numbers(void **state)
{
	struct hll h = { 0 };

	(void)state;
	assert_true(hll_estimate(&h) == 0);
	hll_add(&h, 5); /* rank 0 */
	assert_true(hll_estimate(&h) == 0);
	memset(&h, 0xff, sizeof(h));
	assert_true(isfinite(hll_estimate(&h)) && hll_estimate(&h) > 1e8);
}

static void what_is_shown_is_a_range_and_never_fewer_than_twenty(void **state)
{
	static const struct {
		__u64 clients;
		const char *range;
	} rows[] = {
		{ 0, "<20" },
		{ 1, "<20" },
		{ 18, "<20" },
		{ 30, "20-49" },
		{ 70, "50-99" },
		{ 150, "100-199" },
		{ 300, "200-499" },
		{ 700, "500-999" },
		{ 1500, "1000-1999" },
		{ 3000, "2000-4999" },
		{ 70000, "50000-99999" },
	};
	char out[HLL_RANGE_LEN];
	struct hll h;

	(void)state;
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fill(&h, 1ull << 40, rows[i].clients);
		assert_string_equal(hll_range(&h, out), rows[i].range);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_error_is_the_stated_one),
		cmocka_unit_test(a_client_seen_twice_is_one),
		cmocka_unit_test(merged_sketches_are_the_sketch_of_all),
		cmocka_unit_test(none_and_all_saturated_are_numbers),
		cmocka_unit_test(what_is_shown_is_a_range_and_never_fewer_than_twenty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
