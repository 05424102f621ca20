// SPDX-License-Identifier: GPL-2.0
/* The command line: what each subcommand takes, what it says of misuse, and who wins over whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "options.h"
#include "unit/files.h"

#define N(array)  (sizeof(array) / sizeof((array)[0]))
#define ARGUMENTS 32

static const char *const commands[] = { "top", "run", "replay", "ranges", "status", "detach" };

struct fixture {
	struct files files;
	struct options options;
	char config[128];
	char line[ARGUMENTS][160], *argv[ARGUMENTS + 1];
	char *out, *err; /* what was printed */
	int result;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	files_begin(&f->files);
	/* never the settings of the machine that runs this */
	strcpy(f->config, files_write(&f->files, "x.yaml", "", 0));
	unsetenv("NO_COLOR");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	options_free(&f->options);
	free(f->out);
	free(f->err);
	files_end(&f->files);
	free(f);
	return 0;
}

static void configure(struct fixture *f, const char *text)
{
	files_write(&f->files, "x.yaml", text, strlen(text));
}

/* Send a standard stream to a file, or give it back. */
static int redirect(FILE *stream, const char *path)
{
	int kept, fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	fflush(stream);
	kept = dup(fileno(stream));
	assert_true(fd >= 0 && kept >= 0);
	dup2(fd, fileno(stream));
	close(fd);
	return kept;
}

static void restore(FILE *stream, int kept)
{
	fflush(stream);
	dup2(kept, fileno(stream));
	close(kept);
}

/* Parse "words" of the command as given: the settings file of the fixture first unless `bare`. */
static int parse_words(struct fixture *f, bool bare, const char *command, const char *const *words, size_t n)
{
	char out[128], err[128];
	int argc = 0, kept[2];

	assert_true(n + 4 <= ARGUMENTS);
	snprintf(f->line[argc++], sizeof(f->line[0]), "%s", command);
	if (!bare) {
		strcpy(f->line[argc++], "-c");
		strcpy(f->line[argc++], f->config);
	}
	for (size_t i = 0; i < n; i++)
		snprintf(f->line[argc++], sizeof(f->line[0]), "%s", words[i]);
	for (int i = 0; i < argc; i++)
		f->argv[i] = f->line[i];
	f->argv[argc] = NULL;
	options_free(&f->options);
	free(f->out);
	free(f->err);
	strcpy(out, files_path(&f->files, "out"));
	strcpy(err, files_path(&f->files, "err"));
	kept[0] = redirect(stdout, out);
	kept[1] = redirect(stderr, err);
	f->result = options_parse(command, argc, f->argv, &f->options);
	restore(stdout, kept[0]);
	restore(stderr, kept[1]);
	f->out = files_read(out);
	f->err = files_read(err);
	return f->result;
}

#define WORDS(...)	       ((const char *const[]){ __VA_ARGS__ }), N(((const char *const[]){ __VA_ARGS__ }))
#define parse(f, command, ...) parse_words(f, false, command, WORDS(__VA_ARGS__))

static const struct options *accepted(const struct fixture *f)
{
	if (f->result)
		fail_msg("refused: %s", f->err);
	assert_string_equal(f->err, "");
	assert_string_equal(f->out, "");
	return &f->options;
}
#define ACCEPT(f, command, ...) (parse(f, command, __VA_ARGS__), accepted(f))

/* Misuse: exit status 2, nothing on standard output, the complaint and where to look on standard error. */
static void assert_misuse(const struct fixture *f, const char *command, const char *complaint)
{
	char expected[512];

	snprintf(expected, sizeof(expected), "xreach %s: %s\nTry: xreach help %s\n", command, complaint, command);
	assert_string_equal(f->err, expected);
	assert_string_equal(f->out, "");
	assert_int_not_equal(f->result, 0);
	assert_int_equal(f->options.status, 2);
	assert_null(f->options.settings.listen); /* nothing is left to be freed */
	assert_null(f->options.config);
}
#define REFUSE(f, command, complaint, ...) (parse(f, command, __VA_ARGS__), assert_misuse(f, command, complaint))

