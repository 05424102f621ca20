// SPDX-License-Identifier: GPL-2.0
/* One finding as the contract's JSON object: a table of its keys would only hide how plain it is. */
#include "show/finding.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "detect/tally.h"
#include "judge/injection.h"
#include "show/clean.h"

void finding_server(const __u8 server[16], int v6, char *text, size_t n)
{
	if (!inet_ntop(v6 ? AF_INET6 : AF_INET, v6 ? server : server + 12, text, (socklen_t)n))
		snprintf(text, n, "?");
}

__s64 finding_minute(__s64 second)
{
	__s64 within = second % 60;

	return second - within - (within < 0 ? 60 : 0);
}

void finding_minute_text(__s64 second, char *text, size_t n)
{
	time_t minute = (time_t)finding_minute(second);
	struct tm tm;

	if (!gmtime_r(&minute, &tm) || !strftime(text, n, "%Y-%m-%dT%H:%M:00Z", &tm))
		snprintf(text, n, "1970-01-01T00:00:00Z");
}

/* Milliseconds with one decimal. */
static json_t *rtt(const struct verdict *v)
{
	return v->has_rtt ? json_real(round(v->rtt_us / 100.0) / 10.0) : json_null();
}

static json_t *ttl(int value)
{
	return value >= 0 ? json_integer(value) : json_null();
}

/* The names of the rows that apply, in the order of the contract's table. */
static json_t *evidence(const struct verdict *v)
{
	json_t *names = json_array();

	for (unsigned int i = 0; i < INJECTION_ROWS; i++)
		if (v->evidence >> i & 1)
			json_array_append_new(names, json_string(evidence_name(i)));
	return names;
}

char *finding_to_json(const struct finding *f, const char *group, const char *prefix)
{
	const struct verdict *v = &f->v;
	char server[FINDING_SERVER], first[FINDING_MINUTE], clean_group[32], clean_prefix[48], rule[128], *text;
	json_t *object;

	finding_server(f->server, v->v6, server, sizeof(server));
	finding_minute_text(f->first_s, first, sizeof(first));
	clean_copy(clean_group, sizeof(clean_group), group);
	clean_copy(clean_prefix, sizeof(clean_prefix), prefix);
	clean_copy(rule, sizeof(rule), f->rule ? f->rule : "");
	object = json_pack("{ss ss ss si ss ss ss ss ss ss ss ss s{ss si so} si so so so sI sI ss}", "group",
			   clean_group, "prefix", clean_prefix, "server", server, "port", (int)f->port, "family",
			   v->v6 ? "ipv6" : "ipv4", "transport", v->quic ? "quic" : "tcp", "stage",
			   stage_name(v->stage), "outcome", outcome_name(v->outcome), "why", reason_name(v->why),
			   "signature", signature_name(v->signature), "sni", sni_name(v->sni), "rule", rule,
			   "injection", "level", level_name(v->level), "score", (int)v->score, "evidence",
			   evidence(v), "syns", (int)v->syns, "rtt_ms", rtt(v), "reset_ttl", ttl(v->reset_ttl),
			   "server_ttl", ttl(v->server_ttl), "bytes_up", (json_int_t)v->bytes_up, "bytes_down",
			   (json_int_t)v->bytes_down, "first", first);
	if (!object)
		return NULL;
	/* fifteen digits show a decimal as it was rounded, not as a double holds it */
	text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(object);
	return text;
}
