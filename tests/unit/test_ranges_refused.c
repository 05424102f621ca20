// SPDX-License-Identifier: GPL-2.0
/* What a ranges file is refused for: each with its line, the text at fault and what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lists.h"

#define X     LIST_HEAD "group x target\nown 192.0.2.0/24\n" /* lines 5 and 6 */
#define LONG  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"	     /* 32 */
#define LABEL LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"	     /* 64 */

static const struct refusal {
	const char *text;
	unsigned int line; /* 0: the file as a whole */
	const char *what, *remedy;
} refusals[] = {
	/* the file as a whole */
	{ "", 0, "is empty", "begins with the line 'xreach-ranges 1'" },
	{ "<!DOCTYPE html>\n<html><head><title>Just a moment...</title>", 1, "web page", "fetch it again" },
	{ "\r\n  <html lang=\"en\">", 1, "web page", "checking your browser" },
	{ "<script>window.location='/'</script>", 1, "web page", "fetch it again" },
	{ "\x1f\x8b\x08", 0, "compressed by gzip", "gunzip" },
	{ "\xff\xfex", 0, "UTF-16", "save it as UTF-8" },
	{ "PK\x03\x04", 0, "zip archive", "unpack" },
	{ "{\"prefixes\":[]}\n", 1, "'{\"prefixes\":[]}' comes before", "'xreach-ranges 1'" },
	{ "\n# nothing but this\n", 1, "no line 'xreach-ranges 1'", "is this a ranges file?" },
	{ X "own 198.51.100.0/24\x01\n", 7, "byte 0x01 in column 20", "name a ranges file" },
	{ X "\x7f\x80\xff\n", 7, "byte 0x7f in column 1", "name a ranges file" },
	/* the head */
	{ "version v1\nxreach-ranges 1\n", 1, "'version' comes before", "'xreach-ranges 1'" },
	{ "xreach-ranges 2\n", 1, "'2' is a format", "newer program" },
	{ "xreach-ranges 1\nxreach-ranges 1\n", 2, "second line 'xreach-ranges'", "one by one" },
	{ "xreach-ranges\n", 1, "'xreach-ranges' has nothing behind it", "write 'xreach-ranges 1'" },
	{ "xreach-ranges 1 1\n", 1, "'1' is one word too many", "one statement a line" },
	{ "xreach-ranges 1\ndate 2026-11-01\nsources a\ngroup x target\n", 4, "no 'version'",
	  "'version 2026-11-01'" },
	{ "xreach-ranges 1\nversion 1\nsources a\ngroup x target\n", 4, "no 'date'", "'date 2026-11-01'" },
	{ "xreach-ranges 1\nversion 1\ndate 2026-11-01\ngroup x target\n", 4, "no 'sources'", "'sources where" },
	{ "xreach-ranges 1\nversion 1\nversion 2\n", 3, "second 'version'", "leave one" },
	{ "xreach-ranges 1\nversion a/b\n", 2, "'a/b' is no version", "such as 2026-11-01" },
	{ "xreach-ranges 1\nversion " LABEL "\n", 2, "too long for a version", "63 bytes" },
	{ "xreach-ranges 1\nversion\n", 2, "'version' has nothing behind it", "write 'version 2026-11-01'" },
	{ "xreach-ranges 1\ndate 2026-13-01\n", 2, "'2026-13-01' is no date", "2026-11-01" },
	{ "xreach-ranges 1\ndate 2026-02-29\n", 2, "'2026-02-29' is no date", "2026-11-01" },
	{ "xreach-ranges 1\ndate 1.11.2026\n", 2, "'1.11.2026' is no date", "2026-11-01" },
	{ "xreach-ranges 1\ndate 2026-11-01x\n", 2, "is no date", "2026-11-01" },
	{ "xreach-ranges 1\nsources \xff\n", 2, "not UTF-8", "save the file as UTF-8" },
	{ "xreach-ranges 1\nsources \xc0\xaf\n", 2, "not UTF-8", "save the file as UTF-8" },
	{ "xreach-ranges 1\nsources " LABEL LABEL LABEL LABEL "\n", 2, "too long for sources", "255 bytes" },
	{ X "version v2\n", 7, "'version' belongs into the head", "before the first group" },
	/* statements and groups */
	{ LIST_HEAD "own 192.0.2.0/24\n", 5, "'own' needs a group before it", "'group x target'" },
	{ X "onw 198.51.100.0/24\n", 7, "'onw' is no statement", "did you mean 'own'?" },
	{ X "blubber 1\n", 7, "'blubber' is no statement", "dedicated" },
	{ X "198.51.100.0/24\n", 7, "'198.51.100.0/24' stands alone", "write 'own 198.51.100.0/24'" },
	{ X "own\n", 7, "'own' has nothing behind it", "write 'own 192.0.2.0/24'" },
	{ X "own 198.51.100.0/24 203.0.113.0/24\n", 7, "'203.0.113.0/24' is one word too many", "a line" },
	{ LIST_HEAD "group\n", 5, "'group' has nothing behind it", "group x target" },
	{ LIST_HEAD "group x\n", 5, "group x has no role", "'group x target'" },
	{ LIST_HEAD "group x victim\n", 5, "'victim' is no role", "target or control" },
	{ LIST_HEAD "group X target\n", 5, "'X' is no group's name", "small letter" },
	{ LIST_HEAD "group x.y target\n", 5, "'x.y' is no group's name", "small letters" },
	{ LIST_HEAD "group " LONG " target\n", 5, "too long for a group's name", "31 bytes" },
	{ LIST_HEAD "group x target auto\n", 5, "'auto' is out of place", "write 'group x target'" },
	{ LIST_HEAD "group g control sample\n", 5, "'sample' is out of place", "sample auto" },
	{ LIST_HEAD "group g control sample auto x\n", 5, "'x' is one word too many", "a line" },
	{ LIST_HEAD "group x target sample all\n", 5, "'all' cannot be", "always watched whole" },
	{ LIST_HEAD "group g control sample 0\n", 5, "'0' is no sampling", "such as 0.05" },
	{ LIST_HEAD "group g control sample 1.5\n", 5, "'1.5' is no sampling", "such as 0.05" },
	{ LIST_HEAD "group g control sample -1\n", 5, "'-1' is no sampling", "auto, all" },
	{ LIST_HEAD "group g control sample 5%\n", 5, "'5%' is no sampling", "auto, all" },
	{ LIST_HEAD "group g control sample 0.00001\n", 5, "is no sampling", "0.0001" },
	{ LIST_HEAD "group g control sample 0.\n", 5, "'0.' is no sampling", "0.05" },
	{ LIST_HEAD "group g control sample nan\n", 5, "'nan' is no sampling", "0.05" },
	{ X "group x control\n", 7, "group x is a target at ", "one role" },
	{ X "group g control sample all\nown 198.51.100.0/24\ngroup g control sample 0.5\n", 9,
	  "another sampling at ", ":7; give it once" },
	{ X "group g control\nshared 198.51.100.0/24\n", 8, "'198.51.100.0/24' cannot be shared", "write 'own'" },
	{ X "group g control\n", 7, "group g has no prefix", "leave it out" },
	/* prefixes */
	{ X "own 198.51.100.7/24\n", 7, "'198.51.100.7/24' has bits set", "write 198.51.100.0/24" },
	{ X "own 198.51.100.1/31\n", 7, "has bits set", "or 198.51.100.1/32 for the address" },
	{ X "own 2001:db8::1/32\n", 7, "'2001:db8::1/32' has bits set", "write 2001:db8::/32" },
	{ X "own 2001:DB8:8000::/32\n", 7, "has bits set", "write 2001:db8::/32" },
	{ X "own 0.0.0.0/0\n", 7, "'0.0.0.0/0' all addresses", "name the prefixes" },
	{ X "own ::/0\n", 7, "'::/0' all addresses", "name the prefixes" },
	{ X "own 198.51.100.1\n", 7, "no prefix length", "write 198.51.100.1/32" },
	{ X "own 2001:db8::1\n", 7, "no prefix length", "write 2001:db8::1/128" },
	{ X "own 198.51.100.0/33\n", 7, "no prefix length of IPv4", "to /32" },
	{ X "own 2001:db8::/129\n", 7, "no prefix length of IPv6", "to /128" },
	{ X "own 198.51.100.0/\n", 7, "no prefix length of IPv4", "from /1" },
	{ X "own 198.51.100.0/-1\n", 7, "no prefix length of IPv4", "from /1" },
	{ X "own 198.51.100.0/+8\n", 7, "no prefix length of IPv4", "from /1" },
	{ X "own 198.51.100.0/024\n", 7, "no prefix length of IPv4", "from /1" },
	{ X "own 198.51.100.0/4294967320\n", 7, "no prefix length of IPv4", "from /1" },
	{ X "own 198.51.100.0/24/8\n", 7, "no prefix length of IPv4", "from /1" },
	{ X "own 198.51.100.0/24,\n", 7, "no prefix length of IPv4", "from /1" },
	{ X "own 198.51.100/24\n", 7, "'198.51.100/24' no address", "write 192.0.2.0/24" },
	{ X "own 198.051.100.0/24\n", 7, "no address", "write 192.0.2.0/24" },
	{ X "own 256.0.0.0/8\n", 7, "no address", "write 192.0.2.0/24" },
	{ X "own fe80::1%eth0/128\n", 7, "no address", "2001:db8::/32" },
	{ X "own " LABEL "/24\n", 7, "no address", "write" },
	{ X "own x.com\n", 7, "'x.com' no address", "names go with 'name'" },
	{ X "own ::ffff:192.0.2.0/120\n", 7, "IPv4 address in IPv6 clothes", "write it as IPv4" },
	{ X "own 192.0.2.0/24\n", 7, "192.0.2.0/24 is in group x a second time", ":6; leave one" },
	{ X "shared 192.0.2.0/24\n", 7, "in group x a second time", ":6; leave one" },
	{ X "group y target\nown 192.0.2.0/24\n", 8, "192.0.2.0/24 of group y is in group x too, at ",
	  ":6; leave it to one" },
	{ X "group g control\nown 192.0.2.0/24\n", 8, "of group g is in group x too", ":6; leave it to one" },
	{ X "shared 198.51.100.0/24\ngroup y target\nshared 198.51.100.0/24\n", 9, "of group y is in group x too",
	  ":7; leave it to one" },
	{ X "shared 198.51.100.0/24\ngroup g control\nown 198.51.100.0/24\ngroup h control\nown 198.51.100.0/24\n",
	  11, "of group h is in group g too", ":9; leave it to one" },
	/* names */
	{ X "name https://x.com/\n", 7, "'https://x.com/' is an URL", "only the name" },
	{ X "name *.x.com\n", 7, "'*.x.com' needs no wildcard", "'name x.com' covers" },
	{ X "name .x.com\n", 7, "needs no wildcard", "'name x.com' covers" },
	{ X "name x.com.\n", 7, "'x.com.' ends in a dot", "leave that out" },
	{ X "name x..com\n", 7, "empty label", "write x.com" },
	{ X "name com\n", 7, "'com' is one label", "write x.com" },
	{ X "name -x.com\n", 7, "hyphen at its end", "DNS does not allow" },
	{ X "name x-.com\n", 7, "hyphen at its end", "DNS does not allow" },
	{ X "name " LABEL ".com\n", 7, "more than 63 bytes", "DNS does not allow" },
	{ X "exact " LONG "." LONG "." LONG "." LONG ".com\n", 7, "is longer than 127 bytes", "127" },
	{ X "name b\xc3\xbc"
	    "cher.example\n",
	  7, "is not ASCII", "xn--" },
	{ X "name x!com.example\n", 7, "no name has", "letters, digits, hyphens" },
	{ X "name 192.0.2.1\n", 7, "is an address", "'own'" },
	{ X "name x.com:443\n", 7, "has a port", "names only" },
	{ X "name x.com\nexact X.com\n", 8, "name x.com of group x is in group x already, at ", ":7; leave one" },
	{ X "name x.com\ngroup g control\nown 198.51.100.0/24\nname x.com\n", 10,
	  "of group g is in group x already", ":7; leave one" },
};

