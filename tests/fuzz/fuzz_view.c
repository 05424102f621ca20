// SPDX-License-Identifier: GPL-2.0
/*
 * What `top` and `status` read from the control socket: one line of JSON becomes a view, or is refused with a reason
 * that can be shown. A view written and read again is the same one.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "show/clean.h"
#include "unit/view_scene.h"

static void check_again(const struct view *view)
{
	char *line = view_to_json(view), *again, error[256] = "";
	struct view other = { 0 };

	CHECK(line && !strchr(line, '\n'));
	CHECK(clean_is(line)); /* also what else it says: whatever is shown comes from here */
	CHECK(!view_from_json(line, &other, error, sizeof(error)));
	again = view_to_json(&other);
	CHECK(again && !strcmp(again, line));
	free(again);
	free(line);
	view_free(&other);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	char *text = fuzz_text(data, size), error[256] = "";
	struct view view = { 0 };
	int err = view_from_json(text, &view, error, sizeof(error));

	if (err)
		CHECK(err < 0 && *error && clean_is(error));
	else
		check_again(&view);
	view_free(&view);
	free(text);
	return 0;
}

size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	static struct view_scene s;
	size_t len;
	char *line;

	if (n)
		return 0;
	scene_init(&s, 2);
	line = view_to_json(&s.view);
	len = line ? strlen(line) : 0;
	CHECK(len && len <= FUZZ_INPUT_MAX);
	memcpy(out, line, len);
	free(line);
	return len;
}