static void defaults_hold_where_nothing_is_said(void **state)
{
	const struct options *o;

	parse_words(*state, false, "run", NULL, 0);
	o = accepted(*state);
	assert_string_equal(o->settings.listen, SETTINGS_LISTEN);
	assert_string_equal(o->settings.socket, SETTINGS_SOCKET);
	assert_null(o->settings.event_log);
	assert_int_equal(o->delay_ms, 1000);
	assert_false(o->once || o->json || o->no_color || o->check_config || o->help || o->settings.force);
	assert_int_equal(o->operands_count, 0);
}

static void every_option_sets_what_it_names(void **state)
{
	struct fixture *f = *state;
	const struct options *o;
	const struct settings *s;

	o = ACCEPT(f, "run", "-i", "eth0", "--interface=eth1:outside", "--ranges", "/a", "--site", "a=10.0.0.0/8",
		   "--listen", "[::1]:80", "--event-log", "-", "--socket", "/s", "--no-socket-hooks", "--no-dns",
		   "--force");
	s = &o->settings;
	assert_int_equal(s->interfaces_count, 2);
	assert_string_equal(s->interfaces[0].name, "eth0");
	assert_null(s->interfaces[0].role);
	assert_string_equal(s->interfaces[1].name, "eth1");
	assert_string_equal(s->interfaces[1].role, "outside");
	assert_int_equal(s->ranges_count, 1);
	assert_string_equal(s->ranges[0], "/a");
	assert_int_equal(s->sites_count, 1);
	assert_string_equal(s->sites[0].name, "a");
	assert_string_equal(s->sites[0].prefixes[0], "10.0.0.0/8");
	assert_string_equal(s->listen, "[::1]:80");
	assert_string_equal(s->event_log, "-");
	assert_string_equal(s->socket, "/s");
	assert_true(s->no_socket_hooks);
	assert_true(s->no_dns);
	assert_true(s->force);

	o = ACCEPT(f, "replay", "--wait-syn-live", "1", "--wait-syn=2s", "--wait-payload", "3000ms",
		   "--wait-post-ack", "4", "--wait-frozen=5", "--wait-idle", "6", "--attempts=17", "--flows=18",
		   "--json", "f");
	s = &o->settings;
	assert_int_equal(s->waits.syn_live_ms, 1000);
	assert_int_equal(s->waits.syn_final_ms, 2000);
	assert_int_equal(s->waits.payload_ms, 3000);
	assert_int_equal(s->waits.post_ack_ms, 4000);
	assert_int_equal(s->waits.frozen_ms, 5000);
	assert_int_equal(s->waits.idle_ms, 6000);
	assert_int_equal(s->attempts_max, 17);
	assert_int_equal(s->flows_max, 18);
	assert_true(o->json);

	o = ACCEPT(f, "top", "-d", "0.5", "--once", "--json", "-C");
	assert_int_equal(o->delay_ms, 500);
	assert_true(o->once);
	assert_true(o->json);
	assert_true(o->no_color);
	assert_int_equal(ACCEPT(f, "top", "-d2")->delay_ms, 2000);
	assert_true(ACCEPT(f, "top", "--no-color")->no_color);
}

static void the_command_line_wins_over_the_file(void **state)
{
	struct fixture *f = *state;
	const struct settings *s;

	configure(
		f,
		"listen: 127.0.0.1:1\nsocket: /file\nwaits: {syn: 30, payload: 31}\nflows: 64\nevent_log: /log\n");
	s = &ACCEPT(f, "run", "--listen", "127.0.0.1:2", "--wait-syn", "40")->settings;
	assert_string_equal(s->listen, "127.0.0.1:2");
	assert_int_equal(s->waits.syn_final_ms, 40000);
	assert_string_equal(s->socket, "/file");
	assert_int_equal(s->waits.payload_ms, 31000);
	assert_int_equal(s->flows_max, 64);
	assert_string_equal(s->event_log, "/log");
}

static void an_empty_text_turns_off_what_the_file_turns_on(void **state)
{
	struct fixture *f = *state;
	const struct settings *s;

	configure(f, "event_log: /log\n");
	s = &ACCEPT(f, "run", "--listen", "", "--event-log", "")->settings;
	assert_string_equal(s->listen, "");
	assert_null(s->event_log);
}

