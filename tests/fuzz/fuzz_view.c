// SPDX-License-Identifier: GPL-2.0
/*
 * What `top` and `status` read from the control socket: one line of JSON becomes a view, or is refused with a reason
 * that can be shown. A view written and read again is the same one.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "fuzz/fuzz.h"
#include "show/clean.h"
#include "unit/view_scene.h"

/* Every text that is written is the one that was read: writing would put `?` for what is not to be shown. */
static void check_texts(const json_t *written, const json_t *read)
{
	json_t *value;
	const char *key;
	size_t i;

	CHECK(read);
	if (json_is_string(written))
		CHECK(json_is_string(read) && !strcmp(json_string_value(written), json_string_value(read)));
	json_object_foreach((json_t *)written, key, value) check_texts(value, json_object_get(read, key));
	json_array_foreach(written, i, value) check_texts(value, json_array_get(read, i));
}

static void check_again(const struct view *view, const char *text)
{
	char *line = view_to_json(view), *again, error[256] = "";
	json_t *written = line ? json_loads(line, 0, NULL) : NULL, *read = json_loads(text, 0, NULL);
	struct view other = { 0 };

	CHECK(line && !strchr(line, '\n'));
	check_texts(written, read);
	json_decref(written);
	json_decref(read);
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
		check_again(&view, text);
	view_free(&view);
	free(text);
	return 0;
}

size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	static struct view_scene s;
	size_t len;
	char *line;

	if (n > 1)
		return 0;
	scene_init(&s, 2);
	line = view_to_json(&s.view);
	len = line ? strlen(line) : 0;
	CHECK(len && len <= FUZZ_INPUT_MAX);
	memcpy(out, line, len);
	free(line);
	if (n) /* a character in it that no screen is to be given */
		*(__u8 *)memmem(out, len, s.view.host, strlen(s.view.host)) = 0x7f;
	return len;
}
