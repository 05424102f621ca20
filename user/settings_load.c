// SPDX-License-Identifier: GPL-2.0
/* The settings file: read by libcyaml, its complaints turned into one line with place, value and remedy. */
#include "settings.h"

#include <ctype.h>
#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "number.h"
#include "suggest.h"
#include "yaml_place.h"

#define FILE_MAX  (1024 * 1024)
#define LIST_MAX  65536
#define VALUE_MAX 4095

/* What the file holds. Single values are texts here, so that one parser reads and judges numbers. */
struct yaml_waits {
	char *syn_live, *syn, *payload, *post_ack, *frozen, *idle;
};

struct yaml_settings {
	struct setting_interface *interfaces;
	struct setting_site *sites;
	char **ranges, **nat64;
	unsigned int interfaces_count, sites_count, ranges_count, nat64_count;
	char *watch_role, *listen, *event_log, *socket, *state_dir, *attempts, *flows, *socket_hooks, *dns;
	struct yaml_waits *waits;
};

#define MAY_LACK			(CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER_NULL_STR)
#define TEXT(key, type, member)		CYAML_FIELD_STRING_PTR(key, MAY_LACK, type, member, 0, VALUE_MAX)
#define LIST(key, type, member, schema) CYAML_FIELD_SEQUENCE(key, MAY_LACK, type, member, schema, 0, LIST_MAX)

static const cyaml_schema_value_t text_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, VALUE_MAX),
};

static const cyaml_schema_field_t interface_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct setting_interface, name, 0, VALUE_MAX),
	TEXT("role", struct setting_interface, role),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t interface_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct setting_interface, interface_fields),
};

static const cyaml_schema_field_t site_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct setting_site, name, 0, VALUE_MAX),
	LIST("prefixes", struct setting_site, prefixes, &text_schema),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t site_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct setting_site, site_fields),
};

static const cyaml_schema_field_t wait_fields[] = {
	TEXT("syn_live", struct yaml_waits, syn_live),
	TEXT("syn", struct yaml_waits, syn),
	TEXT("payload", struct yaml_waits, payload),
	TEXT("post_ack", struct yaml_waits, post_ack),
	TEXT("frozen", struct yaml_waits, frozen),
	TEXT("idle", struct yaml_waits, idle),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t fields[] = {
	LIST("interfaces", struct yaml_settings, interfaces, &interface_schema),
	TEXT("watch_role", struct yaml_settings, watch_role),
	LIST("sites", struct yaml_settings, sites, &site_schema),
	LIST("ranges", struct yaml_settings, ranges, &text_schema),
	LIST("nat64", struct yaml_settings, nat64, &text_schema),
	TEXT("listen", struct yaml_settings, listen),
	TEXT("event_log", struct yaml_settings, event_log),
	TEXT("socket", struct yaml_settings, socket),
	TEXT("state_dir", struct yaml_settings, state_dir),
	CYAML_FIELD_MAPPING_PTR("waits", MAY_LACK, struct yaml_settings, waits, wait_fields),
	TEXT("attempts", struct yaml_settings, attempts),
	TEXT("flows", struct yaml_settings, flows),
	TEXT("socket_hooks", struct yaml_settings, socket_hooks),
	TEXT("dns", struct yaml_settings, dns),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER_NULL, struct yaml_settings, fields), /* "---" alone is nothing */
};

/* ---- libcyaml's log: the first line says what, the first of the backtrace where -------------------- */
struct complaint {
	char what[256], field[32];
	unsigned int line;
	bool backtrace;
};

static void take_log(cyaml_log_t level, void *arg, const char *format, va_list args)
{
	static const char backtrace[] = "Load: Backtrace", load[] = "Load: ", in_field[] = "in mapping field '";
	struct complaint *c = arg;
	char text[512], *place;

	if (level < CYAML_LOG_ERROR)
		return;
	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	if (!strncmp(text, backtrace, strlen(backtrace))) {
		c->backtrace = true;
	} else if (!c->backtrace) {
		if (!*c->what)
			snprintf(c->what, sizeof(c->what), "%.255s",
				 strncmp(text, load, strlen(load)) ? text : text + strlen(load));
	} else {
		place = strstr(text, "(line: ");
		if (place && !c->line)
			c->line = (unsigned int)strtoul(place + strlen("(line: "), NULL, 10);
		place = strstr(text, in_field);
		if (place && !*c->field)
			snprintf(c->field, sizeof(c->field), "%.*s", (int)strcspn(place + strlen(in_field), "'"),
				 place + strlen(in_field));
	}
}

/* What stands behind the beginning, or NULL where the text does not begin so. */
static const char *after(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) ? NULL : text + strlen(beginning);
}

