// SPDX-License-Identifier: GPL-2.0
/*
 * Names against rules, as a search and as somebody would do it by hand: rule after rule, the longest that fits. An input
 * is a name, a line break, and rules, one a line; `=` before one makes it exact.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "judge/server_name.h"

#define RULES_MAX      32
#define NAME_MAX_BYTES 253 /* RFC 1035, 2.3.4 */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* As the contract puts it: on label borders, the longest name, and an exact rule only for its own. */
static bool fits(const struct name_rule *rule, const char *name, size_t len)
{
	size_t n = strlen(rule->name);

	if (n > len || memcmp(name + len - n, rule->name, n))
		return false;
	return n == len || (!rule->exact && name[len - n - 1] == '.');
}

static const struct name_rule *by_hand(const struct name_rule *rules, size_t n, const char *name, size_t len)
{
	const struct name_rule *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct name_rule *rule = &rules[i];
		size_t best_len = best ? strlen(best->name) : 0, rule_len = strlen(rule->name);

		if (!fits(rule, name, len))
			continue;
		if (!best || rule_len > best_len || (rule_len == best_len && rule->exact > best->exact) ||
		    (rule_len == best_len && rule->exact == best->exact && rule->group < best->group))
			best = rule;
	}
	return best;
}

static size_t take_rules(const char *text, struct name_rule rules[RULES_MAX])
{
	size_t n = 0;

	while (*text && n < RULES_MAX) {
		struct name_rule *rule = &rules[n];
		size_t len;

		memset(rule, 0, sizeof(*rule));
		rule->exact = *text == '=';
		text += rule->exact;
		len = strcspn(text, "\n");
		for (size_t i = 0; i < len && i < sizeof(rule->name) - 1; i++)
			rule->name[i] = lower(text[i]);
		rule->group = (__u8)(n % 3);
		text += len + !!text[len];
		n += !!rule->name[0]; /* the list's reader lets no empty one through */
	}
	return n;
}

static void check(struct server_names *names, const struct name_rule *rules, size_t n, const char *name, size_t len)
{
	size_t plain = len && name[len - 1] == '.' ? len - 1 : len;
	__u8 *exact = fuzz_copy(name, len), *small = fuzz_copy(name, plain);
	const struct name_rule *found = server_names_find(names, exact, len), *wanted = NULL;

	for (size_t i = 0; i < plain; i++)
		small[i] = (__u8)lower((char)small[i]);
	if (plain <= NAME_MAX_BYTES && (!plain || !memchr(name, 0, plain)))
		wanted = by_hand(rules, n, (char *)small, plain);
	CHECK(!found == !wanted);
	if (found)
		CHECK(!strcmp(found->name, wanted->name) && found->exact == wanted->exact &&
		      found->group == wanted->group);
	CHECK(server_name_is_public_ech(exact, len) ==
	      (plain == strlen("cloudflare-ech.com") && !memcmp(small, "cloudflare-ech.com", plain)));
	free(exact);
	free(small);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	static struct name_rule rules[RULES_MAX];
	const __u8 *end = size ? memchr(data, '\n', size) : NULL;
	size_t len = end ? (size_t)(end - data) : size, n, half;
	char *text = fuzz_text(end ? end + 1 : data, end ? size - len - 1 : 0);
	struct server_names *names = server_names_new();
	const struct name_rule *kept;

	CHECK(names);
	n = take_rules(text, rules);
	half = n / 2;
	CHECK(!server_names_set(names, rules, half));
	check(names, rules, half, (const char *)data, len);
	kept = server_names_find(names, data, len);

	/* another list, and the first again: a rule is where it was */
	CHECK(!server_names_set(names, rules, n));
	check(names, rules, n, (const char *)data, len);
	CHECK(!server_names_set(names, rules, half));
	CHECK(server_names_find(names, data, len) == kept);
	server_names_free(names);
	free(text);
	return 0;
}

size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	static const char *const seeds[] = {
		"api.X.com.\nx.com\n=api.x.com\ntwimg.com\nt.co\n",
		"reddit.com\nt.co\ncom\n=reddit.com\n",
		"cloudflare-ech.com\n=cloudflare-ech.com\n=x.com\nx.com\n",
		"a.b.c.d.e.f\nf\ne.f\nd.e.f\n=b.c.d.e.f\n=a.b.c.d.e.f\n",
		"..x.com\nx.com\n.x.com\n",
	};

	if (n >= sizeof(seeds) / sizeof(*seeds))
		return 0;
	memcpy(out, seeds[n], strlen(seeds[n]));
	return strlen(seeds[n]);
}