static void a_list_on_the_command_line_replaces_the_one_of_the_file_and_adds_up(void **state)
{
	struct fixture *f = *state;
	const struct settings *s;

	configure(f, "interfaces: [{name: file0}, {name: file1}]\nranges: [/file]\n"
		     "sites: [{name: file, prefixes: [10.0.0.0/8]}]\n");
	s = &ACCEPT(f, "run", "-i", "a", "-i", "b", "--ranges", "/a", "--ranges=/b", "--site", "a=11.0.0.0/8",
		    "--site", "b=12.0.0.0/8", "--site", "a=13.0.0.0/8")
		     ->settings;
	assert_int_equal(s->interfaces_count, 2);
	assert_string_equal(s->interfaces[0].name, "a");
	assert_string_equal(s->interfaces[1].name, "b");
	assert_int_equal(s->ranges_count, 2);
	assert_string_equal(s->ranges[0], "/a");
	assert_string_equal(s->ranges[1], "/b");
	assert_int_equal(s->sites_count, 2);
	assert_int_equal(s->sites[0].prefixes_count, 2);
	assert_string_equal(s->sites[1].name, "b");
	/* and stays where nothing replaces it */
	s = &ACCEPT(f, "run", "-i", "a")->settings;
	assert_string_equal(s->ranges[0], "/file");
	assert_string_equal(s->sites[0].name, "file");
}

static void operands_are_handed_on_in_their_order_wherever_they_stand(void **state)
{
	struct fixture *f = *state;
	const struct options *o = ACCEPT(f, "replay", "a", "--json", "b", "--", "--c");

	assert_int_equal(o->operands_count, 3);
	assert_string_equal(o->operands[0], "a");
	assert_string_equal(o->operands[1], "b");
	assert_string_equal(o->operands[2], "--c");
}

static void operands_too_few_or_too_many_are_refused(void **state)
{
	struct fixture *f = *state;

	parse_words(f, false, "replay", NULL, 0);
	assert_misuse(f, "replay", "something is missing: xreach replay FILE...");
	parse_words(f, false, "ranges", NULL, 0);
	assert_misuse(f, "ranges", "something is missing: xreach ranges show|check|diff [FILE...]");
	REFUSE(f, "run", "'now' is one word too many", "now");
	REFUSE(f, "top", "'b' is one word too many", "b", "--once");
	REFUSE(f, "status", "'x' is one word too many", "x", "y");
	REFUSE(f, "detach", "'x' is one word too many", "x");
}

static void an_unknown_option_is_refused_with_the_one_that_was_meant(void **state)
{
	struct fixture *f = *state;

	REFUSE(f, "run", "unknown or ambiguous option '--lisden'; did you mean --listen?", "--lisden", "x");
	REFUSE(f, "run", "unknown or ambiguous option '--atempts'; did you mean --attempts?", "--atempts=5");
	REFUSE(f, "replay", "unknown or ambiguous option '--wait'; did you mean --wait-syn-live?", "f", "--wait");
	REFUSE(f, "run", "unknown option '--bandwidth'", "--bandwidth");
	REFUSE(f, "run", "unknown option '-x'", "-x");
	REFUSE(f, "run", "unknown option '-?'", "-\x1b");
	REFUSE(f, "run", "unknown option '-?'", "-\xc3\xa4");
}

static void an_option_of_another_subcommand_is_refused_as_that(void **state)
{
	struct fixture *f = *state;

	REFUSE(f, "replay", "--listen is an option of other subcommands, not of replay", "f", "--listen", "x");
	REFUSE(f, "run", "--once is an option of other subcommands, not of run", "--once");
	REFUSE(f, "status", "--ranges is an option of other subcommands, not of status", "--ranges=x");
	REFUSE(f, "replay", "-i (--interface) is an option of other subcommands, not of replay", "-i", "eth0", "f");
}

static void an_argument_too_few_or_too_many_is_refused(void **state)
{
	struct fixture *f = *state;

	REFUSE(f, "run", "--listen needs ADDR:PORT after it", "--listen");
	REFUSE(f, "run", "--interface needs NAME[:ROLE] after it", "-i");
	REFUSE(f, "run", "--force takes no value", "--force=yes");
}