/* What is at fault, with file and line before it and the remedy behind. */
static void assert_refused(const char *text, size_t length, unsigned int line, const char *what, const char *remedy)
{
	struct list_file f = list_file(text, length);
	const char *path = f.path;
	struct ranges *untouched = (struct ranges *)&f, *r = untouched;
	char error[512] = "", place[64];
	int err = ranges_load(&path, 1, NULL, true, &r, error, sizeof(error));

	close(f.fd);
	snprintf(place, sizeof(place), line ? "%s:%u: " : "%s: ", path, line);
	if (err != -EINVAL || r != untouched || strncmp(error, place, strlen(place)) || !strstr(error, what) ||
	    !strstr(error, remedy) || strchr(error, '\n'))
		fail_msg("wanted %s%s ... %s, got %d: %s", place, what, remedy, err, error);
}

static void everything_wrong_is_refused_with_line_text_and_remedy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		assert_refused(refusals[i].text, strlen(refusals[i].text), refusals[i].line, refusals[i].what,
			       refusals[i].remedy);
}

static void list_without_prefixes_is_refused(void **state)
{
	(void)state;
	assert_refused(LIST_HEAD, strlen(LIST_HEAD), 0, "has no prefix", "needs a target group");
}

static void list_without_a_target_is_refused(void **state)
{
	static const char text[] = LIST_HEAD "group g control\nown 192.0.2.0/24\n";

	(void)state;
	assert_refused(text, strlen(text), 0, "has no target group", "'group x target'");
}

