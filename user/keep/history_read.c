// SPDX-License-Identifier: GPL-2.0
/* Reading the history: see history_read.h. */
#include "keep/history_read.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keep/history.h"
#include "keep/purge.h"
#include "keep/history_store.h"
#include "keep/schema.h"

#define BUSY_MS	     2000
#define AROUND_S     1800   /* shown before and after an incident, at least */
#define ROWS_MAX     100000 /* of a list: more than any history of ours has, in case the file is not */
#define HOUR_S	     3600
#define SPAN_LONGEST (HISTORY_HOURS_S + 366 * 86400ll)

struct reader {
	sqlite3 *db;
	struct past *past;
	char *error;
	size_t n;
	char path[PATH_MAX];
};

static int complain(struct reader *r, int err, const char *what)
{
	snprintf(r->error, r->n, "%s", what);
	return err;
}

/* What SQLite says of the file. */
static int of_file(struct reader *r, const char *what)
{
	int code = sqlite3_errcode(r->db);

	snprintf(r->error, r->n, "%s: %s%s", r->path, what,
		 code == SQLITE_CORRUPT || code == SQLITE_NOTADB
			 ? "; `xreach run` sets a corrupt file aside and begins a new one"
			 : "");
	return -EIO;
}

/* ---- opening --------------------------------------------------------------------------------------------------- */
/*
 * WAL wants to write beside the file even to read. Where that is not allowed and nobody has the file open (there is no
 * -wal), it is read as one that does not change.
 */