static void a_value_out_of_bounds_is_refused_with_its_option(void **state)
{
	struct fixture *f = *state;

	REFUSE(f, "run", "--flows: '15' is not a number from 16 to 4194304", "--flows", "15");
	REFUSE(f, "run", "--attempts: 'x' is not a number from 16 to 4194304", "--attempts=x");
	REFUSE(f, "run", "--wait-idle: '2h' is not a time from 100ms to 60m (seconds, or with ms, s, m)",
	       "--wait-idle", "2h");
	REFUSE(f, "top", "--delay: '0' is not a time from 100ms to 1m (seconds, or with ms, s, m)", "-d0");
}

static void what_does_not_fit_together_is_refused(void **state)
{
	struct fixture *f = *state;

	REFUSE(f, "run", "waits: syn_live: 3000 ms is longer than syn (2000 ms); make it shorter", "--wait-syn",
	       "2");
	REFUSE(f, "run", "interfaces: 'eth0' is given twice; leave one out", "-i", "eth0", "-i", "eth0");
	REFUSE(f, "run", "interfaces: eth0: 'lan' is no role; write inside or outside (of your NAT)", "-i",
	       "eth0:lan");
	REFUSE(f, "run", "interfaces: eth0: '' is no role; write inside or outside (of your NAT)", "-i", "eth0:");
	REFUSE(f, "run", "--site: 'lahore' has no prefix; write lahore=100.72.0.0/16", "--site", "lahore");
	REFUSE(f, "run",
	       "sites: a: '10.0.0.0/24' would point at people: a site is /20 or wider; join it with its neighbours",
	       "--site", "a=10.0.0.0/24");
	REFUSE(f, "run", "socket: '' cannot be a socket's path; from 1 to 107 bytes", "--socket", "");
}

/* Not the fault of the command line: exit status 1, and no pointer to its help. */
static void a_settings_file_at_fault_is_no_misuse(void **state)
{
	struct fixture *f = *state;
	char expected[512];

	configure(f, "flows: 1\n");
	parse(f, "run", "--force");
	snprintf(expected, sizeof(expected), "xreach run: %s:1: flows: '1' is not a number from 16 to 4194304\n",
		 f->config);
	assert_string_equal(f->err, expected);
	assert_int_equal(f->options.status, 1);
	parse_words(f, true, "run", WORDS("-c", "/nonexistent/x.yaml"));
	assert_string_equal(f->err,
			    "xreach run: /nonexistent/x.yaml: No such file or directory; name a readable file "
			    "with -c\n");
	assert_int_equal(f->options.status, 1);
}

static void the_last_of_two_settings_files_is_read(void **state)
{
	struct fixture *f = *state;

	configure(f, "flows: 64\n");
	assert_int_equal(parse_words(f, true, "run", WORDS("-c", "/nonexistent", "--config", f->config)), 0);
	assert_int_equal(f->options.settings.flows_max, 64);
	assert_string_equal(f->options.config, f->config);
}

static void check_config_says_what_is_in_force_and_ends_well(void **state)
{
	struct fixture *f = *state;
	char head[256];

	parse(f, "run", "--check-config", "--flows", "64");
	assert_int_not_equal(f->result, 0);
	assert_int_equal(f->options.status, 0);
	assert_string_equal(f->err, "");
	snprintf(head, sizeof(head), "%s: ok\n  interfaces   those with a default route; watched: inside\n",
		 f->config);
	assert_memory_equal(f->out, head, strlen(head));
	assert_non_null(strstr(f->out, "attempts 131072, flows 64\n"));
}

static void no_color_in_the_environment_counts_unless_it_is_empty(void **state)
{
	struct fixture *f = *state;

	setenv("NO_COLOR", "1", 1);
	assert_true(ACCEPT(f, "top", "--once")->no_color);
	setenv("NO_COLOR", "", 1);
	assert_false(ACCEPT(f, "top", "--once")->no_color);
	unsetenv("NO_COLOR");
}