static void zero_bytes_are_refused(void **state)
{
	static const char text[] = X "own 198.51.100.0/24\0\nown 203.0.113.0/24\n";

	(void)state;
	assert_refused(text, sizeof(text) - 1, 7, "zero byte", "name a ranges file");
}

static void line_of_many_bytes_is_refused(void **state)
{
	char text[4096] = X;
	size_t n = strlen(text);

	(void)state;
	memset(text + n, '#', 1024);
	ranges_free(list_of(text, NULL));
	memset(text + n, '#', 1025);
	assert_refused(text, n + 1025, 7, "a line of 1025 bytes", "1024 at most");
}

static void group_33_is_refused(void **state)
{
	char text[4096] = LIST_HEAD;
	size_t n = strlen(text);
	struct ranges *r;

	(void)state;
	for (int i = 0; i < WIRE_GROUPS_MAX; i++)
		n += (size_t)sprintf(text + n, "group g%d target\nown 10.0.%d.0/24\n", i, i);
	r = list_of(text, NULL);
	assert_int_equal(r->n_groups, WIRE_GROUPS_MAX);
	ranges_free(r);
	n += (size_t)sprintf(text + n, "group more target\nown 10.1.0.0/24\n");
	assert_refused(text, n, 5 + 2 * WIRE_GROUPS_MAX, "group more is one too many", "32 at most");
}