static int open_immutable(struct reader *r, const char *path)
{
	char beside[PATH_MAX + 8], uri[3 * PATH_MAX + 32] = "file:";
	size_t used = strlen(uri);

	snprintf(beside, sizeof(beside), "%s-wal", path);
	if (!access(beside, F_OK))
		return SQLITE_CANTOPEN;
	for (const char *c = path; *c && used < sizeof(uri) - 16; c++)
		used += (size_t)snprintf(uri + used, sizeof(uri) - used, strchr("?#%", *c) ? "%%%02x" : "%c", *c);
	snprintf(uri + used, sizeof(uri) - used, "?immutable=1");
	sqlite3_close_v2(r->db);
	return sqlite3_open_v2(uri, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
}

static int open_file(struct reader *r, const char *dir)
{
	const char *path = r->path;
	char what[256];
	int err;

	if ((size_t)snprintf(r->path, sizeof(r->path), "%s/%s", dir, HISTORY_FILE) >= sizeof(r->path))
		return complain(r, -ENAMETOOLONG, "the path of the history is too long");
	if (access(path, R_OK)) {
		err = -errno;
		snprintf(r->error, r->n, "%s: %s; %s", path, strerror(-err),
			 err == -EACCES ? "read it as root, or as the user that `xreach run` runs as"
					: "`xreach run` makes it, --state-dir names another place");
		return err;
	}
	if (sqlite3_open_v2(path, &r->db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
		sqlite3_busy_timeout(r->db, BUSY_MS);
	err = schema_version(r->db, what, sizeof(what));
	if (err == -EIO && sqlite3_errcode(r->db) == SQLITE_CANTOPEN && open_immutable(r, path) == SQLITE_OK)
		err = schema_version(r->db, what, sizeof(what));
	if (err == 0 || err > SCHEMA_VERSION) {
		snprintf(r->error, r->n, "%s: %s", path,
			 err ? "is of a newer xreach; read it with that one"
			     : "is empty: nothing was recorded yet");
		return -ENOENT;
	}
	if (err < 0)
		of_file(r, what);
	return err < 0 ? err : 0;
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */
static void take_text(char *to, size_t n, sqlite3_stmt *q, int column)
{
	const unsigned char *text = sqlite3_column_text(q, column);

	snprintf(to, n, "%s", text ? (const char *)text : "");
}

/* One more element, zeroed; NULL without memory, or when there are too many. */
static void *more(void **list, size_t *n, size_t size)
{
	char *longer;

	if (*n >= ROWS_MAX)
		return NULL;
	longer = realloc(*list, (*n + 1) * size);
	if (!longer)
		return NULL;
	*list = longer;
	memset(longer + *n * size, 0, size);
	return longer + (*n)++ * size;
}
#define MORE(list, n) more((void **)&(list), &(n), sizeof(*(list)))

/* For each row of a query over [?1, ?2) in steps of ?3: 0 or -errno, with an error. */
static int each(struct reader *r, const char *sql, int (*take)(struct past *p, sqlite3_stmt *q))
{
	sqlite3_stmt *q;
	int rc, err = 0;

	if (sqlite3_prepare_v2(r->db, sql, -1, &q, NULL))
		return of_file(r, sqlite3_errmsg(r->db));
	if (sqlite3_bind_parameter_count(q) >= 2) {
		sqlite3_bind_int64(q, 1, r->past->from);
		sqlite3_bind_int64(q, 2, r->past->to);
	}
	if (sqlite3_bind_parameter_count(q) >= 3)
		sqlite3_bind_int64(q, 3, r->past->step_s);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW && !err)
		err = take(r->past, q);
	if (err)
		complain(r, err, "out of memory");
	else if (rc != SQLITE_DONE)
		err = of_file(r, sqlite3_errmsg(r->db));
	sqlite3_finalize(q);
	return err;
}

static void add_class(struct past_counts *c, const char *class, __u64 flows)
{
	if (!strcmp(class, "success"))
		c->ok += flows;
	else if (!strcmp(class, "failure"))
		c->failed += flows;
	else
		c->neither += flows;
}

static size_t step_of(const struct past *p, __s64 at)
{
	__s64 i = (at - p->from) / p->step_s;

	return at < p->from || i >= (__s64)p->n_steps ? p->n_steps : (size_t)i;
}

static struct past_group *group_of(struct past *p, const char *name)
{
	struct past_group *g;

	for (size_t i = 0; i < p->n_groups; i++)
		if (!strcmp(p->groups[i].name, name))
			return &p->groups[i];
	g = MORE(p->groups, p->n_groups);
	if (!g)
		return NULL;
	snprintf(g->name, sizeof(g->name), "%s", name);
	g->sample = -1;
	g->steps = calloc(p->n_steps, sizeof(*g->steps));
	return g->steps ? g : NULL;
}

/* step, group, target, class, flows */
static int take_group(struct past *p, sqlite3_stmt *q)
{
	size_t step = step_of(p, sqlite3_column_int64(q, 0));
	__u64 flows = (__u64)sqlite3_column_int64(q, 4);
	char name[32], class[16];
	struct past_group *g;

	take_text(name, sizeof(name), q, 1);
	take_text(class, sizeof(class), q, 3);
	g = group_of(p, name);
	if (!g)
		return -ENOMEM;
	g->target |= sqlite3_column_int(q, 2) != 0;
	add_class(&g->total, class, flows);
	if (step < p->n_steps)
		add_class(&g->steps[step], class, flows);
	return 0;
}

static int take_signature(struct past *p, sqlite3_stmt *q)
{
	size_t step = step_of(p, sqlite3_column_int64(q, 0)), i;
	__u64 flows = (__u64)sqlite3_column_int64(q, 2);
	struct past_signature *s;
	char name[28];

	take_text(name, sizeof(name), q, 1);
	for (i = 0; i < p->n_signatures && strcmp(p->signatures[i].name, name); i++)
		;
	s = i < p->n_signatures ? &p->signatures[i] : MORE(p->signatures, p->n_signatures);
	if (!s)
		return -ENOMEM;
	if (!s->steps) {
		strcpy(s->name, name);
		s->steps = calloc(p->n_steps, sizeof(*s->steps));
		if (!s->steps)
			return -ENOMEM;
	}
	s->total += flows;
	if (step < p->n_steps)
		s->steps[step] += flows;
	return 0;
}

static int take_kind(struct past *p, sqlite3_stmt *q)
{
	struct past_kind *k = MORE(p->kinds, p->n_kinds);

	if (!k)
		return -ENOMEM;
	take_text(k->group, sizeof(k->group), q, 0);
	k->target = sqlite3_column_int(q, 1) != 0;
	take_text(k->family, sizeof(k->family), q, 2);
	take_text(k->transport, sizeof(k->transport), q, 3);
	take_text(k->stage, sizeof(k->stage), q, 4);
	take_text(k->outcome, sizeof(k->outcome), q, 5);
	take_text(k->signature, sizeof(k->signature), q, 6);
	take_text(k->injection, sizeof(k->injection), q, 7);
	take_text(k->class, sizeof(k->class), q, 8);
	k->flows = (__u64)sqlite3_column_int64(q, 9);
	return 0;
}

/* group, name, ok, failed, neither */
static int take_part(struct past_part **list, size_t *n, sqlite3_stmt *q)
{
	struct past_part *part = MORE(*list, *n);

	if (!part)
		return -ENOMEM;
	take_text(part->group, sizeof(part->group), q, 0);
	take_text(part->name, sizeof(part->name), q, 1);
	part->total = (struct past_counts){ (__u64)sqlite3_column_int64(q, 2), (__u64)sqlite3_column_int64(q, 3),
					    (__u64)sqlite3_column_int64(q, 4) };
	return 0;
}

static int take_prefix(struct past *p, sqlite3_stmt *q)
{
	return take_part(&p->prefixes, &p->n_prefixes, q);
}

static int take_site(struct past *p, sqlite3_stmt *q)
{
	return take_part(&p->sites, &p->n_sites, q);
}

static int take_watch(struct past *p, sqlite3_stmt *q)
{
	size_t step = step_of(p, sqlite3_column_int64(q, 0));
	struct past_watch *w = &p->watch[step < p->n_steps ? step : 0];

	if (step >= p->n_steps)
		return 0;
	w->minutes = (unsigned int)sqlite3_column_int(q, 1);
	w->books = (struct keep_books){ (__u64)sqlite3_column_int64(q, 2), (__u64)sqlite3_column_int64(q, 3),
					(__u64)sqlite3_column_int64(q, 4), (__u64)sqlite3_column_int64(q, 5),
					(__u64)sqlite3_column_int64(q, 6) };
	return 0;
}

/* Of a group that has counts. */
static int take_sample(struct past *p, sqlite3_stmt *q)
{
	char name[32];

	take_text(name, sizeof(name), q, 0);
	for (size_t i = 0; i < p->n_groups; i++)
		if (!strcmp(p->groups[i].name, name))
			p->groups[i].sample = sqlite3_column_double(q, 1);
	return 0;
}

static int take_clients(struct past *p, sqlite3_stmt *q)
{
	struct past_clients *c = MORE(p->clients, p->n_clients);

	if (!c)
		return -ENOMEM;
	c->day = sqlite3_column_int64(q, 0);
	take_text(c->group, sizeof(c->group), q, 1);
	take_text(c->site, sizeof(c->site), q, 2);
	take_text(c->range, sizeof(c->range), q, 3);
	return 0;
}

static int take_ranges(struct past *p, sqlite3_stmt *q)
{
	struct past_ranges *one = MORE(p->ranges, p->n_ranges);

	if (!one)
		return -ENOMEM;
	one->at = sqlite3_column_int64(q, 0);
	take_text(one->version, sizeof(one->version), q, 1);
	take_text(one->hash, sizeof(one->hash), q, 2);
	return 0;
}

static int take_incident(struct past *p, sqlite3_stmt *q)
{
	struct past_incident *i = MORE(p->incidents, p->n_incidents);
	const char *object = (const char *)sqlite3_column_text(q, 6);

	if (!i)
		return -ENOMEM;
	take_text(i->id, sizeof(i->id), q, 0);
	take_text(i->group, sizeof(i->group), q, 1);
	i->since = sqlite3_column_int64(q, 2);
	i->ended = sqlite3_column_int64(q, 3);
	take_text(i->state, sizeof(i->state), q, 4);
	i->changed = sqlite3_column_int64(q, 5);
	i->object = strdup(object ? object : "");
	i->changes = (unsigned int)sqlite3_column_int(q, 7);
	return i->object ? 0 : -ENOMEM;
}

static int take_oldest(struct past *p, sqlite3_stmt *q)
{
	p->oldest = sqlite3_column_int64(q, 0);
	return 0;
}

/* ---- the stretch ------------------------------------------------------------------------------------------------- */
static __s64 number_of(struct reader *r, const char *sql)
{
	__s64 number = 0;
	sqlite3_stmt *q;

	if (sqlite3_prepare_v2(r->db, sql, -1, &q, NULL))
		return 0;
	if (sqlite3_step(q) == SQLITE_ROW)
		number = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return number;
}

/* Have minutes been dropped that the stretch asks for? */
static bool hours_go_further_back(struct reader *r, __s64 from)
{
	__s64 minute = number_of(r, "SELECT min(at) FROM watch_minute");
	__s64 hour = number_of(r, "SELECT min(at) FROM watch_hour");

	return from < minute && hour + HOUR_S <= minute;
}

/* Steps are whole in UTC, and as short as their number allows. */
static int set_steps(struct reader *r, __s64 from, __s64 to, __s64 now)
{
	static const __s64 lengths[] = { 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86400, 7 * 86400 };
	bool hours = hours_go_further_back(r, from);
	struct past *p = r->past;
	size_t i = 0;

	if (from >= to)
		return complain(r, -EINVAL, "the stretch ends before it begins");
	if (to - from > SPAN_LONGEST)
		return complain(r, -EINVAL, "the stretch is longer than what is kept: 13 months");
	while (i + 1 < sizeof(lengths) / sizeof(lengths[0]) &&
	       ((to - from) / lengths[i] + 2 > PAST_STEPS || (hours && lengths[i] < HOUR_S)))
		i++;
	p->now = now;
	p->step_s = lengths[i];
	p->by_minute = p->step_s < HOUR_S;
	p->from = from - ((from % p->step_s) + p->step_s) % p->step_s;
	p->n_steps = (size_t)((to - p->from + p->step_s - 1) / p->step_s);
	p->to = p->from + (__s64)p->n_steps * p->step_s;
	p->watch = calloc(p->n_steps, sizeof(*p->watch));
	if (!p->watch)
		return complain(r, -ENOMEM, "out of memory");
	for (size_t at = 0; at < p->n_steps; at++)
		p->watch[at].at = p->from + (__s64)at * p->step_s;
	return 0;
}

static int around_incident(struct reader *r, const char *id, __s64 now, __s64 *from, __s64 *to)
{
	sqlite3_stmt *q;
	int err = -ENOENT;

	if (sqlite3_prepare_v2(r->db, "SELECT since, ended FROM incident WHERE id = ?1", -1, &q, NULL))
		return of_file(r, sqlite3_errmsg(r->db));
	sqlite3_bind_text(q, 1, id, -1, SQLITE_STATIC);
	if (sqlite3_step(q) == SQLITE_ROW) {
		__s64 since = sqlite3_column_int64(q, 0), ended = sqlite3_column_int64(q, 1), around;

		ended = ended ? ended : now;
		around = (ended - since) / 4;
		around = around > AROUND_S ? around : AROUND_S;
		*from = since - around;
		*to = ended + around < now ? ended + around : now > since ? now : ended + around;
		err = 0;
	}
	sqlite3_finalize(q);
	if (err)
		snprintf(r->error, r->n, "there is no incident '%.60s'; without --incident, all are listed", id);
	return err;
}

static int by_total(const void *a, const void *b)
{
	const struct past_signature *x = a, *y = b;

	return (x->total < y->total) - (x->total > y->total);
}

/* Targets first, then by name. */
static int by_role(const void *a, const void *b)
{
	const struct past_group *x = a, *y = b;

	return x->target != y->target ? y->target - x->target : strcmp(x->name, y->name);
}

#define STEP "at - (at - ?1) % ?3"
#define SUMS \
	"sum(CASE class WHEN 'success' THEN flows ELSE 0 END), sum(CASE class WHEN 'failure' THEN flows ELSE 0 END), " \
	"sum(CASE class WHEN 'neither' THEN flows ELSE 0 END)"
#define COUNTS(table) " FROM " table " JOIN series ON id = series WHERE at >= ?1 AND at < ?2 "

static int read_all(struct reader *r)
{
	static const struct {
		const char *minutes, *hours;
		int (*take)(struct past *p, sqlite3_stmt *q);
	} queries[] = {
#define QUERY(what, rest, take) { what COUNTS("minute") rest, what COUNTS("hour") rest, take }
		QUERY("SELECT " STEP ", grp, target, class, sum(flows)", "GROUP BY 1, 2, 3, 4 ORDER BY 1",
		      take_group),
		QUERY("SELECT " STEP ", signature, sum(flows)",
		      "AND target AND class = 'failure' GROUP BY 1, 2 ORDER BY 1", take_signature),
		QUERY("SELECT grp, target, family, transport, stage, outcome, signature, injection, class, sum(flows)",
		      "GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY target DESC, grp, 10 DESC", take_kind),
		QUERY("SELECT grp, prefix, " SUMS, "AND target GROUP BY 1, 2 ORDER BY 4 DESC, 3 DESC, 2",
		      take_prefix),
		QUERY("SELECT grp, site, " SUMS, "GROUP BY 1, 2 ORDER BY max(target) DESC, 1, 2", take_site),
#undef QUERY
#define WATCH \
	"SELECT " STEP ", sum(minutes), sum(opened), sum(judged), sum(forgotten), sum(lost), sum(unparsed) FROM "
		{ WATCH "watch_minute WHERE at >= ?1 AND at < ?2 GROUP BY 1",
		  WATCH "watch_hour WHERE at >= ?1 AND at < ?2 GROUP BY 1", take_watch },
#undef WATCH
		{ "SELECT min(at) FROM watch_minute", "SELECT min(at) FROM watch_hour", take_oldest },
#define BOTH(sql, take) { sql, sql, take }
		BOTH("SELECT at, grp, site, clients FROM clients WHERE at > ?1 - 86400 AND at < ?2 ORDER BY 1, 2, 3",
		     take_clients),
		BOTH("SELECT at, version, hash FROM ranges WHERE at < ?2 AND number >= coalesce((SELECT max(number) FROM"
		     " ranges WHERE at < ?1), 0) ORDER BY number",
		     take_ranges),
		BOTH("SELECT i.id, grp, since, ended, state, changed, i.object, (SELECT count(*) FROM incident_change c"
		     " WHERE c.id = i.id) FROM incident i WHERE since < ?2 AND (ended IS NULL OR ended >= ?1)"
		     " ORDER BY since, i.id",
		     take_incident),
#undef BOTH
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(queries) / sizeof(queries[0]); i++)
		err = each(r, r->past->by_minute ? queries[i].minutes : queries[i].hours, queries[i].take);
	/* a file of an older version has no such table */
	if (!err && number_of(r, "SELECT count(*) FROM sqlite_master WHERE name = 'sample'"))
		err = each(
			r,
			/* of all flows, and not of all hours: at night all are watched, by day a hundredth */
			"SELECT s.grp, sum(f.n) / sum(f.n / s.share) FROM sample s JOIN (SELECT at, grp, sum(flows) n"
			" FROM hour JOIN series ON id = series WHERE at > ?1 - 3600 AND at < ?2 GROUP BY at, grp) f"
			" ON f.at = s.at AND f.grp = s.grp WHERE s.share > 0 GROUP BY s.grp",
			take_sample);
	if (r->past->n_signatures)
		qsort(r->past->signatures, r->past->n_signatures, sizeof(*r->past->signatures), by_total);
	if (r->past->n_groups)
		qsort(r->past->groups, r->past->n_groups, sizeof(*r->past->groups), by_role);
	return err;
}

/* Of the incidents, only this one: beside others in its stretch it would drown. */
static void keep_incident(struct past *p, const char *id)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n_incidents; i++) {
		if (strcmp(p->incidents[i].id, id))
			free(p->incidents[i].object);
		else
			p->incidents[kept++] = p->incidents[i];
	}
	p->n_others = p->n_incidents - kept;
	p->n_incidents = kept;
}

int past_read(const char *dir, __s64 from, __s64 to, const char *incident, __s64 now, struct past *out, char *error,
	      size_t n)
{
	struct past past = {};
	struct reader r = { .past = &past, .error = error, .n = n };
	int err = open_file(&r, dir);

	if (!err && sqlite3_exec(r.db, "BEGIN", NULL, NULL, NULL))
		err = of_file(&r, sqlite3_errmsg(r.db));
	if (!err && incident)
		err = around_incident(&r, incident, now, &from, &to);
	if (!err)
		err = set_steps(&r, from, to, now);
	if (!err)
		err = read_all(&r);
	if (!err) { /* a file of version 1 has no such table, and was never purged */
		past.purged =
			number_of(&r, "SELECT CAST(value AS INTEGER) FROM state WHERE name = '" PURGE_NOTE "'");
		past.purged_at = number_of(&r, "SELECT at FROM state WHERE name = '" PURGE_NOTE "'");
	}
	sqlite3_close_v2(r.db);
	if (!err && incident)
		keep_incident(&past, incident);
	if (err)
		past_free(&past);
	else
		*out = past;
	return err;
}

void *past_state(const char *dir, const char *name, size_t *n, __s64 *at)
{
	struct past nothing = {};
	char error[256];
	struct reader r = { .past = &nothing, .error = error, .n = sizeof(error) };
	void *value = open_file(&r, dir) ? NULL : store_state_get(r.db, name, n, at);

	sqlite3_close_v2(r.db);
	return value;
}

void past_free(struct past *p)
{
	for (size_t i = 0; i < p->n_groups; i++)
		free(p->groups[i].steps);
	for (size_t i = 0; i < p->n_signatures; i++)
		free(p->signatures[i].steps);
	for (size_t i = 0; i < p->n_incidents; i++)
		free(p->incidents[i].object);
	free(p->watch);
	free(p->groups);
	free(p->kinds);
	free(p->signatures);
	free(p->prefixes);
	free(p->sites);
	free(p->clients);
	free(p->ranges);
	free(p->incidents);
	*p = (struct past){};
}

bool past_is_target(const struct past *p, const char *group)
{
	for (size_t i = 0; i < p->n_groups; i++)
		if (!strcmp(p->groups[i].name, group))
			return p->groups[i].target;
	return true;
}

__s64 past_end(const struct past *p)
{
	return p->to < p->now ? p->to : p->now;
}
