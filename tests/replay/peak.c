// SPDX-License-Identifier: GPL-2.0
/* peak FILE COMMAND...: run it, and write into FILE how many KiB of memory it had at most. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	FILE *to;
	pid_t pid;

	if (argc < 3 || (pid = fork()) < 0)
		return 126;
	if (!pid) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "peak: %s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	if (wait4(pid, &status, 0, &usage) != pid || !(to = fopen(argv[1], "w")))
		return 126;
	fprintf(to, "%ld\n", usage.ru_maxrss);
	fclose(to);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