static void duplicate_in_another_file_is_named_with_it(void **state)
{
	static const char one[] = X, two[] = "xreach-ranges 1\ngroup y target\nown 192.0.2.0/24\n";
	struct list_file f = list_file(one, strlen(one)), g = list_file(two, strlen(two));
	const char *paths[] = { f.path, g.path };
	char error[512] = "", wanted[256];
	struct ranges *r = NULL;

	(void)state;
	assert_int_equal(ranges_load(paths, 2, NULL, false, &r, error, sizeof(error)), -EINVAL);
	snprintf(wanted, sizeof(wanted),
		 "%s:3: 192.0.2.0/24 of group y is in group x too, at %s:6; leave it to one", g.path, f.path);
	assert_int_equal(strncmp(error, wanted, strlen(wanted)), 0);
	close(f.fd);
	close(g.fd);
}

static void random_bytes_are_refused_and_do_no_harm(void **state)
{
	__u64 seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char text[512];
		size_t n = round % 2 ? strlen(X) : 0, length = n + 1 + list_random(&seed) % 256;
		struct ranges *r = NULL;
		char error[512] = "";
		struct list_file f;
		const char *path;

		memcpy(text, X, n);
		for (size_t i = n; i < length; i++)
			text[i] = (char)list_random(&seed);
		f = list_file(text, length);
		path = f.path;
		if (!ranges_load(&path, 1, NULL, false, &r, error, sizeof(error)))
			assert_true(n && text[n] == '#'); /* only a comment can be taken */
		else
			assert_true(strlen(error) > strlen(path));
		ranges_free(r);
		close(f.fd);
	}
}

static void cut_file_is_taken_or_refused_at_every_length(void **state)
{
	static const char text[] = X "shared 198.51.100.0/24 # why\r\nname x.com\ngroup g control sample 0.05\n"
				     "own 2001:db8::/32\n";

	(void)state;
	for (size_t length = 0; length < strlen(text); length++) {
		struct list_file f = list_file(text, length);
		const char *path = f.path;
		struct ranges *r = NULL;
		char error[512] = "";
		int err = ranges_load(&path, 1, NULL, false, &r, error, sizeof(error));

		assert_int_equal(!err, r != NULL);
		assert_int_equal(!err, !*error);
		ranges_free(r);
		close(f.fd);
	}
}