static void explain_key(const char *key, char *error, size_t n)
{
	const char *words[32], *meant;
	const cyaml_schema_field_t *lists[] = { fields, interface_fields, site_fields, wait_fields };
	size_t n_words = 0, i, j;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (j = 0; lists[i][j].key && n_words < sizeof(words) / sizeof(words[0]); j++)
			words[n_words++] = lists[i][j].key;
	meant = suggest(key, words, n_words);
	if (meant && strcmp(meant, key))
		snprintf(error, n, "unknown key '%s'; did you mean %s?", key, meant);
	else
		snprintf(error, n, "unknown key '%s' in this place; see xreach(8) for the keys", key);
}

/* In our words, with a remedy. */
static void explain(const struct complaint *c, char *error, size_t n)
{
	const char *field = *c->field ? c->field : "the file", *rest;

	if ((rest = after(c->what, "Unexpected key: ")))
		explain_key(rest, error, n);
	else if ((rest = after(c->what, "Missing required mapping field: ")))
		snprintf(error, n, "an entry without %s; give it one", rest);
	else if ((rest = after(c->what, "Mapping field already seen: ")))
		snprintf(error, n, "%s is given twice; leave one out", rest);
	else if (after(c->what, "Expecting SEQUENCE"))
		snprintf(error, n, "%s: is one value, but a list is wanted; write [one, two]", field);
	else if (after(c->what, "Expecting MAPPING"))
		snprintf(error, n, "%s: is no set of keys with values; write %s", field,
			 !strcmp(field, "interfaces") ? "'- name: eth0'"
			 : !strcmp(field, "sites")    ? "'- name: lahore' and its prefixes"
						      : "'key: value'");
	else if (after(c->what, "Expecting STRING"))
		snprintf(error, n, "%s: one value is wanted; if it begins with a bracket, put it in quotes", field);
	else
		snprintf(error, n, "%s: %s; see xreach(8) for what may stand there", field,
			 *c->what ? c->what : "cannot be read");
}

static int parse(const char *text, size_t len, struct yaml_settings **out, unsigned int *line, char *error,
		 size_t n)
{
	struct complaint c = {};
	const cyaml_config_t config = {
		.log_fn = take_log,
		.log_ctx = &c,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
		.flags = CYAML_CFG_NO_ALIAS, /* a file of a few lines must stay small */
	};
	const char *key;
	cyaml_err_t result;
	int err;

	err = yaml_place_syntax(text, len, line, error, n);
	if (err)
		return err;
	result = cyaml_load_data((const uint8_t *)text, len, &config, &schema, (cyaml_data_t **)out, NULL);
	if (result == CYAML_OK)
		return 0;
	if (result == CYAML_ERR_OOM) {
		snprintf(error, n, "out of memory");
		return -ENOMEM;
	}
	*line = c.line;
	/* libcyaml names the place before an unknown key */
	key = after(c.what, "Unexpected key: ");
	if (key)
		*line = yaml_place_key(text, len, key, c.line);
	if (result == CYAML_ERR_ALIAS)
		snprintf(error, n, "anchors and aliases (&, *) are not understood; write the value out");
	else
		explain(&c, error, n);
	return -EINVAL;
}

/* ---- into struct settings ------------------------------------------------------------------------ */
static int take_number(const char *name, const char *text, unsigned int *out, char *error, size_t n)
{
	__u64 value = 0;
	int err;

	if (!text)
		return 0;
	err = number_parse(name, text, SETTINGS_TABLE_LOW, SETTINGS_TABLE_HIGH, &value, error, n);
	if (!err)
		*out = (unsigned int)value;
	return err;
}

static int take_waits(const struct yaml_waits *from, struct waits *to, char *where, char *error, size_t n)
{
	const struct {
		const char *key, *text;
		__u32 *ms;
	} rows[] = {
		{ "syn_live", from->syn_live, &to->syn_live_ms }, { "syn", from->syn, &to->syn_final_ms },
		{ "payload", from->payload, &to->payload_ms },	  { "post_ack", from->post_ack, &to->post_ack_ms },
		{ "frozen", from->frozen, &to->frozen_ms },	  { "idle", from->idle, &to->idle_ms },
	};
	char name[32];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(where, SETTINGS_WHERE, "waits/%s", rows[i].key);
		snprintf(name, sizeof(name), "waits: %s", rows[i].key);
		if (rows[i].text && number_parse_ms(name, rows[i].text, SETTINGS_WAIT_LOW_MS, SETTINGS_WAIT_HIGH_MS,
						    rows[i].ms, error, n))
			return -EINVAL;
	}
	return 0;
}

/* A key that is true or false, kept as what is left out. */
static int take_switch(const char *key, const char *text, bool *off, char *error, size_t n)
{
	static const char *const yes[] = { "true", "yes", "on" }, *const no[] = { "false", "no", "off" };
	size_t i;

	for (i = 0; text && i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (!strcasecmp(text, yes[i]) || !strcasecmp(text, no[i])) {
			*off = !strcasecmp(text, no[i]);
			return 0;
		}
	}
	if (!text)
		return 0;
	snprintf(error, n, "%s: '%s' is neither true nor false; write one of them", key, text);
	return -EINVAL;
}

static void move_text(char **from, char **to)
{
	if (*from) {
		free(*to);
		*to = *from;
		*from = NULL;
	}
}

