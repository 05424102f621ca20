// SPDX-License-Identifier: GPL-2.0
/*
 * Looks for planted client addresses and ports, in every form in which one could hide: as text, as hexadecimal
 * digits, as a number, as bytes of either order. In files, in the memory of a process, and in all BPF maps
 * that a process holds, or that its programs use.
 *
 *	scan [-f FILE]... [-m PID]... [-b PID]... CANARY...
 *
 * A CANARY is an address, a name as `name:TEXT`, or `port:N` (looked for in files only, as a decimal of its own: two
 * bytes occur everywhere). Prints where each was found; exit status 0 nothing, 1 found, 2 could not look.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define FORMS_MAX 256
#define FORM_MAX  48
#define IDS_MAX	  512
#define CHUNK	  (1 << 20)

struct form {
	const char *canary;
	const char *how;
	unsigned char bytes[FORM_MAX];
	size_t len;
	bool whole_number; /* no digit may stand beside it */
	bool text_only;	   /* not in memory or maps */
};

static struct form forms[FORMS_MAX];
static int n_forms;
static unsigned long long found, looked;

static struct form *form_add(const char *canary, const char *how, const void *bytes, size_t len)
{
	struct form *f = &forms[n_forms++];

	if (n_forms == FORMS_MAX || len > FORM_MAX) {
		fprintf(stderr, "scan: too many canaries\n");
		exit(2);
	}
	*f = (struct form){ .canary = canary, .how = how, .len = len };
	memcpy(f->bytes, bytes, len);
	return f;
}

static void text_add(const char *canary, const char *how, const char *text)
{
	form_add(canary, how, text, strlen(text))->whole_number = true;
}

static void reversed(unsigned char *to, const unsigned char *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[n - 1 - i];
}

static void hex_add(const char *canary, const unsigned char *addr, size_t n)
{
	char lower[64] = "", upper[64] = "";

	for (size_t i = 0; i < n; i++) {
		sprintf(lower + i * 2, "%02x", addr[i]);
		sprintf(upper + i * 2, "%02X", addr[i]);
	}
	form_add(canary, "as hexadecimal digits", lower, n * 2);
	form_add(canary, "as hexadecimal digits", upper, n * 2);
}

static void v4_add(const char *canary, const unsigned char *addr)
{
	unsigned char swapped[4];
	char text[32];
	uint32_t be, le;

	reversed(swapped, addr, 4);
	memcpy(&be, addr, 4);
	memcpy(&le, swapped, 4);
	text_add(canary, "as text", canary);
	/* the /24 alone would tell too much, for a site is never finer than a /20 */
	snprintf(text, sizeof(text), "%u.%u.%u.", addr[0], addr[1], addr[2]);
	form_add(canary, "its /24 as text", text, strlen(text));
	form_add(canary, "in network order", addr, 4);
	form_add(canary, "in host order", swapped, 4);
	hex_add(canary, addr, 4);
	snprintf(text, sizeof(text), "%" PRIu32, be);
	text_add(canary, "as a number", text);
	snprintf(text, sizeof(text), "%" PRIu32, le);
	text_add(canary, "as a number", text);
}

static void v6_add(const char *canary, const unsigned char *addr)
{
	unsigned char swapped[16];
	char text[64], *at = text;

	inet_ntop(AF_INET6, addr, text, sizeof(text));
	text_add(canary, "as text", text);
	for (int i = 0; i < 16; i += 2)
		at += sprintf(at, "%s%02x%02x", i ? ":" : "", addr[i], addr[i + 1]);
	text_add(canary, "as text in full", text);
	form_add(canary, "in network order", addr, 16);
	reversed(swapped, addr, 16);
	form_add(canary, "backwards", swapped, 16);
	for (int i = 0; i < 16; i += 4)
		reversed(swapped + i, addr + i, 4);
	form_add(canary, "as words in host order", swapped, 16);
	form_add(canary, "its lower half", addr + 8, 8);
	hex_add(canary, addr, 16);
}

