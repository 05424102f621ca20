// SPDX-License-Identifier: GPL-2.0
/* Lists of ranges: what a good file says, ids over reloads, lookups, space that two groups share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "lists.h"

#define X LIST_HEAD "group x target\nown 192.0.2.0/24\n"

static void assert_prefix(const struct ranges *r, const char *address, const char *text, const char *group,
			  enum class class, const char *shared_with)
{
	const struct range_prefix *p = list_find(r, address);

	assert_non_null(p);
	assert_string_equal(p->text, text);
	assert_string_equal(r->groups[p->group].name, group);
	assert_int_equal(p->class, class);
	assert_string_equal(p->shared_with ? r->groups[p->shared_with - 1].name : "", shared_with);
}

static void everything_in_a_file_arrives(void **state)
{
	struct ranges *r = list_of("# a comment first\n\n \txreach-ranges\t1  \nversion 2026-11-01b # why\n"
				   "date 2024-02-29\nsources  caf\xc3\xa9 and more  # not this\n"
				   "group x target\n\town 192.0.2.0/24#near\ndedicated 198.51.100.7/32\n"
				   "shared 2001:DB8::/32\nname X.com\nexact Video.Example.NET\n"
				   "group g control sample 0.05\nown 203.0.113.0/24\n"
				   "group h control\nown 128.0.0.0/1\ngroup i control sample all\nown 8000::/1\n",
				   NULL);

	(void)state;
	assert_string_equal(r->version, "2026-11-01b");
	assert_string_equal(r->date, "2024-02-29");
	assert_string_equal(r->sources, "caf\xc3\xa9 and more");
	assert_int_equal(r->n_groups, 4);
	assert_int_equal(r->groups[0].role, ROLE_TARGET);
	assert_true(r->groups[0].sample == 1);
	assert_int_equal(r->groups[1].role, ROLE_CONTROL);
	assert_true(r->groups[1].sample > 0.0499 && r->groups[1].sample < 0.0501);
	assert_true(r->groups[2].sample == 0);
	assert_true(r->groups[3].sample == 1);
	assert_int_equal(r->n_prefixes, 6);
	assert_prefix(r, "192.0.2.255", "192.0.2.0/24", "x", CLASS_OWN, "");
	assert_prefix(r, "198.51.100.7", "198.51.100.7/32", "x", CLASS_DEDICATED, "");
	assert_prefix(r, "2001:db8:ffff::", "2001:db8::/32", "x", CLASS_SHARED, "");
	assert_int_equal(r->n_names, 2);
	assert_string_equal(r->names[0].name, "x.com");
	assert_false(r->names[0].exact);
	assert_string_equal(r->names[1].name, "video.example.net");
	assert_true(r->names[1].exact);
	ranges_free(r);
}

static void lines_of_windows_and_a_byte_order_mark_are_taken(void **state)
{
	struct ranges *r =
		list_of("\xef\xbb\xbfxreach-ranges 1\r\nversion v1\r\ndate 2026-11-01\r\nsources a test\r\n\r\n"
			"group x target\r\nown 192.0.2.0/24\r\nname x.com\r",
			NULL);

	(void)state;
	assert_string_equal(r->version, "v1");
	assert_string_equal(r->sources, "a test");
	assert_string_equal(r->prefixes[0].text, "192.0.2.0/24");
	assert_string_equal(r->names[0].name, "x.com");
	ranges_free(r);
}

static void hash_is_that_of_all_files_one_after_another(void **state)
{
	static const char one[] = X, two[] = "xreach-ranges 1\ngroup x target\nown 198.51.100.0/24\n";
	struct list_file f = list_file(one, strlen(one)), g = list_file(two, strlen(two));
	const char *paths[] = { f.path, g.path };
	struct ranges *r = NULL;
	char error[512];

	(void)state;
	assert_int_equal(ranges_load(paths, 1, NULL, false, &r, error, sizeof(error)), 0);
	assert_string_equal(r->hash, "15c8e5e173fa735e"); /* sha256sum */
	ranges_free(r);
	assert_int_equal(ranges_load(paths, 2, NULL, false, &r, error, sizeof(error)), 0);
	assert_string_equal(r->hash, "fdbeb655cfa249c6"); /* cat | sha256sum */
	ranges_free(r);
	close(f.fd);
	close(g.fd);
}

