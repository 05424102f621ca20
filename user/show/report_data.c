// SPDX-License-Identifier: GPL-2.0
/* The report for programs, as JSON and as CSV: see report.h. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "keep/history_read.h"
#include "keep/wrapped.h"
#include "show/clean.h"
#include "show/comparison.h"
#include "show/evidence_told.h"
#include "show/report.h"
#include "version.h"
#include "when.h"

/* ---- JSON ------------------------------------------------------------------------------------------------------ */
/* What is no UTF-8 would cost the whole object. */
static json_t *text(const char *from)
{
	char clean[128];

	clean_copy(clean, sizeof(clean), from);
	return json_string(clean);
}

static json_t *moment(__s64 second)
{
	char iso[WHEN_TEXT];

	return second ? json_string(when_iso(second, iso)) : json_null();
}

static json_t *counts(const struct past_counts *c)
{
	return json_pack("{sI sI sI}", "ok", (json_int_t)c->ok, "failed", (json_int_t)c->failed, "neither",
			 (json_int_t)c->neither);
}

static json_t *groups(const struct past *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_groups; i++) {
		json_t *steps = json_array();

		/* a step that was not watched has no figures: null, and not zero */
		for (size_t s = 0; s < p->n_steps; s++) {
			const struct past_counts *c = &p->groups[i].steps[s];
			bool any = p->watch[s].minutes || c->ok || c->failed || c->neither;

			json_array_append_new(steps, any ? counts(c) : json_null());
		}
		json_array_append_new(list, json_pack("{so ss so so so}", "name", text(p->groups[i].name), "role",
						      p->groups[i].target ? "target" : "control", "sample",
						      p->groups[i].sample >= 0 ? json_real(p->groups[i].sample)
									       : json_null(),
						      "total", counts(&p->groups[i].total), "steps", steps));
	}
	return list;
}

static json_t *watch(const struct past *p)
{
	json_t *list = json_array();

	for (size_t s = 0; s < p->n_steps; s++) {
		const struct past_watch *w = &p->watch[s];

		json_array_append_new(list,
				      json_pack("{so sI sI sI sI sI sI}", "at", moment(w->at), "minutes",
						(json_int_t)w->minutes, "opened", (json_int_t)w->books.opened,
						"judged", (json_int_t)w->books.judged, "forgotten",
						(json_int_t)w->books.forgotten, "lost", (json_int_t)w->books.lost,
						"unparsed", (json_int_t)w->books.unparsed));
	}
	return list;
}

static json_t *kinds(const struct past *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_kinds; i++) {
		const struct past_kind *k = &p->kinds[i];

		json_array_append_new(list,
				      json_pack("{so so so so so so so so sI}", "group", text(k->group), "family",
						text(k->family), "transport", text(k->transport), "stage",
						text(k->stage), "outcome", text(k->outcome), "signature",
						text(k->signature), "injection", text(k->injection), "class",
						text(k->class), "flows", (json_int_t)k->flows));
	}
	return list;
}

static json_t *parts(const char *what, const struct past_part *at, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{so so so}", "group", text(at[i].group), what,
						      text(at[i].name), "total", counts(&at[i].total)));
	return list;
}

static json_t *incidents(const struct past *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_incidents; i++) {
		json_t *o = wrapped_value("incident", p->incidents[i].object);

		/* as it was told; null where somebody has made it unreadable */
		json_array_append_new(list, o ? o : json_null());
	}
	return list;
}

/* What is known of the records beside what was told: an end that no record has is in no other place. */
static json_t *records(const struct past *p, const struct evidence_told *evidence)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_incidents; i++) {
		const struct past_incident *in = &p->incidents[i];
		const struct evidence_says *e = evidence && !evidence->err && evidence->says ? &evidence->says[i]
											     : NULL;
		bool has = e && e->last;

		json_array_append_new(
			list, json_pack("{so so sb so so sI so so}", "id", text(in->id), "group", text(in->group),
					"open", !in->ended, "last_known",
					moment(in->ended ? in->ended : in->changed), "last_told",
					moment(in->changed), "recorded", (json_int_t)in->changes, "evidence_line",
					has ? json_integer((json_int_t)e->last) : json_null(), "evidence_agrees",
					has && (e->same || evidence->chain.whole) ? json_boolean(e->same > 0)
										  : json_null()));
	}
	return list;
}

static json_t *clients(const struct past *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_clients; i++)
		json_array_append_new(list, json_pack("{so so so so}", "day", moment(p->clients[i].day), "group",
						      text(p->clients[i].group), "site", text(p->clients[i].site),
						      "clients", text(p->clients[i].range)));
	return list;
}

static json_t *ranges(const struct past *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_ranges; i++)
		json_array_append_new(list, json_pack("{so so so}", "from", moment(p->ranges[i].at), "version",
						      text(p->ranges[i].version), "hash", text(p->ranges[i].hash)));
	return list;
}