static void move_texts(char ***from, unsigned int *from_count, char ***to, unsigned int *to_count)
{
	if (*from_count) {
		settings_clear_texts(to, to_count);
		*to = *from;
		*to_count = *from_count;
		*from = NULL;
		*from_count = 0;
	}
}

static int take(struct yaml_settings *y, struct settings *s, char *where, char *error, size_t n)
{
	int err = y->waits ? take_waits(y->waits, &s->waits, where, error, n) : 0;

	if (err)
		return err;
	snprintf(where, SETTINGS_WHERE, "attempts");
	err = take_number("attempts", y->attempts, &s->attempts_max, error, n);
	if (err)
		return err;
	snprintf(where, SETTINGS_WHERE, "flows");
	err = take_number("flows", y->flows, &s->flows_max, error, n);
	if (err)
		return err;
	snprintf(where, SETTINGS_WHERE, "socket_hooks");
	err = take_switch("socket_hooks", y->socket_hooks, &s->no_socket_hooks, error, n);
	if (err)
		return err;
	snprintf(where, SETTINGS_WHERE, "dns");
	err = take_switch("dns", y->dns, &s->no_dns, error, n);
	if (err)
		return err;
	/* libcyaml allocates as we do (cyaml_mem), so what it made may be kept */
	s->interfaces = y->interfaces;
	s->interfaces_count = y->interfaces_count;
	s->sites = y->sites;
	s->sites_count = y->sites_count;
	y->interfaces = NULL;
	y->sites = NULL;
	y->interfaces_count = y->sites_count = 0;
	move_texts(&y->ranges, &y->ranges_count, &s->ranges, &s->ranges_count);
	move_texts(&y->nat64, &y->nat64_count, &s->nat64, &s->nat64_count);
	move_text(&y->watch_role, &s->watch_role);
	move_text(&y->listen, &s->listen);
	move_text(&y->socket, &s->socket);
	move_text(&y->state_dir, &s->state_dir);
	if (y->event_log && *y->event_log)
		move_text(&y->event_log, &s->event_log);
	return settings_check(s, where, error, n);
}

static int read_file(const char *file, bool must_exist, char **text, size_t *len, char *error, size_t n)
{
	FILE *f = fopen(file, "re");
	int err = 0;

	*len = 0;
	*text = NULL;
	if (!f) {
		if (errno == ENOENT && !must_exist)
			return 0;
		err = -errno;
		snprintf(error, n, "%s: %s; name a readable file with -c", file, strerror(errno));
		return err;
	}
	*text = malloc(FILE_MAX + 1);
	if (!*text) {
		err = -ENOMEM;
		snprintf(error, n, "%s: out of memory", file);
		goto out;
	}
	*len = fread(*text, 1, FILE_MAX + 1, f);
	if (ferror(f)) {
		err = -errno;
		snprintf(error, n, "%s: %s; name a readable file with -c", file, strerror(-err));
	} else if (*len > FILE_MAX) {
		err = -EFBIG;
		snprintf(error, n, "%s: longer than %d bytes, so no settings file; name another with -c", file,
			 FILE_MAX);
	}
out:
	fclose(f);
	return err;
}

static void yaml_settings_free(struct yaml_settings *y)
{
	const cyaml_config_t config = { .mem_fn = cyaml_mem };

	cyaml_free(&config, &schema, y, 0);
}

/* A value from the file may hold anything, and a terminal would act on it. */
static void make_one_line(char *error)
{
	for (; *error; error++)
		if (iscntrl((unsigned char)*error))
			*error = '?';
}

int settings_load(struct settings *s, const char *file, bool must_exist, char *error, size_t n)
{
	struct yaml_settings *y = NULL;
	char what[512] = "out of memory", where[SETTINGS_WHERE] = "", *text;
	unsigned int line = 0;
	size_t len;
	int err;

	*s = (struct settings){};
	err = read_file(file, must_exist, &text, &len, error, n);
	if (err)
		goto out;
	err = settings_default(s);
	if (err) {
		snprintf(error, n, "%s: out of memory", file);
		goto out;
	}
	if (!text)
		goto out;
	err = parse(text, len, &y, &line, what, sizeof(what));
	if (!err && y) { /* a file of nothing but comments gives no y */
		if (yaml_place_is_empty_text(text, len, "listen"))
			err = settings_set_text(&s->listen, "");
		if (!err && yaml_place_is_empty_text(text, len, "state_dir"))
			err = settings_set_text(&s->state_dir, "");
		if (!err)
			err = take(y, s, where, what, sizeof(what));
		line = err ? yaml_place_path(text, len, where) : 0;
	}
	if (err && line)
		snprintf(error, n, "%s:%u: %s", file, line, what);
	else if (err)
		snprintf(error, n, "%s: %s", file, what);
	if (err)
		make_one_line(error);
out:
	if (err)
		settings_free(s);
	yaml_settings_free(y);
	free(text);
	return err;
}
