// SPDX-License-Identifier: GPL-2.0
/* xreach ranges: exit status, what is printed and what goes to standard error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "cmd.h"
#include "lists.h"
#include "said.h"

#define OLD   LIST_HEAD "group x target\nown 10.0.0.0/16\nshared 11.0.0.0/8\nown 2001:db8::/32\nname x.com\n"
#define GROUP "group g control sample 0.05\nown 11.0.0.0/8\n"

#define RUN(s, ...) \
	said_run(s, cmd_ranges, (const char *const[]){ "ranges", "-c", "/dev/null", NULL }, \
		 (const char *const[]){ __VA_ARGS__, NULL })

static void assert_fits(const char *text)
{
	for (; *text; text += strcspn(text, "\n") + (text[strcspn(text, "\n")] != '\0'))
		if (strcspn(text, "\n") > 79)
			fail_msg("too wide: %.*s", (int)strcspn(text, "\n"), text);
}

static void show_and_check_tell_what_a_list_holds(void **state)
{
	struct list_file f = list_file(OLD GROUP, strlen(OLD GROUP));
	struct said s;

	(void)state;
	RUN(&s, "show", f.path);
	assert_int_equal(s.status, 0);
	assert_says(s.out, "version  v1 of 2026-11-01, hash ");
	assert_says(s.out, "sources  a test\n");
	assert_says(s.out, "x           target  all       2         0      1     1   16,842,752      65,536\n");
	assert_says(s.out, "g           control 0.05      1         0      0     0   16,777,216           0\n");
	assert_says(s.out, "\nx: x.com\n");
	assert_fits(s.out);
	RUN(&s, "check", f.path);
	assert_int_equal(s.status, 0);
	assert_says(s.out, ": ok\n");
	assert_says(s.out, "2 groups, 4 prefixes, 1 names\n");
	assert_string_equal(s.err, "");
	close(f.fd);
}

static void list_of_the_settings_is_read_where_no_file_is_named(void **state)
{
	struct said s;

	(void)state;
	RUN(&s, "show");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "/user/share/ranges/x.ranges\n");
	assert_says(s.out, "cloudflare ");
	RUN(&s, "check", "--ranges", "/nonexistent");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "xreach ranges: /nonexistent: cannot read it");
}

static void refusal_of_check_is_one_line_and_status_1(void **state)
{
	static const char text[] = OLD "own 10.1.0.1/16\n";
	struct list_file f = list_file(text, strlen(text));
	struct said s;

	(void)state;
	RUN(&s, "check", f.path);
	assert_int_equal(s.status, 1);
	assert_string_equal(s.out, "");
	assert_says(s.err, ":10: '10.1.0.1/16' has bits set behind its length; write 10.1.0.0/16");
	assert_ptr_equal(strchr(s.err, '\n'), s.err + strlen(s.err) - 1);
	close(f.fd);
}

static void diff_names_each_change_and_what_a_reload_would_do(void **state)
{
	static const char new[] = LIST_HEAD
		"group x target\nown 10.0.0.0/18\nown 10.9.0.0/24\ndedicated 11.0.0.0/8\n"
		"own 2001:db8::/32\nexact x.com\n"
		"group h control\nown 12.0.0.0/8\n";
	struct list_file f = list_file(OLD GROUP, strlen(OLD GROUP)), g = list_file(new, strlen(new));
	struct said s;

	(void)state;
	RUN(&s, "diff", f.path, g.path);
	assert_int_equal(s.status, 1);
	assert_says(s.out, "group x\n  - own 10.0.0.0/16\n  + own 10.0.0.0/18\n  + own 10.9.0.0/24\n"
			   "  - shared 11.0.0.0/8\n  + dedicated 11.0.0.0/8\n  - name x.com\n  + exact x.com\n");
	assert_says(s.out, "IPv4 addresses by address alone: 65,536 -> 16,793,856 (+25525.4 %)\n");
	assert_says(s.out, "IPv4 addresses shared: 16,777,216 -> 0 (-100.0 %)\n");
	assert_says(s.out, "group g\n  - group g control sample 0.05\n  - own 11.0.0.0/8\n");
	assert_says(s.out, "group h\n  + group h control sample auto\n  + own 12.0.0.0/8\n");
	assert_null(strstr(s.out, "2001:db8"));
	assert_says(s.out, "would take the new one.\n");
	assert_fits(s.out);
	RUN(&s, "diff", g.path, f.path);
	assert_int_equal(s.status, 1);
	assert_says(s.out, "would refuse the new one: ");
	assert_says(s.out, "keeps 0.4 % of the");
	assert_fits(s.out);
	RUN(&s, "diff", "--force", g.path, f.path);
	assert_int_equal(s.status, 1);
	assert_null(strstr(s.out, "refuse"));
	close(f.fd);
	close(g.fd);
}

static void comments_and_order_make_no_difference(void **state)
{
	static const char new[] = LIST_HEAD "# why\n" GROUP
					    "group x target\nname x.com\nshared 11.0.0.0/8\nown 2001:db8::/32\n"
					    "own 10.0.0.0/16\n";
	struct list_file f = list_file(OLD GROUP, strlen(OLD GROUP)), g = list_file(new, strlen(new));
	struct said s;

	(void)state;
	RUN(&s, "diff", f.path, g.path);
	assert_int_equal(s.status, 0);
	assert_says(s.out, "The lists say the same.\n");
	close(f.fd);
	close(g.fd);
}

static void trouble_of_diff_is_status_2(void **state)
{
	struct list_file f = list_file(OLD, strlen(OLD));
	struct said s;

	(void)state;
	RUN(&s, "diff", f.path, "/nonexistent");
	assert_int_equal(s.status, 2);
	RUN(&s, "diff", "/nonexistent", f.path);
	assert_int_equal(s.status, 2);
	RUN(&s, "diff", f.path);
	assert_int_equal(s.status, 2);
	assert_says(s.err, "diff compares two files, not 1: xreach ranges diff OLD NEW");
	RUN(&s, "diff", f.path, f.path, f.path);
	assert_int_equal(s.status, 2);
	assert_says(s.err, "not 3");
	RUN(&s, "chekc", f.path);
	assert_int_equal(s.status, 2);
	assert_says(s.err, "'chekc' is none of show, check, diff; did you mean 'check'?");
	close(f.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(show_and_check_tell_what_a_list_holds),
		cmocka_unit_test(list_of_the_settings_is_read_where_no_file_is_named),
		cmocka_unit_test(refusal_of_check_is_one_line_and_status_1),
		cmocka_unit_test(diff_names_each_change_and_what_a_reload_would_do),
		cmocka_unit_test(comments_and_order_make_no_difference),
		cmocka_unit_test(trouble_of_diff_is_status_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
