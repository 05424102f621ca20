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
#define CELLS_MOST 64

static const char usage[] = "usage: simulate [-s SCALE] [-m MORE] [-b WORD] [-o FILE]\n"
			    "  -s SCALE  runs and days times SCALE (1: some twenty minutes on two cores)\n"
			    "  -m MORE   runs for each warm-up times MORE: many more runs for little more time\n"
			    "  -b WORD   only cells with WORD in their names\n"
			    "  -o FILE   draw the result as SVG, too\n";

struct setup {
	double scale;
	unsigned int batch;
	const char *word;
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
	return !setup->word || strstr(c->name, setup->word);
}

static unsigned int units_of(const struct setup *setup, const struct cell *c)
{
	double runs = ceil(c->runs * setup->scale);

	return (unsigned int)(c->block == NONE ? runs : ceil(runs / BATCH));
}

/* Units are dealt out in turn; which worker has which changes nothing. */
static int work(const struct setup *setup, unsigned int worker, unsigned int workers)
{
	unsigned int turn = 0;

	for (unsigned int cell = 0; cell < n_cells; cell++) {
		for (unsigned int unit = 0; is_asked(setup, &cells[cell]) && unit < units_of(setup, &cells[cell]);
		     unit++) {
			__u64 seed = (cell + 1) * 1000003ull + unit;
			int err;

			if (turn++ % workers != worker)
				continue;
			err = cells[cell].block == NONE ? run_calm(cell, seed, send_run)
							: run_block(cell, setup->batch, seed, send_run);
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
	table_head(stdout, false);
	while (done < all && read(from, &r, sizeof(r)) == sizeof(r)) {
		if (!sums_add(&sums[r.cell], &r))
			return false;
		left[r.cell]--;
		if (++done % 8 == 0 || done == all)
			fprintf(stderr, "\r%u of %u runs: %s   \033[K", done, all, cells[r.cell].name);
		for (; next < n_cells && !left[next]; next++) {
			if (!is_asked(setup, &cells[next]))
				continue;
			fprintf(stderr, "\r\033[K");
			sums_done(&sums[next]);
			if (!calm && cells[next].block == NONE)
				table_head(stdout, calm = true);
			table_row(stdout, &cells[next], &sums[next]);
			fflush(stdout);
		}
	}
	return done == all;
}

static int start(const struct setup *setup)
{
	unsigned int workers = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	int ends[2];
	bool whole;

	if (pipe(ends))
		return -errno;
	pipe_to = ends[1];
	for (unsigned int i = 0; i < workers; i++) {
		pid_t child = fork();

		if (child < 0)
			return -errno;
		if (!child)
			_exit(work(setup, i, workers) ? 1 : 0);
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

int main(int argc, char **argv)
{
	struct setup setup = { .scale = 1, .batch = BATCH };
	const char *figure = NULL;
	int option, err;

	while ((option = getopt(argc, argv, "s:m:b:o:h")) != -1) {
		if (option == 's')
			setup.scale = atof(optarg);
		else if (option == 'm')
			setup.batch = (unsigned int)(BATCH * atof(optarg));
		else if (option == 'b')
			setup.word = optarg;
		else if (option == 'o')
			figure = optarg;
		else
			return fputs(usage, option == 'h' ? stdout : stderr), option == 'h' ? 0 : 2;
	}
	if (setup.scale <= 0 || !setup.batch || n_cells > CELLS_MOST)
		return fputs(usage, stderr), 2;
	err = start(&setup);
	if (err)
		return fprintf(stderr, "simulate: %s\n",
			       err == -ECHILD ? "a process ended before its time" : strerror(-err)),
		       1;
	err = figure ? draw(figure) : 0;
	if (err)
		return fprintf(stderr, "simulate: %s: %s\n", figure, strerror(-err)), 1;
	return 0;
}
