/* SPDX-License-Identifier: GPL-2.0 */
/* A board of one test, with a list of two groups, and records as the kernel hands them over. After cmocka.h. */
#ifndef XREACH_BOARD_SCENE_H
#define XREACH_BOARD_SCENE_H

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"
#include "show/board.h"
#include "show/view.h"
#include "unit/made_list.h"
#include "unit/scene.h"

#define WALL   1700000000ll /* of the first packet; 20 s into its minute */
#define SINCE  (WALL - 1000)
#define P_X    500 /* ids of prefixes */
#define P_CDN  501
#define P_CTRL 502

struct fixture {
	struct board *board;
	struct list list;
	struct finding finding; /* the last one told */
	unsigned int findings;
	struct view view;
};

static inline __s64 wall(void *arg, __u64 ns)
{
	(void)arg;
	return WALL + (__s64)(ns / 1000 - SCENE_START_US) / 1000000;
}

static inline const char *drop_reason(void *arg, __u8 reason)
{
	(void)arg;
	return reason == 77 ? "NETFILTER_DROP" : NULL;
}

static inline void on_finding(void *arg, const struct finding *f, const struct wire_record *record)
{
	struct fixture *fixture = arg;

	assert_int_equal(record->kind, RECORD_FINAL);
	fixture->finding = *f;
	fixture->findings++;
}

static inline int set_up(void **state)
{
	static char lahore[] = "lahore", karachi[] = "kara\x1b";
	const struct setting_site sites[] = { { .name = lahore }, { .name = karachi } };
	struct fixture *f = calloc(1, sizeof(*f));
	struct board_setup setup = {
		.ranges = &f->list.ranges,
		.sites = sites,
		.sites_count = 2,
		.since = SINCE,
		.daemon = true,
		.wall = wall,
		.drop_reason = drop_reason,
		.finding = on_finding,
		.arg = f,
	};

	list_begin(&f->list, "1");
	list_group(&f->list, "x", ROLE_TARGET, 1);
	list_prefix(&f->list, P_X, "104.244.40.0/21", CLASS_OWN);
	list_prefix(&f->list, P_CDN, "151.101.0.0/16", CLASS_SHARED);
	list_group(&f->list, "google", ROLE_CONTROL, 0.25);
	list_prefix(&f->list, P_CTRL, "64.233.160.0/19", CLASS_OWN);
	f->board = board_new(&setup);
	*state = f;
	return f->board ? 0 : -1;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	view_free(&f->view);
	board_free(f->board);
	free(f);
	return 0;
}

/* ---- records --------------------------------------------------------------------------------------------- */

/* Hand the scene over as the kernel does. */
static inline void hand_over(struct fixture *f, struct scene *s, enum record_kind kind)
{
	handed(s, kind, WHY_NONE); /* fills in kind and time */
	board_record(f->board, &s->r);
}

/* An attempt at X without an answer, and one that was served. */
static inline void unanswered(struct scene *s, __u64 key)
{
	static const __u8 server[16] = { [10] = 0xff, 0xff, 104, 244, 42, 1 };

	begin(s);
	s->r.flow.key = key;
	s->r.flow.prefix = P_X;
	s->r.flow.port_be = htons(443);
	memcpy(s->r.flow.server, server, sizeof(server));
	syn(s);
	at(s, 1000);
	syn(s);
	at(s, 3000);
	syn(s);
	at(s, 21000);
}

static inline void good(struct scene *s, __u64 key)
{
	served(s);
	s->r.flow.key = key;
	s->r.flow.prefix = P_X;
	server_fin(s);
	client_fin(s);
}

static inline void judge_some(struct fixture *f, unsigned int n)
{
	struct scene s;

	for (unsigned int i = 0; i < n; i++) {
		unanswered(&s, 1000 + i);
		hand_over(f, &s, RECORD_FINAL);
	}
}

static inline const struct view *view(struct fixture *f, __s64 now)
{
	view_free(&f->view);
	assert_int_equal(board_view(f->board, now, &f->view), 0);
	return &f->view;
}

static inline unsigned long long ledger(const struct view *v, const char *name)
{
	for (size_t i = 0; i < v->n_ledger; i++)
		if (!strcmp(v->ledger[i].name, name))
			return v->ledger[i].value;
	fail_msg("the ledger has no %s", name);
	return 0;
}

#endif