static void help_lists_exactly_the_options_of_its_subcommand(void **state)
{
	static const struct {
		const char *command, *options;
	} rows[] = {
		{ "top",
		  "config interface ranges site socket no-socket-hooks no-dns wait-syn-live wait-syn wait-payload "
		  "wait-post-ack wait-frozen wait-idle attempts flows delay once json no-color help " },
		{ "run",
		  "config interface ranges site listen event-log socket state-dir no-socket-hooks no-dns force check-config "
		  "wait-syn-live wait-syn wait-payload wait-post-ack wait-frozen wait-idle attempts flows help " },
		{ "replay",
		  "config ranges site no-dns wait-syn-live wait-syn wait-payload wait-post-ack wait-frozen wait-idle "
		  "attempts flows json incidents dns help " },
		{ "ranges", "config ranges force help " },
		{ "status", "config socket json help " },
		{ "report", "config state-dir since until incident html csv compare verify head json help " },
		{ "detach", "config socket help " },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < N(rows); i++) {
		char found[512] = "", usage[64];
		const char *line;

		/* whatever else is wrong with the command line */
		parse_words(f, true, rows[i].command, WORDS("--help", "-c", "/nonexistent"));
		assert_int_not_equal(f->result, 0);
		assert_int_equal(f->options.status, 0);
		assert_string_equal(f->err, "");
		snprintf(usage, sizeof(usage), "Usage: xreach %s [OPTION]...", rows[i].command);
		assert_memory_equal(f->out, usage, strlen(usage));
		for (line = strstr(f->out, "\nOptions:\n"); line; line = strchr(line + 1, '\n')) {
			const char *name = line + strspn(line, "\n ");

			if (*name == '-' && name[1] != '-')
				name += strlen("-x, ");
			if (!strncmp(name, "--", 2))
				snprintf(found + strlen(found), sizeof(found) - strlen(found), "%.*s ",
					 (int)strcspn(name + 2, " \n"), name + 2);
		}
		assert_string_equal(found, rows[i].options);
	}
}

static void no_line_of_help_is_wider_than_a_terminal(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(commands); i++) {
		parse_words(f, true, commands[i], WORDS("-h"));
		for (char *line = strtok(f->out, "\n"); line; line = strtok(NULL, "\n"))
			assert_in_range(strlen(line), 0, 79);
	}
}

static void every_option_that_help_lists_is_known_to_its_subcommand(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(commands); i++) {
		char *help, *at;

		parse_words(f, true, commands[i], WORDS("--help"));
		help = f->out;
		f->out = NULL;
		for (at = help; (at = strstr(at, "--")); at++) {
			char option[64];

			snprintf(option, sizeof(option), "%.*s", (int)strcspn(at, " \n"), at);
			parse(f, commands[i], option);
			assert_null(strstr(f->err, "unknown"));
			assert_null(strstr(f->err, "other subcommands"));
		}
		free(help);
	}
}

static void a_subcommand_that_is_in_no_table_is_said(void **state)
{
	struct fixture *f = *state;

	parse(f, "dance", "x");
	assert_int_not_equal(f->result, 0);
	assert_string_equal(f->err, "xreach dance: not in the table of subcommands\nTry: xreach help\n");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(defaults_hold_where_nothing_is_said),
		T(every_option_sets_what_it_names),
		T(the_command_line_wins_over_the_file),
		T(an_empty_text_turns_off_what_the_file_turns_on),
		T(a_list_on_the_command_line_replaces_the_one_of_the_file_and_adds_up),
		T(operands_are_handed_on_in_their_order_wherever_they_stand),
		T(operands_too_few_or_too_many_are_refused),
		T(an_unknown_option_is_refused_with_the_one_that_was_meant),
		T(an_option_of_another_subcommand_is_refused_as_that),
		T(an_argument_too_few_or_too_many_is_refused),
		T(a_value_out_of_bounds_is_refused_with_its_option),
		T(what_does_not_fit_together_is_refused),
		T(a_settings_file_at_fault_is_no_misuse),
		T(the_last_of_two_settings_files_is_read),
		T(check_config_says_what_is_in_force_and_ends_well),
		T(no_color_in_the_environment_counts_unless_it_is_empty),
		T(help_lists_exactly_the_options_of_its_subcommand),
		T(no_line_of_help_is_wider_than_a_terminal),
		T(every_option_that_help_lists_is_known_to_its_subcommand),
		T(a_subcommand_that_is_in_no_table_is_said),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