static json_t *comparison(const struct past *p)
{
	size_t n;
	struct comparison *rows = comparison_of(p, &n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct comparison *c = &rows[i];

		json_array_append_new(list, json_pack("{so so so so so sI ss ss ss}", "group", text(c->group),
						      "transport", text(c->transport), "stage", text(c->stage),
						      "outcome", text(c->outcome), "signature", text(c->signature),
						      "flows", (json_int_t)c->flows, "ooni_failure",
						      c->others->ooni, "censored_planet_outcome",
						      c->others->censored_planet, "radar_stage", c->others->radar));
	}
	free(rows);
	return list;
}

/* null: there is none */
static json_t *evidence(const struct report_form *form)
{
	const struct evidence_told *e = form->evidence;

	if (!e || e->err == -ENOENT)
		return json_null();
	if (e->err)
		return json_pack("{sn ss}", "whole", "error", strerror(-e->err));
	return json_pack("{sb sI so so so so so sb}", "whole", e->chain.whole, "lines", (json_int_t)e->chain.lines,
			 "from", text(e->chain.first_at), "to", text(e->chain.last_at), "head", text(e->chain.head),
			 "broken_at", e->chain.whole ? json_null() : json_integer((json_int_t)e->chain.bad_line),
			 "why", e->chain.whole ? json_null() : text(e->chain.why), "unfinished",
			 e->chain.no_newline);
}

void report_json(const struct past *p, const struct report_form *form, FILE *to)
{
	json_t *o = json_pack("{ss so so so sI}", "version", XREACH_VERSION, "made", moment(form->now), "from",
			      moment(p->from), "to", moment(p->to), "step_s", (json_int_t)p->step_s);

	json_object_set_new(o, "comparison", comparison(p));
	if (!form->compare) {
		json_object_set_new(o, "oldest", moment(p->oldest));
		json_object_set_new(o, "purged_before", moment(p->purged));
		json_object_set_new(o, "purged_at", moment(p->purged_at));
		json_object_set_new(o, "incidents", incidents(p));
		json_object_set_new(o, "records", records(p, form->evidence));
		json_object_set_new(o, "groups", groups(p));
		json_object_set_new(o, "watch", watch(p));
		json_object_set_new(o, "kinds", kinds(p));
		json_object_set_new(o, "prefixes", parts("prefix", p->prefixes, p->n_prefixes));
		json_object_set_new(o, "sites", parts("site", p->sites, p->n_sites));
		json_object_set_new(o, "clients", clients(p));
		json_object_set_new(o, "ranges", ranges(p));
		json_object_set_new(o, "evidence", evidence(form));
	}
	json_dumpf(o, to, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15));
	fputc('\n', to);
	json_decref(o);
}

/* ---- CSV ------------------------------------------------------------------------------------------------------- */
/* RFC 4180: quoted, quotes doubled. What a spreadsheet would take for a formula gets a quote in front. */
static void field(FILE *to, const char *from, const char *end)
{
	char clean[128];

	clean_copy(clean, sizeof(clean), from);
	fputc('"', to);
	if (strchr("=+-@", clean[0]) && clean[0] && clean[1])
		fputc('\'', to);
	for (const char *c = clean; *c; c++)
		fprintf(to, *c == '"' ? "\"\"" : "%c", *c);
	fprintf(to, "\"%s", end);
}

static void csv_comparison(const struct past *p, FILE *to)
{
	size_t n;
	struct comparison *rows = comparison_of(p, &n);

	fputs("group,transport,stage,outcome,signature,flows,ooni_failure,censored_planet_outcome,radar_stage\r\n",
	      to);
	for (size_t i = 0; i < n; i++) {
		field(to, rows[i].group, ",");
		field(to, rows[i].transport, ",");
		field(to, rows[i].stage, ",");
		field(to, rows[i].outcome, ",");
		field(to, rows[i].signature, ",");
		fprintf(to, "%llu,", (unsigned long long)rows[i].flows);
		field(to, rows[i].others->ooni, ",");
		field(to, rows[i].others->censored_planet, ",");
		field(to, rows[i].others->radar, "\r\n");
	}
	free(rows);
}

void report_csv(const struct past *p, const struct report_form *form, FILE *to)
{
	char iso[WHEN_TEXT];

	if (form->compare) {
		csv_comparison(p, to);
		return;
	}
	fputs("time,seconds,group,role,watched_minutes,ok,failed,neither,sample\r\n", to);
	for (size_t s = 0; s < p->n_steps; s++) {
		for (size_t i = 0; i < p->n_groups; i++) {
			const struct past_counts *c = &p->groups[i].steps[s];
			bool any = p->watch[s].minutes || c->ok || c->failed || c->neither;

			fprintf(to, "%s,%lld,", when_iso(p->watch[s].at, iso), (long long)p->step_s);
			field(to, p->groups[i].name, ",");
			fprintf(to, "%s,%u,", p->groups[i].target ? "target" : "control", p->watch[s].minutes);
			if (any)
				fprintf(to, "%llu,%llu,%llu,", (unsigned long long)c->ok,
					(unsigned long long)c->failed, (unsigned long long)c->neither);
			else
				fputs(",,,", to);
			if (p->groups[i].sample >= 0)
				fprintf(to, "%.6g", p->groups[i].sample);
			fputs("\r\n", to);
		}
	}
}
