// SPDX-License-Identifier: GPL-2.0
/* Successes and failures by name, transport, family and port, over ten minutes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/ways.h"

#define NOW    1700000000ll
#define GROUP  2
#define PREFIX 77

static int set_up(void **state)
{
	*state = ways_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	ways_free(*state);
	return 0;
}

static struct finding finding(bool failed, __s64 second)
{
	return (struct finding){
		.v = { .stage = failed ? STAGE_POST_PSH : STAGE_LATER,
		       .outcome = failed ? OUTCOME_TIMEOUT : OUTCOME_OK,
		       .syns = 3,
		       .sni = SNI_MATCH },
		.kind = RECORD_FINAL,
		.group = GROUP,
		.prefix = PREFIX,
		.port = 443,
		.first_s = second,
	};
}

static void each_dimension_is_summed(void **state)
{
	struct finding f = finding(true, NOW);
	struct ways_about about;

	ways_add(*state, &f);
	f = finding(false, NOW);
	f.v.sni = SNI_OTHER;
	f.v.quic = f.v.v6 = true;
	f.port = 80;
	ways_add(*state, &f);
	for (int group = 0; group < 2; group++) {
		ways_about(*state, GROUP, group ? 0 : PREFIX, NOW, &about);
		assert_int_equal(about.name[WAY_MATCH].failed, 1);
		assert_int_equal(about.name[WAY_OTHER].passed, 1);
		assert_int_equal(about.quic[0].failed, 1);
		assert_int_equal(about.quic[1].passed, 1);
		assert_int_equal(about.v6[1].passed, 1);
		assert_int_equal(about.elsewhere[1].passed, 1);
		assert_int_equal(about.all.failed, 1);
		assert_int_equal(about.all.passed, 1);
	}
}

static void a_name_that_was_not_sent_is_not_unknown(void **state)
{
	struct finding f = finding(true, NOW);
	struct ways_about about;

	f.v.stage = STAGE_POST_SYN;
	f.v.sni = SNI_UNKNOWN;
	ways_add(*state, &f);
	ways_about(*state, GROUP, PREFIX, NOW, &about);
	assert_int_equal(about.name[WAY_UNSENT].failed, 1);
	assert_int_equal(about.name[WAY_UNKNOWN].failed, 0);
}

static void minutes_leave_after_ten(void **state)
{
	struct finding f = finding(true, NOW);
	struct ways_about about;

	ways_add(*state, &f);
	ways_about(*state, GROUP, PREFIX, NOW + 9 * 60, &about);
	assert_int_equal(about.all.failed, 1);
	ways_about(*state, GROUP, PREFIX, NOW + 10 * 60, &about);
	assert_int_equal(about.all.failed, 0);
	f = finding(true, NOW + 10 * 60); /* takes its cell; what comes late for the minute before is dropped */
	ways_add(*state, &f);
	f = finding(true, NOW);
	ways_add(*state, &f);
	ways_about(*state, GROUP, PREFIX, NOW + 10 * 60, &about);
	assert_int_equal(about.all.failed, 1);
}

static void some_prefixes_together_are_theirs_alone(void **state)
{
	const __u32 prefixes[] = { PREFIX, PREFIX + 1 };
	struct finding f = finding(true, NOW);
	struct ways_about about;

	for (f.prefix = PREFIX; f.prefix < PREFIX + 3; f.prefix++)
		ways_add(*state, &f);
	ways_since(*state, GROUP, prefixes, 2, 0, NOW, &about);
	assert_int_equal(about.all.failed, 2);
	ways_since(*state, GROUP, NULL, 0, 0, NOW, &about);
	assert_int_equal(about.all.failed, 3);
	ways_since(*state, GROUP, prefixes, 2, NOW + 60, NOW + 60, &about);
	assert_int_equal(about.all.failed, 0);
}

static void ranges_are_bounded_groups_go_on(void **state)
{
	struct finding f = finding(true, NOW);
	struct ways_about about;

	for (f.prefix = 1; f.prefix <= WAYS_PREFIXES + 2; f.prefix++)
		ways_add(*state, &f);
	assert_int_equal(ways_full(*state), 2);
	ways_about(*state, GROUP, 0, NOW, &about);
	assert_int_equal(about.all.failed, WAYS_PREFIXES + 2);
	ways_about(*state, GROUP, WAYS_PREFIXES + 2, NOW, &about);
	assert_int_equal(about.all.failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_dimension_is_summed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_name_that_was_not_sent_is_not_unknown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(minutes_leave_after_ten, set_up, tear_down),
		cmocka_unit_test_setup_teardown(some_prefixes_together_are_theirs_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ranges_are_bounded_groups_go_on, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
