// SPDX-License-Identifier: GPL-2.0
/*
 * What a client of /metrics says it accepts; the rest of a request is libmicrohttpd's. Neither letter case nor saying a
 * thing twice changes an answer, and one weighs as much behind the others as before them.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "show/negotiate.h"

static void check(bool (*accepts)(const char *), const char *header)
{
	size_t n = strlen(header);
	char *other = malloc(2 * n + 8);
	bool yes = accepts(header);

	CHECK(other);
	for (size_t i = 0; i <= n; i++)
		other[i] = (char)toupper((unsigned char)header[i]);
	CHECK(accepts(other) == yes);
	sprintf(other, "%s,%s", header, header);
	CHECK(accepts(other) == yes);
	sprintf(other, " ,%s\t,", header);
	CHECK(accepts(other) == yes);
	free(other);
}

/* `first, second` and `second, first`. */
static void check_order(bool (*accepts)(const char *), const char *header)
{
	const char *comma = strchr(header, ',');
	char *turned;

	if (!comma)
		return;
	turned = malloc(strlen(header) + 2);
	CHECK(turned);
	sprintf(turned, "%s,%.*s", comma + 1, (int)(comma - header), header);
	CHECK(accepts(turned) == accepts(header));
	free(turned);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	char *header = fuzz_text(data, size);

	check(accept_openmetrics, header);
	check(accept_gzip, header);
	check_order(accept_openmetrics, header);
	check_order(accept_gzip, header);
	free(header);
	return 0;
}

size_t fuzz_seed(unsigned int n, __u8 out[FUZZ_INPUT_MAX])
{
	static const char *const seeds[] = {
		"application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
		"Application/OpenMetrics-Text ; Version=\"1.0.0\" ; q = 1.000, text/*;q=0",
		"gzip, deflate, br",
		"identity;q=0.5, x-gzip;q=0.501, *;q=0",
	};

	if (n >= sizeof(seeds) / sizeof(*seeds))
		return 0;
	memcpy(out, seeds[n], strlen(seeds[n]));
	return strlen(seeds[n]);
}
