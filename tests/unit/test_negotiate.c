// SPDX-License-Identifier: GPL-2.0
/* Content negotiation: what clients really send, and what is meant to confuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "show/negotiate.h"

struct row {
	const char *header;
	bool yes;
};

#define CHECK(function, rows) \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) \
		if (function((rows)[i].header) != (rows)[i].yes) \
			fail_msg("%s(%s) is not %d", #function, (rows)[i].header, (rows)[i].yes);

static void openmetrics_goes_to_who_names_it_and_does_not_prefer_plain_text(void **state)
{
	static const struct row rows[] = {
		/* Prometheus 3, Prometheus 2.45, curl, a browser */
		{ "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
		  "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;"
		  "q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
		  true },
		{ "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
		  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  true },
		{ "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", false },
		{ "*/*", false },
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false },
		{ NULL, false },
		{ "", false },
		{ "application/openmetrics-text", true },
		{ "Application/OpenMetrics-Text ; Version=\"1.0.0\"", true },
		{ "application/openmetrics-text;version=0.0.1", false },
		{ "application/openmetrics-text;version=2.0.0", false },
		{ "application/openmetrics-text;version=", false },
		{ "application/openmetrics-text;version=1.0.0;q=0", false },
		{ "application/openmetrics-text;q=0.5,text/plain;q=0.9", false },
		{ "application/openmetrics-text;q=0.9,text/plain;q=0.9", true },
		{ "text/plain,application/openmetrics-text;q=0.999", false },
		{ "application/openmetrics-text;q=0.5,text/*;q=0.9", false },
		{ "application/openmetrics-text;q=0.5,text/*;q=0.1,*/*", true },
		{ "application/openmetrics-text;q=0.5,*/*;q=0.9", false },
		{ "application/openmetrics-text;q=0.5,text/plain;q=0.1,text/*,*/*", true },
		{ "application/*", false },
	};

	(void)state;
	CHECK(accept_openmetrics, rows);
}

static void a_quality_that_is_none_means_not_wanted(void **state)
{
	static const struct row rows[] = {
		{ "gzip;q=1", true },	    { "gzip;q=1.0", true },    { "gzip;q=1.000", true },
		{ "gzip;q=0.001", true },   { "gzip;q=0.1", true },    { "gzip;Q=1", true },
		{ "gzip ; q=1", true },	    { "gzip;q= 1", true },     { "gzip;q=0", false },
		{ "gzip;q=0.0", false },    { "gzip;q=0.000", false }, { "gzip;q=1.001", false },
		{ "gzip;q=0.0001", false }, { "gzip;q=2", false },     { "gzip;q=-1", false },
		{ "gzip;q=", false },	    { "gzip;q", false },       { "gzip;q=.5", false },
		{ "gzip;q=1x", false },	    { "gzip;q=0,5", false },   { "gzip;q=1.", true },
		{ "gzip;q=nan", false },    { "gzip;q=1e0", false },
	};

	(void)state;
	CHECK(accept_gzip, rows);
}

static void gzip_goes_to_who_takes_it_at_least_as_well_as_plain(void **state)
{
	static const struct row rows[] = {
		{ "gzip", true },
		{ "GZip", true },
		{ "x-gzip", true },
		{ "gzip, deflate, br, zstd", true },
		{ "deflate,\tgzip;q=0.5", true },
		{ "*", true },
		{ "*;q=0.1", true },
		{ "*;q=0", false },
		{ "*, gzip;q=0", false },
		{ "identity", false },
		{ "identity, gzip;q=0.5", false },
		{ "identity;q=0.5, gzip", true },
		{ "identity;q=0.5, gzip;q=0.5", true },
		{ "deflate", false },
		{ "gzipx", false },
		{ "", false },
		{ NULL, false },
	};

	(void)state;
	CHECK(accept_gzip, rows);
}

static void a_list_written_oddly_is_still_a_list(void **state)
{
	static const struct row rows[] = {
		{ ",,, gzip ,,", true },   { ";", false },	     { ";;;gzip", false },
		{ "gzip;", true },	   { "gzip;;q=0", false },   { "gzip;x=y;q=0", false },
		{ "gzip;x", true },	   { "=gzip", false },	     { "\"gzip\"", true },
		{ "gzip;q=\"0\"", false }, { "gzip;q=\"1\"", true }, { "\"", false },
		{ "\"\"", false },	   { "gzip;q=\"", false },
	};

	(void)state;
	CHECK(accept_gzip, rows);
}

static void a_long_header_is_safe_and_matches_nothing(void **state)
{
	static char header[20000];

	(void)state;
	memset(header, 'a', sizeof(header) - 1);
	assert_false(accept_gzip(header));
	assert_false(accept_openmetrics(header));
	memcpy(header, "gzip;q=", 7);
	assert_false(accept_gzip(header));
	memset(header, ',', sizeof(header) - 1);
	assert_false(accept_gzip(header));
	memset(header, ';', sizeof(header) - 1);
	assert_false(accept_openmetrics(header));
	memset(header, '"', sizeof(header) - 1);
	assert_false(accept_openmetrics(header));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openmetrics_goes_to_who_names_it_and_does_not_prefer_plain_text),
		cmocka_unit_test(a_quality_that_is_none_means_not_wanted),
		cmocka_unit_test(gzip_goes_to_who_takes_it_at_least_as_well_as_plain),
		cmocka_unit_test(a_list_written_oddly_is_still_a_list),
		cmocka_unit_test(a_long_header_is_safe_and_matches_nothing),
	};

	return cmocka_run_group_tests_name("negotiate", tests, NULL, NULL);
}