static void what_is_no_regular_file_is_refused_at_once(void **state)
{
	char dir[] = "/tmp/xreach-test-XXXXXX", fifo[64], error[512];
	const char *paths[] = { "/nonexistent/x.ranges", dir, fifo, "/dev/zero" };
	static const char *const what[] = { "/nonexistent/x.ranges: cannot read it: No such file", "is a directory",
					    "is a pipe", "is a device" };
	struct ranges *r = NULL;
	int failed = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	failed |= mkfifo(fifo, 0600);
	for (int i = 0; i < 4; i++) {
		*error = '\0';
		failed |= !ranges_load(&paths[i], 1, NULL, false, &r, error, sizeof(error));
		failed |= !strstr(error, what[i]) || strncmp(error, paths[i], strlen(paths[i]));
	}
	unlink(fifo);
	rmdir(dir);
	assert_int_equal(failed, 0);
	assert_int_equal(ranges_load(NULL, 0, NULL, false, &r, error, sizeof(error)), -EINVAL);
	assert_null(r);
}

static void list_with_less_than_half_of_the_space_is_refused_unless_forced(void **state)
{
	static const struct {
		const char *body, *what; /* NULL: taken */
	} lists[] = {
		{ "group x target\nown 10.0.0.0/17\nown 2001:db8::/33\nshared 11.0.0.0/8\n"
		  "group g control\nown 12.0.0.0/8\n",
		  NULL }, /* half, exactly */
		{ "group x target\nown 10.0.0.0/18\nown 10.0.64.0/19\nown 2001:db8::/32\nshared 11.0.0.0/8\n"
		  "group g control\nown 12.0.0.0/8\n",
		  "group x keeps 37.5 % of the IPv4 space" },
		{ "group x target\nown 10.0.0.0/16\nown 2001:db8::/34\nshared 11.0.0.0/8\n"
		  "group g control\nown 12.0.0.0/8\n",
		  "the list keeps 25.0 % of the IPv6 space" },
		{ "group x target\nown 10.0.0.0/16\nshared 11.0.0.0/8\ngroup g control\nown 12.0.0.0/8\n",
		  "keeps 0.0 % of the IPv6 space" },
		{ "group x target\nown 10.0.0.0/16\nown 2001:db8::/32\n",
		  "the list keeps 0.2 % of the IPv4 space" },
		{ "group y target\nown 10.0.0.0/16\nown 2001:db8::/32\nshared 11.0.0.0/8\n"
		  "group g control\nown 12.0.0.0/8\n",
		  "target x of the list in force is gone" },
		/* the same address twice is counted once */
		{ "group x target\nown 10.0.0.0/18\nown 10.0.0.0/19\nown 10.0.32.0/19\nown 2001:db8::/32\n"
		  "shared 11.0.0.0/8\ngroup g control\nown 12.0.0.0/8\n",
		  "group x keeps 25.0 % of the IPv4 space" },
	};
	struct ranges *old = list_of(LIST_HEAD "group x target\nown 10.0.0.0/16\nown 2001:db8::/32\n"
					       "shared 11.0.0.0/8\ngroup g control\nown 12.0.0.0/8\n",
				     NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char text[1024], error[512] = "";
		struct ranges *r = NULL;

		snprintf(text, sizeof(text), LIST_HEAD "%s", lists[i].body);
		assert_int_equal(list_load(text, old, false, &r, error, sizeof(error)),
				 lists[i].what ? -EINVAL : 0);
		if (lists[i].what && (r || !strstr(error, lists[i].what) || !strstr(error, "--force")))
			fail_msg("wanted %s, got: %s", lists[i].what, error);
		ranges_free(r);
		ranges_free(list_of(text, old)); /* with force */
	}
	ranges_free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_wrong_is_refused_with_line_text_and_remedy),
		cmocka_unit_test(list_without_prefixes_is_refused),
		cmocka_unit_test(list_without_a_target_is_refused),
		cmocka_unit_test(zero_bytes_are_refused),
		cmocka_unit_test(line_of_many_bytes_is_refused),
		cmocka_unit_test(group_33_is_refused),
		cmocka_unit_test(duplicate_in_another_file_is_named_with_it),
		cmocka_unit_test(random_bytes_are_refused_and_do_no_harm),
		cmocka_unit_test(cut_file_is_taken_or_refused_at_every_length),
		cmocka_unit_test(what_is_no_regular_file_is_refused_at_once),
		cmocka_unit_test(list_with_less_than_half_of_the_space_is_refused_unless_forced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