static bool canary_add(const char *text)
{
	unsigned char addr[16];

	if (!strncmp(text, "port:", 5)) {
		struct form *f = form_add(text, "as a decimal", text + 5, strlen(text + 5));

		f->whole_number = f->text_only = true;
		return f->len >= 4;
	}
	if (!strncmp(text, "name:", 5)) {
		form_add(text, "as it is written", text + 5, strlen(text + 5));
		return text[5] != '\0';
	}
	if (inet_pton(AF_INET, text, addr) == 1)
		v4_add(text, addr);
	else if (inet_pton(AF_INET6, text, addr) == 1)
		v6_add(text, addr);
	else
		return false;
	return true;
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static void look(const unsigned char *data, size_t n, bool text, const char *where)
{
	looked += n;
	for (int i = 0; i < n_forms; i++) {
		const struct form *f = &forms[i];
		const unsigned char *at = data, *end = data + n;

		if (f->text_only && !text)
			continue;
		while (at < end && (at = memmem(at, end - at, f->bytes, f->len))) {
			bool beside = (at > data && is_digit(at[-1])) ||
				      (at + f->len < end && is_digit(at[f->len]));

			if (!f->whole_number || !beside) {
				printf("%s %s: %s\n", f->canary, f->how, where);
				found++;
				break;
			}
			at++;
		}
	}
}

/* Pieces overlap, so that nothing hides on a border. `to`: -1 for the end of the file. */
static bool look_fd(int fd, off_t from, off_t to, bool text, const char *where)
{
	static unsigned char data[CHUNK];
	off_t at = from;

	while (to < 0 || at < to) {
		size_t want = to >= 0 && to - at < CHUNK ? (size_t)(to - at) : CHUNK;
		ssize_t n = pread(fd, data, want, at);

		if (n < 0)
			return false;
		if (n == 0)
			break;
		look(data, n, text, where);
		at += n == CHUNK ? n - FORM_MAX : n;
	}
	return true;
}

static void look_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !look_fd(fd, 0, -1, true, path)) {
		fprintf(stderr, "scan: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	close(fd);
}

static void look_memory(const char *pid)
{
	char path[64], line[512], where[600], readable;
	unsigned long long from, to, unread = 0, read = 0;
	FILE *maps;
	int mem;

	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "re");
	if (mem < 0 || !maps) {
		fprintf(stderr, "scan: memory of %s: %s\n", pid, strerror(errno));
		exit(2);
	}
	while (fgets(line, sizeof(line), maps)) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%llx-%llx %c", &from, &to, &readable) != 3 || readable != 'r')
			continue;
		snprintf(where, sizeof(where), "memory of %s, %s", pid, line);
		if (from >> 63 || !look_fd(mem, from, to, false, where))
			unread += to - from;
		else
			read += to - from;
	}
	printf("# memory of %s: %llu KiB looked at, %llu KiB cannot be read\n", pid, read >> 10, unread >> 10);
	if (!read)
		exit(2);
	fclose(maps);
	close(mem);
}

/* ---- BPF maps ----------------------------------------------------------------------------------------------- */
static size_t n_ids;
static __u32 ids[IDS_MAX];

static void id_add(__u32 id)
{
	for (size_t i = 0; i < n_ids; i++)
		if (ids[i] == id)
			return;
	if (n_ids < IDS_MAX)
		ids[n_ids++] = id;
}

static void ids_of_program(__u32 id)
{
	__u32 map_ids[64] = { 0 }, len;
	struct bpf_prog_info info = { .nr_map_ids = 64, .map_ids = (unsigned long)map_ids };
	int fd = bpf_prog_get_fd_by_id(id);

	len = sizeof(info);
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return;
	for (__u32 i = 0; i < info.nr_map_ids && i < 64; i++)
		id_add(map_ids[i]);
	close(fd);
}

static void ids_of_process(const char *pid)
{
	char path[64], line[128];
	struct dirent *e;
	unsigned int id;
	FILE *file;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		char name[128];

		if (e->d_name[0] == '.' || snprintf(name, sizeof(name), "%s/%.20s", path, e->d_name) < 0)
			continue;
		file = fopen(name, "re");
		while (file && fgets(line, sizeof(line), file)) {
			if (sscanf(line, "map_id: %u", &id) == 1)
				id_add(id);
			else if (sscanf(line, "prog_id: %u", &id) == 1)
				ids_of_program(id);
		}
		if (file)
			fclose(file);
	}
	if (dir)
		closedir(dir);
}

static void look_map(__u32 id)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	unsigned long long entries = 0;
	unsigned char *key, *next, *value;
	size_t size;
	char where[64];
	int fd = bpf_map_get_fd_by_id(id);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len)) {
		fprintf(stderr, "scan: map %u: %s\n", id, strerror(errno));
		exit(2);
	}
	snprintf(where, sizeof(where), "map %u (%s)", id, info.name);
	if (info.type == BPF_MAP_TYPE_RINGBUF) { /* in the memory of who reads it */
		printf("# %s: a ring\n", where);
		close(fd);
		return;
	}
	size = info.value_size;
	if (info.type == BPF_MAP_TYPE_PERCPU_ARRAY || info.type == BPF_MAP_TYPE_PERCPU_HASH)
		size = ((size + 7) & ~7ul) * libbpf_num_possible_cpus();
	key = calloc(1, info.key_size + 1);
	next = calloc(1, info.key_size + 1);
	value = calloc(1, size + 1);
	if (!key || !next || !value)
		exit(2);
	for (bool first = true; !bpf_map_get_next_key(fd, first ? NULL : key, next); first = false) {
		memcpy(key, next, info.key_size);
		look(key, info.key_size, false, where);
		if (!bpf_map_lookup_elem(fd, key, value))
			look(value, size, false, where);
		entries++;
	}
	printf("# %s: %llu entries\n", where, entries);
	free(key);
	free(next);
	free(value);
	close(fd);
}

int main(int argc, char **argv)
{
	int opt;

	opterr = 0;
	while ((opt = getopt(argc, argv, "f:m:b:")) >= 0)
		if (opt == '?')
			return 2;
	for (int i = optind; i < argc; i++) {
		if (!canary_add(argv[i])) {
			fprintf(stderr, "scan: %s is no canary\n", argv[i]);
			return 2;
		}
	}
	if (!n_forms)
		return 2;
	optind = 0; /* glibc: start anew */
	while ((opt = getopt(argc, argv, "f:m:b:")) >= 0) {
		if (opt == 'f')
			look_file(optarg);
		else if (opt == 'm')
			look_memory(optarg);
		else
			ids_of_process(optarg);
	}
	for (size_t i = 0; i < n_ids; i++)
		look_map(ids[i]);
	printf("# %llu bytes looked at, %d forms, found %llu\n", looked, n_forms, found);
	return found ? 1 : 0;
}
