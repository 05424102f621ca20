// SPDX-License-Identifier: GPL-2.0
/*
 * Things in order, in bounded memory: see ordered.h. A heap holds the newest; a full heap becomes a run, which is a sorted
 * file; as many runs as are MERGED at a time become one of the next rank, so that there are never many.
 */
#include "show/ordered.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "show/ordered_run.h"

#define MERGED	 8
#define RANKS	 10 /* 8^10 full heaps: no disk holds them */
#define RUNS_MAX (RANKS * MERGED)

struct ordered {
	struct run_keeping keeping;
	size_t size, most, n;
	int (*compare)(const void *a, const void *b);
	unsigned char *things;
	size_t *heap; /* places in `things`: a heap of n, then the free ones */
	struct run runs[RUNS_MAX];
	size_t n_runs;
	__u64 spilt;
	int err; /* since when nothing can be kept any more */
};

struct ordered *ordered_new(size_t size, size_t most, int (*compare)(const void *a, const void *b))
{
	struct ordered *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->size = size;
	o->most = most;
	o->compare = compare;
	o->things = calloc(most, size);
	o->heap = calloc(most, sizeof(*o->heap));
	if (!o->things || !o->heap || run_keeping_open(&o->keeping, size)) {
		ordered_free(o);
		return NULL;
	}
	for (size_t i = 0; i < most; i++)
		o->heap[i] = i;
	return o;
}

void ordered_free(struct ordered *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->n_runs; i++)
		run_close(&o->keeping, &o->runs[i]);
	if (o->things)
		explicit_bzero(o->things, o->most * o->size);
	free(o->things);
	free(o->heap);
	explicit_bzero(o, sizeof(*o));
	free(o);
}

/* ---- the heap ---------------------------------------------------------------------------------------------------- */
static void *held(const struct ordered *o, size_t place)
{
	return o->things + o->heap[place] * o->size;
}

static void swap(struct ordered *o, size_t a, size_t b)
{
	size_t was = o->heap[a];

	o->heap[a] = o->heap[b];
	o->heap[b] = was;
}

static void heap_push(struct ordered *o, const void *thing)
{
	size_t i = o->n++;

	memcpy(held(o, i), thing, o->size);
	for (; i && o->compare(held(o, i), held(o, (i - 1) / 2)) < 0; i = (i - 1) / 2)
		swap(o, i, (i - 1) / 2);
}

static void heap_pop(struct ordered *o)
{
	size_t i = 0, child;

	swap(o, 0, --o->n);
	for (; (child = 2 * i + 1) < o->n; i = child) {
		if (child + 1 < o->n && o->compare(held(o, child + 1), held(o, child)) < 0)
			child++;
		if (o->compare(held(o, i), held(o, child)) <= 0)
			return;
		swap(o, i, child);
	}
}

/* ---- from memory to runs ------------------------------------------------------------------------------------------- */
static void drop_closed(struct ordered *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_runs; i++)
		if (o->runs[i].fd >= 0)
			o->runs[n++] = o->runs[i];
	o->n_runs = n;
}

/* The run of this rank (-1: any) with the least thing; NULL for none. */
static struct run *least_run(struct ordered *o, int rank)
{
	struct run *least = NULL;

	for (struct run *run = o->runs; run < o->runs + o->n_runs; run++) {
		if (run->fd < 0 || (rank >= 0 && run->rank != (unsigned int)rank))
			continue;
		if (!least || o->compare(run_head(&o->keeping, run), run_head(&o->keeping, least)) < 0)
			least = run;
	}
	return least;
}

static size_t count_rank(const struct ordered *o, unsigned int rank)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_runs; i++)
		n += o->runs[i].rank == rank;
	return n;
}

static int merge_rank(struct ordered *o, unsigned int rank)
{
	struct run to, *from;
	int err = run_open(&o->keeping, rank + 1, &to);

	while (!err && (from = least_run(o, (int)rank))) {
		err = run_append(&o->keeping, &to, run_head(&o->keeping, from));
		if (!err)
			err = run_advance(&o->keeping, from);
	}
	if (!err)
		err = run_finish(&o->keeping, &to);
	drop_closed(o);
	if (err)
		run_close(&o->keeping, &to);
	else
		o->runs[o->n_runs++] = to;
	return err;
}

/* What is held becomes a run. */
static int spill(struct ordered *o)
{
	struct run run;
	int err = 0;

	for (unsigned int rank = 0; rank + 1 < RANKS && !err; rank++)
		if (count_rank(o, rank) == MERGED)
			err = merge_rank(o, rank);
	if (err || o->n_runs == RUNS_MAX)
		return err ? err : -EFBIG;
	err = run_open(&o->keeping, 0, &run);
	for (; o->n && !err; heap_pop(o), o->spilt++)
		err = run_append(&o->keeping, &run, held(o, 0));
	if (!err)
		err = run_finish(&o->keeping, &run);
	if (err)
		run_close(&o->keeping, &run);
	else
		o->runs[o->n_runs++] = run;
	return err;
}

/* ---- for others -------------------------------------------------------------------------------------------------- */
int ordered_put(struct ordered *o, const void *thing)
{
	if (!o->err && o->n == o->most)
		o->err = spill(o);
	if (!o->err)
		heap_push(o, thing);
	return o->err;
}

int ordered_take(struct ordered *o, const void *limit, void (*each)(void *arg, const void *thing), void *arg)
{
	int err = 0;

	while (!err) {
		struct run *run = least_run(o, -1);
		bool from_heap = o->n && (!run || o->compare(held(o, 0), run_head(&o->keeping, run)) < 0);
		const void *least = from_heap ? held(o, 0) : run ? run_head(&o->keeping, run) : NULL;

		if (!least || (limit && o->compare(least, limit) >= 0))
			break;
		each(arg, least);
		if (from_heap)
			heap_pop(o);
		else
			err = run_advance(&o->keeping, run);
	}
	drop_closed(o);
	if (err)
		o->err = err;
	return err;
}

__u64 ordered_spilt(const struct ordered *o)
{
	return o->spilt;
}

size_t ordered_files(const struct ordered *o)
{
	return o->n_runs;
}

const char *ordered_directory(void)
{
	return run_directory();
}
