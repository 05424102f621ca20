// SPDX-License-Identifier: GPL-2.0
/* Facts of /proc/self. */
#include "show/process.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static double limit_of(__rlimit_resource_t what)
{
	struct rlimit limit;

	if (getrlimit(what, &limit))
		return NAN;
	return limit.rlim_cur == RLIM_INFINITY ? INFINITY : (double)limit.rlim_cur;
}

static double count_fds(void)
{
	DIR *directory = opendir("/proc/self/fd");
	double n = 0;

	if (!directory)
		return NAN;
	for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
		n += entry->d_name[0] != '.';
	closedir(directory);
	return n - 1; /* without the one that looks */
}

static double boot_time(void)
{
	FILE *file = fopen("/proc/stat", "re");
	double boot = NAN;
	char line[256];

	if (!file)
		return NAN;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "btime %lf", &boot) == 1)
			break;
	fclose(file);
	return boot;
}

static void read_stat(struct process *out)
{
	FILE *file = fopen("/proc/self/stat", "re");
	double hz = (double)sysconf(_SC_CLK_TCK);
	unsigned long user, system;
	unsigned long long start;
	char line[1024], *at;
	unsigned long size;
	long pages;

	if (!file)
		return;
	at = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL; /* the name may hold anything */
	fclose(file);
	if (!at || sscanf(at + 1,
			  " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d "
			  "%*d %llu %lu %ld",
			  &user, &system, &start, &size, &pages) != 5)
		return;
	out->cpu_s = (double)(user + system) / hz;
	out->start_s = boot_time() + (double)start / hz;
	out->virtual_bytes = (double)size;
	out->resident_bytes = (double)pages * (double)sysconf(_SC_PAGESIZE);
}

void process_read(struct process *out)
{
	*out = (struct process){ NAN, NAN, NAN, NAN, NAN, NAN, NAN };
	read_stat(out);
	out->virtual_max_bytes = limit_of(RLIMIT_AS);
	out->max_fds = limit_of(RLIMIT_NOFILE);
	out->open_fds = count_fds();
}
