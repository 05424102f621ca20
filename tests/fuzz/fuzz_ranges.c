// SPDX-License-Identifier: GPL-2.0
/*
 * Ranges files, which are fetched from elsewhere: one that is taken is in order, can be looked up in, and is the same
 * when it is taken again; one that is refused is so in one line that can be shown, with file and line first.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "load/ranges.h"

static void check_refusal(const char *error, const char *path)
{
	CHECK(!strncmp(error, path, strlen(path)) && error[strlen(path)] == ':');
	for (const char *c = error; *c; c++)
		CHECK((unsigned char)*c >= ' ' && (unsigned char)*c < 0x7f);
}

static void check_word(const char *word, size_t room)
{
	size_t n = strnlen(word, room);

	CHECK(n && n < room);
	for (size_t i = 0; i < n; i++)
		CHECK(isgraph((unsigned char)word[i]) && !isupper((unsigned char)word[i]));
}

static void check_prefix(const struct ranges *r, const struct range_prefix *p)
{
	const struct range_prefix *found = ranges_find(r, p->addr, p->v6);
	unsigned int bits = (p->v6 ? 0 : 96) + p->plen;

	CHECK(p->group < r->n_groups && p->shared_with <= r->n_groups);
	CHECK(p->plen && p->plen <= (p->v6 ? 128 : 32));
	for (unsigned int i = bits; i < 128; i++)
		CHECK(!(p->addr[i / 8] >> (7 - i % 8) & 1));
	CHECK(found && found->plen >= p->plen && range_holds(found, p->addr, p->v6));
	CHECK(ranges_by_id(r, p->id) == p && p->id && p->id < r->next_id);
	if (p->shared_with)
		CHECK(r->groups[p->shared_with - 1].role == ROLE_TARGET &&
		      r->groups[p->group].role == ROLE_CONTROL);
}

static void check_list(const struct ranges *r)
{
	bool target = false;

	CHECK(r->n_groups && r->n_groups <= WIRE_GROUPS_MAX && r->n_prefixes);
	for (size_t i = 0; i < r->n_groups; i++) {
		check_word(r->groups[i].name, sizeof(r->groups[i].name));
		CHECK(r->groups[i].sample >= 0 && r->groups[i].sample <= 1);
		target |= r->groups[i].role == ROLE_TARGET;
	}
	CHECK(target);
	for (size_t i = 0; i < r->n_prefixes; i++) {
		CHECK(!i || range_compare(&r->prefixes[i - 1], &r->prefixes[i]) < 0);
		check_prefix(r, &r->prefixes[i]);
	}
	for (size_t i = 0; i < r->n_names; i++) {
		check_word(r->names[i].name, sizeof(r->names[i].name));
		CHECK(r->names[i].group < r->n_groups);
		CHECK(r->names[i].name[strlen(r->names[i].name) - 1] != '.');
	}
}

/* With a list in force that is the same, nothing changes. */
static void check_again(const char *path, const struct ranges *before)
{
	struct ranges *r = NULL;
	char error[512] = "";

	CHECK(!ranges_load(&path, 1, before, false, &r, error, sizeof(error)));
	CHECK(r->n_prefixes == before->n_prefixes && r->n_names == before->n_names);
	CHECK(r->next_id == before->next_id && !strcmp(r->hash, before->hash));
	for (size_t i = 0; i < r->n_prefixes; i++)
		CHECK(r->prefixes[i].id == before->prefixes[i].id &&
		      r->prefixes[i].group == before->prefixes[i].group);
	ranges_free(r);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	const char *path = fuzz_file(data, size);
	char error[512] = "";
	struct ranges *r = NULL;
	int err = ranges_load(&path, 1, NULL, false, &r, error, sizeof(error));

	if (err) {
		CHECK(err < 0 && !r);
		check_refusal(error, path);
		return 0;
	}
	check_list(r);
	check_again(path, r);
	ranges_free(r);
	return 0;
}

size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	(void)n; /* corpus/ranges has them: they are text */
	(void)out;
	return 0;
}
