// SPDX-License-Identifier: GPL-2.0
/* One incident in words: see incident_text.h. */
#include "show/incident_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "show/board_state.h"

#define SIGNATURES_SHOWN 3
#define NAMES_SHOWN	 6

struct out {
	char *text;
	size_t n, used;
};

static struct out out_to(char *text, size_t n)
{
	*text = '\0';
	return (struct out){ text, n, 0 };
}

__attribute__((format(printf, 2, 3))) static void add(struct out *o, const char *format, ...)
{
	va_list args;
	int more;

	if (o->used >= o->n)
		return;
	va_start(args, format);
	more = vsnprintf(o->text + o->used, o->n - o->used, format, args);
	va_end(args);
	o->used += more > 0 ? (size_t)more : 0;
}

static const char *moment(__s64 second, char text[static 32])
{
	time_t t = (time_t)second;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text, 32, "%Y-%m-%d %H:%M:%S UTC", &tm))
		snprintf(text, 32, "?");
	return text;
}

const char *incident_word_text(int word)
{
	static const char *const words[WORDS] = {
		[WORD_INSUFFICIENT] = "insufficient",
		[WORD_OK] = "ok",
		[WORD_IMPAIRED] = "impaired",
		[WORD_LIKELY_BLOCKED] = "likely blocked",
		[WORD_BLOCKED] = "blocked",
		[WORD_THROTTLED] = "throttled",
		[WORD_VANISHED] = "vanished",
		[WORD_DOWN] = "down",
		[WORD_ONE_DIRECTION] = "one direction",
	};

	return word >= 0 && word < WORDS ? words[word] : "";
}

/* "2024-02-17 16:04:10 UTC (+-4 s)", or "before ..." where it is a bound. */
static void since_text(const struct incident_report *r, char *text, size_t n)
{
	const struct incident *in = &r->in;
	struct out o = out_to(text, n);
	char when[32];

	add(&o, "%s%s", in->since_bound ? "before " : "", moment(in->since, when));
	if (in->since_uncertainty_s && !in->since_bound)
		add(&o, " (+-%u s)", in->since_uncertainty_s);
}

static void add_names(struct out *o, const struct board *b, enum stream_kind kind, const __u32 *ids, unsigned int n,
		      bool beyond, bool *some)
{
	for (unsigned int i = 0; i < n; i++) {
		const char *name = kind == STREAM_PREFIX   ? board_prefix_text(b, ids[i])
				   : kind == STREAM_SITE   ? board_site_name(b, ids[i])
				   : kind == STREAM_FAMILY ? (ids[i] == 6 ? "IPv6" : "IPv4")
							   : (ids[i] == 17 ? "QUIC" : "TCP");

		if (i == NAMES_SHOWN) {
			add(o, " and %u %smore", n - i, beyond && n == INCIDENT_SCOPE ? "or " : "");
			return;
		}
		if (*name)
			add(o, "%s%s", *some ? ", " : "", name);
		*some |= *name;
	}
}

void incident_scope_text(const struct board *b, const struct incident_report *r, char *text, size_t n)
{
	struct out o = out_to(text, n);
	bool some = false;

	for (unsigned int kind = STREAM_PREFIX; kind < STREAM_KINDS; kind++)
		add_names(&o, b, (enum stream_kind)kind, r->in.scope[kind], r->in.n_scope[kind], r->in.scope_more,
			  &some);
}

void incident_affected_text(const struct board *b, const struct incident_report *r, char *text, size_t n)
{
	static const enum stream_kind kinds[] = { STREAM_SITE, STREAM_FAMILY, STREAM_TRANSPORT };
	struct out o = out_to(text, n);
	bool some = false;

	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		add_names(&o, b, kinds[i], r->in.affected[kinds[i]], r->in.n_affected[kinds[i]], r->in.scope_more,
			  &some);
}

void incident_mechanism_text(const struct incident_report *r, char *text, size_t n)
{
	static const char *const by[MECHANISMS] = {
		[MECHANISM_SNI] = "name",
		[MECHANISM_ADDRESS] = "address",
		[MECHANISM_QUIC] = "transport (QUIC)",
		[MECHANISM_TCP] = "transport (TCP)",
		[MECHANISM_PORT] = "port",
		[MECHANISM_FAMILY] = "family",
	};
	struct out o = out_to(text, n);
	bool first = true;

	for (int m = 0; m < MECHANISMS; m++) {
		if (!(r->by >> m & 1))
			continue;
		add(&o, "%s%s", first ? "by " : " or ", by[m]);
		first = false;
	}
	for (unsigned int i = 0; i < r->n_signatures && i < SIGNATURES_SHOWN; i++)
		add(&o, "%s%s %.0f %%",
		    i	    ? ", "
		    : first ? ""
			    : ": ",
		    signature_name(r->signatures[i].signature), r->signatures[i].share * 100);
}

static void add_distance(struct out *o, int hops, double ms)
{
	if (hops >= 0)
		add(o, "%d hop%s", hops, hops == 1 ? "" : "s");
	if (ms >= 0)
		add(o, "%s%.3g ms", hops >= 0 ? ", " : "", ms);
}

