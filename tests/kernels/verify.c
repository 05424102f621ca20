// SPDX-License-Identifier: GPL-2.0
/*
 * verify OBJECT: load every program of the BPF object alone and print a line for each: "NAME INSTRUCTIONS", how many
 * this kernel's verifier walked through (its limit is a million), or "NAME refused: why".
 * verify OBJECT PROGRAM: this one, and all that the verifier says of it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static char words[16 << 20];

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

/* The verifier's last words but its statistics. */
static const char *last_words(void)
{
	const char *found = "no word of the verifier";
	char *save = NULL;

	for (char *line = strtok_r(words, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (*line && strncmp(line, "processed ", 10))
			found = line;
	return found;
}

static int verify(const char *path, const char *name, bool aloud)
{
	struct bpf_object *o = bpf_object__open_file(path, NULL);
	struct bpf_prog_info info = { 0 };
	struct bpf_program *p, *one = NULL;
	__u32 len = sizeof(info);
	int err;

	if (!o)
		return -errno;
	bpf_object__for_each_program(p, o)
	{
		bool wanted = !strcmp(bpf_program__name(p), name);

		bpf_program__set_autoload(p, wanted);
		if (wanted)
			one = p;
	}
	words[0] = '\0';
	bpf_program__set_log_buf(one, words, sizeof(words));
	bpf_program__set_log_level(one, aloud ? 1 : 0);
	err = bpf_object__load(o);
	if (aloud)
		fputs(words, stdout);
	if (!err)
		err = bpf_obj_get_info_by_fd(bpf_program__fd(one), &info, &len) ? -errno : 0;
	if (err)
		printf("%s refused: %s: %s\n", name, strerror(-err), last_words());
	else
		printf("%s %u\n", name, info.verified_insns);
	bpf_object__close(o);
	return err;
}

int main(int argc, char **argv)
{
	struct bpf_object *o;
	struct bpf_program *p;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: verify OBJECT [PROGRAM]\n");
		return 2;
	}
	libbpf_set_print(silent);
	o = bpf_object__open_file(argv[1], NULL);
	if (!o) {
		fprintf(stderr, "verify: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	bpf_object__for_each_program(p, o) if (argc == 2 || !strcmp(argv[2], bpf_program__name(p)))
		verify(argv[1], bpf_program__name(p), argc == 3);
	bpf_object__close(o);
	return 0;
}
