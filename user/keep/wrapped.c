// SPDX-License-Identifier: GPL-2.0
/* See wrapped.h. */
#include "keep/wrapped.h"

#include <jansson.h>

json_t *wrapped_value(const char *key, const char *text)
{
	json_t *whole = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *inner = json_object_get(whole, key);

	if (!inner)
		return whole;
	json_incref(inner);
	json_decref(whole);
	return inner;
}