void incident_responder_text(const struct incident_report *r, char *text, size_t n)
{
	struct out o = out_to(text, n);

	if (r->hops < 0 && r->ms < 0)
		return;
	add_distance(&o, r->hops, r->ms);
	add(&o, " away");
	if (r->server_hops < 0 && r->server_ms < 0)
		return;
	add(&o, "; the server ");
	add_distance(&o, r->server_hops, r->server_ms);
}

void incident_could_be_text(const struct incident_report *r, char *text, size_t n)
{
	static const char *const words[COULD_BES] = {
		[COULD_BE_BLOCK] = "a block",
		[COULD_BE_OUTAGE_OF_X] = "an outage of the platform",
		[COULD_BE_ROUTE_TO_X] = "a lost route to it",
		[COULD_BE_OUTAGE] = "an outage of this network or its upstream",
		[COULD_BE_THROTTLE] = "a throttle",
		[COULD_BE_CONGESTION] = "congestion on the way to it alone",
		[COULD_BE_POISONED_NAMES] = "forged answers to its names",
		[COULD_BE_MOVE_OF_X] = "a move of the platform to other addresses",
		[COULD_BE_OLD_RANGES] = "a list of ranges that is out of date",
	};
	struct out o = out_to(text, n);

	for (int c = 0; c < COULD_BES; c++)
		if (r->could_be >> c & 1)
			add(&o, "%s%s", o.used ? ", or " : "", words[c]);
}

void incident_note_text(const struct incident_report *r, char *text, size_t n)
{
	struct out o = out_to(text, n);

	if (r->in.few_clients && r->in.worst == WORD_LIKELY_BLOCKED)
		add(&o, "fewer than ten clients are usual here: no more than `likely blocked` is said");
}

static void add_line(struct out *o, const char *head, const char *text)
{
	if (*text)
		add(o, "    %s%s\n", head, text);
}

/* `part`: of some parts, which were named right before. */
static void add_shares(struct out *o, const struct incident *in, bool part)
{
	double percent = in->attempts ? 100. * (double)in->failures / (double)in->attempts : 0;
	bool nearly = in->failures < in->attempts && percent >= 99.5; /* which is not all */

	if (in->worst == WORD_VANISHED || !in->attempts)
		return;
	add(o, "    %llu of %llu %s: %s%.0f %%", (unsigned long long)in->failures, (unsigned long long)in->attempts,
	    in->worst == WORD_THROTTLED ? "long flows were held down"
	    : part			? "attempts there failed"
					: "attempts failed",
	    nearly ? "over " : "", nearly ? 99 : percent);
	if (in->baseline >= 0)
		add(o, ", usually %.1f %%", in->baseline * 100);
	if (in->control_share >= 0)
		add(o, "; of the controls' %.1f %%", in->control_share * 100);
	add(o, "\n");
}

static void add_phase(struct out *o, __s64 from, const char *text)
{
	char when[32];

	add(o, "    %s  %s\n", moment(from, when), text);
}

/* Where it lifted between two, that is a line, too. Of the sum of the oldest (see phases.h) it is not known how often. */
static void add_phases(struct out *o, const struct incident *in)
{
	for (unsigned int i = 0; in->n_phases > 1 && i < in->n_phases; i++) {
		const struct incident_phase *p = &in->phases[i];

		add_phase(o, p->from,
			  !i && in->n_phases == INCIDENT_PHASES ? "on and off, in phases too many to be told"
								: incident_word_text((int)p->state));
		if (i + 1 < in->n_phases && p[1].from > p->to)
			add_phase(o, p->to, incident_word_text(WORD_OK));
	}
}

const char *incident_text(const struct board *b, const struct incident_report *r, char *text, size_t n)
{
	const struct incident *in = &r->in;
	struct out o = out_to(text, n);
	char part[512], when[32];

	since_text(r, part, sizeof(part));
	add(&o, "%s: %s since %s", board_group_name(b, in->group), incident_word_text((int)in->worst), part);
	if (in->open)
		add(&o, in->unobserved ? ", unobserved by now\n" : ", still on\n");
	else
		add(&o, ", ended %s", in->ended ? moment(in->ended, when) : "at a time that is not known");
	if (!in->open && !in->ended)
		add(&o, in->unobserved ? ": nothing was attempted after %s" : ", after %s",
		    moment(in->phases[in->n_phases - 1].to, when));
	if (!in->open)
		add(&o, "\n");
	incident_scope_text(b, r, part, sizeof(part));
	add_line(&o, "only: ", part);
	add_shares(&o, in, *part);
	incident_affected_text(b, r, part, sizeof(part));
	add_line(&o, "seen in: ", part);
	incident_mechanism_text(r, part, sizeof(part));
	add_line(&o, "how: ", part);
	incident_responder_text(r, part, sizeof(part));
	add_line(&o, "answers come from ", part);
	if (in->worst != WORD_VANISHED)
		add_line(&o, in->worst == WORD_THROTTLED ? "clients held down: " : "clients with failures: ",
			 r->clients);
	if (in->common)
		add_line(&o, "", "the controls fail too, less");
	incident_note_text(r, part, sizeof(part));
	add_line(&o, "", part);
	incident_could_be_text(r, part, sizeof(part));
	add_line(&o, "this could be ", part);
	add_phases(&o, in);
	return text;
}