static void several_files_are_one_list(void **state)
{
	static const char one[] = X "group g control\nown 203.0.113.0/24\n";
	static const char two[] =
		"xreach-ranges 1\nversion other\ngroup g control sample 0.5\nown 198.51.100.0/25\n"
		"group x target\nname x.com\ngroup new control\nown 2001:db8::/32\n";
	struct list_file f = list_file(one, strlen(one)), g = list_file(two, strlen(two));
	const char *paths[] = { f.path, g.path };
	struct ranges *r = NULL;
	char error[512];

	(void)state;
	assert_int_equal(ranges_load(paths, 2, NULL, false, &r, error, sizeof(error)), 0);
	assert_string_equal(r->version, "v1");
	assert_int_equal(r->n_groups, 3);
	assert_true(r->groups[1].sample == 0.5);
	assert_prefix(r, "203.0.113.1", "203.0.113.0/24", "g", CLASS_OWN, "");
	assert_prefix(r, "198.51.100.1", "198.51.100.0/25", "g", CLASS_OWN, "");
	assert_prefix(r, "2001:db8::1", "2001:db8::/32", "new", CLASS_OWN, "");
	assert_int_equal(r->names[0].group, 0);
	ranges_free(r);
	close(f.fd);
	close(g.fd);
}

static void prefixes_are_sorted_by_family_address_and_length(void **state)
{
	static const char *const wanted[] = { "1.0.0.0/8", "9.0.0.0/8", "9.0.0.0/9", "200.0.0.0/8",
					      "1::/16",	   "1::/64",	"fe00::/8" };
	struct ranges *r = list_of(LIST_HEAD "group x target\nown fe00::/8\nown 9.0.0.0/9\nown 200.0.0.0/8\n"
					     "own 1::/64\nown 9.0.0.0/8\nown 1::/16\nown 1.0.0.0/8\n",
				   NULL);

	(void)state;
	assert_int_equal(r->n_prefixes, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(r->prefixes[i].text, wanted[i]);
	ranges_free(r);
}

/* ---- ids ------------------------------------------------------------------------------------------------------ */

static void ids_stay_for_the_same_prefix_and_group_and_are_never_used_again(void **state)
{
	struct ranges *a = list_of(LIST_HEAD "group x target\nown 10.0.0.0/24\nown 10.0.1.0/24\n"
					     "group g control\nown 10.0.2.0/24\n",
				   NULL);
	/* the groups change places, one prefix goes, one changes its group, one comes before all others */
	struct ranges *b = list_of(LIST_HEAD "group g control\nown 10.0.1.0/24\nown 10.0.2.0/24\n"
					     "group x target\nown 10.0.0.0/24\nown 9.0.0.0/24\n",
				   a);
	struct ranges *c = list_of(LIST_HEAD "group x target\nown 10.0.0.0/24\nown 10.0.1.0/24\n", b);
	__u32 moved = list_find(b, "10.0.1.1")->id, new = list_find(b, "9.0.0.1")->id;

	(void)state;
	assert_int_equal(list_find(b, "10.0.0.1")->id, list_find(a, "10.0.0.1")->id);
	assert_int_equal(list_find(b, "10.0.2.1")->id, list_find(a, "10.0.2.1")->id);
	for (size_t i = 0; i < a->n_prefixes; i++) {
		assert_true(a->prefixes[i].id != 0);
		assert_true(moved != a->prefixes[i].id && new != a->prefixes[i].id);
	}
	assert_true(moved != new);
	/* back after a reload without it: a new id, as for all that comes */
	assert_int_equal(list_find(c, "10.0.0.1")->id, list_find(a, "10.0.0.1")->id);
	assert_true(list_find(c, "10.0.1.1")->id > moved && list_find(c, "10.0.1.1")->id > new);
	/* open flows know their group by its number */
	assert_string_equal(b->groups[0].name, "x");
	assert_string_equal(b->groups[1].name, "g");
	ranges_free(a);
	ranges_free(b);
	ranges_free(c);
}

static void every_id_leads_to_its_prefix(void **state)
{
	struct ranges *a = list_of(X "own 10.0.0.0/8\nown 2001:db8::/32\nown 11.0.0.0/8\n", NULL);
	struct ranges *b = list_of(X "own 9.0.0.0/8\nown 2001:db8::/32\nown 8.0.0.0/8\nown 11.0.0.0/8\n", a);

	(void)state;
	for (size_t i = 0; i < b->n_prefixes; i++)
		assert_ptr_equal(ranges_by_id(b, b->prefixes[i].id), &b->prefixes[i]);
	assert_null(ranges_by_id(b, list_find(a, "10.0.0.1")->id));
	assert_null(ranges_by_id(b, 0));
	assert_null(ranges_by_id(b, b->next_id));
	ranges_free(a);
	ranges_free(b);
}

static void list_refused_against_the_one_in_force_leaves_that_alone(void **state)
{
	struct ranges *a = list_of(X "own 10.0.0.0/8\n", NULL), *b = NULL;
	char error[512];
	__u32 next = a->next_id;

	(void)state;
	assert_true(list_load(X "own 10.0.0.0/8\nown 11.0.0.1/8\n", a, false, &b, error, sizeof(error)) < 0);
	assert_null(b);
	assert_int_equal(a->next_id, next);
	assert_int_equal(a->n_prefixes, 2);
	ranges_free(a);
}

/* ---- lookups ---------------------------------------------------------------------------------------------------- */

static void longest_prefix_wins_over_all_groups(void **state)
{
	struct ranges *r = list_of(LIST_HEAD
				   "group x target\nown 10.0.0.0/8\ndedicated 10.1.2.3/32\nown 2001:db8::/32\n"
				   "group g control\nown 10.1.0.0/16\nown 2001:db8:1::/48\n",
				   NULL);

	(void)state;
	assert_prefix(r, "10.0.255.255", "10.0.0.0/8", "x", CLASS_OWN, "");
	assert_prefix(r, "10.1.0.0", "10.1.0.0/16", "g", CLASS_OWN, "");
	assert_prefix(r, "10.1.2.2", "10.1.0.0/16", "g", CLASS_OWN, "");
	assert_prefix(r, "10.1.2.3", "10.1.2.3/32", "x", CLASS_DEDICATED, "");
	assert_prefix(r, "10.1.255.255", "10.1.0.0/16", "g", CLASS_OWN, "");
	assert_prefix(r, "10.2.0.0", "10.0.0.0/8", "x", CLASS_OWN, "");
	assert_string_equal(list_text(r, "9.255.255.255"), "");
	assert_string_equal(list_text(r, "11.0.0.0"), "");
	assert_prefix(r, "2001:db8:1:ffff::", "2001:db8:1::/48", "g", CLASS_OWN, "");
	assert_prefix(r, "2001:db8:2::", "2001:db8::/32", "x", CLASS_OWN, "");
	assert_string_equal(list_text(r, "2001:db7:ffff:ffff::"), "");
	assert_string_equal(list_text(r, "2001:db9::"), "");
	assert_string_equal(list_text(r, "::"), "");
	assert_string_equal(list_text(r, "::ffff:10.0.0.1"), ""); /* as IPv6 it is no IPv4 address */
	ranges_free(r);
}

static void space_of_both_is_the_controls_and_marked(void **state)
{
	struct ranges *r = list_of(LIST_HEAD "group x target\n"
					     "shared 10.0.0.0/8\n"  /* as wide as the control's */
					     "shared 11.0.0.0/8\n"  /* the control's lies in it */
					     "shared 12.1.0.0/16\n" /* lies in the control's */
					     "dedicated 10.0.0.1/32\n"
					     "own 13.0.0.0/8\nshared 13.1.0.0/16\n" /* all in X's own */
					     "own 14.1.0.0/16\nshared 14.1.1.0/24\n"
					     "group g control\nown 10.0.0.0/8\nown 11.1.0.0/16\nown 11.1.1.0/24\n"
					     "own 12.0.0.0/8\nown 12.1.1.0/24\nown 13.2.0.0/16\nown 14.0.0.0/8\n",
				   NULL);
	enum class class;

	(void)state;
	assert_prefix(r, "10.0.0.0", "10.0.0.0/8", "g", CLASS_OWN, "x");
	assert_prefix(r, "10.0.0.1", "10.0.0.1/32", "x", CLASS_DEDICATED, "");
	assert_prefix(r, "11.0.0.1", "11.0.0.0/8", "x", CLASS_SHARED, "");
	assert_prefix(r, "11.1.0.1", "11.1.0.0/16", "g", CLASS_OWN, "x");
	assert_prefix(r, "11.1.1.1", "11.1.1.0/24", "g", CLASS_OWN, "x");
	assert_prefix(r, "12.0.0.1", "12.0.0.0/8", "g", CLASS_OWN, "");
	assert_prefix(r, "12.1.0.1", "12.1.0.0/16", "g", CLASS_OWN, "x");
	assert_prefix(r, "12.1.1.1", "12.1.1.0/24", "g", CLASS_OWN, "x");
	assert_prefix(r, "13.1.0.1", "13.1.0.0/16", "x", CLASS_SHARED, "");
	assert_prefix(r, "13.2.0.1", "13.2.0.0/16", "g", CLASS_OWN, "");
	assert_prefix(r, "14.1.1.1", "14.1.1.0/24", "x", CLASS_SHARED, ""); /* in X's own, not in the control's */
	/* who wrote what is not lost */
	assert_true(range_written_by(list_find(r, "10.0.0.0"), 0, &class) && class == CLASS_SHARED);
	assert_true(range_written_by(list_find(r, "10.0.0.0"), 1, &class) && class == CLASS_OWN);
	assert_true(range_written_by(list_find(r, "12.1.0.1"), 0, &class) && class == CLASS_SHARED);
	assert_false(range_written_by(list_find(r, "12.1.0.1"), 1, &class));
	assert_false(range_written_by(list_find(r, "11.1.0.1"), 0, &class));
	ranges_free(r);
}

/* Lines as the test wrote them, against what the rule says of an address. */
struct line {
	struct range_prefix p; /* address, length, family, group 0: x, 1: y, 2: g, 3: h; class */
};

static bool holds(const struct line *l, const __u8 addr[16], bool v6)
{
	unsigned int bits = l->p.plen + (l->p.v6 ? 0 : 96);

	for (unsigned int i = 0; i < bits; i++)
		if ((l->p.addr[i / 8] ^ addr[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return l->p.v6 == v6;
}

static bool is_control(const struct line *l)
{
	return l->p.group >= 2;
}

/* The longest line below `most` bits that holds the address; among equals the control's comes first. */
static const struct line *next_line(const struct line *lines, size_t n, const __u8 addr[16], bool v6,
				    const struct line *after)
{
	const struct line *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct line *l = &lines[i];
		int key = l->p.plen * 2 + is_control(l);

		if (!holds(l, addr, v6) || (after && key >= after->p.plen * 2 + is_control(after)))
			continue;
		if (!best || key > best->p.plen * 2 + is_control(best))
			best = l;
	}
	return best;
}

/* spec: X's with a matching name where control space is also shared X space, else the longest prefix's. */
static void assert_rule(const struct ranges *r, const struct line *lines, size_t n, const __u8 addr[16], bool v6)
{
	const struct line *first = next_line(lines, n, addr, v6, NULL), *l = first;
	const struct range_prefix *p = ranges_find(r, addr, v6);
	int group, shared_with = 0;
	enum class class;

	if (!first) {
		assert_null(p);
		return;
	}
	group = first->p.group;
	class = first->p.class;
	if (is_control(first)) {
		while (l && is_control(l))
			l = next_line(lines, n, addr, v6, l);
		if (l && l->p.class == CLASS_SHARED)
			shared_with = 1 + l->p.group;
	} else if (first->p.class == CLASS_SHARED) {
		while (l && !is_control(l) && l->p.class == CLASS_SHARED)
			l = next_line(lines, n, addr, v6, l);
		if (l && is_control(l)) {
			shared_with = 1 + group;
			group = l->p.group;
			class = CLASS_OWN;
		}
	}
	assert_non_null(p);
	assert_int_equal(p->plen, first->p.plen);
	assert_int_equal(p->group, group);
	assert_int_equal(p->class, class);
	assert_int_equal(p->shared_with, shared_with);
}

/* Few bits differ, so that prefixes nest deeply. */
static struct line random_line(__u64 *seed)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct line l = { .p.v6 = list_random(seed) % 2, .p.group = list_random(seed) % 4 };
	unsigned int bits;

	memcpy(l.p.addr, mapped, l.p.v6 ? 0 : sizeof(mapped));
	l.p.addr[l.p.v6 ? 0 : 12] = 0x20;
	l.p.addr[l.p.v6 ? 1 : 13] = (__u8)(list_random(seed) & 0x81);
	l.p.addr[l.p.v6 ? 2 : 14] = (__u8)(list_random(seed) & 0x03);
	l.p.plen = (__u8)(1 + list_random(seed) % (l.p.v6 ? 24 : 26));
	bits = l.p.plen + (l.p.v6 ? 0 : 96);
	for (unsigned int i = bits; i < 128; i++)
		l.p.addr[i / 8] &= (__u8) ~(0x80 >> i % 8);
	l.p.class = is_control(&l) ? CLASS_OWN : 1 + list_random(seed) % 3;
	return l;
}

static bool is_new(const struct line *lines, size_t n, const struct line *l)
{
	for (size_t i = 0; i < n; i++) {
		const struct line *k = &lines[i];
		bool both = (is_control(k) && l->p.class == CLASS_SHARED) ||
			    (is_control(l) && k->p.class == CLASS_SHARED);

		if (k->p.v6 != l->p.v6 || k->p.plen != l->p.plen || memcmp(k->p.addr, l->p.addr, 16))
			continue;
		if (!both)
			return false;
		for (size_t j = i + 1; j < n; j++) /* two at most */
			if (lines[j].p.v6 == l->p.v6 && lines[j].p.plen == l->p.plen &&
			    !memcmp(lines[j].p.addr, l->p.addr, 16))
				return false;
	}
	return true;
}

static void rule_of_shared_space_holds_for_random_lists(void **state)
{
	static const char *const groups[] = { "x target", "y target", "g control", "h control" };
	static const char *const classes[] = { "", "own", "dedicated", "shared" };
	__u64 seed = 7;

	(void)state;
	for (int round = 0; round < 300; round++) {
		char text[16384] = LIST_HEAD, address[INET6_ADDRSTRLEN];
		struct line lines[60];
		size_t n = 0, wanted = 4 + list_random(&seed) % 56, at = strlen(text), tries = 0;
		struct ranges *r;

		for (__u8 g = 0; g < 4; g++) { /* each group needs a prefix */
			lines[n] = (struct line){
				.p = { .v6 = true, .addr = { 0x30, g }, .plen = 16, .group = g, .class = CLASS_OWN }
			};
			n++;
		}
		while (n < wanted && tries++ < 1000) {
			lines[n] = random_line(&seed);
			n += is_new(lines, n, &lines[n]);
		}
		for (unsigned int g = 0; g < 4; g++) {
			at += (size_t)sprintf(text + at, "group %s\n", groups[g]);
			for (size_t i = 0; i < n; i++) {
				const struct range_prefix *p = &lines[i].p;

				if (p->group != g)
					continue;
				inet_ntop(p->v6 ? AF_INET6 : AF_INET, p->v6 ? p->addr : p->addr + 12, address,
					  sizeof(address));
				at += (size_t)sprintf(text + at, "%s %s/%u\n", classes[p->class], address, p->plen);
			}
		}
		r = list_of(text, NULL);
		for (size_t i = 0; i < n; i++) {
			__u8 addr[16];

			memcpy(addr, lines[i].p.addr, 16); /* the first in it, one behind, and some near it */
			assert_rule(r, lines, n, addr, lines[i].p.v6);
			for (int k = 0; k < 10; k++) {
				addr[lines[i].p.v6 ? 1 : 13] ^= (__u8)(list_random(&seed) & 0xc3);
				addr[lines[i].p.v6 ? 2 : 14] ^= (__u8)(list_random(&seed) & 0x83);
				addr[15] = (__u8)list_random(&seed);
				assert_rule(r, lines, n, addr, lines[i].p.v6);
			}
		}
		ranges_free(r);
	}
}

static void space_counts_every_address_once(void **state)
{
	struct ranges *r = list_of(LIST_HEAD
				   "group x target\nown 10.0.0.0/24\nown 10.0.0.128/25\nshared 11.0.0.0/16\n"
				   "own 2001:db8::/127\nown 8000::/1\nshared ::/1\n"
				   "group g control\nown 11.0.0.0/8\n",
				   NULL);
	const unsigned int alone = 1 << CLASS_OWN | 1 << CLASS_DEDICATED, shared = 1 << CLASS_SHARED;

	(void)state;
	assert_true(ranges_space(r, false, -1, 0) == 256 + (1 << 24));
	assert_true(ranges_space(r, false, 0, alone) == 256);
	assert_true(ranges_space(r, false, 0, shared) == 65536);
	assert_true(ranges_space(r, false, 1, alone) == 1 << 24);
	assert_true(ranges_space(r, false, 1, shared) == 0);
	assert_true(ranges_space(r, true, 0, alone) == ((unsigned __int128)1 << 127) + 2);
	assert_true(ranges_space(r, true, -1, 0) == ~(unsigned __int128)0); /* 2^128 does not fit */
	ranges_free(r);
}

/* ---- the list that is shipped -------------------------------------------------------------------------------- */

static void shipped_list_says_what_its_sources_say(void **state)
{
	const char *file = ranges_default_file();
	struct ranges *r = NULL;
	char error[512] = "";
	bool t_co = false;

	(void)state;
	assert_non_null(strstr(file, "/user/share/ranges/x.ranges"));
	if (ranges_load(&file, 1, NULL, false, &r, error, sizeof(error)))
		fail_msg("%s", error);
	assert_int_equal(r->n_groups, 5);
	assert_string_equal(r->groups[0].name, "x");
	assert_int_equal(r->groups[0].role, ROLE_TARGET);
	for (size_t g = 1; g < 5; g++)
		assert_int_equal(r->groups[g].role, ROLE_CONTROL);
	assert_prefix(r, "104.244.42.1", "104.244.40.0/21", "x", CLASS_OWN, "");
	assert_prefix(r, "199.96.57.6", "199.96.56.0/21", "x", CLASS_OWN, "");
	assert_prefix(r, "209.237.223.255", "209.237.192.0/19", "x", CLASS_OWN, "");
	assert_prefix(r, "2400:6680:f000::1", "2400:6680:f000::/36", "x", CLASS_OWN, "");
	assert_prefix(r, "2a04:9d40:1::1", "2a04:9d40::/29", "x", CLASS_OWN, "");
	assert_prefix(r, "162.159.140.229", "162.159.140.229/32", "x", CLASS_DEDICATED, "");
	assert_prefix(r, "162.159.140.228", "162.158.0.0/15", "cloudflare", CLASS_OWN, "x");
	assert_prefix(r, "172.66.0.227", "172.66.0.227/32", "x", CLASS_DEDICATED, "");
	assert_prefix(r, "172.66.0.226", "172.64.0.0/13", "cloudflare", CLASS_OWN, "x");
	assert_prefix(r, "172.64.150.129", "172.64.150.129/32", "cloudflare", CLASS_OWN, "x");
	assert_prefix(r, "104.24.0.1", "104.24.0.0/14", "cloudflare", CLASS_OWN, "");
	assert_prefix(r, "151.101.120.157", "151.101.0.0/16", "x", CLASS_SHARED, "");
	assert_prefix(r, "2a04:4e42:15::159", "2a04:4e42::/32", "x", CLASS_SHARED, "");
	assert_prefix(r, "2606:4700::6810:1", "2606:4700::/32", "cloudflare", CLASS_OWN, "x");
	assert_prefix(r, "142.250.1.1", "142.250.0.0/15", "google", CLASS_OWN, "");
	assert_prefix(r, "2620:0:861:ed1a::1", "2620:0:860::/46", "wikimedia", CLASS_OWN, "");
	assert_prefix(r, "140.82.121.4", "140.82.112.0/20", "github", CLASS_OWN, "");
	assert_string_equal(list_text(r, "192.0.2.1"), "");
	assert_string_equal(list_text(r, "199.69.58.1"), "");	  /* a misprint in one source */
	assert_string_equal(list_text(r, "2606:ec80:10::1"), ""); /* in one source only */
	for (size_t i = 0; i < r->n_names; i++) {
		assert_int_equal(r->names[i].group, 0);
		t_co |= !strcmp(r->names[i].name, "t.co") && !r->names[i].exact;
	}
	assert_true(t_co);
	ranges_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_in_a_file_arrives),
		cmocka_unit_test(lines_of_windows_and_a_byte_order_mark_are_taken),
		cmocka_unit_test(hash_is_that_of_all_files_one_after_another),
		cmocka_unit_test(several_files_are_one_list),
		cmocka_unit_test(prefixes_are_sorted_by_family_address_and_length),
		cmocka_unit_test(ids_stay_for_the_same_prefix_and_group_and_are_never_used_again),
		cmocka_unit_test(every_id_leads_to_its_prefix),
		cmocka_unit_test(list_refused_against_the_one_in_force_leaves_that_alone),
		cmocka_unit_test(longest_prefix_wins_over_all_groups),
		cmocka_unit_test(space_of_both_is_the_controls_and_marked),
		cmocka_unit_test(rule_of_shared_space_holds_for_random_lists),
		cmocka_unit_test(space_counts_every_address_once),
		cmocka_unit_test(shipped_list_says_what_its_sources_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
