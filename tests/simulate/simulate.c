// SPDX-License-Identifier: GPL-2.0
/*
 * What the detector costs and gives, on made traffic: false incidents per year, misses, delay of detection, of the word
 * `blocked`, of the end, error of the change point. Seeds are fixed: two runs agree, whatever the number of processes.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"
#include "table.h"

#define BATCH	   10 /* runs of one warm-up */
#define CELLS_MOST 128
#define QUICK_WARM 2 /* hours: a baseline, and clients enough */
#define QUICK_CALM 86400

static const char usage[] =
	"usage: simulate [-s SCALE] [-m MORE] [-b WORD] [-j JOBS] [-p] [-t] [-o FILE]\n"
	"  -s SCALE  runs and days times SCALE (1: some forty minutes on two cores)\n"
	"  -m MORE   runs for each warm-up times MORE: many more runs for little more time\n"
	"  -b WORD   only cells with WORD in their names\n"
	"  -j JOBS   so many processes; else as many as there are processors\n"
	"  -p        print only: fail for nothing that came of it\n"
	"  -t        as a test: a few cells, a few runs, held to what is certain\n"
	"  -o FILE   draw the result as SVG, too\n"
	"Fails with 1 where a cell misses what is asked of it, but for what it is known to miss.\n";

struct setup {
	double scale;
	unsigned int batch, jobs;
	const char *word;
	bool print, test;
};

static int pipe_to;
static struct sums sums[CELLS_MOST];

static void send_run(const struct run *r)
{
	if (write(pipe_to, r, sizeof(*r)) != sizeof(*r)) /* less than PIPE_BUF: in one piece */
		_exit(1);
}

static bool is_asked(const struct setup *setup, const struct cell *c)
{
	return (!setup->word || strstr(c->name, setup->word)) && (!setup->test || c->odd & QUICK);
}

static unsigned int units_of(const struct setup *setup, const struct cell *c)
{
	double runs = ceil(c->runs * setup->scale);

	if (setup->test)
		return 1;
	return (unsigned int)(c->block == NONE ? runs : ceil(runs / BATCH));
}

static int play(const struct setup *setup, unsigned int cell, unsigned int unit)
{
	const struct cell *c = &cells[cell];
	__u64 seed = (cell + 1) * 1000003ull + unit;

	if (c->block == NONE)
		return run_calm(cell, setup->test ? QUICK_CALM : c->seconds, seed, send_run);
	return run_block(cell, setup->batch, setup->test ? QUICK_WARM : c->warm, seed, send_run);
}

/* Units are dealt out in turn; which worker has which changes nothing. */
static int work(const struct setup *setup, unsigned int worker)
{
	unsigned int turn = 0;

	for (unsigned int cell = 0; cell < n_cells; cell++) {
		for (unsigned int unit = 0; is_asked(setup, &cells[cell]) && unit < units_of(setup, &cells[cell]);
		     unit++) {
			int err = turn++ % setup->jobs == worker ? play(setup, cell, unit) : 0;

			if (err)
				return err;
		}
	}
	return 0;
}

static unsigned int runs_of(const struct setup *setup, const struct cell *c)
{
	return units_of(setup, c) * (c->block == NONE ? 1 : setup->batch);
}

/* False where a worker died, or memory is short. */
static bool collect(const struct setup *setup, int from)
{
	unsigned int all = 0, done = 0, left[CELLS_MOST] = { 0 }, next = 0;
	bool calm = false;
	struct run r;

	for (unsigned int i = 0; i < n_cells; i++)
		all += left[i] = is_asked(setup, &cells[i]) ? runs_of(setup, &cells[i]) : 0;
	if (!setup->test)
		table_head(stdout, false);
	while (done < all && read(from, &r, sizeof(r)) == sizeof(r)) {
		if (!sums_add(&sums[r.cell], &r))
			return false;
		left[r.cell]--;
		if ((++done % 8 == 0 || done == all) && isatty(2))
			fprintf(stderr, "\r%u of %u runs: %s   \033[K", done, all, cells[r.cell].name);
		for (; next < n_cells && !left[next]; next++) {
			if (!is_asked(setup, &cells[next]))
				continue;
			if (isatty(2))
				fprintf(stderr, "\r\033[K");
			sums[next].warm_ups = units_of(setup, &cells[next]);
			sums_done(&sums[next]);
			if (!calm && cells[next].block == NONE && !setup->test)
				table_head(stdout, calm = true);
			if (!setup->test)
				table_row(stdout, &cells[next], &sums[next]);
			fflush(stdout);
		}
	}
	return done == all;
}

static int start(const struct setup *setup)
{
	int ends[2];
	bool whole;

	if (pipe(ends))
		return -errno;
	pipe_to = ends[1];
	for (unsigned int i = 0; i < setup->jobs; i++) {
		pid_t child = fork();

		if (child < 0)
			return -errno;
		if (!child)
			_exit(work(setup, i) ? 1 : 0);
	}
	close(ends[1]); /* the end of all of them is the end of the pipe */
	whole = collect(setup, ends[0]);
	while (wait(NULL) > 0)
		;
	return whole ? 0 : -ECHILD;
}

static int draw(const char *name)
{
	FILE *to = fopen(name, "w");

	if (!to)
		return -errno;
	figure_draw(to, sums, n_cells);
	return fclose(to) ? -errno : 0;
}

/* How many cells miss what is asked of them, and are not known to. */
static unsigned int count_missed(void)
{
	unsigned int missed = 0;

	for (unsigned int i = 0; i < n_cells; i++)
		if (sums[i].runs || sums[i].skipped || sums[i].years > 0)
			missed += claims_missed(&cells[i], &sums[i], false) && !cells[i].known;
	return missed;
}

/* As the other suites tell it. */
static unsigned int test(const struct setup *setup)
{
	unsigned int passed = 0, failed = 0;

	for (unsigned int i = 0; i < n_cells; i++) {
		unsigned int missed;

		if (!is_asked(setup, &cells[i]))
			continue;
		missed = claims_missed(&cells[i], &sums[i], true);
		printf("%s: %s, %g/s", missed ? "FAILED" : "ok", cells[i].name, cells[i].rate);
		for (unsigned int claim = 0; claim < CLAIMS; claim++)
			if (missed >> claim & 1)
				printf(": %s", claim == DETECTED ? "not found in each run" : claim_names[claim]);
		putchar('\n');
		missed ? failed++ : passed++;
	}
	printf("simulate: %u passed, %u failed, 0 skipped\n", passed, failed);
	return failed;
}

static unsigned int jobs_of(const char *text)
{
	int jobs = atoi(text);

	return jobs > 0 && jobs <= 1024 ? (unsigned int)jobs : 0;
}

int main(int argc, char **argv)
{
	struct setup setup = { .scale = 1, .batch = BATCH, .jobs = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN) };
	const char *figure = NULL;
	unsigned int missed;
	int option, err;

	while ((option = getopt(argc, argv, "s:m:b:o:j:pth")) != -1) {
		if (option == 's')
			setup.scale = atof(optarg);
		else if (option == 'm')
			setup.batch = (unsigned int)(BATCH * atof(optarg));
		else if (option == 'b')
			setup.word = optarg;
		else if (option == 'j')
			setup.jobs = jobs_of(optarg);
		else if (option == 'p')
			setup.print = true;
		else if (option == 't')
			setup.test = true;
		else if (option == 'o')
			figure = optarg;
		else
			return fputs(usage, option == 'h' ? stdout : stderr), option == 'h' ? 0 : 2;
	}
	if (setup.scale <= 0 || !setup.batch || !setup.jobs || n_cells > CELLS_MOST)
		return fputs(usage, stderr), 2;
	err = start(&setup);
	if (err)
		return fprintf(stderr, "simulate: %s\n",
			       err == -ECHILD ? "a process ended before its time" : strerror(-err)),
		       1;
	err = figure ? draw(figure) : 0;
	if (err)
		return fprintf(stderr, "simulate: %s: %s\n", figure, strerror(-err)), 1;
	if (setup.test)
		return test(&setup) > 0;
	missed = count_missed();
	if (missed)
		fprintf(stderr, "simulate: %u cells miss what is asked of them\n", missed);
	return missed && !setup.print;
}
